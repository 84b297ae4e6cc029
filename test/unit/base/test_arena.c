/* The bump allocator: alignment, zeroing, its bound, and reuse after a reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

static void aligned_zeroed_and_apart(void **state)
{
	struct arena a;
	unsigned char *last = NULL;

	(void)state;
	arena_init(&a, 0);
	for (size_t n = 0; n < 3000; n += 7) {
		unsigned char *p = arena_alloc(&a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_ptr_not_equal(p, last);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xee, n);
		last = p;
	}
	arena_finish(&a);
}

static void bound_holds(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1000);
	assert_null(arena_alloc(&a, 1001));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 15));
	assert_non_null(arena_alloc(&a, 500));
	assert_null(arena_alloc(&a, 500)); /* 512 handed out, 488 left */
	assert_non_null(arena_alloc(&a, 480));
	assert_null(arena_alloc(&a, 16));
	assert_null(arena_str(&a, STR("no room")).ptr);
	assert_true(a.used <= 1000);
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 900));
	arena_finish(&a);
	assert_null(a.blocks);
}

static void default_bound_holds(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_null(arena_alloc(&a, ARENA_DEFAULT_MAX + 1));
	assert_non_null(arena_alloc(&a, (size_t)3 << 20)); /* larger than any block */
	arena_reset(&a);
	assert_null(a.blocks); /* the huge block is not kept */
	arena_finish(&a);
}

static void reset_keeps_the_first_block_and_zeroes_again(void **state)
{
	struct arena a;
	char *first;

	(void)state;
	arena_init(&a, 0);
	first = arena_alloc(&a, 64);
	memset(first, 'x', 64);
	for (int i = 0; i < 100; i++)
		assert_non_null(arena_alloc(&a, 4096));
	arena_reset(&a);
	assert_int_equal(a.used, 0);
	assert_ptr_equal(arena_alloc(&a, 64), first);
	for (int i = 0; i < 64; i++)
		assert_int_equal(first[i], 0);
	arena_finish(&a);
	arena_finish(&a); /* twice is harmless */
}

static void strings_are_terminated_copies(void **state)
{
	struct arena a;
	struct str s, e;
	char text[] = "联防";

	(void)state;
	arena_init(&a, 0);
	s = arena_str(&a, str_of(text));
	memset(text, 0, sizeof(text));
	assert_string_equal(s.ptr, "联防");
	assert_null(arena_str(&a, STR_NONE).ptr);
	e = arena_str(&a, STR(""));
	assert_non_null(e.ptr);
	assert_int_equal(e.len, 0);
	arena_finish(&a);
}

static void arrays_grow(void **state)
{
	struct arena a;
	size_t cap = 0;
	int *items = NULL;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < 1000; i++) {
		items = arena_grow(&a, items, i, &cap, sizeof(*items));
		assert_non_null(items);
		assert_true(cap > i);
		items[i] = (int)i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	arena_finish(&a);
	arena_init(&a, 256);
	cap = 0;
	assert_null(arena_grow(&a, NULL, 0, &cap, 1024)); /* past the bound: nothing changed */
	assert_int_equal(cap, 0);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligned_zeroed_and_apart),
		cmocka_unit_test(bound_holds),
		cmocka_unit_test(default_bound_holds),
		cmocka_unit_test(reset_keeps_the_first_block_and_zeroes_again),
		cmocka_unit_test(strings_are_terminated_copies),
		cmocka_unit_test(arrays_grow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
