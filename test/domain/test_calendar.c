/* The calendar of due observations: the pure function on its own, then whole
 * generated histories — late observations and closings, withdrawals, parameters
 * that arrive afterwards, in any order — against a simulation that walks day by day. */
#include "harness.h"

#include "domain/visits/internal.h"

/* ---- the pure function -------------------------------------------------------------------- */

static int64_t at(const char *text)
{
	return rig_time(text);
}

static struct course course(const char *opened, const char *starts, int64_t days, int64_t per_day, const char *closed)
{
	return (struct course){ at(opened), rig_day(starts), days, per_day, closed ? at(closed) : FIELD_ABSENT };
}

static void expect_days(const struct course *c, const struct observation *o, size_t n, const char *now,
			const char *expected)
{
	struct calendar_day days[CALENDAR_DAYS_MAX];
	char is[2000] = "";
	size_t len = 0, k = calendar_make(c, o, n, at(now), days);
	for (size_t i = 0; i < k; i++) {
		char day[TIME_TEXT_MAX];
		day_format(days[i].day, day);
		len += (size_t)snprintf(is + len, sizeof is - len, "%s%s:%lld/%lld-%lld%s", i ? " " : "", day + 8,
					(long long)days[i].done, (long long)days[i].due, (long long)days[i].missed,
					days[i].fever ? "!" : "");
	}
	assert_string_equal(is, expected);
}

static void test_days(void **state)
{
	(void)state;
	struct course c = course("02-03T00:00", "02-03", 3, 2, NULL);
	expect_days(&c, NULL, 0, "02-20T00:00", "03:0/2-2 04:0/2-2 05:0/2-2");
	/* Opened a minute before noon the first slot is owed, at noon it is not. */
	c = course("02-03T11:59", "02-03", 2, 2, NULL);
	expect_days(&c, NULL, 0, "02-20T00:00", "03:0/2-2 04:0/2-2");
	c = course("02-03T12:00", "02-03", 2, 2, NULL);
	expect_days(&c, NULL, 0, "02-20T00:00", "03:0/1-1 04:0/2-2");
	c = course("02-03T23:59", "02-03", 1, 12, NULL);
	expect_days(&c, NULL, 0, "02-20T00:00", "03:0/1-1");
	/* Reckoned from before it was known: the days before it was opened are not owed. */
	c = course("02-05T00:00", "02-03", 4, 1, NULL);
	expect_days(&c, NULL, 0, "02-20T00:00", "05:0/1-1 06:0/1-1");
	c = course("02-05T00:00", "02-01", 4, 1, NULL);
	expect_days(&c, NULL, 0, "02-20T00:00", "");
	/* Or to begin later. */
	c = course("02-03T18:00", "02-05", 2, 2, NULL);
	expect_days(&c, NULL, 0, "02-20T00:00", "05:0/2-2 06:0/2-2");
}

static void test_ends(void **state)
{
	(void)state;
	/* The day of closing owes only what was over by then, and nothing of it is missed. */
	struct course c = course("02-03T00:00", "02-03", 14, 4, "02-04T13:00");
	expect_days(&c, NULL, 0, "02-20T00:00", "03:0/4-4 04:0/2-0");
	c = course("02-03T00:00", "02-03", 14, 4, "02-03T00:00");
	expect_days(&c, NULL, 0, "02-20T00:00", "03:0/0-0");
	c = course("02-03T00:00", "02-03", 2, 1, "02-09T13:00");
	expect_days(&c, NULL, 0, "02-20T00:00", "03:0/1-1 04:0/1-1");
	/* Closed before it was to begin. */
	c = course("02-03T00:00", "02-05", 2, 1, "02-04T13:00");
	expect_days(&c, NULL, 0, "02-20T00:00", "");
}

static void test_done(void **state)
{
	(void)state;
	const struct observation o[] = {
		{ .at = at("02-03T08:00"), .present = 1, .temperature = 3650 },
		{ .at = at("02-03T23:59:59"), .present = 0, .temperature = FIELD_ABSENT },
		{ .at = at("02-04T00:00"), .present = 1, .temperature = 3730 },
		{ .at = at("02-09T08:00"), .present = 1, .temperature = 3900 },
	};
	struct course c = course("02-03T00:00", "02-03", 3, 2, NULL);
	expect_days(&c, o, 4, "02-20T00:00", "03:2/2-0 04:1/2-1! 05:0/2-2");
	/* More than is owed on one day pays for no other. */
	c.per_day = 1;
	expect_days(&c, o, 4, "02-20T00:00", "03:2/1-0 04:1/1-0! 05:0/1-1");
	/* Nothing is missed before a day is over. */
	expect_days(&c, o, 1, "02-04T23:59:59", "03:1/1-0 04:0/1-0 05:0/1-0");
	expect_days(&c, o, 1, "02-05T00:00", "03:1/1-0 04:0/1-1 05:0/1-0");
}

