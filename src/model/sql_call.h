/*
 * One call of a .sql file: options in, text with placeholders and the values
 * for them out.  A client's value is never part of the text.
 */
#ifndef MODEL_SQL_CALL_H
#define MODEL_SQL_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/arena.h"
#include "model/sql.h"
#include "model/sql_file.h"

struct json_object;

struct sql_call {
	const struct sql_file *file;	/* must outlive it */
	struct sql_argument *arguments;	/* of the file's parameters */
	uint64_t skip;
	uint64_t take;			/* PLAN_ALL = no limit */
	struct arena arena;
};

/*
 * Read options (JSON text, maybe empty).  0, or -1 with BAD_OPTIONS or LIMIT,
 * naming the parameter, or INTERNAL.  sql_call_fini() either way.
 */
int sql_call_read(struct sql_call *c, const struct sql_file *f,
    const char *options, size_t len, size_t json_depth, struct err *err)
    MUST_CHECK;
void sql_call_fini(struct sql_call *c);

/*
 * A call whose values are all null: its text can be prepared, to learn the
 * columns.  0, or -1 with INTERNAL; sql_call_fini() either way.
 */
int sql_call_blank(struct sql_call *c, const struct sql_file *f,
    struct err *err) MUST_CHECK;

/*
 * The text of the call for this database, and its values, which live as long
 * as the call and sql.  0, or -1: INTERNAL, or LIMIT (too many values).
 */
int sql_call_write(const struct sql_call *c, const struct dialect *d,
    struct sql *sql, struct err *err) MUST_CHECK;

/*
 * May the database be told to skip and take?  It shall where its driver would
 * hold the rows that nobody wants, and can where the query has no word of its
 * own on that.
 */
bool sql_call_pages(const struct sql_call *c, const struct dialect *d);

/*
 * Then this goes behind the text.  max_rows: of the answer, 0 = any; one more
 * is asked for, so that the limit can be told.  0, or -1: INTERNAL.
 */
int sql_call_write_page(const struct sql_call *c, uint64_t max_rows,
    struct sql *sql, struct err *err) MUST_CHECK;

/*
 * A value of the parameter's type, or a list of such, for a call or as its
 * default.  0, or -1 with the refusal.
 */
int sql_call_argument(const struct sql_file *f,
    const struct sql_parameter *p, struct json_object *json,
    struct arena *arena, struct sql_argument *out, struct err *err)
    MUST_CHECK;

/* Is it an option here or of other collectors, and so no parameter's name? */
bool sql_call_reserves(const char *name);

#endif
