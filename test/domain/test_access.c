/* The access table: every row of access.txt and access_*.txt is run against one
 * world; none may change it. Then that every role has a row for every event type,
 * and every view some row. The files' own words stand at the head of access.txt. */
#include "harness.h"

#include <ctype.h>
#include <glob.h>

static const char *const WHERE[] = { "C", "T1", "T2", "V1", "V2", "V3", NULL };

/* A line of a table, as read. */
struct row {
	char *text;
	const char *file;
	int number;
};

#define ROWS_MAX 1000
struct rows {
	struct row items[ROWS_MAX];
	size_t n;
};
static struct rows worlds, cells;

/* How a type is tried at a place. */
static struct sample {
	char *type, *line;
	bool tried[10]; /* by role */
} samples[200];
static size_t n_samples;

/* Personal data that stands in the world, and as masked. */
static struct {
	char *full, *masked;
} personal[60];
static size_t n_personal;

static char *trim(char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	for (size_t n = strlen(s); n && isspace((unsigned char)s[n - 1]); n--)
		s[n - 1] = 0;
	return s;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static struct sample *sample_of(const char *type)
{
	for (size_t i = 0; i < n_samples; i++) {
		if (strcmp(samples[i].type, type) == 0)
			return &samples[i];
	}
	return NULL;
}

/* "TYPE AT PLACE {data}" or, the type said once, "AT PLACE {data}". */
static void read_sample(char *text, const char *file, int number)
{
	char *space = strchr(text, ' ');
	if (!space)
		rig_fail(file, number, "a sample of what?");
	char *line = trim(space);
	*space = 0;
	if (sample_of(text) || n_samples == ARRAY_LEN(samples))
		rig_fail(file, number, "%s: a second sample, or too many", text);
	char *whole = calloc(1, strlen(text) + strlen(line) + 2);
	bool with_type = *line == '#' || strncmp(line, text, strlen(text)) == 0;
	sprintf(whole, "%s%s%s", with_type ? "" : text, with_type ? "" : " ", line);
	samples[n_samples++] = (struct sample){ .type = strdup(text), .line = whole };
}

static void read_personal(char *text)
{
	struct arena arena;
	arena_init(&arena, 0);
	struct str s = str_of(text);
	struct str masked = !isdigit((unsigned char)*text) ? mask_name(&arena, s)
			    : s.len == 18                  ? mask_idno(&arena, s)
							   : mask_phone(&arena, s);
	assert_true(n_personal < ARRAY_LEN(personal));
	personal[n_personal].full = strdup(text);
	personal[n_personal++].masked = strndup(masked.ptr, masked.len);
	arena_finish(&arena);
}

static void add_row(struct rows *to, const char *text, const char *file, int number)
{
	assert_true(to->n < ROWS_MAX);
	to->items[to->n++] = (struct row){ strdup(text), file, number };
}

static void read_table(const char *path)
{
	char line[2000];
	int number = 0;
	const char *file = strdup(strrchr(path, '/') + 1);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		char *text = trim(line);
		number++;
		if (strncmp(text, "world ", 6) == 0)
			add_row(&worlds, trim(text + 6), file, number);
		else if (strncmp(text, "sample ", 7) == 0)
			read_sample(trim(text + 7), file, number);
		else if (strncmp(text, "personal ", 9) == 0)
			read_personal(trim(text + 9));
		else if (*text && *text != '#')
			add_row(&cells, text, file, number);
	}
	fclose(f);
}

