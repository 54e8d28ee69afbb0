/*
 * What a node must fetch: the columns that are shown, then those that only
 * join its rows to their parents and children.
 */
#include "model/plan_build.h"

#include <string.h>

/* ,"name": as it stands in a row. */
static int
make_label(struct arena *arena, const char *name, struct plan_label *out)
{
	size_t len = strlen(name);
	char *text = arena_get(arena, len + 4, 1);

	if (text == NULL)
		return -1;
	/* Names of the schema are plain identifiers: nothing to escape. */
	memcpy(text, ",\"", 2);
	memcpy(text + 2, name, len);
	memcpy(text + 2 + len, "\":", 2);
	out->text = text;
	out->len = len + 4;
	return 0;
}

static int
show_columns(struct plan_build *b, struct plan_node *node,
    const struct plan_choice *choice)
{
	node->labels = arena_get(b->arena, choice->nfields,
	    sizeof(*node->labels));
	if (node->labels == NULL)
		return -1;
	for (size_t i = 0; i < choice->nfields; i++) {
		const struct schema_field *f = choice->fields[i];

		if (make_label(b->arena, f->name, &node->labels[i]) != 0)
			return -1;
		if (f->type == SCALAR_BYTES && !b->plan->bytes_base64)
			b->plan->attachments = true;
	}
	/* The choice's array has room for the model's every field. */
	node->columns = choice->fields;
	node->ncolumns = node->nshown = choice->nfields;
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

int
plan_columns(struct plan_build *b, struct plan_node *node,
    const struct plan_choice *choice)
{
	if (show_columns(b, node, choice) != 0)
		return plan_no_memory(b);
	if (node->via != NULL) {
		const struct schema_key *to = &node->via->to;

		if (make_label(b->arena, node->via->name, &node->label) != 0)
			return plan_no_memory(b);
		for (size_t i = 0; i < to->n; i++)
			node->own_keys[i] = column_of(node, to->fields[i]);
	}
	for (size_t k = 0; k < node->nchildren; k++) {
		struct plan_node *child = &node->children[k];
		const struct schema_key *from = &child->via->from;

		for (size_t i = 0; i < from->n; i++)
			child->parent_keys[i] = column_of(node,
			    from->fields[i]);
	}
	return 0;
}
