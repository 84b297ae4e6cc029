/* The JSON reader: strict RFC 8259, pulled token by token, no tree. Doubled
 * members and the meaning of numbers are the callers' matter. */
#include "base/json.h"

#include <assert.h>

#include "base/utf8.h"

static int fail(struct json_reader *r, const char *at, const char *what)
{
	if (!r->failed) {
		r->failed = true;
		r->what = what;
		r->p = at;
	}
	return -1;
}

static inline void skip_space(struct json_reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
		r->p++;
}

void json_read_init(struct json_reader *r, struct str text, struct arena *arena)
{
	const char *start = text.ptr ? text.ptr : "";

	*r = (struct json_reader){ .start = start, .p = start, .end = start + text.len, .arena = arena };
}

int json_peek(struct json_reader *r)
{
	if (r->failed)
		return -1;
	skip_space(r);
	if (r->p == r->end)
		return fail(r, r->p, "the text ends where a value should stand");
	switch (*r->p) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	case '-':
	case '0' ... '9':
		return JSON_NUMBER;
	default:
		return fail(r, r->p, "no value starts like this");
	}
}

static int expect(struct json_reader *r, enum json_kind kind, const char *what)
{
	int found = json_peek(r);

	if (found < 0)
		return -1;
	return found == (int)kind ? 0 : fail(r, r->p, what);
}

static int enter(struct json_reader *r)
{
	if (r->depth == JSON_DEPTH_MAX)
		return fail(r, r->p, "nested too deep");
	r->depth++;
	r->p++;
	return 0;
}

int json_object_begin(struct json_reader *r)
{
	return expect(r, JSON_OBJECT, "an object is expected") ? -1 : enter(r);
}

int json_array_begin(struct json_reader *r)
{
	return expect(r, JSON_ARRAY, "an array is expected") ? -1 : enter(r);
}

/* Steps to the next item of the container opened with `open`: 1 when there is
 * one, 0 when it was closed. No value ends in a bracket that opens, so the byte
 * before tells whether this is the first item. */
static int next_item(struct json_reader *r, char open, char close, const char *what)
{
	bool first;

	if (r->failed)
		return -1;
	assert(r->depth > 0);
	first = r->p[-1] == open;
	skip_space(r);
	if (r->p == r->end)
		return fail(r, r->p, "the text ends inside an object or array");
	if (*r->p == close) {
		r->p++;
		r->depth--;
		return 0;
	}
	if (first)
		return 1;
	if (*r->p != ',')
		return fail(r, r->p, what);
	r->p++;
	skip_space(r);
	return 1;
}

int json_element(struct json_reader *r)
{
	return next_item(r, '[', ']', "a comma or ] is expected");
}

int json_member(struct json_reader *r, struct str *ret_name)
{
	struct str name;
	int rc = next_item(r, '{', '}', "a comma or } is expected");

	if (rc <= 0)
		return rc;
	if (r->p == r->end || *r->p != '"')
		return fail(r, r->p, "a member's name is expected");
	if (json_string(r, &name))
		return -1;
	skip_space(r);
	if (r->p == r->end || *r->p != ':')
		return fail(r, r->p, "a colon is expected");
	r->p++;
	*ret_name = name;
	return 1;
}

static int hex4(const char *p, const char *end)
{
	uint8_t out[2];

	if (end - p < 4 || hex_decode((struct str){ p, 4 }, out, sizeof(out)) < 0)
		return -1;
	return out[0] << 8 | out[1];
}

/* The escape at `p` (a backslash) as a code point; returns its length in the
 * text, or 0 with the failure set. */
