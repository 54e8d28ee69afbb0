/*
 * Which rows of a level: where, cursor, distinct, skip and take.  Conditions
 * are read by filter_read.c.
 */
#include "model/plan_build.h"

#include <json-c/json.h>

#include "model/json_read.h"

int
plan_where(struct plan_build *b, struct plan_node *node, json_object *value)
{
	node->where = filter_read(&b->scope, node->model, value);
	node->folded = b->scope.folded;
	return node->where == NULL ? -1 : 0;
}

int
plan_cursor(struct plan_build *b, struct plan_node *node, json_object *value)
{
	node->cursor = filter_read_cursor(&b->scope, node->model, value);
	node->folded = b->scope.folded;
	return node->cursor == NULL ? -1 : 0;
}

/*
 * distinct
 */

static int
read_distinct(struct plan_build *b, struct plan_node *node,
    const struct schema_field **fields, json_object *value)
{
	struct plan_name name;
	const struct schema_field *f;

	if (!json_object_is_type(value, json_type_string))
		return err_set(b->err, ERR_BAD_OPTIONS, "option \"distinct\" "
		    "on %s has %s where the name of a field was expected",
		    node->model->name, json_kind(value));
	name.text = json_object_get_string(value);
	name.len = (size_t)json_object_get_string_len(value);
	f = plan_field(b, node->model, &name);
	if (f == NULL && plan_relation(node->model, &name) != NULL)
		return err_set(b->err, ERR_BAD_OPTIONS, "\"%s\" is a "
		    "relation of %s, and distinct takes fields only",
		    name.text, node->model->name);
	if (f == NULL)
		return plan_unknown(b, node->model, &name, PLAN_FIELDS);
	for (size_t i = 0; i < node->ndistinct; i++)
		if (fields[i] == f)
			return 0;
	fields[node->ndistinct++] = f;
	return 0;
}

int
plan_distinct(struct plan_build *b, struct plan_node *node,
    json_object *value)
{
	/* No field is kept twice. */
	const struct schema_field **fields = arena_get(b->arena,
	    node->model->nfields, sizeof(*fields));

	if (fields == NULL)
		return plan_no_memory(b);
	node->distinct = fields;
	if (!json_object_is_type(value, json_type_array))
		return read_distinct(b, node, fields, value);
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (read_distinct(b, node, fields,
		    json_object_array_get_idx(value, i)) != 0)
			return -1;
	return 0;
}

/*
 * skip and take
 */

static int
read_integer(struct plan_build *b, const char *option, json_object *value,
    int64_t *out)
{
	bool number = json_object_is_type(value, json_type_int) ||
	    json_object_is_type(value, json_type_double);

	if (json_integer(value, out) == 0)
		return 0;
	return err_set(b->err, ERR_BAD_OPTIONS, "option \"%s\" is %s where a "
	    "whole number within 64 bits was expected", option,
	    number ? json_object_to_json_string(value) : json_kind(value));
}

int
plan_skip(struct plan_build *b, struct plan_node *node, json_object *value)
{
	int64_t n;

	if (read_integer(b, "skip", value, &n) != 0)
		return -1;
	if (n < 0)
		return err_set(b->err, ERR_BAD_OPTIONS, "option \"skip\" is "
		    "%jd where zero or more was expected", (intmax_t)n);
	node->skip = (uint64_t)n;
	return 0;
}

/* Of a negative number, as many rows from the end. */
int
plan_take(struct plan_build *b, struct plan_node *node, json_object *value)
{
	int64_t n;

	if (read_integer(b, "take", value, &n) != 0)
		return -1;
	node->backwards = n < 0;
	node->take = n < 0 ? -(uint64_t)n : (uint64_t)n;
	return 0;
}
