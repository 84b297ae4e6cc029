/* Reading single entries and scanning: order, limits, filters, early stops, and
 * use of the same connection from within a scan. */
#include "fixture.h"

#define LEAVES 700

static void test_single(void **state)
{
	struct fixture *f = *state;
	struct arena arena;
	struct ledger_row row = { .seq = -1 };
	struct uuid id = fixture_id(300), nobody = fixture_id(-5);
	struct buf entry = { 0 };
	int64_t seq = -1;
	int r = -1;

	arena_init(&arena, 0);
	fixture_entry(300, &entry);
	OK(r = ledger_read(f->db, 300, &arena, &row, err));
	assert_int_equal(r, 1);
	assert_int_equal(row.seq, 300);
	assert_true(uuid_eq(&row.id, &id));
	assert_true(str_eq(row.entry, buf_view(&entry)));
	row = (struct ledger_row){ .seq = -1 };
	OK(r = ledger_find(f->db, &id, &arena, &row, err));
	assert_int_equal(r, 1);
	assert_int_equal(row.seq, 300);
	assert_true(str_eq(row.entry, buf_view(&entry)));
	OK(r = ledger_find_seq(f->db, &id, &seq, err));
	assert_int_equal(r, 1);
	assert_int_equal(seq, 300);

	row.seq = seq = -1;
	assert_int_equal(ledger_read(f->db, 0, &arena, &row, NULL), 0);
	assert_int_equal(ledger_read(f->db, LEAVES + 1, &arena, &row, NULL), 0);
	assert_int_equal(ledger_find(f->db, &nobody, &arena, &row, NULL), 0);
	assert_int_equal(ledger_find_seq(f->db, &nobody, &seq, NULL), 0);
	assert_int_equal(row.seq, -1);
	assert_int_equal(seq, -1);
	buf_finish(&entry);
	arena_finish(&arena);
}

static void test_arena_full(void **state)
{
	struct fixture *f = *state;
	struct arena arena;
	struct ledger_row row;

	arena_init(&arena, 8);
	FAILS(ledger_read(f->db, 3, &arena, &row, err), "no_memory");
	arena_finish(&arena);
}

struct scan {
	struct fixture *f;
	int64_t count, last, stop_at;
	const char *type;
	int64_t from, to;
	bool nested;
};

static int scan_row(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct scan *s = ctx;
	struct buf entry = { 0 };
	struct uuid id = fixture_id(row->seq);
	int64_t seq;

	fixture_entry(row->seq, &entry);
	assert_true(str_eq(row->entry, buf_view(&entry)));
	assert_true(uuid_eq(&row->id, &id));
	buf_finish(&entry);
	assert_true(row->seq > s->last);
	if (s->type)
		assert_string_equal(fixture_type(row->seq), s->type);
	if (s->from)
		assert_true(fixture_town(row->seq) >= s->from && fixture_town(row->seq) < s->to);
	s->last = row->seq;
	s->count++;
	if (s->nested && row->seq % 100 == 0) {
		struct scan inner = { .f = s->f };

		if (ledger_scan(s->f->db, row->seq, 300, scan_row, &inner, err) < 0 ||
		    ledger_find_seq(s->f->db, &id, &seq, err) != 1)
			return -1;
		assert_int_equal(inner.count, LEAVES - row->seq < 300 ? LEAVES - row->seq : 300);
	}
	return s->last == s->stop_at ? 42 : 0;
}

static void test_scan(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int64_t after, limit, count, last;
	} cases[] = {
		{ 0, INT64_MAX, LEAVES, LEAVES }, { 0, 1, 1, 1 },      { 0, 256, 256, 256 }, { 10, 257, 257, 267 },
		{ 600, 300, 100, LEAVES },        { LEAVES, 5, 0, 0 }, { 0, 0, 0, 0 },       { 0, -1, 0, 0 },
		{ INT64_MIN, 2, 2, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scan s = { .f = f };

		OK(ledger_scan(f->db, cases[i].after, cases[i].limit, scan_row, &s, err));
		assert_int_equal(s.count, cases[i].count);
		assert_int_equal(s.last, cases[i].last);
	}
}

