/* Shared by the notices module's own files. */
#ifndef DOMAIN_NOTICES_INTERNAL_H
#define DOMAIN_NOTICES_INTERNAL_H

#include "domain/notices/notices.h"

#define DUE_NEVER INT64_MAX /* a notice without an hour */
#define UNIT_NONE (-1)      /* in notice_ack: a person's own acknowledgement */

enum notice_kind { NOTICE_NOTICE, NOTICE_EMERGENCY, NOTICE_INITIATIVE, NOTICE_PLAN, NOTICE_GUIDANCE };
extern const char *const NOTICE_KINDS[], *const NOTICE_KINDS_ZH[];

struct audience {
	struct list places;     /* of place_t */
	struct list categories; /* of int64_t, indexes into CATEGORY_NAMES */
	int64_t party_members;
};
extern struct shape NOTICE_AUDIENCE;

struct notice_issued {
	struct uuid id;
	int64_t kind;
	struct str title, body, number, issuer;
	struct audience *to;
	int64_t acknowledge_by;
	struct uuid parent;
};

/* With a unit, or at a unit's place and no person named: the unit's. Else the person's own. */
struct notice_acknowledged {
	struct uuid notice;
	int64_t unit;
	struct uuid person;
};

struct notice_withdrawn {
	struct uuid notice;
	struct str reason;
};

/* Who should still do what at a unit. */
enum unit_todo { TODO_NOTHING, TODO_ACKNOWLEDGE, TODO_PASS_ON };

/* A notice's row: what its fold says now. */
struct notice {
	struct uuid id, parent;
	place_t area;
	int64_t at, seq, incident_no, kind, due;
	struct str number, title, issuer;
	bool people; /* addressed to people of a category, or to party members */
	int64_t units, acknowledged, late, people_acknowledged;
	int64_t withdrawn; /* FIELD_ABSENT: in force */
};

struct notice_unit {
	place_t place;
	bool below;    /* should be passed on from here */
	int64_t acked; /* FIELD_ABSENT: not */
	int64_t late;  /* the hour, when it passed without an acknowledgement made by then; else FIELD_ABSENT */
	int64_t ack_seq;
	bool passed;
};

/* ---- notices_project.c: the rows ---- */

int notice_get(struct work *w, const struct uuid *id, struct notice *ret, struct err *err); /* 1, 0, -1 */
int notice_children(struct work *w, const struct uuid *id, size_t most, struct list *ret, struct err *err);
int notice_units(struct work *w, const struct uuid *id, struct list *ret, struct err *err);
int notice_unit_get(struct work *w, const struct uuid *id, place_t place, struct notice_unit *ret, struct err *err);
/* The seq of an acknowledgement made by `at`: 1, 0, -1. `person` nil for the unit's. */
int notice_acked_by(struct work *w, const struct uuid *id, place_t unit, const struct uuid *person, int64_t at,
		    int64_t *ret_seq, struct err *err);

int notice_issued_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int notice_acknowledged_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int notice_withdrawn_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);

/* ---- notices_command.c ---- */

#define ROLES_ISSUING ((unsigned)ROLE_OFFICER | ROLE_COMMANDER)
/* An acknowledgement is made by whoever has a part in the work; the auditor and the admin have none. */
#define ROLES_ACKNOWLEDGING (ROLES_BUT_ADMIN & ~(unsigned)ROLE_AUDITOR)

int notice_issued_check(struct work *w, const struct event *ev, struct err *err);
int notice_acknowledged_check(struct work *w, const struct event *ev, struct err *err);
int notice_withdrawn_check(struct work *w, const struct event *ev, struct err *err);
/* What the notice says beside its row: from the ledger, in the arena. */
int notice_read(struct work *w, const struct notice *n, const struct notice_issued **ret, struct err *err);
/* Is the person of the audience at a moment, enrolled within the notice's territory? 1, 0, -1. */
int notice_reaches_person(struct work *w, const struct notice *n, const struct audience *to, const struct uuid *person,
			  int64_t at, struct err *err);

/* ---- notices_view.c ---- */

/* Issued within, or addressed to, the territory of one of the caller's grants: 1, 0, -1. */
int notice_seen(struct work *w, const struct notice *n, struct err *err);
/* The places that the caller answers for: those of grants as officer or commander in force, each once. */
#define OWN_UNITS_MAX 16
size_t notice_own_units(const struct work *w, place_t out[OWN_UNITS_MAX]);
/* Notices addressed to people of a place or of one above it, newest first, up to `most` each. */
struct listed {
	int64_t at;
	struct uuid notice;
};
int notices_for_people(struct work *w, place_t place, const struct listed *before, int64_t most, struct list *ret,
		       struct err *err);

extern struct shape NOTICE_ITEM;
int notices_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int notice_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);

/* ---- notices_cascade.c ---- */

extern struct shape CASCADE_ITEM;
int cascade_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
/* Every unit of a notice and of all that rest on it, for messages: places, each once. */
int cascade_places(struct work *w, const struct notice *root, struct list *ret, struct err *err);

/* ---- notices_task.c ---- */

#define NOTICES_N_TASKS 4
extern const struct task_rule NOTICES_TASKS[NOTICES_N_TASKS];
int notice_issued_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);
int notice_withdrawn_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);
int notices_lapse(struct work *w, int64_t after, int64_t upto, post_fn post, void *ctx, struct err *err);

#define NOTICES_N_FIGURES 3
extern const struct figure_def NOTICES_FIGURES[NOTICES_N_FIGURES]; /* notices_behind.c */

#endif
