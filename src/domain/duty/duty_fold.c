/* Folds of one person in one incident: times in the reserve, assignments with
 * their contradictions; and what is read of facts, tenures, requests, shifts. */
#include "domain/duty/internal.h"
#include "duty.sql.h"

/* ---- the reserve ------------------------------------------------------------------------- */

int reserve_facts(struct work *w, const struct uuid *person, int64_t incident_no, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct reserve_fact *facts = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_RESERVE_FACTS, &st, err, "ui", person, incident_no) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(facts = arena_grow(w->arena, facts, n, &cap, sizeof *facts)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		facts[n++] = (struct reserve_fact){ .at = stmt_i64(st, 0),
						    .rank = stmt_i64(st, 1),
						    .seq = stmt_i64(st, 2),
						    .event = stmt_uuid(st, 3),
						    .joins = stmt_i64(st, 4) == 1,
						    .available_from = stmt_i64(st, 5),
						    .area = stmt_i64(st, 6),
						    .skills = arena_str(w->arena, stmt_text(st, 7)) };
	}
	*ret = (struct list){ facts, n };
	return rc < 0 ? -1 : 0;
}

enum reserve_fault reserve_fold(struct arena *a, const struct list *facts, struct list *ret)
{
	const struct reserve_fact *f = facts->items;
	struct reserve_span *spans = arena_alloc(a, (facts->n + 1) * sizeof *spans);
	enum reserve_fault fault = RESERVE_SOUND;
	size_t n = 0;
	bool in = false;
	*ret = (struct list){ spans, 0 };
	for (size_t i = 0; spans && i < facts->n; i++) {
		if (f[i].joins == in) {
			fault = in ? RESERVE_TWICE : RESERVE_NOT_IN;
			continue;
		}
		in = f[i].joins;
		if (in)
			spans[n++] = (struct reserve_span){ { f[i].at, INT64_MAX }, &f[i] };
		else
			spans[n - 1].span.to = f[i].at;
	}
	ret->n = n;
	return fault;
}

const struct reserve_span *reserve_at(const struct list *spans, int64_t at)
{
	const struct reserve_span *s = spans->items;
	for (size_t i = 0; i < spans->n; i++) {
		if (s[i].span.from <= at && at < s[i].span.to)
			return &s[i];
	}
	return NULL;
}

/* ---- fold order -------------------------------------------------------------------------------- */

static bool before(int64_t at, int64_t rank, const struct uuid *id, int64_t at2, int64_t rank2, const struct uuid *id2)
{
	if (at != at2)
		return at < at2;
	return rank != rank2 ? rank < rank2 : memcmp(id->b, id2->b, sizeof id->b) < 0;
}

int reserve_with(struct work *w, const struct list *facts, const struct reserve_fact *x, struct list *ret,
		 struct err *err)
{
	const struct reserve_fact *f = facts->items;
	struct reserve_fact *all = arena_alloc(w->arena, (facts->n + 1) * sizeof *all);
	size_t k = 0;
	if (!all)
		return err_kind_set(err, &ERR_NO_MEMORY);
	while (k < facts->n && before(f[k].at, f[k].rank, &f[k].event, x->at, x->rank, &x->event)) {
		all[k] = f[k];
		k++;
	}
	all[k] = *x;
	for (; k < facts->n; k++)
		all[k + 1] = f[k];
	*ret = (struct list){ all, facts->n + 1 };
	return 0;
}

int reserve_without(struct work *w, const struct list *facts, const struct uuid *event, struct list *ret,
		    struct err *err)
{
	const struct reserve_fact *f = facts->items;
	struct reserve_fact *rest = arena_alloc(w->arena, (facts->n + 1) * sizeof *rest);
	size_t n = 0;
	if (!rest)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < facts->n; i++) {
		if (!uuid_eq(&f[i].event, event))
			rest[n++] = f[i];
	}
	*ret = (struct list){ rest, n };
	return 0;
}

