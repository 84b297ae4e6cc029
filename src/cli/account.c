/* lianfang account …: accounts and their grants, at rest or while served. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/divisions.h"
#include "domain/incident/incident.h"

#define PASSWORD_FILE_MAX ((size_t)64 << 10)

static const struct err_kind ERR_PERSON = { "person_unknown", 404, "没有编号为 {0} 的人员",
					    "No person has the id {0}" };
static const struct err_kind ERR_NO_GRANT = { "grant_failed", 409,
					      "账号 {0} 已建立但未能授权：{1}；请用 account grant 授权",
					      "The account {0} was made but not its grant: {1}; use account grant" };

/* ---- what is asked for ---------------------------------------------------------------- */

struct asked {
	struct str name;
	int64_t role;
	place_t place;
	int64_t until;
	struct uuid person;
	struct buf secret;   /* the password's file */
	struct str password; /* its first line */
};

static void asked_finish(struct asked *a)
{
	if (a->secret.ptr)
		sodium_memzero(a->secret.ptr, a->secret.cap);
	buf_finish(&a->secret);
}

/* 0, or the exit code. */
static int read_grant(struct asked *a)
{
	a->role = cli_index(ROLE_NAMES, cli_option("role"));
	if (a->role < 0)
		return cli_wrong("没有岗位“%s”", "There is no role \"%s\"", cli_option("role"));
	if (!place_parse(str_of(cli_option("place")), &a->place))
		return cli_wrong("--place 应为区划代码", "--place takes a division code");
	a->until = FIELD_ABSENT;
	return 0;
}

static int read_password(struct asked *a, struct err *err)
{
	const char *file = cli_option("password-file");
	size_t len;

	if (file_read_whole(file, PASSWORD_FILE_MAX, &a->secret, err) < 0)
		return -1;
	len = a->secret.len;
	for (size_t i = 0; i < len; i++)
		if (a->secret.ptr[i] == '\n' || a->secret.ptr[i] == '\r')
			len = i;
	a->password = (struct str){ a->secret.ptr ? a->secret.ptr : "", len };
	if (!str_is_utf8(a->password) || memchr(a->password.ptr, 0, len))
		return err_fmt(err, &ERR_FILE, "%s: UTF-8", file);
	return 0;
}

/* ---- the grant -------------------------------------------------------------------------- */

struct one {
	struct event event;
	bool given;
	struct err why; /* it was refused */
};

static int one_next(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct one *o = ctx;

	(void)arena;
	(void)max;
	(void)err;
	if (o->given)
		return 0;
	o->given = true;
	events[0] = o->event;
	return 1;
}

static int one_refused(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	struct one *o = ctx;

	(void)index;
	(void)ev;
	o->why = *why;
	return 0;
}

static int grant(const struct cli_store *s, const struct asked *a, struct err *err)
{
	struct role_granted d = { .account = a->name, .role = a->role, .place = a->place, .until = a->until };
	int64_t now = clock_now();
	struct one o = { .event = { .id = uuid_v7(now),
				    .form = registry_form(STR("role.granted")),
				    .at = now,
				    .place = FIELD_ABSENT,
				    .area = FIELD_ABSENT,
				    .data = &d } };
	struct bulk b = {
		.who = principal_system(), .atomic = true, .next = one_next, .refused = one_refused, .ctx = &o
	};

	if (cli_bulk(s, &b, err) < 0)
		return -1;
	if (!o.why.kind)
		return 0;
	*err = o.why;
	return -1;
}

/* ---- what must hold before anything is written --------------------------------------------- */

static int check_now(struct work *w, const struct asked *a, struct err *err)
{
	struct thing t;
	char text[UUID_TEXT + 1] = "";
	int r;

	r = place_listed(w, a->place, INT64_MAX, err);
	text[place_format(a->place, text)] = '\0';
	if (r <= 0)
		return r < 0 ? -1 : err_set(err, &ERR_PLACE_UNKNOWN, "place", text, NULL);
	if (uuid_is_nil(&a->person))
		return 0;
	r = thing_get(w, &a->person, &t, err);
	if (r < 0)
		return -1;
	uuid_format(&a->person, text);
	return r && str_is(t.kind, THING_PERSON) ? 0 : err_set(err, &ERR_PERSON, "person", text, NULL);
}

