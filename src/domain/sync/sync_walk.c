/* What changed since a point: the ledger is walked, what its records concern is
 * gathered, and each thing's present form is read. */
#include "domain/sync/internal.h"

#include <stdlib.h>

#include "domain/grid/grid.h"
#include "domain/places/places.h"
#include "domain/records/records.h"
#include "sync.sql.h"

const struct err_kind ERR_SYNC_ANEW = { "sync_anew", 410, "离上次同步太久或您的范围已变，请从头同步",
					"Too much has changed since, or your scope has: synchronise from the start" };

#define WALK_WINDOW     10000 /* entries a call */
#define WALK_LATEST     50000 /* behind by more, and starting anew is less work */
#define HOUSEHOLDS_EACH 50    /* about, of a group */
#define PRESENT_MAX     4000  /* things read a call at the very most */
#define OPENINGS_MAX    500

/* The records by which what is carried changes its form. */
static const char *const CONCERNING[] = { "household.",     "group.",         "site.",
					  "person.changed", "person.left",    "followup.",
					  "notice.issued",  "subject.erased", NULL };

struct ids {
	struct uuid *items;
	size_t n, cap;
};

struct walk {
	struct sync_page *page;
	struct work *w;
	struct ids households, groups, sites, people;
	struct ids through; /* households by their groups */
	struct sync_gone *gone;
	size_t n_gone, cap_gone;
	int64_t last;
	bool divisions; /* a division was taken back */
	bool bounded;   /* stop when there is enough for a page */
	bool full;
};

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static int add_id(struct walk *k, struct ids *to, const struct uuid *id, struct err *err)
{
	if (to->n && uuid_eq(&to->items[to->n - 1], id))
		return 0;
	to->items = arena_grow(k->w->arena, to->items, to->n, &to->cap, sizeof *to->items);
	if (!to->items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	to->items[to->n++] = *id;
	return 0;
}

static void sort_once(struct ids *ids)
{
	size_t n = 0;
	if (ids->n)
		qsort(ids->items, ids->n, sizeof *ids->items, by_id);
	for (size_t i = 0; i < ids->n; i++) {
		if (!n || !uuid_eq(&ids->items[n - 1], &ids->items[i]))
			ids->items[n++] = ids->items[i];
	}
	ids->n = n;
}

static int add_gone(struct walk *k, enum sync_kind kind, const struct uuid *id, struct err *err)
{
	k->gone = arena_grow(k->w->arena, k->gone, k->n_gone, &k->cap_gone, sizeof *k->gone);
	if (!k->gone)
		return err_kind_set(err, &ERR_NO_MEMORY);
	k->gone[k->n_gone++] = (struct sync_gone){ kind, *id };
	return 0;
}

/* ---- gathering ----------------------------------------------------------------------------- */

struct ref_ctx {
	struct walk *k;
	struct err *err;
};

static int touch(struct walk *k, const char *kind, const struct uuid *id, struct err *err)
{
	if (kind == THING_HOUSEHOLD)
		return add_id(k, &k->households, id, err);
	if (kind == THING_GROUP)
		return add_id(k, &k->groups, id, err);
	if (kind == THING_PERSON)
		return add_id(k, &k->people, id, err);
	if (kind == THING_SITE)
		return add_id(k, &k->sites, id, err) < 0 ? -1 : add_gone(k, SYNC_CHECKPOINT, id, err);
	if (kind == THING_FOLLOWUP)
		return add_gone(k, SYNC_FOLLOWUP, id, err);
	if (kind == THING_NOTICE)
		return add_gone(k, SYNC_NOTICE, id, err);
	return 0;
}

static int touch_ref(void *ctx, const struct field *f, const struct uuid *id)
{
	struct ref_ctx *r = ctx;
	return touch(r->k, f->thing, id, r->err);
}

/* Erased is a subject: a household is one, and so is a person. */
static int touch_subject(struct walk *k, const struct event *ev, struct err *err)
{
	const struct subject_erased *d = ev->data;
	struct thing t;
	int rc = thing_get(k->w, &d->subject, &t, err);
	if (rc <= 0)
		return rc;
	if (str_is(t.kind, THING_HOUSEHOLD))
		return touch(k, THING_HOUSEHOLD, &d->subject, err);
	return 0;
}

static bool starts_with_any(struct str type)
{
	for (size_t i = 0; CONCERNING[i]; i++) {
		if (str_starts(type, CONCERNING[i]))
			return true;
	}
	return false;
}

static int touch_event(struct walk *k, const struct event *ev, struct err *err)
{
	struct ref_ctx r = { k, err };
	if (ev->form->shape == &SUBJECT_ERASED)
		return touch_subject(k, ev, err);
	return starts_with_any(str_of(ev->form->type)) ? shape_refs(ev->form->shape, ev->data, touch_ref, &r) : 0;
}

static int touch_voided(struct walk *k, const struct event *ev, struct err *err)
{
	const struct event_voided *d = ev->data;
	struct event orig;
	int rc = work_event_by_id(k->w, &d->event, false, &orig, err);
	if (rc <= 0)
		return rc;
	struct str type = str_of(orig.form->type);
	k->divisions |= str_starts(type, "division.") || str_starts(type, "grid.");
	return touch_event(k, &orig, err);
}

/* An entry's type stands at its end. */
static struct str type_of(struct str entry)
{
	static const char KEY[] = "\"type\":\"";
	size_t len = sizeof KEY - 1, end = entry.len - 2;
	if (entry.len < len + 2 || entry.ptr[end] != '"')
		return STR_NONE;
	size_t at = end;
	while (at > 0 && entry.ptr[at - 1] != '"')
		at--;
	if (at < len || memcmp(entry.ptr + at - len, KEY, len) != 0)
		return STR_NONE;
	return (struct str){ entry.ptr + at, end - at };
}

static int each_entry(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct walk *k = ctx;
	struct str type = type_of(row->entry);
	bool voids = str_is(type, "event.voided");
	place_t area;
	struct event ev;
	k->last = row->seq;
	if (!voids && !starts_with_any(type))
		return 0;
	if (!voids && event_entry_area(row->entry, &area) && !sync_concerns(k->page->scope, area))
		return 0;
	struct str entry = arena_str(k->w->arena, row->entry); /* what is decoded borrows from it */
	if (!entry.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (event_read_entry(entry, registry_form, NULL, NULL, k->w->arena, &ev, err) < 0)
		return -1;
	if (voids && !sync_concerns(k->page->scope, ev.area)) {
		/* A division elsewhere in the county is carried, too. */
		const struct event_voided *d = ev.data;
		struct event orig;
		int rc = work_event_by_id(k->w, &d->event, false, &orig, err);
		if (rc < 0)
			return -1;
		k->divisions |= rc && (str_starts(str_of(orig.form->type), "division.") ||
				       str_starts(str_of(orig.form->type), "grid."));
		return 0;
	}
	if ((voids ? touch_voided(k, &ev, err) : touch_event(k, &ev, err)) < 0)
		return -1;
	/* A group brings its households with it. */
	k->full =
	    k->households.n + k->sites.n + k->n_gone + HOUSEHOLDS_EACH * (k->groups.n + k->people.n) >= k->page->most;
	return k->bounded && k->full;
}

/* What happened in the caller's county, and at the wider places above it. */
static int scan(struct walk *k, int64_t after, int64_t upto, struct err *err)
{
	place_t county = k->page->scope->county;
	k->bounded = true;
	k->last = after;
	if (ledger_scan_where(k->w->ledger, after, upto, WALK_WINDOW, NULL, county, county + place_span(county),
			      each_entry, k, err) < 0)
		return -1;
	int64_t end = k->full ? k->last : upto;
	k->bounded = false;
	for (place_t p = county; p != k->w->top && p != PLACE_NATION;) {
		p = place_parent(p);
		if (ledger_scan_where(k->w->ledger, after, end, WALK_WINDOW, NULL, p, p + 1, each_entry, k, err) < 0)
			return -1;
	}
	k->last = end;
	return 0;
}

/* ---- what it brings with it ------------------------------------------------------------------- */

static int add_column(struct walk *k, struct ids *to, const struct sql *q, const struct uuid *of, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(k->w->db, q, &st, err, "ui", of, (int64_t)PRESENT_MAX) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct uuid id = stmt_uuid(st, 0);
		if (add_id(k, to, &id, err) < 0)
			return -1;
	}
	return rc;
}

static int touch_followup(void *ctx, const struct field *f, const struct uuid *id)
{
	struct ref_ctx *r = ctx;
	return f->thing == THING_FOLLOWUP ? add_gone(r->k, SYNC_FOLLOWUP, id, r->err) : 0;
}

/* A follow-up goes with its household to another group. */
static int add_openings(struct walk *k, const struct uuid *household, struct err *err)
{
	int64_t seqs[OPENINGS_MAX];
	size_t n = 0;
	int rc;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(k->w->db, &SQL_SYNC_LINKS, &st, err, "ui", household, (int64_t)OPENINGS_MAX) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1)
			seqs[n++] = stmt_i64(st, 0);
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct ref_ctx r = { k, err };
		struct event ev;
		if ((rc = work_event(k->w, seqs[i], false, &ev, err)) < 0)
			return -1;
		if (rc && strcmp(ev.form->type, "followup.opened") == 0 &&
		    shape_refs(ev.form->shape, ev.data, touch_followup, &r))
			return -1;
	}
	return 0;
}

