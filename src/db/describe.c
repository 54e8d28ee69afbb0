/*
 * Columns that nobody has declared, those of a .sql collector: what their
 * types are is asked of whoever knows best.
 *
 *	SQLite	The library tells how a column is declared.  An expression has
 *		no type but that of each value, so this is selected beside it.
 *	PostgreSQL	pg_typeof(): the driver has no name for many types.  The
 *		statement is joined on a condition that is false: it is never
 *		run, and there is a row for the answer.
 *	others	The driver describes the result.
 */
#include <string.h>

#include "base/buf.h"
#include "db/catalog_type.h"
#include "db/stmt.h"

/* The longest name of a column, in bytes; all four families have less. */
#define COLUMN_NAME_MAX 512

static int learn_sqlite(struct db_stmt *st, struct err *err);
static int learn_postgresql(struct db_stmt *st, struct err *err);
static int learn_driver(struct db_stmt *st, struct err *err);

static int (*const learners[DIALECTS])(struct db_stmt *st,
    struct err *err) = {
	[DIALECT_SQLITE] = learn_sqlite,
	[DIALECT_POSTGRESQL] = learn_postgresql,
	[DIALECT_MARIADB] = learn_driver,
	[DIALECT_SQLSERVER] = learn_driver,
};

/* What drivers call types; the others are read as text. */
static const struct {
	SQLSMALLINT sql;
	enum scalar_type type;
	const char *native;
} sql_types[] = {
	{ SQL_BIT, SCALAR_BOOLEAN, NULL },
	{ SQL_TINYINT, SCALAR_INT, NULL },
	{ SQL_SMALLINT, SCALAR_INT, NULL },
	{ SQL_INTEGER, SCALAR_INT, NULL },
	{ SQL_BIGINT, SCALAR_BIGINT, NULL },
	{ SQL_REAL, SCALAR_FLOAT, NULL },
	{ SQL_FLOAT, SCALAR_FLOAT, NULL },
	{ SQL_DOUBLE, SCALAR_FLOAT, NULL },
	{ SQL_DECIMAL, SCALAR_DECIMAL, NULL },
	{ SQL_NUMERIC, SCALAR_DECIMAL, NULL },
	{ SQL_TYPE_DATE, SCALAR_DATETIME, NULL },
	{ SQL_TYPE_TIME, SCALAR_DATETIME, NULL },
	{ SQL_TYPE_TIMESTAMP, SCALAR_DATETIME, NULL },
	{ SQL_BINARY, SCALAR_BYTES, NULL },
	{ SQL_VARBINARY, SCALAR_BYTES, NULL },
	{ SQL_LONGVARBINARY, SCALAR_BYTES, NULL },
	{ SQL_GUID, SCALAR_STRING, "Uuid" },
};

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "out of memory");
}

static int
fields_new(struct stmt_fields *own, size_t n, struct err *err)
{
	own->n = n;
	own->fields = arena_get(&own->arena, n, sizeof(*own->fields));
	own->list = arena_get(&own->arena, n, sizeof(*own->list));
	own->loose = arena_get(&own->arena, n, sizeof(*own->loose));
	if (own->fields == NULL || own->list == NULL || own->loose == NULL)
		return no_memory(err);
	for (size_t i = 0; i < n; i++)
		own->list[i] = &own->fields[i];
	return 0;
}

static int
name_field(struct stmt_fields *own, size_t i, const char *name,
    struct err *err)
{
	struct schema_field *f = &own->fields[i];

	f->name = f->column = arena_text(&own->arena, name, strlen(name));
	f->optional = true;
	f->native_args[0] = f->native_args[1] = -1;
	return f->name == NULL ? no_memory(err) : 0;
}

/* A type by the name that its family has for it. */
static void
type_field(struct stmt_fields *own, size_t i, enum dialect_id id,
    const char *declared)
{
	struct catalog_column c = { .declared = declared,
	    .native_args = { -1, -1 } };
	struct schema_field *f = &own->fields[i];

	f->type = SCALAR_STRING;
	if (catalog_type(&c, id, &own->arena) != 0 ||
	    c.type == SCALAR_UNSUPPORTED || c.type == SCALAR_ENUM)
		return;
	f->type = c.type;
	f->native = c.native;
	f->list = c.list;
}

