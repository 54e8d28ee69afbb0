/*
 * The two sides of each relation: which members belong together, which side
 * holds the key, and whether the key can do what the members promise.
 */
#include "model/schema_resolve.h"

#include <string.h>

#include "model/schema_args.h"

static struct schema_place
place_of(const struct link *link)
{
	return link->ast->at;
}

static struct draft *
draft_of(const struct resolver *r, const struct schema_model *model)
{
	return &r->drafts[model - r->schema->models];
}

static bool
is_same_tag(const struct schema_relation *a, const struct schema_relation *b)
{
	if (a->tag == NULL || b->tag == NULL)
		return a->tag == b->tag;
	return strcmp(a->tag, b->tag) == 0;
}

/*
 * Members of from that lead to the model "to" under the tag of "like", which
 * itself does not count: how many, and the first.
 */
static size_t
find_mates(const struct draft *from, const struct schema_model *to,
    const struct schema_relation *like, struct link **first_out)
{
	size_t i, n = 0;

	for (i = from->model->nrelations; i-- > 0; ) {
		if (from->relations[i].target != to ||
		    &from->relations[i] == like ||
		    !is_same_tag(&from->relations[i], like))
			continue;
		*first_out = &from->links[i];
		n++;
	}
	return n;
}

static void
fault_ambiguous(struct resolver *r, const struct link *link,
    const struct link *other)
{
	const struct schema_relation *a = link->relation;

	if (a->tag == NULL)
		schema_fault(r->faults, place_of(link), "\"%s\" and \"%s\" "
		    "both lead to \"%s\" and nothing tells which opposite "
		    "side is whose, expected @relation(\"name\") on all of "
		    "them", other->relation->name, a->name, a->target->name);
	else
		schema_fault(r->faults, place_of(link), "the relation name "
		    "\"%s\" of \"%s\" is used by more than two sides, "
		    "expected another name", a->tag, a->name);
}

static void
fault_alone(struct resolver *r, const struct link *link)
{
	const struct schema_relation *a = link->relation;

	if (a->tag == NULL)
		schema_fault(r->faults, place_of(link), "relation \"%s\" has "
		    "no opposite side, expected a member of type %s in \"%s\"",
		    a->name, a->model->name, a->target->name);
	else
		schema_fault(r->faults, place_of(link), "the relation name "
		    "\"%s\" is used by \"%s\" only, expected @relation(\"%s\") "
		    "on a member of type %s in \"%s\"", a->tag, a->name,
		    a->tag, a->model->name, a->target->name);
}

/*
 * The one member that is the opposite side of this one.  NULL when there is
 * none or more than one; that is told once, at the member which is too many
 * or alone.
 */
static struct link *
find_opposite(struct resolver *r, const struct link *link)
{
	const struct schema_relation *a = link->relation;
	struct link *mate = NULL, *rival = NULL;
	bool self = a->model == a->target;
	size_t mates, rivals;

	mates = find_mates(draft_of(r, a->target), a->model, a, &mate);
	if (mates == 0) {
		fault_alone(r, link);
		return NULL;
	}
	rivals = self ? mates - 1 :
	    find_mates(draft_of(r, a->model), a->target, a, &rival);
	if (self)
		rival = mate;
	if (rivals == 0 && self && a->tag == NULL)
		rivals = 1;	/* they might be two relations */
	if (rivals > 0 && rival->relation < a)
		fault_ambiguous(r, link, rival);
	return rivals == 0 && mates == 1 ? mate : NULL;
}

/*
 * What the sides say about the key
 */

/* The side that holds the key; NULL = told why there is none. */
static struct link *
find_holder(struct resolver *r, struct link *a, struct link *b)
{
	struct link *to_one = a->relation->list ? b : a;

	if (a->fields != NULL && b->fields != NULL) {
		schema_fault(r->faults, place_of(b), "both \"%s\" and \"%s\" "
		    "have \"fields\", expected them on one side",
		    a->relation->name, b->relation->name);
		return NULL;
	}
	if (a->relation->list && b->relation->list) {
		schema_fault(r->faults, place_of(a), "\"%s\" and \"%s\" are "
		    "both lists, expected a model of its own for the table "
		    "between them, with a relation to each",
		    a->relation->name, b->relation->name);
		return NULL;
	}
	if (a->fields == NULL && b->fields == NULL) {
		schema_fault(r->faults, place_of(to_one), "neither \"%s\" nor "
		    "\"%s\" says which fields join them, expected "
		    "@relation(fields: [...], references: [...])",
		    a->relation->name, b->relation->name);
		return NULL;
	}
	if (a->fields == NULL)
		a = b;
	if (!a->relation->list)
		return a;
	schema_fault(r->faults, place_of(a), "\"%s\" is a list and has "
	    "\"fields\", expected them on \"%s\"", a->relation->name,
	    to_one->relation->name);
	return NULL;
}

