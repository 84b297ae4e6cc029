/* The access table, access.txt: every row is run against one world; none may
 * change it. Then that every role has a row for every event type, and every
 * view some row. */
#include "harness.h"

#include <ctype.h>

static const char *const WHERE[] = { "C", "T1", "T2", "V1", "V2", "V3", NULL };

static void accept_all(const char *const *lines)
{
	for (size_t i = 0; lines[i]; i++)
		accept_event(lines[i]);
}

/* `text` with every P between non-letters replaced by the place. */
static void put_place(const char *text, const char *place, char *out, size_t size)
{
	size_t n = 0;
	for (const char *p = text; *p; p++) {
		bool lone = *p == 'P' && (p == text || !isalpha((unsigned char)p[-1])) &&
			    !isalpha((unsigned char)p[1]) && !isdigit((unsigned char)p[1]);
		const char *put = lone ? place : p;
		size_t len = lone ? strlen(place) : 1;
		assert_true(n + len + 1 < size);
		memcpy(out + n, put, len);
		n += len;
	}
	out[n] = 0;
}

static void build_place(const char *place)
{
	static const char *const ANYWHERE[] = {
		"#e_P site.opened 02-02T08:00 P {id:@s_P,kind:'office',name:'点'}",
		"person.enrolled 02-02T08:00 P "
		"{id:@p_P,name:'李大力',category:'village_official',party_member:true,phone:'13987654321'}",
		"person.enrolled 02-02T08:00 P {id:@q_P,name:'孙大力',category:'resident'}",
		"team.formed 02-02T08:00 P {id:@t_P,kind:'vanguard_team',name:'队'}",
		"team.joined 02-02T08:00 - {team:@t_P,person:@p_P,post:'member'}",
		"#v_P site.opened 02-02T08:00 P {id:@z_P,kind:'office',name:'点'}", /* nothing refers to it */
		NULL
	};
	static const char *const VILLAGE[] = {
		"group.formed 02-02T08:00 P {id:@g_P,model:'urban',name:'组'}",
		"group.staffed 02-02T08:00 - {group:@g_P,person:@p_P,role:'grid_leader'}",
		"household.registered 02-02T08:00 P "
		"{id:@h_P,address:'一组12号院',head:{name:'王小明',phone:'13812345678'},members:3}",
		"household.registered 02-02T08:00 P {id:@i_P,address:'一组13号院',head:{name:'赵小红'},members:3}",
		"household.assigned 02-03T08:00 - {household:@h_P,group:@g_P}",
		NULL
	};
	char line[400];
	for (size_t i = 0; ANYWHERE[i]; i++) {
		put_place(ANYWHERE[i], place, line, sizeof line);
		accept_event(line);
	}
	for (size_t i = 0; *place == 'V' && VILLAGE[i]; i++) {
		put_place(VILLAGE[i], place, line, sizeof line);
		accept_event(line);
	}
}

static void build_world(void)
{
	static const char *const TOP[] = { "#first incident.opened 02-01T08:00 - {id:@inc,kind:'epidemic',name:'疫情'}",
					   NULL };
	struct err err = { 0 };
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	accept_all(TOP); /* seq 73 */
	for (size_t i = 0; WHERE[i]; i++)
		build_place(WHERE[i]);
	assert_int_equal(account_add(rig.app, STR("someone"), STR("ten characters"), NULL, &err), 0);
	for (size_t i = 0; WHERE[i]; i++) {
		char line[200];
		put_place("role.granted now - {account:'someone',role:'grid',place:P}", WHERE[i], line, sizeof line);
		accept_event(line);
	}
}

