/* People and teams read: for other modules, for callers, and behind figures. */
#include <stdlib.h>

#include "domain/teams/internal.h"
#include "teams.sql.h"

#define AT(type, member) offsetof(struct type, member)
#define READERS          ROLES_OF_ROLLS

/* ---- personal details ------------------------------------------------------------ */

int person_read(struct work *w, const struct uuid *id, struct person *ret, struct err *err)
{
	struct thing t;
	struct event ev;
	bool changed;
	int rc = thing_get(w, id, &t, err);
	if (rc <= 0 || !str_is(t.kind, THING_PERSON))
		return rc < 0 ? -1 : 0;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_PERSON_GET, &st, err, "iu", t.area, id) < 0)
			return -1;
		if ((rc = stmt_step(st, err)) <= 0)
			return rc;
		*ret = (struct person){ .id = *id,
					.place = t.area,
					.category = stmt_i64(st, 0),
					.party_member = stmt_i64(st, 1) == 1,
					.there = stmt_i64(st, 2) == 0 };
		changed = stmt_i64(st, 4) > 0;
	}
	if (work_event(w, t.seq, true, &ev, err) < 0)
		return -1;
	const struct person_enrolled *d = ev.data;
	ret->name = d->name;
	ret->phone = d->phone;
	ret->unit = d->unit;
	ret->erased = !d->name.ptr;
	if (!changed)
		return 1;
	struct list history;
	if (thing_history(w, id, &history, err) < 0)
		return -1;
	struct history_item *items = history.items;
	qsort(items, history.n, sizeof *items, history_by_time);
	for (size_t i = 0; i < history.n; i++) {
		if (items[i].voided == 1 || !str_is(items[i].type, "person.changed"))
			continue;
		if (work_event(w, items[i].seq, true, &ev, err) < 0)
			return -1;
		const struct person_changed *c = ev.data;
		ret->name = c->name.ptr ? c->name : ret->name;
		ret->phone = c->phone.ptr ? c->phone : ret->phone;
		ret->unit = c->unit.ptr ? c->unit : ret->unit;
	}
	return 1;
}

static void mask_person(struct work *w, struct person *p, int64_t *ret_masked)
{
	enum reveal reveal = reveal_for(w, p->place);
	*ret_masked = reveal != REVEAL_FULL;
	if (reveal == REVEAL_FULL)
		return;
	p->name = reveal == REVEAL_MASKED ? mask_name(w->arena, p->name) : STR_NONE;
	p->phone = reveal == REVEAL_MASKED ? mask_phone(w->arena, p->phone) : STR_NONE;
}

int person_name(struct work *w, const struct uuid *id, struct str *ret, struct err *err)
{
	struct person p;
	int64_t masked;
	int rc = person_read(w, id, &p, err);
	if (rc < 0)
		return -1;
	*ret = STR_NONE;
	if (rc) {
		mask_person(w, &p, &masked);
		*ret = p.name;
	}
	return 0;
}

/* ---- people ------------------------------------------------------------------------ */

struct person_team {
	struct uuid team;
	struct str name;
	int64_t post, since;
};

static const struct field PERSON_TEAM_FIELDS[] = {
	{ "team", FIELD_REF, FIELD_NEEDED, AT(person_team, team), .thing = THING_TEAM, .zh = "队伍", .en = "Team" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(person_team, name), .zh = "名称", .en = "Name" },
	{ "post", FIELD_ENUM, FIELD_NEEDED, AT(person_team, post), .values = TEAM_POSTS, .values_zh = TEAM_POSTS_ZH,
	  .zh = "职务", .en = "Post" },
	{ "since", FIELD_TIME, FIELD_NEEDED, AT(person_team, since), .zh = "自", .en = "Since" },
};
static struct shape PERSON_TEAM = { .name = "PersonTeam", SHAPE_OF(PERSON_TEAM_FIELDS, struct person_team) };

struct person_item {
	struct uuid id;
	struct str name, phone, unit, place_name;
	int64_t category, party_member, place, left, masked, erased;
	struct list teams, history;
};

