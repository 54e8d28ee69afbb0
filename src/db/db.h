/*
 * One ODBC connection and its statements: the only room that knows sql.h.
 * Nothing here is ever called by two threads at once.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/dialect.h"
#include "model/schema.h"
#include "model/value.h"

/* Where a database is: made from DATABASE_URL (db_url.c). */
struct db_target {
	const struct dialect *dialect;	/* NULL: known once connected (DSN) */
	char *connection;	/* ODBC keywords; secret: never print it */
	char *shown;		/* for messages: no password */
	char *file;		/* SQLite: the path; NULL for the others */
	char *schema;		/* of names without one; NULL = the login's */
};

/*
 * Understand a url in any spelling of dalpuri.conf(5).  folder: what a
 * relative SQLite path is relative to.  0, or -1 with a sentence that names
 * the part at fault and never contains a secret.
 */
int db_target_read(struct db_target *t, const char *url, const char *folder,
    struct err *err) MUST_CHECK;
void db_target_fini(struct db_target *t);

/* Of a url, its dialect alone; NULL on failure, too. */
int db_dialect_read(const struct dialect **out, const char *url,
    const char *folder, struct err *err);

struct db;
struct db_stmt;

/*
 * What may stop a statement between two rows or inside the database: read by
 * this room, set by others (cancelled) or by the caller before it starts
 * (deadline_ms).
 */
struct db_guard {
	atomic_bool cancelled;
	_Atomic uint64_t deadline_ms;	/* clock_ms(); 0 = none */
};

/* ERR_NONE, or why to stop: CANCELLED or TIMEOUT.  g may be NULL. */
enum err_code db_guard_check(const struct db_guard *g);

/*
 * Once per process, before the first connect: the settings of libsqlite3
 * that must come first, the environment handle.
 */
int db_init(struct err *err) MUST_CHECK;

/*
 * Connect, read-only in the database's own way.  A database that is locked is
 * waited for at most connect_timeout_ms, also later on.  guard may be NULL;
 * it must outlive the connection.  NULL with DATABASE.
 */
struct db *db_open(const struct db_target *t, const struct db_guard *guard,
    int64_t connect_timeout_ms, struct err *err);
/* Close everything, statements too.  May block behind a stuck driver. */
void db_close(struct db **db);

/*
 * The most time that a statement may take inside of the database, where the
 * database itself can be told; 0 = any.
 */
int db_set_query_timeout(struct db *db, int64_t ms, struct err *err)
    MUST_CHECK;

/*
 * All statements until db_snapshot_end() see one state of the database, where
 * it can do that; else nothing happens.  0, or -1 with DATABASE.
 */
int db_snapshot_begin(struct db *db, struct err *err) MUST_CHECK;
void db_snapshot_end(struct db *db);

/*
 * The driver's socket, or -1.  Shutting it down frees a call that is stuck in
 * the driver, which is the only thing that another thread may ever do to a
 * connection; it is lost then.
 */
int db_socket(const struct db *db);

/*
 * The server's number of this session, 0 where there is none; and the end of
 * another session of this login, which a server may still be serving after
 * its socket was shut down.  0 or -1.
 */
int64_t db_number_of(const struct db *db);
int db_end_other(struct db *db, int64_t number, struct err *err) MUST_CHECK;

/* How this database wants to be asked. */
const struct dialect *db_dialect(const struct db *db);

/* Is the connection lost?  Asked after every error. */
bool db_is_dead(struct db *db);

/* What a statement's rows are. */
struct db_columns {
	const struct schema_field *const *fields;
	size_t n;
	enum dialect_pack pack;		/* as the statement was written */
};

/*
 * A prepared statement from the connection's cache (by its text; the least
 * recently used is dropped above the bound), or freshly prepared and with its
 * columns bound as the fields' types want it.  It is the caller's until
 * db_finish(); the same text asked for meanwhile gives another statement.
 * It belongs to db.  NULL on errors: see db_is_dead().
 */
struct db_stmt *db_prepare(struct db *db, const char *sql, size_t len,
    const struct db_columns *columns, struct err *err);

/*
 * The same for a SELECT whose columns are typed from its result: their fields
 * (name = column = the alias, type, optional) are st's, valid until
 * db_finish().
 */
struct db_stmt *db_prepare_any(struct db *db, const char *sql, size_t len,
    struct err *err);
const struct schema_field *const *db_columns(const struct db_stmt *st,
    size_t *n_out);

void db_set_statements_max(struct db *db, size_t n);

/*
 * Run it with n parameters.  params must last until this returns, or until
 * db_finish() for those of db_prepare_any(), as texts and bytes in it always:
 * they are looked at while rows are fetched.
 */
int db_execute(struct db_stmt *st, const struct value *params, size_t n,
    struct err *err) MUST_CHECK;

/* No row can be had of a statement in this form: ask in another one. */
#define DB_UNCLEAR 2

/*
 * The next row: 1, and row[0..ncolumns) is filled (its text is valid until
 * the next call on st); 0 at the end; -1 on an error, or when the guard said
 * stop: TIMEOUT or CANCELLED, whatever the driver returned.  Of DIALECT_FIELDS
 * the first call may say DB_UNCLEAR instead.
 */
int db_fetch(struct db_stmt *st, struct value *row, struct err *err)
    MUST_CHECK;

/* Bytes of the row just fetched, if rows come packed; else 0. */
size_t db_row_bytes(const struct db_stmt *st);

/* End the result, early or late, and give st back to the cache. */
void db_finish(struct db_stmt *st);

#endif