/* How a type is tried at a place. */
static const struct {
	const char *type, *line;
} SAMPLES[] = {
	{ "division.listed", "division.listed now - {code:'610927100399',name:'新村',level:5}" },
	{ "division.renamed", "division.renamed now - {code:P,name:'新名',from:'2020-02-10'}" },
	{ "grid.defined", "grid.defined now - {code:'NUMBER009',name:'网格'}" },
	{ "site.opened", "site.opened now P {id:@new,kind:'office',name:'点'}" },
	{ "site.changed", "site.changed now - {site:@s_P,name:'点二',from:'2020-02-10'}" },
	{ "site.closed", "site.closed now - {site:@s_P}" },
	{ "household.registered", "household.registered now P {id:@new,address:'一号',head:{name:'王'},members:3}" },
	{ "household.changed", "household.changed now - {household:@h_P,members:4,from:'2020-02-10'}" },
	{ "household.removed", "household.removed now - {household:@h_P,reason:'迁出'}" },
	{ "person.enrolled", "person.enrolled now P {id:@new,name:'王',category:'resident'}" },
	{ "person.changed", "person.changed now - {person:@p_P,category:'medic'}" },
	{ "person.left", "person.left now - {person:@p_P}" },
	{ "person.exposed", "person.exposed now - {person:@p_P,since:'2020-02-09T08:00:00+08:00'}" },
	{ "subject.merged", "subject.merged now P {from:@one,into:@two}" },
	{ "team.formed", "team.formed now P {id:@new,kind:'work_team',name:'队'}" },
	{ "team.joined", "team.joined now - {team:@t_P,person:@p_P,post:'leader'}" },
	{ "team.left", "team.left now - {team:@t_P,person:@p_P}" },
	{ "team.dissolved", "team.dissolved now - {team:@t_P}" },
	{ "group.formed", "group.formed now P {id:@new,model:'urban',name:'组'}" },
	{ "group.staffed", "group.staffed now - {group:@g_P,person:@p_P,role:'building_leader'}" },
	{ "group.unstaffed", "group.unstaffed now - {group:@g_P,person:@p_P}" },
	{ "group.dissolved", "group.dissolved now - {group:@g_P}" },
	{ "household.assigned", "household.assigned now - {household:@i_P,group:@g_P}" },
	{ "household.released", "household.released now - {household:@h_P,group:@g_P}" },
	{ "incident.opened", "incident.opened now - {id:@new,kind:'flood',name:'洪水'}" },
	{ "incident.closed", "incident.closed now - {incident:@inc}" },
	{ "parameter.set", "parameter.set now - {name:'followup_days',value:21,from:'2020-02-10'}" },
	{ "role.granted", "role.granted now - {account:'someone',role:'officer',place:P}" },
	{ "role.revoked", "role.revoked now - {account:'someone',role:'grid',place:P}" },
	{ "event.voided", "event.voided now - {event:@v_P,reason:'误'}" },
	{ "personal.viewed", "personal.viewed now - {subject:@h_P,reason:'想看看'}" },
	{ "subject.erased", "subject.erased now - {subject:@h_P,ground:'本人要求'}" },
};

static const char *sample_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(SAMPLES); i++) {
		if (strcmp(SAMPLES[i].type, type) == 0)
			return SAMPLES[i].line;
	}
	return NULL;
}

/* ---- one cell ------------------------------------------------------------------------------------ */

struct cell {
	const char *role, *home, *what, *place, *outcome;
	int line;
};

/* Tried atomically with an event that is refused for certain, so that nothing is changed. */
static void try_event(const struct cell *c, const struct principal *who)
{
	char line[400], with_number[400] = "";
	char number[PLACE_TEXT + 1] = "";
	const char *sample = sample_of(c->what), *hole;
	struct outcome out[2];
	int64_t size = rig_size();
	if (!sample)
		rig_fail("access.txt", c->line, "no sample of %s", c->what);
	number[place_format(rig_place(c->place), number)] = 0;
	hole = strstr(sample, "NUMBER");
	if (hole)
		snprintf(with_number, sizeof with_number, "%.*s%s%s", (int)(hole - sample), sample, number, hole + 6);
	put_place(hole ? with_number : sample, c->place, line, sizeof line);
	const char *lines[] = { line,
				"household.registered now - {id:@never,address:'一号',head:{name:'王'},members:3}" };
	rig_submit(who, lines, 2, true, out);
	const char *is = strcmp(out[0].code, "atomic_rolled_back") == 0 ? "allowed" : out[0].code;
	if (strcmp(is, c->outcome) != 0)
		rig_fail("access.txt", c->line, "%s@%s: %s at %s is %s (%s), not %s", c->role, c->home, c->what,
			 c->place, is, out[0].text, c->outcome);
	assert_int_equal(rig_size(), size);
}

