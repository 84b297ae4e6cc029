/* Things read into a page in the form in which the views show them. */
#include "domain/sync/internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "domain/memo.h"

/* Where a kind is listed, and which member names its things. */
static const struct {
	const char *path, *id, *kind;
} LISTS[SYNC_KINDS] = {
	[SYNC_DIVISION] = { "/api/v1/places/divisions", "code", NULL },
	[SYNC_SITE] = { "/api/v1/places/sites", "id", NULL },
	[SYNC_GROUP] = { "/api/v1/grid/groups", "id", NULL },
	[SYNC_HOUSEHOLD] = { "/api/v1/grid/households", "id", NULL },
	[SYNC_FOLLOWUP] = { "/api/v1/visits/followups", "id", "open" },
	[SYNC_NOTICE] = { "/api/v1/notices/notices", "id", NULL },
	[SYNC_CHECKPOINT] = { "/api/v1/checkpoints/sites", "site", NULL },
	[SYNC_REVOCATIONS] = { "/api/v1/checkpoints/revocations", NULL, NULL },
};

static const struct field *member(const struct shape *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->fields[i].name, name) == 0)
			return &s->fields[i];
	}
	return NULL;
}

static struct str id_text(struct arena *a, const struct uuid *id)
{
	char text[UUID_TEXT];
	uuid_format(id, text);
	return arena_str(a, (struct str){ text, UUID_TEXT });
}

/* A division goes by its code, a thing by its id, an answer that is one whole by its kind. */
static struct str id_of(struct arena *a, enum sync_kind kind, const struct shape *s, const void *item)
{
	const struct field *f = LISTS[kind].id ? member(s, LISTS[kind].id) : NULL;
	char text[PLACE_TEXT];
	if (!f)
		return str_of(SYNC_KIND_NAMES[kind]);
	const char *at = (const char *)item + f->offset;
	if (f->kind == FIELD_PLACE)
		return arena_str(a, (struct str){ text, place_format(*(const int64_t *)(const void *)at, text) });
	return id_text(a, (const struct uuid *)(const void *)at);
}

static int64_t place_of(enum sync_kind kind, const struct shape *s, const void *item)
{
	const struct field *f = member(s, kind == SYNC_DIVISION ? "code" : "place");
	return f && f->kind == FIELD_PLACE ? *(const int64_t *)(const void *)((const char *)item + f->offset)
					   : FIELD_ABSENT;
}

struct taking {
	struct sync_page *page;
	enum sync_kind kind;
	struct str only; /* take this one alone */
};

static bool rolls(enum sync_kind kind)
{
	return kind == SYNC_GROUP || kind == SYNC_HOUSEHOLD || kind == SYNC_FOLLOWUP;
}

