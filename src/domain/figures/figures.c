/* Figures read: see figures.h. Nothing is written here. */
#include "domain/figures/figures.h"

#include "domain/incident/incident.h"
#include "figures.sql.h"

#define AT(type, member) offsetof(struct type, member)

static const struct err_kind ERR_FIGURE_UNKNOWN = { "figure_unknown", 404, "没有“{0}”这个指标",
						    "There is no figure \"{0}\"" };

/* ---- all of a place --------------------------------------------------------------------- */

static int add_value(struct work *w, const struct figure_def *def, const char *part, place_t place, int64_t day,
		     int64_t incident_no, struct count *ret, struct err *err)
{
	char name[80];
	size_t n = strlen(def->name), k = part ? strlen(part) : 0;
	memcpy(name, def->name, n);
	memcpy(name + n, part ? part : "", k);
	name[n + k] = 0;
	ret->name = arena_str(w->arena, (struct str){ name, n + k });
	return figure_value(w, name, def->per_incident ? incident_no : 0, place, day, &ret->value, err);
}

int figures_all(struct work *w, place_t place, int64_t day, int64_t incident_no, struct list *ret, struct err *err)
{
	size_t most = 0, n = 0;
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_figures; i++) {
			const struct figure_def *def = &MODULES[m]->figures[i];
			most++;
			for (size_t p = 0; def->parts && def->parts[p]; p++)
				most++;
		}
	}
	struct count *counts = arena_alloc(w->arena, most * sizeof *counts);
	if (!counts)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_figures; i++) {
			const struct figure_def *def = &MODULES[m]->figures[i];
			if (!def->parts && add_value(w, def, NULL, place, day, incident_no, &counts[n++], err) < 0)
				return -1;
			for (size_t p = 0; def->parts && def->parts[p]; p++) {
				if (add_value(w, def, def->parts[p], place, day, incident_no, &counts[n++], err) < 0)
					return -1;
			}
		}
	}
	*ret = (struct list){ counts, n };
	return 0;
}

struct figures_item {
	int64_t place, as_of, known_at;
	struct list figures;
};

static const struct field FIGURES_FIELDS[] = {
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(figures_item, place), .zh = "地点", .en = "Place" },
	{ "as_of", FIELD_DAY, FIELD_NEEDED, AT(figures_item, as_of), .zh = "截至", .en = "As of" },
	{ "known_at", FIELD_TIME, 0, AT(figures_item, known_at), .zh = "按此刻已知", .en = "As known at" },
	{ "figures", FIELD_COUNTS, FIELD_NEEDED, AT(figures_item, figures), .zh = "指标", .en = "Figures" },
};
static struct shape FIGURES_ITEM = { .name = "Figures", SHAPE_OF(FIGURES_FIELDS, struct figures_item) };

/* The incident asked for, or the latest that is no drill and had begun by the day; 0 when there is none. */
static int incident_of(struct work *w, const struct view_query *q, int64_t *ret, struct err *err)
{
	struct thing t;
	if (uuid_is_nil(&q->incident))
		return incident_default_at(w, day_start(q->as_of + 1), ret, err);
	int rc = thing_get(w, &q->incident, &t, err);
	if (rc < 0)
		return -1;
	if (!rc || !str_is(t.kind, THING_INCIDENT))
		return err_set(err, &ERR_UNKNOWN_THING, "incident", "incident", NULL);
	*ret = t.seq;
	return 0;
}

static int figures_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct figures_item item = { q->place, q->as_of, q->known_at, { 0 } };
	int64_t incident_no;
	if (incident_of(w, q, &incident_no, err) < 0 ||
	    figures_all(w, q->place, q->as_of, incident_no, &item.figures, err) < 0)
		return -1;
	return view_item(out, &item, err);
}

/* ---- what is behind one --------------------------------------------------------------------- */

struct behind_event {
	int64_t seq, at;
	struct uuid id;
	struct str type, place, actor;
};

static const struct field EVENT_FIELDS[] = {
	{ "seq", FIELD_INT, FIELD_NEEDED, AT(behind_event, seq), .zh = "序号", .en = "Sequence" },
	{ "id", FIELD_REF, FIELD_NEEDED, AT(behind_event, id), .thing = THING_EVENT, .zh = "编号", .en = "Id" },
	{ "type", FIELD_TEXT, FIELD_NEEDED, AT(behind_event, type), .zh = "类型", .en = "Type" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(behind_event, at), .zh = "发生时间", .en = "Happened" },
	{ "place", FIELD_TEXT, FIELD_NEEDED, AT(behind_event, place), .zh = "地点", .en = "Place" },
	{ "actor", FIELD_TEXT, FIELD_NEEDED, AT(behind_event, actor), .zh = "记录人", .en = "Recorded by" },
};
static struct shape BEHIND_EVENT = { .name = "FigureEvent", SHAPE_OF(EVENT_FIELDS, struct behind_event) };