static void test_begun(void **state)
{
	(void)state;
	struct course c = course("02-03T12:00", "02-03", 3, 2, NULL);
	assert_int_equal(calendar_begun(&c, rig_day("02-03"), at("02-03T12:00")), 1);
	assert_int_equal(calendar_begun(&c, rig_day("02-04"), at("02-04T00:00")), 1);
	assert_int_equal(calendar_begun(&c, rig_day("02-04"), at("02-04T11:59:59")), 1);
	assert_int_equal(calendar_begun(&c, rig_day("02-04"), at("02-04T12:00")), 2);
	assert_int_equal(calendar_begun(&c, rig_day("02-06"), at("02-06T12:00")), 0);
	assert_int_equal(calendar_begun(&c, rig_day("02-02"), at("02-02T12:00")), 0);
	assert_int_equal(calendar_slot_end(&c, rig_day("02-03"), 0), at("02-04T00:00"));
	assert_int_equal(calendar_slot_end(&c, rig_day("02-04"), 0), at("02-04T12:00"));
	assert_int_equal(calendar_slot_end(&c, rig_day("02-04"), 7), at("02-05T00:00"));
}

/* ---- generated histories ------------------------------------------------------------------------ */

enum kind { OPEN, OBSERVE, CLOSE, PARAMETER, VOID };

struct op {
	enum kind kind;
	int followup;                      /* its number */
	int64_t at, starts, days, per_day; /* of an opening; FIELD_ABSENT: not said */
	int64_t from, value;               /* of a parameter */
	bool present, of_days;
	int target; /* of a void */
	char line[400];
	bool accepted, voided;
};

#define FOLLOWUPS 8
#define OPS_MAX   400
static struct op ops[OPS_MAX];
static size_t n_ops;
static uint64_t dice;

static int64_t draw(int64_t below)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (int64_t)((z ^ (z >> 31)) % (uint64_t)below);
}

static const char *const PLACES[] = { "V1", "V1", "V2", "T1", "V3", "V1", "G9", "V2" };
#define PLACE_OF(f) (strcmp(PLACES[f], "G9") == 0 ? "V2" : PLACES[f])

/* Some minute of 1–19 February. */
static int64_t moment(void)
{
	return at("02-01T00:00") + draw(19 * 24 * 60) * 60000;
}

static void text_of(int64_t ms, char out[TIME_TEXT_MAX])
{
	time_format_local(ms, out);
	out[16] = 0; /* "2020-02-03T10:00" */
}

static void day_text(int64_t day, char out[TIME_TEXT_MAX])
{
	day_format(day, out);
}

static void propose_open(struct op *o)
{
	char when[TIME_TEXT_MAX], starts[TIME_TEXT_MAX];
	size_t n;
	o->at = at("02-01T00:00") + draw(6 * 24 * 60) * 60000;
	o->starts = day_of(o->at) + draw(6) - 3;
	o->days = draw(2) ? 1 + draw(12) : FIELD_ABSENT;
	o->per_day = draw(2) ? 1 + draw(5) : FIELD_ABSENT;
	text_of(o->at, when);
	day_text(o->starts, starts);
	n = (size_t)snprintf(o->line, sizeof o->line,
			     "followup.opened %s %s {id:@f%d,subject:@s%d,person:{name:'王'},category:'returnee',"
			     "starts:'%s'",
			     when + 5, PLACE_OF(o->followup), o->followup, o->followup, starts);
	if (o->days != FIELD_ABSENT)
		n += (size_t)snprintf(o->line + n, sizeof o->line - n, ",days:%lld", (long long)o->days);
	if (o->per_day != FIELD_ABSENT)
		n += (size_t)snprintf(o->line + n, sizeof o->line - n, ",per_day:%lld", (long long)o->per_day);
	snprintf(o->line + n, sizeof o->line - n, "}");
}

