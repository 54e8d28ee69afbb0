/* The columns of a statement: bound buffers, and what is read from them. */
#ifndef DB_COLUMN_H
#define DB_COLUMN_H

#include <stddef.h>

#include "db/handle.h"

struct column {
	enum scalar_type type;
	SQLSMALLINT ctype;	/* SQL_C_... that it is bound as */
	SQLUSMALLINT number;	/* from 1 */
	char *data;		/* bound; owned */
	size_t size;
	char *large;		/* a value that did not fit; owned, or NULL */
	SQLLEN indicator;
};

/* Bind a column of the type to a statement; 0, or -1: out of memory. */
int column_bind(struct column *c, SQLHSTMT stmt, const struct dialect *d,
    enum scalar_type type) MUST_CHECK;
void column_fini(struct column *c);

/*
 * The value in the row just fetched, valid until the next row.  What was cut
 * is fetched again, whole.  0; -1: ask the statement why; -2: out of memory.
 */
int column_read(struct column *c, SQLHSTMT stmt, struct value *out)
    MUST_CHECK;

#endif
