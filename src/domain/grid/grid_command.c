/* What groups may record: who qualifies for a role, and that no household ever
 * has two groups at one moment. */
#include <stdio.h>

#include "domain/grid/internal.h"
#include "grid.sql.h"

static const struct err_kind ERR_ROLE_MODEL = { "role_not_in_model", 409, "“{1}”编组没有“{0}”这个角色",
						"The {1} model has no role \"{0}\"" };
static const struct err_kind ERR_QUALIFY = { "not_qualified", 409, "该人员不符合“{0}”的条件（{1}）",
					     "The person does not qualify for the role: {1}" };
static const struct err_kind ERR_ROLE_FULL = { "role_full", 409, "“{0}”已有 {1} 人，请先移出原有人员",
					       "The role \"{0}\" is held by {1} already: unstaff that person first" };
static const struct err_kind ERR_NOT_STAFFED = { "not_staffed", 409, "该人员当时不在这个责任组",
						 "The person was not staffed in this group then" };
static const struct err_kind ERR_GROUP_DISSOLVED = { "group_dissolved", 409, "该责任组在此时间已撤销",
						     "The group was dissolved by then" };
static const struct err_kind ERR_OTHER_VILLAGE = { "other_village", 409, "责任组在另一个村（社区），不能编入",
						   "The group is in another village" };
static const struct err_kind ERR_ASSIGNED = { "already_assigned", 409, "该户当时已编入“{0}”，请先移出",
					      "The household is assigned to \"{0}\" at that time: release it first" };
static const struct err_kind ERR_NOT_ASSIGNED = { "not_assigned", 409, "该户当时没有编入这个责任组",
						  "The household was not assigned to this group then" };

static int live_group(struct work *w, const struct uuid *id, int64_t at, struct group *ret, struct err *err)
{
	int rc = group_get(w, id, ret, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "group", "group", NULL);
	if (ret->dissolved != FIELD_ABSENT && at >= ret->dissolved)
		return err_set(err, &ERR_GROUP_DISSOLVED, "group", NULL);
	return 0;
}

/* Does a trial add a fault to those that stand? What holds already is no reason to refuse. */
static int try_staffing(struct work *w, const struct group *g, const struct staffing_trial *trial,
			const char *idle_field, const char *over_field, struct err *err)
{
	const struct staffing_trial as_is = { .without = FIELD_ABSENT };
	struct staffing_faults before, after;
	if (staffing_try(w, g, &as_is, &before, err) < 0 || staffing_try(w, g, trial, &after, err) < 0)
		return -1;
	if (after.idle > before.idle)
		return err_set(err, &ERR_NOT_STAFFED, idle_field, NULL);
	if (after.over <= before.over)
		return 0;
	for (size_t r = 0; r < STAFFING_ROLES_N; r++) {
		char most[24];
		if (STAFFING_ROLES[r].model != g->model || !STAFFING_ROLES[r].most)
			continue;
		snprintf(most, sizeof most, "%lld", (long long)STAFFING_ROLES[r].most);
		return err_set(err, &ERR_ROLE_FULL, over_field, STAFFING_ROLES[r].role, most, NULL);
	}
	return 0;
}

int group_staffed_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct group_staffed *d = ev->data;
	struct group g;
	struct standing s;
	char role[48];
	if (live_group(w, &d->group, ev->at, &g, err) < 0)
		return -1;
	int64_t r = staffing_role_find(g.model, d->role);
	str_copy(d->role, role, sizeof role);
	if (r < 0)
		return err_set(err, &ERR_ROLE_MODEL, "role", role, MODEL_NAMES[g.model], NULL);
	const struct staffing_role *row = &STAFFING_ROLES[r];
	int rc = person_standing(w, &d->person, ev->at, &s, err);
	if (rc < 0)
		return -1;
	if (!rc || !s.there)
		return err_set(err, &ERR_PERSON_LEFT, "person", NULL);
	if (!staffing_qualifies(row, &s))
		return err_set(err, &ERR_QUALIFY, "person", row->zh, row->en, NULL);
	if (!row->most)
		return 0;
	const struct staffing extra = { ev->at, d->person, r, true, 0 };
	const struct staffing_trial trial = { &extra, 1, FIELD_ABSENT, NULL };
	return try_staffing(w, &g, &trial, "person", "role", err);
}

