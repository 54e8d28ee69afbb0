/*
 * Connections: each family of databases is opened read-only in its own way,
 * and what a driver has to say about a failure becomes one sentence.
 */
#include "db/db.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "db/db_file.h"
#include "db/handle.h"
#include "db/session.h"
#include "db/socket.h"
#include "db/sqlite.h"

/* Of prepared statements, until db_set_statements_max() says otherwise. */
#define STATEMENTS_MAX 64
/* Longest wait for a lock of SQLite, within which a writer is done. */
#define LOCK_WAIT_MS 5000

static SQLHENV environment = SQL_NULL_HENV;

int
db_init(struct err *err)
{
	if (sqlite_init(err) != 0)
		return -1;
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE,
	    &environment)) ||
	    !SQL_SUCCEEDED(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION,
	    db_number(SQL_OV_ODBC3), 0)))
		return err_set(err, ERR_INTERNAL,
		    "ODBC's environment cannot be made");
	return 0;
}

enum err_code
db_guard_check(const struct db_guard *g)
{
	uint64_t deadline;

	if (g == NULL)
		return ERR_NONE;
	if (atomic_load_explicit(&g->cancelled, memory_order_relaxed))
		return ERR_CANCELLED;
	deadline = atomic_load_explicit(&g->deadline_ms, memory_order_relaxed);
	if (deadline != 0 && clock_ms() >= deadline)
		return ERR_TIMEOUT;
	return ERR_NONE;
}

bool
db_stopped(const struct db *db, struct err *err)
{
	enum err_code code = db_guard_check(db->guard);

	if (code == ERR_TIMEOUT)
		err_set(err, code, "the query took longer than query_timeout"
		    "%s", db->watch.locked ? ": the database is locked" : "");
	else if (code == ERR_CANCELLED)
		err_set(err, code, "the caller is gone");
	return code != ERR_NONE;
}

/* "[unixODBC][Driver Manager]text" to "text": who speaks is known. */
static const char *
without_brackets(const char *text)
{
	while (*text == '[') {
		const char *end = strchr(text, ']');

		if (end == NULL)
			break;
		text = end + 1 + strspn(end + 1, " ");
	}
	return text;
}

static bool
driver_is_missing(const char *state, const char *text)
{
	return strcmp(state, "IM002") == 0 || strcmp(state, "IM003") == 0 ||
	    strstr(text, "Can't open lib") != NULL;
}

struct diagnostic {
	SQLCHAR state[SQL_SQLSTATE_SIZE + 1], text[ERR_TEXT_MAX];
	SQLINTEGER native;
};

/* The first that is no warning: SQL Server says other things before it. */
static bool
find_failure(SQLSMALLINT type, SQLHANDLE handle, struct diagnostic *d)
{
	SQLSMALLINT i = 1, len;

	do {
		if (!SQL_SUCCEEDED(SQLGetDiagRec(type, handle, i++, d->state,
		    &d->native, d->text, sizeof(d->text), &len)))
			return false;
	} while (strncmp((char *)d->state, "01", 2) == 0);
	/* one sentence is one line */
	for (SQLCHAR *c = d->text; *c != '\0'; c++)
		if (*c < ' ')
			*c = ' ';
	return true;
}

bool
db_has_failed(SQLSMALLINT type, SQLHANDLE handle)
{
	struct diagnostic d;

	return find_failure(type, handle, &d);
}

int
db_failed(struct db *db, SQLSMALLINT type, SQLHANDLE handle, struct err *err)
{
	struct diagnostic d;
	enum session_fault fault;
	const char *what;

	db->stale = false;
	if (db_stopped(db, err))
		return -1;
	if (!find_failure(type, handle, &d))
		return err_set(err, ERR_DATABASE,
		    "the database failed without a word");
	what = without_brackets((char *)d.text);
	fault = session_fault((char *)d.state, d.native);
	if (fault == SESSION_LOST)
		db->lost = true;
	db->stale = fault == SESSION_STALE;
	if (fault == SESSION_TIMEOUT)
		return err_set(err, ERR_TIMEOUT,
		    "the query took longer than query_timeout");
	if (db->dialect != NULL && driver_is_missing((char *)d.state, what))
		return err_set(err, ERR_DATABASE, "the ODBC driver %s is not "
		    "installed (in Debian: %s), or not in odbcinst.ini",
		    session_driver(db->dialect),
		    session_package(db->dialect));
	return err_set(err, ERR_DATABASE, "the database says: %s [%s]", what,
	    (char *)d.state);
}

