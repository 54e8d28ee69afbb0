/*
 * The grammar of what is said about one scalar field: which operators there
 * are, which types they are for, and what they make of their value.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "model/filter_build.h"

/* Of a name in an error's sentence. */
#define SHOWN_MAX 64

/* Types as a set; uuids are a type of their own here. */
#define BIT(type) (1U << (type))
#define UUID BIT(SCALAR_TYPES)
#define WORDS (BIT(SCALAR_STRING))
#define ORDERED (WORDS | UUID | BIT(SCALAR_INT) | BIT(SCALAR_BIGINT) | \
	BIT(SCALAR_FLOAT) | BIT(SCALAR_DECIMAL) | BIT(SCALAR_DATETIME))
#define LISTED (ORDERED | BIT(SCALAR_ENUM) | BIT(SCALAR_BYTES))
#define ALL (LISTED | BIT(SCALAR_BOOLEAN) | BIT(SCALAR_JSON))

/* What is read here, and what has been said already. */
struct reading {
	struct filter_scope *scope;
	struct filter_place at;
	bool insensitive;
};

struct operator {
	const char *name;
	unsigned int types;
	struct filter *(*read)(struct reading *r, const struct operator *o,
	    json_object *value);
	enum filter_kind kind;
};

static struct filter *read_operators(struct reading *r, json_object *object,
    enum filter_kind join);

static struct filter *
condition(struct reading *r, enum filter_kind kind, size_t nvalues)
{
	struct filter *f = filter_condition(r->scope, kind, nvalues);

	if (f == NULL)
		return NULL;
	f->field = r->at.field;
	f->insensitive = r->insensitive;
	return f;
}

/* NULL can only be looked for where it can be. */
static struct filter *
read_null(struct reading *r)
{
	if (r->at.field->optional)
		return condition(r, FILTER_NULL, 0);
	filter_misfit(r->scope, &r->at, NULL,
	    "a value was expected: the field is required");
	return NULL;
}

/* One value, which is not null. */
static struct filter *
read_compared(struct reading *r, const struct operator *o, json_object *value)
{
	struct filter *f = condition(r, o->kind, 1);

	if (f == NULL ||
	    filter_operand(r->scope, &r->at, value, &f->values[0]) != 0)
		return NULL;
	return f;
}

static struct filter *
read_equals(struct reading *r, const struct operator *o, json_object *value)
{
	return value == NULL ? read_null(r) : read_compared(r, o, value);
}

/* An object of operators means that none of them is true. */
static struct filter *
read_not(struct reading *r, const struct operator *o, json_object *value)
{
	struct filter *f;

	if (!json_object_is_type(value, json_type_object)) {
		f = read_equals(r, o, value);
	} else {
		f = read_operators(r, value, FILTER_OR);
		if (f != NULL && filter_is_empty(f))
			return f;
	}
	return f == NULL ? NULL : filter_not(r->scope, f);
}

static struct filter *
read_in(struct reading *r, const struct operator *o, json_object *value)
{
	struct filter *f;
	size_t n;

	if (value == NULL)
		return read_null(r);
	if (!json_object_is_type(value, json_type_array)) {
		filter_misfit(r->scope, &r->at, value,
		    "an array was expected");
		return NULL;
	}
	n = json_object_array_length(value);
	f = condition(r, o->kind, n);
	for (size_t i = 0; f != NULL && i < n; i++)
		if (filter_operand(r->scope, &r->at,
		    json_object_array_get_idx(value, i), &f->values[i]) != 0)
			return NULL;
	return f;
}

static struct filter *
read_not_in(struct reading *r, const struct operator *o, json_object *value)
{
	struct filter *f = read_in(r, o, value);

	return f == NULL ? NULL : filter_not(r->scope, f);
}

/* It is no condition: what it says was taken before the others were read. */
static struct filter *
read_mode(struct reading *r, const struct operator *o, json_object *value)
{
	(void)o;
	(void)value;
	return filter_join(r->scope, FILTER_AND, NULL, 0);
}

