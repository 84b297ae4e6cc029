/* Decoding objects by their field table, from outside and from the ledger.
 * Writing is in shape_write.c, value forms in values.c. */
#include "event/shape.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "event/internal.h"
#include "event/place.h"

const struct err_kind ERR_FIELD_UNKNOWN = { "field_unknown", 400, "没有“{0}”这一项，请去掉或检查拼写",
					    "There is no field \"{0}\": remove it or check its spelling" };
const struct err_kind ERR_FIELD_MISSING = { "field_missing", 400, "缺少必填项“{0}”", "The field \"{0}\" is needed" };
const struct err_kind ERR_FIELD_DOUBLED = { "field_doubled", 400, "“{0}”出现了两次，请只保留一个",
					    "The field \"{0}\" stands twice: keep one" };
const struct err_kind ERR_FIELD_TYPE = { "field_type", 400, "“{0}”的类型不对，应为{1}", "\"{0}\" should be {1}" };
const struct err_kind ERR_FIELD_RANGE = { "field_range", 400, "“{0}”超出允许范围（{1}）",
					  "\"{0}\" is outside what is allowed ({1})" };
const struct err_kind ERR_FIELD_FORM = { "field_form", 400, "“{0}”的格式不对，应像这样：{1}",
					 "\"{0}\" is not well formed: write it like {1}" };

/* A plate of the mainland has 7 or 8 characters; unusual ones only warn, so the bound is wide. */
#define PLATE_MAX   20
#define TEXT_OF(n)  TEXT_OF_(n)
#define TEXT_OF_(n) #n

static size_t slot_size(enum field_kind kind)
{
	switch (kind) {
	case FIELD_TEXT:
	case FIELD_PHONE:
	case FIELD_IDNO:
	case FIELD_PLATE:
	case FIELD_ACCOUNT:
	case FIELD_GEOJSON:
	case FIELD_RAW:
		return sizeof(struct str);
	case FIELD_ID:
	case FIELD_REF:
		return sizeof(struct uuid);
	case FIELD_OBJECT:
		return sizeof(void *);
	case FIELD_LIST:
	case FIELD_COUNTS:
		return sizeof(struct list);
	default:
		return sizeof(int64_t);
	}
}

static void prepare_fail(const struct shape *s, const char *field, const char *why)
{
	fprintf(stderr, "shape %s, field %s: %s\n", s->name, field, why);
	abort();
}

void shape_prepare(struct shape *s)
{
	if (s->prepared)
		return;
	s->prepared = true;
	s->owner_at = -1;
	if (s->n > SHAPE_FIELDS_MAX)
		prepare_fail(s, "-", "too many fields");
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		if (!f->name || !f->zh || !f->en)
			prepare_fail(s, f->name ? f->name : "?", "name or label missing");
		if (f->offset + slot_size(f->kind) > s->size)
			prepare_fail(s, f->name, "stands outside its struct");
		if ((f->kind == FIELD_ENUM || (f->kind == FIELD_LIST && f->element == FIELD_ENUM)) && !f->values)
			prepare_fail(s, f->name, "values missing");
		if ((f->kind == FIELD_OBJECT || (f->kind == FIELD_LIST && f->element == FIELD_OBJECT)) && !f->shape)
			prepare_fail(s, f->name, "shape missing");
		if (f->shape) {
			shape_prepare(f->shape);
			s->personal |= f->shape->personal;
		}
		if (f->flags & FIELD_PERSONAL)
			s->personal = true;
		if (s->owner && strcmp(s->owner, f->name) == 0) {
			if ((f->kind != FIELD_ID && f->kind != FIELD_REF) || (f->flags & FIELD_PERSONAL))
				prepare_fail(s, f->name, "the owner must be an open id or reference");
			s->owner_at = (int)i;
		}
		if (strcmp(f->name, "sealed") == 0)
			prepare_fail(s, f->name, "the name stands for the box");
		/* Insertion into canonical order. */
		size_t at = i;
		while (at > 0 && strcmp(s->fields[s->order[at - 1]].name, f->name) > 0) {
			s->order[at] = s->order[at - 1];
			at--;
		}
		if (at > 0 && strcmp(s->fields[s->order[at - 1]].name, f->name) == 0)
			prepare_fail(s, f->name, "stands twice");
		s->order[at] = (uint8_t)i;
	}
	for (size_t i = 0; i < s->n; i++) {
		if ((s->fields[i].flags & FIELD_PERSONAL) && s->owner_at < 0)
			prepare_fail(s, s->fields[i].name, "personal, but the shape has no owner");
	}
}

