/* The roster proposed for a site: gathers its people, what they do already, and
 * writes down who might stand when. Nothing is recorded. */
#include "domain/duty/internal.h"
#include "domain/duty/roster.h"
#include "duty.sql.h"

#define AT(type, member) offsetof(struct type, member)
#define DESKS            ((unsigned)ROLE_COMMANDER | ROLE_OFFICER | ROLE_CHECKPOINT)
#define DAYS_MOST        31
#define PEOPLE_MOST      300
#define REQUESTS_MOST    2000
#define RECENT_MS        (14 * DAY_MS) /* who stood here lately may stand here again */

static const struct err_kind ERR_SITE_NEEDED = { "site_needed", 400, "请写明场所“site”",
						 "Say for which site: \"site\" is needed" };

struct planning {
	struct work *w;
	int64_t incident_no, from, to, length, heads;
	struct site site;
	struct uuid *ids;
	size_t n_ids, cap_ids;
	struct roster_person *people;
	size_t n_people;
	struct roster_slot *slots;
	size_t n_slots;
};

/* ---- whom ------------------------------------------------------------------------------- */

static int add_person(struct planning *p, const struct uuid *id, struct err *err)
{
	for (size_t i = 0; i < p->n_ids; i++) {
		if (uuid_eq(&p->ids[i], id))
			return 0;
	}
	if (p->n_ids == PEOPLE_MOST)
		return 0;
	if (!(p->ids = arena_grow(p->w->arena, p->ids, p->n_ids, &p->cap_ids, sizeof *p->ids)))
		return err_kind_set(err, &ERR_NO_MEMORY);
	p->ids[p->n_ids++] = *id;
	return 0;
}

struct shift_ref {
	int64_t since, until, seq;
};

