/* The key file and its unhappy paths, subjects' keys with their cache, boxes
 * and keyed hashes. */
#include "fixture.h"

#include <pthread.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the key file ---- */

struct files {
	char dir[64], file[128];
	struct uuid id;
};

static int make_dir(void **state)
{
	static struct files f;

	f = (struct files){ .dir = "/tmp/lianfang-seal-XXXXXX", .id = fixture_id(1) };
	assert_non_null(mkdtemp(f.dir));
	snprintf(f.file, sizeof(f.file), "%s/keys", f.dir);
	*state = &f;
	return 0;
}

static int remove_dir(void **state)
{
	struct files *f = *state;

	unlink(f->file);
	return rmdir(f->dir);
}

static size_t read_text(const char *file, char out[4096])
{
	FILE *in = fopen(file, "r");
	size_t n;

	assert_non_null(in);
	n = fread(out, 1, 4095, in);
	out[n] = '\0';
	fclose(in);
	return n;
}

static void write_text(const char *file, const char *text, size_t len)
{
	FILE *out;

	unlink(file);
	out = fopen(file, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	fclose(out);
	assert_int_equal(chmod(file, 0600), 0);
}

static void test_file_round_trip(void **state)
{
	struct files *f = *state;
	struct keyring *made = NULL, *opened = NULL;
	struct stat st;
	uint8_t a[64], b[64];
	mode_t old = umask(0);

	OK(keyring_create(f->file, &f->id, &made, err));
	umask(old);
	assert_int_equal(stat(f->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	OK(keyring_open(f->file, &f->id, false, &opened, err));
	assert_true(keyring_has_secrets(made) && keyring_has_secrets(opened));
	assert_memory_equal(keyring_public(made), keyring_public(opened), 32);
	keyring_sign(made, STR("message"), a);
	keyring_sign(opened, STR("message"), b);
	assert_memory_equal(a, b, 64);
	assert_int_equal(crypto_sign_verify_detached(a, (const uint8_t *)"message", 7, keyring_public(opened)), 0);
	keyring_same(made, STR("x"), a);
	keyring_same(opened, STR("x"), b);
	assert_memory_equal(a, b, 16);
	keyring_blind(made, "phone", STR("x"), a);
	keyring_blind(opened, "phone", STR("x"), b);
	assert_memory_equal(a, b, 16);
	keyring_close(made);
	keyring_close(opened);
	keyring_close(NULL);
}

static void test_file_not_overwritten(void **state)
{
	struct files *f = *state;
	struct keyring *k = NULL;
	char before[4096], after[4096];

	OK(keyring_create(f->file, &f->id, &k, err));
	keyring_close(k);
	k = NULL;
	read_text(f->file, before);
	FAILS(keyring_create(f->file, &f->id, &k, err), "key_file_exists");
	assert_null(k);
	read_text(f->file, after);
	assert_string_equal(before, after);
	FAILS(keyring_create("/nonexistent/folder/keys", &f->id, &k, err), "file");
	assert_null(k);
}

static void test_file_missing(void **state)
{
	struct files *f = *state;
	struct keyring *k = NULL, *again = NULL;
	uint8_t a[16], b[16];

	FAILS(keyring_open(f->file, &f->id, false, &k, err), "key_file_missing");
	assert_null(k);
	OK(keyring_open(f->file, &f->id, true, &k, err));
	OK(keyring_open(f->file, &f->id, true, &again, err));
	assert_false(keyring_has_secrets(k));
	/* Nobody can guess what such a ring's hashes will be. */
	keyring_blind(k, "phone", STR("13800000000"), a);
	keyring_blind(again, "phone", STR("13800000000"), b);
	assert_memory_not_equal(a, b, 16);
	keyring_close(k);
	keyring_close(again);
}

static void test_file_mode(void **state)
{
	struct files *f = *state;
	static const mode_t modes[] = { 0640, 0604, 0620, 0660, 0644, 0777 };
	struct keyring *k = NULL;

	OK(keyring_create(f->file, &f->id, &k, err));
	keyring_close(k);
	k = NULL;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct err err = { 0 };
		struct buf text = { 0 };

		assert_int_equal(chmod(f->file, modes[i]), 0);
		/* Not even when a missing one would do: the owner must hear of it. */
		assert_int_equal(keyring_open(f->file, &f->id, true, &k, &err), -1);
		assert_string_equal(err.kind->code, "key_file_mode");
		err_text(&err, LANG_EN, &text);
		buf_char(&text, '\0');
		assert_non_null(strstr(text.ptr, "chmod 600"));
		assert_non_null(strstr(text.ptr, f->file));
		buf_finish(&text);
	}
	assert_int_equal(chmod(f->file, 0400), 0);
	OK(keyring_open(f->file, &f->id, false, &k, err));
	keyring_close(k);
}

static void test_file_of_other_store(void **state)
{
	struct files *f = *state;
	struct uuid other = fixture_id(2);
	struct keyring *k = NULL;
	struct err fault = { 0 };
	char ours[UUID_TEXT + 1] = "", theirs[UUID_TEXT + 1] = "";

	OK(keyring_create(f->file, &f->id, &k, err));
	keyring_close(k);
	k = NULL;
	assert_int_equal(keyring_open(f->file, &other, true, &k, &fault), -1);
	assert_null(k);
	assert_string_equal(fault.kind->code, "key_file_other_store");
	uuid_format(&f->id, theirs);
	uuid_format(&other, ours);
	assert_string_equal(fault.arg[1], theirs);
	assert_string_equal(fault.arg[2], ours);
}

static void test_file_malformed(void **state)
{
	struct files *f = *state;
	static const struct {
		const char *text, *line;
	} cases[] = {
		{ "", "0" },
		{ "\n\n", "2" },
		{ "# nothing but a comment", "1" },
		{ "store: AAAAAAAAAAAAAAAAAAAAAQ\n", "1" },
		{ "store AAAAAAAAAAAAAAAAAAAAAQ\n", "1" },
		{ "store:AAAAAAAAAAAAAAAAAAAAAQ\n", "1" },
		{ "store:", "1" },
		{ "store: \n", "1" },
		{ "# x\nstore: AAAAAAAAAAAAAAAAAAAAAQ\nstore: AAAAAAAAAAAAAAAAAAAAAQ\n# y\n", "3" },
		{ "store: AAAAAAAAAAAAAAAAAAAAAQ\nmaster: AAAA\n", "2" },
		{ "store: AAAAAAAAAAAAAAAAAAAAAQ\nmaster: !!!!\n", "2" },
		{ "store: AAAAAAAAAAAAAAAAAAAAAQ\nmaster: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", "2" },
		{ "colour: blue\n", "1" },
		{ "\x7f\xff\n", "1" },
	};
	struct keyring *k = NULL;
	char long_text[5000];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };

		write_text(f->file, cases[i].text, strlen(cases[i].text));
		assert_int_equal(keyring_open(f->file, &f->id, true, &k, &err), -1);
		assert_string_equal(err.kind->code, "key_file_malformed");
		assert_string_equal(err.arg[1], cases[i].line);
	}
	memset(long_text, '#', sizeof(long_text));
	write_text(f->file, long_text, sizeof(long_text));
	FAILS(keyring_open(f->file, &f->id, true, &k, err), "key_file_malformed");
	FAILS(keyring_open(f->dir, &f->id, true, &k, err), "file");
	assert_null(k);
}

