/*
 * A query of an admin's own.  Its columns are known once the database has
 * prepared it; they say whether the answer may have attachments.
 */
#include "collector/sql_run.h"

#include <string.h>

#include "collector/sql_cursor.h"
#include "model/json_out.h"
#include "model/sql_call.h"

struct running {
	const struct sql_run *r;
	struct sql_call call;
	struct sql sql;
	struct sql_cursor cursor;
	struct plan_node node;		/* the result, as the writer wants it */
	struct err *err;
};

static int
no_memory(struct running *q)
{
	return err_set(q->err, ERR_INTERNAL, "out of memory");
}

/* ---- columns ------------------------------------------------------------- */

/* Each key of a row has a name, which no other one has. */
static int
check_name(struct running *q, size_t i)
{
	const char *name = q->node.columns[i]->name;

	if (*name == '\0')
		return err_set(q->err, ERR_DATABASE, "column %zu of %s has "
		    "no name: give it one with AS", i + 1,
		    q->r->file->model.name);
	for (size_t k = 0; k < i; k++)
		if (strcmp(q->node.columns[k]->name, name) == 0)
			return err_set(q->err, ERR_DATABASE, "columns %zu "
			    "and %zu of %s are both called \"%s\": name them "
			    "with AS", k + 1, i + 1, q->r->file->model.name,
			    name);
	return 0;
}

static int
take_columns(struct running *q)
{
	size_t n;
	const struct schema_field *const *columns =
	    db_columns(q->cursor.described, &n);

	q->node.columns = arena_get(&q->call.arena, n,
	    sizeof(*q->node.columns));
	q->node.labels = arena_get(&q->call.arena, n,
	    sizeof(*q->node.labels));
	if (q->node.columns == NULL || q->node.labels == NULL)
		return no_memory(q);
	q->node.ncolumns = q->node.nplain = q->node.nshown = n;
	for (size_t i = 0; i < n; i++) {
		q->node.columns[i] = columns[i];
		if (check_name(q, i) != 0)
			return -1;
		if (plan_label_make(&q->call.arena, ",", columns[i]->name,
		    &q->node.labels[i]) != 0)
			return no_memory(q);
	}
	return 0;
}

static bool
has_attachments(const struct running *q)
{
	for (size_t i = 0; i < q->node.ncolumns; i++)
		if (q->node.columns[i]->type == SCALAR_BYTES)
			return !q->r->file->bytes_base64;
	return false;
}

/* ---- rows ---------------------------------------------------------------- */

static int
attach(struct running *q, const struct value *row)
{
	for (size_t i = 0; i < q->node.ncolumns; i++)
		if (row[i].kind == VALUE_BYTES &&
		    q->node.columns[i]->type == SCALAR_BYTES &&
		    writer_attach(q->r->writer, q->node.columns[i],
		    row[i].u.text, row[i].len, q->err) != 0)
			return -1;
	return 0;
}

static int
put_row(struct running *q, const struct value *row)
{
	struct writer *w = q->r->writer;
	size_t number = w->nattachments;

	if (buf_puts(&w->out, w->rows > 0 ? ",{" : "{") != 0)
		return no_memory(q);
	switch (json_put_scalars(&w->out, &q->node, row,
	    w->held ? &number : NULL, q->err)) {
	case JSON_PUT_DONE:
		break;
	case JSON_PUT_FULL:
		return no_memory(q);
	case JSON_PUT_MISFIT:
		return -1;
	}
	if (w->held && attach(q, row) != 0)
		return -1;
	if (buf_putc(&w->out, '}') != 0)
		return no_memory(q);
	return writer_row(w, q->err);
}

/* skip: what the database has not left out itself. */
static int
put_rows(struct running *q, uint64_t skip)
{
	uint64_t take = q->call.take;
	struct value *row = arena_get(&q->call.arena, q->node.ncolumns,
	    sizeof(*row));
	int result = 1;

	if (row == NULL)
		return no_memory(q);
	while (take > 0 && (result = sql_cursor_next(&q->cursor, row,
	    q->err)) > 0) {
		if (skip > 0) {
			skip--;
			continue;
		}
		if (put_row(q, row) != 0)
			return -1;
		if (take != PLAN_ALL)
			take--;
	}
	return result < 0 ? -1 : 0;
}

/* ---- the whole ----------------------------------------------------------- */

static int
run_on(struct running *q, struct db *db)
{
	const struct sql_run *r = q->r;
	const struct dialect *d = db_dialect(db);
	bool pages = sql_call_pages(&q->call, d);

	if (sql_call_write(&q->call, d, &q->sql, q->err) != 0 ||
	    (pages && sql_call_write_page(&q->call, r->writer->p.max_rows,
	    &q->sql, q->err) != 0))
		return -1;
	if (sql_cursor_open(&q->cursor, db, &q->sql, r->file->model.name,
	    q->err) != 0 || take_columns(q) != 0 ||
	    sql_cursor_start(&q->cursor, q->err) != 0)
		return -1;
	writer_begin(r->writer, has_attachments(q));
	return put_rows(q, pages ? 0 : q->call.skip);
}

int
sql_run(const struct sql_run *r, struct err *err)
{
	struct running q = { .r = r, .err = err };
	struct db *db;
	int result = -1;

	sql_init(&q.sql);
	if (sql_call_read(&q.call, r->file, r->options, r->len,
	    r->json_depth, err) == 0 && (db = link_get(r->link, err)) != NULL) {
		result = run_on(&q, db);
		sql_cursor_close(&q.cursor);
		if (result != 0)
			link_check(r->link, err->text);
	}
	sql_fini(&q.sql);
	sql_call_fini(&q.call);
	return result;
}
