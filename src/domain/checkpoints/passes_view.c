/* Passes read: lists, one with its code to be carried, and what a phone needs to
 * tell a good one from a bad one without network. */
#include <stdio.h>

#include "checkpoints.sql.h"
#include "domain/checkpoints/internal.h"
#include "domain/teams/teams.h"
#include "format/qr.h"

#define AT(type, member) offsetof(struct type, member)

enum pass_state { PASS_VALID, PASS_AHEAD, PASS_EXPIRED, PASS_REVOKED };
static const char *const STATES[] = { "valid", "ahead", "expired", "revoked", NULL };
static const char *const STATES_ZH[] = { "有效", "未到期", "已过期", "已撤销", NULL };

struct pass_item {
	struct uuid id, subject;
	struct str name, id_number, phone, plate, purpose, place_name, actor, code, svg;
	int64_t at, place, valid_from, valid_to, state, revoked;
	struct list history;
};

static const struct field PASS_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(pass_item, id), .thing = THING_EVENT, .zh = "编号", .en = "Id" },
	{ "subject", FIELD_REF, FIELD_NEEDED, AT(pass_item, subject), .thing = THING_SUBJECT, .zh = "持证人",
	  .en = "Holder" },
	{ "name", FIELD_TEXT, 0, AT(pass_item, name), .zh = "姓名", .en = "Name" },
	{ "id_number", FIELD_TEXT, 0, AT(pass_item, id_number), .zh = "身份证号", .en = "Citizen id number" },
	{ "phone", FIELD_TEXT, 0, AT(pass_item, phone), .zh = "电话", .en = "Phone" },
	{ "plate", FIELD_TEXT, 0, AT(pass_item, plate), .zh = "号牌", .en = "Plate" },
	{ "purpose", FIELD_TEXT, FIELD_NEEDED, AT(pass_item, purpose), .zh = "事由", .en = "Purpose" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(pass_item, at), .zh = "签发时间", .en = "Issued" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(pass_item, place), .zh = "签发地点", .en = "Issued at" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(pass_item, place_name), .zh = "地名", .en = "Place name" },
	{ "valid_from", FIELD_TIME, FIELD_NEEDED, AT(pass_item, valid_from), .zh = "有效期自", .en = "Valid from" },
	{ "valid_to", FIELD_TIME, FIELD_NEEDED, AT(pass_item, valid_to), .zh = "有效期至", .en = "Valid to" },
	{ "state", FIELD_ENUM, FIELD_NEEDED, AT(pass_item, state), .values = STATES, .values_zh = STATES_ZH,
	  .zh = "状态", .en = "State" },
	{ "revoked", FIELD_TIME, 0, AT(pass_item, revoked), .zh = "撤销时间", .en = "Revoked" },
	{ "actor", FIELD_TEXT, FIELD_NEEDED, AT(pass_item, actor), .zh = "签发人", .en = "Issued by" },
	{ "code", FIELD_TEXT, 0, AT(pass_item, code), .zh = "通行码", .en = "Code to be carried" },
	{ "svg", FIELD_TEXT, 0, AT(pass_item, svg), .zh = "二维码图", .en = "The code as a QR picture" },
	{ "history", FIELD_LIST, 0, AT(pass_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
struct shape PASS_ITEM = { .name = "Pass", SHAPE_OF(PASS_FIELDS, struct pass_item) };

static struct pass read_pass(struct work *w, struct stmt *st)
{
	return (struct pass){ .seq = stmt_i64(st, 0),
			      .id = stmt_uuid(st, 1),
			      .subject = stmt_uuid(st, 2),
			      .area = stmt_i64(st, 3),
			      .at = stmt_i64(st, 4),
			      .valid_from = stmt_i64(st, 5),
			      .valid_to = stmt_i64(st, 6),
			      .purpose = arena_str(w->arena, stmt_text(st, 7)),
			      .revoked = stmt_i64(st, 8),
			      .revoked_by = stmt_i64(st, 9) };
}

static int add_passes(struct work *w, struct stmt *st, struct list *to, size_t *cap, struct err *err)
{
	int rc;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(to->items = arena_grow(w->arena, to->items, to->n, cap, sizeof(struct pass))))
			return err_kind_set(err, &ERR_NO_MEMORY);
		((struct pass *)to->items)[to->n++] = read_pass(w, st);
	}
	return rc;
}

int passes_of_subject(struct work *w, const struct uuid *subject, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	size_t cap = 0;
	*ret = (struct list){ 0 };
	if (db_start(w->db, &SQL_PASSES_OF_SUBJECT, &st, err, "u", subject) < 0)
		return -1;
	return add_passes(w, st, ret, &cap, err);
}

static enum pass_state state_of(const struct pass *p, int64_t now)
{
	if (p->revoked != FIELD_ABSENT && p->revoked <= now)
		return PASS_REVOKED;
	return p->valid_to <= now ? PASS_EXPIRED : p->valid_from > now ? PASS_AHEAD : PASS_VALID;
}

