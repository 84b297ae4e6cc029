/* Problem documents and the headers that choose their language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/server.h"

static void test_weights(void **state)
{
	(void)state;
	assert_int_equal(problem_weight("gzip", "gzip"), 1000);
	assert_int_equal(problem_weight("br, GZip;q=0.5", "gzip"), 500);
	assert_int_equal(problem_weight("br;q=1.0, gzip; q=0.25 , *", "gzip"), 250);
	assert_int_equal(problem_weight("gzip;q=0", "gzip"), 0);
	assert_int_equal(problem_weight("gzip;q=-3", "gzip"), 0);
	assert_int_equal(problem_weight("gzip;q=900", "gzip"), 1000);
	assert_int_equal(problem_weight("gzip;q=x", "gzip"), 0);
	assert_int_equal(problem_weight("br, deflate", "gzip"), -1);
	assert_int_equal(problem_weight("", "gzip"), -1);
	assert_int_equal(problem_weight(" ,,, , ", "gzip"), -1);
	/* The weight of a later item is not this one's. */
	assert_int_equal(problem_weight("gzip, br;q=0.1", "gzip"), 1000);
}

static void test_language(void **state)
{
	(void)state;
	assert_int_equal(problem_language(NULL), LANG_ZH);
	assert_int_equal(problem_language(""), LANG_ZH);
	assert_int_equal(problem_language("*"), LANG_ZH);
	assert_int_equal(problem_language("fr, de"), LANG_ZH);
	assert_int_equal(problem_language("en"), LANG_EN);
	assert_int_equal(problem_language("EN-us,en;q=0.9"), LANG_EN);
	assert_int_equal(problem_language("zh-CN,zh;q=0.9,en;q=0.8"), LANG_ZH);
	assert_int_equal(problem_language("en, zh"), LANG_EN);
	assert_int_equal(problem_language("zh, en"), LANG_ZH);
	assert_int_equal(problem_language("en;q=0.3, zh;q=0.2"), LANG_EN);
	assert_int_equal(problem_language("en;q=0"), LANG_ZH);
}

static void test_document(void **state)
{
	_cleanup_(buf_finish) struct buf out = { 0 };
	struct err err = { 0 };

	(void)state;
	err_set(&err, &ERR_METHOD, "a\"b", "FOO", "GET", NULL);
	problem_open(&err, 405, LANG_EN, &out);
	buf_cstr(&out, "}");
	buf_char(&out, '\0');
	assert_string_equal(out.ptr, "{\"type\":\"urn:lianfang:problem:method_not_allowed\",\"title\":\"Method not "
				     "allowed\",\"status\":405,\"code\":\"method_not_allowed\",\"detail\":\"FOO is not "
				     "possible here. Possible: GET.\",\"field\":\"a\\\"b\"}");
}

/* What went wrong inside is for the log; the client gets a number to name. */
static void test_cause_is_hidden(void **state)
{
	struct err err = { 0 }, mild = { 0 };

	(void)state;
	err_fmt(&err, &ERR_STORE, "no such table: secret");
	problem_hide_cause(&err, true);
	assert_int_equal(err.arg[0][0], '#');
	assert_int_equal(strlen(err.arg[0]), 9);
	assert_null(strstr(err.arg[0], "secret"));
	err_set(&mild, &ERR_NOT_FOUND, NULL, "URL", NULL);
	problem_hide_cause(&mild, false);
	assert_string_equal(mild.arg[0], "URL");
}

static void test_gzip(void **state)
{
	static const char text[] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	_cleanup_(buf_finish) struct buf out = { 0 };

	(void)state;
	assert_true(answer_gzip(((struct str){ text, sizeof(text) - 1 }), 1, &out));
	assert_true(out.len > 18 && out.len < 60);
	assert_memory_equal(out.ptr, "\x1f\x8b\x08", 3);
	assert_true(answer_takes_gzip("br, gzip"));
	assert_false(answer_takes_gzip("br, gzip;q=0"));
	assert_false(answer_takes_gzip(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights),  cmocka_unit_test(test_language),
		cmocka_unit_test(test_document), cmocka_unit_test(test_cause_is_hidden),
		cmocka_unit_test(test_gzip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
