/* The solver of dispatch: thousands of small cases against a plain recursion over
 * persons, the same answer each time, and how long a large one takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "domain/duty/dispatch.h"

static uint64_t state_of_chance;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state_of_chance += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

#define SMALL_REQUESTS 4
#define SMALL_PERSONS  8

/* Filled slots and cost of the best way, person by person over what slots are left: another way altogether. */
struct best {
	int filled;
	int64_t cost;
};

static bool better(struct best a, struct best b)
{
	return a.filled != b.filled ? a.filled > b.filled : a.cost < b.cost;
}

static struct best by_hand(const struct dispatch *d, size_t person, int64_t *left)
{
	static struct best memo[SMALL_PERSONS][256];
	static bool known[SMALL_PERSONS][256];
	size_t key = 0;
	if (person == 0)
		memset(known, 0, sizeof known);
	if (person == d->persons)
		return (struct best){ 0, 0 };
	for (size_t r = 0; r < d->requests; r++)
		key = key * 4 + (size_t)left[r];
	if (known[person][key])
		return memo[person][key];
	struct best most = by_hand(d, person + 1, left);
	for (size_t r = 0; r < d->requests; r++) {
		int64_t cost = d->cost[r * d->persons + person];
		if (!left[r] || cost == DISPATCH_NEVER)
			continue;
		left[r]--;
		struct best with = by_hand(d, person + 1, left);
		left[r]++;
		with.filled++;
		with.cost += cost;
		if (better(with, most))
			most = with;
	}
	known[person][key] = true;
	memo[person][key] = most;
	return most;
}

static struct best add_up(const struct dispatch *d, const int64_t *sent)
{
	struct best b = { 0, 0 };
	int64_t used[SMALL_REQUESTS] = { 0 };
	for (size_t p = 0; p < d->persons; p++) {
		if (sent[p] < 0)
			continue;
		int64_t cost = d->cost[(size_t)sent[p] * d->persons + p];
		assert_true(cost != DISPATCH_NEVER);
		assert_true(++used[sent[p]] <= d->slots[sent[p]]);
		b.filled++;
		b.cost += cost;
	}
	return b;
}

static void test_solver_small(void **state)
{
	(void)state;
	struct arena arena;
	struct err err = { 0 };
	arena_init(&arena, 0);
	state_of_chance = 7;
	for (int round = 0; round < 20000; round++) {
		int64_t slots[SMALL_REQUESTS], left[SMALL_REQUESTS], cost[SMALL_REQUESTS * SMALL_PERSONS];
		int64_t sent[SMALL_PERSONS], again[SMALL_PERSONS];
		struct dispatch d = { draw(SMALL_REQUESTS + 1), draw(SMALL_PERSONS + 1), slots, cost };
		uint64_t range = draw(2) ? 4 : 1000, never = draw(4);
		for (size_t r = 0; r < d.requests; r++)
			left[r] = slots[r] = (int64_t)draw(4);
		for (size_t i = 0; i < d.requests * d.persons; i++)
			cost[i] = draw(5) < never ? DISPATCH_NEVER : (int64_t)draw(range);
		assert_int_equal(dispatch_solve(&d, &arena, sent, &err), 0);
		struct best is = add_up(&d, sent), should = by_hand(&d, 0, left);
		if (is.filled != should.filled || is.cost != should.cost)
			fail_msg("round %d: %d filled for %lld, could be %d for %lld", round, is.filled,
				 (long long)is.cost, should.filled, (long long)should.cost);
		assert_int_equal(dispatch_solve(&d, &arena, again, &err), 0);
		assert_memory_equal(sent, again, d.persons * sizeof *sent);
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

static void test_solver_large(void **state)
{
	(void)state;
	enum { R = 200, P = 2000 };
	static int64_t slots[R], cost[R * P], sent[P];
	struct arena arena;
	struct err err = { 0 };
	const struct dispatch d = { R, P, slots, cost };
	for (int kind = 0; kind < 3; kind++) {
		arena_init(&arena, 0);
		state_of_chance = 11;
		for (size_t r = 0; r < R; r++)
			slots[r] = 1 + (int64_t)draw(kind == 2 ? 19 : 9);
		/* all different; few different; hardly any different, and too few people */
		for (size_t i = 0; i < R * P; i++)
			cost[i] = draw(10) == 0 ? DISPATCH_NEVER
						: (int64_t)draw(kind == 0   ? 100000
								: kind == 1 ? 50
									    : 3);
		int64_t began = clock_ticks();
		assert_int_equal(dispatch_solve(&d, &arena, sent, &err), 0);
		int64_t ms = (clock_ticks() - began) / 1000;
		print_message("%d requests, %d people, costs of kind %d: %lld ms\n", R, P, kind, (long long)ms);
		assert_true(ms < 20000); /* under sanitizers, beside others */
		arena_finish(&arena);
	}
}

static void test_metres(void **state)
{
	(void)state;
	/* a degree of latitude; of longitude at 32° N */
	assert_in_range(dispatch_metres(109500000, 31500000, 109500000, 32500000), 111000, 111400);
	assert_in_range(dispatch_metres(109000000, 32000000, 110000000, 32000000), 94000, 94700);
	assert_int_equal(dispatch_metres(109500000, 31900000, 109500000, 31900000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_solver_small),
		cmocka_unit_test(test_solver_large),
		cmocka_unit_test(test_metres),
	};
	return cmocka_run_group_tests_name("domain/dispatch", tests, NULL, NULL);
}
