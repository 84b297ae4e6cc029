/* The trial module: see trial.h. */
#include "trial.h"

#include <stdio.h>

#include "domain/figures/figures.h"
#include "domain/grid/grid.h"
#include "domain/incident/incident.h"
#include "domain/places/places.h"
#include "domain/records/records.h"
#include "domain/tasks/tasks.h"
#include "domain/teams/teams.h"

const struct module *const MODULES[] = { &RECORDS_MODULE, &INCIDENT_MODULE, &PLACES_MODULE, &TEAMS_MODULE, &GRID_MODULE,
					 &TASKS_MODULE,   &FIGURES_MODULE,  &TRIAL_MODULE,  NULL };

static const char THING_TRIAL[] = "trial";

static const char SCHEMA[] = "CREATE TABLE trial (id BYTEA NOT NULL, seq BIGINT NOT NULL, place BIGINT NOT NULL,"
			     " due BIGINT, noted BIGINT NOT NULL, household BYTEA, followed BIGINT NOT NULL,"
			     " PRIMARY KEY (id)) /* clustered */;";
static const char *const TABLES[] = { "trial", NULL };

static const struct sql ADD = { "trial.add", "INSERT INTO trial (id, seq, place, due, noted, household, followed)"
					     " VALUES ($1, $2, $3, $4, $5, $6, 0)" };
static const struct sql DROP = { "trial.drop", "DELETE FROM trial WHERE id = $1" };
static const struct sql COUNT = { "trial.count", "UPDATE trial SET followed = followed + $2 WHERE id = $1" };
static const struct sql FIND = { "trial.find", "SELECT id, place, due, household, noted FROM trial"
					       " WHERE place >= $1 AND place < $2 AND due IS NOT NULL ORDER BY due" };
static const struct sql LAPSED = { "trial.lapsed", "SELECT id, place, due FROM trial WHERE due > $1 AND due <= $2" };

struct made {
	struct uuid id, household;
	struct str name, note, phone, id_number;
	int64_t due, noted, followers, bad;
};

struct followed {
	struct uuid of;
	int64_t n, bad;
};

#define AT(type, member) offsetof(struct type, member)

static const struct field MADE_FIELDS[] = {
	{ "id", FIELD_ID, 0, AT(made, id), .thing = THING_TRIAL, .zh = "编号", .en = "Id" },
	{ "household", FIELD_REF, 0, AT(made, household), .thing = THING_HOUSEHOLD, .zh = "户", .en = "Household" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(made, name), .zh = "名称", .en = "Name" },
	{ "note", FIELD_TEXT, FIELD_PERSONAL, AT(made, note), .zh = "备注", .en = "Note" },
	{ "phone", FIELD_PHONE, FIELD_PERSONAL | FIELD_LOOKUP, AT(made, phone), .zh = "电话", .en = "Phone" },
	{ "id_number", FIELD_IDNO, FIELD_PERSONAL | FIELD_LOOKUP, AT(made, id_number), .zh = "身份证号",
	  .en = "Id number" },
	{ "due", FIELD_TIME, 0, AT(made, due), .zh = "期限", .en = "Due" },
	{ "noted", FIELD_BOOL, 0, AT(made, noted), .zh = "有备注", .en = "Noted" },
	{ "followers", FIELD_INT, 0, AT(made, followers), .zh = "随后", .en = "Followers" },
	{ "bad", FIELD_INT, 0, AT(made, bad), .zh = "坏的", .en = "Which one is bad" },
};
static struct shape MADE = { .name = "TrialMade", SHAPE_OF(MADE_FIELDS, struct made), .owner = "id" };

static const struct field FOLLOWED_FIELDS[] = {
	/* What it follows is not yet a thing when it is checked. */
	{ "of", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(followed, of), .thing = THING_TRIAL, .zh = "所随",
	  .en = "Of" },
	{ "n", FIELD_INT, FIELD_NEEDED, AT(followed, n), .zh = "第几", .en = "Which" },
	{ "bad", FIELD_BOOL, 0, AT(followed, bad), .zh = "坏的", .en = "Bad" },
};
static struct shape FOLLOWED = { .name = "TrialFollowed", SHAPE_OF(FOLLOWED_FIELDS, struct followed) };

