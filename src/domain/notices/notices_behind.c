/* What is behind the figures of notices. */
#include "domain/notices/internal.h"
#include "notices.sql.h"

static int put_rows(struct work *w, const struct sql *sql, const struct behind_query *q, int64_t before, behind_fn put,
		    void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, sql, &st, err, "iiiuiii", q->place, q->place + place_span(q->place), q->after_place,
		     &q->after_id, before, q->incident_no, q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t seq = stmt_i64(st, 2);
		struct behind_item item = { stmt_i64(st, 0), stmt_uuid(st, 1), &seq, 1 };
		if (put(ctx, &item, err) < 0)
			return -1;
	}
	return rc;
}

static int behind_notices(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	return put_rows(w, &SQL_NOTICES_BEHIND, q, q->before, put, ctx, err);
}

/* Each by its own record: a unit may have acknowledged many, a notice been acknowledged by many at one place. */
static int behind_acknowledgements(struct work *w, const struct behind_query *q, behind_fn put, void *ctx,
				   struct err *err)
{
	return put_rows(w, &SQL_NOTICE_ACKS_BEHIND, q, q->before, put, ctx, err);
}

/* The notice at the unit that let its hour pass; with the acknowledgement, if it came after all. */
static int behind_late(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t before = q->before <= w->now ? q->before : w->now + 1;
	int rc;
	if (db_start(w->db, &SQL_NOTICE_UNITS_LATE, &st, err, "iiiuiii", q->place, q->place + place_span(q->place),
		     q->after_place, &q->after_id, before, q->incident_no, q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t seqs[2] = { stmt_i64(st, 2), stmt_i64(st, 3) };
		struct behind_item item = { stmt_i64(st, 0), stmt_uuid(st, 1), seqs, seqs[1] == FIELD_ABSENT ? 1 : 2 };
		if (put(ctx, &item, err) < 0)
			return -1;
	}
	return rc;
}

const struct figure_def NOTICES_FIGURES[NOTICES_N_FIGURES] = {
	{ "notices", .per_incident = true, .zh = "下发通知", .en = "Notices issued", .behind = behind_notices },
	{ "acknowledgements", .per_incident = true, .zh = "通知签收", .en = "Acknowledgements",
	  .behind = behind_acknowledgements },
	{ "acknowledgements_late", .per_incident = true, .zh = "逾期签收和逾期未签收",
	  .en = "Acknowledgements given or still missing past the hour", .behind = behind_late },
};
