/*
 * What "@" and "@@" say: one table of attributes, each with the places where
 * it may stand, its arguments, and the function that applies it.
 */
#include "model/schema_resolve.h"

#include <string.h>

#include "base/num.h"
#include "model/schema_args.h"

/* An attribute in use: arguments as its rule lists them, NULL = not given. */
struct attr_use {
	struct resolver *r;
	const struct attr_target *on;
	const struct ast_attr *attr;
	const struct ast_value *args[SCHEMA_ARGS_MAX];
};

struct attr_rule {
	const char *name;
	unsigned int places;	/* enum attr_place, or'ed */
	bool repeats;		/* may stand more than once */
	const struct arg_rule *args;
	void (*apply)(const struct attr_use *use);
};

/*
 * Keys
 */

/* Rows can be told apart by what can be fetched and compared. */
static bool
is_usable_key(const struct schema_key *key)
{
	size_t i;

	for (i = 0; i < key->n; i++)
		if (key->fields[i]->type == SCALAR_UNSUPPORTED ||
		    key->fields[i]->list)
			return false;
	return true;
}

static void
add_unique(struct draft *draft, const struct schema_key *key)
{
	size_t i = draft->model->nuniques;

	if (!is_usable_key(key))
		return;
	draft->uniques[i] = *key;
	draft->model->nuniques = i + 1;
}

static void
set_key(const struct attr_use *use, const struct schema_key *key)
{
	struct draft *draft = use->on->draft;
	size_t i;

	if (draft->has_id) {
		schema_fault(use->r->faults, use->attr->at, "a second primary "
		    "key, expected one @id or @@id");
		return;
	}
	draft->has_id = true;
	for (i = 0; i < key->n; i++)
		if (key->fields[i]->optional || key->fields[i]->list) {
			schema_fault(use->r->faults, use->attr->at,
			    "\"%s\" cannot be in a primary key, expected a "
			    "type without \"?\" or \"[]\"",
			    key->fields[i]->name);
			return;
		}
	if (is_usable_key(key))
		draft->model->key = *key;
	add_unique(draft, key);
}

static void
apply_id(const struct attr_use *use)
{
	struct schema_key key = { 1, { use->on->field } };

	use->on->field->id = true;
	set_key(use, &key);
}

static void
apply_unique(const struct attr_use *use)
{
	struct schema_key key = { 1, { use->on->field } };

	use->on->field->unique = true;
	add_unique(use->on->draft, &key);
}

static struct schema_field *
sole_field(const struct draft *draft, const struct schema_key *key)
{
	return &draft->fields[key->fields[0] - draft->model->fields];
}

static void
apply_block_id(const struct attr_use *use)
{
	struct draft *draft = use->on->draft;
	struct schema_key key;

	if (schema_arg_fields(use->r, draft, use->args[0], &key) != 0) {
		draft->has_id = true;
		return;
	}
	if (key.n == 1)
		sole_field(draft, &key)->id = true;
	set_key(use, &key);
}

static void
apply_block_unique(const struct attr_use *use)
{
	struct draft *draft = use->on->draft;
	struct schema_key key;

	if (schema_arg_fields(use->r, draft, use->args[0], &key) != 0)
		return;
	if (key.n == 1)
		sole_field(draft, &key)->unique = true;
	add_unique(draft, &key);
}

/* An index tells us nothing; that its fields exist is checked. */
static void
apply_index(const struct attr_use *use)
{
	struct schema_key key;

	(void)schema_arg_fields(use->r, use->on->draft, use->args[0], &key);
}

/*
 * The other attributes
 */

static void
apply_map(const struct attr_use *use)
{
	*use->on->mapped = use->args[0]->text;
}

static void
apply_db_schema(const struct attr_use *use)
{
	if (use->on->place == ATTR_ON_MODEL)
		use->on->draft->model->db_schema = use->args[0]->text;
}

static void
apply_ignore(const struct attr_use *use)
{
	if (use->on->place == ATTR_ON_MODEL)
		use->on->draft->model->ignored = true;
	else if (use->on->place == ATTR_ON_RELATION)
		use->on->link->relation->ignored = true;
	else
		use->on->field->ignored = true;
}

static void
apply_updated_at(const struct attr_use *use)
{
	if (use->on->field->type != SCALAR_DATETIME || use->on->field->list)
		schema_fault(use->r->faults, use->attr->at, "@updatedAt on "
		    "\"%s\", expected a field of type DateTime",
		    use->on->field->name);
}

static bool
is_value_of(const struct schema_enum *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->nvalues; i++)
		if (strcmp(e->values[i], name) == 0)
			return true;
	return false;
}

