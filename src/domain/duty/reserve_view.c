/* The reserve and the requests for support read, and what is behind the
 * module's figures. */
#include "domain/duty/internal.h"
#include "duty.sql.h"

#define AT(type, member) offsetof(struct type, member)
#define WATCHERS         ((unsigned)ROLE_COMMANDER | ROLE_OFFICER | ROLE_ORGANISATION | ROLE_CHECKPOINT | ROLE_AUDITOR)

/* ---- the reserve --------------------------------------------------------------------------- */

enum reserve_state { STATE_AVAILABLE, STATE_ASSIGNED, STATE_EXPOSED, STATE_RESTING, STATE_LATER };
static const char *const STATES[] = { "available", "assigned", "exposed", "resting", "later", NULL };
static const char *const STATES_ZH[] = { "可派", "已派出", "有接触史", "休息中", "稍后可派", NULL };

struct reserve_item {
	struct uuid person, request;
	struct str name, place_name, site_name;
	int64_t category, place, available_from, state, times_sent, hours_served;
	struct list skills;
};

static const struct field RESERVE_FIELDS[] = {
	{ "person", FIELD_REF, FIELD_NEEDED, AT(reserve_item, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(reserve_item, name), .zh = "姓名", .en = "Name" },
	{ "category", FIELD_ENUM, FIELD_NEEDED, AT(reserve_item, category), .values = CATEGORY_NAMES,
	  .values_zh = CATEGORY_NAMES_ZH, .zh = "类别", .en = "Category" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(reserve_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(reserve_item, place_name), .zh = "地名", .en = "Place name" },
	{ "available_from", FIELD_TIME, FIELD_NEEDED, AT(reserve_item, available_from), .zh = "何时起可派",
	  .en = "Available from" },
	{ "skills", FIELD_LIST, FIELD_NEEDED, AT(reserve_item, skills), .element = FIELD_TEXT, .zh = "技能",
	  .en = "Skills" },
	{ "state", FIELD_ENUM, FIELD_NEEDED, AT(reserve_item, state), .values = STATES, .values_zh = STATES_ZH,
	  .zh = "状态", .en = "State" },
	{ "request", FIELD_REF, 0, AT(reserve_item, request), .thing = THING_REQUEST, .zh = "派往的请求",
	  .en = "Assigned to" },
	{ "site_name", FIELD_TEXT, 0, AT(reserve_item, site_name), .zh = "派往场所", .en = "Site" },
	{ "times_sent", FIELD_INT, FIELD_NEEDED, AT(reserve_item, times_sent), .zh = "派出次数", .en = "Times sent" },
	{ "hours_served", FIELD_INT, FIELD_NEEDED, AT(reserve_item, hours_served), .zh = "服务小时",
	  .en = "Hours served" },
};
struct shape RESERVE_ITEM = { .name = "Reservist", SHAPE_OF(RESERVE_FIELDS, struct reserve_item) };

int skills_split(struct arena *a, struct str text, struct list *ret, struct err *err)
{
	size_t n = text.len ? 1 : 0, at = 0, k = 0;
	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	struct str *items = arena_alloc(a, (n + 1) * sizeof *items);
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	while (k < n) {
		const char *end = memchr(text.ptr + at, '\n', text.len - at);
		size_t len = end ? (size_t)(end - text.ptr) - at : text.len - at;
		items[k++] = (struct str){ text.ptr + at, len };
		at += len + 1;
	}
	*ret = (struct list){ items, n };
	return 0;
}

int64_t tenure_hours(const struct tenure *t, int64_t now)
{
	int64_t end = t->span.to < now ? t->span.to : now;
	return t->arrived == FIELD_ABSENT || end <= t->arrived ? 0 : (end - t->arrived) / HOUR_MS;
}

struct reserve_row {
	place_t area, home;
	struct uuid person;
	int64_t since, available_from;
	struct str skills;
};

/* The state at the moment, and what the person has done so far. */
static int fill_state(struct work *w, int64_t incident_no, struct reserve_item *item, struct err *err)
{
	struct list tenures, stands;
	bool resting = false, assigned = false;
	if (tenures_of_person(w, &item->person, incident_no, &tenures, err) < 0 ||
	    stands_of(w, &item->person, incident_no, w->now - REST_MS, w->now + 1, NULL, &stands, err) < 0)
		return -1;
	const struct tenure *t = tenures.items;
	for (size_t i = 0; i < tenures.n; i++) {
		item->times_sent++;
		item->hours_served += tenure_hours(&t[i], w->now);
		if (t[i].span.to > w->now) {
			assigned = true;
			item->request = t[i].request;
		} else if (t[i].arrived != FIELD_ABSENT && t[i].span.to > w->now - REST_MS) {
			resting = true;
		}
	}
	int exposed = person_exposed_at(w, &item->person, w->now, err);
	if (exposed < 0)
		return -1;
	item->state = assigned                        ? STATE_ASSIGNED
		      : exposed                       ? STATE_EXPOSED
		      : resting || stands.n           ? STATE_RESTING
		      : item->available_from > w->now ? STATE_LATER
						      : STATE_AVAILABLE;
	if (!assigned)
		return 0;
	struct request r;
	struct site s;
	if (request_get(w, &item->request, &r, err) < 0 || site_read(w, &r.site, w->now, &s, err) < 0)
		return -1;
	item->site_name = s.name;
	return 0;
}

static int reserve_rows(struct work *w, const struct view_query *q, int64_t incident_no, place_t after,
			const struct uuid *after_id, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct reserve_row *rows = arena_alloc(w->arena, (size_t)q->limit * sizeof *rows);
	size_t n = 0;
	int rc;
	if (!rows)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (db_start(w->db, &SQL_RESERVE_NOW, &st, err, "iiiiui", incident_no, q->place,
		     q->place + place_span(q->place), after, after_id, q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		rows[n++] =
		    (struct reserve_row){ stmt_i64(st, 0), stmt_i64(st, 3), stmt_uuid(st, 1),
					  stmt_i64(st, 2), stmt_i64(st, 4), arena_str(w->arena, stmt_text(st, 5)) };
	*ret = (struct list){ rows, n };
	return rc < 0 ? -1 : 0;
}

/* Everybody in the reserve now; `available` leaves out whom nothing can be asked of at the moment. */
int reserve_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct list rows = { 0 };
	int64_t incident_no;
	bool free_only = str_is(q->kind, "available");
	if (q->kind.ptr && !free_only && !str_is(q->kind, "all"))
		return err_set(err, &ERR_FIELD_RANGE, "kind", "kind", "available, all", NULL);
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (duty_incident(w, q, &incident_no, err) < 0 ||
	    reserve_rows(w, q, incident_no, after, &after_id, &rows, err) < 0)
		return -1;
	const struct reserve_row *r = rows.items;
	for (size_t i = 0; i < rows.n; i++) {
		struct reserve_item item = { .person = r[i].person,
					     .place = r[i].area,
					     .available_from = r[i].available_from };
		struct standing s;
		if (fill_state(w, incident_no, &item, err) < 0 ||
		    skills_split(w->arena, r[i].skills, &item.skills, err) < 0)
			return -1;
		if (free_only && item.state != STATE_AVAILABLE)
			continue;
		if (person_standing(w, &r[i].person, w->now, &s, err) < 0 ||
		    duty_person(w, &r[i].person, &item.name, err) < 0)
			return -1;
		item.category = s.category;
		item.place_name = place_name(w, r[i].area, INT64_MAX);
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	if ((int64_t)rows.n == q->limit)
		view_next(out, view_cursor(w->arena, r[rows.n - 1].area, &r[rows.n - 1].person));
	return 0;
}

/* ---- requests --------------------------------------------------------------------------------- */

struct sent_person {
	struct uuid person;
	struct str name;
	int64_t report_by, assigned, arrived, released;
};

static const struct field SENT_FIELDS[] = {
	{ "person", FIELD_REF, FIELD_NEEDED, AT(sent_person, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(sent_person, name), .zh = "姓名", .en = "Name" },
	{ "report_by", FIELD_TIME, 0, AT(sent_person, report_by), .zh = "最迟报到", .en = "Report by" },
	{ "assigned", FIELD_TIME, FIELD_NEEDED, AT(sent_person, assigned), .zh = "派出", .en = "Assigned" },
	{ "arrived", FIELD_TIME, 0, AT(sent_person, arrived), .zh = "到位", .en = "Arrived" },
	{ "released", FIELD_TIME, 0, AT(sent_person, released), .zh = "结束", .en = "Released" },
};
static struct shape SENT_PERSON = { .name = "SupportPerson", SHAPE_OF(SENT_FIELDS, struct sent_person) };

struct request_item {
	struct uuid id, site;
	struct str site_name, place_name, reason;
	int64_t place, headcount, needed_by, at, live, lacking;
	struct list skills, people, history;
};

static const struct field REQUEST_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(request_item, id), .thing = THING_REQUEST, .zh = "编号", .en = "Id" },
	{ "site", FIELD_REF, FIELD_NEEDED, AT(request_item, site), .thing = THING_SITE, .zh = "场所", .en = "Site" },
	{ "site_name", FIELD_TEXT, FIELD_NEEDED, AT(request_item, site_name), .zh = "场所名称", .en = "Site name" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(request_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(request_item, place_name), .zh = "地名", .en = "Place name" },
	{ "headcount", FIELD_INT, FIELD_NEEDED, AT(request_item, headcount), .zh = "人数", .en = "Headcount" },
	{ "reason", FIELD_TEXT, FIELD_NEEDED, AT(request_item, reason), .zh = "原因", .en = "Reason" },
	{ "needed_by", FIELD_TIME, 0, AT(request_item, needed_by), .zh = "最迟到位", .en = "Needed by" },
	{ "skills", FIELD_LIST, FIELD_NEEDED, AT(request_item, skills), .element = FIELD_TEXT, .zh = "技能",
	  .en = "Skills" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(request_item, at), .zh = "提出时间", .en = "Asked at" },
	{ "live", FIELD_INT, FIELD_NEEDED, AT(request_item, live), .zh = "在派", .en = "Assigned now" },
	{ "lacking", FIELD_INT, FIELD_NEEDED, AT(request_item, lacking), .zh = "还缺", .en = "Lacking" },
	{ "people", FIELD_LIST, FIELD_NEEDED, AT(request_item, people), .element = FIELD_OBJECT, .shape = &SENT_PERSON,
	  .zh = "派出人员", .en = "People" },
	{ "history", FIELD_LIST, 0, AT(request_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
struct shape REQUEST_ITEM = { .name = "SupportRequest", SHAPE_OF(REQUEST_FIELDS, struct request_item) };

/* 1 to be shown, 0 when the site has closed and `open` is asked for, -1. */
static int fill_request(struct work *w, const struct request *r, bool open, struct request_item *item, struct err *err)
{
	const struct support_requested *d = NULL;
	struct list tenures;
	struct site s;
	int rc = site_read(w, &r->site, w->now, &s, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a request's site is missing");
	if (open && !site_open_at(&s, w->now))
		return 0;
	if (request_read(w, r->seq, &d, err) < 0 || tenures_of_request(w, &r->id, &tenures, err) < 0)
		return -1;
	struct sent_person *people = arena_alloc(w->arena, (tenures.n + 1) * sizeof *people);
	const struct tenure *t = tenures.items;
	if (!people)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*item = (struct request_item){ .id = r->id,
				       .site = r->site,
				       .site_name = s.name,
				       .place_name = place_name(w, r->area, INT64_MAX),
				       .reason = d->reason,
				       .place = r->area,
				       .headcount = r->headcount,
				       .needed_by = r->needed_by,
				       .at = r->at,
				       .lacking = r->taken < r->headcount ? r->headcount - r->taken : 0,
				       .skills = d->skills,
				       .people = { people, tenures.n } };
	for (size_t i = 0; i < tenures.n; i++) {
		bool live = t[i].span.to == INT64_MAX;
		item->live += live;
		people[i] = (struct sent_person){ .person = t[i].person,
						  .report_by = t[i].report_by,
						  .assigned = t[i].span.from,
						  .arrived = t[i].arrived,
						  .released = live ? FIELD_ABSENT : t[i].span.to };
		if (duty_person(w, &t[i].person, &people[i].name, err) < 0)
			return -1;
	}
	return 1;
}

int requests_of(struct work *w, int64_t incident_no, place_t place, bool open, place_t after,
		const struct uuid *after_id, int64_t limit, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct request *rows = arena_alloc(w->arena, (size_t)limit * sizeof *rows);
	size_t n = 0;
	int rc;
	if (!rows)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (db_start(w->db, open ? &SQL_REQUESTS_OPEN : &SQL_REQUESTS_OF, &st, err, "iiiiui", incident_no, place,
		     place + place_span(place), after, after_id, limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		rows[n++] = (struct request){ .id = stmt_uuid(st, 0),
					      .site = stmt_uuid(st, 1),
					      .area = stmt_i64(st, 2),
					      .incident_no = incident_no,
					      .headcount = stmt_i64(st, 3),
					      .at = stmt_i64(st, 4),
					      .needed_by = stmt_i64(st, 5),
					      .taken = stmt_i64(st, 6),
					      .seq = stmt_i64(st, 7) };
	*ret = (struct list){ rows, n };
	return rc < 0 ? -1 : 0;
}

int requests_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct list rows = { 0 };
	int64_t incident_no;
	bool open = str_is(q->kind, "open");
	if (q->kind.ptr && !open && !str_is(q->kind, "all"))
		return err_set(err, &ERR_FIELD_RANGE, "kind", "kind", "open, all", NULL);
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (duty_incident(w, q, &incident_no, err) < 0 ||
	    requests_of(w, incident_no, q->place, open, after, &after_id, q->limit, &rows, err) < 0)
		return -1;
	const struct request *r = rows.items;
	for (size_t i = 0; i < rows.n; i++) {
		struct request_item item;
		int rc = fill_request(w, &r[i], open, &item, err);
		if (rc < 0 || (rc && view_item(out, &item, err) < 0))
			return -1;
	}
	if ((int64_t)rows.n == q->limit)
		view_next(out, view_cursor(w->arena, r[rows.n - 1].area, &r[rows.n - 1].id));
	return 0;
}

int request_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct request r;
	struct request_item item;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = request_get(w, &id, &r, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, WATCHERS, r.area, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (fill_request(w, &r, false, &item, err) < 0 || thing_history(w, &id, &item.history, err) < 0)
		return -1;
	return view_item(out, &item, err);
}

/* ---- behind the figures ------------------------------------------------------------------------- */

static int behind_rows(struct work *w, const struct sql *sql, const struct behind_query *q, behind_fn put, void *ctx,
		       struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, sql, &st, err, "iiiiuii", q->incident_no, q->place, q->place + place_span(q->place),
		     q->after_place, &q->after_id, q->before, q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t seq = stmt_i64(st, 2);
		struct behind_item item = { stmt_i64(st, 0), stmt_uuid(st, 1), &seq, 1 };
		if (put(ctx, &item, err) < 0)
			return -1;
	}
	return rc;
}

static int behind_reserve(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_rows(w, &SQL_RESERVE_AT, q, put, ctx, err);
}

static int behind_signups(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_rows(w, &SQL_RESERVE_FIRST, q, put, ctx, err);
}

static int behind_sent(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_rows(w, &SQL_SENT_BEFORE, q, put, ctx, err);
}

#define BEHIND_PAGE 200

static int behind_page(struct work *w, const struct behind_query *q, place_t *after, struct uuid *after_id,
		       struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct reserve_row *rows = arena_alloc(w->arena, BEHIND_PAGE * sizeof *rows);
	size_t n = 0;
	int rc;
	if (!rows)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (db_start(w->db, &SQL_DUTY_PLACES, &st, err, "iiiiui", q->incident_no, q->place,
		     q->place + place_span(q->place), *after, after_id, (int64_t)BEHIND_PAGE) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		rows[n++] = (struct reserve_row){ .area = stmt_i64(st, 0), .person = stmt_uuid(st, 1) };
	*ret = (struct list){ rows, n };
	if (n) {
		*after = rows[n - 1].area;
		*after_id = rows[n - 1].person;
	}
	return rc < 0 ? -1 : 0;
}

/* Whose last report by the end of the day says so, at the place where it was made. */
static int behind_posts(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	place_t after = q->after_place;
	struct uuid after_id = q->after_id;
	struct list page = { 0 };
	int64_t shown = 0, left;
	do {
		if (behind_page(w, q, &after, &after_id, &page, err) < 0)
			return -1;
		const struct reserve_row *r = page.items;
		for (size_t i = 0; i < page.n; i++) {
			struct duty_report last;
			int rc = duty_last(w, &r[i].person, q->incident_no, q->before - 1, &last, err);
			if (rc < 0 || person_left_at(w, &r[i].person, &left, err) < 0)
				return -1;
			if (!rc || last.status != DUTY_ON_POST || last.area != r[i].area || left < q->before)
				continue;
			struct behind_item item = { r[i].area, r[i].person, &last.seq, 1 };
			if (put(ctx, &item, err) < 0)
				return -1;
			if (++shown == q->limit)
				return 0;
		}
	} while (page.n == BEHIND_PAGE);
	return 0;
}

const struct figure_def DUTY_FIGURES[DUTY_N_FIGURES] = {
	{ "on_post", .per_incident = true, .zh = "在岗人员", .en = "On post", .behind = behind_posts },
	{ "reserve", .per_incident = true, .zh = "预备队", .en = "In the reserve", .behind = behind_reserve },
	{ "reserve_signups", .per_incident = true, .zh = "报名预备队", .en = "Signed up for the reserve",
	  .behind = behind_signups },
	{ "support_sent", .per_incident = true, .zh = "派出支援（人次）", .en = "Sent in support",
	  .behind = behind_sent },
};
