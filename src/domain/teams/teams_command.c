/* What people and teams may record. */
#include "domain/teams/internal.h"
#include "teams.sql.h"

const struct err_kind ERR_PERSON_LEFT = { "person_left", 409, "该人员在此时间不在岗（尚未登记或已离岗）",
					  "The person is not enrolled at that time, or has left" };
static const struct err_kind ERR_PARTY_ONLY = { "party_members_only", 409, "临时党支部和党员先锋队只能由党员加入",
						"Only party members may join a temporary branch or a vanguard team" };
static const struct err_kind ERR_TEAM_DISSOLVED = { "team_dissolved", 409, "该队伍在此时间已解散",
						    "The team was dissolved by then" };
static const struct err_kind ERR_NOT_MEMBER = { "not_member", 409, "该人员当时不在这支队伍",
						"The person was not in this team then" };
static const struct err_kind ERR_SAME_SUBJECT = { "same_subject", 409, "两个编号相同，无需合并",
						  "The two are the same: nothing to merge" };
static const struct err_kind ERR_MERGED = { "already_merged", 409, "“from”已经合并过",
					    "\"from\" has been merged already" };

static int there(struct work *w, const struct uuid *person, int64_t at, struct standing *s, struct err *err)
{
	int rc = person_standing(w, person, at, s, err);
	if (rc < 0)
		return -1;
	return rc && s->there ? 0 : err_set(err, &ERR_PERSON_LEFT, "person", NULL);
}

int person_there_check(struct work *w, const struct event *ev, struct err *err)
{
	struct standing s;
	/* `person` is the first member of person.changed and person.left. */
	return there(w, ev->data, ev->at, &s, err);
}

int person_left_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct person_left *d = ev->data;
	int64_t left;
	if (person_there_check(w, ev, err) < 0 || person_left_at(w, &d->person, &left, err) < 0)
		return -1;
	return left == INT64_MAX ? 0 : err_set(err, &ERR_ALREADY_CLOSED, "person", "person", NULL);
}

/* Without the change, who joined a party members' team since must still have been one. */
int person_changed_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct person_changed *d = ev->data;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, &SQL_JOINED_SINCE, &st, err, "ui", &d->person, ev->at) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct uuid team = stmt_uuid(st, 1);
		int64_t at = stmt_i64(st, 0);
		struct team t;
		struct standing with, without;
		if (team_get(w, &team, &t, err) < 0 || person_standing(w, &d->person, at, &with, err) < 0 ||
		    person_standing_without(w, &d->person, at, &ev->id, &without, err) < 0)
			return -1;
		if ((t.kind == TEAM_BRANCH || t.kind == TEAM_VANGUARD) && with.party_member && !without.party_member)
			return err_set(err, &ERR_PARTY_ONLY, "event", NULL);
	}
	return rc;
}

int person_exposed_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct person_exposed *d = ev->data;
	(void)w;
	if (d->until != FIELD_ABSENT && d->until <= d->since)
		return err_set(err, &ERR_FIELD_RANGE, "until", "until", "> since", NULL);
	return 0;
}

static int live_team(struct work *w, const struct uuid *id, int64_t at, struct team *ret, struct err *err)
{
	int rc = team_get(w, id, ret, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "team", "team", NULL);
	if (ret->dissolved != FIELD_ABSENT && at >= ret->dissolved)
		return err_set(err, &ERR_TEAM_DISSOLVED, "team", NULL);
	return 0;
}

int team_joined_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct team_joined *d = ev->data;
	struct team t;
	struct standing s;
	if (live_team(w, &d->team, ev->at, &t, err) < 0 || there(w, &d->person, ev->at, &s, err) < 0)
		return -1;
	if ((t.kind == TEAM_BRANCH || t.kind == TEAM_VANGUARD) && !s.party_member)
		return err_set(err, &ERR_PARTY_ONLY, "person", NULL);
	return 0;
}

/* A leaving stands before the joinings of its moment; who joined before then, and has not left, may leave. A late
 * one must not take the place of one already recorded. */
int team_left_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct team_left *d = ev->data;
	struct team t;
	struct list facts, all, members;
	size_t before, after, at = 0;
	bool member = false;
	if (live_team(w, &d->team, ev->at, &t, err) < 0 || team_members_at(w, &d->team, ev->at, &members, err) < 0 ||
	    team_facts_read(w, &d->team, &facts, err) < 0)
		return -1;
	const struct team_member *m = members.items;
	for (size_t i = 0; i < members.n; i++)
		member |= uuid_eq(&m[i].person, &d->person);
	struct team_fact *f = facts.items, *g = arena_alloc(w->arena, (facts.n + 1) * sizeof *g);
	if (!g)
		return err_kind_set(err, &ERR_NO_MEMORY);
	while (at < facts.n && (f[at].at < ev->at || (f[at].at == ev->at && f[at].post == FIELD_ABSENT)))
		at++;
	if (at)
		memcpy(g, f, at * sizeof *g);
	g[at] = (struct team_fact){ ev->at, d->person, FIELD_ABSENT, ev->id };
	if (at < facts.n)
		memcpy(g + at + 1, f + at, (facts.n - at) * sizeof *g);
	all = (struct list){ g, facts.n + 1 };
	if (team_idle_leavings(w, &facts, NULL, &before, err) < 0 || team_idle_leavings(w, &all, NULL, &after, err) < 0)
		return -1;
	return member && after <= before ? 0 : err_set(err, &ERR_NOT_MEMBER, "person", NULL);
}

/* Without the joining, a leaving recorded since may not stand alone. */
int team_joined_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct team_joined *d = ev->data;
	struct list facts;
	size_t before, after;
	if (team_facts_read(w, &d->team, &facts, err) < 0 || team_idle_leavings(w, &facts, NULL, &before, err) < 0 ||
	    team_idle_leavings(w, &facts, &ev->id, &after, err) < 0)
		return -1;
	return after <= before ? 0 : err_set(err, &ERR_NOT_MEMBER, "event", NULL);
}

int team_dissolved_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct team_dissolved *d = ev->data;
	struct team t;
	int64_t later;
	int rc = team_get(w, &d->team, &t, err);
	if (rc < 0)
		return -1;
	if (rc && t.dissolved != FIELD_ABSENT)
		return err_set(err, &ERR_ALREADY_CLOSED, "team", "team", NULL);
	rc = db_get_i64(w->db, &SQL_TEAM_FACT_AFTER, &later, err, "ui", &d->team, ev->at);
	return rc <= 0 ? rc : err_set(err, &ERR_LATER_FACTS, "team", "team", NULL);
}

static int merged_into(struct work *w, const struct uuid *from, struct uuid *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_SUBJECT_MERGE_GET, &st, err, "u", from) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc == 1)
		*ret = stmt_uuid(st, 0);
	return rc;
}

int subject_merged_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct subject_merged *d = ev->data;
	struct uuid at = d->into, next;
	int rc = merged_into(w, &d->from, &next, err);
	if (rc)
		return rc < 0 ? -1 : err_set(err, &ERR_MERGED, "from", NULL);
	/* Merges never run in a circle: so following them ends. */
	while (!uuid_eq(&at, &d->from)) {
		if ((rc = merged_into(w, &at, &next, err)) <= 0)
			return rc;
		at = next;
	}
	return err_set(err, &ERR_SAME_SUBJECT, "into", NULL);
}
