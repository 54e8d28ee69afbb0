/*
 * The words of a Prisma schema.  The lexer allocates nothing: a token's text
 * is a piece of the source.
 */
#ifndef MODEL_SCHEMA_LEX_H
#define MODEL_SCHEMA_LEX_H

#include <stddef.h>

#include "model/arena.h"
#include "model/schema_fault.h"

enum schema_token_kind {
	SCHEMA_TOKEN_END,	/* of the file */
	SCHEMA_TOKEN_LINE,	/* end of a line: it ends a member */
	SCHEMA_TOKEN_NAME,
	SCHEMA_TOKEN_STRING,	/* text: between the quotes, still escaped */
	SCHEMA_TOKEN_NUMBER,
	SCHEMA_TOKEN_DOC,	/* text: behind "///", without blanks around */
	SCHEMA_TOKEN_MARK,	/* one of { } [ ] ( ) , : = ? . @ @@ */
	SCHEMA_TOKEN_BAD	/* text: what is wrong, a sentence */
};

struct schema_token {
	enum schema_token_kind kind;
	const char *text;
	size_t len;
	struct schema_place at;
};

struct schema_lexer {
	const char *next, *end;
	struct schema_place at;		/* of *next */
};

/* The text must outlive the lexer and its tokens. */
void schema_lexer_init(struct schema_lexer *l, const char *text, size_t len);

/* The next token.  After the last one it is SCHEMA_TOKEN_END for ever. */
void schema_lexer_next(struct schema_lexer *l, struct schema_token *out);

/* The text of a string token with its escapes resolved; NULL: no memory. */
char *schema_token_string(const struct schema_token *t, struct arena *a)
    MUST_CHECK;

#endif
