/* The seams of domain.h by a module made for it (trial.h): what the server fills
 * in, records beside, warns of, tells, finds by number, counts from a moment on,
 * and shows live. */
#include "trial.h"

#include "app/internal.h"
#include "harness.h"
#include "store/impl.h"

#define OFFICER rig_principal("officer", "officer@C", NULL)

static void open_trial(void)
{
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	accept_event("#inc incident.opened 02-01T08:00 - {id:@inc,kind:'epidemic',name:'疫情'}");
}

static void close_trial(void)
{
	assert_sound();
	rig_close();
}

static const char *seen(const struct principal *who, const char *path)
{
	char code[64];
	const char *body = rig_view(who, path, code);
	if (!body)
		fail_msg("%s: %s", path, code);
	return body;
}

static size_t times(const char *text, const char *part)
{
	size_t n = 0;
	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		n++;
	return n;
}

static int64_t count_rows(const struct sql *q)
{
	struct err err = { 0 };
	int64_t n = -1;
	assert_int_equal(reader_begin(rig.reader, &err), 0);
	assert_int_equal(db_get_i64(reader_work(rig.reader, principal_system(), LANG_EN)->db, q, &n, &err, ""), 1);
	reader_end(rig.reader);
	return n;
}

#define count_of(text_)                                                 \
	({                                                              \
		static const struct sql sql_ = { "test.count", text_ }; \
		count_rows(&sql_);                                      \
	})

static struct outcome record(const char *line)
{
	return rig_record(OFFICER, line);
}

#define assert_recorded(o) assert_int_equal((o).status, RESULT_RECORDED)
#define assert_refused(o, c)                                 \
	do {                                                 \
		struct outcome o_ = (o);                     \
		assert_int_equal(o_.status, RESULT_REFUSED); \
		assert_string_equal(o_.code, c);             \
	} while (0)

/* ---- what the server fills in -------------------------------------------------------- */

static void test_fill(void **state)
{
	static const char LEFT_OUT[] = "#f1 trial.made 02-10T09:00 V1 {name:'一',note:'不能说的事'}";
	(void)state;
	open_trial();
	assert_recorded(record(LEFT_OUT));
	/* Sent again without what was filled in, it is the same; as filled in, too: that is how it stands. */
	assert_int_equal(record(LEFT_OUT).status, RESULT_DUPLICATE);
	struct uuid event = rig_id("f1"), made = uuid_derive(&event, STR("trial"));
	char id[UUID_TEXT + 1] = "", line[300];
	uuid_format(&made, id);
	snprintf(line, sizeof line, "#f1 trial.made 02-10T09:00 V1 {id:'%s',name:'一',note:'不能说的事',noted:true}",
		 id);
	assert_int_equal(record(line).status, RESULT_DUPLICATE);
	assert_refused(record("#f1 trial.made 02-10T09:00 V1 {name:'一',note:'另一件事'}"), "id_reused");
	/* The thing stands under the id made; projections see the flag, not the note. */
	snprintf(line, sizeof line, "/api/v1/events?about=%s", id);
	assert_non_null(strstr(seen(OFFICER, line), "\"noted\":true"));
	assert_null(strstr(seen(OFFICER, line), "不能说"));
	assert_int_equal(count_of("SELECT COUNT(*) FROM trial WHERE noted = 1"), 1);
	assert_recorded(record("trial.made 02-10T09:00 V1 {name:'二'}"));
	assert_int_equal(count_of("SELECT COUNT(*) FROM trial WHERE noted = 0"), 1);
	close_trial();
}

/* ---- what is recorded beside --------------------------------------------------------- */