/* A data source's family is known once it has answered. */
static int
learn_dialect(struct db *db, struct err *err)
{
	SQLCHAR name[64];
	SQLSMALLINT len;

	if (!SQL_SUCCEEDED(SQLGetInfo(db->handle, SQL_DBMS_NAME, name,
	    sizeof(name), &len)))
		return db_failed(db, SQL_HANDLE_DBC, db->handle, err);
	db->dialect = db_dialect_by_name((char *)name);
	if (db->dialect == NULL)
		return err_set(err, ERR_DATABASE,
		    "databases of the kind %s are not known", (char *)name);
	return 0;
}

static int
connect_to(struct db *db, const struct db_target *t, int64_t timeout_ms,
    struct err *err)
{
	struct buf s;
	struct sockets before;
	SQLRETURN r;

	db->watch.wait_ms = timeout_ms < LOCK_WAIT_MS ? timeout_ms :
	    LOCK_WAIT_MS;
	(void)sqlite_opened();	/* forget what others opened before */
	buf_init(&s, 0);
	SQLSetConnectAttr(db->handle, SQL_ATTR_LOGIN_TIMEOUT,
	    db_number((timeout_ms + 999) / 1000), 0);
	if (buf_puts(&s, t->connection) != 0 || session_keywords(&s,
	    t->dialect, t->file != NULL ? db->watch.wait_ms : timeout_ms) !=
	    0 || buf_putc(&s, '\0') != 0) {
		buf_wipe(&s);
		return err_set(err, ERR_INTERNAL, "out of memory");
	}
	sockets_note(&before);
	r = SQLDriverConnect(db->handle, NULL, (SQLCHAR *)s.data, SQL_NTS,
	    NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
	buf_wipe(&s);
	if (!SQL_SUCCEEDED(r))
		return db_failed(db, SQL_HANDLE_DBC, db->handle, err);
	db->socket = sockets_new(&before);
	return 0;
}

int
db_socket(const struct db *db)
{
	return db->socket;
}

static int
start_session(struct db *db, const struct db_target *t, struct err *err)
{
	if (db->dialect == NULL && learn_dialect(db, err) != 0)
		return -1;
	if (session_check(db->dialect, err) != 0)
		return -1;
	return session_start(db, t->schema, err);
}

struct db *
db_open(const struct db_target *t, const struct db_guard *guard,
    int64_t connect_timeout_ms, struct err *err)
{
	struct db *db;

	if ((t->dialect != NULL && session_check(t->dialect, err) != 0) ||
	    (t->file != NULL && db_file_check(t->file, err) != 0))
		return NULL;
	db = calloc(1, sizeof(*db));
	if (db == NULL) {
		err_set(err, ERR_INTERNAL, "out of memory");
		return NULL;
	}
	db->dialect = t->dialect;
	db->guard = guard;
	db->stmts_max = STATEMENTS_MAX;
	db->socket = -1;
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, environment,
	    &db->handle))) {
		err_set(err, ERR_INTERNAL, "no handle for a connection");
		goto free_db;
	}
	if (connect_to(db, t, connect_timeout_ms, err) != 0)
		goto free_handle;
	if (start_session(db, t, err) != 0)
		goto disconnect;
	return db;

disconnect:
	SQLDisconnect(db->handle);
free_handle:
	SQLFreeHandle(SQL_HANDLE_DBC, db->handle);
free_db:
	free(db);
	return NULL;
}

void
db_close(struct db **db)
{
	struct db *d = *db;

	if (d == NULL)
		return;
	*db = NULL;
	db_drop_statements(d);
	SQLDisconnect(d->handle);
	SQLFreeHandle(SQL_HANDLE_DBC, d->handle);
	buf_fini(&d->watch.row);
	free(d);
}

const struct dialect *
db_dialect(const struct db *db)
{
	return db->dialect;
}

bool
db_is_dead(struct db *db)
{
	SQLUINTEGER dead = SQL_CD_FALSE;

	if (!SQL_SUCCEEDED(SQLGetConnectAttr(db->handle,
	    SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL)))
		return db->lost;
	return db->lost || dead == SQL_CD_TRUE;
}
