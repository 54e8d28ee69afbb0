/*
 * The tokenizer.  Each database's habits are a row of a table; text is never
 * changed here, and nothing is said about what it means.
 */
#include "model/sql_token.h"

#include <string.h>
#include <strings.h>

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define OPERATORS "+-*/<>=~!%^&|#@"

/* What to do where databases differ. */
enum manner {
	REFUSE,
	PLAIN,		/* it means nothing special */
	SPECIAL		/* it quotes, nests or escapes */
};

struct sql_reading {
	enum manner backslash;		/* in texts, in front of a quote */
	enum manner bracket;		/* [name] */
	enum manner backtick;		/* `name` */
	enum manner dollar;		/* $tag$text$tag$ */
	enum manner hash;		/* an operator, not a comment */
	enum manner nested;		/* comments in comments */
	enum manner dashes;		/* "--" without a blank behind */
	enum manner escape;		/* E'text' with backslashes */
};

/* Of a database that is not known, and of each that is. */
static const struct sql_reading unknown = { .hash = REFUSE };
static const struct sql_reading readings[DIALECTS] = {
	[DIALECT_SQLITE] = { .backslash = PLAIN, .bracket = SPECIAL,
	    .backtick = SPECIAL, .dashes = PLAIN },
	[DIALECT_POSTGRESQL] = { .backslash = PLAIN, .bracket = PLAIN,
	    .dollar = SPECIAL, .hash = PLAIN, .nested = SPECIAL,
	    .dashes = PLAIN, .escape = SPECIAL },
	[DIALECT_MARIADB] = { .backtick = SPECIAL },
	[DIALECT_SQLSERVER] = { .backslash = PLAIN, .bracket = SPECIAL,
	    .nested = SPECIAL, .dashes = PLAIN },
};

void
sql_lexer_init(struct sql_lexer *l, const struct dialect *d,
    const char *text, size_t len)
{
	*l = (struct sql_lexer){ .next = text, .end = text + len, .line = 1,
	    .reading = d == NULL ? &unknown : &readings[d->id] };
}

bool
sql_token_is(const struct sql_token *t, const char *what)
{
	return (t->kind == SQL_TOKEN_WORD || t->kind == SQL_TOKEN_MARK) &&
	    strlen(what) == t->len && strncasecmp(t->text, what, t->len) == 0;
}

/* ---- characters ---------------------------------------------------------- */

/* The character n places ahead; 0 at the end, where the text has none. */
static char
at(const struct sql_lexer *l, size_t n)
{
	return n < (size_t)(l->end - l->next) ? l->next[n] : '\0';
}

static bool
is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool
is_word(char c)
{
	return is_in(c, LETTERS DIGITS "$");
}

static bool
starts(const struct sql_lexer *l, const char *text)
{
	size_t len = strlen(text);

	return len <= (size_t)(l->end - l->next) &&
	    strncasecmp(l->next, text, len) == 0;
}

/* Forward by n characters, which are there. */
static void
skip(struct sql_lexer *l, size_t n)
{
	for (; n > 0; n--)
		if (*l->next++ == '\n')
			l->line++;
}

static enum sql_token_kind
bad(struct sql_lexer *l, const char *why)
{
	l->why = why;
	return SQL_TOKEN_BAD;
}

/* ---- blanks and comments ------------------------------------------------- */

/* A carriage return alone ends a comment in some databases. */
static bool
is_blank(const struct sql_lexer *l)
{
	return is_in(at(l, 0), " \t\n") ||
	    (at(l, 0) == '\r' && at(l, 1) == '\n');
}

/* From the opening mark to behind the closing one. */
static enum sql_token_kind
skip_block(struct sql_lexer *l)
{
	size_t depth = 0;

	if (starts(l, "/*!") || starts(l, "/*M!"))
		return bad(l, "a comment that MariaDB would run, expected "
		    "one without \"!\"");
	do {
		if (starts(l, "*/")) {
			skip(l, 2);
			depth--;
		} else if (!starts(l, "/*")) {
			skip(l, 1);
		} else if (depth > 0 && l->reading->nested != SPECIAL) {
			return bad(l, "a comment in a comment, which not "
			    "every database reads as one, expected no \"/*\"");
		} else {
			skip(l, 2);
			depth++;
		}
		if (depth > 0 && l->next == l->end)
			return bad(l, "a comment without end, expected "
			    "\"*/\"");
	} while (depth > 0);
	return SQL_TOKEN_COMMENT;
}

