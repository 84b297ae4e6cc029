/* The rig: see harness.h. */
#include "harness.h"

#include <ctype.h>
#include <libpq-fe.h>
#include <unistd.h>

#include "app/internal.h"

struct rig rig;
bool rig_postgres;
int64_t rig_now, rig_skew;

static int64_t told_time(void)
{
	return __atomic_load_n(&rig_now, __ATOMIC_RELAXED);
}

void rig_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;
	char text[2000];
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	print_error("%s: %s\n", rig_postgres ? "PostgreSQL" : "SQLite", text);
	_fail(file, line);
	abort(); /* not reached: _fail jumps */
}

static void fail_err(const struct err *err, const char *what)
{
	struct buf b = { 0 };
	err_text(err, LANG_EN, &b);
	rig_fail(__FILE__, __LINE__, "%s: %s %.*s", what, err->kind ? err->kind->code : "?", STR_ARG(buf_view(&b)));
}

const char *rig_source(const char *path)
{
	static char out[2][512];
	static int turn;
	const char *root = getenv("LIANFANG_SOURCE");
	char *p = out[turn++ % 2];
	snprintf(p, sizeof out[0], "%s/%s", root ? root : ".", path);
	return p;
}

/* ---- names, times, places --------------------------------------------------------------------- */

static const struct {
	const char *name, *code;
} ALIASES[] = {
	{ "C", "610927000000" },  { "T1", "610927100000" }, { "T2", "610927101000" },    { "V1", "610927100200" },
	{ "V2", "610927100201" }, { "V3", "610927101200" }, { "G1", "610927100200001" }, { "G2", "610927100200002" },
};

struct uuid rig_id(const char *name)
{
	static const struct uuid SPACE = { { 7 } };
	return uuid_derive(&SPACE, str_of(name));
}

int64_t rig_time(const char *text)
{
	char whole[64];
	size_t len = strlen(text);
	int64_t ms;
	if (strcmp(text, "now") == 0)
		return rig_now;
	bool yearless = len > 2 && text[2] == '-';
	bool seconds = strlen(strchr(text, 'T') ? strchr(text, 'T') : "") > 6;
	snprintf(whole, sizeof whole, "%s%s%s+08:00", yearless ? "2020-" : "", text, seconds ? "" : ":00");
	if (!time_parse(str_of(whole), &ms))
		rig_fail(__FILE__, __LINE__, "no time: %s", text);
	return ms;
}

int64_t rig_day(const char *text)
{
	char whole[32];
	int64_t day;
	snprintf(whole, sizeof whole, "%s%s", text[2] == '-' ? "2020-" : "", text);
	if (!day_parse(str_of(whole), &day))
		rig_fail(__FILE__, __LINE__, "no day: %s", text);
	return day;
}

static const char *alias(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(ALIASES); i++) {
		if (strlen(ALIASES[i].name) == len && memcmp(ALIASES[i].name, name, len) == 0)
			return ALIASES[i].code;
	}
	return NULL;
}

place_t rig_place(const char *text)
{
	const char *code = alias(text, strlen(text));
	place_t p;
	if (!place_parse(str_of(code ? code : text), &p))
		rig_fail(__FILE__, __LINE__, "no place: %s", text);
	return p;
}

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static const char *put_id(const char *p, struct buf *out)
{
	char name[64], text[UUID_TEXT];
	size_t n = 0;
	while (word_char(p[n]) && n + 1 < sizeof name) {
		name[n] = p[n];
		n++;
	}
	name[n] = 0;
	struct uuid id = rig_id(name);
	uuid_format(&id, text);
	buf_add(out, text, UUID_TEXT);
	return p + n;
}

/* One word outside of strings: a member's name, an alias, or as it stands. */
static const char *put_word(const char *p, bool json, struct buf *out)
{
	size_t n = 0;
	while (word_char(p[n]))
		n++;
	const char *code = alias(p, n);
	const char *after = p + n;
	while (*after == ' ')
		after++;
	bool quoted = json && (code || (*after == ':' && isalpha((unsigned char)*p)));
	if (quoted)
		buf_char(out, '"');
	if (code)
		buf_cstr(out, code);
	else
		buf_add(out, p, n);
	if (quoted)
		buf_char(out, '"');
	return p + n;
}

