/*
 * Stop 8: options to a tree.  Here the text becomes JSON and the tree grows;
 * what a level asks for is read in plan_choose.c, what must be fetched for it
 * is found in plan_columns.c.
 */
#include "model/plan.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

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

static int
check_limits(struct plan_build *b, const struct plan_node *node)
{
	size_t max = b->limits->include_depth;

	if (max > PLAN_DEPTH_MAX)
		max = PLAN_DEPTH_MAX;
	if (depth_of(node) > max)
		return err_set(b->err, ERR_LIMIT, "relations are nested "
		    "deeper than include_depth, which is %zu", max);
	if (++b->plan->nnodes > PLAN_NODES_MAX)
		return err_set(b->err, ERR_LIMIT, "the options follow more "
		    "than %d relations", PLAN_NODES_MAX);
	return 0;
}

/* Fill a node whose model, via and parent are set, and all below it. */
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
	for (size_t i = 0; i < choice.nwishes; i++) {
		struct plan_node *child = &node->children[i];

		child->via = choice.wishes[i].relation;
		child->model = child->via->target;
		child->parent = node;
	}
	if (plan_columns(b, node, &choice) != 0)
		return -1;
	for (size_t i = 0; i < choice.nwishes; i++)
		if (grow(b, &node->children[i], choice.wishes[i].options) != 0)
			return -1;
	return 0;
}

/*
 * json-c ends a key at a NUL, so that "a\u0000b" would be taken for "a".  The
 * text is known to be JSON: each backslash begins an escape.
 */
static bool
has_nul(const char *text)
{
	for (; (text = strchr(text, '\\')) != NULL; text += 2)
		if (strncmp(text, "\\u0000", 6) == 0)
			return true;
	return false;
}

static int
parse_error(struct plan_build *b, enum json_tokener_error error)
{
	if (error == json_tokener_error_depth)
		return err_set(b->err, ERR_LIMIT, "options are nested deeper "
		    "than json_depth, which is %zu", b->limits->json_depth);
	return err_set(b->err, ERR_BAD_OPTIONS, "options are not JSON: %s",
	    json_tokener_error_desc(error));
}

/* The options as an object, or NULL when they mean everything. */
static int
parse(struct plan_build *b, const char *text, size_t len, json_object **out)
{
	char *copy = arena_text(b->arena, text, len);
	json_tokener *tokener;
	enum json_tokener_error error;
	json_object *json;

	*out = NULL;
	if (len == 0)
		return 0;
	if (copy == NULL)
		return plan_no_memory(b);
	if (memchr(copy, '\0', len) != NULL)
		return parse_error(b, json_tokener_error_parse_unexpected);
	/* json-c counts the value at the bottom as a level, too. */
	tokener = json_tokener_new_ex((int)b->limits->json_depth + 1);
	if (tokener == NULL)
		return plan_no_memory(b);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	json = json_tokener_parse_ex(tokener, copy, -1);
	error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	if (error != json_tokener_success)
		return parse_error(b, error);
	if (json_object_is_type(json, json_type_object))
		*out = json;
	else
		json_object_put(json);
	if (has_nul(copy)) {
		json_object_put(*out);
		*out = NULL;
		return err_set(b->err, ERR_BAD_OPTIONS,
		    "options hold a NUL character");
	}
	return 0;
}

static int
build(struct plan_build *b, const char *options, size_t len)
{
	struct plan_node *root = arena_get(b->arena, 1, sizeof(*root));
	json_object *json;
	int rc;

	if (root == NULL)
		return plan_no_memory(b);
	root->model = b->collector->model;
	b->plan->root = root;
	b->plan->bytes_base64 = b->collector->bytes_base64;
	if (parse(b, options, len, &json) != 0)
		return -1;
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
	b.plan = plan = &owned->plan;
	if (build(&b, options, len) != 0)
		plan_free(&plan);
	return plan;
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
