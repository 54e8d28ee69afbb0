/*
 * Relations: a member on both sides for each foreign key.  The side that
 * holds the key is called like its column without "Id", or like the model it
 * leads to; the other side like the model that the rows come from.
 */
#include "tool/sketch.h"

#include <string.h>

/* A foreign key between two models, while it is written. */
struct pair {
	const struct catalog_foreign *key;
	struct sketch_model *from, *to;
	const char *columns;	/* "a, b": for messages */
};

static bool
is_same_key(const struct catalog_foreign *a, const struct catalog_foreign *b)
{
	return a->target == b->target && a->n == b->n &&
	    memcmp(a->from, b->from, a->n * sizeof(a->from[0])) == 0 &&
	    memcmp(a->to, b->to, a->n * sizeof(a->to[0])) == 0;
}

static bool
is_repeated(const struct catalog_table *t, const struct catalog_foreign *key)
{
	for (const struct catalog_foreign *f = t->foreign; f != key; f++)
		if (is_same_key(f, key))
			return true;
	return false;
}

/* Is the column among those of a relation's key? */
static bool
has_column(const struct sketch *s, const struct sketch_model *m,
    const struct schema_key *key, const struct catalog_column *column)
{
	for (size_t i = 0; i < key->n; i++)
		if (catalog_column(s->catalog, m->table,
		    key->fields[i]->column) == column)
			return true;
	return false;
}

static bool
is_in_old(const struct sketch *s, const struct pair *p)
{
	const struct schema_relation *r;
	size_t i, k;

	if (p->from->old == NULL || p->to->old == NULL)
		return false;
	for (i = 0; i < p->from->old->nrelations; i++) {
		r = &p->from->old->relations[i];
		if (!r->holds_key || r->target != p->to->old ||
		    r->from.n != p->key->n)
			continue;
		for (k = 0; k < p->key->n && has_column(s, p->from, &r->from,
		    p->key->from[k]); k++)
			;
		if (k == p->key->n)
			return true;
	}
	return false;
}

/* Why no relation can be made of the key; NULL = it can. */
static const char *
find_obstacle(struct sketch *s, const struct pair *p)
{
	const struct catalog_foreign *key = p->key;
	struct sketch_type a, b;

	for (size_t i = 0; i < key->n; i++) {
		a = sketch_type_of(s, p->from, key->from[i]);
		b = sketch_type_of(s, p->to, key->to[i]);
		if (a.type == SCALAR_UNSUPPORTED || a.list || b.list)
			return "values of its type cannot be compared";
		if (a.type != b.type || (a.enumeration != NULL &&
		    strcmp(a.enumeration, b.enumeration) != 0))
			return "the types of both sides differ";
	}
	if (!catalog_is_unique(p->to->table, key->to, key->n))
		return "what it leads to is not unique";
	return NULL;
}

static bool
is_ignored(const struct sketch_model *m)
{
	return m->old != NULL && m->old->ignored;
}

static size_t
count_keys(const struct catalog_table *from, const struct catalog_table *to)
{
	size_t n = 0;

	for (size_t i = 0; i < from->nforeign; i++)
		n += from->foreign[i].target == to &&
		    !is_repeated(from, &from->foreign[i]);
	return n;
}

/* Relations between two models that only the file knows need telling, too. */
static bool
is_related_already(const struct pair *p)
{
	if (p->from->old == NULL || p->to->old == NULL)
		return false;
	for (size_t i = 0; i < p->from->old->nrelations; i++)
		if (p->from->old->relations[i].target == p->to->old)
			return true;
	return false;
}

static const char *
join(struct sketch *s, const struct sketch_model *m,
    const struct catalog_column *const *columns, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++)
		text = sketch_text(s, "%s%s%s", text, i == 0 ? "" : ", ",
		    sketch_field_name(m, columns[i]));
	return text;
}

/* What the key is about, in a word. */
static const char *
subject_of(struct sketch *s, const struct catalog_foreign *key)
{
	const char *text = key->n > 1 ? NULL :
	    sketch_without_id(s, key->from[0]->name);

	if (text != NULL)
		return text;
	text = key->from[0]->name;
	for (size_t i = 1; i < key->n; i++)
		text = sketch_text(s, "%s_%s", text, key->from[i]->name);
	return text;
}

static bool
is_optional(const struct sketch *s, const struct pair *p)
{
	for (size_t i = 0; i < p->key->n; i++)
		if (sketch_type_of(s, p->from, p->key->from[i]).optional)
			return true;
	return false;
}

/* The side with the key; its name. */
static const char *
add_to_one(struct sketch *s, const struct pair *p, const char *tag,
    bool several)
{
	const struct catalog_foreign *key = p->key;
	const char *long_name = sketch_text(s, "%s_%s", subject_of(s, key),
	    p->to->name);
	const char *own = key->n == 1 ?
	    sketch_without_id(s, key->from[0]->name) : NULL;
	const char *name = sketch_member_name(s, p->from, own != NULL ? own :
	    several ? long_name : p->to->name, long_name, "");
	/* Prisma wants to know that nothing is to be done in a circle. */
	const char *actions = s->catalog->dialect->id == DIALECT_SQLSERVER ?
	    ", onDelete: NoAction, onUpdate: NoAction" : "";

	if (*tag != '\0')
		tag = sketch_text(s, "\"%s_%s\", ", p->from->name, name);
	sketch_add(s, &p->from->lines, name, sketch_text(s, "%s%s",
	    p->to->name, is_optional(s, p) ? "?" : ""),
	    sketch_text(s, "@relation(%sfields: [%s], references: [%s]%s)",
	    tag, p->columns, join(s, p->to, key->to, key->n), actions));
	return name;
}

static void
add_opposite(struct sketch *s, const struct pair *p, const char *tag,
    bool several)
{
	const struct catalog_foreign *key = p->key;
	const char *long_name = sketch_text(s, "%s_by_%s", p->from->name,
	    subject_of(s, key));
	bool one = catalog_is_unique(p->from->table, key->from, key->n);

	sketch_add(s, &p->to->lines, sketch_member_name(s, p->to,
	    several ? long_name : p->from->name, long_name, ""),
	    sketch_text(s, "%s%s", p->from->name, one ? "?" : "[]"), tag);
}

static void
add_pair(struct sketch *s, struct pair *p)
{
	const struct catalog_table *from = p->from->table;
	const struct catalog_table *to = p->to->table;
	size_t here = count_keys(from, to);
	bool self = from == to, several = self || here > 1;
	bool tagged = several || count_keys(to, from) > 0 ||
	    is_related_already(p);
	const char *name = add_to_one(s, p, tagged ? "x" : "", several);

	add_opposite(s, p, !tagged ? "" : sketch_text(s,
	    "@relation(\"%s_%s\")", p->from->name, name), several);
}

void
sketch_relations(struct sketch *s, struct sketch_model *m)
{
	const struct catalog_table *t = m->table;
	const char *obstacle;
	struct pair p = { .from = m };

	for (size_t i = 0; i < t->nforeign && !s->no_memory; i++) {
		p.key = &t->foreign[i];
		p.to = sketch_model_of(s, p.key->target);
		p.columns = join(s, m, p.key->from, p.key->n);
		if (is_repeated(t, p.key) || is_in_old(s, &p) ||
		    is_ignored(p.from) || is_ignored(p.to))
			continue;
		obstacle = find_obstacle(s, &p);
		if (obstacle == NULL)
			add_pair(s, &p);
		else
			sketch_note(s, "%s: no relation for the foreign key "
			    "(%s) to %s: %s", m->name, p.columns, p.to->name,
			    obstacle);
	}
}
