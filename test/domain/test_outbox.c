/* The outbox without its courier: what time alone makes true is told once,
 * whatever the server's ups and downs; which channels take a message; what is
 * tried again and when. The trial module (trial.h) has what to tell. */
#include "harness.h"

#include <sodium.h>

#include "app/courier.h"
#include "app/internal.h"

static struct err err;

#define OK(call)                                                                                           \
	do {                                                                                               \
		err = (struct err){ 0 };                                                                   \
		if ((call) < 0)                                                                            \
			fail_msg("%s: %s (%s)", #call, err.kind ? err.kind->code : "no kind", err.arg[0]); \
	} while (0)
#define FAILS(call, kind_)                            \
	do {                                          \
		err = (struct err){ 0 };              \
		assert_int_equal((call), -1);         \
		assert_ptr_equal(err.kind, &(kind_)); \
	} while (0)

static int64_t ask_number(const char *text)
{
	/* Prepared forms are kept by the statement's address: each text has its own. */
	static struct sql asked[32];
	static size_t n;
	size_t i = 0;
	int64_t v = -1;
	while (i < n && strcmp(asked[i].text, text) != 0)
		i++;
	if (i == n) {
		assert_true(n < ARRAY_LEN(asked));
		asked[n++] = (struct sql){ "test.number", text };
	}
	OK(reader_begin(rig.reader, &err));
	OK(db_get_i64(reader_work(rig.reader, principal_system(), LANG_EN)->db, &asked[i], &v, &err, ""));
	reader_end(rig.reader);
	return v;
}

static void advance_to(const char *text)
{
	rig_now = rig_time(text);
}

/* All that there is to do; how many stretches of time it took. */
static int lapse(void)
{
	int n = 1, rc;
	while ((rc = outbox_lapse(rig.app, &err)) == 1)
		n++;
	assert_int_equal(rc, 0);
	return n;
}

static int setup(void **state)
{
	(void)state;
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	advance_to("02-10T08:00");
	accept_event("incident.opened 02-01T08:00 - {id:@inc,kind:'epidemic',name:'疫情'}");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_close();
	return 0;
}

/* ---- what time alone makes true ---------------------------------------------------------- */

static void test_lapse_begins_now(void **state)
{
	(void)state;
	accept_event("trial.made 02-09T08:00 T1 {id:@a,name:'一',due:'2020-02-09T12:00:00+08:00'}");
	lapse();
	advance_to("02-10T09:00");
	lapse();
	assert_int_equal(rig_messages("trial.late"), 0); /* it was past when the store was first asked */
}

static void test_lapse_once(void **state)
{
	(void)state;
	accept_event("trial.made 02-10T08:00 T1 {id:@a,name:'一',due:'2020-02-10T12:00:00+08:00'}");
	accept_event("trial.made 02-10T08:00 T2 {id:@b,name:'二',due:'2020-02-10T12:00:01+08:00'}");
	lapse();
	advance_to("02-10T11:59:59");
	lapse();
	assert_int_equal(rig_messages("trial.late"), 0);
	advance_to("02-10T12:00");
	lapse();
	assert_int_equal(rig_messages("trial.late"), 1);
	lapse();
	advance_to("02-10T12:00:15");
	lapse();
	assert_int_equal(rig_messages("trial.late"), 2);
	rig_reopen();
	lapse();
	advance_to("02-11T12:00");
	lapse();
	assert_int_equal(rig_messages("trial.late"), 2);
}

static void test_lapse_after_being_down(void **state)
{
	(void)state;
	accept_event("trial.made 02-10T08:00 T1 {id:@a,name:'一',due:'2020-02-10T12:00:00+08:00'}");
	accept_event("trial.made 02-10T08:00 T1 {id:@b,name:'二',due:'2020-02-13T12:00:00+08:00'}");
	accept_event("trial.made 02-10T08:00 T1 {id:@c,name:'三',due:'2020-02-15T07:59:59+08:00'}");
	accept_event("trial.made 02-10T08:00 T1 {id:@d,name:'四',due:'2020-02-15T08:00:01+08:00'}");
	lapse();
	advance_to("02-15T08:00");
	rig_reopen();
	assert_int_equal(lapse(), 5); /* a day at a time: the writer is not held */
	assert_int_equal(rig_messages("trial.late"), 3);
	/* Each at its own moment, not at the one it was found at. */
	assert_int_equal(
	    ask_number("SELECT COUNT(*) FROM message WHERE body LIKE '%\"at\":\"2020-02-13T04:00:00.000Z\"%'"), 1);
}

static void test_lapse_cut_short(void **state)
{
	(void)state;
	accept_event("trial.made 02-10T08:00 T1 {id:@a,name:'一',due:'2020-02-10T12:00:00+08:00'}");
	lapse();
	advance_to("02-14T08:00");
	assert_int_equal(outbox_lapse(rig.app, &err), 1);
	rig_reopen(); /* between two stretches */
	lapse();
	assert_int_equal(rig_messages("trial.late"), 1);
}

static void test_lapse_with_the_clock_put_back(void **state)
{
	(void)state;
	accept_event("trial.made 02-10T08:00 T1 {id:@a,name:'一',due:'2020-02-10T12:00:00+08:00'}");
	lapse();
	advance_to("02-10T13:00");
	lapse();
	advance_to("02-10T11:00");
	lapse();
	advance_to("02-10T14:00");
	lapse();
	assert_int_equal(rig_messages("trial.late"), 1);
}

/* What an acknowledgement would have settled in time is not told; a rebuild tells nothing. */
static void test_lapse_withdrawn_and_rebuilt(void **state)
{
	(void)state;
	accept_event("#va trial.made 02-10T08:00 T1 {id:@a,name:'一',due:'2020-02-10T12:00:00+08:00'}");
	accept_event("trial.made 02-10T08:00 T1 {id:@b,name:'二',due:'2020-02-10T12:00:00+08:00'}");
	lapse();
	advance_to("02-10T08:30");
	accept_event("event.voided 02-10T08:30 - {event:@va,reason:'误'}");
	advance_to("02-10T13:00");
	lapse();
	assert_int_equal(rig_messages("trial.late"), 1);
	OK(app_rebuild(rig.app, NULL, NULL, &err));
	lapse();
	assert_int_equal(rig_messages("trial.late"), 1);
	assert_int_equal(rig_messages("trial.made"), 2);
}

/* ---- who gets what ---------------------------------------------------------------------------- */

static const struct channel CHANNEL = { .name = { "one", 3 },
					.url = { "https://a.example/in", 20 },
					.secret = { "0123456789abcdef", 16 },
					.place = FIELD_ABSENT };

static void add(const char *name, const char *place, const char *kinds)
{
	struct channel c = CHANNEL;
	c.name = str_of(name);
	if (place)
		c.place = rig_place(place);
	if (kinds)
		c.kinds = str_of(kinds);
	OK(channel_add(rig.app, &c, &err));
}

static void test_channels_take(void **state)
{
	(void)state;
	add("county", NULL, NULL);
	add("town", "T1", NULL);
	add("village", "V1", NULL);
	add("late-only", NULL, "trial.late");
	add("other", NULL, "trial.mad,rial.made,made,trial");
	add("two", "T1", "notice.late,trial.made");
	add("off", NULL, NULL);
	OK(channel_disable(rig.app, STR("off"), true, &err));
	accept_event("trial.made 02-10T08:00 T1 {id:@a,name:'一'}");
	accept_event("trial.made 02-10T08:00 V1 {id:@b,name:'二'}");
	accept_event("trial.made 02-10T08:00 T2 {id:@c,name:'三'}");
#define TAKEN_BY(name) ask_number("SELECT COUNT(*) FROM delivery WHERE channel = '" name "'")
	assert_int_equal(TAKEN_BY("county"), 3);
	assert_int_equal(TAKEN_BY("town"), 2);
	assert_int_equal(TAKEN_BY("village"), 1);
	assert_int_equal(TAKEN_BY("late-only"), 0);
	assert_int_equal(TAKEN_BY("other"), 0);
	assert_int_equal(TAKEN_BY("two"), 2);
	assert_int_equal(TAKEN_BY("off"), 0);
	/* A test goes by its channel alone, and each is a message of its own. */
	OK(channel_test(rig.app, STR("village"), &err));
	OK(channel_test(rig.app, STR("village"), &err));
	assert_int_equal(TAKEN_BY("village"), 3);
	assert_int_equal(TAKEN_BY("county"), 3);
#undef TAKEN_BY
}

static void test_channel_refusals(void **state)
{
	struct channel c = CHANNEL;
	char name[16];
	(void)state;
	add("one", NULL, NULL);
	FAILS(channel_add(rig.app, &c, &err), ERR_CHANNEL_EXISTS);
	c.name = STR("");
	FAILS(channel_add(rig.app, &c, &err), ERR_CHANNEL_NAME);
	c.name = STR_NONE;
	FAILS(channel_add(rig.app, &c, &err), ERR_CHANNEL_NAME);
	c.name = STR("new");
	c.url = STR_NONE;
	FAILS(channel_add(rig.app, &c, &err), ERR_CHANNEL_URL);
	c.url = (struct str){ "http://a\0b/", 11 };
	FAILS(channel_add(rig.app, &c, &err), ERR_CHANNEL_URL);
	c.url = CHANNEL.url;
	c.secret = STR_NONE;
	FAILS(channel_add(rig.app, &c, &err), ERR_CHANNEL_SECRET);
	c.secret = CHANNEL.secret;
	c.place = rig_place("610927999000");
	FAILS(channel_add(rig.app, &c, &err), ERR_PLACE_UNKNOWN);
	FAILS(channel_disable(rig.app, STR("none"), true, &err), ERR_CHANNEL_UNKNOWN);
	FAILS(channel_test(rig.app, STR_NONE, &err), ERR_CHANNEL_UNKNOWN);
	for (int i = 1; i < CHANNELS_MAX; i++) {
		snprintf(name, sizeof name, "n%d", i);
		add(name, NULL, NULL);
	}
	c.place = FIELD_ABSENT;
	FAILS(channel_add(rig.app, &c, &err), ERR_CHANNELS_MOST);
}

static int take_box(void *ctx, const struct channel *c)
{
	struct buf *b = ctx;
	buf_str(b, c->secret);
	return 0;
}

static void test_secret_is_closed(void **state)
{
	struct buf box = { 0 };
	struct arena arena;
	struct str open;
	struct err ignored = { 0 };
	(void)state;
	arena_init(&arena, 65536);
	add("one", NULL, NULL);
	OK(reader_begin(rig.reader, &err));
	OK(channel_list(reader_work(rig.reader, principal_system(), LANG_EN)->db, take_box, &box, &err));
	reader_end(rig.reader);
	assert_null(memmem(box.ptr, box.len, "0123456789abcdef", 16));
	OK(channel_secret(rig.app, CHANNEL.name, CHANNEL.url, buf_view(&box), &arena, &open, &err));
	assert_true(str_is(open, "0123456789abcdef"));
	/* Moved to another channel, or the address changed behind the program's back: it does not open. */
	assert_int_equal(channel_secret(rig.app, STR("two"), CHANNEL.url, buf_view(&box), &arena, &open, &ignored), -1);
	assert_int_equal(
	    channel_secret(rig.app, CHANNEL.name, STR("https://b.example/in"), buf_view(&box), &arena, &open, &ignored),
	    -1);
	box.ptr[40] ^= 1;
	assert_int_equal(channel_secret(rig.app, CHANNEL.name, CHANNEL.url, buf_view(&box), &arena, &open, &ignored),
			 -1);
	buf_finish(&box);
	arena_finish(&arena);
}

/* ---- again, and when ------------------------------------------------------------------------------ */

static int give_up(struct app *a, struct db *db, void *ctx, struct err *e)
{
	static const struct sql GIVE_UP = { "test.give_up", "UPDATE delivery SET dead = 1, tries = 12" };
	static const struct sql PUT_OFF = { "test.put_off",
					    "UPDATE delivery SET next_try = next_try + 3600000, tries = 3" };
	const bool *dead = ctx;
	(void)a;
	return db_run(db, *dead ? &GIVE_UP : &PUT_OFF, e, "") < 0 ? -1 : 0;
}

struct found {
	struct delivery last;
	size_t n;
};

static int find(void *ctx, const struct delivery *d)
{
	struct found *f = ctx;
	f->last = *d;
	f->n++;
	return 0;
}

static struct found listed(bool dead)
{
	struct found f = { 0 };
	OK(reader_begin(rig.reader, &err));
	OK(outbox_list(reader_work(rig.reader, principal_system(), LANG_EN)->db, dead, 100, find, &f, &err));
	reader_end(rig.reader);
	return f;
}

static void test_retry(void **state)
{
	struct uuid none = { 0 }, other = rig_id("nothing");
	bool dead = true;
	(void)state;
	add("one", NULL, NULL);
	accept_event("trial.made 02-10T08:00 T1 {id:@a,name:'一'}");
	struct found f = listed(false);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.last.tries, 0);
	struct uuid id = f.last.message;
	OK(app_call(rig.app, give_up, &dead, &err));
	assert_int_equal(listed(false).n, 0);
	assert_int_equal(listed(true).n, 1);
	FAILS(outbox_retry(rig.app, &other, &err), ERR_DELIVERY_NONE);
	advance_to("02-10T09:00");
	OK(outbox_retry(rig.app, &id, &err));
	f = listed(false);
	assert_int_equal(f.last.tries, 0); /* it begins anew */
	assert_int_equal(f.last.next_try, rig_now);
	dead = false;
	OK(app_call(rig.app, give_up, &dead, &err));
	OK(outbox_retry(rig.app, &none, &err));
	f = listed(false);
	assert_int_equal(f.last.tries, 3); /* what waits only comes sooner */
	assert_int_equal(f.last.next_try, rig_now);
	dead = true;
	OK(app_call(rig.app, give_up, &dead, &err));
	OK(outbox_retry(rig.app, &none, &err));
	assert_int_equal(listed(true).n, 0);
	assert_int_equal(listed(false).last.tries, 0);
}

