/* Where a schema and a database differ. */
#ifndef TOOL_DRIFT_H
#define TOOL_DRIFT_H

#include "db/catalog.h"
#include "model/schema.h"

enum drift_kind {
	DRIFT_FAULT,	/* an answer would fail or be wrong */
	DRIFT_NOTE,	/* none would, but it is not the same */
	DRIFT_MORE,	/* the database has it, the schema not */
	DRIFT_KINDS
};

struct drift {
	const struct catalog *catalog;
	const struct schema *schema;
	const char *path;		/* of the schema file */
	/*
	 * A difference: "PATH:LINE: Model.field: column "c" of table "t":
	 * what", without an end of line.
	 */
	void (*tell)(void *ctx, enum drift_kind kind, const char *line);
	void *ctx;
};

/* Tell every difference, in the order of the file. */
void drift_find(const struct drift *d);

#endif
