/* Verification names what was tampered with. The tampering goes past the store:
 * SQLite's own interface, with the triggers that guard the ledger dropped. */
#include "fixture.h"

#include <sqlite3.h>

#define LEAVES 600 /* commits of 64: heads of 64, 128 … 576, 600; nodes 8/0, 8/1, 9/0 */

/* SQL function leaf(entry): the right hash of doctored bytes. */
static void sql_leaf(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct str entry = { sqlite3_value_blob(argv[0]), (size_t)sqlite3_value_bytes(argv[0]) };
	struct hash leaf;

	(void)argc;
	naive_leaf(entry, &leaf);
	sqlite3_result_blob(ctx, leaf.b, HASH_SIZE, SQLITE_TRANSIENT);
}

/* flip(bytes, n): the same with the lowest bit of byte n turned. */
static void sql_flip(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	uint8_t bytes[512];
	int len = sqlite3_value_bytes(argv[0]), at = sqlite3_value_int(argv[1]);

	(void)argc;
	assert_true(at < len && len <= (int)sizeof(bytes));
	memcpy(bytes, sqlite3_value_blob(argv[0]), (size_t)len);
	bytes[at] ^= 1;
	sqlite3_result_blob(ctx, bytes, len, SQLITE_TRANSIENT);
}

