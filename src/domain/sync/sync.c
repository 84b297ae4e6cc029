/* The synchronisation's one view and its cursor: see sync.h. */
#include "domain/sync/internal.h"

#include <stdio.h>
#include <stdlib.h>

#define AT(type, member) offsetof(struct type, member)

/* ---- cursor -------------------------------------------------------------------------------- */

#define CURSOR_FORM "1"

struct str sync_cursor_write(struct arena *a, const struct sync_cursor *c)
{
	char text[200];
	int n = snprintf(text, sizeof text, "%s:%c:%llx:%llx:%llx", CURSOR_FORM, c->first ? 'f' : 'l',
			 (unsigned long long)c->seq, (unsigned long long)c->day, (unsigned long long)c->scope);
	size_t len = (size_t)n;
	if (c->first)
		len += (size_t)snprintf(text + len, sizeof text - len, ":%llx:%.*s", (unsigned long long)c->part,
					STR_ARG(c->in.ptr ? c->in : STR("")));
	for (size_t i = 0; !c->first && i < SYNC_PASSING; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, ":%llx", (unsigned long long)c->passing[i]);
	return arena_str(a, (struct str){ text, len });
}

static bool take_hex(const char **p, uint64_t *ret)
{
	char *end;
	if (**p != ':' || !((*p)[1] >= '0' && (*p)[1] <= '9') == !((*p)[1] >= 'a' && (*p)[1] <= 'f'))
		return false;
	*ret = strtoull(*p + 1, &end, 16);
	*p = end;
	return true;
}

bool sync_cursor_read(struct str text, struct arena *a, struct sync_cursor *ret)
{
	char copy[200];
	uint64_t seq, day, part;
	struct sync_cursor c = { 0 };
	if (!str_copy(text, copy, sizeof copy) || strncmp(copy, CURSOR_FORM ":", 2) != 0 ||
	    (copy[2] != 'f' && copy[2] != 'l'))
		return false;
	const char *p = copy + 3;
	c.first = copy[2] == 'f';
	if (!take_hex(&p, &seq) || !take_hex(&p, &day) || !take_hex(&p, &c.scope) || seq > INT64_MAX / 2 ||
	    day > INT32_MAX)
		return false;
	c.seq = (int64_t)seq;
	c.day = (int64_t)day;
	if (c.first) {
		if (!take_hex(&p, &part) || part > INT32_MAX || *p++ != ':')
			return false;
		c.part = (int64_t)part;
		c.in = *p ? arena_str(a, str_of(p)) : STR_NONE;
		*ret = c;
		return true;
	}
	for (size_t i = 0; i < SYNC_PASSING; i++) {
		if (!take_hex(&p, &c.passing[i]))
			return false;
	}
	*ret = c;
	return *p == 0;
}

/* ---- the first pages -------------------------------------------------------------------------- */

#define PART_PAGE 200

/* The lasting kinds list by list, then what time changes, whole. */
static int first_page(struct sync_page *p, struct sync_cursor *c, int64_t size, bool *ret_more, struct err *err)
{
	const struct sync_scope *s = p->scope;
	while ((size_t)c->part < s->n && s->parts[c->part].kind < SYNC_FOLLOWUP) {
		if (p->n >= p->most || p->bytes >= SYNC_BYTES_MAX) {
			*ret_more = true;
			return 0;
		}
		int64_t limit = (int64_t)(p->most - p->n) < PART_PAGE ? (int64_t)(p->most - p->n) : PART_PAGE;
		const struct sync_part *part = &s->parts[c->part];
		if ((c->in.ptr ? sync_read_part(p, part, c->in, limit, &c->in, err)
			       : sync_read_kept(p, part, limit, &c->seq, &c->in, err)) < 0)
			return -1;
		if (!c->in.ptr)
			c->part++;
	}
	if (p->n > p->most / 2) {
		*ret_more = true;
		return 0;
	}
	c->first = false;
	*ret_more = c->seq < size; /* what was recorded while the pages were read */
	return sync_read_passing(p, c->passing, NULL, 0, err);
}

/* ---- the view ------------------------------------------------------------------------------------ */

