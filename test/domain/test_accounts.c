/* Accounts, sessions, granted roles; the incident an event belongs to; many
 * submitters at once. The clock is the rig's. */
#include "harness.h"

#include <pthread.h>

#include "domain/incident/incident.h"

#define PASSWORD STR("correct horse battery")

static void add_account(const char *name)
{
	struct err err = { 0 };
	if (account_add(rig.app, str_of(name), PASSWORD, NULL, &err) < 0)
		fail_msg("%s: %s", name, err.kind->code);
}

static void assert_not_added(const char *name, struct str password, const char *code)
{
	struct err err = { 0 };
	assert_int_equal(account_add(rig.app, str_of(name), password, NULL, &err), -1);
	assert_string_equal(err.kind->code, code);
}

static void sign_in(const char *name, char token[TOKEN_TEXT + 1])
{
	struct err err = { 0 };
	int64_t expires = 0;
	if (session_open(rig.app, str_of(name), PASSWORD, token, &expires, &err) < 0)
		fail_msg("%s: %s %s", name, err.kind->code, err.arg[0]);
	assert_true(expires > rig_now);
}

static struct err refuse_sign_in(const char *name, struct str password, const char *code)
{
	char token[TOKEN_TEXT + 1] = "";
	struct err err = { 0 };
	int64_t expires = 0;
	assert_int_equal(session_open(rig.app, str_of(name), password, token, &expires, &err), -1);
	assert_string_equal(err.kind->code, code);
	assert_string_equal(token, "");
	return err;
}

static const struct principal *who(const char *token)
{
	return session_principal(rig.app, str_of(token), rig_now, NULL);
}

static void assert_signed_out(const char *token)
{
	assert_null(who(token));
}

static void assert_signed_in(const char *token)
{
	const struct principal *p = who(token);
	assert_non_null(p);
	principal_release(p);
}

static void test_adding(void **state)
{
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	add_account("wang");
	assert_not_added("wang", PASSWORD, "account_exists");
	assert_not_added("li", STR("123456789"), "password_weak");
	assert_not_added("li", STR("一二三四五六七八九"), "password_weak"); /* nine characters, many bytes */
	assert_not_added("li.li.li.li", STR("li.li.li.li"), "password_weak");
	assert_not_added("Li", PASSWORD, "account_name");
	assert_not_added("", PASSWORD, "account_name");
	assert_not_added("system", PASSWORD, "account_name");
	assert_not_added("a b", PASSWORD, "account_name");
	assert_not_added("123456789012345678901234567890123", PASSWORD, "account_name");
	struct err err = { 0 };
	assert_int_equal(account_disable(rig.app, STR("nobody"), true, &err), -1);
	assert_string_equal(err.kind->code, "account_unknown");
	rig_close();
}

static void test_sessions(void **state)
{
	char first[TOKEN_TEXT + 1], second[TOKEN_TEXT + 1];
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	add_account("wang");
	add_account("li");
	refuse_sign_in("wang", STR("wrong horse battery"), "unauthenticated");
	refuse_sign_in("nobody", PASSWORD, "unauthenticated");
	refuse_sign_in("WANG", PASSWORD, "unauthenticated");
	sign_in("wang", first);
	sign_in("wang", second);
	assert_string_not_equal(first, second);
	assert_signed_in(first);
	assert_signed_out("");
	assert_signed_out("short");
	second[0] = second[0] == 'A' ? 'B' : 'A';
	assert_signed_out(second);
	rig_reopen(); /* sessions outlive a restart */
	assert_signed_in(first);
	session_close(rig.app, str_of(first));
	assert_signed_out(first);
	rig_reopen();
	assert_signed_out(first);
	sign_in("li", first);
	rig_now += 12LL * 3600 * 1000 - 1;
	assert_signed_in(first);
	rig_now += 1;
	assert_signed_out(first);
	rig_close();
}

static void test_lockout(void **state)
{
	char token[TOKEN_TEXT + 1];
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	add_account("wang");
	add_account("li");
	for (int round = 0; round < 2; round++) { /* a success forgets the failures before it */
		for (int i = 0; i < 4; i++)
			refuse_sign_in("wang", STR("wrong horse battery"), "unauthenticated");
		sign_in("wang", token);
	}
	for (int i = 0; i < 4; i++)
		refuse_sign_in("wang", STR("wrong horse battery"), "unauthenticated");
	struct err err = refuse_sign_in("wang", STR("wrong horse battery"), "locked");
	assert_string_equal(err.arg[0], "300");
	rig_now += 100500;
	err = refuse_sign_in("wang", PASSWORD, "locked");
	assert_string_equal(err.arg[0], "200");
	assert_signed_in(token); /* who is in stays in */
	sign_in("li", token);    /* another account is not concerned */
	rig_reopen();
	refuse_sign_in("wang", PASSWORD, "locked");
	rig_now += 199500;
	sign_in("wang", token);
	rig_close();
}

