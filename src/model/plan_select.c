/*
 * What a level shows: select, include and omit, as lists of names (at the
 * root) or as objects, and _count among the relations.  Where the original
 * service judges by JavaScript's truth of a value, so do we.
 */
#include "model/plan_build.h"

#include <json-c/json.h>
#include <string.h>

#include "model/json_read.h"

/* One level while it is read. */
struct level {
	struct plan_build *b;
	const struct schema_model *model;
	bool root;
	bool select;			/* or include */
	struct plan_choice *choice;
};

bool
plan_is_true(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return false;
	case json_type_double: {
		double d = json_object_get_double(value);

		return d < 0 || d > 0;
	}
	case json_type_string:
		return json_object_get_string_len(value) > 0;
	case json_type_boolean:
	case json_type_int:
		return json_object_get_int64(value) != 0;
	case json_type_object:
	case json_type_array:
		break;
	}
	return true;
}

static void
add_field(struct plan_choice *choice, const struct schema_field *f)
{
	for (size_t i = 0; i < choice->nfields; i++)
		if (choice->fields[i] == f)
			return;
	choice->fields[choice->nfields++] = f;
}

static void
add_wish(struct plan_choice *choice, const struct plan_wish *wish)
{
	for (size_t i = 0; i < choice->nwishes; i++)
		if (choice->wishes[i].relation == wish->relation &&
		    choice->wishes[i].count == wish->count)
			return;
	choice->wishes[choice->nwishes++] = *wish;
}

/*
 * What is said about a member: true, or for a relation an object.  Numbers
 * and empty things pass for true, as in the original.
 */
static int
check_value(struct level *l, const char *member, json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_boolean:
	case json_type_double:
	case json_type_int:
	case json_type_object:
		return 0;
	case json_type_array:
		if (json_object_array_length(value) == 0)
			return 0;
		break;
	case json_type_string:
		if (json_object_get_string_len(value) == 0)
			return 0;
		break;
	case json_type_null:
		break;
	}
	return err_set(l->b->err, ERR_BAD_OPTIONS, "\"%s\" of %s is %s where "
	    "true, false or an object was expected", member,
	    l->model->name, json_kind(value));
}

static bool
is_false(json_object *value)
{
	return json_object_is_type(value, json_type_boolean) &&
	    !json_object_get_boolean(value);
}

/* value NULL with given = false: the name stood in a list. */
static int
take_field(struct level *l, const struct schema_field *f, bool given,
    json_object *value)
{
	if (!l->select)
		return err_set(l->b->err, ERR_BAD_OPTIONS, "\"%s\" is a field "
		    "of %s, and include takes relations only", f->name,
		    l->model->name);
	if (given && check_value(l, f->name, value) != 0)
		return -1;
	if (json_object_is_type(value, json_type_object) &&
	    json_object_object_length(value) > 0)
		return err_set(l->b->err, ERR_BAD_OPTIONS, "\"%s\" of %s is no "
		    "relation and takes no options", f->name, l->model->name);
	if (!is_false(value))
		add_field(l->choice, f);
	return 0;
}

/* With the value's options, if it is no flag. */
static void
take_wish(struct level *l, struct plan_wish wish, json_object *value)
{
	if (json_object_is_type(value, json_type_object))
		wish.options = value;
	if (!is_false(value))
		add_wish(l->choice, &wish);
}

static int
take_relation(struct level *l, const struct schema_relation *r, bool given,
    json_object *value)
{
	if (given && check_value(l, r->name, value) != 0)
		return -1;
	take_wish(l, (struct plan_wish){ .relation = r }, value);
	return 0;
}

/*
 * _count
 */

static int
count_all(struct level *l)
{
	const struct schema_model *m = l->model;
	bool any = false;

	for (size_t i = 0; i < m->nrelations; i++) {
		const struct plan_wish wish = {
			.relation = &m->relations[i],
			.count = true,
		};

		if (!wish.relation->list || wish.relation->ignored)
			continue;
		add_wish(l->choice, &wish);
		any = true;
	}
	if (any)
		return 0;
	return err_set(l->b->err, ERR_BAD_OPTIONS, "\"_count\" cannot be had "
	    "on %s, which has no relation to many", m->name);
}

