/*
 * Poison: requests that have killed one collector after the other.  The
 * master knows which, and for how long they are to be refused.
 */
#ifndef WORKER_POISON_H
#define WORKER_POISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct worker;

/* At once; more than the master remembers. */
#define POISON_MAX 64

struct poison {
	uint64_t fingerprint;
	uint64_t until_ms;	/* clock_ms() */
};

/* An empty table; NULL: no memory.  free() ends it. */
struct poison *poison_new(void);

/* POISON of the master. */
void poison_learn(struct worker *w, const void *data, size_t len);

/* Is it to be refused?  Then err says so (POISONED). */
bool poison_refuses(const struct worker *w, const char *collector,
    const char *options, size_t len, struct err *err);

#endif
