/* Shared by the duty module's own files: folds of a person's reserve and
 * assignments, what is read of requests and shifts. */
#ifndef DOMAIN_DUTY_INTERNAL_H
#define DOMAIN_DUTY_INTERNAL_H

#include "domain/duty/duty.h"
#include "domain/places/places.h"
#include "domain/teams/teams.h"

#define HOUR_MS   (60LL * 60 * 1000)
#define REST_MS   (8 * HOUR_MS)
#define SHIFT_MAX (24 * HOUR_MS)

/* ---- the reserve: facts of one person in one incident, in fold order ---- */

struct reserve_fact {
	int64_t at, rank, seq;
	struct uuid event;
	bool joins;
	int64_t available_from;
	place_t area;
	struct str skills; /* joined by line feeds */
};
int reserve_facts(struct work *w, const struct uuid *person, int64_t incident_no, struct list *ret, struct err *err);

/* Times in the reserve. A joining while in, a leaving while out are contradictions. */
struct reserve_span {
	struct span span;
	const struct reserve_fact *join;
};
enum reserve_fault { RESERVE_SOUND, RESERVE_TWICE, RESERVE_NOT_IN };
enum reserve_fault reserve_fold(struct arena *a, const struct list *facts, struct list *ret);
/* The time that holds a moment, or NULL. */
const struct reserve_span *reserve_at(const struct list *spans, int64_t at);

/* ---- assignments: facts of one person in one incident, in fold order ---- */

enum support_kind { SUPPORT_ASSIGNED, SUPPORT_ARRIVED, SUPPORT_RELEASED };

struct support_fact {
	int64_t at, rank, seq, kind, report_by, again;
	struct uuid event, request;
};
int support_facts(struct work *w, const struct uuid *person, int64_t incident_no, struct list *ret, struct err *err);

struct tenure {
	struct uuid request, person;
	struct span span;
	int64_t report_by, arrived, again, seq; /* seq: of the assignment; arrived: FIELD_ABSENT: not yet */
	int64_t incident_no;
};
enum support_fault { SUPPORT_SOUND, SUPPORT_ELSEWHERE, SUPPORT_NOT_THERE, SUPPORT_HERE_ALREADY };
/* `ret_other`: the request in the way (may be NULL). */
enum support_fault support_fold(struct arena *a, const struct list *facts, struct list *ret, struct uuid *ret_other);
/* One more fact, or one event less, in fold order; in the arena. */
int support_with(struct work *w, const struct list *facts, const struct support_fact *extra, struct list *ret,
		 struct err *err);
int support_without(struct work *w, const struct list *facts, const struct uuid *event, struct list *ret,
		    struct err *err);
int reserve_with(struct work *w, const struct list *facts, const struct reserve_fact *extra, struct list *ret,
		 struct err *err);
int reserve_without(struct work *w, const struct list *facts, const struct uuid *event, struct list *ret,
		    struct err *err);
/* What the leaving of the organisation does to tenures: they end, or never were. In place. */
void tenures_cut(struct list *tenures, int64_t left);
/* Ended tenures whose slot is not to be filled again, and live ones, take a slot of the request. */
bool tenure_takes(const struct tenure *t);
/* What is kept: of a request by (person, since); of a person by since. */
int tenures_of_request(struct work *w, const struct uuid *request, struct list *ret, struct err *err);
int tenures_of_person(struct work *w, const struct uuid *person, int64_t incident_no, struct list *ret,
		      struct err *err);
/* The most who are live at one moment at or after `from`, leaving one person out (NULL: none), with more beside. */
size_t tenures_peak(const struct list *tenures, int64_t from, const struct uuid *without, const struct list *more);

/* ---- requests ---- */

struct request {
	struct uuid id, site;
	place_t area;
	int64_t incident_no, headcount, at, needed_by, taken, seq;
};
int request_get(struct work *w, const struct uuid *id, struct request *ret, struct err *err);
/* What stands in its record alone. */
int request_read(struct work *w, int64_t seq, const struct support_requested **ret, struct err *err);

