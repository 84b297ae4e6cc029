/* Derived tables and figures of duty. Every move of a fact takes back what the
 * person's fold added before, changes the facts, and adds what it says now. */
#include "domain/duty/internal.h"
#include "duty.sql.h"

static int done(int64_t rc)
{
	return rc < 0 ? -1 : 0;
}

static int64_t open_end(int64_t to)
{
	return to == INT64_MAX ? FIELD_ABSENT : to;
}

/* Where a person matters: one row a place, gone with the last fact. */
static int refer_place(struct work *w, int64_t incident_no, place_t area, const struct uuid *person,
		       enum fact_move move, struct err *err)
{
	int64_t by = move == FACT_VOIDED ? -1 : 1;
	if (db_run(w->db, &SQL_DUTY_PLACE_REF, err, "iiui", incident_no, area, person, by) < 0)
		return -1;
	return by > 0 ? 0 : done(db_run(w->db, &SQL_DUTY_PLACE_DROP, err, "iiu", incident_no, area, person));
}

/* ---- reports ------------------------------------------------------------------------------- */

/* Adds sign × the times on post: each report holds until the next, or until the person leaves. */
static int count_posts(struct work *w, const struct uuid *person, int64_t incident_no, int64_t left, int sign,
		       struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct span on = { 0, 0 };
	place_t area = 0;
	bool open = false;
	int rc;
	if (db_start(w->db, &SQL_DUTY_FACTS, &st, err, "ui", person, incident_no) < 0)
		return -1;
	do {
		rc = stmt_step(st, err);
		int64_t at = rc == 1 ? stmt_i64(st, 0) : left;
		at = at < left ? at : left;
		if (open && on.from < at) {
			const struct spans one = { &on, 1 };
			on.to = at;
			if (figure_add_spans(w, "on_post", NULL, incident_no, area, &one, sign, err) < 0)
				return -1;
		}
		open = rc == 1 && stmt_i64(st, 1) == DUTY_ON_POST;
		if (open) {
			on.from = at;
			area = stmt_i64(st, 3);
		}
	} while (rc == 1);
	return rc;
}

/* Where a note belongs: the site reported from, or the shift's. */
static int handover_site(struct work *w, const struct event *ev, struct uuid *ret, struct err *err)
{
	const struct duty_reported *d = ev->data;
	struct thing t;
	struct event shift;
	*ret = ev->place_site;
	if (!uuid_is_nil(ret) || uuid_is_nil(&d->shift))
		return 0;
	if (thing_get(w, &d->shift, &t, err) <= 0 || work_event(w, t.seq, false, &shift, err) <= 0)
		return -1;
	*ret = ((const struct shift_planned *)shift.data)->site;
	return 0;
}

static int move_handover(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	struct uuid site;
	if (handover_site(w, ev, &site, err) < 0)
		return -1;
	if (uuid_is_nil(&site))
		return 0;
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_DUTY_HANDOVER_DROP, err, "uiu", &site, ev->at, &ev->id));
	return done(db_run(w->db, &SQL_DUTY_HANDOVER_ADD, err, "uiui", &site, ev->at, &ev->id, ev->seq));
}

int duty_reported_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct duty_reported *d = ev->data;
	int64_t left, rc;
	if (person_left_at(w, &d->person, &left, err) < 0 ||
	    count_posts(w, &d->person, ev->incident_no, left, -1, err) < 0)
		return -1;
	if (move == FACT_VOIDED)
		rc = db_run(w->db, &SQL_DUTY_FACT_DROP, err, "uiiu", &d->person, ev->incident_no, ev->at, &ev->id);
	else
		rc = db_run(w->db, &SQL_DUTY_FACT_ADD, err, "uiiuiiUUi", &d->person, ev->incident_no, ev->at, &ev->id,
			    d->status, ev->area, &ev->place_site, &d->shift, ev->seq);
	if (rc < 0 || count_posts(w, &d->person, ev->incident_no, left, 1, err) < 0 ||
	    refer_place(w, ev->incident_no, ev->area, &d->person, move, err) < 0)
		return -1;
	return d->handed_over == 1 ? move_handover(w, ev, move, err) : 0;
}

