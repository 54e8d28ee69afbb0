/*
 * Rows that must be ranked or turned round before the last SELECT takes its
 * columns: a chain of subqueries, the innermost of which reads the table.
 * Each calls its columns c0, c1 ...; the fields told apart by distinct are
 * x0, x1 ...; ranks are d (within equal rows) and n (within a key's rows).
 */
#include <assert.h>

#include "model/sql_write.h"

enum stage {
	STAGE_BASE,	/* rows of the table, and the order's expressions */
	STAGE_DISTINCT,	/* ranked within those that are equal */
	STAGE_NUMBERED,	/* numbered within each key */
	STAGE_LAST,	/* the last ones, by the reversed order */
	STAGE_FINAL,
	STAGES
};

struct nest {
	struct sql_writer *w;
	const struct sql_rows *r;
	bool backwards;
	size_t n;
	enum stage stages[STAGES];
};

static bool
is_backwards(const struct plan_node *node)
{
	return node->backwards && node->take != PLAN_ALL;
}

/* Must the rows of each key be numbered, since no LIMIT can do it? */
static bool
is_numbered(const struct sql_rows *r, const struct dialect *d)
{
	const struct plan_node *node = r->node;

	if (r->nkeys > 1)
		return node->skip > 0 || node->take != PLAN_ALL;
	return d->limit == DIALECT_LIMIT_TOP && node->skip > 0 &&
	    (r->done == 0 || is_backwards(node));
}

bool
sql_is_nested(const struct sql_rows *r, const struct dialect *d)
{
	const struct plan_node *node = r->node;

	return node->nplain < node->ncolumns || node->ndistinct > 0 ||
	    is_backwards(node) || is_numbered(r, d);
}

static struct sql_order
inner_order(const struct nest *nest)
{
	return (struct sql_order){
		.derived = true, .reversed = nest->backwards, .within = true
	};
}

static void
put_alias(struct sql_writer *w, const char *prefix, size_t i)
{
	sql_put(w, " AS ");
	sql_put_number(w, prefix, i);
}

/* The order key whose value is column i. */
static const struct plan_order *
order_of(const struct plan_node *node, size_t i)
{
	for (size_t k = 0; k < node->norder; k++)
		if (node->order[k].column == i)
			return &node->order[k];
	return NULL;
}

static void
put_base(struct nest *nest)
{
	struct sql_writer *w = nest->w;
	const struct plan_node *node = w->node;

	sql_put(w, "SELECT ");
	for (size_t i = 0; i < node->ncolumns; i++) {
		const struct plan_order *o = order_of(node, i);
		const struct sql_place place = { .field = node->columns[i] };

		sql_put(w, i > 0 ? ", " : "");
		if (i < node->nplain || o == NULL)
			sql_put_place(w, &place);
		else
			sql_put_expression(w, o);
		put_alias(w, "c", i);
	}
	for (size_t i = 0; i < node->ndistinct; i++) {
		const struct sql_place place = { .field = node->distinct[i] };

		sql_put(w, ", ");
		sql_put_column(w,
		    w->dialect->types[node->distinct[i]->type].apart, &place);
		put_alias(w, "x", i);
	}
	sql_put_base(w, nest->r);
}

static void
put_columns(struct nest *nest)
{
	const struct plan_node *node = nest->w->node;

	for (size_t i = 0; i < node->ncolumns; i++)
		sql_put_number(nest->w, i > 0 ? ", t0.c" : "t0.c", i);
}

/* ROW_NUMBER() within own keys, and within equal rows. */
static void
put_rank(struct nest *nest, bool distinct)
{
	struct sql_writer *w = nest->w;
	const struct plan_node *node = w->node;
	const struct sql_order order = inner_order(nest);
	size_t nkeys = nest->r->nkeys > 1 ? node->via->to.n : 0;
	size_t napart = distinct ? node->ndistinct : 0;

	sql_put(w, ", ROW_NUMBER() OVER (");
	if (nkeys + napart > 0)
		sql_put(w, "PARTITION BY ");
	for (size_t i = 0; i < nkeys; i++) {
		const struct schema_field *f = node->via->to.fields[i];
		const struct sql_place place = {
			.field = f,
			.derived = true,
			.column = node->own_keys[i],
		};

		sql_put(w, i > 0 ? ", " : "");
		sql_put_column(w, w->dialect->types[f->type].apart, &place);
	}
	for (size_t i = 0; i < napart; i++)
		sql_put_number(w, nkeys + i > 0 ? ", t0.x" : "t0.x", i);
	if (sql_is_unordered(w, &order))
		/* SQL Server must be told so. */
		sql_put(w, " ORDER BY (SELECT NULL)");
	else
		sql_put_order(w, &order);
	sql_put(w, distinct ? ") AS d" : ") AS n");
}

