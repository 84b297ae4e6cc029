/* The ledger: append-only entries under an RFC 6962 Merkle tree, heads signed
 * with Ed25519. Payloads are bytes here. The database refuses UPDATE and DELETE
 * on the ledger; everything else can be rebuilt from it. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "store/store.h"

#define HASH_SIZE      32
#define SIGNATURE_SIZE 64

struct hash {
	uint8_t b[HASH_SIZE];
};

struct ledger_head {
	int64_t size; /* number of entries: the last seq */
	struct hash root;
	int64_t at; /* when it was signed, ms */
	uint8_t signature[SIGNATURE_SIZE];
};

struct keyring; /* ledger/seal.h */

/* The writer's end: holds the tree's frontier in memory. One per store. */
struct ledger;

/* Creates the ledger's rows in a fresh store (meta: store id, zone). */
int ledger_init(struct db *db, const struct uuid *store_id, struct err *err);
int ledger_open(struct db *db, struct keyring *keys, struct ledger **ret, struct err *err);
void ledger_close(struct ledger *l);
int64_t ledger_size(const struct ledger *l);

/* Appends one entry as seq = size + 1 within the caller's transaction. `type` and `town` are index columns. */
int ledger_append(struct ledger *l, struct db *db, const struct uuid *id, const char *type, int64_t town,
		  struct str entry, struct err *err);
/* Writes the tree nodes and the signed head of all appended since; to be called before commit. */
int ledger_seal_head(struct ledger *l, struct db *db, int64_t now, struct ledger_head *ret, struct err *err);
/* Remembers / returns to a point (a savepoint or transaction rolled back). */
struct ledger_mark {
	int64_t size;
	struct hash frontier[64];
};
void ledger_mark(const struct ledger *l, struct ledger_mark *ret);
void ledger_return(struct ledger *l, const struct ledger_mark *mark);

/* Reading, on any connection. */
struct ledger_row {
	int64_t seq;
	struct uuid id;
	struct str entry; /* in the arena */
};
/* 1 found, 0 absent, -1 error. */
int ledger_read(struct db *db, int64_t seq, struct arena *arena, struct ledger_row *ret, struct err *err);
int ledger_find(struct db *db, const struct uuid *id, struct arena *arena, struct ledger_row *ret, struct err *err);
int ledger_find_seq(struct db *db, const struct uuid *id, int64_t *ret_seq, struct err *err);
/* Entries after `after` in order, up to `limit`; each to `row` (entry borrowed for the call). Stops at non-zero. */
typedef int (*ledger_row_fn)(void *ctx, const struct ledger_row *row, struct err *err);
int ledger_scan(struct db *db, int64_t after, int64_t limit, ledger_row_fn row, void *ctx, struct err *err);
/* The same of one type, or of a range of towns ([from, to) of the town column), or both; type NULL: any type,
 * INT64_MIN…INT64_MAX: any town. Towns have no index — it would dirty a page for each in every commit — so entries are
 * looked at in order up to seq `upto`, and the caller goes on from there. */
int ledger_scan_where(struct db *db, int64_t after, int64_t upto, int64_t limit, const char *type, int64_t town_from,
		      int64_t town_to, ledger_row_fn row, void *ctx, struct err *err);

int ledger_head_latest(struct db *db, struct ledger_head *ret, struct err *err); /* 1, 0 when empty, -1 */
int ledger_head_at(struct db *db, int64_t size, struct ledger_head *ret, struct err *err);
/* RFC 6962 2.1.1 audit path of leaf seq-1 in the tree of `size`; 2.1.2 consistency. Up to 64 hashes; returns the count
 * or -1. */
int ledger_inclusion(struct db *db, int64_t seq, int64_t size, struct hash out[64], struct err *err);
int ledger_consistency(struct db *db, int64_t first, int64_t second, struct hash out[64], struct err *err);
/* Offline checks (used by verify, tests and the web's proof page). */
bool ledger_check_inclusion(struct str entry, int64_t seq, int64_t size, const struct hash *path, int n,
			    const struct hash *root);
bool ledger_check_consistency(int64_t first, int64_t second, const struct hash *path, int n, const struct hash *root1,
			      const struct hash *root2);

/* The text a head's signature covers, and its check with a public key. */
void ledger_head_message(const struct uuid *store_id, const struct ledger_head *h, struct buf *out);
bool ledger_head_signed_by(const struct uuid *store_id, const struct ledger_head *h, const uint8_t public_key[32]);

/* Recomputes every leaf and node, compares index columns with `columns_of` the entry, every kept head and its
 * signature, gaps in seq. `ret_bad` gets one sentence naming the first difference (empty when sound). */
typedef int (*ledger_columns_fn)(struct str entry, int64_t *ret_seq, struct uuid *ret_id, struct str *ret_type,
				 int64_t *ret_town, struct err *err);
int ledger_verify(struct db *db, const struct uuid *store_id, const uint8_t public_key[32],
		  ledger_columns_fn columns_of, void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
		  int64_t *ret_count, struct buf *ret_bad, struct err *err);

#endif