/* ---- the reserve ------------------------------------------------------------------------------ */

static int put_span(struct work *w, const struct uuid *person, int64_t incident_no, place_t home,
		    const struct reserve_span *s, int64_t left, bool first, int sign, struct err *err)
{
	const struct reserve_fact *j = s->join;
	struct span cut = { s->span.from, s->span.to < left ? s->span.to : left };
	const struct spans one = { &cut, 1 };
	if (first && figure_add(w, "reserve_signups", incident_no, j->area, day_of(j->at), sign, err) < 0)
		return -1;
	/* One that has left before counts as a sign-up only. */
	if (cut.to < cut.from)
		cut.to = cut.from;
	if (figure_add_spans(w, "reserve", NULL, incident_no, j->area, &one, sign, err) < 0)
		return -1;
	if (sign < 0)
		return done(db_run(w->db, &SQL_RESERVE_SPAN_DROP, err, "iiui", incident_no, j->area, person, j->at));
	return done(db_run(w->db, &SQL_RESERVE_SPAN_ADD, err, "iiuiIiiisi", incident_no, j->area, person, j->at,
			   open_end(cut.to), (int64_t)first, home, j->available_from, j->skills, j->seq));
}

static int count_reserve(struct work *w, const struct uuid *person, int64_t incident_no, int64_t left, int sign,
			 struct err *err)
{
	struct list facts, spans;
	struct thing t;
	if (thing_get(w, person, &t, err) < 0 || reserve_facts(w, person, incident_no, &facts, err) < 0)
		return -1;
	reserve_fold(w->arena, &facts, &spans);
	const struct reserve_span *s = spans.items;
	for (size_t i = 0; i < spans.n; i++) {
		if (put_span(w, person, incident_no, t.area, &s[i], left, i == 0, sign, err) < 0)
			return -1;
	}
	return 0;
}

/* Skills in one text, a line each. */
static int join_skills(struct work *w, const struct list *skills, struct str *ret, struct err *err)
{
	const struct str *s = skills->items;
	size_t len = 0, at = 0;
	for (size_t i = 0; i < skills->n; i++)
		len += s[i].len + 1;
	char *text = arena_alloc(w->arena, len + 1);
	if (!text)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < skills->n; i++) {
		if (i)
			text[at++] = '\n';
		memcpy(text + at, s[i].ptr, s[i].len);
		at += s[i].len;
	}
	*ret = (struct str){ text, at };
	return 0;
}

static int move_reserve(struct work *w, const struct event *ev, const struct uuid *person,
			const struct reserve_joined *joins, enum fact_move move, struct err *err)
{
	int64_t left, rc, rank = ev->form->rank;
	struct str skills = STR_NONE;
	if (joins && join_skills(w, &joins->skills, &skills, err) < 0)
		return -1;
	if (person_left_at(w, person, &left, err) < 0 || count_reserve(w, person, ev->incident_no, left, -1, err) < 0)
		return -1;
	if (move == FACT_VOIDED)
		rc =
		    db_run(w->db, &SQL_RESERVE_FACT_DROP, err, "uiiiu", person, ev->incident_no, ev->at, rank, &ev->id);
	else
		rc = db_run(w->db, &SQL_RESERVE_FACT_ADD, err, "uiiiuiIisi", person, ev->incident_no, ev->at, rank,
			    &ev->id, (int64_t)(joins != NULL), joins ? joins->available_from : FIELD_ABSENT, ev->area,
			    skills, ev->seq);
	return rc < 0 ? -1 : count_reserve(w, person, ev->incident_no, left, 1, err);
}

int reserve_joined_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct reserve_joined *d = ev->data;
	return move_reserve(w, ev, &d->person, d, move, err);
}

int reserve_left_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct reserve_left *d = ev->data;
	return move_reserve(w, ev, &d->person, NULL, move, err);
}

/* ---- support -------------------------------------------------------------------------------------- */

int support_requested_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct support_requested *d = ev->data;
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_REQUEST_DROP, err, "u", &d->id));
	return done(db_run(w->db, &SQL_REQUEST_ADD, err, "uiiuiiIi", &d->id, ev->area, ev->incident_no, &d->site,
			   d->headcount, ev->at, d->needed_by, ev->seq));
}