static void propose(struct op *o, size_t number)
{
	static const char *const REASONS[] = { "moved", "lost", "completed" };
	char when[TIME_TEXT_MAX], from[TIME_TEXT_MAX], body[300];
	int64_t pick = draw(100);
	*o = (struct op){ .followup = (int)draw(FOLLOWUPS), .at = moment(), .target = -1 };
	/* Mostly while it is open. */
	if (draw(5))
		o->at = ops[o->followup].at + draw(8 * 24 * 60) * 60000;
	text_of(o->at, when);
	if (pick < 76) {
		o->kind = OBSERVE;
		o->present = draw(4) > 0;
		snprintf(body, sizeof body, "followup.observed %s - {followup:@f%d,present:%s,method:'phone'}",
			 when + 5, o->followup, o->present ? "true" : "false");
	} else if (pick < 80) {
		o->kind = CLOSE;
		/* Mostly late enough that nothing was recorded after it. */
		if (draw(4)) {
			o->at = at("02-10T00:00") + draw(9 * 24 * 60) * 60000;
			text_of(o->at, when);
		}
		snprintf(body, sizeof body, "followup.closed %s - {followup:@f%d,reason:'%s'}", when + 5, o->followup,
			 REASONS[draw(3)]);
	} else if (pick < 88) {
		o->kind = PARAMETER;
		o->of_days = draw(2);
		o->from = rig_day("01-28") + draw(12);
		o->value = 1 + draw(o->of_days ? 15 : 6);
		day_text(o->from, from);
		snprintf(body, sizeof body, "parameter.set %s - {name:'followup_%s',value:%lld,from:'%s'}", when + 5,
			 o->of_days ? "days" : "per_day", (long long)o->value, from);
	} else {
		o->kind = VOID;
		o->target = (int)draw((int64_t)number);
		snprintf(body, sizeof body, "event.voided now - {event:@e%d,reason:'误'}", o->target);
	}
	snprintf(o->line, sizeof o->line, "#e%zu %s", number, body);
}

static bool submit(struct op *o)
{
	return rig_record(principal_system(), o->line).status == RESULT_RECORDED;
}

static void begin(void)
{
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	accept_event("incident.opened 01-20T08:00 C {id:@inc,kind:'epidemic',name:'疫情'}");
	rig_now = at("02-19T10:00");
}

static void make_history(uint64_t seed, size_t length)
{
	dice = seed * 1000003;
	n_ops = 0;
	begin();
	for (int f = 0; f < FOLLOWUPS; f++) {
		struct op *o = &ops[n_ops];
		char body[400];
		*o = (struct op){ .kind = OPEN, .followup = f };
		propose_open(o);
		snprintf(body, sizeof body, "#e%zu %.360s", n_ops++, o->line);
		snprintf(o->line, sizeof o->line, "%s", body);
		o->accepted = submit(o);
		assert_true(o->accepted);
	}
	while (n_ops < length) {
		struct op *o = &ops[n_ops];
		propose(o, n_ops);
		n_ops++;
		o->accepted = submit(o);
		if (o->kind == VOID && o->accepted)
			ops[o->target].voided = true;
	}
}

/* ---- the simulation ----------------------------------------------------------------------------- */

static bool stands(const struct op *o)
{
	return o->accepted && !o->voided;
}

/* The parameter as set last for a day: by the day it holds from, then as histories fold. */
static int64_t parameter(bool of_days, int64_t day)
{
	int64_t best = -1;
	for (size_t i = 0; i < n_ops; i++) {
		const struct op *o = &ops[i];
		if (o->kind != PARAMETER || !stands(o) || o->of_days != of_days || o->from > day)
			continue;
		if (best >= 0) {
			const struct op *b = &ops[best];
			char name[24], other[24];
			snprintf(name, sizeof name, "e%zu", i);
			snprintf(other, sizeof other, "e%lld", (long long)best);
			struct uuid x = rig_id(name), y = rig_id(other);
			if (o->from < b->from || (o->from == b->from && o->at < b->at) ||
			    (o->from == b->from && o->at == b->at && memcmp(x.b, y.b, 16) < 0))
				continue;
		}
		best = (int64_t)i;
	}
	return best >= 0 ? ops[best].value : of_days ? 14 : 2;
}

struct counted {
	int64_t missed, observations, opened, open;
};

