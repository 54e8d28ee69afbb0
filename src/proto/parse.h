/* The three outcomes of every parser of this room. */
#ifndef PROTO_PARSE_H
#define PROTO_PARSE_H

#include <stdbool.h>

enum parse {
	PARSE_DONE,	/* one whole unit; the parser says how long it was */
	PARSE_MORE,	/* right so far: come again with more bytes */
	PARSE_BAD	/* can never become right */
};

/* Bytes that belong to the caller's buffer; NUL-free is not promised. */
struct slice {
	const char *p;
	unsigned long len;
};

/* Is it this text, to the byte, or without regard to ASCII case? */
bool slice_is(const struct slice *s, const char *text);
bool slice_is_nocase(const struct slice *s, const char *text);

/* The value of a hexadecimal digit, or -1. */
int hex_digit(char c);

#endif
