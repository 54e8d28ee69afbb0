/*
 * The grammar of what is said about a relation: whether rows of the other
 * model exist that satisfy a condition.
 */
#include <json-c/json.h>
#include <string.h>

#include "base/utf8.h"
#include "model/filter_build.h"
#include "model/json_read.h"

/* Of a name in an error's sentence. */
#define SHOWN_MAX 64

static const struct quantifier {
	const char *name;
	bool list;		/* to-many; else to-one */
	bool not_inside;	/* every: no row for which it is false */
	bool not_outside;
} quantifiers[] = {
	{ "some", true, false, false },
	{ "every", true, true, true },
	{ "none", true, false, true },
	{ "is", false, false, false },
	{ "isNot", false, false, true },
};
#define NQUANTIFIERS (sizeof(quantifiers) / sizeof(quantifiers[0]))

static const struct quantifier *
find_quantifier(const struct schema_relation *r, const char *name)
{
	for (size_t i = 0; i < NQUANTIFIERS; i++)
		if (quantifiers[i].list == r->list &&
		    strcmp(quantifiers[i].name, name) == 0)
			return &quantifiers[i];
	return NULL;
}

/* null: the foreign key is NULL; a key of the other side is not found. */
static struct filter *
unrelated(struct filter_scope *scope, const struct schema_relation *r)
{
	struct filter **parts, *any;

	if (!r->holds_key) {
		any = filter_new(scope, FILTER_AND);
		if (any != NULL)
			any = filter_related(scope, r, any);
		return any == NULL ? NULL : filter_not(scope, any);
	}
	parts = filter_parts(scope, r->from.n);
	if (parts == NULL)
		return NULL;
	for (size_t i = 0; i < r->from.n; i++) {
		parts[i] = filter_condition(scope, FILTER_NULL, 0);
		if (parts[i] == NULL)
			return NULL;
		parts[i]->field = r->from.fields[i];
	}
	return filter_join(scope, FILTER_AND, parts, r->from.n);
}

static struct filter *
refuse_related(struct filter_scope *scope, const struct schema_relation *r,
    json_object *value)
{
	const char *expected = "an object of \"some\", \"every\" and \"none\"";

	if (!r->list)
		expected = r->optional ? "an object or null" :
		    "an object (it is never null)";
	err_set(scope->err, ERR_BAD_OPTIONS, "relation \"%s\" of %s is %s "
	    "where %s was expected", r->name, r->model->name,
	    json_kind(value), expected);
	return NULL;
}

/* The condition on rows of the other model. */
static struct filter *
read_inside(struct filter_scope *scope, const struct schema_relation *r,
    const struct quantifier *q, json_object *value)
{
	struct filter *f;

	if (scope->depth == FILTER_DEPTH_MAX) {
		err_set(scope->err, ERR_LIMIT, "conditions follow more than "
		    "%d relations, the last of them \"%s\" of %s",
		    FILTER_DEPTH_MAX, r->name, r->model->name);
		return NULL;
	}
	scope->depth++;
	f = filter_where(scope, r->target, value, q->name);
	scope->depth--;
	return f;
}

static struct filter *
read_quantified(struct filter_scope *scope, const struct schema_relation *r,
    const struct quantifier *q, json_object *value)
{
	struct filter *f;

	if (value == NULL && !r->list && r->optional) {
		f = unrelated(scope, r);
	} else if (value == NULL && !r->list) {
		return refuse_related(scope, r, value);
	} else {
		f = read_inside(scope, r, q, value);
		if (f != NULL && q->not_inside)
			f = filter_not(scope, f);
		if (f != NULL)
			f = filter_related(scope, r, f);
	}
	return f != NULL && q->not_outside ? filter_not(scope, f) : f;
}

static struct filter *
unknown_quantifier(struct filter_scope *scope,
    const struct schema_relation *r, const char *name)
{
	err_set(scope->err, ERR_BAD_OPTIONS, "unknown filter \"%.*s\" on "
	    "relation \"%s\" of %s, which takes %s",
	    (int)utf8_prefix(name, strnlen(name, SHOWN_MAX)), name, r->name,
	    r->model->name, r->list ? "\"some\", \"every\" and \"none\"" :
	    "\"is\" and \"isNot\", or fields of it without these");
	return NULL;
}

static struct filter *
read_quantifiers(struct filter_scope *scope, const struct schema_relation *r,
    json_object *object)
{
	struct filter **parts = filter_parts(scope,
	    (size_t)json_object_object_length(object));
	size_t n = 0;

	if (parts == NULL)
		return NULL;
	json_object_object_foreach(object, name, value) {
		const struct quantifier *q = find_quantifier(r, name);

		if (q == NULL)
			return unknown_quantifier(scope, r, name);
		parts[n] = read_quantified(scope, r, q, value);
		if (parts[n++] == NULL)
			return NULL;
	}
	return filter_join(scope, FILTER_AND, parts, n);
}

struct filter *
filter_relation(struct filter_scope *scope, const struct schema_relation *r,
    json_object *value)
{
	static const struct quantifier *const is = &quantifiers[3];
	bool object = json_object_is_type(value, json_type_object);

	if (!object && (r->list || value != NULL))
		return refuse_related(scope, r, value);
	if (r->list || (object && (json_object_object_length(value) == 0 ||
	    json_object_object_get_ex(value, "is", NULL) ||
	    json_object_object_get_ex(value, "isNot", NULL))))
		return read_quantifiers(scope, r, value);
	return read_quantified(scope, r, is, value);
}
