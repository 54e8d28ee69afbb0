/* The parts of a filter: memory, joints, and how many there may be. */
#include "model/filter_build.h"

#include "model/plan.h"

void
filter_no_memory(struct filter_scope *scope)
{
	err_set(scope->err, ERR_INTERNAL, "out of memory");
}

struct filter *
filter_new(struct filter_scope *scope, enum filter_kind kind)
{
	struct filter *f = arena_get(scope->arena, 1, sizeof(*f));

	if (f == NULL)
		filter_no_memory(scope);
	else
		f->kind = kind;
	return f;
}

struct filter **
filter_parts(struct filter_scope *scope, size_t n)
{
	struct filter **parts = arena_get(scope->arena, n, sizeof(*parts));

	if (parts == NULL)
		filter_no_memory(scope);
	return parts;
}

bool
filter_is_empty(const struct filter *f)
{
	return f->kind == FILTER_AND && f->nparts == 0;
}

struct filter *
filter_join(struct filter_scope *scope, enum filter_kind kind,
    struct filter **parts, size_t n)
{
	struct filter *f;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!filter_is_empty(parts[i]))
			parts[kept++] = parts[i];
	if (kept == 1)
		return parts[0];
	f = filter_new(scope, kind);
	if (f == NULL)
		return NULL;
	f->parts = parts;
	f->nparts = kept;
	return f;
}

/* A condition without a value counts, too: it is text in a statement. */
struct filter *
filter_condition(struct filter_scope *scope, enum filter_kind kind,
    size_t nvalues)
{
	bool one = nvalues == 0 || nvalues > PLAN_LIST_EXPANDED_MAX;
	struct filter *f;

	scope->nparameters += one ? 1 : nvalues;
	if (scope->nparameters > PLAN_PARAMETERS_MAX) {
		err_set(scope->err, ERR_LIMIT, "one level has more than %d "
		    "conditions and values", PLAN_PARAMETERS_MAX);
		return NULL;
	}
	f = filter_new(scope, kind);
	if (f == NULL)
		return NULL;
	f->values = arena_get(scope->arena, nvalues, sizeof(*f->values));
	if (f->values == NULL) {
		filter_no_memory(scope);
		return NULL;
	}
	f->nvalues = nvalues;
	return f;
}

struct filter *
filter_related(struct filter_scope *scope, const struct schema_relation *r,
    struct filter *condition)
{
	struct filter *f = filter_condition(scope, FILTER_RELATED, 0);

	if (f == NULL)
		return NULL;
	f->relation = r;
	f->nparts = 1;
	f->parts = filter_parts(scope, 1);
	if (f->parts == NULL)
		return NULL;
	f->parts[0] = condition;
	return f;
}

struct filter *
filter_not(struct filter_scope *scope, struct filter *f)
{
	struct filter *not = filter_new(scope, FILTER_NOT);

	if (not == NULL)
		return NULL;
	not->parts = filter_parts(scope, 1);
	if (not->parts == NULL)
		return NULL;
	not->parts[0] = f;
	not->nparts = 1;
	return not;
}

static int
settle_parts(struct filter_scope *scope, struct filter *f, bool negated)
{
	for (size_t i = 0; i < f->nparts; i++) {
		f->parts[i] = filter_settle(scope, f->parts[i], negated);
		if (f->parts[i] == NULL)
			return -1;
	}
	return 0;
}

/* Not one row: there is none, or the condition is false for it, not NULL. */
static struct filter *
settle_missing(struct filter_scope *scope, struct filter *f)
{
	struct filter **parts = filter_parts(scope, 2);
	struct filter *any = filter_new(scope, FILTER_AND);

	if (parts == NULL || any == NULL ||
	    settle_parts(scope, f, true) != 0)
		return NULL;
	any = filter_related(scope, f->relation, any);
	if (any == NULL)
		return NULL;
	parts[0] = filter_not(scope, any);
	parts[1] = f;
	return parts[0] == NULL ? NULL :
	    filter_join(scope, FILTER_OR, parts, 2);
}

struct filter *
filter_settle(struct filter_scope *scope, struct filter *f, bool negated)
{
	if (f->kind == FILTER_NOT)
		return filter_settle(scope, f->parts[0], !negated);
	if (f->kind == FILTER_AND || f->kind == FILTER_OR) {
		if (negated)
			f->kind = f->kind == FILTER_AND ? FILTER_OR :
			    FILTER_AND;
		return settle_parts(scope, f, negated) == 0 ? f : NULL;
	}
	if (f->kind == FILTER_RELATED && negated && !f->relation->list &&
	    !filter_is_empty(f->parts[0]))
		return settle_missing(scope, f);
	if (settle_parts(scope, f, false) != 0)
		return NULL;
	return negated ? filter_not(scope, f) : f;
}
