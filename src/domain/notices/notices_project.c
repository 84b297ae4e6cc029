/* Rows and figures of notices. A unit's state is folded anew whenever one of
 * its facts moves — an acknowledgement, a withdrawal, a notice passed on — and
 * counts and figures take the difference, so a late record lands where it belongs. */
#include "domain/notices/internal.h"
#include "notices.sql.h"

static const struct uuid NOBODY;

static int done(int64_t rc)
{
	return rc < 0 ? -1 : 0;
}

/* ---- reading rows ------------------------------------------------------------------ */

static struct notice notice_row(struct work *w, struct stmt *st)
{
	return (struct notice){ .id = stmt_uuid(st, 0),
				.area = stmt_i64(st, 1),
				.at = stmt_i64(st, 2),
				.seq = stmt_i64(st, 3),
				.incident_no = stmt_i64(st, 4),
				.kind = stmt_i64(st, 5),
				.number = arena_str(w->arena, stmt_text(st, 6)),
				.title = arena_str(w->arena, stmt_text(st, 7)),
				.issuer = arena_str(w->arena, stmt_text(st, 8)),
				.due = stmt_i64(st, 9),
				.parent = stmt_uuid(st, 10),
				.people = stmt_i64(st, 11) == 1,
				.units = stmt_i64(st, 12),
				.acknowledged = stmt_i64(st, 13),
				.late = stmt_i64(st, 14),
				.people_acknowledged = stmt_i64(st, 15),
				.withdrawn = stmt_i64(st, 16) };
}

int notice_get(struct work *w, const struct uuid *id, struct notice *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_NOTICE_GET, &st, err, "u", id) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = notice_row(w, st);
	return rc;
}

int notice_children(struct work *w, const struct uuid *id, size_t most, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct notice *items = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_NOTICE_CHILDREN, &st, err, "ui", id, (int64_t)most) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(items = arena_grow(w->arena, items, n, &cap, sizeof *items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		items[n++] = notice_row(w, st);
	}
	*ret = (struct list){ items, n };
	return rc;
}

static struct notice_unit unit_row(struct stmt *st)
{
	return (struct notice_unit){ .place = stmt_i64(st, 0),
				     .below = stmt_i64(st, 1) == 1,
				     .acked = stmt_i64(st, 2),
				     .late = stmt_i64(st, 3),
				     .ack_seq = stmt_i64(st, 4),
				     .passed = stmt_i64(st, 5) == 1 };
}

int notice_unit_get(struct work *w, const struct uuid *id, place_t place, struct notice_unit *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_NOTICE_UNIT_GET, &st, err, "ui", id, place) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = unit_row(st);
	return rc;
}

int notice_units(struct work *w, const struct uuid *id, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct notice_unit *items = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_NOTICE_UNITS, &st, err, "u", id) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(items = arena_grow(w->arena, items, n, &cap, sizeof *items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		items[n++] = unit_row(st);
	}
	*ret = (struct list){ items, n };
	return rc;
}

int notice_acked_by(struct work *w, const struct uuid *id, place_t unit, const struct uuid *person, int64_t at,
		    int64_t *ret_seq, struct err *err)
{
	return db_get_i64(w->db, &SQL_NOTICE_ACK_BY, ret_seq, err, "uiui", id, unit, person, at);
}

static int known_notice(struct work *w, const struct uuid *id, struct notice *ret, struct err *err)
{
	int rc = notice_get(w, id, ret, err);
	return rc > 0 ? 0 : rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a notice referred to is unknown");
}

/* ---- one unit ---------------------------------------------------------------------- */

struct ack {
	int64_t at, seq;
	struct uuid event;
	place_t area;
};

/* The acknowledgement that counts: the earliest; absent when there is none. 1, 0, -1. */
static int first_ack(struct work *w, const struct uuid *notice, place_t unit, const struct uuid *person,
		     struct ack *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	*ret = (struct ack){ FIELD_ABSENT, FIELD_ABSENT, { { 0 } }, FIELD_ABSENT };
	if (db_start(w->db, &SQL_NOTICE_ACK_FIRST, &st, err, "uiu", notice, unit, person) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct ack){ stmt_i64(st, 0), stmt_i64(st, 2), stmt_uuid(st, 1), stmt_i64(st, 3) };
	return rc;
}

