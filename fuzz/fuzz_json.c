/* Fuzz target of the JSON reader and writer: pulling and passing over agree on
 * every input, and what was taken survives being written and read again. */
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Pulls one value and writes it anew; depth is bounded by the reader. */
static int copy_value(struct json_reader *r, struct json_writer *w)
{
	struct str s;
	bool b;
	int rc, kind = json_peek(r);

	switch (kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		if (kind == JSON_OBJECT ? json_object_begin(r) : json_array_begin(r))
			return -1;
		json_open(w, kind == JSON_OBJECT ? '{' : '[');
		while ((rc = kind == JSON_OBJECT ? json_member(r, &s) : json_element(r)) > 0) {
			if (kind == JSON_OBJECT)
				json_key_str(w, s);
			if (copy_value(r, w))
				return -1;
		}
		json_close(w, kind == JSON_OBJECT ? '}' : ']');
		return rc;
	case JSON_STRING:
		if (json_string(r, &s))
			return -1;
		must(str_is_utf8(s));
		json_put_str(w, s);
		return 0;
	case JSON_NUMBER:
		if (json_number(r, &s))
			return -1;
		json_put_raw(w, s);
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		if (json_bool(r, &b))
			return -1;
		json_put_bool(w, b);
		return 0;
	case JSON_NULL:
		if (json_null(r))
			return -1;
		json_put_null(w);
		return 0;
	default:
		return -1;
	}
}

static bool copy(struct str text, struct buf *out)
{
	struct json_reader r;
	struct json_writer w;
	struct arena a;
	bool ok;

	arena_init(&a, 0);
	json_read_init(&r, text, &a);
	json_write_init(&w, out);
	ok = copy_value(&r, &w) == 0 && json_end(&r) == 0;
	must(ok == !r.failed);
	must(r.p >= r.start && r.p <= r.end && r.depth >= 0 && r.depth <= JSON_DEPTH_MAX);
	arena_finish(&a);
	return ok;
}

/* A decimal read exactly is written back to the same value. */
static void try_decimal(struct str text)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer w;
	int64_t v, back;

	for (int scale = 0; scale <= 18; scale += 6) {
		if (!json_decimal(text, scale, &v))
			continue;
		buf_clear(&b);
		json_write_init(&w, &b);
		json_put_decimal(&w, v, scale);
		must(json_decimal(buf_view(&b), scale, &back) && back == v);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_finish) struct buf once = { 0 }, twice = { 0 };
	struct str text = { (const char *)data, size };
	struct json_reader r;
	bool taken = copy(text, &once);

	json_read_init(&r, text, NULL);
	must((json_skip(&r, NULL) == 0 && json_end(&r) == 0) == taken);
	if (taken) {
		must(str_is_utf8(text));
		must(copy(buf_view(&once), &twice));
		must(str_eq(buf_view(&once), buf_view(&twice)));
	}
	try_decimal(text);
	return 0;
}
