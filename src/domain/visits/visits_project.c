/* Derived tables and figures of visits and follow-ups. A follow-up is folded
 * anew from its opening, observations and closing whenever one of them moves, or
 * a parameter that it rests on; figures move by the difference. */
#include "domain/incident/incident.h"
#include "domain/visits/internal.h"
#include "visits.sql.h"

static int done(int64_t rc)
{
	return rc < 0 ? -1 : 0;
}

int visit_made_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct visit_made *d = ev->data;
	int64_t rc = move == FACT_VOIDED ? db_run(w->db, &SQL_VISIT_DROP, err, "i", ev->seq)
					 : db_run(w->db, &SQL_VISIT_ADD, err, "iiiii", ev->seq, ev->at, ev->area,
						  ev->incident_no, d->result);
	if (rc < 0)
		return -1;
	return figure_add(w, "visits", ev->incident_no, ev->area, day_of(ev->at), move == FACT_VOIDED ? -1 : 1, err);
}

int contact_linked_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct contact_linked *d = ev->data;
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_CONTACT_DROP, err, "i", ev->seq));
	return done(db_run(w->db, &SQL_CONTACT_ADD, err, "iuuiI", ev->seq, &d->from, &d->to, ev->area, d->on));
}

/* ---- reading follow-ups ---------------------------------------------------------------------- */

struct course followup_course(const struct followup *f)
{
	return (struct course){ f->opened, f->starts, f->days, f->per_day, f->closed };
}

static struct followup row_of(struct stmt *st)
{
	return (struct followup){
		.place = stmt_i64(st, 0),
		.id = stmt_uuid(st, 1),
		.subject = stmt_uuid(st, 2),
		.incident = stmt_i64(st, 3),
		.category = stmt_i64(st, 4),
		.household_first = stmt_uuid(st, 5),
		.household = stmt_uuid(st, 6),
		.opened = stmt_i64(st, 7),
		.starts = stmt_i64(st, 8),
		.days_given = stmt_i64(st, 9),
		.per_day_given = stmt_i64(st, 10),
		.days = stmt_i64(st, 11),
		.per_day = stmt_i64(st, 12),
		.closed = stmt_i64(st, 13),
		.reason = stmt_i64(st, 14),
		.seq = stmt_i64(st, 15),
		.closed_seq = stmt_i64(st, 16),
		.last_seen = stmt_i64(st, 17),
		.last_temperature = stmt_i64(st, 18),
		.alert = stmt_i64(st, 19),
	};
}

static int rows_of(struct work *w, struct stmt *st, struct list *all, struct err *err)
{
	struct followup *items = all->items;
	size_t n = all->n, cap = all->n;
	int rc;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(items = arena_grow(w->arena, items, n, &cap, sizeof *items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		items[n++] = row_of(st);
	}
	*all = (struct list){ items, n };
	return rc;
}

int followup_get(struct work *w, const struct uuid *id, struct followup *ret, struct err *err)
{
	struct thing t;
	int rc = thing_get(w, id, &t, err);
	if (rc <= 0 || !str_is(t.kind, THING_FOLLOWUP))
		return rc < 0 ? -1 : 0;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_FOLLOWUP_GET, &st, err, "iu", t.area, id) < 0)
		return -1;
	rc = stmt_step(st, err);
	if (rc == 1)
		*ret = row_of(st);
	return rc;
}

static int read_range(struct work *w, enum followup_which which, place_t from, place_t to, place_t after,
		      const struct uuid *after_id, int64_t limit, struct list *ret, struct err *err)
{
	static const struct sql *const STATEMENTS[] = { &SQL_FOLLOWUPS_ALL, &SQL_FOLLOWUPS_OPEN, &SQL_FOLLOWUPS_CLOSED,
							&SQL_FOLLOWUPS_ALERT, &SQL_FOLLOWUPS_BY_PARAMETER };
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	*ret = (struct list){ 0 };
	if (db_start(w->db, STATEMENTS[which], &st, err, "iiiui", from, to, after, after_id, limit) < 0)
		return -1;
	return rows_of(w, st, ret, err);
}

