/* The JSON reader and writer: what is taken, what is refused and where, bounds, exact decimals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/json.h"
#include "json_walk.h"

static const char *const good[] = {
	"{}",
	"[]",
	" \t\r\n[ ] \n",
	"0",
	"-0",
	"-0.0",
	"1e5",
	"1E+5",
	"1.25e-7",
	"123456789012345678901234567890",
	"true",
	"false",
	"null",
	"\"\"",
	"\"plain\"",
	"\"镇平县\"",
	"\"\xf0\x9f\x98\x80\"",
	"\"\x7f\"",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	"\"\\u4e2d\\uD83D\\uDE00\"",
	"\"\\uffff\"",
	"[1,2,[3,{}]]",
	"{\"a\":1,\"b\":{\"c\":[true,false,null]},\"\":\"\"}",
	"{\"a\":1,\"a\":2}",
	"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
	"[\"eight by\",\"12345678\\n\",\"1234567\xe4\xb8\xad\"]",
	"{ \"a\" : [ 1 , 2 ] , \"b\" : null }",
};

static const char *const bad[] = {
	"",
	" ",
	"{",
	"}",
	"[",
	"]",
	"[,]",
	"[1,]",
	"[1 2]",
	"[1,,2]",
	"{,}",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1,}",
	"{\"a\" 1}",
	"{a:1}",
	"{1:1}",
	"{\"a\":1 \"b\":2}",
	"[1}",
	"{\"a\":1]",
	"[1]]",
	"{}{}",
	"1 2",
	"nul",
	"nulll",
	"True",
	"tru",
	"fals",
	"NaN",
	"Infinity",
	"-",
	"-a",
	"+1",
	"01",
	"-01",
	"00",
	"1.",
	".5",
	"1.e5",
	"1e",
	"1e+",
	"0x10",
	"1_000",
	"\"",
	"\"a",
	"'a'",
	"\"\\\"",
	"\"\\a\"",
	"\"\\u12\"",
	"\"\\u12g4\"",
	"\"\\u 123\"",
	"\"\\U0041\"",
	"\"\\u0000\"",
	"\"\\ud800\"",
	"\"\\udc00\"",
	"\"\\ud800\\ud800\"",
	"\"\\ud800x\"",
	"\"\\ud800\\n\"",
	"\"\\ud800\\u0041\"",
	"\"a\nb\"",
	"\"a\tb\"",
	"\"\x01\"",
	"\"\x1f\"",
	"\"\x80\"",
	"\"\xc0\x80\"",
	"\"\xe4\xb8\"",
	"\"\xed\xa0\x80\"",
	"\"\xf4\x90\x80\x80\"",
	"\"\xff\"",
	"\xef\xbb\xbf{}",
	"// c\n1",
	"/* c */1",
	"[1]x",
	"\v1",
	"\u00a0[]",
	"[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]",
	"{\"a\":\"\\ud83d\\u\"}",
	"{\"\\q\":1}",
	"{\"a\\u0000\":1}",
};

static void takes_and_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (!walk_takes(str_of(good[i])))
			fail_msg("refused by pulling: %s", good[i]);
		if (!skip_takes(str_of(good[i])))
			fail_msg("refused by skipping: %s", good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (walk_takes(str_of(bad[i])))
			fail_msg("taken by pulling: %s", bad[i]);
		if (skip_takes(str_of(bad[i])))
			fail_msg("taken by skipping: %s", bad[i]);
	}
	assert_false(walk_takes(STR_NONE));
	assert_false(skip_takes((struct str){ "1\0", 2 }));
	assert_false(skip_takes((struct str){ "\"\0\"", 3 }));
}

/* A document cut at any byte is refused, and reading never leaves the bytes
 * given: each cut stands in its own heap block, where a sanitizer would see. */
static void cut_at_every_byte(void **state)
{
	static const char text[] =
	    "{\"id\":\"0188a3f2-7c1b\",\"name\":\"张\\u4e09\\n\\ud83d\\ude00 and more plain text\","
	    "\"t\":[36.5,-1e3,true,false,null,{}],\"x\":{\"y\":\"z\"}}";

	(void)state;
	assert_true(walk_takes(str_of(text)));
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, text, n);
		assert_false(walk_takes((struct str){ copy, n }));
		assert_false(skip_takes((struct str){ copy, n }));
		free(copy);
	}
}

