/* The whole ledger checked against itself in one pass of bounded memory, a
 * block of 256 entries at a time. Derived tables are verified above. For a
 * store in use the caller may open a read transaction around it; without one
 * the entries that stood there at the start are verified. */
#include <stdio.h>

#include "ledger/merkle.h"

#include "ledger.sql.h"

/* What stood in the tables at one moment. */
struct extent {
	int64_t last_seq, last_head, nodes, first_seq, first_head;
};

struct verifier {
	struct db *db;
	struct hasher hasher;
	const struct uuid *store_id;
	const uint8_t *public_key; /* NULL: signatures are not looked at */
	ledger_columns_fn columns_of;
	struct ledger_mark tree;
	struct ledger_head heads[STORED_SPAN]; /* those of the block at hand */
	int head_count, head_next;
	int64_t last_head; /* the largest size verified */
	struct hash made[LEVELS];
	int made_level; /* -1: the block at hand completed no stored subtree */
	struct buf *bad;
};

#define BAD(v, ...)                                \
	do {                                       \
		buf_printf((v)->bad, __VA_ARGS__); \
		return 0;                          \
	} while (0)

static bool sound(const struct verifier *v)
{
	return !v->bad->len;
}

static void name_missing(struct buf *bad, int64_t first, int64_t last)
{
	if (first == last)
		buf_printf(bad, "entry %lld is missing", (long long)first);
	else
		buf_printf(bad, "entries %lld to %lld are missing", (long long)first, (long long)last);
}

static int check_meta(struct verifier *v, const char *name, struct str expected, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct str value;
	int r;

	if (db_start(v->db, &SQL_META, &st, err, "c", name) < 0 || (r = stmt_step(st, err)) < 0)
		return -1;
	if (!r)
		BAD(v, "meta: the row %s is missing", name);
	value = stmt_text(st, 0);
	if (!str_eq(value, expected))
		BAD(v, "meta: %s is \"%.*s\", not \"%.*s\"", name, STR_ARG(value), STR_ARG(expected));
	return 0;
}

static int load_extent(struct verifier *v, struct extent *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(v->db, &SQL_EXTENT, &st, err, "") < 0 || (r = stmt_step(st, err)) < 0)
		return -1;
	if (!r)
		return err_fmt(err, &ERR_INTERNAL, "an aggregate without a row");
	*ret = (struct extent){ stmt_i64(st, 0), stmt_i64(st, 1), stmt_i64(st, 2), stmt_i64(st, 3), stmt_i64(st, 4) };
	if (ret->first_seq < 1)
		BAD(v, "entry %lld: the first entry is number 1", (long long)ret->first_seq);
	if (ret->first_head < 1)
		BAD(v, "head %lld: the first head is of 1 entry or more", (long long)ret->first_head);
	return 0;
}

/* Before the rows, so that no two statements run at a time. */
static int load_heads(struct verifier *v, int64_t after, int64_t last, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	v->head_count = v->head_next = 0;
	if (db_start(v->db, &SQL_HEADS, &st, err, "ii", after, last) < 0)
		return -1;
	while (v->head_count < STORED_SPAN && (r = stmt_step(st, err)) != 0) {
		struct ledger_head *head = &v->heads[v->head_count];
		struct str signature;

		if (r < 0)
			return -1;
		head->size = stmt_i64(st, 0);
		head->at = stmt_i64(st, 2);
		signature = stmt_bytes(st, 3);
		if (!merkle_hash_of(stmt_bytes(st, 1), &head->root))
			BAD(v, "head %lld: its root is not a hash", (long long)head->size);
		if (signature.len != SIGNATURE_SIZE)
			BAD(v, "head %lld: its signature is cut or grown", (long long)head->size);
		memcpy(head->signature, signature.ptr, SIGNATURE_SIZE);
		v->head_count++;
	}
	return 0;
}

