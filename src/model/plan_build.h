/* What the files of the plan share while one is made. */
#ifndef MODEL_PLAN_BUILD_H
#define MODEL_PLAN_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "model/arena.h"
#include "model/plan.h"

struct json_object;

struct plan_build {
	const struct collector *collector;
	const struct plan_limits *limits;
	struct arena *arena;	/* of everything in the plan */
	struct plan *plan;
	struct err *err;
};

/* A relation asked for, and what is asked of it (NULL = everything). */
struct plan_wish {
	const struct schema_relation *relation;
	struct json_object *options;
};

/* What one level asks for; the arrays have room for all of the model. */
struct plan_choice {
	size_t nfields, nwishes;
	const struct schema_field **fields;
	struct plan_wish *wishes;
};

/*
 * plan_choose.c: read select and include of one level.  options: an object,
 * or NULL for everything.  0, or -1 with the refusal in b->err.
 */
int plan_choose(struct plan_build *b, const struct plan_node *node,
    struct json_object *options, struct plan_choice *out) MUST_CHECK;

/*
 * plan_columns.c: columns, labels and keys of a node whose children have
 * their via.  0, or -1 out of memory.
 */
int plan_columns(struct plan_build *b, struct plan_node *node,
    const struct plan_choice *choice) MUST_CHECK;

/* Fill b->err; returns -1. */
int plan_no_memory(struct plan_build *b);

#endif
