/* Statements, values and transactions: the same tests on both stores. */
#include "fresh.h"
#include "store/impl.h"

static enum fresh_kind kind;
static struct fresh fresh;
static struct store *store;
static struct db *db;
static struct err err;

static const char tables[] = "CREATE TABLE t (i BIGINT PRIMARY KEY, j BIGINT, s TEXT, b BYTEA) /* clustered */;"
			     "CREATE TABLE big (i BIGINT /* rowid */ PRIMARY KEY, b BYTEA NOT NULL);";

static const struct sql INSERT = { "test.insert", "INSERT INTO t (i, j, s, b) VALUES ($1, $2, $3, $4)" };
static const struct sql BY_I = { "test.by_i", "SELECT i, j, s, b FROM t WHERE i = $1" };
static const struct sql ALL = { "test.all", "SELECT i FROM t ORDER BY i" };
static const struct sql COUNT = { "test.count", "SELECT COUNT(*) FROM t" };

static void begin_test(void)
{
	fresh_make(&fresh, kind);
	assert_ok(store_open(fresh.url, STORE_CREATE, &store, &err));
	assert_ok(store_connect(store, DB_WRITE, &db, &err));
	assert_ok(db_script(db, tables, &err));
}

static void end_test(void)
{
	db_close(db);
	store_close(store);
	fresh_remove(&fresh);
}

static int64_t count(void)
{
	int64_t n = -1;

	assert_int_equal(db_get_i64(db, &COUNT, &n, &err, ""), 1);
	return n;
}

static void insert(int64_t i)
{
	assert_int_equal(db_run(db, &INSERT, &err, "iIcn", i, INT64_MIN, "x"), 1);
}

static void test_values(void **state)
{
	static const char bytes[] = "\0\xff\x80 x";
	struct uuid u = { { 1, 2, 3, 255 } }, nil = { 0 };
	struct stmt *st;

	(void)state;
	begin_test();
	assert_int_equal(db_run(db, &INSERT, &err, "iisb", INT64_MAX, (int64_t)-7, STR("汉字'\"$1"),
				((struct str){ bytes, sizeof(bytes) })),
			 1);
	assert_int_equal(db_run(db, &INSERT, &err, "iIsU", (int64_t)2, INT64_MIN, STR_NONE, &nil), 1);
	assert_int_equal(db_run(db, &INSERT, &err, "insU", (int64_t)3, STR_NONE, &u), 1);
	assert_int_equal(db_run(db, &INSERT, &err, "iIsb", (int64_t)4, (int64_t)0, STR(""), STR("")), 1);
	assert_int_equal(db_run(db, &INSERT, &err, "incu", (int64_t)5, NULL, &u), 1);

	assert_ok(db_start(db, &BY_I, &st, &err, "i", INT64_MAX));
	assert_int_equal(stmt_step(st, &err), 1);
	assert_true(stmt_i64(st, 0) == INT64_MAX);
	assert_int_equal(stmt_i64(st, 1), -7);
	assert_true(str_is(stmt_text(st, 2), "汉字'\"$1"));
	assert_true(str_eq(stmt_bytes(st, 3), (struct str){ bytes, sizeof(bytes) }));
	assert_int_equal(stmt_step(st, &err), 0);
	stmt_end(st);

	assert_ok(db_start(db, &BY_I, &st, &err, "i", (int64_t)2));
	assert_int_equal(stmt_step(st, &err), 1);
	assert_true(stmt_i64(st, 1) == INT64_MIN);
	assert_null(stmt_text(st, 2).ptr);
	assert_null(stmt_bytes(st, 3).ptr);
	nil = stmt_uuid(st, 3);
	assert_true(uuid_is_nil(&nil));
	stmt_end(st);

	assert_ok(db_start(db, &BY_I, &st, &err, "i", (int64_t)3));
	assert_int_equal(stmt_step(st, &err), 1);
	nil = stmt_uuid(st, 3);
	assert_true(uuid_eq(&nil, &u));
	stmt_end(st);

	/* Empty is not absent. */
	assert_ok(db_start(db, &BY_I, &st, &err, "i", (int64_t)4));
	assert_int_equal(stmt_step(st, &err), 1);
	assert_int_equal(stmt_i64(st, 1), 0);
	assert_non_null(stmt_text(st, 2).ptr);
	assert_int_equal(stmt_text(st, 2).len, 0);
	assert_non_null(stmt_bytes(st, 3).ptr);
	assert_int_equal(stmt_bytes(st, 3).len, 0);
	stmt_end(st);
	end_test();
}

