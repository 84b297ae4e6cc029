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

#define PLACE_PATTERN "^([0-9]{12}|[0-9]{15})$"
#define SHAPES_MAX    512

/* The shapes met on the way, each to become one schema. */
struct schemas {
	struct {
		const struct shape *shape;
		bool request; /* decoded from outside: bounds hold, other members are refused */
	} items[SHAPES_MAX];
	size_t n;
};

/* ---- pieces -------------------------------------------------------------------- */

/* Members or a value of fixed text, ' standing for ". */
static void put_fixed(struct json_writer *w, const char *text)
{
	if (w->comma)
		buf_char(w->out, ',');
	for (; *text; text++)
		buf_char(w->out, *text == '\'' ? '"' : *text);
	w->comma = true;
}

static void put_fixed_as(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	put_fixed(w, text);
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	json_put_cstr(w, text);
}

static void put_number(struct json_writer *w, const char *key, int64_t v)
{
	json_key(w, key);
	json_put_i64(w, v);
}

/* "English · 中文", with more behind it. */
static void put_description(struct json_writer *w, const char *en, const char *zh, const char *more)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_cstr(&b, en);
	buf_cstr(&b, " · ");
	buf_cstr(&b, zh);
	buf_cstr(&b, more);
	w->out->failed |= b.failed;
	json_key(w, "description");
	json_put_str(w, buf_view(&b));
}

static void put_schema_ref(struct json_writer *w, const char *name)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_cstr(&b, "#/components/schemas/");
	buf_cstr(&b, name);
	w->out->failed |= b.failed;
	json_key(w, "$ref");
	json_put_str(w, buf_view(&b));
}

/* ---- fields ---------------------------------------------------------------------- */

static void put_string(struct json_writer *w, const char *format, const char *pattern)
{
	put_text(w, "type", "string");
	if (format)
		put_text(w, "format", format);
	if (pattern)
		put_text(w, "pattern", pattern);
}

static void put_integer(struct json_writer *w, bool bounded, int64_t least, int64_t most)
{
	put_text(w, "type", "integer");
	put_text(w, "format", "int64");
	if (bounded && least != INT64_MIN)
		put_number(w, "minimum", least);
	if (bounded && most != INT64_MAX)
		put_number(w, "maximum", most);
}

static void put_lengths(struct json_writer *w, const char *least_key, int64_t least, const char *most_key, int64_t most)
{
	if (least > 0)
		put_number(w, least_key, least);
	put_number(w, most_key, most);
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
		put_schema_ref(w, "GeoPolygon");
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
			put_fixed(w, "'type':'number','minimum':30,'maximum':4500");
		else
			put_integer(w, true, 3000, 4500);
		break;
	case FIELD_DEGREES:
		put_fixed(w, "'type':'number','minimum':-180,'maximum':180");
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
		put_text(w, "type", "boolean");
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
			put_text(w, "x-thing", f->thing);
		break;
	case FIELD_OBJECT:
		put_schema_ref(w, f->shape->name);
		break;
	case FIELD_COUNTS:
		put_fixed(w, "'type':'object','additionalProperties':{'type':'integer','format':'int64'}");
		break;
	case FIELD_LIST:
	case FIELD_RAW:
		put_fixed(w, "'type':'object','additionalProperties':true");
		break;
	}
}

