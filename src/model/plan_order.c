/*
 * orderBy: objects of one key each, which is a field, or a relation with a
 * key of its own inside.
 */
#include "model/plan_build.h"

#include <json-c/json.h>
#include <string.h>

#include "model/json_read.h"

/* One key while it is read. */
struct reading {
	struct plan_build *b;
	struct plan_order *key;
	const struct schema_relation **hops;	/* room for include_depth */
};

static int
bad_value(struct reading *r, const char *name, json_object *value,
    const char *expected)
{
	const struct plan_name shown = plan_name(name);

	return err_set(r->b->err, ERR_BAD_OPTIONS, "\"%.*s\" in option "
	    "\"orderBy\" is %s where %s was expected", plan_shown(&shown),
	    name, json_kind(value), expected);
}

/* One of two words; which = 0 or 1. */
static int
read_word(json_object *value, const char *const words[2], int *which)
{
	if (!json_object_is_type(value, json_type_string))
		return -1;
	for (*which = 0; *which < 2; ++*which)
		if (strcmp(json_object_get_string(value), words[*which]) == 0)
			return 0;
	return -1;
}

static int
read_direction(struct reading *r, const char *name, json_object *value)
{
	static const char *const words[] = { "asc", "desc" };
	int which;

	if (read_word(value, words, &which) != 0)
		return bad_value(r, name, value, "\"asc\" or \"desc\"");
	r->key->descending = which == 1;
	return 0;
}

static int
read_nulls(struct reading *r, json_object *value)
{
	static const char *const words[] = { "first", "last" };
	int which;

	if (read_word(value, words, &which) != 0)
		return bad_value(r, "nulls", value, "\"first\" or \"last\"");
	r->key->nulls = which == 0 ? PLAN_NULLS_FIRST : PLAN_NULLS_LAST;
	return 0;
}

/* {"sort":"asc","nulls":"last"}, for what may be NULL. */
static int
read_sort(struct reading *r, const char *field, json_object *value)
{
	json_object *sort = NULL;

	json_object_object_foreach(value, key, inside) {
		const struct plan_name name = plan_name(key);

		if (strcmp(key, "sort") == 0)
			sort = inside;
		else if (strcmp(key, "nulls") != 0)
			return err_set(r->b->err, ERR_BAD_OPTIONS, "unknown "
			    "\"%.*s\" at \"%s\" in option \"orderBy\", which "
			    "takes \"sort\" and \"nulls\"", plan_shown(&name),
			    key, field);
		else if (read_nulls(r, inside) != 0)
			return -1;
	}
	return read_direction(r, "sort", sort);
}

static int
read_field(struct reading *r, const struct schema_field *f,
    json_object *value)
{
	r->key->field = f;
	if (!json_object_is_type(value, json_type_object))
		return read_direction(r, f->name, value);
	if (f->optional)
		return read_sort(r, f->name, value);
	return err_set(r->b->err, ERR_BAD_OPTIONS, "\"%s\" in option "
	    "\"orderBy\" is never null and takes \"asc\" or \"desc\" only",
	    f->name);
}

/* {"_count":"desc"}, inside a relation to many. */
static int
read_count(struct reading *r, const struct schema_relation *relation,
    json_object *value)
{
	json_object *count = json_object_object_get(value, "_count");

	if (count == NULL || json_object_object_length(value) != 1)
		return err_set(r->b->err, ERR_BAD_OPTIONS, "\"%s\" in option "
		    "\"orderBy\" is a relation to many and takes "
		    "{\"_count\":\"asc\"} or {\"_count\":\"desc\"} only",
		    relation->name);
	return read_direction(r, "_count", count);
}

static int read_key(struct reading *r, const struct schema_model *m,
    json_object *object);

static int
read_relation(struct reading *r, const struct schema_relation *relation,
    json_object *value)
{
	if (!json_object_is_type(value, json_type_object))
		return bad_value(r, relation->name, value, "an object");
	if (r->key->nhops == plan_depth_max(r->b))
		return err_set(r->b->err, ERR_LIMIT, "option \"orderBy\" "
		    "follows more relations than %zu", r->key->nhops);
	r->hops[r->key->nhops++] = relation;
	if (relation->list)
		return read_count(r, relation, value);
	return read_key(r, relation->target, value);
}