/* Cut anywhere, the file is refused: no secret is ever half read. */
static void test_file_cut(void **state)
{
	struct files *f = *state;
	struct keyring *k = NULL;
	char text[4096];
	size_t len;

	OK(keyring_create(f->file, &f->id, &k, err));
	keyring_close(k);
	len = read_text(f->file, text);
	for (size_t cut = 2; cut < len; cut += 3) {
		k = NULL;
		write_text(f->file, text, len - cut);
		FAILS(keyring_open(f->file, &f->id, true, &k, err), "key_file_malformed");
		assert_null(k);
	}
	write_text(f->file, text, len - 1); /* the last line's end alone is no loss */
	OK(keyring_open(f->file, &f->id, true, &k, err));
	keyring_close(k);
}

/* ---- keyed hashes ---- */

static void test_hashes(void **state)
{
	struct files *f = *state;
	struct keyring *k = NULL;
	struct subject_key key = { { 1 } }, other = { { 2 } };
	uint8_t h[8][16];

	OK(keyring_create(f->file, &f->id, &k, err));
	keyring_same(k, STR("x"), h[0]);
	keyring_same(k, STR(""), h[1]);
	keyring_blind(k, "phone", STR("x"), h[2]);
	keyring_blind(k, "phon", STR("ex"), h[3]);
	keyring_blind(k, "id", STR("x"), h[4]);
	subject_key_hash(&key, STR("x"), h[5]);
	subject_key_hash(&other, STR("x"), h[6]);
	subject_key_hash(&key, STR("y"), h[7]);
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(h[i], h[j], 16);
	subject_key_hash(&key, STR("x"), h[0]);
	assert_memory_equal(h[0], h[5], 16);
	keyring_close(k);
}

