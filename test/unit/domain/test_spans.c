/* Spans: intersection and holding, compared with a count moment by moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "domain/domain.h"

static uint64_t state = 88172645463325252u;

static int64_t draw(int64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (int64_t)(state % (uint64_t)below);
}

/* Ordered, apart, none empty; the last may be open. */
static struct spans some_spans(struct span *room)
{
	size_t n = (size_t)draw(6);
	int64_t at = draw(5);
	for (size_t i = 0; i < n; i++) {
		room[i].from = at;
		room[i].to = at + 1 + draw(6);
		at = room[i].to + draw(4);
	}
	if (n && draw(3) == 0)
		room[n - 1].to = INT64_MAX;
	return (struct spans){ room, n };
}

static void test_holds(void **ctx)
{
	struct span one[] = { { 10, 20 }, { 20, 30 }, { 40, INT64_MAX } };
	struct spans s = { one, 3 }, none = { NULL, 0 };
	(void)ctx;
	assert_false(spans_hold_at(&s, 9));
	assert_true(spans_hold_at(&s, 10));
	assert_true(spans_hold_at(&s, 20));
	assert_false(spans_hold_at(&s, 30));
	assert_false(spans_hold_at(&s, 39));
	assert_true(spans_hold_at(&s, INT64_MAX - 1));
	assert_false(spans_hold_at(&none, 0));
}

static void test_intersect(void **ctx)
{
	struct arena arena;
	(void)ctx;
	arena_init(&arena, 0);
	for (int round = 0; round < 3000; round++) {
		struct span a[6], b[6];
		struct spans x = some_spans(a), y = some_spans(b), both;
		struct err err = { 0 };
		assert_int_equal(spans_intersect(&arena, &x, &y, &both, &err), 0);
		for (int64_t at = 0; at < 80; at++)
			assert_int_equal(spans_hold_at(&both, at), spans_hold_at(&x, at) && spans_hold_at(&y, at));
		for (size_t i = 0; i < both.n; i++) {
			assert_true(both.items[i].from < both.items[i].to);
			assert_true(!i || both.items[i - 1].to <= both.items[i].from);
		}
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

/* A tenure that ends before it begins, as one of a group dissolved earlier, holds nowhere. */
static void test_backwards(void **ctx)
{
	struct arena arena;
	struct span wrong[] = { { 20, 10 } }, all[] = { { 0, INT64_MAX } };
	struct spans x = { wrong, 1 }, y = { all, 1 }, both;
	struct err err = { 0 };
	(void)ctx;
	arena_init(&arena, 0);
	assert_int_equal(spans_intersect(&arena, &x, &y, &both, &err), 0);
	assert_int_equal(both.n, 0);
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_holds), cmocka_unit_test(test_intersect),
					    cmocka_unit_test(test_backwards) };
	return cmocka_run_group_tests_name("domain/spans", tests, NULL, NULL);
}