/* What of the rows of a stage the next one takes. */
static void
put_taken(struct nest *nest, enum stage stage)
{
	struct sql_writer *w = nest->w;
	const struct plan_node *node = w->node;
	const struct sql_order order = inner_order(nest);

	switch (stage) {
	case STAGE_BASE:
		sql_put_behind(w, &order, nest->r->from, true);
		break;
	case STAGE_DISTINCT:
		sql_put_condition(w);
		sql_put(w, "t0.d = 1");
		break;
	case STAGE_NUMBERED:
		sql_put_condition(w);
		sql_put(w, "t0.n > ");
		sql_put_count(w, node->skip);
		if (node->take == PLAN_ALL)
			break;
		sql_put(w, " AND t0.n <= ");
		sql_put_count(w, node->skip > PLAN_ALL - node->take ?
		    PLAN_ALL : node->skip + node->take);
		break;
	case STAGE_LAST:
	case STAGE_FINAL:
	case STAGES:
		break;
	}
}

static void put_stage(struct nest *nest, size_t i);

static void
put_inner(struct nest *nest, size_t i)
{
	struct sql_writer *w = nest->w;

	sql_put(w, " FROM (");
	put_stage(nest, i - 1);
	sql_put(w, ") t0");
	w->conditions = false;
	put_taken(nest, nest->stages[i - 1]);
}

static void
put_last(struct nest *nest, size_t i)
{
	struct sql_writer *w = nest->w;
	const struct sql_order order = inner_order(nest);
	const struct sql_page page = {
		.limit = w->node->take, .offset = w->node->skip
	};

	sql_put_select(w, &page);
	put_columns(nest);
	put_inner(nest, i);
	sql_put_order(w, &order);
	sql_put_page(w, &page);
}

static void
put_final(struct nest *nest, size_t i)
{
	struct sql_writer *w = nest->w;
	const struct sql_order order = {
		.derived = true, .within = nest->r->nkeys == 1
	};
	enum stage below = nest->stages[i - 1];
	const struct sql_page page =
	    below == STAGE_NUMBERED || below == STAGE_LAST ?
	    (struct sql_page){ .limit = nest->r->limit } :
	    sql_page_of(nest->r);

	sql_put_select(w, &page);
	sql_put_columns(w, true);
	put_inner(nest, i);
	sql_put_behind(w, &order, nest->r->after, false);
	sql_put_order(w, &order);
	sql_put_page(w, &page);
}

static void
put_stage(struct nest *nest, size_t i)
{
	switch (nest->stages[i]) {
	case STAGE_BASE:
		put_base(nest);
		break;
	case STAGE_DISTINCT:
	case STAGE_NUMBERED:
		sql_put(nest->w, "SELECT ");
		put_columns(nest);
		put_rank(nest, nest->stages[i] == STAGE_DISTINCT);
		put_inner(nest, i);
		break;
	case STAGE_LAST:
		put_last(nest, i);
		break;
	case STAGE_FINAL:
		put_final(nest, i);
		break;
	case STAGES:
		break;
	}
}

void
sql_put_nested(struct sql_writer *w, const struct sql_rows *r)
{
	struct nest nest = {
		.w = w, .r = r, .backwards = is_backwards(r->node)
	};

	nest.stages[nest.n++] = STAGE_BASE;
	if (r->node->ndistinct > 0)
		nest.stages[nest.n++] = STAGE_DISTINCT;
	if (is_numbered(r, w->dialect))
		nest.stages[nest.n++] = STAGE_NUMBERED;
	else if (nest.backwards)
		nest.stages[nest.n++] = STAGE_LAST;
	nest.stages[nest.n] = STAGE_FINAL;
	put_stage(&nest, nest.n);
}
