/* Screenings read: as a list, newest first, and singly with all that is known. */
#include <stdio.h>

#include "checkpoints.sql.h"
#include "domain/checkpoints/internal.h"

#define AT(type, member) offsetof(struct type, member)

static const struct err_kind ERR_TOO_WIDE = { "place_too_wide", 400, "这个范围内检查点太多，请选择一个县、镇或检查点",
					      "Too many checkpoints there: choose a county, a town or one checkpoint" };

/* A shift of twelve hours and a day after. */
#define AT_HAND_MS (36LL * 3600 * 1000)

bool holds_checkpoint(const struct work *w, place_t area)
{
	return w->who && !w->who->local && principal_may(w->who, ROLE_CHECKPOINT, area, w->now);
}

enum reveal reveal_passage(const struct work *w, place_t area, int64_t at)
{
	return reveal_if(w, area, w->now - at < AT_HAND_MS && holds_checkpoint(w, area));
}

/* ---- one screening ------------------------------------------------------------------------ */

static const struct field BOUND_FIELDS[] = {
	{ "place", FIELD_PLACE, 0, AT(bound_item, place), .zh = "目的地区划", .en = "Division" },
	{ "place_name", FIELD_TEXT, 0, AT(bound_item, place_name), .zh = "地名", .en = "Place name" },
	{ "text", FIELD_TEXT, 0, AT(bound_item, text), .zh = "落脚地址", .en = "Address" },
};
struct shape BOUND_ITEM = { .name = "Bound", SHAPE_OF(BOUND_FIELDS, struct bound_item) };

static const struct field PERSON_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED, AT(person_item, subject), .thing = THING_SUBJECT, .zh = "对象",
	  .en = "Subject" },
	{ "name", FIELD_TEXT, 0, AT(person_item, name), .zh = "姓名", .en = "Name" },
	{ "id_number", FIELD_TEXT, 0, AT(person_item, id_number), .zh = "身份证号", .en = "Citizen id number" },
	{ "phone", FIELD_TEXT, 0, AT(person_item, phone), .zh = "电话", .en = "Phone" },
	{ "origin", FIELD_TEXT, 0, AT(person_item, origin), .zh = "来自", .en = "From where" },
	{ "destination", FIELD_OBJECT, 0, AT(person_item, destination), .shape = &BOUND_ITEM, .zh = "去往",
	  .en = "Where to" },
	{ "temperature", FIELD_TEMPERATURE, 0, AT(person_item, temperature), .zh = "体温", .en = "Temperature" },
	{ "symptoms", FIELD_LIST, 0, AT(person_item, symptoms), .element = FIELD_ENUM, .values = SYMPTOMS,
	  .values_zh = SYMPTOMS_ZH, .zh = "症状", .en = "Symptoms" },
	{ "unwell", FIELD_BOOL, 0, AT(person_item, unwell), .zh = "有症状", .en = "Has symptoms" },
	{ "decision", FIELD_ENUM, FIELD_NEEDED, AT(person_item, decision), .values = DECISIONS,
	  .values_zh = DECISIONS_ZH, .zh = "处置", .en = "Decision" },
	{ "note", FIELD_TEXT, 0, AT(person_item, note), .zh = "备注", .en = "Note" },
};
static struct shape PERSON_ITEM = { .name = "ScreenedPerson", SHAPE_OF(PERSON_FIELDS, struct person_item) };

struct screening_item {
	struct uuid id, site;
	int64_t seq, at, received, place, direction, vehicle_kind, withdrawn;
	struct str site_name, place_name, plate, actor;
	struct list people, history;
};

