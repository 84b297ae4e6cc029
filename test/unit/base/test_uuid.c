/* UUIDs: text both ways, order of version 7 also across threads, derived ids. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/uuid.h"

static void text_both_ways(void **state)
{
	static const char lower[] = "0188a3f2-7c1b-7abc-8def-0123456789ab";
	struct uuid u, v;
	char out[UUID_TEXT];

	(void)state;
	assert_true(uuid_parse(str_of(lower), &u));
	uuid_format(&u, out);
	assert_memory_equal(out, lower, UUID_TEXT);
	assert_true(uuid_parse(STR("0188A3F2-7C1B-7ABC-8DEF-0123456789AB"), &v));
	assert_true(uuid_eq(&u, &v));
	v.b[15] ^= 1;
	assert_false(uuid_eq(&u, &v));
}

static void refuses_other_text(void **state)
{
	static const char *const bad[] = {
		"",
		"00000000-0000-0000-0000-000000000000",
		"0188a3f27c1b7abc8def0123456789ab",
		"0188a3f2-7c1b-7abc-8def-0123456789a",
		"0188a3f2-7c1b-7abc-8def-0123456789abc",
		"{188a3f2-7c1b-7abc-8def-0123456789a}",
		"0188a3f2-7c1b-7abc-8def_0123456789ab",
		"0188a3f-27c1b-7abc-8def-0123456789ab",
		"0188a3f2-7c1b-7abc-8def-0123456789ag",
		"0188a3f2-7c1b-7abc-8def- 123456789ab",
	};
	struct uuid u = { .b = { 9 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(uuid_parse(str_of(bad[i]), &u));
	assert_false(uuid_parse(STR_NONE, &u));
	assert_int_equal(u.b[0], 9);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static void v7_tells_its_moment_and_increases(void **state)
{
	struct uuid last = uuid_v7(0x0123456789abLL), first = last;

	(void)state;
	assert_memory_equal(first.b, "\x01\x23\x45\x67\x89\xab", 6);
	assert_int_equal(first.b[6] >> 4, 7);
	assert_int_equal(first.b[8] >> 6, 2);
	for (int i = 0; i < 10000; i++) {
		struct uuid u = uuid_v7(0x0123456789abLL);

		assert_true(by_bytes(&last, &u) < 0);
		assert_memory_equal(u.b, first.b, 6);
		assert_int_equal(u.b[6] >> 4, 7);
		assert_int_equal(u.b[8] >> 6, 2);
		last = u;
	}
	last = uuid_v7(INT64_MIN); /* a moment it cannot hold becomes its first one */
	assert_memory_equal(last.b, "\0\0\0\0\0\0", 6);
	assert_false(uuid_is_nil(&last));
}

/* Readers of the clock on both sides of a tick: each millisecond stays in order. */
static void v7_increases_within_each_of_two_milliseconds(void **state)
{
	struct uuid a = uuid_v7(5000), b = uuid_v7(5001);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct uuid a2 = uuid_v7(5000), b2 = uuid_v7(5001);

		assert_true(by_bytes(&a, &a2) < 0);
		assert_true(by_bytes(&b, &b2) < 0);
		assert_true(by_bytes(&a2, &b2) < 0);
		a = a2;
		b = b2;
	}
}

static void fill_ones(void *out, size_t len)
{
	memset(out, 0xff, len);
}

static void v7_carries_with_the_worst_randomness(void **state)
{
	struct uuid last;

	(void)state;
	random_inject(fill_ones);
	last = uuid_v7(777);
	for (int i = 0; i < 1000; i++) {
		struct uuid u = uuid_v7(777);

		assert_true(by_bytes(&last, &u) < 0);
		assert_int_equal(u.b[8] >> 6, 2);
		last = u;
	}
	random_inject(NULL);
}

enum { EACH = 5000, THREADS = 4 };

static void *make(void *arg)
{
	struct uuid *out = arg;

	for (int i = 0; i < EACH; i++)
		out[i] = uuid_v7(123456);
	return NULL;
}

static void v7_is_unique_over_threads(void **state)
{
	struct uuid *all = calloc(EACH * THREADS, sizeof(*all));
	pthread_t threads[THREADS];

	(void)state;
	assert_non_null(all);
	for (int t = 0; t < THREADS; t++)
		assert_int_equal(pthread_create(&threads[t], NULL, make, all + t * EACH), 0);
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	for (int t = 0; t < THREADS; t++)
		for (int i = 1; i < EACH; i++)
			assert_true(by_bytes(&all[t * EACH + i - 1], &all[t * EACH + i]) < 0);
	qsort(all, EACH * THREADS, sizeof(*all), by_bytes);
	for (int i = 1; i < EACH * THREADS; i++)
		assert_true(by_bytes(&all[i - 1], &all[i]) != 0);
	free(all);
}

static void derived_is_stable(void **state)
{
	struct uuid ns, u, again, other;
	char out[UUID_TEXT];

	(void)state;
	assert_true(uuid_parse(STR("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), &ns));
	u = uuid_derive(&ns, STR("www.example.com"));
	again = uuid_derive(&ns, STR("www.example.com"));
	other = uuid_derive(&ns, STR("www.example.con"));
	assert_true(uuid_eq(&u, &again));
	assert_false(uuid_eq(&u, &other));
	uuid_format(&u, out);
	/* RFC 9562 appendix B.2: the same input, SHA-256, version 8 */
	assert_memory_equal(out, "5c146b14-3c52-8afd-938a-375d0df1fbf6", UUID_TEXT);
	ns.b[0] ^= 1;
	other = uuid_derive(&ns, STR("www.example.com"));
	assert_false(uuid_eq(&u, &other));
	u = uuid_derive(&ns, STR_NONE);
	other = uuid_derive(&ns, STR(""));
	assert_true(uuid_eq(&u, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_both_ways),
		cmocka_unit_test(refuses_other_text),
		cmocka_unit_test(v7_tells_its_moment_and_increases),
		cmocka_unit_test(v7_increases_within_each_of_two_milliseconds),
		cmocka_unit_test(v7_carries_with_the_worst_randomness),
		cmocka_unit_test(v7_is_unique_over_threads),
		cmocka_unit_test(derived_is_stable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