static void test_follow(void **state)
{
	int64_t before;
	(void)state;
	open_trial();
	before = rig_size();
	struct outcome o = record("#f1 trial.made 02-10T09:00 V1 {id:@t1,name:'一',followers:2}");
	assert_recorded(o);
	assert_int_equal(o.seq, before + 1);
	assert_int_equal(rig_size(), before + 3);
	assert_int_equal(count_of("SELECT followed FROM trial"), 2);
	/* At the same place and moment, by the same account, after it. */
	const char *body = seen(OFFICER, "/api/v1/events?type=trial.followed");
	assert_int_equal(times(body, "\"type\":\"trial.followed\""), 2);
	assert_int_equal(times(body, "\"actor\":\"officer\""), 2);
	assert_int_equal(times(body, "\"at\":\"2020-02-10T01:00:00.000Z\""), 2);
	assert_int_equal(times(body, "\"place\":\"610927100200\""), 2);
	assert_true(strstr(body, "\"n\":1") < strstr(body, "\"n\":2"));
	/* Sent again: nothing is recorded again. */
	assert_int_equal(record("#f1 trial.made 02-10T09:00 V1 {id:@t1,name:'一',followers:2}").status,
			 RESULT_DUPLICATE);
	assert_int_equal(rig_size(), before + 3);
	/* Nobody sends such a one. */
	assert_refused(record("trial.followed 02-10T09:00 V1 {of:@t1,n:3}"), "server_only");
	/* Withdrawn like any other; that it follows does not nail down what it follows. */
	struct uuid t1 = rig_id("t1"), second = uuid_derive(&t1, STR("follower 2"));
	char id[UUID_TEXT + 1] = "", line[200];
	uuid_format(&second, id);
	snprintf(line, sizeof line, "event.voided 02-10T09:30 - {event:'%s',reason:'误'}", id);
	assert_recorded(record(line));
	assert_int_equal(count_of("SELECT followed FROM trial"), 1);
	close_trial();
}

static void test_follow_refused(void **state)
{
	struct outcome out[3];
	(void)state;
	open_trial();
	int64_t before = rig_size(), keys = rig_count("subject_key"), messages = rig_messages("trial.made");
	/* With the thirteenth the whole is refused, the twelve before it too. */
	assert_refused(record("trial.made 02-10T09:00 V1 {id:@t1,name:'一',note:'密',followers:13,bad:13}"), "bad");
	assert_refused(record("trial.made 02-10T09:00 V1 {id:@t1,name:'一',followers:65}"), "too_large");
	assert_int_equal(rig_size(), before);
	assert_int_equal(rig_count("subject_key"), keys);
	assert_int_equal(rig_messages("trial.made"), messages);
	/* A refusal among others: the others stand; atomic: none does. */
	const char *const lines[] = { "trial.made 02-10T09:00 V1 {id:@t2,name:'二',followers:3}",
				      "trial.made 02-10T09:00 V1 {id:@t3,name:'三',followers:20,bad:13}",
				      "trial.made 02-10T09:00 V1 {id:@t4,name:'四',followers:1}" };
	rig_submit(OFFICER, lines, 3, true, out);
	assert_refused(out[0], "atomic_rolled_back");
	assert_refused(out[1], "bad");
	assert_int_equal(rig_size(), before);
	assert_int_equal(rig_messages("trial.made"), messages);
	rig_submit(OFFICER, lines, 3, false, out);
	assert_recorded(out[0]);
	assert_refused(out[1], "bad");
	assert_recorded(out[2]);
	assert_int_equal(out[2].seq, before + 5);
	assert_int_equal(rig_size(), before + 6);
	/* An id that the follower would take is taken. */
	struct uuid t5 = rig_id("t5"), next = uuid_derive(&t5, STR("follower 1"));
	char id[UUID_TEXT + 1] = "", whole[300];
	uuid_format(&next, id);
	snprintf(whole, sizeof whole,
		 "{\"id\":\"%s\",\"type\":\"trial.made\",\"at\":\"2020-02-10T01:00:00Z\","
		 "\"place\":\"610927100200\",\"data\":{\"name\":\"先\"}}",
		 id);
	struct submission *s = submission_create(0);
	struct err err = { 0 };
	assert_int_equal(submission_decode(s, str_of(whole), 0, &err), 0);
	s->who = OFFICER;
	assert_int_equal(app_submit_wait(rig.app, s, &err), 0);
	assert_int_equal(s->results[0].status, RESULT_RECORDED);
	submission_destroy(s);
	assert_refused(record("trial.made 02-10T09:00 V1 {id:@t5,name:'五',followers:2}"), "id_taken");
	close_trial();
}

