/* Two ways through a whole JSON text for the tests: pulling every value, and passing over it at once. */
#ifndef TEST_JSON_WALK_H
#define TEST_JSON_WALK_H

#include "base/json.h"

/* Recursion is bounded by the reader's own depth limit. */
static inline int walk_value(struct json_reader *r)
{
	struct str s;
	bool b;
	int rc;

	switch (json_peek(r)) {
	case JSON_OBJECT:
		if (json_object_begin(r))
			return -1;
		while ((rc = json_member(r, &s)) > 0)
			if (walk_value(r))
				return -1;
		return rc;
	case JSON_ARRAY:
		if (json_array_begin(r))
			return -1;
		while ((rc = json_element(r)) > 0)
			if (walk_value(r))
				return -1;
		return rc;
	case JSON_STRING:
		return json_string(r, &s) || !str_is_utf8(s) ? -1 : 0;
	case JSON_NUMBER:
		return json_number(r, &s);
	case JSON_TRUE:
	case JSON_FALSE:
		return json_bool(r, &b);
	case JSON_NULL:
		return json_null(r);
	default:
		return -1;
	}
}

static inline bool walk_takes(struct str text)
{
	struct arena a;
	struct json_reader r;
	bool ok;

	arena_init(&a, 0);
	json_read_init(&r, text, &a);
	ok = walk_value(&r) == 0 && json_end(&r) == 0;
	arena_finish(&a);
	return ok;
}

static inline bool skip_takes(struct str text)
{
	struct json_reader r;

	json_read_init(&r, text, NULL);
	return json_skip(&r, NULL) == 0 && json_end(&r) == 0;
}

#endif
