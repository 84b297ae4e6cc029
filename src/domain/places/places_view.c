/* Places and households read: for other modules, for callers, and behind figures. */
#include <stdlib.h>

#include "domain/places/internal.h"
#include "places.sql.h"

#define AT(type, member) offsetof(struct type, member)

/* ---- divisions --------------------------------------------------------------- */

struct str place_name(struct work *w, place_t p, int64_t at)
{
	struct err ignored = { 0 };
	struct str name = STR_NONE;
	/* In a list one follows another of the same place. Whoever writes may change the name meanwhile. */
	bool kept = at == INT64_MAX && !w->book;
	if (kept && *w->named_as && w->named == p)
		return arena_str(w->arena, str_of(w->named_as));
	if (at == INT64_MAX)
		at = w->now; /* a new name holds from its day */
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_DIVISION_NAME_AT, &st, &ignored, "ii", p, at) == 0 &&
		    stmt_step(st, &ignored) == 1)
			name = arena_str(w->arena, stmt_text(st, 0));
	}
	if (!name.ptr) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_DIVISION_GET, &st, &ignored, "i", p) == 0 && stmt_step(st, &ignored) == 1)
			name = arena_str(w->arena, stmt_text(st, 3));
	}
	if (!name.ptr) {
		char text[PLACE_TEXT];
		name =
		    p == PLACE_NATION ? STR("全国") : arena_str(w->arena, (struct str){ text, place_format(p, text) });
	}
	if (kept && str_copy(name, w->named_as, sizeof w->named_as))
		w->named = p;
	return name;
}

int place_listed(struct work *w, place_t p, int64_t at, struct err *err)
{
	struct division d;
	if (p == PLACE_NATION)
		return w->top == PLACE_NATION;
	size_t slot = place_slot(p);
	if (w->places && w->places->code[slot] == p)
		return w->places->listed[slot] <= at;
	int rc = division_get(w, p, &d, err);
	if (rc == 1 && w->places) {
		w->places->code[slot] = p;
		w->places->listed[slot] = d.listed;
	}
	return rc == 1 && d.listed > at ? 0 : rc;
}

int division_get(struct work *w, place_t code, struct division *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_DIVISION_GET, &st, err, "i", code) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct division){ code, stmt_i64(st, 0), stmt_i64(st, 1), stmt_i64(st, 2),
					  arena_str(w->arena, stmt_text(st, 3)) };
	return rc;
}

int divisions_below(struct work *w, place_t parent, place_t after, int64_t limit,
		    int (*each)(void *ctx, const struct division *d, struct err *err), void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, &SQL_DIVISIONS_BELOW, &st, err, "iiii", parent, after, limit, w->now) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct division d = { stmt_i64(st, 0), stmt_i64(st, 1), parent, stmt_i64(st, 2),
				      arena_str(w->arena, stmt_text(st, 3)) };
		if (each(ctx, &d, err) < 0)
			return -1;
	}
	return rc;
}

struct above_item {
	int64_t code, level;
	struct str name;
};

static const struct field ABOVE_FIELDS[] = {
	{ "code", FIELD_PLACE, FIELD_NEEDED, AT(above_item, code), .zh = "代码", .en = "Code" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(above_item, name), .zh = "名称", .en = "Name" },
	{ "level", FIELD_INT, FIELD_NEEDED, AT(above_item, level), .zh = "级别", .en = "Level" },
};
static struct shape ABOVE_ITEM = { .name = "PlaceAbove", SHAPE_OF(ABOVE_FIELDS, struct above_item) };

struct division_item {
	int64_t code, level, parent, listed;
	struct str name;
	struct list above;
};

static const struct field DIVISION_FIELDS[] = {
	{ "code", FIELD_PLACE, FIELD_NEEDED, AT(division_item, code), .zh = "代码", .en = "Code" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(division_item, name), .zh = "名称", .en = "Name" },
	{ "level", FIELD_INT, FIELD_NEEDED, AT(division_item, level), .zh = "级别", .en = "Level" },
	{ "parent", FIELD_PLACE, 0, AT(division_item, parent), .zh = "上级", .en = "Parent" },
	{ "listed", FIELD_TIME, 0, AT(division_item, listed), .zh = "列入时间", .en = "Listed" },
	{ "above", FIELD_LIST, 0, AT(division_item, above), .element = FIELD_OBJECT, .shape = &ABOVE_ITEM,
	  .zh = "各级上级", .en = "Places above" },
};
static struct shape DIVISION_ITEM = { .name = "Division", SHAPE_OF(DIVISION_FIELDS, struct division_item) };

