/* Checkpoints and their day; and what is behind the figures. */
#include "checkpoints.sql.h"
#include "domain/checkpoints/internal.h"

#define AT(type, member) offsetof(struct type, member)

int checkpoints_of(struct work *w, place_t place, place_t after, const struct uuid *after_id, size_t most,
		   struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct site *sites = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_CHECKPOINT_SITES, &st, err, "iiiiui", place, place + place_span(place),
		     (int64_t)SITE_CHECKPOINT, after, after_id, (int64_t)most) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(sites = arena_grow(w->arena, sites, n, &cap, sizeof *sites)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		sites[n++] = (struct site){ .id = stmt_uuid(st, 0),
					    .place = stmt_i64(st, 1),
					    .kind = SITE_CHECKPOINT,
					    .opened = stmt_i64(st, 2),
					    .closed = stmt_i64(st, 3),
					    .seq = stmt_i64(st, 4) };
	}
	*ret = (struct list){ sites, n };
	return rc < 0 ? -1 : 0;
}

struct day_item {
	int64_t vehicles, people, fevers, follow_ups;
};

static const struct field DAY_FIELDS[] = {
	{ "vehicles", FIELD_INT, FIELD_NEEDED, AT(day_item, vehicles), .zh = "车辆", .en = "Vehicles" },
	{ "people", FIELD_INT, FIELD_NEEDED, AT(day_item, people), .zh = "人员", .en = "People" },
	{ "fevers", FIELD_INT, FIELD_NEEDED, AT(day_item, fevers), .zh = "发热", .en = "Fevers" },
	{ "follow_ups", FIELD_INT, FIELD_NEEDED, AT(day_item, follow_ups), .zh = "转随访", .en = "To be followed up" },
};
static struct shape DAY_ITEM = { .name = "CheckpointDay", SHAPE_OF(DAY_FIELDS, struct day_item) };

struct checkpoint_item {
	struct uuid site;
	struct str name, place_name;
	int64_t place, open, last_passage;
	struct day_item *today;
};

static const struct field CHECKPOINT_FIELDS[] = {
	{ "site", FIELD_REF, FIELD_NEEDED, AT(checkpoint_item, site), .thing = THING_SITE, .zh = "检查点",
	  .en = "Checkpoint" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(checkpoint_item, name), .zh = "名称", .en = "Name" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(checkpoint_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(checkpoint_item, place_name), .zh = "地名", .en = "Place name" },
	{ "open", FIELD_BOOL, FIELD_NEEDED, AT(checkpoint_item, open), .zh = "启用中", .en = "Open" },
	{ "today", FIELD_OBJECT, FIELD_NEEDED, AT(checkpoint_item, today), .shape = &DAY_ITEM, .zh = "今日",
	  .en = "Today" },
	{ "last_passage", FIELD_TIME, 0, AT(checkpoint_item, last_passage), .zh = "最近登记", .en = "Last passage" },
};
struct shape CHECKPOINT_ITEM = { .name = "Checkpoint", SHAPE_OF(CHECKPOINT_FIELDS, struct checkpoint_item) };

static int day_so_far(struct work *w, const struct uuid *site, struct day_item *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t today = day_of(w->now);
	if (db_start(w->db, &SQL_PASSAGE_DAY, &st, err, "uii", site, day_start(today), day_start(today + 1)) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct day_item){ stmt_i64(st, 0), stmt_i64(st, 1), stmt_i64(st, 2), stmt_i64(st, 3) };
	return rc < 0 ? -1 : 0;
}

int sites_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct list list;
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (checkpoints_of(w, q->place, after, &after_id, (size_t)q->limit, &list, err) < 0)
		return -1;
	struct site *sites = list.items;
	for (size_t i = 0; i < list.n; i++) {
		struct day_item today = { 0 };
		struct checkpoint_item item = { .today = &today, .last_passage = FIELD_ABSENT };
		if (site_read(w, &sites[i].id, w->now, &sites[i], err) < 0 ||
		    day_so_far(w, &sites[i].id, &today, err) < 0 ||
		    db_get_i64(w->db, &SQL_PASSAGE_LAST, &item.last_passage, err, "u", &sites[i].id) < 0)
			return -1;
		item.site = sites[i].id;
		item.name = sites[i].name;
		item.place = sites[i].place;
		item.place_name = place_name(w, sites[i].place, INT64_MAX);
		item.open = site_open_at(&sites[i], w->now);
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	if ((int64_t)list.n == q->limit)
		view_next(out, view_cursor(w->arena, sites[list.n - 1].place, &sites[list.n - 1].id));
	return 0;
}

/* ---- behind the figures ------------------------------------------------------------------- */

enum counted { VEHICLES, PEOPLE, FEVERS, TURNED_BACK, REFERRED };

/* A figure of people has as many things as people: the record once for each. The cursor's place tells record and
 * which of them; its id, the record's, where to go on. */
#define PEOPLE_MOST 64

struct behind_walk {
	struct work *w;
	const struct behind_query *q;
	behind_fn put;
	void *ctx;
	enum counted what;
	int64_t left;
	int64_t at, seq; /* strictly after this passage of the first checkpoint */
	int64_t resumed; /* of the passage `resume_seq` so many are shown already */
	int64_t resume_seq;
};

struct passage {
	int64_t at, seq, counts[REFERRED + 1];
};

#define PASSAGES_PAGE 200

/* 1 enough, 0 the checkpoint is done, -1. */
static int put_passages(struct behind_walk *k, const struct passage *p, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct event ev;
		int64_t from = p[i].seq == k->resume_seq ? k->resumed : 0;
		if (from >= p[i].counts[k->what])
			continue;
		if (work_event(k->w, p[i].seq, false, &ev, err) <= 0)
			return err_fmt(err, &ERR_STORE_CORRUPT, "a screening's record is missing");
		for (; from < p[i].counts[k->what]; from++) {
			struct behind_item item = { p[i].seq * PEOPLE_MOST + from, ev.id, &p[i].seq, 1 };
			if (k->put(k->ctx, &item, err) < 0)
				return -1;
			if (--k->left == 0)
				return 1;
		}
	}
	return 0;
}

