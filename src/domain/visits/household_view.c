/* Households read by how they are visited: one with its visits, those nobody
 * has met for long, and each responsible group's part. */
#include <stdlib.h>

#include "domain/incident/incident.h"
#include "domain/visits/internal.h"
#include "visits.sql.h"

#define AT(type, member) offsetof(struct type, member)

int household_visited(struct work *w, const struct uuid *household, int64_t *ret_last, int64_t *ret_met,
		      struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	*ret_last = *ret_met = FIELD_ABSENT;
	if (db_start(w->db, &SQL_HOUSEHOLD_VISITED, &st, err, "u", household) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1) {
		*ret_last = stmt_i64(st, 0);
		*ret_met = stmt_i64(st, 1);
	}
	return rc < 0 ? -1 : 0;
}

int64_t days_unmet(struct work *w, const struct household *h, int64_t met)
{
	return day_of(w->now) - day_of(met == FIELD_ABSENT ? h->registered : met);
}

/* The people of the responsible group now, and the officers of the village and town, see a household in full. */
static int household_shown(struct work *w, const struct household *h, const struct uuid *group, enum reveal *ret,
			   struct err *err)
{
	int works = 0;
	if (group && w->who && !uuid_is_nil(&w->who->person) && principal_may(w->who, ROLE_GRID, h->place, w->now))
		works = group_has(w, group, &w->who->person, w->now, err);
	if (works < 0)
		return -1;
	*ret = reveal_if(w, h->place, works == 1);
	return 0;
}

static struct str shown_address(struct work *w, const struct household *h, enum reveal reveal)
{
	return reveal == REVEAL_FULL     ? h->address
	       : reveal == REVEAL_MASKED ? mask_address(w->arena, h->address)
					 : STR_NONE;
}

/* ---- nobody met lately ----------------------------------------------------------------------- */

struct unvisited_item {
	struct uuid household, group;
	struct str address, place_name, group_name;
	int64_t place, last_visit, last_met, days;
};

static const struct field UNVISITED_FIELDS[] = {
	{ "household", FIELD_REF, FIELD_NEEDED, AT(unvisited_item, household), .thing = THING_HOUSEHOLD, .zh = "住户",
	  .en = "Household" },
	{ "address", FIELD_TEXT, 0, AT(unvisited_item, address), .zh = "住址", .en = "Address" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(unvisited_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(unvisited_item, place_name), .zh = "地名", .en = "Place name" },
	{ "group", FIELD_REF, 0, AT(unvisited_item, group), .thing = THING_GROUP, .zh = "责任组", .en = "Group" },
	{ "group_name", FIELD_TEXT, 0, AT(unvisited_item, group_name), .zh = "责任组名称", .en = "Group name" },
	{ "last_visit", FIELD_TIME, 0, AT(unvisited_item, last_visit), .zh = "上次走访", .en = "Last visit" },
	{ "last_met", FIELD_TIME, 0, AT(unvisited_item, last_met), .zh = "上次见到人", .en = "Last met" },
	{ "days", FIELD_INT, FIELD_NEEDED, AT(unvisited_item, days), .zh = "已有天数", .en = "Days since" },
};
struct shape UNVISITED_ITEM = { .name = "UnvisitedHousehold", SHAPE_OF(UNVISITED_FIELDS, struct unvisited_item) };

struct unmet {
	struct household h;
	int64_t last, met, days;
};

static int put_unmet(struct work *w, struct unmet *u, struct group_brief *memo, struct view_out *out, struct err *err)
{
	struct unvisited_item item = {
		.household = u->h.id, .place = u->h.place, .last_visit = u->last, .last_met = u->met, .days = u->days
	};
	enum reveal reveal;
	int rc = household_group_now(w, u->h.place, &u->h.id, &item.group, err);
	if (rc == 1 && !uuid_eq(&memo->id, &item.group))
		rc = group_read(w, &item.group, memo, err);
	if (rc < 0 || household_shown(w, &u->h, rc ? &item.group : NULL, &reveal, err) < 0 ||
	    household_read(w, &u->h, err) < 0)
		return -1;
	if (rc)
		item.group_name = memo->name;
	item.place_name = place_name(w, u->h.place, INT64_MAX);
	item.address = shown_address(w, &u->h, reveal);
	return view_item(out, &item, err);
}

static int measure(struct work *w, const struct household *h, struct unmet *ret, struct err *err)
{
	*ret = (struct unmet){ .h = *h };
	if (household_visited(w, &h->id, &ret->last, &ret->met, err) < 0)
		return -1;
	ret->days = days_unmet(w, h, ret->met);
	return 0;
}

static int longest_first(const void *a, const void *b)
{
	const struct unmet *x = a, *y = b;
	if (x->days != y->days)
		return x->days > y->days ? -1 : 1;
	return memcmp(x->h.id.b, y->h.id.b, sizeof x->h.id.b);
}

#define GROUP_HOUSEHOLDS_MAX 1000

/* A group's households that nobody met for so many days, the longest first; of struct unmet. */
static int unmet_of_group(struct work *w, const struct uuid *group, int64_t within, struct list *ret, struct err *err)
{
	struct uuid none = { 0 };
	struct list ids;
	size_t n = 0;
	if (group_households(w, group, &none, GROUP_HOUSEHOLDS_MAX, &ids, err) < 0)
		return -1;
	const struct uuid *id = ids.items;
	struct unmet *items = arena_alloc(w->arena, (ids.n + 1) * sizeof *items);
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < ids.n; i++) {
		struct household h;
		int rc = household_get(w, &id[i], &h, err);
		if (rc < 0 || (rc && measure(w, &h, &items[n], err) < 0))
			return -1;
		n += rc && items[n].days >= within;
	}
	qsort(items, n, sizeof *items, longest_first);
	*ret = (struct list){ items, n };
	return 0;
}

