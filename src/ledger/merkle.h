/* RFC 6962's tree for this folder's own files: hashing, the growing edge, and
 * subtree hashes fetched from the store. Other folders see ledger.h only. */
#ifndef LEDGER_MERKLE_H
#define LEDGER_MERKLE_H

#include <openssl/evp.h>

#include "ledger/ledger.h"

/* Complete subtrees are stored from this level on (2^8 = 256 leaves a row); the levels below are
 * recomputed from the leaves' own hashes, so that an append costs one insert and not two. */
#define STORED_LEVEL 8
#define STORED_SPAN  (1LL << STORED_LEVEL)
#define LEVELS       64

/* A fetched SHA-256 with a context to reuse: twice as fast as fetching anew. One thread at a time. */
struct hasher {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

int hasher_init(struct hasher *h, struct err *err);
void hasher_finish(struct hasher *h);
void merkle_leaf(struct hasher *h, struct str entry, struct hash *ret);
void merkle_pair(struct hasher *h, const struct hash *left, const struct hash *right, struct hash *ret);

/* The edge of a tree of `size` leaves: frontier[k] is the complete subtree of 2^k leaves that stands
 * for bit k of `size`; the others hold nothing. `struct ledger_mark` is just that. */

/* The subtrees that one more leaf completes, made[0] being the leaf itself; returns the highest level.
 * `tree` stays as it is until merkle_keep, so a failed insert leaves nothing behind. */
int merkle_grow(struct hasher *h, const struct ledger_mark *tree, const struct hash *leaf, struct hash made[LEVELS]);
void merkle_keep(struct ledger_mark *tree, const struct hash made[LEVELS], int level);
/* Copies what the size makes use of, not all 2 KiB. */
void merkle_copy(struct ledger_mark *to, const struct ledger_mark *from);
/* The root of the edge; SHA-256 of nothing for the empty tree. */
void merkle_root(struct hasher *h, const struct ledger_mark *tree, struct hash *ret);

/* The edge of the leaves [begin, end), counted from 0, as stored. `begin` must be a multiple of the
 * least power of two that is >= end - begin, as it is for every subtree of RFC 6962. */
int merkle_load(struct db *db, struct hasher *h, int64_t begin, int64_t end, struct ledger_mark *ret, struct err *err);

/* One stored subtree hash: 1 found, 0 absent, -1 error. */
int merkle_node_get(struct db *db, int level, int64_t idx, struct hash *ret, struct err *err);
/* Copies a column of exactly HASH_SIZE bytes; false when it is of another length. */
bool merkle_hash_of(struct str bytes, struct hash *ret);

#endif
