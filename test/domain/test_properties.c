/* What must hold of every history, checked on generated ones:
 *   a rebuild equals the live tables;
 *   figures equal a brute-force count, for every place and day;
 *   things behind a figure are as many as it says;
 *   the same events in any order of arrival that accepts them give the same figures and states;
 *   what was withdrawn leaves them as if it had never been;
 *   known_at says what figures said then.
 * LIANFANG_SEEDS sets how many histories each; LIANFANG_SEED one to look at. */
#include "history.h"

#include "domain/grid/grid.h"
#include "domain/teams/teams.h"

#define LENGTH 300

static const char *const FIGURES_CHECKED[] = {
	"households",
	"households_covered",
	"groups",
	"groups_complete",
	"checkpoints",
	"teams.vanguard_team",
	"teams.volunteer_team",
	"people.village_official",
	"people.stationed_official",
	"people.group_leader",
	"people.villager_representative",
	"people.resident",
};

static struct history past;

static uint64_t seeds(void)
{
	const char *n = getenv("LIANFANG_SEEDS");
	return n ? strtoull(n, NULL, 10) : rig_postgres ? 2 : 12;
}

static uint64_t first_seed(void)
{
	const char *n = getenv("LIANFANG_SEED");
	return n ? strtoull(n, NULL, 10) : 1;
}

static void open_history(uint64_t seed, size_t length)
{
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	history_begin(&past, seed);
	history_grow(&past, length);
}

/* ---- a digest of what the order of arrival must not change -------------------------------------- */

static const struct sql STATES[] = {
	{ "test.figures",
	  "SELECT name, place, day, delta FROM figure WHERE name <> 'records' ORDER BY name, place, day" },
	{ "test.records",
	  "SELECT name, place, day, delta FROM figure WHERE name = 'records' ORDER BY name, place, day" },
	{ "test.assigned", "SELECT 'x', place, 0, 0, household, grp FROM assigned_now ORDER BY place, household" },
	{ "test.groups",
	  "SELECT 'x', place, complete, households, id, id FROM responsibility_group ORDER BY place, id" },
	{ "test.people", "SELECT 'x', area, category + party * 100, gone, id, id FROM person ORDER BY area, id" },
	{ "test.names",
	  "SELECT name, code, since, at, event, event FROM division_name ORDER BY code, since, at, event" },
	{ "test.teams", "SELECT 'x', at, rank, 0, person, event FROM team_fact ORDER BY team, at, rank, event" },
};
enum { STATE_FIGURES, STATE_RECORDS, STATE_OTHERS };

static void add_state(struct db *db, const struct sql *q, bool ids, struct buf *out)
{
	struct err err = { 0 };
	struct stmt *st = NULL;
	int rc = db_start(db, q, &st, &err, "");
	assert_int_equal(rc, 0);
	while ((rc = stmt_step(st, &err)) == 1) {
		struct str name = stmt_text(st, 0);
		buf_printf(out, "%s %.*s %lld %lld %lld", q->name, STR_ARG(name), (long long)stmt_i64(st, 1),
			   (long long)stmt_i64(st, 2), (long long)stmt_i64(st, 3));
		for (int c = 4; ids && c < 6; c++) {
			struct uuid id = stmt_uuid(st, c);
			buf_char(out, ' ');
			buf_hex(out, id.b, 16);
		}
		buf_char(out, '\n');
	}
	stmt_end(st);
	assert_int_equal(rc, 0);
}

static struct buf digest(bool with_records)
{
	struct buf out = { 0 };
	struct err err = { 0 };
	assert_int_equal(reader_begin(rig.reader, &err), 0);
	struct db *db = reader_work(rig.reader, principal_system(), LANG_EN)->db;
	for (size_t i = 0; i < ARRAY_LEN(STATES); i++) {
		if (with_records || i != STATE_RECORDS)
			add_state(db, &STATES[i], i >= STATE_OTHERS, &out);
	}
	reader_end(rig.reader);
	buf_char(&out, 0);
	return out;
}

