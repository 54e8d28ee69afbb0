/* What the files of this room share: the connection and its errors. */
#ifndef DB_HANDLE_H
#define DB_HANDLE_H

#include <sql.h>
#include <sqlext.h>

#include "db/db.h"
#include "db/sqlite.h"

struct db {
	SQLHDBC handle;
	const struct dialect *dialect;
	const struct db_guard *guard;	/* the opener's; may be NULL */
	struct sqlite_watch watch;	/* SQLite only */
	struct sqlite3 *sqlite;		/* the same; the driver's */
	bool lost;			/* an error said so */
	bool stale;			/* the last error: prepare again */
	bool transaction;		/* db_snapshot_begin() was called */
	int64_t timeout_ms;		/* what the session was told */
	int socket;			/* the driver's; -1 = none, a file */
	int64_t number;			/* of the session; 0 = not known */
	/* The statement cache, the least recently used first. */
	struct db_stmt **stmts;
	size_t nstmts;
	size_t stmts_max;
};

/* ODBC's older functions take plain pointers to what they only read. */
static inline void *
db_plain(const void *p)
{
	union {
		const void *constant;
		void *plain;
	} u = { .constant = p };

	return u.plain;
}

/* ... and numbers in a pointer's place. */
static inline SQLPOINTER
db_number(int64_t n)
{
	return (SQLPOINTER)(intptr_t)n;
}

/* The dialect of a driver or a database, by a piece of its name, or NULL. */
const struct dialect *db_dialect_by_name(const char *name);

/*
 * Must the running statement end?  Then the reason is in err, and whatever
 * the driver says is of no interest: a statement that was interrupted in the
 * middle of its rows looks complete.
 */
bool db_stopped(const struct db *db, struct err *err);

/*
 * Store why a call failed: the guard's reason, else the first diagnostic of a
 * handle.  Always -1.
 */
int db_failed(struct db *db, SQLSMALLINT type, SQLHANDLE handle,
    struct err *err);

/*
 * Is there a failure among the diagnostics of a call that was successful with
 * information?  FreeTDS gives the rows in front of an error like that, and
 * nothing behind it: the result would look complete.
 */
bool db_has_failed(SQLSMALLINT type, SQLHANDLE handle);

/* Drop all statements of the cache. */
void db_drop_statements(struct db *db);

#endif
