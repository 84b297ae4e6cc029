/* The figure book: deltas roll up to the top of the store and no further, meet
 * in one row, cancel out, and reach the table once flushed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "domain/domain.h"

struct rig {
	struct store *store;
	struct db *db;
	struct arena arena;
	struct work w;
};

static place_t at(const char *code)
{
	place_t p;
	assert_true(place_parse(str_of(code), &p));
	return p;
}

static void open_rig(struct rig *r, const char *top)
{
	struct err err = { 0 };
	*r = (struct rig){ 0 };
	registry_prepare();
	assert_int_equal(store_open(":memory:", STORE_SCRATCH | STORE_CREATE, &r->store, &err), 0);
	assert_int_equal(store_connect(r->store, DB_WRITE, &r->db, &err), 0);
	assert_int_equal(db_begin(r->db, &err), 0);
	assert_int_equal(db_script(r->db, domain_schema(), &err), 0);
	arena_init(&r->arena, 0);
	r->w = (struct work){
		.db = r->db, .ledger = r->db, .arena = &r->arena, .book = figure_book_create(), .top = at(top)
	};
	assert_non_null(r->w.book);
}

static void close_rig(struct rig *r)
{
	figure_book_destroy(r->w.book);
	arena_finish(&r->arena);
	db_rollback(r->db);
	db_close(r->db);
	store_close(r->store);
}

static void add(struct rig *r, const char *name, const char *place, int64_t day, int64_t delta)
{
	struct err err = { 0 };
	assert_int_equal(figure_add(&r->w, name, 0, at(place), day, delta, &err), 0);
}

static void flush(struct rig *r)
{
	struct err err = { 0 };
	assert_int_equal(figure_book_flush(r->w.book, r->db, &err), 0);
}

static int64_t value(struct rig *r, const char *name, const char *place, int64_t day)
{
	struct err err = { 0 };
	int64_t v = -1;
	assert_int_equal(figure_value(&r->w, name, 0, at(place), day, &v, &err), 0);
	return v;
}

static int64_t rows(struct rig *r)
{
	static const struct sql COUNT = { "test.rows", "SELECT COUNT(*) FROM figure" };
	struct err err = { 0 };
	int64_t n = -1;
	assert_int_equal(db_get_i64(r->db, &COUNT, &n, &err, ""), 1);
	return n;
}

static void test_roll_up(void **state)
{
	struct rig r;
	(void)state;
	open_rig(&r, "610927");
	add(&r, "households", "610927100200001", 10, 1);
	add(&r, "households", "610927100200", 11, 1);
	add(&r, "households", "610927100201", 11, 2);
	add(&r, "households", "610927000000", 12, 4);
	assert_int_equal(value(&r, "households", "610927", 12), 0); /* not before it is flushed */
	flush(&r);
	assert_int_equal(value(&r, "households", "610927100200001", 9), 0);
	assert_int_equal(value(&r, "households", "610927100200001", 10), 1);
	assert_int_equal(value(&r, "households", "610927100200", 10), 1);
	assert_int_equal(value(&r, "households", "610927100200", 11), 2);
	assert_int_equal(value(&r, "households", "610927100000", 11), 4);
	assert_int_equal(value(&r, "households", "610927000000", 11), 4);
	assert_int_equal(value(&r, "households", "610927000000", 12), 8);
	assert_int_equal(value(&r, "households", "610900000000", 12), 0); /* above the store's top */
	assert_int_equal(value(&r, "groups", "610927000000", 12), 0);
	assert_int_equal(rows(&r), 4 + 1 + 2 + 1 + 1); /* grid, village ×2, other village, town ×2, county ×3 */
	close_rig(&r);
}

