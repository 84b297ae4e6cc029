/* Notices as lists and single records: what was issued within a territory, is
 * addressed to it, or to people of it. The cascade is in notices_cascade.c. */
#include <stdio.h>
#include <stdlib.h>

#include "domain/notices/internal.h"
#include "domain/teams/teams.h"
#include "notices.sql.h"

#define AT(type, member) offsetof(struct type, member)

/* ---- who sees what ------------------------------------------------------------------- */

static bool in_force(const struct work *w, const struct grant *g, unsigned roles)
{
	return (g->role & roles) && (g->until == FIELD_ABSENT || g->until > w->now);
}

size_t notice_own_units(const struct work *w, place_t out[OWN_UNITS_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < w->who->n_grants && n < OWN_UNITS_MAX; i++) {
		const struct grant *g = &w->who->grants[i];
		size_t k = 0;
		while (k < n && out[k] != g->place)
			k++;
		if (k == n && in_force(w, g, ROLES_ISSUING))
			out[n++] = g->place;
	}
	return n;
}

/* Lists are kept up to the store's top: who is granted more sees what stands there. */
static place_t in_store(const struct work *w, place_t place)
{
	return place_within(w->top, place) ? w->top : place;
}

/* What is addressed to one's own person is seen wherever one's grants are. */
static int reaches_own_person(struct work *w, const struct notice *n, struct err *err)
{
	const struct notice_issued *issued;
	if (!n->people || uuid_is_nil(&w->who->person))
		return 0;
	if (notice_read(w, n, &issued, err) < 0)
		return -1;
	return notice_reaches_person(w, n, issued->to, &w->who->person, w->now, err);
}

int notice_seen(struct work *w, const struct notice *n, struct err *err)
{
	if (w->who->local || principal_may(w->who, ROLES_BUT_ADMIN, n->area, w->now))
		return 1;
	for (size_t i = 0; i < w->who->n_grants; i++) {
		const struct grant *g = &w->who->grants[i];
		int64_t at;
		if (!in_force(w, g, ROLES_BUT_ADMIN))
			continue;
		if (n->people && place_within(g->place, n->area))
			return 1;
		int rc = db_get_i64(w->db, &SQL_NOTICE_LIST_HAS, &at, err, "iiu", in_store(w, g->place), n->at, &n->id);
		if (rc)
			return rc;
	}
	return reaches_own_person(w, n, err);
}

/* ---- the item ---------------------------------------------------------------------------- */

struct mine {
	int64_t unit, acknowledged, due;
};

static const struct field MINE_FIELDS[] = {
	{ "unit", FIELD_PLACE, FIELD_NEEDED, AT(mine, unit), .zh = "本单位", .en = "Own unit" },
	{ "acknowledged", FIELD_TIME, 0, AT(mine, acknowledged), .zh = "已签收", .en = "Acknowledged" },
	{ "due", FIELD_TIME, 0, AT(mine, due), .zh = "应签收", .en = "Due" },
};
static struct shape MINE = { .name = "NoticeMine", SHAPE_OF(MINE_FIELDS, struct mine) };

struct child_item {
	struct uuid id;
	struct str title, number, issuer, place_name;
	int64_t place, at, withdrawn;
};

static const struct field CHILD_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(child_item, id), .thing = THING_NOTICE, .zh = "编号", .en = "Id" },
	{ "title", FIELD_TEXT, FIELD_NEEDED, AT(child_item, title), .zh = "标题", .en = "Title" },
	{ "number", FIELD_TEXT, 0, AT(child_item, number), .zh = "发文字号", .en = "Number" },
	{ "issuer", FIELD_TEXT, FIELD_NEEDED, AT(child_item, issuer), .zh = "发文机关", .en = "Issuer" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(child_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(child_item, place_name), .zh = "地名", .en = "Place name" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(child_item, at), .zh = "下发", .en = "Issued" },
	{ "withdrawn", FIELD_TIME, 0, AT(child_item, withdrawn), .zh = "撤回", .en = "Withdrawn" },
};
static struct shape CHILD_ITEM = { .name = "NoticeBelow", SHAPE_OF(CHILD_FIELDS, struct child_item) };

struct notice_item {
	struct uuid id, parent;
	int64_t kind, place, at, acknowledge_by, withdrawn, units, acknowledged, late, people, people_acknowledged;
	struct str title, number, issuer, place_name, body, parent_title;
	struct audience *to;
	struct mine *mine;
	struct list children, history;
};

