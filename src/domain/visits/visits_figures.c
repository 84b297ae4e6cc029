/* What is behind the module's figures: acts in the order they were recorded,
 * follow-ups by place, missed observations one by one. */
#include "domain/visits/internal.h"
#include "visits.sql.h"

/* So many rows are looked at a page: what is left shows as an empty item that only moves the cursor on. */
#define ACTS_WINDOW 5000

struct act {
	int64_t seq, at, incident;
	place_t area;
};

/* Acts of a table that stands in ledger order; the seq stands in for the place in the cursor. */
static int behind_acts(struct work *w, const struct sql *page, const struct behind_query *q, behind_fn put, void *ctx,
		       struct err *err)
{
	struct act *acts = arena_alloc(w->arena, ACTS_WINDOW * sizeof *acts);
	int64_t shown = 0;
	size_t n = 0;
	int rc;
	if (!acts)
		return err_kind_set(err, &ERR_NO_MEMORY);
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, page, &st, err, "ii", q->after_place, (int64_t)ACTS_WINDOW) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1)
			acts[n++] = (struct act){ stmt_i64(st, 0), stmt_i64(st, 1), stmt_i64(st, 3), stmt_i64(st, 2) };
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct event ev;
		if (!place_within(acts[i].area, q->place) || acts[i].at >= q->before ||
		    acts[i].incident != q->incident_no)
			continue;
		if (work_event(w, acts[i].seq, false, &ev, err) <= 0)
			return -1;
		const struct behind_item item = { acts[i].seq, ev.id, &acts[i].seq, 1 };
		if (put(ctx, &item, err) < 0)
			return -1;
		if (++shown == q->limit)
			return 0;
	}
	const struct behind_item so_far = { n ? acts[n - 1].seq : 0, { { 0 } }, NULL, 0 };
	return n == ACTS_WINDOW ? put(ctx, &so_far, err) : 0;
}

static int behind_visits(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_acts(w, &SQL_VISIT_PAGE, q, put, ctx, err);
}

static int behind_observations(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_acts(w, &SQL_OBSERVATION_PAGE, q, put, ctx, err);
}

static int behind_followups(struct work *w, const struct sql *rows, const struct behind_query *q, behind_fn put,
			    void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, rows, &st, err, "iiiiiui", q->place, q->place + place_span(q->place), q->incident_no,
		     q->before, q->after_place, &q->after_id, q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t seq = stmt_i64(st, 2);
		const struct behind_item item = { stmt_i64(st, 0), stmt_uuid(st, 1), &seq, 1 };
		if (put(ctx, &item, err) < 0)
			return -1;
	}
	return rc;
}

static int behind_opened(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_followups(w, &SQL_FOLLOWUPS_OPENED_BEFORE, q, put, ctx, err);
}

static int behind_open(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return behind_followups(w, &SQL_FOLLOWUPS_OPEN_BEFORE, q, put, ctx, err);
}

/* One item a missed observation. The cursor is the follow-up's seq and which of its missed ones, in one number. */
#define MISSED_STEP   1000 /* more than days × times a day */
#define MISSED_WINDOW 300

struct missed_walk {
	const struct behind_query *q;
	behind_fn put;
	void *ctx;
	int64_t shown, upto; /* until this moment days are over */
};

static int put_missed(struct work *w, const struct followup *f, struct missed_walk *k, struct err *err)
{
	struct calendar_day days[CALENDAR_DAYS_MAX];
	const struct course c = followup_course(f);
	struct list all;
	int64_t missed = 0;
	if (f->incident != k->q->incident_no || !place_within(f->place, k->q->place))
		return 0;
	if (observations_read(w, &f->id, INT64_MIN, &all, err) < 0)
		return -1;
	size_t n = calendar_make(&c, all.items, all.n, k->upto, days);
	for (size_t i = 0; i < n; i++)
		missed += days[i].missed;
	for (int64_t m = 0; m < missed && k->shown < k->q->limit; m++) {
		const struct behind_item item = { f->seq * MISSED_STEP + m, f->id, &f->seq, 1 };
		if (item.place <= k->q->after_place)
			continue;
		if (k->put(k->ctx, &item, err) < 0)
			return -1;
		k->shown++;
	}
	return 0;
}

static int behind_missed(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	struct missed_walk k = { q, put, ctx, 0, q->before - 1 < w->now ? q->before - 1 : w->now };
	int64_t from = q->after_place < 0 ? 0 : q->after_place / MISSED_STEP;
	struct list page;
	if (followups_by_seq(w, from, MISSED_WINDOW, &page, err) < 0)
		return -1;
	const struct followup *f = page.items;
	for (size_t i = 0; i < page.n && k.shown < q->limit; i++) {
		if (put_missed(w, &f[i], &k, err) < 0)
			return -1;
	}
	if (k.shown == q->limit || page.n < MISSED_WINDOW)
		return 0;
	const struct behind_item so_far = { f[page.n - 1].seq * MISSED_STEP + MISSED_STEP - 1, { { 0 } }, NULL, 0 };
	return put(ctx, &so_far, err);
}

const struct figure_def VISITS_FIGURES[VISITS_N_FIGURES] = {
	{ "visits", .per_incident = true, .zh = "走访", .en = "Visits", .behind = behind_visits },
	{ "followups_opened", .per_incident = true, .zh = "开始随访", .en = "Follow-ups opened",
	  .behind = behind_opened },
	{ "followups_open", .per_incident = true, .zh = "正在随访", .en = "Follow-ups open", .behind = behind_open },
	{ "observations", .per_incident = true, .zh = "随访观察", .en = "Observations", .behind = behind_observations },
	{ "observations_missed", .per_incident = true, .zh = "漏做的观察", .en = "Observations missed",
	  .behind = behind_missed },
};