static void put_field(struct json_writer *w, const struct field *f, bool request)
{
	bool personal = f->flags & FIELD_PERSONAL;
	json_key(w, f->name);
	json_open(w, '{');
	if (f->kind == FIELD_LIST) {
		put_text(w, "type", "array");
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
	put_description(w, f->en, f->zh, personal ? " (personal data, kept sealed · 个人信息，加密保存)" : "");
	json_close(w, '}');
}

static void put_shape(struct json_writer *w, const struct shape *s, bool request)
{
	bool needed = false;
	json_key(w, s->name);
	json_open(w, '{');
	put_text(w, "type", "object");
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
	put_fixed(w, "'type':'object','required':['id','type','at','data'],'additionalProperties':false");
	put_description(w, t->en, t->zh, "");
	json_key(w, "x-roles");
	describe_roles(w, t->roles);
	json_key(w, "properties");
	json_open(w, '{');
	put_fixed(w, "'id':{'type':'string','format':'uuid','description':'Made by the recorder, version 7 preferred, "
		     "so that the "
		     "same record sent twice is one'}");
	json_key(w, "type");
	json_open(w, '{');
	put_text(w, "type", "string");
	put_text(w, "const", t->form.type);
	json_close(w, '}');
	put_fixed(w, "'at':{'type':'string','format':'date-time','description':'When it happened'},"
		     "'place':{'type':'string','description':'Division or grid code, or the id of a site'}");
	if (!(t->flags & EVENT_STANDING))
		put_fixed(w,
			  "'incident':{'type':'string','format':'uuid','description':'Needed when several are open'}");
	json_key(w, "data");
	json_open(w, '{');
	put_schema_ref(w, t->form.shape->name);
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
	put_schema_ref(w, name);
	json_close(w, '}');
}

static void put_mapping(struct json_writer *w, const struct event_type *t)
{
	char name[80], ref[120];
	envelope_name(t, name);
	snprintf(ref, sizeof ref, "#/components/schemas/%s", name);
	put_text(w, t->form.type, ref);
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
	put_text(w, "propertyName", "type");
	json_key(w, "mapping");
	json_open(w, '{');
	each_open_type(w, put_mapping);
	json_close(w, '}');
	json_close(w, '}');
	json_close(w, '}');
}

/* ---- views ------------------------------------------------------------------------------- */

/* The query parameters a mask stands for, as app/query.c reads them. */
static const struct param {
	unsigned bit;
	const char *name, *schema, *en, *zh;
} PARAMS[] = {
	{ PARAM_PLACE, "place", "{'type':'string','pattern':'" PLACE_PATTERN "'}",
	  "The place; otherwise the caller's own", "地点" },
	{ PARAM_AS_OF, "as_of", "{'type':'string','format':'date'}", "As of the end of this day; otherwise now",
	  "截至日期" },
	{ PARAM_KNOWN_AT, "known_at", "{'type':'string','format':'date-time'}", "From what had arrived by this moment",
	  "按此刻已知" },
	{ PARAM_Q, "q", "{'type':'string','maxLength':800}", "Text to look for", "查找" },
	{ PARAM_KIND, "kind", "{'type':'string'}", "Only of this kind", "种类" },
	{ PARAM_GROUP, "group", "{'type':'string','format':'uuid'}", "Only of this group", "责任组" },
	{ PARAM_ABOUT, "about", "{'type':'string','format':'uuid'}", "Only about this thing", "相关对象" },
	{ PARAM_INCIDENT, "incident", "{'type':'string','format':'uuid'}",
	  "Of this incident; otherwise the latest that is no drill", "事件" },
	{ PARAM_DAYS, "from", "{'type':'string','format':'date'}", "First day", "自" },
	{ PARAM_DAYS, "to", "{'type':'string','format':'date'}", "Last day", "至" },
	{ PARAM_REASON, "reason", "{'type':'string','maxLength':800}",
	  "Opens masked personal data and is itself recorded", "查看理由" },
	{ PARAM_SEQ, "seq", "{'type':'integer','format':'int64','minimum':1}", "Number in the ledger", "序号" },
	{ PARAM_SEQ, "size", "{'type':'integer','format':'int64','minimum':1}",
	  "Size of the tree; otherwise the latest", "树的大小" },
	{ PARAM_SEQ, "first", "{'type':'integer','format':'int64','minimum':1}", "Earlier size", "较早的大小" },
	{ PARAM_SEQ, "second", "{'type':'integer','format':'int64','minimum':1}", "Later size; otherwise the latest",
	  "较晚的大小" },
	{ PARAM_AT, "at", "{'type':'string','format':'date-time'}", "As of this moment; otherwise now", "时刻" },
	{ PARAM_SITE, "site", "{'type':'string','format':'uuid'}", "Only of this site", "场所" },
	{ PARAM_ROSTER, "hours", "{'type':'integer','minimum':1,'maximum':24,'default':8}", "Hours of a shift",
	  "每班小时" },
	{ PARAM_ROSTER, "heads", "{'type':'integer','minimum':1,'maximum':20,'default':2}", "People on a shift",
	  "每班人数" },
	{ PARAM_PAGE, "after", "{'type':'string','maxLength':120}", "The page behind: next of the answer before",
	  "续页" },
	{ PARAM_PAGE, "limit", "{'type':'integer','minimum':1,'maximum':500,'default':50}", "At most so many", "条数" },
};

/* Views that speak of a kind, or of numbers in the ledger, in their own words. NULL: not of this view. */
static const struct wording {
	const char *path, *param, *as;
	bool needed;
} WORDINGS[] = {
	{ "/api/v1/events", "kind", "type", false },          { "/api/v1/teams/people", "kind", "category", false },
	{ "/api/v1/ledger/proof", "seq", "seq", true },       { "/api/v1/ledger/proof", "first", NULL, false },
	{ "/api/v1/ledger/proof", "second", NULL, false },    { "/api/v1/ledger/consistency", "first", "first", true },
	{ "/api/v1/ledger/consistency", "seq", NULL, false }, { "/api/v1/ledger/consistency", "size", NULL, false },
	{ "/api/v1/ledger/entry", "seq", "seq", true },       { "/api/v1/ledger/entry", "size", NULL, false },
	{ "/api/v1/ledger/entry", "first", NULL, false },     { "/api/v1/ledger/entry", "second", NULL, false },
};

static struct wording wording_of(const struct view *v, const struct param *p)
{
	for (size_t i = 0; i < ARRAY_LEN(WORDINGS); i++) {
		if (!strcmp(WORDINGS[i].path, v->path) && !strcmp(WORDINGS[i].param, p->name))
			return WORDINGS[i];
	}
	return (struct wording){ v->path, p->name, p->name, false };
}

static void put_param(struct json_writer *w, const char *in, const char *name, bool needed, const char *schema,
		      const char *en, const char *zh)
{
	json_open(w, '{');
	put_text(w, "name", name);
	put_text(w, "in", in);
	json_key(w, "required");
	json_put_bool(w, needed);
	put_fixed_as(w, "schema", schema);
	put_description(w, en, zh, "");
	json_close(w, '}');
}

/* Figures are known by name, places by code, all else by id. */
static bool is_named(const struct view *v)
{
	return str_starts(str_of(v->path), "/api/v1/figures/");
}

static void put_params(struct json_writer *w, const struct view *v)
{
	json_key(w, "parameters");
	json_open(w, '[');
	if (strstr(v->path, "{id}")) {
		if (is_named(v))
			put_param(w, "path", "name", true, "{'type':'string'}", "Name of the figure", "指标");
		else if (str_starts(str_of(v->path), "/api/v1/places/divisions/"))
			put_param(w, "path", "id", true, "{'type':'string','pattern':'" PLACE_PATTERN "'}",
				  "Place code", "地点代码");
		else
			put_param(w, "path", "id", true, "{'type':'string','format':'uuid'}", "Id", "编号");
	}
	for (size_t i = 0; i < ARRAY_LEN(PARAMS); i++) {
		struct wording as = wording_of(v, &PARAMS[i]);
		if ((v->params & PARAMS[i].bit) && as.as)
			put_param(w, "query", as.as, as.needed, PARAMS[i].schema, PARAMS[i].en, PARAMS[i].zh);
	}
	json_close(w, ']');
}

/* "/api/v1/grid/groups/{id}" → "get_grid_groups_by_id" */
static void put_operation_id(struct json_writer *w, const struct view *v)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_cstr(&b, "get");
	for (const char *p = v->path + strlen("/api/v1"); *p; p++) {
		if (*p == '{')
			buf_cstr(&b, "by_");
		else if (*p != '}')
			buf_char(&b, *p == '/' || *p == '.' || *p == '-' ? '_' : *p);
	}
	w->out->failed |= b.failed;
	json_key(w, "operationId");
	json_put_str(w, buf_view(&b));
}