/* So that no account is left behind without its grant. */
static int check_before(const struct cli_store *s, const struct asked *a, struct err *err)
{
	struct reader *r = NULL;
	int rc;

	if (reader_create(s->app, &r, err) < 0)
		return -1;
	rc = reader_begin(r, err);
	if (rc == 0)
		rc = check_now(reader_work(r, principal_system(), cli_lang()), a, err);
	reader_end(r);
	reader_destroy(r);
	return rc;
}

static int add(const struct cli_store *s, const struct asked *a, struct err *err)
{
	struct err why = { 0 };
	char name[64];
	int r;

	if (check_before(s, a, err) < 0)
		return -1;
	r = s->server ? client_account_add(s->server, a->name, a->password, &a->person, err)
		      : account_add(s->app, a->name, a->password, &a->person, err);
	if (r < 0)
		return -1;
	if (grant(s, a, &why) == 0)
		return 0;
	str_copy(a->name, name, sizeof(name));
	return err_set(err, &ERR_NO_GRANT, NULL, name, cli_error_text(&why), NULL);
}

int cmd_account_add(int argc, char **argv)
{
	_cleanup_(asked_finish) struct asked a = { .name = str_of(argv[0]) };
	const char *person = cli_option("person");
	struct cli_store s;
	struct err err = { 0 };
	int r;

	(void)argc;
	if ((r = read_grant(&a)))
		return r;
	if (person && !uuid_parse(str_of(person), &a.person))
		return cli_wrong("--person 应为人员编号（UUID）", "--person takes a person's id, a UUID");
	if (read_password(&a, &err) < 0 || cli_open(&s, CLI_WRITE, &err) < 0)
		return cli_error(&err);
	r = add(&s, &a, &err);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}

int cmd_account_grant(int argc, char **argv)
{
	struct asked a = { .name = str_of(argv[0]) };
	const char *until = cli_option("until");
	struct cli_store s;
	struct err err = { 0 };
	int r;

	(void)argc;
	if ((r = read_grant(&a)))
		return r;
	if (until && !time_parse(str_of(until), &a.until))
		return cli_wrong("--until 应为 RFC 3339 时间，如 2020-03-01T00:00:00+08:00",
				 "--until takes a time as RFC 3339, such as 2020-03-01T00:00:00+08:00");
	if (cli_open(&s, CLI_WRITE, &err) < 0)
		return cli_error(&err);
	r = grant(&s, &a, &err);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}

/* ---- disable, enable --------------------------------------------------------------------------- */

static int set_disabled(const char *name, bool disabled)
{
	struct cli_store s;
	struct err err = { 0 };
	int r;

	if (cli_open(&s, CLI_WRITE, &err) < 0)
		return cli_error(&err);
	r = s.server ? client_account_disable(s.server, str_of(name), disabled, &err)
		     : account_disable(s.app, str_of(name), disabled, &err);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}

int cmd_account_disable(int argc, char **argv)
{
	(void)argc;
	return set_disabled(argv[0], true);
}

int cmd_account_enable(int argc, char **argv)
{
	(void)argc;
	return set_disabled(argv[0], false);
}

/* ---- list ----------------------------------------------------------------------------------------- */

struct listing {
	struct account_info *items;
	size_t n, cap;
	struct buf out;
	struct json_writer w;
	struct work *work;
	bool first; /* of an account's grants */
};

static int list_account(void *ctx, const struct account_info *i)
{
	struct listing *l = ctx;

	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 32;
		struct account_info *wider = reallocarray(l->items, cap, sizeof(*wider));

		if (!wider)
			return -1;
		l->items = wider;
		l->cap = cap;
	}
	l->items[l->n++] = *i;
	return 0;
}

static const char *role_of(const struct grant *g)
{
	return ROLE_NAMES[__builtin_ctz(g->role)];
}