/* Parameters count by their number, not by their order in the text. */
static void test_numbering(void **state)
{
	static const struct sql ODD = { "test.odd", "SELECT $3 - $1, $2, '$1' -- $9\n WHERE $1 = $1" };
	struct stmt *st;

	(void)state;
	begin_test();
	assert_ok(db_start(db, &ODD, &st, &err, "ici", (int64_t)1, "two", (int64_t)30));
	assert_int_equal(stmt_step(st, &err), 1);
	assert_int_equal(stmt_i64(st, 0), 29);
	assert_true(str_is(stmt_text(st, 1), "two"));
	assert_true(str_is(stmt_text(st, 2), "$1"));
	stmt_end(st);
	end_test();
}

/* What the bound values point at may go away once db_start returned. */
static void test_binding_copies(void **state)
{
	static const struct sql ECHO = { "test.echo", "SELECT CAST($1 AS TEXT)" };
	char text[] = "before";
	struct stmt *st;

	(void)state;
	begin_test();
	assert_ok(db_start(db, &ECHO, &st, &err, "c", text));
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(stmt_step(st, &err), 1);
	assert_true(str_is(stmt_text(st, 0), "before"));
	stmt_end(st);
	end_test();
}

/* The same meaning on both: comparison, LIKE, greatest, sum, boolean, order of text. */
static void test_meaning(void **state)
{
	static const struct sql MEANS = {
		"test.means",
		"SELECT CAST($1 AS TEXT) < CAST($2 AS TEXT), 'ABC' LIKE 'abc', greatest(1, NULL, $3), least($3, 5), 7 "
		"/ 2",
	};
	static const struct sql SUM = { "test.sum", "SELECT SUM(i), MIN(i), SUM(j) FROM t" };
	static const struct sql TEXTS = { "test.texts", "SELECT s FROM t ORDER BY s" };
	static const char *const ordered[] = { "B", "a", "Ä", "乙" };
	struct stmt *st;

	(void)state;
	begin_test();
	assert_ok(db_start(db, &MEANS, &st, &err, "cci", "Z", "a", (int64_t)-3));
	assert_int_equal(stmt_step(st, &err), 1);
	assert_int_equal(stmt_i64(st, 0), 1);
	assert_int_equal(stmt_i64(st, 1), 0);
	assert_int_equal(stmt_i64(st, 2), 1);
	assert_int_equal(stmt_i64(st, 3), -3);
	assert_int_equal(stmt_i64(st, 4), 3);
	stmt_end(st);
	for (int i = 0; i < 4; i++)
		assert_int_equal(db_run(db, &INSERT, &err, "incn", -123456789012LL * (i + 1), ordered[3 - i]), 1);
	assert_ok(db_start(db, &SUM, &st, &err, ""));
	assert_int_equal(stmt_step(st, &err), 1);
	assert_true(stmt_i64(st, 0) == -1234567890120LL);
	assert_true(stmt_i64(st, 1) == -493827156048LL);
	assert_true(stmt_i64(st, 2) == INT64_MIN);
	stmt_end(st);
	assert_ok(db_start(db, &TEXTS, &st, &err, ""));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(stmt_step(st, &err), 1);
		assert_true(str_is(stmt_text(st, 0), ordered[i]));
	}
	stmt_end(st);
	end_test();
}

