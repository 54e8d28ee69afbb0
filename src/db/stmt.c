/*
 * Prepared statements and their cache.  A statement is found again by its
 * text and the types of its columns: the same text may mean other types in
 * another generation of the schema.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/session.h"
#include "db/stmt.h"
#include "db/tds.h"

/* Longer texts and bytes are of SQL Server's types of any length. */
#define TEXT_UNITS_MAX 4000
#define BYTES_MAX 8000

/*
 * Room for most rows that come packed, and for pages of some thousand: of what
 * does not fit, a driver has done all its work in vain.
 */
static const size_t packed_bytes[DIALECT_PACKS] = {
	[DIALECT_ROWS] = 4096,
	[DIALECT_PAGE] = COLUMN_BLOCK_BYTES,
	[DIALECT_FIELDS] = COLUMN_BLOCK_BYTES,
};

/* How each kind of value is given to a driver. */
static const struct {
	SQLSMALLINT ctype, type;
} kinds[] = {
	[VALUE_NULL] = { SQL_C_CHAR, SQL_VARCHAR },
	[VALUE_INT] = { SQL_C_SBIGINT, SQL_BIGINT },
	[VALUE_FLOAT] = { SQL_C_DOUBLE, SQL_DOUBLE },
	[VALUE_TEXT] = { SQL_C_CHAR, SQL_VARCHAR },
	[VALUE_BYTES] = { SQL_C_BINARY, SQL_VARBINARY },
};

static void
stmt_free(struct db_stmt *st)
{
	if (st == NULL)
		return;
	if (st->handle != SQL_NULL_HSTMT)
		SQLFreeHandle(SQL_HANDLE_STMT, st->handle);
	for (size_t i = 0; i < st->ncolumns; i++)
		column_fini(&st->columns[i]);
	free(st->columns);
	free(st->types);
	arena_fini(&st->own.arena);
	arena_fini(&st->wide);
	free(st->lens);
	free(st->sql);
	free(st);
}