/* Puts in or takes out what the fold of a person's assignments says. */
static int count_tenures(struct work *w, const struct uuid *person, int64_t incident_no, int64_t left, int sign,
			 struct err *err)
{
	struct list facts, tenures;
	int64_t rc = 0;
	if (support_facts(w, person, incident_no, &facts, err) < 0)
		return -1;
	support_fold(w->arena, &facts, &tenures, NULL);
	tenures_cut(&tenures, left);
	const struct tenure *t = tenures.items;
	for (size_t i = 0; rc >= 0 && i < tenures.n; i++) {
		if (tenure_takes(&t[i]))
			rc = db_run(w->db, &SQL_REQUEST_TAKE, err, "ui", &t[i].request, (int64_t)sign);
		if (rc >= 0 && sign < 0)
			rc = db_run(w->db, &SQL_TENURE_DROP, err, "uui", &t[i].request, person, t[i].span.from);
		else if (rc >= 0)
			rc = db_run(w->db, &SQL_TENURE_ADD, err, "uuiIiIIIi", &t[i].request, person, t[i].span.from,
				    open_end(t[i].span.to), incident_no, t[i].report_by, t[i].arrived, t[i].again,
				    t[i].seq);
	}
	return done(rc);
}

static int move_support(struct work *w, const struct event *ev, const struct uuid *person, const struct uuid *request,
			enum support_kind kind, int64_t report_by, int64_t again, enum fact_move move, struct err *err)
{
	int64_t left, rc, rank = ev->form->rank;
	if (person_left_at(w, person, &left, err) < 0 || count_tenures(w, person, ev->incident_no, left, -1, err) < 0)
		return -1;
	if (move == FACT_VOIDED)
		rc =
		    db_run(w->db, &SQL_SUPPORT_FACT_DROP, err, "uiiiu", person, ev->incident_no, ev->at, rank, &ev->id);
	else
		rc = db_run(w->db, &SQL_SUPPORT_FACT_ADD, err, "uiiiuuiIIi", person, ev->incident_no, ev->at, rank,
			    &ev->id, request, (int64_t)kind, report_by, again, ev->seq);
	return rc < 0 ? -1 : count_tenures(w, person, ev->incident_no, left, 1, err);
}

/* One row a person sent: behind the figure. */
static int move_sent(struct work *w, const struct event *ev, place_t area, const struct uuid *person,
		     enum fact_move move, struct err *err)
{
	struct uuid id = uuid_derive(&ev->id, (struct str){ (const char *)person->b, sizeof person->b });
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_SENT_DROP, err, "iiu", ev->incident_no, area, &id)
			 : db_run(w->db, &SQL_SENT_ADD, err, "iiuii", ev->incident_no, area, &id, ev->at, ev->seq);
	return done(rc);
}

int support_assigned_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct support_assigned *d = ev->data;
	const struct uuid *p = d->persons.items;
	int64_t n = (int64_t)d->persons.n;
	struct thing t;
	int rc = thing_get(w, &d->request, &t, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "an answered request is unknown");
	for (size_t i = 0; i < d->persons.n; i++) {
		if (move_support(w, ev, &p[i], &d->request, SUPPORT_ASSIGNED, d->report_by, FIELD_ABSENT, move, err) <
			0 ||
		    move_sent(w, ev, t.area, &p[i], move, err) < 0 ||
		    refer_place(w, ev->incident_no, t.area, &p[i], move, err) < 0)
			return -1;
	}
	return figure_add(w, "support_sent", ev->incident_no, t.area, day_of(ev->at), move == FACT_VOIDED ? -n : n,
			  err);
}

int support_arrived_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct support_person *d = ev->data;
	return move_support(w, ev, &d->person, &d->request, SUPPORT_ARRIVED, FIELD_ABSENT, FIELD_ABSENT, move, err);
}

int support_released_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct support_person *d = ev->data;
	return move_support(w, ev, &d->person, &d->request, SUPPORT_RELEASED, FIELD_ABSENT, d->again, move, err);
}

