/* The SQLite store: its file, the writer's kernel lock, connections with their
 * settings, transactions, what the database refuses, and the online backup.
 * Statements are in sqlite_run.c. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct sqlite_store {
	struct store base;
	char path[PATH_MAX]; /* resolved; for memory, the address of the shared one */
	bool memory;
	int lock;        /* descriptor that holds the writer's lock, or -1 */
	sqlite3 *anchor; /* keeps a store in memory alive between connections */
};

/* Pages of 4 KiB: a random row dirties half of what 8 KiB would (measured: +30 % at 64 rows a commit). A checkpoint
 * every 8 MiB of WAL: at 64 MiB each took so long that p99 at 1,000 connections doubled, at 4 MiB nothing more was won
 * (measured). The writer's cache holds 16 MiB: half of that cost a tenth of the batches at five million records.
 * Sorting of big readings may go to a temporary file, so that a reader's memory stays bounded; the writer keeps its
 * statement journals in memory. LIKE and the types are made as strict as PostgreSQL's. */
#define COMMON                                                                                    \
	"PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF; PRAGMA recursive_triggers = ON;" \
	"PRAGMA case_sensitive_like = ON;"

static const char reader_settings[] = COMMON "PRAGMA query_only = ON; PRAGMA cache_size = -2048;";
static const char writer_settings[] =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;" COMMON "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
    "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;"
    "PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 134217728;";
/* A journal in memory rather than none: rolling back must still work. */
static const char scratch_settings[] =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = MEMORY;" COMMON
    "PRAGMA synchronous = OFF; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;";

#define BUSY_MS 5000

static const char guard[] = "CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN"
			    " SELECT RAISE(ABORT, 'the ledger is never changed'); END;"
			    "CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN"
			    " SELECT RAISE(ABORT, 'the ledger is never changed'); END;"
			    "CREATE TRIGGER ledger_head_no_update BEFORE UPDATE ON ledger_head BEGIN"
			    " SELECT RAISE(ABORT, 'the ledger is never changed'); END;"
			    "CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head BEGIN"
			    " SELECT RAISE(ABORT, 'the ledger is never changed'); END;";

static const struct sql tables = {
	"sqlite.tables",
	"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
};

static const struct sql columns = {
	"sqlite.columns",
	"SELECT name, CASE type WHEN 'INT' THEN 1 WHEN 'INTEGER' THEN 1 WHEN 'TEXT' THEN 2 ELSE 3 END,"
	" \"notnull\" OR pk"
	" FROM pragma_table_info($1) ORDER BY cid",
};

/* Strict tables, so that a type mistake shows here as it does on PostgreSQL. INT, unlike INTEGER, makes no rowid. */
static const struct dialect dialect = {
	.bigint = "INT",
	.text = "TEXT",
	.bytea = "BLOB",
	.rowid_bigint = "INTEGER",
	.table_end = " STRICT",
	.clustered_end = " STRICT, WITHOUT ROWID",
};

static void translate(const char *text, struct buf *out)
{
	script_translate(&dialect, text, out);
}

int sqlite_fault(struct err *err, sqlite3 *handle, const struct store *s, const char *what)
{
	int code = sqlite3_errcode(handle), os = sqlite3_system_errno(handle);
	const char *text = sqlite3_errmsg(handle);

	if (code == SQLITE_FULL || (code == SQLITE_IOERR && (os == ENOSPC || os == EDQUOT)))
		return err_kind_set(err, &ERR_STORE_FULL);
	if (code == SQLITE_READONLY || code == SQLITE_PERM)
		return err_kind_set(err, &ERR_STORE_READONLY);
	if ((code == SQLITE_CANTOPEN || code == SQLITE_IOERR) && (os == EROFS || os == EACCES || os == EPERM))
		return err_kind_set(err, &ERR_STORE_READONLY);
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return store_error(err, &ERR_STORE_CORRUPT, s, what, text);
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_kind_set(err, &ERR_BUSY);
	if (code == SQLITE_NOMEM)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (code == SQLITE_AUTH)
		return store_error(err, &ERR_STORE, s, what, "the ledger is never changed");
	return store_error(err, &ERR_STORE, s, what, text);
}