static void read_tables(void)
{
	glob_t found;
	if (n_samples)
		return;
	read_table(rig_source("test/domain/access.txt"));
	assert_int_equal(glob(rig_source("test/domain/access_*.txt"), 0, NULL, &found) & ~GLOB_NOMATCH, 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_table(found.gl_pathv[i]);
	globfree(&found);
}

/* ---- the world ----------------------------------------------------------------------------------- */

/* `text` with every P between non-letters replaced by the place, NUMBER by its code. */
static void put_place(const char *text, const char *place, char *out, size_t size)
{
	size_t n = 0;
	char number[PLACE_TEXT + 1] = "";
	number[place_format(rig_place(place), number)] = 0;
	for (const char *p = text; *p;) {
		bool lone = *p == 'P' && (p == text || !isalpha((unsigned char)p[-1])) &&
			    !isalpha((unsigned char)p[1]) && !isdigit((unsigned char)p[1]);
		bool coded = strncmp(p, "NUMBER", 6) == 0;
		const char *put = lone ? place : coded ? number : p;
		size_t len = lone || coded ? strlen(put) : 1;
		assert_true(n + len + 1 < size);
		memcpy(out + n, put, len);
		n += len;
		p += coded ? 6 : 1;
	}
	out[n] = 0;
}

/* Where a line can't be, because the place is of another level or what it refers to does not stand there, it is not. */
static void build_line(const struct row *row)
{
	size_t stands = 0;
	for (size_t i = 0; WHERE[i]; i++) {
		char line[1000];
		put_place(row->text, WHERE[i], line, sizeof line);
		struct outcome o = rig_record(principal_system(), line);
		if (o.status == RESULT_REFUSED && strcmp(o.code, "place_level") != 0 &&
		    strcmp(o.code, "unknown_reference") != 0)
			rig_fail(row->file, row->number, "%s\n\twas not recorded: %s (%s) %s", line, o.code, o.field,
				 o.text);
		stands += o.status == RESULT_RECORDED;
	}
	if (!stands)
		rig_fail(row->file, row->number, "%s: stands nowhere", row->text);
}

static void build_world(void)
{
	struct err err = { 0 };
	read_tables();
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	accept_event("#first incident.opened 02-01T08:00 - {id:@inc,kind:'epidemic',name:'疫情'}"); /* seq 73 */
	assert_int_equal(account_add(rig.app, STR("someone"), STR("ten characters"), NULL, &err), 0);
	for (size_t i = 0; i < worlds.n; i++)
		build_line(&worlds.items[i]);
}

/* ---- one cell ------------------------------------------------------------------------------------ */

struct cell {
	const char *role, *home, *what, *place, *outcome, *file;
	int line;
};

/* Tried atomically with an event that is refused for certain, so that nothing is changed. */
static void try_event(const struct cell *c, const struct principal *who)
{
	char line[1000];
	const struct sample *sample = sample_of(c->what);
	struct outcome out[2];
	int64_t size = rig_size();
	if (!sample)
		rig_fail(c->file, c->line, "no sample of %s", c->what);
	put_place(sample->line, c->place, line, sizeof line);
	const char *lines[] = { line,
				"household.registered now - {id:@never,address:'一号',head:{name:'王'},members:3}" };
	rig_submit(who, lines, 2, true, out);
	const char *is = strcmp(out[0].code, "atomic_rolled_back") == 0 ? "allowed" : out[0].code;
	if (strcmp(is, c->outcome) != 0)
		rig_fail(c->file, c->line, "%s@%s: %s at %s is %s (%s), not %s", c->role, c->home, c->what, c->place,
			 is, out[0].text, c->outcome);
	assert_int_equal(rig_size(), size);
}

static const char *seen_as(const char *body)
{
	const char *as = "bare";
	for (size_t i = 0; i < n_personal; i++) {
		if (strstr(body, personal[i].full))
			return "full";
		if (strstr(body, personal[i].masked))
			as = "masked";
	}
	return as;
}

static void try_view(const struct cell *c, const struct principal *who)
{
	char path[300], code[64];
	int64_t size = rig_size();
	put_place(c->what, c->place, path, sizeof path);
	const char *body = rig_view(who, path, code), *is = body ? seen_as(body) : code;
	if (body && strcmp(c->outcome, "seen") == 0)
		is = "seen";
	if (strcmp(is, c->outcome) != 0)
		rig_fail(c->file, c->line, "%s@%s: %s is %s, not %s: %.300s", c->role, c->home, path, is, c->outcome,
			 body ? body : "");
	/* Opened for a reason: recorded; otherwise a look leaves nothing. */
	bool opened = body && strstr(path, "reason=");
	assert_int_equal(rig_size(), size + opened);
}

/* ---- coverage of the table --------------------------------------------------------------------------- */

static const char *views_tried[400];
static size_t n_views_tried;

static void note_cell(const struct cell *c)
{
	char path[300];
	struct str id;
	struct buf whole = { 0 };
	if (*c->what != '/') {
		struct sample *sample = sample_of(c->what);
		for (int r = 0; ROLE_NAMES[r]; r++)
			sample->tried[r] |= strcmp(ROLE_NAMES[r], c->role) == 0;
		return;
	}
	put_place(c->what, c->place, path, sizeof path);
	rig_expand(path, &whole);
	buf_char(&whole, 0);
	whole.ptr[strcspn(whole.ptr, "?")] = 0;
	const struct view *v = app_find_view(str_of(whole.ptr), &id);
	buf_finish(&whole);
	for (size_t i = 0; v && i < n_views_tried; i++) {
		if (views_tried[i] == v->path)
			return;
	}
	if (v)
		views_tried[n_views_tried++] = v->path;
}

static void assert_all_tried(void)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_events; i++) {
			const char *type = MODULES[m]->events[i].form.type;
			const struct sample *sample = sample_of(type);
			for (int r = 0; ROLE_NAMES[r]; r++) {
				if (!sample || !sample->tried[r])
					rig_fail("access*.txt", 1, "no row says whether %s may record %s",
						 ROLE_NAMES[r], type);
			}
		}
		for (size_t i = 0; i < MODULES[m]->n_views; i++) {
			const char *path = MODULES[m]->views[i].path;
			size_t k = 0;
			while (k < n_views_tried && views_tried[k] != path)
				k++;
			if (k == n_views_tried)
				rig_fail("access*.txt", 1, "no row tries %s", path);
		}
	}
}