void shape_clear(const struct shape *s, void *out)
{
	memset(out, 0, s->size);
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		if (slot_size(f->kind) == sizeof(int64_t) && f->kind != FIELD_OBJECT)
			*(int64_t *)((char *)out + f->offset) = FIELD_ABSENT;
	}
}

static const char *kind_in_words(enum field_kind kind)
{
	switch (kind) {
	case FIELD_BOOL:
		return "true/false";
	case FIELD_INT:
	case FIELD_QUANTITY:
	case FIELD_MONEY:
		return "an integer / 整数";
	case FIELD_TEMPERATURE:
	case FIELD_DEGREES:
		return "a number / 数字";
	case FIELD_OBJECT:
		return "an object / 对象";
	case FIELD_LIST:
		return "a list / 列表";
	default:
		return "a string / 文字";
	}
}

static int bad(const struct field *f, const struct err_kind *kind, const char *detail, struct err *err)
{
	return err_set(err, kind, f->name, f->name, detail, NULL);
}

/* A wrong JSON kind is passed over, so that a batch can go on after it. */
static int wrong_kind(const struct field *f, enum field_kind kind, struct json_reader *r, struct err *err)
{
	if (r->failed || json_skip(r, NULL) < 0)
		return json_fail(r, err);
	return bad(f, &ERR_FIELD_TYPE, kind_in_words(kind), err);
}

/* Out of memory in the middle of a value: the reader cannot go on from there. */
static int no_memory(struct json_reader *r, struct err *err)
{
	r->failed = true;
	r->what = "out of memory";
	return err_kind_set(err, &ERR_NO_MEMORY);
}

static int decode_number(const struct field *f, enum field_kind kind, struct json_reader *r, int64_t *out,
			 struct err *err)
{
	struct str text;
	int64_t v;
	if (json_peek(r) != JSON_NUMBER)
		return wrong_kind(f, kind, r, err);
	if (json_number(r, &text) < 0)
		return json_fail(r, err);
	switch (kind) {
	case FIELD_TEMPERATURE:
		/* 36.5 degrees, or 3650 hundredths. */
		if (!json_decimal(text, 2, &v))
			return bad(f, &ERR_FIELD_FORM, "36.5", err);
		if (v >= 300000)
			v = v % 100 ? 0 : v / 100;
		if (v < 3000 || v > 4500)
			return bad(f, &ERR_FIELD_RANGE, "30.00–45.00", err);
		break;
	case FIELD_DEGREES:
		if (!json_decimal(text, 6, &v))
			return bad(f, &ERR_FIELD_FORM, "109.526412", err);
		if (v < -180000000 || v > 180000000)
			return bad(f, &ERR_FIELD_RANGE, "-180…180", err);
		break;
	default:
		if (!json_decimal(text, 0, &v)) /* the number is taken already: nothing to pass over */
			return bad(f, &ERR_FIELD_TYPE, kind_in_words(kind), err);
		if ((kind == FIELD_QUANTITY || kind == FIELD_MONEY) && v <= 0)
			return bad(f, &ERR_FIELD_RANGE, "> 0", err);
		if (v == FIELD_ABSENT)
			return bad(f, &ERR_FIELD_RANGE, "64 bit", err);
		if (kind == FIELD_INT && f->min < f->max && (v < f->min || v > f->max)) {
			char range[64];
			snprintf(range, sizeof range, "%lld…%lld", (long long)f->min, (long long)f->max);
			return bad(f, &ERR_FIELD_RANGE, range, err);
		}
	}
	*out = v;
	return 0;
}

static int decode_enum(const struct field *f, struct str text, int64_t *out, struct err *err)
{
	for (int64_t i = 0; f->values[i]; i++) {
		if (str_is(text, f->values[i])) {
			*out = i;
			return 0;
		}
	}
	char all[140] = "";
	size_t len = 0;
	for (int i = 0; f->values[i] && len + 24 < sizeof all; i++)
		len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", i ? ", " : "", f->values[i]);
	return bad(f, &ERR_FIELD_RANGE, all, err);
}