static int grant_json(void *ctx, const struct grant *g)
{
	struct listing *l = ctx;
	char text[TIME_TEXT_MAX];

	json_open(&l->w, '{');
	json_key(&l->w, "role");
	json_put_cstr(&l->w, role_of(g));
	json_key(&l->w, "place");
	json_put_str(&l->w, (struct str){ text, place_format(g->place, text) });
	if (g->until != FIELD_ABSENT) {
		time_format_local(g->until, text);
		json_key(&l->w, "until");
		json_put_cstr(&l->w, text);
	}
	json_close(&l->w, '}');
	return 0;
}

static int grant_text(void *ctx, const struct grant *g)
{
	struct listing *l = ctx;
	char code[PLACE_TEXT], until[TIME_TEXT_MAX] = "";
	struct str name = place_name(l->work, g->place, INT64_MAX);

	if (g->until != FIELD_ABSENT)
		time_format_local(g->until, until);
	buf_printf(&l->out, "%s%s %.*s %.*s%s%s", l->first ? "" : "; ", role_of(g), (int)place_format(g->place, code),
		   code, STR_ARG(name), *until ? " -> " : "", until);
	l->first = false;
	return 0;
}

static int item_json(struct listing *l, const struct account_info *i, struct err *err)
{
	char text[TIME_TEXT_MAX];

	json_open(&l->w, '{');
	json_key(&l->w, "name");
	json_put_cstr(&l->w, i->name);
	json_key(&l->w, "disabled");
	json_put_bool(&l->w, i->disabled);
	time_format_local(i->created, text);
	json_key(&l->w, "created");
	json_put_cstr(&l->w, text);
	if (!uuid_is_nil(&i->person)) {
		uuid_format(&i->person, text);
		json_key(&l->w, "person");
		json_put_str(&l->w, (struct str){ text, UUID_TEXT });
	}
	json_key(&l->w, "grants");
	json_open(&l->w, '[');
	if (grants_of(l->work->db, str_of(i->name), l->work->now, grant_json, l, err) < 0)
		return -1;
	json_close(&l->w, ']');
	json_close(&l->w, '}');
	return 0;
}

static int item_text(struct listing *l, const struct account_info *i, struct err *err)
{
	buf_printf(&l->out, "%-20s %s", i->name, i->disabled ? cli_pick("（停用）", "(disabled) ") : "");
	l->first = true;
	if (grants_of(l->work->db, str_of(i->name), l->work->now, grant_text, l, err) < 0)
		return -1;
	buf_char(&l->out, '\n');
	return 0;
}

static int list_all(struct listing *l, struct reader *r, struct err *err)
{
	int rc = reader_begin(r, err);

	l->work = reader_work(r, principal_system(), cli_lang());
	json_write_init(&l->w, &l->out);
	if (cli_json())
		json_open(&l->w, '[');
	for (size_t i = 0; rc == 0 && i < l->n; i++)
		rc = cli_json() ? item_json(l, &l->items[i], err) : item_text(l, &l->items[i], err);
	if (cli_json()) {
		json_close(&l->w, ']');
		buf_char(&l->out, '\n');
	}
	reader_end(r);
	return rc == 0 && l->out.failed ? err_kind_set(err, &ERR_NO_MEMORY) : rc;
}

int cmd_account_list(int argc, char **argv)
{
	struct listing l = { 0 };
	struct cli_store s;
	struct reader *r = NULL;
	struct err err = { 0 };
	int rc;

	(void)argc;
	(void)argv;
	if (cli_open(&s, CLI_READ, &err) < 0)
		return cli_error(&err);
	rc = reader_create(s.app, &r, &err);
	if (rc == 0)
		rc = account_list(s.app, r, list_account, &l, &err);
	if (rc == 0)
		rc = list_all(&l, r, &err);
	if (rc == 0 && l.out.len)
		fwrite(l.out.ptr, 1, l.out.len, stdout);
	reader_destroy(r);
	cli_close(&s);
	free(l.items);
	buf_finish(&l.out);
	return rc < 0 ? cli_error(&err) : CLI_DONE;
}
