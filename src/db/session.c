/*
 * Sessions: what each family is told after connecting, so that a raw ODBC
 * string or a DSN gives the same read-only session as a url, and the proof
 * that it is one.  Nothing but these statements and prepared SELECTs is ever
 * sent, so what is set here stays.
 */
#include "db/session.h"

#include <stdio.h>
#include <string.h>

static int sqlite_session(struct db *db, struct err *err);

/*
 * PostgreSQL is told by set_config(): with ReadOnly=1 its driver lets nothing
 * but a SELECT through.  Repeatable read costs a single statement nothing, and
 * makes a transaction of several one snapshot.
 */
#define CONFIG(name, value) "set_config('" name "', '" value "', false)"

static const struct {
	const char *driver;	/* as odbcinst.ini calls it */
	const char *package;	/* of Debian, which brings it */
	const char *keywords;	/* always there; NULL = none */
	/* A keyword for the time to connect, where ODBC's own is ignored. */
	const char *keyword;
	int64_t unit_ms;
	/* For what no statement can do; NULL = nothing. */
	int (*open)(struct db *db, struct err *err);
	const char *start;	/* NULL: this version does not read it */
	const char *schema;	/* with one parameter; NULL = has none */
	const char *proof;	/* gives 1 when the session is read-only */
	const char *number;	/* gives the server's number of the session */
	const char *end[2];	/* of another session, around its number */
	/* Around seconds; none = the guard sees to it. */
	const char *timeout[2];
	bool limits;		/* each statement has an attribute for that */
	/*
	 * Asked of the database: gives 1 where all that a transaction reads
	 * can be of one moment, and what makes it so.
	 */
	const char *versions[2];
} families[DIALECTS] = {
	[DIALECT_SQLITE] = {
		.driver = "SQLite3",
		.package = "libsqliteodbc",
		.keyword = "Timeout",
		.unit_ms = 1,
		.open = sqlite_session,
	},
	[DIALECT_POSTGRESQL] = {
		.driver = "PostgreSQL Unicode",
		.package = "odbc-postgresql",
		.start = "SELECT "
		    CONFIG("default_transaction_read_only", "on") ", "
		    CONFIG("default_transaction_isolation",
		    "repeatable read") ", "
		    CONFIG("TimeZone", "UTC") ", "
		    CONFIG("lc_monetary", "C") ", "
		    CONFIG("client_encoding", "UTF8") ", "
		    CONFIG("standard_conforming_strings", "on"),
		.schema = "SELECT set_config('search_path', "
		    "quote_ident(?), false)",
		.proof = "SELECT CASE current_setting('transaction_read_only') "
		    "WHEN 'on' THEN 1 ELSE 0 END",
		.number = "SELECT pg_backend_pid()",
		.end = { "SELECT pg_terminate_backend(", ")" },
		.timeout = { "SELECT set_config('statement_timeout', '",
		    "s', false)" },
	},
	[DIALECT_MARIADB] = {
		.driver = "MariaDB Unicode",
		.package = "odbc-mariadb",
		.keyword = "CONN_TIMEOUT",
		.unit_ms = 1000,
		.start = "SET SESSION tx_read_only = 1, "
		    "tx_isolation = 'REPEATABLE-READ', time_zone = '+00:00', "
		    "NAMES utf8mb4",
		.proof = "SELECT @@SESSION.tx_read_only",
		.number = "SELECT CONNECTION_ID()",
		.end = { "KILL ", "" },
		.timeout = { "SET SESSION max_statement_time = ", "" },
	},
	/*
	 * SQL Server has no read-only sessions: what it gets from here are
	 * these words and SELECTs, and the manual asks for a login that can do
	 * no more.  A reader yields in a deadlock.
	 */
	[DIALECT_SQLSERVER] = {
		.driver = "FreeTDS",
		.package = "tdsodbc",
		.keywords = "ClientCharset=UTF-8;",
		.start = "SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, "
		    "ANSI_WARNINGS, CONCAT_NULL_YIELDS_NULL, ARITHABORT ON; "
		    "SET TEXTSIZE 2147483647; SET DATEFORMAT ymd; "
		    "SET DEADLOCK_PRIORITY LOW",
		.limits = true,
		.versions = { "SELECT CASE snapshot_isolation_state WHEN 1 "
		    "THEN 1 ELSE 0 END FROM sys.databases "
		    "WHERE database_id = DB_ID()",
		    "SET TRANSACTION ISOLATION LEVEL SNAPSHOT" },
	},
};

