/* Derived tables and figures of people and teams. A person's facts are folded
 * in order of time, so a late change lands where it happened. */
#include "domain/teams/internal.h"
#include "teams.sql.h"

/* ---- people ------------------------------------------------------------------- */

struct person_fact {
	int64_t at, category, party, gone;
	struct uuid event;
};

/* The next in fold order: 1, 0 at the end, -1. */
static int next_fact(struct stmt *st, struct person_fact *ret, struct err *err)
{
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct person_fact){ stmt_i64(st, 0), stmt_i64(st, 1), stmt_i64(st, 2), stmt_i64(st, 3),
					     stmt_uuid(st, 4) };
	return rc;
}

int person_standing(struct work *w, const struct uuid *id, int64_t at, struct standing *ret, struct err *err)
{
	struct uuid none = { 0 };
	return person_standing_without(w, id, at, &none, ret, err);
}

int person_standing_without(struct work *w, const struct uuid *id, int64_t at, const struct uuid *event,
			    struct standing *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct person_fact f;
	bool known = false, gone = false;
	int rc;
	if (db_start(w->db, &SQL_PERSON_FACTS, &st, err, "u", id) < 0)
		return -1;
	*ret = (struct standing){ 0 };
	while ((rc = next_fact(st, &f, err)) == 1) {
		known = true;
		if (gone || f.at > at || uuid_eq(&f.event, event))
			continue;
		gone = f.gone != FIELD_ABSENT;
		ret->there = !gone;
		if (f.category != FIELD_ABSENT)
			ret->category = f.category;
		if (f.party != FIELD_ABSENT)
			ret->party_member = f.party;
	}
	return rc < 0 ? -1 : known;
}

int person_left_at(struct work *w, const struct uuid *id, int64_t *ret, struct err *err)
{
	*ret = INT64_MAX;
	return db_get_i64(w->db, &SQL_PERSON_LEFT_AT, ret, err, "u", id) < 0 ? -1 : 0;
}

int person_exposed_at(struct work *w, const struct uuid *id, int64_t at, struct err *err)
{
	int64_t seq;
	return db_get_i64(w->db, &SQL_EXPOSED_AT, &seq, err, "ui", id, at);
}

int person_exposed_between(struct work *w, const struct uuid *id, int64_t from, int64_t to, struct err *err)
{
	int64_t seq;
	return db_get_i64(w->db, &SQL_EXPOSED_BETWEEN, &seq, err, "uii", id, from, to);
}

/* Signed contribution of a person's fold to people.CATEGORY, and the compact current row. */
static int count_person(struct work *w, const struct uuid *id, place_t area, int sign, struct standing *ret_now,
			struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct person_fact f;
	int64_t category = FIELD_ABSENT;
	int rc;
	*ret_now = (struct standing){ 0 };
	if (db_start(w->db, &SQL_PERSON_FACTS, &st, err, "u", id) < 0)
		return -1;
	while ((rc = next_fact(st, &f, err)) == 1) {
		int64_t day = day_of(f.at), next = f.category;
		bool gone = f.gone != FIELD_ABSENT;
		if (gone || (next != FIELD_ABSENT && next != category)) {
			if (category != FIELD_ABSENT &&
			    figure_add_part(w, "people.", CATEGORY_NAMES[category], 0, area, day, -sign, err) < 0)
				return -1;
			if (!gone && figure_add_part(w, "people.", CATEGORY_NAMES[next], 0, area, day, sign, err) < 0)
				return -1;
			category = gone ? category : next;
		}
		ret_now->there = !gone;
		if (f.party != FIELD_ABSENT)
			ret_now->party_member = f.party;
		ret_now->category = category;
		if (gone)
			return 0;
	}
	return rc < 0 ? -1 : 0;
}

