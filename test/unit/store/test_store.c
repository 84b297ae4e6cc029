/* Opening, locking, versions, snapshots, the ledger's protection and backup:
 * the same tests on both stores. */
#include "fresh.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/impl.h"

static enum fresh_kind kind;
static struct fresh fresh;
static struct err err;

static const struct sql PUT_META = { "test.put_meta", "INSERT INTO meta (name, value) VALUES ($1, $2)" };
static const struct sql COUNT_META = { "test.count_meta", "SELECT COUNT(*) FROM meta" };
static const struct sql SET_VERSION = { "test.set_version", "UPDATE meta SET value = $1 WHERE name = 'schema'" };
static const struct sql PUT_ENTRY = {
	"test.put_entry",
	"INSERT INTO ledger (seq, id, type, town, hash, entry) VALUES ($1, $2, $3, $4, $5, $6)",
};
static const struct sql PUT_HEAD = {
	"test.put_head",
	"INSERT INTO ledger_head (size, root, at, signature) VALUES ($1, $2, $3, $4)",
};

static struct store *made(void)
{
	struct store *s = NULL;

	fresh_make(&fresh, kind);
	assert_ok(store_open(fresh.url, STORE_CREATE, &s, &err));
	return s;
}

static struct db *connected(struct store *s, enum db_mode mode)
{
	struct db *db = NULL;

	assert_ok(store_connect(s, mode, &db, &err));
	return db;
}

static void put_entry(struct db *db, int64_t seq, size_t size)
{
	static char entry[8192];
	struct uuid id = uuid_v7(1580000000000 + seq);

	entry[0] = (char)seq;
	assert_int_equal(db_run(db, &PUT_ENTRY, &err, "iucibb", seq, &id, "person.registered", 612725001LL + seq % 7,
				((struct str){ entry, 32 }), ((struct str){ entry, size })),
			 1);
}

static void put_head(struct db *db, int64_t size)
{
	assert_int_equal(db_run(db, &PUT_HEAD, &err, "ibib", size, STR("root"), (int64_t)5, STR("sig")), 1);
}

static void test_open(void **state)
{
	struct store *s, *t = NULL;
	struct db *db;

	(void)state;
	fresh_make(&fresh, kind);
	assert_true(store_open(fresh.url, 0, &t, &err) < 0);
	assert_true(store_open(fresh.url, STORE_EXCLUSIVE, &t, &err) < 0);
	assert_false(store_is_served(fresh.url));
	assert_ok(store_open(fresh.url, STORE_CREATE, &s, &err));
	assert_int_equal(store_is_sqlite(s), kind == FRESH_SQLITE);
	assert_string_equal(store_url(s), fresh.url);
	assert_true(store_is_served(fresh.url));
	store_close(s);
	assert_false(store_is_served(fresh.url));
	assert_fault(store_open(fresh.url, STORE_CREATE, &t, &err), ERR_FILE);
	assert_null(t);
	assert_ok(store_open(fresh.url, 0, &s, &err));
	assert_false(store_is_served(fresh.url));
	db = connected(s, DB_READ);
	assert_true(db_run(db, &PUT_META, &err, "cc", "a", "b") < 0);
	db_close(db);
	store_close(s);
	store_close(NULL);
	db_close(NULL);
	fresh_remove(&fresh);
}

/* A child that opens the store exclusively, says so on the pipe and waits to be killed. */
static pid_t hold(int *ret_pipe)
{
	int ends[2];
	char answer = 0;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct store *s = NULL;
		struct db *db = NULL;

		answer = store_open(fresh.url, STORE_EXCLUSIVE, &s, &err) < 0 ? 'n' : 'y';
		if (answer == 'y' && (store_connect(s, DB_WRITE, &db, &err) < 0 || db_begin(db, &err) < 0 ||
				      db_run(db, &PUT_META, &err, "cc", "half", "done") != 1))
			answer = 'w';
		if (write(ends[1], &answer, 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &answer, 1), 1);
	assert_int_equal(answer, 'y');
	*ret_pipe = ends[0];
	return child;
}

