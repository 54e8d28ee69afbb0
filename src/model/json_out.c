/* The scalars of a row, one label and one value after the other. */
#include "model/json_out.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

/* Of a value in an error's sentence. */
#define SAMPLE_LEN 40

/* Attachments are numbered in the order in which they are met (Socket.IO). */
static int
put_placeholder(struct buf *out, size_t number)
{
	return buf_printf(out, "{\"_placeholder\":true,\"num\":%zu}", number);
}

static int
misfit(struct err *err, const struct plan_node *node,
    const struct schema_field *f, const struct value *v)
{
	const char *model = node->model->name, *more = "";
	const char *type = scalar_type_name(f->type);
	size_t len = v->len;

	switch (v->kind) {
	case VALUE_INT:
		return err_set(err, ERR_DATABASE, "field \"%s\" of %s holds %"
		    PRId64 ", which is no %s", f->name, model, v->u.i, type);
	case VALUE_FLOAT:
		return err_set(err, ERR_DATABASE, "field \"%s\" of %s holds "
		    "%g, which is no %s", f->name, model, v->u.f, type);
	case VALUE_TEXT:
		if (len > SAMPLE_LEN) {
			len = SAMPLE_LEN;
			more = "...";
		}
		len = utf8_prefix(v->u.text, len);
		return err_set(err, ERR_DATABASE, "field \"%s\" of %s holds "
		    "\"%.*s%s\", which is no %s", f->name, model, (int)len,
		    v->u.text, more, type);
	case VALUE_NULL:
	case VALUE_BYTES:
		break;
	}
	return err_set(err, ERR_DATABASE, "field \"%s\" of %s holds %zu bytes, "
	    "which are no %s", f->name, model, len, type);
}

/* Names are short: two copies that overlap do for nearly all. */
static inline void
copy_label(char *to, const char *label, size_t len)
{
	char head[16], tail[16];

	if (len < sizeof(head) || len > 2 * sizeof(head)) {
		memcpy(to, label, len);
		return;
	}
	memcpy(head, label, sizeof(head));
	memcpy(tail, label + len - sizeof(tail), sizeof(tail));
	memcpy(to, head, sizeof(head));
	memcpy(to + len - sizeof(tail), tail, sizeof(tail));
}

enum json_put
json_put_scalars(struct buf *out, const struct plan_node *node,
    const struct value *row, size_t *nattachments, struct err *err)
{
	for (size_t i = 0; i < node->nshown; i++) {
		const struct schema_field *f = node->columns[i];
		const struct plan_label *label = &node->labels[i];
		size_t comma = i == 0, len = label->len - comma;
		char *p = buf_room(out, len);
		enum json_put put;

		if (p == NULL)
			return JSON_PUT_FULL;
		copy_label(p, label->text + comma, len);
		buf_added(out, len);
		if (f->type == SCALAR_BYTES && nattachments != NULL &&
		    row[i].kind != VALUE_NULL) {
			if (put_placeholder(out, *nattachments) != 0)
				return JSON_PUT_FULL;
			++*nattachments;
			continue;
		}
		put = json_put_value(out, f, &row[i]);
		if (put == JSON_PUT_MISFIT)
			misfit(err, node, f, &row[i]);
		if (put != JSON_PUT_DONE)
			return put;
	}
	return JSON_PUT_DONE;
}
