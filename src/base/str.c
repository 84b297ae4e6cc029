/* Borrowed byte strings and the growing buffer: comparing, copying, numbers,
 * hex and base64url. Knows no character set but UTF-8, and no locale. */
#include "base/str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

#define BUF_FIRST 256

struct str str_of(const char *cstring)
{
	return cstring ? (struct str){ cstring, strlen(cstring) } : STR_NONE;
}

bool str_eq(struct str a, struct str b)
{
	if (!a.ptr || !b.ptr)
		return !a.ptr && !b.ptr;
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool str_is(struct str a, const char *cstring)
{
	return a.ptr && strlen(cstring) == a.len && memcmp(a.ptr, cstring, a.len) == 0;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c;

	if (!a.ptr || !b.ptr) /* absent sorts before empty */
		return (a.ptr != NULL) - (b.ptr != NULL);
	c = memcmp(a.ptr, b.ptr, n);
	return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.ptr && a.len >= n && memcmp(a.ptr, prefix, n) == 0;
}

bool str_copy(struct str s, char *out, size_t size)
{
	if (s.len >= size) {
		if (size)
			out[0] = '\0';
		return false;
	}
	if (s.len)
		memcpy(out, s.ptr, s.len);
	out[s.len] = '\0';
	return true;
}

const char *str_show(struct str s, char *out, size_t size)
{
	size_t n = s.ptr ? s.len : 0;

	assert(size > 0);
	if (n > size - 1) {
		n = size - 1;
		while (n > 0 && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
			n--;
	}
	if (n)
		memcpy(out, s.ptr, n);
	out[n] = 0;
	return out;
}

bool str_to_i64(struct str s, int64_t *ret)
{
	bool minus = s.len && s.ptr[0] == '-';
	int64_t v = 0;

	if (s.len == minus)
		return false;
	for (size_t i = minus; i < s.len; i++) {
		int digit = s.ptr[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, minus ? -digit : digit, &v))
			return false;
	}
	*ret = v;
	return true;
}

bool str_is_utf8(struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		uint64_t word;
		size_t n;

		if (s.len - i >= sizeof(word)) {
			memcpy(&word, s.ptr + i, sizeof(word));
			if (!(word & 0x8080808080808080u)) {
				i += sizeof(word);
				continue;
			}
		}
		n = utf8_step(s.ptr + i, s.len - i);
		if (!n)
			return false;
		i += n;
	}
	return true;
}

size_t str_codepoints(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

void buf_finish(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ .max = b->max };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

bool buf_reserve(struct buf *b, size_t more)
{
	size_t max = b->max ? b->max : PTRDIFF_MAX;
	size_t cap = b->cap ? b->cap : BUF_FIRST;
	char *ptr;

	if (b->failed)
		return false;
	if (more <= b->cap - b->len && b->len + more <= max)
		return true;
	if (b->len > max || more > max - b->len) {
		b->failed = true;
		return false;
	}
	while (cap < b->len + more)
		cap = cap < max / 2 ? cap * 2 : max;
	ptr = realloc(b->ptr, cap);
	if (!ptr) {
		b->failed = true;
		return false;
	}
	b->ptr = ptr;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (!len || !buf_reserve(b, len))
		return;
	memcpy(b->ptr + b->len, bytes, len);
	b->len += len;
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.ptr, s.len);
}

void buf_cstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_i64(struct buf *b, int64_t v)
{
	char text[20];
	size_t at = sizeof(text);
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do
		text[--at] = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		text[--at] = '-';
	buf_add(b, text + at, sizeof(text) - at);
}

void buf_hex(struct buf *b, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *in = bytes;

	if (len > PTRDIFF_MAX / 2)
		b->failed = true;
	if (!buf_reserve(b, len * 2))
		return;
	for (size_t i = 0; i < len; i++) {
		b->ptr[b->len++] = digits[in[i] >> 4];
		b->ptr[b->len++] = digits[in[i] & 15];
	}
}

static const char b64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void buf_b64(struct buf *b, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	size_t rest = len % 3;
	size_t i = 0;

	if (len > PTRDIFF_MAX / 2)
		b->failed = true;
	if (!buf_reserve(b, len / 3 * 4 + (rest ? rest + 1 : 0)))
		return;
	for (; i < len - rest; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			b->ptr[b->len++] = b64_digits[v >> shift & 63];
	}
	if (rest) {
		uint32_t v = (uint32_t)in[i] << 16 | (rest == 2 ? (uint32_t)in[i + 1] << 8 : 0);

		b->ptr[b->len++] = b64_digits[v >> 18];
		b->ptr[b->len++] = b64_digits[v >> 12 & 63];
		if (rest == 2)
			b->ptr[b->len++] = b64_digits[v >> 6 & 63];
	}
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	char small[512];
	va_list args, again;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	if (n < 0) {
		b->failed = true;
	} else if ((size_t)n < sizeof(small)) {
		buf_add(b, small, (size_t)n);
	} else {
		char *large = malloc((size_t)n + 1);

		if (large) {
			vsnprintf(large, (size_t)n + 1, fmt, again);
			buf_add(b, large, (size_t)n);
			free(large);
		} else {
			b->failed = true;
		}
	}
	va_end(again);
}

struct str buf_view(const struct buf *b)
{
	return (struct str){ b->ptr ? b->ptr : "", b->len };
}

static int b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

int b64_decode(struct str text, void *out, size_t size)
{
	uint8_t *to = out;
	uint32_t bits = 0;
	int held = 0;
	size_t n = 0;

	if (text.len % 4 == 1 || text.len / 4 * 3 + (text.len % 4 * 3) / 4 > size || text.len > INT32_MAX)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		int v = b64_value(text.ptr[i]);

		if (v < 0)
			return -1;
		bits = bits << 6 | (uint32_t)v;
		held += 6;
		if (held >= 8) {
			held -= 8;
			to[n++] = (uint8_t)(bits >> held);
			bits &= (1u << held) - 1;
		}
	}
	return bits ? -1 : (int)n; /* one text for one value: left-over bits must be zero */
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int hex_decode(struct str text, void *out, size_t size)
{
	uint8_t *to = out;

	if (text.len % 2 || text.len / 2 > size || text.len > INT32_MAX)
		return -1;
	for (size_t i = 0; i < text.len; i += 2) {
		int high = hex_value(text.ptr[i]), low = hex_value(text.ptr[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		to[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (int)(text.len / 2);
}
