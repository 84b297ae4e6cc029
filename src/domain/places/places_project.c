/* Derived tables and figures of places, sites and households. */
#include "domain/places/internal.h"
#include "domain/places/project.h"
#include "places.sql.h"

static int done(int64_t rc)
{
	return rc < 0 ? -1 : 0;
}

static int add_division(struct work *w, place_t code, int64_t level, place_t parent, struct str name, const struct event *ev,
			enum fact_move move, struct err *err)
{
	if (w->places)
		memset(w->places, 0, sizeof *w->places);
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_DIVISION_DROP, err, "i", code));
	return done(db_run(w->db, &SQL_DIVISION_ADD, err, "iiiisi", code, level, parent, ev->at, name, ev->seq));
}

int division_listed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct division_listed *d = ev->data;
	place_t parent = d->parent == FIELD_ABSENT ? place_parent(d->code) : d->parent;
	int sign = move == FACT_VOIDED ? -1 : 1;
	if (add_division(w, d->code, d->level, parent, d->name, ev, move, err) < 0)
		return -1;
	/* Neighbours may be listed, as destinations; they do not count here. */
	if ((d->level != LEVEL_TOWN && d->level != LEVEL_VILLAGE) || !place_within(d->code, w->top))
		return 0;
	return figure_add(w, d->level == LEVEL_TOWN ? "towns" : "villages", 0, d->code, day_of(ev->at), sign, err);
}

int division_renamed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct division_renamed *d = ev->data;
	int64_t since = day_start(d->from);
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_DIVISION_NAME_DROP, err, "iiiu", d->code, since, ev->at, &ev->id));
	return done(db_run(w->db, &SQL_DIVISION_NAME_ADD, err, "iiius", d->code, since, ev->at, &ev->id, d->name));
}

int grid_defined_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct grid_defined *d = ev->data;
	return add_division(w, d->code, LEVEL_GRID, place_at(d->code, LEVEL_VILLAGE), d->name, ev, move, err);
}

/* ---- sites ------------------------------------------------------------------ */

static int add_checkpoint(struct work *w, int64_t kind, place_t place, int64_t at, int sign, struct err *err)
{
	return kind == SITE_CHECKPOINT ? figure_add(w, "checkpoints", 0, place, day_of(at), sign, err) : 0;
}

int site_opened_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct site_opened *d = ev->data;
	int64_t rc = move == FACT_VOIDED ? db_run(w->db, &SQL_SITE_DROP, err, "u", &d->id) :
					   db_run(w->db, &SQL_SITE_ADD, err, "uiiii", &d->id, d->kind, ev->area, ev->at, ev->seq);
	if (rc < 0)
		return -1;
	return add_checkpoint(w, d->kind, ev->area, ev->at, move == FACT_VOIDED ? -1 : 1, err);
}

int site_changed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct site_changed *d = ev->data;
	int64_t since = day_start(d->from);
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_SITE_CHANGE_DROP, err, "uiiu", &d->site, since, ev->at, &ev->id));
	return done(db_run(w->db, &SQL_SITE_CHANGE_ADD, err, "uiiusII", &d->site, since, ev->at, &ev->id, d->name, d->lon, d->lat));
}

int site_closed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct site_closed *d = ev->data;
	int64_t kind, place;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_SITE_GET, &st, err, "u", &d->site) < 0)
			return -1;
		int rc = stmt_step(st, err);
		if (rc <= 0)
			return rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a closed site is unknown");
		kind = stmt_i64(st, 0);
		place = stmt_i64(st, 1);
	}
	if (db_run(w->db, &SQL_SITE_CLOSE, err, "uI", &d->site, move == FACT_VOIDED ? FIELD_ABSENT : ev->at) < 0)
		return -1;
	return add_checkpoint(w, kind, place, ev->at, move == FACT_VOIDED ? 1 : -1, err);
}

/* ---- households ---------------------------------------------------------------- */

int household_registered_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct household_registered *d = ev->data;
	place_t town = place_at(ev->area, LEVEL_TOWN);
	int64_t rc = move == FACT_VOIDED ? db_run(w->db, &SQL_HOUSEHOLD_DROP, err, "iu", town, &d->id) :
					   db_run(w->db, &SQL_HOUSEHOLD_ADD, err, "iuiii", town, &d->id, ev->area, ev->at, ev->seq);
	if (rc < 0)
		return -1;
	return figure_add(w, "households", 0, ev->area, day_of(ev->at), move == FACT_VOIDED ? -1 : 1, err);
}

/* A household's later facts keep to the place where it was registered. */
static int household_place(struct work *w, const struct uuid *id, place_t *ret, struct err *err)
{
	struct thing t;
	int rc = thing_get(w, id, &t, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a changed household is unknown");
	*ret = t.area;
	return 0;
}

int household_changed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct household_changed *d = ev->data;
	place_t place = 0;
	if (household_place(w, &d->household, &place, err) < 0)
		return -1;
	return done(db_run(w->db, &SQL_HOUSEHOLD_COUNT_CHANGE, err, "iui", place_at(place, LEVEL_TOWN), &d->household,
			   (int64_t)(move == FACT_VOIDED ? -1 : 1)));
}

int household_removed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct household_removed *d = ev->data;
	bool voided = move == FACT_VOIDED;
	place_t place = 0;
	if (household_place(w, &d->household, &place, err) < 0)
		return -1;
	if (db_run(w->db, &SQL_HOUSEHOLD_REMOVE, err, "iuI", place_at(place, LEVEL_TOWN), &d->household, voided ? FIELD_ABSENT : ev->at) < 0)
		return -1;
	return figure_add(w, "households", 0, place, day_of(ev->at), voided ? 1 : -1, err);
}
