/*
 * From a raw tree to models, fields and enums: each name is looked up and
 * checked here, each attribute in schema_attr.c, each pair of relation
 * members in schema_relation.c.
 */
#include "model/schema_resolve.h"

#include <stdlib.h>
#include <string.h>

/*
 * Names that cannot be a type's: they are types already, or no identifier in
 * the programs that are typed after this schema.
 */
static const char *const reserved[] = {
	"Prisma", "PrismaClient", "Unsupported", "async", "await", "break",
	"case", "catch", "class", "const", "continue", "debugger", "default",
	"delete", "do", "else", "enum", "export", "extends", "false",
	"finally", "for", "function", "if", "implements", "import", "in",
	"instanceof", "interface", "let", "new", "null", "package",
	"private", "protected", "public", "return", "static", "super",
	"switch", "this", "throw", "true", "try", "typeof", "using", "var",
	"void", "while", "with", "yield", NULL
};

/* Names that cannot be a field's: they mean something in a condition. */
static const char *const reserved_fields[] = { "AND", "NOT", "OR", NULL };

static bool
is_one_of(const char *name, const char *const *list)
{
	while (*list != NULL && strcmp(*list, name) != 0)
		list++;
	return *list != NULL;
}

/* SCALAR_TYPES when the name is none of them. */
static enum scalar_type
scalar_by_name(const char *name)
{
	enum scalar_type type;

	for (type = 0; type < SCALAR_TYPES; type++)
		if (type != SCALAR_ENUM && type != SCALAR_UNSUPPORTED &&
		    strcmp(scalar_type_name(type), name) == 0)
			break;
	return type;
}

bool
schema_is_reserved(const char *name, bool member)
{
	if (member)
		return is_one_of(name, reserved_fields);
	return scalar_by_name(name) != SCALAR_TYPES ||
	    is_one_of(name, reserved);
}

static void *
keep(struct resolver *r, size_t n, size_t size)
{
	return schema_fault_memory(r->faults,
	    arena_get(&r->schema->arena, n, size));
}

static void *
keep_for_now(struct resolver *r, size_t n, size_t size)
{
	return schema_fault_memory(r->faults, arena_get(r->work, n, size));
}

/*
 * Types
 */

static int
compare_types(const void *a, const void *b)
{
	const struct schema_type *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->at.line < y->at.line ? -1 : x->at.line > y->at.line;
}

/* A word without terminator against a name, in the order of strcmp(). */
static int
compare_word(const char *word, size_t len, const char *name)
{
	size_t name_len = strlen(name);
	int order = memcmp(word, name, len < name_len ? len : name_len);

	if (order != 0)
		return order;
	return len < name_len ? -1 : len > name_len;
}

