/* Moments and days in text: what exists, what does not, and the county's midnight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"

static void reads_moments(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t08:00:00+08:00", 0 },
		{ "2020-02-08T09:30:00+08:00", 1581125400000 },
		{ "2020-02-08T01:30:00z", 1581125400000 },
		{ "2020-02-07T20:00:00-05:30", 1581125400000 },
		{ "2020-02-29T00:00:00Z", 1582934400000 },
		{ "2000-02-29T23:59:59.999Z", 951868799999 },
		{ "2020-02-08T01:30:00.5Z", 1581125400500 },
		{ "2020-02-08T01:30:00.123999999Z", 1581125400123 },
		{ "2020-02-08T01:30:00.000000001Z", 1581125400000 },
		{ "1969-12-31T23:59:59.001Z", -999 },
		{ "2020-01-01T00:00:00+23:59", 1577836800000 - 86340000 },
		{ "2020-01-01T00:00:00-00:00", 1577836800000 },
		{ "1900-01-01T00:00:00Z", -2208988800000 },
		{ "2200-12-31T23:59:59Z", 7289654399000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = 0;

		if (!time_parse(str_of(rows[i].text), &ms))
			fail_msg("%s was refused", rows[i].text);
		if (ms != rows[i].ms)
			fail_msg("%s gave %lld", rows[i].text, (long long)ms);
	}
}

static void refuses_what_is_no_moment(void **state)
{
	static const char *const bad[] = {
		"",
		"2020-02-08",
		"2020-02-08T09:30:00",
		"2020-02-08 09:30:00Z",
		"2020-02-30T00:00:00Z",
		"2019-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z",
		"2020-04-31T00:00:00Z",
		"2020-13-01T00:00:00Z",
		"2020-00-01T00:00:00Z",
		"2020-01-00T00:00:00Z",
		"2020-01-32T00:00:00Z",
		"2020-01-01T24:00:00Z",
		"2020-01-01T00:60:00Z",
		"2020-01-01T00:00:60Z",
		"2016-12-31T23:59:60Z",
		"2020-01-01T00:00:00.Z",
		"2020-01-01T00:00:00.1234567890Z",
		"2020-01-01T00:00:00,5Z",
		"2020-01-01T00:00Z",
		"2020-01-01T00:00:00+24:00",
		"2020-01-01T00:00:00+08:60",
		"2020-01-01T00:00:00+0800",
		"2020-01-01T00:00:00+08",
		"2020-01-01T00:00:00Z ",
		" 2020-01-01T00:00:00Z",
		"2020-1-01T00:00:00Z",
		"+020-01-01T00:00:00Z",
		"1899-12-31T00:00:00Z",
		"2201-01-01T00:00:00Z",
		"20200101T000000Z",
		"2020-01-01T00:00:00ZZ",
		"2020-01-01T0a:00:00Z",
		"2020-01-01T00:00:00−08:00",
	};
	int64_t ms = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (time_parse(str_of(bad[i]), &ms))
			fail_msg("%s was taken", bad[i]);
	assert_false(time_parse(STR_NONE, &ms));
	assert_int_equal(ms, 42);
}

static void cut_text_is_refused_at_every_byte(void **state)
{
	struct str whole = STR("2020-02-08T09:30:00.123+08:00");
	int64_t ms;

	(void)state;
	assert_true(time_parse(whole, &ms));
	for (size_t n = 0; n < whole.len; n++)
		assert_false(time_parse((struct str){ whole.ptr, n }, &ms));
}

static void writes_moments(void **state)
{
	char text[TIME_TEXT_MAX];

	(void)state;
	time_format_utc(1581125400000, text);
	assert_string_equal(text, "2020-02-08T01:30:00.000Z");
	time_format_local(1581125400000, text);
	assert_string_equal(text, "2020-02-08T09:30:00+08:00");
	time_format_local(1581125400007, text);
	assert_string_equal(text, "2020-02-08T09:30:00.007+08:00");
	time_format_utc(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	time_format_local(-1, text);
	assert_string_equal(text, "1970-01-01T07:59:59.999+08:00");
	time_format_utc(INT64_MAX, text); /* no such year in RFC 3339: clamped, not overflowing */
	assert_int_equal(strlen(text), 24);
	time_format_local(INT64_MIN, text);
	assert_true(strlen(text) < TIME_TEXT_MAX);
}

