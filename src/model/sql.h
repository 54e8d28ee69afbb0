/*
 * Stop 9: plan and dialect to SQL text with placeholders.  The only thing
 * that can be written here is a SELECT; a client's value is never pasted, but
 * for numbers of rows.
 */
#ifndef MODEL_SQL_H
#define MODEL_SQL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/arena.h"
#include "model/dialect.h"
#include "model/plan.h"
#include "model/value.h"

/* A statement while it is written: text, and what its "?" stand for. */
struct sql {
	struct buf text;
	struct value *params;
	size_t nparams, size;
	struct arena arena;	/* of texts made for parameters */
};

void sql_init(struct sql *sql);
void sql_clear(struct sql *sql);	/* keeps the memory */
void sql_fini(struct sql *sql);

/* Which rows of a node, besides what the node itself asks for. */
struct sql_rows {
	const struct plan_node *node;
	/*
	 * Rows of the root: nkeys = 0.  Else rows whose own key (via->to) is
	 * one of nkeys ones, with nkeys * via->to.n values, key by key.  skip,
	 * take and distinct of the node then count for each key.
	 */
	const struct value *keys;
	size_t nkeys;
	/*
	 * Order values of the cursor's row, norder of them, from which on
	 * rows are wanted; NULL = no cursor.  In a relation the caller gives
	 * only the key of the cursor's row.
	 */
	const struct value *from;
	/* The same of the last row read, behind which to go on; or NULL. */
	const struct value *after;
	uint64_t done;		/* rows read before this statement */
	uint64_t limit;		/* of this statement; PLAN_ALL = none */
	enum dialect_pack pack;	/* not for counts */
};

/* Are many keys of that kind one parameter? */
bool sql_keys_are_listed(const struct dialect *d,
    const struct schema_key *key);

/*
 * SELECT of the node's columns in the node's order.  The values of r must
 * last as long as sql->params are used.  0, or -1 with INTERNAL (memory) or
 * BAD_OPTIONS (the dialect cannot do what is asked: it is named).
 */
int sql_rows(struct sql *sql, const struct sql_rows *r,
    const struct dialect *d, struct err *err) MUST_CHECK;

/*
 * The row that the node's cursor means: its order values, norder of them,
 * whose fields are put into columns_out.
 */
int sql_cursor(struct sql *sql, const struct plan_node *node,
    const struct dialect *d, const struct schema_field **columns_out,
    struct err *err) MUST_CHECK;

#endif
