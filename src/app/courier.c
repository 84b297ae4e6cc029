/* The courier: one thread that delivers what is due by libcurl, notes what came
 * of it through the writer, and asks every 15 seconds what time alone made true.
 * Never in the writer's way; a delivery cut short is made again. */
#include "app/courier.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "app.sql.h"
#include "app/internal.h"
#include "base/log.h"

/* One delivery on its way. */
struct sending {
	struct courier *courier;
	CURL *easy; /* NULL: this place is free */
	struct curl_slist *headers;
	struct uuid message;
	char channel[CHANNEL_NAME_MAX + 1];
	int64_t tries;
	struct buf body;
	size_t received;
	/* What came of it. */
	bool done;
	bool delivered;
	int64_t retry_after; /* ms */
	char answer[160];
};

struct courier {
	struct app *app;
	struct reader *reader;
	CURLM *multi;
	pthread_t thread;
	atomic_bool stopping;
	struct sending sendings[COURIER_MOST];
	int64_t next_look, next_lapse; /* ticks, ms */
	bool lapse_failed;             /* told once, until it works again */
};

static int64_t ticks_ms(void)
{
	return clock_ticks() / 1000;
}

/* Full jitter: evenly from the whole span, so that many that failed together do not come back together. */
int64_t courier_wait_ms(int64_t tries, int64_t retry_after_ms, uint64_t random)
{
	int64_t most = COURIER_FIRST_MS;
	for (int64_t i = 1; i < tries && most < COURIER_LONGEST_MS; i++)
		most *= 2;
	if (most > COURIER_LONGEST_MS)
		most = COURIER_LONGEST_MS;
	int64_t wait = 1 + (int64_t)(random % (uint64_t)most);
	if (retry_after_ms > COURIER_LONGEST_MS)
		retry_after_ms = COURIER_LONGEST_MS;
	return wait > retry_after_ms ? wait : retry_after_ms;
}

/* ---- one delivery --------------------------------------------------------------------------- */

static void sending_free(struct sending *s)
{
	if (s->easy) {
		curl_multi_remove_handle(s->courier->multi, s->easy);
		curl_easy_cleanup(s->easy);
	}
	curl_slist_free_all(s->headers);
	buf_finish(&s->body);
	*s = (struct sending){ 0 };
}

/* The answer's body is of no use: it is read within its bound and thrown away. */
static size_t take_answer(const char *bytes, size_t size, size_t n, void *ctx)
{
	struct sending *s = ctx;
	(void)bytes;
	s->received += size * n;
	return s->received > COURIER_ANSWER_MAX ? 0 : size * n;
}

static int add_header(struct sending *s, const char *text, struct err *err)
{
	struct curl_slist *longer = curl_slist_append(s->headers, text);
	if (!longer)
		return err_kind_set(err, &ERR_NO_MEMORY);
	s->headers = longer;
	return 0;
}

/* v1: HMAC-SHA256 of the timestamp, a dot and the body's bytes. */
static int add_signature(struct sending *s, struct str secret, struct err *err)
{
	_cleanup_(buf_finish) struct buf text = { 0 };
	crypto_auth_hmacsha256_state state;
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char at[24], id[UUID_TEXT];
	int len = snprintf(at, sizeof at, "%" PRId64, clock_now() / 1000);
	crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret.ptr, secret.len);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)at, (unsigned)len);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)".", 1);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)s->body.ptr, s->body.len);
	crypto_auth_hmacsha256_final(&state, mac);
	uuid_format(&s->message, id);
	buf_printf(&text, "X-Lianfang-Delivery: %.*s", UUID_TEXT, id);
	buf_char(&text, 0);
	size_t second = text.len;
	buf_printf(&text, "X-Lianfang-Timestamp: %s", at);
	buf_char(&text, 0);
	size_t third = text.len;
	buf_cstr(&text, "X-Lianfang-Signature: v1=");
	buf_hex(&text, mac, sizeof mac);
	buf_char(&text, 0);
	if (text.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (add_header(s, text.ptr, err) < 0 || add_header(s, text.ptr + second, err) < 0)
		return -1;
	return add_header(s, text.ptr + third, err);
}

