/*
 * A plugin's own questions to the database: the text is read, judged and
 * bound as that of a .sql file, and read through the same cursor.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/plugin_request.h"
#include "collector/sql_cursor.h"
#include "model/json_out.h"
#include "model/sql_call.h"
#include "model/sql_file.h"

/* Of a server's cursor. */
#define CURSOR_NAME "dalpuri_plugin"

struct dalpuri_cursor {
	struct dalpuri_request *r;
	bool open;
	bool failed;			/* the link is to look at it */
	struct arena arena;		/* while it is open */
	struct sql_file *file;
	struct sql_call call;
	struct sql sql;
	struct sql_cursor cursor;
	struct plan_node node;		/* its columns, as JSON wants them */
	struct value *row;		/* NULL: there is none */
	struct value *room;
	struct dalpuri_cell *cells;
	struct arena texts;		/* of the cells of a row */
};

static int
no_memory(struct dalpuri_request *r)
{
	return plugin_failed(r, DALPURI_EMEMORY, ERR_INTERNAL,
	    "out of memory");
}

/* ---- the text ------------------------------------------------------------ */

/* The first fault of the text is the reason. */
static void
take_fault(void *ctx, const char *line)
{
	struct dalpuri_request *r = ctx;

	if (r->err.code == ERR_NONE)
		err_set(&r->err, ERR_DATABASE, "%s", line);
}

static int
read_text(struct dalpuri_cursor *c, const struct dialect *d, const char *sql,
    size_t len)
{
	struct dalpuri_request *r = c->r;
	const struct sql_source source = { .dialect = d, .text = sql,
	    .len = len, .name = r->run->request->collector };
	struct collector_faults faults = { .path = "query",
	    .tell = take_fault, .ctx = r };

	r->err.code = ERR_NONE;
	c->file = sql_file_read(&source, &c->arena, &faults);
	return c->file != NULL ? 0 : DALPURI_EINVAL;
}

/* ---- columns ------------------------------------------------------------- */

static int
take_columns(struct dalpuri_cursor *c)
{
	struct arena *arena = &c->arena;
	size_t n;
	const struct schema_field *const *columns =
	    db_columns(c->cursor.described, &n);

	c->node.columns = arena_get(arena, n, sizeof(*c->node.columns));
	c->node.labels = arena_get(arena, n, sizeof(*c->node.labels));
	c->room = arena_get(arena, n, sizeof(*c->room));
	c->cells = arena_get(arena, n, sizeof(*c->cells));
	if (c->node.columns == NULL || c->node.labels == NULL ||
	    c->room == NULL || c->cells == NULL)
		return no_memory(c->r);
	c->node.ncolumns = c->node.nplain = c->node.nshown = n;
	for (size_t i = 0; i < n; i++) {
		c->node.columns[i] = columns[i];
		if (plan_label_make(arena, ",", columns[i]->name,
		    &c->node.labels[i]) != 0)
			return no_memory(c->r);
	}
	return 0;
}

/* ---- rows ---------------------------------------------------------------- */

/* SQLite's driver has numbers as text. */
static int
read_number(struct dalpuri_cursor *c, size_t i, struct dalpuri_cell *out)
{
	const struct value *v = &c->row[i];
	const char *text = arena_text(&c->texts, v->u.text, v->len);

	if (text == NULL)
		return -1;
	if (c->node.columns[i]->type == SCALAR_FLOAT) {
		out->kind = DALPURI_DOUBLE;
		out->f = strtod(text, NULL);
	} else {
		out->kind = DALPURI_INT;
		out->i = strtoll(text, NULL, 10);
	}
	return 0;
}

/* Decimal, DateTime and Json: as text, as an answer spells it. */
static int
spell(struct dalpuri_cursor *c, size_t i, struct dalpuri_cell *out)
{
	const struct schema_field *f = c->node.columns[i];
	struct buf b;
	size_t quotes;
	int result = -1;

	buf_init(&b, 0);
	if (json_put_value(&b, f, &c->row[i]) == JSON_PUT_DONE) {
		quotes = b.len > 0 && b.data[0] == '"' &&
		    f->type != SCALAR_JSON ? 1 : 0;
		out->kind = DALPURI_TEXT;
		out->len = b.len - 2 * quotes;
		out->data = arena_text(&c->texts, b.data + quotes, out->len);
		result = out->data != NULL ? 0 : -1;
	}
	buf_fini(&b);
	return result;
}

static int
take_cell(struct dalpuri_cursor *c, size_t i)
{
	struct dalpuri_cell *out = &c->cells[i];
	enum scalar_type type = c->node.columns[i]->type;
	const struct value *v = &c->row[i];

	memset(out, 0, sizeof(*out));
	if (v->kind == VALUE_NULL)
		return 0;
	if (type == SCALAR_DATETIME || type == SCALAR_DECIMAL ||
	    type == SCALAR_JSON)
		return spell(c, i, out);
	if (v->kind == VALUE_TEXT && (type == SCALAR_INT ||
	    type == SCALAR_BIGINT || type == SCALAR_BOOLEAN ||
	    type == SCALAR_FLOAT))
		return read_number(c, i, out);
	switch (v->kind) {
	case VALUE_INT:
		out->kind = DALPURI_INT;
		out->i = v->u.i;
		return 0;
	case VALUE_FLOAT:
		out->kind = DALPURI_DOUBLE;
		out->f = v->u.f;
		return 0;
	default:
		out->kind = v->kind == VALUE_TEXT ? DALPURI_TEXT :
		    DALPURI_BYTES;
		out->len = v->len;
		out->data = arena_text(&c->texts, v->len > 0 ? v->u.text : "",
		    v->len);
		return out->data != NULL ? 0 : -1;
	}
}