static int
count_one(struct level *l, const char *key, json_object *value)
{
	const struct plan_name name = plan_name(key);
	const struct schema_relation *r = plan_relation(l->model, &name);

	if (r == NULL || !r->list)
		return plan_unknown(l->b, l->model, &name, PLAN_TO_MANY);
	if (check_value(l, key, value) != 0)
		return -1;
	take_wish(l, (struct plan_wish){ .relation = r, .count = true }, value);
	return 0;
}

/* {"select":{"relation":true}} */
static int
count_some(struct level *l, json_object *value)
{
	json_object *select = json_object_object_get(value, "select");
	size_t before = l->choice->nwishes;

	if (json_object_object_length(value) != 1 ||
	    !json_object_is_type(select, json_type_object))
		return err_set(l->b->err, ERR_BAD_OPTIONS, "\"_count\" of %s "
		    "takes true or {\"select\":{\"relation\":true}}, and "
		    "nothing else", l->model->name);
	json_object_object_foreach(select, key, counted)
		if (count_one(l, key, counted) != 0)
			return -1;
	if (l->choice->nwishes > before)
		return 0;
	return err_set(l->b->err, ERR_BAD_OPTIONS, "\"_count\" of %s names "
	    "nothing: at least one relation to many is needed",
	    l->model->name);
}

static int
take_count(struct level *l, bool given, json_object *value)
{
	if (is_false(value))
		return 0;
	if (!given || json_object_is_type(value, json_type_boolean))
		return count_all(l);
	if (json_object_is_type(value, json_type_object))
		return count_some(l, value);
	return err_set(l->b->err, ERR_BAD_OPTIONS, "\"_count\" of %s is %s "
	    "where true, false or an object was expected", l->model->name,
	    json_kind(value));
}

/*
 * select and include
 */

static int
take_member(struct level *l, const struct plan_name *name, bool given,
    json_object *value)
{
	const struct schema_field *f = plan_field(l->b, l->model, name);
	const struct schema_relation *r = plan_relation(l->model, name);

	if (f != NULL)
		return take_field(l, f, given, value);
	if (r != NULL)
		return take_relation(l, r, given, value);
	if (name->len == 6 && memcmp(name->text, "_count", 6) == 0)
		return take_count(l, given, value);
	return plan_unknown(l->b, l->model, name,
	    l->select ? PLAN_MEMBERS : PLAN_RELATIONS);
}

/* ["a", "b"]; a list of one name stands for the name, as in JavaScript. */
static int
take_list(struct level *l, const char *key, json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *item = json_object_array_get_idx(list, i);
		struct plan_name name;

		while (json_object_is_type(item, json_type_array) &&
		    json_object_array_length(item) == 1)
			item = json_object_array_get_idx(item, 0);
		if (!json_object_is_type(item, json_type_string))
			return err_set(l->b->err, ERR_BAD_OPTIONS, "option "
			    "\"%s\" holds %s where a name was expected", key,
			    json_kind(item));
		name.text = json_object_get_string(item);
		name.len = (size_t)json_object_get_string_len(item);
		if (take_member(l, &name, false, NULL) != 0)
			return -1;
	}
	return 0;
}

static int
take_object(struct level *l, json_object *object)
{
	json_object_object_foreach(object, key, value) {
		const struct plan_name name = plan_name(key);

		if (take_member(l, &name, true, value) != 0)
			return -1;
	}
	return 0;
}

/* The value of select or include, which is true for JavaScript. */
static int
take_members(struct level *l, const char *key, json_object *value)
{
	bool list = json_object_is_type(value, json_type_array);

	if (json_object_is_type(value, json_type_object))
		return take_object(l, value);
	if (list && l->root)
		return take_list(l, key, value);
	if (list && json_object_array_length(value) > 0)
		return err_set(l->b->err, ERR_BAD_OPTIONS, "option \"%s\" "
		    "inside a relation takes an object, {\"name\":true}, "
		    "not a list", key);
	if (json_object_is_type(value, json_type_string))
		return err_set(l->b->err, ERR_BAD_OPTIONS, "option \"%s\" is "
		    "a string where names in a list or an object were "
		    "expected", key);
	return 0;	/* include: true, 5 or []: nothing more */
}

static int
read_select(struct level *l, json_object *value)
{
	l->select = true;
	if (take_members(l, "select", value) != 0)
		return -1;
	if (l->choice->nfields + l->choice->nwishes == 0)
		return err_set(l->b->err, ERR_BAD_OPTIONS, "option "
		    "\"select\" on %s names nothing: at least one field or "
		    "relation is needed", l->model->name);
	return 0;
}

