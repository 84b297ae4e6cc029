/* Fresh stores for tests: a SQLite file in a temporary folder, or a new
 * database on the server that LIANFANG_TEST_PG names. A test that needs the
 * server is skipped when that is unset. */
#ifndef TEST_FRESH_H
#define TEST_FRESH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

enum fresh_kind { FRESH_SQLITE, FRESH_POSTGRES };

struct fresh {
	char dir[64]; /* for files; exists for either kind */
	char url[256];
};

/* Makes the place; the store itself is not made yet. */
static inline void fresh_make(struct fresh *f, enum fresh_kind kind)
{
	static int count;
	const char *server = getenv("LIANFANG_TEST_PG");
	const char *slash = server ? strrchr(server, '/') : NULL;

	if (kind == FRESH_POSTGRES && !slash)
		skip();
	strcpy(f->dir, "/tmp/lianfang-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	if (kind == FRESH_SQLITE)
		snprintf(f->url, sizeof(f->url), "%s/x.db", f->dir);
	else
		snprintf(f->url, sizeof(f->url), "%.*s/t%d_%d", (int)(slash - server), server, getpid(), ++count);
}

static inline void fresh_remove(struct fresh *f)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
}

/* The error's English text, for messages of failed tests; static. */
static inline const char *fresh_text(const struct err *err)
{
	static char text[512];
	struct buf out = { 0 };

	if (err->kind)
		err_text(err, LANG_EN, &out);
	str_copy((struct str){ out.ptr ? out.ptr : "", out.len < sizeof(text) ? out.len : sizeof(text) - 1 }, text,
		 sizeof(text));
	buf_finish(&out);
	return text;
}

#define assert_ok(call)                                              \
	do {                                                         \
		err.kind = NULL;                                     \
		if ((call) < 0)                                      \
			fail_msg("%s: %s", #call, fresh_text(&err)); \
	} while (0)

#define assert_fault(call, which)                                  \
	do {                                                       \
		err.kind = NULL;                                   \
		assert_true((call) < 0);                           \
		assert_non_null(err.kind);                         \
		assert_string_equal(err.kind->code, (which).code); \
	} while (0)

#endif
