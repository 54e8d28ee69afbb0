/*
 * Is this one SELECT that only reads?  The database's own read-only session
 * is the wall behind this; here is where an admin is told why.
 */
#ifndef MODEL_SQL_JUDGE_H
#define MODEL_SQL_JUDGE_H

#include <stddef.h>

#include "model/sql_token.h"

struct sql_reason {
	unsigned int line;
	char text[160];		/* what, expected what */
};

/*
 * tokens[0..n) without comments, the last one an END.  0, or -1 with the
 * first reason against it.
 */
int sql_judge(const struct sql_token *tokens, size_t n,
    struct sql_reason *out) MUST_CHECK;

#endif