static int unvisited_of_group(struct work *w, const struct view_query *q, int64_t within, struct view_out *out,
			      struct err *err)
{
	struct group_brief g = { 0 };
	struct unmet last = { 0 };
	struct list all = { 0 };
	int64_t shown = 0;
	int rc = group_read(w, &q->group, &g, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, VISIT_READERS, g.place, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	/* The cursor holds the days where others hold a place. */
	if (q->after.ptr && view_cursor_parse(q->after, &last.days, &last.h.id, err) < 0)
		return -1;
	if (unmet_of_group(w, &q->group, within, &all, err) < 0)
		return -1;
	struct unmet *u = all.items;
	for (size_t i = 0; i < all.n; i++) {
		if (q->after.ptr && longest_first(&u[i], &last) <= 0)
			continue;
		if (shown++ == q->limit) {
			view_next(out, view_cursor(w->arena, u[i - 1].days, &u[i - 1].h.id));
			return 0;
		}
		if (put_unmet(w, &u[i], &g, out, err) < 0)
			return -1;
	}
	return 0;
}

/* A page measures so many households at most: it may come out short, and `next` goes on. */
#define UNVISITED_WINDOW 500

struct household_page {
	struct household *items;
	size_t n;
};

static int keep_household(void *ctx, const struct household *h, struct err *err)
{
	struct household_page *p = ctx;
	(void)err;
	p->items[p->n++] = *h;
	return 0;
}

int unvisited_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct household_page page = { arena_alloc(w->arena, UNVISITED_WINDOW * sizeof *page.items), 0 };
	struct group_brief memo = { 0 };
	place_t after = -1;
	struct uuid after_id;
	int64_t within, shown = 0;
	size_t i = 0;
	if (!page.items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (parameter_value(w, "visit_within_days", day_of(w->now), &within, err) < 0)
		return -1;
	if (!uuid_is_nil(&q->group))
		return unvisited_of_group(w, q, within, out, err);
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (households_of(w, q->place, after, UNVISITED_WINDOW, keep_household, &page, err) < 0)
		return -1;
	for (; i < page.n && shown < q->limit; i++) {
		struct unmet u;
		if (measure(w, &page.items[i], &u, err) < 0)
			return -1;
		if (u.days < within)
			continue;
		if (put_unmet(w, &u, &memo, out, err) < 0)
			return -1;
		shown++;
	}
	if (i && (i < page.n || page.n == UNVISITED_WINDOW))
		view_next(out, view_cursor(w->arena, page.items[i - 1].seq, &page.items[i - 1].id));
	return 0;
}

/* ---- per group ----------------------------------------------------------------------------------- */

struct visit_group_item {
	struct uuid group;
	struct str name, place_name;
	int64_t place, complete, households, unvisited, followups, followups_due;
};

static const struct field GROUP_FIELDS[] = {
	{ "group", FIELD_REF, FIELD_NEEDED, AT(visit_group_item, group), .thing = THING_GROUP, .zh = "责任组",
	  .en = "Group" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(visit_group_item, name), .zh = "名称", .en = "Name" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(visit_group_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(visit_group_item, place_name), .zh = "地名", .en = "Place name" },
	{ "complete", FIELD_BOOL, FIELD_NEEDED, AT(visit_group_item, complete), .zh = "配齐", .en = "Complete" },
	{ "households", FIELD_INT, FIELD_NEEDED, AT(visit_group_item, households), .zh = "户数", .en = "Households" },
	{ "unvisited", FIELD_INT, FIELD_NEEDED, AT(visit_group_item, unvisited), .zh = "多日未见", .en = "Not met" },
	{ "followups", FIELD_INT, FIELD_NEEDED, AT(visit_group_item, followups), .zh = "随访人数", .en = "Follow-ups" },
	{ "followups_due", FIELD_INT, FIELD_NEEDED, AT(visit_group_item, followups_due), .zh = "今天待观察",
	  .en = "Follow-ups due today" },
};
struct shape VISIT_GROUP_ITEM = { .name = "VisitGroup", SHAPE_OF(GROUP_FIELDS, struct visit_group_item) };

static int is_due(struct work *w, const struct followup *f, struct err *err)
{
	const struct course c = followup_course(f);
	int64_t today = day_of(w->now);
	struct list done;
	if (observations_read(w, &f->id, day_start(today), &done, err) < 0)
		return -1;
	return (int64_t)done.n < calendar_begun(&c, today, w->now);
}

static int fill_group(struct work *w, const struct group_brief *g, int64_t within, struct visit_group_item *item,
		      struct err *err)
{
	struct uuid none = { 0 };
	struct list ids;
	*item = (struct visit_group_item){ .group = g->id,
					   .name = g->name,
					   .place = g->place,
					   .place_name = place_name(w, g->place, INT64_MAX),
					   .complete = g->complete,
					   .households = g->households };
	if (group_households(w, &g->id, &none, GROUP_HOUSEHOLDS_MAX, &ids, err) < 0)
		return -1;
	const struct uuid *id = ids.items;
	for (size_t i = 0; i < ids.n; i++) {
		struct household h;
		struct unmet u = { 0 };
		struct list open;
		int rc = household_get(w, &id[i], &h, err);
		if (rc < 0 || (rc && measure(w, &h, &u, err) < 0) ||
		    followups_of_household(w, &id[i], true, &open, err) < 0)
			return -1;
		item->unvisited += rc && u.days >= within;
		item->followups += (int64_t)open.n;
		const struct followup *f = open.items;
		for (size_t k = 0; k < open.n; k++) {
			if ((rc = is_due(w, &f[k], err)) < 0)
				return -1;
			item->followups_due += rc;
		}
	}
	return 0;
}

/* So many groups a page: each is counted household by household. */
#define GROUPS_A_PAGE 50

int visit_groups_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	int64_t limit = q->limit < GROUPS_A_PAGE ? q->limit : GROUPS_A_PAGE, within;
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct list groups;
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (parameter_value(w, "visit_within_days", day_of(w->now), &within, err) < 0 ||
	    groups_list(w, q->place, after, &after_id, limit, &groups, err) < 0)
		return -1;
	const struct group_brief *g = groups.items;
	for (size_t i = 0; i < groups.n; i++) {
		struct visit_group_item item;
		if (fill_group(w, &g[i], within, &item, err) < 0 || view_item(out, &item, err) < 0)
			return -1;
	}
	if ((int64_t)groups.n == limit)
		view_next(out, view_cursor(w->arena, g[groups.n - 1].place, &g[groups.n - 1].id));
	return 0;
}

/* ---- one household ---------------------------------------------------------------------------------- */

struct visit_item {
	struct uuid id;
	int64_t at, method, result;
	struct list purposes;
	struct str needs, note, actor;
};

static const struct field VISIT_ITEM_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(visit_item, id), .thing = THING_EVENT, .zh = "编号", .en = "Id" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(visit_item, at), .zh = "时间", .en = "At" },
	{ "method", FIELD_ENUM, FIELD_NEEDED, AT(visit_item, method), .values = VISIT_METHODS,
	  .values_zh = VISIT_METHODS_ZH, .zh = "方式", .en = "Method" },
	{ "purposes", FIELD_LIST, FIELD_NEEDED, AT(visit_item, purposes), .element = FIELD_ENUM,
	  .values = VISIT_PURPOSES, .values_zh = VISIT_PURPOSES_ZH, .zh = "事由", .en = "Purposes" },
	{ "result", FIELD_ENUM, FIELD_NEEDED, AT(visit_item, result), .values = VISIT_RESULTS,
	  .values_zh = VISIT_RESULTS_ZH, .zh = "结果", .en = "Result" },
	{ "needs", FIELD_TEXT, 0, AT(visit_item, needs), .zh = "需求", .en = "Needs" },
	{ "note", FIELD_TEXT, 0, AT(visit_item, note), .zh = "备注", .en = "Note" },
	{ "actor", FIELD_TEXT, FIELD_NEEDED, AT(visit_item, actor), .zh = "记录人", .en = "Recorded by" },
};
static struct shape VISIT_ITEM = { .name = "Visit", SHAPE_OF(VISIT_ITEM_FIELDS, struct visit_item) };

