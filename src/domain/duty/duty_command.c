/* What duty may record: nobody exposed is mustered or sent, nobody is in two
 * places at once, nobody is taken from a reserve that is not the caller's. */
#include <stdio.h>

#include "domain/duty/internal.h"
#include "duty.sql.h"

const struct err_kind ERR_EXPOSED = { "exposed", 409, "{0} 当时有接触史，不能召回或派出，请换一人，或先核实接触史记录",
				      "{0} was exposed at that time and may not be mustered or sent: choose somebody "
				      "else, or check the record of the exposure" };
const struct err_kind ERR_SITE_CLOSED = { "site_closed", 409, "该场所在此时间没有启用",
					  "The site was not open at that time" };
static const struct err_kind ERR_OWN_REPORT = { "own_report_only", 403,
						"您的岗位只能为本人报到，请由值班干部代报其他人",
						"Your role may report for yourself only: ask the duty officer to "
						"report for others" };
static const struct err_kind ERR_NOT_ON_SHIFT = { "not_on_shift", 409, "{0} 不在这个班次上，请去掉“shift”或另选班次",
						  "{0} does not stand on this shift: leave \"shift\" out or name "
						  "another" };
static const struct err_kind ERR_IN_RESERVE = { "already_in_reserve", 409, "{0} 已在预备队中，无需再次报名",
						"{0} is in the reserve already: nothing to do" };
static const struct err_kind ERR_NOT_IN_RESERVE = { "not_in_reserve", 409, "{0} 当时不在您的预备队中，请先让其报名",
						    "{0} was not in your reserve at that time: sign them up first" };
static const struct err_kind ERR_NOT_AVAILABLE = { "not_available", 409, "{0} 要到 {1} 才能派出，请换一人或改时间",
						   "{0} is not available before {1}: choose somebody else or a later "
						   "time" };
static const struct err_kind ERR_ELSEWHERE = { "assigned_elsewhere", 409,
					       "{0} 当时已派往“{1}”，请先结束那次支援或换一人",
					       "{0} is assigned to \"{1}\" at that time: release them there first, or "
					       "choose somebody else" };
static const struct err_kind ERR_NOT_SENT = { "not_assigned", 409, "{0} 当时没有被派往这个请求，请核对人员和时间",
					      "{0} was not assigned to this request then: check the person and the "
					      "time" };
static const struct err_kind ERR_ARRIVED = { "already_arrived", 409, "{0} 已经报到，无需再记",
					     "{0} has arrived already: nothing to do" };
static const struct err_kind ERR_TOO_MANY = { "more_than_asked", 409, "请求 {0} 人，同时在派的会有 {1} 人，请减少人数",
					      "{0} were asked for, but {1} would be assigned at once: send fewer" };
static const struct err_kind ERR_TWICE = { "person_twice", 409, "同一人列了两次，请去掉重复",
					   "The same person is listed twice: leave one out" };
static const struct err_kind ERR_NOBODY = { "nobody_named", 400, "请至少写明一人", "Name at least one person" };
static const struct err_kind ERR_SHIFT_OVERLAP = { "shift_overlap", 409,
						   "{0} 在 {1} 起还有一班，时间重叠，请换一人或改时间",
						   "{0} stands on another shift from {1}, which overlaps: choose "
						   "somebody else or another time" };
static const struct err_kind ERR_SHORT_REST = { "short_rest", 409, "{0} 与 {1} 起的一班之间休息不足 8 小时",
						"{0} rests under 8 hours between this and the shift from {1}" };
static const struct err_kind ERR_STILL_SENT = { "still_assigned", 409,
						"{0} 在此之后还有派出记录，请核对时间，或先撤销那些记录",
						"Assignments of {0} after that time exist: check the time, or withdraw "
						"those first" };

static int refuse_person(struct work *w, const struct err_kind *kind, const char *field, const struct uuid *person,
			 const char *more, struct err *err)
{
	char name[128];
	if (duty_name(w, person, name, err) < 0)
		return -1;
	return err_set(err, kind, field, name, more, NULL);
}

