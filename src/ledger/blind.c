/* The blind index: from the keyed hash of an id number or phone to the subjects
 * it was recorded of. Nobody without the master key can make the hash.
 *
 * Hashes have no order that later ones follow, so a tree of them would be dirtied
 * in as many pages as numbers are recorded. Here a record appends one row; when
 * there are NEW_MOST of them, all their entries are sorted into a run of pages,
 * written once and side by side. Finding looks through the new rows and, in every
 * run, through the page that would hold the hash. */
#include <stdlib.h>

#include "ledger.sql.h"
#include "ledger/seal.h"

#define NEW_MOST     4096
#define PAGE_ENTRIES 120 /* a page of the database holds them */
#define BATCH        100

_Static_assert(sizeof(struct blind) == 32, "entries are stored as they stand");

static struct str bytes_of(const struct blind *entries, size_t n)
{
	return (struct str){ (const char *)entries, n * sizeof *entries };
}

static size_t count_of(struct str entries)
{
	return entries.len / sizeof(struct blind);
}

static struct blind entry_at(struct str entries, size_t i)
{
	struct blind e;
	memcpy(&e, entries.ptr + i * sizeof e, sizeof e);
	return e;
}

static int order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct blind));
}

int blind_add(struct db *db, const struct blind *entries, size_t n, struct err *err)
{
	return db_run(db, &SQL_BLIND_NEW_ADD, err, "b", bytes_of(entries, n)) < 0 ? -1 : 0;
}

/* ---- sorting away ------------------------------------------------------------------------- */

struct gathered {
	struct blind *items;
	size_t n, cap;
};

static int gather(struct db *db, struct gathered *g, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(db, &SQL_BLIND_NEW_ALL, &st, err, "ii", (int64_t)0, INT64_MAX) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct str entries = stmt_bytes(st, 1);
		size_t more = count_of(entries);
		if (!more) /* all erased */
			continue;
		if (g->n + more > g->cap) {
			size_t cap = (g->n + more) * 2;
			struct blind *bigger = realloc(g->items, cap * sizeof *bigger);
			if (!bigger)
				return err_kind_set(err, &ERR_NO_MEMORY);
			g->items = bigger;
			g->cap = cap;
		}
		memcpy(g->items + g->n, entries.ptr, more * sizeof *g->items);
		g->n += more;
	}
	return rc;
}

static int write_run(struct db *db, struct gathered *g, struct err *err)
{
	int64_t run;
	size_t n = 0;
	if (db_get_i64(db, &SQL_BLIND_RUNS, &run, err, "") < 0)
		return -1;
	if (g->items)
		qsort(g->items, g->n, sizeof *g->items, order);
	for (size_t i = 0; i < g->n; i++) { /* who passed twice stands once */
		if (!n || order(&g->items[n - 1], &g->items[i]) != 0)
			g->items[n++] = g->items[i];
	}
	for (size_t i = 0; i < n; i += PAGE_ENTRIES) {
		size_t part = n - i < PAGE_ENTRIES ? n - i : PAGE_ENTRIES;
		if (db_run(db, &SQL_BLIND_PAGE_ADD, err, "ibb", run + 1,
			   (struct str){ (const char *)g->items[i].hash, 16 }, bytes_of(&g->items[i], part)) < 0)
			return -1;
	}
	return db_run(db, &SQL_BLIND_NEW_CLEAR, err, "") < 0 ? -1 : 0;
}

int blind_settle(struct db *db, struct err *err)
{
	struct gathered g = { 0 };
	int64_t n;
	if (db_get_i64(db, &SQL_BLIND_NEW_COUNT, &n, err, "") < 0)
		return -1;
	if (n < NEW_MOST)
		return 0;
	int rc = gather(db, &g, err);
	if (rc == 0)
		rc = write_run(db, &g, err);
	free(g.items);
	return rc;
}

/* ---- finding ------------------------------------------------------------------------------ */

struct finding {
	const uint8_t *hash;
	struct uuid *ret;
	size_t most, n;
};

