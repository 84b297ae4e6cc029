/* Coverage of a place: totals, the places below, incomplete groups, households
 * nobody complete answers for; and what is behind the module's figures. */
#include "domain/grid/internal.h"
#include "grid.sql.h"

#define AT(type, member) offsetof(struct type, member)

struct coverage_row {
	int64_t place, level, households, households_covered, groups, groups_complete;
	struct str name;
};

static const struct field ROW_FIELDS[] = {
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(coverage_row, place), .zh = "地点", .en = "Place" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(coverage_row, name), .zh = "名称", .en = "Name" },
	{ "level", FIELD_INT, FIELD_NEEDED, AT(coverage_row, level), .zh = "级别", .en = "Level" },
	{ "households", FIELD_INT, FIELD_NEEDED, AT(coverage_row, households), .zh = "户数", .en = "Households" },
	{ "households_covered", FIELD_INT, FIELD_NEEDED, AT(coverage_row, households_covered), .zh = "已覆盖",
	  .en = "Covered" },
	{ "groups", FIELD_INT, FIELD_NEEDED, AT(coverage_row, groups), .zh = "责任组", .en = "Groups" },
	{ "groups_complete", FIELD_INT, FIELD_NEEDED, AT(coverage_row, groups_complete), .zh = "配齐的责任组",
	  .en = "Complete groups" },
};
static struct shape COVERAGE_ROW = { .name = "CoverageRow", SHAPE_OF(ROW_FIELDS, struct coverage_row) };

struct coverage_item {
	struct coverage_row total;
	int64_t as_of;
	struct list below, groups, uncovered, doubly_claimed;
};

static const struct field COVERAGE_FIELDS[] = {
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(coverage_item, total.place), .zh = "地点", .en = "Place" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(coverage_item, total.name), .zh = "名称", .en = "Name" },
	{ "level", FIELD_INT, FIELD_NEEDED, AT(coverage_item, total.level), .zh = "级别", .en = "Level" },
	{ "as_of", FIELD_DAY, FIELD_NEEDED, AT(coverage_item, as_of), .zh = "截至", .en = "As of" },
	{ "households", FIELD_INT, FIELD_NEEDED, AT(coverage_item, total.households), .zh = "户数",
	  .en = "Households" },
	{ "households_covered", FIELD_INT, FIELD_NEEDED, AT(coverage_item, total.households_covered), .zh = "已覆盖",
	  .en = "Covered" },
	{ "groups", FIELD_LIST, FIELD_NEEDED, AT(coverage_item, groups), .element = FIELD_OBJECT, .shape = &GROUP_ITEM,
	  .zh = "责任组", .en = "Groups" },
	{ "groups_total", FIELD_INT, FIELD_NEEDED, AT(coverage_item, total.groups), .zh = "责任组数",
	  .en = "Number of groups" },
	{ "groups_complete", FIELD_INT, FIELD_NEEDED, AT(coverage_item, total.groups_complete), .zh = "配齐的责任组",
	  .en = "Complete groups" },
	{ "below", FIELD_LIST, FIELD_NEEDED, AT(coverage_item, below), .element = FIELD_OBJECT, .shape = &COVERAGE_ROW,
	  .zh = "下级", .en = "Places below" },
	{ "uncovered", FIELD_LIST, FIELD_NEEDED, AT(coverage_item, uncovered), .element = FIELD_OBJECT,
	  .shape = &HOUSEHOLD_ITEM, .zh = "未覆盖住户", .en = "Households not covered" },
	{ "doubly_claimed", FIELD_LIST, FIELD_NEEDED, AT(coverage_item, doubly_claimed), .element = FIELD_OBJECT,
	  .shape = &HOUSEHOLD_ITEM, .zh = "重复编入的住户", .en = "Households claimed twice" },
};
struct shape COVERAGE_ITEM = { .name = "Coverage", SHAPE_OF(COVERAGE_FIELDS, struct coverage_item) };

static int fill_row(struct work *w, place_t place, int64_t level, int64_t day, struct coverage_row *row,
		    struct err *err)
{
	/* The past keeps its names. */
	*row = (struct coverage_row){ .place = place,
				      .level = level,
				      .name = place_name(w, place, day_start(day + 1) - 1) };
	if (figure_value(w, "households", 0, place, day, &row->households, err) < 0 ||
	    figure_value(w, "households_covered", 0, place, day, &row->households_covered, err) < 0 ||
	    figure_value(w, "groups", 0, place, day, &row->groups, err) < 0 ||
	    figure_value(w, "groups_complete", 0, place, day, &row->groups_complete, err) < 0)
		return -1;
	return 0;
}

#define BELOW_MAX 500

struct below_walk {
	struct work *w;
	int64_t day;
	struct coverage_row *rows;
	size_t n;
};

static int put_below(void *ctx, const struct division *d, struct err *err)
{
	struct below_walk *k = ctx;
	return fill_row(k->w, d->code, d->level, k->day, &k->rows[k->n++], err);
}

/* ---- gaps ------------------------------------------------------------------------- */

