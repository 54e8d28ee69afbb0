/*
 * Text and parameters.  Names come from the schema and are quoted always, so
 * that no name can be taken for a keyword.
 */
#include "model/sql_write.h"

#include <stdlib.h>

#include "base/num.h"

void
sql_begin(struct sql_writer *w, struct sql *sql, const struct plan_node *node,
    const struct dialect *d, struct err *err)
{
	*w = (struct sql_writer){
		.sql = sql,
		.dialect = d,
		.collector = node->collector,
		.node = node,
		.model = node->model,
		.ntables = 1,
		.err = err,
	};
	sql_clear(sql);
	if (node->folded != NULL)
		(void)sql_can_fold(w, node->folded);
}

int
sql_end(struct sql_writer *w)
{
	if (w->code == ERR_NONE && w->sql->nparams > w->dialect->parameters_max)
		return err_set(w->err, ERR_LIMIT, "more than %zu values in one"
		    " statement", w->dialect->parameters_max);
	if (w->code == ERR_INTERNAL)
		return err_set(w->err, ERR_INTERNAL, "out of memory");
	return w->code == ERR_NONE ? 0 : -1;
}

void
sql_refuse(struct sql_writer *w, enum err_code code)
{
	if (w->code == ERR_NONE)
		w->code = code;
}

void
sql_no_memory(struct sql_writer *w)
{
	sql_refuse(w, ERR_INTERNAL);
}

bool
sql_can_fold(struct sql_writer *w, const struct schema_field *f)
{
	if (w->dialect->fold != NULL)
		return true;
	err_set(w->err, ERR_BAD_OPTIONS, "mode \"insensitive\" of field \"%s\""
	    " is not possible on %s", f->name, w->dialect->name);
	sql_refuse(w, ERR_BAD_OPTIONS);
	return false;
}

void
sql_put(struct sql_writer *w, const char *text)
{
	if (buf_puts(&w->sql->text, text) != 0)
		sql_no_memory(w);
}

void
sql_put_char(struct sql_writer *w, char c)
{
	if (buf_putc(&w->sql->text, c) != 0)
		sql_no_memory(w);
}

void
sql_put_number(struct sql_writer *w, const char *prefix, size_t n)
{
	char text[NUM_TEXT_MAX];

	num_put_u64(text, n);
	sql_put(w, prefix);
	sql_put(w, text);
}

static void
put_name(struct sql_writer *w, const char *name)
{
	sql_put_char(w, w->dialect->quote_open);
	for (; *name != '\0'; name++) {
		sql_put_char(w, *name);
		if (*name == w->dialect->quote_close)
			sql_put_char(w, *name);
	}
	sql_put_char(w, w->dialect->quote_close);
}

void
sql_put_table(struct sql_writer *w, const struct schema_model *m,
    unsigned int table)
{
	if (m->db_schema != NULL && w->dialect->schemas) {
		put_name(w, m->db_schema);
		sql_put_char(w, '.');
	}
	put_name(w, m->table);
	sql_put_number(w, " t", table);
}

void
sql_put_place(struct sql_writer *w, const struct sql_place *place)
{
	sql_put_number(w, "t", place->table);
	sql_put_char(w, '.');
	if (place->derived)
		sql_put_number(w, "c", place->column);
	else
		put_name(w, place->field->column);
}

void
sql_put_column(struct sql_writer *w, const char *template,
    const struct sql_place *place)
{
	if (template == NULL)
		template = "@";
	for (; *template != '\0'; template++)
		if (*template == '@')
			sql_put_place(w, place);
		else
			sql_put_char(w, *template);
}

void
sql_put_condition(struct sql_writer *w)
{
	sql_put(w, w->conditions ? " AND " : " WHERE ");
	w->conditions = true;
}

void
sql_param(struct sql_writer *w, const struct value *v)
{
	struct sql *sql = w->sql;

	if (sql->nparams == sql->size) {
		size_t size = sql->size * 2 + 16;
		struct value *params = realloc(sql->params,
		    size * sizeof(*params));

		if (params == NULL) {
			sql_no_memory(w);
			return;
		}
		sql->params = params;
		sql->size = size;
	}
	sql->params[sql->nparams++] = *v;
}

void
sql_put_count(struct sql_writer *w, uint64_t n)
{
	struct value v = { .kind = VALUE_INT };

	v.u.i = n < INT64_MAX ? (int64_t)n : INT64_MAX;
	sql_put(w, "?");
	sql_param(w, &v);
}