const struct schema_type *
schema_type(const struct schema *s, const char *name, size_t len)
{
	size_t low = 0, high = s->ntypes, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = compare_word(name, len, s->types[middle].name);
		if (order == 0)
			return &s->types[middle];
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
check_types(struct resolver *r)
{
	const struct schema_type *type;
	size_t i;

	for (i = 0; i < r->schema->ntypes; i++) {
		type = &r->schema->types[i];
		if (schema_is_reserved(type->name, false))
			schema_fault(r->faults, type->at, "\"%s\" is a "
			    "reserved word, expected another name",
			    type->name);
		if (i > 0 && strcmp(type->name, type[-1].name) == 0)
			schema_fault(r->faults, type->at, "\"%s\" is there "
			    "already, in line %u, expected another name",
			    type->name, type[-1].at.line);
	}
}

/* "name is there already", when an earlier member of the list has it. */
static void
check_member_name(struct resolver *r, const struct ast_member *list,
    const struct ast_member *m)
{
	for (; list != m && strcmp(list->name, m->name) != 0;
	    list = list->next)
		;
	if (list != m)
		schema_fault(r->faults, m->at, "\"%s\" is there already, "
		    "in line %u, expected another name", m->name,
		    list->at.line);
}

static size_t
count_members(const struct ast_block *block)
{
	const struct ast_member *m;
	size_t n = 0;

	for (m = block->members; m != NULL; m = m->next)
		n++;
	return n;
}

static void
read_enum(struct resolver *r, const struct ast_block *block,
    struct schema_enum *out)
{
	struct attr_target on = { .place = ATTR_ON_VALUE };
	size_t n = count_members(block);
	const struct ast_member *m;
	const char *unused;

	out->name = block->name;
	out->doc = block->doc;
	out->values = keep(r, n, sizeof(*out->values));
	out->columns = keep(r, n, sizeof(*out->columns));
	if (r->faults->no_memory)
		return;
	if (n == 0)
		schema_fault(r->faults, block->at, "enum \"%s\" is empty, "
		    "expected at least one value", block->name);
	for (m = block->members; m != NULL; m = m->next, out->nvalues++) {
		check_member_name(r, block->members, m);
		out->values[out->nvalues] = m->name;
		out->columns[out->nvalues] = m->name;
		on.mapped = &out->columns[out->nvalues];
		schema_attrs(r, &on, m->attrs);
	}
	on.place = ATTR_ON_ENUM;
	on.mapped = &unused;	/* the database's name of the type */
	schema_attrs(r, &on, block->attrs);
}

/* Find the names of all types; enums are complete then. */
static void
declare_types(struct resolver *r)
{
	struct schema *s = r->schema;
	const struct ast_block *b;
	struct schema_type *type;
	struct schema_enum *enums;
	size_t nblocks = 0, nenums = 0;

	for (b = r->ast->blocks; b != NULL; b = b->next, nblocks++)
		nenums += b->kind == AST_ENUM;
	s->types = keep(r, nblocks, sizeof(*s->types));
	s->models = keep(r, nblocks - nenums, sizeof(*s->models));
	r->drafts = keep_for_now(r, nblocks - nenums, sizeof(*r->drafts));
	enums = keep(r, nenums, sizeof(*enums));
	if (r->faults->no_memory)
		return;
	for (b = r->ast->blocks; b != NULL; b = b->next) {
		type = &s->types[s->ntypes++];
		type->name = b->name;
		type->at = b->at;
		if (b->kind == AST_ENUM) {
			type->enumeration = enums;
			read_enum(r, b, enums++);
		} else {
			type->model = &s->models[s->nmodels];
			r->drafts[s->nmodels].ast = b;
			r->drafts[s->nmodels++].model = type->model;
		}
	}
	qsort(s->types, s->ntypes, sizeof(*s->types), compare_types);
	check_types(r);
}

/*
 * Members of models
 */

static void
unknown_type(struct resolver *r, const struct ast_member *m)
{
	struct nearest near;
	enum scalar_type type;
	size_t i;

	nearest_start(&near, m->type, strlen(m->type));
	for (type = 0; type < SCALAR_TYPES; type++)
		if (type != SCALAR_ENUM && type != SCALAR_UNSUPPORTED)
			nearest_try(&near, scalar_type_name(type));
	for (i = 0; i < r->schema->ntypes; i++)
		nearest_try(&near, r->schema->types[i].name);
	schema_fault_unknown(r->faults, m->type_at, "type", &near,
	    "a scalar type, an enum or a model");
}

static const struct schema_type *
type_of(const struct resolver *r, const struct ast_member *m)
{
	if (m->type == NULL)
		return NULL;
	return schema_type(r->schema, m->type, strlen(m->type));
}

static void
add_relation(struct resolver *r, struct draft *draft,
    const struct ast_member *m, const struct schema_model *target)
{
	size_t i = draft->model->nrelations++;
	struct schema_relation *relation = &draft->relations[i];
	struct attr_target on = {
		.place = ATTR_ON_RELATION, .draft = draft,
		.link = &draft->links[i],
	};

	relation->name = m->name;
	relation->doc = m->doc;
	relation->model = draft->model;
	relation->target = target;
	relation->list = m->list;
	relation->optional = m->optional;
	relation->line = m->at.line;
	relation->column_nr = m->at.column;
	draft->links[i].ast = m;
	draft->links[i].relation = relation;
	schema_attrs(r, &on, m->attrs);
}

static void
check_column(struct resolver *r, const struct draft *draft,
    const struct schema_field *field)
{
	const struct schema_field *other = draft->fields;
	struct schema_place at = { field->line, field->column_nr };

	for (; other != field && strcmp(other->column, field->column) != 0;
	    other++)
		;
	if (other != field)
		schema_fault(r->faults, at, "\"%s\" and \"%s\" are the same "
		    "column \"%s\", expected one field for each",
		    other->name, field->name, field->column);
}

static void
add_field(struct resolver *r, struct draft *draft,
    const struct ast_member *m, const struct schema_type *type)
{
	struct schema_field *field = &draft->fields[draft->model->nfields++];
	struct attr_target on = {
		.place = ATTR_ON_FIELD, .draft = draft, .field = field,
		.mapped = &field->column,
	};

	field->name = m->name;
	field->column = m->name;
	field->doc = m->doc;
	field->native_args[0] = -1;
	field->native_args[1] = -1;
	field->optional = m->optional;
	field->list = m->list;
	field->line = m->at.line;
	field->column_nr = m->at.column;
	if (type != NULL) {
		field->type = SCALAR_ENUM;
		field->enumeration = type->enumeration;
	} else if (m->type == NULL) {
		field->type = SCALAR_UNSUPPORTED;
	} else {
		field->type = scalar_by_name(m->type);
	}
	schema_attrs(r, &on, m->attrs);
	check_column(r, draft, field);
}

static void
add_member(struct resolver *r, struct draft *draft, const struct ast_member *m)
{
	const struct schema_type *type = type_of(r, m);

	check_member_name(r, draft->ast->members, m);
	if (schema_is_reserved(m->name, true))
		schema_fault(r->faults, m->at, "\"%s\" is a reserved word, "
		    "expected another name", m->name);
	if (type != NULL && type->model != NULL)
		add_relation(r, draft, m, type->model);
	else if (type != NULL || m->type == NULL ||
	    scalar_by_name(m->type) != SCALAR_TYPES)
		add_field(r, draft, m, type);
	else {
		unknown_type(r, m);
		draft->has_id = true;	/* who knows */
	}
}

/*
 * Models
 */

/* Memory for all that the model's block may turn out to hold. */
static void
make_room(struct resolver *r, struct draft *draft)
{
	size_t nrelations = 0, nuniques = 0;
	const struct schema_type *type;
	const struct ast_member *m;
	const struct ast_attr *attr;

	for (m = draft->ast->members; m != NULL; m = m->next) {
		type = type_of(r, m);
		nrelations += type != NULL && type->model != NULL;
		for (attr = m->attrs; attr != NULL; attr = attr->next)
			nuniques += strcmp(attr->name, "id") == 0 ||
			    strcmp(attr->name, "unique") == 0;
	}
	for (attr = draft->ast->attrs; attr != NULL; attr = attr->next)
		nuniques++;
	draft->fields = keep(r, count_members(draft->ast) - nrelations,
	    sizeof(*draft->fields));
	draft->relations = keep(r, nrelations, sizeof(*draft->relations));
	draft->links = keep_for_now(r, nrelations, sizeof(*draft->links));
	draft->uniques = keep(r, nuniques, sizeof(*draft->uniques));
	draft->model->fields = draft->fields;
	draft->model->relations = draft->relations;
	draft->model->uniques = draft->uniques;
}

/* Without @id: the first unique fields that are all there in every row. */
static void
choose_key(struct resolver *r, struct draft *draft)
{
	struct schema_model *model = draft->model;
	const struct schema_key *unique;
	size_t i, k;

	for (i = 0; i < model->nuniques && model->key.n == 0; i++) {
		unique = &model->uniques[i];
		for (k = 0; k < unique->n && !unique->fields[k]->optional; k++)
			;
		if (k == unique->n)
			model->key = *unique;
	}
	if (model->key.n == 0 && !model->view && !model->ignored &&
	    !draft->has_id)
		schema_fault(r->faults, draft->ast->at, "model \"%s\" has no "
		    "unique key, expected @id, @@id, or @unique on a "
		    "required field", model->name);
}

static void
read_model(struct resolver *r, struct draft *draft)
{
	struct schema_model *model = draft->model;
	struct attr_target on = {
		.place = ATTR_ON_MODEL, .draft = draft,
		.mapped = &model->table,
	};
	const struct ast_member *m;

	model->name = draft->ast->name;
	model->table = model->name;
	model->doc = draft->ast->doc;
	model->view = draft->ast->kind == AST_VIEW;
	model->line = draft->ast->at.line;
	model->column_nr = draft->ast->at.column;
	make_room(r, draft);
	if (r->faults->no_memory)
		return;
	for (m = draft->ast->members; m != NULL; m = m->next)
		add_member(r, draft, m);
	schema_attrs(r, &on, draft->ast->attrs);
	if (model->nfields == 0 && !draft->has_id)
		schema_fault(r->faults, draft->ast->at, "\"%s\" has no field "
		    "of its own, expected at least one", model->name);
	else
		choose_key(r, draft);
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
check_tables(struct resolver *r)
{
	const struct schema_model *all = r->schema->models, *m, *other;
	size_t i;

	for (i = 0; i < r->schema->nmodels; i++) {
		m = &all[i];
		for (other = all; other != m; other++)
			if (strcmp(m->table, other->table) == 0 &&
			    is_same_text(m->db_schema, other->db_schema))
				break;
		if (other != m)
			schema_fault(r->faults, r->drafts[i].ast->at,
			    "\"%s\" and \"%s\" are the same table \"%s\", "
			    "expected one model for each", other->name,
			    m->name, m->table);
	}
}

void
schema_resolve(struct resolver *r)
{
	size_t i;

	declare_types(r);
	for (i = 0; i < r->schema->nmodels && !r->faults->no_memory; i++)
		read_model(r, &r->drafts[i]);
	if (r->faults->no_memory)
		return;
	check_tables(r);
	/* A slip above would make faults of relations that are right. */
	if (!schema_faults_any(r->faults))
		schema_relations(r);
}