static enum unit_todo todo_of(const struct notice *n, const struct notice_unit *u)
{
	if (n->withdrawn != FIELD_ABSENT)
		return TODO_NOTHING;
	if (u->acked == FIELD_ABSENT)
		return TODO_ACKNOWLEDGE;
	return u->below && !u->passed ? TODO_PASS_ON : TODO_NOTHING;
}

/* The hour passed unmet: not acknowledged by then, and still in force then. */
static int64_t late_of(const struct notice *n, const struct notice_unit *u)
{
	bool met = u->acked != FIELD_ABSENT && u->acked <= n->due;
	bool lifted = n->withdrawn != FIELD_ABSENT && n->withdrawn <= n->due;
	return n->due == DUE_NEVER || met || lifted ? FIELD_ABSENT : n->due;
}

static int count_late(struct work *w, const struct notice *n, place_t place, int64_t late, int sign, struct err *err)
{
	return late == FIELD_ABSENT
		   ? 0
		   : figure_add_from(w, "acknowledgements_late", n->incident_no, place, late, sign, err);
}

/* Folds a unit anew; 0 also when the place is none. */
static int settle_unit(struct work *w, const struct notice *n, place_t place, struct err *err)
{
	struct notice_unit was = { 0 }, is;
	struct ack ack;
	int64_t passed_at;
	int rc = notice_unit_get(w, &n->id, place, &was, err);
	if (rc <= 0)
		return rc;
	is = was;
	if (first_ack(w, &n->id, place, &NOBODY, &ack, err) < 0)
		return -1;
	is.acked = ack.at;
	is.ack_seq = ack.seq;
	if ((rc = db_get_i64(w->db, &SQL_NOTICE_CHILD_BY, &passed_at, err, "ui", &n->id, place)) < 0)
		return -1;
	is.passed = rc == 1;
	is.late = late_of(n, &is);
	if (db_run(w->db, &SQL_NOTICE_UNIT_SET, err, "uiIIiIi", &n->id, place, is.acked, is.ack_seq, (int64_t)is.passed,
		   is.late, (int64_t)todo_of(n, &is)) < 0)
		return -1;
	if (was.late != is.late &&
	    (count_late(w, n, place, was.late, -1, err) < 0 || count_late(w, n, place, is.late, 1, err) < 0))
		return -1;
	int64_t acked = (is.acked != FIELD_ABSENT) - (was.acked != FIELD_ABSENT),
		late = (is.late != FIELD_ABSENT) - (was.late != FIELD_ABSENT);
	if (!acked && !late)
		return 0;
	return done(db_run(w->db, &SQL_NOTICE_COUNT, err, "uiii", &n->id, acked, late, (int64_t)0));
}

/* ---- issued -------------------------------------------------------------------------- */

/* A unit above the villages passes a notice on, unless it went straight to somebody below it too. */
static bool goes_below(const struct audience *to, place_t unit)
{
	const place_t *places = to->places.items;
	if (place_level(unit) >= LEVEL_VILLAGE)
		return false;
	for (size_t i = 0; i < to->places.n; i++) {
		if (places[i] != unit && place_within(places[i], unit))
			return false;
	}
	return true;
}

/* The place and all above it in the store. */
static int list_at(struct work *w, place_t place, const struct notice *n, enum fact_move move, struct err *err)
{
	if (!place_within(place, w->top))
		place = w->top;
	for (;; place = place_parent(place)) {
		const struct sql *q = move == FACT_VOIDED ? &SQL_NOTICE_LIST_DROP : &SQL_NOTICE_LIST_ADD;
		if (db_run(w->db, q, err, "iiu", place, n->at, &n->id) < 0)
			return -1;
		if (place == w->top)
			return 0;
	}
}