struct followup_brief {
	struct uuid id, subject;
	struct str name;
	int64_t category, starts, last_day, alert, closed;
};

static const struct field BRIEF_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(followup_brief, id), .thing = THING_FOLLOWUP, .zh = "编号", .en = "Id" },
	{ "subject", FIELD_REF, FIELD_NEEDED, AT(followup_brief, subject), .thing = THING_SUBJECT, .zh = "对象",
	  .en = "Subject" },
	{ "name", FIELD_TEXT, 0, AT(followup_brief, name), .zh = "姓名", .en = "Name" },
	{ "category", FIELD_ENUM, FIELD_NEEDED, AT(followup_brief, category), .values = FOLLOWUP_CATEGORIES,
	  .values_zh = FOLLOWUP_CATEGORIES_ZH, .zh = "类别", .en = "Category" },
	{ "starts", FIELD_DAY, FIELD_NEEDED, AT(followup_brief, starts), .zh = "起算日", .en = "First day" },
	{ "last_day", FIELD_DAY, FIELD_NEEDED, AT(followup_brief, last_day), .zh = "最后一天", .en = "Last day" },
	{ "alert", FIELD_BOOL, FIELD_NEEDED, AT(followup_brief, alert), .zh = "发热或有症状",
	  .en = "Fever or symptoms" },
	{ "closed", FIELD_TIME, 0, AT(followup_brief, closed), .zh = "结束", .en = "Closed" },
};
static struct shape FOLLOWUP_BRIEF = { .name = "HouseholdFollowup", SHAPE_OF(BRIEF_FIELDS, struct followup_brief) };

