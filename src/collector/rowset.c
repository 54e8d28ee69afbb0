/*
 * Rows are encoded as they come from the driver; what is kept of them is JSON
 * text and keys.
 */
#include "collector/rowset.h"

#include <stdlib.h>
#include <string.h>

#include "collector/writer.h"
#include "model/json_out.h"

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "out of memory");
}

int
rowset_init(struct rowset *rs, const struct plan_node *node)
{
	memset(rs, 0, sizeof(*rs));
	rs->node = node;
	buf_init(&rs->bytes, 0);
	rs->children = calloc(node->nchildren + 1, sizeof(*rs->children));
	if (rs->children == NULL)
		return -1;
	for (size_t j = 0; j < node->nchildren; j++)
		rs->children[j].node = &node->children[j];
	for (size_t j = 0; j < node->nchildren; j++)
		if (rowset_init(&rs->children[j], &node->children[j]) != 0)
			return -1;
	return 0;
}

void
rowset_fini(struct rowset *rs)
{
	if (rs->children != NULL)
		for (size_t j = 0; j < rs->node->nchildren; j++)
			rowset_fini(&rs->children[j]);
	free(rs->children);
	free(rs->index.slots);
	free(rs->blobs);
	free(rs->keys);
	free(rs->rows);
	buf_fini(&rs->bytes);
}

void
rowset_clear(struct rowset *rs)
{
	buf_clear(&rs->bytes);
	rowset_index_clear(&rs->index);
	rs->n = 0;
	rs->nblobs = 0;
}

void
rowset_clear_tree(struct rowset *rs)
{
	rowset_clear(rs);
	for (size_t j = 0; j < rs->node->nchildren; j++)
		rowset_clear_tree(&rs->children[j]);
}

void
rowset_cut(struct rowset *rs, size_t n)
{
	rs->n = n;
	while (rs->nblobs > 0 && rs->blobs[rs->nblobs - 1].row >= n)
		rs->nblobs--;
}

static int
make_room(struct rowset *rs)
{
	size_t size = rs->size == 0 ? 16 : rs->size * 2;
	size_t nkeys = 1 + rs->node->nchildren;
	struct rowset_row *rows;
	struct rowset_span *keys;

	if (rs->n < rs->size)
		return 0;
	rows = reallocarray(rs->rows, size, sizeof(*rows));
	if (rows == NULL)
		return -1;
	rs->rows = rows;
	keys = reallocarray(rs->keys, size, nkeys * sizeof(*keys));
	if (keys == NULL)
		return -1;
	rs->keys = keys;
	rs->size = size;
	return 0;
}

static int
add_keys(struct rowset *rs, const struct value *row)
{
	const struct plan_node *node = rs->node;
	struct rowset_span *keys = rs->keys + rs->n * (1 + node->nchildren);
	struct rowset_columns key = { node->columns, node->own_keys,
	    node->via == NULL ? 0 : node->via->to.n };

	if (rowset_put_key(&rs->bytes, &key, row, &keys[0]) != 0)
		return -1;
	for (size_t j = 0; j < node->nchildren; j++) {
		key.at = node->children[j].parent_keys;
		key.n = node->children[j].via->from.n;
		if (rowset_put_key(&rs->bytes, &key, row, &keys[1 + j]) != 0)
			return -1;
	}
	return 0;
}

static int
put_scalars(struct rowset *rs, const struct plan_node *node,
    const struct value *row, size_t *nattachments, struct err *err)
{
	/* A count is no member of a row: it has no label. */
	if (node->count)
		return json_put_value(&rs->bytes, node->columns[0],
		    &row[0]) == JSON_PUT_DONE ? 0 : no_memory(err);
	switch (json_put_scalars(&rs->bytes, node, row, nattachments, err)) {
	case JSON_PUT_DONE:
		return 0;
	case JSON_PUT_FULL:
		return no_memory(err);
	case JSON_PUT_MISFIT:
		break;
	}
	return -1;
}