static const struct field PERSON_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(person_item, id), .thing = THING_PERSON, .zh = "编号", .en = "Id" },
	{ "name", FIELD_TEXT, 0, AT(person_item, name), .zh = "姓名", .en = "Name" },
	{ "phone", FIELD_TEXT, 0, AT(person_item, phone), .zh = "电话", .en = "Phone" },
	{ "category", FIELD_ENUM, FIELD_NEEDED, AT(person_item, category), .values = CATEGORY_NAMES,
	  .values_zh = CATEGORY_NAMES_ZH, .zh = "类别", .en = "Category" },
	{ "party_member", FIELD_BOOL, FIELD_NEEDED, AT(person_item, party_member), .zh = "党员", .en = "Party member" },
	{ "unit", FIELD_TEXT, 0, AT(person_item, unit), .zh = "单位", .en = "Unit" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(person_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(person_item, place_name), .zh = "地名", .en = "Place name" },
	{ "left", FIELD_BOOL, FIELD_NEEDED, AT(person_item, left), .zh = "已离岗", .en = "Has left" },
	{ "masked", FIELD_BOOL, FIELD_NEEDED, AT(person_item, masked), .zh = "已遮盖", .en = "Masked" },
	{ "erased", FIELD_BOOL, FIELD_NEEDED, AT(person_item, erased), .zh = "已清除", .en = "Erased" },
	{ "teams", FIELD_LIST, 0, AT(person_item, teams), .element = FIELD_OBJECT, .shape = &PERSON_TEAM,
	  .zh = "所在队伍", .en = "Teams" },
	{ "history", FIELD_LIST, 0, AT(person_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
static struct shape PERSON_ITEM = { .name = "Person", SHAPE_OF(PERSON_FIELDS, struct person_item) };

static void fill_person(struct work *w, struct person *p, struct person_item *item)
{
	*item = (struct person_item){ .id = p->id,
				      .category = p->category,
				      .party_member = p->party_member,
				      .place = p->place,
				      .left = !p->there,
				      .erased = p->erased };
	mask_person(w, p, &item->masked);
	item->name = p->name;
	item->phone = p->phone;
	item->unit = p->unit;
	item->place_name = place_name(w, p->place, INT64_MAX);
}

struct row {
	place_t area;
	struct uuid id;
};

/* Over what the caller may see: a masked name is not found out by searching. */
static bool person_matches(const struct person_item *p, struct str q)
{
	return !q.ptr || !q.len || (p->name.ptr && memmem(p->name.ptr, p->name.len, q.ptr, q.len)) ||
	       (p->unit.ptr && memmem(p->unit.ptr, p->unit.len, q.ptr, q.len));
}

static int category_of(struct str kind, int64_t *ret)
{
	for (int64_t i = 0; CATEGORY_NAMES[i]; i++) {
		if (str_is(kind, CATEGORY_NAMES[i])) {
			*ret = i;
			return 0;
		}
	}
	return -1;
}

/* A search by name reads sealed names, so it is bounded: a page may come out short and carry on by `next`. */
static int people_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	place_t after = -1;
	struct uuid after_id = { 0 };
	int64_t shown = 0, category = 0, scan = q->q.ptr && q->q.len ? 2000 : q->limit, n = 0;
	struct row *rows = arena_alloc(w->arena, (size_t)scan * sizeof *rows);
	int rc;
	if (!rows)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (q->kind.ptr && category_of(q->kind, &category) < 0)
		return err_set(err, &ERR_FIELD_RANGE, "category", "category", "GET /api/v1/catalogue", NULL);
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int64_t end = q->place + place_span(q->place);
		rc = q->kind.ptr
			 ? db_start(w->db, &SQL_PEOPLE_OF_CATEGORY, &st, err, "iiiuii", q->place, end, after, &after_id,
				    scan, category)
			 : db_start(w->db, &SQL_PEOPLE_OF, &st, err, "iiiui", q->place, end, after, &after_id, scan);
		if (rc < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1)
			rows[n++] = (struct row){ stmt_i64(st, 0), stmt_uuid(st, 1) };
		if (rc < 0)
			return -1;
	}
	int64_t i = 0;
	for (; i < n && shown < q->limit; i++) {
		struct person p;
		struct person_item item;
		if ((rc = person_read(w, &rows[i].id, &p, err)) < 0)
			return -1;
		if (!rc)
			continue;
		fill_person(w, &p, &item);
		if (!person_matches(&item, q->q))
			continue;
		if (view_item(out, &item, err) < 0)
			return -1;
		shown++;
	}
	if (i < n || n == scan)
		view_next(out, view_cursor(w->arena, rows[i - 1].area, &rows[i - 1].id));
	return 0;
}

static int team_name(struct work *w, int64_t seq, struct str *ret, struct err *err)
{
	struct event ev;
	int rc = work_event(w, seq, false, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a team's record is missing");
	*ret = ((const struct team_formed *)ev.data)->name;
	return 0;
}

static int teams_of_person(struct work *w, const struct uuid *id, struct list *ret, struct err *err)
{
	struct uuid ids[200];
	struct person_team *items = arena_alloc(w->arena, ARRAY_LEN(ids) * sizeof *items);
	size_t n = 0, k = 0;
	int rc;
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_TEAMS_OF_PERSON, &st, err, "u", id) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1 && n < ARRAY_LEN(ids))
			ids[n++] = stmt_uuid(st, 0);
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct team t;
		struct list members;
		if ((rc = team_get(w, &ids[i], &t, err)) < 0 || team_members_at(w, &ids[i], w->now, &members, err) < 0)
			return -1;
		const struct team_member *m = members.items;
		for (size_t j = 0; rc && j < members.n; j++) {
			if (!uuid_eq(&m[j].person, id))
				continue;
			items[k] = (struct person_team){ .team = ids[i], .post = m[j].post, .since = m[j].since };
			if (team_name(w, t.seq, &items[k].name, err) < 0)
				return -1;
			k++;
		}
	}
	*ret = (struct list){ items, k };
	return 0;
}