struct gap_walk {
	struct work *w;
	int64_t limit;
	struct household_item *uncovered, *doubly;
	size_t n, n_doubly;
	struct group_memo memo;
};

static int gap_household(void *ctx, const struct household *row, struct err *err)
{
	struct gap_walk *k = ctx;
	struct uuid grp = { 0 };
	struct household h = *row;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(k->w->db, &SQL_ASSIGNED_NOW_GET, &st, err, "iu", h.place, &h.id) < 0)
			return -1;
		int rc = stmt_step(st, err);
		if (rc < 0)
			return -1;
		if (rc)
			grp = stmt_uuid(st, 0);
	}
	if (!uuid_is_nil(&grp)) {
		struct group g;
		int rc = group_get(k->w, &grp, &g, err);
		if (rc < 0)
			return -1;
		if (rc && g.complete)
			return 0;
	}
	if (household_item_fill(k->w, &h, &k->memo, &k->uncovered[k->n], err) < 0)
		return -1;
	struct list facts, tenures;
	enum conflict conflict;
	if (assignments_read(k->w, &h.id, &facts, err) < 0 ||
	    assignment_fold(k->w, &facts, &tenures, &conflict, NULL, err) < 0)
		return -1;
	if (conflict == CONFLICT_ASSIGNED)
		k->doubly[k->n_doubly++] = k->uncovered[k->n];
	return (int64_t)++k->n == k->limit;
}

struct gap_child {
	struct work *w;
	place_t codes[BELOW_MAX];
	size_t n;
};

static int gap_child(void *ctx, const struct division *d, struct err *err)
{
	struct gap_child *c = ctx;
	(void)err;
	c->codes[c->n++] = d->code;
	return 0;
}

/* Goes down only where the figures say that something is uncovered, so the cost follows the gaps, not the county. */
static int walk_gaps(struct gap_walk *k, place_t place, int64_t day, struct err *err)
{
	struct coverage_row row;
	if ((int64_t)k->n >= k->limit)
		return 0;
	if (fill_row(k->w, place, 0, day, &row, err) < 0)
		return -1;
	if (row.households <= row.households_covered)
		return 0;
	if (place_level(place) >= LEVEL_VILLAGE)
		return households_of(k->w, place, -1, INT64_MAX, gap_household, k, err);
	struct gap_child *children = arena_alloc(k->w->arena, sizeof *children);
	if (!children)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (divisions_below(k->w, place, -1, BELOW_MAX, gap_child, children, err) < 0)
		return -1;
	for (size_t i = 0; i < children->n; i++) {
		if (walk_gaps(k, children->codes[i], day, err) < 0)
			return -1;
	}
	return 0;
}

static int fill_groups(struct work *w, const struct view_query *q, struct list *ret, struct err *err)
{
	struct group *groups = arena_alloc(w->arena, (size_t)q->limit * sizeof *groups);
	struct group_item *items = arena_alloc(w->arena, (size_t)q->limit * sizeof *items);
	struct uuid none = { 0 };
	int64_t n, kept = 0;
	if (!groups || !items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (int pass = 0; pass < 2 && kept < q->limit; pass++) { /* incomplete ones first */
		if (groups_read(w, q->place, pass == 0, -1, &none, q->limit, groups, &n, err) < 0)
			return -1;
		for (int64_t i = 0; i < n && kept < q->limit; i++) {
			if (pass == 1 && !groups[i].complete)
				continue;
			if (group_item_fill(w, &groups[i], &items[kept++], err) < 0)
				return -1;
		}
	}
	*ret = (struct list){ items, (size_t)kept };
	return 0;
}

int coverage_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct coverage_item item = { .as_of = q->as_of };
	struct division d;
	struct below_walk below = { w, q->as_of, arena_alloc(w->arena, BELOW_MAX * sizeof *below.rows), 0 };
	struct gap_walk gaps = { .w = w, .limit = q->limit };
	gaps.uncovered = arena_alloc(w->arena, (size_t)q->limit * sizeof *gaps.uncovered);
	gaps.doubly = arena_alloc(w->arena, (size_t)q->limit * sizeof *gaps.doubly);
	if (!below.rows || !gaps.uncovered || !gaps.doubly)
		return err_kind_set(err, &ERR_NO_MEMORY);
	int rc = division_get(w, q->place, &d, err);
	if (rc < 0)
		return -1;
	if (fill_row(w, q->place, rc ? d.level : (int64_t)place_level(q->place), q->as_of, &item.total, err) < 0 ||
	    divisions_below(w, q->place, -1, BELOW_MAX, put_below, &below, err) < 0 ||
	    fill_groups(w, q, &item.groups, err) < 0 || walk_gaps(&gaps, q->place, day_of(w->now), err) < 0)
		return -1;
	item.below = (struct list){ below.rows, below.n };
	item.uncovered = (struct list){ gaps.uncovered, gaps.n };
	item.doubly_claimed = (struct list){ gaps.doubly, gaps.n_doubly };
	return view_item(out, &item, err);
}

