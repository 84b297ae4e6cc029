/* Opening and closing: store, keys, ledger, derived tables, accounts, threads. */
#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>

#include "app.sql.h"
#include "app/internal.h"
#include "base/log.h"

int meta_get(struct db *db, const char *name, struct arena *arena, struct str *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(db, &SQL_META_GET, &st, err, "c", name) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = arena_str(arena, stmt_text(st, 0));
	return rc;
}

int meta_put(struct db *db, const char *name, struct str value, struct err *err)
{
	return db_run(db, &SQL_META_PUT, err, "cs", name, value) < 0 ? -1 : 0;
}

void work_init(struct work *w, struct app *a, struct db *db, struct arena *arena, const struct principal *who)
{
	*w = (struct work){ .db = db,
			    .ledger = db,
			    .arena = arena,
			    .book = a->book,
			    .keys = a->keys,
			    .memo = a->memo,
			    .who = who,
			    .now = clock_now(),
			    .top = a->top,
			    .store_id = a->store_id };
}

/* The key file stands beside a SQLite store; for PostgreSQL it is named after the database, here. */
static int keys_path(const struct app_options *o, const struct store *s, char *out, size_t size)
{
	if (o->keys_file)
		return snprintf(out, size, "%s", o->keys_file) < (int)size ? 0 : -1;
	if (store_is_sqlite(s))
		return snprintf(out, size, "%s-keys", o->url) < (int)size ? 0 : -1;
	const char *slash = strrchr(store_url(s), '/');
	const char *name = slash ? slash + 1 : "postgresql";
	size_t len = strcspn(name, "?");
	return snprintf(out, size, "%.*s.pg-keys", (int)len, name) < (int)size ? 0 : -1;
}

static int create_store(struct app *a, const struct app_options *o, const char *keys_file, struct err *err)
{
	char text[PLACE_TEXT];
	random_bytes(a->store_id.b, sizeof a->store_id.b);
	a->store_id = uuid_derive(&a->store_id, STR("store")); /* random, in a UUID's form */
	a->top = o->top;
	if (keyring_create(keys_file, &a->store_id, &a->keys, err) < 0)
		return -1;
	if (db_begin(a->writer, err) < 0)
		return -1;
	if (ledger_init(a->writer, &a->store_id, err) < 0 ||
	    meta_put(a->writer, "top", (struct str){ text, place_format(o->top, text) }, err) < 0 ||
	    derived_create(a->writer, err) < 0 || derived_stamp(a->writer, 0, err) < 0 ||
	    db_commit(a->writer, err) < 0) {
		db_rollback(a->writer);
		return -1;
	}
	return 0;
}

static int read_meta(struct app *a, struct db *db, struct err *err)
{
	struct arena arena;
	struct str text;
	arena_init(&arena, 65536);
	int rc = meta_get(db, "store_id", &arena, &text, err);
	if (rc == 1 && !uuid_parse(text, &a->store_id))
		rc = 0;
	if (rc == 1)
		rc = meta_get(db, "top", &arena, &text, err);
	if (rc == 1 && !place_parse(text, &a->top))
		rc = 0;
	arena_finish(&arena);
	return rc == 1  ? 0
	       : rc < 0 ? -1
			: err_fmt(err, &ERR_STORE_CORRUPT, "this is not a lianfang store, or its making was cut short");
}

/* Derived tables that another version made, or that stand elsewhere than the ledger (a backup cut short), are made
 * anew. */
static int settle_derived(struct app *a, struct err *err)
{
	struct arena arena;
	struct str schema = STR_NONE, seq = STR_NONE;
	int64_t at = -1;
	char now[33];
	derived_version(now);
	arena_init(&arena, 65536);
	int rc = meta_get(a->writer, "derived_schema", &arena, &schema, err);
	if (rc >= 0)
		rc = meta_get(a->writer, "derived_seq", &arena, &seq, err);
	if (rc >= 0 && seq.ptr)
		str_to_i64(seq, &at);
	bool sound = str_is(schema, now) && (at == ledger_size(a->ledger) || (at < 0 && ledger_size(a->ledger) == 0));
	arena_finish(&arena);
	if (rc < 0)
		return -1;
	if (sound)
		return 0;
	log_info("event=rebuild reason=%s entries=%lld", str_is(schema, now) ? "behind" : "version",
		 (long long)ledger_size(a->ledger));
	return app_rebuild(a, NULL, NULL, err);
}