static int
prepare(struct db_stmt *st, const char *sql, struct err *err)
{
	if (!SQL_SUCCEEDED(SQLPrepare(st->handle, db_plain(sql), SQL_NTS)))
		return db_failed(st->db, SQL_HANDLE_STMT, st->handle, err);
	return 0;
}

/* Prepare it as it is, and take its columns' names and what the driver says. */
static int
learn_driver(struct db_stmt *st, struct err *err)
{
	struct stmt_fields *own = &st->own;
	SQLSMALLINT n, len, type, digits, nullable;
	SQLULEN size;
	char name[COLUMN_NAME_MAX];

	if (prepare(st, st->sql, err) != 0)
		return -1;
	if (!SQL_SUCCEEDED(SQLNumResultCols(st->handle, &n)))
		return db_failed(st->db, SQL_HANDLE_STMT, st->handle, err);
	if (n <= 0)
		return err_set(err, ERR_DATABASE,
		    "the statement gives no rows");
	if (fields_new(own, (size_t)n, err) != 0)
		return -1;
	for (size_t i = 0; i < own->n; i++) {
		struct schema_field *f = &own->fields[i];

		if (!SQL_SUCCEEDED(SQLDescribeCol(st->handle,
		    (SQLUSMALLINT)(i + 1), (SQLCHAR *)name, sizeof(name), &len,
		    &type, &size, &digits, &nullable)))
			return db_failed(st->db, SQL_HANDLE_STMT, st->handle,
			    err);
		if (name_field(own, i, name, err) != 0)
			return -1;
		f->type = SCALAR_STRING;
		for (size_t t = 0; t < sizeof(sql_types) / sizeof(*sql_types);
		    t++)
			if (sql_types[t].sql == type) {
				f->type = sql_types[t].type;
				f->native = sql_types[t].native;
			}
	}
	return 0;
}

/* Append "(c0, c1, ...)", names for n columns that may have none. */
static int
put_names(struct buf *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (buf_printf(out, "%sc%zu", i == 0 ? "(" : ", ", i) != 0)
			return -1;
	return buf_putc(out, ')');
}

static int
put_typeof(struct buf *out, const struct db_stmt *st)
{
	for (size_t i = 0; i < st->own.n; i++)
		if (buf_printf(out, "%s pg_typeof(q.c%zu)::text",
		    i == 0 ? "SELECT" : ",", i) != 0)
			return -1;
	if (buf_puts(out, " FROM (SELECT 1) AS one LEFT JOIN (") != 0 ||
	    buf_put(out, st->sql, st->len) != 0 ||
	    buf_puts(out, "\n) AS q ") != 0 || put_names(out, st->own.n) != 0)
		return -1;
	return buf_put(out, " ON false", sizeof(" ON false"));
}

static int
bind_nulls(SQLHSTMT h)
{
	static SQLLEN null = SQL_NULL_DATA;
	static char nothing[1];
	SQLSMALLINT n;

	if (!SQL_SUCCEEDED(SQLNumParams(h, &n)))
		return -1;
	for (SQLSMALLINT i = 1; i <= n; i++)
		if (!SQL_SUCCEEDED(SQLBindParameter(h, (SQLUSMALLINT)i,
		    SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0, nothing, 0,
		    &null)))
			return -1;
	return 0;
}

/* Run the question about the types, and read its row. */
static int
ask_typeof(struct db_stmt *st, const struct buf *sql, SQLHSTMT h,
    struct err *err)
{
	char name[COLUMN_NAME_MAX];
	SQLLEN len;

	if (!SQL_SUCCEEDED(SQLPrepare(h, (SQLCHAR *)sql->data, SQL_NTS)) ||
	    bind_nulls(h) != 0 ||
	    !SQL_SUCCEEDED(SQLExecute(h)) || !SQL_SUCCEEDED(SQLFetch(h)))
		return db_failed(st->db, SQL_HANDLE_STMT, h, err);
	for (size_t i = 0; i < st->own.n; i++) {
		if (!SQL_SUCCEEDED(SQLGetData(h, (SQLUSMALLINT)(i + 1),
		    SQL_C_CHAR, name, sizeof(name), &len)))
			return db_failed(st->db, SQL_HANDLE_STMT, h, err);
		type_field(&st->own, i, DIALECT_POSTGRESQL, name);
	}
	return 0;
}

