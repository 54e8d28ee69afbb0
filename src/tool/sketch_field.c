/* Lines for the columns and the keys of a table. */
#include "tool/sketch.h"

#include <string.h>

/* Rows can be told apart by values of this type. */
static bool
is_comparable(const struct sketch *s, const struct sketch_model *m,
    const struct catalog_column *column)
{
	struct sketch_type type = sketch_type_of(s, m, column);

	return type.type != SCALAR_UNSUPPORTED && !type.list;
}

static bool
is_usable(const struct sketch *s, const struct sketch_model *m,
    const struct catalog_key *key)
{
	for (size_t i = 0; i < key->n; i++)
		if (!is_comparable(s, m, key->columns[i]))
			return false;
	return true;
}

/* A key without which a model is none: every row has it. */
static bool
has_full_key(const struct sketch *s, const struct sketch_model *m)
{
	const struct catalog_key *key;
	size_t i, k;

	for (i = 0; i < m->table->nkeys; i++) {
		key = &m->table->keys[i];
		if (key->kind == CATALOG_INDEX || !is_usable(s, m, key))
			continue;
		for (k = 0; k < key->n && !key->columns[k]->nullable; k++)
			;
		if (k == key->n)
			return true;
	}
	return false;
}

static bool
is_sole(const struct sketch *s, const struct sketch_model *m,
    const struct catalog_column *column, enum catalog_key_kind kind)
{
	for (size_t i = 0; i < m->table->nkeys; i++)
		if (m->table->keys[i].kind == kind &&
		    m->table->keys[i].n == 1 &&
		    m->table->keys[i].columns[0] == column)
			return is_comparable(s, m, column);
	return false;
}

static const char *
type_text(struct sketch *s, const struct catalog_column *c)
{
	const struct sketch_enum *e = sketch_enum_of(s, c->enumeration);
	const char *tail = c->list ? "[]" : c->nullable ? "?" : "";

	if (c->type == SCALAR_UNSUPPORTED)
		return sketch_text(s, "Unsupported(%s)%s",
		    sketch_quoted(s, c->declared), c->nullable ? "?" : "");
	return sketch_text(s, "%s%s", e != NULL ? e->name :
	    scalar_type_name(c->type), tail);
}

static const char *
native_text(struct sketch *s, const struct catalog_column *c)
{
	if (c->native == NULL || c->type == SCALAR_UNSUPPORTED)
		return "";
	if (c->native_max)
		return sketch_text(s, " @%s.%s(Max)", s->source, c->native);
	if (c->native_args[0] == -1)
		return sketch_text(s, " @%s.%s", s->source, c->native);
	if (c->native_args[1] == -1)
		return sketch_text(s, " @%s.%s(%d)", s->source, c->native,
		    c->native_args[0]);
	return sketch_text(s, " @%s.%s(%d, %d)", s->source, c->native,
	    c->native_args[0], c->native_args[1]);
}

static void
add_field(struct sketch *s, struct sketch_model *m,
    const struct catalog_column *c, const char *name)
{
	bool id = m->old == NULL && is_sole(s, m, c, CATALOG_PRIMARY);
	bool unique = m->old == NULL && !id &&
	    is_sole(s, m, c, CATALOG_UNIQUE);
	const char *map = strcmp(name, c->name) == 0 ? "" :
	    sketch_text(s, " @map(%s)", sketch_quoted(s, c->name));
	const char *attrs = sketch_text(s, "%s%s%s%s%s",
	    id ? " @id" : "", unique ? " @unique" : "",
	    sketch_default(s, c), map, native_text(s, c));

	sketch_add(s, &m->lines, name, type_text(s, c),
	    attrs + (*attrs == ' '));
}