static int fill_pass(struct work *w, const struct pass *p, enum reveal reveal, struct pass_item *ret,
		     struct traveller *ret_holder, struct err *err)
{
	struct event ev;
	bool full = reveal == REVEAL_FULL;
	int rc = work_event(w, p->seq, true, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a pass's record is missing");
	const struct pass_issued *d = ev.data;
	*ret_holder = d->person ? *d->person : (struct traveller){ 0 };
	*ret = (struct pass_item){ .id = p->id,
				   .subject = p->subject,
				   .purpose = d->purpose,
				   .place_name = place_name(w, p->area, INT64_MAX),
				   .actor = ev.actor,
				   .at = p->at,
				   .place = p->area,
				   .valid_from = p->valid_from,
				   .valid_to = p->valid_to,
				   .state = state_of(p, w->now),
				   .revoked = p->revoked };
	if (reveal == REVEAL_NOTHING)
		return 0;
	ret->name = full ? ret_holder->name : mask_name(w->arena, ret_holder->name);
	ret->id_number = full ? ret_holder->id_number : mask_idno(w->arena, ret_holder->id_number);
	ret->phone = full ? ret_holder->phone : mask_phone(w->arena, ret_holder->phone);
	ret->plate = full ? d->plate : mask_plate(w->arena, d->plate);
	return 0;
}

/* ---- lists -------------------------------------------------------------------------------- */

/* So many passes are looked at a page where their place is sifted, not looked up. */
#define PASSES_WINDOW 20000

/* Of a town or below by its index; of a wider place from the last one down, a window at a time. */
static int passes_before(struct work *w, const struct view_query *q, int64_t before, struct list *ret,
			 int64_t *ret_more, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	place_t end = q->place + place_span(q->place);
	size_t cap = 0;
	int rc;
	*ret = (struct list){ 0 };
	*ret_more = 0;
	if (place_level(q->place) >= LEVEL_TOWN) {
		if (db_start(w->db, &SQL_PASSES_OF_TOWN, &st, err, "iiiii", place_at(q->place, LEVEL_TOWN), q->place,
			     end, before, q->limit) < 0)
			return -1;
		rc = add_passes(w, st, ret, &cap, err);
	} else {
		int64_t last;
		if ((rc = db_get_i64(w->db, &SQL_PASS_SEQ_BEFORE, &last, err, "i", before)) <= 0)
			return rc;
		int64_t floor = last > PASSES_WINDOW ? last - PASSES_WINDOW : 0;
		if (db_start(w->db, &SQL_PASSES_NEWEST, &st, err, "iiiii", q->place, end, last + 1, floor, q->limit) <
		    0)
			return -1;
		rc = add_passes(w, st, ret, &cap, err);
		if ((int64_t)ret->n < q->limit && floor)
			*ret_more = floor;
	}
	if (rc == 0 && (int64_t)ret->n == q->limit)
		*ret_more = ((struct pass *)ret->items)[ret->n - 1].seq;
	return rc;
}

/* All ids of one member of the public, the newest passes first; what lies out of the caller's scope is left out. */
static int passes_about(struct work *w, const struct view_query *q, int64_t before, struct list *ret, struct err *err)
{
	struct list ids;
	struct pass *kept = NULL;
	size_t n = 0, cap = 0;
	if (subject_ids(w, &q->about, &ids, err) < 0)
		return -1;
	for (size_t i = 0; i < ids.n; i++) {
		struct list some;
		if (passes_of_subject(w, &((struct uuid *)ids.items)[i], &some, err) < 0)
			return -1;
		const struct pass *p = some.items;
		for (size_t k = some.n; k-- > 0;) {
			if (p[k].seq >= before || !place_within(p[k].area, q->place))
				continue;
			if (!(kept = arena_grow(w->arena, kept, n, &cap, sizeof *kept)))
				return err_kind_set(err, &ERR_NO_MEMORY);
			size_t at = n++;
			for (; at && kept[at - 1].seq < p[k].seq; at--)
				kept[at] = kept[at - 1];
			kept[at] = p[k];
		}
	}
	*ret = (struct list){ kept, n };
	return 0;
}

int passes_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct list passes = { 0 };
	int64_t before = INT64_MAX, more = 0;
	char text[24];
	if (q->after.ptr && !str_to_i64(q->after, &before))
		return err_set(err, &ERR_FIELD_FORM, "after", "after", "next", NULL);
	int rc = uuid_is_nil(&q->about) ? passes_before(w, q, before, &passes, &more, err)
					: passes_about(w, q, before, &passes, err);
	if (rc < 0)
		return -1;
	const struct pass *p = passes.items;
	for (size_t i = 0; i < passes.n && (int64_t)i < q->limit; i++) {
		struct pass_item item;
		struct traveller holder;
		if (fill_pass(w, &p[i], reveal_passage(w, p[i].area, p[i].at), &item, &holder, err) < 0 ||
		    view_item(out, &item, err) < 0)
			return -1;
		if ((int64_t)i + 1 == q->limit && passes.n > i + 1)
			more = p[i].seq;
	}
	if (more) {
		snprintf(text, sizeof text, "%lld", (long long)more);
		view_next(out, arena_str(w->arena, str_of(text)));
	}
	return 0;
}