static const struct field ITEM_FIELDS[] = {
	{ "kind", FIELD_TEXT, FIELD_NEEDED, AT(sync_item, kind), .zh = "种类", .en = "Kind" },
	{ "id", FIELD_TEXT, FIELD_NEEDED, AT(sync_item, id), .zh = "编号", .en = "Id" },
	{ "place", FIELD_PLACE, 0, AT(sync_item, place), .zh = "地点", .en = "Place" },
	{ "data", FIELD_RAW, FIELD_NEEDED, AT(sync_item, data), .zh = "内容，与列表中的一项相同",
	  .en = "As an item of its list" },
};
static struct shape SYNC_ITEM = { .name = "SyncItem", SHAPE_OF(ITEM_FIELDS, struct sync_item) };

static const struct field DROP_FIELDS[] = {
	{ "kind", FIELD_TEXT, FIELD_NEEDED, AT(sync_drop, kind), .zh = "种类", .en = "Kind" },
	{ "id", FIELD_TEXT, FIELD_NEEDED, AT(sync_drop, id), .zh = "编号", .en = "Id" },
};
static struct shape SYNC_DROP = { .name = "SyncDrop", SHAPE_OF(DROP_FIELDS, struct sync_drop) };

struct sync_answer {
	struct list items, drop;
	struct str next;
	int64_t more, at;
};

static const struct field ANSWER_FIELDS[] = {
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(sync_answer, at), .zh = "截至", .en = "As of" },
	{ "items", FIELD_LIST, FIELD_NEEDED, AT(sync_answer, items), .element = FIELD_OBJECT, .shape = &SYNC_ITEM,
	  .max = 100000, .zh = "新的和变了的", .en = "New and changed" },
	{ "drop", FIELD_LIST, FIELD_NEEDED, AT(sync_answer, drop), .element = FIELD_OBJECT, .shape = &SYNC_DROP,
	  .max = 100000, .zh = "应删去的", .en = "To be dropped, before the items are taken in" },
	{ "next", FIELD_TEXT, FIELD_NEEDED, AT(sync_answer, next), .zh = "下次从此处继续", .en = "Where to go on" },
	{ "more", FIELD_BOOL, FIELD_NEEDED, AT(sync_answer, more), .zh = "还有", .en = "Ask again at once" },
};
static struct shape SYNC_ANSWER = { .name = "Sync", SHAPE_OF(ANSWER_FIELDS, struct sync_answer) };

static int settle_cursor(struct work *w, const struct view_query *q, const struct sync_scope *s, int64_t size,
			 struct sync_cursor *ret, struct err *err)
{
	if (!q->after.ptr) {
		*ret = (struct sync_cursor){ .first = true, .seq = size, .day = day_of(w->now), .scope = s->hash };
		return 0;
	}
	if (!sync_cursor_read(q->after, w->arena, ret))
		return err_set(err, &ERR_FIELD_FORM, "after", "after", "next", NULL);
	return ret->scope == s->hash && ret->seq <= size ? 0 : err_kind_set(err, &ERR_SYNC_ANEW);
}

static int sync_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct sync_scope scope;
	struct sync_cursor c;
	struct ledger_head head = { 0 };
	struct sync_page p = { .w = w, .scope = &scope, .most = q->limit_given ? (size_t)q->limit : SYNC_ITEMS_MAX };
	bool more = false;
	if (ledger_head_latest(w->ledger, &head, err) < 0 || sync_scope_of(w, &scope, err) < 0 ||
	    settle_cursor(w, q, &scope, head.size, &c, err) < 0)
		return -1;
	p.size = head.size;
	if ((c.first ? first_page(&p, &c, head.size, &more, err) : sync_walk(&p, &c, head.size, &more, err)) < 0)
		return -1;
	struct sync_answer answer = { .items = { p.items, p.n },
				      .drop = { p.drops, p.n_drops },
				      .next = sync_cursor_write(w->arena, &c),
				      .more = more,
				      .at = w->now };
	if (!answer.next.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	return view_item(out, &answer, err);
}

static const struct view VIEWS[] = {
	{ "/api/v1/sync", ROLES_BUT_ADMIN, PARAM_PAGE, &SYNC_ANSWER, NULL, "手机随身的数据：首次全部，以后只有变化",
	  "What a phone carries: all the first time, later what changed", sync_view },
};

static const char *const TABLES[] = { NULL };

const struct module SYNC_MODULE = {
	.name = "sync",
	.rank = 7,
	.zh = "同步",
	.en = "Synchronisation",
	.schema = "",
	.tables = TABLES,
	.views = VIEWS,
	.n_views = ARRAY_LEN(VIEWS),
};