static void test_follow_most(void **state)
{
	(void)state;
	open_trial();
	int64_t before = rig_size();
	assert_recorded(record("trial.made 02-10T09:00 V1 {id:@t1,name:'一',followers:64}"));
	assert_int_equal(rig_size(), before + 65);
	assert_int_equal(count_of("SELECT followed FROM trial"), 64);
	close_trial();
}

/* ---- the same already ---------------------------------------------------------------- */

static void test_already(void **state)
{
	struct outcome out[2];
	char line[200];
	(void)state;
	open_trial();
	struct outcome first = record("trial.made 02-10T09:00 V1 {id:@t1,name:'一'}");
	int64_t size = rig_size(), keys = rig_count("subject_key"), messages = rig_messages("trial.made");
	snprintf(line, sizeof line, "#again trial.made 02-10T09:10 V1 {id:@t2,name:'again %lld',note:'密',followers:5}",
		 (long long)first.seq);
	for (int i = 0; i < 2; i++) {
		struct outcome o = record(line);
		assert_int_equal(o.status, RESULT_DUPLICATE);
		assert_int_equal(o.seq, first.seq);
	}
	/* Nothing of it: no record, no follower, no key, no message, no used id. */
	assert_int_equal(rig_size(), size);
	assert_int_equal(rig_count("subject_key"), keys);
	assert_int_equal(rig_messages("trial.made"), messages);
	assert_recorded(record("#again trial.made 02-10T09:10 V1 {id:@t2,name:'二'}"));
	/* Of a record of the same request, even an atomic one. */
	char same[200];
	snprintf(same, sizeof same, "trial.made 02-10T09:20 V1 {id:@t4,name:'again %lld'}", (long long)rig_size() + 1);
	const char *const lines[] = { "trial.made 02-10T09:20 V1 {id:@t3,name:'三'}", same };
	rig_submit(OFFICER, lines, 2, true, out);
	assert_recorded(out[0]);
	assert_int_equal(out[1].status, RESULT_DUPLICATE);
	assert_int_equal(out[1].seq, out[0].seq);
	close_trial();
}

/* ---- warnings ------------------------------------------------------------------------ */

static void test_warnings(void **state)
{
	struct buf out = { 0 };
	struct err err = { 0 };
	(void)state;
	open_trial();
	struct outcome o = record("#w1 trial.made 02-10T09:00 V1 {id:@t1,name:'odd'}");
	assert_recorded(o);
	assert_int_equal(o.n_warnings, 1);
	assert_string_equal(o.warnings[0], "odd");
	/* A duplicate is warned of no more; a refusal tells why alone. */
	o = record("#w1 trial.made 02-10T09:00 V1 {id:@t1,name:'odd'}");
	assert_int_equal(o.status, RESULT_DUPLICATE);
	assert_int_equal(o.n_warnings, 0);
	o = record("trial.made 02-10T09:00 V1 {id:@t2,name:'odd',followers:13,bad:13}");
	assert_refused(o, "bad");
	assert_int_equal(o.n_warnings, 0);
	/* No more than a result holds; the clock's comes first. */
	rig_skew = 3600000;
	o = record("trial.made 02-10T10:00 V1 {id:@t3,name:'very odd'}");
	rig_skew = 0;
	assert_int_equal(o.n_warnings, WARNINGS_MAX);
	assert_string_equal(o.warnings[0], "clock_skew");
	assert_string_equal(o.warnings[3], "odd");
	/* As answered. */
	struct submission *s = submission_create(0);
	struct buf body = { 0 };
	rig_event("trial.made 02-10T09:00 V1 {id:@t4,name:'odd'}", &body);
	assert_int_equal(submission_decode(s, buf_view(&body), 0, &err), 0);
	s->who = OFFICER;
	assert_int_equal(app_submit_wait(rig.app, s, &err), 0);
	submission_write(s, LANG_ZH, &out);
	buf_char(&out, 0);
	assert_non_null(strstr(out.ptr, "\"status\":\"recorded\",\"warnings\":[{\"code\":\"odd\",\"field\":\"name\","
					"\"message\":\"名称奇怪：odd\"}]"));
	submission_destroy(s);
	buf_finish(&body);
	buf_finish(&out);
	close_trial();
}

