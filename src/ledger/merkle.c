/* RFC 6962 section 2.1 over stored hashes: leaf 0x00 ‖ entry, node 0x01 ‖ left ‖
 * right, SHA-256. Owns which subtrees are stored and how any other is found
 * again. Knows nothing of heads, signatures or what an entry says. */
#include "ledger/merkle.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger.sql.h"

int hasher_init(struct hasher *h, struct err *err)
{
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->ctx = EVP_MD_CTX_new();
	if (h->md && h->ctx)
		return 0;
	hasher_finish(h);
	return err_fmt(err, &ERR_INTERNAL, "SHA-256 is not to be had from libcrypto");
}

void hasher_finish(struct hasher *h)
{
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	*h = (struct hasher){ 0 };
}

static void hash_begin(struct hasher *h, uint8_t prefix)
{
	/* Can fail for want of memory only, and the context has allocated already: nothing sane is left to do then. */
	if (!EVP_DigestInit_ex2(h->ctx, h->md, NULL) || !EVP_DigestUpdate(h->ctx, &prefix, 1))
		abort();
}

static void hash_end(struct hasher *h, struct hash *ret)
{
	if (!EVP_DigestFinal_ex(h->ctx, ret->b, NULL))
		abort();
}

void merkle_leaf(struct hasher *h, struct str entry, struct hash *ret)
{
	hash_begin(h, 0x00);
	if (!EVP_DigestUpdate(h->ctx, entry.ptr, entry.len))
		abort();
	hash_end(h, ret);
}

void merkle_pair(struct hasher *h, const struct hash *left, const struct hash *right, struct hash *ret)
{
	uint8_t both[2 * HASH_SIZE];

	memcpy(both, left->b, HASH_SIZE);
	memcpy(both + HASH_SIZE, right->b, HASH_SIZE);
	hash_begin(h, 0x01);
	if (!EVP_DigestUpdate(h->ctx, both, sizeof(both)))
		abort();
	hash_end(h, ret);
}

int merkle_grow(struct hasher *h, const struct ledger_mark *tree, const struct hash *leaf, struct hash made[LEVELS])
{
	int level = 0;

	assert(tree->size >= 0 && tree->size < INT64_MAX);
	made[0] = *leaf;
	for (; tree->size >> level & 1; level++)
		merkle_pair(h, &tree->frontier[level], &made[level], &made[level + 1]);
	return level;
}

void merkle_keep(struct ledger_mark *tree, const struct hash made[LEVELS], int level)
{
	tree->frontier[level] = made[level];
	tree->size++;
}

void merkle_copy(struct ledger_mark *to, const struct ledger_mark *from)
{
	size_t used = from->size ? (size_t)(LEVELS - __builtin_clzll((unsigned long long)from->size)) : 0;

	to->size = from->size;
	memcpy(to->frontier, from->frontier, used * sizeof(from->frontier[0]));
}

void merkle_root(struct hasher *h, const struct ledger_mark *tree, struct hash *ret)
{
	struct hash root;
	bool any = false;

	if (!tree->size) {
		if (!EVP_DigestInit_ex2(h->ctx, h->md, NULL))
			abort();
		hash_end(h, ret);
		return;
	}
	for (int level = 0; tree->size >> level; level++) {
		if (!(tree->size >> level & 1))
			continue;
		if (any)
			merkle_pair(h, &tree->frontier[level], &root, &root);
		else
			root = tree->frontier[level];
		any = true;
	}
	*ret = root;
}

bool merkle_hash_of(struct str bytes, struct hash *ret)
{
	if (!bytes.ptr || bytes.len != HASH_SIZE)
		return false;
	memcpy(ret->b, bytes.ptr, HASH_SIZE);
	return true;
}

int merkle_node_get(struct db *db, int level, int64_t idx, struct hash *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(db, &SQL_NODE, &st, err, "ii", (int64_t)level, idx) < 0)
		return -1;
	r = stmt_step(st, err);
	if (r == 1 && !merkle_hash_of(stmt_bytes(st, 0), ret))
		return err_fmt(err, &ERR_STORE_CORRUPT, "tree node %d/%lld: its hash is not %d bytes long", level,
			       (long long)idx, HASH_SIZE);
	return r;
}

/* Adds the leaves [begin, end) to the edge; fewer than 256 of them. */
static int add_leaves(struct db *db, struct hasher *h, int64_t begin, int64_t end, struct ledger_mark *tree,
		      struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct hash leaf, made[LEVELS];
	int64_t at = begin;
	int r;

	if (db_start(db, &SQL_LEAVES, &st, err, "ii", begin, end) < 0)
		return -1;
	while ((r = stmt_step(st, err)) == 1) {
		if (stmt_i64(st, 0) != at + 1)
			break;
		if (!merkle_hash_of(stmt_bytes(st, 1), &leaf))
			return err_fmt(err, &ERR_STORE_CORRUPT, "entry %lld: its hash is not %d bytes long",
				       (long long)at + 1, HASH_SIZE);
		merkle_keep(tree, made, merkle_grow(h, tree, &leaf, made));
		at++;
	}
	if (r < 0)
		return -1;
	if (at != end)
		return err_fmt(err, &ERR_STORE_CORRUPT, "entry %lld is missing from the ledger", (long long)at + 1);
	return 0;
}

int merkle_load(struct db *db, struct hasher *h, int64_t begin, int64_t end, struct ledger_mark *ret, struct err *err)
{
	struct ledger_mark tree;
	int64_t span = end - begin, at = begin;

	assert(begin >= 0 && span >= 0);
	tree.size = 0;
	for (int level = LEVELS - 2; level >= STORED_LEVEL; level--) {
		int r;

		if (!(span >> level & 1))
			continue;
		r = merkle_node_get(db, level, at >> level, &tree.frontier[level], err);
		if (r < 0)
			return -1;
		if (!r)
			return err_fmt(err, &ERR_STORE_CORRUPT, "tree node %d/%lld is missing", level,
				       (long long)(at >> level));
		at += 1LL << level;
	}
	tree.size = at - begin;
	if (at < end && add_leaves(db, h, at, end, &tree, err) < 0)
		return -1;
	merkle_copy(ret, &tree);
	return 0;
}
