/* Stop 1 of a request's life: sockets that strangers connect to. */
#ifndef MASTER_LISTENER_H
#define MASTER_LISTENER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct conf;
struct handover_item;
struct listeners;
struct master;

/*
 * Bind all addresses of a conf, but borrow the sockets of those that
 * m->listeners (may be NULL) has, too.  NULL: one of them cannot be had.
 */
struct listeners *listeners_new(struct master *m, const struct conf *c,
    struct err *err);

/*
 * `next`, which was made while `now` was m->listeners, takes its place: what
 * it has not borrowed is closed, and it begins to accept.
 */
void listeners_replace(struct listeners **now, struct listeners *next);

/* Begin to accept; leave who comes in the kernel. */
void listeners_start(struct listeners *l);
void listeners_pause(struct listeners *l);

/*
 * Put them into the state that this master leaves; the other way: those of n
 * items, which are the callee's.  0 or -1; NULL: no memory.
 */
int listeners_hand_over(const struct listeners *l, struct buf *state)
    MUST_CHECK;
struct listeners *listeners_inherit(struct master *m,
    const struct handover_item *items, size_t n);

/* Close them, but for those that were borrowed. */
void listeners_free(struct listeners **l);

#endif