static int person_there(struct work *w, const struct uuid *person, int64_t at, const char *field, struct err *err)
{
	struct standing s;
	int rc = person_standing(w, person, at, &s, err);
	if (rc < 0)
		return -1;
	return rc && s.there ? 0 : err_set(err, &ERR_PERSON_LEFT, field, NULL);
}

static int not_exposed(struct work *w, const struct uuid *person, int64_t from, int64_t to, const char *field,
		       struct err *err)
{
	int rc = person_exposed_between(w, person, from, to, err);
	return rc <= 0 ? rc : refuse_person(w, &ERR_EXPOSED, field, person, NULL, err);
}

static int open_site(struct work *w, const struct uuid *site, int64_t at, const char *field, struct err *err)
{
	struct site s;
	int rc = site_get(w, site, &s, err);
	if (rc < 0)
		return -1;
	return rc && site_open_at(&s, at) ? 0 : err_set(err, &ERR_SITE_CLOSED, field, NULL);
}

/* "persons[2]", and nobody listed twice. */
static const char *person_field(size_t i, char out[32])
{
	snprintf(out, 32, "persons[%zu]", i);
	return out;
}

static int distinct(const struct list *persons, struct err *err)
{
	const struct uuid *p = persons->items;
	char field[32];
	if (!persons->n)
		return err_set(err, &ERR_NOBODY, "persons", NULL);
	for (size_t i = 1; i < persons->n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (uuid_eq(&p[i], &p[k]))
				return err_set(err, &ERR_TWICE, person_field(i, field), NULL);
		}
	}
	return 0;
}

/* ---- reports ------------------------------------------------------------------------------ */

/* The desks and a checkpoint's shift report for others too; the rest for themselves. */
static bool may_report(const struct work *w, const struct event *ev)
{
	const struct duty_reported *d = ev->data;
	const unsigned others = (unsigned)ROLE_COMMANDER | ROLE_OFFICER | ROLE_ORGANISATION | ROLE_CHECKPOINT;
	return w->server || principal_may(w->who, others, ev->area, w->now) ||
	       (!uuid_is_nil(&w->who->person) && uuid_eq(&w->who->person, &d->person));
}

int duty_reported_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct duty_reported *d = ev->data;
	if (!may_report(w, ev))
		return err_set(err, &ERR_OWN_REPORT, "person", NULL);
	if (person_there(w, &d->person, ev->at, "person", err) < 0)
		return -1;
	if (d->status == DUTY_ON_POST && not_exposed(w, &d->person, ev->at, ev->at + 1, "person", err) < 0)
		return -1;
	if (uuid_is_nil(&d->shift))
		return 0;
	struct thing t;
	struct event shift;
	if (thing_get(w, &d->shift, &t, err) < 0 || work_event(w, t.seq, false, &shift, err) < 0)
		return -1;
	const struct shift_planned *s = shift.data;
	const struct uuid *p = s->persons.items;
	for (size_t i = 0; i < s->persons.n; i++) {
		if (uuid_eq(&p[i], &d->person))
			return 0;
	}
	return refuse_person(w, &ERR_NOT_ON_SHIFT, "shift", &d->person, NULL, err);
}

/* ---- the reserve ---------------------------------------------------------------------------- */

static int reserve_refuse(struct work *w, enum reserve_fault fault, const struct uuid *person, const char *field,
			  struct err *err)
{
	return fault == RESERVE_SOUND ? 0
				      : refuse_person(w, fault == RESERVE_TWICE ? &ERR_IN_RESERVE : &ERR_NOT_IN_RESERVE,
						      field, person, NULL, err);
}

/* Every assignment of the person begins while in the reserve: as the facts would stand, and only where it does now. */
static int still_covered(struct work *w, const struct uuid *person, int64_t incident_no, const struct list *before,
			 const struct list *after, const char *field, struct err *err)
{
	struct list facts;
	if (support_facts(w, person, incident_no, &facts, err) < 0)
		return -1;
	const struct support_fact *f = facts.items;
	for (size_t i = 0; i < facts.n; i++) {
		if (f[i].kind == SUPPORT_ASSIGNED && reserve_at(before, f[i].at) && !reserve_at(after, f[i].at))
			return refuse_person(w, &ERR_STILL_SENT, field, person, NULL, err);
	}
	return 0;
}