static void test_changed(void **state)
{
	static const struct sql UPDATE = { "test.update", "UPDATE t SET j = $1 WHERE i > $2" };
	static const struct sql UPSERT = {
		"test.upsert",
		"INSERT INTO t (i, j) VALUES ($1, $2) ON CONFLICT (i) DO UPDATE SET j = t.j + excluded.j RETURNING j",
	};
	static const struct sql DELETE = { "test.delete", "DELETE FROM t" };
	int64_t v = 0;

	(void)state;
	begin_test();
	for (int i = 0; i < 5; i++)
		insert(i);
	assert_int_equal(db_run(db, &UPDATE, &err, "ii", (int64_t)10, (int64_t)2), 2);
	assert_int_equal(db_run(db, &UPDATE, &err, "ii", (int64_t)10, (int64_t)99), 0);
	assert_int_equal(db_run(db, &COUNT, &err, ""), 0);
	assert_int_equal(db_run(db, &UPSERT, &err, "ii", (int64_t)4, (int64_t)5), 1);
	assert_int_equal(db_get_i64(db, &UPSERT, &v, &err, "ii", (int64_t)4, (int64_t)5), 1);
	assert_int_equal(v, 20);
	assert_int_equal(db_run(db, &DELETE, &err, ""), 5);
	v = 77;
	assert_int_equal(db_get_i64(db, &ALL, &v, &err, ""), 0);
	assert_int_equal(v, 77);
	end_test();
}

static void test_transaction(void **state)
{
	(void)state;
	begin_test();
	assert_ok(db_begin(db, &err));
	insert(1);
	db_rollback(db);
	db_rollback(db);
	assert_int_equal(count(), 0);
	assert_ok(db_begin(db, &err));
	insert(1);
	assert_ok(db_savepoint(db, &err));
	insert(2);
	assert_ok(db_savepoint_rollback(db, &err));
	assert_ok(db_savepoint(db, &err));
	insert(3);
	assert_ok(db_savepoint_release(db, &err));
	assert_ok(db_commit(db, &err));
	assert_int_equal(count(), 2);
	/* A connection closed in mid-transaction leaves nothing. */
	assert_ok(db_begin(db, &err));
	insert(4);
	db_close(db);
	assert_ok(store_connect(store, DB_WRITE, &db, &err));
	assert_int_equal(count(), 2);
	end_test();
}

/* After a failure only going back is left: to the savepoint, or altogether. */
static void test_failed_transaction(void **state)
{
	struct stmt *st;

	(void)state;
	begin_test();
	insert(1);
	assert_fault(db_run(db, &INSERT, &err, "innn", (int64_t)1), ERR_STORE);
	insert(2);
	assert_ok(db_begin(db, &err));
	insert(3);
	assert_ok(db_savepoint(db, &err));
	assert_fault(db_run(db, &INSERT, &err, "innn", (int64_t)1), ERR_STORE);
	assert_fault(db_run(db, &INSERT, &err, "innn", (int64_t)9), ERR_STORE);
	assert_ok(db_savepoint_rollback(db, &err));
	insert(4);
	assert_fault(db_run(db, &INSERT, &err, "innn", (int64_t)1), ERR_STORE);
	assert_fault(db_start(db, &ALL, &st, &err, ""), ERR_STORE);
	assert_fault(db_script(db, "CREATE TABLE v (i BIGINT);", &err), ERR_STORE);
	assert_fault(db_commit(db, &err), ERR_STORE);
	assert_int_equal(count(), 2);
	assert_ok(db_begin(db, &err));
	insert(5);
	assert_ok(db_commit(db, &err));
	assert_int_equal(count(), 3);
	end_test();
}

