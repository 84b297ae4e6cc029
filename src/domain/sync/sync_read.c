/* Things read into a page in the form in which the views show them. */
#include "domain/sync/internal.h"

#include <stdio.h>
#include <stdlib.h>

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
	size_t n;
};

static int take(void *ctx, const struct view *v, const void *item, struct str json, struct err *err)
{
	struct taking *k = ctx;
	struct sync_page *p = k->page;
	struct str id = id_of(p->w->arena, k->kind, v->shape, item);
	k->n++;
	if (k->only.ptr && !str_eq(id, k->only))
		return 0;
	p->items = arena_grow(p->w->arena, p->items, p->n, &p->cap, sizeof *p->items);
	struct str data = arena_str(p->w->arena, json);
	if (!p->items || !id.ptr || !data.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	p->items[p->n++] = (struct sync_item){ .kind = str_of(SYNC_KIND_NAMES[k->kind]),
					       .id = id,
					       .place = place_of(k->kind, v->shape, item),
					       .data = data };
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
	return view_within(LISTS[part->kind].path, p->w, &q, take, &k, ret_next, err);
}

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
int sync_read_one(struct sync_page *p, enum sync_kind kind, const struct uuid *id, struct err *err)
{
	struct thing t;
	struct str next;
	size_t before = p->n;
	int rc = thing_get(p->w, id, &t, err);
	if (rc < 0)
		return -1;
	if (rc == 1 && (rc = carried(p, kind, &t, err)) <= 0)
		/* Only what one's groups answer for comes and goes by another way than by being taken back. */
		return rc < 0 ? -1 : kind == SYNC_HOUSEHOLD ? sync_drop(p, kind, id, err) : 0;
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

static uint64_t hash_items(const struct sync_item *items, size_t n)
{
	uint64_t h = 1469598103934665603u;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < items[i].data.len; k++)
			h = (h ^ (unsigned char)items[i].data.ptr[k]) * 1099511628211u;
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
