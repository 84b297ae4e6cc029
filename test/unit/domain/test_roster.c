/* The roster's rules on thousands of cases: rest before and after, nobody while
 * away, gaps only where nobody could stand; and that it is fair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/duty/roster.h"

static uint64_t state_of_chance;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state_of_chance += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

#define ROSTER_PEOPLE 6
#define ROSTER_SLOTS  12
#define HOUR          3600000LL

static bool clash(const struct span *s, size_t n, size_t not, int64_t from, int64_t to)
{
	for (size_t i = 0; i < n; i++) {
		if (i != not &&s[i].from < to && s[i].to > from)
			return true;
	}
	return false;
}

static void test_roster_rules(void **state)
{
	(void)state;
	state_of_chance = 3;
	for (int round = 0; round < 3000; round++) {
		struct span busy[ROSTER_PEOPLE][ROSTER_SLOTS + 2], away[ROSTER_PEOPLE][1];
		struct roster_person people[ROSTER_PEOPLE] = { 0 };
		struct roster_slot slots[ROSTER_SLOTS] = { 0 };
		size_t who[ROSTER_SLOTS][3], n = 1 + draw(ROSTER_PEOPLE), had[ROSTER_PEOPLE];
		int64_t length = (int64_t)(1 + draw(12)) * HOUR;
		for (size_t i = 0; i < n; i++) {
			int64_t at = (int64_t)draw(96) * HOUR;
			people[i].id.b[0] = (uint8_t)(i + 1);
			people[i].busy = (struct spans){ busy[i], draw(2) };
			busy[i][0] = (struct span){ at, at + 8 * HOUR };
			people[i].room = ROSTER_SLOTS + 1;
			people[i].away = (struct spans){ away[i], draw(2) };
			away[i][0] = (struct span){ (int64_t)draw(48) * HOUR, (int64_t)(48 + draw(48)) * HOUR };
			people[i].last_ended = INT64_MIN;
			had[i] = people[i].busy.n;
		}
		for (size_t i = 0; i < ROSTER_SLOTS; i++)
			slots[i] = (struct roster_slot){ (int64_t)i * length, (int64_t)(i + 1) * length,
							 (int64_t)draw(4), who[i], 0 };
		roster_plan(people, n, slots, ROSTER_SLOTS, 8 * HOUR);
		for (size_t i = 0; i < n; i++) {
			/* rest before and after each, and nothing while away; what stood before is not ours to mend */
			for (size_t k = had[i]; k < people[i].busy.n; k++) {
				const struct span *s = &busy[i][k];
				assert_false(clash(busy[i], people[i].busy.n, k, s->from - 8 * HOUR, s->to + 8 * HOUR));
				assert_false(clash(away[i], people[i].away.n, 9, s->from, s->to));
			}
		}
		for (size_t i = 0; i < ROSTER_SLOTS; i++) {
			assert_true((int64_t)slots[i].n <= slots[i].heads);
			/* a gap only where nobody could have stood, all said and done */
			for (size_t p = 0; (int64_t)slots[i].n < slots[i].heads && p < n; p++)
				assert_true(clash(busy[p], people[p].busy.n, 99, slots[i].from - 8 * HOUR,
						  slots[i].to + 8 * HOUR) ||
					    clash(away[p], people[p].away.n, 99, slots[i].from, slots[i].to));
		}
	}
}

/* Five to fill three shifts a day: nobody stands a shift more than another. */
static void test_roster_fair(void **state)
{
	(void)state;
	struct span busy[5][25];
	struct roster_person people[5] = { 0 };
	struct roster_slot slots[15] = { 0 };
	size_t who[15][1];
	for (size_t i = 0; i < 5; i++) {
		people[i].id.b[0] = (uint8_t)(i + 1);
		people[i].busy = (struct spans){ busy[i], 0 };
		people[i].room = 25;
		people[i].last_ended = INT64_MIN;
	}
	for (size_t i = 0; i < 15; i++)
		slots[i] = (struct roster_slot){ (int64_t)i * 8 * HOUR, (int64_t)(i + 1) * 8 * HOUR, 1, who[i], 0 };
	roster_plan(people, 5, slots, 15, 8 * HOUR);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(people[i].minutes, 3 * 8 * 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roster_rules),
		cmocka_unit_test(test_roster_fair),
	};
	return cmocka_run_group_tests_name("domain/roster", tests, NULL, NULL);
}
