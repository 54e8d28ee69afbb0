/*
 * Columns in bound buffers of moderate size, and the blocks of rows that they
 * take.  Everything but bytes is taken as text, which all drivers give with
 * all digits, and read here: what a column really holds (text in a number's
 * place, an unsigned number, milliseconds in a date's) is then seen.
 *
 *	SQLite	makes text of everything before it converts; the SQL gives REAL
 *		values with an exponent and all digits.
 *	PostgreSQL	sends text.
 *	MariaDB	sends BIT(1) as a byte, whatever is asked for but SQL_C_BIT.
 */
#include "db/column.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

/* A column that met longer values is bound with up to this. */
#define SIZE_MAX_BOUND ((size_t)4096)
/* More rows at once gain nothing. */
#define BLOCK_MAX 64
/* Of all buffers of a statement, when it is prepared; 64 may be cached. */
#define BLOCK_BYTES ((size_t)128 * 1024)

/* What a driver can do with a value that did not fit into its buffer. */
static const struct {
	size_t block;		/* rows at once, at most */
	bool positions;		/* it can be fetched again in any row */
} drivers[DIALECTS] = {
	[DIALECT_SQLITE] = { 1, true },
	[DIALECT_POSTGRESQL] = { BLOCK_MAX, true },
	/* SQLSetPos() to row 2, and SQLGetData() still gives row 1. */
	[DIALECT_MARIADB] = { BLOCK_MAX, false },
	[DIALECT_SQLSERVER] = { 1, true },
};

static void read_integer(const char *text, struct value *v);
static void read_float(const char *text, struct value *v);
static void read_decimal(const char *text, struct value *v);

/*
 * By type: how much room fits most values, and how text becomes a number.
 * What is no number of the type stays text, and is judged by whoever writes
 * the JSON.
 */
static const struct {
	SQLSMALLINT ctype;
	size_t size;
	void (*read)(const char *text, struct value *v);
} types[SCALAR_TYPES] = {
	[SCALAR_STRING] = { SQL_C_CHAR, 256, NULL },
	[SCALAR_BOOLEAN] = { SQL_C_CHAR, 24, read_integer },
	[SCALAR_INT] = { SQL_C_CHAR, 24, read_integer },
	[SCALAR_BIGINT] = { SQL_C_CHAR, 24, read_integer },
	[SCALAR_FLOAT] = { SQL_C_CHAR, 32, read_float },
	[SCALAR_DECIMAL] = { SQL_C_CHAR, 72, read_decimal },
	[SCALAR_DATETIME] = { SQL_C_CHAR, 40, read_integer },
	[SCALAR_JSON] = { SQL_C_CHAR, 256, NULL },
	[SCALAR_BYTES] = { SQL_C_BINARY, 256, NULL },
	[SCALAR_ENUM] = { SQL_C_CHAR, 64, NULL },
	[SCALAR_UNSUPPORTED] = { SQL_C_CHAR, 64, NULL },
};

/* The most bytes that a column's values have as text; 0 = any number. */
static size_t
longest(SQLHSTMT stmt, const struct column *c, SQLSMALLINT type, SQLULEN size)
{
	SQLLEN octets = 0;

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
		return 31;		/* numbers, dates and times */
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

/* Give it a buffer that no value exceeds; false: there is none. */
static bool
size_column(struct column *c, SQLHSTMT stmt)
{
	SQLSMALLINT type;
	size_t max = describe(c, stmt, &type);

	if (type == SQL_BIT && c->ctype == SQL_C_CHAR)
		c->ctype = SQL_C_BIT;
	if (max == 0 || max >= SIZE_MAX_BOUND)
		return false;
	c->size = max + 1;
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
		c->size = types[c->type].size;
		c->positions = drivers[d->id].positions;
		if (!c->positions && !size_column(c, stmt))
			block = 1;
		bytes += c->size;
	}
	if (bytes > 0 && block > BLOCK_BYTES / bytes)
		block = BLOCK_BYTES / bytes;
	for (size_t i = 0; i < n; i++)
		columns[i].positions |= block <= 1;
	return block > 0 ? block : 1;
}

bool
column_fit(const struct column *columns, size_t n, SQLHSTMT stmt)
{
	SQLSMALLINT type;
	size_t max;

	for (size_t i = 0; i < n && !columns[i].positions; i++) {
		max = describe(&columns[i], stmt, &type);
		if (max == 0 || max >= columns[i].size)
			return false;
	}
	return true;
}

