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