/* ---- one ---------------------------------------------------------------------------------- */

/* A name that the pass was issued without may be known from a screening. */
static int find_holder(struct work *w, const struct pass *p, struct traveller *holder, struct err *err)
{
	struct last_seen seen;
	if (holder->name.ptr)
		return 0;
	int rc = last_screening(w, &p->subject, &seen, err);
	if (rc == 1)
		*holder = *seen.person->person;
	return rc < 0 ? -1 : 0;
}

/* What ran out or was revoked is not handed out again; nor what can't be signed. */
static int put_code(struct work *w, const struct pass *p, const struct traveller *holder, struct pass_item *item,
		    struct err *err)
{
	struct buf svg = { 0 };
	struct pass_shown shown = { p->id,        p->area,           p->valid_from, p->valid_to,
				    holder->name, holder->id_number, p->purpose };
	if (item->state == PASS_REVOKED || item->state == PASS_EXPIRED || !w->keys || !keyring_has_secrets(w->keys))
		return 0;
	if (pass_code(w, &shown, &item->code, err) < 0)
		return -1;
	int rc = qr_svg(item->code, &svg, err);
	if (rc == 0 && !(item->svg = arena_str(w->arena, buf_view(&svg))).ptr)
		rc = err_kind_set(err, &ERR_NO_MEMORY);
	buf_finish(&svg);
	return rc;
}

int pass_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct event ev;
	struct list passes = { 0 };
	struct pass_item item;
	struct traveller holder;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = work_event_by_id(w, &id, false, &ev, err);
	if (rc < 0)
		return -1;
	if (!rc || strcmp(ev.form->type, "pass.issued") != 0 || !principal_may(w->who, AT_CHECKPOINTS, ev.area, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	const struct pass_issued *d = ev.data;
	if (passes_of_subject(w, &d->subject, &passes, err) < 0)
		return -1;
	const struct pass *p = passes.items;
	size_t i = 0;
	while (i < passes.n && p[i].seq != ev.seq)
		i++;
	if (i == passes.n) /* withdrawn */
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (view_reason_open(w, q, &d->subject, err) < 0 ||
	    fill_pass(w, &p[i], reveal_passage(w, ev.area, ev.at), &item, &holder, err) < 0 ||
	    find_holder(w, &p[i], &holder, err) < 0 || put_code(w, &p[i], &holder, &item, err) < 0 ||
	    thing_history(w, &id, &item.history, err) < 0)
		return -1;
	return view_item(out, &item, err);
}

/* ---- what a phone carries ----------------------------------------------------------------- */

/* Eight bytes of a pass's id tell it: made of its moment and chance. */
#define REVOKED_TOLD 8
#define REVOKED_MOST 20000

struct revocations_answer {
	struct str key;
	int64_t as_of, complete;
	struct list revoked;
};

static const struct field REVOCATIONS_FIELDS[] = {
	{ "key", FIELD_TEXT, FIELD_NEEDED, AT(revocations_answer, key), .zh = "验证公钥（Ed25519，base64url）",
	  .en = "Public key that verifies passes (Ed25519, base64url)" },
	{ "as_of", FIELD_TIME, FIELD_NEEDED, AT(revocations_answer, as_of), .zh = "截至", .en = "As of" },
	{ "revoked", FIELD_LIST, FIELD_NEEDED, AT(revocations_answer, revoked), .element = FIELD_TEXT,
	  .zh = "已撤销（编号前8字节，base64url）", .en = "Revoked (first 8 bytes of the id, base64url)" },
	{ "complete", FIELD_BOOL, FIELD_NEEDED, AT(revocations_answer, complete), .zh = "完整", .en = "All of them" },
};
struct shape REVOCATIONS_ANSWER = { .name = "Revocations", SHAPE_OF(REVOCATIONS_FIELDS, struct revocations_answer) };

static int told(struct work *w, const void *bytes, size_t n, struct str *ret, struct err *err)
{
	struct buf b = { 0 };
	buf_b64(&b, bytes, n);
	*ret = b.failed ? STR_NONE : arena_str(w->arena, buf_view(&b));
	buf_finish(&b);
	return ret->ptr ? 0 : err_kind_set(err, &ERR_NO_MEMORY);
}

/* Of the whole store: a pass holds at every checkpoint. Those that ran out need no telling. */
int revocations_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct revocations_answer answer = { .as_of = w->now };
	struct str *items = NULL;
	size_t n = 0, cap = 0;
	int rc;
	(void)q;
	if (w->keys && told(w, keyring_public(w->keys), 32, &answer.key, err) < 0)
		return -1;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_PASSES_REVOKED, &st, err, "ii", w->now, (int64_t)REVOKED_MOST + 1) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1 && n < REVOKED_MOST) {
		struct uuid id = stmt_uuid(st, 0);
		if (!(items = arena_grow(w->arena, items, n, &cap, sizeof *items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		if (told(w, id.b, REVOKED_TOLD, &items[n++], err) < 0)
			return -1;
	}
	if (rc < 0)
		return -1;
	answer.revoked = (struct list){ items, n };
	answer.complete = rc == 0;
	return view_item(out, &answer, err);
}
