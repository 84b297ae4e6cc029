/* JSON (RFC 8259), read strictly as a stream of tokens and written compactly.
 * The reader builds no tree: callers pull what their table expects, so memory
 * and depth are bounded whatever comes. Numbers keep their text, so decimals
 * are read exactly. Strings are checked UTF-8 and unescaped into an arena only
 * when they hold an escape. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/err.h"

#define JSON_DEPTH_MAX 16

enum json_kind {
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

struct json_reader {
	const char *start, *p, *end;
	struct arena *arena; /* for strings with escapes */
	int depth;
	bool failed;      /* sticky */
	const char *what; /* of the failure, English, for the log and the detail */
};

void json_read_init(struct json_reader *r, struct str text, struct arena *arena);
/* Kind of the next value without taking it; -1 at a syntax error. */
int json_peek(struct json_reader *r);

/* Objects: json_object_begin, then json_member until it returns 0 (-1: error).
 * After each member exactly one value must be taken. */
int json_object_begin(struct json_reader *r);
int json_member(struct json_reader *r, struct str *ret_name);
/* Arrays: json_array_begin, then json_element until it returns 0; each time take one value. */
int json_array_begin(struct json_reader *r);
int json_element(struct json_reader *r);

int json_string(struct json_reader *r, struct str *ret);
int json_number(struct json_reader *r, struct str *ret_text); /* the number's own text */
int json_bool(struct json_reader *r, bool *ret);
int json_null(struct json_reader *r);
/* Passes over any value, still checking its syntax; `ret` (may be NULL) borrows its text. */
int json_skip(struct json_reader *r, struct str *ret);
/* 0 when only white space is left. */
int json_end(struct json_reader *r);
/* Turns a reader's failure into ERR_MALFORMED with position and cause; returns -1. */
int json_fail(const struct json_reader *r, struct err *err);

/* Exact decimal of at most `scale` fraction digits as an integer scaled by
 * 10^scale ("36.5", 2 → 3650). No exponent. False when it does not fit exactly. */
bool json_decimal(struct str number, int scale, int64_t *ret);

/* The writer appends to a buf and keeps commas itself. */
struct json_writer {
	struct buf *out;
	bool comma;
};

void json_write_init(struct json_writer *w, struct buf *out);
void json_open(struct json_writer *w, char bracket);  /* '{' or '[' */
void json_close(struct json_writer *w, char bracket); /* '}' or ']' */
void json_key(struct json_writer *w, const char *name);
void json_key_str(struct json_writer *w, struct str name);
void json_put_str(struct json_writer *w, struct str s); /* absent → null */
void json_put_cstr(struct json_writer *w, const char *s);
void json_put_i64(struct json_writer *w, int64_t v);
/* An integer scaled by 10^scale as an exact decimal without trailing zeros (3650, 2 → 36.5). */
void json_put_decimal(struct json_writer *w, int64_t v, int scale);
void json_put_bool(struct json_writer *w, bool v);
void json_put_null(struct json_writer *w);
void json_put_raw(struct json_writer *w, struct str json); /* already JSON */

#endif