/* The file's real path, so that two names of one file meet at one lock; the file itself may be missing. */
static bool resolve(const char *url, char out[PATH_MAX])
{
	char folder[PATH_MAX], name[PATH_MAX], real[PATH_MAX];

	if (realpath(url, out))
		return true;
	if (errno != ENOENT || !str_copy(str_of(url), folder, PATH_MAX) || !str_copy(str_of(url), name, PATH_MAX) ||
	    !realpath(dirname(folder), real))
		return false;
	return snprintf(out, PATH_MAX, "%s/%s", strcmp(real, "/") ? real : "", basename(name)) < PATH_MAX;
}

static bool lock_path(const char *path, char out[PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s-lock", path) < PATH_MAX;
}

/* An open-file-description lock: the kernel drops it with the process, however that ends. */
static int take_lock(struct sqlite_store *s, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[PATH_MAX];

	if (!lock_path(s->path, path))
		return store_error(err, &ERR_FILE, &s->base, NULL, "too long");
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0 && (errno == EACCES || errno == EPERM || errno == EROFS))
		return err_kind_set(err, &ERR_STORE_READONLY);
	if (s->lock < 0)
		return file_fault(err, path);
	if (fcntl(s->lock, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return err_fmt(err, &ERR_STORE_LOCKED, "%s", s->base.label);
	return file_fault(err, path);
}

static bool sqlite_is_served(const char *url)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char file[PATH_MAX], path[PATH_MAX];
	bool served;
	int fd;

	if (!resolve(url, file) || !lock_path(file, path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	served = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	close(fd);
	return served;
}

/* Makes an empty file for the store; one that is there already is judged by its content later. */
static int make_file(struct sqlite_store *s, struct err *err)
{
	int fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat st;

	if (fd >= 0) {
		s->base.made = true;
		close(fd);
		return 0;
	}
	if (errno == EEXIST && (!(s->base.flags & STORE_SCRATCH) || (stat(s->path, &st) == 0 && st.st_size == 0)))
		return 0;
	if (errno == EEXIST)
		return store_error(err, &ERR_FILE, &s->base, NULL, "exists already");
	if (errno == EACCES || errno == EPERM)
		return err_kind_set(err, &ERR_STORE_READONLY);
	return file_fault(err, s->path);
}

static int open_memory(struct sqlite_store *s, struct err *err)
{
	static int count;

	s->memory = true;
	snprintf(s->path, PATH_MAX, "file:/lianfang-%d?vfs=memdb", __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED));
	if (sqlite3_open_v2(s->path, &s->anchor, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL) ==
	    SQLITE_OK)
		return 0;
	return sqlite_fault(err, s->anchor, &s->base, NULL);
}

static int open_file(struct sqlite_store *s, const char *url, struct err *err)
{
	bool make = s->base.flags & (STORE_CREATE | STORE_SCRATCH);

	if (!resolve(url, s->path))
		return file_fault(err, url);
	if (!make && access(s->path, F_OK))
		return file_fault(err, url);
	if (s->base.flags & STORE_EXCLUSIVE && take_lock(s, err) < 0)
		return -1;
	return make ? make_file(s, err) : 0;
}

static void sqlite_close(struct store *base)
{
	struct sqlite_store *s = (struct sqlite_store *)base;

	sqlite3_close(s->anchor);
	/* What was made and never finished goes again, and so does what was meant to be thrown away. */
	if (!s->memory && (base->made || base->flags & STORE_SCRATCH))
		unlink(s->path);
	if (s->lock >= 0)
		close(s->lock);
	free(base->label);
	free(s);
}

/* No statistics of memory (a lock at every allocation), no lock in connections: each belongs to one thread at a time.
 */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int sqlite_open(const char *url, unsigned flags, struct store **ret, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sqlite_store *s = calloc(1, sizeof(*s));
	char *label = strdup(url);
	int r;

	pthread_once(&once, configure);
	if (!s || !label) {
		free(s);
		free(label);
		return err_kind_set(err, &ERR_NO_MEMORY);
	}
	s->base = (struct store){ .impl = &store_sqlite, .flags = flags, .label = label };
	s->lock = -1;
	r = flags & STORE_SCRATCH && strcmp(url, ":memory:") == 0 ? open_memory(s, err) : open_file(s, url, err);
	if (r < 0) {
		s->base.flags = 0;
		sqlite_close(&s->base);
		return -1;
	}
	*ret = &s->base;
	return 0;
}

/* The library itself refuses what would change the ledger, before the triggers do. */
static int authorize(void *ctx, int action, const char *a, const char *b, const char *schema, const char *trigger)
{
	const struct sqlite_db *db = ctx;
	const char *table = NULL;

	(void)schema;
	(void)trigger;
	switch (action) {
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_DROP_TABLE:
		table = a;
		break;
	case SQLITE_DROP_TRIGGER:
	case SQLITE_DROP_INDEX:
	case SQLITE_ALTER_TABLE:
		table = b;
		break;
	}
	return table && !db->base.migrating && store_is_ledger(table) ? SQLITE_DENY : SQLITE_OK;
}

static int settle(struct sqlite_db *db, const struct sqlite_store *s, struct err *err)
{
	const char *text = s->base.flags & STORE_SCRATCH ? scratch_settings
			   : db->base.mode == DB_WRITE   ? writer_settings
							 : reader_settings;
	sqlite3 *h = db->handle;

	sqlite3_extended_result_codes(h, 0);
	sqlite3_busy_timeout(h, BUSY_MS);
	if (db->base.mode == DB_WRITE && sqlite3_db_readonly(h, "main") == 1)
		return err_kind_set(err, &ERR_STORE_READONLY);
	if (sqlite3_exec(h, text, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fault(err, h, &s->base, NULL);
	if (s->base.flags & STORE_SCRATCH && db->base.mode == DB_READ &&
	    sqlite3_exec(h, "PRAGMA query_only = ON", NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fault(err, h, &s->base, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_set_authorizer(h, authorize, db);
	return sqlite_functions(h) == SQLITE_OK ? 0 : sqlite_fault(err, h, &s->base, NULL);
}

static int sqlite_connect(struct store *base, enum db_mode mode, struct db **ret, struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)base;
	bool write = mode == DB_WRITE || s->memory;
	int flags = SQLITE_OPEN_NOMUTEX | (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	struct sqlite_db *db = calloc(1, sizeof(*db));

	if (!db)
		return err_kind_set(err, &ERR_NO_MEMORY);
	db->base = (struct db){ .impl = &store_sqlite, .store = base, .mode = mode };
	if (sqlite3_open_v2(s->path, &db->handle, flags | (s->memory ? SQLITE_OPEN_URI : 0), NULL) != SQLITE_OK) {
		sqlite_fault(err, db->handle, base, NULL);
	} else if (settle(db, s, err) == 0) {
		*ret = &db->base;
		return 0;
	}
	sqlite_disconnect(&db->base);
	return -1;
}

/* A reader's snapshot stands from its first reading, so begin reads something. */
static const struct sql BEGIN_READ = { "sqlite.begin", "BEGIN" };
static const struct sql BEGIN_WRITE = { "sqlite.begin", "BEGIN IMMEDIATE" };
static const struct sql LOOK = { "sqlite.look", "SELECT 1 FROM sqlite_schema LIMIT 1" };
static const struct sql COMMIT = { "sqlite.commit", "COMMIT" };
static const struct sql ROLLBACK = { "sqlite.rollback", "ROLLBACK" };

static int run_plain(struct db *db, const struct sql *q, struct err *err)
{
	struct run *run = NULL;
	int r;

	if (sqlite_start(db, q, NULL, 0, RUN_CACHED, &run, err) < 0)
		return -1;
	r = sqlite_step(run, err);
	sqlite_end(run);
	return r < 0 ? -1 : 0;
}

static void sqlite_rollback(struct db *base)
{
	/* After some errors SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(((struct sqlite_db *)base)->handle))
		run_plain(base, &ROLLBACK, NULL);
}

static int sqlite_begin(struct db *base, struct err *err)
{
	if (base->mode == DB_WRITE)
		return run_plain(base, &BEGIN_WRITE, err);
	if (run_plain(base, &BEGIN_READ, err) < 0)
		return -1;
	if (run_plain(base, &LOOK, err) == 0)
		return 0;
	sqlite_rollback(base);
	return -1;
}

static int sqlite_commit(struct db *base, struct err *err)
{
	if (sqlite3_get_autocommit(((struct sqlite_db *)base)->handle))
		return store_error(err, &ERR_STORE, base->store, NULL, "the transaction had been rolled back");
	if (run_plain(base, &COMMIT, err) == 0)
		return 0;
	sqlite_rollback(base);
	return -1;
}

/* A script outside a transaction is one by itself, as on PostgreSQL. */
static int sqlite_script(struct db *base, const char *text, struct err *err)
{
	sqlite3 *h = ((struct sqlite_db *)base)->handle;
	bool own = sqlite3_get_autocommit(h);
	int r = 0;

	if (own && sqlite_begin(base, err) < 0)
		return -1;
	if (sqlite3_exec(h, text, NULL, NULL, NULL) != SQLITE_OK)
		r = sqlite_fault(err, h, base->store, "script");
	if (own && r == 0)
		return sqlite_commit(base, err);
	if (own)
		sqlite_rollback(base);
	return r;
}

/* Pages go over in steps, with a rest between, out of one snapshot: `src` holds a transaction, so a busy writer
 * does not make it start again. */
static int copy_pages(sqlite3 *src, sqlite3 *dst, const struct store *s, store_progress_fn progress, void *ctx,
		      struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(dst, "main", src, "main");
	int code;

	if (!b)
		return sqlite_fault(err, dst, s, "backup");
	do {
		code = sqlite3_backup_step(b, 256);
		if (progress && (code == SQLITE_OK || code == SQLITE_DONE)) {
			int total = sqlite3_backup_pagecount(b);

			progress(ctx, total - sqlite3_backup_remaining(b), total);
		}
		if (code == SQLITE_OK)
			sqlite3_sleep(1);
	} while (code == SQLITE_OK);
	if (sqlite3_backup_finish(b) != SQLITE_OK || code != SQLITE_DONE)
		return sqlite_fault(err, dst, s, "backup");
	/* A lone file that opens from a read-only medium too: no WAL beside it. */
	if (sqlite3_exec(dst, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fault(err, dst, s, "backup");
	return 0;
}

static int backup_into(struct db *from, const char *part, store_progress_fn progress, void *ctx, struct err *err)
{
	int fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r;
	sqlite3 *dst = NULL;

	if (fd < 0)
		return file_fault(err, part);
	close(fd);
	if (sqlite3_open_v2(part, &dst, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		r = sqlite_fault(err, dst, from->store, "backup");
	else
		r = copy_pages(((struct sqlite_db *)from)->handle, dst, from->store, progress, ctx, err);
	sqlite3_close(dst);
	return r < 0 ? r : file_sync(part, err);
}

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static int sqlite_backup(struct store *base, const char *file, store_progress_fn progress, void *ctx, struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)base;
	struct db *from = NULL;
	char part[PATH_MAX];
	int r;

	if (!s->memory && same_file(s->path, file))
		return err_fmt(err, &ERR_FILE, "%s: %s", file, "is the store itself");
	if (snprintf(part, sizeof(part), "%s.part-%d", file, getpid()) >= (int)sizeof(part))
		return err_fmt(err, &ERR_FILE, "%s: %s", file, "too long");
	if (store_connect(base, DB_READ, &from, err) < 0)
		return -1;
	r = db_begin(from, err);
	if (r == 0)
		r = backup_into(from, part, progress, ctx, err);
	db_close(from);
	if (r == 0)
		r = file_replace(part, file, err);
	if (r < 0)
		unlink(part);
	return r;
}

const struct store_impl store_sqlite = {
	.version = STORE_IMPL_VERSION,
	.name = "sqlite",
	.is_sqlite = true,
	.open = sqlite_open,
	.close = sqlite_close,
	.is_served = sqlite_is_served,
	.connect = sqlite_connect,
	.disconnect = sqlite_disconnect,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.script = sqlite_script,
	.translate = translate,
	.start = sqlite_start,
	.step = sqlite_step,
	.end = sqlite_end,
	.changed = sqlite_changed,
	.i64 = sqlite_i64,
	.text = sqlite_text,
	.bytes = sqlite_bytes,
	.backup = sqlite_backup,
	.tables = &tables,
	.columns = &columns,
	.guard = guard,
};
