/* One call of a .sql collector: stops 8 to 11 of a request's life. */
#ifndef COLLECTOR_SQL_RUN_H
#define COLLECTOR_SQL_RUN_H

#include <stddef.h>

#include "base/err.h"
#include "collector/link.h"
#include "collector/writer.h"
#include "model/sql_file.h"

struct sql_run {
	const struct sql_file *file;
	const char *options;		/* JSON text, maybe empty */
	size_t len;
	size_t json_depth;
	struct link *link;
	struct writer *writer;		/* writer_begin() is still to come */
};

/* Write all rows into the answer.  0, or -1 with the reason. */
int sql_run(const struct sql_run *r, struct err *err) MUST_CHECK;

#endif