/* {ITEMS: [item], next?} or the item itself. */
static void put_answer(struct json_writer *w, const struct view *v)
{
	json_key(w, "schema");
	json_open(w, '{');
	if (v->list) {
		put_text(w, "type", "object");
		json_key(w, "required");
		describe_names(w, (const char *const[]){ v->list, NULL });
		json_key(w, "properties");
		json_open(w, '{');
		json_key(w, v->list);
		json_open(w, '{');
		put_text(w, "type", "array");
		json_key(w, "items");
		json_open(w, '{');
		put_schema_ref(w, v->shape->name);
		json_close(w, '}');
		json_close(w, '}');
		put_fixed(w, "'next':{'type':'string','description':'There is more: give it as after'}");
		json_close(w, '}');
	} else {
		put_schema_ref(w, v->shape->name);
	}
	json_close(w, '}');
}

/* What any view may answer instead. */
static void put_problems(struct json_writer *w)
{
	static const struct {
		const char *status, *answer;
	} rows[] = {
		{ "400", "{'$ref':'#/components/responses/BadRequest'}" },
		{ "401", "{'$ref':'#/components/responses/Unauthenticated'}" },
		{ "403", "{'$ref':'#/components/responses/Forbidden'}" },
		{ "404", "{'$ref':'#/components/responses/NotFound'}" },
		{ "503", "{'$ref':'#/components/responses/Busy'}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		put_fixed_as(w, rows[i].status, rows[i].answer);
}

static void put_get(struct json_writer *w, const struct module *m, const struct view *v)
{
	json_key(w, "get");
	json_open(w, '{');
	put_operation_id(w, v);
	json_key(w, "tags");
	describe_names(w, (const char *const[]){ m->name, NULL });
	put_text(w, "summary", v->en);
	put_text(w, "description", v->zh);
	json_key(w, "x-roles");
	describe_roles(w, v->roles);
	put_params(w, v);
	json_key(w, "responses");
	json_open(w, '{');
	json_key(w, "200");
	json_open(w, '{');
	put_text(w, "description", v->en);
	json_key(w, "content");
	json_open(w, '{');
	json_key(w, "application/json");
	json_open(w, '{');
	put_answer(w, v);
	json_close(w, '}');
	json_close(w, '}');
	json_close(w, '}');
	put_problems(w);
	json_close(w, '}');
	json_close(w, '}');
}

/* The one path that is recorded to and read from: its POST stands in openapi.json. */
#define EVENTS_PATH "/api/v1/events"

static void put_path(struct json_writer *w, const struct module *m, const struct view *v)
{
	_cleanup_(buf_finish) struct buf path = { 0 };
	const char *id = is_named(v) ? strstr(v->path, "{id}") : NULL;
	buf_add(&path, v->path, id ? (size_t)(id - v->path) : strlen(v->path));
	if (id) {
		buf_cstr(&path, "{name}");
		buf_cstr(&path, id + strlen("{id}"));
	}
	w->out->failed |= path.failed;
	json_key_str(w, buf_view(&path));
	json_open(w, '{');
	put_get(w, m, v);
	json_close(w, '}');
}

/* ---- the document ---------------------------------------------------------------------------- */

static void add_version(struct json_writer *w)
{
	put_text(w, "version", LIANFANG_VERSION);
}

static void add_tags(struct json_writer *w)
{
	for (size_t m = 0; MODULES[m]; m++) {
		json_open(w, '{');
		put_text(w, "name", MODULES[m]->name);
		put_description(w, MODULES[m]->en, MODULES[m]->zh, "");
		json_close(w, '}');
	}
}

static void add_views(struct json_writer *w)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_views; i++) {
			if (strcmp(MODULES[m]->views[i].path, EVENTS_PATH) != 0)
				put_path(w, MODULES[m], &MODULES[m]->views[i]);
		}
	}
}

static void add_events_get(struct json_writer *w)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_views; i++) {
			if (strcmp(MODULES[m]->views[i].path, EVENTS_PATH) == 0)
				put_get(w, MODULES[m], &MODULES[m]->views[i]);
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