static size_t escape_read(struct json_reader *r, const char *p, uint32_t *ret)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *simple;
	int high, low;

	if (r->end - p < 2) {
		fail(r, p, "the text ends inside a string");
		return 0;
	}
	if (p[1] != 'u') {
		simple = memchr(from, p[1], sizeof(from) - 1);
		if (!simple) {
			fail(r, p, "no such escape");
			return 0;
		}
		*ret = (uint32_t)to[simple - from];
		return 2;
	}
	high = hex4(p + 2, r->end);
	if (high < 0)
		fail(r, p, "\\u needs four hex digits");
	else if (high == 0)
		fail(r, p, "U+0000 is not taken");
	else if (high >= 0xdc00 && high <= 0xdfff)
		fail(r, p, "a lone surrogate");
	if (r->failed)
		return 0;
	if (high < 0xd800 || high > 0xdbff) {
		*ret = (uint32_t)high;
		return 6;
	}
	low = r->end - p >= 8 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8, r->end) : -1;
	if (low < 0xdc00 || low > 0xdfff) {
		fail(r, p, "a lone surrogate");
		return 0;
	}
	*ret = 0x10000 + (((uint32_t)high & 0x3ff) << 10 | ((uint32_t)low & 0x3ff));
	return 12;
}

/* From behind the opening quote to the closing one, all checked. NULL on failure. */
static const char *string_scan(struct json_reader *r, const char *p, bool *ret_escaped)
{
	const char *end = r->end;

	for (;;) {
		unsigned char c;
		uint32_t code;
		size_t n;

		while (end - p >= 8 && utf8_plain8(p))
			p += 8;
		if (p == end) {
			fail(r, p, "the text ends inside a string");
			return NULL;
		}
		c = (unsigned char)*p;
		if (c == '"')
			return p;
		if (c == '\\') {
			n = escape_read(r, p, &code);
			*ret_escaped = true;
		} else if (c < 0x20) {
			n = 0;
			fail(r, p, "a control character must be escaped");
		} else {
			n = utf8_step(p, (size_t)(end - p));
			if (!n)
				fail(r, p, "not UTF-8");
		}
		if (!n)
			return NULL;
		p += n;
	}
}

