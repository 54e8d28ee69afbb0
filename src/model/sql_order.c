/*
 * Orders, and the condition that a row stands behind another one in an order.
 *
 * With k and v for a key and the other row's value of it, "behind" is
 *
 *	k > v OR (k = v AND behind by the further keys)
 *
 * written as k >= v AND (k > v OR further) where it can be: the first part is
 * what an index finds.  A NULL is before or behind all values by the order's
 * rule, and never equal or above by SQL's.
 */
#include "model/sql_write.h"

static bool
is_descending(const struct plan_order *o, const struct sql_order *order)
{
	return o->descending != order->reversed;
}

/* Are NULLs behind the values? */
static bool
nulls_last(const struct sql_writer *w, const struct plan_order *o,
    const struct sql_order *order)
{
	switch (o->nulls) {
	case PLAN_NULLS_FIRST:
		return order->reversed;
	case PLAN_NULLS_LAST:
		return !order->reversed;
	case PLAN_NULLS_DEFAULT:
		break;
	}
	return w->dialect->nulls_high != is_descending(o, order);
}

static const struct schema_field *
field_of(const struct plan_order *o)
{
	return o->field != NULL ? o->field : &plan_count_field;
}

static void
put_place(struct sql_writer *w, const struct plan_order *o,
    const struct sql_order *order, const char *template)
{
	const struct sql_place place = {
		.field = field_of(o),
		.derived = order->derived,
		.column = o->column,
	};

	sql_put_column(w, template, &place);
}

static void
put_key(struct sql_writer *w, const struct plan_order *o,
    const struct sql_order *order)
{
	put_place(w, o, order, w->dialect->types[field_of(o)->type].ordered);
}

static void
put_hops(struct sql_writer *w, const struct plan_order *o, size_t hop,
    unsigned int table)
{
	const struct schema_relation *r = o->hops[hop];
	unsigned int other = w->ntables++;
	const struct sql_place place = { .field = o->field, .table = other };
	bool conditions = w->conditions;

	sql_put(w, "(SELECT ");
	if (hop + 1 < o->nhops)
		put_hops(w, o, hop + 1, other);
	else if (o->field == NULL)
		sql_put(w, "COUNT(*)");
	else
		sql_put_place(w, &place);
	sql_put(w, " FROM ");
	sql_put_table(w, r->target, other);
	w->conditions = false;
	sql_put_condition(w);
	sql_put_join(w, r, other, table);
	sql_put_filters(w, r->target, NULL, other);
	sql_put(w, ")");
	w->conditions = conditions;
}

void
sql_put_expression(struct sql_writer *w, const struct plan_order *o)
{
	/* Of a row that is not there, the number of rows is 0, not NULL. */
	bool count = o->field == NULL && o->nhops > 1;

	sql_put(w, count ? "COALESCE(" : "");
	put_hops(w, o, 0, 0);
	sql_put(w, count ? ", 0)" : "");
}

static void
put_order_key(struct sql_writer *w, const struct plan_order *o,
    const struct sql_order *order)
{
	bool descending = is_descending(o, order);
	bool last = nulls_last(w, o, order);
	bool natural = !o->nullable ||
	    last == (w->dialect->nulls_high != descending);

	if (!natural && !w->dialect->nulls_syntax) {
		sql_put(w, "CASE WHEN ");
		put_place(w, o, order, NULL);
		sql_put(w, last ? " IS NULL THEN 1 ELSE 0 END, " :
		    " IS NULL THEN 0 ELSE 1 END, ");
	}
	put_key(w, o, order);
	if (descending)
		sql_put(w, " DESC");
	if (!natural && w->dialect->nulls_syntax)
		sql_put(w, last ? " NULLS LAST" : " NULLS FIRST");
}

static size_t
first_key(const struct sql_writer *w, const struct sql_order *order)
{
	return order->within && w->node->via != NULL ? w->node->via->to.n : 0;
}

bool
sql_is_unordered(const struct sql_writer *w, const struct sql_order *order)
{
	return first_key(w, order) == w->node->norder;
}

void
sql_put_order(struct sql_writer *w, const struct sql_order *order)
{
	const struct plan_node *node = w->node;
	size_t first = first_key(w, order);

	for (size_t i = first; i < node->norder; i++) {
		sql_put(w, i == first ? " ORDER BY " : ", ");
		put_order_key(w, &node->order[i], order);
	}
}

static void
put_compared(struct sql_writer *w, const struct plan_order *o,
    const struct sql_order *order, const char *operator,
    const struct value *v)
{
	put_key(w, o, order);
	sql_put(w, operator);
	sql_put_read(w, field_of(o), v);
}

static void
put_null(struct sql_writer *w, const struct plan_order *o,
    const struct sql_order *order, const char *test)
{
	put_place(w, o, order, NULL);
	sql_put(w, test);
}

/* One walk over the keys of an order. */
struct behind {
	const struct sql_order *order;
	const struct value *values;
	bool inclusive;
};

/* The last key, or the first that decides alone. */
static void
put_last(struct sql_writer *w, const struct behind *b, size_t i)
{
	const struct plan_order *o = &w->node->order[i];
	bool last = nulls_last(w, o, b->order);
	bool descending = is_descending(o, b->order);

	if (b->values[i].kind != VALUE_NULL) {
		bool or_null = o->nullable && last;

		sql_put(w, or_null ? "(" : "");
		put_compared(w, o, b->order, descending ?
		    b->inclusive ? " <= " : " < " :
		    b->inclusive ? " >= " : " > ", &b->values[i]);
		if (or_null) {
			sql_put(w, " OR ");
			put_null(w, o, b->order, " IS NULL");
			sql_put(w, ")");
		}
	} else if (last == b->inclusive) {
		put_null(w, o, b->order, last ? " IS NULL" : " IS NOT NULL");
	} else {
		sql_put(w, b->inclusive ? "1=1" : "1=0");
	}
}

static void
put_from(struct sql_writer *w, const struct behind *b, size_t i)
{
	const struct plan_order *o = &w->node->order[i];
	bool last = nulls_last(w, o, b->order);
	const char *above = is_descending(o, b->order) ? " < " : " > ";

	if (i + 1 == w->node->norder) {
		put_last(w, b, i);
		return;
	}
	if (b->values[i].kind == VALUE_NULL) {
		put_null(w, o, b->order, last ? " IS NULL AND (" :
		    " IS NOT NULL OR (");
		put_from(w, b, i + 1);
		sql_put(w, ")");
	} else if (o->nullable && last) {
		put_compared(w, o, b->order, above, &b->values[i]);
		sql_put(w, " OR ");
		put_null(w, o, b->order, " IS NULL OR (");
		put_compared(w, o, b->order, " = ", &b->values[i]);
		sql_put(w, " AND (");
		put_from(w, b, i + 1);
		sql_put(w, "))");
	} else {
		put_compared(w, o, b->order, is_descending(o, b->order) ?
		    " <= " : " >= ", &b->values[i]);
		sql_put(w, " AND (");
		put_compared(w, o, b->order, above, &b->values[i]);
		sql_put(w, " OR (");
		put_from(w, b, i + 1);
		sql_put(w, "))");
	}
}

void
sql_put_behind(struct sql_writer *w, const struct sql_order *order,
    const struct value *values, bool inclusive)
{
	const struct behind b = { order, values, inclusive };
	size_t first = first_key(w, order);
	bool many = first + 1 < w->node->norder;

	if (values == NULL || sql_is_unordered(w, order))
		return;
	sql_put_condition(w);
	sql_put(w, many ? "(" : "");
	put_from(w, &b, first);
	sql_put(w, many ? ")" : "");
}
