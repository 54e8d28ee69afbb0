/*
 * Columns in bound buffers of moderate size, which grow with their values, and
 * how a value that does not fit into its buffer is had all the same.
 */
#include "db/column.h"

#include <stdlib.h>
#include <string.h>

#include "db/tds.h"

size_t
column_terminator(const struct column *c)
{
	return c->ctype == SQL_C_CHAR ? 1 :
	    c->ctype == SQL_C_WCHAR ? sizeof(SQLWCHAR) : 0;
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
	c->whole = c->native != SQL_UNKNOWN_TYPE ? SIZE_MAX / 2 :
	    c->ctype == SQL_C_WCHAR ? 0 : size - column_terminator(c) + 1;
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
	size_t most = COLUMN_BLOCK_BYTES / block, size = c->wanted;

	if (size <= c->size)
		return;
	c->wanted = 0;
	if (most > COLUMN_SIZE_MAX)
		most = COLUMN_SIZE_MAX;
	/* Where memory is short the old buffer stays bound. */
	if (most > c->size)
		(void)bind(c, stmt, size < most / 2 ? size * 2 : most, block);
}

void
column_drop_large(struct column *c)
{
	free(c->large);
	c->large = NULL;
}

void
column_release(struct column *c)
{
	column_drop_large(c);
	free(c->utf8);
	c->utf8 = NULL;
	c->utf8_size = 0;
}

void
column_fini(struct column *c)
{
	free(c->data);
	free(c->indicators);
	column_release(c);
}

/*
 * The rest of a value whose beginning is in the bound buffer, behind it.  Its
 * length is known when the driver is done.
 */
static enum column_result
read_on(struct column *c, SQLHSTMT stmt, size_t *len_out)
{
	size_t behind = column_terminator(c), have = c->size - behind;
	size_t size = c->size;
	SQLRETURN r = SQL_SUCCESS_WITH_INFO;
	SQLLEN got;

	c->large = malloc(size);
	if (c->large == NULL)
		return COLUMN_NO_MEMORY;
	memcpy(c->large, c->data, have);
	while (r == SQL_SUCCESS_WITH_INFO) {
		char *large = realloc(c->large, size * 2 + behind);

		if (large == NULL)
			return COLUMN_NO_MEMORY;
		c->large = large;
		size = size * 2 + behind;
		r = SQLGetData(stmt, c->number, c->ctype, large + have,
		    (SQLLEN)(size - have), &got);
		if (r == SQL_SUCCESS && got >= 0)
			have += (size_t)got;
		else if (r == SQL_SUCCESS_WITH_INFO)
			have = size - behind;
		else if (r != SQL_NO_DATA)
			return COLUMN_FAILED;
	}
	*len_out = have;
	return COLUMN_DONE;
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

/* What UTF-16 is in UTF-8, valid until the next value; 0 or -1. */
static int
read_wide(struct column *c, const char *data, struct value *out)
{
	size_t size = TDS_UTF8_MAX(out->len);

	if (size > c->utf8_size) {
		free(c->utf8);
		c->utf8_size = 0;
		c->utf8 = malloc(size);
		if (c->utf8 == NULL)
			return -1;
		c->utf8_size = size;
	}
	out->u.text = c->utf8;
	if (out->len > 0)
		out->len = tds_to_utf8(c->utf8, data, out->len);
	else
		out->u.text = "";
	return 0;
}

/* What did not fit is fetched, whole, into c->large. */
static enum column_result
read_long(struct column *c, SQLHSTMT stmt, size_t row, size_t block,
    size_t *len)
{
	if (!c->continues)
		return read_again(c, stmt, row, block);
	return block > 1 ? COLUMN_CUT : read_on(c, stmt, len);
}

enum column_result
column_read_more(struct column *c, SQLHSTMT stmt, size_t row, size_t block,
    struct value *out)
{
	char *data = c->data + row * c->size;
	SQLLEN len = c->indicators[row];

	if (len < 0 && (len != SQL_NO_TOTAL || !c->continues))
		return COLUMN_FAILED;
	out->len = (size_t)len;
	if (len < 0 || out->len + column_terminator(c) > c->size) {
		enum column_result r = read_long(c, stmt, row, block,
		    &out->len);

		if (r != COLUMN_DONE)
			return r;
		data = c->large;
	}
	out->kind = c->kind;
	out->u.text = data;
	if (c->ctype == SQL_C_WCHAR)
		return read_wide(c, data, out) == 0 ? COLUMN_DONE :
		    COLUMN_NO_MEMORY;
	if (c->read != NULL)
		c->read(c, data, out);
	return COLUMN_DONE;
}
