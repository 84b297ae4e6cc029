/* Shared by the checkpoints module's own files. */
#ifndef DOMAIN_CHECKPOINTS_INTERNAL_H
#define DOMAIN_CHECKPOINTS_INTERNAL_H

#include "domain/checkpoints/checkpoints.h"
#include "domain/places/places.h"

/* Who records and reads here. */
#define AT_CHECKPOINTS (ROLE_CHECKPOINT | ROLE_OFFICER | ROLE_COMMANDER)

struct pass_issued {
	struct uuid subject;
	struct traveller *person; /* personal */
	struct str plate;         /* personal */
	int64_t valid_from, valid_to;
	struct str purpose;
};

struct pass_revoked {
	struct uuid subject;
	struct uuid pass; /* nil: any */
	int64_t valid_from, valid_to;
	struct str purpose;
	struct str reason;
};
#define PASS_DAYS_MAX    60
#define PASS_PURPOSE_MAX 60

/* Checkpoints of a place and below, closed ones too, in order of (place, id), after that; up to `most`. Without names.
 */
int checkpoints_of(struct work *w, place_t place, place_t after, const struct uuid *after_id, size_t most,
		   struct list *ret, struct err *err);

/* What one record adds to the figures and to its site. */
struct tally {
	int64_t vehicles, people, fevers, turned_back, referred, follow_ups;
};
struct tally tally_of(const struct screening_recorded *d);
/* Of the usual form (GA 36-2018)? */
bool plate_usual(struct str plate);

void screening_fill(struct event *ev, struct arena *arena);
int screening_check(struct work *w, const struct event *ev, struct err *err);
int pass_issued_check(struct work *w, const struct event *ev, struct err *err);
int pass_issued_void(struct work *w, const struct event *ev, struct err *err);
int pass_revoked_check(struct work *w, const struct event *ev, struct err *err);
int site_opened_void(struct work *w, const struct event *ev, struct err *err);
int site_closed_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err);
int screening_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err);

int screening_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int pass_issued_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int pass_revoked_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);

/* ---- passes ------------------------------------------------------------------------------- */

struct pass {
	struct uuid id, subject;
	place_t area;
	int64_t at, valid_from, valid_to, seq;
	int64_t revoked, revoked_by; /* when, by which record; FIELD_ABSENT: not */
	struct str purpose;
};

/* Does a revocation (recorded for `area` at `at`) mean this pass? */
bool pass_meant(const struct pass *p, place_t area, int64_t at, const struct pass_revoked *r);
int passes_of_subject(struct work *w, const struct uuid *subject, struct list *ret, struct err *err);

/* The pass as it is carried: "LF1." and, in base64url, the payload and its signature (see passes_code.c). */
#define PASS_CODE_MAX 180
struct pass_shown {
	struct uuid id;
	place_t county;
	int64_t valid_from, valid_to; /* ms */
	struct str name;              /* in full: masked here; absent: unknown */
	struct str id_number;         /* in full: its last four are kept; absent: unknown */
	struct str purpose;           /* cut to what fits */
};
/* In the arena. */
int pass_code(struct work *w, const struct pass_shown *p, struct str *ret, struct err *err);

/* ---- views -------------------------------------------------------------------------------- */

/* What was last known of a subject from a screening within the caller's reach: 1, 0, -1. */
struct last_seen {
	struct event ev;
	const struct screened *person;
};
int last_screening(struct work *w, const struct uuid *subject, struct last_seen *ret, struct err *err);
struct str mask_plate(struct arena *a, struct str s);
bool holds_checkpoint(const struct work *w, place_t area);
/* Personal data of what happened at `area` at `at`: in full also for a checkpoint's shift and a day after. */
enum reveal reveal_passage(const struct work *w, place_t area, int64_t at);

/* A person of a screening as views show it. */
struct bound_item {
	int64_t place;
	struct str place_name, text;
};

struct person_item {
	struct uuid subject;
	struct str name, id_number, phone, origin, note;
	struct bound_item *destination;
	int64_t temperature, unwell, decision;
	struct list symptoms;
};

void screened_fill(struct work *w, const struct screened *p, enum reveal reveal, struct person_item *ret);

int sites_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int screenings_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int screening_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int remembered_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int passes_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int pass_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
int revocations_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err);
extern struct shape BOUND_ITEM, CHECKPOINT_ITEM, SCREENING_ITEM, REMEMBERED_ITEM, PASS_ITEM, REVOCATIONS_ANSWER;

#define CHECKPOINTS_N_FIGURES 5
extern const struct figure_def CHECKPOINTS_FIGURES[CHECKPOINTS_N_FIGURES];

#endif
