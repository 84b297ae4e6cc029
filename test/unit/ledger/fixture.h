/* A ledger in a fresh store for this folder's tests: on SQLite in a directory of
 * its own, or on the PostgreSQL that LIANFANG_TEST_PG names. Entries are lines
 * "seq id type town text", so that index columns can be told from the bytes. */
#ifndef TEST_LEDGER_FIXTURE_H
#define TEST_LEDGER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "ledger/seal.h"

#define TEST_TOWN 411324100LL

struct fixture {
	char dir[64], url[512], keys_file[128];
	char database[64]; /* PostgreSQL: made for this fixture */
	struct uuid store_id;
	struct store *store;
	struct db *db;
	struct keyring *keys;
	struct ledger *ledger;
};

/* Fails the test with the error's text. */
#define OK(call)                                                      \
	do {                                                          \
		struct err err_ = { 0 }, *err = &err_;                \
		if ((call) < 0)                                       \
			fixture_fail(err, #call, __FILE__, __LINE__); \
	} while (0)

/* The call must fail with this code; `err` is its last argument. */
#define FAILS(call, code_)                                   \
	do {                                                 \
		struct err err_ = { 0 }, *err = &err_;       \
		assert_int_equal(call, -1);                  \
		assert_non_null(err_.kind);                  \
		assert_string_equal(err_.kind->code, code_); \
	} while (0)

void fixture_fail(const struct err *err, const char *what, const char *file, int line);
bool fixture_has_postgres(void);
void fixture_open(struct fixture *f, bool postgres);
void fixture_close(struct fixture *f);
/* Closes everything but keeps the store; opens it again, as after a restart; the same without the
 * ledger, which may refuse what a test did to it. */
void fixture_shut(struct fixture *f);
void fixture_reopen(struct fixture *f);
void fixture_reopen_bare(struct fixture *f);

struct uuid fixture_id(int64_t seq);
const char *fixture_type(int64_t seq);
int64_t fixture_town(int64_t seq);
void fixture_entry(int64_t seq, struct buf *out);
int fixture_columns(struct str entry, int64_t *ret_seq, struct uuid *ret_id, struct str *ret_type, int64_t *ret_town,
		    struct err *err);
/* Appends the next `n` entries without a head. */
void fixture_append(struct fixture *f, int n);
/* The same in commits of `group`, each with its head. */
void fixture_commit(struct fixture *f, int n, int group);
/* Runs ledger_verify; `out` gets its sentence. Returns the count. */
int64_t fixture_verify(struct fixture *f, struct buf *out);

/* RFC 6962's recursive definition, written a second time and naively: the root over leaves [0, n). */
void naive_root(const struct hash *leaves, int64_t n, struct hash *ret);
int naive_path(const struct hash *leaves, int64_t m, int64_t n, struct hash *out);
int naive_proof(const struct hash *leaves, int64_t m, int64_t n, bool whole, struct hash *out);
void naive_leaf(struct str entry, struct hash *ret);
struct hash hash_hex(const char *hex);

#endif