static void raw_exec(sqlite3 *raw, const char *text)
{
	char *message = NULL;

	if (sqlite3_exec(raw, text, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", text, message);
}

static int collect(void *ctx, int n, char **values, char **names)
{
	struct buf *b = ctx;

	(void)n;
	(void)names;
	buf_printf(b, "DROP TRIGGER \"%s\";", values[0]);
	return 0;
}

static sqlite3 *raw_open(struct fixture *f)
{
	sqlite3 *raw = NULL;
	struct buf drop = { 0 };

	assert_int_equal(sqlite3_open_v2(f->url, &raw, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_create_function(raw, "leaf", 1, SQLITE_UTF8, NULL, sql_leaf, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_create_function(raw, "flip", 2, SQLITE_UTF8, NULL, sql_flip, NULL, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(raw, "SELECT name FROM sqlite_master WHERE type = 'trigger'", collect, &drop, NULL),
	    SQLITE_OK);
	buf_char(&drop, '\0');
	raw_exec(raw, drop.ptr);
	buf_finish(&drop);
	return raw;
}

static void tamper(struct fixture *f, const char *text)
{
	sqlite3 *raw;

	fixture_shut(f);
	raw = raw_open(f);
	raw_exec(raw, text);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
	fixture_reopen_bare(f);
}

static const struct {
	const char *sql, *sentence;
} tamperings[] = {
	/* entries */
	{ "UPDATE ledger SET entry = flip(entry, 60) WHERE seq = 17",
	  "entry 17: the stored bytes do not match their hash" },
	{ "UPDATE ledger SET entry = flip(entry, 60) WHERE seq = 600",
	  "entry 600: the stored bytes do not match their hash" },
	{ "UPDATE ledger SET hash = flip(hash, 31) WHERE seq = 1",
	  "entry 1: the stored bytes do not match their hash" },
	{ "UPDATE ledger SET hash = substr(hash, 1, 31) WHERE seq = 17",
	  "entry 17: the stored bytes do not match their hash" },
	{ "UPDATE ledger SET entry = flip(entry, 55), hash = leaf(flip(entry, 55)) WHERE seq = 17",
	  "entry 17: the index column type is \"household.registered\", its bytes say \"household.regisuered\"" },
	{ "UPDATE ledger SET entry = flip(entry, length(entry) - 1), hash = leaf(flip(entry, length(entry) - 1)) "
	  "WHERE seq = 17",
	  "head 64: its root is not that of the entries 1 to 64" },
	{ "UPDATE ledger SET entry = CAST('?' AS BLOB), hash = leaf(CAST('?' AS BLOB)) WHERE seq = 17",
	  "entry 17: its bytes do not read as an entry: " },
	/* index columns */
	{ "UPDATE ledger SET type = 'group.formed' WHERE seq = 17",
	  "entry 17: the index column type is \"group.formed\", its bytes say \"household.registered\"" },
	{ "UPDATE ledger SET town = 411324000 WHERE seq = 17",
	  "entry 17: the index column town is 411324000, its bytes say 411324103" },
	{ "UPDATE ledger SET id = CAST(x'018f0000000070008000000000000000' AS BLOB) WHERE seq = 17",
	  "entry 17: the index column id is 018f0000-0000-7000-8000-000000000000, its bytes say " },
	/* order and gaps */
	{ "UPDATE ledger SET seq = -1 WHERE seq = 17; UPDATE ledger SET seq = 17 WHERE seq = 18;"
	  "UPDATE ledger SET seq = 18 WHERE seq = -1",
	  "entry 17: its bytes are those of entry 18" },
	{ "CREATE TEMP TABLE t AS SELECT seq, hash, entry FROM ledger WHERE seq IN (300, 400);"
	  "UPDATE ledger SET hash = (SELECT hash FROM t WHERE t.seq = 700 - ledger.seq),"
	  " entry = (SELECT entry FROM t WHERE t.seq = 700 - ledger.seq) WHERE seq IN (300, 400)",
	  "entry 300: its bytes are those of entry 400" },
	{ "DELETE FROM ledger WHERE seq = 1", "entry 1 is missing" },
	{ "DELETE FROM ledger WHERE seq = 300", "entry 300 is missing" },
	{ "DELETE FROM ledger WHERE seq BETWEEN 300 AND 302", "entries 300 to 302 are missing" },
	{ "DELETE FROM ledger WHERE seq BETWEEN 200 AND 555", "entries 200 to 555 are missing" },
	{ "DELETE FROM ledger WHERE seq = 256", "entry 256 is missing" },
	{ "DELETE FROM ledger WHERE seq BETWEEN 257 AND 512", "entries 257 to 512 are missing" },
	{ "DELETE FROM ledger WHERE seq = 600", "entry 600 is missing: a signed head is of 600" },
	{ "DELETE FROM ledger WHERE seq > 590", "entries 591 to 600 are missing: a signed head is of 600" },
	{ "DELETE FROM ledger", "entries 1 to 600 are missing: a signed head is of 600" },
	{ "DELETE FROM ledger WHERE seq > 590; DELETE FROM ledger_head WHERE size = 600",
	  "entry 577 stands after the last signed head, which is of 576" },
	{ "INSERT INTO ledger SELECT 601, CAST(x'01' AS BLOB), 'a', 5, leaf(e), e FROM"
	  " (SELECT CAST('601 018f0000-0000-7000-8000-00000000002a a 5 x' AS BLOB) AS e);"
	  "UPDATE ledger SET id = CAST(x'018f000000007000800000000000002a' AS BLOB) WHERE seq = 601",
	  "entry 601 stands after the last signed head, which is of 600" },
	{ "UPDATE ledger SET seq = 0 WHERE seq = 17", "entry 0: the first entry is number 1" },
	{ "UPDATE ledger SET seq = 9000 WHERE seq = 600", "entries 600 to 8999 are missing" },
	/* tree nodes */
	{ "UPDATE ledger_node SET hash = flip(hash, 0) WHERE level = 8 AND idx = 1",
	  "tree node 8/1 is not the hash over the entries 257 to 512" },
	{ "UPDATE ledger_node SET hash = flip(hash, 0) WHERE level = 9",
	  "tree node 9/0 is not the hash over the entries 1 to 512" },
	{ "UPDATE ledger_node SET hash = x'00' WHERE level = 9",
	  "tree node 9/0 is not the hash over the entries 1 to 512" },
	{ "DELETE FROM ledger_node WHERE level = 9", "tree node 9/0, over the entries 1 to 512, is missing" },
	{ "DELETE FROM ledger_node WHERE idx = 0", "tree node 8/0, over the entries 1 to 256, is missing" },
	{ "INSERT INTO ledger_node VALUES (8, 2, zeroblob(32))",
	  "tree node 8/2 does not belong to a tree of 600 entries" },
	{ "INSERT INTO ledger_node VALUES (3, 0, zeroblob(32))",
	  "tree node 3/0 does not belong to a tree of 600 entries" },
	{ "INSERT INTO ledger_node VALUES (99, 0, zeroblob(32))",
	  "tree node 99/0 does not belong to a tree of 600 entries" },
	/* heads */
	{ "UPDATE ledger_head SET root = flip(root, 5) WHERE size = 128",
	  "head 128: its root is not that of the entries 1 to 128" },
	{ "UPDATE ledger_head SET root = x'00' WHERE size = 128", "head 128: its root is not a hash" },
	{ "UPDATE ledger_head SET signature = flip(signature, 5) WHERE size = 128",
	  "head 128: its signature is not by this store's key" },
	{ "UPDATE ledger_head SET signature = substr(signature, 1, 63) WHERE size = 128",
	  "head 128: its signature is cut or grown" },
	{ "UPDATE ledger_head SET at = at + 1 WHERE size = 600", "head 600: its signature is not by this store's key" },
	{ "UPDATE ledger_head SET size = 100 WHERE size = 64",
	  "head 100: its root is not that of the entries 1 to 100" },
	{ "UPDATE ledger_head SET size = 0 WHERE size = 64", "head 0: the first head is of 1 entry or more" },
	{ "UPDATE ledger_head SET size = 601 WHERE size = 600", "entry 601 is missing: a signed head is of 601" },
	{ "DELETE FROM ledger_head WHERE size = 600", "entry 577 stands after the last signed head, which is of 576" },
	{ "DELETE FROM ledger_head", "entry 1 stands after the last signed head, which is of 0" },
	/* meta */
	{ "UPDATE meta SET value = 'sm3' WHERE name = 'hash'", "meta: hash is \"sm3\", not \"sha256\"" },
	{ "DELETE FROM meta WHERE name = 'store_id'", "meta: the row store_id is missing" },
};

static void check_sentence(struct fixture *f, const char *what, const char *expected)
{
	struct buf bad = { 0 };

	fixture_verify(f, &bad);
	if (!str_starts(buf_view(&bad), expected))
		fail_msg("%s\n  expected: %s\n  got:      %.*s", what, expected, STR_ARG(buf_view(&bad)));
	buf_finish(&bad);
}

static void test_tamperings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tamperings); i++) {
		struct fixture f;

		fixture_open(&f, false);
		fixture_commit(&f, LEAVES, 64);
		check_sentence(&f, "untouched", "");
		tamper(&f, tamperings[i].sql);
		check_sentence(&f, tamperings[i].sql, tamperings[i].sentence);
		fixture_close(&f);
	}
}

/* Everything recomputed after a change as someone with the database but not the key would do it. */
static void test_forged_roots(void **state)
{
	static struct hash leaves[LEAVES];
	struct fixture f;
	struct buf entry = { 0 }, sql = { 0 };
	struct hash root;

	(void)state;
	fixture_open(&f, false);
	fixture_commit(&f, LEAVES, LEAVES);
	for (int i = 0; i < LEAVES; i++) {
		buf_clear(&entry);
		fixture_entry(i + 1, &entry);
		if (i == 16)
			entry.ptr[entry.len - 1] ^= 1;
		naive_leaf(buf_view(&entry), &leaves[i]);
	}
	buf_cstr(&sql, "UPDATE ledger SET entry = flip(entry, length(entry) - 1), "
		       "hash = leaf(flip(entry, length(entry) - 1)) WHERE seq = 17;");
	naive_root(leaves, 256, &root);
	buf_cstr(&sql, "UPDATE ledger_node SET hash = x'");
	buf_hex(&sql, root.b, HASH_SIZE);
	buf_cstr(&sql, "' WHERE level = 8 AND idx = 0;");
	naive_root(leaves, 512, &root);
	buf_cstr(&sql, "UPDATE ledger_node SET hash = x'");
	buf_hex(&sql, root.b, HASH_SIZE);
	buf_cstr(&sql, "' WHERE level = 9;");
	naive_root(leaves, LEAVES, &root);
	buf_cstr(&sql, "UPDATE ledger_head SET root = x'");
	buf_hex(&sql, root.b, HASH_SIZE);
	buf_cstr(&sql, "'");
	buf_char(&sql, '\0');
	tamper(&f, sql.ptr);
	check_sentence(&f, "forged", "head 600: its signature is not by this store's key");
	buf_finish(&entry);
	buf_finish(&sql);
	fixture_close(&f);
}

struct steps {
	int64_t calls, done, total;
};

static void note_step(void *ctx, int64_t done, int64_t total)
{
	struct steps *s = ctx;

	assert_true(done > s->done);
	s->calls++;
	s->done = done;
	s->total = total;
}

static void check_whole(bool postgres)
{
	struct fixture f;
	struct buf bad = { 0 };
	struct steps steps = { 0 };
	struct uuid other = fixture_id(1);
	int64_t count = 0;
	uint8_t key[32];

	fixture_open(&f, postgres);
	fixture_commit(&f, 5000, 100);
	OK(ledger_verify(f.db, &f.store_id, keyring_public(f.keys), fixture_columns, note_step, &steps, &count, &bad,
			 err));
	assert_int_equal(bad.len, 0);
	assert_int_equal(count, 5000);
	assert_int_equal(steps.calls, 2);
	assert_int_equal(steps.done, 5000);
	assert_int_equal(steps.total, 5000);
	/* Without a key and without columns there is less to compare. */
	OK(ledger_verify(f.db, &f.store_id, NULL, NULL, NULL, NULL, &count, &bad, err));
	assert_int_equal(bad.len, 0);
	memcpy(key, keyring_public(f.keys), sizeof(key));
	key[3] ^= 1;
	OK(ledger_verify(f.db, &f.store_id, key, NULL, NULL, NULL, &count, &bad, err));
	assert_true(str_is(buf_view(&bad), "head 100: its signature is not by this store's key"));
	assert_int_equal(count, 100);
	OK(ledger_verify(f.db, &other, keyring_public(f.keys), NULL, NULL, NULL, &count, &bad, err));
	assert_true(str_starts(buf_view(&bad), "meta: store_id is "));
	buf_finish(&bad);
	fixture_close(&f);
}

static void test_whole_sqlite(void **state)
{
	(void)state;
	check_whole(false);
}

static void test_whole_postgres(void **state)
{
	(void)state;
	if (!fixture_has_postgres())
		skip();
	check_whole(true);
}

/* What the end shows is seen at opening already, before anything is signed on top of it. */
static void test_open_sees_the_end(void **state)
{
	static const char *const ends[] = {
		"UPDATE ledger SET hash = flip(hash, 3) WHERE seq = 600",
		"UPDATE ledger_node SET hash = flip(hash, 3) WHERE level = 9",
		"DELETE FROM ledger_node WHERE level = 9",
		"DELETE FROM ledger WHERE seq = 599",
		"DELETE FROM ledger WHERE seq = 600",
		"DELETE FROM ledger_head WHERE size = 600",
		"UPDATE ledger_head SET signature = flip(signature, 3) WHERE size = 600",
		"UPDATE ledger_head SET root = flip(root, 3) WHERE size = 600",
		"UPDATE ledger_head SET root = x'00' WHERE size = 600",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct fixture f;
		struct ledger *l = NULL;

		fixture_open(&f, false);
		fixture_commit(&f, LEAVES, 64);
		tamper(&f, ends[i]);
		FAILS(ledger_open(f.db, f.keys, &l, err), "store_corrupt");
		assert_null(l);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tamperings),        cmocka_unit_test(test_forged_roots),
		cmocka_unit_test(test_whole_sqlite),      cmocka_unit_test(test_whole_postgres),
		cmocka_unit_test(test_open_sees_the_end),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
