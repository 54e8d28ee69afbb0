/*
 * What a request wants, as a tree of nodes: one node for the root, one for
 * each relation followed.  plan_read() is stop 8 of a request's life: raw
 * options and schema in, a plan or a refusal that names the fault out.
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/collector.h"
#include "model/schema.h"

/* A bound of ours on nesting; the conf's include_depth may be lower. */
#define PLAN_DEPTH_MAX 64
/* A bound of ours on breadth: a plan takes some KiB for each node. */
#define PLAN_NODES_MAX 1000

/*
 * A member's name as it stands in a row, encoded once: ,"name": with the
 * comma in front, which the first member of a row leaves out.
 */
struct plan_label {
	const char *text;
	size_t len;
};

struct plan_node {
	const struct schema_model *model;
	const struct schema_relation *via;	/* NULL for the root */
	struct plan_node *parent;		/* NULL for the root */
	struct plan_label label;		/* of via; empty for the root */

	/*
	 * The columns of the node's SELECT: the first nshown are written
	 * into each row, in this order; the others are only keys.
	 */
	size_t ncolumns;
	size_t nshown;
	const struct schema_field **columns;
	struct plan_label *labels;		/* of the first nshown */

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
 * Read options (JSON text, maybe empty) for a collector.  NULL on a refusal:
 * BAD_OPTIONS, UNKNOWN_FIELD or LIMIT in err, its sentence naming field,
 * model and the nearest spelling; or INTERNAL when out of memory.  The plan
 * points into the schema and collector, which must outlive it.
 */
struct plan *plan_read(const struct collector *c, const char *options,
    size_t len, const struct plan_limits *limits, struct err *err);
void plan_free(struct plan **p);

#endif