struct behind_thing {
	struct str id, kind, place, place_name;
	struct list events;
};

static const struct field THING_FIELDS[] = {
	{ "id", FIELD_TEXT, FIELD_NEEDED, AT(behind_thing, id), .zh = "编号", .en = "Id" },
	{ "kind", FIELD_TEXT, FIELD_NEEDED, AT(behind_thing, kind), .zh = "种类", .en = "Kind" },
	{ "place", FIELD_TEXT, FIELD_NEEDED, AT(behind_thing, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(behind_thing, place_name), .zh = "地名", .en = "Place name" },
	{ "events", FIELD_LIST, FIELD_NEEDED, AT(behind_thing, events), .element = FIELD_OBJECT, .shape = &BEHIND_EVENT,
	  .zh = "记录", .en = "Events" },
};
static struct shape BEHIND_THING = { .name = "FigureThing", SHAPE_OF(THING_FIELDS, struct behind_thing) };

struct behind_answer {
	struct str name, next;
	int64_t place, as_of, n;
	struct list things;
};

static const struct field BEHIND_FIELDS[] = {
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(behind_answer, name), .zh = "指标", .en = "Figure" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(behind_answer, place), .zh = "地点", .en = "Place" },
	{ "as_of", FIELD_DAY, FIELD_NEEDED, AT(behind_answer, as_of), .zh = "截至", .en = "As of" },
	{ "n", FIELD_INT, FIELD_NEEDED, AT(behind_answer, n), .zh = "数值", .en = "Value" },
	{ "things", FIELD_LIST, FIELD_NEEDED, AT(behind_answer, things), .element = FIELD_OBJECT,
	  .shape = &BEHIND_THING, .zh = "对象", .en = "Things" },
	{ "next", FIELD_TEXT, 0, AT(behind_answer, next), .zh = "下一页", .en = "Next page" },
};
static struct shape BEHIND_ANSWER = { .name = "FigureEvents", SHAPE_OF(BEHIND_FIELDS, struct behind_answer) };

struct behind_walk {
	struct work *w;
	struct behind_thing *things;
	size_t n;
	bool more;
	place_t last_place;
	struct uuid last_id;
};

static int fill_events(struct work *w, const struct behind_item *item, struct list *ret, struct str *ret_place,
		       struct err *err)
{
	struct behind_event *events = arena_alloc(w->arena, (item->n + 1) * sizeof *events);
	char text[PLACE_TEXT];
	if (!events)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < item->n; i++) {
		struct event ev;
		int rc = work_event(w, item->seqs[i], false, &ev, err);
		if (rc <= 0)
			return rc < 0 ? -1
				      : err_fmt(err, &ERR_STORE_CORRUPT, "entry %lld is missing",
						(long long)item->seqs[i]);
		events[i] = (struct behind_event){ ev.seq, ev.at, ev.id, str_of(ev.form->type), STR_NONE, ev.actor };
		events[i].place = arena_str(w->arena, (struct str){ text, place_format(ev.area, text) });
		if (i == 0)
			*ret_place = events[i].place;
	}
	*ret = (struct list){ events, item->n };
	return 0;
}

static int put_thing(void *ctx, const struct behind_item *item, struct err *err)
{
	struct behind_walk *k = ctx;
	struct behind_thing *t = &k->things[k->n];
	char text[UUID_TEXT];
	place_t place;
	k->last_place = item->place;
	k->last_id = item->id;
	if (item->n == 0) { /* looked at so far, nothing found */
		k->more = true;
		return 0;
	}
	*t = (struct behind_thing){ .kind = STR("division"), .place = STR("") };
	if (fill_events(k->w, item, &t->events, &t->place, err) < 0)
		return -1;
	if (uuid_is_nil(&item->id)) {
		t->place = arena_str(k->w->arena, (struct str){ text, place_format(item->place, text) });
		t->id = t->place;
	} else {
		struct thing thing;
		int rc = thing_get(k->w, &item->id, &thing, err);
		if (rc < 0)
			return -1;
		t->kind = rc ? thing.kind : STR("event");
		uuid_format(&item->id, text);
		t->id = arena_str(k->w->arena, (struct str){ text, UUID_TEXT });
	}
	t->place_name = place_parse(t->place, &place) ? place_name(k->w, place, INT64_MAX) : STR("");
	k->n++;
	return 0;
}

