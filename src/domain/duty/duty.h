/* Duty and support: who is on post, the reserve and whom it sends where, shifts
 * round the clock, handing over. Muster, reserve and shifts belong to an
 * incident: a drill moves nobody of the real thing. */
#ifndef DOMAIN_DUTY_H
#define DOMAIN_DUTY_H

#include "domain/domain.h"

extern const struct module DUTY_MODULE;

enum duty_status { DUTY_ON_POST, DUTY_OFF_POST, DUTY_LEAVE, DUTY_QUARANTINED };
extern const char *const DUTY_STATUSES[], *const DUTY_STATUSES_ZH[];

struct duty_reported {
	struct uuid person;
	int64_t status;
	struct uuid shift;   /* nil: none */
	struct str handover; /* personal */
	int64_t handed_over; /* filled: 1 when there is a note, else FIELD_ABSENT */
};

struct reserve_joined {
	struct uuid person;
	int64_t available_from;
	struct list skills; /* of struct str */
};

struct reserve_left {
	struct uuid person;
	struct str reason;
};

struct support_requested {
	struct uuid id, site;
	int64_t headcount;
	struct str reason;
	int64_t needed_by;  /* FIELD_ABSENT: as soon as can be */
	struct list skills; /* of struct str */
};

struct support_assigned {
	struct uuid request;
	struct list persons; /* of struct uuid */
	int64_t report_by;
};

struct support_person {
	struct uuid request, person;
	int64_t again; /* of a release: 1 when somebody else should come in the place */
};

struct shift_planned {
	struct uuid id, site;
	int64_t from, to;
	struct list persons; /* of struct uuid */
};

/* The last status of a person at a moment: 1 and it, 0 none reported, -1. */
struct duty_report {
	int64_t at, status, seq;
	place_t area;
	struct uuid event, site, shift;
};
int duty_last(struct work *w, const struct uuid *person, int64_t incident_no, int64_t at, struct duty_report *ret,
	      struct err *err);

/* A person's calendar is read with a token instead of a session: the person's id and a keyed hash of it. */
#define DUTY_TOKEN_MAX 64
struct str duty_feed_token(struct work *w, const struct uuid *person);
/* The shifts of the last 7 and next 60 days as iCalendar. ERR_NOT_FOUND for a token that is none. */
int duty_feed(struct work *w, struct str token, struct buf *out, struct err *err);

#endif
