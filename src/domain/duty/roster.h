/* A fair roster round the clock: who stands when, nobody twice at once, eight
 * hours' rest, the least burdened first. Pure: it knows of no store. */
#ifndef DOMAIN_DUTY_ROSTER_H
#define DOMAIN_DUTY_ROSTER_H

#include "domain/domain.h"

struct roster_person {
	struct uuid id;
	struct spans busy; /* shifts that stand already, in order; room for more behind is `room` */
	size_t room;
	struct spans away;  /* not to be asked: exposed, gone */
	int64_t minutes;    /* of duty within the period */
	int64_t last_ended; /* INT64_MIN: not yet */
};

struct roster_slot {
	int64_t from, to;
	int64_t heads; /* still needed */
	size_t *who;   /* indexes of persons; room for `heads` */
	size_t n;
};

/* Fills slots in their order. A person's `busy` needs room for as many more as there are slots. */
void roster_plan(struct roster_person *people, size_t n, struct roster_slot *slots, size_t n_slots, int64_t rest);

#endif
