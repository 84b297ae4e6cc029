/* The tree and its proofs: Certificate Transparency's published vectors, and
 * every proof compared with RFC 6962's definitions written naively. */
#include "fixture.h"

#include "ledger/merkle.h"

static const struct {
	const char *leaf, *root;
} vectors[] = {
	{ "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
	{ "00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
	{ "10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
	{ "2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ "3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
	{ "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
	{ "5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
	{ "606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

static struct str vector_leaf(int i, char out[16])
{
	return (struct str){ out, (size_t)hex_decode(str_of(vectors[i].leaf), out, 16) };
}

static void test_vectors(void **state)
{
	struct hasher h = { 0 };
	struct ledger_mark tree = { 0 };
	struct hash leaf, root, expected, made[LEVELS];
	char bytes[16];

	(void)state;
	OK(hasher_init(&h, err));
	merkle_root(&h, &tree, &root);
	expected = hash_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_memory_equal(&root, &expected, HASH_SIZE);
	for (int i = 0; i < (int)ARRAY_LEN(vectors); i++) {
		merkle_leaf(&h, vector_leaf(i, bytes), &leaf);
		merkle_keep(&tree, made, merkle_grow(&h, &tree, &leaf, made));
		merkle_root(&h, &tree, &root);
		expected = hash_hex(vectors[i].root);
		assert_memory_equal(&root, &expected, HASH_SIZE);
	}
	hasher_finish(&h);
}

/* The published paths and proofs of certificate-transparency's merkletree tests. */
static void test_published_proofs(void **state)
{
	const struct {
		int64_t seq, size;
		const char *path[3];
	} paths[] = {
		{ 1, 1, { NULL } },
		{ 1,
		  8,
		  { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ 6,
		  8,
		  { "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ 3, 3, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
	};
	char bytes[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct hash path[3], root = hash_hex(vectors[paths[i].size - 1].root);
		struct str leaf = vector_leaf((int)paths[i].seq - 1, bytes);
		int n = 0;

		for (; n < 3 && paths[i].path[n]; n++)
			path[n] = hash_hex(paths[i].path[n]);
		assert_true(ledger_check_inclusion(leaf, paths[i].seq, paths[i].size, path, n, &root));
		assert_false(ledger_check_inclusion(leaf, paths[i].seq, paths[i].size, path, n + 1, &root));
		assert_false(ledger_check_inclusion(leaf, paths[i].seq + 1, paths[i].size, path, n, &root));
		assert_false(ledger_check_inclusion(STR("x"), paths[i].seq, paths[i].size, path, n, &root));
	}
}

#define LEAVES 1100

struct tree {
	struct fixture f;
	struct hash leaves[LEAVES], roots[LEAVES + 1];
};

static int setup(void **state, bool postgres)
{
	static struct tree t;
	struct buf entry = { 0 };

	fixture_open(&t.f, postgres);
	fixture_commit(&t.f, LEAVES, 37);
	for (int i = 0; i < LEAVES; i++) {
		buf_clear(&entry);
		fixture_entry(i + 1, &entry);
		naive_leaf(buf_view(&entry), &t.leaves[i]);
		naive_root(t.leaves, i + 1, &t.roots[i + 1]);
	}
	buf_finish(&entry);
	*state = &t;
	return 0;
}

static int setup_sqlite(void **state)
{
	return setup(state, false);
}

static int setup_postgres(void **state)
{
	return setup(state, true);
}

static int teardown(void **state)
{
	fixture_close(&((struct tree *)*state)->f);
	return 0;
}

static void check_inclusion(struct tree *t, int64_t seq, int64_t size)
{
	struct hash path[64], naive[64];
	struct buf entry = { 0 };
	int n = -1;

	OK(n = ledger_inclusion(t->f.db, seq, size, path, err));
	assert_int_equal(n, naive_path(t->leaves, seq - 1, size, naive));
	assert_memory_equal(path, naive, (size_t)n * sizeof(path[0]));
	fixture_entry(seq, &entry);
	assert_true(ledger_check_inclusion(buf_view(&entry), seq, size, path, n, &t->roots[size]));
	if (n) {
		assert_false(ledger_check_inclusion(buf_view(&entry), seq, size, path, n - 1, &t->roots[size]));
		path[n / 2].b[seq % HASH_SIZE] ^= 1;
		assert_false(ledger_check_inclusion(buf_view(&entry), seq, size, path, n, &t->roots[size]));
	}
	buf_finish(&entry);
}

static void check_consistency(struct tree *t, int64_t first, int64_t second)
{
	struct hash path[64], naive[64];
	const struct hash *one = &t->roots[first], *two = &t->roots[second];
	int n = -1;

	OK(n = ledger_consistency(t->f.db, first, second, path, err));
	assert_int_equal(n, naive_proof(t->leaves, first, second, true, naive));
	assert_memory_equal(path, naive, (size_t)n * sizeof(path[0]));
	assert_true(ledger_check_consistency(first, second, path, n, one, two));
	assert_false(ledger_check_consistency(first, second, path, n, one, &t->roots[0]));
	assert_false(ledger_check_consistency(first, second, path, n, &t->roots[0], two));
	if (n) {
		assert_false(ledger_check_consistency(first, second, path, n - 1, one, two));
		path[n / 2].b[first % HASH_SIZE] ^= 1;
		assert_false(ledger_check_consistency(first, second, path, n, one, two));
	}
}

static void test_small_pairs(void **state)
{
	for (int64_t size = 1; size <= 70; size++)
		for (int64_t m = 1; m <= size; m++) {
			check_inclusion(*state, m, size);
			check_consistency(*state, m, size);
		}
}

static void test_boundaries(void **state)
{
	static const int64_t at[] = { 1,   2,   128, 255, 256,  257,  300,  511,  512,
				      513, 767, 768, 769, 1000, 1023, 1024, 1025, 1100 };

	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		for (size_t j = 0; j <= i; j++) {
			check_inclusion(*state, at[j], at[i]);
			check_consistency(*state, at[j], at[i]);
		}
}

static void test_heads(void **state)
{
	struct tree *t = *state;
	struct ledger_head head;

	for (int64_t size = 1; size <= LEAVES; size++) {
		struct err err = { 0 };
		int r = ledger_head_at(t->f.db, size, &head, &err);

		assert_int_equal(r, size % 37 == 0 || size == LEAVES);
		if (r) {
			assert_int_equal(head.size, size);
			assert_memory_equal(&head.root, &t->roots[size], HASH_SIZE);
			assert_true(ledger_head_signed_by(&t->f.store_id, &head, keyring_public(t->f.keys)));
		}
	}
	assert_int_equal(ledger_head_latest(t->f.db, &head, NULL), 1);
	assert_int_equal(head.size, LEAVES);
	head.at++;
	assert_false(ledger_head_signed_by(&t->f.store_id, &head, keyring_public(t->f.keys)));
}

static void test_out_of_range(void **state)
{
	struct tree *t = *state;
	struct hash path[64], same[64];

	memset(path, 7, sizeof(path));
	memcpy(same, path, sizeof(path));
	FAILS(ledger_inclusion(t->f.db, 0, 5, path, err), "not_found");
	FAILS(ledger_inclusion(t->f.db, 6, 5, path, err), "not_found");
	FAILS(ledger_inclusion(t->f.db, 1, LEAVES + 1, path, err), "not_found");
	FAILS(ledger_inclusion(t->f.db, INT64_MAX, INT64_MAX, path, err), "not_found");
	FAILS(ledger_consistency(t->f.db, 0, 5, path, err), "not_found");
	FAILS(ledger_consistency(t->f.db, 6, 5, path, err), "not_found");
	FAILS(ledger_consistency(t->f.db, 5, LEAVES + 1, path, err), "not_found");
	assert_memory_equal(path, same, sizeof(path));
	assert_false(ledger_check_consistency(0, 5, path, 1, &t->roots[0], &t->roots[5]));
	assert_false(ledger_check_consistency(3, 5, path, 0, &t->roots[3], &t->roots[5]));
	assert_false(ledger_check_consistency(5, 3, path, 1, &t->roots[5], &t->roots[3]));
	assert_false(ledger_check_inclusion(STR(""), 1, 1, path, 65, &t->roots[1]));
}

int main(void)
{
	const struct CMUnitTest pure[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_published_proofs),
	};
	const struct CMUnitTest stored[] = {
		cmocka_unit_test(test_small_pairs),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_out_of_range),
	};
	int failed = cmocka_run_group_tests_name("tree", pure, NULL, NULL);

	failed += cmocka_run_group_tests_name("tree in SQLite", stored, setup_sqlite, teardown);
	if (fixture_has_postgres())
		failed += cmocka_run_group_tests_name("tree in PostgreSQL", stored, setup_postgres, teardown);
	return failed;
}