static bool set_options(struct sending *s, const char *url)
{
	CURL *e = s->easy;
	bool ok = curl_easy_setopt(e, CURLOPT_URL, url) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK; /* nor one that the environment names */
	ok &= curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)COURIER_TIMEOUT_MS) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK; /* does not wait for a name server at the end */
	ok &= curl_easy_setopt(e, CURLOPT_USERAGENT, "lianfang/" LIANFANG_VERSION) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->body.len) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_POSTFIELDS, s->body.ptr) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_HTTPHEADER, s->headers) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_WRITEDATA, s) == CURLE_OK;
	ok &= curl_easy_setopt(e, CURLOPT_PRIVATE, s) == CURLE_OK;
	return ok;
}

static int sending_start(struct sending *s, const char *url, struct str secret, struct err *err)
{
	if (add_header(s, "Content-Type: application/json", err) < 0 || add_header(s, "Expect:", err) < 0 ||
	    add_signature(s, secret, err) < 0)
		return -1;
	s->easy = curl_easy_init();
	if (!s->easy || !set_options(s, url) || curl_multi_add_handle(s->courier->multi, s->easy) != CURLM_OK)
		return err_kind_set(err, &ERR_NO_MEMORY);
	return 0;
}

static void sending_end(struct sending *s, CURLcode rc)
{
	long status = 0;
	curl_off_t after = 0;
	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &after);
	s->done = true;
	/* Too long an answer is still one. */
	bool answered = rc == CURLE_OK || (rc == CURLE_WRITE_ERROR && status);
	s->delivered = answered && status >= 200 && status < 300;
	s->retry_after = after > 0 && after < COURIER_LONGEST_MS / 1000 ? after * 1000
			 : after > 0                                    ? COURIER_LONGEST_MS
									: 0;
	if (answered)
		snprintf(s->answer, sizeof s->answer, "HTTP %ld", status);
	else
		snprintf(s->answer, sizeof s->answer, "%s", curl_easy_strerror(rc));
}

/* ---- what is due --------------------------------------------------------------------------------- */

static struct sending *free_place(struct courier *c)
{
	for (size_t i = 0; i < ARRAY_LEN(c->sendings); i++) {
		if (!c->sendings[i].courier)
			return &c->sendings[i];
	}
	return NULL;
}

/* How many are on their way by a channel; *ret_there when this message is one of them. */
static int64_t on_the_way(const struct courier *c, struct str channel, const struct uuid *message, bool *ret_there)
{
	int64_t n = 0;
	*ret_there = false;
	for (size_t i = 0; i < ARRAY_LEN(c->sendings); i++) {
		const struct sending *s = &c->sendings[i];
		if (!s->courier || !str_is(channel, s->channel))
			continue;
		n++;
		*ret_there |= message && uuid_eq(message, &s->message);
	}
	return n;
}

static int begin_sending(struct courier *c, const struct channel *ch, const struct uuid *message, int64_t tries,
			 struct str body, struct arena *arena, struct err *err)
{
	struct sending *s = free_place(c);
	struct err why = { 0 };
	struct str secret = { 0 };
	char url[CHANNEL_URL_MAX + 1] = "";
	if (!s)
		return 0;
	*s = (struct sending){ .courier = c, .message = *message, .tries = tries };
	str_copy(ch->name, s->channel, sizeof s->channel);
	buf_str(&s->body, body);
	int rc = channel_secret(c->app, ch->name, ch->url, ch->secret, arena, &secret, &why);
	if (rc == 0 && (s->body.failed || !str_copy(ch->url, url, sizeof url)))
		rc = err_kind_set(&why, &ERR_NO_MEMORY);
	if (rc == 0)
		rc = sending_start(s, url, secret, &why);
	if (secret.ptr)
		sodium_memzero((char *)(uintptr_t)secret.ptr, secret.len);
	if (rc == 0)
		return 0;
	if (why.kind == &ERR_NO_MEMORY) {
		sending_free(s);
		*err = why;
		return -1;
	}
	s->done = true; /* another key file, or a changed row: noted as a failed try */
	snprintf(s->answer, sizeof s->answer, "%s", why.kind->code);
	return 0;
}

