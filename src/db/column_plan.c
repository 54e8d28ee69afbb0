/*
 * As what each column is bound, and what is made of what it then holds; how it
 * is bound and fetched is the matter of column.c.  Most are taken as text,
 * which all drivers give with all digits, and read here: what a column really
 * holds (text in a number's place, an unsigned number, milliseconds in a
 * date's) is then seen.  Where a driver would have to make that text, numbers
 * are taken as they are; moments are made text by the database (dialect.c).
 *
 *	SQLite	makes text of everything before it converts; a function of
 *		ours gives REAL values with all digits (sqlite.c).
 *	PostgreSQL	sends text.
 *	MariaDB	sends numbers; it gives BIT(1) as a byte, whatever is
 *		asked for but SQL_C_BIT, and six digits of a FLOAT as text.
 *	SQL Server	sends numbers; text is UTF-16, since bytes depend on
 *		the locale; a real is a float; dates want care (tds.h).
 */
#include "db/column.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "db/tds.h"

/* More rows at once gain nothing. */
#define BLOCK_MAX 64

/* What a driver can do with a value that did not fit into its buffer. */
static const struct {
	size_t block;		/* rows at once, at most */
	bool positions;		/* it can be fetched again in any row */
	bool continues;		/* ... but only what has not been given yet */
	bool late;		/* columns are only known when it has run */
	SQLSMALLINT text;	/* as what text is taken and given */
} drivers[DIALECTS] = {
	[DIALECT_SQLITE] = { 1, true, false, false, SQL_C_CHAR },
	[DIALECT_POSTGRESQL] = { BLOCK_MAX, true, false, false, SQL_C_CHAR },
	/* SQLSetPos() to row 2, and SQLGetData() still gives row 1. */
	[DIALECT_MARIADB] = { BLOCK_MAX, false, false, false, SQL_C_CHAR },
	/*
	 * Asked too early, it would have the statement compiled with guesses
	 * for the types of its parameters.
	 */
	[DIALECT_SQLSERVER] = { BLOCK_MAX, false, true, true, SQL_C_WCHAR },
};

/* In the place of a driver's way to take text. */
#define AS_TEXT 0

typedef void read_fn(const struct column *c, char *data, struct value *v);

static read_fn read_integer, read_float, read_decimal, read_moment, read_bit,
    read_bigint, read_double, read_real;

/*
 * By type: how much room fits most values, and how text becomes a number.
 * What is no number of the type stays text, and is judged by whoever writes
 * the JSON.
 */
static const struct {
	SQLSMALLINT ctype;
	size_t size;
	read_fn *read;
} types[SCALAR_TYPES] = {
	[SCALAR_STRING] = { AS_TEXT, 256, NULL },
	[SCALAR_BOOLEAN] = { SQL_C_CHAR, 24, read_integer },
	[SCALAR_INT] = { SQL_C_CHAR, 24, read_integer },
	[SCALAR_BIGINT] = { SQL_C_CHAR, 24, read_integer },
	[SCALAR_FLOAT] = { SQL_C_CHAR, 32, read_float },
	[SCALAR_DECIMAL] = { SQL_C_CHAR, 72, read_decimal },
	[SCALAR_DATETIME] = { SQL_C_CHAR, 40, read_integer },
	[SCALAR_JSON] = { AS_TEXT, 256, NULL },
	[SCALAR_BYTES] = { SQL_C_BINARY, 256, NULL },
	[SCALAR_ENUM] = { AS_TEXT, 64, NULL },
	[SCALAR_UNSUPPORTED] = { AS_TEXT, 64, NULL },
};

/* Types of FreeTDS that sqlext.h has no names for. */
enum { TDS_VARIANT = -150, TDS_XML = -152, TDS_OFFSET = -155 };

/* The same in UTF-16; text has size characters. */
static size_t
longest_wide(SQLSMALLINT type, SQLULEN size)
{
	switch (type) {
	case SQL_LONGVARCHAR:
	case SQL_WLONGVARCHAR:
	case SQL_LONGVARBINARY:
	case TDS_VARIANT:
	case TDS_XML:
		return 0;
	case SQL_BINARY:
	case SQL_VARBINARY:
		return size * 2 * sizeof(SQLWCHAR);
	case SQL_CHAR:
	case SQL_VARCHAR:
	case SQL_WCHAR:
	case SQL_WVARCHAR:
		return size * sizeof(SQLWCHAR);
	default:
		return (size + 8) * sizeof(SQLWCHAR);	/* "-0." and "e+300" */
	}
}

bool
column_is_late(const struct dialect *d)
{
	return drivers[d->id].late;
}

bool
column_is_wide(const struct dialect *d)
{
	return drivers[d->id].text == SQL_C_WCHAR;
}

