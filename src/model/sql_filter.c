/* Conditions: a filter's tree as SQL, over the rows of one table's alias. */
#include <assert.h>
#include <string.h>

#include "model/sql_write.h"

/*
 * Parts that stand side by side.  More of them are put into halves with
 * brackets around: a parser makes a level of each part, and SQLite has 1000.
 */
#define PARTS_MAX 64

typedef void filter_fn(struct sql_writer *w, const struct filter *f,
    unsigned int table);

static filter_fn put_joined, put_not, put_null, put_compare, put_in, put_like,
    put_related;

static const struct {
	filter_fn *put;
	const char *word;	/* between the parts, or two operands */
	const char *none;	/* without parts */
} kinds[] = {
	[FILTER_AND] = { put_joined, " AND ", "1=1" },
	[FILTER_OR] = { put_joined, " OR ", "1=0" },
	[FILTER_NOT] = { put_not, "NOT ", NULL },
	[FILTER_NULL] = { put_null, " IS NULL", NULL },
	[FILTER_EQUAL] = { put_compare, " = ", NULL },
	[FILTER_LESS] = { put_compare, " < ", NULL },
	[FILTER_LESS_EQUAL] = { put_compare, " <= ", NULL },
	[FILTER_GREATER] = { put_compare, " > ", NULL },
	[FILTER_GREATER_EQUAL] = { put_compare, " >= ", NULL },
	[FILTER_IN] = { put_in, " IN ", "1=0" },
	[FILTER_CONTAINS] = { put_like, NULL, NULL },
	[FILTER_STARTS] = { put_like, NULL, NULL },
	[FILTER_ENDS] = { put_like, NULL, NULL },
	[FILTER_RELATED] = { put_related, NULL, NULL },
};

static_assert(sizeof(kinds) / sizeof(*kinds) == FILTER_KINDS,
    "a row for each kind");

static struct sql_place
place_of(const struct filter *f, unsigned int table)
{
	return (struct sql_place){ .field = f->field, .table = table };
}

static void
put_parts(struct sql_writer *w, const struct filter *f, size_t first,
    size_t end, unsigned int table)
{
	if (end - first > PARTS_MAX) {
		size_t middle = first + (end - first) / 2;

		sql_put(w, "(");
		put_parts(w, f, first, middle, table);
		sql_put(w, ")");
		sql_put(w, kinds[f->kind].word);
		sql_put(w, "(");
		put_parts(w, f, middle, end, table);
		sql_put(w, ")");
		return;
	}
	for (size_t i = first; i < end; i++) {
		if (i > first)
			sql_put(w, kinds[f->kind].word);
		sql_put_filter(w, f->parts[i], table);
	}
}

static void
put_joined(struct sql_writer *w, const struct filter *f, unsigned int table)
{
	if (f->nparts == 0) {
		sql_put(w, kinds[f->kind].none);
		return;
	}
	if (f->nparts > 1)
		sql_put(w, "(");
	put_parts(w, f, 0, f->nparts, table);
	if (f->nparts > 1)
		sql_put(w, ")");
}

static void
put_not(struct sql_writer *w, const struct filter *f, unsigned int table)
{
	sql_put(w, "NOT (");
	sql_put_filter(w, f->parts[0], table);
	sql_put(w, ")");
}

static void
put_null(struct sql_writer *w, const struct filter *f, unsigned int table)
{
	struct sql_place place = place_of(f, table);

	sql_put_place(w, &place);
	sql_put(w, kinds[f->kind].word);
}

/* The column, and each value, as they are compared: folded or by type. */
static void
put_operand(struct sql_writer *w, const struct filter *f, unsigned int table)
{
	struct sql_place place = place_of(f, table);

	sql_put_column(w, f->insensitive ? w->dialect->fold :
	    w->dialect->types[f->field->type].compared, &place);
}

static void
put_value(struct sql_writer *w, const struct filter *f, const struct value *v)
{
	if (!f->insensitive) {
		sql_put_value(w, f->field, v);
		return;
	}
	for (const char *t = w->dialect->fold; *t != '\0'; t++) {
		const char c[2] = { *t == '@' ? '?' : *t, '\0' };

		sql_put(w, c);
	}
	sql_param(w, v);
}

static void
put_compare(struct sql_writer *w, const struct filter *f, unsigned int table)
{
	if (f->insensitive && !sql_can_fold(w, f->field))
		return;
	put_operand(w, f, table);
	sql_put(w, kinds[f->kind].word);
	put_value(w, f, &f->values[0]);
}

