/*
 * Loading the rows below a batch: for each relation the distinct keys are
 * collected and asked for by lists, and so on down the tree.
 */
#ifndef COLLECTOR_RELATED_H
#define COLLECTOR_RELATED_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/pager.h"
#include "collector/rowset.h"

enum related {
	RELATED_ALL,
	RELATED_TOO_MUCH,	/* more than batch_bytes */
	RELATED_FAILED		/* the reason is in f->err */
};

/* Load all that is below rows lo to hi of rs into its children. */
enum related related_load(struct fetch *f, struct rowset *rs, size_t lo,
    size_t hi);

/* Load only the counts of row i; its other children are emptied.  0 or -1. */
int related_counts(struct fetch *f, struct rowset *rs, size_t i) MUST_CHECK;

/*
 * May row i of rs have rows in its j-th relation?  Not without a key; and of
 * a relation with a cursor only the parent of the cursor's row.  1, 0 or -1.
 */
int related_may_have(struct fetch *f, const struct rowset *rs, size_t i,
    size_t j) MUST_CHECK;

#endif