struct listing {
	struct work *w;
	const struct view_query *q;
	struct view_out *out;
	int64_t n;
	place_t last_place;
	struct uuid last_id;
};

static bool name_has(struct str name, struct str q)
{
	return !q.ptr || !q.len || memmem(name.ptr, name.len, q.ptr, q.len);
}

static int put_division(void *ctx, const struct division *d, struct err *err)
{
	struct listing *k = ctx;
	struct division_item item = { d->code, d->level, d->parent, d->listed, d->name, { 0 } };
	k->last_place = d->code;
	if (!name_has(item.name, k->q->q))
		return 0;
	k->n++;
	return view_item(k->out, &item, err);
}

/* A search runs over the whole territory, plain listing over the places directly below. */
static int search_divisions(struct listing *k, place_t after, struct err *err)
{
	struct work *w = k->w;
	for (;;) {
		struct division page[200];
		size_t n = 0;
		int rc;
		{
			_cleanup_(stmt_endp) struct stmt *st = NULL;
			if (db_start(w->db, &SQL_DIVISIONS_WITHIN, &st, err, "iiiii", k->q->place,
				     k->q->place + place_span(k->q->place), after, (int64_t)ARRAY_LEN(page),
				     w->now) < 0)
				return -1;
			while ((rc = stmt_step(st, err)) == 1) {
				struct str name = stmt_text(st, 4);
				after = stmt_i64(st, 0);
				if (name_has(name, k->q->q))
					page[n++] = (struct division){ after, stmt_i64(st, 1), stmt_i64(st, 2),
								       stmt_i64(st, 3), arena_str(w->arena, name) };
				k->last_place = after;
			}
			if (rc < 0)
				return -1;
		}
		for (size_t i = 0; i < n; i++) {
			if (put_division(k, &page[i], err) < 0)
				return -1;
			if (k->n == k->q->limit)
				return 0;
		}
		int64_t more;
		rc = db_get_i64(w->db, &SQL_DIVISION_HAS_BELOW, &more, err, "ii", after,
				k->q->place + place_span(k->q->place));
		if (rc <= 0)
			return rc;
	}
}

static void next_code(struct listing *k)
{
	char text[PLACE_TEXT];
	if (k->n == k->q->limit)
		view_next(k->out, arena_str(k->w->arena, (struct str){ text, place_format(k->last_place, text) }));
}

static int divisions_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct listing k = { .w = w, .q = q, .out = out };
	place_t after = -1;
	if (q->after.ptr && !place_parse(q->after, &after))
		return err_set(err, &ERR_FIELD_FORM, "after", "after", "610927100000", NULL);
	if (q->q.ptr && q->q.len) {
		if (search_divisions(&k, after < 0 ? q->place : after, err) < 0)
			return -1;
	} else if (divisions_below(w, q->place, after, q->limit, put_division, &k, err) < 0) {
		return -1;
	}
	next_code(&k);
	return 0;
}

static int division_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct division d;
	struct above_item above[LEVEL_GRID];
	size_t n = 0;
	place_t code;
	if (!place_parse(q->id, &code))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = division_get(w, code, &d, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, ROLES_ALL_GRANTED, code, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	for (place_t p = place_parent(code); p != PLACE_NATION && n < ARRAY_LEN(above); p = place_parent(p)) {
		struct division up;
		if ((rc = division_get(w, p, &up, err)) < 0)
			return -1;
		if (rc)
			above[n++] = (struct above_item){ p, up.level, place_name(w, p, INT64_MAX) };
	}
	struct division_item item = {
		d.code, d.level, d.parent, d.listed, place_name(w, code, INT64_MAX), { above, n }
	};
	return view_item(out, &item, err);
}

/* ---- sites ------------------------------------------------------------------------ */

struct site_item {
	struct uuid id;
	int64_t kind, place, opened, closed, lon, lat;
	struct str name, place_name;
};

static const struct field SITE_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(site_item, id), .thing = THING_SITE, .zh = "编号", .en = "Id" },
	{ "kind", FIELD_ENUM, FIELD_NEEDED, AT(site_item, kind), .values = SITE_KINDS, .values_zh = SITE_KINDS_ZH,
	  .zh = "种类", .en = "Kind" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(site_item, name), .zh = "名称", .en = "Name" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(site_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(site_item, place_name), .zh = "地名", .en = "Place name" },
	{ "lon", FIELD_DEGREES, 0, AT(site_item, lon), .zh = "经度", .en = "Longitude" },
	{ "lat", FIELD_DEGREES, 0, AT(site_item, lat), .zh = "纬度", .en = "Latitude" },
	{ "opened", FIELD_TIME, FIELD_NEEDED, AT(site_item, opened), .zh = "启用", .en = "Opened" },
	{ "closed", FIELD_TIME, 0, AT(site_item, closed), .zh = "关闭", .en = "Closed" },
};
static struct shape SITE_ITEM = { .name = "Site", SHAPE_OF(SITE_FIELDS, struct site_item) };