/*
 * A short list is filled up to a power of two with its last value, so that
 * few different statements are prepared.
 */
static void
put_in(struct sql_writer *w, const struct filter *f, unsigned int table)
{
	struct sql_place place = place_of(f, table);
	size_t padded = 1;

	if (f->nvalues == 0) {
		sql_put(w, kinds[f->kind].none);
		return;
	}
	if (f->insensitive && !sql_can_fold(w, f->field))
		return;
	if (f->nvalues > PLAN_LIST_EXPANDED_MAX) {
		sql_put_list(w, f, &place);
		return;
	}
	while (padded < f->nvalues)
		padded *= 2;
	put_operand(w, f, table);
	sql_put(w, " IN (");
	for (size_t i = 0; i < padded; i++) {
		if (i > 0)
			sql_put(w, ",");
		put_value(w, f, &f->values[i < f->nvalues ? i :
		    f->nvalues - 1]);
	}
	sql_put(w, ")");
}

/* The value as a pattern that means its text and nothing else. */
static struct value
pattern(struct sql_writer *w, const struct filter *f)
{
	const struct value *v = &f->values[0];
	char *text = arena_get(&w->sql->arena, v->len * 2 + 2, 1), *p = text;
	struct value made = { .kind = VALUE_TEXT };

	if (text == NULL) {
		sql_no_memory(w);
		return made;
	}
	if (f->kind != FILTER_STARTS)
		*p++ = '%';
	for (size_t i = 0; i < v->len; i++) {
		char c = v->u.text[i];

		if (c != '\0' && strchr(w->dialect->like_special, c) != NULL)
			*p++ = '!';
		*p++ = c;
	}
	if (f->kind != FILTER_ENDS)
		*p++ = '%';
	made.u.text = text;
	made.len = (size_t)(p - text);
	return made;
}

static void
put_like(struct sql_writer *w, const struct filter *f, unsigned int table)
{
	struct sql_place place = place_of(f, table);
	struct value v;

	if (f->insensitive && !sql_can_fold(w, f->field))
		return;
	sql_put_column(w, f->insensitive ? w->dialect->fold_like :
	    w->dialect->like, &place);
	v = pattern(w, f);
	sql_param(w, &v);
}

void
sql_put_join(struct sql_writer *w, const struct schema_relation *r,
    unsigned int table, unsigned int other)
{
	for (size_t i = 0; i < r->to.n; i++) {
		const struct sql_place to = {
			.field = r->to.fields[i], .table = table
		}, from = {
			.field = r->from.fields[i], .table = other
		};

		if (i > 0)
			sql_put(w, " AND ");
		sql_put_place(w, &to);
		sql_put(w, " = ");
		sql_put_place(w, &from);
	}
}

static void
put_related(struct sql_writer *w, const struct filter *f, unsigned int table)
{
	unsigned int other = w->ntables++;
	bool conditions = w->conditions;

	sql_put(w, "EXISTS (SELECT 1 FROM ");
	sql_put_table(w, f->relation->target, other);
	w->conditions = false;
	sql_put_condition(w);
	sql_put_join(w, f->relation, other, table);
	sql_put_filters(w, f->relation->target, f->parts[0], other);
	sql_put(w, ")");
	w->conditions = conditions;
}

void
sql_put_filter(struct sql_writer *w, const struct filter *f,
    unsigned int table)
{
	kinds[f->kind].put(w, f, table);
}

static bool
is_everything(const struct filter *f)
{
	return f == NULL || (f->kind == FILTER_AND && f->nparts == 0);
}

/*
 * A filter of the collector binds no rows that it looks at itself: two
 * filters over each other's models would never end.
 */
void
sql_put_filters(struct sql_writer *w, const struct schema_model *m,
    const struct filter *f, unsigned int table)
{
	const struct schema_model *model = w->model;
	const struct filter *forced = NULL;

	w->model = m;
	if (w->collector != NULL && !w->forcing)
		forced = collector_filter(w->collector, m);
	if (!is_everything(forced)) {
		sql_put_condition(w);
		w->forcing = true;
		sql_put_filter(w, forced, table);
		w->forcing = false;
	}
	if (!is_everything(f)) {
		sql_put_condition(w);
		sql_put_filter(w, f, table);
	}
	w->model = model;
}
