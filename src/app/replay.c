/* The ledger is the truth: derived tables are made from it anew, beside the live
 * ones (verify, known_at) or in their place (rebuild). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/internal.h"

static int each_table(int (*each)(void *ctx, const char *table, struct err *err), void *ctx, struct err *err)
{
	for (size_t i = 0; DOMAIN_TABLES[i]; i++) {
		if (each(ctx, DOMAIN_TABLES[i], err) < 0)
			return -1;
	}
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; MODULES[m]->tables[i]; i++) {
			if (each(ctx, MODULES[m]->tables[i], err) < 0)
				return -1;
		}
	}
	return 0;
}

static int drop_table(void *ctx, const char *table, struct err *err)
{
	char text[100];
	snprintf(text, sizeof text, "DROP TABLE IF EXISTS %s;", table); /* a name of our own list */
	return db_script(ctx, text, err);
}

int derived_create(struct db *db, struct err *err)
{
	if (each_table(drop_table, db, err) < 0 || db_script(db, domain_schema(), err) < 0)
		return -1;
	for (size_t m = 0; MODULES[m]; m++) {
		if (*MODULES[m]->schema && db_script(db, MODULES[m]->schema, err) < 0)
			return -1;
	}
	return 0;
}

void derived_version(char out[33])
{
	_cleanup_(buf_finish) struct buf all = { 0 }, hex = { 0 };
	struct uuid none = { 0 };
	buf_cstr(&all, domain_schema());
	for (size_t m = 0; MODULES[m]; m++)
		buf_cstr(&all, MODULES[m]->schema);
	struct uuid hash = uuid_derive(&none, buf_view(&all));
	buf_hex(&hex, hash.b, sizeof hash.b);
	str_copy(buf_view(&hex), out, 33);
}

int derived_stamp(struct db *db, int64_t seq, struct err *err)
{
	char version[33], text[24];
	derived_version(version);
	snprintf(text, sizeof text, "%lld", (long long)seq);
	if (meta_put(db, "derived_schema", str_of(version), err) < 0)
		return -1;
	return meta_put(db, "derived_seq", str_of(text), err);
}

#define REPLAY_BATCH 2000

struct replay {
	struct work w;
	struct arena arena;
	int64_t last, received_by, upto, done, total;
	progress_fn progress;
	void *ctx;
};

static int replay_row(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct replay *p = ctx;
	struct event ev;
	p->last = row->seq;
	p->done++;
	arena_reset(&p->arena);
	if (row->seq > p->upto)
		return 1;
	if (event_read_entry(row->entry, registry_form, NULL, NULL, &p->arena, &ev, err) < 0)
		return -1;
	if (ev.received > p->received_by)
		return 0;
	p->w.now = ev.received;
	return domain_project(&p->w, &ev, err);
}

int app_replay(struct db *ledger, struct db *target, place_t top, struct keyring *keys, int64_t upto,
	       int64_t received_by, progress_fn progress, void *ctx, struct err *err)
{
	struct replay p = { .upto = upto, .received_by = received_by, .progress = progress, .ctx = ctx };
	struct ledger_head head;
	int rc = ledger_head_latest(ledger, &head, err);
	if (rc < 0)
		return -1;
	p.total = rc ? head.size : 0;
	arena_init(&p.arena, 0);
	p.w = (struct work){ .db = target,
			     .ledger = ledger,
			     .arena = &p.arena,
			     .book = figure_book_create(),
			     .keys = keys,
			     .top = top };
	rc = p.w.book ? 0 : err_kind_set(err, &ERR_NO_MEMORY);
	bool own = target != ledger;
	if (rc == 0 && own)
		rc = db_begin(target, err);
	if (rc == 0)
		rc = derived_create(target, err);
	while (rc == 0) {
		int64_t before = p.done;
		rc = ledger_scan(ledger, p.last, REPLAY_BATCH, replay_row, &p, err);
		if (rc >= 0 && figure_book_flush(p.w.book, target, err) < 0)
			rc = -1;
		if (progress)
			progress(ctx, p.done, p.total);
		if (rc > 0 || p.done - before < REPLAY_BATCH)
			break;
	}
	if (rc >= 0 && own)
		rc = db_commit(target, err);
	else if (rc < 0 && own)
		db_rollback(target);
	figure_book_destroy(p.w.book);
	arena_finish(&p.arena);
	return rc < 0 ? -1 : 0;
}

int app_rebuild(struct app *a, progress_fn progress, void *ctx, struct err *err)
{
	if (db_begin(a->writer, err) < 0)
		return -1;
	if (app_replay(a->writer, a->writer, a->top, a->keys, INT64_MAX, INT64_MAX, progress, ctx, err) < 0 ||
	    derived_stamp(a->writer, ledger_size(a->ledger), err) < 0 || db_commit(a->writer, err) < 0) {
		db_rollback(a->writer);
		return -1;
	}
	return 0;
}

/* ---- verify ---------------------------------------------------------------------------------- */

static int columns_of(struct str entry, int64_t *ret_seq, struct uuid *ret_id, struct str *ret_type, int64_t *ret_town,
		      struct err *err)
{
	struct arena arena;
	struct event ev;
	arena_init(&arena, 8 << 20);
	int rc = event_read_entry(entry, registry_form, NULL, NULL, &arena, &ev, err);
	if (rc == 0) {
		*ret_seq = ev.seq;
		*ret_id = ev.id;
		*ret_type = str_of(ev.form->type);
		*ret_town = place_at(ev.area, LEVEL_TOWN);
	}
	arena_finish(&arena);
	return rc;
}

