/* Whom to send where, as one assignment problem over all requests together: the
 * most slots filled, and among those the least cost. Pure: numbers in, numbers out. */
#ifndef DOMAIN_DUTY_DISPATCH_H
#define DOMAIN_DUTY_DISPATCH_H

#include "base/arena.h"
#include "base/err.h"

#define DISPATCH_NEVER    INT64_MAX
#define DISPATCH_COST_MAX 1000000000LL /* of one pair */

struct dispatch {
	size_t requests, persons;
	const int64_t *slots; /* of each request */
	const int64_t *cost;  /* [request × persons + person], 0…DISPATCH_COST_MAX, or DISPATCH_NEVER */
};

/* `ret`: for each person the request it is sent to, or -1. The same numbers give the same answer. */
int dispatch_solve(const struct dispatch *d, struct arena *arena, int64_t *ret, struct err *err);

/* Metres between two points given in millionths of a degree; good enough for a county. */
int64_t dispatch_metres(int64_t lon1, int64_t lat1, int64_t lon2, int64_t lat2);

#endif