static int
add_blob(struct rowset *rs, const struct schema_field *f, struct err *err)
{
	if (rs->nblobs == WRITER_ATTACHMENTS_MAX)
		return writer_too_many(f, err);
	if (rs->blobs == NULL)
		rs->blobs = calloc(WRITER_ATTACHMENTS_MAX,
		    sizeof(*rs->blobs));
	if (rs->blobs == NULL)
		return no_memory(err);
	rs->blobs[rs->nblobs++] = (struct rowset_blob){
		.row = (uint32_t)rs->n,
		.field = f,
		/* The text ends in "num":0}, a digit that is set later. */
		.digit = rs->bytes.len - 2 - rs->rows[rs->n].text.at,
	};
	return 0;
}

/* In runs that end with a Bytes column: so the placeholders are found. */
static int
put_runs(struct rowset *rs, const struct value *row, struct err *err)
{
	const struct plan_node *node = rs->node;
	size_t from = 0, to;

	for (; from < node->nshown; from = to) {
		struct plan_node run = *node;
		size_t n = 0;

		for (to = from; to < node->nshown;)
			if (node->columns[to++]->type == SCALAR_BYTES)
				break;
		run.columns += from;
		run.labels += from;
		run.nshown = to - from;
		if (from > 0 && buf_putc(&rs->bytes, ',') != 0)
			return no_memory(err);
		if (put_scalars(rs, &run, row + from, &n, err) != 0)
			return -1;
		if (n > 0 && add_blob(rs, node->columns[to - 1], err) != 0)
			return -1;
	}
	return 0;
}

/* The bytes of the row's blobs, behind its text. */
static int
put_blobs(struct rowset *rs, const struct value *row, size_t from)
{
	for (size_t c = 0; from < rs->nblobs; c++) {
		struct rowset_blob *b = &rs->blobs[from];

		if (rs->node->columns[c]->type != SCALAR_BYTES ||
		    row[c].kind == VALUE_NULL)
			continue;
		b->data.at = rs->bytes.len;
		b->data.len = row[c].len;
		if (buf_put(&rs->bytes, row[c].u.text, row[c].len) != 0)
			return -1;
		from++;
	}
	return 0;
}

int
rowset_add(struct rowset *rs, const struct value *row, bool attachments,
    struct err *err)
{
	size_t nblobs = rs->nblobs;
	struct rowset_row *r;
	int result;

	if (rs->n >= ROWSET_NONE || make_room(rs) != 0)
		return no_memory(err);
	r = &rs->rows[rs->n];
	r->absent = false;
	r->text.at = rs->bytes.len;
	if (attachments && !rs->node->count)
		result = put_runs(rs, row, err);
	else
		result = put_scalars(rs, rs->node, row, NULL, err);
	if (result != 0)
		return -1;
	r->text.len = rs->bytes.len - r->text.at;
	if (put_blobs(rs, row, nblobs) != 0 || add_keys(rs, row) != 0)
		return no_memory(err);
	rs->n++;
	return 0;
}

int
rowset_add_absent(struct rowset *rs, size_t i, size_t j)
{
	struct rowset *child = &rs->children[j];
	size_t nkeys = 1 + child->node->nchildren;

	if (child->n >= ROWSET_NONE || make_room(child) != 0)
		return -1;
	memset(&child->rows[child->n], 0, sizeof(*child->rows));
	child->rows[child->n].absent = true;
	memset(&child->keys[child->n * nkeys], 0,
	    nkeys * sizeof(*child->keys));
	child->n++;
	return rowset_adopt(rs, i, j);
}

size_t
rowset_bytes(const struct rowset *rs)
{
	return rs->bytes.len + rs->n * (sizeof(*rs->rows) +
	    (1 + rs->node->nchildren) * sizeof(*rs->keys));
}

size_t
rowset_tree_bytes(const struct rowset *rs)
{
	size_t bytes = rowset_bytes(rs);

	for (size_t j = 0; j < rs->node->nchildren; j++)
		bytes += rowset_tree_bytes(&rs->children[j]);
	return bytes;
}