static void test_lock(void **state)
{
	struct store *s, *t = NULL;
	struct db *db;
	int fd, tries = 0;
	int64_t n;
	pid_t child;

	(void)state;
	store_close(made());
	child = hold(&fd);
	assert_true(store_is_served(fresh.url));
	assert_fault(store_open(fresh.url, STORE_EXCLUSIVE, &t, &err), ERR_STORE_LOCKED);
	assert_true(store_is_served(fresh.url));
	/* Reading goes on beside it, and does not see what is not committed. */
	assert_ok(store_open(fresh.url, 0, &s, &err));
	db = connected(s, DB_READ);
	assert_int_equal(db_get_i64(db, &COUNT_META, &n, &err, ""), 1);
	assert_int_equal(n, 1);
	db_close(db);
	store_close(s);
	/* Killed, it frees the lock; a database server needs a moment to see it. */
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(fd);
	while (store_open(fresh.url, STORE_EXCLUSIVE, &s, &err) < 0 && tries++ < 50)
		usleep(100000);
	assert_in_range(tries, 0, kind == FRESH_SQLITE ? 0 : 49);
	/* One in this process locks out a second one, too. */
	assert_fault(store_open(fresh.url, STORE_EXCLUSIVE, &t, &err), ERR_STORE_LOCKED);
	db = connected(s, DB_WRITE);
	assert_int_equal(db_get_i64(db, &COUNT_META, &n, &err, ""), 1);
	assert_int_equal(n, 1);
	assert_int_equal(db_run(db, &PUT_META, &err, "cc", "a", "b"), 1);
	db_close(db);
	store_close(s);
	fresh_remove(&fresh);
}

static void test_snapshot(void **state)
{
	struct store *s = made();
	struct db *w = connected(s, DB_WRITE), *r = connected(s, DB_READ);
	int64_t n = 0;

	(void)state;
	/* The snapshot is that of begin, even before anything was read. */
	assert_ok(db_begin(r, &err));
	assert_ok(db_begin(w, &err));
	assert_int_equal(db_run(w, &PUT_META, &err, "cc", "a", "b"), 1);
	assert_ok(db_commit(w, &err));
	assert_int_equal(db_get_i64(r, &COUNT_META, &n, &err, ""), 1);
	assert_int_equal(n, 1);
	assert_ok(db_commit(r, &err));
	assert_int_equal(db_get_i64(r, &COUNT_META, &n, &err, ""), 1);
	assert_int_equal(n, 2);
	assert_ok(db_begin(r, &err));
	assert_int_equal(db_get_i64(r, &COUNT_META, &n, &err, ""), 1);
	assert_int_equal(n, 2);
	assert_fault(db_run(r, &PUT_META, &err, "cc", "c", "d"), ERR_STORE_READONLY);
	db_rollback(r);
	db_close(r);
	db_close(w);
	store_close(s);
	fresh_remove(&fresh);
}

static void test_newer(void **state)
{
	struct store *s = made(), *t = NULL;
	struct db *db = connected(s, DB_WRITE);

	(void)state;
	assert_int_equal(db_run(db, &SET_VERSION, &err, "c", "99"), 1);
	db_close(db);
	store_close(s);
	assert_fault(store_open(fresh.url, 0, &t, &err), ERR_STORE_NEWER);
	assert_fault(store_open(fresh.url, STORE_EXCLUSIVE, &t, &err), ERR_STORE_NEWER);
	assert_false(store_is_served(fresh.url));
	fresh_remove(&fresh);
}

static void test_damaged_version(void **state)
{
	struct store *s = made(), *t = NULL;
	struct db *db = connected(s, DB_WRITE);

	(void)state;
	assert_int_equal(db_run(db, &SET_VERSION, &err, "c", "soon"), 1);
	db_close(db);
	store_close(s);
	assert_fault(store_open(fresh.url, STORE_EXCLUSIVE, &t, &err), ERR_STORE_CORRUPT);
	fresh_remove(&fresh);
}

static void test_migration(void **state)
{
	struct store *s = made(), *t = NULL;
	struct db *db;
	static const char add[] = "ALTER TABLE ledger ADD COLUMN mark TEXT; CREATE TABLE later (i BIGINT PRIMARY KEY);";
	const struct store_migration good[] = { { 1, "" }, { 2, "" }, { 3, add } };
	const struct store_migration bad[] = {
		{ 1, "" }, { 2, "" }, { 3, add }, { 4, "CREATE TABLE x (i BIGINT); NONSENSE;" }
	};
	static const struct sql LATER = { "test.later", "SELECT COUNT(*) FROM later" };
	int64_t n;

	(void)state;
	db = connected(s, DB_WRITE);
	put_entry(db, 1, 100);
	db_close(db);
	store_close(s);
	/* A reader does not migrate. */
	store_test_migrations(good, 3);
	assert_fault(store_open(fresh.url, 0, &t, &err), ERR_STORE);
	/* Each version by itself: the third stays when the fourth fails. */
	store_test_migrations(bad, 4);
	assert_fault(store_open(fresh.url, STORE_EXCLUSIVE, &t, &err), ERR_STORE);
	store_test_migrations(good, 3);
	assert_ok(store_open(fresh.url, STORE_EXCLUSIVE, &s, &err));
	db = connected(s, DB_READ);
	assert_int_equal(db_get_i64(db, &LATER, &n, &err, ""), 1);
	db_close(db);
	store_close(s);
	assert_ok(store_open(fresh.url, 0, &s, &err));
	store_close(s);
	store_test_migrations(NULL, 0);
	assert_fault(store_open(fresh.url, 0, &t, &err), ERR_STORE_NEWER);
	fresh_remove(&fresh);
}