/* ---- the table ------------------------------------------------------------------------------------------ */

/* One role at one home, "grid" or, with the person that the account is of, "grid=p_V1". */
static size_t run_who(char *role, const char *home, const char *whats, const char *places, const char *outcome,
		      const struct row *row)
{
	char grant[60], account[60], copy[1000];
	char *person = strchr(role, '=');
	size_t n = 0;
	if (person)
		*person++ = 0;
	snprintf(grant, sizeof grant, "%s@%s", role, home);
	snprintf(account, sizeof account, "%.9s.%s%s%s", role, home, person ? "." : "", person ? person : "");
	const struct principal *p = rig_principal(account, grant, person);
	snprintf(copy, sizeof copy, "%s", whats);
	for (char *s2, *what = strtok_r(copy, " ", &s2); what; what = strtok_r(NULL, " ", &s2)) {
		char copy2[100];
		snprintf(copy2, sizeof copy2, "%s", places);
		for (char *s3, *place = strtok_r(copy2, " ", &s3); place; place = strtok_r(NULL, " ", &s3)) {
			struct cell c = { role, home, what, place, outcome, row->file, row->number };
			if (*what == '/')
				try_view(&c, p);
			else
				try_event(&c, p);
			note_cell(&c);
			n++;
		}
	}
	return n;
}

static size_t run_row(const struct row *row)
{
	char text[2000], *save, *part[4];
	snprintf(text, sizeof text, "%s", row->text);
	for (size_t i = 0; i < ARRAY_LEN(part); i++) {
		part[i] = strtok_r(i ? NULL : text, "|", &save);
		if (!part[i])
			rig_fail(row->file, row->number, "%s: no row, \"who | what | places | outcome\"", row->text);
		part[i] = trim(part[i]);
	}
	char *home = strchr(part[0], '@');
	size_t n = 0;
	if (!home)
		rig_fail(row->file, row->number, "%s: whose grant, at which place?", part[0]);
	*home++ = 0;
	for (char *s1, *role = strtok_r(part[0], ",", &s1); role; role = strtok_r(NULL, ",", &s1))
		n += run_who(role, home, part[1], part[2], part[3], row);
	return n;
}