static const struct field ITEM_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(notice_item, id), .thing = THING_NOTICE, .zh = "编号", .en = "Id" },
	{ "kind", FIELD_ENUM, FIELD_NEEDED, AT(notice_item, kind), .values = NOTICE_KINDS, .values_zh = NOTICE_KINDS_ZH,
	  .zh = "种类", .en = "Kind" },
	{ "title", FIELD_TEXT, FIELD_NEEDED, AT(notice_item, title), .zh = "标题", .en = "Title" },
	{ "number", FIELD_TEXT, 0, AT(notice_item, number), .zh = "发文字号", .en = "Number" },
	{ "issuer", FIELD_TEXT, FIELD_NEEDED, AT(notice_item, issuer), .zh = "发文机关", .en = "Issuer" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(notice_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(notice_item, place_name), .zh = "地名", .en = "Place name" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(notice_item, at), .zh = "下发", .en = "Issued" },
	{ "acknowledge_by", FIELD_TIME, 0, AT(notice_item, acknowledge_by), .zh = "签收时限",
	  .en = "To be acknowledged by" },
	{ "parent", FIELD_REF, 0, AT(notice_item, parent), .thing = THING_NOTICE, .zh = "所依据的上级通知",
	  .en = "Notice it rests on" },
	{ "withdrawn", FIELD_TIME, 0, AT(notice_item, withdrawn), .zh = "撤回", .en = "Withdrawn" },
	{ "units", FIELD_INT, FIELD_NEEDED, AT(notice_item, units), .zh = "单位数", .en = "Units" },
	{ "acknowledged", FIELD_INT, FIELD_NEEDED, AT(notice_item, acknowledged), .zh = "已签收单位",
	  .en = "Units that acknowledged" },
	{ "late", FIELD_INT, FIELD_NEEDED, AT(notice_item, late), .zh = "逾期单位",
	  .en = "Units late: acknowledged after the hour, or still missing" },
	{ "people", FIELD_INT, 0, AT(notice_item, people), .zh = "对象人数", .en = "People addressed" },
	{ "people_acknowledged", FIELD_INT, FIELD_NEEDED, AT(notice_item, people_acknowledged), .zh = "已签收人数",
	  .en = "People who acknowledged" },
	{ "mine", FIELD_OBJECT, 0, AT(notice_item, mine), .shape = &MINE, .zh = "本单位", .en = "Own unit" },
	{ "body", FIELD_TEXT, 0, AT(notice_item, body), .zh = "正文", .en = "Text" },
	{ "to", FIELD_OBJECT, 0, AT(notice_item, to), .shape = &NOTICE_AUDIENCE, .zh = "发至", .en = "Addressed to" },
	{ "parent_title", FIELD_TEXT, 0, AT(notice_item, parent_title), .zh = "上级通知标题",
	  .en = "Title of the notice it rests on" },
	{ "children", FIELD_LIST, 0, AT(notice_item, children), .element = FIELD_OBJECT, .shape = &CHILD_ITEM,
	  .zh = "据此下发的通知", .en = "Notices that rest on it" },
	{ "history", FIELD_LIST, 0, AT(notice_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
struct shape NOTICE_ITEM = { .name = "Notice", SHAPE_OF(ITEM_FIELDS, struct notice_item) };

static int find_mine(struct work *w, const struct notice *n, struct mine **ret, struct err *err)
{
	place_t own[OWN_UNITS_MAX];
	size_t count = notice_own_units(w, own);
	*ret = NULL;
	for (size_t i = 0; i < count; i++) {
		struct notice_unit u;
		int rc = notice_unit_get(w, &n->id, own[i], &u, err);
		if (rc < 0)
			return -1;
		if (!rc)
			continue;
		struct mine *m = arena_alloc(w->arena, sizeof *m);
		if (!m)
			return err_kind_set(err, &ERR_NO_MEMORY);
		*m = (struct mine){ own[i], u.acked, n->due == DUE_NEVER ? FIELD_ABSENT : n->due };
		*ret = m;
		return 0;
	}
	return 0;
}

static int fill_item(struct work *w, const struct notice *n, struct notice_item *item, struct err *err)
{
	*item = (struct notice_item){ .id = n->id,
				      .parent = n->parent,
				      .kind = n->kind,
				      .place = n->area,
				      .at = n->at,
				      .acknowledge_by = n->due == DUE_NEVER ? FIELD_ABSENT : n->due,
				      .withdrawn = n->withdrawn,
				      .units = n->units,
				      .acknowledged = n->acknowledged,
				      .late = n->due <= w->now ? n->late : 0,
				      .people = FIELD_ABSENT,
				      .people_acknowledged = n->people_acknowledged,
				      .title = n->title,
				      .number = n->number,
				      .issuer = n->issuer,
				      .place_name = place_name(w, n->area, INT64_MAX) };
	return find_mine(w, n, &item->mine, err);
}

/* ---- the list --------------------------------------------------------------------------- */

static int newest_first(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;
	if (x->at != y->at)
		return x->at > y->at ? -1 : 1;
	return -memcmp(x->notice.b, y->notice.b, sizeof x->notice.b);
}

struct listing {
	struct listed *items;
	size_t n, cap;
};

static int take_listed(struct work *w, const struct sql *q, place_t place, const struct listed *before, int64_t most,
		       struct listing *to, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, q, &st, err, "iiui", place, before->at, &before->notice, most) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(to->items = arena_grow(w->arena, to->items, to->n, &to->cap, sizeof *to->items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		to->items[to->n++] = (struct listed){ stmt_i64(st, 0), stmt_uuid(st, 1) };
	}
	return rc;
}

/* For people of the place's own people too when `itself`. */
static int take_for_people(struct work *w, place_t place, bool itself, const struct listed *before, int64_t most,
			   struct listing *to, struct err *err)
{
	for (place_t p = place;; p = place_parent(p)) {
		if ((p != place || itself) && take_listed(w, &SQL_NOTICE_AUDIENCE_OF, p, before, most, to, err) < 0)
			return -1;
		if (p == w->top || p == PLACE_NATION)
			return 0;
	}
}

int notices_for_people(struct work *w, place_t place, const struct listed *before, int64_t most, struct list *ret,
		       struct err *err)
{
	struct listing l = { 0 };
	if (take_for_people(w, place, true, before, most, &l, err) < 0)
		return -1;
	if (l.n)
		qsort(l.items, l.n, sizeof *l.items, newest_first);
	*ret = (struct list){ l.items, l.n };
	return 0;
}

static int kind_of(struct str kind, int64_t *ret, struct err *err)
{
	for (int64_t i = 0; NOTICE_KINDS[i]; i++) {
		if (str_is(kind, NOTICE_KINDS[i])) {
			*ret = i;
			return 0;
		}
	}
	return err_set(err, &ERR_FIELD_RANGE, "kind", "kind", "notice, emergency_notice, initiative, plan, guidance",
		       NULL);
}

static bool holds(struct str text, struct str q)
{
	return text.ptr && memmem(text.ptr, text.len, q.ptr, q.len);
}

static bool matches(const struct notice *n, const struct view_query *q, int64_t kind)
{
	if (q->kind.ptr && n->kind != kind)
		return false;
	return !q->q.ptr || !q->q.len || holds(n->title, q->q) || holds(n->number, q->q) || holds(n->issuer, q->q);
}

/* A search looks through so many a page, which may come out short and carry on by `next`. */
#define SEARCH_MAX 1000

/* "1580515200000:UUID": the moment and the notice last shown. */
static struct str list_cursor(struct arena *a, const struct listed *last)
{
	char text[24 + UUID_TEXT];
	int len = snprintf(text, sizeof text, "%lld:", (long long)last->at);
	uuid_format(&last->notice, text + len);
	return arena_str(a, (struct str){ text, (size_t)len + UUID_TEXT });
}

static int list_cursor_parse(struct str after, struct listed *ret, struct err *err)
{
	const char *colon = memchr(after.ptr, ':', after.len);
	if (colon) {
		size_t len = (size_t)(colon - after.ptr);
		if (str_to_i64((struct str){ after.ptr, len }, &ret->at) &&
		    uuid_parse((struct str){ colon + 1, after.len - len - 1 }, &ret->notice))
			return 0;
	}
	return err_set(err, &ERR_FIELD_FORM, "after", "after", "next", NULL);
}

/* Addressed to a unit of the place and to people of it, a notice is found in both lists. */
static void drop_doubles(struct listing *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (!n || newest_first(&l->items[n - 1], &l->items[i]))
			l->items[n++] = l->items[i];
	}
	l->n = n;
}

/* One page in order of time from the territory's own list and those for people above it. */
static int read_page(struct work *w, const struct view_query *q, struct listed *before, int64_t most, struct listing *l,
		     struct err *err)
{
	place_t place = in_store(w, q->place);
	*l = (struct listing){ 0 };
	if (take_listed(w, &SQL_NOTICE_LIST_OF, place, before, most, l, err) < 0 ||
	    take_for_people(w, place, false, before, most, l, err) < 0)
		return -1;
	if (l->n)
		qsort(l->items, l->n, sizeof *l->items, newest_first);
	drop_doubles(l);
	if (l->n > (size_t)most)
		l->n = (size_t)most;
	return 0;
}

int notices_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct listed last = { .at = INT64_MAX };
	struct listing l;
	int64_t kind = 0, shown = 0;
	bool all = !q->kind.ptr && !(q->q.ptr && q->q.len);
	int64_t most = all ? q->limit : SEARCH_MAX;
	if (q->after.ptr && list_cursor_parse(q->after, &last, err) < 0)
		return -1;
	if (q->kind.ptr && kind_of(q->kind, &kind, err) < 0)
		return -1;
	if (read_page(w, q, &last, most, &l, err) < 0)
		return -1;
	size_t i = 0;
	for (; i < l.n && shown < q->limit; i++) {
		struct notice n;
		struct notice_item item;
		int rc = notice_get(w, &l.items[i].notice, &n, err);
		if (rc < 0)
			return -1;
		last = l.items[i];
		if (!rc || !matches(&n, q, kind))
			continue;
		if (fill_item(w, &n, &item, err) < 0 || view_item(out, &item, err) < 0)
			return -1;
		shown++;
	}
	if (i < l.n || l.n == (size_t)most)
		view_next(out, list_cursor(w->arena, &last));
	return 0;
}

/* ---- one ---------------------------------------------------------------------------------- */

/* By category they are counted already; who is a party member is not. */
static int count_people(struct work *w, const struct notice *n, const struct audience *to, int64_t *ret,
			struct err *err)
{
	const int64_t *c = to->categories.items;
	unsigned seen = 0;
	if (!n->people || to->party_members == 1)
		return 0;
	*ret = 0;
	for (size_t i = 0; i < to->categories.n; i++) {
		char name[64];
		int64_t value;
		if (seen & (1u << c[i]))
			continue;
		seen |= 1u << c[i];
		snprintf(name, sizeof name, "people.%s", CATEGORY_NAMES[c[i]]);
		if (figure_value(w, name, 0, n->area, day_of(w->now), &value, err) < 0)
			return -1;
		*ret += value;
	}
	return 0;
}

static int by_moment(const void *a, const void *b)
{
	const struct notice *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

#define CHILDREN_MAX 1000

static int fill_children(struct work *w, const struct notice *n, struct list *ret, struct err *err)
{
	struct list below;
	size_t k = 0;
	if (notice_children(w, &n->id, CHILDREN_MAX, &below, err) < 0)
		return -1;
	struct notice *c = below.items;
	struct child_item *items = arena_alloc(w->arena, (below.n + 1) * sizeof *items);
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (below.n)
		qsort(c, below.n, sizeof *c, by_moment);
	for (size_t i = 0; i < below.n; i++) {
		int rc = notice_seen(w, &c[i], err);
		if (rc < 0)
			return -1;
		if (rc)
			items[k++] = (struct child_item){ .id = c[i].id,
							  .title = c[i].title,
							  .number = c[i].number,
							  .issuer = c[i].issuer,
							  .place_name = place_name(w, c[i].area, INT64_MAX),
							  .place = c[i].area,
							  .at = c[i].at,
							  .withdrawn = c[i].withdrawn };
	}
	*ret = (struct list){ items, k };
	return 0;
}

/* Its issuer's records, and of the others those of the caller's territory: a neighbour's answer is not theirs to see.
 */
static int fill_history(struct work *w, const struct notice *n, struct list *ret, struct err *err)
{
	size_t kept = 0;
	if (thing_history(w, &n->id, ret, err) < 0)
		return -1;
	struct history_item *items = ret->items;
	for (size_t i = 0; i < ret->n; i++) {
		struct event ev;
		if (work_event(w, items[i].seq, false, &ev, err) <= 0)
			return err_fmt(err, &ERR_STORE_CORRUPT, "a notice's record is missing");
		if (ev.area == n->area || w->who->local || principal_may(w->who, ROLES_BUT_ADMIN, ev.area, w->now))
			items[kept++] = items[i];
	}
	ret->n = kept;
	return 0;
}

int notice_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct notice n, parent;
	struct notice_item item;
	const struct notice_issued *issued;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = notice_get(w, &id, &n, err);
	if (rc == 1)
		rc = notice_seen(w, &n, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_kind_set(err, &ERR_NOT_FOUND);
	if (fill_item(w, &n, &item, err) < 0 || notice_read(w, &n, &issued, err) < 0 ||
	    count_people(w, &n, issued->to, &item.people, err) < 0)
		return -1;
	item.body = issued->body;
	item.to = issued->to;
	if (!uuid_is_nil(&n.parent)) {
		rc = notice_get(w, &n.parent, &parent, err);
		if (rc == 1)
			rc = notice_seen(w, &parent, err);
		if (rc < 0)
			return -1;
		if (rc)
			item.parent_title = parent.title;
	}
	if (fill_children(w, &n, &item.children, err) < 0 || fill_history(w, &n, &item.history, err) < 0)
		return -1;
	return view_item(out, &item, err);
}
