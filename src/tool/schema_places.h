/* Where in a schema file its blocks are: for who writes into it. */
#ifndef TOOL_SCHEMA_PLACES_H
#define TOOL_SCHEMA_PLACES_H

#include <stdbool.h>
#include <stddef.h>

/* Byte offsets in the text. */
struct schema_places {
	size_t members_end;	/* behind the last member's line, or close */
	size_t close;		/* of the line with "}", if it is alone there */
	bool close_alone;
	bool attrs;		/* it has "@@" lines */
};

/* The model, view or enum of that name; false = there is none. */
bool schema_places_block(const char *text, size_t len, const char *name,
    struct schema_places *out);

/*
 * A copy of the datasource's name in a text that could be read, for free();
 * NULL = it has none, or there is no memory.
 */
char *schema_places_source(const char *text, size_t len);

#endif
