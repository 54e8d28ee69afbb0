/* What the files of the plan share while one is made. */
#ifndef MODEL_PLAN_BUILD_H
#define MODEL_PLAN_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "model/arena.h"
#include "model/filter_read.h"
#include "model/plan.h"

struct json_object;

struct plan_build {
	const struct collector *collector;
	const struct plan_limits *limits;
	struct arena *arena;	/* of everything in the plan */
	struct plan *plan;
	struct err *err;
	struct filter_scope scope;	/* of the level being read */
};

/* A relation asked for, and what is asked of it (NULL = everything). */
struct plan_wish {
	const struct schema_relation *relation;
	bool count;			/* only how many there are */
	struct json_object *options;
};

/* What one level shows; the arrays have room for all of the model. */
struct plan_choice {
	size_t nfields, nwishes;
	const struct schema_field **fields;
	struct plan_wish *wishes;
};

/* A name as a client wrote it. */
struct plan_name {
	const char *text;
	size_t len;
};

/* The options that say together what is shown; NULL = not there. */
struct plan_shape {
	struct json_object *select, *include, *omit;
};

/*
 * plan_choose.c: read all options of one level: the node's rows, and what it
 * shows.  options: an object, or NULL for everything.  0, or -1 with the
 * refusal in b->err, as in all functions here.
 */
int plan_choose(struct plan_build *b, struct plan_node *node,
    struct json_object *options, struct plan_choice *out) MUST_CHECK;

/* plan_select.c: which members are shown.  NULL: all scalar fields. */
int plan_select(struct plan_build *b, const struct plan_node *node,
    const struct plan_shape *shape, struct plan_choice *out) MUST_CHECK;

/* Would JavaScript take the value for true? */
bool plan_is_true(struct json_object *value);

/* plan_page.c: which of the rows.  value is never missing, maybe null. */
int plan_where(struct plan_build *b, struct plan_node *node,
    struct json_object *value) MUST_CHECK;
int plan_cursor(struct plan_build *b, struct plan_node *node,
    struct json_object *value) MUST_CHECK;
int plan_distinct(struct plan_build *b, struct plan_node *node,
    struct json_object *value) MUST_CHECK;
int plan_skip(struct plan_build *b, struct plan_node *node,
    struct json_object *value) MUST_CHECK;
int plan_take(struct plan_build *b, struct plan_node *node,
    struct json_object *value) MUST_CHECK;

/* plan_order.c: the keys asked for. */
int plan_order(struct plan_build *b, struct plan_node *node,
    struct json_object *value) MUST_CHECK;
/* The model's key behind them, so that the order is total. */
int plan_order_end(struct plan_build *b, struct plan_node *node) MUST_CHECK;

/*
 * plan_columns.c: columns, labels and keys of a node whose children have
 * their via and count.
 */
int plan_columns(struct plan_build *b, struct plan_node *node,
    const struct plan_choice *choice) MUST_CHECK;

/*
 * plan_name.c: fields and relations by name.  Those that clients cannot name
 * are as if not there.
 */
const struct schema_field *plan_field(const struct plan_build *b,
    const struct schema_model *m, const struct plan_name *name);
const struct schema_relation *plan_relation(const struct schema_model *m,
    const struct plan_name *name);

/* What a name may be where it stands. */
enum plan_members {
	PLAN_FIELDS = 1,
	PLAN_TO_ONE = 2,
	PLAN_TO_MANY = 4,
	PLAN_RELATIONS = PLAN_TO_ONE | PLAN_TO_MANY,
	PLAN_MEMBERS = PLAN_FIELDS | PLAN_RELATIONS
};

/* Refuse a name with its hint or the nearest of those that may stand there. */
int plan_unknown(struct plan_build *b, const struct schema_model *m,
    const struct plan_name *name, unsigned int members);

/* Precision for %.*s of a name: long ones are cut at a character border. */
int plan_shown(const struct plan_name *name);

struct plan_name plan_name(const char *text);

/* How deep relations may be nested: the lowest of all limits. */
size_t plan_depth_max(const struct plan_build *b);

int plan_no_memory(struct plan_build *b);

#endif
