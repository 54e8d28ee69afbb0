/*
 * What the files of the statement writer share: a statement is written from
 * front to back, and a parameter is added where its "?" is.
 *
 * Nothing here returns whether it worked: after the first failure the rest is
 * written in vain, and sql_end() tells.
 */
#ifndef MODEL_SQL_WRITE_H
#define MODEL_SQL_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/sql.h"

struct sql_writer {
	struct sql *sql;
	const struct dialect *dialect;
	const struct collector *collector;
	const struct plan_node *node;
	const struct schema_model *model;	/* of the filter's rows */
	unsigned int ntables;	/* aliases given: t0, t1 ... */
	bool forcing;		/* within a filter of the collector */
	bool conditions;	/* WHERE has been written */
	bool packed;		/* columns are read as they are */
	enum err_code code;	/* of the first failure */
	struct err *err;
};

/* A column of a table t<table>: a field's, or c<column> of a subquery. */
struct sql_place {
	const struct schema_field *field;
	unsigned int table;
	bool derived;
	size_t column;
};

/* sql_write.c: text. */
void sql_begin(struct sql_writer *w, struct sql *sql,
    const struct plan_node *node, const struct dialect *d, struct err *err);
int sql_end(struct sql_writer *w) MUST_CHECK;
/* Keep the first failure: a refusal, whose sentence is in err already. */
void sql_refuse(struct sql_writer *w, enum err_code code);
void sql_no_memory(struct sql_writer *w);
/* Can the dialect do without regard to case?  If not, it is refused. */
bool sql_can_fold(struct sql_writer *w, const struct schema_field *f);
void sql_put(struct sql_writer *w, const char *text);
void sql_put_char(struct sql_writer *w, char c);
void sql_put_number(struct sql_writer *w, const char *prefix, size_t n);
void sql_put_table(struct sql_writer *w, const struct schema_model *m,
    unsigned int table);
void sql_put_place(struct sql_writer *w, const struct sql_place *place);
/* A template without "?"; NULL is "@". */
void sql_put_column(struct sql_writer *w, const char *template,
    const struct sql_place *place);
/* WHERE, or AND. */
void sql_put_condition(struct sql_writer *w);
void sql_param(struct sql_writer *w, const struct value *v);
/* "?" for a number. */
void sql_put_count(struct sql_writer *w, uint64_t n);

/* sql_value.c: parameters beside a field's column, in their template. */

/* A value of a filter. */
void sql_put_value(struct sql_writer *w, const struct schema_field *f,
    const struct value *v);
/* A value as it was read from a row; not NULL. */
void sql_put_read(struct sql_writer *w, const struct schema_field *f,
    const struct value *v);
/* Without a template: the parameters of these two. */
struct value sql_form(struct sql_writer *w, const struct schema_field *f,
    const struct value *v);
struct value sql_read(struct sql_writer *w, const struct schema_field *f,
    const struct value *v);

/* sql_list.c: is the place's value in the filter's list? */
void sql_put_list(struct sql_writer *w, const struct filter *f,
    const struct sql_place *place);
/* Is the own key of a row of t0 one of the keys? */
void sql_put_keys(struct sql_writer *w, const struct sql_rows *r);

/* sql_filter.c: conditions on the rows of an alias. */
void sql_put_filter(struct sql_writer *w, const struct filter *f,
    unsigned int table);
/* What binds all rows of the model, and the filter, as conditions of WHERE. */
void sql_put_filters(struct sql_writer *w, const struct schema_model *m,
    const struct filter *f, unsigned int table);
/* to[i] of table = from[i] of other, joined by AND. */
void sql_put_join(struct sql_writer *w, const struct schema_relation *r,
    unsigned int table, unsigned int other);

/* sql_order.c */

/* How the rows of a node stand while they are looked at. */
struct sql_order {
	bool derived;		/* columns are those of a subquery */
	bool reversed;
	bool within;		/* rows of one key, which orders nothing */
};

/* The expression of order key i, over t0. */
void sql_put_expression(struct sql_writer *w, const struct plan_order *o);
/* Is there no order? */
bool sql_is_unordered(const struct sql_writer *w,
    const struct sql_order *order);
/* ORDER BY ...; nothing when there is no order. */
void sql_put_order(struct sql_writer *w, const struct sql_order *order);
/* Rows behind the one with these order values, it too when inclusive. */
void sql_put_behind(struct sql_writer *w, const struct sql_order *order,
    const struct value *values, bool inclusive);

/* sql_window.c: rows that are ranked or turned round in subqueries. */
bool sql_is_nested(const struct sql_rows *r, const struct dialect *d);
void sql_put_nested(struct sql_writer *w, const struct sql_rows *r);

/* sql.c: for both shapes. */
/* The columns of the node, which are c0, c1 ... of a subquery when derived. */
void sql_put_columns(struct sql_writer *w, bool derived);
void sql_put_base(struct sql_writer *w, const struct sql_rows *r);

/* The rows that are wanted at the end of a statement. */
struct sql_page {
	uint64_t limit;		/* PLAN_ALL = none */
	uint64_t offset;
};
/* Those of a statement without subqueries. */
struct sql_page sql_page_of(const struct sql_rows *r);
void sql_put_select(struct sql_writer *w, const struct sql_page *page);
void sql_put_page(struct sql_writer *w, const struct sql_page *page);

#endif
