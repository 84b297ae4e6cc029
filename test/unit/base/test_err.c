/* Errors: filling, cutting, prefixing, the texts of the common kinds, and the log's line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

static const struct err_kind ERR_THREE = { "three", 422, "甲{0}乙{1}丙{2}{3}{x", "a {0} b {1} c {2}{3}{x" };

static void assert_text(const struct err *err, enum lang lang, const char *expected)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	err_text(err, lang, &b);
	buf_char(&b, '\0');
	assert_string_equal(b.ptr, expected);
}

static void fills_and_tells(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_text(&err, LANG_EN, "");
	assert_int_equal(err_set(&err, &ERR_THREE, "people[1].name", "x", "y", "z", NULL), -1);
	assert_ptr_equal(err.kind, &ERR_THREE);
	assert_string_equal(err.field, "people[1].name");
	assert_text(&err, LANG_ZH, "甲x乙y丙z{3}{x");
	assert_text(&err, LANG_EN, "a x b y c z{3}{x");
	assert_int_equal(err_set(&err, &ERR_THREE, NULL, "one", NULL), -1); /* nothing stays from before */
	assert_string_equal(err.field, "");
	assert_text(&err, LANG_EN, "a one b  c {3}{x");
	assert_int_equal(err_kind_set(&err, &ERR_BUSY), -1);
	assert_int_equal(err_fmt(&err, &ERR_INTERNAL, "%d%%", 7), -1);
	assert_string_equal(err.arg[0], "7%");
	assert_int_equal(err_set(NULL, &ERR_BUSY, "f", "a", NULL), -1);
	assert_int_equal(err_fmt(NULL, &ERR_BUSY, "x"), -1);
	err_prefix(NULL, "a", 0);
}

static void cuts_at_whole_characters(void **state)
{
	struct err err = { 0 };
	char text[400];

	(void)state;
	for (size_t i = 0; i < 390; i += 3)
		memcpy(text + i, "镇", 4);
	text[390] = '\0';
	err_set(&err, &ERR_INTERNAL, text, text, NULL);
	assert_int_equal(strlen(err.arg[0]), 159);
	assert_true(str_is_utf8(str_of(err.arg[0])));
	assert_int_equal(strlen(err.field), 93); /* 31 whole characters, not 95 bytes */
	assert_true(str_is_utf8(str_of(err.field)));
	err_prefix(&err, "x", -1);
	assert_true(str_is_utf8(str_of(err.field)));
	assert_memory_equal(err.field, "x.镇", 5);
}

static void prefixes(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, &ERR_MALFORMED, "temperature", NULL);
	err_prefix(&err, "people", 1);
	assert_string_equal(err.field, "people[1].temperature");
	err_prefix(&err, "data", -1);
	assert_string_equal(err.field, "data.people[1].temperature");
	err_set(&err, &ERR_MALFORMED, "", NULL);
	err_prefix(&err, "people", 0);
	assert_string_equal(err.field, "people[0]");
	err_set(&err, &ERR_MALFORMED, "[3]", NULL);
	err_prefix(&err, "rows", -1);
	assert_string_equal(err.field, "rows[3]");
	err_set(&err, &ERR_MALFORMED, "x", NULL);
	err_prefix(&err, NULL, -1);
	assert_string_equal(err.field, "x");
	err_prefix(&err, "", 12);
	assert_string_equal(err.field, "[12].x");
}

static void common_kinds_are_complete(void **state)
{
	static const struct {
		const struct err_kind *kind;
		const char *code;
		int status;
	} rows[] = {
		{ &ERR_NO_MEMORY, "no_memory", 500 },
		{ &ERR_INTERNAL, "internal", 500 },
		{ &ERR_BUSY, "busy", 503 },
		{ &ERR_STORE, "store_failed", 500 },
		{ &ERR_STORE_FULL, "store_full", 507 },
		{ &ERR_STORE_READONLY, "store_readonly", 503 },
		{ &ERR_STORE_LOCKED, "store_locked", 503 },
		{ &ERR_STORE_NEWER, "store_newer", 500 },
		{ &ERR_STORE_CORRUPT, "store_corrupt", 500 },
		{ &ERR_USAGE, "usage", 400 },
		{ &ERR_FILE, "file", 400 },
		{ &ERR_NOT_FOUND, "not_found", 404 },
		{ &ERR_FORBIDDEN, "forbidden", 403 },
		{ &ERR_MALFORMED, "malformed", 400 },
		{ &ERR_TOO_LARGE, "too_large", 413 },
		{ &ERR_UNAUTHENTICATED, "unauthenticated", 401 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct err_kind *k = rows[i].kind;

		assert_string_equal(k->code, rows[i].code);
		assert_int_equal(k->status, rows[i].status);
		assert_true(k->zh[0] && str_is_utf8(str_of(k->zh)));
		assert_true(k->en[0] && str_codepoints(str_of(k->en)) == strlen(k->en));
		assert_int_equal(strstr(k->zh, "{0}") != NULL, strstr(k->en, "{0}") != NULL);
	}
}

static int64_t fixed_now(void)
{
	return 1581125400000;
}

/* What one call writes to standard error. */
static void assert_logged(enum log_level level, const char *message, const char *expected)
{
	char got[256] = "";
	int fds[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	log_write(level, "%s", message);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	n = read(fds[0], got, sizeof(got) - 1);
	close(fds[0]);
	assert_true(n >= 0);
	assert_string_equal(got, expected);
}

static void log_is_one_line(void **state)
{
	(void)state;
	clock_inject(fixed_now);
	assert_logged(LOG_LEVEL_WARN, "disk \"x\" full\nforged=1",
		      "time=2020-02-08T01:30:00.000Z level=warn msg=\"disk \\\"x\\\" full forged=1\"\n");
	assert_logged(LOG_LEVEL_INFO, "event=started port=80",
		      "time=2020-02-08T01:30:00.000Z level=info event=started port=80\n");
	assert_logged(LOG_LEVEL_DEBUG, "not said", "");
	log_set_level(LOG_LEVEL_ERROR);
	assert_logged(LOG_LEVEL_WARN, "not said", "");
	log_set_level(LOG_LEVEL_DEBUG);
	assert_logged(LOG_LEVEL_DEBUG, "", "time=2020-02-08T01:30:00.000Z level=debug msg=\"\"\n");
	clock_inject(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_and_tells), cmocka_unit_test(cuts_at_whole_characters),
		cmocka_unit_test(prefixes),        cmocka_unit_test(common_kinds_are_complete),
		cmocka_unit_test(log_is_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
