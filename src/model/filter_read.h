/*
 * The grammar of `where`: JSON and a model to a filter.  Refusals name the
 * member, the model and what was expected.
 */
#ifndef MODEL_FILTER_READ_H
#define MODEL_FILTER_READ_H

#include <stddef.h>

#include "base/err.h"
#include "model/arena.h"
#include "model/collector.h"
#include "model/filter.h"

struct json_object;

/*
 * Relations in relations of a condition: SQLite's parser has a stack of 100,
 * of which each takes ten or so, and PostgreSQL plans more than these for ever.
 */
#define FILTER_DEPTH_MAX 6

struct filter_scope {
	const struct collector *collector;	/* for what it withholds */
	struct arena *arena;			/* of the filter */
	size_t nparameters;	/* counted up to PLAN_PARAMETERS_MAX; a list
				 * longer than PLAN_LIST_EXPANDED_MAX is one */
	struct err *err;
	size_t depth;		/* relations above what is being read */
	/* One that mode "insensitive" was said of; NULL = none. */
	const struct schema_field *folded;
};

/*
 * where: an object; anything else is refused.  NULL with BAD_OPTIONS,
 * UNKNOWN_FIELD, LIMIT or INTERNAL in scope->err.
 */
struct filter *filter_read(struct filter_scope *scope,
    const struct schema_model *m, struct json_object *where);

/*
 * A cursor: an object with all fields of at least one unique key of the model,
 * and maybe conditions besides.
 */
struct filter *filter_read_cursor(struct filter_scope *scope,
    const struct schema_model *m, struct json_object *cursor);

/* May clients of this collector name the field? */
bool filter_shows(const struct collector *c, const struct schema_field *f);

#endif