/* ---- events ------------------------------------------------------------------------------------ */

static const struct err_kind ODD = { "odd", 200, "名称奇怪：{0}", "An odd name: {0}" };
static const struct err_kind BAD = { "bad", 409, "坏的", "A bad one" };

static void made_fill(struct event *ev, struct arena *arena)
{
	struct made *d = ev->data;
	(void)arena;
	if (uuid_is_nil(&d->id))
		d->id = uuid_derive(&ev->id, STR("trial"));
	if (d->note.ptr)
		d->noted = 1;
}

static int made_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct made *d = ev->data;
	struct err warning = { 0 };
	int64_t n;
	(void)err;
	if (str_starts(d->name, "again ") && str_to_i64((struct str){ d->name.ptr + 6, d->name.len - 6 }, &n))
		w->already = n;
	err_set(&warning, &ODD, "name", "odd", NULL);
	int times = str_is(d->name, "odd") ? 1 : str_is(d->name, "very odd") ? WARNINGS_MAX + 3 : 0;
	for (int i = 0; i < times; i++)
		work_warn(w, &warning);
	return 0;
}

static int made_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct made *d = ev->data;
	int sign = move == FACT_ADDED ? 1 : -1;
	int64_t rc = move == FACT_ADDED ? db_run(w->db, &ADD, err, "uiiIiU", &d->id, ev->seq, ev->area, d->due,
						 (int64_t)(d->noted == 1), &d->household)
					: db_run(w->db, &DROP, err, "u", &d->id);
	if (rc < 0)
		return -1;
	return d->due == FIELD_ABSENT ? 0
				      : figure_add_from(w, "trials_due", ev->incident_no, ev->area, d->due, sign, err);
}

static int followed_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct followed *d = ev->data;
	(void)w;
	return d->bad == 1 ? err_set(err, &BAD, "bad", NULL) : 0;
}

static int followed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct followed *d = ev->data;
	int64_t n = move == FACT_ADDED ? 1 : -1;
	return db_run(w->db, &COUNT, err, "ui", &d->of, n) < 0 ? -1 : 0;
}

static int made_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err)
{
	const struct made *d = ev->data;
	for (int64_t i = 1; i <= d->followers; i++) {
		struct followed *f = arena_alloc(w->arena, sizeof *f);
		char name[40];
		snprintf(name, sizeof name, "follower %lld", (long long)i);
		if (!f)
			return err_kind_set(err, &ERR_NO_MEMORY);
		*f = (struct followed){ d->id, i, i == d->bad ? 1 : FIELD_ABSENT };
		struct event next = { .id = uuid_derive(&d->id, str_of(name)),
				      .form = registry_form(STR("trial.followed")),
				      .at = ev->at,
				      .place = ev->place,
				      .area = FIELD_ABSENT,
				      .incident = ev->incident,
				      .data = f };
		if (emit(ctx, &next, err) < 0)
			return -1;
	}
	return 0;
}

static struct message message_of(const char *kind, place_t place, const struct uuid *about, int64_t at)
{
	return (struct message){ kind, place, *about, at, STR("试"), STR("A trial") };
}

static int made_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	const struct made *d = ev->data;
	(void)w;
	struct message m = message_of("trial.made", ev->area, &d->id, ev->at);
	/* Said twice, it is one. */
	return post(ctx, &m, err) < 0 || post(ctx, &m, err) < 0 ? -1 : 0;
}

static int trial_lapse(struct work *w, int64_t after, int64_t upto, post_fn post, void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, &LAPSED, &st, err, "ii", after, upto) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct uuid id = stmt_uuid(st, 0);
		struct message m = message_of("trial.late", stmt_i64(st, 1), &id, stmt_i64(st, 2));
		if (post(ctx, &m, err) < 0)
			return -1;
	}
	return rc;
}