/* The most bytes that a column's values have as text; 0 = any number. */
static size_t
longest(SQLHSTMT stmt, const struct column *c, SQLSMALLINT type, SQLULEN size)
{
	SQLLEN octets = 0;

	if (c->ctype == SQL_C_WCHAR)
		return longest_wide(type, size);
	switch (type) {
	case SQL_CHAR:
	case SQL_VARCHAR:
	case SQL_WCHAR:
	case SQL_WVARCHAR:
	case SQL_BINARY:
	case SQL_VARBINARY:
		if (!SQL_SUCCEEDED(SQLColAttribute(stmt, c->number,
		    SQL_DESC_OCTET_LENGTH, NULL, 0, NULL, &octets)) ||
		    octets <= 0)
			return 0;
		return (size_t)octets;
	case SQL_DECIMAL:
	case SQL_NUMERIC:
		return size + 3;	/* sign, zero, point */
	case SQL_LONGVARCHAR:
	case SQL_WLONGVARCHAR:
	case SQL_LONGVARBINARY:
		return 0;
	default:
		return TDS_MOMENT_MAX;	/* numbers, dates and times */
	}
}

/* Ask the driver about a column: its type, and the length of its values. */
static size_t
describe(const struct column *c, SQLHSTMT stmt, SQLSMALLINT *type)
{
	SQLSMALLINT len, digits, nullable;
	SQLCHAR name[2];
	SQLULEN size;

	if (!SQL_SUCCEEDED(SQLDescribeCol(stmt, c->number, name, sizeof(name),
	    &len, type, &size, &digits, &nullable))) {
		*type = SQL_UNKNOWN_TYPE;
		return 0;
	}
	return longest(stmt, c, *type, size);
}

/*
 * SQL Server's old type, which counts in 300ths of a second?  It is compared
 * with milliseconds rightly only where the schema has it as what it is.
 */
static bool
is_datetime(const struct column *c, SQLHSTMT stmt, SQLSMALLINT type)
{
	SQLCHAR name[16] = "";
	SQLSMALLINT len;

	return type == SQL_TYPE_TIMESTAMP && c->type == SCALAR_DATETIME &&
	    SQL_SUCCEEDED(SQLColAttribute(stmt, c->number, SQL_DESC_TYPE_NAME,
	    name, sizeof(name), &len, NULL)) &&
	    strcmp((char *)name, "datetime") == 0;
}

#define SCALAR(type) (1U << SCALAR_##type)
#define INTEGERS (SCALAR(BOOLEAN) | SCALAR(INT) | SCALAR(BIGINT) | \
	SCALAR(DATETIME))
#define ANY_SCALAR UINT_MAX

/*
 * Columns that are not text when MariaDB and SQL Server send them, and so are
 * cheaper as they are.  In a block, values of a fixed size stand side by side.
 */
static const struct native {
	SQLSMALLINT type;		/* that the driver tells */
	unsigned int scalars;		/* in the schema */
	SQLSMALLINT ctype;
	size_t size;
	read_fn *read;
} natives[] = {
	{ SQL_BIT, ANY_SCALAR, SQL_C_BIT, 1, read_bit },
	{ SQL_TINYINT, INTEGERS, SQL_C_SBIGINT, 8, read_bigint },
	{ SQL_SMALLINT, INTEGERS, SQL_C_SBIGINT, 8, read_bigint },
	{ SQL_INTEGER, INTEGERS, SQL_C_SBIGINT, 8, read_bigint },
	{ SQL_BIGINT, INTEGERS, SQL_C_SBIGINT, 8, read_bigint },
	{ SQL_FLOAT, SCALAR(FLOAT), SQL_C_DOUBLE, 8, read_double },
	{ SQL_DOUBLE, SCALAR(FLOAT), SQL_C_DOUBLE, 8, read_double },
	/* MariaDB's text of it has six digits, FreeTDS's too many. */
	{ SQL_REAL, SCALAR(FLOAT), SQL_C_DOUBLE, 8, read_real },
};

/* Does it hold what no SBIGINT does? */
static bool
is_unsigned(const struct column *c, SQLHSTMT stmt, SQLSMALLINT type)
{
	SQLLEN unsign = SQL_TRUE;

	return type == SQL_BIGINT && (!SQL_SUCCEEDED(SQLColAttribute(stmt,
	    c->number, SQL_DESC_UNSIGNED, NULL, 0, NULL, &unsign)) ||
	    unsign != SQL_FALSE);
}

static bool
make_native(struct column *c, SQLHSTMT stmt, SQLSMALLINT type)
{
	for (size_t i = 0; i < sizeof(natives) / sizeof(*natives); i++) {
		const struct native *n = &natives[i];

		if (n->type != type || c->ctype != SQL_C_CHAR ||
		    (n->scalars >> c->type & 1) == 0 ||
		    is_unsigned(c, stmt, type))
			continue;
		c->native = type;
		c->ctype = n->ctype;
		c->size = n->size;
		c->read = n->read;
		return true;
	}
	return false;
}

