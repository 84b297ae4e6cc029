/* The figures as callers read them: all of a place, the records behind one,
 * and one day by day. What a figure counts is its own module's affair. */
#ifndef DOMAIN_FIGURES_H
#define DOMAIN_FIGURES_H

#include "domain/domain.h"

extern const struct module FIGURES_MODULE;

/* Every figure's value for a place as of a day, in registry order: a list of struct count in the arena. */
int figures_all(struct work *w, place_t place, int64_t day, int64_t incident_no, struct list *ret, struct err *err);

#endif