static void depth_bomb(void **state)
{
	size_t n = 4 << 20;
	char *bomb = malloc(n);
	struct json_reader r;

	(void)state;
	assert_non_null(bomb);
	memset(bomb, '[', n);
	json_read_init(&r, (struct str){ bomb, n }, NULL);
	assert_int_equal(json_skip(&r, NULL), -1);
	assert_int_equal(r.p - r.start, JSON_DEPTH_MAX);
	for (size_t i = 0; i + 5 <= n; i += 5)
		memcpy(bomb + i, "{\"\":[", 5);
	json_read_init(&r, (struct str){ bomb, n }, NULL);
	assert_int_equal(json_skip(&r, NULL), -1);
	assert_string_equal(r.what, "nested too deep");
	free(bomb);
}

static void depth_counts_what_is_open_not_what_was(void **state)
{
	struct json_reader r;

	(void)state;
	json_read_init(&r, STR("[[],[[]],{},[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]"), NULL);
	assert_int_equal(json_skip(&r, NULL), 0);
	assert_int_equal(r.depth, 0);
	json_read_init(&r, STR("[[[[[[[[[[[[[[[[ ]]]]]]]]]]]]]]]]"), NULL);
	for (int i = 0; i < JSON_DEPTH_MAX; i++) {
		assert_int_equal(json_array_begin(&r), 0);
		assert_int_equal(json_element(&r), i < JSON_DEPTH_MAX - 1);
	}
	for (int i = 1; i < JSON_DEPTH_MAX; i++)
		assert_int_equal(json_element(&r), 0);
	assert_int_equal(json_end(&r), 0);
}

static void pulls_values(void **state)
{
	struct arena a;
	struct json_reader r;
	struct str s,
	    plain = STR("{\"k\\u0031\": \"plain\", \"e\":\"\\u00e9\\ud83d\\ude00\\n\", \"n\":-1.50, \"f\" :false}");
	bool b = true;

	(void)state;
	arena_init(&a, 0);
	json_read_init(&r, plain, &a);
	assert_int_equal(json_peek(&r), JSON_OBJECT);
	assert_int_equal(json_object_begin(&r), 0);
	assert_int_equal(json_member(&r, &s), 1);
	assert_true(str_is(s, "k1"));
	assert_int_equal(json_peek(&r), JSON_STRING);
	assert_int_equal(json_string(&r, &s), 0);
	assert_true(str_is(s, "plain"));
	assert_true(s.ptr > plain.ptr && s.ptr < plain.ptr + plain.len); /* borrowed, not copied */
	assert_int_equal(json_member(&r, &s), 1);
	assert_int_equal(json_string(&r, &s), 0);
	assert_true(str_is(s, "é😀\n"));
	assert_int_equal(json_member(&r, &s), 1);
	assert_int_equal(json_number(&r, &s), 0);
	assert_true(str_is(s, "-1.50"));
	assert_int_equal(json_member(&r, &s), 1);
	assert_int_equal(json_bool(&r, &b), 0);
	assert_false(b);
	assert_int_equal(json_member(&r, &s), 0);
	assert_int_equal(json_end(&r), 0);
	arena_finish(&a);
}

static void skip_borrows_the_text(void **state)
{
	struct json_reader r;
	struct str s;

	(void)state;
	json_read_init(&r, STR(" [ {\"a\": [1, 2]} , 7 ] "), NULL);
	assert_int_equal(json_array_begin(&r), 0);
	assert_int_equal(json_element(&r), 1);
	assert_int_equal(json_skip(&r, &s), 0);
	assert_true(str_is(s, "{\"a\": [1, 2]}"));
	assert_int_equal(json_element(&r), 1);
	assert_int_equal(json_skip(&r, &s), 0);
	assert_true(str_is(s, "7"));
	assert_int_equal(json_element(&r), 0);
	assert_int_equal(json_end(&r), 0);
}

