/* Stop 1 of a request's life: sockets that strangers connect to. */
#ifndef MASTER_LISTENER_H
#define MASTER_LISTENER_H

#include "base/err.h"

struct conf_list;
struct listeners;
struct master;

/*
 * Bind all addresses of a list, but borrow the sockets of those that
 * m->listeners (may be NULL) has, too.  NULL: one of them cannot be had.
 */
struct listeners *listeners_new(struct master *m, const struct conf_list *list,
    struct err *err);

/*
 * `next`, which was made while `now` was m->listeners, takes its place: what
 * it has not borrowed is closed, and it begins to accept.
 */
void listeners_replace(struct listeners **now, struct listeners *next);

/* Begin to accept. */
void listeners_start(struct listeners *l);

/* Close them, but for those that were borrowed. */
void listeners_free(struct listeners **l);

#endif