static int list_everywhere(struct work *w, const struct notice *n, const struct audience *to, enum fact_move move,
			   struct err *err)
{
	const place_t *places = to->places.items;
	const struct sql *q = move == FACT_VOIDED ? &SQL_NOTICE_AUDIENCE_DROP : &SQL_NOTICE_AUDIENCE_ADD;
	if (list_at(w, n->area, n, move, err) < 0)
		return -1;
	for (size_t i = 0; i < to->places.n; i++) {
		if (list_at(w, places[i], n, move, err) < 0)
			return -1;
	}
	return n->people ? done(db_run(w->db, q, err, "iiu", n->area, n->at, &n->id)) : 0;
}

static int add_notice(struct work *w, const struct notice *n, const struct audience *to, struct err *err)
{
	const place_t *places = to->places.items;
	if (db_run(w->db, &SQL_NOTICE_ADD, err, "uiiiiisssiUii", &n->id, n->area, n->at, n->seq, n->incident_no,
		   n->kind, n->number, n->title, n->issuer, n->due, &n->parent, (int64_t)n->people, n->units) < 0)
		return -1;
	for (size_t i = 0; i < to->places.n; i++) {
		if (db_run(w->db, &SQL_NOTICE_UNIT_ADD, err, "uiiii", &n->id, places[i], n->incident_no, n->due,
			   (int64_t)goes_below(to, places[i])) < 0 ||
		    settle_unit(w, n, places[i], err) < 0)
			return -1;
	}
	if (db_run(w->db, &SQL_NOTICE_RECALL_SELF, err, "u", &n->id) < 0)
		return -1;
	return done(db_run(w->db, &SQL_NOTICE_WAIT, err, "u", &n->id));
}

/* Nothing refers to it any more, so nobody has acknowledged it; it may have fallen due. */
static int drop_notice(struct work *w, const struct notice *n, struct err *err)
{
	struct list units;
	if (notice_units(w, &n->id, &units, err) < 0)
		return -1;
	const struct notice_unit *u = units.items;
	for (size_t i = 0; i < units.n; i++) {
		if (count_late(w, n, u[i].place, u[i].late, -1, err) < 0)
			return -1;
	}
	if (db_run(w->db, &SQL_NOTICE_UNIT_DROP, err, "u", &n->id) < 0)
		return -1;
	return done(db_run(w->db, &SQL_NOTICE_DROP, err, "u", &n->id));
}

/* A place named twice is one unit. */
static size_t each_once(const struct list *places, place_t *out)
{
	const place_t *p = places->items;
	size_t n = 0;
	for (size_t i = 0; i < places->n; i++) {
		size_t k = 0;
		while (k < n && out[k] != p[i])
			k++;
		if (k == n)
			out[n++] = p[i];
	}
	return n;
}

int notice_issued_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct notice_issued *d = ev->data;
	struct audience to = *d->to;
	place_t *units = arena_alloc(w->arena, (to.places.n + 1) * sizeof *units);
	struct notice parent, n = { .id = d->id,
				    .parent = d->parent,
				    .area = ev->area,
				    .at = ev->at,
				    .seq = ev->seq,
				    .incident_no = ev->incident_no,
				    .kind = d->kind,
				    .due = d->acknowledge_by == FIELD_ABSENT ? DUE_NEVER : d->acknowledge_by,
				    .number = d->number,
				    .title = d->title,
				    .issuer = d->issuer,
				    .people = to.categories.n > 0 || to.party_members == 1,
				    .withdrawn = FIELD_ABSENT };
	if (!units)
		return err_kind_set(err, &ERR_NO_MEMORY);
	to.places = (struct list){ units, each_once(&d->to->places, units) };
	n.units = (int64_t)to.places.n;
	if ((move == FACT_VOIDED ? drop_notice(w, &n, err) : add_notice(w, &n, &to, err)) < 0 ||
	    list_everywhere(w, &n, &to, move, err) < 0)
		return -1;
	/* What it rests on has been passed on from here, or no longer. */
	if (!uuid_is_nil(&d->parent) &&
	    (known_notice(w, &d->parent, &parent, err) < 0 || settle_unit(w, &parent, ev->area, err) < 0))
		return -1;
	return figure_add(w, "notices", ev->incident_no, ev->area, day_of(ev->at), move == FACT_VOIDED ? -1 : 1, err);
}

