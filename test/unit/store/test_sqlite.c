/* What only a store in a file can meet: a full disk, files and folders that may
 * not be written, foreign and broken files; and throw-away stores. */
#include "fresh.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/impl.h"

static struct fresh fresh;
static struct err err;

static const struct sql PUT = { "test.put", "INSERT INTO subject_key (subject, wrapped) VALUES ($1, $2)" };
static const struct sql COUNT = { "test.count", "SELECT COUNT(*) FROM subject_key" };

static char block[4096];

static int64_t put(struct db *db, int64_t i)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)i);
	return db_run(db, &PUT, &err, "bb", str_of(key), ((struct str){ block, sizeof(block) }));
}

static struct store *made(struct db **ret_db)
{
	struct store *s = NULL;

	fresh_make(&fresh, FRESH_SQLITE);
	assert_ok(store_open(fresh.url, STORE_CREATE, &s, &err));
	assert_ok(store_connect(s, DB_WRITE, ret_db, &err));
	return s;
}

/* Runs in a child that may change what it is and what it sees; 0 passed, 77 not possible here, else the line. */
static void in_child(int (*run)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(run());
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	if (WEXITSTATUS(status))
		fail_msg("child failed, line %d (mod 250)", WEXITSTATUS(status));
}

#define CHECK(what)                                \
	do {                                       \
		if (!(what))                       \
			return __LINE__ % 250 + 1; \
	} while (0)

/* By SQLite's own bound on pages. */
static void test_full(void **state)
{
	struct db *db;
	struct store *s = made(&db);
	int64_t n = 0, kept;

	(void)state;
	assert_ok(db_script(db, "PRAGMA max_page_count = 200;", &err));
	for (;;) {
		assert_ok(db_begin(db, &err));
		if (put(db, n) < 0)
			break;
		n++;
		assert_ok(db_commit(db, &err));
	}
	assert_string_equal(err.kind->code, ERR_STORE_FULL.code);
	/* The transaction may be gone already; going back is fine all the same, and committing is not. */
	assert_fault(db_commit(db, &err), ERR_STORE);
	assert_int_equal(db_get_i64(db, &COUNT, &kept, &err, ""), 1);
	assert_int_equal(kept, n);
	/* With a savepoint on the way. */
	assert_ok(db_begin(db, &err));
	assert_ok(db_savepoint(db, &err));
	assert_true(put(db, n) < 0);
	db_savepoint_rollback(db, NULL);
	db_rollback(db);
	assert_ok(db_script(db, "PRAGMA max_page_count = 100000;", &err));
	assert_int_equal(put(db, n), 1);
	db_close(db);
	store_close(s);
	fresh_remove(&fresh);
}

static bool write_file(const char *path, size_t size)
{
	static const char zeros[65536];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool ok = fd >= 0;

	for (size_t done = 0; ok && done < size; done += sizeof(zeros))
		ok = write(fd, zeros, sizeof(zeros)) > 0;
	close(fd);
	return ok;
}