static void test_disabled(void **state)
{
	char old[TOKEN_TEXT + 1], token[TOKEN_TEXT + 1];
	struct err err = { 0 };
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	add_account("wang");
	sign_in("wang", old);
	assert_int_equal(account_disable(rig.app, STR("wang"), true, &err), 0);
	assert_signed_out(old);
	refuse_sign_in("wang", PASSWORD, "unauthenticated");
	assert_int_equal(account_disable(rig.app, STR("wang"), false, &err), 0);
	assert_signed_out(old); /* not brought back to life */
	sign_in("wang", token);
	assert_signed_in(token);
	rig_close();
}

static bool may(const char *token, unsigned role, const char *place)
{
	const struct principal *p = who(token);
	bool yes = p && principal_may(p, role, rig_place(place), rig_now);
	principal_release(p);
	return yes;
}

static void test_granting(void **state)
{
	char token[TOKEN_TEXT + 1];
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	add_account("wang");
	sign_in("wang", token);
	assert_false(may(token, ROLE_OFFICER, "T1"));
	const struct principal *before = who(token);
	accept_event("#g role.granted now - {account:'wang',role:'officer',place:T1}");
	assert_true(may(token, ROLE_OFFICER, "T1"));
	assert_true(may(token, ROLE_OFFICER, "V1"));
	assert_false(may(token, ROLE_OFFICER, "V3"));
	assert_false(may(token, ROLE_OFFICER, "C"));
	assert_false(may(token, ROLE_COMMANDER, "T1"));
	/* What was handed out before is as it was, and alive. */
	assert_false(principal_may(before, ROLE_OFFICER, rig_place("T1"), rig_now));
	principal_release(before);
	expect_refused("grant_unknown", "role.revoked now - {account:'wang',role:'officer',place:V1}");
	expect_refused("grant_unknown", "role.revoked now - {account:'wang',role:'grid',place:T1}");
	expect_refused("unvoidable", "event.voided now - {event:@g,reason:'误'}");
	rig_reopen();
	assert_true(may(token, ROLE_OFFICER, "T1"));
	accept_event("role.revoked now - {account:'wang',role:'officer',place:T1}");
	assert_false(may(token, ROLE_OFFICER, "T1"));
	expect_refused("grant_unknown", "role.revoked now - {account:'wang',role:'officer',place:T1}");
	accept_event("role.granted now - {account:'wang',role:'officer',place:T1,until:'2020-02-10T12:00:00+08:00'}");
	rig_now = rig_time("02-10T11:59:59");
	assert_true(may(token, ROLE_OFFICER, "T1"));
	rig_now = rig_time("02-10T12:00");
	assert_false(may(token, ROLE_OFFICER, "T1"));
	/* What has ended is no longer held. */
	expect_refused("grant_unknown", "role.revoked now - {account:'wang',role:'officer',place:T1}");
	/* Twice the same, and one revocation ends both. */
	accept_event("role.granted now - {account:'wang',role:'grid',place:V1}");
	accept_event("role.granted now - {account:'wang',role:'grid',place:V1,until:'2020-03-10T12:00:00+08:00'}");
	accept_event("role.revoked now - {account:'wang',role:'grid',place:V1}");
	assert_false(may(token, ROLE_GRID, "V1"));
	assert_sound();
	rig_close();
}

