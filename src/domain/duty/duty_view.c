/* The muster read: who is on post and who should be, shifts, handing over; and
 * the module's list of views. Reserve and requests are in reserve_view.c. */
#include <stdio.h>

#include "domain/duty/internal.h"
#include "duty.sql.h"

#define AT(type, member) offsetof(struct type, member)
#define WATCHERS         ((unsigned)ROLE_COMMANDER | ROLE_OFFICER | ROLE_ORGANISATION | ROLE_CHECKPOINT | ROLE_AUDITOR)
#define DESKS            ((unsigned)ROLE_COMMANDER | ROLE_OFFICER | ROLE_CHECKPOINT)

/* ---- who is on post --------------------------------------------------------------------- */

struct post_item {
	struct uuid person, site, shift;
	struct str name, unit, place_name, site_name;
	int64_t category, place, status, since, expected, exposed;
};

static const struct field POST_FIELDS[] = {
	{ "person", FIELD_REF, FIELD_NEEDED, AT(post_item, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(post_item, name), .zh = "姓名", .en = "Name" },
	{ "category", FIELD_ENUM, FIELD_NEEDED, AT(post_item, category), .values = CATEGORY_NAMES,
	  .values_zh = CATEGORY_NAMES_ZH, .zh = "类别", .en = "Category" },
	{ "unit", FIELD_TEXT, 0, AT(post_item, unit), .zh = "单位", .en = "Unit" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(post_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(post_item, place_name), .zh = "地名", .en = "Place name" },
	{ "status", FIELD_ENUM, 0, AT(post_item, status), .values = DUTY_STATUSES, .values_zh = DUTY_STATUSES_ZH,
	  .zh = "状态", .en = "Status" },
	{ "since", FIELD_TIME, 0, AT(post_item, since), .zh = "自", .en = "Since" },
	{ "site", FIELD_REF, 0, AT(post_item, site), .thing = THING_SITE, .zh = "场所", .en = "Site" },
	{ "site_name", FIELD_TEXT, 0, AT(post_item, site_name), .zh = "场所名称", .en = "Site name" },
	{ "expected", FIELD_BOOL, FIELD_NEEDED, AT(post_item, expected), .zh = "应在岗", .en = "Should be on post" },
	{ "shift", FIELD_REF, 0, AT(post_item, shift), .thing = THING_SHIFT, .zh = "班次", .en = "Shift" },
	{ "exposed", FIELD_BOOL, FIELD_NEEDED, AT(post_item, exposed), .zh = "有接触史", .en = "Exposed" },
};
struct shape POST_ITEM = { .name = "DutyPost", SHAPE_OF(POST_FIELDS, struct post_item) };

/* One person at one place at a moment. */
struct post {
	place_t area;
	struct uuid person;
	bool reported, here, expected; /* here: the report was made at this place */
	struct duty_report last;
	struct uuid site, shift; /* expected there */
};

/* Should the person be at the place then: by a shift, or by an assignment that has been taken up. */
static int expect(struct work *w, int64_t incident_no, int64_t at, struct post *p, struct err *err)
{
	struct list stands, tenures;
	if (stands_of(w, &p->person, incident_no, at, at + 1, NULL, &stands, err) < 0)
		return -1;
	const struct stand *s = stands.items;
	for (size_t i = 0; i < stands.n; i++) {
		if (s[i].area != p->area)
			continue;
		p->expected = true;
		p->site = s[i].site;
		p->shift = s[i].shift;
		return 0;
	}
	if (tenures_of_person(w, &p->person, incident_no, &tenures, err) < 0)
		return -1;
	const struct tenure *t = tenures.items;
	for (size_t i = 0; i < tenures.n; i++) {
		struct request r;
		if (t[i].arrived == FIELD_ABSENT || at < t[i].arrived || at >= t[i].span.to)
			continue;
		if (request_get(w, &t[i].request, &r, err) < 0)
			return -1;
		if (r.area != p->area)
			continue;
		p->expected = true;
		p->site = r.site;
	}
	return 0;
}

/* 1 a person of the place, 0 one who had left by then, -1. */
static int fill_post(struct work *w, int64_t incident_no, int64_t at, struct post *p, struct err *err)
{
	int64_t left;
	if (person_left_at(w, &p->person, &left, err) < 0)
		return -1;
	if (left <= at)
		return 0;
	int rc = duty_last(w, &p->person, incident_no, at, &p->last, err);
	if (rc < 0)
		return -1;
	p->reported = rc == 1;
	p->here = rc == 1 && p->last.area == p->area;
	return expect(w, incident_no, at, p, err) < 0 ? -1 : 1;
}

static bool on_post(const struct post *p)
{
	return p->here && p->last.status == DUTY_ON_POST;
}

/* People that matter at a place or below, in order of (place, id): the next page of them. */
static int posts_page(struct work *w, int64_t incident_no, place_t place, place_t after, const struct uuid *after_id,
		      int64_t limit, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct post *posts = arena_alloc(w->arena, (size_t)limit * sizeof *posts);
	size_t n = 0;
	int rc;
	if (!posts)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (db_start(w->db, &SQL_DUTY_PLACES, &st, err, "iiiiui", incident_no, place, place + place_span(place), after,
		     after_id, limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		posts[n++] = (struct post){ .area = stmt_i64(st, 0), .person = stmt_uuid(st, 1) };
	*ret = (struct list){ posts, n };
	return rc < 0 ? -1 : 0;
}

static int put_post(struct work *w, const struct post *p, int64_t at, struct view_out *out, struct err *err)
{
	struct person who = { 0 };
	struct site site;
	struct post_item item = { .person = p->person,
				  .place = p->area,
				  .status = p->reported ? p->last.status : FIELD_ABSENT,
				  .since = p->reported ? p->last.at : FIELD_ABSENT,
				  .site = on_post(p) && !uuid_is_nil(&p->last.site) ? p->last.site : p->site,
				  .expected = p->expected,
				  .shift = p->shift };
	int exposed = person_exposed_at(w, &p->person, at, err);
	if (exposed < 0 || person_read(w, &p->person, &who, err) < 0 || duty_person(w, &p->person, &item.name, err) < 0)
		return -1;
	item.exposed = exposed;
	item.category = who.category;
	item.unit = who.unit;
	item.place_name = place_name(w, p->area, INT64_MAX);
	if (!uuid_is_nil(&item.site)) {
		int rc = site_read(w, &item.site, at, &site, err);
		if (rc < 0)
			return -1;
		item.site_name = rc ? site.name : STR_NONE;
	}
	return view_item(out, &item, err);
}

enum which_posts { POSTS_ALL, POSTS_ON, POSTS_ABSENT };

static int which_posts(struct str kind, enum which_posts *ret, struct err *err)
{
	*ret = str_is(kind, "on_post") ? POSTS_ON : str_is(kind, "absent") ? POSTS_ABSENT : POSTS_ALL;
	if (*ret == POSTS_ALL && kind.ptr && !str_is(kind, "all"))
		return err_set(err, &ERR_FIELD_RANGE, "kind", "kind", "on_post, absent, all", NULL);
	return 0;
}

/* A page looks at so many people, so it may come out short and go on by `next`. */
int posts_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	place_t after = -1;
	struct uuid after_id = { 0 };
	enum which_posts which;
	struct list list;
	int64_t incident_no;
	if (which_posts(q->kind, &which, err) < 0 || duty_incident(w, q, &incident_no, err) < 0)
		return -1;
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (posts_page(w, incident_no, q->place, after, &after_id, q->limit, &list, err) < 0)
		return -1;
	struct post *p = list.items;
	for (size_t i = 0; i < list.n; i++) {
		int rc = fill_post(w, incident_no, q->at, &p[i], err);
		if (rc < 0)
			return -1;
		bool shown = which == POSTS_ON       ? on_post(&p[i])
			     : which == POSTS_ABSENT ? p[i].expected && !on_post(&p[i])
						     : p[i].here || p[i].expected;
		if (rc && shown && put_post(w, &p[i], q->at, out, err) < 0)
			return -1;
	}
	if ((int64_t)list.n == q->limit)
		view_next(out, view_cursor(w->arena, p[list.n - 1].area, &p[list.n - 1].person));
	return 0;
}

/* ---- the muster in numbers ------------------------------------------------------------------ */

struct muster_item {
	int64_t place, on_post, leaders_on_post, absent, quarantined, on_leave;
	struct str place_name;
};

static const struct field MUSTER_FIELDS[] = {
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(muster_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(muster_item, place_name), .zh = "地名", .en = "Place name" },
	{ "on_post", FIELD_INT, FIELD_NEEDED, AT(muster_item, on_post), .zh = "在岗", .en = "On post" },
	{ "leaders_on_post", FIELD_INT, FIELD_NEEDED, AT(muster_item, leaders_on_post), .zh = "在岗领导",
	  .en = "Leaders on post" },
	{ "absent", FIELD_INT, FIELD_NEEDED, AT(muster_item, absent), .zh = "应到未到",
	  .en = "Expected but not on post" },
	{ "quarantined", FIELD_INT, FIELD_NEEDED, AT(muster_item, quarantined), .zh = "隔离", .en = "Quarantined" },
	{ "on_leave", FIELD_INT, FIELD_NEEDED, AT(muster_item, on_leave), .zh = "请假", .en = "On leave" },
};
struct shape MUSTER_ITEM = { .name = "DutySummary", SHAPE_OF(MUSTER_FIELDS, struct muster_item) };

struct muster {
	struct work *w;
	struct muster_item *items; /* the place itself, then the divisions directly below in order of code */
	size_t n, cap;
};

static int add_division(void *ctx, const struct division *d, struct err *err)
{
	struct muster *m = ctx;
	if (!(m->items = arena_grow(m->w->arena, m->items, m->n, &m->cap, sizeof *m->items)))
		return err_kind_set(err, &ERR_NO_MEMORY);
	m->items[m->n++] = (struct muster_item){ .place = d->code, .place_name = d->name };
	return 0;
}

static int count_post(struct work *w, const struct post *p, int64_t at, struct muster_item *item, struct err *err)
{
	struct standing s;
	item->absent += p->expected && !on_post(p);
	if (!p->here)
		return 0;
	item->on_post += p->last.status == DUTY_ON_POST;
	item->quarantined += p->last.status == DUTY_QUARANTINED;
	item->on_leave += p->last.status == DUTY_LEAVE;
	if (p->last.status != DUTY_ON_POST)
		return 0;
	if (person_standing(w, &p->person, at, &s, err) < 0)
		return -1;
	item->leaders_on_post += s.category == CATEGORY_LEADER;
	return 0;
}

#define MUSTER_PAGE 500

int muster_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct muster m = { .w = w };
	const struct division self = { .code = q->place, .name = place_name(w, q->place, INT64_MAX) };
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct list list;
	int64_t incident_no;
	size_t below = 1;
	if (duty_incident(w, q, &incident_no, err) < 0 || add_division(&m, &self, err) < 0 ||
	    divisions_below(w, q->place, -1, 1000, add_division, &m, err) < 0)
		return -1;
	do {
		if (posts_page(w, incident_no, q->place, after, &after_id, MUSTER_PAGE, &list, err) < 0)
			return -1;
		struct post *p = list.items;
		for (size_t i = 0; i < list.n; i++) {
			int rc = fill_post(w, incident_no, q->at, &p[i], err);
			if (rc < 0 || (rc && count_post(w, &p[i], q->at, &m.items[0], err) < 0))
				return -1;
			while (below < m.n && m.items[below].place + place_span(m.items[below].place) <= p[i].area)
				below++;
			if (rc && below < m.n && place_within(p[i].area, m.items[below].place) &&
			    count_post(w, &p[i], q->at, &m.items[below], err) < 0)
				return -1;
			after = p[i].area;
			after_id = p[i].person;
		}
	} while (list.n == MUSTER_PAGE);
	for (size_t i = 0; i < m.n; i++) {
		if (view_item(out, &m.items[i], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- shifts ---------------------------------------------------------------------------------- */

struct shift_person {
	struct uuid person;
	struct str name;
	int64_t status;
};

static const struct field SHIFT_PERSON_FIELDS[] = {
	{ "person", FIELD_REF, FIELD_NEEDED, AT(shift_person, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(shift_person, name), .zh = "姓名", .en = "Name" },
	{ "status", FIELD_ENUM, 0, AT(shift_person, status), .values = DUTY_STATUSES, .values_zh = DUTY_STATUSES_ZH,
	  .zh = "状态", .en = "Status" },
};
static struct shape SHIFT_PERSON = { .name = "ShiftPerson", SHAPE_OF(SHIFT_PERSON_FIELDS, struct shift_person) };

struct shift_item {
	struct uuid id, site;
	struct str site_name;
	int64_t from, to;
	struct list persons, history;
};

static const struct field SHIFT_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(shift_item, id), .thing = THING_SHIFT, .zh = "编号", .en = "Id" },
	{ "site", FIELD_REF, FIELD_NEEDED, AT(shift_item, site), .thing = THING_SITE, .zh = "场所", .en = "Site" },
	{ "site_name", FIELD_TEXT, FIELD_NEEDED, AT(shift_item, site_name), .zh = "场所名称", .en = "Site name" },
	{ "from", FIELD_TIME, FIELD_NEEDED, AT(shift_item, from), .zh = "开始", .en = "From" },
	{ "to", FIELD_TIME, FIELD_NEEDED, AT(shift_item, to), .zh = "结束", .en = "To" },
	{ "persons", FIELD_LIST, FIELD_NEEDED, AT(shift_item, persons), .element = FIELD_OBJECT, .shape = &SHIFT_PERSON,
	  .zh = "人员", .en = "Persons" },
	{ "history", FIELD_LIST, 0, AT(shift_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
struct shape SHIFT_ITEM = { .name = "Shift", SHAPE_OF(SHIFT_FIELDS, struct shift_item) };

/* A status counts for a shift from two hours before it begins. */
static int fill_shift(struct work *w, int64_t seq, struct shift_item *item, struct err *err)
{
	struct event ev;
	struct site site;
	if (work_event(w, seq, false, &ev, err) <= 0)
		return err_fmt(err, &ERR_STORE_CORRUPT, "a shift's record is missing");
	const struct shift_planned *d = ev.data;
	const struct uuid *p = d->persons.items;
	struct shift_person *people = arena_alloc(w->arena, (d->persons.n + 1) * sizeof *people);
	*item = (struct shift_item){ .id = d->id, .site = d->site, .from = d->from, .to = d->to };
	if (!people)
		return err_kind_set(err, &ERR_NO_MEMORY);
	int rc = site_read(w, &d->site, w->now, &site, err);
	if (rc < 0)
		return -1;
	item->site_name = rc ? site.name : STR("");
	for (size_t i = 0; i < d->persons.n; i++) {
		struct duty_report last;
		int64_t upto = d->to - 1 < w->now ? d->to - 1 : w->now;
		people[i] = (struct shift_person){ .person = p[i], .status = FIELD_ABSENT };
		rc = duty_last(w, &p[i], ev.incident_no, upto, &last, err);
		if (rc < 0 || duty_person(w, &p[i], &people[i].name, err) < 0)
			return -1;
		if (rc && last.at >= d->from - 2 * HOUR_MS)
			people[i].status = last.status;
	}
	item->persons = (struct list){ people, d->persons.n };
	return 0;
}

/* Pages run by (start, id); the cursor holds the start where others hold a place. */
static struct str time_cursor(struct work *w, int64_t at, const struct uuid *id)
{
	char text[24 + UUID_TEXT];
	int n = snprintf(text, 24, "%lld:", (long long)at);
	uuid_format(id, text + n);
	return arena_str(w->arena, (struct str){ text, (size_t)n + UUID_TEXT });
}

static int time_cursor_parse(struct str after, int64_t *ret_at, struct uuid *ret_id, struct err *err)
{
	const char *colon = after.ptr ? memchr(after.ptr, ':', after.len) : NULL;
	size_t len = colon ? (size_t)(colon - after.ptr) : 0;
	if (colon && str_to_i64((struct str){ after.ptr, len }, ret_at) &&
	    uuid_parse((struct str){ colon + 1, after.len - len - 1 }, ret_id))
		return 0;
	return err_set(err, &ERR_FIELD_FORM, "after", "after", "next", NULL);
}

/* A site out of the caller's territory reads as absent. */
static int own_site(struct work *w, const struct uuid *id, unsigned roles, struct site *ret, struct err *err)
{
	int rc = site_read(w, id, w->now, ret, err);
	if (rc < 0)
		return -1;
	return rc && principal_may(w->who, roles, ret->place, w->now)
		   ? 0
		   : err_set(err, &ERR_UNKNOWN_THING, "site", "site", NULL);
}

struct shift_row {
	int64_t since, seq;
	struct uuid id;
	place_t area;
};

int shifts_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct shift_row *rows = arena_alloc(w->arena, (size_t)q->limit * sizeof *rows);
	int64_t from = day_start(q->from != FIELD_ABSENT ? q->from : day_of(w->now) - 1);
	int64_t to = q->to != FIELD_ABSENT ? day_start(q->to + 1) : from + 15 * DAY_MS;
	int64_t after = INT64_MIN, incident_no, n = 0;
	struct uuid after_id = { 0 };
	struct site site;
	bool of_site = !uuid_is_nil(&q->site);
	int rc;
	if (!rows)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (duty_incident(w, q, &incident_no, err) < 0 || (of_site && own_site(w, &q->site, WATCHERS, &site, err) < 0))
		return -1;
	if (q->after.ptr && time_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		rc = of_site ? db_start(w->db, &SQL_SHIFTS_OF_SITE, &st, err, "uiiiui", &q->site, from, to, after,
					&after_id, q->limit)
			     : db_start(w->db, &SQL_SHIFTS_OF_TIME, &st, err, "iiiiui", incident_no, from, to, after,
					&after_id, q->limit);
		if (rc < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1)
			rows[n++] =
			    (struct shift_row){ stmt_i64(st, 0), stmt_i64(st, 5), stmt_uuid(st, 1), stmt_i64(st, 3) };
		if (rc < 0)
			return -1;
	}
	for (int64_t i = 0; i < n; i++) {
		struct shift_item item;
		if (!of_site && !place_within(rows[i].area, q->place))
			continue;
		if (fill_shift(w, rows[i].seq, &item, err) < 0 || view_item(out, &item, err) < 0)
			return -1;
	}
	if (n == q->limit)
		view_next(out, time_cursor(w, rows[n - 1].since, &rows[n - 1].id));
	return 0;
}

int shift_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct thing t;
	struct uuid id;
	struct shift_item item;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = thing_get(w, &id, &t, err);
	if (rc < 0)
		return -1;
	if (!rc || !str_is(t.kind, THING_SHIFT) || !principal_may(w->who, WATCHERS, t.area, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (fill_shift(w, t.seq, &item, err) < 0 || thing_history(w, &id, &item.history, err) < 0)
		return -1;
	return view_item(out, &item, err);
}

/* ---- handing over --------------------------------------------------------------------------- */

struct handover_item {
	int64_t at, masked;
	struct uuid person;
	struct str name, text;
};

static const struct field HANDOVER_FIELDS[] = {
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(handover_item, at), .zh = "时间", .en = "At" },
	{ "person", FIELD_REF, FIELD_NEEDED, AT(handover_item, person), .thing = THING_PERSON, .zh = "交班人",
	  .en = "Handed over by" },
	{ "name", FIELD_TEXT, 0, AT(handover_item, name), .zh = "姓名", .en = "Name" },
	{ "text", FIELD_TEXT, 0, AT(handover_item, text), .zh = "交接事项", .en = "Note" },
	{ "masked", FIELD_BOOL, FIELD_NEEDED, AT(handover_item, masked), .zh = "已遮盖", .en = "Masked" },
};
struct shape HANDOVER_ITEM = { .name = "Handover", SHAPE_OF(HANDOVER_FIELDS, struct handover_item) };

#define OWN_SHIFT_MS (36 * HOUR_MS) /* a shift and the day after it */

static int put_handover(struct work *w, const struct site *site, int64_t seq, struct view_out *out, struct err *err)
{
	struct event ev;
	if (work_event(w, seq, true, &ev, err) <= 0)
		return err_fmt(err, &ERR_STORE_CORRUPT, "a report's record is missing");
	const struct duty_reported *d = ev.data;
	struct handover_item item = { .at = ev.at, .person = d->person };
	bool theirs = principal_may(w->who, ROLE_CHECKPOINT, site->place, w->now) && w->now - ev.at < OWN_SHIFT_MS;
	item.masked = reveal_if(w, site->place, theirs) != REVEAL_FULL;
	item.text = item.masked ? STR_NONE : d->handover;
	if (duty_person(w, &d->person, &item.name, err) < 0)
		return -1;
	return view_item(out, &item, err);
}

/* The latest first. */
int handovers_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct shift_row *rows = arena_alloc(w->arena, (size_t)q->limit * sizeof *rows);
	int64_t after = INT64_MAX, n = 0;
	struct uuid after_id = { 0 };
	struct site site;
	if (!rows)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (own_site(w, &q->site, DESKS | ROLE_AUDITOR, &site, err) < 0)
		return -1;
	if (q->after.ptr && time_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int rc;
		if (db_start(w->db, &SQL_DUTY_HANDOVERS, &st, err, "uiui", &q->site, after, &after_id, q->limit) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1)
			rows[n++] = (struct shift_row){ stmt_i64(st, 0), stmt_i64(st, 2), stmt_uuid(st, 1), 0 };
		if (rc < 0)
			return -1;
	}
	for (int64_t i = 0; i < n; i++) {
		if (put_handover(w, &site, rows[i].seq, out, err) < 0)
			return -1;
	}
	if (n == q->limit)
		view_next(out, time_cursor(w, rows[n - 1].since, &rows[n - 1].id));
	return 0;
}

/* ---- all views ---------------------------------------------------------------------------------- */

const struct view DUTY_VIEWS[DUTY_N_VIEWS] = {
	{ "/api/v1/duty/posts", WATCHERS, PARAM_PLACE | PARAM_PAGE | PARAM_KIND | PARAM_AT | PARAM_INCIDENT, &POST_ITEM,
	  "items", "在岗人员", "Who is on post", posts_view },
	{ "/api/v1/duty/summary", WATCHERS, PARAM_PLACE | PARAM_AT | PARAM_INCIDENT, &MUSTER_ITEM, "items", "到岗汇总",
	  "The muster in numbers", muster_view },
	{ "/api/v1/duty/reserve", DESKS | ROLE_ORGANISATION | ROLE_AUDITOR,
	  PARAM_PLACE | PARAM_PAGE | PARAM_KIND | PARAM_INCIDENT, &RESERVE_ITEM, "items", "预备队", "The reserve",
	  reserve_view },
	{ "/api/v1/duty/requests", WATCHERS, PARAM_PLACE | PARAM_PAGE | PARAM_KIND | PARAM_INCIDENT, &REQUEST_ITEM,
	  "items", "支援请求", "Requests for support", requests_view },
	{ "/api/v1/duty/requests/{id}", WATCHERS, 0, &REQUEST_ITEM, NULL, "一个支援请求", "A request for support",
	  request_view },
	{ "/api/v1/duty/proposal", (unsigned)ROLE_COMMANDER | ROLE_OFFICER, PARAM_PLACE | PARAM_INCIDENT,
	  &PROPOSAL_ITEM, NULL, "派出建议", "Whom to send", proposal_view },
	{ "/api/v1/duty/shifts", WATCHERS, PARAM_PLACE | PARAM_SITE | PARAM_DAYS | PARAM_PAGE | PARAM_INCIDENT,
	  &SHIFT_ITEM, "items", "班次", "Shifts", shifts_view },
	{ "/api/v1/duty/shifts/{id}", WATCHERS, 0, &SHIFT_ITEM, NULL, "一个班次", "A shift", shift_view },
	{ "/api/v1/duty/roster", DESKS, PARAM_SITE | PARAM_DAYS | PARAM_ROSTER | PARAM_INCIDENT, &ROSTER_ITEM, NULL,
	  "排班建议", "A roster to plan", roster_view },
	{ "/api/v1/duty/handovers", DESKS | ROLE_AUDITOR, PARAM_SITE | PARAM_PAGE, &HANDOVER_ITEM, "items", "交接班",
	  "Handing over", handovers_view },
	{ "/api/v1/duty/feed", ROLES_BUT_ADMIN & ~(unsigned)ROLE_AUDITOR, 0, &FEED_ITEM, NULL, "我的值班日历",
	  "One's own calendar", feed_view },
};