static const struct figure_def *find_figure(const struct view_query *q, struct str *ret_part, struct err *err)
{
	const struct figure_def *def = registry_figure(q->id, ret_part);
	char text[64];
	str_show(q->id, text, sizeof text);
	if (!def)
		err_set(err, &ERR_FIGURE_UNKNOWN, "name", text, NULL);
	return def;
}

static int behind_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct behind_answer answer = { .name = q->id, .place = q->place, .as_of = q->as_of };
	struct behind_walk walk = { .w = w,
				    .things = arena_alloc(w->arena, (size_t)(q->limit + 1) * sizeof *walk.things) };
	struct behind_query bq = {
		.place = q->place, .before = day_start(q->as_of + 1), .after_place = -1, .limit = q->limit
	};
	struct str part;
	char name[80];
	const struct figure_def *def = find_figure(q, &part, err);
	if (!def || !walk.things || !str_copy(q->id, name, sizeof name))
		return def ? err_kind_set(err, &ERR_NO_MEMORY) : -1;
	if (incident_of(w, q, &bq.incident_no, err) < 0)
		return -1;
	if (!def->per_incident)
		bq.incident_no = 0;
	if (q->after.ptr && view_cursor_parse(q->after, &bq.after_place, &bq.after_id, err) < 0)
		return -1;
	bq.part = part.ptr ? part.ptr : NULL; /* parts are the tail of a terminated name */
	if (figure_value(w, name, bq.incident_no, q->place, q->as_of, &answer.n, err) < 0 ||
	    def->behind(w, &bq, put_thing, &walk, err) < 0)
		return -1;
	answer.things = (struct list){ walk.things, walk.n };
	if ((int64_t)walk.n == q->limit || walk.more)
		answer.next = view_cursor(w->arena, walk.last_place, &walk.last_id);
	return view_item(out, &answer, err);
}

/* ---- day by day -------------------------------------------------------------------------------- */

struct point_item {
	int64_t day, value;
};

static const struct field POINT_FIELDS[] = {
	{ "day", FIELD_DAY, FIELD_NEEDED, AT(point_item, day), .zh = "日期", .en = "Day" },
	{ "value", FIELD_INT, FIELD_NEEDED, AT(point_item, value), .zh = "值", .en = "Value" },
};
static struct shape POINT_ITEM = { .name = "Point", SHAPE_OF(POINT_FIELDS, struct point_item) };

struct series_answer {
	struct str name;
	int64_t place, from, to;
	struct list points;
};

static const struct field SERIES_FIELDS[] = {
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(series_answer, name), .zh = "指标", .en = "Figure" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(series_answer, place), .zh = "地点", .en = "Place" },
	{ "from", FIELD_DAY, FIELD_NEEDED, AT(series_answer, from), .zh = "自", .en = "From" },
	{ "to", FIELD_DAY, FIELD_NEEDED, AT(series_answer, to), .zh = "至", .en = "To" },
	{ "points", FIELD_LIST, FIELD_NEEDED, AT(series_answer, points), .element = FIELD_OBJECT, .shape = &POINT_ITEM,
	  .zh = "逐日", .en = "Points" },
};
static struct shape SERIES_ANSWER = { .name = "FigureSeries", SHAPE_OF(SERIES_FIELDS, struct series_answer) };

#define SERIES_MAX 800

