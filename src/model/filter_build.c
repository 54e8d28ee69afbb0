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

struct filter *
filter_not(struct filter_scope *scope, struct filter *f)
{
	struct filter *not = filter_new(scope, FILTER_NOT);
	struct filter **parts = filter_parts(scope, 1);

	if (not == NULL || parts == NULL)
		return NULL;
	parts[0] = f;
	not->parts = parts;
	not->nparts = 1;
	return not;
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