/* ---- boxes ---- */

static void test_boxes(void **state)
{
	static char plain[5001];
	struct subject_key key = { { 1 } };
	struct buf box = { 0 }, second = { 0 };
	struct arena arena;
	struct str opened;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (char)(i * 7);
	for (size_t len = 0; len < sizeof(plain); len = len < 40 ? len + 1 : len * 2 - 5) {
		buf_clear(&box);
		buf_clear(&second);
		OK(seal_box(&key, STR("event and owner"), (struct str){ plain, len }, &box, err));
		OK(seal_box(&key, STR("event and owner"), (struct str){ plain, len }, &second, err));
		assert_false(str_eq(buf_view(&box), buf_view(&second)));
		OK(seal_open(&key, STR("event and owner"), buf_view(&box), &arena, &opened, err));
		assert_int_equal(opened.len, len);
		assert_memory_equal(opened.ptr, plain, len);
		arena_reset(&arena);
	}
	buf_finish(&box);
	buf_finish(&second);
	arena_finish(&arena);
}

static void test_boxes_refused(void **state)
{
	struct subject_key key = { { 1 } }, other = { { 2 } };
	struct buf box = { 0 }, full = { .max = 10 };
	struct arena arena, small;
	struct str opened = STR("before");

	(void)state;
	arena_init(&arena, 0);
	arena_init(&small, 16);
	buf_cstr(&box, "");
	OK(seal_box(&key, STR("bound"), STR("plain"), &box, err));
	FAILS(seal_open(&other, STR("bound"), buf_view(&box), &arena, &opened, err), "seal_broken");
	FAILS(seal_open(&key, STR("bounD"), buf_view(&box), &arena, &opened, err), "seal_broken");
	FAILS(seal_open(&key, STR(""), buf_view(&box), &arena, &opened, err), "seal_broken");
	for (size_t i = 0; i < box.len; i++) {
		char was = box.ptr[i];

		/* Another sextet of the alphabet: the first bit of it, so that no unused bit of the end is meant. */
		box.ptr[i] = was >= 'A' && was <= 'Z' ? '_' : 'A';
		FAILS(seal_open(&key, STR("bound"), buf_view(&box), &arena, &opened, err), "seal_broken");
		box.ptr[i] = '*';
		FAILS(seal_open(&key, STR("bound"), buf_view(&box), &arena, &opened, err), "seal_broken");
		box.ptr[i] = was;
	}
	for (size_t len = 0; len < box.len; len++)
		FAILS(seal_open(&key, STR("bound"), ((struct str){ box.ptr, len }), &arena, &opened, err),
		      "seal_broken");
	FAILS(seal_open(&key, STR("bound"), buf_view(&box), &small, &opened, err), "no_memory");
	FAILS(seal_box(&key, STR("bound"), STR("plain"), &full, err), "no_memory");
	assert_string_equal(opened.ptr, "before");
	buf_finish(&box);
	buf_finish(&full);
	arena_finish(&arena);
	arena_finish(&small);
}

/* ---- subjects' keys ---- */

static struct subject_key add_subject(struct fixture *f, const struct uuid *subject)
{
	struct subject_key key;
	uint8_t wrapped[WRAPPED_KEY_SIZE];

	subject_key_make(f->keys, subject, &key, wrapped);
	OK(subject_key_store(f->keys, f->db, subject, &key, wrapped, err));
	return key;
}

/* Loads and compares; `expected` NULL: there must be none. */
static void check_subject(struct keyring *k, struct db *db, const struct uuid *subject,
			  const struct subject_key *expected)
{
	struct subject_key key, before;
	int r = -1;

	memset(&key, 9, sizeof(key));
	before = key;
	OK(r = subject_key_load(k, db, subject, &key, err));
	assert_int_equal(r, expected != NULL);
	assert_memory_equal(&key, expected ? expected : &before, sizeof(key));
}

