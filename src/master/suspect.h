/*
 * Poison: the same request killing collectors again and again.  It is noticed
 * here, where it is known how a child has ended, and refused by the workers.
 */
#ifndef MASTER_SUSPECT_H
#define MASTER_SUSPECT_H

#include <stdint.h>

#include "base/err.h"

struct child;
struct master;
struct suspects;

/* NULL when out of memory. */
struct suspects *suspects_new(void);
void suspects_free(struct suspects **p);

/*
 * Request id with this fingerprint was running in collector c, and the reason
 * of its end is in the request or the driver, not outside.
 */
void suspects_death(struct child *c, uint64_t id, uint64_t fingerprint);

/* A worker has been started: tell it what it is to refuse. */
void suspects_tell(struct child *worker);

#endif
