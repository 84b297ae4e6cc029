/* Reading entries and heads, on any connection. A scan takes its rows a page at
 * a time and ends the statement before it hands them out, so a callback may use
 * the same connection, write to it or scan again, and memory stays bounded. */
#include <stdlib.h>

#include "ledger/merkle.h"

#include "ledger.sql.h"

#define PAGE_ROWS  256
#define PAGE_BYTES ((size_t)1 << 20)

struct page {
	int count;
	struct {
		int64_t seq;
		struct uuid id;
		size_t start, len;
	} rows[PAGE_ROWS];
	struct buf bytes;
};

static void page_finish(struct page *p)
{
	buf_finish(&p->bytes);
}

static int row_take(struct stmt *st, struct arena *arena, struct ledger_row *ret, struct err *err)
{
	struct ledger_row row = { .seq = stmt_i64(st, 0), .id = stmt_uuid(st, 1) };
	struct str entry = stmt_bytes(st, 2);

	row.entry = arena_str(arena, entry.ptr ? entry : STR(""));
	if (!row.entry.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*ret = row;
	return 1;
}

int ledger_read(struct db *db, int64_t seq, struct arena *arena, struct ledger_row *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(db, &SQL_READ, &st, err, "i", seq) < 0)
		return -1;
	r = stmt_step(st, err);
	return r == 1 ? row_take(st, arena, ret, err) : r;
}

int ledger_find(struct db *db, const struct uuid *id, struct arena *arena, struct ledger_row *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(db, &SQL_FIND, &st, err, "u", id) < 0)
		return -1;
	r = stmt_step(st, err);
	return r == 1 ? row_take(st, arena, ret, err) : r;
}

int ledger_find_seq(struct db *db, const struct uuid *id, int64_t *ret_seq, struct err *err)
{
	return db_get_i64(db, &SQL_FIND_SEQ, ret_seq, err, "u", id);
}

/* What a scan asks for. Any town: the full range of int64_t. */
struct filter {
	const char *type; /* NULL: any */
	int64_t from, to;
	int64_t upto; /* the last seq to look at, when a range of towns is asked for */
};

static int page_start(struct db *db, const struct filter *f, int64_t after, int64_t limit, struct stmt **ret,
		      struct err *err)
{
	bool any_town = f->from == INT64_MIN && f->to == INT64_MAX;

	if (any_town && !f->type)
		return db_start(db, &SQL_SCAN, ret, err, "ii", after, limit);
	if (any_town)
		return db_start(db, &SQL_SCAN_TYPE, ret, err, "iic", after, limit, f->type);
	if (f->type)
		return db_start(db, &SQL_SCAN_TYPE_TOWN, ret, err, "iiciii", after, limit, f->type, f->from, f->to,
				f->upto);
	return db_start(db, &SQL_SCAN_TOWN, ret, err, "iiiii", after, limit, f->from, f->to, f->upto);
}

/* Fills the page; fewer rows than `limit` may mean that the bytes were enough, none means the end. */
static int page_fill(struct page *p, struct db *db, const struct filter *f, int64_t after, int64_t limit,
		     struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r = 0;

	p->count = 0;
	buf_clear(&p->bytes);
	if (page_start(db, f, after, limit, &st, err) < 0)
		return -1;
	while (p->count < limit && p->bytes.len < PAGE_BYTES && (r = stmt_step(st, err)) == 1) {
		struct str entry = stmt_bytes(st, 2);

		p->rows[p->count].seq = stmt_i64(st, 0);
		p->rows[p->count].id = stmt_uuid(st, 1);
		p->rows[p->count].start = p->bytes.len;
		p->rows[p->count].len = entry.len;
		p->count++;
		buf_str(&p->bytes, entry);
	}
	if (r < 0)
		return -1;
	return p->bytes.failed ? err_kind_set(err, &ERR_NO_MEMORY) : 0;
}

static int scan(struct db *db, const struct filter *f, int64_t after, int64_t limit, ledger_row_fn row, void *ctx,
		struct err *err)
{
	_cleanup_(page_finish) struct page p = { .count = 0 };
	int r;

	while (limit > 0) {
		if (page_fill(&p, db, f, after, limit < PAGE_ROWS ? limit : PAGE_ROWS, err) < 0)
			return -1;
		if (!p.count)
			return 0;
		for (int i = 0; i < p.count; i++) {
			struct ledger_row out = { .seq = p.rows[i].seq, .id = p.rows[i].id };

			out.entry = (struct str){ p.bytes.ptr ? p.bytes.ptr + p.rows[i].start : "", p.rows[i].len };
			if ((r = row(ctx, &out, err)) != 0)
				return r;
		}
		after = p.rows[p.count - 1].seq;
		limit -= p.count;
	}
	return 0;
}

int ledger_scan(struct db *db, int64_t after, int64_t limit, ledger_row_fn row, void *ctx, struct err *err)
{
	return scan(db, &(struct filter){ NULL, INT64_MIN, INT64_MAX, INT64_MAX }, after, limit, row, ctx, err);
}

int ledger_scan_where(struct db *db, int64_t after, int64_t upto, int64_t limit, const char *type, int64_t town_from,
		      int64_t town_to, ledger_row_fn row, void *ctx, struct err *err)
{
	if (town_from >= town_to)
		return 0;
	return scan(db, &(struct filter){ type, town_from, town_to, upto }, after, limit, row, ctx, err);
}

static int head_of(struct stmt *st, struct ledger_head *ret, struct err *err)
{
	struct ledger_head head = { .size = stmt_i64(st, 0), .at = stmt_i64(st, 2) };
	struct str signature = stmt_bytes(st, 3);

	if (!merkle_hash_of(stmt_bytes(st, 1), &head.root) || signature.len != SIGNATURE_SIZE)
		return err_fmt(err, &ERR_STORE_CORRUPT, "head %lld: its root or signature is of a wrong length",
			       (long long)head.size);
	memcpy(head.signature, signature.ptr, SIGNATURE_SIZE);
	*ret = head;
	return 1;
}

int ledger_head_latest(struct db *db, struct ledger_head *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(db, &SQL_HEAD_LATEST, &st, err, "") < 0)
		return -1;
	r = stmt_step(st, err);
	return r == 1 ? head_of(st, ret, err) : r;
}

int ledger_head_at(struct db *db, int64_t size, struct ledger_head *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(db, &SQL_HEAD_AT, &st, err, "i", size) < 0)
		return -1;
	r = stmt_step(st, err);
	return r == 1 ? head_of(st, ret, err) : r;
}