/* One default value, or an element of a list of them. */
static void
check_default(const struct attr_use *use, const struct ast_value *v)
{
	static const enum ast_value_kind literals[SCALAR_TYPES] = {
		[SCALAR_STRING] = AST_STRING, [SCALAR_JSON] = AST_STRING,
		[SCALAR_BYTES] = AST_STRING, [SCALAR_DATETIME] = AST_STRING,
		[SCALAR_INT] = AST_NUMBER, [SCALAR_BIGINT] = AST_NUMBER,
		[SCALAR_FLOAT] = AST_NUMBER, [SCALAR_DECIMAL] = AST_NUMBER,
		[SCALAR_BOOLEAN] = AST_NAME, [SCALAR_ENUM] = AST_NAME,
		[SCALAR_UNSUPPORTED] = AST_CALL,
	};
	const struct schema_field *field = use->on->field;
	const struct ast_arg *item;
	bool ok = v->kind == AST_CALL || v->kind == literals[field->type];

	if (v->kind == AST_LIST && field->list) {
		for (item = v->items; item != NULL; item = item->next)
			check_default(use, item->value);
		return;
	}
	if (ok && field->type == SCALAR_BOOLEAN && v->kind == AST_NAME)
		ok = schema_arg_fits(ARG_FLAG, v);
	if (ok && field->type == SCALAR_ENUM && v->kind == AST_NAME)
		ok = is_value_of(field->enumeration, v->text);
	if (!ok)
		schema_fault(use->r->faults, v->at, "unusable default of "
		    "\"%s\", expected a function or a value of type %s",
		    field->name, field->type == SCALAR_ENUM ?
		    field->enumeration->name : scalar_type_name(field->type));
}

static void
apply_default(const struct attr_use *use)
{
	check_default(use, use->args[0]);
}

static void
apply_relation(const struct attr_use *use)
{
	struct link *link = use->on->link;

	if (use->args[0] != NULL)
		link->relation->tag = use->args[0]->text;
	link->fields = use->args[1];
	link->references = use->args[2];
	if ((link->fields == NULL) != (link->references == NULL))
		schema_fault(use->r->faults, use->attr->at, "@relation has %s, "
		    "expected both or none", link->fields != NULL ?
		    "\"fields\" without \"references\"" :
		    "\"references\" without \"fields\"");
}

/*
 * "@db.VarChar(50)".  Any database's types are taken: which one is asked is
 * not decided by this file.
 */
static void
apply_native(const struct attr_use *use)
{
	struct schema_field *field = use->on->field;
	const struct ast_arg *arg;
	int64_t number;
	size_t n = 0;

	field->native = strchr(use->attr->name, '.') + 1;
	for (arg = use->attr->args; arg != NULL; arg = arg->next) {
		if (arg->name != NULL || n == 2 ||
		    arg->value->kind > AST_NAME) {
			schema_fault(use->r->faults, arg->at, "unusable "
			    "argument of @%s, expected at most two numbers",
			    use->attr->name);
			return;
		}
		if (arg->value->kind != AST_NUMBER) {
			n++;	/* VarChar(Max) */
			continue;
		}
		if (num_read_i64(arg->value->text, strlen(arg->value->text),
		    &number) != 0 || number < 0 || number > INT32_MAX) {
			schema_fault(use->r->faults, arg->at, "unusable "
			    "number, expected one from 0 to %d", INT32_MAX);
			return;
		}
		field->native_args[n++] = (int)number;
	}
}

/*
 * The table
 */

#define ARGS_END { NULL, ARG_ANY, false, false }
#define INDEX_ARGS							\
	{ "name", ARG_STRING, false, false },				\
	{ "map", ARG_STRING, false, false },				\
	{ "type", ARG_NAME, false, false },				\
	{ "clustered", ARG_FLAG, false, false },			\
	{ "where", ARG_ANY, false, false }

static const struct arg_rule no_args[] = { ARGS_END };

static const struct arg_rule name_args[] = {
	{ "name", ARG_STRING, true, true },
	ARGS_END
};

static const struct arg_rule db_schema_args[] = {
	{ "map", ARG_STRING, true, true },
	ARGS_END
};

static const struct arg_rule default_args[] = {
	{ "value", ARG_ANY, true, true },
	{ "map", ARG_STRING, false, false },
	ARGS_END
};

static const struct arg_rule relation_args[] = {
	{ "name", ARG_STRING, true, false },
	{ "fields", ARG_FIELDS, false, false },
	{ "references", ARG_FIELDS, false, false },
	{ "onDelete", ARG_ACTION, false, false },
	{ "onUpdate", ARG_ACTION, false, false },
	{ "map", ARG_STRING, false, false },
	ARGS_END
};

static const struct arg_rule field_key_args[] = {
	{ "map", ARG_STRING, true, false },
	{ "sort", ARG_SORT, false, false },
	{ "length", ARG_NUMBER, false, false },
	{ "clustered", ARG_FLAG, false, false },
	{ "where", ARG_ANY, false, false },
	ARGS_END
};