static void test_table(void **state)
{
	size_t n = 0;
	(void)state;
	build_world();
	for (size_t i = 0; i < cells.n; i++)
		n += run_row(&cells.items[i]);
	print_message("%zu cells of the access table\n", n);
	assert_all_tried();
	assert_sound();
	rig_close();
}

/* A grant that has ended, or that begins with nothing. */
static void test_until(void **state)
{
	char code[64];
	(void)state;
	build_world();
	struct grant g = { ROLE_OFFICER, rig_place("T1"), rig_now + 1000 };
	struct principal p = { .account = STR("wang"), .grants = &g, .n_grants = 1 };
	assert_int_equal(
	    rig_record(&p, "household.registered 02-05T08:00 V1 {id:@a,address:'一号',head:{name:'王'},members:3}")
		.status,
	    RESULT_RECORDED);
	assert_non_null(rig_view(&p, "/api/v1/grid/households/@h_V1", code));
	rig_now += 1000;
	refuse_as(&p, "not_allowed",
		  "household.registered 02-05T08:00 V1 {id:@b,address:'一号',head:{name:'王'},members:3}");
	refuse_as(&p, "unknown_reference",
		  "household.changed 02-05T08:00 - {household:@h_V1,members:4,from:'2020-02-05'}");
	assert_null(rig_view(&p, "/api/v1/grid/households/@h_V1", code));
	assert_string_equal(code, "forbidden");
	assert_null(rig_view(&p, "/api/v1/figures?place=V1", code));
	p.n_grants = 0;
	refuse_as(&p, "not_allowed",
		  "household.registered 02-05T08:00 V1 {id:@b,address:'一号',head:{name:'王'},members:3}");
	rig_close();
}

/* Several grants: each reaches its own place, with its own role. */
static void test_several_grants(void **state)
{
	char code[64];
	(void)state;
	build_world();
	const struct principal *p = rig_principal("two", "grid@V1,officer@V3", NULL);
	refuse_as(p, "not_allowed", "group.formed now V1 {id:@new,model:'urban',name:'组'}");
	assert_int_equal(rig_record(p, "group.formed now V3 {id:@new,model:'urban',name:'组'}").status,
			 RESULT_RECORDED);
	assert_non_null(strstr(rig_view(p, "/api/v1/grid/households/@h_V3", code), "王小明"));
	assert_null(strstr(rig_view(p, "/api/v1/grid/households/@h_V1", code), "王小明"));
	assert_null(rig_view(p, "/api/v1/grid/households/@h_V2", code));
	/* A household of one's own and a group of another's. */
	refuse_as(rig_principal("one", "officer@V1", NULL), "unknown_reference",
		  "household.assigned now - {household:@i_V1,group:@g_V3}");
	refuse_as(rig_principal("one", "officer@V1", NULL), "unknown_reference",
		  "household.assigned now - {household:@i_V3,group:@g_V1}");
	/* Not even the kind of a thing out of scope is told. */
	refuse_as(rig_principal("one", "officer@V1", NULL), "unknown_reference",
		  "household.changed now - {household:@g_V3,members:4,from:'2020-02-05'}");
	refuse_as(rig_principal("one", "officer@V1", NULL), "unknown_reference",
		  "household.changed 01-01T00:00 - {household:@h_V3,members:4,from:'2020-02-05'}");
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_table), cmocka_unit_test(test_until),
					    cmocka_unit_test(test_several_grants) };
	return rig_run("domain/access", tests, ARRAY_LEN(tests));
}