static int take(void *ctx, const struct view *v, const void *item, struct str json, struct err *err)
{
	struct taking *k = ctx;
	struct sync_page *p = k->page;
	struct str id = id_of(p->w->arena, k->kind, v->shape, item);
	int64_t place = place_of(k->kind, v->shape, item);
	if (k->only.ptr && !str_eq(id, k->only))
		return 0;
	/* A group's households may lie in a neighbouring grid, beyond the caller's reach. */
	if (rolls(k->kind) && !principal_may(p->w->who, v->roles, place, p->w->now))
		return 0;
	p->items = arena_grow(p->w->arena, p->items, p->n, &p->cap, sizeof *p->items);
	struct str data = arena_str(p->w->arena, json);
	if (!p->items || !id.ptr || !data.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	p->items[p->n++] =
	    (struct sync_item){ .kind = str_of(SYNC_KIND_NAMES[k->kind]), .id = id, .place = place, .data = data };
	p->bytes += data.len + 100;
	return 0;
}

static struct view_query query_of(struct work *w, enum sync_kind kind, place_t place)
{
	return (struct view_query){ .place = place,
				    .place_given = true,
				    .as_of = day_of(w->now),
				    .known_at = FIELD_ABSENT,
				    .from = FIELD_ABSENT,
				    .to = FIELD_ABSENT,
				    .at = w->now,
				    .seq = FIELD_ABSENT,
				    .first = FIELD_ABSENT,
				    .second = FIELD_ABSENT,
				    .size = FIELD_ABSENT,
				    .limit_given = true,
				    .kind = LISTS[kind].kind ? str_of(LISTS[kind].kind) : STR_NONE };
}

int sync_read_part(struct sync_page *p, const struct sync_part *part, struct str after, int64_t limit,
		   struct str *ret_next, struct err *err)
{
	struct view_query q = query_of(p->w, part->kind, part->place);
	struct taking k = { .page = p, .kind = part->kind };
	q.after = after;
	q.limit = limit;
	q.group = part->group;
	*ret_next = STR_NONE;
	if (part->kind == SYNC_GROUP && !uuid_is_nil(&part->group))
		return sync_read_one(p, SYNC_GROUP, &part->group, false, err);
	return view_within(LISTS[part->kind].path, p->w, &q, take, &k, ret_next, err);
}

/* ---- kept for the next phone -------------------------------------------------------------------- */

/* So many records may have come since: the phone walks them at once, and reads what is newer. */
#define KEPT_BEHIND 2000

/* What a list looks like depends on who asks, but for what everybody may see alike. */
static struct uuid key_of(const struct sync_page *p, const struct sync_part *part)
{
	uint64_t seen = part->kind == SYNC_DIVISION || part->kind == SYNC_SITE ? 0 : p->scope->seen;
	int64_t day = day_of(p->w->now), kind = part->kind, lang = p->w->lang;
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_add(&b, &kind, sizeof kind);
	buf_add(&b, &part->place, sizeof part->place);
	buf_add(&b, part->group.b, sizeof part->group.b);
	buf_add(&b, &seen, sizeof seen);
	buf_add(&b, &day, sizeof day);
	buf_add(&b, &lang, sizeof lang);
	return uuid_derive(&p->w->store_id, buf_view(&b));
}

struct packed {
	int64_t place;
	uint32_t id_len, data_len;
};

static void pack(const struct sync_item *items, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct packed head = { items[i].place, (uint32_t)items[i].id.len, (uint32_t)items[i].data.len };
		buf_add(out, &head, sizeof head);
		buf_str(out, items[i].id);
		buf_str(out, items[i].data);
	}
}

static int64_t packed_items(struct str text)
{
	int64_t n = 0;
	for (; text.len >= sizeof(struct packed); n++) {
		struct packed head;
		memcpy(&head, text.ptr, sizeof head);
		size_t used = sizeof head + head.id_len + head.data_len;
		text = (struct str){ text.ptr + used, text.len - used };
	}
	return n;
}

static int unpack(struct sync_page *p, enum sync_kind kind, struct str text, struct err *err)
{
	while (text.len >= sizeof(struct packed)) {
		struct packed head;
		memcpy(&head, text.ptr, sizeof head);
		const char *id = text.ptr + sizeof head, *data = id + head.id_len;
		p->items = arena_grow(p->w->arena, p->items, p->n, &p->cap, sizeof *p->items);
		if (!p->items)
			return err_kind_set(err, &ERR_NO_MEMORY);
		p->items[p->n++] = (struct sync_item){ .kind = str_of(SYNC_KIND_NAMES[kind]),
						       .id = { id, head.id_len },
						       .place = head.place,
						       .data = { data, head.data_len } };
		p->bytes += head.data_len + 100;
		size_t used = sizeof head + head.id_len + head.data_len;
		text = (struct str){ text.ptr + used, text.len - used };
	}
	return 0;
}

/* May what was read when the ledger went as far as `seq` be sent? 1, 0, -1. */
static int sound(struct sync_page *p, int64_t seq, struct err *err)
{
	if (seq > p->size || p->size - seq > KEPT_BEHIND)
		return 0;
	if (seq == p->size || (p->sound && seq >= p->sound))
		return 1;
	int rc = sync_spoiled(p->w, seq, p->size, err);
	if (rc == 0)
		p->sound = seq;
	return rc < 0 ? -1 : !rc;
}

