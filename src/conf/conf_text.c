/*
 * Comments become blanks, and what is never closed is noted.  The scanner
 * knows no more of the language than it needs for that: strings, because a
 * comment sign in them is none, and words, because "//" in http://host is
 * none either.
 */
#include "conf/conf_text.h"

#include <stdbool.h>
#include <string.h>

enum mode { PLAIN, STRING, LINE_COMMENT, BLOCK_COMMENT };

struct scan {
	enum mode mode;
	char quote;		/* STRING: what ends it */
	bool in_word;		/* PLAIN: the last character was of a word */
	unsigned int line;
	unsigned int began;	/* line where the mode began */
	unsigned int depth;	/* of braces */
	unsigned int opened;	/* line of the outermost one */
	unsigned int spanned;	/* first string that leaves its line, or 0 */
};

static void
begin(struct scan *s, enum mode mode)
{
	s->mode = mode;
	s->began = s->line;
	s->in_word = false;
}

static void
note_brace(struct scan *s, char c)
{
	if (c == '{' && s->depth++ == 0)
		s->opened = s->line;
	if (c == '}' && s->depth > 0)
		s->depth--;
}

/* Outside of strings and comments; next is '\0' at the end of the text. */
static void
scan_plain(struct scan *s, char c, char next)
{
	if (c == '#' || (c == '/' && next == '/' && !s->in_word)) {
		begin(s, LINE_COMMENT);
	} else if (c == '/' && next == '*' && !s->in_word) {
		begin(s, BLOCK_COMMENT);
	} else if (c == '"' || c == '\'') {
		begin(s, STRING);
		s->quote = c;
	} else {
		note_brace(s, c);
		s->in_word = strchr(" \t\r\n={}()+,*", c) == NULL;
	}
}

/* Characters of p[0..left) that belong together: an escape, a comment's end. */
static size_t
scan_one(struct scan *s, const char *p, size_t left)
{
	char next = left > 1 ? p[1] : '\0';
	size_t used = 1;

	switch (s->mode) {
	case PLAIN:
		scan_plain(s, *p, next);
		if (s->mode == BLOCK_COMMENT)
			used = 2;
		break;
	case STRING:
		if (*p == '\\' && left > 1)
			used = 2;
		else if (*p == s->quote)
			s->mode = PLAIN;
		break;
	case LINE_COMMENT:
		if (*p == '\n')
			s->mode = PLAIN;
		break;
	case BLOCK_COMMENT:
		if (*p == '*' && next == '/') {
			s->mode = PLAIN;
			used = 2;
		}
		break;
	}
	return used;
}

/*
 * Where a quote is missing, all quotes behind it change sides, up to the end.
 * So the one to be told of is the first string with a line end in it.
 */
static void
next_line(struct scan *s)
{
	s->line++;
	if (s->mode == STRING && s->spanned == 0)
		s->spanned = s->began;
}

void
conf_text_clean(char *text, size_t len, struct conf_text_end *end)
{
	struct scan s = { .mode = PLAIN, .line = 1 };
	size_t i = 0, used;
	bool blank;

	while (i < len) {
		blank = s.mode == LINE_COMMENT || s.mode == BLOCK_COMMENT;
		used = scan_one(&s, text + i, len - i);
		blank = blank || s.mode == LINE_COMMENT ||
		    s.mode == BLOCK_COMMENT;
		for (; used > 0; used--, i++) {
			if (text[i] == '\n')
				next_line(&s);
			else if (blank)
				text[i] = ' ';
		}
	}
	end->string_line = s.mode == STRING ? s.spanned : 0;
	if (s.mode == STRING && s.spanned == 0)
		end->string_line = s.began;
	end->comment_line = s.mode == BLOCK_COMMENT ? s.began : 0;
	end->brace_line = s.depth > 0 ? s.opened : 0;
}
