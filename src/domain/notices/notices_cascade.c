/* The cascade: a notice and all that rest on it, at every depth, unit by unit
 * with a clock, as of any moment. The tree is read first, then walked in order:
 * a unit, what was issued there below it, the next unit. */
#include <stdlib.h>

#include "domain/incident/incident.h"
#include "domain/notices/internal.h"
#include "domain/places/places.h"

#define AT(type, member) offsetof(struct type, member)
#define MINUTE_MS        60000

/* So many rows at most; a county's order has about seventy. */
#define ROWS_MAX 20000

struct cascade_row {
	struct uuid notice, parent;
	int64_t depth, unit, level, delivered, acknowledged, minutes, late, passed_on, holder, withdrawn;
	struct str number, issuer, unit_name;
};

static const struct field ROW_FIELDS[] = {
	{ "notice", FIELD_REF, FIELD_NEEDED, AT(cascade_row, notice), .thing = THING_NOTICE, .zh = "通知",
	  .en = "Notice" },
	{ "parent", FIELD_REF, 0, AT(cascade_row, parent), .thing = THING_NOTICE, .zh = "上级通知", .en = "Parent" },
	{ "depth", FIELD_INT, FIELD_NEEDED, AT(cascade_row, depth), .zh = "层次", .en = "Depth" },
	{ "number", FIELD_TEXT, 0, AT(cascade_row, number), .zh = "发文字号", .en = "Number" },
	{ "issuer", FIELD_TEXT, FIELD_NEEDED, AT(cascade_row, issuer), .zh = "发文机关", .en = "Issuer" },
	{ "unit", FIELD_PLACE, FIELD_NEEDED, AT(cascade_row, unit), .zh = "单位", .en = "Unit" },
	{ "unit_name", FIELD_TEXT, FIELD_NEEDED, AT(cascade_row, unit_name), .zh = "单位名称", .en = "Unit's name" },
	{ "level", FIELD_INT, FIELD_NEEDED, AT(cascade_row, level), .zh = "级别", .en = "Level" },
	{ "delivered", FIELD_TIME, 0, AT(cascade_row, delivered), .zh = "送达", .en = "Delivered" },
	{ "acknowledged", FIELD_TIME, 0, AT(cascade_row, acknowledged), .zh = "签收", .en = "Acknowledged" },
	{ "minutes", FIELD_INT, 0, AT(cascade_row, minutes), .zh = "用时（分钟）",
	  .en = "Minutes from the first notice to the acknowledgement" },
	{ "late", FIELD_BOOL, FIELD_NEEDED, AT(cascade_row, late), .zh = "逾期", .en = "Late" },
	{ "passed_on", FIELD_BOOL, FIELD_NEEDED, AT(cascade_row, passed_on), .zh = "已转发", .en = "Passed on" },
	{ "holder", FIELD_BOOL, FIELD_NEEDED, AT(cascade_row, holder), .zh = "有人值班",
	  .en = "Somebody answers for the unit" },
	{ "withdrawn", FIELD_TIME, 0, AT(cascade_row, withdrawn), .zh = "撤回", .en = "Withdrawn" },
};
static struct shape CASCADE_ROW = { .name = "CascadeRow", SHAPE_OF(ROW_FIELDS, struct cascade_row) };

struct cascade_item {
	struct uuid id;
	struct str title;
	int64_t at, issued, withdrawn, units, delivered, acknowledged, late, not_passed_on, missing, delivered_minutes,
	    acknowledged_minutes, all_villages;
	struct list items;
};

