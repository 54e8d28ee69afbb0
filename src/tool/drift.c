/*
 * Schema against catalogue.  What is ignored in the schema is not judged, and
 * of views neither keys nor nulls: databases do not know them.
 */
#include "tool/drift.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"

#define BIT(type) (1u << (type))
#define TEXTS (BIT(SCALAR_STRING) | BIT(SCALAR_JSON) | BIT(SCALAR_ENUM))
#define NUMBERS (BIT(SCALAR_INT) | BIT(SCALAR_BIGINT) | BIT(SCALAR_FLOAT) | \
	BIT(SCALAR_DECIMAL))

/* Columns whose values a field of the type can hold as they are. */
static const unsigned int fits[SCALAR_TYPES] = {
	[SCALAR_STRING] = BIT(SCALAR_STRING) | BIT(SCALAR_JSON) |
	    BIT(SCALAR_UNSUPPORTED),
	[SCALAR_BOOLEAN] = BIT(SCALAR_BOOLEAN),
	[SCALAR_INT] = BIT(SCALAR_INT),
	[SCALAR_BIGINT] = BIT(SCALAR_BIGINT) | BIT(SCALAR_INT),
	[SCALAR_FLOAT] = BIT(SCALAR_FLOAT) | BIT(SCALAR_INT),
	[SCALAR_DECIMAL] = BIT(SCALAR_DECIMAL) | BIT(SCALAR_INT) |
	    BIT(SCALAR_BIGINT),
	[SCALAR_DATETIME] = BIT(SCALAR_DATETIME),
	[SCALAR_JSON] = BIT(SCALAR_JSON) | BIT(SCALAR_STRING),
	[SCALAR_BYTES] = BIT(SCALAR_BYTES),
	[SCALAR_ENUM] = BIT(SCALAR_ENUM) | BIT(SCALAR_STRING),
	[SCALAR_UNSUPPORTED] = ~0u,
};

/* The same, of one family alone. */
static const unsigned int fits_here[DIALECTS][SCALAR_TYPES] = {
	/* Any column holds any value; the declared type is a hint. */
	[DIALECT_SQLITE] = {
		[SCALAR_STRING] = BIT(SCALAR_DATETIME),
		[SCALAR_BOOLEAN] = NUMBERS,
		[SCALAR_INT] = BIT(SCALAR_BOOLEAN) | BIT(SCALAR_DECIMAL),
		[SCALAR_BIGINT] = NUMBERS,
		[SCALAR_FLOAT] = NUMBERS,
		[SCALAR_DECIMAL] = NUMBERS | BIT(SCALAR_STRING),
		[SCALAR_DATETIME] = NUMBERS | BIT(SCALAR_STRING),
	},
	/* Its booleans are small integers, its enums texts. */
	[DIALECT_MARIADB] = {
		[SCALAR_STRING] = BIT(SCALAR_ENUM),
		[SCALAR_BOOLEAN] = BIT(SCALAR_INT),
		[SCALAR_INT] = BIT(SCALAR_BOOLEAN),
	},
	[DIALECT_SQLSERVER] = {
		[SCALAR_DECIMAL] = BIT(SCALAR_FLOAT),	/* money */
	},
};

/* What is being compared. */
struct place {
	const struct drift *d;
	const struct schema_model *model;
	const struct catalog_table *table;
	unsigned int line;
};

static void tell(const struct place *p, enum drift_kind kind,
    const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
tell(const struct place *p, enum drift_kind kind, const char *name,
    const char *fmt, ...)
{
	char *text, *line;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len == -1)
		return;
	if (asprintf(&line, "%s:%u: %s%s%s: %s", p->d->path, p->line,
	    p->model->name, name == NULL ? "" : ".", name == NULL ? "" : name,
	    text) != -1) {
		p->d->tell(p->d->ctx, kind, line);
		free(line);
	}
	free(text);
}

/* "; did you mean ...", or nothing. */
static void
tell_missing(const struct place *p, const char *name, const char *what,
    const struct nearest *near)
{
	tell(p, DRIFT_FAULT, name, "%s is not there, or the login may not "
	    "read it%s%s%s", what, near->best != NULL ?
	    "; did you mean \"" : "", near->best != NULL ? near->best : "",
	    near->best != NULL ? "\"?" : "");
}

/*
 * Columns
 */