/* ---- behind the figures ------------------------------------------------------------------ */

#define SEQS_MAX 64

static int behind_group_rows(struct work *w, const struct behind_query *q, bool complete_only, behind_fn put, void *ctx,
			     struct err *err)
{
	place_t after = q->after_place;
	struct uuid after_id = q->after_id;
	int64_t shown = 0;
	for (;;) {
		struct {
			place_t place;
			struct uuid id;
			int64_t seq;
		} rows[100];
		size_t n = 0;
		int rc;
		{
			_cleanup_(stmt_endp) struct stmt *st = NULL;
			if (db_start(w->db, &SQL_GROUPS_AT, &st, err, "iiiuii", q->place,
				     q->place + place_span(q->place), after, &after_id, q->before,
				     (int64_t)ARRAY_LEN(rows)) < 0)
				return -1;
			while ((rc = stmt_step(st, err)) == 1) {
				rows[n].place = stmt_i64(st, 0);
				rows[n].id = stmt_uuid(st, 1);
				rows[n++].seq = stmt_i64(st, 2);
			}
			if (rc < 0)
				return -1;
		}
		for (size_t i = 0; i < n; i++) {
			int64_t seqs[SEQS_MAX] = { rows[i].seq };
			struct behind_item item = { rows[i].place, rows[i].id, seqs, 1 };
			struct group g;
			struct spans complete;
			struct list posts;
			after = rows[i].place;
			after_id = rows[i].id;
			if (complete_only) {
				if (group_get(w, &rows[i].id, &g, err) < 0 ||
				    group_complete_spans(w, &g, &complete, err) < 0)
					return -1;
				if (!spans_hold_at(&complete, q->before - 1))
					continue;
				if (staffing_at(w, &rows[i].id, q->before - 1, &posts, err) < 0)
					return -1;
				const struct post_held *p = posts.items;
				for (size_t k = 0; k < posts.n && item.n < SEQS_MAX; k++)
					seqs[item.n++] = p[k].seq;
			}
			if (put(ctx, &item, err) < 0)
				return -1;
			if (++shown == q->limit)
				return 0;
		}
		if (n < ARRAY_LEN(rows))
			return 0;
	}
}

static int behind_groups(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_group_rows(w, q, false, put, ctx, err);
}

static int behind_complete(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_group_rows(w, q, true, put, ctx, err);
}

struct covered_walk {
	struct work *w;
	const struct behind_query *q;
	behind_fn put;
	void *ctx;
	int64_t shown;
};

static int covered_household(void *ctx, const struct behind_item *row, struct err *err)
{
	struct covered_walk *k = ctx;
	struct list facts, tenures;
	int64_t moment = k->q->before - 1;
	if (k->shown == k->q->limit)
		return 0;
	if (assignments_read(k->w, &row->id, &facts, err) < 0 ||
	    assignment_fold(k->w, &facts, &tenures, NULL, NULL, err) < 0)
		return -1;
	const struct tenure *t = tenures.items;
	for (size_t i = 0; i < tenures.n; i++) {
		struct group g;
		struct spans complete;
		if (moment < t[i].span.from || moment >= t[i].span.to)
			continue;
		if (group_get(k->w, &t[i].group, &g, err) < 0 || group_complete_spans(k->w, &g, &complete, err) < 0)
			return -1;
		if (!spans_hold_at(&complete, moment))
			continue;
		int64_t seqs[3] = { row->seqs[0], t[i].seq, g.seq };
		struct behind_item item = { row->place, row->id, seqs, 3 };
		k->shown++;
		return k->put(k->ctx, &item, err);
	}
	return 0;
}

struct behind_last {
	behind_fn put;
	void *ctx;
	size_t n;
	place_t place;
	struct uuid id;
};

static int behind_remember(void *ctx, const struct behind_item *item, struct err *err)
{
	struct behind_last *l = ctx;
	l->n++;
	l->place = item->place;
	l->id = item->id;
	return l->put(l->ctx, item, err);
}

/* The households of the day, of which those covered then are shown; asked page by page until enough are found. */
static int behind_covered(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	struct covered_walk k = { w, q, put, ctx, 0 };
	struct behind_query page = *q;
	struct str part;
	const struct figure_def *all = registry_figure(STR("households"), &part);
	for (;;) {
		struct behind_last last = { covered_household, &k, 0, q->after_place, q->after_id };
		page.limit = 200;
		if (all->behind(w, &page, behind_remember, &last, err) < 0)
			return -1;
		if (last.n < (size_t)page.limit || k.shown == q->limit)
			return 0;
		page.after_place = last.place;
		page.after_id = last.id;
	}
}

const struct figure_def GRID_FIGURES[GRID_N_FIGURES] = {
	{ "groups", .zh = "责任组", .en = "Responsibility groups", .behind = behind_groups },
	{ "groups_complete", .zh = "配齐的责任组", .en = "Complete groups", .behind = behind_complete },
	{ "households_covered", .zh = "已覆盖住户", .en = "Households covered", .behind = behind_covered },
};