/* Without the event, nobody leaves who was not there, and no role has too many. */
static int void_staffing(struct work *w, const struct uuid *group, const struct event *ev, struct err *err)
{
	const struct staffing_trial trial = { .without = ev->seq };
	struct group g;
	int rc = group_get(w, group, &g, err);
	return rc <= 0 ? rc : try_staffing(w, &g, &trial, "event", "event", err);
}

int group_staffed_void(struct work *w, const struct event *ev, struct err *err)
{
	return void_staffing(w, &((const struct group_staffed *)ev->data)->group, ev, err);
}

int group_unstaffed_void(struct work *w, const struct event *ev, struct err *err)
{
	return void_staffing(w, &((const struct group_unstaffed *)ev->data)->group, ev, err);
}

int person_left_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct person_left *d = ev->data;
	const struct leaver stays = { d->person, INT64_MAX };
	const struct staffing_trial trial = { .without = FIELD_ABSENT, .as_if = &stays };
	struct list groups;
	if (groups_of_person(w, &d->person, &groups, err) < 0)
		return -1;
	const struct uuid *ids = groups.items;
	for (size_t i = 0; i < groups.n; i++) {
		struct group g;
		int rc = group_get(w, &ids[i], &g, err);
		if (rc < 0 || (rc && try_staffing(w, &g, &trial, "event", "event", err) < 0))
			return -1;
	}
	return 0;
}

/* Without the change of a person, whoever was staffed since must still have qualified. */
int person_qualified_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct person_changed *d = ev->data;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, &SQL_STAFFED_SINCE, &st, err, "ui", &d->person, ev->at) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		const struct staffing_role *row = &STAFFING_ROLES[stmt_i64(st, 1)];
		int64_t at = stmt_i64(st, 0);
		struct standing with, without;
		if (person_standing(w, &d->person, at, &with, err) < 0 ||
		    person_standing_without(w, &d->person, at, &ev->id, &without, err) < 0)
			return -1;
		if (staffing_qualifies(row, &with) && !staffing_qualifies(row, &without))
			return err_set(err, &ERR_QUALIFY, "event", row->zh, row->en, NULL);
	}
	return rc;
}

/* The roles that leaving names: the one, or all of the model. */
static size_t leaving_facts(const struct group *g, const struct event *ev, struct staffing out[STAFFING_ROLES_N])
{
	const struct group_unstaffed *d = ev->data;
	size_t n = 0;
	for (int64_t r = 0; r < STAFFING_ROLES_N; r++) {
		if (STAFFING_ROLES[r].model == g->model && (!d->role.ptr || str_is(d->role, STAFFING_ROLES[r].role)))
			out[n++] = (struct staffing){ ev->at, d->person, r, false, 0 };
	}
	return n;
}

int group_unstaffed_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct group_unstaffed *d = ev->data;
	struct group g;
	struct list posts;
	struct staffing extra[STAFFING_ROLES_N];
	bool there = false;
	if (live_group(w, &d->group, ev->at, &g, err) < 0 || staffing_at(w, &d->group, ev->at, &posts, err) < 0)
		return -1;
	const struct post_held *p = posts.items;
	for (size_t i = 0; i < posts.n; i++)
		there |= uuid_eq(&p[i].person, &d->person) &&
			 (!d->role.ptr || str_is(d->role, STAFFING_ROLES[p[i].role].role));
	const struct staffing_trial trial = { extra, leaving_facts(&g, ev, extra), FIELD_ABSENT, NULL };
	if (!there || !trial.n_extra)
		return err_set(err, &ERR_NOT_STAFFED, "person", NULL);
	return try_staffing(w, &g, &trial, "person", "role", err);
}

int group_dissolved_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct group_dissolved *d = ev->data;
	struct group g;
	int64_t later;
	int rc = group_get(w, &d->group, &g, err);
	if (rc < 0)
		return -1;
	if (rc && g.dissolved != FIELD_ABSENT)
		return err_set(err, &ERR_ALREADY_CLOSED, "group", "group", NULL);
	rc = db_get_i64(w->db, &SQL_STAFFING_AFTER, &later, err, "ui", &d->group, ev->at);
	if (rc == 0)
		rc = db_get_i64(w->db, &SQL_ASSIGNMENT_AFTER, &later, err, "ui", &d->group, ev->at);
	return rc <= 0 ? rc : err_set(err, &ERR_LATER_FACTS, "group", "group", NULL);
}

