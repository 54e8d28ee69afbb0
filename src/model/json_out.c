/* The scalars of a row, one label and one value after the other. */
#include "model/json_out.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "model/json_usual.h"

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

static inline char *
put_label(char *p, const struct plan_label *label, size_t comma)
{
	size_t len = label->len - comma;

	if (len <= PLAN_LABEL_SPARE)
		memcpy(p, label->text + comma, PLAN_LABEL_SPARE);
	else
		memcpy(p, label->text + comma, len);
	return p + len;
}

/* What a row of usual values takes at most. */
static __attribute__((noinline)) size_t
room_of(const struct plan_node *node, const struct value *row)
{
	const struct plan_label *labels = node->labels;
	size_t n = node->nshown, room = n * JSON_USUAL_ROOM;

	for (size_t i = 0; i < n; i++)
		room += labels[i].len +
		    (row[i].kind == VALUE_TEXT ? row[i].len : 0);
	return room;
}

static enum json_put
put_unusual(struct buf *out, const struct schema_field *f,
    const struct value *v, size_t *nattachments)
{
	if (f->type != SCALAR_BYTES || nattachments == NULL ||
	    v->kind == VALUE_NULL)
		return json_put_unusual(out, f, v);
	return put_placeholder(out, (*nattachments)++) == 0 ? JSON_PUT_DONE :
	    JSON_PUT_FULL;
}

/*
 * Members from number *i on, up to and with the label of one whose value is
 * not a usual one, and its number; or all.  There is room.
 */
static void
put_members(struct buf *out, const struct plan_node *node,
    const struct value *row, size_t *i)
{
	const struct schema_field *const *columns =
	    (const struct schema_field *const *)node->columns;
	const struct plan_label *labels = node->labels;
	size_t n = node->nshown, at = *i, comma = at == 0;
	char *p = out->data + out->len, *end;

	for (; at < n; at++, p = end, comma = 0) {
		p = put_label(p, &labels[at], comma);
		end = json_put_usual(p, columns[at], &row[at]);
		if (end == NULL)
			break;
	}
	buf_added(out, (size_t)(p - out->data) - out->len);
	*i = at;
}

enum json_put
json_put_scalars(struct buf *out, const struct plan_node *node,
    const struct value *row, size_t *nattachments, struct err *err)
{
	size_t room = room_of(node, row);

	for (size_t i = 0; i < node->nshown; i++) {
		enum json_put put;

		if (buf_room(out, room) == NULL)
			return JSON_PUT_FULL;
		put_members(out, node, row, &i);
		if (i == node->nshown)
			break;
		put = put_unusual(out, node->columns[i], &row[i],
		    nattachments);
		if (put == JSON_PUT_MISFIT)
			misfit(err, node, node->columns[i], &row[i]);
		if (put != JSON_PUT_DONE)
			return put;
		if (row[i].kind == VALUE_TEXT)
			room -= row[i].len;
	}
	return JSON_PUT_DONE;
}