static bool has_table(struct db *db, const char *table)
{
	struct sql count = { "test.has_table", NULL };
	struct stmt *st = NULL;
	char text[80];

	snprintf(text, sizeof(text), "SELECT COUNT(*) FROM %s", table);
	count.text = text;
	err.kind = NULL;
	bool is = db_start_once(db, count.name, count.text, NULL, 0, &st, &err) == 0 && stmt_step(st, &err) == 1;
	stmt_end(st);
	return is;
}

/* A store that an older program made: read only after a writer has brought it up to date, with all that stood in it. */
static void test_from_version_1(void **state)
{
	static const char *const made_by_2[] = { "blind_new", "blind_page", "message", "channel", "delivery" };
	static const struct sql VERSION = { "test.version",
					    "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'schema'" };
	static const struct sql ENTRIES = { "test.entries", "SELECT COUNT(*) FROM ledger" };
	static const struct sql BLIND = { "test.blind",
					  "INSERT INTO blind_new (n, entries) "
					  "VALUES ((SELECT coalesce(max(n), 0) + 1 FROM blind_new), $1)" };
	struct uuid id = uuid_v7(1580000000000);
	struct store *s, *t = NULL;
	struct db *db;
	int64_t n;

	(void)state;
	store_test_migrations(NULL, 1);
	s = made();
	db = connected(s, DB_WRITE);
	assert_false(has_table(db, "blind_new"));
	for (int i = 1; i <= 20; i++)
		put_entry(db, i, 100);
	put_head(db, 20);
	db_close(db);
	store_close(s);

	store_test_migrations(NULL, 0);
	assert_fault(store_open(fresh.url, 0, &t, &err), ERR_STORE);
	for (int again = 0; again < 2; again++) {
		assert_ok(store_open(fresh.url, STORE_EXCLUSIVE, &s, &err));
		db = connected(s, DB_WRITE);
		assert_int_equal(db_get_i64(db, &VERSION, &n, &err, ""), 1);
		assert_int_equal(n, STORE_SCHEMA_VERSION);
		for (size_t i = 0; i < ARRAY_LEN(made_by_2); i++)
			assert_true(has_table(db, made_by_2[i]));
		assert_int_equal(db_get_i64(db, &ENTRIES, &n, &err, ""), 1);
		assert_int_equal(n, 20 + again);
		put_entry(db, n + 1, 100);
		id.b[0] = (uint8_t)again;
		assert_int_equal(db_run(db, &BLIND, &err, "u", &id), 1);
		/* The ledger is guarded as before. */
		assert_fault(db_script(db, "DELETE FROM ledger;", &err), ERR_STORE);
		assert_fault(db_script(db, "UPDATE ledger_head SET at = 0;", &err), ERR_STORE);
		db_close(db);
		store_close(s);
	}
	assert_ok(store_open(fresh.url, 0, &s, &err));
	store_close(s);
	fresh_remove(&fresh);
}

static int add_line(void *ctx, struct str text)
{
	buf_str(ctx, text);
	buf_char(ctx, '\n');
	return 0;
}

struct dump_all {
	struct db *db;
	struct buf out, names;
};

static int dump_one(void *ctx, struct str name)
{
	struct dump_all *d = ctx;
	char table[64];

	assert_true(str_copy(name, table, sizeof(table)));
	buf_printf(&d->out, "== %s\n", table);
	assert_ok(db_dump(d->db, table, add_line, &d->out, &err));
	return 0;
}

static struct buf dump_of(struct db *db)
{
	struct dump_all d = { .db = db };

	assert_ok(db_tables(db, dump_one, &d, &err));
	return d.out;
}

