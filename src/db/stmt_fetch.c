/* The rows of a statement that runs. */
#include "db/stmt.h"

/* The next block of rows: 1, 0 at the end, or -1. */
static int
fetch_block(struct db_stmt *st, struct err *err)
{
	SQLRETURN r;

	for (size_t i = 0; st->was_cut && i < st->ncolumns; i++)
		column_grow(&st->columns[i], st->handle, st->block);
	st->was_cut = false;
	st->row = 0;
	st->fetched = 1;	/* where the driver does not tell */
	r = SQLFetch(st->handle);
	if (db_stopped(st->db, err))
		return -1;
	st->ended = r == SQL_NO_DATA;
	if (st->ended) {
		st->fetched = 0;
		return 0;
	}
	if (!SQL_SUCCEEDED(r) || (r == SQL_SUCCESS_WITH_INFO &&
	    db_has_failed(SQL_HANDLE_STMT, st->handle)))
		return db_failed(st->db, SQL_HANDLE_STMT, st->handle, err);
	return 1;
}

/* A value that is not whole in its buffer. */
static int
read_more(struct db_stmt *st, size_t i, struct value *out, struct err *err)
{
	st->cut = true;
	switch (column_read_more(&st->columns[i], st->handle, st->row,
	    st->block, out)) {
	case COLUMN_DONE:
		break;
	case COLUMN_NO_MEMORY:
		return err_set(err, ERR_INTERNAL,
		    "out of memory for a value of column %zu", i + 1);
	case COLUMN_CUT:
		st->db->stale = true;
		return err_set(err, ERR_DATABASE,
		    "column %zu was changed while it was read", i + 1);
	case COLUMN_FAILED:
		return db_failed(st->db, SQL_HANDLE_STMT, st->handle, err);
	}
	return 0;
}

static inline int
read_column(struct db_stmt *st, size_t i, struct value *out, struct err *err)
{
	return column_read(&st->columns[i], st->row, out) ? 0 :
	    read_more(st, i, out, err);
}

/* The row before is over, some value of which was not whole. */
static void
drop_large(struct db_stmt *st)
{
	for (size_t i = 0; i < st->ncolumns; i++)
		column_drop_large(&st->columns[i]);
	st->cut = false;
	st->was_cut = true;
}

/* The driver's next row: 1, 0 at the end, or -1. */
static int
next_row(struct db_stmt *st, struct err *err)
{
	if (st->cut)
		drop_large(st);
	return st->row < st->fetched ? 1 : fetch_block(st, err);
}

/* Are the fields of the text as many as those of its rows? */
static int
check_fields(struct db_stmt *st, struct err *err)
{
	struct value rows;

	if (read_column(st, 1, &rows, err) != 0)
		return -1;
	return rows.kind == VALUE_INT && pack_adds_up(&st->rows, st->nvalues,
	    (uint64_t)rows.u.i) ? 1 : DB_UNCLEAR;
}

/* The driver's next row, which is one text of packed ones. */
static int
next_packed(struct db_stmt *st, struct err *err)
{
	struct value text;
	int r = next_row(st, err);

	if (r <= 0)
		return r;
	if (read_column(st, 0, &text, err) != 0)
		return -1;
	if (text.kind == VALUE_NULL)	/* a page without rows */
		text.len = 0;
	st->rows.at = column_text(st->columns, st->row);
	st->rows.end = st->rows.at + text.len;
	if (st->pack == DIALECT_FIELDS) {
		/* The last row has an end, too: where the driver's NUL is. */
		if (text.kind != VALUE_NULL)
			*st->rows.end++ = DIALECT_ROW_END;
		r = check_fields(st, err);
	}
	st->row++;
	return r;
}

static pack_take_fn *
taker(const struct db_stmt *st)
{
	return st->db->sqlite != NULL ? pack_take_text :
	    st->pack == DIALECT_FIELDS ? pack_take_fields : pack_take_record;
}

static int
fetch_packed(struct db_stmt *st, struct value *row, struct err *err)
{
	const char *from;
	int r;

	while (st->rows.at == st->rows.end)
		if ((r = next_packed(st, err)) != 1)
			return r;
	from = st->rows.at;
	if (taker(st)(&st->rows, st->types, st->nvalues, row) != 0)
		return err_set(err, ERR_DATABASE,
		    "the database gave a row that is none");
	st->row_bytes = (size_t)(st->rows.at - from);
	return 1;
}

int
db_fetch(struct db_stmt *st, struct value *row, struct err *err)
{
	const struct stmt_fields *own = &st->own;
	size_t n = st->ncolumns - own->nloose;
	struct value type;
	int r;

	if (st->pack != DIALECT_UNPACKED)
		return fetch_packed(st, row, err);
	r = next_row(st, err);
	if (r <= 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (read_column(st, i, &row[i], err) != 0)
			return -1;
	for (size_t i = 0; i < own->nloose; i++) {
		size_t at = own->loose[i];

		if (read_column(st, n + i, &type, err) != 0)
			return -1;
		describe_value(&own->fields[at], &row[at], &type);
	}
	st->row++;
	return 1;
}

size_t
db_row_bytes(const struct db_stmt *st)
{
	return st->pack != DIALECT_UNPACKED ? st->row_bytes : 0;
}
