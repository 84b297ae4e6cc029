/* The ledger as callers read it: records in scope, heads, proofs, entries. */
#include "domain/records/internal.h"
#include "domain/records/records.h"

#define AT(type, member) offsetof(struct type, member)

static const struct err_kind ERR_SEQ_RANGE = { "seq_range", 404, "账本里没有这个序号（共 {0} 条）",
					       "The ledger has no such number (it holds {0})" };

/* ---- records -------------------------------------------------------------- */

struct record_item {
	int64_t seq, at, received, skew;
	struct uuid id;
	struct str type, place, actor, data;
};

static const struct field RECORD_FIELDS[] = {
	{ "seq", FIELD_INT, FIELD_NEEDED, AT(record_item, seq), .zh = "序号", .en = "Sequence" },
	{ "id", FIELD_REF, FIELD_NEEDED, AT(record_item, id), .thing = THING_EVENT, .zh = "编号", .en = "Id" },
	{ "type", FIELD_TEXT, FIELD_NEEDED, AT(record_item, type), .zh = "类型", .en = "Type" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(record_item, at), .zh = "发生时间", .en = "Happened" },
	{ "received", FIELD_TIME, FIELD_NEEDED, AT(record_item, received), .zh = "收到时间", .en = "Received" },
	{ "skew", FIELD_INT, 0, AT(record_item, skew), .zh = "手机时钟快了多少毫秒（时间已校正）",
	  .en = "Milliseconds by which the sender's clock was ahead; the time is corrected" },
	{ "place", FIELD_TEXT, FIELD_NEEDED, AT(record_item, place), .zh = "地点", .en = "Place" },
	{ "actor", FIELD_TEXT, FIELD_NEEDED, AT(record_item, actor), .zh = "记录人", .en = "Recorded by" },
	{ "data", FIELD_RAW, FIELD_NEEDED, AT(record_item, data), .zh = "内容", .en = "Data" },
};
static struct shape RECORD_ITEM = { .name = "Record", SHAPE_OF(RECORD_FIELDS, struct record_item) };

struct records_walk {
	struct work *w;
	const struct view_query *q;
	struct view_out *out;
	int64_t n, scanned, last;
};

static int put_record(struct records_walk *k, const struct event *ev, struct err *err)
{
	struct record_item item = { .seq = ev->seq,
				    .id = ev->id,
				    .at = ev->at,
				    .received = ev->received,
				    .skew = ev->skew ? ev->skew : FIELD_ABSENT,
				    .type = str_of(ev->form->type),
				    .actor = ev->actor };
	char text[PLACE_TEXT];
	_cleanup_(buf_finish) struct buf data = { 0 };
	struct json_writer jw;
	item.place = (struct str){ text, place_format(ev->area, text) };
	json_write_init(&jw, &data);
	/* Personal members are absent: they were never opened. */
	if (shape_write(ev->form->shape, ev->data, &jw, NULL, NULL, err) < 0)
		return -1;
	item.data = buf_view(&data);
	return view_item(k->out, &item, err);
}

static int each_record(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct records_walk *k = ctx;
	struct event ev;
	place_t area;
	k->last = row->seq;
	k->scanned++;
	if (event_entry_area(row->entry, &area) && !place_within(area, k->q->place))
		return 0;
	if (event_read_entry(row->entry, registry_form, NULL, NULL, k->w->arena, &ev, err) < 0)
		return -1;
	if (!place_within(ev.area, k->q->place) || !principal_may(k->w->who, ROLES_BUT_ADMIN, ev.area, k->w->now))
		return 0;
	if (k->q->kind.ptr && !str_is(k->q->kind, ev.form->type))
		return 0;
	if (put_record(k, &ev, err) < 0)
		return -1;
	return ++k->n == k->q->limit ? 1 : 0;
}

/* Links of a thing are few; everything else looks at so many entries of the ledger a page at most, and a page may
 * come out short: `next` goes on. */
#define SCAN_WINDOW 10000

static int about_view(struct records_walk *k, int64_t after, struct err *err)
{
	struct list history;
	if (thing_history(k->w, &k->q->about, &history, err) < 0)
		return -1;
	const struct history_item *items = history.items;
	for (size_t i = 0; i < history.n && k->n < k->q->limit; i++) {
		struct event ev;
		if (items[i].seq <= after)
			continue;
		if (work_event(k->w, items[i].seq, false, &ev, err) < 0)
			return -1;
		k->last = ev.seq;
		if (!principal_may(k->w->who, ROLES_BUT_ADMIN, ev.area, k->w->now))
			continue;
		if (put_record(k, &ev, err) < 0)
			return -1;
		k->n++;
	}
	return 0;
}