static int person_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct person p;
	struct person_item item;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = person_read(w, &id, &p, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, READERS, p.place, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (view_reason_open(w, q, &id, err) < 0)
		return -1;
	fill_person(w, &p, &item);
	if (teams_of_person(w, &id, &item.teams, err) < 0 || thing_history(w, &id, &item.history, err) < 0)
		return -1;
	return view_item(out, &item, err);
}

/* ---- teams ---------------------------------------------------------------------------- */

struct member_item {
	struct uuid person;
	struct str name;
	int64_t post, since;
};

static const struct field MEMBER_FIELDS[] = {
	{ "person", FIELD_REF, FIELD_NEEDED, AT(member_item, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(member_item, name), .zh = "姓名", .en = "Name" },
	{ "post", FIELD_ENUM, FIELD_NEEDED, AT(member_item, post), .values = TEAM_POSTS, .values_zh = TEAM_POSTS_ZH,
	  .zh = "职务", .en = "Post" },
	{ "since", FIELD_TIME, FIELD_NEEDED, AT(member_item, since), .zh = "自", .en = "Since" },
};
static struct shape MEMBER_ITEM = { .name = "TeamMember", SHAPE_OF(MEMBER_FIELDS, struct member_item) };

struct team_item {
	struct uuid id, site, under;
	struct str name, place_name;
	int64_t kind, place, members, formed, dissolved;
	struct list people, history;
};

static const struct field TEAM_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(team_item, id), .thing = THING_TEAM, .zh = "编号", .en = "Id" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(team_item, name), .zh = "名称", .en = "Name" },
	{ "kind", FIELD_ENUM, FIELD_NEEDED, AT(team_item, kind), .values = TEAM_KINDS, .values_zh = TEAM_KINDS_ZH,
	  .zh = "种类", .en = "Kind" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(team_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(team_item, place_name), .zh = "地名", .en = "Place name" },
	{ "site", FIELD_REF, 0, AT(team_item, site), .thing = THING_SITE, .zh = "场所", .en = "Site" },
	{ "under", FIELD_REF, 0, AT(team_item, under), .thing = THING_TEAM, .zh = "隶属", .en = "Under" },
	{ "members", FIELD_INT, FIELD_NEEDED, AT(team_item, members), .zh = "人数", .en = "Members" },
	{ "formed", FIELD_TIME, FIELD_NEEDED, AT(team_item, formed), .zh = "成立", .en = "Formed" },
	{ "dissolved", FIELD_TIME, 0, AT(team_item, dissolved), .zh = "解散", .en = "Dissolved" },
	{ "people", FIELD_LIST, 0, AT(team_item, people), .element = FIELD_OBJECT, .shape = &MEMBER_ITEM, .zh = "成员",
	  .en = "People" },
	{ "history", FIELD_LIST, 0, AT(team_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
static struct shape TEAM_ITEM = { .name = "Team", SHAPE_OF(TEAM_FIELDS, struct team_item) };

static int fill_team(struct work *w, const struct team *t, struct team_item *item, struct list *members,
		     struct err *err)
{
	struct event ev;
	int64_t moment = t->dissolved != FIELD_ABSENT && t->dissolved <= w->now ? t->dissolved - 1 : w->now;
	*item = (struct team_item){
		.id = t->id, .kind = t->kind, .place = t->area, .formed = t->formed, .dissolved = t->dissolved
	};
	int rc = work_event(w, t->seq, false, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a team's record is missing");
	const struct team_formed *d = ev.data;
	item->name = d->name;
	item->site = d->site;
	item->under = d->under;
	item->place_name = place_name(w, t->area, INT64_MAX);
	if (team_members_at(w, &t->id, moment, members, err) < 0)
		return -1;
	item->members = (int64_t)members->n;
	return 0;
}

static int teams_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct team *teams = arena_alloc(w->arena, (size_t)q->limit * sizeof *teams);
	int64_t n = 0;
	int rc;
	if (!teams)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_TEAMS_OF, &st, err, "iiiui", q->place, q->place + place_span(q->place), after,
			     &after_id, q->limit) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1)
			teams[n++] = (struct team){ stmt_uuid(st, 1), stmt_i64(st, 0), stmt_i64(st, 2),
						    stmt_i64(st, 3),  stmt_i64(st, 4), stmt_i64(st, 5) };
		if (rc < 0)
			return -1;
	}
	for (int64_t i = 0; i < n; i++) {
		struct team_item item;
		struct list members;
		if (q->kind.ptr && !str_is(q->kind, TEAM_KINDS[teams[i].kind]))
			continue;
		if (fill_team(w, &teams[i], &item, &members, err) < 0)
			return -1;
		if (q->q.ptr && q->q.len && !memmem(item.name.ptr, item.name.len, q->q.ptr, q->q.len))
			continue;
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	if (n == q->limit)
		view_next(out, view_cursor(w->arena, teams[n - 1].area, &teams[n - 1].id));
	return 0;
}

static int team_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct team t;
	struct team_item item;
	struct list members;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = team_get(w, &id, &t, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, READERS, t.area, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (fill_team(w, &t, &item, &members, err) < 0 || thing_history(w, &id, &item.history, err) < 0)
		return -1;
	struct member_item *people = arena_alloc(w->arena, (members.n + 1) * sizeof *people);
	const struct team_member *m = members.items;
	if (!people)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < members.n; i++) {
		people[i] = (struct member_item){ .person = m[i].person, .post = m[i].post, .since = m[i].since };
		if (person_name(w, &m[i].person, &people[i].name, err) < 0)
			return -1;
	}
	item.people = (struct list){ people, members.n };
	return view_item(out, &item, err);
}

