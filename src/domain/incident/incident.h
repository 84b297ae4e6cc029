/* Incidents, parameters and roles. `incident_resolve` and `incident_default`
 * (declared in domain.h) and `parameter_value` serve the other modules. */
#ifndef DOMAIN_INCIDENT_H
#define DOMAIN_INCIDENT_H

#include "domain/domain.h"

extern const struct module INCIDENT_MODULE;

struct incident_opened {
	struct uuid id;
	int64_t kind;
	struct str name;
	int64_t level;
};

struct incident_closed {
	struct uuid incident;
};

struct parameter_set {
	struct str name;
	int64_t value;
	int64_t from;
};

struct role_granted {
	struct str account;
	int64_t role; /* index into ROLE_NAMES */
	int64_t place;
	int64_t until;
};

struct role_revoked {
	struct str account;
	int64_t role;
	int64_t place;
};

extern struct shape INCIDENT_OPENED, ROLE_GRANTED;

/* The incidents open at a moment, in order, up to `most`: how many, -1. */
int incidents_open(struct work *w, int64_t at, int64_t *out, int most, struct err *err);
/* Its id, and whether it is open at a moment: 1, 0, -1. */
int incident_runs(struct work *w, int64_t no, int64_t at, struct uuid *ret, struct err *err);
/* The latest that is no drill of those begun before a moment: its number, 0 when there is none. */
int incident_default_at(struct work *w, int64_t before, int64_t *ret, struct err *err);

/* The parameter in force on a day, or its default; `name` is one of the registered ones. */
int parameter_value(struct work *w, const char *name, int64_t day, int64_t *ret, struct err *err);
/* Calls `each` for every grant in force of an account. */
int grants_of(struct db *db, struct str account, int64_t now, int (*each)(void *ctx, const struct grant *g), void *ctx,
	      struct err *err);
/* The first moment at or after `from` at which somebody holds officer or commander exactly at the place: 1, 0 when
 * nobody has since, -1. */
int place_held_since(struct work *w, place_t place, int64_t from, int64_t *ret, struct err *err);

extern const struct err_kind ERR_GRANT_MIXED;

#endif
