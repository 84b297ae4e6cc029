/* The checkpoints module's shapes and descriptor. */
#include "domain/checkpoints/checkpoints.h"

#include "checkpoints.sql.h"

static const char *const TABLES[] = { "checkpoints_none", NULL };

const struct module CHECKPOINTS_MODULE = {
	.name = "checkpoints",
	.rank = 4,
	.zh = "检查点",
	.en = "Checkpoints",
	.schema = CHECKPOINTS_SCHEMA,
	.tables = TABLES,
};
