/*
 * Whole statements, written from front to back.  Most are one plain SELECT;
 * those that rank their rows are sql_window.c's.
 */
#include "model/sql.h"

#include <stdlib.h>

#include "model/sql_write.h"

/* More rows than any table has, and room for an offset above it. */
#define LIMIT_NONE (UINT64_C(1) << 62)

void
sql_init(struct sql *sql)
{
	*sql = (struct sql){ 0 };
	buf_init(&sql->text, 0);
	arena_init(&sql->arena);
}

void
sql_clear(struct sql *sql)
{
	buf_clear(&sql->text);
	arena_clear(&sql->arena);
	sql->nparams = 0;
}

void
sql_fini(struct sql *sql)
{
	buf_fini(&sql->text);
	arena_fini(&sql->arena);
	free(sql->params);
	*sql = (struct sql){ 0 };
}

struct sql_page
sql_page_of(const struct sql_rows *r)
{
	const struct plan_node *node = r->node;
	struct sql_page page = { .limit = r->limit };

	/* The rows of several keys are numbered when they have a limit. */
	if (r->nkeys > 1)
		return page;
	if (r->done == 0)
		page.offset = node->skip;
	if (node->take != PLAN_ALL) {
		uint64_t left = node->take > r->done ?
		    node->take - r->done : 0;

		if (left < page.limit)
			page.limit = left;
	}
	return page;
}

void
sql_put_select(struct sql_writer *w, const struct sql_page *page)
{
	sql_put(w, "SELECT ");
	if (w->dialect->limit == DIALECT_LIMIT_TOP &&
	    page->limit != PLAN_ALL) {
		sql_put(w, "TOP (");
		sql_put_count(w, page->limit);
		sql_put(w, ") ");
	}
}

static void
put_limit(struct sql_writer *w, uint64_t n)
{
	if (n <= w->dialect->limit_written)
		sql_put_number(w, "", (size_t)n);
	else
		sql_put_count(w, n < LIMIT_NONE ? n : LIMIT_NONE);
}

void
sql_put_page(struct sql_writer *w, const struct sql_page *page)
{
	if (w->dialect->limit != DIALECT_LIMIT_END ||
	    (page->limit == PLAN_ALL && page->offset == 0))
		return;
	sql_put(w, " LIMIT ");
	put_limit(w, page->limit);
	if (page->offset > 0) {
		sql_put(w, " OFFSET ");
		sql_put_count(w, page->offset);
	}
}

void
sql_put_base(struct sql_writer *w, const struct sql_rows *r)
{
	const struct plan_node *node = w->node;

	sql_put(w, " FROM ");
	sql_put_table(w, node->model, 0);
	w->conditions = false;
	if (r->nkeys > 0) {
		sql_put_condition(w);
		sql_put_keys(w, r);
	}
	sql_put_filters(w, node->model, node->where, 0);
}

static void
put_read(struct sql_writer *w, const struct schema_field *f)
{
	const struct sql_place place = { .field = f };

	sql_put_column(w, w->dialect->types[f->type].read, &place);
}

/* 'letters', */
static void
put_letters(struct sql_writer *w)
{
	sql_put(w, "'");
	for (size_t i = 0; i < w->node->ncolumns; i++)
		sql_put_char(w,
		    dialect_pack_letter(w->node->columns[i]->type));
	sql_put(w, "', ");
}

void
sql_put_columns(struct sql_writer *w, bool derived)
{
	const char *function = w->packed ? w->dialect->pack_columns : NULL;

	if (function != NULL) {
		sql_put(w, function);
		sql_put(w, "(");
		put_letters(w);
	}
	for (size_t i = 0; i < w->node->ncolumns; i++) {
		const struct sql_place place = {
			.field = w->node->columns[i],
			.derived = derived,
			.column = i,
		};

		sql_put(w, i > 0 ? ", " : "");
		sql_put_column(w, w->packed ? NULL :
		    w->dialect->types[place.field->type].read, &place);
	}
	sql_put(w, function != NULL ? ")" : "");
}

static void
put_plain(struct sql_writer *w, const struct sql_rows *r)
{
	const struct sql_page page = sql_page_of(r);
	const struct sql_order order = { .within = r->nkeys == 1 };

	sql_put_select(w, &page);
	sql_put_columns(w, false);
	sql_put_base(w, r);
	/* What is behind the last row is behind the cursor's, too. */
	if (r->after != NULL)
		sql_put_behind(w, &order, r->after, false);
	else
		sql_put_behind(w, &order, r->from, true);
	sql_put_order(w, &order);
	sql_put_page(w, &page);
}

/*
 * Grouped by the text itself where "=" takes other text for the same; of one
 * key that equality is what counts.
 */
static void
put_counts(struct sql_writer *w, const struct sql_rows *r)
{
	const struct plan_node *node = w->node;

	sql_put(w, "SELECT COUNT(*)");
	for (size_t i = 1; i < node->ncolumns; i++) {
		sql_put(w, ", ");
		put_read(w, node->columns[i]);
	}
	sql_put_base(w, r);
	for (size_t i = 1; i < node->ncolumns; i++) {
		const struct schema_field *f = node->columns[i];
		const struct sql_place place = { .field = f };
		const char *apart = w->dialect->types[f->type].apart;

		sql_put(w, i == 1 ? " GROUP BY " : ", ");
		sql_put_place(w, &place);
		if (apart != NULL && r->nkeys > 1) {
			sql_put(w, ", ");
			sql_put_column(w, apart, &place);
		}
	}
}

/* What stands before or behind a whole SELECT. */
static void
put_around(struct sql_writer *w, const char *template)
{
	for (; template != NULL && *template != '\0'; template++)
		if (*template != '@')
			sql_put_char(w, *template);
		else
			for (size_t i = 0; i < w->node->ncolumns; i++)
				sql_put_number(w, i > 0 ? ", c" : "c", i);
}

int
sql_rows(struct sql *sql, const struct sql_rows *r, const struct dialect *d,
    struct err *err)
{
	const struct dialect_packing *packing = &d->packs[r->pack];
	struct sql_writer w;

	sql_begin(&w, sql, r->node, d, err);
	w.packed = r->pack != DIALECT_UNPACKED;
	put_around(&w, packing->before);
	if (r->node->count)
		put_counts(&w, r);
	else if (sql_is_nested(r, d))
		sql_put_nested(&w, r);
	else
		put_plain(&w, r);
	put_around(&w, packing->behind);
	return sql_end(&w);
}

int
sql_cursor(struct sql *sql, const struct plan_node *node,
    const struct dialect *d, const struct schema_field **columns_out,
    struct err *err)
{
	struct sql_writer w;

	sql_begin(&w, sql, node, d, err);
	sql_put(&w, "SELECT ");
	for (size_t i = 0; i < node->norder; i++) {
		const struct plan_order *o = &node->order[i];

		columns_out[i] = node->columns[o->column];
		sql_put(&w, i > 0 ? ", " : "");
		if (o->nhops > 0)
			sql_put_expression(&w, o);
		else
			put_read(&w, columns_out[i]);
	}
	sql_put(&w, " FROM ");
	sql_put_table(&w, node->model, 0);
	sql_put_filters(&w, node->model, node->cursor, 0);
	/* At the root it may be any row, below a parent one of its rows. */
	if (node->via != NULL && node->where != NULL) {
		sql_put_condition(&w);
		sql_put_filter(&w, node->where, 0);
	}
	return sql_end(&w);
}