/* Diagnostics that mean more than their words; native 0 = any. */
static const struct {
	const char *state;	/* or the beginning of one; "" = any */
	int64_t native;
	enum session_fault fault;
} faults[] = {
	{ "57014", 0, SESSION_TIMEOUT },	/* PostgreSQL */
	{ "", 1969, SESSION_TIMEOUT },		/* MariaDB */
	{ "0A000", 0, SESSION_STALE },		/* another result type */
	{ "26000", 0, SESSION_STALE },		/* a pooler lost it */
	{ "", 1615, SESSION_STALE },		/* MariaDB */
	{ "HYT00", 0, SESSION_TIMEOUT },	/* FreeTDS */
	{ "08", 0, SESSION_LOST },
	{ "", 20004, SESSION_LOST },		/* FreeTDS: nothing to read */
	{ "", 20006, SESSION_LOST },
	{ "", 20017, SESSION_LOST },
	{ "", 20047, SESSION_LOST },
	{ "57P", 0, SESSION_LOST },		/* PostgreSQL stops */
	{ "", 2006, SESSION_LOST },		/* MariaDB is gone */
	{ "", 2013, SESSION_LOST },
};

const char *
session_driver(const struct dialect *d)
{
	return families[d->id].driver;
}

const char *
session_package(const struct dialect *d)
{
	return families[d->id].package;
}

enum session_fault
session_fault(const char *state, int64_t native)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (strncmp(state, faults[i].state,
		    strlen(faults[i].state)) == 0 &&
		    (faults[i].native == 0 || faults[i].native == native))
			return faults[i].fault;
	return SESSION_PLAIN;
}

int
session_keywords(struct buf *out, const struct dialect *d, int64_t timeout_ms)
{
	int64_t unit;

	if (d == NULL)
		return 0;
	if (families[d->id].keywords != NULL &&
	    buf_puts(out, families[d->id].keywords) != 0)
		return -1;
	if (families[d->id].keyword == NULL)
		return 0;
	unit = families[d->id].unit_ms;
	return buf_printf(out, "%s=%lld;", families[d->id].keyword,
	    (long long)((timeout_ms + unit - 1) / unit));
}

int
session_check(const struct dialect *d, struct err *err)
{
	if (families[d->id].driver != NULL)
		return 0;
	return err_set(err, ERR_DATABASE, "this version of dalpuri does not "
	    "read %s databases", d->name);
}

static int
sqlite_session(struct db *db, struct err *err)
{
	struct sqlite3 *handle = sqlite_opened();

	if (handle == NULL)
		return err_set(err, ERR_DATABASE, "the SQLite driver brings a "
		    "library of its own: it cannot be made read-only");
	db->watch.guard = db->guard;
	db->sqlite = handle;
	return sqlite_guard(handle, &db->watch, err);
}

/*
 * Run one statement, with a text as its parameter unless that is NULL.  The
 * number that it gives in its first row is the result, 0 without one; -1 on
 * errors.
 */
static int64_t
run(struct db *db, const char *sql, const char *param, struct err *err)
{
	SQLLEN len = SQL_NTS, got = SQL_NULL_DATA;
	SQLBIGINT number = 0;
	SQLRETURN done = SQL_ERROR;
	SQLHSTMT h;
	int64_t r = -1;

	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, db->handle, &h)))
		return db_failed(db, SQL_HANDLE_DBC, db->handle, err);
	if (param == NULL || SQL_SUCCEEDED(SQLBindParameter(h, 1,
	    SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, strlen(param) + 1, 0,
	    db_plain(param), 0, &len)))
		done = SQLExecDirect(h, db_plain(sql), SQL_NTS);
	if (!SQL_SUCCEEDED(done) && done != SQL_NO_DATA) {
		db_failed(db, SQL_HANDLE_STMT, h, err);
	} else {
		if (SQL_SUCCEEDED(SQLFetch(h)))
			SQLGetData(h, 1, SQL_C_SBIGINT, &number, 0, &got);
		r = got == SQL_NULL_DATA || number < 0 ? 0 : number;
	}
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	return r;
}