static int
bind(struct column *c, SQLHSTMT stmt, size_t size, size_t block)
{
	char *data = malloc(size * block);

	if (data == NULL)
		return -1;
	if (!SQL_SUCCEEDED(SQLBindCol(stmt, c->number, c->ctype, data,
	    (SQLLEN)size, c->indicators))) {
		free(data);
		return -1;
	}
	free(c->data);
	c->data = data;
	c->size = size;
	return 0;
}

int
column_bind(struct column *c, SQLHSTMT stmt, size_t block)
{
	c->indicators = calloc(block, sizeof(*c->indicators));
	return c->indicators == NULL ? -1 : bind(c, stmt, c->size, block);
}

void
column_grow(struct column *c, SQLHSTMT stmt, size_t block)
{
	size_t most = BLOCK_BYTES / block, size = c->wanted;

	if (size <= c->size)
		return;
	c->wanted = 0;
	if (most > SIZE_MAX_BOUND)
		most = SIZE_MAX_BOUND;
	/* Where memory is short the old buffer stays bound. */
	if (most > c->size)
		(void)bind(c, stmt, size < most / 2 ? size * 2 : most, block);
}

void
column_fini(struct column *c)
{
	free(c->data);
	free(c->indicators);
	free(c->large);
}

/* A cut value, whole: its length is known from the indicator. */
static enum column_result
read_again(struct column *c, SQLHSTMT stmt, size_t row, size_t block)
{
	size_t len = (size_t)c->indicators[row], size = len + 1;
	SQLLEN got;

	if (!c->positions)
		return COLUMN_CUT;
	c->large = malloc(size);
	if (c->large == NULL)
		return COLUMN_NO_MEMORY;
	if (block > 1 && !SQL_SUCCEEDED(SQLSetPos(stmt,
	    (SQLSETPOSIROW)(row + 1), SQL_POSITION, SQL_LOCK_NO_CHANGE)))
		return COLUMN_FAILED;
	if (!SQL_SUCCEEDED(SQLGetData(stmt, c->number, c->ctype, c->large,
	    (SQLLEN)size, &got)) || got != (SQLLEN)len)
		return COLUMN_FAILED;
	if (len > c->wanted)
		c->wanted = size;
	return COLUMN_DONE;
}

static void
read_integer(const char *text, struct value *v)
{
	if (num_read_i64(text, v->len, &v->u.i) == 0)
		v->kind = VALUE_INT;
	else
		v->u.text = text;
}

static void
read_float(const char *text, struct value *v)
{
	char *end;
	double d = strtod(text, &end);

	v->u.text = text;
	if (v->len > 0 && end == text + v->len) {
		v->kind = VALUE_FLOAT;
		v->u.f = d;
	}
}

/*
 * Digits without an exponent are exact as they are; else it is a REAL, or
 * PostgreSQL's money, "-$1,234.50".
 */
static void
read_decimal(const char *text, struct value *v)
{
	v->u.text = text;
	if (strpbrk(text, "eIN") != NULL)
		read_float(text, v);
}

static void
read_value(const struct column *c, const char *data, struct value *out)
{
	out->kind = c->ctype == SQL_C_BINARY ? VALUE_BYTES : VALUE_TEXT;
	out->u.text = data;
	if (c->ctype == SQL_C_BIT) {
		out->kind = VALUE_INT;
		out->u.i = *data;
	} else if (c->ctype == SQL_C_CHAR && types[c->type].read != NULL) {
		types[c->type].read(data, out);
	}
}

void
column_value(enum scalar_type type, struct value *v)
{
	char text[NUM_TEXT_MAX];

	v->kind = VALUE_TEXT;
	if (types[type].read == NULL || v->len >= sizeof(text))
		return;
	memcpy(text, v->u.text, v->len);
	text[v->len] = '\0';
	types[type].read(text, v);
}

enum column_result
column_read(struct column *c, SQLHSTMT stmt, size_t row, size_t block,
    struct value *out)
{
	size_t terminator = c->ctype == SQL_C_CHAR ? 1 : 0;
	const char *data = c->data + row * c->size;
	SQLLEN len = c->indicators[row];

	free(c->large);
	c->large = NULL;
	if (len == SQL_NULL_DATA) {
		out->kind = VALUE_NULL;
		return COLUMN_DONE;
	}
	if (len < 0)
		return COLUMN_FAILED;
	if ((size_t)len + terminator > c->size) {
		enum column_result r = read_again(c, stmt, row, block);

		if (r != COLUMN_DONE)
			return r;
		data = c->large;
	}
	out->len = (size_t)len;
	read_value(c, data, out);
	return COLUMN_DONE;
}