static void failure_sticks_and_leaves_results(void **state)
{
	struct json_reader r;
	struct str s = STR("before");
	struct err err = { 0 };
	bool b = true;

	(void)state;
	json_read_init(&r, STR("[1,\"x\"]"), NULL);
	assert_int_equal(json_string(&r, &s), -1);
	assert_int_equal(json_peek(&r), -1);
	assert_int_equal(json_array_begin(&r), -1);
	assert_int_equal(json_element(&r), -1);
	assert_int_equal(json_member(&r, &s), -1);
	assert_int_equal(json_number(&r, &s), -1);
	assert_int_equal(json_bool(&r, &b), -1);
	assert_int_equal(json_null(&r), -1);
	assert_int_equal(json_skip(&r, &s), -1);
	assert_int_equal(json_end(&r), -1);
	assert_true(b && str_is(s, "before"));
	assert_string_equal(r.what, "a string is expected");
	assert_int_equal(json_fail(&r, &err), -1);
	assert_ptr_equal(err.kind, &ERR_MALFORMED);
	assert_string_equal(err.arg[0], "JSON: a string is expected, at byte 0");
	json_read_init(&r, STR("[1,2"), NULL);
	assert_int_equal(json_skip(&r, NULL), -1);
	json_fail(&r, &err);
	assert_string_equal(err.arg[0], "JSON: the text ends inside an object or array, at byte 4");
}

static void a_missing_value_is_an_error(void **state)
{
	struct json_reader r;
	struct str s;

	(void)state;
	json_read_init(&r, STR("{\"a\":}"), NULL);
	assert_int_equal(json_object_begin(&r), 0);
	assert_int_equal(json_member(&r, &s), 1);
	assert_int_equal(json_peek(&r), -1);
	json_read_init(&r, STR("{\"a\":1}"), NULL); /* the caller forgets to take the value */
	assert_int_equal(json_object_begin(&r), 0);
	assert_int_equal(json_member(&r, &s), 1);
	assert_int_equal(json_member(&r, &s), -1);
}

static void escapes_need_room(void **state)
{
	struct arena a;
	struct json_reader r;
	struct str s;

	(void)state;
	arena_init(&a, 16);
	json_read_init(&r, STR("\"0123456789abcdef\\n\""), &a);
	assert_int_equal(json_string(&r, &s), -1);
	json_read_init(&r, STR("\"\\n\""), NULL);
	assert_int_equal(json_string(&r, &s), -1);
	json_read_init(&r, STR("\"\\n\""), NULL);
	assert_int_equal(json_skip(&r, NULL), 0); /* passing over needs none */
	arena_finish(&a);
}

static void decimals_are_exact(void **state)
{
	static const struct {
		const char *text;
		int scale;
		int64_t value;
	} rows[] = {
		{ "36.5", 2, 3650 },
		{ "36.5", 1, 365 },
		{ "36", 0, 36 },
		{ "-0.05", 2, -5 },
		{ "-0", 2, 0 },
		{ "0.10", 1, 1 },
		{ "36.500", 2, 3650 },
		{ "1.0", 0, 1 },
		{ "112.345678", 6, 112345678 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "92233720368547758.07", 2, INT64_MAX },
		{ "0", 18, 0 },
	};
	static const struct {
		const char *text;
		int scale;
	} wrong[] = {
		{ "36.55", 1 },
		{ "0.001", 2 },
		{ "1e2", 0 },
		{ "1E2", 2 },
		{ "9223372036854775808", 0 },
		{ "92233720368547758.08", 2 },
		{ "92233720368547759", 2 },
		{ "-9223372036854775809", 0 },
		{ "", 0 },
		{ "-", 0 },
		{ "01", 0 },
		{ "1.", 1 },
		{ ".1", 1 },
		{ "+1", 0 },
		{ "1 ", 0 },
		{ "abc", 2 },
	};
	int64_t v = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (json_decimal(str_of(wrong[i].text), wrong[i].scale, &v))
			fail_msg("%s was taken at scale %d", wrong[i].text, wrong[i].scale);
	assert_false(json_decimal(STR_NONE, 0, &v));
	assert_int_equal(v, 42);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!json_decimal(str_of(rows[i].text), rows[i].scale, &v))
			fail_msg("%s was refused at scale %d", rows[i].text, rows[i].scale);
		assert_true(v == rows[i].value);
	}
}