static int series_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct series_answer answer = { .name = q->id, .place = q->place };
	struct str part;
	char name[80];
	int64_t incident_no, value, today = day_of(w->now);
	const struct figure_def *def = find_figure(q, &part, err);
	if (!def || !str_copy(q->id, name, sizeof name) || incident_of(w, q, &incident_no, err) < 0)
		return -1;
	if (!def->per_incident)
		incident_no = 0;
	answer.to = q->to != FIELD_ABSENT ? q->to : q->as_of_given ? q->as_of : today;
	answer.from = q->from != FIELD_ABSENT ? q->from : answer.to - 29;
	if (answer.to > today || answer.from > answer.to || answer.to - answer.from >= SERIES_MAX)
		return err_set(err, &ERR_FIELD_RANGE, "to", "from, to", "from ≤ to ≤ today, 800 days", NULL);
	struct point_item *points = arena_alloc(w->arena, (size_t)(answer.to - answer.from + 1) * sizeof *points);
	if (!points)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (figure_value(w, name, incident_no, q->place, answer.from - 1, &value, err) < 0)
		return -1;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_FIGURE_DAYS, &st, err, "iiciii", place_county(q->place), incident_no, name, q->place,
		     answer.from - 1, answer.to) < 0)
		return -1;
	int rc = stmt_step(st, err);
	size_t n = 0;
	for (int64_t day = answer.from; day <= answer.to; day++) {
		if (rc == 1 && stmt_i64(st, 0) == day) {
			value += stmt_i64(st, 1);
			rc = stmt_step(st, err);
		}
		points[n++] = (struct point_item){ day, value };
	}
	/* What is still ahead today does not count yet. */
	if (rc < 0 ||
	    (answer.to == today && figure_value(w, name, incident_no, q->place, today, &points[n - 1].value, err) < 0))
		return -1;
	answer.points = (struct list){ points, n };
	return view_item(out, &answer, err);
}

static const struct view VIEWS[] = {
	{ "/api/v1/figures", ROLES_ALL_GRANTED, PARAM_PLACE | PARAM_AS_OF | PARAM_KNOWN_AT | PARAM_INCIDENT,
	  &FIGURES_ITEM, NULL, "全部指标", "All figures of a place", figures_view },
	{ "/api/v1/figures/{id}/events", ROLES_BUT_ADMIN, PARAM_PLACE | PARAM_AS_OF | PARAM_PAGE | PARAM_INCIDENT,
	  &BEHIND_ANSWER, NULL, "指标背后的记录", "What is behind a figure", behind_view },
	{ "/api/v1/figures/{id}/series", ROLES_ALL_GRANTED, PARAM_PLACE | PARAM_AS_OF | PARAM_DAYS | PARAM_INCIDENT,
	  &SERIES_ANSWER, NULL, "指标逐日", "A figure day by day", series_view },
};

/* ---- records: the one figure of no module ---------------------------------------------------------- */

struct records_walk {
	const struct behind_query *q;
	behind_fn put;
	void *ctx;
	struct work *w;
	int64_t n;
};

static int each_record(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct records_walk *k = ctx;
	struct event ev;
	int64_t seq = row->seq;
	place_t area;
	if (event_entry_area(row->entry, &area) && !place_within(area, k->q->place))
		return 0;
	if (event_read_entry(row->entry, registry_form, NULL, NULL, k->w->arena, &ev, err) < 0)
		return -1;
	if (!place_within(ev.area, k->q->place) || ev.at >= k->q->before)
		return 0;
	struct behind_item item = { row->seq, ev.id, &seq, 1 }; /* the seq stands in for the place in the cursor */
	if (k->put(k->ctx, &item, err) < 0)
		return -1;
	return ++k->n == k->q->limit ? 1 : 0;
}

/* So many entries are looked at a page: what is left shows as an empty item that only moves the cursor on. */
#define RECORDS_WINDOW 10000

static int behind_records(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	struct records_walk k = { q, put, ctx, w, 0 };
	struct ledger_head head;
	place_t from = place_at(q->place, LEVEL_TOWN);
	place_t to = from + (place_level(from) == LEVEL_TOWN ? 1 : place_span(from));
	bool whole = q->place == w->top;
	int64_t after = q->after_place < 0 ? 0 : q->after_place, upto = after + RECORDS_WINDOW;
	int rc = ledger_scan_where(w->ledger, after, upto, RECORDS_WINDOW, NULL, whole ? INT64_MIN : from,
				   whole ? INT64_MAX : to, each_record, &k, err);
	if (rc < 0 || k.n == q->limit)
		return rc < 0 ? -1 : 0;
	rc = ledger_head_latest(w->ledger, &head, err);
	if (rc <= 0 || upto >= head.size)
		return rc < 0 ? -1 : 0;
	return put(ctx, &(struct behind_item){ .place = upto }, err);
}

static const struct figure_def FIGURES[] = {
	{ "records", .zh = "记录", .en = "Records", .behind = behind_records },
};

static const char *const TABLES[] = { NULL };

const struct module FIGURES_MODULE = {
	.name = "figures",
	.rank = 7,
	.zh = "指标",
	.en = "Figures",
	.schema = "",
	.tables = TABLES,
	.views = VIEWS,
	.n_views = ARRAY_LEN(VIEWS),
	.figures = FIGURES,
	.n_figures = ARRAY_LEN(FIGURES),
};
