/*
 * How each family is asked for its catalogue.  A part gives the same columns
 * everywhere; its shape names them, a letter each: s = text, i = number,
 * either may be NULL.
 */
#ifndef DB_CATALOG_QUERY_H
#define DB_CATALOG_QUERY_H

#include "model/dialect.h"

enum catalog_part {
	CATALOG_HERE,		/* the schema of names without one */
	CATALOG_TABLES,		/* schema, name, is it a view */
	CATALOG_ENUMS,		/* schema, name, value; in their order */
	/*
	 * schema, table, name, type as declared, length or precision, scale
	 * (both NULL: they are in the type's brackets), may it be NULL, is it
	 * numbered by the database, default, the enum's schema and name; in
	 * the order of the table.
	 */
	CATALOG_COLUMNS,
	/*
	 * schema, table, name, 'p' or 'u' or 'i', column (NULL: no column, of
	 * no use then); in the order of the key.
	 */
	CATALOG_KEYS,
	/*
	 * schema, table, name, column, schema and table referred to, column
	 * referred to (NULL: the primary key's); in the order of the key.
	 */
	CATALOG_FOREIGN,
	CATALOG_PRIVILEGES,	/* name, example, count */
	CATALOG_PARTS
};

extern const char *const catalog_shapes[CATALOG_PARTS];

/* NULL: this family has nothing of the kind. */
const char *catalog_query(enum dialect_id id, enum catalog_part part);

#endif