/* One fact goes in or out: the person's contribution before is taken back, the one after added. */
static int move_fact(struct work *w, const struct event *ev, const struct uuid *id, const struct person_fact *fact,
		     enum fact_move move, struct err *err)
{
	struct standing before, after;
	struct thing t;
	int rc = thing_get(w, id, &t, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a changed person is unknown");
	if (count_person(w, id, t.area, -1, &before, err) < 0)
		return -1;
	int64_t rank = ev->form->rank, done;
	if (move == FACT_VOIDED)
		done = db_run(w->db, &SQL_PERSON_FACT_DROP, err, "uiiu", id, ev->at, rank, &ev->id);
	else
		done = db_run(w->db, &SQL_PERSON_FACT_ADD, err, "uiiuIII", id, ev->at, rank, &ev->id, fact->category,
			      fact->party, fact->gone);
	if (done < 0 || count_person(w, id, t.area, 1, &after, err) < 0)
		return -1;
	done = db_run(w->db, &SQL_PERSON_SET, err, "iuiiii", t.area, id, after.category, (int64_t)after.party_member,
		      (int64_t)!after.there, (int64_t)(move == FACT_VOIDED ? -1 : 1));
	return done < 0 ? -1 : 0;
}

int person_enrolled_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct person_enrolled *d = ev->data;
	int64_t party = d->party_member == 1, rank = ev->form->rank;
	int sign = move == FACT_VOIDED ? -1 : 1;
	int64_t rc;
	if (move == FACT_VOIDED) {
		rc = db_run(w->db, &SQL_PERSON_DROP, err, "iu", ev->area, &d->id);
		if (rc >= 0)
			rc = db_run(w->db, &SQL_PERSON_FACT_DROP, err, "uiiu", &d->id, ev->at, rank, &ev->id);
	} else {
		rc = db_run(w->db, &SQL_PERSON_ADD, err, "iuiii", ev->area, &d->id, d->category, party, ev->seq);
		if (rc >= 0)
			rc = db_run(w->db, &SQL_PERSON_FACT_ADD, err, "uiiuIII", &d->id, ev->at, rank, &ev->id,
				    d->category, party, FIELD_ABSENT);
	}
	if (rc < 0)
		return -1;
	return figure_add_part(w, "people.", CATEGORY_NAMES[d->category], 0, ev->area, day_of(ev->at), sign, err);
}

int person_changed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct person_changed *d = ev->data;
	struct person_fact fact = { ev->at, d->category, d->party_member, FIELD_ABSENT, ev->id };
	return move_fact(w, ev, &d->person, &fact, move, err);
}

int person_left_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct person_left *d = ev->data;
	struct person_fact fact = { ev->at, FIELD_ABSENT, FIELD_ABSENT, 1, ev->id };
	return move_fact(w, ev, &d->person, &fact, move, err);
}

int person_exposed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct person_exposed *d = ev->data;
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_EXPOSURE_DROP, err, "uii", &d->person, d->since, ev->seq)
			 : db_run(w->db, &SQL_EXPOSURE_ADD, err, "uiiI", &d->person, d->since, ev->seq, d->until);
	return rc < 0 ? -1 : 0;
}

int subject_merged_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct subject_merged *d = ev->data;
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_SUBJECT_MERGE_DROP, err, "u", &d->from)
			 : db_run(w->db, &SQL_SUBJECT_MERGE_ADD, err, "uui", &d->from, &d->into, ev->seq);
	return rc < 0 ? -1 : 0;
}

/* ---- teams ------------------------------------------------------------------------ */

int team_get(struct work *w, const struct uuid *id, struct team *ret, struct err *err)
{
	struct thing t;
	int rc = thing_get(w, id, &t, err);
	if (rc <= 0 || !str_is(t.kind, THING_TEAM))
		return rc < 0 ? -1 : 0;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_TEAM_GET, &st, err, "iu", t.area, id) < 0)
		return -1;
	rc = stmt_step(st, err);
	if (rc == 1)
		*ret = (struct team){ *id, t.area, stmt_i64(st, 0), stmt_i64(st, 1), stmt_i64(st, 2), stmt_i64(st, 3) };
	return rc;
}

int team_facts_read(struct work *w, const struct uuid *team, struct list *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct team_fact *facts = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(w->db, &SQL_TEAM_FACTS, &st, err, "u", team) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (!(facts = arena_grow(w->arena, facts, n, &cap, sizeof *facts)))
			return err_kind_set(err, &ERR_NO_MEMORY);
		facts[n++] = (struct team_fact){ stmt_i64(st, 0), stmt_uuid(st, 1), stmt_i64(st, 2), stmt_uuid(st, 3) };
	}
	*ret = (struct list){ facts, n };
	return rc < 0 ? -1 : 0;
}

