/* Reading a schema as a whole, and finding things in it. */
#include "model/schema.h"

#include <stdlib.h>
#include <string.h>

#include "model/schema_ast.h"
#include "model/schema_resolve.h"

static const char *const scalar_names[] = {
	[SCALAR_STRING] = "String",
	[SCALAR_BOOLEAN] = "Boolean",
	[SCALAR_INT] = "Int",
	[SCALAR_BIGINT] = "BigInt",
	[SCALAR_FLOAT] = "Float",
	[SCALAR_DECIMAL] = "Decimal",
	[SCALAR_DATETIME] = "DateTime",
	[SCALAR_JSON] = "Json",
	[SCALAR_BYTES] = "Bytes",
	[SCALAR_ENUM] = "enum",
	[SCALAR_UNSUPPORTED] = "Unsupported",
};
_Static_assert(sizeof(scalar_names) / sizeof(scalar_names[0]) == SCALAR_TYPES,
    "each type has a name");

const char *
scalar_type_name(enum scalar_type type)
{
	return scalar_names[type];
}

/* Names are looked up only in a tree that could be read whole. */
static void
read_into(struct schema *s, const struct schema_source *source)
{
	struct ast ast;
	struct resolver r = {
		.ast = &ast, .schema = s, .work = source->nodes,
		.faults = source->faults,
	};

	schema_parse(source, &ast);
	if (!schema_faults_any(source->faults))
		schema_resolve(&r);
}

struct schema *
schema_read(const char *name, const char *text, size_t len,
    void (*fault)(void *ctx, const char *line), void *ctx)
{
	struct schema_faults faults;
	struct schema *s;
	struct arena work;
	struct schema_source source = {
		.text = text, .len = len, .nodes = &work, .faults = &faults,
	};

	arena_init(&work);
	schema_faults_init(&faults, &work);
	s = schema_fault_memory(&faults, calloc(1, sizeof(*s)));
	if (s != NULL) {
		arena_init(&s->arena);
		source.texts = &s->arena;
		read_into(s, &source);
	}
	schema_faults_tell(&faults, name, fault, ctx);
	if (schema_faults_any(&faults))
		schema_free(&s);
	arena_fini(&work);
	return s;
}

void
schema_free(struct schema **s)
{
	if (*s == NULL)
		return;
	arena_fini(&(*s)->arena);
	free(*s);
	*s = NULL;
}

bool
schema_has_type(const struct schema *s, const char *name)
{
	return schema_type(s, name, strlen(name)) != NULL;
}

size_t
schema_nmodels(const struct schema *s)
{
	return s->nmodels;
}

const struct schema_model *
schema_model_at(const struct schema *s, size_t i)
{
	return &s->models[i];
}

static bool
is_named(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && memcmp(name, word, len) == 0;
}

const struct schema_model *
schema_model(const struct schema *s, const char *name, size_t len)
{
	const struct schema_type *type = schema_type(s, name, len);

	if (type == NULL || type->model == NULL || type->model->ignored)
		return NULL;
	return type->model;
}

const struct schema_field *
schema_field(const struct schema_model *m, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < m->nfields; i++)
		if (is_named(m->fields[i].name, name, len))
			return m->fields[i].ignored ? NULL : &m->fields[i];
	return NULL;
}

const struct schema_relation *
schema_relation(const struct schema_model *m, const char *name, size_t len)
{
	const struct schema_relation *r = m->relations;
	size_t i;

	for (i = 0; i < m->nrelations; i++)
		if (is_named(r[i].name, name, len))
			return r[i].ignored ? NULL : &r[i];
	return NULL;
}
