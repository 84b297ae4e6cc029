/* What only a store on a server can meet: passwords in its address, lost
 * connections, a server that is not there. */
#include "fresh.h"
#include "store/impl.h"

static struct fresh fresh;
static struct err err;

static const struct sql PID = { "test.pid", "SELECT pg_backend_pid()" };
static const struct sql END = { "test.end", "SELECT pg_terminate_backend(CAST($1 AS INTEGER))" };
static const struct sql PUT = { "test.put", "INSERT INTO meta (name, value) VALUES ($1, 'x')" };

static void test_no_server(void **state)
{
	static const char *const urls[] = {
		"postgresql://someone:s3cret@127.0.0.1:1/x",
		"postgresql://127.0.0.1:1/x?user=a&password=s3cret",
		"postgresql://someone:s3cret@127.0.0.1:port/x",
		"postgresql://someone:s3cret@127.0.0.1:1/x?nonsense=s3cret&password=s3cret",
		"postgres://a:s3cret@[::1/x",
		"postgresql://someone:s3cret@127.0.0.1:1/x?pass%77ord=s3cret",
	};
	struct store *s = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		assert_fault(store_open(urls[i], STORE_CREATE, &s, &err), ERR_STORE);
		for (int k = 0; k < ERR_ARGS; k++) {
			char *hit = strstr(err.arg[k], "s3cret");

			/* A parameter that libpq does not know is no password. */
			assert_true(!hit || strstr(err.arg[k], "nonsense=s3cret") == hit - 9);
			assert_true(!hit || !strstr(hit + 1, "s3cret"));
		}
		assert_false(store_is_served(urls[i]));
	}
}

static void test_password(void **state)
{
	const char *server = getenv("LIANFANG_TEST_PG"), *at = server ? strchr(server, '@') : NULL;
	char url[512], bare[512];
	struct store *s = NULL;

	(void)state;
	fresh_make(&fresh, FRESH_POSTGRES);
	at = strchr(fresh.url, '@');
	snprintf(url, sizeof(url), "%.*s:s3cret%s?password=s3cret&application_name=test", (int)(at - fresh.url),
		 fresh.url, at);
	snprintf(bare, sizeof(bare), "%s?application_name=test", fresh.url);
	assert_ok(store_open(url, STORE_CREATE, &s, &err));
	assert_string_equal(store_url(s), bare);
	store_close(s);
	fresh_remove(&fresh);
}

static void test_lost_connection(void **state)
{
	struct store *s = NULL;
	struct db *w, *r;
	int64_t pid, n;

	(void)state;
	fresh_make(&fresh, FRESH_POSTGRES);
	assert_ok(store_open(fresh.url, STORE_CREATE, &s, &err));
	assert_ok(store_connect(s, DB_WRITE, &w, &err));
	assert_ok(store_connect(s, DB_READ, &r, &err));
	assert_int_equal(db_get_i64(r, &PID, &pid, &err, ""), 1);
	assert_int_equal(db_get_i64(w, &END, &n, &err, "i", pid), 1);
	usleep(200000);
	assert_fault(db_get_i64(r, &PID, &n, &err, ""), ERR_STORE);
	assert_non_null(strstr(fresh_text(&err), "lost"));
	/* The next transaction connects again; the statements are prepared anew. */
	assert_ok(db_begin(r, &err));
	assert_int_equal(db_get_i64(r, &PID, &n, &err, ""), 1);
	assert_int_not_equal(n, pid);
	assert_ok(db_commit(r, &err));

	/* In mid-transaction nothing is left of it. */
	assert_int_equal(db_get_i64(w, &PID, &pid, &err, ""), 1);
	assert_ok(db_begin(w, &err));
	assert_int_equal(db_run(w, &PUT, &err, "c", "gone"), 1);
	assert_int_equal(db_get_i64(r, &END, &n, &err, "i", pid), 1);
	usleep(200000);
	assert_fault(db_commit(w, &err), ERR_STORE);
	assert_ok(db_begin(w, &err));
	assert_int_equal(db_run(w, &PUT, &err, "c", "gone"), 1);
	assert_ok(db_commit(w, &err));
	db_close(r);
	db_close(w);
	store_close(s);
	fresh_remove(&fresh);
}

/* A writer whose lock's connection died keeps successors out until it goes; cut off itself, it does not write again. */
static void test_lost_lock(void **state)
{
	static const struct sql LOCK_PID = {
		"test.lock_pid",
		"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND pid <> "
		"pg_backend_pid()"
		" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
	};
	struct store *s = NULL, *t = NULL;
	struct db *w, *r;
	int64_t pid, own, n;

	(void)state;
	fresh_make(&fresh, FRESH_POSTGRES);
	assert_ok(store_open(fresh.url, STORE_CREATE, &s, &err));
	assert_ok(store_connect(s, DB_WRITE, &w, &err));
	assert_ok(store_connect(s, DB_READ, &r, &err));
	assert_int_equal(db_get_i64(r, &LOCK_PID, &pid, &err, ""), 1);
	assert_int_equal(db_get_i64(r, &END, &n, &err, "i", pid), 1);
	usleep(200000);
	assert_fault(store_open(fresh.url, STORE_EXCLUSIVE, &t, &err), ERR_STORE_LOCKED);
	assert_int_equal(db_get_i64(w, &PID, &own, &err, ""), 1);
	assert_int_equal(db_get_i64(r, &END, &n, &err, "i", own), 1);
	usleep(200000);
	assert_fault(db_begin(w, &err), ERR_STORE);
	assert_fault(db_begin(w, &err), ERR_STORE);
	assert_ok(store_open(fresh.url, STORE_EXCLUSIVE, &t, &err));
	assert_fault(db_begin(w, &err), ERR_STORE);
	store_close(t);
	db_close(r);
	db_close(w);
	store_close(s);
	fresh_remove(&fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_server),
		cmocka_unit_test(test_password),
		cmocka_unit_test(test_lost_connection),
		cmocka_unit_test(test_lost_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
