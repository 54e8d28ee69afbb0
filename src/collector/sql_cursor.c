/*
 * PostgreSQL has cursors for any SELECT, with parameters.  MariaDB has none
 * for its clients: there the whole result is in memory, and an admin writes
 * a LIMIT, or a client sends take.
 */
#include "collector/sql_cursor.h"

#include <string.h>

#include "base/buf.h"

/* Rows of a page: a page is in memory, a round trip is cheap. */
#define PAGE_ROWS 1000

/*
 * The driver, told to be read-only, knows no statement that reads but SELECT
 * and lets through what it does not know, such as a comment; the server's
 * read-only session is what guards it.
 */
#define READING "/* reads */ "

static bool
has_pages(const struct sql_cursor *c)
{
	return db_dialect(c->db)->id == DIALECT_POSTGRESQL;
}

int
sql_cursor_open(struct sql_cursor *c, struct db *db, const struct sql *sql,
    const char *name, struct err *err)
{
	*c = (struct sql_cursor){ .db = db, .sql = sql, .name = name };
	c->described = db_prepare_any(db, sql->text.data, sql->text.len, err);
	return c->described == NULL ? -1 : 0;
}

static int
declare(struct sql_cursor *c, struct err *err)
{
	const struct db_columns none = { .n = 0 };
	struct db_stmt *st = NULL;
	struct buf text;
	int result = -1;

	buf_init(&text, 0);
	if (buf_printf(&text, READING "DECLARE \"%s\" NO SCROLL CURSOR FOR ",
	    c->name) == 0 &&
	    buf_put(&text, c->sql->text.data, c->sql->text.len) == 0)
		st = db_prepare(c->db, text.data, text.len, &none, err);
	else
		err_set(err, ERR_INTERNAL, "out of memory");
	buf_fini(&text);
	if (st == NULL)
		return -1;
	result = db_execute(st, c->sql->params, c->sql->nparams, err);
	db_finish(st);
	return result;
}

static int
fetch_page(struct sql_cursor *c, struct err *err)
{
	struct db_columns columns = { .n = 0 };
	struct buf text;

	if (c->st != NULL)
		db_finish(c->st);
	c->st = NULL;
	c->page = 0;
	columns.fields = db_columns(c->described, &columns.n);
	buf_init(&text, 0);
	if (buf_printf(&text, READING "FETCH %d FROM \"%s\"", PAGE_ROWS,
	    c->name) != 0)
		err_set(err, ERR_INTERNAL, "out of memory");
	else
		c->st = db_prepare(c->db, text.data, text.len, &columns,
		    err);
	buf_fini(&text);
	return c->st == NULL ? -1 : db_execute(c->st, NULL, 0, err);
}

int
sql_cursor_start(struct sql_cursor *c, struct err *err)
{
	if (!has_pages(c)) {
		c->st = c->described;
		return db_execute(c->st, c->sql->params, c->sql->nparams, err);
	}
	if (db_snapshot_begin(c->db, err) != 0)
		return -1;
	c->snapshot = true;
	return declare(c, err) != 0 ? -1 : fetch_page(c, err);
}

int
sql_cursor_next(struct sql_cursor *c, struct value *row, struct err *err)
{
	int result = db_fetch(c->st, row, err);

	if (result == 0 && c->snapshot && c->page == PAGE_ROWS) {
		if (fetch_page(c, err) != 0)
			return -1;
		result = db_fetch(c->st, row, err);
	}
	c->page += result > 0;
	return result;
}

void
sql_cursor_close(struct sql_cursor *c)
{
	if (c->st != NULL && c->st != c->described)
		db_finish(c->st);
	if (c->described != NULL)
		db_finish(c->described);
	if (c->snapshot)
		db_snapshot_end(c->db);
}