static int fill_site(struct work *w, struct site_item *item, int64_t seq, struct err *err)
{
	struct event ev;
	int rc = work_event(w, seq, false, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a site's record is missing");
	const struct site_opened *d = ev.data;
	item->name = d->name;
	item->lon = d->lon;
	item->lat = d->lat;
	item->place_name = place_name(w, item->place, INT64_MAX);
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_SITE_CHANGES, &st, err, "ui", &item->id, w->now) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (stmt_text(st, 0).ptr)
			item->name = arena_str(w->arena, stmt_text(st, 0));
		if (stmt_i64(st, 1) != FIELD_ABSENT)
			item->lon = stmt_i64(st, 1);
		if (stmt_i64(st, 2) != FIELD_ABSENT)
			item->lat = stmt_i64(st, 2);
	}
	return rc;
}

static int sites_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct site_item item = { 0 };
	int64_t n = 0;
	int rc;
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (db_start(w->db, &SQL_SITES_OF, &st, err, "iiiui", q->place, q->place + place_span(q->place), after,
		     &after_id, q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		item = (struct site_item){ .id = stmt_uuid(st, 0),
					   .kind = stmt_i64(st, 1),
					   .place = stmt_i64(st, 2),
					   .opened = stmt_i64(st, 3),
					   .closed = stmt_i64(st, 4) };
		if (fill_site(w, &item, stmt_i64(st, 5), err) < 0)
			return -1;
		n++;
		if (!name_has(item.name, q->q) || (q->kind.ptr && !str_is(q->kind, SITE_KINDS[item.kind])))
			continue;
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	if (n == q->limit)
		view_next(out, view_cursor(w->arena, item.place, &item.id));
	return rc;
}

const struct view PLACES_VIEWS[PLACES_N_VIEWS] = {
	{ "/api/v1/places/divisions", ROLES_ALL_GRANTED, PARAM_PLACE | PARAM_PAGE | PARAM_Q, &DIVISION_ITEM, "items",
	  "下级地点", "Places directly below, or found by name", divisions_view },
	{ "/api/v1/places/divisions/{id}", ROLES_ALL_GRANTED, 0, &DIVISION_ITEM, NULL, "地点", "A place",
	  division_view },
	{ "/api/v1/places/sites", ROLES_BUT_ADMIN, PARAM_PLACE | PARAM_PAGE | PARAM_Q | PARAM_KIND, &SITE_ITEM, "items",
	  "场所", "Sites", sites_view },
};

/* ---- behind the figures -------------------------------------------------------------------- */

static int behind_rows(struct stmt *st, bool coded, behind_fn put, void *ctx, struct err *err)
{
	int rc;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t seq = stmt_i64(st, coded ? 1 : 2);
		struct behind_item item = { .place = stmt_i64(st, 0), .seqs = &seq, .n = 1 };
		if (!coded)
			item.id = stmt_uuid(st, 1);
		if (put(ctx, &item, err) < 0)
			return -1;
	}
	return rc;
}

static int behind_divisions(struct work *w, const struct behind_query *q, int level, behind_fn put, void *ctx,
			    struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_DIVISIONS_OF_LEVEL, &st, err, "iiiiii", q->place, q->place + place_span(q->place),
		     (int64_t)level, q->before, q->after_place, q->limit) < 0)
		return -1;
	return behind_rows(st, true, put, ctx, err);
}

static int behind_towns(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_divisions(w, q, LEVEL_TOWN, put, ctx, err);
}

static int behind_villages(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_divisions(w, q, LEVEL_VILLAGE, put, ctx, err);
}

static int behind_checkpoints(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_SITES_OPEN_OF_KIND, &st, err, "iiiiiui", q->place, q->place + place_span(q->place),
		     (int64_t)SITE_CHECKPOINT, q->before, q->after_place, &q->after_id, q->limit) < 0)
		return -1;
	return behind_rows(st, false, put, ctx, err);
}

const struct figure_def PLACES_FIGURES[PLACES_N_FIGURES] = {
	{ "towns", .zh = "镇", .en = "Towns", .behind = behind_towns },
	{ "villages", .zh = "村（社区）", .en = "Villages and communities", .behind = behind_villages },
	{ "checkpoints", .zh = "检查点", .en = "Checkpoints", .behind = behind_checkpoints },
	{ "households", .zh = "住户", .en = "Households", .behind = household_behind },
};