static int conflict_error(struct work *w, enum conflict c, const struct uuid *other, const char *field, struct err *err)
{
	struct thing t;
	struct event ev;
	char name[128] = "?";
	if (c == CONFLICT_NOT_ASSIGNED)
		return err_set(err, &ERR_NOT_ASSIGNED, field, NULL);
	if (thing_get(w, other, &t, err) == 1 && work_event(w, t.seq, false, &ev, err) == 1)
		str_copy(((const struct group_formed *)ev.data)->name, name, sizeof name);
	return err_set(err, &ERR_ASSIGNED, field, name, NULL);
}

static int try_fold(struct work *w, const struct list *facts, const char *field, struct err *err)
{
	struct list tenures;
	enum conflict c;
	struct uuid other = { 0 };
	if (assignment_fold(w, facts, &tenures, &c, &other, err) < 0)
		return -1;
	return c ? conflict_error(w, c, &other, field, err) : 0;
}

static int try_fact(struct work *w, const struct event *ev, bool joins, struct err *err)
{
	const struct household_assigned *d = ev->data;
	struct assignment extra = { ev->at, ev->form->rank, ev->id, d->group, joins, 0 };
	struct list facts, all;
	if (assignments_read(w, &d->household, &facts, err) < 0 || assignment_with(w, &facts, &extra, &all, err) < 0)
		return -1;
	return try_fold(w, &all, joins ? "household" : "group", err);
}

int household_assigned_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct household_assigned *d = ev->data;
	struct household h;
	struct group g;
	int rc = household_get(w, &d->household, &h, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "household", "household", NULL);
	if (h.removed != FIELD_ABSENT && ev->at >= h.removed)
		return err_set(err, &ERR_HOUSEHOLD_REMOVED, "household", NULL);
	if (live_group(w, &d->group, ev->at, &g, err) < 0)
		return -1;
	if (place_at(g.place, LEVEL_VILLAGE) != place_at(h.place, LEVEL_VILLAGE))
		return err_set(err, &ERR_OTHER_VILLAGE, "group", NULL);
	return try_fact(w, ev, true, err);
}

/* Releases stand before closings of their moment: one at that very moment is in time. */
int household_released_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct household_assigned *d = ev->data;
	struct household h;
	struct group g;
	int rc = household_get(w, &d->household, &h, err);
	if (rc == 1 && h.removed != FIELD_ABSENT && ev->at > h.removed)
		return err_set(err, &ERR_HOUSEHOLD_REMOVED, "household", NULL);
	if (rc >= 0)
		rc = group_get(w, &d->group, &g, err);
	if (rc < 0)
		return -1;
	if (rc && g.dissolved != FIELD_ABSENT && ev->at > g.dissolved)
		return err_set(err, &ERR_GROUP_DISSOLVED, "group", NULL);
	return try_fact(w, ev, false, err);
}

/* Without the fact, the rest must still hold together. */
int assignment_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct household_assigned *d = ev->data;
	struct list facts;
	if (assignments_read(w, &d->household, &facts, err) < 0)
		return -1;
	assignment_without(&facts, &ev->id);
	return try_fold(w, &facts, "event", err);
}

/* Were the group to live on, its households must not have gone to another since. */
int group_dissolved_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct group_dissolved *d = ev->data;
	struct uuid after = { 0 };
	for (;;) {
		struct uuid page[100];
		size_t n = 0;
		int rc;
		{
			_cleanup_(stmt_endp) struct stmt *st = NULL;
			if (db_start(w->db, &SQL_HOUSEHOLDS_EVER_OF_GROUP, &st, err, "uui", &d->group, &after,
				     (int64_t)ARRAY_LEN(page)) < 0)
				return -1;
			while ((rc = stmt_step(st, err)) == 1)
				page[n++] = stmt_uuid(st, 0);
			if (rc < 0)
				return -1;
		}
		for (size_t i = 0; i < n; i++) {
			struct list facts;
			if (assignments_read(w, &page[i], &facts, err) < 0)
				return -1;
			const struct assignment *f = facts.items;
			bool in = false;
			for (size_t k = 0; k < facts.n; k++) {
				bool same = uuid_eq(&f[k].group, &d->group);
				if (f[k].joins && !same && in)
					return conflict_error(w, CONFLICT_ASSIGNED, &d->group, "event", err);
				if (same)
					in = f[k].joins;
			}
		}
		if (n < ARRAY_LEN(page))
			return 0;
		after = page[n - 1];
	}
}
