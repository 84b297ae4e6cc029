/* The shared fixture of the ledger's tests, and the naive tree they compare with. */
#include "fixture.h"

#include <dirent.h>
#include <openssl/sha.h>
#include <libpq-fe.h>
#include <unistd.h>

void fixture_fail(const struct err *err, const char *what, const char *file, int line)
{
	struct buf text = { 0 };

	err_text(err, LANG_EN, &text);
	print_error("%s: %.*s\n", what, STR_ARG(buf_view(&text)));
	buf_finish(&text);
	_fail(file, line);
}

bool fixture_has_postgres(void)
{
	const char *url = getenv("LIANFANG_TEST_PG");

	return url && *url;
}

static void pg_run(const char *format, const char *database)
{
	PGconn *conn = PQconnectdb(getenv("LIANFANG_TEST_PG"));
	char text[256];
	PGresult *result;

	assert_int_equal(PQstatus(conn), CONNECTION_OK);
	snprintf(text, sizeof(text), format, database);
	result = PQexec(conn, text);
	assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
	PQclear(result);
	PQfinish(conn);
}

/* The server's own URL with another database in its path. */
static void pg_url(const char *database, char *out, size_t size)
{
	const char *base = getenv("LIANFANG_TEST_PG"), *host = strstr(base, "://"), *slash, *query;

	assert_non_null(host);
	query = strchr(base, '?');
	slash = strchr(host + 3, '/');
	if (slash && query && slash > query)
		slash = NULL;
	snprintf(out, size, "%.*s/%s%s",
		 (int)((slash   ? slash
			: query ? query
				: base + strlen(base)) -
		       base),
		 base, database, query ? query : "");
}

void fixture_open(struct fixture *f, bool postgres)
{
	static int number;

	*f = (struct fixture){ .dir = "/tmp/lianfang-ledger-XXXXXX" };
	assert_non_null(mkdtemp(f->dir));
	f->store_id = uuid_v7(clock_now());
	snprintf(f->keys_file, sizeof(f->keys_file), "%s/store.db-keys", f->dir);
	snprintf(f->url, sizeof(f->url), "%s/store.db", f->dir);
	if (postgres) {
		snprintf(f->database, sizeof(f->database), "lianfang_ledger_%d_%d", (int)getpid(), number++);
		pg_run("CREATE DATABASE %s", f->database);
		pg_url(f->database, f->url, sizeof(f->url));
	}
	OK(store_open(f->url, STORE_CREATE | STORE_EXCLUSIVE, &f->store, err));
	OK(store_connect(f->store, DB_WRITE, &f->db, err));
	OK(db_begin(f->db, err));
	OK(ledger_init(f->db, &f->store_id, err));
	OK(db_commit(f->db, err));
	OK(keyring_create(f->keys_file, &f->store_id, &f->keys, err));
	OK(ledger_open(f->db, f->keys, &f->ledger, err));
}

void fixture_shut(struct fixture *f)
{
	ledger_close(f->ledger);
	keyring_close(f->keys);
	db_close(f->db);
	store_close(f->store);
	f->ledger = NULL;
	f->keys = NULL;
	f->db = NULL;
	f->store = NULL;
}

void fixture_close(struct fixture *f)
{
	DIR *dir;
	struct dirent *entry;
	char path[400];

	fixture_shut(f);
	if (f->database[0])
		pg_run("DROP DATABASE %s", f->database);
	dir = opendir(f->dir);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, entry->d_name);
		unlink(path);
	}
	closedir(dir);
	rmdir(f->dir);
}

void fixture_reopen_bare(struct fixture *f)
{
	fixture_shut(f);
	OK(store_open(f->url, STORE_EXCLUSIVE, &f->store, err));
	OK(store_connect(f->store, DB_WRITE, &f->db, err));
	OK(keyring_open(f->keys_file, &f->store_id, false, &f->keys, err));
}

void fixture_reopen(struct fixture *f)
{
	fixture_reopen_bare(f);
	OK(ledger_open(f->db, f->keys, &f->ledger, err));
}

struct uuid fixture_id(int64_t seq)
{
	struct uuid ns = { { 1 } };
	char name[24];

	snprintf(name, sizeof(name), "%lld", (long long)seq);
	return uuid_derive(&ns, str_of(name));
}

const char *fixture_type(int64_t seq)
{
	return seq % 3 ? "household.registered" : "group.formed";
}

int64_t fixture_town(int64_t seq)
{
	return TEST_TOWN + seq % 7;
}

void fixture_entry(int64_t seq, struct buf *out)
{
	struct uuid id = fixture_id(seq);
	char text[UUID_TEXT];

	uuid_format(&id, text);
	buf_printf(out, "%lld %.*s %s %lld the text of an entry", (long long)seq, UUID_TEXT, text, fixture_type(seq),
		   (long long)fixture_town(seq));
}