static const struct field SCREENING_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(screening_item, id), .thing = THING_EVENT, .zh = "编号", .en = "Id" },
	{ "seq", FIELD_INT, FIELD_NEEDED, AT(screening_item, seq), .zh = "序号", .en = "Sequence" },
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(screening_item, at), .zh = "时间", .en = "Happened" },
	{ "received", FIELD_TIME, FIELD_NEEDED, AT(screening_item, received), .zh = "收到时间", .en = "Received" },
	{ "site", FIELD_REF, FIELD_NEEDED, AT(screening_item, site), .thing = THING_SITE, .zh = "检查点",
	  .en = "Checkpoint" },
	{ "site_name", FIELD_TEXT, 0, AT(screening_item, site_name), .zh = "检查点名称", .en = "Its name" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(screening_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(screening_item, place_name), .zh = "地名", .en = "Place name" },
	{ "direction", FIELD_ENUM, FIELD_NEEDED, AT(screening_item, direction), .values = DIRECTIONS,
	  .values_zh = DIRECTIONS_ZH, .zh = "方向", .en = "Direction" },
	{ "plate", FIELD_TEXT, 0, AT(screening_item, plate), .zh = "号牌", .en = "Plate" },
	{ "vehicle_kind", FIELD_ENUM, 0, AT(screening_item, vehicle_kind), .values = VEHICLE_KINDS,
	  .values_zh = VEHICLE_KINDS_ZH, .zh = "车型", .en = "Kind of vehicle" },
	{ "people", FIELD_LIST, FIELD_NEEDED, AT(screening_item, people), .element = FIELD_OBJECT,
	  .shape = &PERSON_ITEM, .zh = "人员", .en = "People" },
	{ "actor", FIELD_TEXT, FIELD_NEEDED, AT(screening_item, actor), .zh = "记录人", .en = "Recorded by" },
	{ "withdrawn", FIELD_BOOL, 0, AT(screening_item, withdrawn), .zh = "已撤销", .en = "Withdrawn" },
	{ "history", FIELD_LIST, 0, AT(screening_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
struct shape SCREENING_ITEM = { .name = "Screening", SHAPE_OF(SCREENING_FIELDS, struct screening_item) };

/* 陕G***5: whose province, not which car. */
struct str mask_plate(struct arena *a, struct str s)
{
	size_t head = 0, tail = s.len;
	for (int k = 0; k < 2 && head < s.len; k++) {
		do
			head++;
		while (head < s.len && ((unsigned char)s.ptr[head] & 0xc0) == 0x80);
	}
	while (tail > head && ((unsigned char)s.ptr[tail - 1] & 0xc0) == 0x80)
		tail--;
	if (tail > head)
		tail--;
	if (!s.ptr || tail - head < 2)
		return s.ptr ? STR("***") : s;
	char text[80];
	snprintf(text, sizeof text, "%.*s***%.*s", (int)head, s.ptr, (int)(s.len - tail), s.ptr + tail);
	return arena_str(a, str_of(text));
}

static struct bound_item *bound_of(struct work *w, const struct screened *p, bool full)
{
	struct bound_item *b;
	if ((!p->destination && !p->address.ptr) || !(b = arena_alloc(w->arena, sizeof *b)))
		return NULL;
	b->place = p->destination ? p->destination->place : FIELD_ABSENT;
	if (b->place != FIELD_ABSENT)
		b->place_name = place_name(w, b->place, INT64_MAX);
	b->text = full ? p->address : mask_address(w->arena, p->address);
	return b;
}

void screened_fill(struct work *w, const struct screened *p, enum reveal reveal, struct person_item *ret)
{
	bool full = reveal == REVEAL_FULL;
	*ret = (struct person_item){ .subject = p->subject,
				     .origin = p->origin,
				     .destination = bound_of(w, p, full),
				     .temperature = p->temperature,
				     .unwell = p->unwell,
				     .decision = p->decision };
	if (full) {
		ret->symptoms = p->symptoms;
		ret->note = p->note;
	}
	if (!p->person || reveal == REVEAL_NOTHING)
		return;
	ret->name = full ? p->person->name : mask_name(w->arena, p->person->name);
	ret->id_number = full ? p->person->id_number : mask_idno(w->arena, p->person->id_number);
	ret->phone = full ? p->person->phone : mask_phone(w->arena, p->person->phone);
}

/* `opened`: whose data is shown in full for a stated reason, beside what the caller may see anyhow. */
static int fill_screening(struct work *w, const struct event *ev, enum reveal reveal, const struct uuid *opened,
			  struct screening_item *ret, struct err *err)
{
	const struct screening_recorded *d = ev->data;
	const struct screened *people = d->people.items;
	struct person_item *items = arena_alloc(w->arena, (d->people.n + 1) * sizeof *items);
	struct site site = { 0 };
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (site_read(w, &ev->place_site, w->now, &site, err) < 0)
		return -1;
	for (size_t i = 0; i < d->people.n; i++)
		screened_fill(w, &people[i], uuid_eq(&people[i].subject, opened) ? REVEAL_FULL : reveal, &items[i]);
	*ret = (struct screening_item){ .id = ev->id,
					.site = ev->place_site,
					.seq = ev->seq,
					.at = ev->at,
					.received = ev->received,
					.place = ev->area,
					.direction = d->direction,
					.vehicle_kind = FIELD_ABSENT,
					.withdrawn = FIELD_ABSENT,
					.site_name = site.name,
					.place_name = place_name(w, ev->area, INT64_MAX),
					.actor = ev->actor,
					.people = { items, d->people.n } };
	if (d->vehicle)
		ret->vehicle_kind = d->vehicle->kind;
	if (reveal == REVEAL_FULL || uuid_eq(&people[0].subject, opened))
		ret->plate = people[0].plate;
	else if (reveal != REVEAL_NOTHING)
		ret->plate = mask_plate(w->arena, people[0].plate);
	return 0;
}

/* The one whose data is asked for with a reason: the subject named, otherwise the first. */
static int open_one(struct work *w, const struct view_query *q, const struct event *ev, struct err *err)
{
	const struct screening_recorded *d = ev->data;
	const struct screened *people = d->people.items;
	for (size_t i = 0; i < d->people.n; i++) {
		if (uuid_is_nil(&q->about) || uuid_eq(&q->about, &people[i].subject))
			return view_reason_open(w, q, &people[i].subject, err);
	}
	return uuid_is_nil(&q->about) ? 0 : err_set(err, &ERR_UNKNOWN_THING, "about", "about", NULL);
}

int screening_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct event ev;
	struct screening_item item;
	int64_t by;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = work_event_by_id(w, &id, true, &ev, err);
	if (rc < 0)
		return -1;
	if (!rc || ev.form->shape != &SCREENING_RECORDED || !principal_may(w->who, AT_CHECKPOINTS, ev.area, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	enum reveal reveal = reveal_passage(w, ev.area, ev.at);
	if (open_one(w, q, &ev, err) < 0 || fill_screening(w, &ev, reveal, &w->opened, &item, err) < 0 ||
	    thing_history(w, &id, &item.history, err) < 0)
		return -1;
	if ((rc = db_get_i64(w->db, &SQL_SCREENING_VOIDED, &by, err, "i", ev.seq)) < 0)
		return -1;
	if (rc)
		item.withdrawn = 1;
	return view_item(out, &item, err);
}

/* ---- the list, newest first --------------------------------------------------------------- */

/* Each checkpoint's newest passage yet to be shown; the newest of them is the next. */
struct front {
	struct uuid site;
	int64_t at, seq; /* seq 0: none left */
};

struct newest {
	struct front *fronts;
	size_t n;
	int64_t from; /* the earliest moment */
};

#define SITES_MERGED 2000
/* With a search: so many are looked at a page. */
#define SCREENINGS_WINDOW 1000

static int front_next(struct work *w, struct front *f, int64_t from, int64_t at, int64_t seq, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_PASSAGE_BEFORE, &st, err, "uiii", &f->site, from, at, seq) < 0)
		return -1;
	int rc = stmt_step(st, err);
	f->at = rc == 1 ? stmt_i64(st, 0) : 0;
	f->seq = rc == 1 ? stmt_i64(st, 1) : 0;
	return rc < 0 ? -1 : 0;
}

static bool newer(const struct front *a, const struct front *b)
{
	return a->at != b->at ? a->at > b->at : a->seq > b->seq;
}

/* 1 and the next passage, 0 none, -1. */
static int newest_next(struct work *w, struct newest *m, struct front *ret, struct err *err)
{
	struct front *best = NULL;
	for (size_t i = 0; i < m->n; i++) {
		if (m->fronts[i].seq && (!best || newer(&m->fronts[i], best)))
			best = &m->fronts[i];
	}
	if (!best)
		return 0;
	*ret = *best;
	return front_next(w, best, m->from, ret->at, ret->seq, err) < 0 ? -1 : 1;
}

/* "AT.SEQ": strictly before that passage. */
static int cursor_parse(struct str after, int64_t *ret_at, int64_t *ret_seq, struct err *err)
{
	const char *dot = memchr(after.ptr, '.', after.len);
	size_t n = dot ? (size_t)(dot - after.ptr) : 0;
	if (dot && str_to_i64((struct str){ after.ptr, n }, ret_at) &&
	    str_to_i64((struct str){ dot + 1, after.len - n - 1 }, ret_seq))
		return 0;
	return err_set(err, &ERR_FIELD_FORM, "after", "after", "next", NULL);
}

static void cursor_put(struct work *w, struct view_out *out, const struct front *last)
{
	char text[48];
	snprintf(text, sizeof text, "%lld.%lld", (long long)last->at, (long long)last->seq);
	view_next(out, arena_str(w->arena, str_of(text)));
}

static int newest_begin(struct work *w, const struct view_query *q, struct newest *m, struct err *err)
{
	struct list sites;
	struct uuid none = { 0 };
	struct site one;
	int64_t at = q->to == FIELD_ABSENT ? INT64_MAX : day_start(q->to + 1), seq = 0;
	int rc = 1;
	if (q->after.ptr && cursor_parse(q->after, &at, &seq, err) < 0)
		return -1;
	m->from = q->from == FIELD_ABSENT ? INT64_MIN + 1 : day_start(q->from);
	if (uuid_is_nil(&q->site)) {
		if (checkpoints_of(w, q->place, -1, &none, SITES_MERGED + 1, &sites, err) < 0)
			return -1;
	} else {
		if ((rc = site_get(w, &q->site, &one, err)) < 0)
			return -1;
		if (!rc || one.kind != SITE_CHECKPOINT || !place_within(one.place, q->place) ||
		    !principal_may(w->who, AT_CHECKPOINTS, one.place, w->now))
			return err_set(err, &ERR_UNKNOWN_THING, "site", "site", NULL);
		sites = (struct list){ &one, 1 };
	}
	if (sites.n > SITES_MERGED)
		return err_set(err, &ERR_TOO_WIDE, "place", NULL);
	const struct site *s = sites.items;
	if (!(m->fronts = arena_alloc(w->arena, (sites.n + 1) * sizeof *m->fronts)))
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (; m->n < sites.n; m->n++) {
		m->fronts[m->n].site = s[m->n].id;
		if (front_next(w, &m->fronts[m->n], m->from, at, seq, err) < 0)
			return -1;
	}
	return 0;
}

static bool has(struct str text, struct str q)
{
	return text.ptr && memmem(text.ptr, text.len, q.ptr, q.len);
}

/* Only by what the caller is shown: a masked name can't be guessed at. */
static bool item_has(const struct screening_item *item, struct str q)
{
	const struct person_item *people = item->people.items;
	if (!q.ptr || !q.len || has(item->plate, q))
		return true;
	for (size_t i = 0; i < item->people.n; i++) {
		if (has(people[i].name, q) || has(people[i].origin, q))
			return true;
	}
	return false;
}

int screenings_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct newest m = { 0 };
	struct front last = { 0 };
	const struct uuid none = { 0 };
	int64_t shown = 0, looked = 0;
	int rc;
	if (newest_begin(w, q, &m, err) < 0)
		return -1;
	while (shown < q->limit && looked < SCREENINGS_WINDOW) {
		struct screening_item item;
		struct event ev;
		if ((rc = newest_next(w, &m, &last, err)) <= 0)
			return rc;
		looked++;
		if ((rc = work_event(w, last.seq, true, &ev, err)) <= 0)
			return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a screening's record is missing");
		if (fill_screening(w, &ev, reveal_passage(w, ev.area, ev.at), &none, &item, err) < 0)
			return -1;
		if (!item_has(&item, q->q))
			continue;
		shown++;
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	cursor_put(w, out, &last);
	return 0;
}
