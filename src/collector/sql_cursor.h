/*
 * The rows of any SELECT, in bounded memory where the database can: a driver
 * that holds whole results is given them in pages of a cursor of the server.
 */
#ifndef COLLECTOR_SQL_CURSOR_H
#define COLLECTOR_SQL_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "db/db.h"
#include "model/sql.h"

struct sql_cursor {
	struct db *db;
	const struct sql *sql;
	const char *name;
	struct db_stmt *described;	/* it knows the columns */
	struct db_stmt *st;		/* rows come out of it; or NULL */
	size_t page;			/* rows of st so far */
	bool snapshot;			/* a transaction is ours to end */
};

/*
 * Prepare it: its columns are db_columns(c->described).  sql, and name, which
 * is of letters, digits and "_", must outlive it.  0 or -1; sql_cursor_close()
 * either way.
 */
int sql_cursor_open(struct sql_cursor *c, struct db *db,
    const struct sql *sql, const char *name, struct err *err) MUST_CHECK;

/* Run it.  0 or -1. */
int sql_cursor_start(struct sql_cursor *c, struct err *err) MUST_CHECK;

/* The next row, as db_fetch(). */
int sql_cursor_next(struct sql_cursor *c, struct value *row, struct err *err)
    MUST_CHECK;

void sql_cursor_close(struct sql_cursor *c);

#endif