void
sketch_fields(struct sketch *s, struct sketch_model *m)
{
	const struct catalog_column *c;
	const struct schema_field *old;

	for (size_t i = 0; i < m->table->ncolumns; i++) {
		c = &m->table->columns[i];
		old = sketch_old_field(s, m, c);
		m->fields[i] = old != NULL ? old->name :
		    sketch_member_name(s, m, c->name, NULL, c->name);
		if (old == NULL)
			add_field(s, m, c, m->fields[i]);
	}
	m->view = m->table->view || !has_full_key(s, m);
	if (m->old == NULL && m->view && !m->table->view)
		sketch_note(s, "%s: the table has no key that every row has: "
		    "written as a view", m->name);
}

/*
 * Keys
 */

static const char *
fields_text(struct sketch *s, const struct sketch_model *m,
    const struct catalog_key *key)
{
	const char *text = "";

	for (size_t i = 0; i < key->n; i++)
		text = sketch_text(s, "%s%s%s", text, i == 0 ? "" : ", ",
		    sketch_field_name(m, key->columns[i]));
	return text;
}

static bool
is_in(const struct catalog_key *key, const struct catalog_column *column)
{
	for (size_t i = 0; i < key->n; i++)
		if (key->columns[i] == column)
			return true;
	return false;
}

static bool
is_same_key(const struct catalog_key *a, const struct catalog_key *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!is_in(b, a->columns[i]))
			return false;
	return a->n == b->n;
}

/* Does another key say as much?  The stronger one, or the first, stays. */
static bool
is_repeated(const struct sketch_model *m, const struct catalog_key *key)
{
	const struct catalog_key *other = m->table->keys;

	for (size_t i = 0; i < m->table->nkeys; i++, other++)
		if (is_same_key(other, key) && (other->kind < key->kind ||
		    (other->kind == key->kind && other < key)))
			return true;
	return false;
}

static bool
is_in_old(const struct sketch *s, const struct sketch_model *m,
    const struct catalog_key *key)
{
	const struct schema_key *old;
	size_t i, k;

	for (i = 0; i < m->old->nuniques; i++) {
		old = &m->old->uniques[i];
		for (k = 0; k < old->n; k++)
			if (!is_in(key, catalog_column(s->catalog, m->table,
			    old->fields[k]->column)))
				break;
		if (k == old->n && old->n == key->n)
			return true;
	}
	return false;
}

/*
 * What an old model says of its primary key stays; indexes mean nothing to
 * us, and are told once, for who reads the file.
 */
static void
add_key(struct sketch *s, struct sketch_model *m,
    const struct catalog_key *key)
{
	static const char *const words[] = {
		[CATALOG_PRIMARY] = "@@id",
		[CATALOG_UNIQUE] = "@@unique",
		[CATALOG_INDEX] = "@@index",
	};
	enum catalog_key_kind kind = key->kind;

	if (!is_usable(s, m, key) || is_repeated(m, key))
		return;
	if (m->old != NULL && (kind == CATALOG_INDEX || is_in_old(s, m, key)))
		return;
	if (m->old != NULL)
		kind = CATALOG_UNIQUE;
	else if (key->n == 1 && kind != CATALOG_INDEX)
		return;		/* @id or @unique of its field */
	sketch_add(s, &m->tail, sketch_text(s, "%s([%s])", words[kind],
	    fields_text(s, m, key)), "", "");
}

void
sketch_keys(struct sketch *s, struct sketch_model *m)
{
	for (size_t i = 0; i < m->table->nkeys; i++)
		add_key(s, m, &m->table->keys[i]);
	if (m->old != NULL)
		return;
	if (strcmp(m->name, m->table->name) != 0)
		sketch_add(s, &m->tail, sketch_text(s, "@@map(%s)",
		    sketch_quoted(s, m->table->name)), "", "");
	if (s->schemas)
		sketch_add(s, &m->tail, sketch_text(s, "@@schema(%s)",
		    sketch_quoted(s, m->table->schema != NULL ?
		    m->table->schema : s->catalog->here)), "", "");
}
