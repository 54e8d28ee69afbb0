/*
 * Is a value, or a key, one of many?  Long lists travel as the text of one
 * parameter: a JSON array, or an array of PostgreSQL.  Both quote with " and
 * escape with a backslash.
 */
#include <string.h>

#include "base/num.h"
#include "model/json_out.h"
#include "model/sql_write.h"

static int
put_hex(struct buf *out, const struct value *v)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < v->len; i++) {
		unsigned char c = (unsigned char)v->u.text[i];

		if (buf_putc(out, digits[c >> 4]) != 0 ||
		    buf_putc(out, digits[c & 15]) != 0)
			return -1;
	}
	return 0;
}

static int
put_array_text(struct buf *out, const char *text, size_t len)
{
	if (buf_putc(out, '"') != 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (((text[i] == '"' || text[i] == '\\') &&
		    buf_putc(out, '\\') != 0) || buf_putc(out, text[i]) != 0)
			return -1;
	return buf_putc(out, '"');
}

/* How the two kinds of list spell what is no number. */
static const struct notation {
	int (*put_text)(struct buf *out, const char *text, size_t len);
	const char *bytes;	/* in front of the digits */
	const char *null;
} json = { json_put_string, "\"", "null" },
    postgresql = { put_array_text, "\"\\\\x", "NULL" };

static int
put_item(struct buf *out, const struct notation *n, const struct value *v)
{
	char text[NUM_TEXT_MAX];

	switch (v->kind) {
	case VALUE_INT:
		return buf_put(out, text, num_put_i64(text, v->u.i));
	case VALUE_FLOAT:
		return buf_put(out, text, num_put_double(text, v->u.f));
	case VALUE_TEXT:
		return n->put_text(out, v->u.text, v->len);
	case VALUE_BYTES:
		return buf_puts(out, n->bytes) != 0 || put_hex(out, v) != 0 ?
		    -1 : buf_putc(out, '"');
	case VALUE_NULL:
		break;
	}
	return buf_puts(out, n->null);
}

/* Values of a field, each of which is given in a form. */
struct list {
	const struct schema_field *field;
	const struct value *values;
	size_t n;
	struct value (*form)(struct sql_writer *w,
	    const struct schema_field *f, const struct value *v);
};

static int
put_items(struct sql_writer *w, struct buf *out, const struct list *l)
{
	bool array = w->dialect->lists_are_arrays;

	if (buf_putc(out, array ? '{' : '[') != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		struct value v = l->form(w, l->field, &l->values[i]);

		if ((i > 0 && buf_putc(out, ',') != 0) ||
		    put_item(out, array ? &postgresql : &json, &v) != 0)
			return -1;
	}
	return buf_putc(out, array ? '}' : ']');
}

/* As the next parameter. */
static void
put_values(struct sql_writer *w, const struct list *l)
{
	struct value v = { .kind = VALUE_TEXT };
	struct buf items;

	buf_init(&items, 0);
	if (put_items(w, &items, l) != 0 ||
	    (v.u.text = arena_text(&w->sql->arena, items.data, items.len)) ==
	    NULL)
		sql_no_memory(w);
	v.len = items.len;
	sql_param(w, &v);
	buf_fini(&items);
}

static bool
is_short(const struct filter *f)
{
	for (size_t i = 0; i < f->nvalues; i++)
		if (f->values[i].kind != VALUE_TEXT ||
		    f->values[i].len > DIALECT_SHORT)
			return false;
	return true;
}

static const char *
list_template(const struct dialect *d, const struct filter *f)
{
	const struct dialect_type *type = &d->types[f->field->type];

	if (f->insensitive)
		return d->fold_list;
	if (type->list != NULL)
		return type->list;
	return d->list_short != NULL && is_short(f) ? d->list_short : d->list;
}

static void
put_template(struct sql_writer *w, const struct filter *f,
    const struct sql_place *place)
{
	const char *compared = w->dialect->types[f->field->type].compared;
	const char *t = list_template(w->dialect, f);

	for (; *t != '\0'; t++)
		if (*t == '@')
			sql_put_column(w, compared, place);
		else if (*t == '~')
			sql_put_table(w, w->model, place->table);
		else if (buf_putc(&w->sql->text, *t) != 0)
			sql_no_memory(w);
}

void
sql_put_list(struct sql_writer *w, const struct filter *f,
    const struct sql_place *place)
{
	const struct list list = { f->field, f->values, f->nvalues, sql_form };

	put_template(w, f, place);
	put_values(w, &list);
}

bool
sql_keys_are_listed(const struct dialect *d, const struct schema_key *key)
{
	enum scalar_type type = key->fields[0]->type;

	if (key->n > 1 || !d->keys_are_listed)
		return false;
	return d->lists_are_arrays ? d->types[type].list == NULL :
	    type == SCALAR_INT || type == SCALAR_BIGINT;
}

/* One column, of many keys. */
static void
put_column(struct sql_writer *w, const struct sql_rows *r)
{
	const struct schema_field *f = w->node->via->to.fields[0];
	const struct sql_place place = { .field = f };
	const struct list list = { f, r->keys, r->nkeys, sql_read };

	if (r->nkeys > 1 && sql_keys_are_listed(w->dialect,
	    &w->node->via->to)) {
		sql_put_column(w, w->dialect->list, &place);
		put_values(w, &list);
		return;
	}
	sql_put_place(w, &place);
	sql_put(w, " IN (");
	for (size_t i = 0; i < r->nkeys; i++) {
		sql_put(w, i > 0 ? "," : "");
		sql_put_read(w, f, &r->keys[i]);
	}
	sql_put(w, ")");
}

/* Row values in IN are not known to SQL Server: (a = ? AND b = ?) OR ... */
static void
put_columns(struct sql_writer *w, const struct sql_rows *r)
{
	const struct schema_key *to = &w->node->via->to;

	sql_put(w, "(");
	for (size_t i = 0; i < r->nkeys; i++)
		for (size_t k = 0; k < to->n; k++) {
			const struct sql_place place = {
				.field = to->fields[k]
			};

			sql_put(w, k > 0 ? " AND " : i > 0 ? " OR (" : "(");
			sql_put_place(w, &place);
			sql_put(w, " = ");
			sql_put_read(w, place.field,
			    &r->keys[i * to->n + k]);
			sql_put(w, k + 1 == to->n ? ")" : "");
		}
	sql_put(w, ")");
}

void
sql_put_keys(struct sql_writer *w, const struct sql_rows *r)
{
	(w->node->via->to.n == 1 ? put_column : put_columns)(w, r);
}