int
stmt_columns(struct db_stmt *st, size_t n, struct err *err)
{
	st->columns = calloc(n + 1, sizeof(*st->columns));
	if (st->columns == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	st->ncolumns = n;
	return 0;
}

static bool
is_rounded(const struct schema_field *f)
{
	return f->native != NULL && strcmp(f->native, "DateTime") == 0;
}

/* Column i as it is before it is bound. */
static struct column
fresh_column(const struct db_stmt *st, size_t i)
{
	struct column c = { .type = st->columns[i].type,
	    .rounded = st->columns[i].rounded };

	if (i == 0)
		c.size = packed_bytes[st->pack];
	return c;
}

/* All that a row has is one text, and how many rows are in it. */
static int
set_packed(struct db_stmt *st, const struct db_columns *columns)
{
	bool counted = st->pack == DIALECT_FIELDS;

	st->types = calloc(columns->n, sizeof(*st->types));
	if (st->types == NULL || stmt_columns(st, counted ? 2 : 1, NULL) != 0)
		return -1;
	st->nvalues = columns->n;
	for (size_t i = 0; i < columns->n; i++)
		st->types[i] = columns->fields[i]->type;
	st->columns[0].type = SCALAR_STRING;
	if (counted)
		st->columns[1].type = SCALAR_BIGINT;
	return 0;
}

static int
set_columns(struct db_stmt *st, const struct db_columns *columns)
{
	st->pack = columns->pack;
	if ((st->pack != DIALECT_UNPACKED ? set_packed(st, columns) :
	    stmt_columns(st, columns->n, NULL)) != 0)
		return -1;
	for (size_t i = 0; i < st->ncolumns; i++) {
		if (st->pack == DIALECT_UNPACKED) {
			st->columns[i].type = columns->fields[i]->type;
			st->columns[i].rounded =
			    is_rounded(columns->fields[i]);
		}
		st->columns[i] = fresh_column(st, i);
	}
	return 0;
}

/* Columns NULL: they are learned from the database. */
static struct db_stmt *
stmt_new(struct db *db, const char *sql, size_t len,
    const struct db_columns *columns)
{
	struct db_stmt *st = calloc(1, sizeof(*st));

	if (st == NULL)
		return NULL;
	st->db = db;
	st->handle = SQL_NULL_HSTMT;
	st->len = len;
	st->any = columns == NULL;
	arena_init(&st->own.arena);
	arena_init(&st->wide);
	st->sql = malloc(len + 1);
	if (st->sql == NULL ||
	    (!st->any && set_columns(st, columns) != 0)) {
		stmt_free(st);
		return NULL;
	}
	memcpy(st->sql, sql, len);
	st->sql[len] = '\0';	/* PostgreSQL's driver trusts no length */
	return st;
}

/* Fetch blocks of rows into buffers of the columns. */
static int
bind_columns(struct db_stmt *st, struct err *err)
{
	SQLHSTMT h = st->handle;

	st->block = column_plan(st->columns, st->ncolumns, h,
	    st->db->dialect);
	for (size_t i = 0; i < st->ncolumns; i++)
		if (column_bind(&st->columns[i], h, st->block) != 0)
			return err_set(err, ERR_INTERNAL, "out of memory");
	if (st->block > 1 && (!SQL_SUCCEEDED(SQLSetStmtAttr(h,
	    SQL_ATTR_ROW_ARRAY_SIZE, db_number((int64_t)st->block), 0)) ||
	    !SQL_SUCCEEDED(SQLSetStmtAttr(h, SQL_ATTR_ROWS_FETCHED_PTR,
	    &st->fetched, 0))))
		return db_failed(st->db, SQL_HANDLE_STMT, h, err);
	return 0;
}

/* A new handle for it: the columns' buffers are made anew, too. */
static int
prepare(struct db_stmt *st, struct err *err)
{
	struct db *db = st->db;
	SQLRETURN r = SQLAllocHandle(SQL_HANDLE_STMT, db->handle, &st->handle);

	/* After a lost server this is what fails first with MariaDB. */
	if (!SQL_SUCCEEDED(r)) {
		st->handle = SQL_NULL_HSTMT;
		return db_failed(db, SQL_HANDLE_DBC, db->handle, err);
	}
	st->block = 0;
	if (st->any && describe_prepare(st, err) != 0)
		return -1;
	if (!st->any && !SQL_SUCCEEDED(SQLPrepare(st->handle,
	    (SQLCHAR *)st->sql, SQL_NTS)))
		return db_failed(db, SQL_HANDLE_STMT, st->handle, err);
	return column_is_late(db->dialect) ? 0 : bind_columns(st, err);
}

/*
 * The tables have changed below it: once more from the start.  Where the
 * caller has been told what columns there are, they cannot become others.
 */
static int
prepare_again(struct db_stmt *st, struct err *err)
{
	st->used = false;
	if (st->any)
		return err_set(err, ERR_DATABASE, "the tables of the statement "
		    "have changed: call it again");
	SQLFreeHandle(SQL_HANDLE_STMT, st->handle);
	st->handle = SQL_NULL_HSTMT;
	for (size_t i = 0; i < st->ncolumns; i++) {
		struct column fresh = fresh_column(st, i);

		column_fini(&st->columns[i]);
		st->columns[i] = fresh;
	}
	return prepare(st, err);
}

static bool
has_columns(const struct db_stmt *st, const struct db_columns *columns)
{
	bool packed = st->pack != DIALECT_UNPACKED;

	if (st->pack != columns->pack ||
	    (packed ? st->nvalues : st->ncolumns) != columns->n)
		return false;
	for (size_t i = 0; i < columns->n; i++) {
		const struct schema_field *f = columns->fields[i];

		if (packed ? st->types[i] != f->type :
		    st->columns[i].type != f->type ||
		    st->columns[i].rounded != is_rounded(f))
			return false;
	}
	return true;
}

static bool
is_same(const struct db_stmt *st, const char *sql, size_t len,
    const struct db_columns *columns)
{
	return !st->busy && st->len == len && st->any == (columns == NULL) &&
	    memcmp(st->sql, sql, len) == 0 &&
	    (st->any || has_columns(st, columns));
}

/* Take statement i out of the cache's order. */
static struct db_stmt *
take(struct db *db, size_t i)
{
	struct db_stmt *st = db->stmts[i];

	db->nstmts--;
	memmove(&db->stmts[i], &db->stmts[i + 1],
	    (db->nstmts - i) * sizeof(*db->stmts));
	return st;
}

/* Room for one more: idle ones above the bound go, the oldest first. */
static int
make_room(struct db *db)
{
	struct db_stmt **stmts;

	for (size_t i = 0; i < db->nstmts && db->nstmts >= db->stmts_max;)
		if (db->stmts[i]->busy)
			i++;
		else
			stmt_free(take(db, i));
	stmts = realloc(db->stmts, (db->nstmts + 1) * sizeof(*stmts));
	if (stmts == NULL)
		return -1;
	db->stmts = stmts;
	return 0;
}

static struct db_stmt *
get(struct db *db, const char *sql, size_t len,
    const struct db_columns *columns, struct err *err)
{
	struct db_stmt *st = NULL;

	db->watch.locked = false;
	for (size_t i = db->nstmts; i-- > 0 && st == NULL;)
		if (is_same(db->stmts[i], sql, len, columns))
			st = take(db, i);
	if (st == NULL) {
		if (make_room(db) != 0 ||
		    (st = stmt_new(db, sql, len, columns)) == NULL) {
			err_set(err, ERR_INTERNAL, "out of memory");
			return NULL;
		}
		if (prepare(st, err) != 0) {
			stmt_free(st);
			return NULL;
		}
	}
	st->busy = true;
	db->stmts[db->nstmts++] = st;
	return st;
}

struct db_stmt *
db_prepare(struct db *db, const char *sql, size_t len,
    const struct db_columns *columns, struct err *err)
{
	return get(db, sql, len, columns, err);
}

struct db_stmt *
db_prepare_any(struct db *db, const char *sql, size_t len, struct err *err)
{
	return get(db, sql, len, NULL, err);
}

const struct schema_field *const *
db_columns(const struct db_stmt *st, size_t *n_out)
{
	*n_out = st->own.n;
	return st->own.list;
}

void
db_set_statements_max(struct db *db, size_t n)
{
	db->stmts_max = n;
}

void
db_drop_statements(struct db *db)
{
	while (db->nstmts > 0)
		stmt_free(db->stmts[--db->nstmts]);
	free(db->stmts);
	db->stmts = NULL;
}

static SQLRETURN
bind_parameter(struct db_stmt *st, size_t i, const struct value *v)
{
	SQLLEN *len = &st->lens[i];
	const void *data = &v->u;
	size_t size = 0;

	if (v->kind == VALUE_TEXT || v->kind == VALUE_BYTES) {
		data = v->u.text;
		size = v->len;
	}
	*len = v->kind == VALUE_NULL ? SQL_NULL_DATA : (SQLLEN)size;
	return SQLBindParameter(st->handle, (SQLUSMALLINT)(i + 1),
	    SQL_PARAM_INPUT, kinds[v->kind].ctype, kinds[v->kind].type,
	    size > 0 ? size : 1, 0, db_plain(data), (SQLLEN)size, len);
}

/* Text in UTF-16: in the declared type's own way it is neither cut nor lost. */
static SQLRETURN
bind_wide(struct db_stmt *st, size_t i, const struct value *v)
{
	SQLWCHAR *text = arena_get(&st->wide, v->len + 1, sizeof(*text));
	size_t n;

	if (text == NULL)
		return SQL_ERROR;
	n = tds_to_utf16(text, v->u.text, v->len);
	st->lens[i] = (SQLLEN)(n * sizeof(*text));
	return SQLBindParameter(st->handle, (SQLUSMALLINT)(i + 1),
	    SQL_PARAM_INPUT, SQL_C_WCHAR,
	    n > TEXT_UNITS_MAX ? SQL_WLONGVARCHAR : SQL_WVARCHAR,
	    n > TEXT_UNITS_MAX ? n : TEXT_UNITS_MAX, 0, text, st->lens[i],
	    &st->lens[i]);
}

static int
bind_parameters(struct db_stmt *st, const struct value *params, size_t n,
    struct err *err)
{
	bool wide = column_is_wide(st->db->dialect);

	if (n > st->nlens) {
		SQLLEN *lens = realloc(st->lens, n * sizeof(*lens));

		if (lens == NULL)
			return err_set(err, ERR_INTERNAL, "out of memory");
		st->lens = lens;
		st->nlens = n;
	}
	arena_clear(&st->wide);
	for (size_t i = 0; i < n; i++)
		if (!SQL_SUCCEEDED((wide && params[i].kind == VALUE_TEXT ?
		    bind_wide : bind_parameter)(st, i, &params[i])))
			return db_failed(st->db, SQL_HANDLE_STMT, st->handle,
			    err);
	return 0;
}

/* Statements of others' on SQLite ask for their values. */
static int
give_parameters(struct db_stmt *st, const struct value *params, size_t n,
    struct err *err)
{
	if (!st->any || st->db->sqlite == NULL)
		return bind_parameters(st, params, n, err);
	st->db->watch.values = params;
	st->db->watch.nvalues = n;
	return 0;
}

static int
execute(struct db_stmt *st, const struct value *params, size_t n,
    struct err *err)
{
	SQLRETURN r;

	if (give_parameters(st, params, n, err) != 0)
		return -1;
	session_limit(st->db, st->handle);
	r = SQLExecute(st->handle);
	if (!SQL_SUCCEEDED(r) && r != SQL_NO_DATA)
		return db_failed(st->db, SQL_HANDLE_STMT, st->handle, err);
	st->used = true;
	return st->block > 0 ? 0 : bind_columns(st, err);
}

/*
 * Somebody else's statement may call functions that change the session, or
 * more: it runs in a transaction that is rolled back.  SQLite's authorizer
 * lets no such thing happen, and its driver streams outside of one only.
 */
static int
shut_in(struct db_stmt *st, struct err *err)
{
	if (!st->any || st->db->transaction || st->db->sqlite != NULL)
		return 0;
	st->alone = true;
	return db_snapshot_begin(st->db, err);
}

int
db_execute(struct db_stmt *st, const struct value *params, size_t n,
    struct err *err)
{
	bool used;

	assert(st->busy);
	st->ended = false;
	st->fetched = st->row = 0;
	st->rows.at = st->rows.end = NULL;
	st->db->stale = false;
	if (db_stopped(st->db, err) || shut_in(st, err) != 0)
		return -1;
	used = st->used;
	if (execute(st, params, n, err) == 0) {
		if (!used || column_fit(st->columns, st->ncolumns, st->handle))
			return 0;
		SQLFreeStmt(st->handle, SQL_CLOSE);
		st->db->stale = true;
	}
	if (!used || !st->db->stale)
		return -1;
	return prepare_again(st, err) != 0 ? -1 : execute(st, params, n, err);
}

/*
 * SQLite's driver does not stop a statement when its cursor is closed: a file
 * would stay locked for writers.  One that has not come to its end is dropped;
 * so is FreeTDS's, which may not run again after an error.
 */
void
db_finish(struct db_stmt *st)
{
	struct db *db = st->db;
	bool drop = !st->ended && (db->sqlite != NULL || db->stale ||
	    column_is_late(db->dialect));

	SQLFreeStmt(st->handle, SQL_CLOSE);
	if (st->any)
		db->watch.nvalues = 0;
	for (size_t i = 0; i < st->ncolumns; i++)
		column_release(&st->columns[i]);
	arena_clear(&st->wide);
	st->busy = false;
	if (st->alone)
		db_snapshot_end(db);
	st->alone = false;
	for (size_t i = 0; drop && i < db->nstmts; i++)
		if (db->stmts[i] == st) {
			stmt_free(take(db, i));
			break;
		}
}