/* In order of the ids, each once, the least kept. */
static void take(struct finding *f, const struct uuid *id)
{
	size_t at = 0;
	while (at < f->n && memcmp(f->ret[at].b, id->b, sizeof id->b) < 0)
		at++;
	if (at == f->most || (at < f->n && uuid_eq(&f->ret[at], id)))
		return;
	if (f->n < f->most)
		f->n++;
	memmove(&f->ret[at + 1], &f->ret[at], (f->n - 1 - at) * sizeof *f->ret);
	f->ret[at] = *id;
}

static void take_all(struct finding *f, struct str entries)
{
	for (size_t i = 0; i < count_of(entries); i++) {
		struct blind e = entry_at(entries, i);
		if (memcmp(e.hash, f->hash, sizeof e.hash) == 0)
			take(f, &e.subject);
	}
}

static int find_new(struct db *db, struct finding *f, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(db, &SQL_BLIND_NEW_ALL, &st, err, "ii", (int64_t)0, INT64_MAX) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		take_all(f, stmt_bytes(st, 1));
	return rc;
}

/* The last page that begins at or before the hash; and the one before it while a page begins with the hash itself. */
static int find_in_run(struct db *db, int64_t run, struct finding *f, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(db, &SQL_BLIND_PAGE_OF, &st, err, "ib", run, (struct str){ (const char *)f->hash, 16 }) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		take_all(f, stmt_bytes(st, 1));
		if (memcmp(stmt_bytes(st, 0).ptr, f->hash, 16) != 0)
			return 0;
	}
	return rc;
}

int blind_find(struct db *db, const uint8_t hash[16], struct uuid *ret, size_t most, struct err *err)
{
	struct finding f = { hash, ret, most, 0 };
	int64_t runs;
	if (find_new(db, &f, err) < 0 || db_get_i64(db, &SQL_BLIND_RUNS, &runs, err, "") < 0)
		return -1;
	for (int64_t run = 1; run <= runs; run++) {
		if (find_in_run(db, run, &f, err) < 0)
			return -1;
	}
	return (int)f.n;
}

/* ---- erasing ------------------------------------------------------------------------------ */

struct rewritten {
	int64_t key;
	struct blind entries[BLIND_ADD_MOST];
	size_t n;
};

/* Leaves a row without the subject's entries: true when it had any. */
static bool rewrite(struct str entries, const struct uuid *subject, struct rewritten *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < count_of(entries) && ret->n < BLIND_ADD_MOST; i++) {
		struct blind e = entry_at(entries, i);
		if (!uuid_eq(&e.subject, subject))
			ret->entries[ret->n++] = e;
	}
	return ret->n < count_of(entries);
}

/* The next row of a batch that holds the subject, rewritten: 1; 0 at the end; -1. */
static int next_with(struct db *db, const struct sql *all, const struct uuid *subject, struct rewritten *r,
		     struct err *err)
{
	for (;;) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int n = 0, rc;
		if (db_start(db, all, &st, err, "ii", r->key, (int64_t)BATCH) < 0)
			return -1;
		for (; (rc = stmt_step(st, err)) == 1; n++) {
			r->key = stmt_i64(st, 0);
			if (rewrite(stmt_bytes(st, 1), subject, r))
				return 1;
		}
		if (rc < 0 || n < BATCH)
			return rc;
	}
}

/* A page keeps where it began, though its first entry may be gone. */
static int erase_in(struct db *db, const struct sql *all, const struct sql *put, const struct uuid *subject,
		    struct err *err)
{
	struct rewritten *r = calloc(1, sizeof *r);
	int rc = r ? 1 : err_kind_set(err, &ERR_NO_MEMORY);
	while (rc == 1 && (rc = next_with(db, all, subject, r, err)) == 1) {
		if (db_run(db, put, err, "ib", r->key, bytes_of(r->entries, r->n)) < 0)
			rc = -1;
	}
	free(r);
	return rc;
}

int blind_erase(struct db *db, const struct uuid *subject, struct err *err)
{
	if (erase_in(db, &SQL_BLIND_NEW_ALL, &SQL_BLIND_NEW_PUT, subject, err) < 0)
		return -1;
	return erase_in(db, &SQL_BLIND_PAGE_ALL, &SQL_BLIND_PAGE_PUT, subject, err);
}
