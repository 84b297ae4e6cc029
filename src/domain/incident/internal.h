/* Shared by the incident module's own files. */
#ifndef DOMAIN_INCIDENT_INTERNAL_H
#define DOMAIN_INCIDENT_INTERNAL_H

#include "domain/incident/incident.h"

enum incident_kind {
	INCIDENT_EPIDEMIC,
	INCIDENT_FLOOD,
	INCIDENT_EARTHQUAKE,
	INCIDENT_FIRE,
	INCIDENT_DRILL,
	INCIDENT_OTHER
};
extern const char *const INCIDENT_KINDS[], *const INCIDENT_KINDS_ZH[];

struct parameter_def {
	const char *name;
	int64_t otherwise, least, most;
	const char *zh, *en;
};
extern const struct parameter_def PARAMETERS[];

int incident_opened_void(struct work *w, const struct event *ev, struct err *err);
int incident_closed_check(struct work *w, const struct event *ev, struct err *err);
int parameter_set_check(struct work *w, const struct event *ev, struct err *err);
int role_granted_check(struct work *w, const struct event *ev, struct err *err);
int role_revoked_check(struct work *w, const struct event *ev, struct err *err);

#define INCIDENT_N_VIEWS 3
extern const struct view INCIDENT_VIEWS[INCIDENT_N_VIEWS];

#endif