struct looking {
	struct courier *courier;
	struct work *work;
};

static int look_channel(void *ctx, const struct channel *ch)
{
	struct looking *l = ctx;
	struct err err = { 0 };
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	bool there;
	int64_t busy = on_the_way(l->courier, ch->name, NULL, &there), room = COURIER_AT_ONCE - busy;
	if (ch->disabled || room <= 0 || !free_place(l->courier))
		return 0;
	int rc = db_start(l->work->db, &SQL_OUTBOX_DUE, &st, &err, "sii", ch->name, l->work->now,
			  (int64_t)COURIER_AT_ONCE + busy);
	while (rc == 0 && room > 0 && (rc = stmt_step(st, &err)) == 1) {
		struct uuid message = stmt_uuid(st, 0);
		on_the_way(l->courier, ch->name, &message, &there);
		rc = 0;
		if (there)
			continue;
		rc = begin_sending(l->courier, ch, &message, stmt_i64(st, 1), stmt_text(st, 2), l->work->arena, &err);
		room--;
	}
	if (rc < 0)
		log_error("event=outbox_look error=%s", err.kind ? err.kind->code : "?");
	return rc < 0 ? -1 : 0;
}

static int count_rows(struct courier *c, struct db *db, struct err *err)
{
	int64_t waiting, dead;
	if (db_get_i64(db, &SQL_OUTBOX_COUNT_WAITING, &waiting, err, "") < 0 ||
	    db_get_i64(db, &SQL_OUTBOX_COUNT_DEAD, &dead, err, "") < 0)
		return -1;
	atomic_store(&c->app->outbox_waiting, waiting);
	atomic_store(&c->app->outbox_dead, dead);
	return 0;
}

static void look(struct courier *c)
{
	struct err err = { 0 };
	struct looking l = { .courier = c };
	int rc = reader_begin(c->reader, &err);
	if (rc == 0) {
		l.work = reader_work(c->reader, principal_system(), LANG_EN);
		rc = channel_list(l.work->db, look_channel, &l, &err);
	}
	if (rc == 0)
		rc = count_rows(c, l.work->db, &err);
	reader_end(c->reader);
	if (rc < 0 && err.kind)
		log_error("event=outbox_look error=%s", err.kind->code);
}

/* ---- what came of it --------------------------------------------------------------------------------- */

static int note_one(struct db *db, const struct sending *s, int64_t now, struct err *err)
{
	int64_t tries = s->tries + 1;
	uint64_t random;
	if (s->delivered)
		return db_run(db, &SQL_OUTBOX_DELIVERED, err, "ucic", &s->message, s->channel, now, s->answer) < 0 ? -1
														   : 0;
	random_bytes(&random, sizeof random);
	return db_run(db, &SQL_OUTBOX_FAILED, err, "uciiic", &s->message, s->channel, tries,
		      now + courier_wait_ms(tries, s->retry_after, random), (int64_t)(tries >= COURIER_TRIES),
		      s->answer) < 0
		   ? -1
		   : 0;
}

static int note_rows(struct app *a, struct db *db, void *ctx, struct err *err)
{
	struct courier *c = ctx;
	int64_t now = clock_now();
	(void)a;
	for (size_t i = 0; i < ARRAY_LEN(c->sendings); i++) {
		if (c->sendings[i].done && note_one(db, &c->sendings[i], now, err) < 0)
			return -1;
	}
	return 0;
}

