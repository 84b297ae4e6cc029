/* Place scope: levels, parents and ancestry by prefix, compared with the
 * digits themselves; a city without counties; grids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "event/place.h"

static place_t at(const char *code)
{
	place_t p;
	assert_true(place_parse(str_of(code), &p));
	return p;
}

static void test_levels(void **state)
{
	static const struct {
		const char *code;
		enum place_level level;
		const char *parent;
	} CASES[] = {
		{ "000000000000", LEVEL_NATION, "000000000000" },  { "610000000000", LEVEL_PROVINCE, "000000000000" },
		{ "610900000000", LEVEL_CITY, "610000000000" },    { "610927000000", LEVEL_COUNTY, "610900000000" },
		{ "610927100000", LEVEL_TOWN, "610927000000" },    { "610927100200", LEVEL_VILLAGE, "610927100000" },
		{ "610927100200001", LEVEL_GRID, "610927100200" }, { "441900000000", LEVEL_CITY, "440000000000" },
		{ "441900003000", LEVEL_TOWN, "441900000000" },    { "441900003001", LEVEL_VILLAGE, "441900003000" },
		{ "110101001001", LEVEL_VILLAGE, "110101001000" }, { "659001002000", LEVEL_TOWN, "659001000000" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
		place_t p = at(CASES[i].code);
		char text[PLACE_TEXT];
		assert_int_equal(place_level(p), CASES[i].level);
		assert_int_equal(place_parent(p), at(CASES[i].parent));
		assert_true(place_within(p, at(CASES[i].parent)));
		assert_true(place_within(p, p));
		assert_true(place_within(p, PLACE_NATION));
		assert_true(str_is((struct str){ text, place_format(p, text) }, CASES[i].code));
	}
	assert_false(place_within(at("610900000000"), at("610927000000")));
	assert_int_equal(at("610927"), at("610927000000"));
	assert_int_equal(at("61"), at("610000000000"));
}

/* From any place the way up ends at the nation, each step wider and holding all before. */
static void test_upwards(void **state)
{
	uint64_t x = 88172645463325252u;
	(void)state;
	for (int i = 0; i < 20000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		place_t p = (place_t)(x % 1000000000000000u), q = p;
		static const place_t CUT[] = { 1, 1000, 1000000, 1000000000, 100000000000, 10000000000000 };
		p -= p % CUT[x >> 32 & 3 ? (x >> 40) % 6 : 0];
		q = p;
		for (int steps = 0; q != PLACE_NATION; steps++) {
			place_t up = place_parent(q);
			assert_true(steps < 7);
			assert_true(place_span(up) > place_span(q));
			assert_true(place_within(p, up));
			assert_false(place_within(up, q));
			assert_int_equal(place_at(p, place_level(up)), up);
			q = up;
		}
	}
}

static void test_malformed(void **state)
{
	static const char *const BAD[] = { "",        "6",           "610",           "61092",
					   "6109271", "61092710020", "6109271002000", "6109271002001x",
					   " 610927", "６１" };
	place_t p = 7;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
		assert_false(place_parse(str_of(BAD[i]), &p));
	assert_false(place_parse(STR_NONE, &p));
	assert_int_equal(p, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_levels), cmocka_unit_test(test_upwards),
					    cmocka_unit_test(test_malformed) };
	return cmocka_run_group_tests_name("domain/places", tests, NULL, NULL);
}
