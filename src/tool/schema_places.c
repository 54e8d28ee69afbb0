/*
 * One walk over the words of a file, which schema_read() has found to be
 * without faults.
 */
#include "tool/schema_places.h"

#include <string.h>

#include "model/schema_lex.h"

struct walk {
	const char *text;
	struct schema_lexer lexer;
	struct schema_token token;
};

static void
start(struct walk *w, const char *text, size_t len)
{
	w->text = text;
	schema_lexer_init(&w->lexer, text, len);
}

static bool
next(struct walk *w)
{
	schema_lexer_next(&w->lexer, &w->token);
	return w->token.kind != SCHEMA_TOKEN_END;
}

static bool
is_text(const struct walk *w, enum schema_token_kind kind, const char *text)
{
	return w->token.kind == kind && w->token.len == strlen(text) &&
	    memcmp(w->token.text, text, w->token.len) == 0;
}

static bool
is_mark(const struct walk *w, const char *marks)
{
	return w->token.kind == SCHEMA_TOKEN_MARK && w->token.len == 1 &&
	    strchr(marks, *w->token.text) != NULL;
}

/* Behind "word name {", both given; NULL = whatever. */
static bool
find_head(struct walk *w, const char *word, const char *name)
{
	bool found;

	while (next(w)) {
		if (w->token.kind != SCHEMA_TOKEN_NAME)
			continue;
		found = word == NULL ? !is_text(w, SCHEMA_TOKEN_NAME,
		    "datasource") && !is_text(w, SCHEMA_TOKEN_NAME,
		    "generator") : is_text(w, SCHEMA_TOKEN_NAME, word);
		(void)next(w);
		if (found && (name == NULL ||
		    is_text(w, SCHEMA_TOKEN_NAME, name)))
			return true;
		while (!is_mark(w, "}") && next(w))
			;
	}
	return false;
}

/* The beginning of the brace's line, when nothing else is in it. */
static void
place_close(const struct walk *w, struct schema_places *out)
{
	const char *p = w->token.text;

	while (p > w->text && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	out->close_alone = p > w->text && p[-1] == '\n';
	if (!out->close_alone)
		p = w->token.text;
	out->close = (size_t)(p - w->text);
}

bool
schema_places_block(const char *text, size_t len, const char *name,
    struct schema_places *out)
{
	bool first = true, member = false;
	size_t nesting = 0;
	struct walk w;

	start(&w, text, len);
	memset(out, 0, sizeof(*out));
	if (!find_head(&w, NULL, name))
		return false;
	while (next(&w) && (nesting > 0 || !is_mark(&w, "}"))) {
		nesting += is_mark(&w, "([");
		nesting -= is_mark(&w, ")]");
		if (w.token.kind == SCHEMA_TOKEN_LINE && nesting == 0) {
			if (member)
				out->members_end =
				    (size_t)(w.lexer.next - text);
			first = true;
			continue;
		}
		if (first)
			member = w.token.kind == SCHEMA_TOKEN_NAME;
		first = is_mark(&w, "{");
		out->attrs = out->attrs ||
		    is_text(&w, SCHEMA_TOKEN_MARK, "@@");
	}
	place_close(&w, out);
	if (out->members_end == 0)
		out->members_end = out->close;
	return true;
}

char *
schema_places_source(const char *text, size_t len)
{
	struct walk w;

	start(&w, text, len);
	if (!find_head(&w, "datasource", NULL))
		return NULL;
	return strndup(w.token.text, w.token.len);
}
