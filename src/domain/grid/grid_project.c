/* Derived tables and figures of groups and coverage. Every move of a fact takes
 * the old contribution back and adds the new one; only what the fact touches is
 * folded again: one household, or one group with its households. */
#include "domain/grid/internal.h"
#include "grid.sql.h"

static int done(int64_t rc)
{
	return rc < 0 ? -1 : 0;
}

static int known_group(struct work *w, const struct uuid *id, struct group *ret, struct err *err)
{
	int rc = group_get(w, id, ret, err);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a changed group is unknown");
}

static int known_household(struct work *w, const struct uuid *id, struct household *ret, struct err *err)
{
	int rc = household_get(w, id, ret, err);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "an assigned household is unknown");
}

static struct spans life_of(const struct household *h, struct span *room)
{
	*room = (struct span){ h->registered, h->removed == FIELD_ABSENT ? INT64_MAX : h->removed };
	return (struct spans){ room, 1 };
}

/* ---- one household ---------------------------------------------------------------------- */

/* Adds sign × the household's coverage: its life ∩ each tenure ∩ that group's complete spans. `only` narrows to one
 * group. */
static int count_household(struct work *w, const struct household *h, const struct uuid *only,
			   const struct spans *only_complete, int sign, struct err *err)
{
	struct list facts, tenures;
	struct span room;
	struct spans life = life_of(h, &room);
	if (assignments_read(w, &h->id, &facts, err) < 0 || assignment_fold(w, &facts, &tenures, NULL, NULL, err) < 0)
		return -1;
	const struct tenure *t = tenures.items;
	for (size_t i = 0; i < tenures.n; i++) {
		struct spans held = { (struct span *)&t[i].span, 1 }, complete, both, covered;
		if (only) {
			if (!uuid_eq(&t[i].group, only))
				continue;
			complete = *only_complete;
		} else {
			struct group g;
			if (known_group(w, &t[i].group, &g, err) < 0 || group_complete_spans(w, &g, &complete, err) < 0)
				return -1;
		}
		if (spans_intersect(w->arena, &held, &complete, &both, err) < 0 ||
		    spans_intersect(w->arena, &both, &life, &covered, err) < 0 ||
		    figure_add_spans(w, "households_covered", NULL, 0, h->place, &covered, sign, err) < 0)
			return -1;
	}
	return 0;
}

static int count_group(struct work *w, const struct uuid *id, int64_t delta, struct err *err)
{
	struct group g;
	if (known_group(w, id, &g, err) < 0)
		return -1;
	return done(db_run(w->db, &SQL_GROUP_COUNT_HOUSEHOLDS, err, "iui", g.place, id, delta));
}

/* Brings the row of who is assigned now, and the groups' counts, in line with the last tenure. */
static int settle_household(struct work *w, const struct household *h, struct err *err)
{
	struct list facts, tenures;
	struct uuid before = { 0 }, after = { 0 };
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_ASSIGNED_NOW_GET, &st, err, "iu", h->place, &h->id) < 0)
			return -1;
		int rc = stmt_step(st, err);
		if (rc < 0)
			return -1;
		if (rc)
			before = stmt_uuid(st, 0);
	}
	if (assignments_read(w, &h->id, &facts, err) < 0 || assignment_fold(w, &facts, &tenures, NULL, NULL, err) < 0)
		return -1;
	const struct tenure *t = tenures.items;
	if (tenures.n && t[tenures.n - 1].span.to == INT64_MAX && h->removed == FIELD_ABSENT)
		after = t[tenures.n - 1].group;
	if (uuid_eq(&before, &after))
		return 0;
	if (!uuid_is_nil(&before) && count_group(w, &before, -1, err) < 0)
		return -1;
	if (uuid_is_nil(&after))
		return done(db_run(w->db, &SQL_ASSIGNED_NOW_DROP, err, "iu", h->place, &h->id));
	if (count_group(w, &after, 1, err) < 0)
		return -1;
	return done(db_run(w->db, &SQL_ASSIGNED_NOW_PUT, err, "iuu", h->place, &h->id, &after));
}

