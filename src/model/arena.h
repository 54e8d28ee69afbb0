/*
 * Memory that is taken piece by piece and given back as a whole: for trees
 * whose parts point at each other and die together.
 */
#ifndef MODEL_ARENA_H
#define MODEL_ARENA_H

#include <stddef.h>

#include "base/err.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;	/* the newest first */
	size_t used;			/* of the newest */
};

/* An arena which owns nothing yet.  Cannot fail. */
void arena_init(struct arena *a);
void arena_fini(struct arena *a);

/* Take everything back, but keep some memory for what comes next. */
void arena_clear(struct arena *a);

/* Memory that it holds. */
size_t arena_bytes(const struct arena *a);

/*
 * n * size bytes, zeroed and aligned for anything, valid until arena_fini().
 * NULL when there is no memory; never NULL for nothing.
 */
void *arena_get(struct arena *a, size_t n, size_t size) MUST_CHECK;

/* A NUL-terminated copy of len bytes; NULL when there is no memory. */
char *arena_text(struct arena *a, const char *text, size_t len) MUST_CHECK;

#endif