static void test_tops(void **state)
{
	static const struct {
		const char *top, *place;
		int64_t rows;
	} CASES[] = {
		{ "610927", "610927100200", 3 },
		{ "6109", "610927100200", 4 },
		{ "61", "610927100200", 5 },
		{ "000000", "610927100200", 6 },
		{ "4419", "441900003001", 3 },
		{ "44", "441900003001", 4 },
		{ "000000", "441900003001", 5 },
		{ "610927100", "610927100200", 2 },
		{ "610927100200", "610927100200", 1 },
		{ "610927", "610926100200", 1 }, /* from outside: at the top alone */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		struct rig r;
		open_rig(&r, CASES[i].top);
		add(&r, "households", CASES[i].place, 10, 1);
		flush(&r);
		assert_int_equal(value(&r, "households", CASES[i].top, 10), 1);
		assert_int_equal(rows(&r), CASES[i].rows);
		close_rig(&r);
	}
}

static void test_cancelling(void **state)
{
	struct rig r;
	(void)state;
	open_rig(&r, "610927");
	add(&r, "households", "610927100200", 10, 1);
	add(&r, "households", "610927100200", 10, -1);
	flush(&r);
	assert_int_equal(rows(&r), 0); /* within one commit */
	add(&r, "households", "610927100200", 10, 3);
	flush(&r);
	assert_int_equal(rows(&r), 3);
	add(&r, "households", "610927100200", 10, -3);
	flush(&r);
	assert_int_equal(rows(&r), 0); /* and across two */
	add(&r, "households", "610927100200", 10, 5);
	figure_book_discard(r.w.book);
	flush(&r);
	assert_int_equal(rows(&r), 0);
	close_rig(&r);
}

/* More rows than the book begins with, names and incidents told apart. */
static void test_many(void **state)
{
	struct rig r;
	struct err err = { 0 };
	(void)state;
	open_rig(&r, "610927");
	for (int round = 0; round < 2; round++) {
		for (int64_t day = 0; day < 1500; day++) {
			assert_int_equal(figure_add_part(&r.w, "people.", "medic", 0, at("610927100200"), day, 1, &err),
					 0);
			assert_int_equal(figure_add(&r.w, "people.medics", 7, at("610927100200"), day, 2, &err), 0);
		}
		flush(&r);
	}
	assert_int_equal(rows(&r), 2 * 3 * 1500);
	assert_int_equal(value(&r, "people.medic", "610927", 1499), 3000);
	assert_int_equal(value(&r, "people.medics", "610927", 1499), 0); /* of incident 7 only */
	int64_t v;
	assert_int_equal(figure_value(&r.w, "people.medics", 7, at("610927"), 749, &v, &err), 0);
	assert_int_equal(v, 3000);
	close_rig(&r);
}

static void test_spans(void **state)
{
	struct rig r;
	struct err err = { 0 };
	int64_t ten = day_start(10), twelve = day_start(12);
	struct span s[] = { { ten, ten + 5 }, { ten + 6, twelve }, { twelve + 1, INT64_MAX } };
	struct spans all = { s, 3 };
	(void)state;
	open_rig(&r, "610927");
	assert_int_equal(figure_add_spans(&r.w, "groups_complete", NULL, 0, at("610927100200"), &all, 1, &err), 0);
	flush(&r);
	assert_int_equal(value(&r, "groups_complete", "610927100200", 9), 0);
	assert_int_equal(value(&r, "groups_complete", "610927100200", 10), 1);
	assert_int_equal(value(&r, "groups_complete", "610927100200", 11), 1);
	assert_int_equal(value(&r, "groups_complete", "610927100200", 12), 1); /* ended and begun that day */
	assert_int_equal(figure_add_spans(&r.w, "groups_complete", NULL, 0, at("610927100200"), &all, -1, &err), 0);
	flush(&r);
	assert_int_equal(rows(&r), 0);
	close_rig(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_roll_up), cmocka_unit_test(test_tops),
					    cmocka_unit_test(test_cancelling), cmocka_unit_test(test_many),
					    cmocka_unit_test(test_spans) };
	return cmocka_run_group_tests_name("domain/figure_book", tests, NULL, NULL);
}
