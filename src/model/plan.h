/*
 * What a request wants, as a tree of nodes: one node for the root, one for
 * each relation followed.  plan_read() is stop 8 of a request's life: raw
 * options and schema in, a plan or a refusal that names the fault out.
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/arena.h"
#include "model/collector.h"
#include "model/filter.h"
#include "model/schema.h"

/* A bound of ours on nesting; the conf's include_depth may be lower. */
#define PLAN_DEPTH_MAX 64
/* No limit on rows. */
#define PLAN_ALL UINT64_MAX
/* Values and conditions of one level; the rest of a statement's parameters is
 * for the keys of relations. */
#define PLAN_PARAMETERS_MAX 1000
/* A longer list of values travels as one parameter. */
#define PLAN_LIST_EXPANDED_MAX 16
/* A bound of ours on breadth: a plan takes some KiB for each node. */
#define PLAN_NODES_MAX 1000
/* Keys that a client may order by: a page's condition is their square. */
#define PLAN_ORDER_MAX 32

/*
 * A member's name as it stands in a row, encoded once: ,"name": with the
 * comma in front, which the first member of a row leaves out.
 */
struct plan_label {
	const char *text;	/* behind it so many bytes can be read, too: */
#define PLAN_LABEL_SPARE 32
	size_t len;
};

enum plan_nulls {
	PLAN_NULLS_DEFAULT,	/* the database's own way */
	PLAN_NULLS_FIRST,
	PLAN_NULLS_LAST
};

/*
 * One key of an order: a field of the node's model, a field reached through
 * to-one relations, or the number of rows of a to-many relation, which is the
 * last hop then.
 */
struct plan_order {
	size_t nhops;
	const struct schema_relation *const *hops;
	const struct schema_field *field;	/* NULL: the count */
	bool descending;
	enum plan_nulls nulls;
	bool nullable;		/* it may be NULL in some row */
	size_t column;		/* where its value is in the node's columns */
};

/* The field behind a column that is a count: an Int. */
extern const struct schema_field plan_count_field;

struct plan_node {
	/*
	 * Its filters (collector_filter()) bind every row of their models,
	 * wherever a statement reads one: sql.c sees to it.
	 */
	const struct collector *collector;
	const struct schema_model *model;
	const struct schema_relation *via;	/* NULL for the root */
	struct plan_node *parent;		/* NULL for the root */
	struct plan_label label;		/* of via; empty for the root */

	/*
	 * The columns of the node's SELECT: the first nshown are written
	 * into each row, in this order; the others are only keys.  The first
	 * nplain are columns of the table; each one behind them is the
	 * expression of the order key whose .column names it, and has that
	 * key's field, or plan_count_field.
	 */
	size_t ncolumns;
	size_t nplain;
	size_t nshown;
	const struct schema_field **columns;
	struct plan_label *labels;		/* of the first nshown */

	/*
	 * Which rows, in the meaning of findMany.  A relation to one row has
	 * where at most, and is null where that fails.
	 */
	const struct filter *where;	/* NULL = all */
	const struct filter *cursor;	/* NULL = none; finds one row or none */
	/* One of both that case shall not count in, even of no condition. */
	const struct schema_field *folded;	/* NULL = none */
	size_t ndistinct;
	const struct schema_field *const *distinct;
	uint64_t skip;
	uint64_t take;			/* PLAN_ALL = no limit */
	bool backwards;			/* take was negative: the last rows */
	/*
	 * The order, total whenever the model has a key: the key's fields are
	 * its last ones, unless they are there already.  No key is in it twice.
	 * In a relation own keys are the first ones, via->to.n of them: so rows
	 * of many keys are found in the order of an index.
	 */
	size_t norder;
	struct plan_order *order;

	/*
	 * Not rows, but how many there are: the only member of the node's row
	 * is COUNT(*) of those that belong to the parent's row, in columns[0],
	 * which is plan_count_field, with an empty label; its own keys follow.
	 * It has no order, and of the options only where.  Its label begins
	 * with ,"_count":{ where it is the first of its parent's counts, and
	 * closing is "}" in the last.
	 */
	bool count;
	const char *closing;		/* behind the value; "" else */

	/* Relations follow the scalars in a row, in request order. */
	size_t nchildren;
	struct plan_node *children;

	/*
	 * How rows of this node find their parent row: the value of column
	 * parent_keys[i] of the parent's row equals that of column own_keys[i]
	 * of this node's row, for i < via->from.n.  Unused in the root.
	 */
	size_t parent_keys[SCHEMA_KEY_MAX];
	size_t own_keys[SCHEMA_KEY_MAX];
};

struct plan {
	struct plan_node *root;
	bool attachments;	/* some column shown is Bytes, not base64 */
	bool bytes_base64;	/* Bytes are written as text */
	size_t nnodes;
};

struct plan_limits {
	size_t json_depth;	/* nesting of the options' JSON */
	size_t include_depth;	/* nesting of relations */
};

/*
 * Read options (JSON text, maybe empty) for a collector, whose defaults stand
 * for what they do not give.  NULL on a refusal:
 * BAD_OPTIONS, UNKNOWN_FIELD or LIMIT in err, its sentence naming field,
 * model and the nearest spelling; or INTERNAL when out of memory.  The plan
 * points into the schema and collector, which must outlive it.
 */
struct plan *plan_read(const struct collector *c, const char *options,
    size_t len, const struct plan_limits *limits, struct err *err);
void plan_free(struct plan **p);

/*
 * The text before, and "name": as it stands in a row, in the arena.  0, or -1
 * out of memory.
 */
int plan_label_make(struct arena *arena, const char *before, const char *name,
    struct plan_label *out) MUST_CHECK;

/* Memory that it takes. */
size_t plan_bytes(const struct plan *p);

#endif
