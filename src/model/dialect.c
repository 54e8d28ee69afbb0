/* The table of dialects; why a figure is what it is stands beside it. */
#include "model/dialect.h"

#include <assert.h>

/*
 * No driver takes more than this safely: SQL Server refuses 2,100, and
 * PostgreSQL's driver corrupts its heap at 65,535.
 */
#define PARAMETERS_MAX 2000

static const struct dialect dialects[] = {
	[DIALECT_SQLITE] = {
		.id = DIALECT_SQLITE,
		.name = "sqlite",
		.quote_open = '"',
		.quote_close = '"',
		.schemas = false,	/* a file is one schema */
		/* Its driver makes text of all values, with 15 digits. */
		.exact = "CASE typeof($) WHEN 'real' "
		    "THEN printf('%!.19e', $) ELSE $ END",
		.limit = DIALECT_LIMIT_END,
		.parameters_max = PARAMETERS_MAX,
		.statements_open = 0,
		.streams = true,
	},
	[DIALECT_POSTGRESQL] = {
		.id = DIALECT_POSTGRESQL,
		.name = "postgresql",
		.quote_open = '"',
		.quote_close = '"',
		.schemas = true,
		.limit = DIALECT_LIMIT_END,
		.parameters_max = PARAMETERS_MAX,
		.statements_open = 0,
		.streams = false,	/* the driver holds the whole result */
	},
	[DIALECT_MARIADB] = {
		.id = DIALECT_MARIADB,
		.name = "mariadb",
		.quote_open = '`',
		.quote_close = '`',
		.schemas = true,
		.limit = DIALECT_LIMIT_END,
		.parameters_max = PARAMETERS_MAX,
		.statements_open = 0,
		.streams = false,	/* the driver holds the whole result */
	},
	[DIALECT_SQLSERVER] = {
		.id = DIALECT_SQLSERVER,
		.name = "sqlserver",
		.quote_open = '[',
		.quote_close = ']',
		.schemas = true,
		.limit = DIALECT_LIMIT_TOP,
		.parameters_max = PARAMETERS_MAX,
		.statements_open = 1,	/* no MARS through FreeTDS */
		.streams = true,
	},
};

static_assert(sizeof(dialects) / sizeof(*dialects) == DIALECTS,
    "a row for each dialect");

const struct dialect *
dialect_by_id(enum dialect_id id)
{
	return &dialects[id];
}
