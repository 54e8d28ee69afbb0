/*
 * Long lists, which travel as the text of one parameter: a JSON array, or an
 * array of PostgreSQL.  Both quote with " and escape with a backslash.
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

static int
put_items(struct sql_writer *w, struct buf *out, const struct filter *f)
{
	bool array = w->dialect->lists_are_arrays;

	if (buf_putc(out, array ? '{' : '[') != 0)
		return -1;
	for (size_t i = 0; i < f->nvalues; i++) {
		struct value v = sql_form(w, f->field, &f->values[i]);

		if ((i > 0 && buf_putc(out, ',') != 0) ||
		    put_item(out, array ? &postgresql : &json, &v) != 0)
			return -1;
	}
	return buf_putc(out, array ? '}' : ']');
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
	struct value v = { .kind = VALUE_TEXT };
	struct buf items;

	put_template(w, f, place);
	buf_init(&items, 0);
	if (put_items(w, &items, f) != 0 ||
	    (v.u.text = arena_text(&w->sql->arena, items.data, items.len)) ==
	    NULL)
		sql_no_memory(w);
	v.len = items.len;
	sql_param(w, &v);
	buf_fini(&items);
}
