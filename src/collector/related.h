/*
 * Loading the rows below a batch: for each relation the distinct keys are
 * collected and asked for by lists, and so on down the tree.
 */
#ifndef COLLECTOR_RELATED_H
#define COLLECTOR_RELATED_H

#include <stddef.h>

#include "collector/fetch.h"
#include "collector/rowset.h"

/* What all parts of one fetch share. */
struct fetch {
	const struct fetch_params *p;
	const struct dialect *dialect;
	struct buf sql;
	struct value *row;		/* as wide as the widest node */
	struct value *params;		/* of one query: parameters_max */
	struct rowset_index seen;	/* keys of one load */
	struct err *err;
};

enum related {
	RELATED_ALL,
	RELATED_TOO_MUCH,	/* more than batch_bytes */
	RELATED_FAILED		/* the reason is in f->err */
};

/*
 * Start the query for a node; nkeys keys are in f->params.  The statement is
 * to be given back by db_finish(); NULL: the reason is in f->err.
 */
struct db_stmt *related_start(struct fetch *f, const struct plan_node *node,
    size_t nkeys, size_t limit);

/* Load all that is below rows lo to hi of rs into its children. */
enum related related_load(struct fetch *f, struct rowset *rs, size_t lo,
    size_t hi);

/* Always -1, with INTERNAL in f->err. */
int related_no_memory(struct fetch *f);

#endif