static void test_faults(void **state)
{
	static const struct sql NONSENSE = { "test.nonsense", "SELEKT 1" };
	static const struct sql TYPE = { "test.type", "INSERT INTO t (i, j) VALUES (1, $1)" };

	(void)state;
	begin_test();
	assert_fault(db_run(db, &NONSENSE, &err, ""), ERR_STORE);
	assert_non_null(strstr(fresh_text(&err), "test.nonsense"));
	assert_fault(db_run(db, &INSERT, &err, "insn", (int64_t)1, ((struct str){ "a\0b", 3 })), ERR_STORE);
	assert_fault(db_run(db, &TYPE, &err, "c", "no number"), ERR_STORE);
	assert_fault(db_script(db, "CREATE TABLE x (i BIGINT); NONSENSE;", &err), ERR_STORE);
	/* All of a script or nothing. */
	assert_ok(db_script(db, "CREATE TABLE x (i BIGINT); CREATE INDEX x_i ON x (i);", &err));
	assert_ok(db_script(db, "DROP TABLE x; CREATE TABLE x (i BIGINT, j BIGINT);", &err));
	/* A primary key is never NULL. */
	assert_fault(db_run(db, &INSERT, &err, "nnnn"), ERR_STORE);
	/* An error is not demanded. */
	assert_int_equal(db_run(db, &NONSENSE, NULL, ""), -1);
	end_test();
}

/* Statements nest, even one inside itself. */
static int64_t nest(int64_t from)
{
	static const struct sql AFTER = { "test.after", "SELECT i FROM t WHERE i > $1 ORDER BY i" };
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t total = 0;

	assert_ok(db_start(db, &AFTER, &st, &err, "i", from));
	while (stmt_step(st, &err) > 0) {
		int64_t i = stmt_i64(st, 0);

		total += 1 + nest(i);
		assert_int_equal(stmt_i64(st, 0), i);
	}
	return total;
}

static void test_nesting(void **state)
{
	static const struct sql TOUCH = { "test.touch", "INSERT INTO big (i, b) VALUES ($1, $2)" };
	struct stmt *a, *b, *c = NULL;

	(void)state;
	begin_test();
	for (int i = 0; i < 8; i++)
		insert(i);
	assert_int_equal(nest(-1), 255);
	assert_ok(db_begin(db, &err));
	assert_ok(db_start(db, &ALL, &a, &err, ""));
	for (int i = 0; stmt_step(a, &err) > 0; i++) {
		assert_int_equal(stmt_i64(a, 0), i);
		assert_int_equal(db_run(db, &TOUCH, &err, "ib", (int64_t)i, STR("")), 1);
		assert_int_equal(stmt_i64(a, 0), i);
	}
	/* `a` ran to its end: its late ending must not touch `b`, which runs on the same prepared form. */
	assert_ok(db_start(db, &ALL, &b, &err, ""));
	assert_int_equal(stmt_step(b, &err), 1);
	stmt_end(a);
	assert_int_equal(stmt_step(b, &err), 1);
	assert_int_equal(stmt_i64(b, 0), 1);
	/* Ended early, and started again. */
	stmt_endp(&b);
	stmt_endp(&c);
	assert_ok(db_start(db, &ALL, &b, &err, ""));
	assert_int_equal(stmt_step(b, &err), 1);
	assert_int_equal(stmt_i64(b, 0), 0);
	assert_ok(db_commit(db, &err));
	assert_int_equal(stmt_step(b, &err), 1);
	assert_int_equal(stmt_i64(b, 0), 1);
	stmt_end(b);
	end_test();
}

/* Handles that nobody ends are taken back; those still held by closing are freed. */
static void test_forgotten_handles(void **state)
{
	struct stmt *st;

	(void)state;
	begin_test();
	insert(1);
	for (int i = 0; i < 3000; i++) {
		assert_ok(db_start(db, &ALL, &st, &err, ""));
		assert_int_equal(stmt_step(st, &err), 1);
		assert_int_equal(stmt_step(st, &err), 0);
	}
	assert_in_range(db->done_count, 1000, 1100);
	assert_ok(db_start(db, &ALL, &st, &err, ""));
	assert_int_equal(stmt_step(st, &err), 1);
	end_test();
}