static void expand(const char *p, bool json, struct buf *out)
{
	bool inside = false;
	while (*p) {
		if (*p == '\'' && json) {
			inside = !inside;
			buf_char(out, '"');
			p++;
		} else if (!inside && *p == '@') {
			if (json)
				buf_char(out, '"');
			p = put_id(p + 1, out);
			if (json)
				buf_char(out, '"');
		} else if (!inside && word_char(*p)) {
			p = put_word(p, json, out);
		} else {
			buf_char(out, *p++);
		}
	}
}

void rig_expand(const char *text, struct buf *out)
{
	expand(text, false, out);
}

static const char *take_token(const char *p, char *out, size_t size)
{
	size_t n = 0;
	while (*p == ' ' || *p == '\t')
		p++;
	while (*p && *p != ' ' && *p != '\t' && n + 1 < size)
		out[n++] = *p++;
	out[n] = 0;
	return p;
}

void rig_event(const char *line, struct buf *out)
{
	char token[128], when[TIME_TEXT_MAX], id[UUID_TEXT];
	struct uuid u;
	const char *p = take_token(line, token, sizeof token);
	if (*token == '#') {
		u = rig_id(token + 1);
		p = take_token(p, token, sizeof token);
	} else {
		u = uuid_v7(rig_now);
	}
	uuid_format(&u, id);
	buf_printf(out, "{\"id\":\"%.*s\",\"type\":\"%s\",\"at\":\"", UUID_TEXT, id, token);
	p = take_token(p, token, sizeof token);
	time_format_utc(rig_time(token), when);
	buf_printf(out, "%s\"", when);
	p = take_token(p, token, sizeof token);
	if (strcmp(token, "-") != 0) {
		buf_cstr(out, ",\"place\":");
		if (*token != '@')
			buf_char(out, '"');
		expand(token, *token == '@', out);
		if (*token != '@')
			buf_char(out, '"');
	}
	while (*p == ' ')
		p++;
	if (strncmp(p, "incident=", 9) == 0) {
		p = take_token(p + 9, token, sizeof token);
		buf_cstr(out, ",\"incident\":");
		expand(token, true, out);
	}
	buf_cstr(out, ",\"data\":");
	expand(p, true, out);
	buf_char(out, '}');
}

/* ---- opening ------------------------------------------------------------------------------------ */

static void pg_run(const char *format, const char *name)
{
	PGconn *conn = PQconnectdb(getenv("LIANFANG_TEST_PG"));
	char text[256];
	assert_int_equal(PQstatus(conn), CONNECTION_OK);
	snprintf(text, sizeof text, format, name);
	PGresult *result = PQexec(conn, text);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		rig_fail(__FILE__, __LINE__, "%s: %s", text, PQerrorMessage(conn));
	PQclear(result);
	PQfinish(conn);
}

static const char *database_name(void)
{
	return strrchr(rig.url, '/') + 1;
}

static void make_url(void)
{
	static int number;
	if (!rig_postgres) {
		snprintf(rig.url, sizeof rig.url, "%s/x.db", rig.dir);
		return;
	}
	const char *server = getenv("LIANFANG_TEST_PG"), *slash = strrchr(server, '/');
	/* The store makes the database. */
	snprintf(rig.url, sizeof rig.url, "%.*s/lianfang_domain_%d_%d", (int)(slash - server), server, (int)getpid(),
		 number++);
}

static void open_app(bool create, place_t top)
{
	struct err err = { 0 };
	char keys[160];
	snprintf(keys, sizeof keys, "%s/x.db-keys", rig.dir);
	struct app_options o = { .url = rig.url, .keys_file = keys, .create = create, .top = top };
	if (app_open(&o, &rig.app, &err) < 0)
		fail_err(&err, "app_open");
	if (reader_create(rig.app, &rig.reader, &err) < 0)
		fail_err(&err, "reader_create");
}

struct loading {
	FILE *file;
};

static int next_division(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct loading *l = ctx;
	char line[400];
	size_t n = 0;
	(void)err;
	while (n < max && fgets(line, sizeof line, l->file)) {
		char *save, *code = strtok_r(line, ",", &save), *name = strtok_r(NULL, ",", &save),
			    *level = strtok_r(NULL, ",\r\n", &save);
		struct buf b = { 0 };
		struct json_reader r;
		struct err ignored = { 0 };
		char line2[600];
		snprintf(line2, sizeof line2, "division.listed 01-01T00:00 - {code:'%s',name:'%s',level:%s}", code,
			 name, level);
		rig_event(line2, &b);
		struct str text = arena_str(arena, buf_view(&b));
		buf_finish(&b);
		json_read_init(&r, text, arena);
		if (event_decode(&r, registry_form, &events[n], &ignored) < 0)
			fail_err(&ignored, line2);
		n++;
	}
	return (int)n;
}