/* ---- messages ------------------------------------------------------------------------ */

static void test_messages(void **state)
{
	(void)state;
	open_trial();
	assert_recorded(
	    record("trial.made 02-10T09:00 V1 {id:@t1,name:'一',note:'不能说的事',due:'2020-02-10T12:00:00+08:00'}"));
	assert_recorded(record("trial.made 02-10T09:00 V1 {id:@t2,name:'二',due:'2020-02-10T13:00:00+08:00'}"));
	assert_int_equal(rig_messages("trial.made"), 2);
	assert_int_equal(count_of("SELECT COUNT(*) FROM message WHERE body LIKE '%不能说%'"), 0);
	/* What time brings is told once, however often it is looked for. */
	rig_lapse(rig_time("02-10T10:00"), rig_time("02-10T11:59:59"));
	assert_int_equal(rig_messages("trial.late"), 0);
	rig_lapse(rig_time("02-10T11:59:59"), rig_time("02-10T12:00"));
	assert_int_equal(rig_messages("trial.late"), 1);
	rig_lapse(rig_time("02-10T10:00"), rig_time("02-10T14:00"));
	rig_lapse(rig_time("02-10T10:00"), rig_time("02-10T14:00"));
	assert_int_equal(rig_messages("trial.late"), 2);
	/* Rebuilt or withdrawn: messages are neither sent again nor unsent. */
	assert_sound();
	struct uuid t1 = rig_id("t1");
	(void)t1;
	assert_int_equal(rig_messages("trial.made"), 2);
	rig_reopen();
	assert_int_equal(rig_messages("trial.made"), 2);
	assert_int_equal(rig_messages("trial.late"), 2);
	close_trial();
}

/* ---- found by number ----------------------------------------------------------------- */

static int found_in(struct app *a, struct reader *r, enum field_kind kind, const char *value, struct uuid *ids,
		    size_t most)
{
	struct err err = { 0 };
	uint8_t hash[16];
	assert_int_equal(reader_begin(r, &err), 0);
	struct work *w = reader_work(r, principal_system(), LANG_EN);
	keyring_blind(app_keys(a), kind == FIELD_IDNO ? "idno" : "phone", lookup_normal(w->arena, kind, str_of(value)),
		      hash);
	int n = blind_find(w->db, hash, ids, most, &err);
	reader_end(r);
	assert_true(n >= 0);
	return n;
}

static bool finds(enum field_kind kind, const char *value, const char *name)
{
	struct uuid ids[8], id = rig_id(name);
	int n = found_in(rig.app, rig.reader, kind, value, ids, 8);
	for (int i = 0; i < n; i++) {
		if (uuid_eq(&ids[i], &id))
			return true;
	}
	return false;
}