/* A disk that is really full, seen in the child alone. */
static int full_disk(void)
{
	char path[128], filler[128];
	struct store *s = NULL;
	struct db *db = NULL;
	int64_t n = 0, kept = -1;

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", fresh.dir, "tmpfs", 0, "size=4m"))
		return 77;
	snprintf(path, sizeof(path), "%s/y.db", fresh.dir);
	snprintf(filler, sizeof(filler), "%s/filler", fresh.dir);
	CHECK(write_file(filler, 1 << 20));
	CHECK(store_open(path, STORE_CREATE, &s, &err) == 0);
	CHECK(store_connect(s, DB_WRITE, &db, &err) == 0);
	for (;;) {
		CHECK(db_begin(db, &err) == 0);
		if (put(db, n) < 0) {
			db_rollback(db);
			break;
		}
		if (db_commit(db, &err) < 0)
			break;
		n++;
	}
	CHECK(err.kind == &ERR_STORE_FULL);
	CHECK(n > 50);
	/* What was committed is readable, and with room again it goes on. */
	CHECK(db_get_i64(db, &COUNT, &kept, &err, "") == 1 && kept == n);
	CHECK(unlink(filler) == 0);
	CHECK(put(db, n) == 1);
	db_close(db);
	store_close(s);
	CHECK(store_open(path, STORE_EXCLUSIVE, &s, &err) == 0);
	CHECK(store_connect(s, DB_READ, &db, &err) == 0);
	CHECK(db_get_i64(db, &COUNT, &kept, &err, "") == 1 && kept == n + 1);
	/* Backing up into no space leaves nothing behind. */
	write_file(filler, 8 << 20);
	snprintf(filler, sizeof(filler), "%s/backup.db", fresh.dir);
	CHECK(store_backup(s, filler, NULL, NULL, &err) < 0 && err.kind == &ERR_STORE_FULL);
	CHECK(access(filler, F_OK) != 0);
	db_close(db);
	store_close(s);
	return 0;
}

static void test_full_disk(void **state)
{
	(void)state;
	fresh_make(&fresh, FRESH_SQLITE);
	in_child(full_disk);
	fresh_remove(&fresh);
}