static bool
is_in(const struct schema_key *key, const struct schema_field *field)
{
	size_t i;

	for (i = 0; i < key->n; i++)
		if (key->fields[i] == field)
			return true;
	return false;
}

/* Do these fields, in whatever order, name one row at most? */
static bool
is_unique(const struct schema_model *model, const struct schema_key *key)
{
	const struct schema_key *unique;
	size_t i, k;

	for (i = 0; i < model->nuniques; i++) {
		unique = &model->uniques[i];
		for (k = 0; k < unique->n && is_in(key, unique->fields[k]); k++)
			;
		if (k == unique->n && unique->n == key->n)
			return true;
	}
	return false;
}

/* Find both ends of the key, and see that each pair can be equal. */
static int
join_fields(struct resolver *r, struct link *holder)
{
	struct schema_relation *a = holder->relation;
	const struct ast_arg *item = holder->fields->items;
	const struct schema_field *from, *to;
	size_t i;
	int ok;

	ok = schema_arg_fields(r, draft_of(r, a->model), holder->fields,
	    &a->from);
	if (schema_arg_fields(r, draft_of(r, a->target), holder->references,
	    &a->to) != 0 || ok != 0)
		return -1;
	if (a->from.n != a->to.n) {
		schema_fault(r->faults, holder->references->at, "%zu fields "
		    "refer to %zu, expected as many on both sides",
		    a->from.n, a->to.n);
		return -1;
	}
	for (i = 0; i < a->from.n; i++, item = item->next) {
		from = a->from.fields[i];
		to = a->to.fields[i];
		if (from->type == to->type && from->list == to->list &&
		    from->enumeration == to->enumeration &&
		    from->type != SCALAR_UNSUPPORTED && !from->list)
			continue;
		schema_fault(r->faults, item->value->at, "\"%s\" refers to "
		    "\"%s\", expected the same type on both sides, one that "
		    "can be compared", from->name, to->name);
		ok = -1;
	}
	return ok;
}

/* Do the members promise no more than the key can keep? */
static void
check_promises(struct resolver *r, const struct link *holder,
    const struct link *other)
{
	const struct schema_relation *a = holder->relation;
	size_t i;

	if (!is_unique(a->target, &a->to))
		schema_fault(r->faults, holder->references->at, "the fields "
		    "referred to are not unique in \"%s\", expected those of "
		    "an @id, @unique, @@id or @@unique", a->target->name);
	for (i = 0; i < a->from.n; i++)
		if (a->from.fields[i]->optional && !a->optional) {
			schema_fault(r->faults, place_of(holder), "\"%s\" is "
			    "required but its field \"%s\" may be null, "
			    "expected \"?\" on both or none", a->name,
			    a->from.fields[i]->name);
			break;
		}
	if (other->relation->list)
		return;
	if (!is_unique(a->model, &a->from))
		schema_fault(r->faults, holder->fields->at, "\"%s\" is one to "
		    "one but its fields are not unique, expected @unique or "
		    "a list on the other side", a->name);
	if (!other->relation->optional)
		schema_fault(r->faults, place_of(other), "\"%s\" is required "
		    "but the other side may not exist, expected \"?\"",
		    other->relation->name);
}

static void
check_ignored(struct resolver *r, const struct link *link)
{
	const struct schema_relation *a = link->relation;

	if (a->target->ignored && !a->ignored && !a->model->ignored)
		schema_fault(r->faults, place_of(link), "\"%s\" leads to "
		    "\"%s\", which is ignored, expected @ignore", a->name,
		    a->target->name);
}

static void
join_sides(struct resolver *r, struct link *a, struct link *b)
{
	struct link *holder, *other;

	a->relation->opposite = b->relation;
	b->relation->opposite = a->relation;
	check_ignored(r, a);
	check_ignored(r, b);
	holder = find_holder(r, a, b);
	if (holder == NULL || join_fields(r, holder) != 0)
		return;
	other = holder == a ? b : a;
	holder->relation->holds_key = true;
	other->relation->from = holder->relation->to;
	other->relation->to = holder->relation->from;
	check_promises(r, holder, other);
}

void
schema_relations(struct resolver *r)
{
	struct link *link, *opposite;
	size_t i, k;

	for (i = 0; i < r->schema->nmodels; i++)
		for (k = 0; k < r->schema->models[i].nrelations; k++) {
			link = &r->drafts[i].links[k];
			if (link->relation->opposite != NULL)
				continue;
			opposite = find_opposite(r, link);
			if (opposite != NULL &&
			    opposite->relation->opposite == NULL)
				join_sides(r, link, opposite);
		}
}