static int try_reserve(struct work *w, const struct event *ev, const struct uuid *person,
		       const struct reserve_fact *extra, struct list *ret_spans, struct err *err)
{
	struct list facts, all, before;
	if (reserve_facts(w, person, ev->incident_no, &facts, err) < 0 || reserve_with(w, &facts, extra, &all, err) < 0)
		return -1;
	reserve_fold(w->arena, &facts, &before);
	if (reserve_refuse(w, reserve_fold(w->arena, &all, ret_spans), person, "person", err) < 0)
		return -1;
	return still_covered(w, person, ev->incident_no, &before, ret_spans, "person", err);
}

int reserve_joined_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct reserve_joined *d = ev->data;
	const struct reserve_fact extra = { .at = ev->at, .rank = ev->form->rank, .event = ev->id, .joins = true };
	struct list spans;
	if (person_there(w, &d->person, ev->at, "person", err) < 0 ||
	    not_exposed(w, &d->person, ev->at, ev->at + 1, "person", err) < 0)
		return -1;
	return try_reserve(w, ev, &d->person, &extra, &spans, err);
}

/* A reserve is its place's: nobody is taken out of one that the caller has no say in. */
static bool own_reserve(const struct work *w, const struct reserve_span *s)
{
	return s && (w->server || principal_may(w->who, ROLE_COMMANDER | ROLE_OFFICER, s->join->area, w->now));
}

int reserve_left_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct reserve_left *d = ev->data;
	const struct reserve_fact extra = { .at = ev->at, .rank = ev->form->rank, .event = ev->id };
	struct list facts, spans;
	if (reserve_facts(w, &d->person, ev->incident_no, &facts, err) < 0)
		return -1;
	reserve_fold(w->arena, &facts, &spans);
	/* At the very moment of joining there is nothing yet to leave: leavings stand first. */
	if (!own_reserve(w, reserve_at(&spans, ev->at - 1)))
		return refuse_person(w, &ERR_NOT_IN_RESERVE, "person", &d->person, NULL, err);
	return try_reserve(w, ev, &d->person, &extra, &spans, err);
}

int reserve_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct reserve_joined *d = ev->data; /* `person` comes first in both */
	struct list facts, rest, before, after;
	if (reserve_facts(w, &d->person, ev->incident_no, &facts, err) < 0 ||
	    reserve_without(w, &facts, &ev->id, &rest, err) < 0)
		return -1;
	reserve_fold(w->arena, &facts, &before);
	if (reserve_refuse(w, reserve_fold(w->arena, &rest, &after), &d->person, "event", err) < 0)
		return -1;
	return still_covered(w, &d->person, ev->incident_no, &before, &after, "event", err);
}

/* ---- support ---------------------------------------------------------------------------------- */

int support_requested_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct support_requested *d = ev->data;
	return open_site(w, &d->site, ev->at, "site", err);
}

/* Nothing follows a closing; it is refused where help was asked for or sent there after it. */
int duty_closed_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err)
{
	const struct site_closed *d = ev->data;
	int64_t seq;
	(void)emit;
	(void)ctx;
	int rc = db_get_i64(w->db, &SQL_SUPPORT_OF_SITE_SINCE, &seq, err, "ui", &d->site, ev->at);
	return rc <= 0 ? rc : err_set(err, &ERR_LATER_FACTS, "site", "site", NULL);
}

static int support_refuse(struct work *w, enum support_fault fault, const struct uuid *person, const struct uuid *other,
			  const char *field, struct err *err)
{
	struct request r;
	struct site s;
	char where[128] = "?";
	if (fault == SUPPORT_SOUND)
		return 0;
	if (fault != SUPPORT_ELSEWHERE)
		return refuse_person(w, fault == SUPPORT_NOT_THERE ? &ERR_NOT_SENT : &ERR_ARRIVED, field, person, NULL,
				     err);
	if (request_get(w, other, &r, err) == 1 && site_read(w, &r.site, w->now, &s, err) == 1 &&
	    principal_may(w->who, ROLES_ALL_GRANTED, s.place, w->now))
		str_show(s.name, where, sizeof where);
	return refuse_person(w, &ERR_ELSEWHERE, field, person, where, err);
}

