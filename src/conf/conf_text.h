/* The text of a conf file, made fit for libconfuse. */
#ifndef CONF_CONF_TEXT_H
#define CONF_CONF_TEXT_H

#include <stddef.h>

/* What the end of the text has left open; lines from 1, 0 = nothing. */
struct conf_text_end {
	unsigned int string_line;	/* where the string begins */
	unsigned int comment_line;	/* where a comment begins */
	unsigned int brace_line;	/* the outermost brace */
};

/*
 * Overwrite all comments (#, // and C's) with blanks, in place.  libconfuse
 * knows comments, but counts lines wrongly behind them and refuses them
 * inside of lists; and it takes a file whose end is missing.
 */
void conf_text_clean(char *text, size_t len, struct conf_text_end *end);

#endif