static void test_mixing(void **state)
{
	char token[TOKEN_TEXT + 1];
	struct outcome out[3];
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	add_account("boss");
	add_account("wang");
	add_account("zhao");
	accept_event("role.granted now - {account:'boss',role:'admin',place:C}");
	accept_event("role.granted now - {account:'boss',role:'admin',place:T1}");
	expect_refused("grant_mixed", "role.granted now - {account:'boss',role:'officer',place:V1}");
	expect_refused("grant_mixed", "role.granted now - {account:'boss',role:'auditor',place:C}");
	accept_event("role.granted now - {account:'wang',role:'officer',place:V1}");
	accept_event("role.granted now - {account:'wang',role:'grid',place:V1}");
	expect_refused("grant_mixed", "role.granted now - {account:'wang',role:'admin',place:C}");
	expect_refused("grant_mixed", "role.granted now - {account:'wang',role:'auditor',place:C}");
	/* Within one request the first counts already; in the other order it is the other that goes in. */
	const char *both[] = { "role.granted now - {account:'zhao',role:'auditor',place:C}",
			       "role.granted now - {account:'zhao',role:'officer',place:C}" };
	rig_submit(principal_system(), both, 2, true, out);
	assert_string_equal(out[0].code, "atomic_rolled_back");
	assert_string_equal(out[1].code, "grant_mixed");
	sign_in("zhao", token);
	assert_false(may(token, ROLE_AUDITOR, "C"));
	rig_submit(principal_system(), both, 2, false, out);
	assert_int_equal(out[0].status, RESULT_RECORDED);
	assert_string_equal(out[1].code, "grant_mixed");
	assert_true(may(token, ROLE_AUDITOR, "C"));
	/* Revoked and granted in one request. */
	const char *change[] = { "role.revoked now - {account:'zhao',role:'auditor',place:C}",
				 "role.granted now - {account:'zhao',role:'officer',place:C}" };
	rig_submit(principal_system(), change, 2, true, out);
	assert_int_equal(out[1].status, RESULT_RECORDED);
	assert_false(may(token, ROLE_AUDITOR, "C"));
	assert_true(may(token, ROLE_OFFICER, "C"));
	/* What has ended mixes with nothing. */
	accept_event("role.revoked now - {account:'zhao',role:'officer',place:C}");
	accept_event("role.granted now - {account:'zhao',role:'grid',place:V1,until:'2020-02-10T12:00:00+08:00'}");
	expect_refused("grant_mixed", "role.granted now - {account:'zhao',role:'admin',place:C}");
	rig_now = rig_time("02-10T12:00");
	accept_event("role.granted now - {account:'zhao',role:'admin',place:C}");
	rig_close();
}

/* ---- the incident of an event ------------------------------------------------------------------------- */

static const char *resolve(const char *at, const char *incident, int64_t *ret_no)
{
	struct err err = { 0 };
	struct event ev = { .at = rig_time(at) };
	if (incident)
		ev.incident = rig_id(incident);
	assert_int_equal(reader_begin(rig.reader, &err), 0);
	int rc = incident_resolve(reader_work(rig.reader, principal_system(), LANG_EN), &ev, &err);
	reader_end(rig.reader);
	*ret_no = ev.incident_no;
	return rc == 0 ? "ok" : err.kind->code;
}

static int64_t latest_incident(void)
{
	struct err err = { 0 };
	int64_t no = -1;
	assert_int_equal(reader_begin(rig.reader, &err), 0);
	assert_int_equal(incident_default(reader_work(rig.reader, principal_system(), LANG_EN), &no, &err), 0);
	reader_end(rig.reader);
	return no;
}

static void test_incidents(void **state)
{
	int64_t no;
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	assert_string_equal(resolve("02-03T08:00", NULL, &no), "incident_none");
	assert_string_equal(resolve("02-03T08:00", "i1", &no), "unknown_reference");
	assert_int_equal(latest_incident(), 0);
	accept_event("incident.opened 02-02T08:00 - {id:@i1,kind:'epidemic',name:'疫情'}"); /* seq 73 */
	assert_int_equal(latest_incident(), 73);
	assert_string_equal(resolve("02-02T07:59:59", NULL, &no), "incident_none");
	assert_string_equal(resolve("02-02T07:59:59", "i1", &no), "before_incident");
	assert_string_equal(resolve("02-02T08:00", NULL, &no), "ok");
	assert_int_equal(no, 73);
	accept_event("incident.opened 02-04T08:00 - {id:@i2,kind:'drill',name:'演练'}"); /* seq 74 */
	assert_int_equal(latest_incident(), 73);                      /* the latest that is no drill */
	assert_string_equal(resolve("02-03T08:00", NULL, &no), "ok"); /* only one was open then */
	assert_int_equal(no, 73);
	assert_string_equal(resolve("02-04T08:00", NULL, &no), "incident_needed");
	assert_string_equal(resolve("02-04T08:00", "i2", &no), "ok");
	assert_int_equal(no, 74);
	assert_string_equal(resolve("02-03T08:00", "i2", &no), "before_incident");
	accept_event("incident.closed 02-06T08:00 - {incident:@i1}");
	assert_string_equal(resolve("02-05T08:00", NULL, &no), "incident_needed"); /* late: both were open */
	assert_string_equal(resolve("02-05T08:00", "i1", &no), "ok");
	assert_string_equal(resolve("02-06T08:00", "i1", &no), "already_closed");
	assert_string_equal(resolve("02-06T08:00", NULL, &no), "ok");
	assert_int_equal(no, 74);
	accept_event("incident.opened 02-01T08:00 - {id:@i3,kind:'flood',name:'洪水'}"); /* recorded late */
	assert_int_equal(latest_incident(), 73);
	rig_close();
}