static int move_assignment(struct work *w, const struct event *ev, bool joins, enum fact_move move, struct err *err)
{
	const struct household_assigned *d = ev->data;
	struct household h;
	int64_t rank = ev->form->rank, rc;
	if (known_household(w, &d->household, &h, err) < 0 || count_household(w, &h, NULL, NULL, -1, err) < 0)
		return -1;
	if (move == FACT_VOIDED)
		rc = db_run(w->db, &SQL_ASSIGNMENT_DROP, err, "uiiu", &d->household, ev->at, rank, &ev->id);
	else
		rc = db_run(w->db, &SQL_ASSIGNMENT_ADD, err, "uiiuuii", &d->household, ev->at, rank, &ev->id, &d->group,
			    (int64_t)joins, ev->seq);
	if (rc < 0 || count_household(w, &h, NULL, NULL, 1, err) < 0)
		return -1;
	return settle_household(w, &h, err);
}

int household_assigned_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	return move_assignment(w, ev, true, move, err);
}

int household_released_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	return move_assignment(w, ev, false, move, err);
}

/* The household's row says already how it is after the event; before it, it was the other way round. */
int household_removed_react(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct household_removed *d = ev->data;
	struct household now, before;
	if (known_household(w, &d->household, &now, err) < 0)
		return -1;
	before = now;
	before.removed = move == FACT_VOIDED ? ev->at : FIELD_ABSENT;
	if (count_household(w, &before, NULL, NULL, -1, err) < 0 || count_household(w, &now, NULL, NULL, 1, err) < 0)
		return -1;
	return settle_household(w, &now, err);
}

/* ---- one group with its households ----------------------------------------------------------- */

typedef int (*of_group_fn)(struct work *w, const struct household *h, void *ctx, struct err *err);

static int each_household(struct work *w, const struct uuid *group, of_group_fn each, void *ctx, struct err *err)
{
	struct uuid after = { 0 };
	for (;;) {
		struct uuid page[100];
		size_t n = 0;
		int rc;
		{
			_cleanup_(stmt_endp) struct stmt *st = NULL;
			if (db_start(w->db, &SQL_HOUSEHOLDS_EVER_OF_GROUP, &st, err, "uui", group, &after,
				     (int64_t)ARRAY_LEN(page)) < 0)
				return -1;
			while ((rc = stmt_step(st, err)) == 1)
				page[n++] = stmt_uuid(st, 0);
			if (rc < 0)
				return -1;
		}
		for (size_t i = 0; i < n; i++) {
			struct household h;
			if (known_household(w, &page[i], &h, err) < 0 || each(w, &h, ctx, err) < 0)
				return -1;
		}
		if (n < ARRAY_LEN(page))
			return 0;
		after = page[n - 1];
	}
}

struct recount {
	const struct uuid *group;
	const struct spans *complete;
	int sign;
};

static int recount_household(struct work *w, const struct household *h, void *ctx, struct err *err)
{
	const struct recount *r = ctx;
	return count_household(w, h, r->group, r->complete, r->sign, err);
}

static bool same_spans(const struct spans *a, const struct spans *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->items, b->items, a->n * sizeof *a->items) == 0);
}

static int count_complete(struct work *w, const struct group *g, const struct spans *complete, int sign,
			  struct err *err)
{
	struct recount r = { &g->id, complete, sign };
	if (figure_add_spans(w, "groups_complete", NULL, 0, g->place, complete, sign, err) < 0)
		return -1;
	return each_household(w, &g->id, recount_household, &r, err);
}

/* After a fact of the group moved: `before` is what the fold said until then. */
static int refold_group(struct work *w, const struct group *g, const struct spans *before, struct err *err)
{
	struct spans after;
	if (group_complete_spans(w, g, &after, err) < 0)
		return -1;
	if (same_spans(before, &after))
		return 0;
	if (count_complete(w, g, before, -1, err) < 0 || count_complete(w, g, &after, 1, err) < 0)
		return -1;
	int64_t now = after.n && after.items[after.n - 1].to == INT64_MAX;
	return done(db_run(w->db, &SQL_GROUP_SET_COMPLETE, err, "iui", g->place, &g->id, now));
}

int group_formed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct group_formed *d = ev->data;
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_GROUP_DROP, err, "iu", ev->area, &d->id)
			 : db_run(w->db, &SQL_GROUP_ADD, err, "iuiii", ev->area, &d->id, d->model, ev->at, ev->seq);
	if (rc < 0)
		return -1;
	return figure_add(w, "groups", 0, ev->area, day_of(ev->at), move == FACT_VOIDED ? -1 : 1, err);
}

