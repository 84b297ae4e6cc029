/* Text kept for a minute: found by its key alone, bounded, forgotten on demand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "domain/memo.h"

static struct uuid key(int i)
{
	struct uuid none = { 0 };
	char text[24];
	snprintf(text, sizeof text, "%d", i);
	return uuid_derive(&none, str_of(text));
}

static bool finds(struct memo *m, int i, int64_t now, const char *expected)
{
	struct arena arena;
	struct str text = STR_NONE;
	struct uuid k = key(i);
	int64_t seq = -1;
	arena_init(&arena, 0);
	bool found = memo_find(m, &k, now, &arena, &text, &seq) && str_is(text, expected) && seq == i;
	arena_finish(&arena);
	return found;
}

static void keep(struct memo *m, int i, int64_t now, const char *text)
{
	struct uuid k = key(i);
	memo_keep(m, &k, now, i, str_of(text));
}

static void test_found(void **state)
{
	struct memo *m = memo_create();
	(void)state;
	assert_false(finds(m, 1, 0, "one"));
	keep(m, 1, 1000, "one");
	keep(m, 2, 1000, "two");
	assert_true(finds(m, 1, 1000, "one"));
	assert_true(finds(m, 2, 1500, "two"));
	assert_false(finds(m, 3, 1000, "one"));
	keep(m, 1, 2000, "another");
	assert_true(finds(m, 1, 2000, "another"));
	/* A minute; and a clock set back is no reason to keep it. */
	assert_true(finds(m, 2, 61000, "two"));
	assert_false(finds(m, 2, 61001, "two"));
	assert_false(finds(m, 2, 2000, "two"));
	assert_false(finds(m, 1, 1999, "another"));
	/* Nothing is no text. */
	keep(m, 4, 1000, "");
	assert_false(finds(m, 4, 1000, ""));
	memo_destroy(m);
}

static void test_forgotten(void **state)
{
	struct memo *m = memo_create();
	(void)state;
	keep(m, 10, 0, "ten");
	keep(m, 20, 0, "twenty");
	memo_forget(m, 15);
	assert_false(finds(m, 10, 0, "ten"));
	assert_false(finds(m, 20, 0, "twenty"));
	/* A slow reader comes with what it read before. */
	keep(m, 14, 0, "fourteen");
	assert_false(finds(m, 14, 0, "fourteen"));
	keep(m, 15, 0, "fifteen");
	assert_true(finds(m, 15, 0, "fifteen"));
	memo_forget(m, 3);
	assert_false(finds(m, 15, 0, "fifteen"));
	keep(m, 14, 0, "fourteen");
	assert_false(finds(m, 14, 0, "fourteen"));
	memo_destroy(m);
}

/* Far more than it holds: the newest is there, most are not, and one that is too large never is. */
static void test_bounded(void **state)
{
	enum { SIZE = 1 << 20, MANY = 200 };
	struct memo *m = memo_create();
	char *text = malloc(SIZE * 2 + 1);
	size_t kept = 0;
	(void)state;
	memset(text, 'x', SIZE * 2);
	text[SIZE] = 0;
	for (int i = 0; i < MANY; i++) {
		keep(m, i, 0, text);
		assert_true(finds(m, i, 0, text));
	}
	for (int i = 0; i < MANY; i++)
		kept += finds(m, i, 0, text);
	assert_in_range(kept, 4, 16);
	text[SIZE] = 'x';
	text[SIZE * 2] = 0;
	keep(m, MANY, 0, text);
	assert_false(finds(m, MANY, 0, text));
	free(text);
	memo_destroy(m);
	memo_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_found), cmocka_unit_test(test_forgotten),
					    cmocka_unit_test(test_bounded) };
	return cmocka_run_group_tests_name("domain/memo", tests, NULL, NULL);
}