int sync_read_kept(struct sync_page *p, const struct sync_part *part, int64_t limit, int64_t *seq, struct str *ret_next,
		   struct err *err)
{
	struct uuid key = key_of(p, part);
	size_t before = p->n;
	struct str text;
	int64_t made;
	*ret_next = STR_NONE;
	if (p->w->memo && memo_find(p->w->memo, &key, p->w->now, p->w->arena, &text, &made) &&
	    packed_items(text) <= limit) {
		int rc = sound(p, made, err);
		if (rc < 0)
			return -1;
		if (rc) {
			if (made < *seq)
				*seq = made;
			return unpack(p, part->kind, text, err);
		}
	}
	if (sync_read_part(p, part, STR_NONE, limit, ret_next, err) < 0)
		return -1;
	if (p->w->memo && !ret_next->ptr) {
		_cleanup_(buf_finish) struct buf packed = { 0 };
		pack(p->items + before, p->n - before, &packed);
		if (!packed.failed)
			memo_keep(p->w->memo, &key, p->w->now, p->size, buf_view(&packed));
	}
	return 0;
}

/* ---- one by one ----------------------------------------------------------------------------------- */

int sync_drop(struct sync_page *p, enum sync_kind kind, const struct uuid *id, struct err *err)
{
	p->drops = arena_grow(p->w->arena, p->drops, p->n_drops, &p->cap_drops, sizeof *p->drops);
	struct str text = id_text(p->w->arena, id);
	if (!p->drops || !text.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	p->drops[p->n_drops++] = (struct sync_drop){ str_of(SYNC_KIND_NAMES[kind]), text };
	return 0;
}

/* The id before: lists go on strictly after a key. */
static struct uuid id_before(struct uuid id)
{
	for (size_t i = sizeof id.b; i-- > 0 && id.b[i]-- == 0;)
		;
	return id;
}

static int carried(struct sync_page *p, enum sync_kind kind, const struct thing *t, struct err *err)
{
	if (kind == SYNC_GROUP)
		return sync_carries_group(p->scope, t->area, &t->id);
	if (kind == SYNC_HOUSEHOLD)
		return sync_carries_household(p->w, p->scope, t->area, &t->id, err);
	for (size_t i = 0; i < p->scope->n; i++) {
		if (p->scope->parts[i].kind == kind && place_within(t->area, p->scope->parts[i].place))
			return 1;
	}
	return 0;
}

/* Lists are in order of place and id, households in that of their records: asked for one after the key before it,
 * they show the thing first, if they show it at all. */
int sync_read_one(struct sync_page *p, enum sync_kind kind, const struct uuid *id, bool was, struct err *err)
{
	struct thing t;
	struct str next;
	size_t before = p->n;
	int rc = thing_get(p->w, id, &t, err);
	if (rc < 0)
		return -1;
	if (rc == 1 && (rc = carried(p, kind, &t, err)) <= 0)
		return rc < 0 ? -1 : was ? sync_drop(p, kind, id, err) : 0;
	if (rc) {
		struct view_query q = query_of(p->w, kind, t.area);
		struct taking k = { .page = p, .kind = kind, .only = id_text(p->w->arena, id) };
		struct uuid none = { 0 }, key = id_before(*id);
		q.limit = 1;
		q.after = kind == SYNC_HOUSEHOLD ? view_cursor(p->w->arena, t.seq - 1, &none)
						 : view_cursor(p->w->arena, t.area, &key);
		if (view_within(LISTS[kind].path, p->w, &q, take, &k, &next, err) < 0)
			return -1;
	}
	return p->n > before ? 0 : sync_drop(p, kind, id, err);
}

/* ---- what time changes too -------------------------------------------------------------------- */

/* So many of a list are carried: of notices the newest. */
static const int64_t MOST[SYNC_PASSING] = { 500, 100, 200, 1 };

/* The moment at which an answer was given makes it no other one. */
static struct str past_moment(struct str data)
{
	const char *comma = str_starts(data, "{\"as_of\":\"") ? memchr(data.ptr, ',', data.len) : NULL;
	return comma ? (struct str){ comma, (size_t)(data.ptr + data.len - comma) } : data;
}

static uint64_t hash_items(const struct sync_item *items, size_t n)
{
	uint64_t h = 1469598103934665603u;
	for (size_t i = 0; i < n; i++) {
		struct str data = past_moment(items[i].data);
		for (size_t k = 0; k < data.len; k++)
			h = (h ^ (unsigned char)data.ptr[k]) * 1099511628211u;
		h = (h ^ 10) * 1099511628211u;
	}
	return h;
}

static bool listed(const struct sync_item *items, size_t n, struct str id)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(items[i].id, id))
			return true;
	}
	return false;
}