/* Shifts of the site that begin in [from, to). */
static int shifts_between(struct planning *p, int64_t from, int64_t to, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct shift_ref *items = NULL;
	struct uuid nil = { 0 };
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(p->w->db, &SQL_SHIFTS_OF_SITE, &st, err, "uiiiui", &p->site.id, from, to, INT64_MIN + 1, &nil,
		     (int64_t)2000) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (stmt_i64(st, 6) != p->incident_no)
			continue;
		if (!(items = arena_grow(p->w->arena, items, n, &cap, sizeof *items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		items[n++] = (struct shift_ref){ stmt_i64(st, 0), stmt_i64(st, 2), stmt_i64(st, 5) };
	}
	*ret = (struct list){ items, n };
	return rc < 0 ? -1 : 0;
}

static int shift_people(struct planning *p, int64_t seq, const struct shift_planned **ret, struct err *err)
{
	struct event ev;
	if (work_event(p->w, seq, false, &ev, err) <= 0)
		return err_fmt(err, &ERR_STORE_CORRUPT, "a shift's record is missing");
	*ret = ev.data;
	return 0;
}

/* Support that has arrived at one of the site's requests. */
static int add_support(struct planning *p, struct err *err)
{
	struct work *w = p->w;
	struct uuid nil = { 0 };
	struct list rows = { 0 };
	if (requests_of(w, p->incident_no, p->site.place, false, p->site.place - 1, &nil, REQUESTS_MOST, &rows, err) <
	    0)
		return -1;
	const struct request *r = rows.items;
	for (size_t i = 0; i < rows.n; i++) {
		struct list tenures;
		if (!uuid_eq(&r[i].site, &p->site.id))
			continue;
		if (tenures_of_request(w, &r[i].id, &tenures, err) < 0)
			return -1;
		const struct tenure *t = tenures.items;
		for (size_t k = 0; k < tenures.n; k++) {
			if (t[k].span.to > w->now && t[k].arrived != FIELD_ABSENT &&
			    add_person(p, &t[k].person, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int gather_people(struct planning *p, struct err *err)
{
	struct list team, recent;
	if (add_support(p, err) < 0 || people_of_site(p->w, &p->site.id, p->w->now, &team, err) < 0 ||
	    shifts_between(p, p->w->now - RECENT_MS, p->to, &recent, err) < 0)
		return -1;
	const struct uuid *ids = team.items;
	for (size_t i = 0; i < team.n; i++) {
		if (add_person(p, &ids[i], err) < 0)
			return -1;
	}
	const struct shift_ref *s = recent.items;
	for (size_t i = 0; i < recent.n; i++) {
		const struct shift_planned *d = NULL;
		if (shift_people(p, s[i].seq, &d, err) < 0)
			return -1;
		const struct uuid *who = d->persons.items;
		for (size_t k = 0; k < d->persons.n; k++) {
			if (add_person(p, &who[k], err) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- what they do already --------------------------------------------------------------------- */

/* 1 may be asked, 0 not: gone, sent elsewhere, on leave, in quarantine; -1. */
static int may_be_asked(struct planning *p, const struct uuid *id, struct err *err)
{
	struct work *w = p->w;
	struct standing s;
	struct duty_report last;
	struct list tenures;
	struct thing t;
	int rc = person_standing(w, id, w->now, &s, err);
	if (rc <= 0 || !s.there || thing_get(w, id, &t, err) < 0)
		return rc < 0 ? -1 : 0;
	if (!place_within(p->site.place, t.area))
		return 0;
	rc = duty_last(w, id, p->incident_no, w->now, &last, err);
	if (rc < 0 || tenures_of_person(w, id, p->incident_no, &tenures, err) < 0)
		return -1;
	if (rc && (last.status == DUTY_LEAVE || last.status == DUTY_QUARANTINED))
		return 0;
	const struct tenure *x = tenures.items;
	for (size_t i = 0; i < tenures.n; i++) {
		struct request r;
		if (x[i].span.to <= w->now)
			continue;
		if (request_get(w, &x[i].request, &r, err) < 0)
			return -1;
		if (!uuid_eq(&r.site, &p->site.id))
			return 0;
	}
	return 1;
}

/* Slots at some moment of which the person is exposed are not theirs. */
static int fill_away(struct planning *p, struct roster_person *who, struct err *err)
{
	who->away.items = arena_alloc(p->w->arena, (p->n_slots + 1) * sizeof *who->away.items);
	if (!who->away.items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < p->n_slots; i++) {
		const struct roster_slot *s = &p->slots[i];
		int rc = person_exposed_between(p->w, &who->id, s->from, s->to, err);
		if (rc < 0)
			return -1;
		if (rc)
			who->away.items[who->away.n++] = (struct span){ s->from, s->to };
	}
	return 0;
}

static int fill_person(struct planning *p, const struct uuid *id, struct roster_person *ret, struct err *err)
{
	struct list stands;
	if (stands_of(p->w, id, p->incident_no, p->from - REST_MS - SHIFT_MAX, p->to + REST_MS + SHIFT_MAX, NULL,
		      &stands, err) < 0)
		return -1;
	const struct stand *s = stands.items;
	*ret = (struct roster_person){ .id = *id, .room = stands.n + p->n_slots, .last_ended = INT64_MIN };
	ret->busy.items = arena_alloc(p->w->arena, (ret->room + 1) * sizeof *ret->busy.items);
	if (!ret->busy.items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < stands.n; i++) {
		ret->busy.items[ret->busy.n++] = (struct span){ s[i].from, s[i].to };
		if (s[i].from >= p->from && s[i].from < p->to)
			ret->minutes += (s[i].to - s[i].from) / 60000;
		if (s[i].to <= p->from)
			ret->last_ended = s[i].to;
	}
	return fill_away(p, ret, err);
}

static int settle_people(struct planning *p, struct err *err)
{
	p->people = arena_alloc(p->w->arena, (p->n_ids + 1) * sizeof *p->people);
	if (!p->people)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < p->n_ids; i++) {
		int rc = may_be_asked(p, &p->ids[i], err);
		if (rc < 0 || (rc && fill_person(p, &p->ids[i], &p->people[p->n_people++], err) < 0))
			return -1;
	}
	return 0;
}

/* ---- when ------------------------------------------------------------------------------------------ */

/* Slots that have begun are not planned any more; what a standing shift covers whole needs fewer. */
static int make_slots(struct planning *p, struct err *err)
{
	struct list standing;
	size_t most = (size_t)((p->to - p->from) / p->length) + 1;
	p->slots = arena_alloc(p->w->arena, most * sizeof *p->slots);
	if (!p->slots)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (shifts_between(p, p->from - SHIFT_MAX, p->to, &standing, err) < 0)
		return -1;
	const struct shift_ref *s = standing.items;
	for (int64_t from = p->from; from + p->length <= p->to; from += p->length) {
		struct roster_slot slot = { .from = from, .to = from + p->length, .heads = p->heads };
		if (from < p->w->now)
			continue;
		for (size_t i = 0; i < standing.n; i++) {
			const struct shift_planned *d = NULL;
			if (s[i].since > slot.from || s[i].until < slot.to)
				continue;
			if (shift_people(p, s[i].seq, &d, err) < 0)
				return -1;
			slot.heads -= (int64_t)d->persons.n;
		}
		if (slot.heads <= 0)
			continue;
		if (!(slot.who = arena_alloc(p->w->arena, (size_t)slot.heads * sizeof *slot.who)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		p->slots[p->n_slots++] = slot;
	}
	return 0;
}

/* ---- the answer ---------------------------------------------------------------------------------------- */

struct roster_name {
	struct uuid person;
	struct str name;
	int64_t hours;
};

static const struct field ON_SLOT_FIELDS[] = {
	{ "person", FIELD_REF, FIELD_NEEDED, AT(roster_name, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(roster_name, name), .zh = "姓名", .en = "Name" },
};
static struct shape ON_SLOT = { .name = "RosterPerson", SHAPE_OF(ON_SLOT_FIELDS, struct roster_name) };

static const struct field HOURS_FIELDS[] = {
	{ "person", FIELD_REF, FIELD_NEEDED, AT(roster_name, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(roster_name, name), .zh = "姓名", .en = "Name" },
	{ "hours", FIELD_INT, FIELD_NEEDED, AT(roster_name, hours), .zh = "小时", .en = "Hours" },
};
static struct shape ROSTER_HOURS = { .name = "RosterHours", SHAPE_OF(HOURS_FIELDS, struct roster_name) };

struct slot_item {
	int64_t from, to, heads;
	struct list persons;
};

static const struct field SLOT_FIELDS[] = {
	{ "from", FIELD_TIME, FIELD_NEEDED, AT(slot_item, from), .zh = "开始", .en = "From" },
	{ "to", FIELD_TIME, FIELD_NEEDED, AT(slot_item, to), .zh = "结束", .en = "To" },
	{ "persons", FIELD_LIST, FIELD_NEEDED, AT(slot_item, persons), .element = FIELD_OBJECT, .shape = &ON_SLOT,
	  .zh = "人员", .en = "Persons" },
};
static struct shape SLOT_ITEM = { .name = "RosterSlot", SHAPE_OF(SLOT_FIELDS, struct slot_item) };

static const struct field GAP_FIELDS[] = {
	{ "from", FIELD_TIME, FIELD_NEEDED, AT(slot_item, from), .zh = "开始", .en = "From" },
	{ "to", FIELD_TIME, FIELD_NEEDED, AT(slot_item, to), .zh = "结束", .en = "To" },
	{ "heads", FIELD_INT, FIELD_NEEDED, AT(slot_item, heads), .zh = "缺人", .en = "Lacking" },
};
static struct shape GAP_ITEM = { .name = "RosterGap", SHAPE_OF(GAP_FIELDS, struct slot_item) };

struct roster_item {
	struct list items, lacking, hours;
};

static const struct field ROSTER_FIELDS[] = {
	{ "items", FIELD_LIST, FIELD_NEEDED, AT(roster_item, items), .element = FIELD_OBJECT, .shape = &SLOT_ITEM,
	  .zh = "班次", .en = "Shifts" },
	{ "lacking", FIELD_LIST, FIELD_NEEDED, AT(roster_item, lacking), .element = FIELD_OBJECT, .shape = &GAP_ITEM,
	  .zh = "缺人的班次", .en = "Lacking" },
	{ "hours", FIELD_LIST, FIELD_NEEDED, AT(roster_item, hours), .element = FIELD_OBJECT, .shape = &ROSTER_HOURS,
	  .zh = "各人小时", .en = "Hours of each" },
};
struct shape ROSTER_ITEM = { .name = "Roster", SHAPE_OF(ROSTER_FIELDS, struct roster_item) };

static int answer(struct planning *p, struct roster_item *ret, struct err *err)
{
	struct arena *a = p->w->arena;
	struct roster_name *names = arena_alloc(a, (p->n_people + 1) * sizeof *names);
	struct slot_item *items = arena_alloc(a, (p->n_slots + 1) * sizeof *items);
	struct slot_item *gaps = arena_alloc(a, (p->n_slots + 1) * sizeof *gaps);
	size_t n = 0, k = 0;
	if (!names || !items || !gaps)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < p->n_people; i++) {
		names[i] = (struct roster_name){ .person = p->people[i].id, .hours = p->people[i].minutes / 60 };
		if (duty_person(p->w, &p->people[i].id, &names[i].name, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < p->n_slots; i++) {
		const struct roster_slot *s = &p->slots[i];
		struct roster_name *who = arena_alloc(a, (s->n + 1) * sizeof *who);
		if (!who)
			return err_kind_set(err, &ERR_NO_MEMORY);
		for (size_t j = 0; j < s->n; j++)
			who[j] = names[s->who[j]];
		if (s->n)
			items[n++] = (struct slot_item){ s->from, s->to, 0, { who, s->n } };
		if ((int64_t)s->n < s->heads)
			gaps[k++] = (struct slot_item){ s->from, s->to, s->heads - (int64_t)s->n, { 0 } };
	}
	*ret = (struct roster_item){ { items, n }, { gaps, k }, { names, p->n_people } };
	return 0;
}

static int read_query(const struct view_query *q, struct planning *p, struct err *err)
{
	struct work *w = p->w;
	int64_t today = day_of(w->now), first = q->from != FIELD_ABSENT ? q->from : today;
	int64_t last = q->to != FIELD_ABSENT ? q->to : first + 6;
	if (uuid_is_nil(&q->site))
		return err_set(err, &ERR_SITE_NEEDED, "site", NULL);
	if (last < first || last - first >= DAYS_MOST)
		return err_set(err, &ERR_FIELD_RANGE, "to", "to", "from ≤ to, 31 days", NULL);
	int rc = site_read(w, &q->site, w->now, &p->site, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, DESKS, p->site.place, w->now))
		return err_set(err, &ERR_UNKNOWN_THING, "site", "site", NULL);
	p->from = day_start(first);
	p->to = day_start(last + 1);
	p->length = (q->hours > 0 ? q->hours : 8) * HOUR_MS;
	p->heads = q->heads > 0 ? q->heads : 2;
	return duty_incident(w, q, &p->incident_no, err);
}

int roster_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct planning p = { .w = w };
	struct roster_item item;
	if (read_query(q, &p, err) < 0 || make_slots(&p, err) < 0 || gather_people(&p, err) < 0 ||
	    settle_people(&p, err) < 0)
		return -1;
	roster_plan(p.people, p.n_people, p.slots, p.n_slots, REST_MS);
	if (answer(&p, &item, err) < 0)
		return -1;
	return view_item(out, &item, err);
}