int followups_read(struct work *w, enum followup_which which, place_t place, place_t after, const struct uuid *after_id,
		   int64_t limit, struct list *ret, struct err *err)
{
	return read_range(w, which, place, place + place_span(place), after, after_id, limit, ret, err);
}

int followups_at(struct work *w, enum followup_which which, place_t place, int64_t limit, struct list *ret,
		 struct err *err)
{
	const struct uuid none = { 0 };
	return read_range(w, which, place, place + 1, -1, &none, limit, ret, err);
}

int followups_of_household(struct work *w, const struct uuid *household, bool open_only, struct list *ret,
			   struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	size_t n = 0;
	*ret = (struct list){ 0 };
	if (db_start(w->db, &SQL_FOLLOWUPS_OF_HOUSEHOLD, &st, err, "u", household) < 0 || rows_of(w, st, ret, err) < 0)
		return -1;
	struct followup *f = ret->items;
	for (size_t i = 0; i < ret->n; i++) {
		if (!open_only || f[i].closed == FIELD_ABSENT)
			f[n++] = f[i];
	}
	ret->n = n;
	return 0;
}

int followups_by_seq(struct work *w, int64_t from, int64_t limit, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	*ret = (struct list){ 0 };
	if (db_start(w->db, &SQL_FOLLOWUPS_BY_SEQ, &st, err, "ii", from, limit) < 0)
		return -1;
	return rows_of(w, st, ret, err);
}

int followups_of_subject(struct work *w, const struct uuid *subject, struct list *ret, struct err *err)
{
	struct list same;
	if (subject_ids(w, subject, &same, err) < 0)
		return -1;
	const struct uuid *ids = same.items;
	*ret = (struct list){ 0 };
	for (size_t i = 0; i < same.n; i++) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_FOLLOWUPS_OF_SUBJECT, &st, err, "u", &ids[i]) < 0 ||
		    rows_of(w, st, ret, err) < 0)
			return -1;
	}
	return 0;
}

int observations_read(struct work *w, const struct uuid *followup, int64_t from, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct observation *items = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_OBSERVATIONS_OF, &st, err, "ui", followup, from) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(items = arena_grow(w->arena, items, n, &cap, sizeof *items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		items[n++] = (struct observation){ .at = stmt_i64(st, 0),
						   .seq = stmt_i64(st, 1),
						   .present = stmt_i64(st, 2),
						   .temperature = stmt_i64(st, 3),
						   .unwell = stmt_i64(st, 4),
						   .household = stmt_uuid(st, 5) };
	}
	*ret = (struct list){ items, n };
	return rc;
}

int followup_group(struct work *w, const struct followup *f, struct uuid *ret, struct err *err)
{
	struct thing t;
	if (uuid_is_nil(&f->household))
		return 0;
	int rc = thing_get(w, &f->household, &t, err);
	return rc <= 0 ? rc : household_group_now(w, t.area, &f->household, ret, err);
}

/* ---- the fold -------------------------------------------------------------------------------------- */

/* What a follow-up's facts say, all of them at once. */
struct folded {
	size_t n;
	struct calendar_day days[CALENDAR_DAYS_MAX];
	bool open_counts;
	struct span open;
};

static int fold(struct work *w, struct followup *f, struct folded *ret, struct err *err)
{
	struct list all;
	if (observations_read(w, &f->id, INT64_MIN, &all, err) < 0)
		return -1;
	const struct observation *o = all.items;
	const struct course c = followup_course(f);
	f->household = f->household_first;
	f->last_seen = f->last_temperature = FIELD_ABSENT;
	f->alert = 0;
	for (size_t i = 0; i < all.n; i++) {
		if (!uuid_is_nil(&o[i].household))
			f->household = o[i].household;
		/* Not to be found says nothing about how somebody is. */
		if (o[i].present != 1)
			continue;
		f->last_seen = o[i].at;
		if (o[i].temperature != FIELD_ABSENT)
			f->last_temperature = o[i].temperature;
		f->alert = observation_feverish(&o[i]) || o[i].unwell == 1;
	}
	f->alert = f->alert && f->closed == FIELD_ABSENT;
	ret->n = calendar_make(&c, o, all.n, INT64_MAX, ret->days);
	ret->open = (struct span){ f->opened, f->closed == FIELD_ABSENT ? INT64_MAX : f->closed };
	return 0;
}