/* One follow-up lived through, tick by tick, up to the end of a day (or now). */
static void live_through(const struct op *opening, int64_t until, struct counted *sum)
{
	int64_t days = opening->days != FIELD_ABSENT ? opening->days : parameter(true, opening->starts);
	int64_t per_day = opening->per_day != FIELD_ABSENT ? opening->per_day : parameter(false, opening->starts);
	int64_t closed = INT64_MAX;
	for (size_t i = 0; i < n_ops; i++) {
		if (ops[i].kind == CLOSE && ops[i].followup == opening->followup && stands(&ops[i]))
			closed = ops[i].at;
	}
	for (int64_t day = rig_day("01-25"); day_start(day + 1) - 1 <= until; day++) {
		int64_t owed = 0;
		for (int64_t slot = 1; slot <= per_day; slot++) {
			int64_t ends = day_start(day) + slot * DAY_MS / per_day;
			bool runs = day >= opening->starts && day < opening->starts + days;
			if (runs && ends > opening->at)
				owed++;
		}
		for (size_t i = 0; i < n_ops && owed > 0; i++) {
			if (ops[i].kind == OBSERVE && ops[i].followup == opening->followup && stands(&ops[i]) &&
			    ops[i].at >= day_start(day) && ops[i].at < day_start(day + 1))
				owed--;
		}
		if (closed < day_start(day + 1))
			owed = 0;
		sum->missed += owed;
	}
	if (opening->at <= until) {
		sum->opened++;
		sum->open += closed > until;
	}
}

static struct counted count(const char *place, int64_t day)
{
	struct counted sum = { 0 };
	int64_t until = day_start(day + 1) - 1;
	if (until > rig_now)
		until = rig_now;
	for (size_t i = 0; i < n_ops; i++) {
		const struct op *o = &ops[i];
		if (!stands(o) || o->kind == PARAMETER || o->kind == VOID ||
		    !place_within(rig_place(PLACE_OF(o->followup)), rig_place(place)))
			continue;
		if (o->kind == OPEN)
			live_through(o, until, &sum);
		sum.observations += o->kind == OBSERVE && o->at <= until;
	}
	return sum;
}

static void check_one(uint64_t seed, const char *name, const char *place, const char *day, int64_t should)
{
	int64_t is = rig_figure(name, place, day);
	if (is != should)
		rig_fail(__FILE__, __LINE__, "seed %llu: %s at %s on %s is %lld, lived through %lld",
			 (unsigned long long)seed, name, place, day, (long long)is, (long long)should);
}

struct paging {
	struct behind_query q;
	int64_t n, of_page;
	bool moved_on; /* an empty item: there is more, however little the page shows */
};

static int count_item(void *ctx, const struct behind_item *item, struct err *err)
{
	struct paging *p = ctx;
	(void)err;
	/* Strictly after what was shown before. */
	assert_true(item->place > p->q.after_place ||
		    (item->place == p->q.after_place && memcmp(item->id.b, p->q.after_id.b, 16) > 0));
	p->q.after_place = item->place;
	p->q.after_id = item->id;
	p->of_page += item->n > 0;
	p->moved_on |= item->n == 0;
	return 0;
}

/* Page by page, as a reader does. */
static void check_behind(uint64_t seed, const char *name, const char *place, const char *day)
{
	struct err err = { 0 };
	struct str part;
	int64_t is = rig_figure(name, place, day);
	const struct figure_def *def = registry_figure(str_of(name), &part);
	struct paging p = {
		.q = { .place = rig_place(place), .before = day_start(rig_day(day) + 1), .after_place = -1, .limit = 5 }
	};
	assert_int_equal(reader_begin(rig.reader, &err), 0);
	struct work *w = reader_work(rig.reader, principal_system(), LANG_EN);
	assert_int_equal(incident_default(w, &p.q.incident_no, &err), 0);
	do {
		p.of_page = 0;
		p.moved_on = false;
		struct behind_query q = p.q;
		assert_int_equal(def->behind(w, &q, count_item, &p, &err), 0);
		p.n += p.of_page;
	} while (p.of_page == p.q.limit || p.moved_on);
	reader_end(rig.reader);
	if (p.n != is)
		rig_fail(__FILE__, __LINE__, "seed %llu: behind %s at %s on %s stand %lld, not %lld",
			 (unsigned long long)seed, name, place, day, (long long)p.n, (long long)is);
}

static const char *const DAYS[] = { "02-01", "02-03", "02-04", "02-06", "02-07", "02-10",
				    "02-13", "02-15", "02-17", "02-18", "02-19" };
static const char *const AT_PLACES[] = { "V1", "V2", "V3", "T1", "C" };

