/* Byte strings and the growing buffer: edges of numbers, encodings and limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"

static void absent_differs_from_empty(void **state)
{
	(void)state;
	assert_null(str_of(NULL).ptr);
	assert_false(str_eq(STR_NONE, STR("")));
	assert_true(str_eq(STR_NONE, STR_NONE));
	assert_true(str_eq(STR(""), str_of("")));
	assert_false(str_is(STR_NONE, ""));
	assert_true(str_is(STR("甲"), "甲"));
	assert_false(str_is(STR("ab"), "abc"));
	assert_false(str_starts(STR_NONE, ""));
	assert_true(str_starts(STR("abc"), "ab"));
	assert_false(str_starts(STR("a"), "ab"));
}

static void compares_as_bytes(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("ab"), STR("a")) > 0);
	assert_true(str_cmp(STR("Z"), STR("a")) < 0);
	assert_true(str_cmp(STR("z"), STR("中")) < 0);
	assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
	assert_true(str_cmp(STR_NONE, STR("")) < 0);
}

static void copies_or_refuses(void **state)
{
	char out[4] = "zzz";

	(void)state;
	assert_true(str_copy(STR("abc"), out, sizeof(out)));
	assert_string_equal(out, "abc");
	assert_false(str_copy(STR("abcd"), out, sizeof(out)));
	assert_true(str_copy(STR_NONE, out, sizeof(out)));
	assert_string_equal(out, "");
	assert_false(str_copy(STR(""), out, 0));
}

static void reads_integers(void **state)
{
	static const char *const bad[] = {
		"", "-", "+1", " 1", "1 ", "1.0", "0x1", "--1", "9223372036854775808", "-9223372036854775809"
	};
	int64_t v = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(str_to_i64(str_of(bad[i]), &v));
	assert_false(str_to_i64(STR_NONE, &v));
	assert_int_equal(v, 7); /* unchanged on failure */
	assert_true(str_to_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
	assert_true(str_to_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
	assert_true(str_to_i64(STR("-0"), &v) && v == 0);
	assert_true(str_to_i64(STR("007"), &v) && v == 7);
}

static void checks_utf8(void **state)
{
	static const char *const good[] = { "",
					    "plain ascii text",
					    "\xc2\x80",
					    "\xdf\xbf",
					    "\xe0\xa0\x80",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xef\xbf\xbf",
					    "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf",
					    "镇平县 12345678 联防" };
	static const char *const bad[] = { "\x80",
					   "\xbf",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xc2",
					   "\xc2\x41",
					   "\xe0\x9f\xbf",
					   "\xed\xa0\x80",
					   "\xed\xbf\xbf",
					   "\xe4\xb8",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xff",
					   "12345678\xff",
					   "1234567\xe4",
					   "\xf0\x90\x80" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(str_is_utf8(str_of(good[i])));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(str_is_utf8(str_of(bad[i])));
	assert_true(str_is_utf8(STR_NONE));
	assert_int_equal(str_codepoints(STR("a镇é😀")), 4);
	assert_int_equal(str_codepoints(STR("")), 0);
}

static void buffer_grows_to_its_limit(void **state)
{
	_cleanup_(buf_finish) struct buf b = { .max = 300 };

	(void)state;
	assert_non_null(buf_view(&b).ptr);
	for (int i = 0; i < 300; i++)
		buf_char(&b, 'x');
	assert_false(b.failed);
	assert_int_equal(b.len, 300);
	buf_char(&b, 'y');
	assert_true(b.failed);
	assert_int_equal(b.len, 300);
	buf_cstr(&b, "");
	buf_printf(&b, "%d", 1);
	assert_int_equal(b.len, 300);
	buf_clear(&b);
	assert_false(b.failed);
	assert_false(buf_reserve(&b, 301));
	buf_clear(&b);
	assert_true(buf_reserve(&b, 300));
	buf_clear(&b);
	assert_false(buf_reserve(&b, SIZE_MAX));
	buf_clear(&b);
	b.max = 0;
	assert_false(buf_reserve(&b, SIZE_MAX));
}

static void buffer_writes(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	char long_text[2001];

	(void)state;
	memset(long_text, 'q', 2000);
	long_text[2000] = '\0';
	buf_i64(&b, 0);
	buf_char(&b, ' ');
	buf_i64(&b, INT64_MIN);
	buf_char(&b, ' ');
	buf_i64(&b, INT64_MAX);
	buf_char(&b, ' ');
	buf_hex(&b, "\x00\xab\xff", 3);
	buf_printf(&b, " %s-%d", "甲", 5);
	buf_str(&b, STR_NONE);
	assert_true(str_is(buf_view(&b), "0 -9223372036854775808 9223372036854775807 00abff 甲-5"));
	buf_clear(&b);
	buf_printf(&b, "%s", long_text);
	assert_int_equal(b.len, 2000);
	assert_false(b.failed);
}

static void base64_both_ways(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },           { "f", "Zg" },          { "fo", "Zm8" },          { "foo", "Zm9v" },
		{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "-__-" }
	};
	static const char *const bad[] = { "Z", "Zg==", "Zh", "Zm9", "Zm9v!", "+//+", "Zm9vY", "Z\xff" };
	char out[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };
		size_t n = strlen(pairs[i][0]);

		buf_b64(&b, pairs[i][0], n);
		assert_true(str_is(buf_view(&b), pairs[i][1]));
		assert_int_equal(b64_decode(str_of(pairs[i][1]), out, sizeof(out)), n);
		assert_memory_equal(out, pairs[i][0], n);
		if (n)
			assert_int_equal(b64_decode(str_of(pairs[i][1]), out, n - 1), -1);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(b64_decode(str_of(bad[i]), out, sizeof(out)), -1);
}

static void base64_of_every_length(void **state)
{
	uint8_t in[67], back[67];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 37 + 11);
	for (size_t n = 0; n <= sizeof(in); n++) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		buf_b64(&b, in, n);
		assert_int_equal(b64_decode(buf_view(&b), back, n), n);
		assert_memory_equal(in, back, n);
	}
}

static void hex_decodes(void **state)
{
	uint8_t out[2];

	(void)state;
	assert_int_equal(hex_decode(STR("aBf0"), out, 2), 2);
	assert_memory_equal(out, "\xab\xf0", 2);
	assert_int_equal(hex_decode(STR("abc"), out, 2), -1);
	assert_int_equal(hex_decode(STR("abcdef"), out, 2), -1);
	assert_int_equal(hex_decode(STR("ag"), out, 2), -1);
	assert_int_equal(hex_decode(STR("-1"), out, 2), -1);
	assert_int_equal(hex_decode(STR_NONE, out, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_differs_from_empty),
		cmocka_unit_test(compares_as_bytes),
		cmocka_unit_test(copies_or_refuses),
		cmocka_unit_test(reads_integers),
		cmocka_unit_test(checks_utf8),
		cmocka_unit_test(buffer_grows_to_its_limit),
		cmocka_unit_test(buffer_writes),
		cmocka_unit_test(base64_both_ways),
		cmocka_unit_test(base64_of_every_length),
		cmocka_unit_test(hex_decodes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