int support_with(struct work *w, const struct list *facts, const struct support_fact *x, struct list *ret,
		 struct err *err)
{
	const struct support_fact *f = facts->items;
	struct support_fact *all = arena_alloc(w->arena, (facts->n + 1) * sizeof *all);
	size_t k = 0;
	if (!all)
		return err_kind_set(err, &ERR_NO_MEMORY);
	while (k < facts->n && before(f[k].at, f[k].rank, &f[k].event, x->at, x->rank, &x->event)) {
		all[k] = f[k];
		k++;
	}
	all[k] = *x;
	for (; k < facts->n; k++)
		all[k + 1] = f[k];
	*ret = (struct list){ all, facts->n + 1 };
	return 0;
}

int support_without(struct work *w, const struct list *facts, const struct uuid *event, struct list *ret,
		    struct err *err)
{
	const struct support_fact *f = facts->items;
	struct support_fact *rest = arena_alloc(w->arena, (facts->n + 1) * sizeof *rest);
	size_t n = 0;
	if (!rest)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < facts->n; i++) {
		if (!uuid_eq(&f[i].event, event))
			rest[n++] = f[i];
	}
	*ret = (struct list){ rest, n };
	return 0;
}

/* ---- assignments ------------------------------------------------------------------------------- */

int support_facts(struct work *w, const struct uuid *person, int64_t incident_no, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct support_fact *facts = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_SUPPORT_FACTS, &st, err, "ui", person, incident_no) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(facts = arena_grow(w->arena, facts, n, &cap, sizeof *facts)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		facts[n++] = (struct support_fact){ .at = stmt_i64(st, 0),
						    .rank = stmt_i64(st, 1),
						    .seq = stmt_i64(st, 2),
						    .kind = stmt_i64(st, 3),
						    .report_by = stmt_i64(st, 4),
						    .again = stmt_i64(st, 5),
						    .event = stmt_uuid(st, 6),
						    .request = stmt_uuid(st, 7) };
	}
	*ret = (struct list){ facts, n };
	return rc < 0 ? -1 : 0;
}

enum support_fault support_fold(struct arena *a, const struct list *facts, struct list *ret, struct uuid *ret_other)
{
	const struct support_fact *f = facts->items;
	struct tenure *tenures = arena_alloc(a, (facts->n + 1) * sizeof *tenures), *now = NULL;
	enum support_fault fault = SUPPORT_SOUND;
	size_t n = 0;
	for (size_t i = 0; tenures && i < facts->n; i++) {
		bool here = now && uuid_eq(&now->request, &f[i].request);
		if (f[i].kind == SUPPORT_ASSIGNED && !now) {
			now = &tenures[n++];
			*now = (struct tenure){ .request = f[i].request,
						.span = { f[i].at, INT64_MAX },
						.report_by = f[i].report_by,
						.arrived = FIELD_ABSENT,
						.again = FIELD_ABSENT,
						.seq = f[i].seq };
		} else if (f[i].kind == SUPPORT_ASSIGNED) {
			fault = SUPPORT_ELSEWHERE;
			if (ret_other)
				*ret_other = now->request;
		} else if (!here) {
			fault = SUPPORT_NOT_THERE;
		} else if (f[i].kind == SUPPORT_RELEASED) {
			now->span.to = f[i].at;
			now->again = f[i].again;
			now = NULL;
		} else if (now->arrived != FIELD_ABSENT) {
			fault = SUPPORT_HERE_ALREADY;
		} else {
			now->arrived = f[i].at;
		}
	}
	*ret = (struct list){ tenures, n };
	return fault;
}

void tenures_cut(struct list *tenures, int64_t left)
{
	struct tenure *t = tenures->items;
	size_t n = 0;
	for (size_t i = 0; i < tenures->n; i++) {
		if (t[i].span.from >= left)
			continue;
		if (t[i].span.to > left) {
			t[i].span.to = left;
			t[i].again = 1;
		}
		if (t[i].arrived != FIELD_ABSENT && t[i].arrived >= left)
			t[i].arrived = FIELD_ABSENT;
		t[n++] = t[i];
	}
	tenures->n = n;
}