static void check_figures(uint64_t seed)
{
	for (size_t d = 0; d < ARRAY_LEN(DAYS); d++) {
		for (size_t p = 0; p < ARRAY_LEN(AT_PLACES); p++) {
			struct counted c = count(AT_PLACES[p], rig_day(DAYS[d]));
			check_one(seed, "observations_missed", AT_PLACES[p], DAYS[d], c.missed);
			check_one(seed, "observations", AT_PLACES[p], DAYS[d], c.observations);
			check_one(seed, "followups_opened", AT_PLACES[p], DAYS[d], c.opened);
			check_one(seed, "followups_open", AT_PLACES[p], DAYS[d], c.open);
			check_behind(seed, "observations_missed", AT_PLACES[p], DAYS[d]);
			check_behind(seed, "observations", AT_PLACES[p], DAYS[d]);
			check_behind(seed, "followups_opened", AT_PLACES[p], DAYS[d]);
			check_behind(seed, "followups_open", AT_PLACES[p], DAYS[d]);
		}
	}
}

/* The answer about each, without what tells the order of arrival. */
static void states(struct buf *out)
{
	for (int f = 0; f < FOLLOWUPS; f++) {
		char path[100], code[64];
		snprintf(path, sizeof path, "/api/v1/visits/followups/@f%d", f);
		const char *body = rig_view(principal_system(), path, code);
		if (!body) {
			buf_printf(out, "f%d %s\n", f, code);
			continue;
		}
		const char *history = strstr(body, "\"history\":"), *after = strstr(body, "\"household\"");
		assert_non_null(history);
		buf_printf(out, "f%d %.*s %s\n", f, (int)(history - body), body,
			   strstr(history, "\"id\":\"") ? strstr(history, "],\"id\"") : after);
	}
	for (size_t d = 0; d < ARRAY_LEN(DAYS); d++) {
		for (size_t p = 0; p < ARRAY_LEN(AT_PLACES); p++)
			buf_printf(out, "%s %s %lld %lld\n", DAYS[d], AT_PLACES[p],
				   (long long)rig_figure("observations_missed", AT_PLACES[p], DAYS[d]),
				   (long long)rig_figure("followups_open", AT_PLACES[p], DAYS[d]));
	}
	buf_char(out, 0);
}

/* ---- from a passage: what followed from it is withdrawn first ----------------------------------- */

static struct uuid derived(const char *of, const char *what)
{
	struct uuid id = rig_id(of);
	return uuid_derive(&id, str_of(what));
}

static void expect_void(const struct uuid *event, const char *code)
{
	char line[200], id[UUID_TEXT];
	uuid_format(event, id);
	snprintf(line, sizeof line, "event.voided now - {event:'%.*s',reason:'误'}", UUID_TEXT, id);
	if (code)
		expect_refused(code, line);
	else
		accept_event(line);
}

/* Does the history of the follow-up that one passage opened show another? */
static bool in_history(const char *of, const char *passage)
{
	struct uuid followup = derived(of, "followup 0"), shown = rig_id(passage);
	char path[100] = "/api/v1/visits/followups/", id[UUID_TEXT + 1] = "", code[64];
	size_t len = strlen(path);
	uuid_format(&followup, path + len);
	path[len + UUID_TEXT] = 0;
	uuid_format(&shown, id);
	const char *body = rig_view(principal_system(), path, code);
	assert_non_null(body);
	const char *history = strstr(body, "\"history\":");
	assert_non_null(history);
	return strstr(history, id) && strstr(strstr(history, id), "screening.recorded");
}

static void test_passage(void **state)
{
	(void)state;
	begin();
	accept_event("site.opened 02-01T08:00 T2 {id:@gate,kind:'checkpoint',name:'卡点'}");
	accept_event("#a screening.recorded 02-09T09:00 @gate {direction:'in',people:["
		     "{subject:@s,person:{name:'王'},destination:{place:V1},decision:'follow_up'}]}");
	accept_event("#b screening.recorded 02-10T09:00 @gate {direction:'out',people:["
		     "{subject:@s,person:{name:'王'},destination:{place:V3},decision:'follow_up'}]}");
	struct uuid a = rig_id("a"), b = rig_id("b"), opening = derived("a", "followup.opened 0");
	expect_void(&a, "still_referred");
	/* The second passage was recorded in the belief that it is followed up. */
	expect_void(&opening, "still_referred");
	assert_true(in_history("a", "a") && in_history("a", "b"));
	expect_void(&b, NULL);
	assert_true(in_history("a", "a") && !in_history("a", "b"));
	expect_void(&opening, NULL);
	expect_void(&a, NULL);
	assert_int_equal(rig_figure("followups_opened", "C", "02-19"), 0);
	assert_sound();
	rig_close();
}

