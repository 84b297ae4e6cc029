/* Appending: roots across restarts, returns to a mark, and what is refused. */
#include "fixture.h"

#define LEAVES 600

/* The latest head's root is that of the entries 1 to n, computed naively. */
static void check_root(struct fixture *f, int n)
{
	static struct hash leaves[2048];
	struct ledger_head head;
	struct hash root;
	struct buf entry = { 0 };

	for (int i = 0; i < n; i++) {
		buf_clear(&entry);
		fixture_entry(i + 1, &entry);
		naive_leaf(buf_view(&entry), &leaves[i]);
	}
	buf_finish(&entry);
	naive_root(leaves, n, &root);
	assert_int_equal(ledger_head_latest(f->db, &head, NULL), 1);
	assert_int_equal(head.size, n);
	assert_memory_equal(&head.root, &root, HASH_SIZE);
	assert_true(ledger_head_signed_by(&f->store_id, &head, keyring_public(f->keys)));
}

static void check_sound(struct fixture *f, int n)
{
	struct buf bad = { 0 };

	assert_int_equal(fixture_verify(f, &bad), n);
	if (bad.len)
		print_error("%.*s\n", STR_ARG(buf_view(&bad)));
	assert_int_equal(bad.len, 0);
	buf_finish(&bad);
}

static void test_empty(void **state)
{
	struct fixture *f = *state;
	struct ledger_head head = { .size = 5 };

	assert_int_equal(ledger_size(f->ledger), 0);
	assert_int_equal(ledger_head_latest(f->db, &head, NULL), 0);
	assert_int_equal(head.size, 5);
	check_sound(f, 0);
	OK(ledger_seal_head(f->ledger, f->db, 7, &head, err));
	assert_int_equal(head.size, 0);
	assert_int_equal(ledger_head_latest(f->db, &head, NULL), 0);
	FAILS(ledger_inclusion(f->db, 1, 1, (struct hash[64]){ 0 }, err), "not_found");
	fixture_reopen(f);
	assert_int_equal(ledger_size(f->ledger), 0);
}

static void test_restarts(void **state)
{
	struct fixture *f = *state;
	static const int stops[] = { 1, 2, 3, 64, 255, 256, 257, 511, 512, 513, 590, LEAVES };
	int size = 0;

	for (size_t i = 0; i < ARRAY_LEN(stops); i++) {
		fixture_commit(f, stops[i] - size, 50);
		size = stops[i];
		fixture_reopen(f);
		assert_int_equal(ledger_size(f->ledger), size);
		check_root(f, size);
	}
	check_sound(f, LEAVES);
}

static void test_savepoint_returned(void **state)
{
	struct fixture *f = *state;
	struct ledger_mark mark;
	struct ledger_head head;

	fixture_commit(f, 250, 50);
	OK(db_begin(f->db, err));
	fixture_append(f, 3);
	for (int i = 0; i < 3; i++) {
		ledger_mark(f->ledger, &mark);
		OK(db_savepoint(f->db, err));
		fixture_append(f, 300); /* over the edges of two stored subtrees */
		OK(db_savepoint_rollback(f->db, err));
		ledger_return(f->ledger, &mark);
		assert_int_equal(ledger_size(f->ledger), 253);
	}
	fixture_append(f, 5);
	OK(ledger_seal_head(f->ledger, f->db, 1, &head, err));
	OK(db_commit(f->db, err));
	check_root(f, 258);
	check_sound(f, 258);
}

static void test_transaction_returned(void **state)
{
	struct fixture *f = *state;
	struct ledger_mark mark;
	struct ledger_head head;

	fixture_commit(f, 200, 50);
	ledger_mark(f->ledger, &mark);
	OK(db_begin(f->db, err));
	fixture_append(f, 100);
	OK(ledger_seal_head(f->ledger, f->db, 1, &head, err));
	assert_int_equal(head.size, 300);
	db_rollback(f->db);
	ledger_return(f->ledger, &mark);
	check_root(f, 200);
	fixture_commit(f, 100, 100);
	check_root(f, 300);
	fixture_reopen(f);
	check_sound(f, 300);
}

static void test_same_id_refused(void **state)
{
	struct fixture *f = *state;
	struct uuid id = fixture_id(2);
	struct ledger_head head;

	fixture_commit(f, 3, 3);
	OK(db_begin(f->db, err));
	fixture_append(f, 1);
	OK(db_savepoint(f->db, err));
	assert_int_equal(ledger_append(f->ledger, f->db, &id, "x", 1, STR("other"), NULL), -1);
	OK(db_savepoint_rollback(f->db, err));
	assert_int_equal(ledger_size(f->ledger), 4);
	fixture_append(f, 1);
	OK(ledger_seal_head(f->ledger, f->db, 1, &head, err));
	OK(db_commit(f->db, err));
	check_root(f, 5);
	check_sound(f, 5);
}

static void test_sealed_twice(void **state)
{
	struct fixture *f = *state;
	struct ledger_head first, second;

	fixture_commit(f, 3, 3);
	assert_int_equal(ledger_head_latest(f->db, &first, NULL), 1);
	OK(ledger_seal_head(f->ledger, f->db, 99, &second, err));
	assert_int_equal(second.at, first.at);
	assert_memory_equal(second.signature, first.signature, SIGNATURE_SIZE);
	check_sound(f, 3);
}

