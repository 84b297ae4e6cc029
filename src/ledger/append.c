/* The writer's end of the ledger: appending entries, the tree's growing edge in
 * memory, signed heads. The caller owns the transaction and takes a mark before
 * anything it may roll back. Reading is in read.c, proofs in proof.c. */
#include <assert.h>
#include <stdlib.h>

#include "ledger/merkle.h"
#include "ledger/seal.h"

#include "ledger.sql.h"

static const struct err_kind LEDGER_NO_KEYS = {
	"ledger_no_keys", 503, "没有密钥文件，无法签署账本，不能记录任何内容。请取回密钥文件后重启。",
	"Nothing can be recorded: without the key file the ledger cannot be signed. Bring it back and restart."
};
static const struct err_kind LEDGER_HASH_UNKNOWN = {
	"ledger_hash_unknown", 500, "账本使用本程序不认识的散列算法：{0}。请使用更新的程序。",
	"The ledger uses a hash that this program does not know: {0}. Use a newer program."
};

struct ledger {
	struct hasher hasher;
	struct keyring *keys; /* borrowed; NULL or without secrets: the ledger can't grow */
	struct uuid store_id;
	struct ledger_mark tree;
	struct buf message; /* reused for each head */
};

static int meta_add(struct db *db, const char *name, struct str value, struct err *err)
{
	return db_run(db, &SQL_META_ADD, err, "cs", name, value) < 0 ? -1 : 0;
}

int ledger_init(struct db *db, const struct uuid *store_id, struct err *err)
{
	char text[UUID_TEXT];

	uuid_format(store_id, text);
	if (meta_add(db, "store_id", (struct str){ text, sizeof(text) }, err) < 0 ||
	    meta_add(db, "hash", STR("sha256"), err) < 0 || meta_add(db, "zone", STR("Asia/Shanghai"), err) < 0)
		return -1;
	return 0;
}

static int meta_read(struct db *db, const char *name, char *out, size_t size, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(db, &SQL_META, &st, err, "c", name) < 0 || (r = stmt_step(st, err)) < 0)
		return -1;
	if (!r || !str_copy(stmt_text(st, 0), out, size))
		return err_fmt(err, &ERR_STORE_CORRUPT, "meta: no good value for %s", name);
	return 0;
}

/* What stands at the end of the ledger must be what was signed: appending to anything else would
 * put this store's signature under somebody's tampering. The whole is for ledger_verify. */
static int check_end(struct ledger *l, struct db *db, struct err *err)
{
	struct ledger_head head;
	struct hash root;
	int r = ledger_head_latest(db, &head, err);

	if (r < 0)
		return -1;
	if (!r)
		head = (struct ledger_head){ 0 };
	if (head.size != l->tree.size)
		return err_fmt(err, &ERR_STORE_CORRUPT, "the last signed head is of %lld entries, the ledger has %lld",
			       (long long)head.size, (long long)l->tree.size);
	if (!r)
		return 0;
	merkle_root(&l->hasher, &l->tree, &root);
	if (memcmp(root.b, head.root.b, HASH_SIZE) != 0)
		return err_fmt(err, &ERR_STORE_CORRUPT, "the entries do not give the root signed for %lld of them",
			       (long long)head.size);
	if (l->keys && keyring_has_secrets(l->keys) &&
	    !ledger_head_signed_by(&l->store_id, &head, keyring_public(l->keys)))
		return err_fmt(err, &ERR_STORE_CORRUPT, "the head of %lld entries is not signed with this store's key",
			       (long long)head.size);
	return 0;
}

static int load(struct ledger *l, struct db *db, struct err *err)
{
	char text[64];
	int64_t size;

	if (hasher_init(&l->hasher, err) < 0 || meta_read(db, "store_id", text, sizeof(text), err) < 0)
		return -1;
	if (!uuid_parse(str_of(text), &l->store_id))
		return err_fmt(err, &ERR_STORE_CORRUPT, "meta: store_id is not a UUID");
	if (meta_read(db, "hash", text, sizeof(text), err) < 0)
		return -1;
	if (strcmp(text, "sha256") != 0)
		return err_set(err, &LEDGER_HASH_UNKNOWN, NULL, text, NULL);
	if (db_get_i64(db, &SQL_LAST_SEQ, &size, err, "") < 0 ||
	    merkle_load(db, &l->hasher, 0, size, &l->tree, err) < 0)
		return -1;
	return check_end(l, db, err);
}

int ledger_open(struct db *db, struct keyring *keys, struct ledger **ret, struct err *err)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (!l)
		return err_kind_set(err, &ERR_NO_MEMORY);
	l->keys = keys;
	if (load(l, db, err) < 0) {
		ledger_close(l);
		return -1;
	}
	*ret = l;
	return 0;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	hasher_finish(&l->hasher);
	buf_finish(&l->message);
	free(l);
}

int64_t ledger_size(const struct ledger *l)
{
	return l->tree.size;
}

int ledger_append(struct ledger *l, struct db *db, const struct uuid *id, const char *type, int64_t town,
		  struct str entry, struct err *err)
{
	struct hash leaf, made[LEVELS];
	int64_t seq = l->tree.size + 1;
	int level;

	assert(entry.ptr && type);
	if (!l->keys || !keyring_has_secrets(l->keys))
		return err_kind_set(err, &LEDGER_NO_KEYS);
	merkle_leaf(&l->hasher, entry, &leaf);
	level = merkle_grow(&l->hasher, &l->tree, &leaf, made);
	if (db_run(db, &SQL_APPEND, err, "iucibb", seq, id, type, town, (struct str){ (char *)leaf.b, HASH_SIZE },
		   entry) < 0)
		return -1;
	for (int k = STORED_LEVEL; k <= level; k++)
		if (db_run(db, &SQL_NODE_ADD, err, "iib", (int64_t)k, (seq >> k) - 1,
			   (struct str){ (char *)made[k].b, HASH_SIZE }) < 0)
			return -1;
	merkle_keep(&l->tree, made, level);
	return 0;
}

int ledger_seal_head(struct ledger *l, struct db *db, int64_t now, struct ledger_head *ret, struct err *err)
{
	struct ledger_head head = { .size = l->tree.size, .at = now };
	int64_t added;

	if (!l->keys || !keyring_has_secrets(l->keys))
		return err_kind_set(err, &LEDGER_NO_KEYS);
	merkle_root(&l->hasher, &l->tree, &head.root);
	buf_clear(&l->message);
	ledger_head_message(&l->store_id, &head, &l->message);
	if (l->message.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	keyring_sign(l->keys, buf_view(&l->message), head.signature);
	if (head.size > 0) {
		added =
		    db_run(db, &SQL_HEAD_ADD, err, "ibib", head.size, (struct str){ (char *)head.root.b, HASH_SIZE },
			   head.at, (struct str){ (char *)head.signature, SIGNATURE_SIZE });
		if (added < 0)
			return -1;
		/* Nothing was appended since: the head that was kept then goes on standing. */
		if (!added && ledger_head_at(db, head.size, &head, err) != 1)
			return -1;
	}
	*ret = head;
	return 0;
}

void ledger_mark(const struct ledger *l, struct ledger_mark *ret)
{
	merkle_copy(ret, &l->tree);
}

void ledger_return(struct ledger *l, const struct ledger_mark *mark)
{
	assert(mark->size <= l->tree.size);
	merkle_copy(&l->tree, mark);
}