static int too_many(int64_t headcount, size_t would_be, const char *field, struct err *err)
{
	char asked[24], be[24];
	snprintf(asked, sizeof asked, "%lld", (long long)headcount);
	snprintf(be, sizeof be, "%zu", would_be);
	return err_set(err, &ERR_TOO_MANY, field, asked, be, NULL);
}

/* One person of an assignment: in the caller's reserve, available, well, free. */
static int may_send(struct work *w, const struct event *ev, const struct uuid *person, const char *field,
		    struct err *err)
{
	const struct support_assigned *d = ev->data;
	int64_t wanted = d->report_by != FIELD_ABSENT && d->report_by > ev->at ? d->report_by : ev->at;
	struct list facts, all, spans;
	struct uuid other = { 0 };
	char when[TIME_TEXT_MAX];
	if (person_there(w, person, ev->at, field, err) < 0 ||
	    reserve_facts(w, person, ev->incident_no, &facts, err) < 0)
		return -1;
	reserve_fold(w->arena, &facts, &spans);
	const struct reserve_span *in = reserve_at(&spans, ev->at);
	if (!own_reserve(w, in))
		return refuse_person(w, &ERR_NOT_IN_RESERVE, field, person, NULL, err);
	if (in->join->available_from > wanted) {
		time_format_local(in->join->available_from, when);
		return refuse_person(w, &ERR_NOT_AVAILABLE, field, person, when, err);
	}
	if (not_exposed(w, person, ev->at, ev->at + 1, field, err) < 0)
		return -1;
	const struct support_fact extra = {
		.at = ev->at, .rank = ev->form->rank, .kind = SUPPORT_ASSIGNED, .event = ev->id, .request = d->request
	};
	if (support_facts(w, person, ev->incident_no, &facts, err) < 0 ||
	    support_with(w, &facts, &extra, &all, err) < 0)
		return -1;
	return support_refuse(w, support_fold(w->arena, &all, &spans, &other), person, &other, field, err);
}

int support_assigned_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct support_assigned *d = ev->data;
	const struct uuid *p = d->persons.items;
	struct request r;
	struct list tenures;
	char field[32];
	if (distinct(&d->persons, err) < 0)
		return -1;
	int rc = request_get(w, &d->request, &r, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "request", "request", NULL);
	if (r.incident_no != ev->incident_no)
		return err_set(err, &ERR_UNKNOWN_THING, "request", "request", NULL);
	if (open_site(w, &r.site, ev->at, "request", err) < 0)
		return -1;
	for (size_t i = 0; i < d->persons.n; i++) {
		if (may_send(w, ev, &p[i], person_field(i, field), err) < 0)
			return -1;
	}
	if (tenures_of_request(w, &d->request, &tenures, err) < 0)
		return -1;
	size_t peak = tenures_peak(&tenures, ev->at, NULL, NULL) + d->persons.n;
	return peak <= (size_t)r.headcount ? 0 : too_many(r.headcount, peak, "persons", err);
}

static int try_support(struct work *w, const struct event *ev, enum support_kind kind, struct err *err)
{
	const struct support_person *d = ev->data;
	const struct support_fact extra = {
		.at = ev->at, .rank = ev->form->rank, .kind = kind, .event = ev->id, .request = d->request
	};
	struct list facts, all, tenures;
	struct uuid other = { 0 };
	if (support_facts(w, &d->person, ev->incident_no, &facts, err) < 0 ||
	    support_with(w, &facts, &extra, &all, err) < 0)
		return -1;
	return support_refuse(w, support_fold(w->arena, &all, &tenures, &other), &d->person, &other, "person", err);
}

int support_arrived_check(struct work *w, const struct event *ev, struct err *err)
{
	return try_support(w, ev, SUPPORT_ARRIVED, err);
}

int support_released_check(struct work *w, const struct event *ev, struct err *err)
{
	return try_support(w, ev, SUPPORT_RELEASED, err);
}

