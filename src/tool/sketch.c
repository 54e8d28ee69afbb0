/* What belongs together: tables and models, columns and fields, enums. */
#include "tool/sketch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
sketch_memory(struct sketch *s, void *got)
{
	if (got == NULL)
		s->no_memory = true;
	return got;
}

const char *
sketch_text(struct sketch *s, const char *fmt, ...)
{
	char *text, *kept = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len != -1) {
		kept = arena_text(&s->arena, text, (size_t)len);
		free(text);
	}
	return sketch_memory(s, kept) == NULL ? "" : kept;
}

void
sketch_note(struct sketch *s, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) != -1) {
		s->note(s->ctx, text);
		free(text);
	}
	va_end(ap);
}

/* The list doubles whenever its length is a power of two. */
void
sketch_add(struct sketch *s, struct sketch_lines *lines, const char *name,
    const char *type, const char *attrs)
{
	size_t n = lines->n;
	struct sketch_line *grown = lines->v;

	if ((n & (n - 1)) == 0) {
		grown = sketch_memory(s, arena_get(&s->arena,
		    n == 0 ? 1 : 2 * n, sizeof(*grown)));
		if (grown == NULL)
			return;
		if (n > 0)
			memcpy(grown, lines->v, n * sizeof(*grown));
		lines->v = grown;
	}
	lines->v[lines->n++] = (struct sketch_line){ name, type, attrs };
}

/*
 * Looking up
 */

struct sketch_model *
sketch_model_of(const struct sketch *s, const struct catalog_table *table)
{
	return &s->models[table - s->catalog->tables];
}

const char *
sketch_field_name(const struct sketch_model *m,
    const struct catalog_column *column)
{
	return m->fields[column - m->table->columns];
}

const struct sketch_enum *
sketch_enum_of(const struct sketch *s, const struct catalog_enum *source)
{
	for (size_t i = 0; i < s->nenums; i++)
		if (s->enums[i].source == source)
			return &s->enums[i];
	return NULL;
}

const struct schema_field *
sketch_old_field(const struct sketch *s, const struct sketch_model *m,
    const struct catalog_column *column)
{
	for (size_t i = 0; m->old != NULL && i < m->old->nfields; i++)
		if (catalog_column(s->catalog, m->table,
		    m->old->fields[i].column) == column)
			return &m->old->fields[i];
	return NULL;
}

struct sketch_type
sketch_type_of(const struct sketch *s, const struct sketch_model *m,
    const struct catalog_column *column)
{
	const struct schema_field *old = sketch_old_field(s, m, column);
	const struct sketch_enum *e = sketch_enum_of(s, column->enumeration);

	if (old != NULL)
		return (struct sketch_type){ .type = old->type,
		    .enumeration = old->enumeration == NULL ? NULL :
		    old->enumeration->name, .list = old->list,
		    .optional = old->optional };
	return (struct sketch_type){ .type = column->type,
	    .enumeration = e == NULL ? NULL : e->name, .list = column->list,
	    .optional = column->nullable };
}

/*
 * Matching
 */

static const struct schema_model *
find_old_model(const struct sketch *s, const struct catalog_table *table)
{
	const struct schema_model *m;

	for (size_t i = 0; s->old != NULL && i < schema_nmodels(s->old);
	    i++) {
		m = schema_model_at(s->old, i);
		if (catalog_table(s->catalog, m->db_schema, m->table) == table)
			return m;
	}
	return NULL;
}

static void
match_model(struct sketch *s, const struct catalog_table *table)
{
	struct sketch_model *m = &s->models[s->nmodels];
	const char *first = table->name;

	/* What needs no schema keeps the short name. */
	if (table->schema != NULL &&
	    catalog_table(s->catalog, NULL, table->name) != NULL)
		first = sketch_text(s, "%s_%s", table->schema, table->name);
	m->table = table;
	m->old = find_old_model(s, table);
	m->fields = sketch_memory(s, arena_get(&s->arena,
	    table->ncolumns, sizeof(*m->fields)));
	m->name = m->old != NULL ? m->old->name :
	    sketch_type_name(s, first, table->name);
	s->nmodels++;
}