/* ---- many at once ----------------------------------------------------------------------------------------- */

#define THREADS    6
#define HOUSEHOLDS 40

struct racer {
	int number;
	bool same_event;
	int recorded, duplicates, taken, other;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	for (int i = 0; i < HOUSEHOLDS; i++) {
		char line[300];
		int h = r->number % 2 ? i : HOUSEHOLDS - 1 - i;
		if (r->same_event)
			snprintf(line, sizeof line,
				 "#s%d household.registered 02-05T08:00 V1 "
				 "{id:@s%d,address:'%d号',head:{name:'同一户'},members:3}",
				 h, h, h);
		else
			snprintf(line, sizeof line,
				 "#r%d_%d household.registered 02-05T08:00 V1 "
				 "{id:@r%d,address:'%d号',head:{name:'争%d'},members:3}",
				 r->number, h, h, h, r->number);
		struct outcome o = rig_record(principal_system(), line);
		r->recorded += o.status == RESULT_RECORDED;
		r->duplicates += o.status == RESULT_DUPLICATE;
		r->taken += o.status == RESULT_REFUSED && strcmp(o.code, "id_taken") == 0;
		r->other += o.status == RESULT_REFUSED && strcmp(o.code, "id_taken") != 0;
	}
	return NULL;
}

static void run_race(bool same_event)
{
	pthread_t threads[THREADS];
	struct racer racers[THREADS];
	int recorded = 0, duplicates = 0, taken = 0, other = 0;
	for (int i = 0; i < THREADS; i++) {
		racers[i] = (struct racer){ .number = i, .same_event = same_event };
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		recorded += racers[i].recorded;
		duplicates += racers[i].duplicates;
		taken += racers[i].taken;
		other += racers[i].other;
	}
	assert_int_equal(recorded, HOUSEHOLDS);
	assert_int_equal(other, 0);
	assert_int_equal(same_event ? duplicates : taken, HOUSEHOLDS * (THREADS - 1));
}

/* Each submitter seals on its own thread under a key of its own; one key wins and opens what was recorded. */
static void test_race(void **state)
{
	struct err err = { 0 };
	char path[100], code[64];
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	assert_int_equal(app_start(rig.app, &err), 0);
	run_race(false);
	run_race(true);
	assert_int_equal(rig_figure("households", "V1", "02-05"), 2 * HOUSEHOLDS);
	assert_int_equal(rig_count("subject_key"), 2 * HOUSEHOLDS);
	assert_sound();
	rig_reopen();
	for (int i = 0; i < HOUSEHOLDS; i++) {
		snprintf(path, sizeof path, "/api/v1/grid/households/@r%d", i);
		assert_non_null(strstr(rig_view(principal_system(), path, code), "争"));
		snprintf(path, sizeof path, "/api/v1/grid/households/@s%d", i);
		assert_non_null(strstr(rig_view(principal_system(), path, code), "同一户"));
	}
	rig_close();
}

/* A dry run checks all and leaves nothing; an atomic stream with a refusal leaves nothing either. */
struct stream {
	int n, bad;
	int at;
	int refused;
};

static int next_household(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct stream *s = ctx;
	size_t n = 0;
	for (; n < max && s->at < s->n; n++, s->at++) {
		char line[300];
		struct buf b = { 0 };
		struct json_reader r;
		snprintf(line, sizeof line,
			 "household.registered 02-05T08:00 %s {id:@b%d,address:'%d号',head:{name:'王'},members:3}",
			 s->at == s->bad ? "T1" : "V1", s->at, s->at);
		rig_event(line, &b);
		struct str text = arena_str(arena, buf_view(&b));
		buf_finish(&b);
		json_read_init(&r, text, arena);
		if (event_decode(&r, registry_form, &events[n], err) < 0)
			return -1;
	}
	return (int)n;
}

static int count_refused(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	struct stream *s = ctx;
	(void)ev;
	assert_int_equal(index, s->bad);
	assert_string_equal(why->kind->code, "place_level");
	s->refused++;
	return 0;
}