static const struct field CASCADE_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(cascade_item, id), .thing = THING_NOTICE, .zh = "编号", .en = "Id" },
	{ "title", FIELD_TEXT, FIELD_NEEDED, AT(cascade_item, title), .zh = "标题", .en = "Title" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(cascade_item, at), .zh = "截至", .en = "As of" },
	{ "issued", FIELD_TIME, FIELD_NEEDED, AT(cascade_item, issued), .zh = "下发", .en = "Issued" },
	{ "withdrawn", FIELD_TIME, 0, AT(cascade_item, withdrawn), .zh = "撤回", .en = "Withdrawn" },
	{ "units", FIELD_INT, FIELD_NEEDED, AT(cascade_item, units), .zh = "单位数", .en = "Units" },
	{ "delivered", FIELD_INT, FIELD_NEEDED, AT(cascade_item, delivered), .zh = "已送达", .en = "Delivered" },
	{ "acknowledged", FIELD_INT, FIELD_NEEDED, AT(cascade_item, acknowledged), .zh = "已签收",
	  .en = "Acknowledged" },
	{ "late", FIELD_INT, FIELD_NEEDED, AT(cascade_item, late), .zh = "逾期", .en = "Late" },
	{ "not_passed_on", FIELD_INT, FIELD_NEEDED, AT(cascade_item, not_passed_on), .zh = "尚未转发",
	  .en = "Not yet passed on" },
	{ "missing", FIELD_INT, FIELD_NEEDED, AT(cascade_item, missing), .zh = "未签收", .en = "Not acknowledged" },
	{ "last_village_delivered_minutes", FIELD_INT, 0, AT(cascade_item, delivered_minutes),
	  .zh = "送达最后一村（分钟）", .en = "Minutes until the last village had it" },
	{ "last_village_acknowledged_minutes", FIELD_INT, 0, AT(cascade_item, acknowledged_minutes),
	  .zh = "最后一村签收（分钟）", .en = "Minutes until the last village acknowledged" },
	{ "all_villages", FIELD_BOOL, FIELD_NEEDED, AT(cascade_item, all_villages), .zh = "已到所有村（社区）",
	  .en = "Every village of the territory has it" },
	{ "items", FIELD_LIST, FIELD_NEEDED, AT(cascade_item, items), .max = ROWS_MAX, .element = FIELD_OBJECT,
	  .shape = &CASCADE_ROW, .zh = "逐个单位", .en = "Unit by unit" },
};
struct shape CASCADE_ITEM = { .name = "Cascade", SHAPE_OF(CASCADE_FIELDS, struct cascade_item) };

/* ---- reading the tree -------------------------------------------------------------------- */

struct node {
	struct notice notice;
	struct notice_unit *units; /* by place */
	size_t n_units, depth;
	size_t first, n_children; /* in the tree, one after another, by place and moment */
	/* the walk */
	size_t unit, child;
	size_t up;
};

struct tree {
	struct node *nodes;
	size_t n, cap, rows;
};