/* Nothing may change or remove a row of the ledger, by whatever statement. */
static void test_ledger_is_kept(void **state)
{
	static const char *const common[] = {
		"UPDATE ledger SET entry = hash;",
		"UPDATE ledger SET town = 1 WHERE seq = 1;",
		"DELETE FROM ledger;",
		"DELETE FROM ledger WHERE seq = 1;",
		"UPDATE ledger_head SET at = 0;",
		"DELETE FROM ledger_head;",
		"DROP TABLE ledger;",
		"DROP TABLE ledger_head;",
		"INSERT INTO ledger_head (size, root, at, signature) SELECT size, root, 9, signature FROM ledger_head"
		" WHERE true ON CONFLICT (size) DO UPDATE SET at = 0;",
	};
	static const char *const sqlite[] = {
		"INSERT OR REPLACE INTO ledger_head (size, root, at, signature) VALUES (1, x'00', 0, x'00');",
		"DROP TRIGGER ledger_no_update;",
		"DROP INDEX ledger_id;",
		"ALTER TABLE ledger RENAME TO other;",
		"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema;",
	};
	static const char *const postgres[] = { "TRUNCATE ledger;", "TRUNCATE ledger_head;" };
	const char *const *own = kind == FRESH_SQLITE ? sqlite : postgres;
	size_t own_count = kind == FRESH_SQLITE ? ARRAY_LEN(sqlite) : ARRAY_LEN(postgres);
	struct store *s = made();
	struct db *db = connected(s, DB_WRITE);
	struct buf before, after;

	(void)state;
	put_entry(db, 1, 10);
	put_head(db, 1);
	before = dump_of(db);
	for (size_t i = 0; i < ARRAY_LEN(common) + own_count; i++) {
		const char *text = i < ARRAY_LEN(common) ? common[i] : own[i - ARRAY_LEN(common)];
		const struct sql q = { "test.attack", text };
		struct stmt *st = NULL;

		assert_fault(db_script(db, text, &err), ERR_STORE);
		err.kind = NULL;
		if (strchr(text, ';') == text + strlen(text) - 1) {
			assert_true(db_start_once(db, q.name, q.text, NULL, 0, &st, &err) < 0 ||
				    stmt_step(st, &err) < 0);
			stmt_end(st);
		}
	}
	after = dump_of(db);
	assert_true(str_eq(buf_view(&before), buf_view(&after)));
	buf_finish(&before);
	buf_finish(&after);
	/* Appending still works. */
	put_entry(db, 2, 10);
	put_head(db, 2);
	db_close(db);
	store_close(s);
	fresh_remove(&fresh);
}

struct feed {
	struct store *store;
	int64_t next;
	bool stop;
};

/* Commits without a pause; in each commit the ledger and its heads grow by the same. */
static void *feed_run(void *ctx)
{
	struct feed *f = ctx;
	struct db *db = connected(f->store, DB_WRITE);

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		assert_ok(db_begin(db, &err));
		put_entry(db, f->next, 3000);
		put_head(db, f->next);
		assert_ok(db_commit(db, &err));
		__atomic_add_fetch(&f->next, 1, __ATOMIC_ACQ_REL);
	}
	db_close(db);
	return NULL;
}

struct watch {
	int calls, last, total;
};

static void watch(void *ctx, int done, int total)
{
	struct watch *w = ctx;

	assert_true(done >= w->last && done <= total);
	*w = (struct watch){ w->calls + 1, done, total };
}