/* Every day of 1900–2200 against the C library, and back. */
static void calendar_agrees_with_the_library(void **state)
{
	int64_t first, last, back;

	(void)state;
	assert_true(day_parse(STR("1900-01-01"), &first));
	assert_true(day_parse(STR("2200-12-31"), &last));
	assert_int_equal(last - first + 1, 301 * 365 + 73); /* leap: 75 fourth years, 1900, 2100 and 2200 are none */
	for (int64_t day = first; day <= last; day++) {
		char mine[TIME_TEXT_MAX], theirs[TIME_TEXT_MAX];
		time_t t = (time_t)(day * 86400);
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(theirs, sizeof(theirs), "%Y-%m-%d", &tm);
		day_format(day, mine);
		assert_string_equal(mine, theirs);
		assert_true(day_parse(str_of(mine), &back));
		assert_int_equal(back, day);
	}
}

static void refuses_what_is_no_day(void **state)
{
	static const char *const bad[] = {
		"",         "2020-02-30", "2019-02-29", "1900-02-29", "2020-2-08",  "2020-02-08 ",         "2020/02/08",
		"20200208", "2020-02-0",  "2020-06-31", "1899-12-31", "2201-01-01", "2020-02-08T00:00:00Z"
	};
	int64_t day = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(day_parse(str_of(bad[i]), &day));
	assert_int_equal(day, 42);
}

static void day_turns_at_the_countys_midnight(void **state)
{
	int64_t before, after, day;

	(void)state;
	assert_true(time_parse(STR("2020-02-07T23:59:59.999+08:00"), &before));
	assert_true(time_parse(STR("2020-02-08T00:00:00+08:00"), &after));
	assert_true(day_parse(STR("2020-02-08"), &day));
	assert_int_equal(day_of(before), day - 1);
	assert_int_equal(day_of(after), day);
	assert_int_equal(day_start(day), after);
	assert_int_equal(day_of(day_start(day + 1) - 1), day);
	assert_int_equal(day_of(-ZONE_OFFSET_MS), 0);
	assert_int_equal(day_of(-ZONE_OFFSET_MS - 1), -1);
	assert_int_equal(day_start(-1), -DAY_MS - ZONE_OFFSET_MS);
	assert_int_equal(day_of(INT64_MAX), INT64_MAX / DAY_MS);
}

static int64_t fixed_now(void)
{
	return 1581125400000;
}

static void fixed_fill(void *out, size_t len)
{
	memset(out, 0x5a, len);
}

static void clock_and_randomness_are_injected(void **state)
{
	uint8_t a[32], b[32];
	int64_t t, real;

	(void)state;
	clock_inject(fixed_now);
	assert_int_equal(clock_now(), 1581125400000);
	clock_inject(NULL);
	real = (int64_t)time(NULL) * 1000;
	t = clock_now();
	assert_true(t >= real - 1000 && t <= real + 60000);
	random_inject(fixed_fill);
	random_bytes(a, sizeof(a));
	memset(b, 0x5a, sizeof(b));
	assert_memory_equal(a, b, sizeof(a));
	random_inject(NULL);
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	t = clock_ticks();
	assert_true(clock_ticks() >= t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_moments),
		cmocka_unit_test(refuses_what_is_no_moment),
		cmocka_unit_test(cut_text_is_refused_at_every_byte),
		cmocka_unit_test(writes_moments),
		cmocka_unit_test(calendar_agrees_with_the_library),
		cmocka_unit_test(refuses_what_is_no_day),
		cmocka_unit_test(day_turns_at_the_countys_midnight),
		cmocka_unit_test(clock_and_randomness_are_injected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