static const struct arg_rule block_key_args[] = {
	{ "fields", ARG_FIELDS, true, true },
	INDEX_ARGS,
	ARGS_END
};

static const struct attr_rule rules[] = {
	{ "id", ATTR_ON_FIELD, false, field_key_args, apply_id },
	{ "unique", ATTR_ON_FIELD, false, field_key_args, apply_unique },
	{ "map", ATTR_ON_FIELD | ATTR_ON_VALUE, false, name_args, apply_map },
	{ "default", ATTR_ON_FIELD, false, default_args, apply_default },
	{ "updatedAt", ATTR_ON_FIELD, false, no_args, apply_updated_at },
	{ "relation", ATTR_ON_RELATION, false, relation_args, apply_relation },
	{ "ignore", ATTR_ON_FIELD | ATTR_ON_RELATION, false, no_args,
	    apply_ignore },
	{ "id", ATTR_ON_MODEL, false, block_key_args, apply_block_id },
	{ "unique", ATTR_ON_MODEL, true, block_key_args, apply_block_unique },
	{ "index", ATTR_ON_MODEL, true, block_key_args, apply_index },
	{ "fulltext", ATTR_ON_MODEL, true, block_key_args, apply_index },
	{ "ignore", ATTR_ON_MODEL, false, no_args, apply_ignore },
	{ "map", ATTR_ON_MODEL | ATTR_ON_ENUM, false, name_args, apply_map },
	{ "schema", ATTR_ON_MODEL | ATTR_ON_ENUM, false, db_schema_args,
	    apply_db_schema },
};
#define NRULES (sizeof(rules) / sizeof(rules[0]))

static const struct attr_rule native_rule = {
	"native type", ATTR_ON_FIELD, false, NULL, apply_native
};

static const char *
place_name(enum attr_place place)
{
	switch (place) {
	case ATTR_ON_FIELD:
		return "an attribute of a field";
	case ATTR_ON_RELATION:
		return "an attribute of a relation";
	case ATTR_ON_MODEL:
		return "an attribute of a model";
	case ATTR_ON_VALUE:
		return "an attribute of an enum's value";
	case ATTR_ON_ENUM:
		return "an attribute of an enum";
	}
	return "";
}

/* "@db.X", where "db" is what the datasource is called. */
static bool
is_native(const struct resolver *r, const char *name)
{
	const char *source = r->ast->datasource;
	size_t len;

	if (source == NULL)
		source = "db";
	len = strlen(source);
	return strncmp(name, source, len) == 0 && name[len] == '.';
}

/* The rule for an attribute at this place; NULL = told that there is none. */
static const struct attr_rule *
find_rule(struct resolver *r, enum attr_place place,
    const struct ast_attr *attr)
{
	struct nearest near;
	size_t i;

	if (place == ATTR_ON_FIELD && is_native(r, attr->name))
		return &native_rule;
	nearest_start(&near, attr->name, strlen(attr->name));
	for (i = 0; i < NRULES; i++) {
		if ((rules[i].places & (unsigned int)place) == 0)
			continue;
		if (strcmp(rules[i].name, attr->name) == 0)
			return &rules[i];
		nearest_try(&near, rules[i].name);
	}
	schema_fault_unknown(r->faults, attr->at, "attribute", &near,
	    place_name(place));
	return NULL;
}

static void
apply_attr(struct resolver *r, const struct attr_target *on,
    const struct ast_attr *attr, const struct attr_rule *rule)
{
	struct attr_use use = { .r = r, .on = on, .attr = attr };
	size_t i;

	if (rule->args != NULL) {
		if (schema_args(r, attr->args, rule->args, use.args) != 0)
			return;
		for (i = 0; rule->args[i].name != NULL; i++) {
			if (!rule->args[i].required || use.args[i] != NULL)
				continue;
			schema_fault(r->faults, attr->at, "\"%s\" says "
			    "nothing, expected its argument \"%s\"",
			    attr->name, rule->args[i].name);
			return;
		}
	}
	rule->apply(&use);
}

void
schema_attrs(struct resolver *r, const struct attr_target *target,
    const struct ast_attr *list)
{
	const struct ast_attr *attr, *earlier;
	const struct attr_rule *rule;

	for (attr = list; attr != NULL; attr = attr->next) {
		rule = find_rule(r, target->place, attr);
		if (rule == NULL)
			continue;
		for (earlier = list; earlier != attr;
		    earlier = earlier->next)
			if (strcmp(earlier->name, attr->name) == 0)
				break;
		if (earlier != attr && !rule->repeats)
			schema_fault(r->faults, attr->at, "attribute \"%s\" "
			    "stands here twice, expected it once", attr->name);
		else
			apply_attr(r, target, attr, rule);
	}
}
