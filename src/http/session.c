/* Signing in and out, and who a request comes from. Password checks are slow on
 * purpose: they run on a reader's thread, one at a time, so that neither views
 * nor the network thread wait for more than one. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/json.h"
#include "http/server.h"

#define COOKIE "lianfang"
#define MARK   "X-Lianfang"

/* ---- who asks ------------------------------------------------------------------ */

/* "Bearer TOKEN" → TOKEN, else STR_NONE. */
static struct str bearer_of(const char *header)
{
	if (strncasecmp(header, "Bearer ", 7))
		return STR_NONE;
	header += 7;
	header += strspn(header, " ");
	return str_of(header);
}

int session_authenticate(struct exchange *ex)
{
	const char *header = exchange_header(ex, MHD_HTTP_HEADER_AUTHORIZATION), *cookie, *mark;

	if (header) {
		ex->token = bearer_of(header);
	} else {
		cookie = MHD_lookup_connection_value(ex->connection, MHD_COOKIE_KIND, COOKIE);
		mark = exchange_header(ex, MARK);
		if (cookie && !(ex->route->flags & ROUTE_UNMARKED) && (!mark || strcmp(mark, "1")))
			return err_set(&ex->err, &ERR_HEADER_NEEDED, NULL, MARK ": 1", NULL);
		ex->token = cookie ? str_of(cookie) : STR_NONE;
	}
	if (ex->token.ptr)
		ex->who = session_principal(ex->http->app, ex->token, clock_now(), &ex->expires);
	return ex->who ? 0 : err_kind_set(&ex->err, &ERR_UNAUTHENTICATED);
}

/* ---- telling about a session ------------------------------------------------------ */

static void put_role(struct json_writer *w, struct work *work, const struct grant *g)
{
	char text[TIME_TEXT_MAX];
	int bit = __builtin_ctz(g->role);

	json_open(w, '{');
	json_key(w, "role");
	json_put_cstr(w, ROLE_NAMES[bit]);
	json_key(w, "place");
	json_put_str(w, (struct str){ text, place_format(g->place, text) });
	json_key(w, "place_name");
	json_put_str(w, place_name(work, g->place, INT64_MAX));
	if (g->until != FIELD_ABSENT) {
		time_format_local(g->until, text);
		json_key(w, "until");
		json_put_cstr(w, text);
	}
	json_close(w, '}');
}

/* {token?, expires, account, person?, roles}: on a reader's thread, into ex->out. */
static int session_write(struct exchange *ex, struct reader *r, const char *token, struct err *err)
{
	struct json_writer w;
	struct work *work;
	char text[TIME_TEXT_MAX], id[UUID_TEXT];
	int64_t now = clock_now();

	if (reader_begin(r, err) < 0)
		return -1;
	work = reader_work(r, ex->who, ex->lang);
	json_write_init(&w, &ex->out);
	json_open(&w, '{');
	if (token) {
		json_key(&w, "token");
		json_put_cstr(&w, token);
	}
	time_format_local(ex->expires, text);
	json_key(&w, "expires");
	json_put_cstr(&w, text);
	json_key(&w, "account");
	json_put_str(&w, ex->who->account);
	if (!uuid_is_nil(&ex->who->person)) {
		uuid_format(&ex->who->person, id);
		json_key(&w, "person");
		json_put_str(&w, (struct str){ id, sizeof(id) });
	}
	json_key(&w, "roles");
	json_open(&w, '[');
	for (size_t i = 0; i < ex->who->n_grants; i++)
		if (ex->who->grants[i].until == FIELD_ABSENT || ex->who->grants[i].until > now)
			put_role(&w, work, &ex->who->grants[i]);
	json_close(&w, ']');
	json_close(&w, '}');
	reader_end(r);
	return 0;
}

static void session_finish(struct exchange *ex)
{
	if (ex->abandoned)
		return;
	if (ex->err.kind)
		exchange_refuse(ex);
	else
		exchange_answer(ex, ex->status, ex->status == 200 ? "application/json" : NULL, ANSWER_CACHE_NO);
}

/* Runs a job of a suspended exchange on a reader's thread. */
static void session_read(struct exchange *ex, void (*job)(struct reader *r, void *ctx))
{
	if (!app_read(ex->http->app, job, ex)) {
		err_kind_set(&ex->err, &ERR_BUSY);
		exchange_complete(ex);
	}
}

static void get_job(struct reader *r, void *ctx)
{
	struct exchange *ex = ctx;

	ex->status = 200;
	session_write(ex, r, NULL, &ex->err);
	exchange_complete(ex);
}

void session_get(struct exchange *ex)
{
	ex->finish = session_finish;
	exchange_suspend(ex);
	session_read(ex, get_job);
}

/* ---- signing out ------------------------------------------------------------------- */

/* The client came by TLS, to this server or to a proxy in front that says so. */
static bool by_tls(const struct exchange *ex)
{
	const char *outside = exchange_header(ex, "X-Forwarded-Proto");

	return ex->http->tls || (outside && !strcasecmp(outside, "https"));
}

static void cookie_set(struct exchange *ex, const char *token, int64_t seconds)
{
	snprintf(ex->cookie, sizeof(ex->cookie), COOKIE "=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s", token,
		 (long long)seconds, by_tls(ex) ? "; Secure" : "");
}

static void delete_job(struct reader *r, void *ctx)
{
	struct exchange *ex = ctx;

	(void)r;
	session_close(ex->http->app, ex->token);
	ex->status = 204;
	exchange_complete(ex);
}

