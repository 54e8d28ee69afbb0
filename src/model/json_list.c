/* PostgreSQL's array notation, one level of it. */
#include "model/json_list.h"

#include <stdbool.h>
#include <strings.h>

struct list {
	const char *s, *end;
	struct buf element;	/* without quotes and backslashes */
	bool quoted;
};

/* Up to the comma or brace behind the element. */
static enum json_put
read_element(struct list *l)
{
	bool inside = false;

	buf_clear(&l->element);
	l->quoted = false;
	for (; l->s < l->end; l->s++) {
		if (*l->s == '"') {
			inside = !inside;
			l->quoted = true;
			continue;
		}
		if (!inside && (*l->s == ',' || *l->s == '}'))
			return JSON_PUT_DONE;
		if (!inside && *l->s == '{')
			return JSON_PUT_MISFIT;
		if (*l->s == '\\' && ++l->s == l->end)
			return JSON_PUT_MISFIT;
		if (buf_putc(&l->element, *l->s) != 0)
			return JSON_PUT_FULL;
	}
	return JSON_PUT_MISFIT;
}

static enum json_put
put_element(struct buf *out, struct list *l, const struct schema_field *item)
{
	struct value v = { .kind = VALUE_TEXT, .len = l->element.len,
	    .u.text = l->element.len > 0 ? l->element.data : "" };

	if (!l->quoted && v.len == 4 && strncasecmp(v.u.text, "NULL", 4) == 0)
		v.kind = VALUE_NULL;
	else if (!l->quoted && v.len == 0)
		return JSON_PUT_MISFIT;
	return json_put_value(out, item, &v);
}

static enum json_put
put_elements(struct buf *out, struct list *l, const struct schema_field *item)
{
	enum json_put put;

	do {
		put = read_element(l);
		if (put == JSON_PUT_DONE)
			put = put_element(out, l, item);
		if (put != JSON_PUT_DONE)
			return put;
		if (buf_putc(out, *l->s == ',' ? ',' : ']') != 0)
			return JSON_PUT_FULL;
	} while (*l->s++ == ',');
	return l->s == l->end ? JSON_PUT_DONE : JSON_PUT_MISFIT;
}

enum json_put
json_list_put(struct buf *out, const struct schema_field *f,
    const char *text, size_t len)
{
	struct schema_field item = *f;
	struct list l = { .s = text + 1, .end = text + len };
	enum json_put put;

	if (len < 2 || text[0] != '{' || f->type == SCALAR_BYTES)
		return JSON_PUT_MISFIT;
	if (len == 2 && text[1] == '}')
		return buf_puts(out, "[]") == 0 ? JSON_PUT_DONE :
		    JSON_PUT_FULL;
	item.list = false;
	buf_init(&l.element, 0);
	put = buf_putc(out, '[') == 0 ? put_elements(out, &l, &item) :
	    JSON_PUT_FULL;
	buf_fini(&l.element);
	return put;
}
