/* The engine: a plan becomes queries, and their rows one answer. */
#ifndef COLLECTOR_FETCH_H
#define COLLECTOR_FETCH_H

#include <stddef.h>

#include "base/err.h"
#include "collector/writer.h"
#include "db/db.h"
#include "model/plan.h"

struct fetch_params {
	struct db *db;
	const struct dialect *dialect;	/* of db */
	const struct plan *plan;
	struct writer *writer;		/* begun */
	size_t batch_rows;		/* of a node, at once in memory */
	size_t batch_bytes;		/* of rows, at once in memory */
};

/*
 * Write all rows of the plan into the answer.  0, or -1 with the reason; what
 * rows were whole until then are in the answer.
 */
int fetch_run(const struct fetch_params *p, struct err *err) MUST_CHECK;

#endif
