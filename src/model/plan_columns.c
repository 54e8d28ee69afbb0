/*
 * What a node must fetch: the columns that are shown, then those that only
 * join its rows to their parents and children or order them.
 */
#include "model/plan_build.h"

#include <string.h>

#include "model/json_out.h"

const struct schema_field plan_count_field = {
	.name = "_count",
	.column = "_count",
	.type = SCALAR_INT,
};

int
plan_label_make(struct arena *arena, const char *before, const char *name,
    struct plan_label *out)
{
	char *text = NULL;
	struct buf b;

	buf_init(&b, 0);
	if (buf_puts(&b, before) == 0 &&
	    json_put_string(&b, name, strlen(name)) == 0 &&
	    buf_putc(&b, ':') == 0)
		text = arena_get(arena, b.len + PLAN_LABEL_SPARE, 1);
	if (text != NULL)
		memcpy(text, b.data, b.len);
	out->text = text;
	out->len = b.len;
	buf_fini(&b);
	return text != NULL ? 0 : -1;
}

/* Counts of a node stand side by side, in an object of their own. */
static int
label_child(struct plan_build *b, struct plan_node *parent, size_t i)
{
	struct plan_node *child = &parent->children[i];
	bool opens = child->count && (i == 0 || !child[-1].count);
	bool closes = child->count &&
	    (i + 1 == parent->nchildren || !child[1].count);

	child->closing = closes ? "}" : "";
	if (plan_label_make(b->arena, opens ? ",\"_count\":{" : ",",
	    child->via->name, &child->label) != 0)
		return plan_no_memory(b);
	return 0;
}

static int
show_columns(struct plan_build *b, struct plan_node *node,
    const struct plan_choice *choice)
{
	node->labels = arena_get(b->arena, choice->nfields,
	    sizeof(*node->labels));
	if (node->labels == NULL)
		return plan_no_memory(b);
	for (size_t i = 0; i < choice->nfields; i++) {
		const struct schema_field *f = choice->fields[i];

		if (plan_label_make(b->arena, ",", f->name,
		    &node->labels[i]) != 0)
			return plan_no_memory(b);
		if (f->type == SCALAR_BYTES && !b->plan->bytes_base64)
			b->plan->attachments = true;
		node->columns[i] = f;
	}
	node->ncolumns = node->nshown = choice->nfields;
	return 0;
}

static int
show_count(struct plan_build *b, struct plan_node *node)
{
	node->labels = arena_get(b->arena, 1, sizeof(*node->labels));
	if (node->labels == NULL)
		return plan_no_memory(b);
	node->labels[0].text = "";
	node->columns[0] = &plan_count_field;
	node->ncolumns = node->nshown = 1;
	return 0;
}

/* Where the field is among the columns; it is added when it is not. */
static size_t
column_of(struct plan_node *node, const struct schema_field *f)
{
	for (size_t i = 0; i < node->ncolumns; i++)
		if (node->columns[i] == f)
			return i;
	node->columns[node->ncolumns] = f;
	return node->ncolumns++;
}

/* Those that join rows. */
static int
add_keys(struct plan_build *b, struct plan_node *node)
{
	for (size_t i = 0; node->via != NULL && i < node->via->to.n; i++)
		node->own_keys[i] = column_of(node, node->via->to.fields[i]);
	for (size_t k = 0; k < node->nchildren; k++) {
		struct plan_node *child = &node->children[k];
		const struct schema_key *from = &child->via->from;

		if (label_child(b, node, k) != 0)
			return -1;
		for (size_t i = 0; i < from->n; i++)
			child->parent_keys[i] = column_of(node,
			    from->fields[i]);
	}
	return 0;
}

/* Those that order rows: first columns of the table, then expressions. */
static void
add_order(struct plan_node *node)
{
	for (size_t i = 0; i < node->norder; i++)
		if (node->order[i].nhops == 0)
			node->order[i].column = column_of(node,
			    node->order[i].field);
	node->nplain = node->ncolumns;
	for (size_t i = 0; i < node->norder; i++) {
		struct plan_order *key = &node->order[i];

		if (key->nhops == 0)
			continue;
		node->columns[node->ncolumns] = key->field != NULL ?
		    key->field : &plan_count_field;
		key->column = node->ncolumns++;
	}
}

int
plan_columns(struct plan_build *b, struct plan_node *node,
    const struct plan_choice *choice)
{
	/* Each field of the model once, each key of the order, a count. */
	node->columns = arena_get(b->arena,
	    node->model->nfields + node->norder + 1, sizeof(*node->columns));
	if (node->columns == NULL)
		return plan_no_memory(b);
	node->closing = node->closing == NULL ? "" : node->closing;
	if ((node->count ? show_count(b, node) :
	    show_columns(b, node, choice)) != 0 || add_keys(b, node) != 0)
		return -1;
	add_order(node);
	return 0;
}