static void
compare_enum(const struct place *p, const struct schema_field *f,
    const struct catalog_column *c)
{
	const struct schema_enum *e = f->enumeration;
	const struct catalog_enum *other = c->enumeration;
	size_t i, k;

	if (e == NULL || other == NULL)
		return;
	for (i = 0; i < e->nvalues; i++) {
		for (k = 0; k < other->nvalues; k++)
			if (strcmp(e->columns[i], other->values[k]) == 0)
				break;
		if (k == other->nvalues)
			tell(p, DRIFT_FAULT, f->name, "enum %s has the value "
			    "\"%s\", column \"%s\" of table \"%s\" has not",
			    e->name, e->columns[i], c->name, p->table->name);
	}
	for (i = 0; i < other->nvalues; i++) {
		for (k = 0; k < e->nvalues; k++)
			if (strcmp(e->columns[k], other->values[i]) == 0)
				break;
		if (k == e->nvalues)
			tell(p, DRIFT_FAULT, f->name, "column \"%s\" of table "
			    "\"%s\" has the value \"%s\", enum %s has not",
			    c->name, p->table->name, other->values[i],
			    e->name);
	}
}

static bool
is_fitting(const struct place *p, const struct schema_field *f,
    const struct catalog_column *c)
{
	unsigned int good = fits[f->type] |
	    fits_here[p->d->catalog->dialect->id][f->type];

	if (f->type == SCALAR_UNSUPPORTED || *c->declared == '\0')
		return true;	/* who knows */
	return f->list == c->list && (good & BIT(c->type)) != 0;
}

