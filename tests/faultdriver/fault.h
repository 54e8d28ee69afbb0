/*
 * Misbehaviour on command.  A text parameter of a statement says what is to
 * go wrong: "fault:WHEN:WHAT" or "fault:WHEN:WHAT:N", where WHEN is execute,
 * fetch or disconnect, and N the number of rows (fetch: before it happens).
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>

enum fault_when { FAULT_EXECUTE, FAULT_FETCH, FAULT_DISCONNECT, FAULT_WHENS };

/* What the table of rows does instead of telling the truth. */
enum fault_lie {
	LIE_NONE,
	LIE_ERROR,		/* a failure with a sentence */
	LIE_MEMORY,		/* a failure: no memory */
	LIE_LOST,		/* the connection is gone */
	LIE_DRIP,		/* a row every 100 ms */
	LIE_UTF8,		/* texts are none */
	LIE_LONG,		/* a length far beyond the buffer */
	LIE_NEGATIVE		/* a length that means nothing */
};

struct fault {
	enum fault_when when;
	enum fault_lie lie;
	void (*act)(size_t n);	/* may not return; NULL = only a lie */
	size_t n;
};

/* Is this text a command?  Then out is filled. */
bool fault_read(const char *text, size_t len, struct fault *out);

#endif