static bool
is_native(const struct column *c)
{
	return c->native != SQL_UNKNOWN_TYPE;
}

/* Give it a buffer that no value exceeds; false: there is none. */
static bool
size_column(struct column *c, SQLHSTMT stmt)
{
	SQLSMALLINT type;
	size_t max = describe(c, stmt, &type);

	if (make_native(c, stmt, type))
		return true;
	c->ticks = c->continues && !c->rounded && is_datetime(c, stmt, type);
	if (max == 0 || max >= COLUMN_SIZE_MAX)
		return false;
	c->size = max + column_terminator(c);
	return true;
}

size_t
column_plan(struct column *columns, size_t n, SQLHSTMT stmt,
    const struct dialect *d)
{
	size_t block = drivers[d->id].block, bytes = 0;

	for (size_t i = 0; i < n; i++) {
		struct column *c = &columns[i];

		c->number = (SQLUSMALLINT)(i + 1);
		c->ctype = types[c->type].ctype;
		if (c->ctype == AS_TEXT)
			c->ctype = drivers[d->id].text;
		c->kind = c->ctype == SQL_C_BINARY ? VALUE_BYTES : VALUE_TEXT;
		if (c->size == 0)
			c->size = types[c->type].size;
		c->read = types[c->type].read;
		c->positions = drivers[d->id].positions;
		c->continues = drivers[d->id].continues;
		if (c->continues && c->type == SCALAR_DATETIME)
			c->read = read_moment;
		if (!c->positions && !size_column(c, stmt))
			block = 1;
		bytes += c->size;
	}
	if (bytes > 0 && block > COLUMN_BLOCK_BYTES / bytes)
		block = COLUMN_BLOCK_BYTES / bytes;
	for (size_t i = 0; i < n; i++)
		columns[i].positions |= block <= 1;
	return block > 0 ? block : 1;
}

bool
column_fit(const struct column *columns, size_t n, SQLHSTMT stmt)
{
	SQLSMALLINT type;
	size_t max;

	for (size_t i = 0; i < n; i++) {
		const struct column *c = &columns[i];

		if (c->positions && !is_native(c))
			continue;
		max = describe(c, stmt, &type);
		if (is_native(c) ? type != c->native :
		    max == 0 || max >= c->size)
			return false;
	}
	return true;
}

static void
read_integer(const struct column *c, char *data, struct value *v)
{
	int64_t i;

	(void)c;
	if (num_read_i64(data, v->len, &i) != 0)
		return;
	v->kind = VALUE_INT;
	v->u.i = i;
}

static void
read_float(const struct column *c, char *data, struct value *v)
{
	char *end = data;
	double d;

	(void)c;
	/* NaN, and what else databases have. */
	if (num_read_double(data, v->len, &d) == 0)
		end += v->len;
	else
		d = strtod(data, &end);
	if (v->len == 0 || end != data + v->len)
		return;
	v->kind = VALUE_FLOAT;
	v->u.f = d;
}

/* PostgreSQL's money, "-$1,234.50", as a number. */
static void
read_money(char *text, struct value *v)
{
	char *to = text;

	for (size_t i = 0; i < v->len; i++)
		if (text[i] != '$' && text[i] != ',')
			*to++ = text[i];
	v->len = (size_t)(to - text);
}

/* Digits are exact as they are. */
static void
read_decimal(const struct column *c, char *data, struct value *v)
{
	(void)c;
	if (data[*data == '-'] == '$')
		read_money(data, v);
}

/* SQL Server's: its text wants some care. */
static void
read_moment(const struct column *c, char *data, struct value *v)
{
	v->len = tds_moment(data, v->len, c->size, c->ticks);
	read_integer(c, data, v);
}

static void
read_bit(const struct column *c, char *data, struct value *v)
{
	(void)c;
	v->kind = VALUE_INT;
	v->u.i = *data;
}

static void
read_bigint(const struct column *c, char *data, struct value *v)
{
	(void)c;
	v->kind = VALUE_INT;
	memcpy(&v->u.i, data, sizeof(v->u.i));
}

static void
read_double(const struct column *c, char *data, struct value *v)
{
	(void)c;
	v->kind = VALUE_FLOAT;
	memcpy(&v->u.f, data, sizeof(v->u.f));
}

/* As floats MariaDB's driver leaves gaps between rows. */
static void
read_real(const struct column *c, char *data, struct value *v)
{
	read_double(c, data, v);
	v->u.f = tds_real((float)v->u.f);
}

void
column_read_text(enum scalar_type type, char *data, struct value *v)
{
	if (types[type].read != NULL)
		types[type].read(NULL, data, v);
}

void
column_value(enum scalar_type type, struct value *v)
{
	char text[NUM_TEXT_MAX];

	v->kind = VALUE_TEXT;
	if (v->len >= sizeof(text))
		return;
	memcpy(text, v->u.text, v->len);
	text[v->len] = '\0';
	column_read_text(type, text, v);
}