/* An object with one key; one without a key is no order at all. */
static int
read_key(struct reading *r, const struct schema_model *m,
    json_object *object)
{
	if (json_object_object_length(object) > 1)
		return err_set(r->b->err, ERR_BAD_OPTIONS, "option "
		    "\"orderBy\" has several keys in one object on %s: their "
		    "order is told by a list of objects, one key each",
		    m->name);
	json_object_object_foreach(object, key, value) {
		const struct plan_name name = plan_name(key);
		const struct schema_field *f = plan_field(r->b, m, &name);
		const struct schema_relation *relation;

		if (f != NULL)
			return read_field(r, f, value);
		relation = plan_relation(m, &name);
		if (relation != NULL)
			return read_relation(r, relation, value);
		if (strcmp(key, "_relevance") == 0)
			return err_set(r->b->err, ERR_BAD_OPTIONS, "\"%s\" "
			    "in option \"orderBy\" is not offered here", key);
		return plan_unknown(r->b, m, &name, PLAN_MEMBERS);
	}
	return 0;
}

/*
 * The list of keys
 */

static bool
is_same(const struct plan_order *a, const struct plan_order *b)
{
	if (a->field != b->field || a->nhops != b->nhops)
		return false;
	for (size_t i = 0; i < a->nhops; i++)
		if (a->hops[i] != b->hops[i])
			return false;
	return true;
}

/* A key that is there already orders nothing more. */
static void
add_key(struct plan_node *node, const struct plan_order *key)
{
	for (size_t i = 0; i < node->norder; i++)
		if (is_same(&node->order[i], key))
			return;
	node->order[node->norder++] = *key;
}

static bool
in_key(const struct schema_model *m, const struct schema_field *f)
{
	for (size_t i = 0; i < m->key.n; i++)
		if (m->key.fields[i] == f)
			return true;
	return false;
}

static int
read_object(struct plan_build *b, struct plan_node *node,
    json_object *object)
{
	struct plan_order key = { 0 };
	struct reading r = { .b = b, .key = &key };

	if (!json_object_is_type(object, json_type_object))
		return err_set(b->err, ERR_BAD_OPTIONS, "option \"orderBy\" "
		    "on %s has %s where an object, {\"name\":\"asc\"}, was "
		    "expected", node->model->name,
		    json_kind(object));
	r.hops = arena_get(b->arena, plan_depth_max(b), sizeof(*r.hops));
	if (r.hops == NULL)
		return plan_no_memory(b);
	key.hops = r.hops;
	if (read_key(&r, node->model, object) != 0)
		return -1;
	if (key.field == NULL && (key.nhops == 0 ||
	    !key.hops[key.nhops - 1]->list))
		return 0;
	/*
	 * Columns which the schema takes for required may hold NULL all the
	 * same, and so may everything behind a relation without its row.
	 */
	key.nullable = key.field != NULL &&
	    (key.nhops > 0 || !in_key(node->model, key.field));
	add_key(node, &key);
	return 0;
}

static void
add_fields(struct plan_node *node, const struct schema_key *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		const struct plan_order key = { .field = fields->fields[i] };

		add_key(node, &key);
	}
}

/* Own keys come first; then there is room for n keys and the model's. */
static int
begin(struct plan_build *b, struct plan_node *node, size_t n)
{
	const struct schema_relation *via = node->via;

	n += node->model->key.n + (via != NULL ? via->to.n : 0);
	node->order = arena_get(b->arena, n, sizeof(*node->order));
	if (node->order == NULL)
		return plan_no_memory(b);
	if (via != NULL)
		add_fields(node, &via->to);
	return 0;
}

int
plan_order(struct plan_build *b, struct plan_node *node, json_object *value)
{
	size_t n = 1;

	if (json_object_is_type(value, json_type_array))
		n = json_object_array_length(value);
	if (n > PLAN_ORDER_MAX)
		return err_set(b->err, ERR_LIMIT, "option \"orderBy\" on %s "
		    "has more than %d keys", node->model->name,
		    PLAN_ORDER_MAX);
	if (begin(b, node, n) != 0)
		return -1;
	if (!json_object_is_type(value, json_type_array))
		return read_object(b, node, value);
	for (size_t i = 0; i < n; i++)
		if (read_object(b, node, json_object_array_get_idx(value, i))
		    != 0)
			return -1;
	return 0;
}

int
plan_order_end(struct plan_build *b, struct plan_node *node)
{
	if (node->order == NULL && begin(b, node, 0) != 0)
		return -1;
	add_fields(node, &node->model->key);
	return 0;
}