/* Missed observations count from the last moment of their day on. */
static int count_missed(struct work *w, const struct followup *f, const struct folded *x, int64_t sign, struct err *err)
{
	for (size_t i = 0; i < x->n; i++) {
		if (x->days[i].missed &&
		    figure_add_from(w, "observations_missed", f->incident, f->place, day_start(x->days[i].day + 1) - 1,
				    sign * x->days[i].missed, err) < 0)
			return -1;
	}
	return 0;
}

static bool same_missed(const struct folded *a, const struct folded *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->days[i].day != b->days[i].day || a->days[i].missed != b->days[i].missed)
			return false;
	}
	return true;
}

static int count_open(struct work *w, const struct followup *f, const struct folded *x, int sign, struct err *err)
{
	const struct spans s = { (struct span *)&x->open, 1 };
	return figure_add_spans(w, "followups_open", NULL, f->incident, f->place, &s, sign, err);
}

static int write_row(struct work *w, const struct followup *f, struct err *err)
{
	return done(db_run(w->db, &SQL_FOLLOWUP_SETTLE, err, "iuUiiIIi", f->place, &f->id, &f->household, f->days,
			   f->per_day, f->last_seen, f->last_temperature, f->alert));
}

/* After a fact of the follow-up moved: `before` is what the fold said until then. */
static int refold(struct work *w, struct followup *f, const struct folded *before, struct err *err)
{
	struct folded after;
	if (fold(w, f, &after, err) < 0 || write_row(w, f, err) < 0)
		return -1;
	if (!same_missed(before, &after) &&
	    (count_missed(w, f, before, -1, err) < 0 || count_missed(w, f, &after, 1, err) < 0))
		return -1;
	if (before->open.to == after.open.to)
		return 0;
	return count_open(w, f, before, -1, err) < 0 || count_open(w, f, &after, 1, err) < 0 ? -1 : 0;
}

static int known_followup(struct work *w, const struct uuid *id, struct followup *f, struct folded *before,
			  struct err *err)
{
	int rc = followup_get(w, id, f, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a changed follow-up is unknown");
	return fold(w, f, before, err);
}

/* The days and times a day that hold: as given, or by the parameters of the day it starts. */
static int in_force(struct work *w, struct followup *f, struct err *err)
{
	f->days = f->days_given;
	f->per_day = f->per_day_given;
	if (f->days == FIELD_ABSENT && parameter_value(w, "followup_days", f->starts, &f->days, err) < 0)
		return -1;
	if (f->per_day == FIELD_ABSENT && parameter_value(w, "followup_per_day", f->starts, &f->per_day, err) < 0)
		return -1;
	return 0;
}

/* The passage from which it was opened stands in its history. */
static int link_own_screening(struct work *w, const struct followup_opened *d, struct err *err)
{
	struct event passage;
	if (uuid_is_nil(&d->screening))
		return 0;
	int rc = work_event_by_id(w, &d->screening, false, &passage, err);
	if (rc <= 0)
		return rc;
	return done(db_run(w->db, &SQL_SCREENING_LINK_ADD, err, "ui", &d->id, passage.seq));
}

int followup_opened_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct followup_opened *d = ev->data;
	struct followup f = { .id = d->id,
			      .subject = d->subject,
			      .place = ev->area,
			      .incident = ev->incident_no,
			      .category = d->category,
			      .household_first = d->household,
			      .household = d->household,
			      .opened = ev->at,
			      .starts = d->starts,
			      .days_given = d->days,
			      .per_day_given = d->per_day,
			      .closed = FIELD_ABSENT,
			      .seq = ev->seq };
	struct folded x;
	int sign = move == FACT_VOIDED ? -1 : 1;
	if (in_force(w, &f, err) < 0 || fold(w, &f, &x, err) < 0)
		return -1;
	if (move == FACT_VOIDED) {
		if (db_run(w->db, &SQL_FOLLOWUP_DROP, err, "iu", f.place, &f.id) < 0 ||
		    db_run(w->db, &SQL_SCREENING_LINK_DROP_OF, err, "u", &f.id) < 0)
			return -1;
	} else if (db_run(w->db, &SQL_FOLLOWUP_ADD, err, "iuuiiUiiIIiii", f.place, &f.id, &f.subject, f.incident,
			  f.category, &f.household_first, f.opened, f.starts, f.days_given, f.per_day_given, f.days,
			  f.per_day, f.seq) < 0 ||
		   link_own_screening(w, d, err) < 0) {
		return -1;
	}
	if (figure_add(w, "followups_opened", f.incident, f.place, day_of(f.opened), sign, err) < 0 ||
	    count_missed(w, &f, &x, sign, err) < 0)
		return -1;
	return count_open(w, &f, &x, sign, err);
}

