/* The columns of a statement: bound buffers, and what is read from them. */
#ifndef DB_COLUMN_H
#define DB_COLUMN_H

#include <stddef.h>

#include "db/handle.h"

/* A column that met longer values is bound with up to this. */
#define COLUMN_SIZE_MAX ((size_t)4096)
/* Of all buffers of a statement, when it is prepared; 64 may be cached. */
#define COLUMN_BLOCK_BYTES ((size_t)128 * 1024)

/* A column's buffers hold a block of rows, one behind the other. */
struct column {
	enum scalar_type type;
	SQLSMALLINT ctype;	/* SQL_C_... that it is bound as */
	SQLSMALLINT native;	/* the SQL_... type that it is not taken as
				 * text for, or SQL_UNKNOWN_TYPE */
	SQLUSMALLINT number;	/* from 1 */
	size_t size;		/* of one row's buffer; 0 = as its type wants */
	size_t whole;		/* values that are shorter are whole in it
				 * and are read as they are; 0 = none is */
	enum value_kind kind;	/* of what is not read as a number */
	/* Make a number of what is one; NULL: it is none. */
	void (*read)(const struct column *c, char *data, struct value *v);
	size_t wanted;		/* a longer one that it has met */
	bool positions;		/* what is cut can be fetched again */
	bool continues;		/* ... but only its rest */
	bool rounded;		/* SQL Server's datetime, by its schema type */
	bool ticks;		/* ... and the schema does not */
	char *data;		/* bound; owned */
	SQLLEN *indicators;	/* bound; owned */
	char *large;		/* a value that did not fit; owned, or NULL */
	char *utf8;		/* made of UTF-16; owned, or NULL */
	size_t utf8_size;
};

/* Can columns only be planned when their statement has been run? */
bool column_is_late(const struct dialect *d);

/* Does the driver take and give text in UTF-16? */
bool column_is_wide(const struct dialect *d);

/*
 * Decide how each of n columns is bound, whose types are set, and how many
 * rows are fetched at once: the result.  The statement is prepared, or has
 * been run where columns are late; some drivers are asked about its columns.
 */
size_t column_plan(struct column *columns, size_t n, SQLHSTMT stmt,
    const struct dialect *d);

/* Bytes that a driver puts behind a value of the column. */
size_t column_terminator(const struct column *c);

/* Bind it for a block of rows; 0, or -1: out of memory. */
int column_bind(struct column *c, SQLHSTMT stmt, size_t block) MUST_CHECK;

/*
 * A statement that was bound before has been run again: are its buffers still
 * large enough, where a value that is cut cannot be fetched again?
 */
bool column_fit(const struct column *columns, size_t n, SQLHSTMT stmt);

/* Between two blocks: give longer values more room at the first go. */
void column_grow(struct column *c, SQLHSTMT stmt, size_t block);

/* The result is over: keep no room for its longest value. */
void column_release(struct column *c);

void column_fini(struct column *c);

enum column_result {
	COLUMN_DONE,
	COLUMN_FAILED,		/* ask the statement why */
	COLUMN_NO_MEMORY,
	COLUMN_CUT		/* longer than its driver had told */
};

/*
 * The value in a row of the block just fetched, valid until the next block.
 * false: it is not whole in its buffer, or is in UTF-16: column_read_more().
 */
static inline bool
column_read(const struct column *c, size_t row, struct value *out)
{
	SQLLEN len = c->indicators[row];

	if (len == SQL_NULL_DATA) {
		out->kind = VALUE_NULL;
		return true;
	}
	if ((size_t)len >= c->whole)
		return false;
	out->kind = c->kind;
	out->len = (size_t)len;
	out->u.text = c->data + row * c->size;
	if (c->read != NULL)
		c->read(c, c->data + row * c->size, out);
	return true;
}

/*
 * The same for all others.  What was cut is fetched again, whole, and lasts
 * until column_drop_large().
 */
enum column_result column_read_more(struct column *c, SQLHSTMT stmt,
    size_t row, size_t block, struct value *out) MUST_CHECK;
void column_drop_large(struct column *c);

/* Where the text is that was just read, to write into. */
static inline char *
column_text(const struct column *c, size_t row)
{
	return c->large != NULL ? c->large : c->data + row * c->size;
}

/*
 * Make of a text a value of the type.  Of the first, v is it, and the text in
 * data may be written into; some byte stands behind it that is in no number.
 */
void column_read_text(enum scalar_type type, char *data, struct value *v);
void column_value(enum scalar_type type, struct value *v);

#endif