void session_delete(struct exchange *ex)
{
	cookie_set(ex, "", 0);
	ex->finish = session_finish;
	exchange_suspend(ex);
	session_read(ex, delete_job);
}

/* ---- signing in ---------------------------------------------------------------------- */

struct sign_in {
	struct arena arena;
	struct str account, password;
};

static void sign_in_free(struct exchange *ex)
{
	struct sign_in *s = ex->sign_in;

	if (s) {
		if (s->password.ptr)
			explicit_bzero((char *)(uintptr_t)s->password.ptr, s->password.len);
		arena_finish(&s->arena);
		free(s);
	}
	ex->sign_in = NULL;
	if (ex->body.ptr)
		explicit_bzero(ex->body.ptr, ex->body.len);
}

/* One member; *seen keeps each from coming twice. `code` is accepted and, without a second factor, must be empty. */
static int member_read(struct sign_in *s, struct json_reader *r, struct str name, unsigned *seen, struct err *err)
{
	static const char *const NAMES[] = { "account", "password", "code" };
	struct str code, *into[] = { &s->account, &s->password, &code };
	char field[48];

	for (unsigned i = 0; i < ARRAY_LEN(NAMES); i++) {
		if (!str_is(name, NAMES[i]))
			continue;
		if (*seen & 1u << i)
			return err_set(err, &ERR_FIELD_DOUBLED, NAMES[i], NAMES[i], NULL);
		*seen |= 1u << i;
		if (json_peek(r) >= 0 && json_peek(r) != JSON_STRING)
			return err_set(err, &ERR_FIELD_TYPE, NAMES[i], NAMES[i], "a string / 文字", NULL);
		return json_string(r, into[i]) < 0 ? json_fail(r, err) : 0;
	}
	if (!str_copy(name, field, sizeof(field)))
		field[0] = '\0';
	return err_set(err, &ERR_FIELD_UNKNOWN, field, field, NULL);
}

static int sign_in_read(struct sign_in *s, struct str body, struct err *err)
{
	struct json_reader r;
	struct str name;
	unsigned seen = 0;
	const char *missing;
	int more;

	json_read_init(&r, body, &s->arena);
	if (json_object_begin(&r) < 0)
		return json_fail(&r, err);
	while ((more = json_member(&r, &name)) > 0)
		if (member_read(s, &r, name, &seen, err) < 0)
			return -1;
	if (more < 0 || json_end(&r) < 0)
		return json_fail(&r, err);
	missing = !s->account.ptr ? "account" : !s->password.ptr ? "password" : NULL;
	return missing ? err_set(err, &ERR_FIELD_MISSING, missing, missing, NULL) : 0;
}

static int sign_in_run(struct exchange *ex, struct reader *r, char token[TOKEN_TEXT + 1])
{
	struct app *app = ex->http->app;
	int64_t now = clock_now();

	if (session_open(app, ex->sign_in->account, ex->sign_in->password, token, &ex->expires, &ex->err) < 0)
		return -1;
	ex->who = session_principal(app, str_of(token), now, &ex->expires);
	if (!ex->who)
		return err_kind_set(&ex->err, &ERR_UNAUTHENTICATED);
	if (session_write(ex, r, token, &ex->err) < 0)
		return -1;
	cookie_set(ex, token, (ex->expires - now) / 1000);
	return 0;
}

/* On a reader's thread. */
static void sign_in_job(struct reader *r, void *ctx)
{
	struct exchange *ex = ctx;
	char token[TOKEN_TEXT + 1];

	ex->status = 200;
	ex->abandoned = exchange_left(ex);
	if (!ex->abandoned)
		sign_in_run(ex, r, token);
	explicit_bzero(token, sizeof(token));
	exchange_complete(ex);
}

static void sign_in_finish(struct exchange *ex)
{
	sign_in_free(ex);
	ex->http->signing_in = false;
	session_finish(ex);
	session_next(ex->http);
}

void session_next(struct http *h)
{
	struct exchange *ex = h->sign_ins;

	if (h->signing_in || !ex)
		return;
	h->sign_ins = ex->next;
	if (!h->sign_ins)
		h->sign_ins_end = &h->sign_ins;
	h->n_sign_ins--;
	h->signing_in = true;
	session_read(ex, sign_in_job);
}

/* A form on another site could sign a browser in as somebody else; browsers name such requests. */
static bool cross_site(const struct exchange *ex)
{
	const char *site = exchange_header(ex, "Sec-Fetch-Site");

	return site && strcmp(site, "same-origin") && strcmp(site, "none");
}

void session_post(struct exchange *ex)
{
	struct http *h = ex->http;

	if (cross_site(ex)) {
		exchange_refuse_as(ex, &ERR_CROSS_SITE);
		return;
	}
	if (h->n_sign_ins >= HTTP_SIGN_INS_MAX) {
		exchange_refuse_as(ex, &ERR_BUSY);
		return;
	}
	ex->sign_in = calloc(1, sizeof(*ex->sign_in));
	if (!ex->sign_in) {
		exchange_refuse_as(ex, &ERR_NO_MEMORY);
		return;
	}
	arena_init(&ex->sign_in->arena, 4 * HTTP_BODY_SIGN_IN);
	if (sign_in_read(ex->sign_in, buf_view(&ex->body), &ex->err) < 0) {
		sign_in_free(ex);
		exchange_refuse(ex);
		return;
	}
	ex->finish = sign_in_finish;
	exchange_suspend(ex);
	*h->sign_ins_end = ex;
	h->sign_ins_end = &ex->next;
	h->n_sign_ins++;
	session_next(h);
}
