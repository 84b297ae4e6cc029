/* The notices module's shapes and descriptor. */
#include "domain/notices/notices.h"

#include "notices.sql.h"

static const char *const TABLES[] = { "notices_none", NULL };

const struct module NOTICES_MODULE = {
	.name = "notices",
	.rank = 4,
	.zh = "通知",
	.en = "Notices",
	.schema = NOTICES_SCHEMA,
	.tables = TABLES,
};