size_t
plugin_columns(struct dalpuri_cursor *c)
{
	return c->open ? c->node.ncolumns : 0;
}

const char *
plugin_column(struct dalpuri_cursor *c, size_t i)
{
	return i < plugin_columns(c) ? c->node.columns[i]->name : NULL;
}

/* The link is to know that its connection is gone, once nothing uses it. */
static int
database_failed(struct dalpuri_cursor *c)
{
	c->failed = true;
	return plugin_result(c->r);
}

int
plugin_next(struct dalpuri_cursor *c)
{
	int got;

	if (!c->open || c->failed)
		return plugin_failed(c->r, DALPURI_EORDER, ERR_INTERNAL,
		    "it asks for rows where there are none");
	got = sql_cursor_next(&c->cursor, c->room, &c->r->err);
	c->row = got > 0 ? c->room : NULL;
	arena_clear(&c->texts);
	if (got < 0)
		return database_failed(c);
	for (size_t i = 0; got > 0 && i < c->node.ncolumns; i++)
		if (take_cell(c, i) != 0)
			return no_memory(c->r);
	return got;
}

int
plugin_cell(struct dalpuri_cursor *c, size_t i, struct dalpuri_cell *out)
{
	if (!c->open || c->row == NULL || i >= c->node.ncolumns)
		return plugin_failed(c->r, DALPURI_EINVAL, ERR_INTERNAL,
		    "there is no row, or it has no column %zu", i + 1);
	*out = c->cells[i];
	return 0;
}

int
plugin_row_of(struct dalpuri_request *r, struct dalpuri_cursor *c)
{
	struct buf b;
	int result;

	if (c == NULL || !c->open || c->row == NULL)
		return plugin_failed(r, DALPURI_EORDER, ERR_INTERNAL,
		    "it calls row_of() without a row");
	buf_init(&b, 0);
	if (buf_putc(&b, '{') != 0 || json_put_scalars(&b, &c->node, c->row,
	    NULL, &r->err) != JSON_PUT_DONE || buf_putc(&b, '}') != 0)
		result = no_memory(r);
	else
		result = plugin_row(r, b.data, b.len);
	buf_fini(&b);
	return result;
}

/* ---- the whole ----------------------------------------------------------- */

void
plugin_close(struct dalpuri_cursor *c)
{
	if (c == NULL || !c->open)
		return;
	c->open = false;
	c->row = NULL;
	sql_cursor_close(&c->cursor);
	sql_fini(&c->sql);
	sql_call_fini(&c->call);
	arena_fini(&c->texts);
	arena_fini(&c->arena);
	if (c->failed)
		link_check(c->r->run->link, c->r->err.text);
}

static int
open_cursor(struct dalpuri_cursor *c, struct db *db)
{
	struct dalpuri_request *r = c->r;

	if (sql_call_write(&c->call, db_dialect(db), &c->sql, &r->err) != 0 ||
	    sql_cursor_open(&c->cursor, db, &c->sql,
	    CURSOR_NAME, &r->err) != 0)
		return database_failed(c);
	if (take_columns(c) != 0)
		return DALPURI_EMEMORY;
	return sql_cursor_start(&c->cursor, &r->err) == 0 ? 0 :
	    database_failed(c);
}

/* The only one of the request, fresh; NULL: out of memory. */
static struct dalpuri_cursor *
renew(struct dalpuri_request *r)
{
	if (r->cursor == NULL)
		r->cursor = arena_get(&r->arena, 1, sizeof(*r->cursor));
	if (r->cursor == NULL)
		return NULL;
	*r->cursor = (struct dalpuri_cursor){ .r = r, .open = true };
	sql_init(&r->cursor->sql);
	arena_init(&r->cursor->texts);
	arena_init(&r->cursor->arena);
	return r->cursor;
}

int
plugin_query(struct dalpuri_request *r, const char *sql, size_t len,
    const struct dalpuri_cell *params, size_t n, struct dalpuri_cursor **out)
{
	struct dalpuri_cursor *c;
	struct db *db;
	int result;

	if (sql == NULL || out == NULL)
		return plugin_failed(r, DALPURI_EINVAL, ERR_INTERNAL,
		    "it asks the database nothing");
	if (r->cursor != NULL && r->cursor->open)
		return plugin_failed(r, DALPURI_EORDER, ERR_INTERNAL,
		    "it asks the database while it reads another answer");
	db = link_get(r->run->link, &r->err);
	if (db == NULL)
		return plugin_result(r);
	c = renew(r);
	if (c == NULL)
		return no_memory(r);
	result = read_text(c, db_dialect(db), sql, len);
	if (result == 0)
		result = plugin_params(r, &c->call, c->file, params, n);
	if (result == 0)
		result = open_cursor(c, db);
	if (result == 0)
		*out = c;
	else
		plugin_close(c);
	return result;
}