int requests_of(struct work *w, int64_t incident_no, place_t place, bool open, place_t after,
		const struct uuid *after_id, int64_t limit, struct list *ret, struct err *err);
/* Skills kept as one text, taken apart; the hours that a tenure has served so far. */
int skills_split(struct arena *a, struct str text, struct list *ret, struct err *err);
int64_t tenure_hours(const struct tenure *t, int64_t now);

/* ---- shifts ---- */

struct stand {
	struct uuid shift, site, person;
	place_t area;
	int64_t from, to;
};
/* A person's shifts that touch [from, to), in order; one left out (NULL: none). */
int stands_of(struct work *w, const struct uuid *person, int64_t incident_no, int64_t from, int64_t to,
	      const struct uuid *without, struct list *ret, struct err *err);

/* Every incident in which a person stands in some fact of a kind. */
int incidents_of_reserve(struct work *w, const struct uuid *person, struct list *ret, struct err *err);
int incidents_of_support(struct work *w, const struct uuid *person, struct list *ret, struct err *err);
int incidents_of_reports(struct work *w, const struct uuid *person, struct list *ret, struct err *err);

int duty_reported_check(struct work *w, const struct event *ev, struct err *err);
int reserve_joined_check(struct work *w, const struct event *ev, struct err *err);
int reserve_left_check(struct work *w, const struct event *ev, struct err *err);
int reserve_void(struct work *w, const struct event *ev, struct err *err);
int support_requested_check(struct work *w, const struct event *ev, struct err *err);
int support_assigned_check(struct work *w, const struct event *ev, struct err *err);
int support_arrived_check(struct work *w, const struct event *ev, struct err *err);
int support_released_check(struct work *w, const struct event *ev, struct err *err);
int support_assigned_void(struct work *w, const struct event *ev, struct err *err);
int support_person_void(struct work *w, const struct event *ev, struct err *err);
int shift_planned_check(struct work *w, const struct event *ev, struct err *err);
int duty_left_void(struct work *w, const struct event *ev, struct err *err);
int duty_closed_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err);

int duty_reported_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int reserve_joined_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int reserve_left_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int support_requested_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int support_assigned_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int support_arrived_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int support_released_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int shift_planned_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int duty_left_react(struct work *w, const struct event *ev, enum fact_move move, struct err *err);

int support_requested_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);
int support_assigned_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);

/* The incident that a view asks about: as given, or the latest that is no drill; 0 none. */
int duty_incident(struct work *w, const struct view_query *q, int64_t *ret, struct err *err);
/* The name as the caller may see it: of people enrolled above, who may be posted to the caller's place, masked. */
int duty_person(struct work *w, const struct uuid *person, struct str *ret, struct err *err);
/* The same; its id when there is none to see. Terminated, for texts. */
int duty_name(struct work *w, const struct uuid *person, char out[128], struct err *err);

#define DUTY_N_VIEWS 11
extern const struct view DUTY_VIEWS[DUTY_N_VIEWS];
#define DUTY_N_FIGURES 4
extern const struct figure_def DUTY_FIGURES[DUTY_N_FIGURES];
#define DUTY_N_TASKS 4
extern const struct task_rule DUTY_TASKS[DUTY_N_TASKS];

/* Views split by subject. */
extern struct shape POST_ITEM, MUSTER_ITEM, RESERVE_ITEM, REQUEST_ITEM, PROPOSAL_ITEM, SHIFT_ITEM, ROSTER_ITEM,
    HANDOVER_ITEM, FEED_ITEM;
int posts_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int muster_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int reserve_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int requests_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int request_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int proposal_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int shifts_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int shift_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int roster_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int handovers_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int feed_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);

extern const struct err_kind ERR_EXPOSED, ERR_SITE_CLOSED;

#endif
