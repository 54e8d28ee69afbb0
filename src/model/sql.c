/*
 * One SELECT, written from front to back.  Names come from the schema and are
 * quoted always, so that no name can be taken for a keyword; values are "?".
 */
#include "model/sql.h"

static int
put_name(struct buf *out, const struct dialect *d, const char *name)
{
	if (buf_putc(out, d->quote_open) != 0)
		return -1;
	for (; *name != '\0'; name++)
		if (buf_putc(out, *name) != 0 ||
		    (*name == d->quote_close && buf_putc(out, *name) != 0))
			return -1;
	return buf_putc(out, d->quote_close);
}

static int
put_names(struct buf *out, const struct dialect *d,
    const struct schema_field *const *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && buf_puts(out, ", ") != 0) ||
		    put_name(out, d, fields[i]->column) != 0)
			return -1;
	return 0;
}

/* A column as it is to be read. */
static int
put_column(struct buf *out, const struct dialect *d,
    const struct schema_field *f)
{
	if (d->exact == NULL ||
	    (f->type != SCALAR_FLOAT && f->type != SCALAR_DECIMAL))
		return put_name(out, d, f->column);
	for (const char *s = d->exact; *s != '\0'; s++)
		if ((*s == '$' ? put_name(out, d, f->column) :
		    buf_putc(out, *s)) != 0)
			return -1;
	return 0;
}

static int
put_columns(struct buf *out, const struct plan_node *node,
    const struct dialect *d, size_t limit)
{
	if (buf_puts(out, "SELECT ") != 0)
		return -1;
	if (limit > 0 && d->limit == DIALECT_LIMIT_TOP &&
	    buf_printf(out, "TOP (%zu) ", limit) != 0)
		return -1;
	for (size_t i = 0; i < node->ncolumns; i++)
		if ((i > 0 && buf_puts(out, ", ") != 0) ||
		    put_column(out, d, node->columns[i]) != 0)
			return -1;
	return 0;
}

static int
put_table(struct buf *out, const struct schema_model *m,
    const struct dialect *d)
{
	if (buf_puts(out, " FROM ") != 0)
		return -1;
	if (m->db_schema != NULL && d->schemas &&
	    (put_name(out, d, m->db_schema) != 0 || buf_putc(out, '.') != 0))
		return -1;
	return put_name(out, d, m->table);
}

/* what, n times, with the separator between. */
static int
put_repeated(struct buf *out, const char *what, const char *separator,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && buf_puts(out, separator) != 0) ||
		    buf_puts(out, what) != 0)
			return -1;
	return 0;
}

static int
put_in_list(struct buf *out, const struct schema_field *f,
    const struct dialect *d, size_t nkeys)
{
	if (put_name(out, d, f->column) != 0 || buf_puts(out, " IN (") != 0 ||
	    put_repeated(out, "?", ",", nkeys) != 0)
		return -1;
	return buf_putc(out, ')');
}

/* Row values in IN are not known to SQL Server: (a = ? AND b = ?) OR ... */
static int
put_alternatives(struct buf *out, const struct schema_key *key,
    const struct dialect *d, size_t nkeys)
{
	for (size_t i = 0; i < nkeys; i++) {
		if (buf_puts(out, i > 0 ? " OR (" : "(") != 0)
			return -1;
		for (size_t j = 0; j < key->n; j++)
			if ((j > 0 && buf_puts(out, " AND ") != 0) ||
			    put_name(out, d, key->fields[j]->column) != 0 ||
			    buf_puts(out, " = ?") != 0)
				return -1;
		if (buf_putc(out, ')') != 0)
			return -1;
	}
	return 0;
}

static int
put_where(struct buf *out, const struct schema_key *key,
    const struct dialect *d, size_t nkeys)
{
	if (buf_puts(out, " WHERE ") != 0)
		return -1;
	if (key->n == 1)
		return put_in_list(out, key->fields[0], d, nkeys);
	return put_alternatives(out, key, d, nkeys);
}

static int
put_order(struct buf *out, const struct schema_key *key,
    const struct dialect *d)
{
	if (key->n == 0)
		return 0;
	if (buf_puts(out, " ORDER BY ") != 0)
		return -1;
	return put_names(out, d, key->fields, key->n);
}

int
sql_rows(struct buf *out, const struct plan_node *node,
    const struct dialect *d, size_t nkeys, size_t limit)
{
	if (put_columns(out, node, d, limit) != 0 ||
	    put_table(out, node->model, d) != 0)
		return -1;
	if (nkeys > 0 && put_where(out, &node->via->to, d, nkeys) != 0)
		return -1;
	if (put_order(out, &node->model->key, d) != 0)
		return -1;
	if (limit > 0 && d->limit == DIALECT_LIMIT_END)
		return buf_printf(out, " LIMIT %zu", limit);
	return 0;
}
