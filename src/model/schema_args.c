/*
 * The arguments of attributes: what kinds of values there are, which argument
 * is which, and what a list of fields names.
 */
#include "model/schema_args.h"

#include <string.h>

static bool
is_word(const struct ast_value *v, const char *const *words)
{
	if (v->kind != AST_NAME)
		return false;
	while (*words != NULL && strcmp(*words, v->text) != 0)
		words++;
	return *words != NULL;
}

static bool
is_string(const struct ast_value *v)
{
	return v->kind == AST_STRING && v->text[0] != '\0';
}

static bool
is_number(const struct ast_value *v)
{
	return v->kind == AST_NUMBER;
}

static bool
is_flag(const struct ast_value *v)
{
	static const char *const words[] = { "true", "false", NULL };

	return is_word(v, words);
}

static bool
is_sort(const struct ast_value *v)
{
	static const char *const words[] = { "Asc", "Desc", NULL };

	return is_word(v, words);
}

static bool
is_action(const struct ast_value *v)
{
	static const char *const words[] = {
		"Cascade", "Restrict", "NoAction", "SetNull", "SetDefault",
		NULL
	};

	return is_word(v, words);
}

static bool
is_name(const struct ast_value *v)
{
	return v->kind == AST_NAME || v->kind == AST_CALL;
}

static bool
is_fields(const struct ast_value *v)
{
	const struct ast_arg *item;

	if (v->kind != AST_LIST || v->items == NULL)
		return false;
	for (item = v->items; item != NULL; item = item->next)
		if (item->name != NULL || !is_name(item->value))
			return false;
	return true;
}

static bool
is_any(const struct ast_value *v)
{
	return v != NULL;
}

static const struct {
	bool (*fits)(const struct ast_value *v);
	const char *expected;
} arg_kinds[ARG_KINDS] = {
	[ARG_STRING] = { is_string, "a string that is not empty" },
	[ARG_NUMBER] = { is_number, "a number" },
	[ARG_FLAG] = { is_flag, "true or false" },
	[ARG_SORT] = { is_sort, "Asc or Desc" },
	[ARG_ACTION] = { is_action,
	    "Cascade, Restrict, NoAction, SetNull or SetDefault" },
	[ARG_NAME] = { is_name, "a name" },
	[ARG_FIELDS] = { is_fields, "a list of fields such as [a, b]" },
	[ARG_ANY] = { is_any, "a value" },
};

/* The place of an argument in its rules; -1 = it has none, which is told. */
static int
find_arg(struct resolver *r, const struct ast_arg *arg,
    const struct arg_rule *rules)
{
	struct nearest near;
	int i;

	if (arg->name == NULL) {
		if (rules[0].name != NULL && rules[0].bare)
			return 0;
		schema_fault(r->faults, arg->at, "a value without a name, "
		    "expected %s", rules[0].name != NULL ?
		    "\"name: value\"" : "no argument");
		return -1;
	}
	nearest_start(&near, arg->name, strlen(arg->name));
	for (i = 0; rules[i].name != NULL; i++) {
		if (strcmp(rules[i].name, arg->name) == 0)
			return i;
		nearest_try(&near, rules[i].name);
	}
	schema_fault_unknown(r->faults, arg->at, "argument", &near,
	    i > 0 ? "one that is defined here" : "none here");
	return -1;
}

bool
schema_arg_fits(enum arg_kind kind, const struct ast_value *v)
{
	return arg_kinds[kind].fits(v);
}

int
schema_args(struct resolver *r, const struct ast_arg *args,
    const struct arg_rule *rules, const struct ast_value **out)
{
	int i, ok = 0;

	for (; args != NULL; args = args->next) {
		i = find_arg(r, args, rules);
		if (i < 0) {
			ok = -1;
		} else if (out[i] != NULL) {
			schema_fault(r->faults, args->at, "argument \"%s\" is "
			    "given twice, expected it once", rules[i].name);
			ok = -1;
		} else if (!schema_arg_fits(rules[i].kind, args->value)) {
			schema_fault(r->faults, args->value->at,
			    "unusable value of \"%s\", expected %s",
			    rules[i].name, arg_kinds[rules[i].kind].expected);
			ok = -1;
		} else {
			out[i] = args->value;
		}
	}
	return ok;
}

/*
 * Lists of fields
 */

static const struct schema_field *
find_field(struct resolver *r, const struct draft *draft,
    const struct ast_value *item)
{
	const struct schema_model *m = draft->model;
	struct nearest near;
	size_t i;

	nearest_start(&near, item->text, strlen(item->text));
	for (i = 0; i < m->nfields; i++) {
		if (strcmp(m->fields[i].name, item->text) == 0)
			return &m->fields[i];
		nearest_try(&near, m->fields[i].name);
	}
	for (i = 0; i < m->nrelations; i++) {
		if (strcmp(m->relations[i].name, item->text) != 0)
			continue;
		schema_fault(r->faults, item->at, "\"%s\" is a relation, "
		    "expected fields that hold values", item->text);
		return NULL;
	}
	schema_fault_unknown(r->faults, item->at, "field", &near,
	    "a field of the model");
	return NULL;
}

int
schema_arg_fields(struct resolver *r, const struct draft *draft,
    const struct ast_value *list, struct schema_key *out)
{
	/* Of a field in an index: name(sort: Desc). */
	static const struct arg_rule rules[] = {
		{ "sort", ARG_SORT, false, false },
		{ "length", ARG_NUMBER, false, false },
		{ "ops", ARG_NAME, false, false },
		{ NULL, ARG_ANY, false, false }
	};
	const struct ast_value *args[SCHEMA_ARGS_MAX] = { NULL };
	const struct schema_field *field;
	const struct ast_arg *item;
	int ok = 0;
	size_t i;

	out->n = 0;
	for (item = list->items; item != NULL; item = item->next) {
		memset(args, 0, sizeof(args));
		field = find_field(r, draft, item->value);
		if (schema_args(r, item->value->items, rules, args) != 0 ||
		    field == NULL) {
			ok = -1;
			continue;
		}
		for (i = 0; i < out->n && out->fields[i] != field; i++)
			;
		if (i < out->n || out->n == SCHEMA_KEY_MAX) {
			schema_fault(r->faults, item->at, "\"%s\" is %s, "
			    "expected at most %d different fields",
			    field->name, i < out->n ? "named twice" :
			    "one field too many", SCHEMA_KEY_MAX);
			return -1;
		}
		out->fields[out->n++] = field;
	}
	return ok;
}
