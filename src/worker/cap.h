/*
 * Caps: how many requests of one key, or of one collector's file, may run at
 * once in all workers together.  A running request holds a numbered place.
 * Who holds which is known to the kernel alone, which gives a dead worker's
 * places back, so that a cap can neither be exceeded nor leak.
 */
#ifndef WORKER_CAP_H
#define WORKER_CAP_H

#include <stdint.h>

#include "conf/conf.h"

struct cap;
struct caps;

/* A place that is held; cap NULL = none. */
struct cap_place {
	struct cap *cap;
	int number;
};

/*
 * shared_fd: what all workers have open for writing and nobody ever closes,
 * borrowed.  NULL: no memory.
 */
struct caps *caps_new(int shared_fd);
void caps_free(struct caps **c);

/* The cap of a "key" or a "collector" of that name; NULL: no memory. */
struct cap *caps_get(struct caps *c, const char *of, const char *name);

/*
 * Take one of max places (at most CONF_RUNNING_MAX).  0, or -1: all are held,
 * or it is another worker's turn; try again after CAP_RETRY_MS.
 */
#define CAP_RETRY_MS 5
int cap_take(struct cap *cap, int64_t max, struct cap_place *out);

/* Give it back; one without a cap is none. */
void cap_give(struct cap_place *place);

/* No request waits for a place any more.  cap may be NULL. */
void cap_leave(struct cap *cap);

#endif
