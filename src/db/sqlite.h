/* What SQLite wants, beyond ODBC: the driver's handles are guarded here. */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include "base/buf.h"
#include "db/db.h"
#include "model/arena.h"

struct sqlite3;

struct sqlite_column {
	const char *name;
	const char *declared;	/* NULL: it is the result of an expression */
};

/* What the library's callbacks look at; lives as long as the handle. */
struct sqlite_watch {
	const struct db_guard *guard;	/* may be NULL */
	int64_t wait_ms;		/* for a locked database */
	bool locked;			/* the guard ended such a wait */
	/* What DIALECT_SQLITE_VALUE gives. */
	const struct value *values;
	size_t nvalues;
	struct buf row;		/* what DIALECT_SQLITE_ROW made last; owned by
				 * whoever closes the handle */
};

/* Before anything else of libsqlite3.  0 or -1. */
int sqlite_init(struct err *err) MUST_CHECK;

/* The handle that the driver opened since the last call, or NULL. */
struct sqlite3 *sqlite_opened(void);

/*
 * Make a handle read-only, whatever it is asked, and let the guard stop its
 * statements.  0 or -1.
 */
int sqlite_guard(struct sqlite3 *handle, struct sqlite_watch *watch,
    struct err *err) MUST_CHECK;

/* Give a handle the functions that our statements call.  0 or -1. */
int sqlite_functions(struct sqlite3 *handle, struct sqlite_watch *watch)
    MUST_CHECK;

/*
 * The columns of a statement; they, and their texts, are in the arena.  NULL:
 * it is wrong, it has none, or there is no memory.
 */
struct sqlite_column *sqlite_columns(struct sqlite3 *handle, const char *sql,
    size_t len, struct arena *arena, size_t *n_out);

#endif
