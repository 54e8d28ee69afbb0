/* What is special about each family's connections. */
#ifndef DB_SESSION_H
#define DB_SESSION_H

#include "base/buf.h"
#include "db/handle.h"

/* Driver and package, as messages call them. */
const char *session_driver(const struct dialect *d);
const char *session_package(const struct dialect *d);

/* Append what only the moment of connecting knows.  0 or -1. */
int session_keywords(struct buf *out, const struct dialect *d,
    int64_t timeout_ms) MUST_CHECK;

/* Can this version read databases of the family?  0 or -1. */
int session_check(const struct dialect *d, struct err *err) MUST_CHECK;

/*
 * Right after connecting: make the session what the family needs, schema
 * (maybe NULL) the one of unqualified names, and prove that it is read-only.
 * 0 or -1.
 */
int session_start(struct db *db, const char *schema, struct err *err)
    MUST_CHECK;

/*
 * Before a statement is run: how long the driver may wait for its answer, in
 * families whose sessions cannot be told.
 */
void session_limit(const struct db *db, SQLHSTMT stmt);

/* What a diagnostic means besides its words. */
enum session_fault {
	SESSION_PLAIN,
	SESSION_TIMEOUT,	/* the database's own limit of time */
	SESSION_STALE,		/* a prepared statement, its tables changed */
	SESSION_LOST		/* the connection is gone */
};
enum session_fault session_fault(const char *state, int64_t native);

#endif