static enum sql_token_kind
read_line_comment(struct sql_lexer *l)
{
	size_t n = 2;

	while (at(l, n) == '-')
		n++;
	if (l->reading->dashes == REFUSE && !is_in(at(l, n), " \t\r\n") &&
	    at(l, n) != '\0')
		return bad(l, "\"--\" without a blank behind it is no "
		    "comment in MariaDB, expected a blank");
	while (l->next < l->end && *l->next != '\n') {
		if (*l->next == '\r' && at(l, 1) != '\n')
			return bad(l, "a carriage return in a comment, "
			    "expected line ends of one kind");
		skip(l, 1);
	}
	return SQL_TOKEN_COMMENT;
}

/* ---- quotes -------------------------------------------------------------- */

/*
 * Behind the closing quote, which counts when it is single.  Where a quote is
 * behind an odd number of backslashes, databases differ.
 */
static enum sql_token_kind
read_quoted(struct sql_lexer *l, enum sql_token_kind kind, char close,
    enum manner backslash)
{
	size_t slashes = 0;

	for (skip(l, 1); l->next < l->end; skip(l, 1)) {
		bool escaped = slashes % 2 == 1;

		slashes = *l->next == '\\' ? slashes + 1 : 0;
		if (*l->next != close || (escaped && backslash == SPECIAL))
			continue;
		if (escaped && backslash == REFUSE)
			return bad(l, "a backslash in front of a quote, "
			    "which databases read differently, expected two "
			    "quotes for one");
		if (at(l, 1) == close) {
			skip(l, 1);
			continue;
		}
		skip(l, 1);
		return kind;
	}
	return bad(l, kind == SQL_TOKEN_TEXT ?
	    "a text without end, expected its closing quote" :
	    "a name without end, expected its closing quote");
}

/*
 * In PostgreSQL a text that goes on in the next line has the escapes of its
 * first part.
 */
static enum sql_token_kind
read_text(struct sql_lexer *l)
{
	enum manner backslash = l->reading->backslash;

	if (l->reading->escape == SPECIAL && l->last == SQL_TOKEN_TEXT)
		backslash = REFUSE;
	return read_quoted(l, SQL_TOKEN_TEXT, '\'', backslash);
}

/* $tag$ text $tag$ */
static enum sql_token_kind
read_dollar(struct sql_lexer *l)
{
	const char *end;
	size_t tag = 1;

	while (is_in(at(l, tag), LETTERS DIGITS))
		tag++;
	if (l->reading->dollar != SPECIAL || at(l, tag) != '$' ||
	    is_in(at(l, 1), DIGITS))
		return bad(l, "a \"$\" outside of quotes, expected a "
		    "parameter as :name");
	tag++;
	end = memmem(l->next + tag, (size_t)(l->end - l->next) - tag, l->next,
	    tag);
	if (end == NULL)
		return bad(l, "a text without end, expected its closing "
		    "dollar quote");
	skip(l, (size_t)(end - l->next) + tag);
	return SQL_TOKEN_TEXT;
}

/* ---- the other tokens ---------------------------------------------------- */

/* Digits behind which a word could begin belong to nothing else. */
static enum sql_token_kind
read_number(struct sql_lexer *l)
{
	size_t n = 0;

	if (at(l, 0) == '0' && is_in(at(l, 1), "xX")) {
		for (n = 2; is_in(at(l, n), DIGITS "abcdefABCDEF"); n++)
			continue;
	} else {
		while (is_in(at(l, n), DIGITS "."))
			n++;
		if (is_in(at(l, n), "eE")) {
			n += is_in(at(l, n + 1), "+-") ? 2 : 1;
			while (is_in(at(l, n), DIGITS))
				n++;
		}
	}
	skip(l, n);
	if (is_word(at(l, 0)) || is_in(at(l, 0), "."))
		return bad(l, "a number that runs into a word, expected a "
		    "blank between them");
	return SQL_TOKEN_NUMBER;
}

