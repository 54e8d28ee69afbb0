/* Collectors that are one SELECT, in a .d.ts. */
#ifndef TOOL_TYPES_SQL_H
#define TOOL_TYPES_SQL_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/conf.h"
#include "db/db.h"
#include "model/collector.h"

/* The database that knows their columns: asked when the first one comes. */
struct types_sql {
	const struct conf *conf;
	struct db *db;
	bool tried;
};

void types_sql_init(struct types_sql *t, const struct conf *c);
void types_sql_fini(struct types_sql *t);

/* The member of interface Collectors; what is not known is told on stderr. */
void types_sql_put(struct types_sql *t, FILE *out, const struct collector *c);

#endif
