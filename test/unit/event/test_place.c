/* Place codes: forms, levels, spans, ancestry — also of cities without
 * counties, whose towns stand directly below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "event/place.h"

static place_t code(const char *text)
{
	place_t p;
	assert_true(place_parse(str_of(text), &p));
	return p;
}

static void assert_code(place_t p, const char *text)
{
	char out[PLACE_TEXT];
	size_t len = place_format(p, out);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(out, text, len);
}

static void reads_and_writes_codes(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "61", "610000000000" },
		{ "6109", "610900000000" },
		{ "610927", "610927000000" },
		{ "610927100", "610927100000" },
		{ "610927100001", "610927100001" },
		{ "610927100001002", "610927100001002" },
		{ "610927100001000", "610927100001" },
		{ "000000000000", "000000000000" },
		{ "000000", "000000000000" },
		{ "999999999999999", "999999999999999" },
		{ "110000000000", "110000000000" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_code(code(rows[i].in), rows[i].out);
	assert_int_equal(code("610927100001002"), 610927100001002);
	assert_int_equal(code("6109"), 610900000000000);
}

static void refuses_other_forms(void **state)
{
	static const char *const bad[] = { "",
					   "6",
					   "610",
					   "61092",
					   "6109271",
					   "61092710",
					   "6109271000",
					   "61092710000",
					   "6109271000010",
					   "61092710000100",
					   "6109271000010021",
					   "61092710000a",
					   "-10927100000",
					   " 10927100000",
					   "610927 00000",
					   "+10927100000",
					   "６１" };
	place_t p = 7;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(place_parse(str_of(bad[i]), &p));
	assert_false(place_parse(STR_NONE, &p));
	assert_int_equal(p, 7); /* unchanged on failure */
}

static void knows_levels_and_spans(void **state)
{
	static const struct {
		const char *code;
		enum place_level level;
		place_t span;
	} rows[] = {
		{ "000000000000", LEVEL_NATION, 1000000000000000 },
		{ "610000000000", LEVEL_PROVINCE, 10000000000000 },
		{ "610900000000", LEVEL_CITY, 100000000000 },
		{ "610927000000", LEVEL_COUNTY, 1000000000 },
		{ "610927100000", LEVEL_TOWN, 1000000 },
		{ "610927100001", LEVEL_VILLAGE, 1000 },
		{ "610927100001002", LEVEL_GRID, 1 },
		{ "441900000000", LEVEL_CITY, 100000000000 },
		{ "441900003000", LEVEL_TOWN, 1000000 },
		{ "441900003001", LEVEL_VILLAGE, 1000 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(place_level(code(rows[i].code)), rows[i].level);
		assert_int_equal(place_span(code(rows[i].code)), rows[i].span);
	}
}

static void climbs_to_parents(void **state)
{
	static const char *const chain[] = { "610927100001002", "610927100001", "610927100000", "610927000000",
					     "610900000000",    "610000000000", "000000000000", "000000000000" };
	static const char *const without_county[] = { "441900003001007", "441900003001", "441900003000",
						      "441900000000",    "440000000000", "000000000000" };
	(void)state;
	for (size_t i = 0; i + 1 < ARRAY_LEN(chain); i++)
		assert_code(place_parent(code(chain[i])), chain[i + 1]);
	for (size_t i = 0; i + 1 < ARRAY_LEN(without_county); i++)
		assert_code(place_parent(code(without_county[i])), without_county[i + 1]);
}

static void finds_the_place_at_a_level(void **state)
{
	place_t grid = code("610927100001002"), city = code("441900000000");
	(void)state;
	assert_code(place_at(grid, LEVEL_GRID), "610927100001002");
	assert_code(place_at(grid, LEVEL_VILLAGE), "610927100001");
	assert_code(place_at(grid, LEVEL_TOWN), "610927100000");
	assert_code(place_at(grid, LEVEL_COUNTY), "610927000000");
	assert_code(place_at(grid, LEVEL_CITY), "610900000000");
	assert_code(place_at(grid, LEVEL_PROVINCE), "610000000000");
	assert_code(place_at(grid, LEVEL_NATION), "000000000000");
	/* At or above the level it is itself: a city without counties is its own county. */
	assert_code(place_at(city, LEVEL_COUNTY), "441900000000");
	assert_code(place_at(city, LEVEL_VILLAGE), "441900000000");
	assert_code(place_at(code("441900003000"), LEVEL_COUNTY), "441900000000");
	assert_int_equal(place_county(grid), 610927);
	assert_int_equal(place_county(code("441900003001")), 441900);
	assert_int_equal(place_county(PLACE_NATION), 0);
}

static void tells_what_lies_within(void **state)
{
	static const struct {
		const char *p, *above;
		bool within;
	} rows[] = {
		{ "610927100001", "610927100000", true },        { "610927100001", "610927100001", true },
		{ "610927100001002", "610927100001", true },     { "610927100001002", "000000000000", true },
		{ "610927100000", "610927100001", false },       { "610927101001", "610927100000", false },
		{ "610928000000", "610927000000", false },       { "610926999999", "610927000000", false },
		{ "610927999999999", "610927000000", true },     { "441900003001", "441900000000", true },
		{ "442000001001", "441900000000", false },       { "000000000000", "610000000000", false },
		{ "610927100001002", "610927100001003", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(place_within(code(rows[i].p), code(rows[i].above)), rows[i].within);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_codes),     cmocka_unit_test(refuses_other_forms),
		cmocka_unit_test(knows_levels_and_spans),     cmocka_unit_test(climbs_to_parents),
		cmocka_unit_test(finds_the_place_at_a_level), cmocka_unit_test(tells_what_lies_within),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