/* Where the database keeps old versions of rows, no statement waits. */
static int
read_versions(struct db *db, struct err *err)
{
	const char *const *versions = families[db->dialect->id].versions;
	int64_t there;

	if (versions[0] == NULL)
		return 0;
	there = run(db, versions[0], NULL, err);
	if (there > 0)
		there = run(db, versions[1], NULL, err);
	return there < 0 ? -1 : 0;
}

int
session_start(struct db *db, const char *schema, struct err *err)
{
	const enum dialect_id id = db->dialect->id;
	int64_t proven;

	if (families[id].open != NULL && families[id].open(db, err) != 0)
		return -1;
	if (families[id].start != NULL &&
	    run(db, families[id].start, NULL, err) < 0)
		return -1;
	if (schema != NULL && families[id].schema != NULL &&
	    run(db, families[id].schema, schema, err) < 0)
		return -1;
	if (read_versions(db, err) != 0)
		return -1;
	if (families[id].number != NULL)
		db->number = run(db, families[id].number, NULL, err);
	if (db->number < 0)
		return -1;
	if (families[id].proof == NULL)
		return 0;
	proven = run(db, families[id].proof, NULL, err);
	if (proven == 0)
		return err_set(err, ERR_DATABASE, "the database does not make "
		    "the session read-only: it is not used");
	return proven < 0 ? -1 : 0;
}

/* A statement in two pieces with a number of ours between them. */
static int64_t
run_around(struct db *db, const char *const around[2], const char *number,
    struct err *err)
{
	struct buf sql;
	int64_t r;

	buf_init(&sql, 0);
	if (buf_printf(&sql, "%s%s%s", around[0], number, around[1]) != 0 ||
	    buf_putc(&sql, '\0') != 0)
		r = err_set(err, ERR_INTERNAL, "out of memory");
	else
		r = run(db, sql.data, NULL, err);
	buf_fini(&sql);
	return r;
}

int
db_set_query_timeout(struct db *db, int64_t ms, struct err *err)
{
	const char *const *around = families[db->dialect->id].timeout;
	char seconds[32];

	if (families[db->dialect->id].limits)
		db->timeout_ms = ms;
	if (around[0] == NULL || db->timeout_ms == ms)
		return 0;
	(void)snprintf(seconds, sizeof(seconds), "%lld.%03lld",
	    (long long)(ms / 1000), (long long)(ms % 1000));
	if (run_around(db, around, seconds, err) < 0)
		return -1;
	db->timeout_ms = ms;
	return 0;
}

int64_t
db_number_of(const struct db *db)
{
	return db->number;
}

int
db_end_other(struct db *db, int64_t number, struct err *err)
{
	const char *const *around = families[db->dialect->id].end;
	char text[32];

	if (around[0] == NULL || number == 0)
		return 0;
	(void)snprintf(text, sizeof(text), "%lld", (long long)number);
	return run_around(db, around, text, err) < 0 ? -1 : 0;
}

/* ---- transactions -------------------------------------------------------- */

void
session_limit(const struct db *db, SQLHSTMT stmt)
{
	if (families[db->dialect->id].limits)
		SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT,
		    db_number((db->timeout_ms + 999) / 1000), SQL_IS_UINTEGER);
}

static bool
autocommit(struct db *db, SQLULEN value)
{
	return SQL_SUCCEEDED(SQLSetConnectAttr(db->handle,
	    SQL_ATTR_AUTOCOMMIT, db_number((int64_t)value), SQL_IS_UINTEGER));
}

int
db_snapshot_begin(struct db *db, struct err *err)
{
	if (!autocommit(db, SQL_AUTOCOMMIT_OFF))
		return db_failed(db, SQL_HANDLE_DBC, db->handle, err);
	db->transaction = true;
	return 0;
}

/*
 * Rolled back: what a function has set, or has written where a read-only
 * transaction of PostgreSQL lets it (lo_create), is taken back.
 */
void
db_snapshot_end(struct db *db)
{
	if (!db->transaction)
		return;
	db->transaction = false;
	SQLEndTran(SQL_HANDLE_DBC, db->handle, SQL_ROLLBACK);
	if (!autocommit(db, SQL_AUTOCOMMIT_ON))
		db->lost = true;
}