struct rows {
	uint64_t n, hash;
};

/* Tables are compared by count and an order-keeping hash; only a differing one is walked to name the row. */
static int hash_row(void *ctx, struct str text)
{
	struct rows *r = ctx;
	r->n++;
	for (size_t i = 0; i < text.len; i++)
		r->hash = (r->hash ^ (unsigned char)text.ptr[i]) * 1099511628211u;
	r->hash = (r->hash ^ 10) * 1099511628211u;
	return 0;
}

struct find_row {
	uint64_t n;
	const uint64_t *hashes;
	uint64_t n_hashes;
	struct buf *out;
};

static uint64_t one_hash(struct str text)
{
	uint64_t h = 1469598103934665603u;
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.ptr[i]) * 1099511628211u;
	return h;
}

struct hashes {
	uint64_t *items;
	size_t n, cap;
};

static int keep_hash(void *ctx, struct str text)
{
	struct hashes *h = ctx;
	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 1024;
		uint64_t *bigger = realloc(h->items, h->cap * sizeof *bigger);
		if (!bigger)
			return -1;
		h->items = bigger;
	}
	h->items[h->n++] = one_hash(text);
	return 0;
}

static int differing_row(void *ctx, struct str text)
{
	struct find_row *f = ctx;
	if (f->n < f->n_hashes && f->hashes[f->n] == one_hash(text)) {
		f->n++;
		return 0;
	}
	buf_add(f->out, text.ptr, text.len < 200 ? text.len : 200);
	return 1;
}

struct compare {
	struct db *live, *scratch;
	struct buf *text;
	bool differs;
};

static int name_difference(struct compare *c, const char *table, const struct rows *live, const struct rows *made,
			   struct err *err)
{
	struct hashes h = { 0 };
	_cleanup_(buf_finish) struct buf row = { 0 };
	int rc = db_dump(c->scratch, table, keep_hash, &h, err);
	if (rc == 0) {
		struct find_row f = { 0, h.items, h.n, &row };
		rc = db_dump(c->live, table, differing_row, &f, err);
		if (rc >= 0)
			buf_printf(c->text,
				   "derived table %s, row %llu: %.*s does not follow from the ledger (%llu rows stand, "
				   "%llu follow)",
				   table, (unsigned long long)f.n + 1, row.len ? (int)row.len : 9,
				   row.len ? row.ptr : "(missing)", (unsigned long long)live->n,
				   (unsigned long long)made->n);
	}
	free(h.items);
	return rc < 0 ? -1 : 0;
}

static int compare_table(void *ctx, const char *table, struct err *err)
{
	struct compare *c = ctx;
	struct rows live = { .hash = 1 }, made = { .hash = 1 };
	if (c->differs)
		return 0;
	if (db_dump(c->live, table, hash_row, &live, err) < 0 || db_dump(c->scratch, table, hash_row, &made, err) < 0)
		return -1;
	if (live.n == made.n && live.hash == made.hash)
		return 0;
	c->differs = true;
	return name_difference(c, table, &live, &made, err);
}

static int verify_derived(struct app *a, struct db *live, progress_fn progress, void *ctx, struct buf *text,
			  struct err *err)
{
	char path[64] = "/tmp/lianfang-verify-XXXXXX";
	struct store *scratch = NULL;
	struct db *db = NULL;
	struct compare c = { live, NULL, text, false };
	/* On disk, in its own directory: a province's tables do not fit in memory. */
	if (!mkdtemp(path))
		return err_fmt(err, &ERR_FILE, "/tmp: no scratch directory can be made");
	char file[80];
	snprintf(file, sizeof file, "%s/scratch.db", path);
	int rc = store_open(file, STORE_SCRATCH | STORE_CREATE, &scratch, err);
	if (rc == 0)
		rc = store_connect(scratch, DB_WRITE, &db, err);
	if (rc == 0)
		rc = app_replay(live, db, a->top, a->keys, INT64_MAX, INT64_MAX, progress, ctx, err);
	c.scratch = db;
	if (rc == 0)
		rc = each_table(compare_table, &c, err);
	db_close(db);
	store_close(scratch);
	static const char *const ENDINGS[] = { "", "-journal", "-wal", "-shm", "-lock" };
	for (size_t i = 0; i < ARRAY_LEN(ENDINGS); i++) {
		char name[100];
		snprintf(name, sizeof name, "%s%s", file, ENDINGS[i]);
		unlink(name);
	}
	rmdir(path);
	return rc < 0 ? -1 : c.differs;
}

int app_verify(struct app *a, progress_fn progress, void *ctx, int64_t *ret_events, struct buf *ret_text,
	       struct err *err)
{
	struct db *live;
	bool keys = keyring_has_secrets(a->keys);
	if (store_connect(a->store, DB_READ, &live, err) < 0)
		return -1;
	int rc = db_begin(live, err);
	if (rc == 0)
		rc = ledger_verify(live, &a->store_id, keys ? keyring_public(a->keys) : NULL, columns_of, progress, ctx,
				   ret_events, ret_text, err);
	if (rc == 0 && ret_text->len)
		rc = 1;
	else if (rc == 0)
		rc = verify_derived(a, live, progress, ctx, ret_text, err);
	db_rollback(live);
	db_close(live);
	return rc;
}
