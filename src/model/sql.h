/*
 * Stop 9: plan and dialect to SQL text with placeholders.  The only thing
 * that can be written here is a SELECT; a client's value is never pasted.
 */
#ifndef MODEL_SQL_H
#define MODEL_SQL_H

#include <stddef.h>

#include "base/buf.h"
#include "model/dialect.h"
#include "model/plan.h"

/*
 * Rows of a node in primary-key order, into an empty buffer:
 *
 *	nkeys = 0	all rows of the table (the root)
 *	nkeys > 0	rows whose key (via->to) is one of nkeys given ones:
 *			nkeys * via->to.n parameters, key by key
 *
 * limit > 0 adds the dialect's row limit.  0, or -1 out of memory.
 */
int sql_rows(struct buf *out, const struct plan_node *node,
    const struct dialect *d, size_t nkeys, size_t limit) MUST_CHECK;

#endif