/* A copy with a–z upper-cased, when there are any: id numbers and plates are known by one form. */
static int decode_upper(struct json_reader *r, struct str s, struct str *out, struct err *err)
{
	size_t i = 0;
	while (i < s.len && !(s.ptr[i] >= 'a' && s.ptr[i] <= 'z'))
		i++;
	if (i < s.len) {
		s = arena_str(r->arena, s);
		if (!s.ptr)
			return no_memory(r, err);
		for (char *p = (char *)s.ptr; i < s.len; i++) {
			if (p[i] >= 'a' && p[i] <= 'z')
				p[i] = (char)(p[i] - 'a' + 'A');
		}
	}
	*out = s;
	return 0;
}

static int decode_text(const struct field *f, enum field_kind kind, struct json_reader *r, struct str *out,
		       struct err *err)
{
	if (json_peek(r) != JSON_STRING)
		return wrong_kind(f, kind, r, err);
	struct str s;
	if (json_string(r, &s) < 0)
		return json_fail(r, err);
	switch (kind) {
	case FIELD_PHONE:
		if (!phone_valid(s))
			return bad(f, &ERR_FIELD_FORM, "13800138000", err);
		break;
	case FIELD_IDNO:
		if (!idno_valid(s))
			return bad(f, &ERR_FIELD_FORM, "11010519491231002X", err);
		return decode_upper(r, s, out, err);
	case FIELD_PLATE:
		if (s.len == 0 || str_codepoints(s) > PLATE_MAX)
			return bad(f, &ERR_FIELD_RANGE, "1…" TEXT_OF(PLATE_MAX), err);
		return decode_upper(r, s, out, err);
	case FIELD_ACCOUNT:
		if (s.len < 1 || s.len > 32)
			return bad(f, &ERR_FIELD_RANGE, "1–32", err);
		for (size_t i = 0; i < s.len; i++) {
			char c = s.ptr[i];
			if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
				return bad(f, &ERR_FIELD_FORM, "a–z 0–9 . _ -", err);
		}
		break;
	default: {
		int64_t most = f->max > 0 ? f->max : EVENT_TEXT_MAX;
		if (s.len == 0)
			return bad(f, &ERR_FIELD_RANGE, "1…", err);
		if ((int64_t)s.len > most && (int64_t)str_codepoints(s) > most) {
			char range[32];
			snprintf(range, sizeof range, "1…%lld", (long long)most);
			return bad(f, &ERR_FIELD_RANGE, range, err);
		}
	}
	}
	*out = s;
	return 0;
}

static int decode_coded(const struct field *f, enum field_kind kind, struct json_reader *r, void *out, struct err *err)
{
	if (json_peek(r) != JSON_STRING)
		return wrong_kind(f, kind, r, err);
	struct str s;
	if (json_string(r, &s) < 0)
		return json_fail(r, err);
	switch (kind) {
	case FIELD_TIME:
		return time_parse(s, out) ? 0 : bad(f, &ERR_FIELD_FORM, "2020-02-08T09:30:00+08:00", err);
	case FIELD_DAY:
		return day_parse(s, out) ? 0 : bad(f, &ERR_FIELD_FORM, "2020-02-08", err);
	case FIELD_PLACE:
		return place_parse(s, out) ? 0 : bad(f, &ERR_FIELD_FORM, "610927100000", err);
	case FIELD_ENUM:
		return decode_enum(f, s, out, err);
	default:
		return uuid_parse(s, out) ? 0 : bad(f, &ERR_FIELD_FORM, "01936f2e-7b1c-7d3a-8f45-2c9e6a1b0d37", err);
	}
}

struct decode {
	struct json_reader *r;
	bool stored;
	shape_open_fn open;
	void *ctx;
};

static int decode_object(const struct shape *s, struct decode *d, void *out, struct err *err);

/* GeoJSON is kept as its text once it is seen to be a polygon with coordinates. */
static int decode_geojson(const struct field *f, struct json_reader *r, struct str *out, struct err *err)
{
	if (json_peek(r) != JSON_OBJECT)
		return wrong_kind(f, FIELD_OBJECT, r, err);
	struct str text, name, type = STR_NONE;
	bool coordinates = false;
	if (json_skip(r, &text) < 0)
		return json_fail(r, err);
	struct json_reader inner;
	json_read_init(&inner, text, r->arena);
	json_object_begin(&inner);
	while (json_member(&inner, &name) == 1) {
		if (str_is(name, "coordinates"))
			coordinates = json_peek(&inner) == JSON_ARRAY;
		if (str_is(name, "type") && json_peek(&inner) == JSON_STRING)
			json_string(&inner, &type);
		else
			json_skip(&inner, NULL);
	}
	if (!coordinates || (!str_is(type, "Polygon") && !str_is(type, "MultiPolygon")))
		return bad(f, &ERR_FIELD_FORM, "GeoJSON Polygon", err);
	if (text.len > 65536)
		return bad(f, &ERR_FIELD_RANGE, "64 KiB", err);
	*out = text;
	return 0;
}