/* What a person's tenures would be, at the requests they touch: never more at once than were asked for. */
static int within_headcount(struct work *w, const struct uuid *person, const struct list *mine, struct err *err)
{
	const struct tenure *t = mine->items;
	for (size_t i = 0; i < mine->n; i++) {
		struct request r;
		struct list others;
		const struct list more = { (void *)&t[i], 1 };
		if (request_get(w, &t[i].request, &r, err) <= 0 ||
		    tenures_of_request(w, &t[i].request, &others, err) < 0)
			return -1;
		size_t peak = tenures_peak(&others, t[i].span.from, person, &more);
		if (peak > (size_t)r.headcount)
			return too_many(r.headcount, peak, "event", err);
	}
	return 0;
}

static int without_fact(struct work *w, const struct event *ev, const struct uuid *person, struct err *err)
{
	struct list facts, rest, tenures;
	struct uuid other = { 0 };
	int64_t left;
	if (support_facts(w, person, ev->incident_no, &facts, err) < 0 ||
	    support_without(w, &facts, &ev->id, &rest, err) < 0 || person_left_at(w, person, &left, err) < 0)
		return -1;
	if (support_refuse(w, support_fold(w->arena, &rest, &tenures, &other), person, &other, "event", err) < 0)
		return -1;
	tenures_cut(&tenures, left);
	return within_headcount(w, person, &tenures, err);
}

int support_assigned_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct support_assigned *d = ev->data;
	const struct uuid *p = d->persons.items;
	for (size_t i = 0; i < d->persons.n; i++) {
		if (without_fact(w, ev, &p[i], err) < 0)
			return -1;
	}
	return 0;
}

int support_person_void(struct work *w, const struct event *ev, struct err *err)
{
	return without_fact(w, ev, &((const struct support_person *)ev->data)->person, err);
}

/* Had the person not left, others may have been sent in the place since. */
int duty_left_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct person_left *d = ev->data;
	struct list incidents;
	if (incidents_of_support(w, &d->person, &incidents, err) < 0)
		return -1;
	const int64_t *no = incidents.items;
	for (size_t i = 0; i < incidents.n; i++) {
		struct list facts, tenures;
		if (support_facts(w, &d->person, no[i], &facts, err) < 0)
			return -1;
		support_fold(w->arena, &facts, &tenures, NULL);
		if (within_headcount(w, &d->person, &tenures, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- shifts ------------------------------------------------------------------------------------- */

/* Rest is remarked, overlap refused. */
static int may_stand(struct work *w, const struct event *ev, const struct uuid *person, const char *field,
		     struct err *err)
{
	const struct shift_planned *d = ev->data;
	struct list stands;
	char when[TIME_TEXT_MAX], name[128];
	if (person_there(w, person, ev->at, field, err) < 0 || not_exposed(w, person, d->from, d->to, field, err) < 0)
		return -1;
	if (stands_of(w, person, ev->incident_no, d->from - REST_MS, d->to + REST_MS, NULL, &stands, err) < 0)
		return -1;
	const struct stand *s = stands.items;
	for (size_t i = 0; i < stands.n; i++) {
		if (s[i].from >= d->to || s[i].to <= d->from)
			continue;
		time_format_local(s[i].from, when);
		return refuse_person(w, &ERR_SHIFT_OVERLAP, field, person, when, err);
	}
	for (size_t i = 0; i < stands.n; i++) {
		struct err warning = { 0 };
		if (duty_name(w, person, name, err) < 0)
			return -1;
		time_format_local(s[i].from, when);
		err_set(&warning, &ERR_SHORT_REST, field, name, when, NULL);
		work_warn(w, &warning);
	}
	return 0;
}

int shift_planned_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct shift_planned *d = ev->data;
	const struct uuid *p = d->persons.items;
	char field[32];
	if (d->to <= d->from || d->to - d->from > SHIFT_MAX)
		return err_set(err, &ERR_FIELD_RANGE, "to", "to", "from < to ≤ from + 24 h", NULL);
	if (distinct(&d->persons, err) < 0 || open_site(w, &d->site, ev->at, "site", err) < 0)
		return -1;
	for (size_t i = 0; i < d->persons.n; i++) {
		if (may_stand(w, ev, &p[i], person_field(i, field), err) < 0)
			return -1;
	}
	return 0;
}