/* Puts what is finished behind us; what can't be noted stays, and is noted with the next. True when there was any. */
static bool note_done(struct courier *c)
{
	struct err err = { 0 };
	bool any = false;
	for (size_t i = 0; i < ARRAY_LEN(c->sendings); i++)
		any |= c->sendings[i].done;
	if (!any)
		return false;
	if (app_call(c->app, note_rows, c, &err) < 0) {
		log_error("event=outbox_note error=%s", err.kind ? err.kind->code : "?");
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(c->sendings); i++) {
		struct sending *s = &c->sendings[i];
		if (!s->done)
			continue;
		atomic_fetch_add(s->delivered ? &c->app->outbox_delivered : &c->app->outbox_failed, 1);
		if (!s->delivered && s->tries + 1 >= COURIER_TRIES)
			log_warn("event=outbox_dead channel=%s tries=%d answer=\"%s\"", s->channel, COURIER_TRIES,
				 s->answer);
		sending_free(s);
	}
	return true;
}

/* ---- the thread ------------------------------------------------------------------------------------- */

static void lapse(struct courier *c)
{
	struct err err = { 0 };
	int rc;
	while ((rc = outbox_lapse(c->app, &err)) == 1 && !atomic_load(&c->stopping))
		;
	if (rc < 0 && !c->lapse_failed)
		log_error("event=lapse error=%s detail=%s", err.kind ? err.kind->code : "?", err.arg[0]);
	c->lapse_failed = rc < 0;
}

/* Moves the transfers on and takes those that ended; their number still on the way. */
static int transfer(struct courier *c)
{
	int running = 0, left;
	CURLMsg *m;
	curl_multi_perform(c->multi, &running);
	while ((m = curl_multi_info_read(c->multi, &left))) {
		struct sending *s = NULL;
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
		sending_end(s, m->data.result);
	}
	return running;
}

static void turn(struct courier *c)
{
	int64_t now = ticks_ms();
	if (now >= c->next_lapse) {
		lapse(c);
		c->next_lapse = ticks_ms() + COURIER_LAPSE_MS;
	}
	if (now >= c->next_look) {
		look(c);
		c->next_look = ticks_ms() + COURIER_LOOK_MS;
	}
	transfer(c);
	if (note_done(c))
		c->next_look = 0; /* there is room for others */
	int64_t wait = c->next_look - ticks_ms();
	if (wait > 0 && !atomic_load(&c->stopping))
		curl_multi_poll(c->multi, NULL, 0, (int)wait, NULL);
}

static void *courier_main(void *arg)
{
	struct courier *c = arg;
	while (!atomic_load(&c->stopping))
		turn(c);
	int64_t until = ticks_ms() + COURIER_END_MS;
	while (transfer(c) > 0 && ticks_ms() < until)
		curl_multi_poll(c->multi, NULL, 0, 50, NULL);
	note_done(c);
	return NULL;
}

static void courier_free(struct courier *c)
{
	for (size_t i = 0; i < ARRAY_LEN(c->sendings); i++) {
		if (c->sendings[i].courier)
			sending_free(&c->sendings[i]);
	}
	reader_destroy(c->reader);
	if (c->multi)
		curl_multi_cleanup(c->multi);
	curl_global_cleanup();
	free(c);
}

int courier_start(struct app *a, struct courier **ret, struct err *err)
{
	struct courier *c = calloc(1, sizeof *c);
	if (!c)
		return err_kind_set(err, &ERR_NO_MEMORY);
	c->app = a;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	c->multi = curl_multi_init();
	if (!c->multi)
		err_kind_set(err, &ERR_NO_MEMORY);
	else if (reader_create(a, &c->reader, err) == 0) {
		if (pthread_create(&c->thread, NULL, courier_main, c) == 0) {
			*ret = c;
			return 0;
		}
		err_fmt(err, &ERR_INTERNAL, "the courier's thread could not start");
	}
	courier_free(c);
	return -1;
}

void courier_stop(struct courier *c)
{
	if (!c)
		return;
	atomic_store(&c->stopping, true);
	curl_multi_wakeup(c->multi);
	pthread_join(c->thread, NULL);
	courier_free(c);
}