static enum sql_token_kind
read_word(struct sql_lexer *l)
{
	if (l->reading->escape == SPECIAL && starts(l, "e'")) {
		skip(l, 1);
		return read_quoted(l, SQL_TOKEN_TEXT, '\'', SPECIAL);
	}
	if (starts(l, "u&'") || starts(l, "u&\""))
		return bad(l, "a name or text with Unicode escapes, expected "
		    "the characters themselves");
	while (is_word(at(l, 0)))
		skip(l, 1);
	return SQL_TOKEN_WORD;
}

static enum sql_token_kind
read_colon(struct sql_lexer *l)
{
	if (at(l, 1) == '=')
		return bad(l, "\":=\" sets a variable, expected a query "
		    "that only reads");
	if (at(l, 1) == ':') {
		skip(l, 2);
		return SQL_TOKEN_MARK;
	}
	skip(l, 1);
	if (!is_in(at(l, 0), LETTERS))
		return SQL_TOKEN_MARK;
	while (is_in(at(l, 0), LETTERS DIGITS))
		skip(l, 1);
	return SQL_TOKEN_PARAMETER;
}

/* As long as it goes, but a comment begins where one does. */
static enum sql_token_kind
read_operator(struct sql_lexer *l)
{
	if (at(l, 0) == '@' && (is_word(at(l, 1)) || at(l, 1) == '@'))
		return bad(l, "a variable, expected a parameter as :name");
	do {
		if (at(l, 0) == '#' && l->reading->hash != PLAIN)
			return bad(l, "a \"#\" outside of quotes, which "
			    "databases read differently, expected none");
		skip(l, 1);
	} while (is_in(at(l, 0), OPERATORS) && !starts(l, "--") &&
	    !starts(l, "/*"));
	return SQL_TOKEN_MARK;
}

static enum sql_token_kind
read_mark(struct sql_lexer *l)
{
	if (is_in(at(l, 0), OPERATORS))
		return read_operator(l);
	if (is_in(at(l, 0), "(),.;") ||
	    (is_in(at(l, 0), "[]") && l->reading->bracket == PLAIN)) {
		skip(l, 1);
		return SQL_TOKEN_MARK;
	}
	if (at(l, 0) == '?')
		return bad(l, "a \"?\" outside of quotes, expected a "
		    "parameter as :name");
	if ((unsigned char)at(l, 0) >= 0x80)
		return bad(l, "a character that is not ASCII, expected it "
		    "between quotes");
	return bad(l, "a character that has no place in a query, expected "
	    "it between quotes");
}

static enum sql_token_kind
read_token(struct sql_lexer *l)
{
	char c = at(l, 0);

	if (c == '\0')
		return SQL_TOKEN_END;
	if (c == '\'')
		return read_text(l);
	if (c == '"')
		return read_quoted(l, SQL_TOKEN_NAME, '"',
		    l->reading->backslash);
	if (c == '`' && l->reading->backtick == SPECIAL)
		return read_quoted(l, SQL_TOKEN_NAME, '`', PLAIN);
	if (c == '[' && l->reading->bracket == SPECIAL)
		return read_quoted(l, SQL_TOKEN_NAME, ']', PLAIN);
	if (c == '$')
		return read_dollar(l);
	if (is_in(c, DIGITS) || (c == '.' && is_in(at(l, 1), DIGITS)))
		return read_number(l);
	if (is_in(c, LETTERS))
		return read_word(l);
	if (c == ':')
		return read_colon(l);
	return starts(l, "--") ? read_line_comment(l) : read_mark(l);
}

struct sql_token
sql_lexer_next(struct sql_lexer *l)
{
	struct sql_token t = { .text = l->next };

	t.kind = SQL_TOKEN_COMMENT;
	while (t.kind == SQL_TOKEN_COMMENT &&
	    (is_blank(l) || starts(l, "/*"))) {
		t.blank = true;
		t.line = l->line;
		if (is_blank(l))
			skip(l, 1);
		else
			t.kind = skip_block(l);
	}
	if (t.kind == SQL_TOKEN_BAD)
		return t;
	t.line = l->line;
	t.text = l->next;
	t.kind = read_token(l);
	t.len = (size_t)(l->next - t.text);
	t.last_line = l->line;
	if (t.kind != SQL_TOKEN_COMMENT)
		l->last = t.kind;
	return t;
}
