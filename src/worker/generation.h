/*
 * Generations of the configuration.  A session keeps the one that it was
 * opened with; an old one is freed when the master says that nobody will
 * name it any more.
 */
#ifndef WORKER_GENERATION_H
#define WORKER_GENERATION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "conf/conf.h"
#include "worker/state.h"

struct generation {
	LIST_ENTRY(generation) link;
	struct worker *worker;
	uint32_t number;
	size_t sessions;	/* that hold it */
	bool dropped;		/* free it when sessions becomes 0 */
	struct conf conf;
};

/*
 * Decode the view in fd (which stays the caller's) and make it the current
 * generation.  0 or -1.
 */
int generation_add(struct worker *w, uint32_t number, int fd,
    struct err *err) MUST_CHECK;

/*
 * The same of an older generation, for sessions which move here; nothing when
 * it is known.
 */
int generation_add_old(struct worker *w, uint32_t number, int fd,
    struct err *err) MUST_CHECK;

/* NULL when there is none of that number. */
struct generation *generation_find(struct worker *w, uint32_t number);

/* A session begins or ends to use it; the last one tells the master. */
void generation_hold(struct generation *g);
void generation_release(struct generation *g);

/* DROP_VIEW: no new session will name it. */
void generation_drop(struct worker *w, uint32_t number);

/* How many collectors serve one database together. */
size_t generation_collectors(const struct generation *g);

void generation_free_all(struct worker *w);

#endif
