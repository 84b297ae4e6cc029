/* The JSON writer: compact text with RFC 8785 string escaping. Trusts its
 * caller for well-formed UTF-8 and for the order of members. */
#include "base/json.h"

#include <assert.h>

#include "base/utf8.h"

void json_write_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out };
}

static inline void separate(struct json_writer *w)
{
	if (w->comma)
		buf_char(w->out, ',');
	w->comma = true;
}

void json_open(struct json_writer *w, char bracket)
{
	separate(w);
	buf_char(w->out, bracket);
	w->comma = false;
}

void json_close(struct json_writer *w, char bracket)
{
	buf_char(w->out, bracket);
	w->comma = true;
}

static void put_escape(struct buf *out, unsigned char c)
{
	static const char from[] = "\"\\\b\t\n\f\r", to[] = "\"\\btnfr";
	const char *simple = c ? memchr(from, c, sizeof(from) - 1) : NULL;
	char text[6] = { '\\', 'u', '0', '0', (char)('0' + (c >> 4)), "0123456789abcdef"[c & 15] };

	if (simple) {
		text[1] = to[simple - from];
		buf_add(out, text, 2);
	} else {
		buf_add(out, text, 6);
	}
}

static void put_string(struct buf *out, struct str s)
{
	const char *p = s.ptr ? s.ptr : "", *end = p + s.len, *run = p;

	if (!buf_reserve(out, s.len + 2))
		return;
	buf_char(out, '"');
	while (p < end) {
		unsigned char c = (unsigned char)*p;

		if (end - p >= 8 && utf8_plain8(p)) {
			p += 8;
			continue;
		}
		if (c >= 0x20 && c != '"' && c != '\\') {
			p++;
			continue;
		}
		buf_add(out, run, (size_t)(p - run));
		put_escape(out, c);
		run = ++p;
	}
	buf_add(out, run, (size_t)(p - run));
	buf_char(out, '"');
}

void json_key_str(struct json_writer *w, struct str name)
{
	separate(w);
	put_string(w->out, name);
	buf_char(w->out, ':');
	w->comma = false;
}

void json_key(struct json_writer *w, const char *name)
{
	json_key_str(w, str_of(name));
}

void json_put_str(struct json_writer *w, struct str s)
{
	if (!s.ptr) {
		json_put_null(w);
		return;
	}
	separate(w);
	put_string(w->out, s);
}

void json_put_cstr(struct json_writer *w, const char *s)
{
	json_put_str(w, str_of(s));
}

void json_put_i64(struct json_writer *w, int64_t v)
{
	separate(w);
	buf_i64(w->out, v);
}

void json_put_decimal(struct json_writer *w, int64_t v, int scale)
{
	char text[64];
	size_t at = sizeof(text);
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	assert(scale >= 0 && scale <= 18);
	separate(w);
	while (scale > 0 && u % 10 == 0) {
		u /= 10;
		scale--;
	}
	for (int i = 0; i < scale; i++, u /= 10)
		text[--at] = (char)('0' + u % 10);
	if (scale)
		text[--at] = '.';
	do
		text[--at] = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		text[--at] = '-';
	buf_add(w->out, text + at, sizeof(text) - at);
}

void json_put_bool(struct json_writer *w, bool v)
{
	separate(w);
	buf_cstr(w->out, v ? "true" : "false");
}

void json_put_null(struct json_writer *w)
{
	separate(w);
	buf_cstr(w->out, "null");
}

void json_put_raw(struct json_writer *w, struct str json)
{
	separate(w);
	buf_str(w->out, json);
}