static bool word(struct str *rest, struct str *ret)
{
	const char *space = memchr(rest->ptr, ' ', rest->len);

	if (!space)
		return false;
	*ret = (struct str){ rest->ptr, (size_t)(space - rest->ptr) };
	rest->ptr += ret->len + 1;
	rest->len -= ret->len + 1;
	return true;
}

int fixture_columns(struct str entry, int64_t *ret_seq, struct uuid *ret_id, struct str *ret_type, int64_t *ret_town,
		    struct err *err)
{
	struct str seq, id, town;

	if (!word(&entry, &seq) || !word(&entry, &id) || !word(&entry, ret_type) || !word(&entry, &town) ||
	    !str_to_i64(seq, ret_seq) || !uuid_parse(id, ret_id) || !str_to_i64(town, ret_town))
		return err_fmt(err, &ERR_MALFORMED, "no entry of this test");
	return 0;
}

void fixture_append(struct fixture *f, int n)
{
	struct buf entry = { 0 };

	for (int i = 0; i < n; i++) {
		int64_t seq = ledger_size(f->ledger) + 1;
		struct uuid id = fixture_id(seq);

		buf_clear(&entry);
		fixture_entry(seq, &entry);
		OK(ledger_append(f->ledger, f->db, &id, fixture_type(seq), fixture_town(seq), buf_view(&entry), err));
		assert_int_equal(ledger_size(f->ledger), seq);
	}
	buf_finish(&entry);
}

void fixture_commit(struct fixture *f, int n, int group)
{
	struct ledger_head head;

	for (int done = 0; done < n; done += group) {
		OK(db_begin(f->db, err));
		fixture_append(f, n - done < group ? n - done : group);
		OK(ledger_seal_head(f->ledger, f->db, 1580000000000 + ledger_size(f->ledger), &head, err));
		OK(db_commit(f->db, err));
	}
}

int64_t fixture_verify(struct fixture *f, struct buf *out)
{
	int64_t count = -1;

	OK(ledger_verify(f->db, &f->store_id, keyring_public(f->keys), fixture_columns, NULL, NULL, &count, out, err));
	return count;
}

void naive_leaf(struct str entry, struct hash *ret)
{
	uint8_t bytes[512] = { 0 };

	assert_true(entry.len < sizeof(bytes));
	if (entry.len)
		memcpy(bytes + 1, entry.ptr, entry.len);
	SHA256(bytes, entry.len + 1, ret->b);
}

static int64_t naive_split(int64_t n)
{
	int64_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

void naive_root(const struct hash *leaves, int64_t n, struct hash *ret)
{
	uint8_t bytes[1 + 2 * HASH_SIZE] = { 1 };
	struct hash left, right;
	int64_t k;

	if (!n) {
		SHA256(bytes, 0, ret->b);
		return;
	}
	if (n == 1) {
		*ret = leaves[0];
		return;
	}
	k = naive_split(n);
	naive_root(leaves, k, &left);
	naive_root(leaves + k, n - k, &right);
	memcpy(bytes + 1, left.b, HASH_SIZE);
	memcpy(bytes + 1 + HASH_SIZE, right.b, HASH_SIZE);
	SHA256(bytes, sizeof(bytes), ret->b);
}

/* PATH(m, D[n]) of section 2.1.1; m counts from 0. */
int naive_path(const struct hash *leaves, int64_t m, int64_t n, struct hash *out)
{
	int64_t k;
	int count;

	if (n == 1)
		return 0;
	k = naive_split(n);
	if (m < k) {
		count = naive_path(leaves, m, k, out);
		naive_root(leaves + k, n - k, &out[count]);
	} else {
		count = naive_path(leaves + k, m - k, n - k, out);
		naive_root(leaves, k, &out[count]);
	}
	return count + 1;
}

/* SUBPROOF(m, D[n], whole) of section 2.1.2. */
int naive_proof(const struct hash *leaves, int64_t m, int64_t n, bool whole, struct hash *out)
{
	int64_t k;
	int count;

	if (m == n && whole)
		return 0;
	if (m == n) {
		naive_root(leaves, n, &out[0]);
		return 1;
	}
	k = naive_split(n);
	if (m <= k) {
		count = naive_proof(leaves, m, k, whole, out);
		naive_root(leaves + k, n - k, &out[count]);
	} else {
		count = naive_proof(leaves + k, m - k, n - k, false, out);
		naive_root(leaves, k, &out[count]);
	}
	return count + 1;
}

struct hash hash_hex(const char *hex)
{
	struct hash h;

	assert_int_equal(hex_decode(str_of(hex), h.b, sizeof(h.b)), HASH_SIZE);
	return h;
}