static int division_refused(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	(void)ctx;
	(void)index;
	(void)ev;
	fail_err(why, "a division");
	return -1;
}

static void load_divisions(const char *file)
{
	struct err err = { 0 };
	char head[100];
	struct loading l = { fopen(rig_source(file), "r") };
	if (!l.file || !fgets(head, sizeof head, l.file))
		rig_fail(__FILE__, __LINE__, "%s can't be read", rig_source(file));
	struct bulk b = {
		.who = principal_system(), .atomic = true, .next = next_division, .refused = division_refused, .ctx = &l
	};
	if (app_bulk(rig.app, &b, &err) < 0)
		fail_err(&err, "divisions");
	fclose(l.file);
	assert_int_equal(b.failed, 0);
}

void rig_open(const char *top, const char *divisions)
{
	/* In memory where there is such a folder: what is tested here is not the disk. */
	const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	if (rig.app)
		rig_close(); /* left by a failed test */
	rig_now = 0;
	rig_now = rig_time("02-10T10:00");
	rig_skew = 0;
	clock_inject(told_time);
	snprintf(rig.dir, sizeof rig.dir, "%s/lianfang-domain-XXXXXX", tmp);
	assert_non_null(mkdtemp(rig.dir));
	make_url();
	rig.top = rig_place(top);
	open_app(true, rig.top);
	if (divisions)
		load_divisions(divisions);
}

static void close_app(void)
{
	reader_destroy(rig.reader);
	app_close(rig.app);
	rig.reader = NULL;
	rig.app = NULL;
}

void rig_reopen(void)
{
	close_app();
	open_app(false, rig.top);
}

void rig_close(void)
{
	char command[120];
	if (!rig.app)
		return;
	close_app();
	if (rig_postgres)
		pg_run("DROP DATABASE %s", database_name());
	snprintf(command, sizeof command, "rm -rf '%s'", rig.dir);
	assert_int_equal(system(command), 0);
}

int rig_run(const char *suite, const struct CMUnitTest *tests, size_t n)
{
	char name[100];
	int failed = 0;
	for (int kind = 0; kind < 2; kind++) {
		rig_postgres = kind == 1;
		if (rig_postgres && !getenv("LIANFANG_TEST_PG"))
			break;
		snprintf(name, sizeof name, "%s/%s", suite, rig_postgres ? "postgres" : "sqlite");
		failed += _cmocka_run_group_tests(name, tests, n, NULL, NULL);
		rig_close();
	}
	return failed;
}

/* ---- recording ------------------------------------------------------------------------------------- */

static struct outcome outcome_of(const struct result *r)
{
	struct outcome o = { .status = r->status, .seq = r->seq };
	if (r->status == RESULT_REFUSED && r->err.kind) {
		struct buf b = { 0 };
		err_text(&r->err, LANG_EN, &b);
		snprintf(o.code, sizeof o.code, "%s", r->err.kind->code);
		snprintf(o.field, sizeof o.field, "%s", r->err.field);
		snprintf(o.text, sizeof o.text, "%.*s", STR_ARG(buf_view(&b)));
		buf_finish(&b);
	}
	for (; o.n_warnings < r->n_warnings; o.n_warnings++)
		snprintf(o.warnings[o.n_warnings], sizeof o.warnings[0], "%s", r->warnings[o.n_warnings].kind->code);
	return o;
}

void rig_submit(const struct principal *who, const char *const *lines, size_t n, bool atomic, struct outcome *out)
{
	struct submission *s = submission_create(0);
	struct buf body = { 0 };
	struct err err = { 0 };
	buf_printf(&body, "{\"atomic\":%s,\"events\":[", atomic ? "true" : "false");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(&body, ',');
		rig_event(lines[i], &body);
	}
	buf_cstr(&body, "]}");
	if (submission_decode(s, buf_view(&body), rig_skew, &err) < 0) {
		print_error("%.*s\n", STR_ARG(buf_view(&body)));
		fail_err(&err, "submission_decode");
	}
	s->who = who;
	if (app_submit_wait(rig.app, s, &err) < 0) {
		print_error("%.*s\n", STR_ARG(buf_view(&body)));
		fail_err(&err, "app_submit_wait");
	}
	assert_int_equal(s->n, n);
	for (size_t i = 0; i < n; i++)
		out[i] = outcome_of(&s->results[i]);
	buf_finish(&body);
	submission_destroy(s);
}

