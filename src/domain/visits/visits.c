/* The visits module's shapes and descriptor. */
#include "domain/visits/visits.h"

#include "visits.sql.h"

static const char *const TABLES[] = { "visits_none", NULL };

const struct module VISITS_MODULE = {
	.name = "visits",
	.rank = 5,
	.zh = "走访与随访",
	.en = "Visits and follow-up",
	.schema = VISITS_SCHEMA,
	.tables = TABLES,
};