/* ---- shifts ------------------------------------------------------------------------------------------ */

int shift_planned_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct shift_planned *d = ev->data;
	const struct uuid *p = d->persons.items;
	bool voided = move == FACT_VOIDED;
	struct site s;
	int rc = site_get(w, &d->site, &s, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a shift's site is unknown");
	int64_t ran = voided ? db_run(w->db, &SQL_SHIFT_DROP, err, "uiu", &d->site, d->from, &d->id)
			     : db_run(w->db, &SQL_SHIFT_ADD, err, "uiuiiii", &d->site, d->from, &d->id, d->to,
				      ev->incident_no, s.place, ev->seq);
	for (size_t i = 0; ran >= 0 && i < d->persons.n; i++) {
		ran = voided ? db_run(w->db, &SQL_STAND_DROP, err, "uiiu", &p[i], ev->incident_no, d->from, &d->id)
			     : db_run(w->db, &SQL_STAND_ADD, err, "uiiuiui", &p[i], ev->incident_no, d->from, &d->id,
				      d->to, &d->site, s.place);
		if (ran >= 0 && refer_place(w, ev->incident_no, s.place, &p[i], move, err) < 0)
			return -1;
	}
	return done(ran);
}

/* ---- leaving the organisation ------------------------------------------------------------------------ */

/* The person's facts say already how it is after the event; before it, they had not left. */
int duty_left_react(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	typedef int (*count_fn)(struct work * w, const struct uuid *person, int64_t incident_no, int64_t left, int sign,
				struct err *err);
	static int (*const INCIDENTS[])(struct work * w, const struct uuid *person, struct list *ret,
					struct err *err) = { incidents_of_reports, incidents_of_reserve,
							     incidents_of_support };
	static const count_fn COUNTS[] = { count_posts, count_reserve, count_tenures };
	const struct person_left *d = ev->data;
	int64_t before = move == FACT_VOIDED ? ev->at : INT64_MAX, after;
	if (person_left_at(w, &d->person, &after, err) < 0)
		return -1;
	for (size_t k = 0; k < ARRAY_LEN(COUNTS); k++) {
		struct list list;
		if (INCIDENTS[k](w, &d->person, &list, err) < 0)
			return -1;
		const int64_t *no = list.items;
		for (size_t i = 0; i < list.n; i++) {
			if (COUNTS[k](w, &d->person, no[i], before, -1, err) < 0 ||
			    COUNTS[k](w, &d->person, no[i], after, 1, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- the outbox ------------------------------------------------------------------------------------------ */

static int tell(struct work *w, const char *kind, const struct uuid *request, place_t place, int64_t at, size_t n,
		post_fn post, void *ctx, struct err *err)
{
	bool asked = strcmp(kind, "support.requested") == 0;
	struct request r;
	struct site s;
	struct buf zh = { 0 }, en = { 0 };
	struct message m = { .kind = kind, .place = place, .about = *request, .at = at };
	if (request_get(w, request, &r, err) <= 0 || site_read(w, &r.site, at, &s, err) <= 0)
		return -1;
	buf_printf(&zh, asked ? "%.*s请求支援 %zu 人" : "已向%.*s派出支援 %zu 人", STR_ARG(s.name), n);
	buf_printf(&en, asked ? "%.*s asks for %zu people" : "%.*s is being sent %zu people", STR_ARG(s.name), n);
	m.zh = arena_str(w->arena, buf_view(&zh));
	m.en = arena_str(w->arena, buf_view(&en));
	buf_finish(&zh);
	buf_finish(&en);
	return m.zh.ptr && m.en.ptr ? post(ctx, &m, err) : err_kind_set(err, &ERR_NO_MEMORY);
}

int support_requested_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	const struct support_requested *d = ev->data;
	return tell(w, "support.requested", &d->id, place_at(ev->area, LEVEL_COUNTY), ev->at, (size_t)d->headcount,
		    post, ctx, err);
}

int support_assigned_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	const struct support_assigned *d = ev->data;
	return tell(w, "support.assigned", &d->request, ev->area, ev->at, d->persons.n, post, ctx, err);
}
