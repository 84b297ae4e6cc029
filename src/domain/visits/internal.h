/* Shared by the visits module's own files. */
#ifndef DOMAIN_VISITS_INTERNAL_H
#define DOMAIN_VISITS_INTERNAL_H

#include "domain/checkpoints/checkpoints.h"
#include "domain/grid/grid.h"
#include "domain/places/places.h"
#include "domain/teams/teams.h"
#include "domain/visits/visits.h"

#define VISIT_READERS (ROLE_GRID | ROLE_OFFICER | ROLE_COMMANDER)

/* ---- the calendar of due observations: pure, visits_calendar.c ---------------------------- */

struct observation {
	int64_t at, seq;
	int64_t present; /* bool: cooperative */
	int64_t temperature, unwell;
	struct uuid household;
};

struct course {
	int64_t opened; /* moment */
	int64_t starts; /* day */
	int64_t days, per_day;
	int64_t closed; /* moment; FIELD_ABSENT: still open */
};

struct calendar_day {
	int64_t day, due, done, missed; /* missed: 0 while the day is not over */
	int64_t fever;                  /* bool */
};

#define CALENDAR_DAYS_MAX 60 /* bound of `days` and of the parameter */

int64_t course_first_day(const struct course *c);
int64_t course_last_day(const struct course *c); /* as planned: starts + days − 1 */
/* The days from the first to the last that owes anything, as things stand at `now`; observations in any order.
 * Returns how many, CALENDAR_DAYS_MAX at most. */
size_t calendar_make(const struct course *c, const struct observation *o, size_t n, int64_t now,
		     struct calendar_day out[CALENDAR_DAYS_MAX]);
/* Observations due on a day by a moment of it: the slots that have begun. */
int64_t calendar_begun(const struct course *c, int64_t day, int64_t now);
/* The end of the n-th slot (from 0) that counts on a day; the day's end when there are fewer. */
int64_t calendar_slot_end(const struct course *c, int64_t day, int64_t n);
bool observation_feverish(const struct observation *o);

/* ---- follow-ups ------------------------------------------------------------------------------ */

struct followup {
	struct uuid id, subject;
	place_t place;
	int64_t incident, category;
	struct uuid household_first, household; /* as opened; as known now */
	int64_t opened, starts;
	int64_t days_given, per_day_given; /* FIELD_ABSENT: by parameter */
	int64_t days, per_day;             /* in force */
	int64_t closed, reason;
	int64_t seq, closed_seq;
	int64_t last_seen, last_temperature, alert;
};
struct course followup_course(const struct followup *f);
/* 1, 0, -1. */
int followup_get(struct work *w, const struct uuid *id, struct followup *ret, struct err *err);
/* Observations in order of time; of struct observation. */
int observations_read(struct work *w, const struct uuid *followup, int64_t from, struct list *ret, struct err *err);
/* The earliest follow-up of the subject, under whatever id, that is open at some moment from `at` on, leaving one out
 * (NULL: none). 1, 0, -1. */
int followup_conflict(struct work *w, const struct uuid *subject, int64_t at, const struct uuid *but, struct uuid *ret,
		      struct err *err);
/* Follow-ups in order of (place, id) after a key; `which` chooses the statement. */
enum followup_which { FOLLOWUPS_ALL, FOLLOWUPS_OPEN, FOLLOWUPS_CLOSED, FOLLOWUPS_ALERT, FOLLOWUPS_BY_PARAMETER };
int followups_read(struct work *w, enum followup_which which, place_t place, place_t after, const struct uuid *after_id,
		   int64_t limit, struct list *ret, struct err *err);
/* Those of exactly one place, not below. */
int followups_at(struct work *w, enum followup_which which, place_t place, int64_t limit, struct list *ret,
		 struct err *err);
/* Of a household, in order of recording, of a subject under all its ids. */
int followups_of_household(struct work *w, const struct uuid *household, bool open_only, struct list *ret,
			   struct err *err);
int followups_by_seq(struct work *w, int64_t from, int64_t limit, struct list *ret, struct err *err);
int followups_of_subject(struct work *w, const struct uuid *subject, struct list *ret, struct err *err);
/* The group that answers for it now: 1 and the group, 0 none, -1. */
int followup_group(struct work *w, const struct followup *f, struct uuid *ret, struct err *err);

/* The last visit to a household and the last that met somebody; FIELD_ABSENT: none. */
int household_visited(struct work *w, const struct uuid *household, int64_t *ret_last, int64_t *ret_met,
		      struct err *err);
/* Days since somebody was met there, or since it was registered. */
int64_t days_unmet(struct work *w, const struct household *h, int64_t met);

/* ---- commands, projectors ---------------------------------------------------------------------- */

int visit_made_check(struct work *w, const struct event *ev, struct err *err);
int followup_opened_check(struct work *w, const struct event *ev, struct err *err);
int followup_opened_void(struct work *w, const struct event *ev, struct err *err);
int followup_observed_check(struct work *w, const struct event *ev, struct err *err);
int followup_observed_void(struct work *w, const struct event *ev, struct err *err);
int followup_closed_check(struct work *w, const struct event *ev, struct err *err);
int followup_closed_void(struct work *w, const struct event *ev, struct err *err);
int contact_linked_check(struct work *w, const struct event *ev, struct err *err);

int visit_made_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int followup_opened_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int followup_observed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int followup_closed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int contact_linked_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int parameter_set_react(struct work *w, const struct event *ev, enum fact_move move, struct err *err);

/* ---- what follows from a passage; messages (visits_follow.c) -------------------------------------- */

int passage_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int passage_void(struct work *w, const struct event *ev, struct err *err);
int passage_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err);
int erased_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err);
int opened_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);
int observed_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);

/* ---- views, figures, tasks --------------------------------------------------------------------------- */

extern struct shape FOLLOWUP_ITEM, VISITED_HOUSEHOLD, UNVISITED_ITEM, VISIT_GROUP_ITEM, CHAINS;
int followups_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int followup_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int gaps_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int alerts_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int visited_household_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int unvisited_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int visit_groups_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int chains_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);

/* May the caller see the personal data of a follow-up, and how much? */
int followup_reveal(struct work *w, const struct followup *f, const struct uuid *group, enum reveal *ret,
		    struct err *err);
/* The person as opened, personal data in the clear as far as keys are there; NULL when erased. */
int followup_person(struct work *w, const struct followup *f, const struct followup_person **ret, struct err *err);
/* Is it not attended to now: NULL, or "no_household", "no_group", "group_incomplete". 0, -1. */
int followup_gap(struct work *w, const struct followup *f, const char **ret, struct err *err);

#define VISITS_N_FIGURES 5
extern const struct figure_def VISITS_FIGURES[VISITS_N_FIGURES];
#define VISITS_N_TASKS 6
extern const struct task_rule VISITS_TASKS[VISITS_N_TASKS];

#endif
