/* The OpenAPI 3.1 document, made from the tables that decode, write and serve:
 * schemas from shapes, paths from views, envelopes from event types. What no
 * table tells stands in openapi.json, which is copied and extended. The same
 * text in every build of a version. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>

#include "app/app.h"
#include "app/describe.h"
#include "openapi.json.h"

#ifndef LIANFANG_VERSION
#define LIANFANG_VERSION "0.1.0"
#endif

#define SHAPES_MAX 512

/* The shapes met on the way, each to become one schema. */
struct schemas {
	struct {
		const struct shape *shape;
		bool request; /* decoded from outside: bounds hold, other members are refused */
	} items[SHAPES_MAX];
	size_t n;
};

/* ---- fields ---------------------------------------------------------------------- */

static void put_string(struct json_writer *w, const char *format, const char *pattern)
{
	describe_text(w, "type", "string");
	if (format)
		describe_text(w, "format", format);
	if (pattern)
		describe_text(w, "pattern", pattern);
}

static void put_integer(struct json_writer *w, bool bounded, int64_t least, int64_t most)
{
	describe_text(w, "type", "integer");
	describe_text(w, "format", "int64");
	if (bounded && least != INT64_MIN)
		describe_number(w, "minimum", least);
	if (bounded && most != INT64_MAX)
		describe_number(w, "maximum", most);
}

static void put_lengths(struct json_writer *w, const char *least_key, int64_t least, const char *most_key, int64_t most)
{
	if (least > 0)
		describe_number(w, least_key, least);
	describe_number(w, most_key, most);
}

/* Texts: the patterns accept what the decoder does, or a little more where it computes (check digits, dates). */
static void put_text_schema(struct json_writer *w, const struct field *f, enum field_kind kind, bool request)
{
	static const char *const PATTERNS[] = {
		[FIELD_PHONE] = "^[-+0-9 ][-0-9 ]{2,23}$",
		[FIELD_IDNO] = "^[0-9]{17}[0-9Xx]$",
		[FIELD_ACCOUNT] = "^[a-z0-9._-]{1,32}$",
	};
	put_string(w, NULL, request ? PATTERNS[kind] : NULL);
	if (request && kind == FIELD_TEXT)
		put_lengths(w, "minLength", 1, "maxLength", f->max > 0 ? f->max : EVENT_TEXT_MAX);
	if (request && kind == FIELD_PLATE)
		put_lengths(w, "minLength", 1, "maxLength", 20);
}

/* The members of a value's schema; lists and objects are the caller's matter. */
static void put_value(struct json_writer *w, const struct field *f, enum field_kind kind, bool request)
{
	switch (kind) {
	case FIELD_TEXT:
	case FIELD_PHONE:
	case FIELD_IDNO:
	case FIELD_PLATE:
	case FIELD_ACCOUNT:
		put_text_schema(w, f, kind, request);
		break;
	case FIELD_GEOJSON:
		describe_ref(w, "GeoPolygon");
		break;
	case FIELD_INT:
		put_integer(w, request && f->min < f->max, f->min, f->max);
		break;
	case FIELD_QUANTITY:
	case FIELD_MONEY:
		put_integer(w, request, 1, INT64_MAX);
		break;
	case FIELD_TEMPERATURE: /* 36.5 or 3650 coming in, 3650 going out */
		if (request)
			describe_fixed(w, "'type':'number','minimum':30,'maximum':4500");
		else
			put_integer(w, true, 3000, 4500);
		break;
	case FIELD_DEGREES:
		describe_fixed(w, "'type':'number','minimum':-180,'maximum':180");
		break;
	case FIELD_TIME:
		put_string(w, "date-time", NULL);
		break;
	case FIELD_DAY:
		put_string(w, "date", NULL);
		break;
	case FIELD_PLACE:
		put_string(w, NULL, PLACE_PATTERN);
		break;
	case FIELD_BOOL:
		describe_text(w, "type", "boolean");
		break;
	case FIELD_ENUM:
		put_string(w, NULL, NULL);
		json_key(w, "enum");
		describe_names(w, f->values);
		if (f->values_zh) {
			json_key(w, "x-enum-zh");
			describe_names(w, f->values_zh);
		}
		break;
	case FIELD_ID:
	case FIELD_REF:
		put_string(w, "uuid", NULL);
		if (f->thing)
			describe_text(w, "x-thing", f->thing);
		break;
	case FIELD_OBJECT:
		describe_ref(w, f->shape->name);
		break;
	case FIELD_COUNTS:
		describe_fixed(w, "'type':'object','additionalProperties':{'type':'integer','format':'int64'}");
		break;
	case FIELD_LIST:
	case FIELD_RAW:
		describe_fixed(w, "'type':'object','additionalProperties':true");
		break;
	}
}