static int ledger_length(struct work *w, int64_t *ret, struct err *err)
{
	struct ledger_head h;
	int rc = ledger_head_latest(w->ledger, &h, err);
	*ret = rc == 1 ? h.size : 0;
	return rc < 0 ? -1 : 0;
}

static void next_seq(struct work *w, struct view_out *out, int64_t seq)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_i64(&b, seq);
	view_next(out, arena_str(w->arena, buf_view(&b)));
}

static int records_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct records_walk k = { .w = w, .q = q, .out = out };
	int64_t after = 0, length;
	char type[64];
	if (q->after.ptr && !str_to_i64(q->after, &after))
		return err_set(err, &ERR_FIELD_FORM, "after", "after", "123", NULL);
	if (!uuid_is_nil(&q->about)) {
		if (about_view(&k, after, err) < 0)
			return -1;
	} else {
		/* The town column narrows the scan; villages within it are told apart entry by entry. */
		place_t from = place_at(q->place, LEVEL_TOWN),
			to = from + (place_level(from) == LEVEL_TOWN ? 1 : place_span(from));
		bool whole = q->place == w->top || place_within(w->top, q->place);
		bool typed = q->kind.ptr && str_copy(q->kind, type, sizeof type);
		int64_t upto = after + SCAN_WINDOW;
		if (ledger_length(w, &length, err) < 0)
			return -1;
		if (ledger_scan_where(w->ledger, after, upto, SCAN_WINDOW, typed ? type : NULL,
				      whole ? INT64_MIN : from, whole ? INT64_MAX : to, each_record, &k, err) < 0)
			return -1;
		if (k.n < q->limit && k.scanned < SCAN_WINDOW && (whole || upto >= length))
			return 0; /* the end */
		if (k.n < q->limit && k.scanned < SCAN_WINDOW)
			k.last = upto;
	}
	if (k.last && (k.n == q->limit || uuid_is_nil(&q->about)))
		next_seq(w, out, k.last);
	return 0;
}

/* ---- head and proofs --------------------------------------------------------- */

struct head_item {
	int64_t size, at;
	struct str root, signature, public_key, hash;
	struct uuid store;
};

static const struct field HEAD_FIELDS[] = {
	{ "size", FIELD_INT, FIELD_NEEDED, AT(head_item, size), .zh = "记录数", .en = "Entries" },
	{ "root", FIELD_TEXT, FIELD_NEEDED, AT(head_item, root), .zh = "树根（十六进制）", .en = "Root, hex" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(head_item, at), .zh = "签名时间", .en = "Signed at" },
	{ "signature", FIELD_TEXT, FIELD_NEEDED, AT(head_item, signature), .zh = "签名（Ed25519，十六进制）",
	  .en = "Signature, Ed25519, hex" },
	{ "public_key", FIELD_TEXT, FIELD_NEEDED, AT(head_item, public_key), .zh = "公钥", .en = "Public key, hex" },
	{ "hash", FIELD_TEXT, FIELD_NEEDED, AT(head_item, hash), .zh = "散列算法", .en = "Hash" },
	{ "store", FIELD_REF, 0, AT(head_item, store), .thing = THING_EVENT, .zh = "库编号", .en = "Store" },
};
static struct shape HEAD_ITEM = { .name = "Head", SHAPE_OF(HEAD_FIELDS, struct head_item) };

static struct str hex_of(struct work *w, const void *bytes, size_t len)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_hex(&b, bytes, len);
	return arena_str(w->arena, buf_view(&b));
}

static int head_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct ledger_head h;
	(void)q;
	int rc = ledger_head_latest(w->ledger, &h, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_kind_set(err, &ERR_NOT_FOUND);
	struct head_item item = { .size = h.size, .at = h.at, .hash = STR("sha256"), .store = w->store_id };
	item.root = hex_of(w, h.root.b, sizeof h.root.b);
	item.signature = hex_of(w, h.signature, sizeof h.signature);
	item.public_key = w->keys ? hex_of(w, keyring_public(w->keys), 32) : STR("");
	return view_item(out, &item, err);
}

struct proof_item {
	int64_t seq, size, first, second;
	struct list path; /* of struct str */
};

static const struct field PROOF_FIELDS[] = {
	{ "seq", FIELD_INT, 0, AT(proof_item, seq), .zh = "序号", .en = "Sequence" },
	{ "size", FIELD_INT, 0, AT(proof_item, size), .zh = "树的大小", .en = "Tree size" },
	{ "first", FIELD_INT, 0, AT(proof_item, first), .zh = "较早的大小", .en = "Earlier size" },
	{ "second", FIELD_INT, 0, AT(proof_item, second), .zh = "较晚的大小", .en = "Later size" },
	{ "path", FIELD_LIST, FIELD_NEEDED, AT(proof_item, path), .element = FIELD_TEXT, .zh = "散列路径",
	  .en = "Hashes" },
};
static struct shape PROOF_ITEM = { .name = "Proof", SHAPE_OF(PROOF_FIELDS, struct proof_item) };