static int check_columns(struct verifier *v, struct stmt *st, int64_t seq, struct str entry)
{
	struct uuid id = stmt_uuid(st, 1), entry_id = { 0 };
	struct str type = stmt_text(st, 2), entry_type = STR_NONE;
	int64_t town = stmt_i64(st, 3), entry_town = 0, entry_seq = 0;
	char column_text[UUID_TEXT], entry_text[UUID_TEXT];
	struct err fault = { 0 };

	if (v->columns_of(entry, &entry_seq, &entry_id, &entry_type, &entry_town, &fault) < 0) {
		buf_printf(v->bad, "entry %lld: its bytes do not read as an entry: ", (long long)seq);
		err_text(&fault, LANG_EN, v->bad);
		return 0;
	}
	if (entry_seq != seq)
		BAD(v, "entry %lld: its bytes are those of entry %lld", (long long)seq, (long long)entry_seq);
	if (!uuid_eq(&id, &entry_id)) {
		uuid_format(&id, column_text);
		uuid_format(&entry_id, entry_text);
		BAD(v, "entry %lld: the index column id is %.*s, its bytes say %.*s", (long long)seq, UUID_TEXT,
		    column_text, UUID_TEXT, entry_text);
	}
	if (!str_eq(type, entry_type))
		BAD(v, "entry %lld: the index column type is \"%.*s\", its bytes say \"%.*s\"", (long long)seq,
		    STR_ARG(type), STR_ARG(entry_type));
	if (town != entry_town)
		BAD(v, "entry %lld: the index column town is %lld, its bytes say %lld", (long long)seq, (long long)town,
		    (long long)entry_town);
	return 0;
}

static int check_head(struct verifier *v, const struct ledger_head *head)
{
	struct hash root;

	merkle_root(&v->hasher, &v->tree, &root);
	if (memcmp(root.b, head->root.b, HASH_SIZE) != 0)
		BAD(v, "head %lld: its root is not that of the entries 1 to %lld", (long long)head->size,
		    (long long)head->size);
	if (v->public_key && !ledger_head_signed_by(v->store_id, head, v->public_key))
		BAD(v, "head %lld: its signature is not by this store's key", (long long)head->size);
	v->last_head = head->size;
	return 0;
}

static int check_row(struct verifier *v, struct stmt *st)
{
	int64_t seq = stmt_i64(st, 0);
	struct str entry = stmt_bytes(st, 5);
	struct hash stored, leaf;
	int level;

	merkle_leaf(&v->hasher, entry, &leaf);
	if (!merkle_hash_of(stmt_bytes(st, 4), &stored) || memcmp(stored.b, leaf.b, HASH_SIZE) != 0)
		BAD(v, "entry %lld: the stored bytes do not match their hash", (long long)seq);
	if (v->columns_of)
		check_columns(v, st, seq, entry);
	if (!sound(v))
		return 0;
	level = merkle_grow(&v->hasher, &v->tree, &leaf, v->made);
	merkle_keep(&v->tree, v->made, level);
	v->made_level = level >= STORED_LEVEL ? level : -1;
	if (v->head_next < v->head_count && v->heads[v->head_next].size == seq)
		return check_head(v, &v->heads[v->head_next++]);
	return 0;
}

/* Rows (after, last]; stops at the first that is not the next. */
static int check_rows(struct verifier *v, int64_t last, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	v->made_level = -1;
	if (db_start(v->db, &SQL_ROWS, &st, err, "ii", v->tree.size, last) < 0)
		return -1;
	while (sound(v) && (r = stmt_step(st, err)) != 0) {
		if (r < 0)
			return -1;
		if (stmt_i64(st, 0) != v->tree.size + 1)
			return 0;
		check_row(v, st);
	}
	return 0;
}

static int check_gap(struct verifier *v, int64_t last, struct err *err)
{
	int64_t next = 0;
	int r;

	if (!sound(v) || v->tree.size == last)
		return 0;
	r = db_get_i64(v->db, &SQL_NEXT_SEQ, &next, err, "i", v->tree.size + 1);
	if (r < 0)
		return -1;
	name_missing(v->bad, v->tree.size + 1, r && next > v->tree.size + 1 ? next - 1 : v->tree.size + 1);
	return 0;
}

