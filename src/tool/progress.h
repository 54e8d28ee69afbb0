/* A line on a terminal that says how far it has come. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;		/* standard error is a terminal */
	uint64_t bytes;		/* the caller's to count */
	uint64_t began_ms, drawn_ms;
};

void progress_start(struct progress *p);

/* Draw it, not more often than is of use. */
void progress_show(struct progress *p, uint64_t rows);

/* The last state, which stays; or nothing at all. */
void progress_end(struct progress *p, uint64_t rows);
void progress_clear(struct progress *p);

#endif