/* People bring their groups, groups their households (covered or not), households the groups that count them. */
static int spread(struct walk *k, struct err *err)
{
	sort_once(&k->people);
	for (size_t i = 0; i < k->people.n; i++) {
		if (add_column(k, &k->groups, &SQL_SYNC_GROUPS_OF_PERSON, &k->people.items[i], err) < 0)
			return -1;
	}
	sort_once(&k->households);
	for (size_t i = 0; i < k->households.n; i++) {
		const struct uuid *id = &k->households.items[i];
		if (add_column(k, &k->groups, &SQL_SYNC_GROUPS_OF_HOUSEHOLD, id, err) < 0 ||
		    add_openings(k, id, err) < 0)
			return -1;
	}
	sort_once(&k->groups);
	for (size_t i = 0; i < k->groups.n; i++) {
		struct thing t;
		int rc = thing_get(k->w, &k->groups.items[i], &t, err);
		if (rc < 0)
			return -1;
		if (!rc || !sync_meets_group(k->page->scope, t.area, &t.id))
			continue;
		/* Ever: a group that is dissolved has none left. */
		if (add_column(k, &k->through, &SQL_SYNC_HOUSEHOLDS_OF_GROUP, &t.id, err) < 0)
			return -1;
	}
	sort_once(&k->through);
	sort_once(&k->sites);
	return k->households.n + k->through.n + k->groups.n + k->sites.n > PRESENT_MAX
		   ? err_kind_set(err, &ERR_SYNC_ANEW)
		   : 0;
}

