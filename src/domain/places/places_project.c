/* Derived tables and figures of places, sites and households. */
#include "domain/places/internal.h"
#include "domain/places/project.h"
#include "places.sql.h"

static int done(int64_t rc)
{
	return rc < 0 ? -1 : 0;
}

static int add_division(struct work *w, place_t code, int64_t level, place_t parent, struct str name,
			const struct event *ev, enum fact_move move, struct err *err)
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
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_SITE_DROP, err, "u", &d->id)
			 : db_run(w->db, &SQL_SITE_ADD, err, "uiiii", &d->id, d->kind, ev->area, ev->at, ev->seq);
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
	return done(db_run(w->db, &SQL_SITE_CHANGE_ADD, err, "uiiusII", &d->site, since, ev->at, &ev->id, d->name,
			   d->lon, d->lat));
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

/* Once for a village in a run of records; what was written lately is remembered, as most records follow one there. */
static int note_block(struct work *w, place_t village, int64_t block, struct err *err)
{
	size_t slot = place_slot(village);
	struct place_cache *c = w->places;
	if (c && c->block_village[slot] == village && c->block[slot] == block)
		return 0;
	if (db_run(w->db, &SQL_HOUSEHOLD_BLOCK_ADD, err, "ii", block, village) < 0)
		return -1;
	if (c) {
		c->block_village[slot] = village;
		c->block[slot] = block;
	}
	return 0;
}

int household_registered_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct household_registered *d = ev->data;
	if (move == FACT_VOIDED) {
		if (db_run(w->db, &SQL_HOUSEHOLD_DROP, err, "i", ev->seq) < 0)
			return -1;
	} else if (db_run(w->db, &SQL_HOUSEHOLD_ADD, err, "iuii", ev->seq, &d->id, ev->area, ev->at) < 0 ||
		   note_block(w, place_at(ev->area, LEVEL_VILLAGE), ev->seq / HOUSEHOLD_BLOCK, err) < 0) {
		return -1;
	}
	return figure_add(w, "households", 0, ev->area, day_of(ev->at), move == FACT_VOIDED ? -1 : 1, err);
}

static int known_household(struct work *w, const struct uuid *id, struct thing *ret, struct err *err)
{
	int rc = thing_get(w, id, ret, err);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a changed household is unknown");
}

int household_changed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct household_changed *d = ev->data;
	struct thing t = { 0 };
	if (known_household(w, &d->household, &t, err) < 0)
		return -1;
	return done(
	    db_run(w->db, &SQL_HOUSEHOLD_COUNT_CHANGE, err, "ii", t.seq, (int64_t)(move == FACT_VOIDED ? -1 : 1)));
}

int household_removed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct household_removed *d = ev->data;
	bool voided = move == FACT_VOIDED;
	struct thing t = { 0 };
	if (known_household(w, &d->household, &t, err) < 0 ||
	    db_run(w->db, &SQL_HOUSEHOLD_REMOVE, err, "iI", t.seq, voided ? FIELD_ABSENT : ev->at) < 0)
		return -1;
	return figure_add(w, "households", 0, t.area, day_of(ev->at), voided ? 1 : -1, err);
}