static void test_wait(void **state)
{
	(void)state;
	for (int64_t tries = 1; tries <= 40; tries++) {
		int64_t most = tries > 9 ? COURIER_LONGEST_MS : COURIER_FIRST_MS << (tries - 1), sum = 0;
		if (most > COURIER_LONGEST_MS)
			most = COURIER_LONGEST_MS;
		for (int i = 0; i < 1000; i++) {
			uint64_t r;
			randombytes_buf(&r, sizeof r);
			int64_t wait = courier_wait_ms(tries, 0, r);
			assert_true(wait >= 1 && wait <= most);
			sum += wait;
		}
		/* Evenly spread: the mean of 1,000 lies near the middle. */
		assert_true(sum / 1000 > most * 2 / 5 && sum / 1000 < most * 3 / 5);
	}
	assert_int_equal(courier_wait_ms(1, 0, 0), 1);
	assert_int_equal(courier_wait_ms(1, 0, COURIER_FIRST_MS - 1), COURIER_FIRST_MS);
	assert_int_equal(courier_wait_ms(1, 60000, 0), 60000);
	assert_int_equal(courier_wait_ms(12, 1000, COURIER_LONGEST_MS - 1), COURIER_LONGEST_MS);
	assert_int_equal(courier_wait_ms(1, 100 * COURIER_LONGEST_MS, 0), COURIER_LONGEST_MS);
	assert_int_equal(courier_wait_ms(1, -5, 0), 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lapse_begins_now),
		TEST(test_lapse_once),
		TEST(test_lapse_after_being_down),
		TEST(test_lapse_cut_short),
		TEST(test_lapse_with_the_clock_put_back),
		TEST(test_lapse_withdrawn_and_rebuilt),
		TEST(test_channels_take),
		TEST(test_channel_refusals),
		TEST(test_secret_is_closed),
		TEST(test_retry),
		cmocka_unit_test(test_wait),
	};
	return rig_run("domain/outbox", tests, ARRAY_LEN(tests));
}