/* The members after one more fact; false when it changes nothing: a leaving of one who is not there. */
static bool members_apply(struct team_member *m, size_t *n, const struct team_fact *f)
{
	size_t i = 0;
	while (i < *n && !uuid_eq(&m[i].person, &f->person))
		i++;
	if (f->post == FIELD_ABSENT) {
		if (i == *n)
			return false;
		memmove(&m[i], &m[i + 1], (*n - i - 1) * sizeof *m);
		(*n)--;
	} else if (i == *n) {
		m[(*n)++] = (struct team_member){ f->person, f->post, f->at };
	} else {
		m[i].post = f->post; /* a new post for one already in */
	}
	return true;
}

int team_idle_leavings(struct work *w, const struct list *facts, const struct uuid *without, size_t *ret,
		       struct err *err)
{
	const struct team_fact *f = facts->items;
	struct team_member *m = arena_alloc(w->arena, (facts->n + 1) * sizeof *m);
	size_t n = 0;
	if (!m)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*ret = 0;
	for (size_t i = 0; i < facts->n; i++) {
		if (!(without && uuid_eq(&f[i].event, without)) && !members_apply(m, &n, &f[i]))
			++*ret;
	}
	return 0;
}

int team_members_at(struct work *w, const struct uuid *team, int64_t at, struct list *ret, struct err *err)
{
	struct list facts;
	size_t n = 0, kept = 0;
	if (team_facts_read(w, team, &facts, err) < 0)
		return -1;
	const struct team_fact *f = facts.items;
	struct team_member *m = arena_alloc(w->arena, (facts.n + 1) * sizeof *m);
	if (!m)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < facts.n && f[i].at <= at; i++)
		members_apply(m, &n, &f[i]);
	/* Who has left the organisation is in no team. */
	for (size_t i = 0; i < n; i++) {
		int64_t left;
		if (person_left_at(w, &m[i].person, &left, err) < 0)
			return -1;
		if (left > at)
			m[kept++] = m[i];
	}
	*ret = (struct list){ m, kept };
	return 0;
}

int team_formed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct team_formed *d = ev->data;
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_TEAM_DROP, err, "iu", ev->area, &d->id)
			 : db_run(w->db, &SQL_TEAM_ADD, err, "iuiii", ev->area, &d->id, d->kind, ev->at, ev->seq);
	if (rc < 0)
		return -1;
	return figure_add_part(w, "teams.", TEAM_KINDS[d->kind], 0, ev->area, day_of(ev->at),
			       move == FACT_VOIDED ? -1 : 1, err);
}

int team_dissolved_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct team_dissolved *d = ev->data;
	bool voided = move == FACT_VOIDED;
	struct team t = { 0 };
	int rc = team_get(w, &d->team, &t, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_INTERNAL, "a dissolved team is unknown");
	if (db_run(w->db, &SQL_TEAM_DISSOLVE, err, "iuI", t.area, &d->team, voided ? FIELD_ABSENT : ev->at) < 0)
		return -1;
	return figure_add_part(w, "teams.", TEAM_KINDS[t.kind], 0, t.area, day_of(ev->at), voided ? 1 : -1, err);
}

static int move_member(struct work *w, const struct event *ev, const struct uuid *team, const struct uuid *person,
		       int64_t post, enum fact_move move, struct err *err)
{
	int64_t rank = ev->form->rank;
	int64_t rc = move == FACT_VOIDED
			 ? db_run(w->db, &SQL_TEAM_FACT_DROP, err, "uiiu", team, ev->at, rank, &ev->id)
			 : db_run(w->db, &SQL_TEAM_FACT_ADD, err, "uiiuuI", team, ev->at, rank, &ev->id, person, post);
	return rc < 0 ? -1 : 0;
}

int team_joined_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct team_joined *d = ev->data;
	return move_member(w, ev, &d->team, &d->person, d->post, move, err);
}

int team_left_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct team_left *d = ev->data;
	return move_member(w, ev, &d->team, &d->person, FIELD_ABSENT, move, err);
}
