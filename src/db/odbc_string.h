/*
 * ODBC connection strings, "Driver={SQLite3};Database=x;": their pairs, and
 * the bracing of values.  Prisma's sqlserver urls write their tail the same
 * way.
 */
#ifndef DB_ODBC_STRING_H
#define DB_ODBC_STRING_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Longer names and values are nobody's. */
#define ODBC_NAME_MAX 64
#define ODBC_VALUE_MAX 1024

struct odbc_pair {
	char name[ODBC_NAME_MAX];
	char value[ODBC_VALUE_MAX];	/* braces taken off */
};

/*
 * The next pair of *s, which moves behind it: 1, 0 at the end, or -1 when it
 * is none; the sentence never shows a value.
 */
int odbc_string_next(const char **s, struct odbc_pair *out, struct err *err)
    MUST_CHECK;

/* Append "name=value;", braced when the value needs it.  0 or -1. */
int odbc_string_put(struct buf *out, const char *name, const char *value)
    MUST_CHECK;

/*
 * The same for FreeTDS, which knows no doubled brace but takes all until "};":
 * a value that has this in it cannot be told.  0, -1, or 1: not this value.
 */
int odbc_string_put_tds(struct buf *out, const char *name,
    const char *value) MUST_CHECK;

#endif
