/*
 * Columns in bound buffers of moderate size.  A driver's own conversions are
 * used where they are exact, and only there:
 *
 *	SQLite	The driver makes text of everything before it converts, so
 *		text is taken, and read here: what a column really holds (text
 *		in a number's place, milliseconds in a date's) is then seen.
 *		The SQL gives REAL values with an exponent and all digits.
 */
#include "db/column.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

/* Most texts fit at once; a row of 80 columns then takes 20 KiB. */
#define SIZE_FIRST 256
/* A column that met longer ones is bound with up to this. */
#define SIZE_MAX_BOUND 4096

/* 0 would mean that no such row is known. */
static const SQLSMALLINT ctypes[DIALECTS][SCALAR_TYPES] = {
	[DIALECT_SQLITE] = {
		[SCALAR_STRING] = SQL_C_CHAR,
		[SCALAR_BOOLEAN] = SQL_C_CHAR,
		[SCALAR_INT] = SQL_C_CHAR,
		[SCALAR_BIGINT] = SQL_C_CHAR,
		[SCALAR_FLOAT] = SQL_C_CHAR,
		[SCALAR_DECIMAL] = SQL_C_CHAR,
		[SCALAR_DATETIME] = SQL_C_CHAR,
		[SCALAR_JSON] = SQL_C_CHAR,
		[SCALAR_BYTES] = SQL_C_BINARY,
		[SCALAR_ENUM] = SQL_C_CHAR,
		[SCALAR_UNSUPPORTED] = SQL_C_CHAR,
	},
};

static SQLRETURN
bind(struct column *c, SQLHSTMT stmt)
{
	return SQLBindCol(stmt, c->number, c->ctype, c->data,
	    (SQLLEN)c->size, &c->indicator);
}

int
column_bind(struct column *c, SQLHSTMT stmt, const struct dialect *d,
    enum scalar_type type)
{
	c->type = type;
	c->ctype = ctypes[d->id][type];
	c->size = SIZE_FIRST;
	c->data = malloc(c->size);
	if (c->data == NULL)
		return -1;
	return SQL_SUCCEEDED(bind(c, stmt)) ? 0 : -1;
}

void
column_fini(struct column *c)
{
	free(c->data);
	free(c->large);
}

/* A cut value, whole: its length is known from the indicator. */
static int
read_again(struct column *c, SQLHSTMT stmt, size_t len)
{
	size_t size = len + 1;
	SQLLEN got;

	c->large = malloc(size);
	if (c->large == NULL)
		return -2;
	if (!SQL_SUCCEEDED(SQLGetData(stmt, c->number, c->ctype, c->large,
	    (SQLLEN)size, &got)) || got != (SQLLEN)len)
		return -1;
	return 0;
}

/* Longer values will come again: take more of them at the first go. */
static void
grow(struct column *c, SQLHSTMT stmt)
{
	char *data = realloc(c->data, SIZE_MAX_BOUND);

	if (data == NULL)
		return;		/* the old buffer stays bound */
	c->data = data;
	c->size = SIZE_MAX_BOUND;
	(void)bind(c, stmt);
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

/* Digits without an exponent are exact as they are; else it is a REAL. */
static void
read_decimal(const char *text, struct value *v)
{
	v->u.text = text;
	if (strpbrk(text, "eIN") != NULL)
		read_float(text, v);
}

/*
 * Types that SQLite's text is turned into numbers for.  What is no number of
 * the type stays text, and is judged by whoever writes the JSON.
 */
static void (*const readers[SCALAR_TYPES])(const char *text,
    struct value *v) = {
	[SCALAR_BOOLEAN] = read_integer,
	[SCALAR_INT] = read_integer,
	[SCALAR_BIGINT] = read_integer,
	[SCALAR_FLOAT] = read_float,
	[SCALAR_DECIMAL] = read_decimal,
	[SCALAR_DATETIME] = read_integer,
};

int
column_read(struct column *c, SQLHSTMT stmt, struct value *out)
{
	bool text = c->ctype == SQL_C_CHAR;
	const char *data = c->data;
	size_t len;

	free(c->large);
	c->large = NULL;
	if (c->indicator == SQL_NULL_DATA) {
		out->kind = VALUE_NULL;
		return 0;
	}
	if (c->indicator < 0)
		return -1;
	len = (size_t)c->indicator;
	if (len + (text ? 1 : 0) > c->size) {
		int r = read_again(c, stmt, len);

		if (r != 0)
			return r;
		data = c->large;
		if (c->size < SIZE_MAX_BOUND)
			grow(c, stmt);
	}
	out->kind = text ? VALUE_TEXT : VALUE_BYTES;
	out->len = len;
	if (text && readers[c->type] != NULL)
		readers[c->type](data, out);
	else
		out->u.text = data;
	return 0;
}
