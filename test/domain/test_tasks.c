/* Tasks gathered over the rules of the trial module (trial.h): whose they are, in
 * which order, how many, and what each says of the event that settles it. */
#include "trial.h"

#include "harness.h"

static void open_trial(void)
{
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	accept_event("incident.opened 02-01T08:00 - {id:@inc,kind:'epidemic',name:'疫情'}");
	accept_event("household.registered 02-03T08:00 V1 {id:@h1,address:'一号',head:{name:'王'},members:3}");
	accept_event("household.registered 02-03T08:00 V1 {id:@h2,address:'二号',head:{name:'李'},members:3}");
}

static const char *seen(const struct principal *who, const char *path)
{
	char code[64];
	const char *body = rig_view(who, path, code);
	if (!body)
		fail_msg("%s: %s", path, code);
	return body;
}

static const char *tasks_of(const struct principal *who)
{
	return seen(who, "/api/v1/tasks");
}

static size_t times(const char *text, const char *part)
{
	size_t n = 0;
	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		n++;
	return n;
}

#define assert_holds(body, part)                                                 \
	do {                                                                     \
		const char *body_ = body;                                        \
		if (!strstr(body_, part))                                        \
			fail_msg("line %d: no %s in %s", __LINE__, part, body_); \
	} while (0)

/* The names of things stand in the answer in this order, each once. */
static void check_order(const char *body, const char *const *names, size_t n)
{
	const char *at = body;
	for (size_t i = 0; i < n; i++) {
		struct uuid id = rig_id(names[i]);
		char part[60] = "\"about\":\"";
		size_t len = strlen(part);
		uuid_format(&id, part + len);
		part[len + UUID_TEXT] = 0;
		const char *found = strstr(body, part);
		if (!found || found < at || times(body, part) != 1)
			fail_msg("%s does not stand there, once: %s", names[i], body);
		at = found;
	}
}

static void make(const char *name, const char *place, const char *due, const char *rest)
{
	char line[300];
	snprintf(line, sizeof line, "#e_%s trial.made 02-05T08:00 %s {id:@%s,name:'%s',due:'2020-%s:00+08:00'%s}", name,
		 place, name, name, due, rest);
	accept_event(line);
}

/* Now is 02-10T10:00. */
static void test_order(void **state)
{
	static const char *const ORDER[] = { "late2", "late1", "due_v1", "due_v2", "due2", "soon" };
	(void)state;
	open_trial();
	make("soon", "V1", "02-12T08:00", "");
	make("due2", "V1", "02-10T13:00", "");
	make("due_v2", "V2", "02-10T12:00", "");
	make("due_v1", "V1", "02-10T12:00", "");
	make("late1", "V2", "02-10T09:59", "");
	make("late2", "V1", "02-08T10:00", "");
	const struct principal *grid = rig_principal("grid", "grid@T1", NULL);
	const char *body = tasks_of(rig_principal("village", "grid@V2", NULL));
	assert_int_equal(times(body, "\"rule\":\"trial.do\""), 3); /* two and their count */
	body = tasks_of(rig_principal("elsewhere", "grid@T2", NULL));
	assert_holds(body, "\"items\":[]");
	assert_holds(body, "\"counts\":[]");
	/* An officer is told to chase what is late, a grid worker to call there. */
	body = tasks_of(rig_principal("officer", "officer@T1", NULL));
	assert_int_equal(times(body, "\"rule\":\"trial.chase\""), 3);
	assert_int_equal(times(body, "\"rule\":\"trial.visit\""), 0);
	body = tasks_of(rig_principal("commander", "commander@T1", NULL));
	assert_holds(body, "\"items\":[]");
	body = tasks_of(grid);
	assert_holds(body, "\"counts\":[{\"label\":\"Do a thing\",\"n\":6,\"rule\":\"trial.do\"},"
			   "{\"label\":\"Call there\",\"n\":2,\"rule\":\"trial.visit\"}]");
	assert_holds(body, "\"late_by\":2880");
	assert_holds(body, "\"late_by\":1,");
	assert_int_equal(times(body, "\"late_by\""), 4);
	/* Settled: gone. */
	accept_event("event.voided 02-10T09:00 - {event:@e_late1,reason:'误'}");
	accept_event("event.voided 02-10T09:00 - {event:@e_late2,reason:'误'}");
	body = tasks_of(grid);
	check_order(body, ORDER + 2, 4);
	/* Time passes. */
	rig_now = rig_time("02-10T12:30");
	assert_holds(tasks_of(grid), "\"n\":2,\"rule\":\"trial.visit\"");
	rig_close();
}

static void test_order_of_one_rule(void **state)
{
	static const char *const ORDER[] = { "alarm", "a", "b", "c", "d" };
	(void)state;
	open_trial();
	make("alarm", "V2", "02-12T11:00", ",note:'密'");
	make("d", "V1", "02-10T12:00", "");
	make("b", "V2", "02-10T11:00", "");
	make("a", "V1", "02-10T11:00", "");
	make("c", "V3", "02-10T11:30", "");
	check_order(tasks_of(rig_principal("grid", "grid@C", NULL)), ORDER, 5);
	rig_close();
}

