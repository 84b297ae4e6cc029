/* Byte strings and the growing buffer. A `struct str` borrows its bytes; a
 * `struct buf` owns them. Neither is NUL-terminated unless said so. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed run of bytes. `ptr == NULL` means absent, which differs from empty. */
struct str {
	const char *ptr;
	size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_NONE     ((struct str){ NULL, 0 })
/* For printf: "%.*s", STR_ARG(s) */
#define STR_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct str str_of(const char *cstring);
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *cstring);
/* memcmp order, the shorter first when one is a prefix of the other. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str a, const char *prefix);
/* Copies into `out` of `size` bytes and terminates it; false when it did not fit. */
bool str_copy(struct str s, char *out, size_t size);
/* For showing a text from outside: as much as fits, cut at the end of a whole character, terminated. Returns `out`. */
const char *str_show(struct str s, char *out, size_t size);
/* Whole-string decimal integer with an optional minus; false when malformed or out of range. */
bool str_to_i64(struct str s, int64_t *ret);
/* True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, nothing over U+10FFFF). */
bool str_is_utf8(struct str s);
/* Number of code points of well-formed UTF-8. */
size_t str_codepoints(struct str s);

/* A growing heap buffer with a hard limit. After the first failure (out of
 * memory, or past `max`) `failed` stays set and appends do nothing, so a
 * writer checks once at the end. All zero is a valid empty buffer of no limit. */
struct buf {
	char *ptr;
	size_t len;
	size_t cap;
	size_t max; /* 0: no limit */
	bool failed;
};

void buf_finish(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
bool buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_str(struct buf *b, struct str s);
void buf_cstr(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_i64(struct buf *b, int64_t v);
void buf_hex(struct buf *b, const void *bytes, size_t len);
/* Base64url without padding (RFC 4648 section 5). */
void buf_b64(struct buf *b, const void *bytes, size_t len);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct str buf_view(const struct buf *b); /* borrowed until the next append */

/* Decodes base64url into `out`; returns the byte count, or -1 when malformed or too long. */
int b64_decode(struct str text, void *out, size_t size);
/* Decodes an even count of hex digits; returns the byte count or -1. */
int hex_decode(struct str text, void *out, size_t size);

/* cleanup attribute: `_cleanup_(buf_finish) struct buf b = { 0 };` */
#define _cleanup_(fn) __attribute__((cleanup(fn)))

#endif