static void test_subject_round_trip(void **state)
{
	struct fixture *f = *state;
	struct uuid subject = fixture_id(11), nobody = fixture_id(12), nil = { 0 };
	struct subject_key key = add_subject(f, &subject), other;
	uint8_t wrapped[WRAPPED_KEY_SIZE];

	check_subject(f->keys, f->db, &subject, &key);
	check_subject(f->keys, f->db, &nobody, NULL);
	check_subject(f->keys, f->db, &nil, NULL);
	fixture_reopen(f);
	check_subject(f->keys, f->db, &subject, &key); /* from the store */
	check_subject(f->keys, f->db, &subject, &key); /* from the cache */
	subject_key_make(f->keys, &subject, &other, wrapped);
	assert_memory_not_equal(&key, &other, sizeof(key));
	assert_int_equal(subject_key_store(f->keys, f->db, &subject, &other, wrapped, &(struct err){ 0 }),
			 1); /* it has one already */
	check_subject(f->keys, f->db, &subject, &key);
}

static void test_subject_without_key_file(void **state)
{
	struct fixture *f = *state;
	struct uuid subject = fixture_id(11);
	struct keyring *none = NULL;

	add_subject(f, &subject);
	OK(keyring_open("/nonexistent/keys", &f->store_id, true, &none, err));
	check_subject(none, f->db, &subject, NULL);
	keyring_close(none);
}

static void test_subject_bound(void **state)
{
	struct fixture *f = *state;
	static const struct sql give = { "test.give", "UPDATE subject_key SET subject = $2 WHERE subject = $1" };
	static const struct sql cut = { "test.cut", "UPDATE subject_key SET wrapped = $2 WHERE subject = $1" };
	struct uuid one = fixture_id(21), two = fixture_id(22);
	struct subject_key key;
	struct keyring *other = NULL;
	char file[160];

	add_subject(f, &one);
	snprintf(file, sizeof(file), "%s/other-keys", f->dir);
	OK(keyring_create(file, &f->store_id, &other, err));
	FAILS(subject_key_load(other, f->db, &one, &key, err), "subject_key_broken");
	keyring_close(other);
	/* A wrapped key opens for its own subject only. */
	assert_int_equal(db_run(f->db, &give, NULL, "uu", &one, &two), 1);
	FAILS(subject_key_load(f->keys, f->db, &two, &key, err), "subject_key_broken");
	assert_int_equal(db_run(f->db, &cut, NULL, "ub", &two, STR("short")), 1);
	FAILS(subject_key_load(f->keys, f->db, &two, &key, err), "subject_key_broken");
}

static void test_subject_erased(void **state)
{
	struct fixture *f = *state;
	struct uuid subject = fixture_id(31);
	struct subject_key key = add_subject(f, &subject);

	check_subject(f->keys, f->db, &subject, &key);
	OK(subject_key_erase(f->keys, f->db, &subject, err));
	check_subject(f->keys, f->db, &subject, NULL);
	OK(subject_key_erase(f->keys, f->db, &subject, err)); /* again is no fault */
	fixture_reopen(f);
	check_subject(f->keys, f->db, &subject, NULL);
	/* Made anew, it is another one, and it is cached again. */
	key = add_subject(f, &subject);
	check_subject(f->keys, f->db, &subject, &key);
}

/* A reader with an older snapshot still finds the key after its erasure, but must not bring it back into the cache. */
static void test_erased_under_a_reader(void **state)
{
	struct fixture *f = *state;
	struct uuid subject = fixture_id(41), other = fixture_id(42);
	struct subject_key key = add_subject(f, &subject);
	struct db *old = NULL, *fresh = NULL;

	OK(store_connect(f->store, DB_READ, &old, err));
	OK(store_connect(f->store, DB_READ, &fresh, err));
	OK(db_begin(old, err));
	check_subject(f->keys, old, &other, NULL); /* the snapshot is taken with the first reading */
	OK(db_begin(f->db, err));
	OK(subject_key_erase(f->keys, f->db, &subject, err));
	check_subject(f->keys, fresh, &subject, &key); /* not committed yet */
	OK(db_commit(f->db, err));
	check_subject(f->keys, old, &subject, &key);
	check_subject(f->keys, fresh, &subject, NULL);
	check_subject(f->keys, f->db, &subject, NULL);
	OK(db_commit(old, err));
	check_subject(f->keys, old, &subject, NULL);
	db_close(old);
	db_close(fresh);
}