/* A reading of several MiB goes on while other statements run. */
static void test_big_nested(void **state)
{
	static const struct sql PUT = { "test.put", "INSERT INTO big (i, b) VALUES ($1, $2)" };
	static const struct sql GET = { "test.get", "SELECT i, b FROM big ORDER BY i" };
	static char block[4096];
	struct stmt *st;
	int i = 0;

	(void)state;
	begin_test();
	memset(block, 0, sizeof(block));
	assert_ok(db_begin(db, &err));
	for (int k = 0; k < 1000; k++) {
		block[k] = 'x';
		assert_int_equal(db_run(db, &PUT, &err, "ib", (int64_t)k, ((struct str){ block, sizeof(block) })), 1);
	}
	memset(block, 0, sizeof(block));
	assert_ok(db_start(db, &GET, &st, &err, ""));
	for (; stmt_step(st, &err) > 0; i++) {
		block[i] = 'x';
		assert_int_equal(stmt_i64(st, 0), i);
		assert_true(str_eq(stmt_bytes(st, 1), (struct str){ block, sizeof(block) }));
		if (i == 10)
			insert(i);
	}
	assert_int_equal(i, 1000);
	stmt_end(st);
	assert_ok(db_commit(db, &err));
	end_test();
}

/* Many different statements: the cache grows. */
static void test_many_statements(void **state)
{
	static struct sql many[500];
	static char texts[500][32];

	(void)state;
	begin_test();
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 500; i++) {
			int64_t v = -1;

			snprintf(texts[i], sizeof(texts[i]), "SELECT %d + $1", i);
			many[i] = (struct sql){ "test.many", texts[i] };
			assert_int_equal(db_get_i64(db, &many[i], &v, &err, "i", (int64_t)round), 1);
			assert_int_equal(v, i + round);
		}
	}
	end_test();
}

static int collect(void *ctx, struct str text)
{
	struct buf *out = ctx;

	buf_str(out, text);
	buf_char(out, '\n');
	return 0;
}

static int stop(void *ctx, struct str text)
{
	(void)text;
	return ++*(int *)ctx == 2 ? 42 : 0;
}

static void test_dump(void **state)
{
	static const char expected[] = "-5,NULL,'it''s\\0aok\\5c',NULL\n"
				       "1,2,NULL,x''\n"
				       "3,NULL,'汉',x'00ff'\n";
	struct buf out = { 0 };
	int n = 0;

	(void)state;
	begin_test();
	assert_int_equal(db_run(db, &INSERT, &err, "insb", (int64_t)3, STR("汉"), ((struct str){ "\0\xff", 2 })), 1);
	assert_int_equal(db_run(db, &INSERT, &err, "iisb", (int64_t)1, (int64_t)2, STR_NONE, STR("")), 1);
	assert_int_equal(db_run(db, &INSERT, &err, "incn", (int64_t)-5, "it's\nok\\"), 1);
	assert_ok(db_dump(db, "t", collect, &out, &err));
	buf_char(&out, '\0');
	assert_string_equal(out.ptr, expected);
	assert_int_equal(db_dump(db, "t", stop, &n, &err), 42);
	assert_fault(db_dump(db, "nothing", collect, &out, &err), ERR_STORE);
	assert_fault(db_dump(db, "t\"; DROP TABLE t; --", collect, &out, &err), ERR_STORE);
	buf_finish(&out);
	out = (struct buf){ 0 };
	assert_ok(db_tables(db, collect, &out, &err));
	buf_char(&out, '\0');
	assert_string_equal(out.ptr, "account\nbig\nblind_new\nblind_page\nchannel\ndelivery\nerasure\nledger\nledger_"
				     "head\nledger_node\nmessage\nmeta\nsession\n"
				     "subject_key\nt\n");
	n = 0;
	assert_int_equal(db_tables(db, stop, &n, &err), 42);
	buf_finish(&out);
	end_test();
}

static int run_all(const char *name, enum fresh_kind k)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_numbering),
		cmocka_unit_test(test_binding_copies),
		cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_transaction),
		cmocka_unit_test(test_failed_transaction),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_forgotten_handles),
		cmocka_unit_test(test_big_nested),
		cmocka_unit_test(test_many_statements),
		cmocka_unit_test(test_dump),
	};

	kind = k;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
	int failures = run_all("statements on SQLite", FRESH_SQLITE);

	return failures + run_all("statements on PostgreSQL", FRESH_POSTGRES);
}