static void test_blind(void **state)
{
	struct uuid ids[8];
	(void)state;
	open_trial();
	assert_recorded(record("trial.made 02-10T09:00 V1 "
			       "{id:@a,name:'一',phone:'138-1234 5678',id_number:'11010519491231002x'}"));
	assert_recorded(record("trial.made 02-10T09:00 V2 {id:@b,name:'二',phone:'13812345678'}"));
	assert_recorded(record("trial.made 02-10T09:00 V2 {id:@c,name:'三',phone:'13812345679'}"));
	for (int again = 0; again < 3; again++) {
		assert_true(finds(FIELD_IDNO, "11010519491231002X", "a"));
		assert_true(finds(FIELD_IDNO, "11010519491231002x", "a"));
		assert_true(finds(FIELD_PHONE, "13812345678", "a"));
		assert_true(finds(FIELD_PHONE, "138 1234-5678", "b"));
		assert_false(finds(FIELD_PHONE, "13812345678", "c"));
		/* One kind of number is not the other's. */
		assert_int_equal(found_in(rig.app, rig.reader, FIELD_IDNO, "13812345678", ids, 8), 0);
		assert_int_equal(found_in(rig.app, rig.reader, FIELD_PHONE, "13812345670", ids, 8), 0);
		assert_int_equal(found_in(rig.app, rig.reader, FIELD_PHONE, "13812345678", ids, 1), 1);
		if (again == 0)
			assert_sound(); /* rebuilt: it is not derived, and stays */
		else
			rig_reopen();
	}
	/* Nothing of the number stands in the store. */
	assert_int_equal(count_of("SELECT CAST(SUM(length(entries)) AS BIGINT) FROM blind_new"), INT64_C(4) * 32);
	/* Refused and rolled back leave nothing. */
	assert_refused(record("trial.made 02-10T09:00 V1 {id:@d,name:'四',phone:'13912345678',followers:13,bad:13}"),
		       "bad");
	struct outcome out[2];
	const char *const lines[] = { "trial.made 02-10T09:00 V1 {id:@d,name:'四',phone:'13912345678'}",
				      "trial.made 02-10T09:00 V1 {id:@e,name:'五',followers:13,bad:13}" };
	rig_submit(OFFICER, lines, 2, true, out);
	assert_false(finds(FIELD_PHONE, "13912345678", "d"));
	close_trial();
}

static void test_blind_erased(void **state)
{
	struct uuid ids[8];
	struct err err = { 0 };
	char file[120], keys[120];
	(void)state;
	open_trial();
	assert_recorded(record("trial.made 02-10T09:00 V1 "
			       "{id:@a,name:'一',phone:'13812345678',id_number:'11010519491231002X'}"));
	assert_recorded(record("trial.made 02-10T09:00 V2 {id:@b,name:'二',phone:'13812345678'}"));
	snprintf(file, sizeof file, "%s/copy.db", rig.dir);
	snprintf(keys, sizeof keys, "%s/x.db-keys", rig.dir);
	assert_int_equal(store_backup(app_store(rig.app), file, NULL, NULL, &err), 0);
	accept_event("subject.erased 02-10T09:30 V1 {subject:@a,ground:'本人要求'}");
	assert_false(finds(FIELD_PHONE, "13812345678", "a"));
	assert_false(finds(FIELD_IDNO, "11010519491231002X", "a"));
	assert_true(finds(FIELD_PHONE, "13812345678", "b"));
	assert_sound();
	assert_false(finds(FIELD_PHONE, "13812345678", "a"));
	/* The backup made before still knows; a restore applies the erasures since (test/cli). */
	struct app_options o = { .url = file, .keys_file = keys, .read_only = true };
	struct app *copy = NULL;
	struct reader *r = NULL;
	assert_int_equal(app_open(&o, &copy, &err), 0);
	assert_int_equal(reader_create(copy, &r, &err), 0);
	assert_int_equal(found_in(copy, r, FIELD_PHONE, "13812345678", ids, 8), 2);
	assert_int_equal(found_in(copy, r, FIELD_IDNO, "11010519491231002X", ids, 8), 1);
	reader_destroy(r);
	app_close(copy);
	/* Erased, and met again: whoever records the number anew is found anew. */
	assert_recorded(record("trial.made 02-10T09:40 V1 {id:@c,name:'三',phone:'13812345678'}"));
	assert_true(finds(FIELD_PHONE, "13812345678", "c"));
	close_trial();
}

