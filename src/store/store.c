/* Opening of a store and its connections: which implementation, the schema's
 * version and its migrations, and the states of a transaction, which are the
 * same for every database. Statements are in stmt.c, dialects in sqlite.c and postgres.c. */
#include "store/impl.h"

#include <assert.h>
#include <stdio.h>

#include "schema.sql.h"
#include "schema_2.sql.h"

static const struct store_migration migrations[] = {
	{ 1, store_schema },
	{ 2, store_schema_2 },
};

static const struct store_migration *migration_list = migrations;
static int migration_count = ARRAY_LEN(migrations);

_Static_assert(ARRAY_LEN(migrations) == STORE_SCHEMA_VERSION, "a version without its migration");

void store_test_migrations(const struct store_migration *list, int count)
{
	migration_list = list ? list : migrations;
	migration_count = count ? count : (int)ARRAY_LEN(migrations);
}

static const struct sql META_SCHEMA = { "store.schema", "SELECT value FROM meta WHERE name = 'schema'" };
static const struct sql META_SET = {
	"store.schema_set",
	"INSERT INTO meta (name, value) VALUES ('schema', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};

int store_error(struct err *err, const struct err_kind *kind, const struct store *s, const char *what, const char *text)
{
	if (what && s)
		return err_fmt(err, kind, "%s: %s: %s", s->label, what, text);
	return err_fmt(err, kind, "%s: %s", s ? s->label : what, text);
}

bool store_is_ledger(const char *table)
{
	return strcmp(table, "ledger") == 0 || strcmp(table, "ledger_head") == 0;
}

static const struct store_impl *impl_of(const char *url, unsigned flags)
{
	struct str s = str_of(url);

	if (flags & STORE_SCRATCH)
		return &store_sqlite;
	return str_starts(s, "postgresql://") || str_starts(s, "postgres://") ? &store_postgres : &store_sqlite;
}

static void check_impl(const struct store_impl *impl)
{
	assert(impl->version == STORE_IMPL_VERSION);
	assert(impl->name && impl->open && impl->close && impl->is_served && impl->connect && impl->disconnect);
	assert(impl->begin && impl->commit && impl->rollback && impl->script && impl->translate);
	assert(impl->start && impl->step && impl->end && impl->changed && impl->i64 && impl->text && impl->bytes);
	assert(impl->backup && impl->tables && impl->columns && impl->guard);
}

/* Looks for one name among the user's tables; `ctx` is what was found: 1 a table, 2 meta. */
static int note_table(void *ctx, struct str name)
{
	int *found = ctx;

	*found |= str_is(name, "meta") ? 3 : 1;
	return 0;
}

/* The version the store's schema stands at: 0 when there is nothing in it yet. */
static int schema_version(struct db *db, int64_t *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int found = 0, r;

	if (db_tables(db, note_table, &found, err) < 0)
		return -1;
	*ret = 0;
	if (!found)
		return 0;
	if (found == 1)
		return store_error(err, &ERR_STORE, db->store, NULL, "this database is not a lianfang store");
	if (db_start(db, &META_SCHEMA, &st, err, "") < 0 || (r = stmt_step(st, err)) < 0)
		return -1;
	if (r == 0 || !str_to_i64(stmt_text(st, 0), ret) || *ret < 1)
		return store_error(err, &ERR_STORE_CORRUPT, db->store, NULL, "meta names no schema version");
	return 0;
}

static int migrate_one(struct db *db, const struct store_migration *m, struct err *err)
{
	char text[24];
	int r;

	if (db_begin(db, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%d", m->version);
	r = db_script(db, m->script, err);
	if (r == 0 && m->version == 1)
		r = db->impl->script(db, db->impl->guard, err);
	if (r == 0 && db_run(db, &META_SET, err, "c", text) < 0)
		r = -1;
	if (r == 0)
		return db_commit(db, err);
	db_rollback(db);
	return r;
}

static int migrate(struct db *db, int64_t version, struct err *err)
{
	int r = 0;

	db->migrating = true;
	for (int i = 0; i < migration_count && r == 0; i++) {
		assert(migration_list[i].version == i + 1);
		if (migration_list[i].version > version)
			r = migrate_one(db, &migration_list[i], err);
	}
	db->migrating = false;
	return r;
}

static int check_schema(struct store *s, struct db *db, struct err *err)
{
	bool make = s->flags & (STORE_CREATE | STORE_SCRATCH);
	char text[64];
	int64_t version;

	if (schema_version(db, &version, err) < 0)
		return -1;
	if (make && version > 0)
		return store_error(err, &ERR_FILE, s, NULL, "there is a store already");
	if (!make && version == 0)
		return store_error(err, &ERR_STORE, s, NULL, "there is no store in it");
	snprintf(text, sizeof(text), "schema %lld, known are up to %d", (long long)version, migration_count);
	if (version > migration_count)
		return store_error(err, &ERR_STORE_NEWER, s, NULL, text);
	if (version == migration_count)
		return 0;
	if (!(s->flags & (STORE_EXCLUSIVE | STORE_SCRATCH)))
		return store_error(err, &ERR_STORE, s, NULL,
				   "made by an older version: serve it once to bring it up to date");
	return migrate(db, version, err);
}

int store_open(const char *url, unsigned flags, struct store **ret, struct err *err)
{
	const struct store_impl *impl;
	struct store *s = NULL;
	struct db *db = NULL;
	int r;

	assert(url && ret);
	impl = impl_of(url, flags);
	check_impl(impl);
	if (flags & STORE_CREATE)
		flags |= STORE_EXCLUSIVE;
	if (flags & STORE_SCRATCH)
		flags &= ~(STORE_EXCLUSIVE | STORE_CREATE);
	if (impl->open(url, flags, &s, err) < 0)
		return -1;
	r = store_connect(s, flags & (STORE_EXCLUSIVE | STORE_SCRATCH) ? DB_WRITE : DB_READ, &db, err);
	if (r == 0)
		r = check_schema(s, db, err);
	db_close(db);
	if (r < 0) {
		store_close(s);
		return -1;
	}
	s->made = false;
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	assert(__atomic_load_n(&s->open, __ATOMIC_ACQUIRE) == 0);
	s->impl->close(s);
}

const char *store_url(const struct store *s)
{
	return s->label;
}

bool store_is_sqlite(const struct store *s)
{
	return s->impl->is_sqlite;
}

bool store_is_served(const char *url)
{
	return impl_of(url, 0)->is_served(url);
}

int store_connect(struct store *s, enum db_mode mode, struct db **ret, struct err *err)
{
	struct db *db = NULL;

	assert(s && ret);
	/* Whoever writes holds the writer's lock. */
	assert(mode == DB_READ || s->flags & (STORE_EXCLUSIVE | STORE_SCRATCH));
	if (s->impl->connect(s, mode, &db, err) < 0)
		return -1;
	db->impl = s->impl;
	db->store = s;
	db->mode = mode;
	__atomic_add_fetch(&s->open, 1, __ATOMIC_ACQ_REL);
	*ret = db;
	return 0;
}

void db_close(struct db *db)
{
	struct store *s;

	if (!db)
		return;
	s = db->store;
	db_rollback(db);
	db_statements_finish(db);
	db->impl->disconnect(db);
	__atomic_sub_fetch(&s->open, 1, __ATOMIC_ACQ_REL);
}

int db_begin(struct db *db, struct err *err)
{
	assert(db->tx == DB_IDLE);
	if (db->impl->begin(db, err) < 0)
		return -1;
	db->tx = DB_OPEN;
	return 0;
}

int db_commit(struct db *db, struct err *err)
{
	assert(db->tx != DB_IDLE && !db->saved);
	if (db->tx == DB_FAILED) {
		db_rollback(db);
		return store_error(err, &ERR_STORE, db->store, NULL, "the transaction had failed and was rolled back");
	}
	db->tx = DB_IDLE;
	return db->impl->commit(db, err);
}

void db_rollback(struct db *db)
{
	if (db->tx == DB_IDLE)
		return;
	db->tx = DB_IDLE;
	db->saved = false;
	db->impl->rollback(db);
}

static const struct sql SAVEPOINT = { "store.savepoint", "SAVEPOINT here" };
static const struct sql RELEASE = { "store.release", "RELEASE SAVEPOINT here" };
static const struct sql ROLLBACK_TO = { "store.rollback_to", "ROLLBACK TO SAVEPOINT here" };

int db_savepoint(struct db *db, struct err *err)
{
	assert(db->tx != DB_IDLE && !db->saved);
	if (db_run(db, &SAVEPOINT, err, "") < 0)
		return -1;
	db->saved = true;
	return 0;
}

int db_savepoint_release(struct db *db, struct err *err)
{
	assert(db->tx != DB_IDLE && db->saved);
	if (db_run(db, &RELEASE, err, "") < 0)
		return -1;
	db->saved = false;
	return 0;
}

/* A failure inside the savepoint is forgiven with it. */
int db_savepoint_rollback(struct db *db, struct err *err)
{
	assert(db->tx != DB_IDLE && db->saved);
	db->tx = DB_OPEN;
	db->saved = false;
	if (db_run(db, &ROLLBACK_TO, err, "") < 0)
		return -1;
	return db_run(db, &RELEASE, err, "") < 0 ? -1 : 0;
}

int db_script(struct db *db, const char *text, struct err *err)
{
	_cleanup_(buf_finish) struct buf own = { 0 };
	int r;

	db->impl->translate(text, &own);
	buf_char(&own, '\0');
	if (own.failed)
		r = err_kind_set(err, &ERR_NO_MEMORY);
	else if (db->tx == DB_FAILED)
		r = store_error(err, &ERR_STORE, db->store, NULL, "the transaction has failed already");
	else
		r = db->impl->script(db, own.ptr, err);
	if (r < 0 && db->tx == DB_OPEN)
		db->tx = DB_FAILED;
	return r;
}

int store_backup(struct store *s, const char *file, store_progress_fn progress, void *ctx, struct err *err)
{
	assert(s && file);
	return s->impl->backup(s, file, progress, ctx, err);
}