static bool
is_same_native(const struct schema_field *f, const struct catalog_column *c)
{
	if (f->native == NULL || c->native == NULL || c->native_max)
		return true;
	if (strcasecmp(f->native, c->native) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		if (f->native_args[i] != -1 && c->native_args[i] != -1 &&
		    f->native_args[i] != c->native_args[i])
			return false;
	return true;
}

static void
compare_column(const struct place *p, const struct schema_field *f,
    const struct catalog_column *c)
{
	const char *type = f->enumeration != NULL ? f->enumeration->name :
	    scalar_type_name(f->type);
	bool fitting = is_fitting(p, f, c);

	if (!fitting)
		tell(p, DRIFT_FAULT, f->name, "%s%s does not fit: column "
		    "\"%s\" of table \"%s\" is %s", type, f->list ? "[]" : "",
		    c->name, p->table->name, c->declared);
	else if (!is_same_native(f, c))
		tell(p, DRIFT_NOTE, f->name, "@db.%s says something else: "
		    "column \"%s\" of table \"%s\" is %s", f->native, c->name,
		    p->table->name, c->declared);
	if (fitting)
		compare_enum(p, f, c);
	if (p->table->view || f->list)
		return;
	if (c->nullable && !f->optional)
		tell(p, DRIFT_FAULT, f->name, "is required, but column \"%s\" "
		    "of table \"%s\" may be NULL: expected \"?\"", c->name,
		    p->table->name);
	else if (!c->nullable && f->optional)
		tell(p, DRIFT_NOTE, f->name, "is optional, but column \"%s\" "
		    "of table \"%s\" is never NULL", c->name, p->table->name);
}

static void
compare_field(struct place *p, const struct schema_field *f)
{
	const struct catalog_column *c = catalog_column(p->d->catalog,
	    p->table, f->column);
	struct nearest near;
	char *what;

	p->line = f->line;
	if (c != NULL) {
		compare_column(p, f, c);
		return;
	}
	nearest_start(&near, f->column, strlen(f->column));
	for (size_t i = 0; i < p->table->ncolumns; i++)
		nearest_try(&near, p->table->columns[i].name);
	if (asprintf(&what, "column \"%s\" of table \"%s\"", f->column,
	    p->table->name) != -1) {
		tell_missing(p, f->name, what, &near);
		free(what);
	}
}

/*
 * Keys
 */

static size_t
columns_of(const struct place *p, const struct schema_key *key,
    const struct catalog_column **out)
{
	size_t n = 0;

	for (size_t i = 0; i < key->n; i++) {
		out[n] = catalog_column(p->d->catalog, p->table,
		    key->fields[i]->column);
		n += out[n] != NULL;
	}
	return n;
}

/* "a, b" of the columns; what is longer is cut. */
static void
put_names(char *out, size_t size, const struct catalog_column *const *columns,
    size_t n)
{
	size_t at = 0;

	*out = '\0';
	for (size_t i = 0; i < n && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s",
		    i == 0 ? "" : ", ", columns[i]->name);
}

static void
compare_unique(struct place *p, const struct schema_key *key)
{
	const struct catalog_column *columns[SCHEMA_KEY_MAX];
	size_t n = columns_of(p, key, columns);
	char names[256];

	if (n < key->n || catalog_is_unique(p->table, columns, n))
		return;
	put_names(names, sizeof(names), columns, n);
	p->line = key->fields[0]->line;
	tell(p, DRIFT_FAULT, key->n == 1 ? key->fields[0]->name : NULL,
	    "says that (%s) is unique, table \"%s\" has no such key", names,
	    p->table->name);
}

/* A relation needs no foreign key to be read, but its rows may be missing. */
static void
compare_relation(struct place *p, const struct schema_relation *r)
{
	const struct catalog_column *columns[SCHEMA_KEY_MAX];
	const struct catalog_foreign *f;
	const struct catalog_table *target;
	size_t n = columns_of(p, &r->from, columns), i, k, m;
	char names[256];

	target = catalog_table(p->d->catalog, r->target->db_schema,
	    r->target->table);
	if (n < r->from.n || target == NULL || target->view)
		return;
	for (i = 0; i < p->table->nforeign; i++) {
		f = &p->table->foreign[i];
		for (k = 0; k < f->n; k++) {
			for (m = 0; m < n && columns[m] != f->from[k]; m++)
				;
			if (m == n)
				break;
		}
		if (k == f->n && f->n == n && f->target == target)
			return;
	}
	put_names(names, sizeof(names), columns, n);
	p->line = r->line;
	tell(p, DRIFT_NOTE, r->name, "table \"%s\" has no foreign key (%s) "
	    "to table \"%s\"", p->table->name, names, target->name);
}

/*
 * Tables
 */

static void
tell_more(struct place *p)
{
	const struct schema_model *m = p->model;
	const struct catalog_column *c;
	size_t k;

	p->line = m->line;
	for (size_t i = 0; i < p->table->ncolumns; i++) {
		c = &p->table->columns[i];
		for (k = 0; k < m->nfields; k++)
			if (catalog_column(p->d->catalog, p->table,
			    m->fields[k].column) == c)
				break;
		if (k == m->nfields)
			tell(p, DRIFT_MORE, NULL, "column \"%s\" (%s) of "
			    "table \"%s\" is not in the schema", c->name,
			    c->declared, p->table->name);
	}
}

static void
compare_model(const struct drift *d, const struct schema_model *m)
{
	struct place p = { .d = d, .model = m, .line = m->line };
	struct nearest near;
	char *what;

	p.table = catalog_table(d->catalog, m->db_schema, m->table);
	if (p.table == NULL) {
		nearest_start(&near, m->table, strlen(m->table));
		for (size_t i = 0; i < d->catalog->ntables; i++)
			nearest_try(&near, d->catalog->tables[i].name);
		if (asprintf(&what, "table \"%s\"", m->table) != -1) {
			tell_missing(&p, NULL, what, &near);
			free(what);
		}
		return;
	}
	for (size_t i = 0; i < m->nfields; i++)
		if (!m->fields[i].ignored)
			compare_field(&p, &m->fields[i]);
	for (size_t i = 0; i < m->nuniques && !p.table->view; i++)
		compare_unique(&p, &m->uniques[i]);
	for (size_t i = 0; i < m->nrelations && !p.table->view; i++)
		if (m->relations[i].holds_key && !m->relations[i].ignored)
			compare_relation(&p, &m->relations[i]);
	tell_more(&p);
}

static void
tell_more_tables(const struct drift *d)
{
	const struct schema_model *m;
	const struct catalog_table *t;
	size_t k;
	char *line;

	for (size_t i = 0; i < d->catalog->ntables; i++) {
		t = &d->catalog->tables[i];
		for (k = 0; k < schema_nmodels(d->schema); k++) {
			m = schema_model_at(d->schema, k);
			if (catalog_table(d->catalog, m->db_schema,
			    m->table) == t)
				break;
		}
		if (k < schema_nmodels(d->schema) ||
		    asprintf(&line, "%s: %s \"%s\" is not in the schema",
		    d->path, t->view ? "view" : "table", t->name) == -1)
			continue;
		d->tell(d->ctx, DRIFT_MORE, line);
		free(line);
	}
}

void
drift_find(const struct drift *d)
{
	for (size_t i = 0; i < schema_nmodels(d->schema); i++)
		if (!schema_model_at(d->schema, i)->ignored)
			compare_model(d, schema_model_at(d->schema, i));
	tell_more_tables(d);
}
