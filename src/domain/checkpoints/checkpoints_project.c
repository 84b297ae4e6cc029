/* Derived tables and figures of checkpoints and passes. A pass is revoked by the
 * first revocation that means it, whichever of the two arrived first. */
#include "checkpoints.sql.h"
#include "domain/checkpoints/internal.h"

static int done(int64_t rc)
{
	return rc < 0 ? -1 : 0;
}

struct tally tally_of(const struct screening_recorded *d)
{
	const struct screened *p = d->people.items;
	struct tally t = { .vehicles = d->vehicle && d->vehicle->kind != VEHICLE_ON_FOOT,
			   .people = (int64_t)d->people.n };
	for (size_t i = 0; i < d->people.n; i++) {
		t.fevers += p[i].temperature != FIELD_ABSENT && p[i].temperature >= FEVER;
		t.turned_back += p[i].decision == DECISION_TURNED_BACK;
		t.referred += p[i].decision == DECISION_REFERRED;
		t.follow_ups += p[i].decision == DECISION_FOLLOW_UP;
	}
	return t;
}

int screening_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	struct tally t = tally_of(ev->data);
	/* An entry read back names the site as its place. */
	const struct uuid *site = &ev->place_site;
	int64_t sign = move == FACT_VOIDED ? -1 : 1, day = day_of(ev->at);
	const struct {
		const char *name;
		int64_t n;
	} FIGURES[] = { { "vehicles", t.vehicles },
			{ "people_screened", t.people },
			{ "fevers", t.fevers },
			{ "turned_back", t.turned_back },
			{ "referred", t.referred } };
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_PASSAGE_DROP, err, "uii", site, ev->at, ev->seq)
			 : db_run(w->db, &SQL_PASSAGE_ADD, err, "uiiiiiiiii", site, ev->at, ev->seq, ev->incident_no,
				  t.vehicles, t.people, t.fevers, t.turned_back, t.referred, t.follow_ups);
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(FIGURES); i++) {
		if (FIGURES[i].n)
			rc = figure_add(w, FIGURES[i].name, ev->incident_no, ev->area, day, sign * FIGURES[i].n, err);
	}
	return done(rc);
}

/* ---- passes ------------------------------------------------------------------------------- */

struct revocation {
	int64_t at, seq;
	place_t area;
	struct pass_revoked what;
};

static int read_revocations(struct work *w, const struct uuid *subject, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct revocation *items = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_PASS_REVOCATIONS, &st, err, "u", subject) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(items = arena_grow(w->arena, items, n, &cap, sizeof *items)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		items[n++] = (struct revocation){ .at = stmt_i64(st, 0),
						  .seq = stmt_i64(st, 1),
						  .area = stmt_i64(st, 2),
						  .what = { .subject = *subject,
							    .pass = stmt_uuid(st, 3),
							    .valid_from = stmt_i64(st, 4),
							    .valid_to = stmt_i64(st, 5),
							    .purpose = arena_str(w->arena, stmt_text(st, 6)) } };
	}
	*ret = (struct list){ items, n };
	return rc < 0 ? -1 : 0;
}

/* The first in time that means a pass revokes it. */
static int refold(struct work *w, const struct uuid *subject, struct err *err)
{
	struct list passes = { 0 }, revocations = { 0 };
	if (passes_of_subject(w, subject, &passes, err) < 0 || read_revocations(w, subject, &revocations, err) < 0)
		return -1;
	const struct pass *p = passes.items;
	const struct revocation *r = revocations.items;
	for (size_t i = 0; i < passes.n; i++) {
		int64_t at = FIELD_ABSENT, by = FIELD_ABSENT;
		for (size_t k = 0; k < revocations.n && by == FIELD_ABSENT; k++) {
			if (pass_meant(&p[i], r[k].area, r[k].at, &r[k].what)) {
				at = r[k].at;
				by = r[k].seq;
			}
		}
		if ((at != p[i].revoked || by != p[i].revoked_by) &&
		    db_run(w->db, &SQL_PASS_REVOKE, err, "iII", p[i].seq, at, by) < 0)
			return -1;
	}
	return 0;
}

int pass_issued_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct pass_issued *d = ev->data;
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_PASS_DROP, err, "i", ev->seq));
	if (db_run(w->db, &SQL_PASS_ADD, err, "iuuiiiiis", ev->seq, &ev->id, &d->subject, ev->area,
		   place_at(ev->area, LEVEL_TOWN), ev->at, d->valid_from, d->valid_to, d->purpose) < 0)
		return -1;
	return refold(w, &d->subject, err);
}

int pass_revoked_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct pass_revoked *d = ev->data;
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_PASS_REVOCATION_DROP, err, "uii", &d->subject, ev->at, ev->seq)
			 : db_run(w->db, &SQL_PASS_REVOCATION_ADD, err, "uiiiUIIs", &d->subject, ev->at, ev->seq,
				  ev->area, &d->pass, d->valid_from, d->valid_to, d->purpose);
	return rc < 0 ? -1 : refold(w, &d->subject, err);
}