static const struct operator operators[] = {
	{ "equals", ALL, read_equals, FILTER_EQUAL },
	{ "not", ALL, read_not, FILTER_EQUAL },
	{ "in", LISTED, read_in, FILTER_IN },
	{ "notIn", LISTED, read_not_in, FILTER_IN },
	{ "lt", ORDERED, read_compared, FILTER_LESS },
	{ "lte", ORDERED, read_compared, FILTER_LESS_EQUAL },
	{ "gt", ORDERED, read_compared, FILTER_GREATER },
	{ "gte", ORDERED, read_compared, FILTER_GREATER_EQUAL },
	{ "contains", WORDS, read_compared, FILTER_CONTAINS },
	{ "startsWith", WORDS, read_compared, FILTER_STARTS },
	{ "endsWith", WORDS, read_compared, FILTER_ENDS },
	{ "mode", WORDS | UUID, read_mode, FILTER_AND },
};
#define NOPERATORS (sizeof(operators) / sizeof(operators[0]))

static unsigned int
type_of(const struct schema_field *f)
{
	return filter_is_uuid(f) ? UUID : BIT(f->type);
}

/* "equals, not" and so on: those that the field takes. */
static void
offered(const struct schema_field *f, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < NOPERATORS && used < size; i++)
		if (operators[i].types & type_of(f))
			used += (size_t)snprintf(out + used, size - used,
			    "%s%s", used > 0 ? ", " : "", operators[i].name);
}

static void
refuse_operator(struct reading *r, const char *name)
{
	const struct schema_field *f = r->at.field;
	size_t len = strlen(name);
	int shown = (int)utf8_prefix(name, len < SHOWN_MAX ? len : SHOWN_MAX);
	struct nearest near;
	char list[160];

	nearest_start(&near, name, len);
	for (size_t i = 0; i < NOPERATORS; i++)
		if (operators[i].types & type_of(f))
			nearest_try(&near, operators[i].name);
	offered(f, list, sizeof(list));
	if (near.best != NULL)
		err_set(r->scope->err, ERR_BAD_OPTIONS, "unknown operator "
		    "\"%.*s\" on \"%s\" of %s; did you mean \"%s\"?", shown,
		    name, f->name, r->at.model->name, near.best);
	else
		err_set(r->scope->err, ERR_BAD_OPTIONS, "operator \"%.*s\" is "
		    "none for \"%s\" of %s, which takes %s", shown, name,
		    f->name, r->at.model->name, list);
}

static const struct operator *
find_operator(struct reading *r, const char *name)
{
	for (size_t i = 0; i < NOPERATORS; i++)
		if (operators[i].types & type_of(r->at.field) &&
		    strcmp(operators[i].name, name) == 0)
			return &operators[i];
	refuse_operator(r, name);
	return NULL;
}

/* Uuids are no texts: there is no case that could count. */
static int
set_mode(struct reading *r, json_object *value)
{
	const char *mode = "";

	if (json_object_is_type(value, json_type_string))
		mode = json_object_get_string(value);
	if (strcmp(mode, "default") != 0 && strcmp(mode, "insensitive") != 0) {
		r->at.operator = "mode";
		filter_misfit(r->scope, &r->at, value,
		    "\"default\" or \"insensitive\" was expected");
		return -1;
	}
	if (strcmp(mode, "insensitive") == 0) {
		r->scope->folded = r->at.field;
		r->insensitive = !filter_is_uuid(r->at.field);
	}
	return 0;
}

/* An object of operators, joined by AND or OR. */
static struct filter *
read_operators(struct reading *r, json_object *object, enum filter_kind join)
{
	size_t size = (size_t)json_object_object_length(object), n = 0;
	struct filter **parts = filter_parts(r->scope, size), *f;
	json_object *mode;

	if (parts == NULL)
		return NULL;
	if (type_of(r->at.field) & (WORDS | UUID) &&
	    json_object_object_get_ex(object, "mode", &mode) &&
	    set_mode(r, mode) != 0)
		return NULL;
	json_object_object_foreach(object, name, value) {
		const struct operator *o = find_operator(r, name);

		if (o == NULL)
			return NULL;
		r->at.operator = o->name;
		f = o->read(r, o, value);
		if (f == NULL)
			return NULL;
		if (!filter_is_empty(f))
			parts[n++] = f;
	}
	return filter_join(r->scope, n > 0 ? join : FILTER_AND, parts, n);
}

struct filter *
filter_field(struct filter_scope *scope, const struct schema_model *m,
    const struct schema_field *f, json_object *said)
{
	struct reading r = { .scope = scope, .at = { m, f, NULL } };

	if (f->list) {
		err_set(scope->err, ERR_BAD_OPTIONS, "\"%s\" of %s is a list, "
		    "and lists cannot be filtered here", f->name, m->name);
		return NULL;
	}
	if (json_object_is_type(said, json_type_object))
		return read_operators(&r, said, FILTER_AND);
	return read_equals(&r, &operators[0], said);
}