/* ---- acknowledged ---------------------------------------------------------------------- */

static int mark_ack(struct work *w, const struct notice *n, place_t unit, const struct uuid *person,
		    const struct ack *a, bool counts, struct err *err)
{
	if (db_run(w->db, &SQL_NOTICE_ACK_MARK, err, "uiuiui", &n->id, unit, person, a->at, &a->event,
		   (int64_t)counts) < 0)
		return -1;
	return figure_add(w, "acknowledgements", n->incident_no, a->area, day_of(a->at), counts ? 1 : -1, err);
}

/* Of several by the same, arrived in whatever order, the earliest is the one that counts. */
int notice_acknowledged_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct notice_acknowledged *d = ev->data;
	bool own = d->unit == FIELD_ABSENT && !uuid_is_nil(&d->person);
	place_t unit = own ? UNIT_NONE : ev->area;
	const struct uuid *person = own ? &d->person : &NOBODY;
	struct notice n;
	struct ack was, is;
	int64_t rc;
	int had, has;
	if (known_notice(w, &d->notice, &n, err) < 0 || (had = first_ack(w, &n.id, unit, person, &was, err)) < 0)
		return -1;
	if (move == FACT_VOIDED)
		rc = db_run(w->db, &SQL_NOTICE_ACK_DROP, err, "uiuiu", &n.id, unit, person, ev->at, &ev->id);
	else
		rc = db_run(w->db, &SQL_NOTICE_ACK_ADD, err, "uiuiuiii", &n.id, unit, person, ev->at, &ev->id, ev->seq,
			    ev->area, n.incident_no);
	if (rc < 0 || (has = first_ack(w, &n.id, unit, person, &is, err)) < 0)
		return -1;
	bool same = had && has && uuid_eq(&was.event, &is.event);
	if (!same && had && mark_ack(w, &n, unit, person, &was, false, err) < 0)
		return -1;
	if (!same && has && mark_ack(w, &n, unit, person, &is, true, err) < 0)
		return -1;
	if (own)
		return done(
		    db_run(w->db, &SQL_NOTICE_COUNT, err, "uiii", &n.id, (int64_t)0, (int64_t)0, (int64_t)(has - had)));
	if (settle_unit(w, &n, unit, err) < 0)
		return -1;
	return done(db_run(w->db, &SQL_NOTICE_WAIT, err, "u", &n.id));
}

/* ---- withdrawn ------------------------------------------------------------------------- */

int notice_withdrawn_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct notice_withdrawn *d = ev->data;
	struct notice n, parent;
	struct list units;
	int64_t when = move == FACT_VOIDED ? FIELD_ABSENT : ev->at;
	if (db_run(w->db, &SQL_NOTICE_WITHDRAW, err, "uI", &d->notice, when) < 0 ||
	    known_notice(w, &d->notice, &n, err) < 0 || notice_units(w, &n.id, &units, err) < 0)
		return -1;
	const struct notice_unit *u = units.items;
	for (size_t i = 0; i < units.n; i++) {
		if (settle_unit(w, &n, u[i].place, err) < 0)
			return -1;
	}
	if (db_run(w->db, &SQL_NOTICE_WAIT, err, "u", &n.id) < 0 ||
	    db_run(w->db, &SQL_NOTICE_RECALL_SELF, err, "u", &n.id) < 0 ||
	    db_run(w->db, &SQL_NOTICE_RECALL_CHILDREN, err, "u", &n.id) < 0)
		return -1;
	if (uuid_is_nil(&n.parent))
		return 0;
	return known_notice(w, &n.parent, &parent, err) < 0 ? -1 : settle_unit(w, &parent, n.area, err);
}
