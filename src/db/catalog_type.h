/* What a column's declared type is in Prisma's words: a table per family. */
#ifndef DB_CATALOG_TYPE_H
#define DB_CATALOG_TYPE_H

#include "db/catalog.h"

/*
 * Fill type, native, native_args, native_max, list of a column whose declared
 * is set, and whose native_args are what the database told beside it (-1 =
 * nothing; -1 in the first means Max where max is true).  0, or -1: no memory.
 */
int catalog_type(struct catalog_column *c, enum dialect_id id,
    struct arena *arena) MUST_CHECK;

/* The values of "enum('a','b')"; NULL: it is none, or there is no memory. */
struct catalog_enum *catalog_type_enum(const char *declared,
    struct arena *arena);

#endif
