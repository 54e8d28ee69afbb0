/*
 * What the tests of statements share: a schema, plans of its models, and a
 * small engine that runs a plan's statements wherever the caller says and
 * makes a text of the rows.
 */
#ifndef SQL_KIT_H
#define SQL_KIT_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/plan.h"
#include "model/sql.h"

void sql_kit_setup(void);
void sql_kit_teardown(void);

/* Statement i that makes the tables and their rows; false: there is none. */
bool sql_kit_seed(const struct dialect *d, size_t i, struct buf *out);

/* Filters of the collector: JSON for Author and for Book, or NULL. */
void sql_kit_force(const char *author, const char *book);

/* The plan must be made; the caller frees it. */
struct plan *sql_kit_plan(const char *model, const char *options);

/*
 * Runs a statement; calls row() with each row, whose text is valid until it
 * returns.  0, or -1 with the reason in err.
 */
struct sql_kit_db {
	const struct dialect *dialect;
	int (*run)(void *ctx, const struct sql *sql,
	    const struct schema_field *const *columns, size_t ncolumns,
	    void (*row)(void *rows, const struct value *values), void *rows,
	    struct err *err);
	void *ctx;
	uint64_t page;		/* rows of one statement; PLAN_ALL = any */
};

/*
 * The rows of a plan: the first column shown of each, relations behind in
 * brackets, counts as numbers: "1[2 3] 4[]".  An error is its text.
 */
void sql_kit_rows(const struct sql_kit_db *db, const struct plan *plan,
    struct buf *out);

#endif
