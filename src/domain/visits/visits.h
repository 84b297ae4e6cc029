/* Visits and follow-up. */
#ifndef DOMAIN_VISITS_H
#define DOMAIN_VISITS_H

#include "domain/domain.h"

extern const struct module VISITS_MODULE;

#endif