bool tenure_takes(const struct tenure *t)
{
	return t->span.to == INT64_MAX || (t->arrived != FIELD_ABSENT && t->again != 1);
}

static int read_tenures(struct work *w, struct stmt *st, struct list *ret, struct err *err)
{
	struct tenure *tenures = NULL;
	size_t n = 0, cap = 0;
	int rc;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t until = stmt_i64(st, 3);
		if (!(tenures = arena_grow(w->arena, tenures, n, &cap, sizeof *tenures)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		tenures[n++] = (struct tenure){ .request = stmt_uuid(st, 0),
						.person = stmt_uuid(st, 1),
						.span = { stmt_i64(st, 2), until == FIELD_ABSENT ? INT64_MAX : until },
						.report_by = stmt_i64(st, 4),
						.arrived = stmt_i64(st, 5),
						.again = stmt_i64(st, 6),
						.seq = stmt_i64(st, 7),
						.incident_no = stmt_i64(st, 8) };
	}
	*ret = (struct list){ tenures, n };
	return rc < 0 ? -1 : 0;
}

int tenures_of_request(struct work *w, const struct uuid *request, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_TENURES_OF_REQUEST, &st, err, "u", request) < 0)
		return -1;
	return read_tenures(w, st, ret, err);
}

int tenures_of_person(struct work *w, const struct uuid *person, int64_t incident_no, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_TENURES_OF_PERSON, &st, err, "ui", person, incident_no) < 0)
		return -1;
	return read_tenures(w, st, ret, err);
}

static size_t live_at(const struct list *tenures, int64_t at, const struct uuid *without)
{
	const struct tenure *t = tenures->items;
	size_t n = 0;
	for (size_t i = 0; i < tenures->n; i++)
		n += t[i].span.from <= at && at < t[i].span.to && !(without && uuid_eq(&t[i].person, without));
	return n;
}

/* The count rises only where a tenure begins. */
size_t tenures_peak(const struct list *tenures, int64_t from, const struct uuid *without, const struct list *more)
{
	const struct list none = { NULL, 0 }, *lists[] = { tenures, more ? more : &none };
	size_t peak = live_at(tenures, from, without) + live_at(lists[1], from, NULL);
	for (size_t k = 0; k < 2; k++) {
		const struct tenure *t = lists[k]->items;
		for (size_t i = 0; i < lists[k]->n; i++) {
			if (t[i].span.from <= from)
				continue;
			size_t n = live_at(tenures, t[i].span.from, without) + live_at(lists[1], t[i].span.from, NULL);
			peak = n > peak ? n : peak;
		}
	}
	return peak;
}

/* ---- reports, requests, shifts -------------------------------------------------------------------- */

int duty_last(struct work *w, const struct uuid *person, int64_t incident_no, int64_t at, struct duty_report *ret,
	      struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_DUTY_FACT_LAST, &st, err, "uii", person, incident_no, at) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct duty_report){ .at = stmt_i64(st, 0),
					     .status = stmt_i64(st, 1),
					     .seq = stmt_i64(st, 2),
					     .area = stmt_i64(st, 3),
					     .event = stmt_uuid(st, 4),
					     .site = stmt_uuid(st, 5),
					     .shift = stmt_uuid(st, 6) };
	return rc;
}

int request_get(struct work *w, const struct uuid *id, struct request *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_REQUEST_GET, &st, err, "u", id) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct request){ .id = *id,
					 .site = stmt_uuid(st, 0),
					 .area = stmt_i64(st, 1),
					 .incident_no = stmt_i64(st, 2),
					 .headcount = stmt_i64(st, 3),
					 .at = stmt_i64(st, 4),
					 .needed_by = stmt_i64(st, 5),
					 .taken = stmt_i64(st, 6),
					 .seq = stmt_i64(st, 7) };
	return rc;
}

