/* The duty module's shapes and descriptor. */
#include "domain/duty/duty.h"

#include "duty.sql.h"

static const char *const TABLES[] = { "duty_none", NULL };

const struct module DUTY_MODULE = {
	.name = "duty",
	.rank = 4,
	.zh = "到岗与支援",
	.en = "Duty and support",
	.schema = DUTY_SCHEMA,
	.tables = TABLES,
};