static void run_stream(struct stream *s, bool atomic, bool dry_run, int64_t after)
{
	struct bulk b = { .who = principal_system(),
			  .atomic = atomic,
			  .dry_run = dry_run,
			  .next = next_household,
			  .refused = count_refused,
			  .ctx = s };
	struct err err = { 0 };
	int64_t keys = rig_count("subject_key"), things = rig_count("thing");
	s->at = s->refused = 0;
	assert_int_equal(app_bulk(rig.app, &b, &err), 0);
	assert_int_equal(s->refused, s->bad < s->n);
	assert_int_equal(b.failed, s->refused);
	assert_int_equal(rig_figure("households", "C", "02-10"), after);
	if (!after) {
		assert_int_equal(rig_count("subject_key"), keys);
		assert_int_equal(rig_count("thing"), things);
	}
}

static void test_bulk(void **state)
{
	struct stream good = { 1200, 9999, 0, 0 }, bad = { 1200, 1100, 0, 0 };
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	run_stream(&bad, true, false, 0);
	run_stream(&bad, false, true, 0);
	run_stream(&good, true, true, 0);
	assert_sound();
	run_stream(&good, true, false, 1200);
	assert_sound();
	rig_close();
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	run_stream(&bad, false, false, 1199);
	assert_sound();
	rig_close();
}

/* Histories longer than any page: a household looked at and changed hundreds of times, a person with as many changes
 * and in as many groups, one request of a thousand events that build on each other. */
static void test_long(void **state)
{
	enum { N = 700 };
	static char text[1000][240];
	static const char *lines[1000];
	static struct outcome out[1000];
	char code[64];
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	accept_event("household.registered 02-01T08:00 V1 {id:@h,address:'一号',head:{name:'王'},members:1}");
	accept_event("person.enrolled 02-01T08:00 V1 {id:@p,name:'李',category:'resident',party_member:true}");
	for (int i = 0; i < 1000; i++)
		lines[i] = text[i];
	for (int i = 0; i < N; i++)
		snprintf(text[i], sizeof text[i],
			 "household.changed 02-02T%02d:%02d:%02d - {household:@h,members:%d,from:'2020-02-02'}",
			 i / 3600, i / 60 % 60, i % 60, i % 90 + 2);
	rig_submit(principal_system(), lines, N, true, out);
	assert_int_equal(out[N - 1].status, RESULT_RECORDED);
	snprintf(text[0], sizeof text[0], "\"members\":%d", (N - 1) % 90 + 2);
	assert_non_null(strstr(rig_view(principal_system(), "/api/v1/grid/households/@h", code), text[0]));
	for (int i = 0; i < 300; i++)
		snprintf(text[i], sizeof text[i], "person.changed 02-02T%02d:%02d:00 - {person:@p,category:'%s'}",
			 i / 60, i % 60, i % 2 ? "medic" : "police");
	rig_submit(principal_system(), lines, 300, true, out);
	accept_event("person.changed 02-03T08:00 - {person:@p,category:'volunteer'}");
	assert_int_equal(rig_figure("people.volunteer", "V1", "02-03"), 1);
	assert_int_equal(rig_figure("people.medic", "V1", "02-02"), 1);
	/* 250 groups with the same person in every role, each formed and staffed in one request. */
	for (int i = 0; i < 250; i++) {
		snprintf(text[4 * i], sizeof text[0], "group.formed 02-04T08:00 V1 {id:@g%d,model:'urban',name:'%d组'}",
			 i, i);
		for (int r = 0; r < 3; r++)
			snprintf(text[4 * i + 1 + r], sizeof text[0],
				 "group.staffed 02-04T08:00 - {group:@g%d,person:@p,role:'%s'}", i,
				 r == 0   ? "grid_leader"
				 : r == 1 ? "building_leader"
					  : "household_head");
	}
	rig_submit(principal_system(), lines, 1000, true, out);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(out[i].status, RESULT_RECORDED);
	assert_int_equal(rig_figure("groups_complete", "C", "02-04"), 250);
	accept_event("#left person.left 02-05T08:00 - {person:@p}");
	assert_int_equal(rig_figure("groups_complete", "C", "02-05"), 0);
	accept_event("event.voided now - {event:@left,reason:'误'}");
	assert_int_equal(rig_figure("groups_complete", "C", "02-05"), 250);
	assert_sound();
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adding),    cmocka_unit_test(test_sessions), cmocka_unit_test(test_lockout),
		cmocka_unit_test(test_disabled),  cmocka_unit_test(test_granting), cmocka_unit_test(test_mixing),
		cmocka_unit_test(test_incidents), cmocka_unit_test(test_race),     cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_long),
	};
	return rig_run("domain/accounts", tests, ARRAY_LEN(tests));
}