static int decode_value(const struct field *f, enum field_kind kind, struct decode *d, void *out, struct err *err);

static size_t element_size(const struct field *f)
{
	return f->element == FIELD_OBJECT ? f->shape->size : slot_size(f->element);
}

/* An error within names the element: "people[1].temperature", "tags[0]". */
static int decode_element(const struct field *f, struct decode *d, size_t n, void *slot, struct err *err)
{
	bool object = f->element == FIELD_OBJECT && json_peek(d->r) == JSON_OBJECT;
	int rc = object                       ? decode_object(f->shape, d, slot, err)
		 : f->element == FIELD_OBJECT ? wrong_kind(f, FIELD_OBJECT, d->r, err)
					      : decode_value(f, f->element, d, slot, err);
	if (rc < 0 && !d->r->failed && err) {
		if (!object) /* the list's own name stands there */
			err->field[0] = 0;
		err_prefix(err, f->name, (long)n);
	}
	return rc;
}

static int decode_list(const struct field *f, struct decode *d, struct list *out, struct err *err)
{
	struct json_reader *r = d->r;
	if (json_peek(r) != JSON_ARRAY)
		return wrong_kind(f, FIELD_LIST, r, err);
	size_t most = f->max > 0 ? (size_t)f->max : 1000, size = element_size(f), cap = 0, n = 0;
	char *items = NULL;
	int more, rc = 0;
	json_array_begin(r);
	while ((more = json_element(r)) == 1) {
		if (rc < 0) { /* already bad: only the syntax matters now */
			if (json_skip(r, NULL) < 0)
				break;
			continue;
		}
		if (n == most) {
			char range[32];
			snprintf(range, sizeof range, "≤ %zu", most);
			rc = bad(f, &ERR_FIELD_RANGE, range, err);
			if (json_skip(r, NULL) < 0)
				break;
			continue;
		}
		if (!(items = arena_grow(r->arena, items, n, &cap, size)))
			return no_memory(r, err);
		rc = decode_element(f, d, n, items + n * size, err);
		if (rc < 0 && r->failed)
			return rc;
		n++;
	}
	if (r->failed || more < 0)
		return json_fail(r, err);
	if (rc < 0)
		return rc;
	if ((int64_t)n < f->min) {
		char range[32];
		snprintf(range, sizeof range, "≥ %lld", (long long)f->min);
		return bad(f, &ERR_FIELD_RANGE, range, err);
	}
	*out = (struct list){ items, n };
	return 0;
}

static int decode_value(const struct field *f, enum field_kind kind, struct decode *d, void *out, struct err *err)
{
	struct json_reader *r = d->r;
	switch (kind) {
	case FIELD_TEXT:
	case FIELD_PHONE:
	case FIELD_IDNO:
	case FIELD_PLATE:
	case FIELD_ACCOUNT:
		return decode_text(f, kind, r, out, err);
	case FIELD_GEOJSON:
		return decode_geojson(f, r, out, err);
	case FIELD_TIME:
	case FIELD_DAY:
	case FIELD_PLACE:
	case FIELD_ENUM:
	case FIELD_ID:
	case FIELD_REF:
		return decode_coded(f, kind, r, out, err);
	case FIELD_BOOL: {
		bool v;
		if (json_peek(r) != JSON_TRUE && json_peek(r) != JSON_FALSE)
			return wrong_kind(f, kind, r, err);
		if (json_bool(r, &v) < 0)
			return json_fail(r, err);
		*(int64_t *)out = v;
		return 0;
	}
	case FIELD_OBJECT: {
		if (json_peek(r) != JSON_OBJECT)
			return wrong_kind(f, kind, r, err);
		void *sub = arena_alloc(r->arena, f->shape->size);
		if (!sub)
			return no_memory(r, err);
		if (decode_object(f->shape, d, sub, err) < 0) {
			if (!r->failed)
				err_prefix(err, f->name, -1);
			return -1;
		}
		*(void **)out = sub;
		return 0;
	}
	case FIELD_LIST:
		return decode_list(f, d, out, err);
	case FIELD_COUNTS:
	case FIELD_RAW:
		break; /* only written */
	default:
		return decode_number(f, kind, r, out, err);
	}
	assert(!"kind is never decoded");
	return -1;
}

