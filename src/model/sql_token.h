/*
 * SQL text of an admin's file as tokens, exactly as the database will see
 * them.  Databases differ in where a text, a name or a comment ends; a file
 * is read in its database's way, and where that is not known, whatever could
 * be read in two ways is refused.
 */
#ifndef MODEL_SQL_TOKEN_H
#define MODEL_SQL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "model/dialect.h"

enum sql_token_kind {
	SQL_TOKEN_END,
	SQL_TOKEN_BAD,		/* the lexer's why says it */
	SQL_TOKEN_COMMENT,	/* from "--" to the end of its line */
	SQL_TOKEN_WORD,		/* keyword or name */
	SQL_TOKEN_NAME,		/* a name in quotes, with them */
	SQL_TOKEN_TEXT,		/* a text in quotes, with them */
	SQL_TOKEN_NUMBER,
	SQL_TOKEN_PARAMETER,	/* ":name" */
	SQL_TOKEN_MARK,		/* operator or punctuation: "::", "(" */
};

struct sql_token {
	enum sql_token_kind kind;
	const char *text;
	size_t len;
	unsigned int line;	/* of its first character */
	unsigned int last_line;	/* of its last one */
	bool blank;		/* a blank or a comment is in front of it */
};

struct sql_lexer {
	const char *next, *end;
	unsigned int line;
	const struct sql_reading *reading;
	enum sql_token_kind last;	/* but for comments */
	const char *why;		/* after BAD: what, expected what */
};

/*
 * Begin with text[0..len), which is UTF-8 without NUL.  d NULL: the database
 * is not known yet.
 */
void sql_lexer_init(struct sql_lexer *l, const struct dialect *d,
    const char *text, size_t len);

/* The next token; after END or BAD there is none. */
struct sql_token sql_lexer_next(struct sql_lexer *l);

/* Is it this mark, this word in any case? */
bool sql_token_is(const struct sql_token *t, const char *what);

#endif