static void assert_same_digest(const struct buf *a, const struct buf *b, uint64_t seed, const char *what)
{
	if (strcmp(a->ptr, b->ptr) == 0)
		return;
	const char *p = a->ptr, *q = b->ptr;
	size_t line = 0;
	for (size_t i = 0; p[i] && p[i] == q[i]; i++) {
		if (p[i] == '\n')
			line = i + 1;
	}
	rig_fail(__FILE__, __LINE__, "seed %llu, %s:\n\t%.*s\n\t%.*s", (unsigned long long)seed, what,
		 (int)strcspn(p + line, "\n"), p + line, (int)strcspn(q + line, "\n"), q + line);
}

/* ---- the properties --------------------------------------------------------------------------------- */

static void test_rebuild(void **state)
{
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + seeds(); s++) {
		open_history(s, LENGTH);
		struct buf live = digest(true);
		assert_sound();
		rig_reopen();
		history_grow(&past, 60); /* and goes on from there */
		assert_sound();
		buf_finish(&live);
		rig_close();
	}
}

static int count_thing(void *ctx, const struct behind_item *item, struct err *err)
{
	(void)err;
	++*(int64_t *)ctx;
	assert_true(item->n > 0);
	return 0;
}

static int64_t behind(const char *name, place_t place, int64_t day)
{
	struct err err = { 0 };
	struct str part;
	int64_t n = 0;
	const struct figure_def *def = registry_figure(str_of(name), &part);
	struct behind_query q = {
		.part = part.ptr, .place = place, .before = day_start(day + 1), .after_place = -1, .limit = 500
	};
	assert_non_null(def);
	assert_int_equal(reader_begin(rig.reader, &err), 0);
	int rc = def->behind(reader_work(rig.reader, principal_system(), LANG_EN), &q, count_thing, &n, &err);
	reader_end(rig.reader);
	assert_int_equal(rc, 0);
	return n;
}

static void check_counts(uint64_t seed)
{
	static const char *const DAYS[] = { "01-31", "02-01", "02-02", "02-03", "02-04", "02-05",
					    "02-06", "02-07", "02-08", "02-09", "02-10" };
	for (size_t d = 0; d < ARRAY_LEN(DAYS); d++) {
		for (size_t p = 0; HISTORY_PLACES[p]; p++) {
			for (size_t f = 0; f < ARRAY_LEN(FIGURES_CHECKED); f++) {
				const char *name = FIGURES_CHECKED[f], *place = HISTORY_PLACES[p];
				int64_t is = rig_figure(name, place, DAYS[d]);
				int64_t should = naive_figure(&past, name, rig_place(place), rig_day(DAYS[d]));
				if (is != should)
					rig_fail(__FILE__, __LINE__, "seed %llu: %s at %s on %s is %lld, counted %lld",
						 (unsigned long long)seed, name, place, DAYS[d], (long long)is,
						 (long long)should);
				if ((is = behind(name, rig_place(place), rig_day(DAYS[d]))) != should)
					rig_fail(__FILE__, __LINE__,
						 "seed %llu: behind %s at %s on %s stand %lld, not %lld",
						 (unsigned long long)seed, name, place, DAYS[d], (long long)is,
						 (long long)should);
			}
		}
	}
}

static size_t accepted(void)
{
	size_t n = 0;
	for (size_t i = 1; i < past.n; i++)
		n += past.ops[i].accepted;
	return n;
}

static void test_counts(void **state)
{
	int64_t most = 0;
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + seeds(); s++) {
		open_history(s, LENGTH);
		check_counts(s);
		for (int d = 3; d < 10; d++) {
			int64_t covered =
			    naive_figure(&past, "households_covered", rig_place("C"), rig_day("02-01") + d);
			most = covered > most ? covered : most;
		}
		rig_close();
	}
	print_message("most households covered in a history: %lld; of the last %zu of %zu events were accepted\n",
		      (long long)most, accepted(), past.n - 1);
	assert_true(most > 0); /* else the histories say nothing */
}

