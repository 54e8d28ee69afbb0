/*
 * The grammar of one level: which options may stand there, and who reads
 * each.  What is shown is read in plan_select.c, the order in plan_order.c,
 * which rows in plan_page.c.
 */
#include "model/plan_build.h"

#include <json-c/json.h>
#include <string.h>

#include "base/nearest.h"

/* Where a level stands: not every option goes with every relation. */
enum place {
	AT_MANY = 1,		/* the root, or a relation to many */
	AT_OPTIONAL = 2,	/* a relation to one row or none */
	AT_REQUIRED = 4,	/* a relation to one row */
	AT_COUNT = 8,		/* a relation in _count */
	AT_ROWS = AT_MANY | AT_OPTIONAL | AT_REQUIRED
};

/* The options of findMany; those not offered are refused by name. */
static const struct option {
	const char *name;
	unsigned int places;	/* 0: not offered */
	/* NULL: read by plan_select(), which needs several at once */
	int (*apply)(struct plan_build *b, struct plan_node *node,
	    json_object *value);
} options_known[] = {
	{ "select", AT_ROWS, NULL },
	{ "include", AT_ROWS, NULL },
	{ "omit", AT_ROWS, NULL },
	{ "where", AT_MANY | AT_OPTIONAL | AT_COUNT, plan_where },
	{ "orderBy", AT_MANY, plan_order },
	{ "cursor", AT_MANY, plan_cursor },
	{ "distinct", AT_MANY, plan_distinct },
	{ "skip", AT_MANY, plan_skip },
	{ "take", AT_MANY, plan_take },
	{ "relationLoadStrategy", 0, NULL },
};

#define NOPTIONS (sizeof(options_known) / sizeof(*options_known))

static enum place
place_of(const struct plan_node *node)
{
	if (node->count)
		return AT_COUNT;
	if (node->via == NULL || node->via->list)
		return AT_MANY;
	return node->via->optional ? AT_OPTIONAL : AT_REQUIRED;
}

static int
unknown_option(struct plan_build *b, enum place place,
    const struct plan_name *name)
{
	struct nearest near;

	nearest_start(&near, name->text, name->len);
	for (size_t i = 0; i < NOPTIONS; i++)
		if (options_known[i].places & place)
			nearest_try(&near, options_known[i].name);
	if (near.best != NULL)
		return err_set(b->err, ERR_BAD_OPTIONS, "unknown option "
		    "\"%.*s\"; did you mean \"%s\"?", plan_shown(name),
		    name->text, near.best);
	return err_set(b->err, ERR_BAD_OPTIONS, "unknown option \"%.*s\"",
	    plan_shown(name), name->text);
}

static int
wrong_place(struct plan_build *b, const struct plan_node *node,
    const char *option)
{
	static const char *const where[] = {
		[AT_OPTIONAL] = "which is to one row",
		[AT_REQUIRED] = "which is to one row and required",
		[AT_COUNT] = "of which the rows are counted",
	};

	return err_set(b->err, ERR_BAD_OPTIONS, "option \"%s\" does not go "
	    "with relation \"%s\" of %s, %s", option, node->via->name,
	    node->via->model->name, where[place_of(node)]);
}

static int
read_option(struct plan_build *b, struct plan_node *node, const char *key,
    json_object *value)
{
	const struct plan_name name = plan_name(key);
	enum place place = place_of(node);

	for (size_t i = 0; i < NOPTIONS; i++) {
		const struct option *o = &options_known[i];

		if (strcmp(o->name, key) != 0)
			continue;
		if (o->places == 0)
			return err_set(b->err, ERR_BAD_OPTIONS,
			    "option \"%s\" is not offered here", key);
		if ((o->places & place) == 0)
			return wrong_place(b, node, key);
		return o->apply == NULL ? 0 : o->apply(b, node, value);
	}
	return unknown_option(b, place, &name);
}

int
plan_choose(struct plan_build *b, struct plan_node *node,
    json_object *options, struct plan_choice *out)
{
	struct plan_shape shape = { NULL, NULL, NULL };

	node->take = PLAN_ALL;
	b->scope.nparameters = 0;
	b->scope.folded = NULL;
	if (options != NULL) {
		json_object_object_foreach(options, key, value)
			if (read_option(b, node, key, value) != 0)
				return -1;
		shape.select = json_object_object_get(options, "select");
		shape.include = json_object_object_get(options, "include");
		shape.omit = json_object_object_get(options, "omit");
	}
	if (node->count) {
		*out = (struct plan_choice){ 0 };
		return 0;
	}
	if (plan_select(b, node, &shape, out) != 0)
		return -1;
	return plan_order_end(b, node);
}
