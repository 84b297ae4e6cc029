/* Projectors of the places module. */
#ifndef DOMAIN_PLACES_PROJECT_H
#define DOMAIN_PLACES_PROJECT_H

#include "domain/places/places.h"

int division_listed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int division_renamed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int grid_defined_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int site_opened_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int site_changed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int site_closed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int household_registered_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int household_changed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int household_removed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);

#endif