static void put_field(struct json_writer *w, const struct field *f, bool request)
{
	bool personal = f->flags & FIELD_PERSONAL;
	json_key(w, f->name);
	json_open(w, '{');
	if (f->kind == FIELD_LIST) {
		describe_text(w, "type", "array");
		if (request)
			put_lengths(w, "minItems", f->min, "maxItems", f->max > 0 ? f->max : 1000);
		json_key(w, "items");
		json_open(w, '{');
		put_value(w, f, f->element, request);
		json_close(w, '}');
	} else {
		put_value(w, f, f->kind, request);
	}
	if (personal) {
		json_key(w, "x-personal");
		json_put_bool(w, true);
	}
	describe_label(w, f->en, f->zh, personal ? " (personal data, kept sealed · 个人信息，加密保存)" : "");
	json_close(w, '}');
}

static void put_shape(struct json_writer *w, const struct shape *s, bool request)
{
	bool needed = false;
	json_key(w, s->name);
	json_open(w, '{');
	describe_text(w, "type", "object");
	for (size_t i = 0; i < s->n; i++)
		needed |= s->fields[i].flags & FIELD_NEEDED;
	if (needed) {
		json_key(w, "required");
		json_open(w, '[');
		for (size_t i = 0; i < s->n; i++) {
			if (s->fields[i].flags & FIELD_NEEDED)
				json_put_cstr(w, s->fields[i].name);
		}
		json_close(w, ']');
	}
	if (request) {
		json_key(w, "additionalProperties");
		json_put_bool(w, false);
	}
	json_key(w, "properties");
	json_open(w, '{');
	for (size_t i = 0; i < s->n; i++)
		put_field(w, &s->fields[i], request);
	json_close(w, '}');
	json_close(w, '}');
}

/* ---- which shapes there are ---------------------------------------------------------- */

static void collect(struct schemas *all, const struct shape *s, bool request)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->items[i].shape == s)
			return;
		assert(strcmp(all->items[i].shape->name, s->name) != 0); /* two shapes of one name */
	}
	assert(all->n < SHAPES_MAX);
	all->items[all->n].shape = s;
	all->items[all->n++].request = request;
	for (size_t i = 0; i < s->n; i++) {
		if (s->fields[i].shape)
			collect(all, s->fields[i].shape, request);
	}
}

static void collect_all(struct schemas *all)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_events; i++)
			collect(all, MODULES[m]->events[i].form.shape, true);
	}
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_views; i++)
			collect(all, MODULES[m]->views[i].shape, false);
	}
}

/* ---- envelopes ------------------------------------------------------------------------- */

/* "household.registered" → "HouseholdRegisteredEvent" */
static void envelope_name(const struct event_type *t, char out[80])
{
	size_t n = 0;
	bool upper = true;
	for (const char *p = t->form.type; *p; p++) {
		if (*p == '.' || *p == '_') {
			upper = true;
			continue;
		}
		assert(n < 74);
		out[n++] = upper ? (char)toupper((unsigned char)*p) : *p;
		upper = false;
	}
	memcpy(out + n, "Event", 6);
}

static void put_envelope(struct json_writer *w, const struct event_type *t)
{
	char name[80];
	envelope_name(t, name);
	json_key(w, name);
	json_open(w, '{');
	describe_fixed(w, "'type':'object','required':['id','type','at','data'],'additionalProperties':false");
	describe_label(w, t->en, t->zh, "");
	json_key(w, "x-roles");
	describe_roles(w, t->roles);
	json_key(w, "properties");
	json_open(w, '{');
	describe_fixed(
	    w, "'id':{'type':'string','format':'uuid','description':'Made by the recorder, version 7 preferred, "
	       "so that the "
	       "same record sent twice is one'}");
	json_key(w, "type");
	json_open(w, '{');
	describe_text(w, "type", "string");
	describe_text(w, "const", t->form.type);
	json_close(w, '}');
	describe_fixed(w, "'at':{'type':'string','format':'date-time','description':'When it happened'},"
			  "'place':{'type':'string','description':'Division or grid code, or the id of a site'}");
	if (!(t->flags & EVENT_STANDING))
		describe_fixed(
		    w, "'incident':{'type':'string','format':'uuid','description':'Needed when several are open'}");
	json_key(w, "data");
	json_open(w, '{');
	describe_ref(w, t->form.shape->name);
	json_close(w, '}');
	json_close(w, '}');
	json_close(w, '}');
}

