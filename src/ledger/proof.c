/* Proofs of RFC 6962 sections 2.1.1 and 2.1.2, made from the store and checked
 * without it, and the text that a head's signature covers. */
#include <sodium.h>

#include "ledger/merkle.h"

static int subtree(struct db *db, struct hasher *h, int64_t begin, int64_t end, struct hash *ret, struct err *err)
{
	struct ledger_mark tree;

	if (merkle_load(db, h, begin, end, &tree, err) < 0)
		return -1;
	merkle_root(h, &tree, ret);
	return 0;
}

/* The largest power of two below n; n >= 2. */
static int64_t split_of(int64_t n)
{
	return 1LL << (63 - __builtin_clzll((unsigned long long)n - 1));
}

static bool within(struct db *db, int64_t size, struct err *err)
{
	struct ledger_head head;
	int r = ledger_head_latest(db, &head, err);

	if (r < 0)
		return false;
	if (r == 1 && size <= head.size)
		return true;
	err_fmt(err, &ERR_NOT_FOUND, "a tree of %lld entries", (long long)size);
	return false;
}

static void reverse(struct hash *list, int n)
{
	for (int i = 0; i < n / 2; i++) {
		struct hash keep = list[i];

		list[i] = list[n - 1 - i];
		list[n - 1 - i] = keep;
	}
}

int ledger_inclusion(struct db *db, int64_t seq, int64_t size, struct hash out[64], struct err *err)
{
	_cleanup_(hasher_finish) struct hasher h = { 0 };
	struct hash path[LEVELS];
	int64_t begin = 0, end = size;
	int n = 0;

	if (seq < 1 || seq > size)
		return err_fmt(err, &ERR_NOT_FOUND, "entry %lld in a tree of %lld", (long long)seq, (long long)size);
	if (!within(db, size, err) || hasher_init(&h, err) < 0)
		return -1;
	/* From the root down; the path is told from the leaf up. */
	while (end - begin > 1) {
		int64_t middle = begin + split_of(end - begin);

		if (seq <= middle) {
			if (subtree(db, &h, middle, end, &path[n++], err) < 0)
				return -1;
			end = middle;
		} else {
			if (subtree(db, &h, begin, middle, &path[n++], err) < 0)
				return -1;
			begin = middle;
		}
	}
	reverse(path, n);
	memcpy(out, path, (size_t)n * sizeof(path[0]));
	return n;
}

int ledger_consistency(struct db *db, int64_t first, int64_t second, struct hash out[64], struct err *err)
{
	_cleanup_(hasher_finish) struct hasher h = { 0 };
	struct hash path[LEVELS];
	int64_t begin = 0, end = second;
	int n = 0;

	if (first < 1 || first > second)
		return err_fmt(err, &ERR_NOT_FOUND, "a proof from %lld entries to %lld", (long long)first,
			       (long long)second);
	if (!within(db, second, err) || hasher_init(&h, err) < 0)
		return -1;
	while (first != end) {
		int64_t middle = begin + split_of(end - begin);

		if (first <= middle) {
			if (subtree(db, &h, middle, end, &path[n++], err) < 0)
				return -1;
			end = middle;
		} else {
			if (subtree(db, &h, begin, middle, &path[n++], err) < 0)
				return -1;
			begin = middle;
		}
	}
	/* The old tree's own root needs no telling when it is a subtree of the new one. */
	if (begin > 0 && subtree(db, &h, begin, end, &path[n++], err) < 0)
		return -1;
	reverse(path, n);
	memcpy(out, path, (size_t)n * sizeof(path[0]));
	return n;
}

/* One step of RFC 9162's checks: what stands left of the node at `fn` joins from the left, and the
 * levels where the node has no right sibling are passed over. */
static bool joins_left(int64_t *fn, int64_t *sn)
{
	bool left = *fn & 1 || *fn == *sn;

	if (left)
		while (!(*fn & 1) && *fn) {
			*fn >>= 1;
			*sn >>= 1;
		}
	*fn >>= 1;
	*sn >>= 1;
	return left;
}

bool ledger_check_inclusion(struct str entry, int64_t seq, int64_t size, const struct hash *path, int n,
			    const struct hash *root)
{
	_cleanup_(hasher_finish) struct hasher h = { 0 };
	int64_t fn = seq - 1, sn = size - 1;
	struct hash r;

	if (seq < 1 || seq > size || n < 0 || n > LEVELS || hasher_init(&h, NULL) < 0)
		return false;
	merkle_leaf(&h, entry, &r);
	for (int i = 0; i < n; i++) {
		if (!sn)
			return false;
		if (joins_left(&fn, &sn))
			merkle_pair(&h, &path[i], &r, &r);
		else
			merkle_pair(&h, &r, &path[i], &r);
	}
	return !sn && memcmp(r.b, root->b, HASH_SIZE) == 0;
}

bool ledger_check_consistency(int64_t first, int64_t second, const struct hash *path, int n, const struct hash *root1,
			      const struct hash *root2)
{
	_cleanup_(hasher_finish) struct hasher h = { 0 };
	int64_t fn = first - 1, sn = second - 1;
	struct hash r1, r2;
	int i = 0;

	if (first < 1 || first > second || n < 0 || n > LEVELS)
		return false;
	if (first == second)
		return !n && memcmp(root1->b, root2->b, HASH_SIZE) == 0;
	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	if (!n || hasher_init(&h, NULL) < 0)
		return false;
	/* A first size that is a power of two is itself the subtree to start from. */
	r1 = r2 = fn ? path[i++] : *root1;
	for (; i < n; i++) {
		if (!sn)
			return false;
		if (joins_left(&fn, &sn)) {
			merkle_pair(&h, &path[i], &r1, &r1);
			merkle_pair(&h, &path[i], &r2, &r2);
		} else {
			merkle_pair(&h, &r2, &path[i], &r2);
		}
	}
	return !sn && memcmp(r1.b, root1->b, HASH_SIZE) == 0 && memcmp(r2.b, root2->b, HASH_SIZE) == 0;
}

void ledger_head_message(const struct uuid *store_id, const struct ledger_head *h, struct buf *out)
{
	char id[UUID_TEXT];

	uuid_format(store_id, id);
	buf_cstr(out, "lianfang ledger head v1\nstore ");
	buf_add(out, id, sizeof(id));
	buf_cstr(out, "\nhash sha256\nsize ");
	buf_i64(out, h->size);
	buf_cstr(out, "\nroot ");
	buf_hex(out, h->root.b, HASH_SIZE);
	buf_cstr(out, "\nat ");
	buf_i64(out, h->at);
	buf_char(out, '\n');
}

bool ledger_head_signed_by(const struct uuid *store_id, const struct ledger_head *h, const uint8_t public_key[32])
{
	_cleanup_(buf_finish) struct buf message = { 0 };

	ledger_head_message(store_id, h, &message);
	return !message.failed && sodium_init() >= 0 &&
	       crypto_sign_verify_detached(h->signature, (const uint8_t *)message.ptr, message.len, public_key) == 0;
}