struct visited_item {
	struct uuid household, group;
	struct str address, head, phone, place_name, group_name;
	int64_t place, masked, last_visit, last_met, days, removed;
	struct list visits, followups;
};

static const struct field VISITED_FIELDS[] = {
	{ "household", FIELD_REF, FIELD_NEEDED, AT(visited_item, household), .thing = THING_HOUSEHOLD, .zh = "住户",
	  .en = "Household" },
	{ "address", FIELD_TEXT, 0, AT(visited_item, address), .zh = "住址", .en = "Address" },
	{ "head", FIELD_TEXT, 0, AT(visited_item, head), .zh = "户主", .en = "Head" },
	{ "phone", FIELD_TEXT, 0, AT(visited_item, phone), .zh = "电话", .en = "Phone" },
	{ "masked", FIELD_BOOL, FIELD_NEEDED, AT(visited_item, masked), .zh = "已遮盖", .en = "Masked" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(visited_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(visited_item, place_name), .zh = "地名", .en = "Place name" },
	{ "group", FIELD_REF, 0, AT(visited_item, group), .thing = THING_GROUP, .zh = "责任组", .en = "Group" },
	{ "group_name", FIELD_TEXT, 0, AT(visited_item, group_name), .zh = "责任组名称", .en = "Group name" },
	{ "last_visit", FIELD_TIME, 0, AT(visited_item, last_visit), .zh = "上次走访", .en = "Last visit" },
	{ "last_met", FIELD_TIME, 0, AT(visited_item, last_met), .zh = "上次见到人", .en = "Last met" },
	{ "days", FIELD_INT, FIELD_NEEDED, AT(visited_item, days), .zh = "已有天数", .en = "Days since" },
	{ "removed", FIELD_TIME, 0, AT(visited_item, removed), .zh = "注销时间", .en = "Removed" },
	{ "visits", FIELD_LIST, FIELD_NEEDED, AT(visited_item, visits), .element = FIELD_OBJECT, .shape = &VISIT_ITEM,
	  .zh = "走访", .en = "Visits" },
	{ "followups", FIELD_LIST, FIELD_NEEDED, AT(visited_item, followups), .element = FIELD_OBJECT,
	  .shape = &FOLLOWUP_BRIEF, .zh = "随访", .en = "Follow-ups" },
};
struct shape VISITED_HOUSEHOLD = { .name = "VisitedHousehold", SHAPE_OF(VISITED_FIELDS, struct visited_item) };

/* The latest visits, newest first. */
#define VISITS_SHOWN 100

static int fill_visits(struct work *w, const struct uuid *household, enum reveal reveal, struct list *ret,
		       struct err *err)
{
	int64_t seqs[VISITS_SHOWN];
	size_t n = 0;
	struct visit_item *items = arena_alloc(w->arena, VISITS_SHOWN * sizeof *items);
	int rc;
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_HOUSEHOLD_VISITS, &st, err, "ui", household, (int64_t)VISITS_SHOWN) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1 && n < VISITS_SHOWN)
			seqs[n++] = stmt_i64(st, 0);
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct event ev;
		if (work_event(w, seqs[i], reveal == REVEAL_FULL, &ev, err) <= 0)
			return -1;
		const struct visit_made *d = ev.data;
		items[i] =
		    (struct visit_item){ ev.id, ev.at, d->method, d->result, d->purposes, d->needs, d->note, ev.actor };
	}
	*ret = (struct list){ items, n };
	return 0;
}