const struct view TEAMS_VIEWS[TEAMS_N_VIEWS] = {
	{ "/api/v1/teams/people", READERS, PARAM_PLACE | PARAM_PAGE | PARAM_Q | PARAM_KIND, &PERSON_ITEM, "items",
	  "人员", "People", people_view },
	{ "/api/v1/teams/people/{id}", READERS, PARAM_REASON, &PERSON_ITEM, NULL, "一名人员", "A person", person_view },
	{ "/api/v1/teams/teams", READERS, PARAM_PLACE | PARAM_PAGE | PARAM_Q | PARAM_KIND, &TEAM_ITEM, "items", "队伍",
	  "Teams", teams_view },
	{ "/api/v1/teams/teams/{id}", READERS, 0, &TEAM_ITEM, NULL, "一支队伍", "A team", team_view },
};

/* ---- behind the figures ------------------------------------------------------------------- */

/* People by category on a day: standing is folded, as a category may have changed since. */
static int behind_people(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	place_t after = q->after_place;
	struct uuid after_id = q->after_id;
	int64_t shown = 0, category;
	if (category_of(str_of(q->part), &category) < 0)
		return 0;
	for (;;) {
		struct row rows[200];
		size_t n = 0;
		int rc;
		{
			_cleanup_(stmt_endp) struct stmt *st = NULL;
			if (db_start(w->db, &SQL_PEOPLE_OF, &st, err, "iiiui", q->place,
				     q->place + place_span(q->place), after, &after_id, (int64_t)ARRAY_LEN(rows)) < 0)
				return -1;
			while ((rc = stmt_step(st, err)) == 1)
				rows[n++] = (struct row){ stmt_i64(st, 0), stmt_uuid(st, 1) };
			if (rc < 0)
				return -1;
		}
		for (size_t i = 0; i < n; i++) {
			struct standing s;
			struct thing t;
			after = rows[i].area;
			after_id = rows[i].id;
			if (person_standing(w, &rows[i].id, q->before - 1, &s, err) < 0)
				return -1;
			if (!s.there || s.category != category)
				continue;
			if (thing_get(w, &rows[i].id, &t, err) < 0)
				return -1;
			struct behind_item item = { after, after_id, &t.seq, 1 };
			if (put(ctx, &item, err) < 0)
				return -1;
			if (++shown == q->limit)
				return 0;
		}
		if (n < ARRAY_LEN(rows))
			return 0;
	}
}

static int behind_teams(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t kind = 0;
	int rc;
	while (TEAM_KINDS[kind] && strcmp(TEAM_KINDS[kind], q->part))
		kind++;
	if (db_start(w->db, &SQL_TEAMS_AT, &st, err, "iiiuiii", q->place, q->place + place_span(q->place),
		     q->after_place, &q->after_id, kind, q->before, q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t seq = stmt_i64(st, 2);
		struct behind_item item = { stmt_i64(st, 0), stmt_uuid(st, 1), &seq, 1 };
		if (put(ctx, &item, err) < 0)
			return -1;
	}
	return rc;
}

const struct figure_def TEAMS_FIGURES[TEAMS_N_FIGURES] = {
	{ "people.", CATEGORY_NAMES, CATEGORY_NAMES_ZH, .zh = "人员", .en = "People", .behind = behind_people },
	{ "teams.", TEAM_KINDS, TEAM_KINDS_ZH, .zh = "队伍", .en = "Teams", .behind = behind_teams },
};