static int walk_site(struct behind_walk *k, const struct uuid *site, struct err *err)
{
	for (;;) {
		struct passage page[PASSAGES_PAGE];
		size_t n = 0;
		int rc;
		{
			_cleanup_(stmt_endp) struct stmt *st = NULL;
			if (db_start(k->w->db, &SQL_PASSAGE_AFTER, &st, err, "uiiiii", site, k->q->before, k->at,
				     k->seq, k->q->incident_no, (int64_t)PASSAGES_PAGE) < 0)
				return -1;
			while ((rc = stmt_step(st, err)) == 1) {
				page[n] = (struct passage){ stmt_i64(st, 0), stmt_i64(st, 1), { 0 } };
				for (int c = VEHICLES; c <= REFERRED; c++)
					page[n].counts[c] = stmt_i64(st, 2 + c);
				n++;
			}
			if (rc < 0)
				return -1;
		}
		if ((rc = put_passages(k, page, n, err)))
			return rc;
		if (n < PASSAGES_PAGE)
			return 0;
		k->at = page[n - 1].at;
		k->seq = page[n - 1].seq;
	}
}

/* Where a page before this one ended: its last record, which may have more people to show. */
static int resume(struct behind_walk *k, struct uuid *ret_site, struct err *err)
{
	struct event ev;
	*ret_site = (struct uuid){ 0 };
	k->at = INT64_MIN + 1;
	k->seq = 0;
	if (k->q->after_place < 0)
		return 0;
	int rc = work_event_by_id(k->w, &k->q->after_id, false, &ev, err);
	if (rc < 0)
		return -1;
	if (!rc || ev.form->shape != &SCREENING_RECORDED)
		return err_set(err, &ERR_FIELD_FORM, "after", "after", "next", NULL);
	*ret_site = ev.place_site;
	k->at = ev.at;
	k->seq = ev.seq - 1;
	k->resume_seq = ev.seq;
	k->resumed = k->q->after_place % PEOPLE_MOST + 1;
	return 1;
}

static int behind(struct work *w, const struct behind_query *q, enum counted what, behind_fn put, void *ctx,
		  struct err *err)
{
	struct behind_walk k = { .w = w, .q = q, .put = put, .ctx = ctx, .what = what, .left = q->limit };
	struct uuid site;
	struct site last = { .place = -1 };
	int rc = resume(&k, &site, err);
	if (rc < 0)
		return -1;
	if (rc) {
		if (site_get(w, &site, &last, err) < 0 || (rc = walk_site(&k, &site, err)))
			return rc < 0 ? -1 : 0;
	}
	for (;;) {
		struct list sites;
		if (checkpoints_of(w, q->place, last.place, &last.id, PASSAGES_PAGE, &sites, err) < 0)
			return -1;
		const struct site *s = sites.items;
		for (size_t i = 0; i < sites.n; i++) {
			last = s[i];
			k.at = INT64_MIN + 1;
			k.seq = 0;
			if ((rc = walk_site(&k, &s[i].id, err)))
				return rc < 0 ? -1 : 0;
		}
		if (sites.n < PASSAGES_PAGE)
			return 0;
	}
}

static int behind_vehicles(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind(w, q, VEHICLES, put, ctx, err);
}

static int behind_people(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind(w, q, PEOPLE, put, ctx, err);
}

static int behind_fevers(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind(w, q, FEVERS, put, ctx, err);
}

static int behind_turned_back(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind(w, q, TURNED_BACK, put, ctx, err);
}

static int behind_referred(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind(w, q, REFERRED, put, ctx, err);
}

const struct figure_def CHECKPOINTS_FIGURES[CHECKPOINTS_N_FIGURES] = {
	{ "vehicles", .per_incident = true, .zh = "检查车辆", .en = "Vehicles screened", .behind = behind_vehicles },
	{ "people_screened", .per_incident = true, .zh = "检查人员", .en = "People screened", .behind = behind_people },
	{ "fevers", .per_incident = true, .zh = "发热", .en = "Fevers found", .behind = behind_fevers },
	{ "turned_back", .per_incident = true, .zh = "劝返", .en = "Turned back", .behind = behind_turned_back },
	{ "referred", .per_incident = true, .zh = "转送就诊", .en = "Referred", .behind = behind_referred },
};