/* A medium mounted read-only; a backup on it can be read. */
static int readonly_medium(void)
{
	char copy[128], again[128];
	struct store *s = NULL;
	struct db *db = NULL;
	int64_t n = 0;

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", fresh.dir, "tmpfs", 0, "size=8m"))
		return 77;
	snprintf(copy, sizeof(copy), "%s/copy.db", fresh.dir);
	snprintf(again, sizeof(again), "%s/again.db", fresh.dir);
	CHECK(store_open(fresh.url, STORE_CREATE, &s, &err) == 0);
	CHECK(store_connect(s, DB_WRITE, &db, &err) == 0);
	CHECK(put(db, 1) == 1);
	CHECK(store_backup(s, copy, NULL, NULL, &err) == 0);
	db_close(db);
	store_close(s);
	CHECK(mount(NULL, fresh.dir, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	CHECK(store_open(fresh.url, STORE_EXCLUSIVE, &s, &err) < 0 && err.kind == &ERR_STORE_READONLY);
	CHECK(store_open(again, STORE_CREATE, &s, &err) < 0 && err.kind == &ERR_STORE_READONLY);
	CHECK(!store_is_served(fresh.url));
	CHECK(store_open(copy, 0, &s, &err) == 0);
	CHECK(store_connect(s, DB_READ, &db, &err) == 0);
	CHECK(db_get_i64(db, &COUNT, &n, &err, "") == 1 && n == 1);
	CHECK(store_backup(s, again, NULL, NULL, &err) < 0 && err.kind == &ERR_STORE_READONLY);
	db_close(db);
	store_close(s);
	return 0;
}

static void test_readonly_medium(void **state)
{
	(void)state;
	fresh_make(&fresh, FRESH_SQLITE);
	in_child(readonly_medium);
	fresh_remove(&fresh);
}

/* Someone who may read only. */
static int readonly_file(void)
{
	char lock[300];
	struct store *s = NULL;

	if (getuid() == 0 && (setgid(65534) || setuid(65534)))
		return 77;
	CHECK(store_open(fresh.url, STORE_EXCLUSIVE, &s, &err) < 0 && err.kind == &ERR_STORE_READONLY);
	snprintf(lock, sizeof(lock), "%s-lock", fresh.url);
	CHECK(access(lock, R_OK) == 0);
	CHECK(store_open(fresh.url, 0, &s, &err) < 0 && err.kind == &ERR_STORE_READONLY);
	return 0;
}

static int readonly_file_alone(void)
{
	struct store *s = NULL;

	if (getuid() == 0 && (setgid(65534) || setuid(65534)))
		return 77;
	CHECK(store_open(fresh.url, STORE_EXCLUSIVE, &s, &err) < 0 && err.kind == &ERR_STORE_READONLY);
	return 0;
}

static void test_readonly_file(void **state)
{
	char lock[300];
	struct db *db;
	struct store *s = made(&db);

	(void)state;
	db_close(db);
	store_close(s);
	snprintf(lock, sizeof(lock), "%s-lock", fresh.url);
	assert_int_equal(chmod(fresh.url, 0444), 0);
	assert_int_equal(chmod(lock, 0444), 0);
	assert_int_equal(chmod(fresh.dir, 0555), 0);
	in_child(readonly_file);
	/* The folder and the lock may be written, the file not. */
	assert_int_equal(chmod(lock, 0666), 0);
	assert_int_equal(chmod(fresh.dir, 0777), 0);
	in_child(readonly_file_alone);
	fresh_remove(&fresh);
}

static void test_foreign_files(void **state)
{
	static const char *const names[] = { "text", "empty", "half" };
	char path[128];
	struct store *s = NULL;
	struct db *db;
	FILE *f;

	(void)state;
	s = made(&db);
	for (int i = 0; i < 100; i++)
		assert_int_equal(put(db, i), 1);
	db_close(db);
	store_close(s);
	/* A store cut short. */
	assert_int_equal(truncate(fresh.url, 8192 * 3 + 100), 0);
	if (store_open(fresh.url, STORE_EXCLUSIVE, &s, &err) == 0) {
		int64_t n;

		assert_ok(store_connect(s, DB_WRITE, &db, &err));
		assert_fault(db_get_i64(db, &COUNT, &n, &err, ""), ERR_STORE_CORRUPT);
		db_close(db);
		store_close(s);
	} else {
		assert_string_equal(err.kind->code, ERR_STORE_CORRUPT.code);
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", fresh.dir, names[i]);
		f = fopen(path, "w");
		for (int k = 0; i == 0 && k < 1000; k++)
			fputs("this is no database\n", f);
		fclose(f);
	}
	snprintf(path, sizeof(path), "%s/text", fresh.dir);
	assert_fault(store_open(path, 0, &s, &err), ERR_STORE_CORRUPT);
	assert_fault(store_open(path, STORE_CREATE, &s, &err), ERR_STORE_CORRUPT);
	assert_int_equal(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/empty", fresh.dir);
	assert_fault(store_open(path, 0, &s, &err), ERR_STORE);
	assert_fault(store_open(path, STORE_EXCLUSIVE, &s, &err), ERR_STORE);
	/* Another program's database. */
	snprintf(path, sizeof(path), "%s/half", fresh.dir);
	assert_ok(store_open(path, STORE_CREATE, &s, &err));
	assert_ok(store_connect(s, DB_WRITE, &db, &err));
	assert_ok(db_script(db, "DROP TABLE meta;", &err));
	db_close(db);
	store_close(s);
	assert_fault(store_open(path, STORE_EXCLUSIVE, &s, &err), ERR_STORE);
	assert_fault(store_open(path, STORE_CREATE, &s, &err), ERR_STORE);
	assert_int_equal(access(path, F_OK), 0);
	assert_fault(store_open("/nowhere/x.db", STORE_CREATE, &s, &err), ERR_FILE);
	assert_true(store_open("", STORE_CREATE, &s, &err) < 0);
	assert_false(store_is_served("/nowhere/x.db"));
	fresh_remove(&fresh);
}

/* A store that could not be made leaves no file. */
static void test_unfinished_making(void **state)
{
	const struct store_migration bad[] = { { 1, "NONSENSE;" } };
	struct store *s = NULL;

	(void)state;
	fresh_make(&fresh, FRESH_SQLITE);
	store_test_migrations(bad, 1);
	assert_fault(store_open(fresh.url, STORE_CREATE, &s, &err), ERR_STORE);
	store_test_migrations(NULL, 0);
	assert_int_not_equal(access(fresh.url, F_OK), 0);
	assert_ok(store_open(fresh.url, STORE_CREATE, &s, &err));
	store_close(s);
	fresh_remove(&fresh);
}

/* Two names of one file meet at one lock. */
static void test_lock_by_other_name(void **state)
{
	char name[128];
	struct store *s, *t = NULL;
	struct db *db;

	(void)state;
	s = made(&db);
	snprintf(name, sizeof(name), "%s/link.db", fresh.dir);
	assert_int_equal(symlink(fresh.url, name), 0);
	assert_true(store_is_served(name));
	assert_fault(store_open(name, STORE_EXCLUSIVE, &t, &err), ERR_STORE_LOCKED);
	db_close(db);
	store_close(s);
	fresh_remove(&fresh);
}

/* The triggers refuse on their own, where the library's refusal is switched off. */
static void test_triggers(void **state)
{
	static const char *const texts[] = { "UPDATE ledger_head SET at = 0;", "DELETE FROM ledger_head;",
					     "INSERT OR REPLACE INTO ledger_head VALUES (1, x'', 9, x'');" };
	struct db *db;
	struct store *s = made(&db);

	(void)state;
	assert_ok(db_script(db, "INSERT INTO ledger_head VALUES (1, x'', 5, x'');", &err));
	db->migrating = true;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_fault(db_script(db, texts[i], &err), ERR_STORE);
	db_close(db);
	store_close(s);
	fresh_remove(&fresh);
}

static void test_scratch(void **state)
{
	char path[128];
	struct store *s = NULL, *t = NULL;
	struct db *db, *other;
	int64_t n = 0;

	(void)state;
	assert_ok(store_open(":memory:", STORE_SCRATCH, &s, &err));
	assert_ok(store_open(":memory:", STORE_SCRATCH, &t, &err));
	assert_ok(store_connect(s, DB_WRITE, &db, &err));
	assert_ok(db_begin(db, &err));
	assert_int_equal(put(db, 1), 1);
	assert_ok(db_savepoint(db, &err));
	assert_int_equal(put(db, 2), 1);
	assert_ok(db_savepoint_rollback(db, &err));
	assert_ok(db_commit(db, &err));
	assert_ok(db_begin(db, &err));
	assert_int_equal(put(db, 3), 1);
	db_rollback(db);
	/* Its connections see one database, another throw-away one is another. */
	assert_ok(store_connect(s, DB_READ, &other, &err));
	assert_int_equal(db_get_i64(other, &COUNT, &n, &err, ""), 1);
	assert_int_equal(n, 1);
	assert_fault(put(other, 4), ERR_STORE_READONLY);
	db_close(other);
	assert_ok(store_connect(t, DB_READ, &other, &err));
	assert_int_equal(db_get_i64(other, &COUNT, &n, &err, ""), 1);
	assert_int_equal(n, 0);
	db_close(other);
	db_close(db);
	store_close(t);

	fresh_make(&fresh, FRESH_SQLITE);
	snprintf(path, sizeof(path), "%s/copy.db", fresh.dir);
	assert_ok(store_backup(s, path, NULL, NULL, &err));
	store_close(s);
	assert_fault(store_open(path, STORE_SCRATCH, &s, &err), ERR_FILE);
	assert_ok(store_open(fresh.url, STORE_SCRATCH, &s, &err));
	assert_ok(store_connect(s, DB_WRITE, &db, &err));
	assert_int_equal(put(db, 1), 1);
	db_close(db);
	store_close(s);
	assert_int_not_equal(access(fresh.url, F_OK), 0);
	fresh_remove(&fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_readonly_medium),
		cmocka_unit_test(test_readonly_file),
		cmocka_unit_test(test_foreign_files),
		cmocka_unit_test(test_unfinished_making),
		cmocka_unit_test(test_lock_by_other_name),
		cmocka_unit_test(test_triggers),
		cmocka_unit_test(test_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