static void each_open_type(struct json_writer *w, void (*put)(struct json_writer *w, const struct event_type *t))
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_events; i++) {
			if (describe_is_open(&MODULES[m]->events[i]))
				put(w, &MODULES[m]->events[i]);
		}
	}
}

static void put_envelope_ref(struct json_writer *w, const struct event_type *t)
{
	char name[80];
	envelope_name(t, name);
	json_open(w, '{');
	describe_ref(w, name);
	json_close(w, '}');
}

static void put_mapping(struct json_writer *w, const struct event_type *t)
{
	char name[80], ref[120];
	envelope_name(t, name);
	snprintf(ref, sizeof ref, "#/components/schemas/%s", name);
	describe_text(w, t->form.type, ref);
}

static void put_new_event(struct json_writer *w)
{
	json_key(w, "NewEvent");
	json_open(w, '{');
	json_key(w, "oneOf");
	json_open(w, '[');
	each_open_type(w, put_envelope_ref);
	json_close(w, ']');
	json_key(w, "discriminator");
	json_open(w, '{');
	describe_text(w, "propertyName", "type");
	json_key(w, "mapping");
	json_open(w, '{');
	each_open_type(w, put_mapping);
	json_close(w, '}');
	json_close(w, '}');
	json_close(w, '}');
}

/* ---- the document ---------------------------------------------------------------------------- */

static void add_version(struct json_writer *w)
{
	describe_text(w, "version", LIANFANG_VERSION);
}

static void add_tags(struct json_writer *w)
{
	for (size_t m = 0; MODULES[m]; m++) {
		json_open(w, '{');
		describe_text(w, "name", MODULES[m]->name);
		describe_label(w, MODULES[m]->en, MODULES[m]->zh, "");
		json_close(w, '}');
	}
}

static void add_views(struct json_writer *w)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_views; i++) {
			if (strcmp(MODULES[m]->views[i].path, EVENTS_PATH) != 0)
				describe_path(w, MODULES[m], &MODULES[m]->views[i]);
		}
	}
}

static void add_events_get(struct json_writer *w)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_views; i++) {
			if (strcmp(MODULES[m]->views[i].path, EVENTS_PATH) == 0)
				describe_get(w, MODULES[m], &MODULES[m]->views[i]);
		}
	}
}

static void add_schemas(struct json_writer *w)
{
	struct schemas all = { .n = 0 };
	collect_all(&all);
	put_new_event(w);
	each_open_type(w, put_envelope);
	for (size_t i = 0; i < all.n; i++)
		put_shape(w, all.items[i].shape, all.items[i].request);
}

/* Where openapi.json is added to: an object or array, by its path. */
static const struct {
	const char *at;
	void (*add)(struct json_writer *w);
} ADDITIONS[] = {
	{ "/info", add_version },
	{ "/tags", add_tags },
	{ "/paths", add_views },
	{ "/paths/" EVENTS_PATH, add_events_get },
	{ "/components/schemas", add_schemas },
};

static void copy_value(struct json_writer *w, struct json_reader *r, const char *path);

/* An object or array with what is to be added at its end. */
static void copy_container(struct json_writer *w, struct json_reader *r, const char *path, bool object)
{
	char below[256];
	struct str name;
	json_open(w, object ? '{' : '[');
	if (object)
		json_object_begin(r);
	else
		json_array_begin(r);
	while ((object ? json_member(r, &name) : json_element(r)) == 1) {
		if (object) {
			json_key_str(w, name);
			snprintf(below, sizeof below, "%s/%.*s", path, STR_ARG(name));
		}
		copy_value(w, r, object ? below : "-");
	}
	for (size_t i = 0; i < ARRAY_LEN(ADDITIONS); i++) {
		if (strcmp(ADDITIONS[i].at, path) == 0)
			ADDITIONS[i].add(w);
	}
	json_close(w, object ? '}' : ']');
}

static void copy_value(struct json_writer *w, struct json_reader *r, const char *path)
{
	int kind = json_peek(r);
	struct str text;
	if (kind == JSON_OBJECT || kind == JSON_ARRAY)
		copy_container(w, r, path, kind == JSON_OBJECT);
	else if (json_skip(r, &text) == 0)
		json_put_raw(w, text);
}

void describe_openapi(struct buf *out)
{
	struct json_reader r;
	struct json_writer w;
	json_read_init(&r, str_of(OPENAPI_JSON), NULL);
	json_write_init(&w, out);
	copy_value(&w, &r, "");
	int rest = json_end(&r);
	assert(rest == 0); /* the program's own file is sound */
	(void)rest;
}
