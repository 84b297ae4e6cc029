/* Views in the OpenAPI document: their paths, parameters and answers, from the
 * rows of the modules. */
#include <string.h>

#include "app/app.h"
#include "app/describe.h"

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
	describe_text(w, "name", name);
	describe_text(w, "in", in);
	json_key(w, "required");
	json_put_bool(w, needed);
	describe_fixed_as(w, "schema", schema);
	describe_label(w, en, zh, "");
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
		describe_text(w, "type", "object");
		json_key(w, "required");
		describe_names(w, (const char *const[]){ v->list, NULL });
		json_key(w, "properties");
		json_open(w, '{');
		json_key(w, v->list);
		json_open(w, '{');
		describe_text(w, "type", "array");
		json_key(w, "items");
		json_open(w, '{');
		describe_ref(w, v->shape->name);
		json_close(w, '}');
		json_close(w, '}');
		describe_fixed(w, "'next':{'type':'string','description':'There is more: give it as after'}");
		json_close(w, '}');
	} else {
		describe_ref(w, v->shape->name);
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
		describe_fixed_as(w, rows[i].status, rows[i].answer);
}

void describe_get(struct json_writer *w, const struct module *m, const struct view *v)
{
	json_key(w, "get");
	json_open(w, '{');
	put_operation_id(w, v);
	json_key(w, "tags");
	describe_names(w, (const char *const[]){ m->name, NULL });
	describe_text(w, "summary", v->en);
	describe_text(w, "description", v->zh);
	json_key(w, "x-roles");
	describe_roles(w, v->roles);
	put_params(w, v);
	json_key(w, "responses");
	json_open(w, '{');
	json_key(w, "200");
	json_open(w, '{');
	describe_text(w, "description", v->en);
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

void describe_path(struct json_writer *w, const struct module *m, const struct view *v)
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
	describe_get(w, m, v);
	json_close(w, '}');
}