struct tally {
	size_t tried, held;
};

static void try_orders(uint64_t seed, struct tally *t)
{
	static struct history other;
	open_history(seed, LENGTH);
	struct buf live = digest(true);
	rig_close();
	for (uint64_t order = 1; order <= 2; order++) {
		rig_open(RIG_COUNTY, RIG_DIVISIONS);
		history_begin(&other, seed);
		rig_now = rig_time("02-12T00:00");
		t->tried++;
		if (history_replay(&past, seed * 31 + order, false)) {
			struct buf then = digest(true);
			t->held++;
			assert_same_digest(&live, &then, seed, "another order of arrival");
			buf_finish(&then);
		}
		rig_close();
	}
	buf_finish(&live);
}

/* Of four kinds of histories, the last being any. Where another order refuses something for good there is nothing to
 * compare. */
static void test_order(void **state)
{
	struct tally tallies[4] = { 0 };
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + seeds(); s++) {
		past.once = s % 4 < 3;
		past.no_leaving = s % 4 < 2;
		past.no_voids = s % 4 < 1;
		try_orders(s, &tallies[s % 4]);
	}
	past.once = past.no_leaving = past.no_voids = false;
	size_t tried = 0, held = 0;
	for (size_t i = 0; i < ARRAY_LEN(tallies); i++) {
		print_message("orders of arrival that accepted all: %zu of %zu\n", tallies[i].held, tallies[i].tried);
		tried += tallies[i].tried;
		held += tallies[i].held;
	}
	assert_true(held * 8 >= tried);
}

static void test_voided_as_if_never(void **state)
{
	size_t tried = 0, held = 0;
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + seeds(); s++) {
		open_history(s, LENGTH);
		struct buf live = digest(false);
		rig_close();
		rig_open(RIG_COUNTY, RIG_DIVISIONS);
		static struct history other;
		history_begin(&other, s);
		rig_now = rig_time("02-12T00:00");
		tried++;
		if (history_replay(&past, 0, true)) {
			struct buf then = digest(false);
			held++;
			assert_same_digest(&live, &then, s, "as if never recorded");
			buf_finish(&then);
		}
		rig_close();
		buf_finish(&live);
	}
	print_message("histories without what was withdrawn, all accepted: %zu of %zu\n", held, tried);
	assert_true(held * 10 >= tried * 9);
}

static void test_recorded_and_voided(void **state)
{
	size_t done = 0;
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + seeds(); s++) {
		open_history(s, LENGTH / 2);
		for (int i = 0; i < 40; i++) {
			struct op *o = &past.ops[past.n];
			struct buf before = digest(false);
			history_propose(&past, o);
			past.n++;
			if (o->kind != OP_VOID && history_submit(o)) {
				char line[200], id[UUID_TEXT + 1] = "";
				uuid_format(&o->id, id);
				snprintf(line, sizeof line, "event.voided now - {event:'%s',reason:'误'}", id);
				struct outcome out = rig_record(principal_system(), line);
				if (out.status != RESULT_RECORDED)
					rig_fail(__FILE__, __LINE__,
						 "seed %llu: %s\n\tjust recorded, can't be withdrawn: %s %s",
						 (unsigned long long)s, o->line, out.code, out.text);
				o->voided = true;
				struct buf after = digest(false);
				assert_same_digest(&before, &after, s, o->line);
				buf_finish(&after);
				done++;
			}
			buf_finish(&before);
		}
		assert_sound();
		rig_close();
	}
	assert_true(done >= seeds() * 5);
}

#define MOMENTS 3