static int
learn_postgresql(struct db_stmt *st, struct err *err)
{
	struct buf sql;
	SQLHSTMT h;
	int r;

	if (learn_driver(st, err) != 0)
		return -1;
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, st->db->handle,
	    &h)))
		return db_failed(st->db, SQL_HANDLE_DBC, st->db->handle, err);
	buf_init(&sql, 0);
	if (put_typeof(&sql, st) != 0)
		r = no_memory(err);
	else
		r = ask_typeof(st, &sql, h, err);
	buf_fini(&sql);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	return r;
}

/* "SELECT c0, CASE ..., typeof(c2) FROM" the statement. */
static int
put_sqlite(struct buf *out, const struct db_stmt *st)
{
	const struct stmt_fields *own = &st->own;

	if (buf_puts(out, "WITH q ") != 0 || put_names(out, own->n) != 0 ||
	    buf_puts(out, " AS (") != 0 ||
	    buf_put(out, st->sql, st->len) != 0 || buf_puts(out, "\n)") != 0)
		return -1;
	for (size_t i = 0; i < own->n; i++)
		/* The driver would give 15 digits. */
		if (buf_printf(out, "%s " DIALECT_SQLITE_REAL "(c%zu)",
		    i == 0 ? " SELECT" : ",", i) != 0)
			return -1;
	for (size_t i = 0; i < own->nloose; i++)
		if (buf_printf(out, ", typeof(c%zu)", own->loose[i]) != 0)
			return -1;
	return buf_put(out, " FROM q", sizeof(" FROM q"));
}

static int
learn_sqlite_column(struct stmt_fields *own, size_t i,
    const struct sqlite_column *c, struct err *err)
{
	if (name_field(own, i, c->name, err) != 0)
		return -1;
	if (c->declared != NULL)
		type_field(own, i, DIALECT_SQLITE, c->declared);
	else
		own->loose[own->nloose++] = i;
	return 0;
}

static int
learn_sqlite(struct db_stmt *st, struct err *err)
{
	struct sqlite_column *columns;
	struct buf sql;
	size_t n;
	int r;

	columns = sqlite_columns(st->db->sqlite, st->sql, st->len,
	    &st->own.arena, &n);
	if (columns == NULL)	/* the driver says it in its words */
		return prepare(st, st->sql, err) != 0 ? -1 :
		    err_set(err, ERR_DATABASE, "the statement gives no rows");
	r = fields_new(&st->own, n, err);
	for (size_t i = 0; i < n && r == 0; i++)
		r = learn_sqlite_column(&st->own, i, &columns[i], err);
	buf_init(&sql, 0);
	if (r == 0)
		r = put_sqlite(&sql, st) != 0 ? no_memory(err) :
		    prepare(st, sql.data, err);
	buf_fini(&sql);
	return r;
}

int
describe_prepare(struct db_stmt *st, struct err *err)
{
	struct stmt_fields *own = &st->own;

	if (learners[st->db->dialect->id](st, err) != 0 ||
	    stmt_columns(st, own->n + own->nloose, err) != 0)
		return -1;
	for (size_t i = 0; i < own->n; i++) {
		st->columns[i].type = own->fields[i].type;
		st->columns[i].rounded = true;	/* never compared */
	}
	for (size_t i = 0; i < own->nloose; i++)
		st->columns[own->loose[i]].type = SCALAR_BYTES;
	return 0;
}

void
describe_value(struct schema_field *f, struct value *v,
    const struct value *type)
{
	static const struct {
		const char *name;
		enum scalar_type type;
	} names[] = {
		{ "integer", SCALAR_INT },
		{ "real", SCALAR_FLOAT },
		{ "text", SCALAR_STRING },
		{ "blob", SCALAR_BYTES },
	};

	f->type = SCALAR_STRING;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (type->kind == VALUE_TEXT &&
		    strlen(names[i].name) == type->len &&
		    memcmp(type->u.text, names[i].name, type->len) == 0)
			f->type = names[i].type;
	if (v->kind == VALUE_BYTES && f->type != SCALAR_BYTES)
		column_value(f->type, v);
}
