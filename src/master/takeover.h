/*
 * The other side of an upgrade: this process was a master of another binary a
 * moment ago, and finds its state in a descriptor.  Children, listeners,
 * connections and sessions are those of before; the configuration is the one
 * that the trial has read.  Nothing is believed without a check.
 */
#ifndef MASTER_TAKEOVER_H
#define MASTER_TAKEOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct master;
struct takeover;

/* Were we started so? */
bool takeover_is_due(void);

/*
 * Read the state, if there is one, into m->takeover; else that is NULL.  0,
 * or -1: it is not sound.
 */
int takeover_read(struct master *m, struct err *err) MUST_CHECK;

/* The views of the configuration, in the order of LOADED, to be used once. */
const int *takeover_views(const struct takeover *t);

/* The generation that was in force. */
uint32_t takeover_generation(const struct takeover *t);

/* Take all, as soon as every part of the master is there. */
void takeover_finish(struct master *m);

void takeover_free(struct takeover **t);

#endif