static void test_scan_stops(void **state)
{
	struct fixture *f = *state;
	struct scan s = { .f = f, .stop_at = 300 };

	assert_int_equal(ledger_scan(f->db, 0, INT64_MAX, scan_row, &s, NULL), 42);
	assert_int_equal(s.count, 300);
}

static void test_scan_nested(void **state)
{
	struct fixture *f = *state;
	struct scan s = { .f = f, .nested = true };

	OK(ledger_scan(f->db, 0, INT64_MAX, scan_row, &s, err));
	assert_int_equal(s.count, LEAVES);
}

static void test_scan_where(void **state)
{
	struct fixture *f = *state;
	static const char *const types[] = { NULL, "group.formed", "household.registered", "no.such" };
	static const int64_t towns[][2] = {
		{ INT64_MIN, INT64_MAX },         { TEST_TOWN, TEST_TOWN + 7 },     { TEST_TOWN + 2, TEST_TOWN + 3 },
		{ TEST_TOWN + 2, TEST_TOWN + 5 }, { TEST_TOWN + 5, TEST_TOWN + 5 }, { TEST_TOWN + 6, TEST_TOWN },
		{ INT64_MIN, TEST_TOWN + 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		for (size_t j = 0; j < ARRAY_LEN(towns); j++) {
			struct scan s = { .f = f, .type = types[i], .from = towns[j][0], .to = towns[j][1] };
			int64_t expected = 0;

			for (int64_t seq = 6; seq <= LEAVES; seq++)
				expected += (!s.type || strcmp(fixture_type(seq), s.type) == 0) &&
					    fixture_town(seq) >= s.from && fixture_town(seq) < s.to;
			OK(ledger_scan_where(f->db, 5, INT64_MAX, INT64_MAX, s.type, s.from, s.to, scan_row, &s, err));
			assert_int_equal(s.count, expected);
		}
}

struct sizes {
	int64_t count;
	size_t bytes;
};

static int add_size(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct sizes *s = ctx;

	(void)err;
	s->count++;
	s->bytes += row->entry.len;
	return 0;
}

/* Entries of 300 KB: a page ends by its bytes long before its rows. */
static void test_large_entries(void **state)
{
	struct fixture *f = *state;
	struct ledger_head head;
	struct sizes s = { 0 };
	size_t len = 300000;
	char *bytes = malloc(len);

	memset(bytes, 'x', len);
	OK(db_begin(f->db, err));
	for (int i = 1; i <= 11; i++) {
		struct uuid id = fixture_id(100000 + i);

		OK(ledger_append(f->ledger, f->db, &id, "x", 1, (struct str){ bytes, len }, err));
	}
	OK(ledger_seal_head(f->ledger, f->db, 1, &head, err));
	OK(ledger_scan(f->db, LEAVES, 10, add_size, &s, err));
	assert_int_equal(s.count, 10);
	assert_int_equal(s.bytes, 10 * len);
	db_rollback(f->db);
	free(bytes);
}

static int setup(void **state, bool postgres)
{
	static struct fixture f;

	fixture_open(&f, postgres);
	fixture_commit(&f, LEAVES, 100);
	*state = &f;
	return 0;
}

static int setup_sqlite(void **state)
{
	return setup(state, false);
}

static int setup_postgres(void **state)
{
	return setup(state, true);
}

static int teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),        cmocka_unit_test(test_arena_full),
		cmocka_unit_test(test_scan),          cmocka_unit_test(test_scan_stops),
		cmocka_unit_test(test_scan_nested),   cmocka_unit_test(test_scan_where),
		cmocka_unit_test(test_large_entries),
	};
	int failed = cmocka_run_group_tests_name("read from SQLite", tests, setup_sqlite, teardown);

	if (fixture_has_postgres())
		failed += cmocka_run_group_tests_name("read from PostgreSQL", tests, setup_postgres, teardown);
	return failed;
}