/* What is known of the settling event goes along; where it is to happen, unless it changes a thing. */
static void test_settling(void **state)
{
	(void)state;
	open_trial();
	make("late", "V1", "02-10T09:00", "");
	const char *body = tasks_of(rig_principal("grid", "grid@V1", NULL));
	assert_holds(body, "\"event\":{\"data\":{\"name\":\"王\"},\"place\":\"610927100200\",\"type\":\"trial.made\"}");
	assert_holds(body, "\"event\":{\"data\":{\"name\":\"王\"},\"type\":\"household.changed\"}");
	assert_holds(body, "\"settles\":\"household.changed\"");
	assert_holds(body, "\"urgency\":\"late\"");
	assert_holds(body, "\"about_kind\":\"trial\"");
	assert_holds(body, "\"title\":\"Do a thing\"");
	rig_close();
}

static void test_same_household(void **state)
{
	(void)state;
	open_trial();
	make("a", "V1", "02-10T11:00", ",household:@h1");
	make("b", "V1", "02-12T11:00", ",household:@h1");
	make("c", "V1", "02-13T11:00", ",household:@h1");
	make("d", "V1", "02-10T12:00", ",household:@h2");
	make("e", "V1", "02-10T13:00", "");
	make("f", "V1", "02-10T14:00", "");
	const char *body = tasks_of(rig_principal("grid", "grid@V1", NULL));
	assert_int_equal(times(body, "\"same_household\":2"), 3);
	assert_int_equal(times(body, "\"same_household\""), 3);
	/* Two rules at one household are two things to do there. */
	rig_now = rig_time("02-10T12:30");
	body = tasks_of(rig_principal("grid", "grid@V1", NULL));
	assert_int_equal(times(body, "\"same_household\":3"), 4);
	assert_int_equal(times(body, "\"same_household\":1"), 2);
	rig_close();
}

/* Two grants of one account meet the same thing: it is to be done once. */
static void test_doubles(void **state)
{
	(void)state;
	open_trial();
	make("a", "V1", "02-10T11:00", "");
	make("b", "V2", "02-10T11:00", "");
	const char *body = tasks_of(rig_principal("both", "grid@T1,grid@V1,officer@V1", NULL));
	assert_holds(body, "\"n\":2,\"rule\":\"trial.do\"");
	/* A grant that has ended finds nothing. */
	struct grant g = { ROLE_GRID, rig_place("V1"), rig_now };
	struct principal p = { .account = STR("wang"), .grants = &g, .n_grants = 1 };
	char code[64];
	assert_null(rig_view(&p, "/api/v1/tasks", code));
	assert_string_equal(code, "forbidden");
	rig_close();
}

static void test_most(void **state)
{
	char name[20], code[64];
	const struct principal *grid = rig_principal("grid", "grid@C", NULL);
	(void)state;
	open_trial();
	for (int i = 0; i < 130; i++) {
		snprintf(name, sizeof name, "n%d", i);
		make(name, "V1", i < 60 ? "02-10T09:00" : "02-10T11:00", "");
	}
	/* So many of a rule, and the counts say that there may be more; so many in all, the most urgent. */
	const char *body = tasks_of(grid);
	assert_int_equal(times(body, "\"about\":"), 100);
	assert_holds(body, "\"more\":true,\"n\":100,\"rule\":\"trial.do\"");
	assert_holds(body, "\"n\":60,\"rule\":\"trial.visit\"");
	assert_int_equal(times(body, "\"urgency\":\"late\""), 100);
	assert_int_equal(times(seen(grid, "/api/v1/tasks?limit=500"), "\"about\":"), 160);
	body = seen(grid, "/api/v1/tasks?limit=7");
	assert_int_equal(times(body, "\"about\":"), 7);
	assert_holds(body, "\"n\":100");
	assert_int_equal(times(seen(grid, "/api/v1/tasks?limit=50"), "\"about\":"), 50);
	assert_null(rig_view(grid, "/api/v1/tasks?limit=501", code));
	assert_string_equal(code, "field_range");
	assert_null(rig_view(grid, "/api/v1/tasks?after=x", code));
	assert_string_equal(code, "field_unknown");
	rig_close();
}

static void test_rules(void **state)
{
	(void)state;
	open_trial();
	const char *body = seen(rig_principal("admin", "admin@C", NULL), "/api/v1/tasks/rules");
	assert_holds(body, "{\"label\":\"Do a thing\",\"module\":\"trial\",\"roles\":[\"officer\",\"grid\"],"
			   "\"rule\":\"trial.do\",\"settles\":\"trial.made\"}");
	assert_int_equal(times(body, "\"rule\":\"trial."), 3);
	struct buf catalogue = { 0 };
	describe_catalogue(&catalogue);
	buf_char(&catalogue, 0);
	assert_holds(catalogue.ptr, "\"tasks\":[{\"rule\":\"trial.do\",\"module\":\"trial\",\"zh\":\"做一件事\"");
	buf_finish(&catalogue);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),    cmocka_unit_test(test_order_of_one_rule),
		cmocka_unit_test(test_settling), cmocka_unit_test(test_same_household),
		cmocka_unit_test(test_doubles),  cmocka_unit_test(test_most),
		cmocka_unit_test(test_rules),
	};
	return rig_run("domain/tasks", tests, ARRAY_LEN(tests));
}