/* Two report the same person at once: one is recorded, the other told of it. */
static void test_two_at_once(void **state)
{
	static const char *const LINES[] = {
		"followup.opened 02-09T09:00 V1 "
		"{id:@f,subject:@s,person:{name:'王'},category:'returnee',starts:'2020-02-09'}",
		"followup.opened 02-09T09:00 V3 "
		"{id:@g,subject:@s,person:{name:'王'},category:'returnee',starts:'2020-02-09'}",
	};
	struct outcome out[2];
	(void)state;
	begin();
	rig_submit(principal_system(), LINES, 2, false, out);
	assert_int_equal(out[0].status, RESULT_RECORDED);
	assert_int_equal(out[1].status, RESULT_REFUSED);
	assert_string_equal(out[1].code, "followup_open");
	struct uuid f = rig_id("f");
	char id[UUID_TEXT + 1];
	uuid_format(&f, id);
	id[UUID_TEXT] = 0;
	assert_non_null(strstr(out[1].text, id)); /* the answer names it */
	rig_close();
}

static uint64_t seeds(void)
{
	const char *n = getenv("LIANFANG_SEEDS");
	return n ? strtoull(n, NULL, 10) : rig_postgres ? 2 : 10;
}

static uint64_t first_seed(void)
{
	const char *n = getenv("LIANFANG_SEED");
	return n ? strtoull(n, NULL, 10) : 1;
}

static void test_lived_through(void **state)
{
	size_t closed = 0;
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + seeds(); s++) {
		make_history(s, 160);
		size_t kinds[VOID + 1] = { 0 };
		for (size_t i = 0; i < n_ops; i++)
			kinds[ops[i].kind] += ops[i].accepted;
		if (getenv("LIANFANG_SEED"))
			print_message("seed %llu: %zu observed, %zu closed, %zu parameters, %zu voided\n",
				      (unsigned long long)s, kinds[OBSERVE], kinds[CLOSE], kinds[PARAMETER],
				      kinds[VOID]);
		closed += kinds[CLOSE];
		/* Histories that try nothing prove nothing. */
		assert_true(kinds[OBSERVE] > 15 && kinds[PARAMETER] > 2 && kinds[VOID] > 1);
		check_figures(s);
		/* And as the same days look later. */
		rig_now = at("03-05T10:00");
		check_figures(s);
		assert_sound();
		check_figures(s);
		rig_close();
	}
	assert_true(closed > 0);
}

/* What was accepted and stands, in another order of arrival: what is refused at first comes again. */
static bool replay_shuffled(void)
{
	size_t order[OPS_MAX], n = 0;
	bool again = true;
	for (size_t i = 0; i < n_ops; i++) {
		if (stands(&ops[i]) && ops[i].kind != VOID)
			order[n++] = i;
	}
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)draw((int64_t)i), t = order[i - 1];
		order[i - 1] = order[k];
		order[k] = t;
	}
	while (n && again) {
		size_t left = 0;
		again = false;
		for (size_t i = 0; i < n; i++) {
			if (submit(&ops[order[i]]))
				again = true;
			else
				order[left++] = order[i];
		}
		n = left;
	}
	return n == 0;
}

static void test_any_order(void **state)
{
	size_t whole = 0;
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + seeds(); s++) {
		struct buf a = { 0 }, b = { 0 };
		make_history(s, 120);
		states(&a);
		rig_close();
		begin();
		if (replay_shuffled()) {
			whole++;
			states(&b);
			if (strcmp(a.ptr, b.ptr) != 0) {
				size_t line = 0;
				for (size_t i = 0; a.ptr[i] && a.ptr[i] == b.ptr[i]; i++)
					line = a.ptr[i] == '\n' ? i + 1 : line;
				rig_fail(__FILE__, __LINE__, "seed %llu:\n\t%.*s\n\t%.*s", (unsigned long long)s,
					 (int)strcspn(a.ptr + line, "\n"), a.ptr + line,
					 (int)strcspn(b.ptr + line, "\n"), b.ptr + line);
			}
		}
		buf_finish(&a);
		buf_finish(&b);
		rig_close();
	}
	/* A completion may rest on days that a parameter changed since: those histories can't be told anew. */
	assert_true(whole * 2 >= seeds());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),          cmocka_unit_test(test_ends),
		cmocka_unit_test(test_done),          cmocka_unit_test(test_begun),
		cmocka_unit_test(test_passage),       cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_lived_through), cmocka_unit_test(test_any_order),
	};
	return rig_run("domain/calendar", tests, ARRAY_LEN(tests));
}