/* The enum that the file has for a column, if a field of it is there. */
static const struct schema_enum *
find_old_enum(const struct sketch *s, const struct catalog_enum *source)
{
	const struct schema_field *f;

	for (size_t i = 0; i < s->nmodels; i++)
		for (size_t k = 0; k < s->models[i].table->ncolumns; k++) {
			const struct catalog_column *c =
			    &s->models[i].table->columns[k];

			if (c->enumeration != source)
				continue;
			f = sketch_old_field(s, &s->models[i], c);
			if (f != NULL && f->enumeration != NULL)
				return f->enumeration;
		}
	return NULL;
}

static bool
has_value(const struct schema_enum *e, const char *value)
{
	for (size_t i = 0; e != NULL && i < e->nvalues; i++)
		if (strcmp(e->columns[i], value) == 0)
			return true;
	return false;
}

static bool
has_name(const struct sketch_enum *e, const char *name)
{
	for (size_t i = 0; e->old != NULL && i < e->old->nvalues; i++)
		if (strcmp(e->old->values[i], name) == 0)
			return true;
	for (size_t i = 0; i < e->lines.n; i++)
		if (strcmp(e->lines.v[i].name, name) == 0)
			return true;
	return false;
}

static void
add_value(struct sketch *s, struct sketch_enum *e, const char *value)
{
	const char *base = sketch_identifier(s, value), *name = base;

	for (unsigned int i = 2; has_name(e, name) && !s->no_memory; i++)
		name = sketch_text(s, "%s_%u", base, i);
	sketch_add(s, &e->lines, name, "", strcmp(name, value) == 0 ? "" :
	    sketch_text(s, "@map(%s)", sketch_quoted(s, value)));
}

static void
match_enum(struct sketch *s, const struct catalog_table *table,
    const struct catalog_column *column)
{
	const struct catalog_enum *source = column->enumeration;
	struct sketch_enum *e = &s->enums[s->nenums];
	const char *own = source->name != NULL ? source->name :
	    sketch_text(s, "%s_%s", table->name, column->name);

	e->source = source;
	e->old = find_old_enum(s, source);
	e->name = e->old != NULL ? e->old->name :
	    sketch_type_name(s, own, own);
	for (size_t i = 0; i < source->nvalues; i++)
		if (!has_value(e->old, source->values[i]))
			add_value(s, e, source->values[i]);
	s->nenums++;
}

static void
match_enums(struct sketch *s)
{
	const struct catalog *c = s->catalog;
	size_t n = 0;

	for (size_t i = 0; i < c->ntables; i++)
		n += c->tables[i].ncolumns;
	s->enums = sketch_memory(s, arena_get(&s->arena, n,
	    sizeof(*s->enums)));
	for (size_t i = 0; i < c->ntables && !s->no_memory; i++)
		for (size_t k = 0; k < c->tables[i].ncolumns; k++) {
			const struct catalog_column *column =
			    &c->tables[i].columns[k];

			if (column->enumeration != NULL && sketch_enum_of(s,
			    column->enumeration) == NULL)
				match_enum(s, &c->tables[i], column);
		}
}

int
sketch_make(struct sketch *s)
{
	const struct catalog *c = s->catalog;

	arena_init(&s->arena);
	s->models = sketch_memory(s, arena_get(&s->arena, c->ntables,
	    sizeof(*s->models)));
	for (size_t i = 0; i < c->ntables && !s->no_memory; i++) {
		match_model(s, &c->tables[i]);
		s->schemas = s->schemas || c->tables[i].schema != NULL;
	}
	if (!s->no_memory)
		match_enums(s);
	for (size_t i = 0; i < s->nmodels && !s->no_memory; i++)
		sketch_fields(s, &s->models[i]);
	for (size_t i = 0; i < s->nmodels && !s->no_memory; i++)
		sketch_relations(s, &s->models[i]);
	for (size_t i = 0; i < s->nmodels && !s->no_memory; i++)
		sketch_keys(s, &s->models[i]);
	return s->no_memory ? -1 : 0;
}

void
sketch_fini(struct sketch *s)
{
	arena_fini(&s->arena);
}