static void test_backup_while_writing(void **state)
{
	static const struct sql DIFFER = {
		"test.differ",
		"SELECT (SELECT COUNT(*) FROM ledger) - (SELECT COUNT(*) FROM ledger_head)"
		" + (SELECT MAX(seq) - COUNT(*) FROM ledger)",
	};
	static const struct sql SIZE = { "test.size", "SELECT COUNT(*) FROM ledger" };
	struct store *s = made(), *copy = NULL;
	struct feed feed = { s, 1, false };
	struct watch w = { 0 };
	struct db *db = connected(s, DB_WRITE);
	int64_t before, n = -1;
	pthread_t thread;
	char file[128];
	struct stat st;

	(void)state;
	assert_ok(db_begin(db, &err));
	for (; feed.next <= 1500; feed.next++) {
		put_entry(db, feed.next, 3000);
		put_head(db, feed.next);
	}
	assert_ok(db_commit(db, &err));
	db_close(db);
	before = feed.next - 1;
	snprintf(file, sizeof(file), "%s/backup.db", fresh.dir);
	assert_int_equal(pthread_create(&thread, NULL, feed_run, &feed), 0);
	assert_ok(store_backup(s, file, watch, &w, &err));
	__atomic_store_n(&feed.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_true(w.calls > 1 && w.last == w.total);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	store_close(s);

	assert_ok(store_open(file, STORE_EXCLUSIVE, &copy, &err));
	db = connected(copy, DB_WRITE);
	assert_int_equal(db_get_i64(db, &DIFFER, &n, &err, ""), 1);
	assert_int_equal(n, 0);
	assert_int_equal(db_get_i64(db, &SIZE, &n, &err, ""), 1);
	assert_in_range(n, before, feed.next);
	put_entry(db, n + 1, 10);
	/* What came from the backup is protected as well. */
	assert_fault(db_script(db, "DELETE FROM ledger;", &err), ERR_STORE);
	db_close(db);
	store_close(copy);
	fresh_remove(&fresh);
}

/* A module's tables go with the backup, definitions and rows; the backup replaces an older one. */
static void test_backup_is_equal(void **state)
{
	static const char module[] =
	    "CREATE TABLE grid (a BIGINT, b TEXT, c BYTEA, d BIGINT, PRIMARY KEY (b, a)) /* clustered */;"
	    "CREATE INDEX grid_d ON grid (d DESC, a) WHERE d > 5;"
	    "CREATE UNIQUE INDEX grid_c ON grid (c);"
	    "CREATE TABLE visit (i BIGINT /* rowid */ PRIMARY KEY, at BIGINT NOT NULL);";
	static const struct sql PUT = { "test.put", "INSERT INTO grid (a, b, c, d) VALUES ($1, $2, $3, $4)" };
	struct store *s = made(), *copy = NULL;
	struct db *db = connected(s, DB_WRITE);
	struct buf one, two;
	char file[128];
	FILE *f;

	(void)state;
	assert_ok(db_script(db, module, &err));
	for (int i = 0; i < 300; i++) {
		put_entry(db, i + 1, 200);
		assert_int_equal(db_run(db, &PUT, &err, "isbI", (int64_t)(i % 17), i % 2 ? STR("甲") : STR("乙\n'"),
					i ? STR_NONE : STR("\xff"), i % 3 ? INT64_MIN : i),
				 i < 34 ? 1 : -1);
	}
	snprintf(file, sizeof(file), "%s/backup.db", fresh.dir);
	f = fopen(file, "w");
	fputs("an older one", f);
	fclose(f);
	assert_ok(store_backup(s, file, NULL, NULL, &err));
	one = dump_of(db);
	assert_ok(store_open(file, 0, &copy, &err));
	db_close(db);
	db = connected(copy, DB_READ);
	two = dump_of(db);
	assert_true(one.len > 300 * 200);
	assert_true(str_eq(buf_view(&one), buf_view(&two)));
	db_close(db);
	store_close(copy);
	/* The definitions too: the backup refuses what the original refuses. */
	assert_ok(store_open(file, STORE_EXCLUSIVE, &copy, &err));
	db = connected(copy, DB_WRITE);
	assert_fault(db_run(db, &PUT, &err, "icbi", 0LL, "乙\n'", STR("new"), 1LL), ERR_STORE);
	assert_fault(db_run(db, &PUT, &err, "icbi", 99LL, "x", STR("\xff"), 1LL), ERR_STORE);
	assert_int_equal(db_run(db, &PUT, &err, "icbi", 99LL, "x", STR("\xfe"), 1LL), 1);
	db_close(db);
	store_close(copy);
	buf_finish(&one);
	buf_finish(&two);

	assert_true(store_backup(s, "/nowhere/backup.db", NULL, NULL, &err) < 0);
	if (kind == FRESH_SQLITE)
		assert_fault(store_backup(s, fresh.url, NULL, NULL, &err), ERR_FILE);
	snprintf(file, sizeof(file), "ls -A '%s' | grep -c part", fresh.dir);
	assert_int_not_equal(system(file), 0);
	store_close(s);
	fresh_remove(&fresh);
}

static int run_all(const char *name, enum fresh_kind k)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_newer),
		cmocka_unit_test(test_damaged_version),
		cmocka_unit_test(test_migration),
		cmocka_unit_test(test_from_version_1),
		cmocka_unit_test(test_ledger_is_kept),
		cmocka_unit_test(test_backup_while_writing),
		cmocka_unit_test(test_backup_is_equal),
	};

	kind = k;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
	int failures = run_all("store on SQLite", FRESH_SQLITE);

	return failures + run_all("store on PostgreSQL", FRESH_POSTGRES);
}
