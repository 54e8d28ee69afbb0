/*
 * The grammar of one level: select and include, as lists of names (at the
 * root) or as objects.  Where the original service judges by JavaScript's
 * truth of a value, so do we.
 */
#include "model/plan_build.h"

#include <json-c/json.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"

/* Of a name in an error's sentence. */
#define SHOWN_MAX 64

/* The options of findMany; those not offered are refused by name. */
static const struct option {
	const char *name;
	bool offered;
} options_known[] = {
	{ "select", true },
	{ "include", true },
	{ "where", false },
	{ "orderBy", false },
	{ "take", false },
	{ "skip", false },
	{ "cursor", false },
	{ "distinct", false },
	{ "omit", false },
};

#define NOPTIONS (sizeof(options_known) / sizeof(*options_known))

/* One level while it is read. */
struct level {
	struct plan_build *b;
	const struct plan_node *node;
	bool select;			/* or include */
	struct plan_choice *choice;
};

/* A name as a client wrote it. */
struct name {
	const char *text;
	size_t len;
};

/* Precision for %.*s: long names are cut at a character border. */
static int
shown(const struct name *name)
{
	return (int)utf8_prefix(name->text,
	    name->len < SHOWN_MAX ? name->len : SHOWN_MAX);
}

/* Hidden, ignored and unsupported fields are as if not there. */
static bool
shows(const struct plan_build *b, const struct schema_field *f)
{
	return !f->ignored && f->type != SCALAR_UNSUPPORTED &&
	    !collector_hides(b->collector, f);
}

static const char *
kind_of(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return "null";
	case json_type_boolean:
		return "a boolean";
	case json_type_double:
	case json_type_int:
		return "a number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	case json_type_string:
		return "a string";
	}
	return "something";
}

static bool
is_true(json_object *value)
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

static int
unknown_option(struct plan_build *b, const char *key)
{
	const struct name name = { key, strlen(key) };
	struct nearest near;

	nearest_start(&near, name.text, name.len);
	for (size_t i = 0; i < NOPTIONS; i++)
		if (options_known[i].offered)
			nearest_try(&near, options_known[i].name);
	if (near.best != NULL)
		return err_set(b->err, ERR_BAD_OPTIONS, "unknown option "
		    "\"%.*s\"; did you mean \"%s\"?", shown(&name), key,
		    near.best);
	return err_set(b->err, ERR_BAD_OPTIONS, "unknown option \"%.*s\"",
	    shown(&name), key);
}

static int
check_option(struct plan_build *b, const char *key)
{
	for (size_t i = 0; i < NOPTIONS; i++) {
		if (strcmp(options_known[i].name, key) != 0)
			continue;
		if (options_known[i].offered)
			return 0;
		return err_set(b->err, ERR_BAD_OPTIONS,
		    "option \"%s\" is not offered here", key);
	}
	return unknown_option(b, key);
}

/* Names neither field nor relation: say what it may have been. */
static int
unknown_member(struct level *l, const struct name *name)
{
	const struct schema_model *m = l->node->model;
	const struct collector *c = l->b->collector;
	const char *what = l->select ? "field" : "relation", *hint = NULL;
	struct nearest near;

	if (m == c->model)
		hint = collector_hint(c, name->text, name->len);
	if (hint != NULL)
		return err_set(l->b->err, ERR_UNKNOWN_FIELD, "unknown %s "
		    "\"%.*s\" on %s: it %s", what, shown(name), name->text,
		    m->name, hint);
	nearest_start(&near, name->text, name->len);
	for (size_t i = 0; i < m->nrelations; i++)
		if (!m->relations[i].ignored)
			nearest_try(&near, m->relations[i].name);
	for (size_t i = 0; l->select && i < m->nfields; i++)
		if (shows(l->b, &m->fields[i]))
			nearest_try(&near, m->fields[i].name);
	if (near.best != NULL)
		return err_set(l->b->err, ERR_UNKNOWN_FIELD, "unknown %s "
		    "\"%.*s\" on %s; did you mean \"%s\"?", what, shown(name),
		    name->text, m->name, near.best);
	return err_set(l->b->err, ERR_UNKNOWN_FIELD,
	    "unknown %s \"%.*s\" on %s", what, shown(name), name->text,
	    m->name);
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
add_wish(struct plan_choice *choice, const struct schema_relation *r,
    json_object *options)
{
	for (size_t i = 0; i < choice->nwishes; i++)
		if (choice->wishes[i].relation == r)
			return;
	choice->wishes[choice->nwishes++] = (struct plan_wish){ r, options };
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
	    l->node->model->name, kind_of(value));
}