/*
 * omit
 */

static void
leave_out(struct plan_choice *choice, const struct schema_field *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < choice->nfields; i++)
		if (choice->fields[i] != f)
			choice->fields[kept++] = choice->fields[i];
	choice->nfields = kept;
}

static int
omit_one(struct level *l, const char *key, json_object *value)
{
	const struct plan_name name = plan_name(key);
	const struct schema_field *f = plan_field(l->b, l->model, &name);

	if (f == NULL && plan_relation(l->model, &name) != NULL)
		return err_set(l->b->err, ERR_BAD_OPTIONS, "\"%s\" is a "
		    "relation of %s, and omit takes fields only", key,
		    l->model->name);
	if (f == NULL)
		return plan_unknown(l->b, l->model, &name, PLAN_FIELDS);
	if (!json_object_is_type(value, json_type_boolean))
		return err_set(l->b->err, ERR_BAD_OPTIONS, "\"%s\" of %s is "
		    "%s in option \"omit\" where true or false was expected",
		    key, l->model->name, json_kind(value));
	if (json_object_get_boolean(value))
		leave_out(l->choice, f);
	return 0;
}

/* The value is true for JavaScript. */
static int
read_omit(struct level *l, json_object *value)
{
	bool list = json_object_is_type(value, json_type_array);

	if (json_object_is_type(value, json_type_string) ||
	    (list && json_object_array_length(value) > 0))
		return err_set(l->b->err, ERR_BAD_OPTIONS, "option \"omit\" "
		    "is %s where an object, {\"name\":true}, was expected",
		    json_kind(value));
	if (!json_object_is_type(value, json_type_object))
		return 0;	/* true, 5 or []: nothing */
	json_object_object_foreach(value, key, omitted)
		if (omit_one(l, key, omitted) != 0)
			return -1;
	return 0;
}

static int
read_all(struct level *l, const struct plan_shape *shape)
{
	const struct schema_model *m = l->model;
	size_t all;

	for (size_t i = 0; i < m->nfields; i++)
		if (filter_shows(l->b->collector, &m->fields[i]))
			add_field(l->choice, &m->fields[i]);
	all = l->choice->nfields;
	if (plan_is_true(shape->omit) && read_omit(l, shape->omit) != 0)
		return -1;
	if (plan_is_true(shape->include) &&
	    take_members(l, "include", shape->include) != 0)
		return -1;
	if (l->choice->nfields + l->choice->nwishes > 0)
		return 0;
	if (all > 0)
		return err_set(l->b->err, ERR_BAD_OPTIONS, "option \"omit\" "
		    "leaves nothing of %s: at least one field or relation is "
		    "needed", m->name);
	return err_set(l->b->err, ERR_BAD_OPTIONS,
	    "model %s has no field that can be shown", m->name);
}

static int
not_both(struct level *l, const char *other)
{
	return err_set(l->b->err, ERR_BAD_OPTIONS, "options \"select\" and "
	    "\"%s\" are both given on %s: only one of them is possible",
	    other, l->model->name);
}

/* A relation may be asked for once, and counted once. */
static int
make_room(struct plan_build *b, const struct schema_model *m,
    struct plan_choice *out)
{
	*out = (struct plan_choice){ 0 };
	out->fields = arena_get(b->arena, m->nfields, sizeof(*out->fields));
	out->wishes = arena_get(b->arena, 2 * m->nrelations,
	    sizeof(*out->wishes));
	if (out->fields == NULL || out->wishes == NULL)
		return plan_no_memory(b);
	return 0;
}

int
plan_select(struct plan_build *b, const struct plan_node *node,
    const struct plan_shape *shape, struct plan_choice *out)
{
	struct level l = {
		.b = b,
		.model = node->model,
		.root = node->parent == NULL,
		.choice = out,
	};

	if (make_room(b, node->model, out) != 0)
		return -1;
	if (!plan_is_true(shape->select))
		return read_all(&l, shape);
	if (plan_is_true(shape->include))
		return not_both(&l, "include");
	if (plan_is_true(shape->omit))
		return not_both(&l, "omit");
	return read_select(&l, shape->select);
}