static char *utf8_put(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

/* Unescapes a checked run into the arena; an escape is never shorter than what it stands for. */
static int unescape(struct json_reader *r, const char *from, const char *close, struct str *ret)
{
	char *to = r->arena ? arena_alloc(r->arena, (size_t)(close - from)) : NULL;
	char *start = to;

	if (!to)
		return fail(r, from, "out of memory for a string with escapes");
	while (from < close) {
		const char *back = memchr(from, '\\', (size_t)(close - from));
		size_t run = (size_t)((back ? back : close) - from);
		uint32_t code = 0;

		memcpy(to, from, run);
		to += run;
		from += run;
		if (!back)
			break;
		from += escape_read(r, from, &code);
		to = utf8_put(to, code);
	}
	*ret = (struct str){ start, (size_t)(to - start) };
	return 0;
}

int json_string(struct json_reader *r, struct str *ret)
{
	bool escaped = false;
	const char *from, *close;

	if (expect(r, JSON_STRING, "a string is expected"))
		return -1;
	from = r->p + 1;
	close = string_scan(r, from, &escaped);
	if (!close)
		return -1;
	if (escaped) {
		if (unescape(r, from, close, ret))
			return -1;
	} else {
		*ret = (struct str){ from, (size_t)(close - from) };
	}
	r->p = close + 1;
	return 0;
}

static inline const char *digits_end(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* End of the number that starts at `p`, or NULL. */
static const char *number_scan(const char *p, const char *end)
{
	const char *q;

	if (p < end && *p == '-')
		p++;
	q = digits_end(p, end);
	if (q == p || (*p == '0' && q - p > 1))
		return NULL;
	p = q;
	if (p < end && *p == '.') {
		q = digits_end(p + 1, end);
		if (q == p + 1)
			return NULL;
		p = q;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		q = digits_end(p, end);
		if (q == p)
			return NULL;
		p = q;
	}
	return p;
}

int json_number(struct json_reader *r, struct str *ret_text)
{
	const char *q;

	if (expect(r, JSON_NUMBER, "a number is expected"))
		return -1;
	q = number_scan(r->p, r->end);
	if (!q)
		return fail(r, r->p, "a malformed number");
	*ret_text = (struct str){ r->p, (size_t)(q - r->p) };
	r->p = q;
	return 0;
}

static int word(struct json_reader *r, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0)
		return fail(r, r->p, "no value starts like this");
	r->p += n;
	return 0;
}

int json_bool(struct json_reader *r, bool *ret)
{
	int kind = json_peek(r);

	if (kind < 0)
		return -1;
	if (kind != JSON_TRUE && kind != JSON_FALSE)
		return fail(r, r->p, "true or false is expected");
	if (word(r, kind == JSON_TRUE ? "true" : "false"))
		return -1;
	*ret = kind == JSON_TRUE;
	return 0;
}

int json_null(struct json_reader *r)
{
	return expect(r, JSON_NULL, "null is expected") ? -1 : word(r, "null");
}

/* Passes one string without unescaping it. */
static int string_pass(struct json_reader *r)
{
	bool escaped;
	const char *close = string_scan(r, r->p + 1, &escaped);

	if (!close)
		return -1;
	r->p = close + 1;
	return 0;
}

/* Passes a scalar, or enters a container: then `objects` gets its bit. */
static int pass_value(struct json_reader *r, uint32_t *objects)
{
	struct str text;
	int kind = json_peek(r);

	switch (kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		if (enter(r))
			return -1;
		*objects = *objects << 1 | (kind == JSON_OBJECT);
		return 0;
	case JSON_STRING:
		return string_pass(r);
	case JSON_NUMBER:
		return json_number(r, &text);
	case JSON_TRUE:
		return word(r, "true");
	case JSON_FALSE:
		return word(r, "false");
	case JSON_NULL:
		return word(r, "null");
	default:
		return -1;
	}
}

static int pass_name(struct json_reader *r)
{
	if (r->p == r->end || *r->p != '"')
		return fail(r, r->p, "a member's name is expected");
	if (string_pass(r))
		return -1;
	skip_space(r);
	if (r->p == r->end || *r->p != ':')
		return fail(r, r->p, "a colon is expected");
	r->p++;
	return 0;
}

/* No recursion: which of the open containers are objects stands in the bits of one word. */
int json_skip(struct json_reader *r, struct str *ret)
{
	_Static_assert(JSON_DEPTH_MAX < 32, "a bit for each open container");
	uint32_t objects = 0;
	int outside = r->depth;
	const char *start;

	if (json_peek(r) < 0)
		return -1;
	start = r->p;
	if (pass_value(r, &objects))
		return -1;
	while (r->depth > outside) {
		int rc = objects & 1 ? next_item(r, '{', '}', "a comma or } is expected") : json_element(r);

		if (rc < 0)
			return -1;
		if (rc == 0) {
			objects >>= 1;
			continue;
		}
		if (objects & 1 && pass_name(r))
			return -1;
		if (pass_value(r, &objects))
			return -1;
	}
	if (ret)
		*ret = (struct str){ start, (size_t)(r->p - start) };
	return 0;
}

int json_end(struct json_reader *r)
{
	if (r->failed)
		return -1;
	skip_space(r);
	return r->p == r->end ? 0 : fail(r, r->p, "something follows the value");
}

int json_fail(const struct json_reader *r, struct err *err)
{
	return err_fmt(err, &ERR_MALFORMED, "JSON: %s, at byte %zu", r->what ? r->what : "not as expected",
		       (size_t)(r->p - r->start));
}

bool json_decimal(struct str number, int scale, int64_t *ret)
{
	const char *p = number.ptr ? number.ptr : "", *end = p + number.len;
	bool minus = number.len && *p == '-', point = false;
	int64_t v = 0;

	if (!number.len || number_scan(p, end) != end)
		return false;
	for (p += minus; p < end; p++) {
		int digit = *p - '0';

		if (*p == '.') {
			point = true;
			continue;
		}
		if (digit < 0 || digit > 9)
			return false; /* an exponent */
		if (point && scale == 0) {
			if (digit)
				return false;
			continue; /* zeros beyond the scale change nothing */
		}
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, minus ? -digit : digit, &v))
			return false;
		scale -= point;
	}
	for (; scale > 0; scale--)
		if (__builtin_mul_overflow(v, 10, &v))
			return false;
	*ret = v;
	return true;
}
