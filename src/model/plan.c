/*
 * Stop 8: options to a tree.  Here the text becomes JSON, the collector's
 * defaults are put in, and the tree grows; what a level asks for is read in
 * plan_choose.c, what must be fetched for it is found in plan_columns.c.
 */
#include "model/plan.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "model/json_read.h"
#include "model/plan_build.h"

/* A plan and the memory of all its parts. */
struct owned_plan {
	struct plan plan;	/* first: a plan is freed by this address */
	struct arena arena;
};

int
plan_no_memory(struct plan_build *b)
{
	return err_set(b->err, ERR_INTERNAL, "out of memory");
}

/* Levels of relations above the node. */
static size_t
depth_of(const struct plan_node *node)
{
	size_t depth = 0;

	for (; node->parent != NULL; node = node->parent)
		depth++;
	return depth;
}

size_t
plan_depth_max(const struct plan_build *b)
{
	const struct collector *c = b->collector;
	size_t max = b->limits->include_depth;

	if (c->depth_limited && c->max_depth < max)
		max = c->max_depth;
	return max < PLAN_DEPTH_MAX ? max : PLAN_DEPTH_MAX;
}

static int
check_limits(struct plan_build *b, const struct plan_node *node)
{
	const struct collector *c = b->collector;
	size_t max = plan_depth_max(b);

	if (++b->plan->nnodes > PLAN_NODES_MAX)
		return err_set(b->err, ERR_LIMIT, "the options follow more "
		    "than %d relations", PLAN_NODES_MAX);
	if (depth_of(node) <= max)
		return 0;
	return err_set(b->err, ERR_LIMIT, "relations are nested deeper than "
	    "%s, which is %zu", c->depth_limited && c->max_depth == max ?
	    "max_depth of this collector" : "include_depth", max);
}

static void
start_child(struct plan_node *child, struct plan_node *parent,
    const struct plan_wish *wish)
{
	child->collector = parent->collector;
	child->via = wish->relation;
	child->model = wish->relation->target;
	child->parent = parent;
	child->count = wish->count;
}

/* Fill a node which has been started, and all below it. */
static int
grow(struct plan_build *b, struct plan_node *node, json_object *options)
{
	struct plan_choice choice;

	if (check_limits(b, node) != 0 ||
	    plan_choose(b, node, options, &choice) != 0)
		return -1;
	node->children = arena_get(b->arena, choice.nwishes,
	    sizeof(*node->children));
	if (node->children == NULL)
		return plan_no_memory(b);
	node->nchildren = choice.nwishes;
	for (size_t i = 0; i < choice.nwishes; i++)
		start_child(&node->children[i], node, &choice.wishes[i]);
	if (plan_columns(b, node, &choice) != 0)
		return -1;
	for (size_t i = 0; i < choice.nwishes; i++)
		if (grow(b, &node->children[i], choice.wishes[i].options) != 0)
			return -1;
	return 0;
}

/*
 * Options
 */

/* select, include and omit say one thing together. */
static const char *const shape[] = { "select", "include", "omit" };

static bool
is_shape(const char *key)
{
	for (size_t i = 0; i < sizeof(shape) / sizeof(*shape); i++)
		if (strcmp(shape[i], key) == 0)
			return true;
	return false;
}

static bool
has_shape(json_object *options)
{
	for (size_t i = 0; i < sizeof(shape) / sizeof(*shape); i++)
		if (plan_is_true(json_object_object_get(options, shape[i])))
			return true;
	return false;
}

/* Put what is not given into the options. */
static int
merge(json_object *options, json_object *defaults)
{
	bool shaped = has_shape(options);

	json_object_object_foreach(defaults, key, value) {
		if (is_shape(key) ? shaped :
		    json_object_object_get_ex(options, key, NULL))
			continue;
		if (json_object_object_add(options, key,
		    json_object_get(value)) != 0) {
			json_object_put(value);
			return -1;
		}
	}
	return 0;
}

static int
add_defaults(struct plan_build *b, json_object **options)
{
	const char *text = b->collector->defaults;
	json_object *defaults;
	int rc;

	if (text == NULL)
		return 0;
	if (json_read(text, strlen(text), COLLECTOR_JSON_DEPTH, &defaults,
	    b->err) != 0)
		return -1;
	if (*options == NULL) {
		*options = defaults;
		return 0;
	}
	rc = merge(*options, defaults);
	json_object_put(defaults);
	return rc == 0 ? 0 : plan_no_memory(b);
}

/* The options as an object, or NULL when they mean everything. */
static int
read_options(struct plan_build *b, const char *text, size_t len,
    json_object **out)
{
	*out = NULL;
	if (len > 0 &&
	    json_read(text, len, b->limits->json_depth, out, b->err) != 0)
		return -1;
	if (!json_object_is_type(*out, json_type_object)) {
		json_object_put(*out);
		*out = NULL;
	}
	return add_defaults(b, out);
}

static int
build(struct plan_build *b, const char *options, size_t len)
{
	struct plan_node *root = arena_get(b->arena, 1, sizeof(*root));
	json_object *json;
	int rc;

	if (root == NULL)
		return plan_no_memory(b);
	root->collector = b->collector;
	root->model = b->collector->model;
	b->plan->root = root;
	b->plan->bytes_base64 = b->collector->bytes_base64;
	rc = read_options(b, options, len, &json);
	if (rc == 0)
		rc = grow(b, root, json);
	json_object_put(json);
	return rc;
}

struct plan *
plan_read(const struct collector *c, const char *options, size_t len,
    const struct plan_limits *limits, struct err *err)
{
	struct owned_plan *owned = calloc(1, sizeof(*owned));
	struct plan *plan;
	struct plan_build b = {
		.collector = c,
		.limits = limits,
		.err = err,
	};

	if (owned == NULL) {
		plan_no_memory(&b);
		return NULL;
	}
	arena_init(&owned->arena);
	b.arena = &owned->arena;
	b.scope = (struct filter_scope){
		.collector = c,
		.arena = b.arena,
		.err = err,
	};
	b.plan = plan = &owned->plan;
	if (build(&b, options, len) != 0)
		plan_free(&plan);
	return plan;
}

size_t
plan_bytes(const struct plan *p)
{
	const struct owned_plan *owned = (const void *)p;

	return sizeof(*owned) + arena_bytes(&owned->arena);
}

void
plan_free(struct plan **p)
{
	struct owned_plan *owned;

	if (*p == NULL)
		return;
	owned = (struct owned_plan *)(void *)*p;
	*p = NULL;
	arena_fini(&owned->arena);
	free(owned);
}