/* ---- from a moment on ---------------------------------------------------------------- */

static void check_due(const char *place, const char *day, int64_t expected)
{
	char path[200], part[60];
	assert_int_equal(rig_figure("trials_due", place, day), expected);
	snprintf(path, sizeof path, "/api/v1/figures?place=%s&as_of=2020-%s", place, day);
	snprintf(part, sizeof part, "\"trials_due\":%lld", (long long)expected);
	assert_non_null(strstr(seen(OFFICER, path), part));
	snprintf(path, sizeof path, "/api/v1/figures/trials_due/series?place=%s&from=2020-02-01&to=2020-%s", place,
		 day);
	snprintf(part, sizeof part, "{\"day\":\"2020-%s\",\"value\":%lld}]", day, (long long)expected);
	const char *body = seen(OFFICER, path);
	if (!strstr(body, part))
		fail_msg("no %s in %s", part, body);
}

/* The figures of incidents are asked by the incident: here the only one. */
static void test_moments(void **state)
{
	(void)state;
	open_trial();
	assert_recorded(record("trial.made 02-09T09:00 V1 {id:@t1,name:'一',due:'2020-02-09T12:00:00+08:00'}"));
	assert_recorded(record("#due trial.made 02-10T09:00 V1 {id:@t2,name:'二',due:'2020-02-10T12:00:00+08:00'}"));
	assert_recorded(record("trial.made 02-10T09:00 V2 {id:@t3,name:'三',due:'2020-02-10T23:59:59+08:00'}"));
	assert_recorded(record("trial.made 02-10T09:00 V3 {id:@t4,name:'四',due:'2020-02-11T00:00:00+08:00'}"));
	check_due("C", "02-08", 0);
	check_due("C", "02-09", 1);
	check_due("C", "02-10", 1);
	rig_now = rig_time("02-10T12:00") - 1;
	check_due("V1", "02-10", 1);
	rig_now++;
	check_due("V1", "02-10", 2);
	check_due("T1", "02-10", 2);
	check_due("C", "02-10", 2);
	check_due("V2", "02-10", 0);
	rig_now = rig_time("02-10T23:59:59");
	check_due("T1", "02-10", 3);
	/* The day after: yesterday's is whole, today's first moment has come. */
	rig_now = rig_time("02-11T00:00");
	check_due("C", "02-10", 3);
	check_due("C", "02-11", 4);
	check_due("C", "02-09", 1);
	rig_now = rig_time("02-12T00:00");
	check_due("C", "02-12", 4);
	assert_sound();
	/* Withdrawn: it never came. */
	accept_event("event.voided 02-12T00:00 - {event:@due,reason:'误'}");
	check_due("C", "02-10", 2);
	check_due("V1", "02-10", 1);
	assert_int_equal(count_of("SELECT COUNT(*) FROM figure_moment WHERE place = 610927100200000"), 1);
	close_trial();
}

/* ---- a store of an older program --------------------------------------------------------------- */

static void test_from_version_1(void **state)
{
	(void)state;
	store_test_migrations(NULL, 1);
	open_trial();
	accept_event("household.registered 02-03T08:00 V1 {id:@h1,address:'一号',head:{name:'王'},members:3}");
	store_test_migrations(NULL, 0);
	rig_reopen();
	/* What was recorded stands, and what version 2 brings works. */
	assert_int_equal(rig_figure("households", "V1", "02-03"), 1);
	assert_int_equal(rig_messages("trial.made"), 0);
	assert_recorded(record("trial.made 02-10T09:00 V1 {id:@t1,name:'一',phone:'13812345678',household:@h1}"));
	assert_true(finds(FIELD_PHONE, "13812345678", "t1"));
	assert_int_equal(rig_messages("trial.made"), 1);
	close_trial();
}

