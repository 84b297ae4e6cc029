/* The blind index against a list searched from end to end: across the sorting
 * away, with numbers shared by many, seen again and again, and erased. */
#include "fixture.h"

#define ROWS    9000 /* two runs and some */
#define MOST    6    /* entries a row */
#define NUMBERS 7000
#define PEOPLE  9000
#define SHARED  0 /* the number of a third of them */

struct pair {
	int number, person;
};
static struct pair pairs[ROWS * MOST];
static size_t n_pairs;
static bool erased[PEOPLE];
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static void hash_of(int number, uint8_t out[16])
{
	uint64_t h = (uint64_t)number * 0x9e3779b97f4a7c15u;
	memset(out, number % 3 ? 0x5a : 0xff, 16);
	memcpy(out, &h, sizeof h);
}

static void add_rows(struct fixture *f, int rows)
{
	for (int i = 0; i < rows; i++) {
		struct blind entries[MOST];
		size_t n = 1 + draw(MOST);
		for (size_t k = 0; k < n; k++) {
			struct pair p = { draw(8) ? 1 + (int)draw(NUMBERS - 1) : SHARED, (int)draw(PEOPLE) };
			pairs[n_pairs++] = p;
			hash_of(p.number, entries[k].hash);
			entries[k].subject = fixture_id(p.person + 1);
		}
		OK(blind_add(f->db, entries, n, err));
	}
}

/* In commits of 40 rows; every tenth is thrown away. */
static void grow(struct fixture *f, int rows)
{
	for (int done = 0; done < rows; done += 40) {
		bool lost = draw(10) == 0;
		size_t before = n_pairs;
		OK(db_begin(f->db, err));
		add_rows(f, 40);
		OK(blind_settle(f->db, err));
		if (!lost) {
			OK(db_commit(f->db, err));
			continue;
		}
		db_rollback(f->db);
		n_pairs = before;
	}
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static size_t naive(int number, struct uuid *ret)
{
	size_t n = 0, kept = 0;
	for (size_t i = 0; i < n_pairs; i++) {
		if (pairs[i].number == number && !erased[pairs[i].person])
			ret[n++] = fixture_id(pairs[i].person + 1);
	}
	qsort(ret, n, sizeof *ret, by_id);
	for (size_t i = 0; i < n; i++) {
		if (!kept || !uuid_eq(&ret[kept - 1], &ret[i]))
			ret[kept++] = ret[i];
	}
	return kept;
}

static void check_number(struct fixture *f, int number, size_t most)
{
	static struct uuid should[ROWS * MOST], is[PEOPLE];
	uint8_t hash[16];
	size_t n = naive(number, should);
	int found = -1;
	hash_of(number, hash);
	OK(found = blind_find(f->db, hash, is, most, err));
	assert_int_equal(found, n < most ? n : most);
	assert_memory_equal(is, should, (size_t)found * sizeof *is);
}

static void check_all(struct fixture *f)
{
	for (int i = 0; i < 300; i++)
		check_number(f, (int)draw(NUMBERS), PEOPLE);
	check_number(f, SHARED, PEOPLE);
	check_number(f, SHARED, 20);
	check_number(f, SHARED, 1);
	check_number(f, NUMBERS + 5, 20); /* nobody's */
}

static int64_t count(struct fixture *f, const struct sql *q)
{
	int64_t n = -1;
	OK(db_get_i64(f->db, q, &n, err, ""));
	return n;
}

static void test_model(bool postgres)
{
	static const struct sql RUNS = { "test.runs", "SELECT coalesce(max(run), 0) FROM blind_page" };
	static const struct sql NEW = { "test.new", "SELECT count(*) FROM blind_new" };
	struct fixture f;
	seed = 88172645463325252u;
	n_pairs = 0;
	memset(erased, 0, sizeof erased);
	fixture_open(&f, postgres);
	check_all(&f); /* of an empty one */
	grow(&f, 400);
	assert_int_equal(count(&f, &RUNS), 0);
	check_all(&f);
	while (count(&f, &RUNS) < 2)
		grow(&f, 400);
	grow(&f, 40);
	assert_true(count(&f, &NEW) < 4096);
	check_all(&f);
	for (int person = 0; person < PEOPLE; person += 900) {
		struct uuid id = fixture_id(person + 1);
		OK(db_begin(f.db, err));
		OK(blind_erase(f.db, &id, err));
		OK(db_commit(f.db, err));
		erased[person] = true;
	}
	check_all(&f);
	for (size_t i = 0; i < n_pairs; i++) {
		if (erased[pairs[i].person])
			check_number(&f, pairs[i].number, PEOPLE);
	}
	fixture_reopen(&f);
	check_all(&f);
	fixture_close(&f);
}

static void test_sqlite(void **state)
{
	(void)state;
	test_model(false);
}

static void test_postgres(void **state)
{
	(void)state;
	if (fixture_has_postgres())
		test_model(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sqlite), cmocka_unit_test(test_postgres) };
	return cmocka_run_group_tests_name("ledger/blind", tests, NULL, NULL);
}
