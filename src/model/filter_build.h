/* What the files that read a filter share while one is made. */
#ifndef MODEL_FILTER_BUILD_H
#define MODEL_FILTER_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "model/filter_read.h"

/*
 * Parts of a filter.  Each function here returns NULL, or -1, with the
 * refusal in scope->err.
 *
 * "No condition" is an AND of no parts.  It is left out wherever parts are
 * joined, so that { OR: [{}] } has no part, and no row.
 */
bool filter_is_empty(const struct filter *f);

struct filter *filter_new(struct filter_scope *scope, enum filter_kind kind);

/* n pointers for filter_join(), which may keep them. */
struct filter **filter_parts(struct filter_scope *scope, size_t n);

/* AND or OR of those parts that are conditions; of one: that one. */
struct filter *filter_join(struct filter_scope *scope, enum filter_kind kind,
    struct filter **parts, size_t n);

/* A condition with room for its values, counted with them. */
struct filter *filter_condition(struct filter_scope *scope,
    enum filter_kind kind, size_t nvalues);

/* A row of the relation exists for which the condition is true. */
struct filter *filter_related(struct filter_scope *scope,
    const struct schema_relation *r, struct filter *condition);

/* The opposite of f, which becomes its part. */
struct filter *filter_not(struct filter_scope *scope, struct filter *f);

/*
 * The same filter, or its opposite, with each NOT moved down to a condition.
 * There a relation to one row is as unknown as the condition on that row is,
 * as in Prisma, where NOT never matches NULL; for NOT EXISTS it would do.
 */
struct filter *filter_settle(struct filter_scope *scope, struct filter *f,
    bool negated);

void filter_no_memory(struct filter_scope *scope);

/*
 * filter_read.c: an object of conditions.  what: the member or option whose
 * value it is.
 */
struct filter *filter_where(struct filter_scope *scope,
    const struct schema_model *m, struct json_object *where,
    const char *what);

/* filter_relation.c: what is said about a relation. */
struct filter *filter_relation(struct filter_scope *scope,
    const struct schema_relation *r, struct json_object *said);

/*
 * filter_field.c: what is said about a scalar field: a value that it equals,
 * null, or an object of operators.
 */
struct filter *filter_field(struct filter_scope *scope,
    const struct schema_model *m, const struct schema_field *f,
    struct json_object *said);

/* Where a value stands, for its refusal. */
struct filter_place {
	const struct schema_model *model;
	const struct schema_field *field;
	const char *operator;	/* NULL: the value of the field itself */
};

/*
 * filter_operand.c: a value as the field's type has it (filter.h).  0, or -1
 * when it is none, or null.
 */
int filter_operand(struct filter_scope *scope, const struct filter_place *at,
    struct json_object *json, struct value *out) MUST_CHECK;

/* Refuse a value: it is this where that was expected. */
void filter_misfit(struct filter_scope *scope, const struct filter_place *at,
    struct json_object *json, const char *expected);

/* Is it a column of uuids, which are no texts? */
bool filter_is_uuid(const struct schema_field *f);

#endif