static int settle_one(struct work *w, const struct household *h, void *ctx, struct err *err)
{
	(void)ctx;
	return settle_household(w, h, err);
}

int group_dissolved_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct group_dissolved *d = ev->data;
	bool voided = move == FACT_VOIDED;
	struct group g;
	struct spans before;
	if (known_group(w, &d->group, &g, err) < 0 || group_complete_spans(w, &g, &before, err) < 0)
		return -1;
	/* Tenures end with the group, so the households are counted off under the old state and on under the new. */
	if (count_complete(w, &g, &before, -1, err) < 0)
		return -1;
	g.dissolved = voided ? FIELD_ABSENT : ev->at;
	struct spans after;
	if (db_run(w->db, &SQL_GROUP_DISSOLVE, err, "iuI", g.place, &g.id, g.dissolved) < 0 ||
	    group_complete_spans(w, &g, &after, err) < 0 || count_complete(w, &g, &after, 1, err) < 0)
		return -1;
	int64_t now = after.n && after.items[after.n - 1].to == INT64_MAX;
	if (db_run(w->db, &SQL_GROUP_SET_COMPLETE, err, "iui", g.place, &g.id, now) < 0 ||
	    each_household(w, &g.id, settle_one, NULL, err) < 0)
		return -1;
	return figure_add(w, "groups", 0, g.place, day_of(ev->at), voided ? 1 : -1, err);
}

/* A staffing fact concerns one role; leaving without a role named leaves every role, as one fact each. */
static int move_staffing(struct work *w, const struct event *ev, const struct uuid *group, const struct uuid *person,
			 struct str role, bool joins, enum fact_move move, struct err *err)
{
	struct group g;
	struct spans before;
	int64_t rank = ev->form->rank;
	if (known_group(w, group, &g, err) < 0 || group_complete_spans(w, &g, &before, err) < 0)
		return -1;
	for (int64_t r = 0; r < STAFFING_ROLES_N; r++) {
		struct uuid fact = ev->id;
		int64_t rc;
		if (STAFFING_ROLES[r].model != g.model || (role.ptr && !str_is(role, STAFFING_ROLES[r].role)))
			continue;
		if (!role.ptr)
			fact.b[0] ^= (uint8_t)(r + 1); /* several facts of one event need keys of their own */
		if (move == FACT_VOIDED)
			rc = db_run(w->db, &SQL_STAFFING_DROP, err, "uiiu", group, ev->at, rank, &fact);
		else
			rc = db_run(w->db, &SQL_STAFFING_ADD, err, "uiiuuiii", group, ev->at, rank, &fact, person, r,
				    (int64_t)joins, ev->seq);
		if (rc < 0)
			return -1;
	}
	return refold_group(w, &g, &before, err);
}

int group_staffed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct group_staffed *d = ev->data;
	return move_staffing(w, ev, &d->group, &d->person, d->role, true, move, err);
}

int group_unstaffed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct group_unstaffed *d = ev->data;
	return move_staffing(w, ev, &d->group, &d->person, d->role, false, move, err);
}

int groups_of_person(struct work *w, const struct uuid *person, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct uuid *groups = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_GROUPS_OF_PERSON, &st, err, "u", person) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(groups = arena_grow(w->arena, groups, n, &cap, sizeof *groups)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		groups[n++] = stmt_uuid(st, 0);
	}
	*ret = (struct list){ groups, n };
	return rc < 0 ? -1 : 0;
}

/* A person who leaves the organisation leaves every group. The person's facts say already how it is after the event. */
int person_left_react(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct person_left *d = ev->data;
	struct leaver before_event = { d->person, move == FACT_VOIDED ? ev->at : INT64_MAX };
	struct list groups;
	if (groups_of_person(w, &d->person, &groups, err) < 0)
		return -1;
	const struct uuid *ids = groups.items;
	for (size_t i = 0; i < groups.n; i++) {
		struct group g;
		struct spans before;
		if (known_group(w, &ids[i], &g, err) < 0 ||
		    group_complete_spans_as_if(w, &g, &before_event, &before, err) < 0 ||
		    refold_group(w, &g, &before, err) < 0)
			return -1;
	}
	return 0;
}