struct outcome rig_record(const struct principal *who, const char *line)
{
	struct outcome o;
	rig_submit(who, &line, 1, false, &o);
	return o;
}

void rig_accept_at(const char *line, const char *file, int at)
{
	struct outcome o = rig_record(principal_system(), line);
	if (o.status != RESULT_RECORDED)
		rig_fail(file, at, "%s\n\twas not recorded: %s (%s) %s", line, o.code, o.field, o.text);
}

void rig_refuse_at(const struct principal *who, const char *code, const char *line, const char *file, int at)
{
	struct outcome o = rig_record(who, line);
	if (o.status != RESULT_REFUSED || strcmp(o.code, code) != 0)
		rig_fail(file, at, "%s\n\tshould be refused with %s, not %s %s", line, code,
			 o.status == RESULT_REFUSED    ? o.code
			 : o.status == RESULT_RECORDED ? "recorded"
						       : "duplicate",
			 o.text);
}

static struct grant parse_grant(const char *text)
{
	const char *at = strchr(text, '@');
	struct grant g = { .until = FIELD_ABSENT };
	if (!at)
		rig_fail(__FILE__, __LINE__, "no grant: %s", text);
	for (int i = 0; ROLE_NAMES[i]; i++) {
		if (strlen(ROLE_NAMES[i]) == (size_t)(at - text) &&
		    strncmp(ROLE_NAMES[i], text, (size_t)(at - text)) == 0)
			g.role = 1u << i;
	}
	if (!g.role)
		rig_fail(__FILE__, __LINE__, "no role: %s", text);
	g.place = rig_place(at + 1);
	return g;
}

const struct principal *rig_principal(const char *account, const char *grants, const char *person)
{
	static struct {
		struct principal p;
		struct grant grants[4];
		char name[33], text[160];
	} pool[512];
	static size_t used;
	char copy[160];
	size_t n = 0;
	for (size_t i = 0; i < used; i++) {
		if (strcmp(pool[i].name, account) == 0 && strcmp(pool[i].text, grants) == 0)
			return &pool[i].p;
	}
	assert_true(used < ARRAY_LEN(pool));
	snprintf(pool[used].name, sizeof pool[used].name, "%s", account);
	snprintf(pool[used].text, sizeof pool[used].text, "%s", grants);
	snprintf(copy, sizeof copy, "%s", grants);
	for (char *save, *g = strtok_r(copy, ",", &save); g; g = strtok_r(NULL, ",", &save))
		pool[used].grants[n++] = parse_grant(g);
	pool[used].p =
	    (struct principal){ .account = str_of(pool[used].name), .grants = pool[used].grants, .n_grants = n };
	if (person)
		pool[used].p.person = rig_id(person);
	return &pool[used++].p;
}

/* ---- asking ------------------------------------------------------------------------------------------- */

int64_t rig_figure(const char *name, const char *place, const char *day)
{
	struct err err = { 0 };
	struct str part;
	int64_t value = -1, incident_no = 0;
	if (reader_begin(rig.reader, &err) < 0)
		fail_err(&err, "reader_begin");
	struct work *w = reader_work(rig.reader, principal_system(), LANG_EN);
	const struct figure_def *def = registry_figure(str_of(name), &part);
	int rc = def && def->per_incident ? incident_default(w, &incident_no, &err) : 0;
	if (rc == 0)
		rc = figure_value(w, name, incident_no, rig_place(place), rig_day(day), &value, &err);
	reader_end(rig.reader);
	if (rc < 0)
		fail_err(&err, name);
	return value;
}

struct params {
	struct str names[12], values[12];
	size_t n;
};

static struct str param_value(void *ctx, const char *name)
{
	struct params *p = ctx;
	for (size_t i = 0; i < p->n; i++) {
		if (str_is(p->names[i], name))
			return p->values[i];
	}
	return STR_NONE;
}

static struct str param_name(void *ctx, size_t index)
{
	struct params *p = ctx;
	return index < p->n ? p->names[index] : STR_NONE;
}

static void parse_params(char *query, struct params *p)
{
	for (char *save, *one = strtok_r(query, "&", &save); one; one = strtok_r(NULL, "&", &save)) {
		char *eq = strchr(one, '=');
		assert_true(eq && p->n < ARRAY_LEN(p->names));
		*eq = 0;
		p->names[p->n] = str_of(one);
		p->values[p->n++] = str_of(eq + 1);
	}
}

