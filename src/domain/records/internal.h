/* Shared by the records module's own files. */
#ifndef DOMAIN_RECORDS_INTERNAL_H
#define DOMAIN_RECORDS_INTERNAL_H

#include "domain/records/records.h"

#define RECORDS_N_VIEWS 5
extern const struct view RECORDS_VIEWS[RECORDS_N_VIEWS];

#endif