static int by_place(const void *a, const void *b)
{
	const struct notice *x = a, *y = b;
	if (x->area != y->area)
		return x->area < y->area ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

static int add_node(struct work *w, struct tree *t, const struct notice *n, size_t up, struct err *err)
{
	struct list units;
	if (!(t->nodes = arena_grow(w->arena, t->nodes, t->n, &t->cap, sizeof *t->nodes)))
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (notice_units(w, &n->id, &units, err) < 0)
		return -1;
	struct node *k = &t->nodes[t->n];
	*k = (struct node){ .notice = *n, .units = units.items, .n_units = units.n, .up = up };
	k->depth = t->n ? t->nodes[up].depth + 1 : 0;
	t->n++;
	t->rows += units.n;
	return 0;
}

/* Breadth first, so that what rests on one notice stands together. What was issued after `at` is not yet there. */
static int read_tree(struct work *w, const struct notice *root, int64_t at, struct tree *t, struct err *err)
{
	if (add_node(w, t, root, 0, err) < 0)
		return -1;
	for (size_t i = 0; i < t->n && t->rows + t->n < ROWS_MAX; i++) {
		struct list below;
		if (notice_children(w, &t->nodes[i].notice.id, ROWS_MAX, &below, err) < 0)
			return -1;
		struct notice *c = below.items;
		if (below.n)
			qsort(c, below.n, sizeof *c, by_place);
		t->nodes[i].first = t->n;
		for (size_t k = 0; k < below.n && t->rows + t->n < ROWS_MAX; k++) {
			if (c[k].at <= at && add_node(w, t, &c[k], i, err) < 0)
				return -1;
		}
		t->nodes[i].n_children = t->n - t->nodes[i].first;
	}
	return 0;
}

/* ---- one unit -------------------------------------------------------------------------------- */

static bool has_by(int64_t moment, int64_t at)
{
	return moment != FIELD_ABSENT && moment <= at;
}

static int note_division(void *ctx, const struct division *d, struct err *err)
{
	(void)d;
	(void)err;
	*(bool *)ctx = true;
	return 0;
}

/* From here it was passed on by a notice that stands. */
static bool passed_on(const struct tree *t, const struct node *k, place_t unit, int64_t at)
{
	for (size_t i = k->first; i < k->first + k->n_children; i++) {
		const struct notice *c = &t->nodes[i].notice;
		if (c->area == unit && !has_by(c->withdrawn, at))
			return true;
	}
	return false;
}

struct tally {
	struct work *w;
	int64_t at, issued;
	struct cascade_item *sum;
	struct cascade_row *rows;
	size_t n;
	place_t *villages; /* that have it */
	size_t n_villages;
};

/* It is there once somebody answers for the unit, or has acknowledged it. */
static int fill_delivery(struct tally *c, const struct notice *n, const struct notice_unit *u, struct cascade_row *row,
			 struct err *err)
{
	int64_t since;
	int rc = place_held_since(c->w, u->place, n->at, &since, err);
	if (rc < 0)
		return -1;
	row->holder = rc == 1 && since <= c->at;
	row->delivered = row->holder ? since : FIELD_ABSENT;
	row->acknowledged = has_by(u->acked, c->at) ? u->acked : FIELD_ABSENT;
	if (row->acknowledged == FIELD_ABSENT)
		return 0;
	if (row->delivered == FIELD_ABSENT || row->delivered > row->acknowledged)
		row->delivered = row->acknowledged;
	row->minutes = (row->acknowledged - c->issued) / MINUTE_MS;
	return 0;
}

static bool late_at(const struct notice *n, const struct notice_unit *u, int64_t at)
{
	return n->due <= at && !has_by(u->acked, n->due) && !has_by(n->withdrawn, n->due);
}

static void latest(int64_t *minutes, int64_t moment, int64_t issued)
{
	int64_t m = (moment - issued) / MINUTE_MS;
	if (moment != FIELD_ABSENT && (*minutes == FIELD_ABSENT || m > *minutes))
		*minutes = m;
}

static void sum_up(struct tally *c, const struct cascade_row *row, bool awaits_passing)
{
	struct cascade_item *s = c->sum;
	s->units++;
	s->delivered += row->delivered != FIELD_ABSENT;
	s->acknowledged += row->acknowledged != FIELD_ABSENT;
	s->late += row->late;
	s->not_passed_on += awaits_passing;
	s->missing += row->acknowledged == FIELD_ABSENT && row->withdrawn == FIELD_ABSENT;
	if (row->level != LEVEL_VILLAGE)
		return;
	latest(&s->delivered_minutes, row->delivered, c->issued);
	latest(&s->acknowledged_minutes, row->acknowledged, c->issued);
	if (row->delivered != FIELD_ABSENT)
		c->villages[c->n_villages++] = row->unit;
}

static int count_unit(struct tally *c, const struct tree *t, const struct node *k, const struct notice_unit *u,
		      struct err *err)
{
	const struct notice *n = &k->notice;
	struct cascade_row *row = &c->rows[c->n];
	bool below = false;
	if (!principal_may(c->w->who, ROLES_BUT_ADMIN, u->place, c->w->now))
		return 0;
	*row = (struct cascade_row){ .notice = n->id,
				     .parent = n->parent,
				     .depth = (int64_t)k->depth,
				     .unit = u->place,
				     .level = place_level(u->place),
				     .minutes = FIELD_ABSENT,
				     .late = late_at(n, u, c->at),
				     .passed_on = passed_on(t, k, u->place, c->at),
				     .withdrawn = has_by(n->withdrawn, c->at) ? n->withdrawn : FIELD_ABSENT,
				     .number = n->number,
				     .issuer = n->issuer,
				     .unit_name = place_name(c->w, u->place, INT64_MAX) };
	if (fill_delivery(c, n, u, row, err) < 0)
		return -1;
	/* A town without villages has nobody to pass it on to. */
	if (u->below && !row->passed_on && row->withdrawn == FIELD_ABSENT &&
	    divisions_below(c->w, u->place, -1, 1, note_division, &below, err) < 0)
		return -1;
	sum_up(c, row, below);
	c->n++;
	return 0;
}

/* ---- the walk ------------------------------------------------------------------------------------ */

/* The next notice issued before a place; they stand in order of place, as units do. */
static bool next_child(const struct tree *t, struct node *k, place_t before, size_t *ret)
{
	size_t child = k->first + k->child;
	if (k->child == k->n_children || t->nodes[child].notice.area >= before)
		return false;
	k->child++;
	*ret = child;
	return true;
}

/* In order of place: a unit, what was issued there, the next unit. */
static int walk(struct tree *t, struct tally *c, struct err *err)
{
	size_t at = 0, child;
	for (;;) {
		struct node *k = &t->nodes[at];
		bool more = k->unit < k->n_units;
		if (next_child(t, k, more ? k->units[k->unit].place : INT64_MAX, &child))
			at = child;
		else if (more && count_unit(c, t, k, &k->units[k->unit++], err) < 0)
			return -1;
		else if (!more && at == 0)
			return 0;
		else if (!more)
			at = k->up;
	}
}

static int by_code(const void *a, const void *b)
{
	const place_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* What of the first notice's territory the caller sees, in order. */
static size_t in_sight(const struct work *w, const struct node *root, place_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < root->n_units; i++) {
		place_t p = root->units[i].place;
		if (principal_may(w->who, ROLES_BUT_ADMIN, p, w->now)) {
			out[n++] = p;
			continue;
		}
		for (size_t k = 0; k < w->who->n_grants; k++) {
			place_t g = w->who->grants[k].place;
			if (place_within(g, p) && principal_may(w->who, ROLES_BUT_ADMIN, g, w->now))
				out[n++] = g;
		}
	}
	if (n)
		qsort(out, n, sizeof *out, by_code);
	return n;
}

/* Do all villages of the territory that the first notice went to have it? Places within one another count once. */
static int all_villages(struct tally *c, const struct node *root, struct err *err)
{
	int64_t should = 0, have = 0;
	place_t last = -1;
	place_t *places = arena_alloc(c->w->arena, (root->n_units * (c->w->who->n_grants + 1) + 1) * sizeof *places);
	if (!places)
		return err_kind_set(err, &ERR_NO_MEMORY);
	size_t n = in_sight(c->w, root, places);
	for (size_t i = 0; i < n; i++) {
		int64_t villages = place_level(places[i]) == LEVEL_VILLAGE;
		if (last >= 0 && place_within(places[i], last))
			continue;
		last = places[i];
		if (!villages && figure_value(c->w, "villages", 0, last, day_of(c->at), &villages, err) < 0)
			return -1;
		should += villages;
	}
	if (c->n_villages)
		qsort(c->villages, c->n_villages, sizeof *c->villages, by_code);
	for (size_t i = 0; i < c->n_villages; i++)
		have += i == 0 || c->villages[i] != c->villages[i - 1];
	c->sum->all_villages = should > 0 && have >= should;
	return 0;
}

int cascade_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct tree t = { 0 };
	struct notice n;
	struct uuid id;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = notice_get(w, &id, &n, err);
	if (rc == 1)
		rc = notice_seen(w, &n, err);
	if (rc < 0)
		return -1;
	/* As of a moment before it was issued there is none. */
	if (!rc || n.at > q->at)
		return err_kind_set(err, &ERR_NOT_FOUND);
	struct cascade_item sum = { .id = n.id,
				    .title = n.title,
				    .at = q->at,
				    .issued = n.at,
				    .withdrawn = has_by(n.withdrawn, q->at) ? n.withdrawn : FIELD_ABSENT,
				    .delivered_minutes = FIELD_ABSENT,
				    .acknowledged_minutes = FIELD_ABSENT };
	if (read_tree(w, &n, q->at, &t, err) < 0)
		return -1;
	struct tally c = { .w = w,
			   .at = q->at,
			   .issued = n.at,
			   .sum = &sum,
			   .rows = arena_alloc(w->arena, (t.rows + 1) * sizeof *c.rows),
			   .villages = arena_alloc(w->arena, (t.rows + 1) * sizeof *c.villages) };
	if (!c.rows || !c.villages)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (walk(&t, &c, err) < 0 || all_villages(&c, &t.nodes[0], err) < 0)
		return -1;
	sum.items = (struct list){ c.rows, c.n };
	return view_item(out, &sum, err);
}

int cascade_places(struct work *w, const struct notice *root, struct list *ret, struct err *err)
{
	struct tree t = { 0 };
	size_t n = 0, kept = 0;
	if (read_tree(w, root, INT64_MAX, &t, err) < 0)
		return -1;
	place_t *places = arena_alloc(w->arena, (t.rows + 1) * sizeof *places);
	if (!places)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < t.n; i++) {
		for (size_t k = 0; k < t.nodes[i].n_units; k++)
			places[n++] = t.nodes[i].units[k].place;
	}
	if (n)
		qsort(places, n, sizeof *places, by_code);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || places[i] != places[i - 1])
			places[kept++] = places[i];
	}
	*ret = (struct list){ places, kept };
	return 0;
}