/* Opens "sealed" once the owner is known and decodes its members into the same struct. */
static int decode_sealed(const struct shape *s, struct decode *d, struct str box, void *out, struct err *err)
{
	const struct uuid *owner = (const void *)((char *)out + s->fields[s->owner_at].offset);
	struct str plain;
	int opened = d->open ? d->open(d->ctx, owner, box, d->r->arena, &plain, err) : 0;
	if (opened <= 0)
		return opened;
	struct json_reader inner;
	json_read_init(&inner, plain, d->r->arena);
	struct decode within = { &inner, true, d->open, d->ctx };
	struct str name;
	int more;
	json_object_begin(&inner);
	while ((more = json_member(&inner, &name)) == 1) {
		size_t i = 0;
		while (i < s->n && !str_is(name, s->fields[i].name))
			i++;
		if (i == s->n) {
			json_skip(&inner, NULL);
			continue;
		}
		const struct field *f = &s->fields[i];
		if (decode_value(f, f->kind, &within, (char *)out + f->offset, err) < 0)
			return -1;
	}
	return more < 0 ? json_fail(&inner, err) : 0;
}

static int decode_object(const struct shape *s, struct decode *d, void *out, struct err *err)
{
	struct json_reader *r = d->r;
	uint64_t seen = 0, present = 0;
	struct str name, box = STR_NONE;
	size_t hint = 0;
	int more, rc = 0;
	assert(s->prepared);
	shape_clear(s, out);
	json_object_begin(r);
	while ((more = json_member(r, &name)) == 1) {
		size_t i = 0, k = hint;
		/* Members mostly come in one of two orders: the table's or the canonical one. */
		for (; i < s->n; i++, k = k + 1 == s->n ? 0 : k + 1) {
			if (str_is(name, s->fields[s->order[k]].name))
				break;
		}
		if (i == s->n) {
			if (d->stored && str_is(name, "sealed") && json_peek(r) == JSON_STRING) {
				if (json_string(r, &box) < 0)
					return json_fail(r, err);
				continue;
			}
			char text[NAME_SHOWN];
			if (rc == 0 && !d->stored)
				rc = err_set(err, &ERR_FIELD_UNKNOWN, name_shown(name, text), text, NULL);
			if (json_skip(r, NULL) < 0)
				return json_fail(r, err);
			continue;
		}
		hint = k + 1 == s->n ? 0 : k + 1;
		size_t at = s->order[k];
		const struct field *f = &s->fields[at];
		if (rc < 0 || (seen & (1ull << at))) {
			if (rc == 0)
				rc = bad(f, &ERR_FIELD_DOUBLED, NULL, err);
			if (json_skip(r, NULL) < 0)
				return json_fail(r, err);
			continue;
		}
		seen |= 1ull << at;
		if (json_peek(r) == JSON_NULL) { /* null is absent */
			json_null(r);
			continue;
		}
		present |= 1ull << at;
		rc = decode_value(f, f->kind, d, (char *)out + f->offset, err);
		if (rc < 0 && r->failed)
			return -1;
	}
	if (more < 0)
		return json_fail(r, err);
	if (rc < 0)
		return rc;
	if (box.ptr && s->owner_at >= 0)
		rc = decode_sealed(s, d, box, out, err);
	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		const struct field *f = &s->fields[i];
		if ((f->flags & FIELD_NEEDED) && !(present & (1ull << i)) &&
		    !(d->stored && (f->flags & FIELD_PERSONAL)))
			rc = bad(f, &ERR_FIELD_MISSING, NULL, err);
	}
	return rc;
}

int shape_decode(const struct shape *s, struct json_reader *r, void *out, struct err *err)
{
	struct decode d = { r, false, NULL, NULL };
	if (json_peek(r) != JSON_OBJECT) {
		if (r->failed || json_skip(r, NULL) < 0)
			return json_fail(r, err);
		return err_set(err, &ERR_FIELD_TYPE, "", "data", "an object / 对象", NULL);
	}
	return decode_object(s, &d, out, err);
}

int shape_decode_stored(const struct shape *s, struct json_reader *r, shape_open_fn open, void *ctx, void *out,
			struct err *err)
{
	struct decode d = { r, true, open, ctx };
	if (json_peek(r) != JSON_OBJECT)
		return err_set(err, &ERR_FIELD_TYPE, "", "data", "an object", NULL);
	return decode_object(s, &d, out, err);
}