static int open_parts(struct app *a, const struct app_options *o, struct err *err)
{
	char keys_file[1024];
	unsigned flags = o->create ? STORE_CREATE : o->read_only ? 0 : STORE_EXCLUSIVE;
	if (store_open(o->url, flags, &a->store, err) < 0)
		return -1;
	if (keys_path(o, a->store, keys_file, sizeof keys_file) < 0)
		return err_fmt(err, &ERR_USAGE, "the path is too long");
	if (store_connect(a->store, o->read_only ? DB_READ : DB_WRITE, &a->writer, err) < 0)
		return -1;
	if (o->create)
		return create_store(a, o, keys_file, err);
	if (read_meta(a, a->writer, err) < 0)
		return -1;
	return keyring_open(keys_file, &a->store_id, o->read_only || o->allow_missing_keys, &a->keys, err);
}

int app_open(const struct app_options *o, struct app **ret, struct err *err)
{
	struct app *a = calloc(1, sizeof *a);
	if (!a)
		return err_kind_set(err, &ERR_NO_MEMORY);
	registry_prepare();
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->wake, NULL);
	arena_init(&a->work_arena, 0);
	a->tail = &a->head;
	a->read_only = o->read_only;
	a->n_readers = o->readers ? o->readers : 2;
	a->book = figure_book_create();
	a->memo = memo_create();
	if (!a->book || !a->memo) {
		err_kind_set(err, &ERR_NO_MEMORY);
		goto fail;
	}
	if (open_parts(a, o, err) < 0)
		goto fail;
	if (!o->read_only) {
		if (ledger_open(a->writer, a->keys, &a->ledger, err) < 0)
			goto fail;
		atomic_store(&a->size, ledger_size(a->ledger));
		if (settle_derived(a, err) < 0)
			goto fail;
	}
	if (accounts_open(a, err) < 0)
		goto fail;
	*ret = a;
	return 0;
fail:
	app_close(a);
	return -1;
}

int app_start(struct app *a, struct err *err)
{
	if (live_start(a, err) < 0 || readers_start(a, err) < 0)
		return -1;
	return a->read_only ? 0 : pipeline_start(a, err);
}

void app_close(struct app *a)
{
	if (!a)
		return;
	pipeline_stop(a);
	readers_stop(a);
	live_stop(a);
	accounts_close(a->accounts);
	ledger_close(a->ledger);
	db_close(a->writer);
	store_close(a->store);
	keyring_close(a->keys);
	figure_book_destroy(a->book);
	memo_destroy(a->memo);
	arena_finish(&a->work_arena);
	buf_finish(&a->entry);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->wake);
	free(a);
}

struct store *app_store(struct app *a)
{
	return a->store;
}

struct keyring *app_keys(struct app *a)
{
	return a->keys;
}

place_t app_top(const struct app *a)
{
	return a->top;
}

const struct uuid *app_store_id(const struct app *a)
{
	return &a->store_id;
}

void app_metrics(struct app *a, struct app_metrics *ret)
{
	*ret = (struct app_metrics){
		.recorded = atomic_load(&a->recorded),
		.duplicates = atomic_load(&a->duplicates),
		.refused = atomic_load(&a->refused),
		.commits = atomic_load(&a->commits),
		.queue_full = atomic_load(&a->queue_full),
		.size = atomic_load(&a->size),
		.commit_us_sum = atomic_load(&a->commit_us_sum),
		.reads = atomic_load(&a->reads),
		.read_us_sum = atomic_load(&a->read_us_sum),
		.outbox_waiting = atomic_load(&a->outbox_waiting),
		.outbox_dead = atomic_load(&a->outbox_dead),
		.outbox_delivered = atomic_load(&a->outbox_delivered),
		.outbox_failed = atomic_load(&a->outbox_failed),
	};
	pthread_mutex_lock(&a->lock);
	ret->queue_depth = (int64_t)a->queued;
	pthread_mutex_unlock(&a->lock);
}