/* ---- an incident with records -------------------------------------------------- */

static void test_incident_used(void **state)
{
	(void)state;
	open_trial();
	accept_event("#flood incident.opened 02-02T08:00 - {id:@flood,kind:'flood',name:'洪水'}");
	accept_event("#one trial.made 02-10T09:00 V1 incident=@inc {id:@t1,name:'一'}");
	accept_event("#two trial.made 02-10T09:00 V2 incident=@inc {id:@t2,name:'二'}");
	/* What belongs to another incident does not hold this one. */
	accept_event("#gone event.voided 02-10T09:30 - {event:@flood,reason:'误'}");
	expect_refused("incident_used", "event.voided 02-10T09:30 - {event:@inc,reason:'误'}");
	accept_event("event.voided 02-10T09:30 - {event:@one,reason:'误'}");
	expect_refused("incident_used", "event.voided 02-10T09:30 - {event:@inc,reason:'误'}");
	accept_event("event.voided 02-10T09:30 - {event:@two,reason:'误'}");
	accept_event("event.voided 02-10T09:30 - {event:@inc,reason:'误'}");
	expect_refused("incident_none", "trial.made 02-10T09:00 V1 {id:@t3,name:'三'}");
	close_trial();
}

/* In one request: what was recorded before it counts though it is not yet durable. */
static void test_incident_used_at_once(void **state)
{
	struct outcome out[3];
	(void)state;
	open_trial();
	const char *const lines[] = { "trial.made 02-10T09:00 V1 {id:@t1,name:'一'}",
				      "event.voided 02-10T09:30 - {event:@inc,reason:'误'}",
				      "trial.made 02-10T09:00 V1 {id:@t2,name:'二'}" };
	rig_submit(principal_system(), lines, 3, false, out);
	assert_recorded(out[0]);
	assert_refused(out[1], "incident_used");
	assert_recorded(out[2]);
	close_trial();
}

/* ---- live ---------------------------------------------------------------------------- */

static int woken;

static void wake(void *ctx)
{
	__atomic_add_fetch((int *)ctx, 1, __ATOMIC_SEQ_CST);
}

static size_t notes_after(int64_t after, struct note *out, size_t most, bool *ret_lost)
{
	return app_notes(rig.app, after, out, most, ret_lost);
}

static void test_live(void **state)
{
	struct note notes[8];
	struct err err = { 0 };
	struct outcome out[2];
	bool lost;
	(void)state;
	open_trial();
	assert_int_equal(app_start(rig.app, &err), 0);
	int64_t size = rig_size();
	/* What came before the start is not kept: whoever has not seen it reads anew. */
	assert_int_equal(notes_after(size, notes, 8, &lost), 0);
	assert_false(lost);
	assert_int_equal(notes_after(size - 1, notes, 8, &lost), 0);
	assert_true(lost);
	woken = 0;
	app_listen(rig.app, wake, &woken);
	assert_recorded(record("#l1 trial.made 02-10T09:00 V1 {id:@t1,name:'一',followers:2}"));
	assert_int_equal(woken, 1);
	assert_int_equal(notes_after(size, notes, 8, &lost), 3);
	assert_false(lost);
	struct uuid id = rig_id("l1");
	assert_true(uuid_eq(&notes[0].id, &id));
	assert_string_equal(notes[0].type, "trial.made");
	assert_string_equal(notes[2].type, "trial.followed");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(notes[i].seq, size + 1 + i);
		assert_int_equal(notes[i].area, rig_place("V1"));
		assert_int_equal(notes[i].at, rig_time("02-10T09:00"));
	}
	assert_int_equal(notes_after(size + 1, notes, 1, &lost), 1);
	assert_int_equal(notes[0].seq, size + 2);
	assert_false(lost);
	assert_int_equal(notes_after(size + 3, notes, 8, &lost), 0);
	assert_false(lost);
	/* Refused, a duplicate, rolled back: nobody is woken, nothing shows. */
	assert_refused(record("trial.made 02-10T09:00 V1 {id:@t2,name:'一',followers:13,bad:13}"), "bad");
	assert_int_equal(record("#l1 trial.made 02-10T09:00 V1 {id:@t1,name:'一',followers:2}").status,
			 RESULT_DUPLICATE);
	const char *const lines[] = { "trial.made 02-10T09:00 V2 {id:@t3,name:'三',followers:4}",
				      "trial.made 02-10T09:00 V2 {id:@t4,name:'四',followers:13,bad:13}" };
	rig_submit(OFFICER, lines, 2, true, out);
	assert_refused(out[0], "atomic_rolled_back");
	assert_int_equal(woken, 1);
	assert_int_equal(notes_after(size, notes, 8, &lost), 3);
	/* And the next takes the numbers that those did not. */
	assert_recorded(record("trial.made 02-10T09:00 V3 {id:@t5,name:'五'}"));
	assert_int_equal(woken, 2);
	assert_int_equal(notes_after(size + 3, notes, 8, &lost), 1);
	assert_int_equal(notes[0].seq, size + 4);
	assert_int_equal(notes[0].area, rig_place("V3"));
	app_listen(rig.app, NULL, NULL);
	assert_recorded(record("trial.made 02-10T09:00 V3 {id:@t6,name:'六'}"));
	assert_int_equal(woken, 2);
	close_trial();
}