/* Reads a list; what is beyond `most` goes to `past`, as far as it is worth telling. */
static int read_list(struct sync_page *fresh, struct sync_page *past, const struct sync_part *part, int64_t most,
		     struct err *err)
{
	struct str after = STR_NONE;
	size_t end = fresh->n + (size_t)most;
	do {
		if (sync_read_part(fresh, part, after, most < 500 ? most : 500, &after, err) < 0)
			return -1;
	} while (after.ptr && fresh->n < end);
	if (!after.ptr || part->kind != SYNC_NOTICE)
		return 0;
	return sync_read_part(past, part, after, most, &after, err);
}

static int move_items(struct sync_page *to, const struct sync_page *from, struct err *err)
{
	for (size_t i = 0; i < from->n; i++) {
		to->items = arena_grow(to->w->arena, to->items, to->n, &to->cap, sizeof *to->items);
		if (!to->items)
			return err_kind_set(err, &ERR_NO_MEMORY);
		to->items[to->n++] = from->items[i];
		to->bytes += from->items[i].data.len + 100;
	}
	return 0;
}

static int drop_past(struct sync_page *p, enum sync_kind kind, const struct sync_page *past,
		     const struct sync_page *fresh, struct err *err)
{
	for (size_t i = 0; i < past->n; i++) {
		struct uuid id;
		if (!listed(fresh->items, fresh->n, past->items[i].id) && uuid_parse(past->items[i].id, &id) &&
		    sync_drop(p, kind, &id, err) < 0)
			return -1;
	}
	return 0;
}

static int read_passing_kind(struct sync_page *p, enum sync_kind kind, uint64_t *hash, const struct sync_gone *gone,
			     size_t n_gone, struct err *err)
{
	struct sync_page fresh = { .w = p->w, .scope = p->scope }, past = fresh;
	for (size_t i = 0; i < p->scope->n; i++) {
		const struct sync_part *part = &p->scope->parts[i];
		if (part->kind == kind && read_list(&fresh, &past, part, MOST[kind - SYNC_FOLLOWUP], err) < 0)
			return -1;
	}
	uint64_t now = hash_items(fresh.items, fresh.n);
	if (now != *hash && (move_items(p, &fresh, err) < 0 || drop_past(p, kind, &past, &fresh, err) < 0))
		return -1;
	*hash = now;
	for (size_t i = 0; i < n_gone; i++) {
		if (gone[i].kind == kind && !listed(fresh.items, fresh.n, id_text(p->w->arena, &gone[i].id)) &&
		    sync_drop(p, kind, &gone[i].id, err) < 0)
			return -1;
	}
	return 0;
}

int sync_read_passing(struct sync_page *p, uint64_t hashes[SYNC_PASSING], const struct sync_gone *gone, size_t n_gone,
		      struct err *err)
{
	for (int kind = SYNC_FOLLOWUP; kind < SYNC_KINDS; kind++) {
		if (read_passing_kind(p, (enum sync_kind)kind, &hashes[kind - SYNC_FOLLOWUP], gone, n_gone, err) < 0)
			return -1;
	}
	return 0;
}