static void test_known_at(void **state)
{
	static const char *const DAYS[] = { "2020-02-03", "2020-02-07", "2020-02-09" };
	static char *said[MOMENTS][3][8];
	int64_t moments[MOMENTS];
	char path[300], code[64], when[TIME_TEXT_MAX];
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + (seeds() + 2) / 3; s++) {
		rig_open(RIG_COUNTY, RIG_DIVISIONS);
		history_begin(&past, s);
		for (size_t m = 0; m < MOMENTS; m++) {
			history_grow(&past, LENGTH / MOMENTS);
			moments[m] = rig_now;
			rig_now += 1000;
			for (size_t d = 0; d < ARRAY_LEN(DAYS); d++) {
				for (size_t p = 0; HISTORY_PLACES[p]; p++) {
					snprintf(path, sizeof path, "/api/v1/figures?place=%s&as_of=%s",
						 HISTORY_PLACES[p], DAYS[d]);
					const char *body = rig_view(principal_system(), path, code);
					assert_non_null(body);
					said[m][d][p] = strdup(strstr(body, "\"figures\""));
				}
			}
		}
		for (size_t i = 0; i < MOMENTS * ARRAY_LEN(DAYS) * 8; i++) {
			size_t m = i / 24, d = i / 8 % 3, p = i % 8;
			time_format_utc(moments[m], when);
			snprintf(path, sizeof path, "/api/v1/figures?place=%s&as_of=%s&known_at=%s", HISTORY_PLACES[p],
				 DAYS[d], when);
			const char *body = i % 5 == s % 5 ? rig_view(principal_system(), path, code) : NULL;
			/* The member known_at itself follows the figures. */
			size_t len = strcspn(said[m][d][p], "}");
			if (body && strncmp(strstr(body, "\"figures\""), said[m][d][p], len) != 0)
				rig_fail(__FILE__, __LINE__, "seed %llu: %s\n\tnow  %s\n\tthen %s",
					 (unsigned long long)s, path, body, said[m][d][p]);
			free(said[m][d][p]);
		}
		rig_close();
	}
}

/* Every list and every single record of a history can be read, and says of itself what the figures say. */
static void test_views(void **state)
{
	static const char *const PATHS[] = {
		"/api/v1/coverage?place=C&limit=500",
		"/api/v1/coverage?place=V1",
		"/api/v1/grid/groups?place=C",
		"/api/v1/grid/groups?place=C&kind=incomplete",
		"/api/v1/grid/households?place=T1&limit=3",
		"/api/v1/teams/people?place=C",
		"/api/v1/teams/teams?place=C",
		"/api/v1/places/sites?place=C",
		"/api/v1/places/divisions?place=C",
		"/api/v1/events?place=V1&limit=500",
		"/api/v1/ledger/head",
		"/api/v1/ledger/proof?seq=80",
		"/api/v1/ledger/consistency?first=80",
		"/api/v1/ledger/entry?seq=80",
		"/api/v1/figures/records/events?place=V1&limit=500",
	};
	char path[200], code[64];
	(void)state;
	for (uint64_t s = first_seed(); s < first_seed() + (seeds() + 3) / 4; s++) {
		open_history(s, LENGTH);
		for (size_t i = 0; i < ARRAY_LEN(PATHS); i++) {
			if (!rig_view(principal_system(), PATHS[i], code))
				rig_fail(__FILE__, __LINE__, "seed %llu: %s: %s", (unsigned long long)s, PATHS[i],
					 code);
		}
		int64_t covered = 0;
		for (int i = 0; i < 24; i++) {
			snprintf(path, sizeof path, "/api/v1/grid/households/@h%d", i);
			const char *body = rig_view(principal_system(), path, code);
			covered += body && strstr(body, "\"covered\":true");
		}
		assert_int_equal(covered, rig_figure("households_covered", "C", "02-11"));
		for (int i = 0; i < 7; i++) {
			snprintf(path, sizeof path, "/api/v1/grid/groups/@g%d", i);
			rig_view(principal_system(), path, code);
		}
		rig_close();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rebuild),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_voided_as_if_never),
		cmocka_unit_test(test_recorded_and_voided),
		cmocka_unit_test(test_known_at),
		cmocka_unit_test(test_views),
	};
	return rig_run("domain/properties", tests, ARRAY_LEN(tests));
}
