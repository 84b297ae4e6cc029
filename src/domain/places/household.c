/* Households read, for other modules and behind their figure: the compact rows
 * in the order they were recorded, the rest from the ledger. */
#include <stdlib.h>

#include "domain/places/internal.h"
#include "places.sql.h"

int household_get(struct work *w, const struct uuid *id, struct household *ret, struct err *err)
{
	struct thing t;
	int rc = thing_get(w, id, &t, err);
	if (rc <= 0 || !str_is(t.kind, THING_HOUSEHOLD))
		return rc < 0 ? -1 : 0;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_HOUSEHOLD_GET, &st, err, "i", t.seq) < 0)
		return -1;
	rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct household){ .id = *id,
					   .place = t.area,
					   .registered = stmt_i64(st, 0),
					   .removed = stmt_i64(st, 1),
					   .seq = t.seq,
					   .changed = stmt_i64(st, 2) > 0,
					   .members = FIELD_ABSENT };
	return rc;
}

/* A change and the order in which changes hold: by the day from which they do, then as histories fold. */
struct change {
	int64_t from, at;
	struct uuid id;
	const struct household_changed *data;
};

static int by_day(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

static void apply(struct household *h, struct str address, struct str building, const struct household_head *head,
		  int64_t members, const struct list *tags)
{
	if (address.ptr)
		h->address = address;
	if (building.ptr)
		h->building = building;
	if (head) {
		h->name = head->name;
		h->phone = head->phone;
	}
	if (members != FIELD_ABSENT)
		h->members = members;
	if (tags->items)
		h->tags = *tags;
}

int household_read(struct work *w, struct household *h, struct err *err)
{
	struct event ev;
	int rc = work_event(w, h->seq, true, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a household's record is missing");
	const struct household_registered *d = ev.data;
	apply(h, d->address, d->building, d->head, d->members, &d->tags);
	h->erased = !d->address.ptr;
	if (!h->changed)
		return 0;
	struct list history;
	if (thing_history(w, &h->id, &history, err) < 0)
		return -1;
	const struct history_item *items = history.items;
	struct change *changes = arena_alloc(w->arena, (history.n + 1) * sizeof *changes);
	size_t n = 0;
	if (!changes)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < history.n; i++) {
		if (items[i].voided == 1 || !str_is(items[i].type, "household.changed"))
			continue;
		if (work_event(w, items[i].seq, true, &ev, err) < 0)
			return -1;
		const struct household_changed *c = ev.data;
		if (day_start(c->from) <= w->now)
			changes[n++] = (struct change){ c->from, ev.at, ev.id, c };
	}
	qsort(changes, n, sizeof *changes, by_day);
	for (size_t i = 0; i < n; i++) {
		const struct household_changed *c = changes[i].data;
		apply(h, c->address, c->building, c->head, c->members, &c->tags);
	}
	return 0;
}

/* ---- walking ------------------------------------------------------------------------------ */

/* The rows of (after, before) that lie in a place, page by page so that callbacks may use the connection. */
static int walk_range(struct work *w, int64_t after, int64_t before, place_t place, household_fn each, void *ctx,
		      struct err *err)
{
	for (;;) {
		struct household page[100];
		size_t n = 0;
		int rc;
		{
			_cleanup_(stmt_endp) struct stmt *st = NULL;
			if (db_start(w->db, &SQL_HOUSEHOLD_RANGE, &st, err, "iiiii", after, before, place,
				     place + place_span(place), (int64_t)ARRAY_LEN(page)) < 0)
				return -1;
			while ((rc = stmt_step(st, err)) == 1)
				page[n++] = (struct household){ .seq = stmt_i64(st, 0),
								.id = stmt_uuid(st, 1),
								.place = stmt_i64(st, 2),
								.registered = stmt_i64(st, 3),
								.removed = stmt_i64(st, 4),
								.changed = stmt_i64(st, 5) > 0,
								.members = FIELD_ABSENT };
			if (rc < 0)
				return -1;
		}
		for (size_t i = 0; i < n; i++) {
			int stop = each(ctx, &page[i], err);
			if (stop)
				return stop;
		}
		if (n < ARRAY_LEN(page))
			return 0;
		after = page[n - 1].seq;
	}
}

/* All rows of a place after a record, removed ones too: a village's and a grid's by the runs that hold any. */
static int walk(struct work *w, place_t place, int64_t after, household_fn each, void *ctx, struct err *err)
{
	place_t village = place_at(place, LEVEL_VILLAGE);
	int64_t block = after < 0 ? 0 : after / HOUSEHOLD_BLOCK;
	if (place_level(place) < LEVEL_VILLAGE)
		return walk_range(w, after, INT64_MAX, place, each, ctx, err);
	for (;;) {
		int64_t blocks[64];
		size_t n = 0;
		int rc;
		{
			_cleanup_(stmt_endp) struct stmt *st = NULL;
			if (db_start(w->db, &SQL_HOUSEHOLD_BLOCKS, &st, err, "iii", block, village,
				     (int64_t)ARRAY_LEN(blocks)) < 0)
				return -1;
			while ((rc = stmt_step(st, err)) == 1)
				blocks[n++] = stmt_i64(st, 0);
			if (rc < 0)
				return -1;
		}
		for (size_t i = 0; i < n; i++) {
			int64_t first = blocks[i] * HOUSEHOLD_BLOCK - 1;
			int stop = walk_range(w, after > first ? after : first, first + HOUSEHOLD_BLOCK + 1, place,
					      each, ctx, err);
			if (stop)
				return stop;
		}
		if (n < ARRAY_LEN(blocks))
			return 0;
		block = blocks[n - 1] + 1;
	}
}

struct live_walk {
	household_fn each;
	void *ctx;
	int64_t left;
};

static int live_only(void *ctx, const struct household *h, struct err *err)
{
	struct live_walk *k = ctx;
	if (h->removed != FIELD_ABSENT)
		return 0;
	int stop = k->each(k->ctx, h, err);
	return stop ? stop : --k->left == 0;
}

int households_of(struct work *w, place_t place, int64_t after, int64_t limit, household_fn each, void *ctx,
		  struct err *err)
{
	struct live_walk k = { each, ctx, limit };
	return walk(w, place, after, live_only, &k, err) < 0 ? -1 : 0;
}

struct behind_walk {
	const struct behind_query *q;
	behind_fn put;
	void *ctx;
	int64_t left;
};

static int put_behind(void *ctx, const struct household *h, struct err *err)
{
	struct behind_walk *k = ctx;
	if (h->registered >= k->q->before || (h->removed != FIELD_ABSENT && h->removed < k->q->before))
		return 0;
	struct behind_item item = { h->seq, h->id, &h->seq, 1 }; /* the seq is the cursor */
	if (k->put(k->ctx, &item, err) < 0)
		return -1;
	return --k->left == 0;
}

int household_behind(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	struct behind_walk k = { q, put, ctx, q->limit };
	return walk(w, q->place, q->after_place, put_behind, &k, err) < 0 ? -1 : 0;
}