static void writes(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;

	(void)state;
	json_write_init(&w, &b);
	json_open(&w, '{');
	json_key(&w, "a");
	json_open(&w, '[');
	json_put_i64(&w, -5);
	json_put_bool(&w, true);
	json_put_bool(&w, false);
	json_put_null(&w);
	json_open(&w, '{');
	json_close(&w, '}');
	json_open(&w, '[');
	json_close(&w, ']');
	json_close(&w, ']');
	json_key_str(&w, STR("k\"ey"));
	json_put_str(&w, STR_NONE);
	json_key(&w, "e");
	json_put_cstr(&w, "");
	json_key(&w, "n");
	json_put_cstr(&w, NULL);
	json_key(&w, "r");
	json_put_raw(&w, STR("[1,2]"));
	json_key(&w, "z");
	json_put_cstr(&w, "中/\x7f");
	json_close(&w, '}');
	assert_true(str_is(buf_view(&b), "{\"a\":[-5,true,false,null,{},[]],\"k\\\"ey\":null,\"e\":\"\",\"n\":null,"
					 "\"r\":[1,2],\"z\":\"中/\x7f\"}"));
}

static void writes_escapes_of_rfc_8785(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;
	char all[33];

	(void)state;
	for (int i = 0; i < 32; i++)
		all[i] = (char)i;
	all[32] = '\\';
	json_write_init(&w, &b);
	json_put_str(&w, (struct str){ all, sizeof(all) });
	json_put_cstr(&w, "plain plain plain \" tail");
	assert_true(str_is(buf_view(&b),
			   "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r"
			   "\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018"
			   "\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f\\\\\","
			   "\"plain plain plain \\\" tail\""));
}

static void writes_decimals(void **state)
{
	static const struct {
		int64_t v;
		int scale;
		const char *text;
	} rows[] = {
		{ 3650, 2, "36.5" },
		{ 3600, 2, "36" },
		{ -5, 2, "-0.05" },
		{ 0, 2, "0" },
		{ 7, 0, "7" },
		{ 700, 0, "700" },
		{ 1, 18, "0.000000000000000001" },
		{ 112345678, 6, "112.345678" },
		{ INT64_MIN, 2, "-92233720368547758.08" },
		{ INT64_MAX, 18, "9.223372036854775807" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };
		struct json_writer w;
		int64_t back;

		json_write_init(&w, &b);
		json_put_decimal(&w, rows[i].v, rows[i].scale);
		assert_true(str_is(buf_view(&b), rows[i].text));
		assert_true(json_decimal(buf_view(&b), rows[i].scale, &back) && back == rows[i].v);
	}
}

static void a_full_buffer_fails_the_writer(void **state)
{
	_cleanup_(buf_finish) struct buf b = { .max = 10 };
	struct json_writer w;

	(void)state;
	json_write_init(&w, &b);
	json_put_cstr(&w, "0123456789");
	json_put_i64(&w, 1);
	assert_true(b.failed);
	assert_true(b.len <= 10);
}

/* Any string of valid UTF-8 comes back as it went in. */
static void strings_survive_writing_and_reading(void **state)
{
	static const char *const pieces[] = {
		"a", "\"", "\\", "\n", "\x01", "中", "😀", "é", "plain text of some length"
	};
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		_cleanup_(buf_finish) struct buf in = { 0 }, out = { 0 };
		struct json_writer w;
		struct json_reader r;
		struct arena a;
		struct str back;

		for (uint32_t n = round % 13; n; n--)
			buf_cstr(&in, pieces[((seed = seed * 1664525 + 1013904223) >> 16) % ARRAY_LEN(pieces)]);
		json_write_init(&w, &out);
		json_put_str(&w, buf_view(&in));
		arena_init(&a, 0);
		json_read_init(&r, buf_view(&out), &a);
		assert_int_equal(json_string(&r, &back), 0);
		assert_int_equal(json_end(&r), 0);
		assert_true(str_eq(back, buf_view(&in)));
		arena_finish(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_and_refuses),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(depth_bomb),
		cmocka_unit_test(depth_counts_what_is_open_not_what_was),
		cmocka_unit_test(pulls_values),
		cmocka_unit_test(skip_borrows_the_text),
		cmocka_unit_test(failure_sticks_and_leaves_results),
		cmocka_unit_test(a_missing_value_is_an_error),
		cmocka_unit_test(escapes_need_room),
		cmocka_unit_test(decimals_are_exact),
		cmocka_unit_test(writes),
		cmocka_unit_test(writes_escapes_of_rfc_8785),
		cmocka_unit_test(writes_decimals),
		cmocka_unit_test(a_full_buffer_fails_the_writer),
		cmocka_unit_test(strings_survive_writing_and_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