static int present(struct walk *k, enum sync_kind kind, const struct ids *ids, const struct ids *but, struct err *err)
{
	bool any = false;
	for (size_t i = 0; i < k->page->scope->n; i++)
		any |= k->page->scope->parts[i].kind == kind;
	for (size_t i = 0; any && i < ids->n; i++) {
		const struct uuid *id = &ids->items[i];
		if (but && but->n && bsearch(id, but->items, but->n, sizeof *id, by_id))
			continue;
		if (sync_read_one(k->page, kind, id, ids != &k->through, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static int refuse_any(void *ctx, const struct ledger_row *row, struct err *err)
{
	(void)ctx;
	(void)row;
	return err_kind_set(err, &ERR_SYNC_ANEW);
}

static int stop_at_any(void *ctx, const struct ledger_row *row, struct err *err)
{
	(void)row;
	(void)err;
	*(bool *)ctx = true;
	return 1;
}

int sync_spoiled(struct work *w, int64_t after, int64_t size, struct err *err)
{
	static const char *const TYPES[] = { "division.listed", "division.renamed", "grid.defined", "event.voided",
					     "subject.erased" };
	bool any = false;
	for (size_t i = 0; after < size && !any && i < ARRAY_LEN(TYPES); i++) {
		if (ledger_scan_where(w->ledger, after, size, 1, TYPES[i], INT64_MIN, INT64_MAX, stop_at_any, &any,
				      err) < 0)
			return -1;
	}
	return any;
}

/* Divisions change seldom, and their names stand in most of what is carried. */
static int check_divisions(struct work *w, const struct sync_cursor *c, int64_t size, struct err *err)
{
	static const char *const TYPES[] = { "division.listed", "division.renamed", "grid.defined" };
	int64_t code;
	for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
		if (ledger_scan_where(w->ledger, c->seq, size, 1, TYPES[i], INT64_MIN, INT64_MAX, refuse_any, NULL,
				      err) < 0)
			return -1;
	}
	int rc = db_get_i64(w->db, &SQL_SYNC_RENAMED, &code, err, "ii", day_start(c->day), w->now);
	return rc < 0 ? -1 : rc ? err_kind_set(err, &ERR_SYNC_ANEW) : 0;
}

static int keep_changed(void *ctx, const struct household *h, struct err *err)
{
	struct walk *k = ctx;
	return h->changed ? add_id(k, &k->through, &h->id, err) : 0;
}

/* Households that were ever changed: from which days is told by their records alone, and they are few. */
static int touch_changed(struct walk *k, const struct sync_part *part, struct err *err)
{
	struct uuid after = { 0 };
	struct list page;
	if (uuid_is_nil(&part->group))
		return households_of(k->w, part->place, -1, INT64_MAX, keep_changed, k, err);
	do {
		if (group_households(k->w, &part->group, &after, 500, &page, err) < 0)
			return -1;
		const struct uuid *ids = page.items;
		for (size_t i = 0; i < page.n; i++) {
			struct household h;
			int rc = household_get(k->w, &ids[i], &h, err);
			if (rc < 0 || (rc && keep_changed(k, &h, err) < 0))
				return -1;
			after = ids[i];
		}
	} while (page.n == 500);
	return 0;
}

/* What was said to hold from a day that has come since. */
static int touch_dated(struct walk *k, const struct sync_cursor *c, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (c->day == day_of(k->w->now))
		return 0;
	for (size_t i = 0; i < k->page->scope->n; i++) {
		const struct sync_part *part = &k->page->scope->parts[i];
		if (part->kind == SYNC_HOUSEHOLD && touch_changed(k, part, err) < 0)
			return -1;
	}
	if (db_start(k->w->db, &SQL_SYNC_SITE_CHANGES, &st, err, "ii", day_start(c->day), k->w->now) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct uuid id = stmt_uuid(st, 0);
		if (add_id(k, &k->sites, &id, err) < 0)
			return -1;
	}
	return rc;
}

int sync_walk(struct sync_page *p, struct sync_cursor *c, int64_t size, bool *ret_more, struct err *err)
{
	struct walk k = { .page = p, .w = p->w };
	int64_t upto = c->seq + WALK_WINDOW < size ? c->seq + WALK_WINDOW : size;
	if (c->seq > size || size - c->seq > WALK_LATEST || c->day > day_of(p->w->now))
		return err_kind_set(err, &ERR_SYNC_ANEW);
	if (check_divisions(p->w, c, size, err) < 0 || touch_dated(&k, c, err) < 0 || scan(&k, c->seq, upto, err) < 0)
		return -1;
	if (k.divisions)
		return err_kind_set(err, &ERR_SYNC_ANEW);
	if (spread(&k, err) < 0 || present(&k, SYNC_SITE, &k.sites, NULL, err) < 0 ||
	    present(&k, SYNC_GROUP, &k.groups, NULL, err) < 0 ||
	    present(&k, SYNC_HOUSEHOLD, &k.households, NULL, err) < 0 ||
	    present(&k, SYNC_HOUSEHOLD, &k.through, &k.households, err) < 0)
		return -1;
	c->seq = k.last;
	c->day = day_of(p->w->now);
	*ret_more = k.last < size;
	return sync_read_passing(p, c->passing, k.gone, k.n_gone, err);
}