/* More than are kept: whoever fell behind is told so; who did not goes on without a gap. */
static void test_live_lost(void **state)
{
	struct note notes[200];
	struct err err = { 0 };
	static char text[100][100];
	const char *lines[100];
	struct outcome out[100];
	bool lost;
	(void)state;
	open_trial();
	assert_int_equal(app_start(rig.app, &err), 0);
	int64_t size = rig_size(), read = size;
	for (int i = 0; i < 42; i++) {
		for (int k = 0; k < 100; k++) {
			snprintf(text[k], sizeof text[k], "trial.made 02-10T09:00 V1 {id:@n%d_%d,name:'一'}", i, k);
			lines[k] = text[k];
		}
		rig_submit(OFFICER, lines, 100, false, out);
		size_t n = notes_after(read, notes, 200, &lost);
		assert_int_equal(n, 100);
		assert_false(lost);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(notes[k].seq, ++read);
	}
	assert_int_equal(read, rig_size());
	notes_after(size, notes, 1, &lost);
	assert_true(lost);
	notes_after(read - 4096, notes, 1, &lost);
	assert_false(lost);
	assert_int_equal(notes[0].seq, read - 4095);
	notes_after(read - 4097, notes, 1, &lost);
	assert_true(lost);
	/* What was rolled back stood over the oldest notes: they are lost, and nothing of it shows. */
	for (int k = 0; k < 100; k++) {
		snprintf(text[k], sizeof text[k], "trial.made 02-10T09:00 V1 {id:@r%d,name:'一'%s}", k,
			 k == 99 ? ",followers:13,bad:13" : "");
	}
	rig_submit(OFFICER, lines, 100, true, out);
	assert_refused(out[0], "atomic_rolled_back");
	assert_int_equal(rig_size(), read);
	notes_after(read - 4096, notes, 1, &lost);
	assert_true(lost);
	assert_int_equal(notes_after(read - 3997, notes, 1, &lost), 1);
	assert_false(lost);
	assert_int_equal(notes[0].seq, read - 3996);
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_follow_refused),
		cmocka_unit_test(test_follow_most),
		cmocka_unit_test(test_already),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_blind_erased),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_from_version_1),
		cmocka_unit_test(test_incident_used),
		cmocka_unit_test(test_incident_used_at_once),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_live_lost),
	};
	return rig_run("domain/seams", tests, ARRAY_LEN(tests));
}