static const char *seen_as(const char *body)
{
	if (strstr(body, "王小明") || strstr(body, "李大力") || strstr(body, "赵小红") || strstr(body, "13812345678"))
		return "full";
	if (strstr(body, "王*") || strstr(body, "李*") || strstr(body, "赵*"))
		return "masked";
	return "bare";
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
		rig_fail("access.txt", c->line, "%s@%s: %s is %s, not %s: %.300s", c->role, c->home, path, is,
			 c->outcome, body ? body : "");
	/* Opened for a reason: recorded; otherwise a look leaves nothing. */
	bool opened = body && strstr(path, "reason=");
	assert_int_equal(rig_size(), size + opened);
}

/* ---- coverage of the table --------------------------------------------------------------------------- */

static char tried[ARRAY_LEN(SAMPLES)][10]; /* by role */
static const char *views_tried[400];
static size_t n_views_tried;

static void note_cell(const struct cell *c)
{
	char path[300];
	struct str id;
	struct buf whole = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(SAMPLES); i++) {
		for (int r = 0; ROLE_NAMES[r]; r++) {
			if (strcmp(SAMPLES[i].type, c->what) == 0 && strcmp(ROLE_NAMES[r], c->role) == 0)
				tried[i][r] = 1;
		}
	}
	if (*c->what != '/')
		return;
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
			size_t k = 0;
			while (k < ARRAY_LEN(SAMPLES) && strcmp(SAMPLES[k].type, type) != 0)
				k++;
			for (int r = 0; ROLE_NAMES[r]; r++) {
				if (k == ARRAY_LEN(SAMPLES) || !tried[k][r])
					rig_fail("access.txt", 1, "no row says whether %s may record %s", ROLE_NAMES[r],
						 type);
			}
		}
		for (size_t i = 0; i < MODULES[m]->n_views; i++) {
			const char *path = MODULES[m]->views[i].path;
			size_t k = 0;
			while (k < n_views_tried && views_tried[k] != path)
				k++;
			if (k == n_views_tried)
				rig_fail("access.txt", 1, "no row tries %s", path);
		}
	}
}

/* ---- the table ------------------------------------------------------------------------------------------ */

static char *trim(char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	for (size_t n = strlen(s); n && isspace((unsigned char)s[n - 1]); n--)
		s[n - 1] = 0;
	return s;
}

static size_t run_row(char *text, int line)
{
	char *save, *who = trim(strtok_r(text, "|", &save)), *whats = trim(strtok_r(NULL, "|", &save)),
		    *places = trim(strtok_r(NULL, "|", &save)), *outcome = trim(strtok_r(NULL, "|", &save)),
		    *home = strchr(who, '@');
	size_t n = 0;
	assert_non_null(home);
	*home++ = 0;
	for (char *s1, *role = strtok_r(who, ",", &s1); role; role = strtok_r(NULL, ",", &s1)) {
		char grant[60], account[60], whats2[1000];
		snprintf(grant, sizeof grant, "%s@%s", role, home);
		snprintf(account, sizeof account, "%s.%s", role, home);
		const struct principal *p = rig_principal(account, grant, NULL);
		snprintf(whats2, sizeof whats2, "%s", whats);
		for (char *s2, *what = strtok_r(whats2, " ", &s2); what; what = strtok_r(NULL, " ", &s2)) {
			char places2[100];
			snprintf(places2, sizeof places2, "%s", places);
			for (char *s3, *place = strtok_r(places2, " ", &s3); place; place = strtok_r(NULL, " ", &s3)) {
				struct cell c = { role, home, what, place, outcome, line };
				if (*what == '/')
					try_view(&c, p);
				else
					try_event(&c, p);
				note_cell(&c);
				n++;
			}
		}
	}
	return n;
}

static void test_table(void **state)
{
	char line[2000];
	int number = 0;
	size_t cells = 0;
	(void)state;
	build_world();
	FILE *f = fopen(rig_source("test/domain/access.txt"), "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		number++;
		char *text = trim(line);
		if (*text && *text != '#')
			cells += run_row(text, number);
	}
	fclose(f);
	print_message("%zu cells of the access table\n", cells);
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