int request_read(struct work *w, int64_t seq, const struct support_requested **ret, struct err *err)
{
	struct event ev;
	int rc = work_event(w, seq, false, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a request's record is missing");
	*ret = ev.data;
	return 0;
}

int stands_of(struct work *w, const struct uuid *person, int64_t incident_no, int64_t from, int64_t to,
	      const struct uuid *without, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct stand *stands = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_STANDS_OF, &st, err, "uiii", person, incident_no, from - SHIFT_MAX, to) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct uuid shift = stmt_uuid(st, 2);
		if (stmt_i64(st, 1) <= from || (without && uuid_eq(&shift, without)))
			continue;
		if (!(stands = arena_grow(w->arena, stands, n, &cap, sizeof *stands)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		stands[n++] = (struct stand){ shift,           stmt_uuid(st, 3), *person,
					      stmt_i64(st, 4), stmt_i64(st, 0),  stmt_i64(st, 1) };
	}
	*ret = (struct list){ stands, n };
	return rc < 0 ? -1 : 0;
}

static int incidents(struct work *w, const struct sql *q, const struct uuid *person, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t *items = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, q, &st, err, "u", person) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(items = arena_grow(w->arena, items, n, &cap, sizeof *items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		items[n++] = stmt_i64(st, 0);
	}
	*ret = (struct list){ items, n };
	return rc < 0 ? -1 : 0;
}

int incidents_of_reserve(struct work *w, const struct uuid *person, struct list *ret, struct err *err)
{
	return incidents(w, &SQL_RESERVE_FACT_INCIDENTS, person, ret, err);
}

int incidents_of_support(struct work *w, const struct uuid *person, struct list *ret, struct err *err)
{
	return incidents(w, &SQL_SUPPORT_FACT_INCIDENTS, person, ret, err);
}

int incidents_of_reports(struct work *w, const struct uuid *person, struct list *ret, struct err *err)
{
	return incidents(w, &SQL_DUTY_FACT_INCIDENTS, person, ret, err);
}

int duty_incident(struct work *w, const struct view_query *q, int64_t *ret, struct err *err)
{
	struct thing t;
	if (uuid_is_nil(&q->incident))
		return incident_default(w, ret, err) < 0 ? -1 : 0;
	int rc = thing_get(w, &q->incident, &t, err);
	if (rc < 0)
		return -1;
	if (!rc || !str_is(t.kind, THING_INCIDENT))
		return err_set(err, &ERR_UNKNOWN_THING, "incident", "incident", NULL);
	*ret = t.seq;
	return 0;
}

/* Does the caller work at a place below, to which people of the place may be sent? */
static bool works_below(const struct work *w, place_t place)
{
	const unsigned none = (unsigned)ROLE_AUDITOR | ROLE_ADMIN;
	for (size_t i = 0; w->who && i < w->who->n_grants; i++) {
		const struct grant *g = &w->who->grants[i];
		if (!(g->role & none) && (g->until == FIELD_ABSENT || g->until > w->now) &&
		    place_within(g->place, place))
			return true;
	}
	return false;
}

int duty_person(struct work *w, const struct uuid *person, struct str *ret, struct err *err)
{
	struct person p;
	if (person_name(w, person, ret, err) < 0)
		return -1;
	if (ret->ptr && ret->len)
		return 0;
	int rc = person_read(w, person, &p, err);
	if (rc == 1 && works_below(w, p.place))
		*ret = mask_name(w->arena, p.name);
	return rc < 0 ? -1 : 0;
}

int duty_name(struct work *w, const struct uuid *person, char out[128], struct err *err)
{
	struct str name;
	if (duty_person(w, person, &name, err) < 0)
		return -1;
	if (!name.ptr || !name.len || !str_copy(name, out, 128)) {
		uuid_format(person, out);
		out[UUID_TEXT] = 0;
	}
	return 0;
}