static int check_nodes(struct verifier *v, struct err *err)
{
	for (int level = STORED_LEVEL; level <= v->made_level; level++) {
		int64_t idx = (v->tree.size >> level) - 1;
		struct hash stored;
		struct err fault = { 0 };
		int r = merkle_node_get(v->db, level, idx, &stored, &fault);

		if (r < 0 && fault.kind != &ERR_STORE_CORRUPT) {
			if (err)
				*err = fault;
			return -1;
		}
		if (!r)
			BAD(v, "tree node %d/%lld, over the entries %lld to %lld, is missing", level, (long long)idx,
			    (long long)(idx << level) + 1, (long long)v->tree.size);
		if (r < 0 || memcmp(stored.b, v->made[level].b, HASH_SIZE) != 0)
			BAD(v, "tree node %d/%lld is not the hash over the entries %lld to %lld", level, (long long)idx,
			    (long long)(idx << level) + 1, (long long)v->tree.size);
	}
	return 0;
}

/* All nodes there must be were found; what is more than those is named. */
static int check_node_count(struct verifier *v, const struct extent *e, struct err *err)
{
	int64_t level = INT64_MIN, idx = INT64_MIN, expected = 0;

	for (int k = STORED_LEVEL; e->last_seq >> k; k++)
		expected += e->last_seq >> k;
	while (e->nodes != expected) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int r, rows = 0;

		if (db_start(v->db, &SQL_NODES, &st, err, "ii", level, idx) < 0)
			return -1;
		for (; (r = stmt_step(st, err)) == 1; rows++) {
			level = stmt_i64(st, 0);
			idx = stmt_i64(st, 1);
			if (level < STORED_LEVEL || level >= LEVELS - 1 || idx < 0 || idx >= e->last_seq >> level)
				BAD(v, "tree node %lld/%lld does not belong to a tree of %lld entries",
				    (long long)level, (long long)idx, (long long)e->last_seq);
		}
		if (r < 0)
			return -1;
		if (!rows)
			break;
	}
	return 0;
}

static int check_end(struct verifier *v, const struct extent *e, struct err *err)
{
	if (e->last_head > e->last_seq) {
		name_missing(v->bad, e->last_seq + 1, e->last_head);
		buf_printf(v->bad, ": a signed head is of %lld", (long long)e->last_head);
		return 0;
	}
	if (v->last_head < e->last_seq)
		BAD(v, "entry %lld stands after the last signed head, which is of %lld", (long long)v->last_head + 1,
		    (long long)v->last_head);
	return check_node_count(v, e, err);
}

static int check_block(struct verifier *v, int64_t total, struct err *err)
{
	int64_t last = v->tree.size + STORED_SPAN < total ? v->tree.size + STORED_SPAN : total;

	if (load_heads(v, v->tree.size, last, err) < 0)
		return -1;
	if (sound(v) && check_rows(v, last, err) < 0)
		return -1;
	if (check_gap(v, last, err) < 0)
		return -1;
	return sound(v) ? check_nodes(v, err) : 0;
}

static int verify(struct verifier *v, void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
		  struct err *err)
{
	char id[UUID_TEXT];
	struct extent e = { 0 };

	uuid_format(v->store_id, id);
	if (hasher_init(&v->hasher, err) < 0 || check_meta(v, "store_id", (struct str){ id, sizeof(id) }, err) < 0)
		return -1;
	if (sound(v) && check_meta(v, "hash", STR("sha256"), err) < 0)
		return -1;
	if (sound(v) && load_extent(v, &e, err) < 0)
		return -1;
	while (sound(v) && v->tree.size < e.last_seq) {
		if (check_block(v, e.last_seq, err) < 0)
			return -1;
		if (progress && (v->tree.size % (16 * STORED_SPAN) == 0 || v->tree.size == e.last_seq))
			progress(ctx, v->tree.size, e.last_seq);
	}
	return sound(v) ? check_end(v, &e, err) : 0;
}

int ledger_verify(struct db *db, const struct uuid *store_id, const uint8_t public_key[32],
		  ledger_columns_fn columns_of, void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
		  int64_t *ret_count, struct buf *ret_bad, struct err *err)
{
	struct verifier v = {
		.db = db, .store_id = store_id, .public_key = public_key, .columns_of = columns_of, .bad = ret_bad
	};
	int r;

	buf_clear(ret_bad);
	r = verify(&v, progress, ctx, err);
	hasher_finish(&v.hasher);
	if (r < 0)
		return -1;
	if (ret_bad->failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*ret_count = v.tree.size;
	return 0;
}