static int fill_followups(struct work *w, const struct uuid *household, enum reveal reveal, struct list *ret,
			  struct err *err)
{
	struct list all;
	if (followups_of_household(w, household, false, &all, err) < 0)
		return -1;
	const struct followup *f = all.items;
	struct followup_brief *items = arena_alloc(w->arena, (all.n + 1) * sizeof *items);
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < all.n; i++) {
		const struct course c = followup_course(&f[i]);
		const struct followup_person *p;
		items[i] = (struct followup_brief){ .id = f[i].id,
						    .subject = f[i].subject,
						    .category = f[i].category,
						    .starts = f[i].starts,
						    .last_day = course_last_day(&c),
						    .alert = f[i].alert,
						    .closed = f[i].closed };
		if (reveal == REVEAL_NOTHING)
			continue;
		if (followup_person(w, &f[i], &p, err) < 0)
			return -1;
		if (p)
			items[i].name = reveal == REVEAL_FULL ? p->name : mask_name(w->arena, p->name);
	}
	*ret = (struct list){ items, all.n };
	return 0;
}

static int fill_household(struct work *w, struct household *h, enum reveal *ret_reveal, struct visited_item *item,
			  struct err *err)
{
	struct group_brief g = { 0 };
	*item = (struct visited_item){ .household = h->id,
				       .place = h->place,
				       .removed = h->removed,
				       .place_name = place_name(w, h->place, INT64_MAX) };
	int rc = household_group_now(w, h->place, &h->id, &item->group, err);
	if (rc == 1)
		rc = group_read(w, &item->group, &g, err);
	if (rc < 0 || household_shown(w, h, rc ? &item->group : NULL, ret_reveal, err) < 0 ||
	    household_read(w, h, err) < 0 || household_visited(w, &h->id, &item->last_visit, &item->last_met, err) < 0)
		return -1;
	bool full = *ret_reveal == REVEAL_FULL;
	if (rc)
		item->group_name = g.name;
	item->days = days_unmet(w, h, item->last_met);
	item->masked = !full;
	item->address = shown_address(w, h, *ret_reveal);
	if (*ret_reveal != REVEAL_NOTHING) {
		item->head = full ? h->name : mask_name(w->arena, h->name);
		item->phone = full ? h->phone : mask_phone(w->arena, h->phone);
	}
	return 0;
}

int visited_household_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct household h;
	struct visited_item item;
	enum reveal reveal;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = household_get(w, &id, &h, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, VISIT_READERS, h.place, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (view_reason_open(w, q, &id, err) < 0)
		return -1;
	if (fill_household(w, &h, &reveal, &item, err) < 0 || fill_visits(w, &id, reveal, &item.visits, err) < 0 ||
	    fill_followups(w, &id, reveal, &item.followups, err) < 0)
		return -1;
	return view_item(out, &item, err);
}