const char *rig_view(const struct principal *who, const char *path, char ret_code[64])
{
	static struct buf out;
	struct buf whole = { 0 };
	struct params params = { 0 };
	struct err err = { 0 };
	*ret_code = 0;
	rig_expand(path, &whole);
	buf_char(&whole, 0);
	char *query = strchr(whole.ptr, '?');
	if (query) {
		*query = 0;
		parse_params(query + 1, &params);
	}
	struct view_request q = {
		.who = who, .param = param_value, .param_name = param_name, .param_ctx = &params, .lang = LANG_EN
	};
	q.view = app_find_view(str_of(whole.ptr), &q.id);
	if (!q.view)
		rig_fail(__FILE__, __LINE__, "no view %s", whole.ptr);
	buf_clear(&out);
	int rc = reader_view(rig.reader, &q, &out, &err);
	buf_char(&out, 0);
	buf_finish(&whole);
	if (rc == 0)
		return out.ptr;
	snprintf(ret_code, 64, "%s", err.kind->code);
	if (err.kind->status >= 500)
		fail_err(&err, path);
	return NULL;
}

int64_t rig_size(void)
{
	struct app_metrics m;
	app_metrics(rig.app, &m);
	return m.size;
}

struct span_of_time {
	int64_t after, upto;
};

static int lapse_all(struct app *a, struct db *db, void *ctx, struct err *err)
{
	const struct span_of_time *t = ctx;
	struct arena arena;
	struct work w;
	int rc = 0;
	arena_init(&arena, 0);
	work_init(&w, a, db, &arena, principal_system());
	for (size_t m = 0; rc == 0 && MODULES[m]; m++) {
		if (MODULES[m]->lapse)
			rc = MODULES[m]->lapse(&w, t->after, t->upto, outbox_post, &w, err);
	}
	arena_finish(&arena);
	return rc;
}

void rig_lapse(int64_t after, int64_t upto)
{
	struct span_of_time t = { after, upto };
	struct err err = { 0 };
	if (app_call(rig.app, lapse_all, &t, &err) < 0)
		fail_err(&err, "lapse");
}

int64_t rig_messages(const char *kind)
{
	static const struct sql COUNT = { "test.messages", "SELECT COUNT(*) FROM message WHERE kind = $1" };
	struct err err = { 0 };
	int64_t n = -1;
	if (reader_begin(rig.reader, &err) < 0 ||
	    db_get_i64(reader_work(rig.reader, principal_system(), LANG_EN)->db, &COUNT, &n, &err, "c", kind) < 0)
		fail_err(&err, kind);
	reader_end(rig.reader);
	return n;
}

int64_t rig_count(const char *table)
{
	static const char *const TABLES[] = { "subject_key", "thing", "link", "figure", NULL };
	static const struct sql COUNTS[] = { { "test.keys", "SELECT COUNT(*) FROM subject_key" },
					     { "test.things", "SELECT COUNT(*) FROM thing" },
					     { "test.links", "SELECT COUNT(*) FROM link" },
					     { "test.figures", "SELECT COUNT(*) FROM figure" } };
	struct err err = { 0 };
	int64_t n = -1;
	for (size_t i = 0; TABLES[i]; i++) {
		if (strcmp(TABLES[i], table) != 0)
			continue;
		if (reader_begin(rig.reader, &err) < 0 ||
		    db_get_i64(reader_work(rig.reader, principal_system(), LANG_EN)->db, &COUNTS[i], &n, &err, "") < 0)
			fail_err(&err, table);
		reader_end(rig.reader);
	}
	return n;
}

static void verify_once(const char *what, const char *file, int line)
{
	struct err err = { 0 };
	struct buf text = { 0 };
	int64_t n = 0;
	int rc = app_verify(rig.app, NULL, NULL, &n, &text, &err);
	if (rc < 0)
		fail_err(&err, "app_verify");
	if (rc)
		rig_fail(file, line, "%s: %.*s", what, STR_ARG(buf_view(&text)));
	if (n != rig_size())
		rig_fail(file, line, "%s: %lld of %lld events", what, (long long)n, (long long)rig_size());
	buf_finish(&text);
}

void rig_sound_at(const char *file, int line)
{
	struct err err = { 0 };
	verify_once("verify", file, line);
	if (app_rebuild(rig.app, NULL, NULL, &err) < 0)
		fail_err(&err, "app_rebuild");
	verify_once("verify after rebuild", file, line);
}