static void test_rolled_back(void **state)
{
	struct fixture *f = *state;
	struct uuid made = fixture_id(51), kept = fixture_id(52);
	struct subject_key key = add_subject(f, &kept), lost;

	OK(db_begin(f->db, err));
	lost = add_subject(f, &made);
	check_subject(f->keys, f->db, &made, &lost);
	OK(subject_key_erase(f->keys, f->db, &kept, err));
	db_rollback(f->db);
	keyring_forget(f->keys, &made);
	keyring_forget(f->keys, &kept);
	check_subject(f->keys, f->db, &made, NULL);
	check_subject(f->keys, f->db, &kept, &key);
}

/* More subjects than the cache holds: every key is still its subject's own. */
static void test_cache_bounded(void **state)
{
	struct fixture *f = *state;
	enum { SUBJECTS = 6000 };
	static struct subject_key keys[SUBJECTS];

	OK(db_begin(f->db, err));
	for (int i = 0; i < SUBJECTS; i++) {
		struct uuid subject = fixture_id(1000 + i);

		keys[i] = add_subject(f, &subject);
	}
	OK(db_commit(f->db, err));
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < SUBJECTS; i++) {
			struct uuid subject = fixture_id(1000 + i);

			check_subject(f->keys, f->db, &subject, &keys[i]);
		}
}

struct loader {
	struct fixture *f;
	struct db *db;
	const struct subject_key *keys;
	int wrong;
};

static void *load_many(void *ctx)
{
	struct loader *l = ctx;

	for (int i = 0; i < 4000; i++) {
		struct uuid subject = fixture_id(100 + i % 40);
		struct subject_key key;

		if (subject_key_load(l->f->keys, l->db, &subject, &key, NULL) != 1 ||
		    memcmp(&key, &l->keys[i % 40], sizeof(key)) != 0)
			l->wrong++;
		if (i % 7 == 0)
			keyring_forget(l->f->keys, &subject);
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct fixture *f = *state;
	struct subject_key keys[40];
	struct loader loaders[3];
	pthread_t threads[3];

	for (int i = 0; i < 40; i++) {
		struct uuid subject = fixture_id(100 + i);

		keys[i] = add_subject(f, &subject);
	}
	for (int i = 0; i < 3; i++) {
		loaders[i] = (struct loader){ .f = f, .keys = keys };
		OK(store_connect(f->store, DB_READ, &loaders[i].db, err));
		assert_int_equal(pthread_create(&threads[i], NULL, load_many, &loaders[i]), 0);
	}
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(loaders[i].wrong, 0);
		db_close(loaders[i].db);
	}
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

#define ON_FILE(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
#define STORED(setup)                                                                                \
	{                                                                                            \
		cmocka_unit_test_setup_teardown(test_subject_round_trip, setup, teardown),           \
		    cmocka_unit_test_setup_teardown(test_subject_without_key_file, setup, teardown), \
		    cmocka_unit_test_setup_teardown(test_subject_bound, setup, teardown),            \
		    cmocka_unit_test_setup_teardown(test_subject_erased, setup, teardown),           \
		    cmocka_unit_test_setup_teardown(test_erased_under_a_reader, setup, teardown),    \
		    cmocka_unit_test_setup_teardown(test_rolled_back, setup, teardown),              \
		    cmocka_unit_test_setup_teardown(test_cache_bounded, setup, teardown),            \
		    cmocka_unit_test_setup_teardown(test_threads, setup, teardown),                  \
	}

int main(void)
{
	const struct CMUnitTest files[] = {
		ON_FILE(test_file_round_trip),
		ON_FILE(test_file_not_overwritten),
		ON_FILE(test_file_missing),
		ON_FILE(test_file_mode),
		ON_FILE(test_file_of_other_store),
		ON_FILE(test_file_malformed),
		ON_FILE(test_file_cut),
		ON_FILE(test_hashes),
		cmocka_unit_test(test_boxes),
		cmocka_unit_test(test_boxes_refused),
	};
	const struct CMUnitTest sqlite[] = STORED(setup_sqlite), postgres[] = STORED(setup_postgres);
	int failed = cmocka_run_group_tests_name("key file and boxes", files, NULL, NULL);

	failed += cmocka_run_group_tests_name("subject keys in SQLite", sqlite, NULL, NULL);
	if (fixture_has_postgres())
		failed += cmocka_run_group_tests_name("subject keys in PostgreSQL", postgres, NULL, NULL);
	return failed;
}