static const struct event_type EVENTS[] = {
	{ .form = { "trial.made", &MADE, RANK_OPEN },
	  .roles = ROLE_OFFICER | ROLE_GRID,
	  .zh = "试",
	  .en = "Trial made",
	  .fill = made_fill,
	  .check = made_check,
	  .project = made_project },
	{ .form = { "trial.followed", &FOLLOWED, RANK_CHANGE },
	  .roles = ROLE_OFFICER,
	  .flags = EVENT_BY_SERVER,
	  .zh = "随试",
	  .en = "Trial followed",
	  .check = followed_check,
	  .project = followed_project },
};

static const struct reaction REACTIONS[] = {
	{ "trial.made", .follow = made_follow, .tell = made_tell },
};

/* ---- figures and tasks ------------------------------------------------------------------------------ */

static int no_behind(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err)
{
	(void)w;
	(void)q;
	(void)put;
	(void)ctx;
	(void)err;
	return 0;
}

static const struct figure_def FIGURES[] = {
	{ "trials_due", .per_incident = true, .zh = "到期", .en = "Trials due", .behind = no_behind },
};

/* Every trial with an hour, at every place of the caller's grants. */
static int find(struct work *w, unsigned roles, bool late_only, task_fn put, void *ctx, struct err *err)
{
	int n = 0;
	for (size_t g = 0; g < w->who->n_grants; g++) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		place_t place = w->who->grants[g].place;
		int rc;
		if (!(w->who->grants[g].role & roles))
			continue;
		if (db_start(w->db, &FIND, &st, err, "ii", place, place + place_span(place)) < 0)
			return -1;
		while (n < TASKS_OF_RULE && (rc = stmt_step(st, err)) == 1) {
			struct task t = { .due = stmt_i64(st, 2), .place = stmt_i64(st, 1), .about_kind = THING_TRIAL };
			t.about = stmt_uuid(st, 0);
			t.household = stmt_uuid(st, 3);
			t.title = w->lang == LANG_ZH ? STR("做一件事") : STR("Do a thing");
			t.urgency = stmt_i64(st, 4)           ? URGENT_ALARM
				    : t.due < w->now          ? URGENT_LATE
				    : t.due < w->now + DAY_MS ? URGENT_DUE
							      : URGENT_SOON;
			t.data = STR("{\"name\":\"王\"}");
			if (late_only && t.urgency != URGENT_LATE)
				continue;
			n++;
			if (put(ctx, &t, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int find_all(struct work *w, task_fn put, void *ctx, struct err *err)
{
	return find(w, ROLE_OFFICER | ROLE_GRID, false, put, ctx, err);
}

static int find_late(struct work *w, task_fn put, void *ctx, struct err *err)
{
	return find(w, ROLE_OFFICER, true, put, ctx, err);
}

static int find_visits(struct work *w, task_fn put, void *ctx, struct err *err)
{
	return find(w, ROLE_GRID, true, put, ctx, err);
}

static const struct task_rule RULES[] = {
	{ "trial.do", ROLE_OFFICER | ROLE_GRID, "trial.made", "做一件事", "Do a thing", find_all },
	{ "trial.chase", ROLE_OFFICER, "trial.made", "催办", "Chase it up", find_late },
	/* Settled by what changes a thing: its place need not be said. */
	{ "trial.visit", ROLE_GRID, "household.changed", "走访", "Call there", find_visits },
};

const struct module TRIAL_MODULE = {
	.name = "trial",
	.rank = 9,
	.zh = "试",
	.en = "Trial",
	.schema = SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.reactions = REACTIONS,
	.n_reactions = ARRAY_LEN(REACTIONS),
	.figures = FIGURES,
	.n_figures = ARRAY_LEN(FIGURES),
	.tasks = RULES,
	.n_tasks = ARRAY_LEN(RULES),
	.lapse = trial_lapse,
};