static void test_message(void **state)
{
	struct uuid id = { { 0x01, 0x8f, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x2a } };
	struct ledger_head head = { .size = 17, .at = 1580000000000 };
	struct buf out = { 0 };

	(void)state;
	head.root.b[0] = 0xab;
	ledger_head_message(&id, &head, &out);
	buf_char(&out, '\0');
	assert_string_equal(out.ptr, "lianfang ledger head v1\n"
				     "store 018f0000-0000-7000-8000-00000000002a\n"
				     "hash sha256\n"
				     "size 17\n"
				     "root ab00000000000000000000000000000000000000000000000000000000000000\n"
				     "at 1580000000000\n");
	buf_finish(&out);
}

static void test_without_keys(void **state)
{
	struct fixture *f = *state;
	struct keyring *none = NULL;
	struct ledger *l = NULL;
	struct ledger_head head;
	struct uuid id = fixture_id(4);

	fixture_commit(f, 3, 3);
	OK(keyring_open("/nonexistent/keys", &f->store_id, true, &none, err));
	for (int i = 0; i < 2; i++) {
		OK(ledger_open(f->db, i ? none : NULL, &l, err));
		assert_int_equal(ledger_size(l), 3);
		FAILS(ledger_append(l, f->db, &id, "x", 1, STR("y"), err), "ledger_no_keys");
		FAILS(ledger_seal_head(l, f->db, 1, &head, err), "ledger_no_keys");
		ledger_close(l);
	}
	keyring_close(none);
	assert_int_equal(ledger_find_seq(f->db, &id, &(int64_t){ 0 }, NULL), 0);
}

static void test_open_refused(void **state)
{
	struct fixture *f = *state;
	static const struct sql set_meta = { "test.set_meta", "UPDATE meta SET value = $2 WHERE name = $1" };
	struct ledger *l = NULL;
	struct keyring *other = NULL;
	char file[160];

	fixture_commit(f, 3, 3);
	snprintf(file, sizeof(file), "%s/other-keys", f->dir);
	OK(keyring_create(file, &f->store_id, &other, err));
	FAILS(ledger_open(f->db, other, &l, err), "store_corrupt");
	keyring_close(other);

	OK(db_run(f->db, &set_meta, err, "cc", "hash", "sm3"));
	FAILS(ledger_open(f->db, f->keys, &l, err), "ledger_hash_unknown");
	OK(db_run(f->db, &set_meta, err, "cc", "hash", "sha256"));
	OK(db_run(f->db, &set_meta, err, "cc", "store_id", "nobody"));
	FAILS(ledger_open(f->db, f->keys, &l, err), "store_corrupt");
	/* Signed under another store's name. */
	OK(db_run(f->db, &set_meta, err, "cc", "store_id", "018f0000-0000-7000-8000-00000000002a"));
	FAILS(ledger_open(f->db, f->keys, &l, err), "store_corrupt");
	assert_null(l);
}

static void test_open_refused_unsigned_end(void **state)
{
	struct fixture *f = *state;
	struct ledger *l = NULL;
	struct err twice = { 0 };

	fixture_commit(f, 3, 3);
	OK(db_begin(f->db, err));
	fixture_append(f, 1);
	OK(db_commit(f->db, err)); /* without its head */
	FAILS(ledger_open(f->db, f->keys, &l, err), "store_corrupt");
	assert_int_equal(ledger_init(f->db, &f->store_id, &twice), -1);
	assert_non_null(twice.kind);
}

static int setup_sqlite(void **state)
{
	static struct fixture f;

	fixture_open(&f, false);
	*state = &f;
	return 0;
}

static int setup_postgres(void **state)
{
	static struct fixture f;

	fixture_open(&f, true);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

#define BOTH(setup)                                                                                   \
	{                                                                                             \
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),                         \
		    cmocka_unit_test_setup_teardown(test_restarts, setup, teardown),                  \
		    cmocka_unit_test_setup_teardown(test_savepoint_returned, setup, teardown),        \
		    cmocka_unit_test_setup_teardown(test_transaction_returned, setup, teardown),      \
		    cmocka_unit_test_setup_teardown(test_same_id_refused, setup, teardown),           \
		    cmocka_unit_test_setup_teardown(test_sealed_twice, setup, teardown),              \
		    cmocka_unit_test_setup_teardown(test_message, setup, teardown),                   \
		    cmocka_unit_test_setup_teardown(test_without_keys, setup, teardown),              \
		    cmocka_unit_test_setup_teardown(test_open_refused, setup, teardown),              \
		    cmocka_unit_test_setup_teardown(test_open_refused_unsigned_end, setup, teardown), \
	}

int main(void)
{
	const struct CMUnitTest sqlite[] = BOTH(setup_sqlite), postgres[] = BOTH(setup_postgres);
	int failed = cmocka_run_group_tests_name("append to SQLite", sqlite, NULL, NULL);

	if (fixture_has_postgres())
		failed += cmocka_run_group_tests_name("append to PostgreSQL", postgres, NULL, NULL);
	return failed;
}