int followup_observed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct followup_observed *d = ev->data;
	struct followup f;
	struct folded before;
	if (known_followup(w, &d->followup, &f, &before, err) < 0)
		return -1;
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_OBSERVATION_DROP, err, "i", ev->seq)
			 : db_run(w->db, &SQL_OBSERVATION_ADD, err, "iuiuiiiIiU", ev->seq, &f.id, ev->at, &ev->id,
				  ev->area, ev->incident_no, (int64_t)(d->present == 1), d->temperature,
				  (int64_t)(d->unwell == 1), &d->household);
	if (rc < 0 || figure_add(w, "observations", ev->incident_no, ev->area, day_of(ev->at),
				 move == FACT_VOIDED ? -1 : 1, err) < 0)
		return -1;
	return refold(w, &f, &before, err);
}

int followup_closed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct followup_closed *d = ev->data;
	bool voided = move == FACT_VOIDED;
	struct followup f;
	struct folded before;
	if (known_followup(w, &d->followup, &f, &before, err) < 0)
		return -1;
	f.closed = voided ? FIELD_ABSENT : ev->at;
	f.reason = voided ? FIELD_ABSENT : d->reason;
	f.closed_seq = voided ? FIELD_ABSENT : ev->seq;
	if (db_run(w->db, &SQL_FOLLOWUP_CLOSE, err, "iuIII", f.place, &f.id, f.closed, f.reason, f.closed_seq) < 0)
		return -1;
	return refold(w, &f, &before, err);
}

/* A parameter moved: those that rest on it, and on a day that it may have changed, are folded anew. */
int parameter_set_react(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct parameter_set *d = ev->data;
	place_t after = -1;
	struct uuid after_id = { 0 };
	(void)move;
	if (!str_starts(d->name, "followup_"))
		return 0;
	for (;;) {
		struct list page;
		if (followups_read(w, FOLLOWUPS_BY_PARAMETER, w->top, after, &after_id, 100, &page, err) < 0)
			return -1;
		struct followup *f = page.items;
		for (size_t i = 0; i < page.n; i++) {
			struct followup was = f[i];
			struct folded before;
			after = f[i].place;
			after_id = f[i].id;
			if (f[i].starts < d->from)
				continue;
			if (fold(w, &was, &before, err) < 0 || in_force(w, &f[i], err) < 0)
				return -1;
			if ((f[i].days != was.days || f[i].per_day != was.per_day) &&
			    refold(w, &f[i], &before, err) < 0)
				return -1;
		}
		if (page.n < 100)
			return 0;
	}
}
