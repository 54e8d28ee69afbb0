/* What one family of databases wants to be written differently: a row each. */
#ifndef MODEL_DIALECT_H
#define MODEL_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/schema.h"

enum dialect_id {
	DIALECT_SQLITE,
	DIALECT_POSTGRESQL,
	DIALECT_MARIADB,
	DIALECT_SQLSERVER,
	DIALECTS
};

/* Where the row limit stands in a SELECT. */
enum dialect_limit { DIALECT_LIMIT_END, DIALECT_LIMIT_TOP };

struct dialect {
	enum dialect_id id;
	const char *name;	/* "sqlite" ... as in messages */
	char quote_open;	/* around identifiers; doubled inside */
	char quote_close;
	bool schemas;		/* knows tables in schemas: "dbo"."Member" */
	/*
	 * What a Float or Decimal column is selected as, where the driver
	 * would round doubles: $ stands for the column.  NULL: as it is.
	 */
	const char *exact;
	enum dialect_limit limit;
	size_t parameters_max;	/* in one statement */
	size_t statements_open;	/* results open at once on a connection;
				 * 0 = any number */
	bool streams;		/* an open result costs bounded memory */
};

/* Never NULL for an id of the enum. */
const struct dialect *dialect_by_id(enum dialect_id id);

#endif