/* value NULL with given = false: the name stood in a list. */
static int
take_field(struct level *l, const struct schema_field *f, bool given,
    json_object *value)
{
	const char *model = l->node->model->name;

	if (!l->select)
		return err_set(l->b->err, ERR_BAD_OPTIONS, "\"%s\" is a field "
		    "of %s, and include takes relations only", f->name, model);
	if (!given) {
		add_field(l->choice, f);
		return 0;
	}
	if (check_value(l, f->name, value) != 0)
		return -1;
	if (json_object_is_type(value, json_type_object) &&
	    json_object_object_length(value) > 0)
		return err_set(l->b->err, ERR_BAD_OPTIONS, "\"%s\" of %s is no "
		    "relation and takes no options", f->name, model);
	if (!json_object_is_type(value, json_type_boolean) || is_true(value))
		add_field(l->choice, f);
	return 0;
}

static int
take_relation(struct level *l, const struct schema_relation *r, bool given,
    json_object *value)
{
	json_object *options = NULL;

	if (given && check_value(l, r->name, value) != 0)
		return -1;
	if (json_object_is_type(value, json_type_boolean) && !is_true(value))
		return 0;
	if (json_object_is_type(value, json_type_object))
		options = value;
	add_wish(l->choice, r, options);
	return 0;
}

static int
take_member(struct level *l, const struct name *name, bool given,
    json_object *value)
{
	const struct schema_model *m = l->node->model;
	const struct schema_field *f = schema_field(m, name->text, name->len);
	const struct schema_relation *r;

	if (f != NULL && shows(l->b, f))
		return take_field(l, f, given, value);
	r = schema_relation(m, name->text, name->len);
	if (r != NULL && !r->ignored)
		return take_relation(l, r, given, value);
	if (name->len == 6 && memcmp(name->text, "_count", 6) == 0)
		return err_set(l->b->err, ERR_BAD_OPTIONS,
		    "\"_count\" is not offered here");
	return unknown_member(l, name);
}

/* ["a", "b"]; a list of one name stands for the name, as in JavaScript. */
static int
take_list(struct level *l, const char *key, json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *item = json_object_array_get_idx(list, i);
		struct name name;

		while (json_object_is_type(item, json_type_array) &&
		    json_object_array_length(item) == 1)
			item = json_object_array_get_idx(item, 0);
		if (!json_object_is_type(item, json_type_string))
			return err_set(l->b->err, ERR_BAD_OPTIONS, "option "
			    "\"%s\" holds %s where a name was expected", key,
			    kind_of(item));
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
		const struct name name = { key, strlen(key) };

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
	if (list && l->node->parent == NULL)
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
		    "relation is needed",
		    l->node->model->name);
	return 0;
}

static int
read_include(struct level *l, json_object *value)
{
	const struct schema_model *m = l->node->model;

	for (size_t i = 0; i < m->nfields; i++)
		if (shows(l->b, &m->fields[i]))
			l->choice->fields[l->choice->nfields++] =
			    &m->fields[i];
	if (value != NULL && take_members(l, "include", value) != 0)
		return -1;
	if (l->choice->nfields + l->choice->nwishes == 0)
		return err_set(l->b->err, ERR_BAD_OPTIONS,
		    "model %s has no field that can be shown", m->name);
	return 0;
}

static int
make_room(struct plan_build *b, const struct schema_model *m,
    struct plan_choice *out)
{
	*out = (struct plan_choice){ 0 };
	out->fields = arena_get(b->arena, m->nfields, sizeof(*out->fields));
	out->wishes = arena_get(b->arena, m->nrelations,
	    sizeof(*out->wishes));
	if (out->fields == NULL || out->wishes == NULL)
		return plan_no_memory(b);
	return 0;
}

int
plan_choose(struct plan_build *b, const struct plan_node *node,
    json_object *options, struct plan_choice *out)
{
	struct level l = { .b = b, .node = node, .choice = out };
	json_object *select, *include;

	if (make_room(b, node->model, out) != 0)
		return -1;
	if (options == NULL)
		return read_include(&l, NULL);
	json_object_object_foreach(options, key, value) {
		(void)value;
		if (check_option(b, key) != 0)
			return -1;
	}
	select = json_object_object_get(options, "select");
	include = json_object_object_get(options, "include");
	if (is_true(select) && is_true(include))
		return err_set(b->err, ERR_BAD_OPTIONS, "options \"select\" "
		    "and \"include\" are both given on %s: only one of "
		    "them is possible", node->model->name);
	if (is_true(select))
		return read_select(&l, select);
	return read_include(&l, is_true(include) ? include : NULL);
}
