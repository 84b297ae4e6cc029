/* Shared by the places module's own files. */
#ifndef DOMAIN_PLACES_INTERNAL_H
#define DOMAIN_PLACES_INTERNAL_H

#include "domain/places/places.h"

int division_listed_check(struct work *w, const struct event *ev, struct err *err);
int division_renamed_check(struct work *w, const struct event *ev, struct err *err);
int grid_defined_check(struct work *w, const struct event *ev, struct err *err);
int site_closed_check(struct work *w, const struct event *ev, struct err *err);
int grid_void_check(struct work *w, const struct event *ev, struct err *err);
int site_changed_check(struct work *w, const struct event *ev, struct err *err);
int household_changed_check(struct work *w, const struct event *ev, struct err *err);
int household_removed_check(struct work *w, const struct event *ev, struct err *err);
int division_void_check(struct work *w, const struct event *ev, struct err *err);

/* Households are found by runs of so many records. */
#define HOUSEHOLD_BLOCK 256
int household_behind(struct work *w, const struct behind_query *q, behind_fn put, void *ctx, struct err *err);

#define PLACES_N_VIEWS 3
extern const struct view PLACES_VIEWS[PLACES_N_VIEWS];
#define PLACES_N_FIGURES 4
extern const struct figure_def PLACES_FIGURES[PLACES_N_FIGURES];

#endif