static int seq_error(int64_t size, const char *field, struct err *err)
{
	char text[24];
	struct buf b = { 0 };
	buf_i64(&b, size);
	str_copy(buf_view(&b), text, sizeof text);
	buf_finish(&b);
	return err_set(err, &ERR_SEQ_RANGE, field, text, NULL);
}

static int put_path(struct work *w, struct view_out *out, struct proof_item *item, const struct hash *path, int n,
		    struct err *err)
{
	struct str *texts = arena_alloc(w->arena, (size_t)(n ? n : 1) * sizeof *texts);
	if (!texts)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (int i = 0; i < n; i++)
		texts[i] = hex_of(w, path[i].b, sizeof path[i].b);
	item->path = (struct list){ texts, (size_t)n };
	return view_item(out, item, err);
}

static int proof_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct hash path[64];
	int64_t length;
	if (ledger_length(w, &length, err) < 0)
		return -1;
	int64_t size = q->size != FIELD_ABSENT ? q->size : length;
	if (q->seq == FIELD_ABSENT || q->seq < 1 || q->seq > size || size > length)
		return seq_error(length, "seq", err);
	int n = ledger_inclusion(w->ledger, q->seq, size, path, err);
	if (n < 0)
		return -1;
	struct proof_item item = { q->seq, size, FIELD_ABSENT, FIELD_ABSENT, { 0 } };
	return put_path(w, out, &item, path, n, err);
}

static int consistency_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct hash path[64];
	int64_t length;
	if (ledger_length(w, &length, err) < 0)
		return -1;
	int64_t second = q->second != FIELD_ABSENT ? q->second : length;
	if (q->first == FIELD_ABSENT || q->first < 1 || q->first > second || second > length)
		return seq_error(length, "first", err);
	int n = ledger_consistency(w->ledger, q->first, second, path, err);
	if (n < 0)
		return -1;
	struct proof_item item = { FIELD_ABSENT, FIELD_ABSENT, q->first, second, { 0 } };
	return put_path(w, out, &item, path, n, err);
}

struct entry_item {
	int64_t seq;
	struct str entry;
};

static const struct field ENTRY_FIELDS[] = {
	{ "seq", FIELD_INT, FIELD_NEEDED, AT(entry_item, seq), .zh = "序号", .en = "Sequence" },
	{ "entry", FIELD_TEXT, FIELD_NEEDED, AT(entry_item, entry), .zh = "账本原文（叶子的确切字节）",
	  .en = "The leaf's exact bytes, as a string" },
};
static struct shape ENTRY_ITEM = { .name = "Entry", SHAPE_OF(ENTRY_FIELDS, struct entry_item) };

static int entry_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct ledger_row row;
	struct event ev;
	int64_t length;
	if (ledger_length(w, &length, err) < 0)
		return -1;
	if (q->seq == FIELD_ABSENT || q->seq < 1 || q->seq > length)
		return seq_error(length, "seq", err);
	int rc = ledger_read(w->ledger, q->seq, w->arena, &row, err);
	if (rc <= 0)
		return rc < 0 ? -1 : seq_error(length, "seq", err);
	if (event_read_entry(row.entry, registry_form, NULL, NULL, w->arena, &ev, err) < 0)
		return -1;
	if (!principal_may(w->who, ROLES_BUT_ADMIN, ev.area, w->now))
		return seq_error(length, "seq", err);
	struct entry_item item = { row.seq, row.entry };
	return view_item(out, &item, err);
}

const struct view RECORDS_VIEWS[RECORDS_N_VIEWS] = {
	{ "/api/v1/events", ROLES_BUT_ADMIN, PARAM_PLACE | PARAM_PAGE | PARAM_KIND | PARAM_ABOUT, &RECORD_ITEM,
	  "events", "账本记录", "Records in scope", records_view },
	{ "/api/v1/ledger/head", ROLES_ALL_GRANTED, 0, &HEAD_ITEM, NULL, "签名树头", "Signed head", head_view },
	{ "/api/v1/ledger/proof", ROLES_ALL_GRANTED, PARAM_SEQ, &PROOF_ITEM, NULL, "包含证明", "Inclusion proof",
	  proof_view },
	{ "/api/v1/ledger/consistency", ROLES_ALL_GRANTED, PARAM_SEQ, &PROOF_ITEM, NULL, "一致性证明",
	  "Consistency proof", consistency_view },
	{ "/api/v1/ledger/entry", ROLES_BUT_ADMIN, PARAM_SEQ, &ENTRY_ITEM, NULL, "账本原文", "Exact entry",
	  entry_view },
};
