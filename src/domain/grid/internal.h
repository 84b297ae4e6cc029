/* Shared by the grid module's own files: folds of staffing and assignments. */
#ifndef DOMAIN_GRID_INTERNAL_H
#define DOMAIN_GRID_INTERNAL_H

#include "domain/grid/grid.h"
#include "domain/places/places.h"
#include "domain/teams/teams.h"

struct group {
	struct uuid id;
	place_t place;
	int64_t model, formed, dissolved; /* dissolved: FIELD_ABSENT when active */
	bool complete;                    /* now */
	int64_t households;               /* assigned now */
	int64_t seq;
};
int group_get(struct work *w, const struct uuid *id, struct group *ret, struct err *err);

struct staffing {
	int64_t at;
	struct uuid person;
	int64_t role; /* index into STAFFING_ROLES */
	bool joins;
	int64_t seq;
};
/* All facts of a group in fold order. */
int staffing_read(struct work *w, const struct uuid *group, struct list *ret, struct err *err);
/* Who stands in which role at a moment; those who left the organisation are out. */
struct post_held {
	struct uuid person;
	int64_t role, since, seq;
};
int staffing_at(struct work *w, const struct uuid *group, int64_t at, struct list *ret, struct err *err);
/* The spans in which every role of the model has its least, within the group's life. */
int group_complete_spans(struct work *w, const struct group *g, struct spans *ret, struct err *err);
/* The same as if one person had left at another moment than recorded (NULL: as recorded). */
struct leaver {
	struct uuid person;
	int64_t left;
};
int group_complete_spans_as_if(struct work *w, const struct group *g, const struct leaver *as_if, struct spans *ret,
			       struct err *err);
/* Staffing tried out before it is recorded: more facts of one event, one event (its seq) less, another leaving. */
struct staffing_trial {
	const struct staffing *extra;
	size_t n_extra;
	int64_t without;
	const struct leaver *as_if;
};
/* What does not hold together in a group's staffing: leavings that find nobody, moments with too many in a role. */
struct staffing_faults {
	size_t idle, over;
};
int staffing_try(struct work *w, const struct group *g, const struct staffing_trial *trial, struct staffing_faults *ret,
		 struct err *err);
/* Index into STAFFING_ROLES, or -1. */
int64_t staffing_role_find(int64_t model, struct str role);
bool staffing_qualifies(const struct staffing_role *r, const struct standing *s);

struct assignment {
	int64_t at, rank;
	struct uuid event, group;
	bool joins;
	int64_t seq;
};
int assignments_read(struct work *w, const struct uuid *household, struct list *ret, struct err *err);
/* The spans in which a household is assigned, each with its group; cut where a group was dissolved. A
 * contradiction — two groups at once, a release of what was not assigned — sets `ret_conflict` (may be NULL). */
struct tenure {
	struct span span;
	struct uuid group;
	int64_t seq;
	bool cut; /* by the group's end */
};
enum conflict { CONFLICT_NONE, CONFLICT_ASSIGNED, CONFLICT_NOT_ASSIGNED };
int assignment_fold(struct work *w, const struct list *facts, struct list *ret_tenures, enum conflict *ret_conflict,
		    struct uuid *ret_other, struct err *err);
/* Insert into or take out of a fact list in fold order, in the arena. */
int assignment_with(struct work *w, const struct list *facts, const struct assignment *extra, struct list *ret,
		    struct err *err);
void assignment_without(struct list *facts, const struct uuid *event);

int group_staffed_void(struct work *w, const struct event *ev, struct err *err);
int group_unstaffed_void(struct work *w, const struct event *ev, struct err *err);
int person_qualified_void(struct work *w, const struct event *ev, struct err *err);
int person_left_void(struct work *w, const struct event *ev, struct err *err);
int group_staffed_check(struct work *w, const struct event *ev, struct err *err);
int group_unstaffed_check(struct work *w, const struct event *ev, struct err *err);
int group_dissolved_check(struct work *w, const struct event *ev, struct err *err);
int group_dissolved_void(struct work *w, const struct event *ev, struct err *err);
int household_assigned_check(struct work *w, const struct event *ev, struct err *err);
int household_released_check(struct work *w, const struct event *ev, struct err *err);
int assignment_void(struct work *w, const struct event *ev, struct err *err);

int group_formed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int group_dissolved_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int group_staffed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int group_unstaffed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int household_assigned_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int household_released_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int household_removed_react(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
/* Every group in which a person ever stood, in the arena. */
int groups_of_person(struct work *w, const struct uuid *person, struct list *ret, struct err *err);
int person_left_react(struct work *w, const struct event *ev, enum fact_move move, struct err *err);

#define GRID_N_VIEWS 6
extern const struct view GRID_VIEWS[GRID_N_VIEWS];
#define GRID_N_FIGURES 3
extern const struct figure_def GRID_FIGURES[GRID_N_FIGURES];

/* Views split by subject. */
extern struct shape COVERAGE_ITEM, GROUP_ITEM, MODEL_ITEM, HOUSEHOLD_ITEM;
int coverage_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int groups_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int group_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int models_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int households_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int household_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);

struct missing_item {
	struct str role;
	int64_t have, least;
};
struct group_item {
	struct uuid id;
	struct str name, place_name;
	int64_t model, place, complete, households, staff, formed, dissolved;
	struct list missing, members, history;
};
struct household_item {
	struct uuid id, group;
	struct str place_name, head, phone, address, building, group_name, reason;
	int64_t place, members, covered, masked, erased, registered, removed;
	struct list tags, history;
};
/* Active groups of a place and below in order of (place, id); `groups` has room for `limit`. */
int groups_read(struct work *w, place_t place, bool incomplete, place_t after, const struct uuid *after_id,
		int64_t limit, struct group *groups, int64_t *ret_n, struct err *err);
int group_item_fill(struct work *w, const struct group *g, struct group_item *item, struct err *err);
struct group_memo {
	struct group group;
	struct str name;
};
int household_item_fill(struct work *w, struct household *h, struct group_memo *memo, struct household_item *item,
			struct err *err);

#endif
