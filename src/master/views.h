/*
 * The generations that somebody still uses: their sealed views, and which
 * workers hold them.  The last one is the current; an older one is dropped
 * once no worker has a session of it.
 */
#ifndef MASTER_VIEWS_H
#define MASTER_VIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ipc/msg.h"

struct child;
struct views;

/* For workers 1 to nworkers.  NULL: out of memory. */
struct views *views_new(size_t nworkers);
void views_free(struct views **v);

/*
 * A new generation becomes the current one.  The descriptors are the callee's,
 * also on failure.  0, or -1: out of memory, nothing has changed.
 */
int views_add(struct views *v, uint32_t number, int worker_fd,
    int collector_fd) MUST_CHECK;

/* The collectors' current view. */
int views_collector_fd(const struct views *v);

/* Send a worker the current view, which it holds from now on. */
void views_tell_worker(struct views *v, struct child *c);

/*
 * See that a worker holds the view of an older generation.  false: nobody does
 * any more, and its view is gone.
 */
bool views_tell_worker_old(struct views *v, struct child *c, uint32_t number);

/* Send a collector all views (a new one), or the current one. */
void views_tell_collector_all(struct views *v, struct child *c);
void views_tell_collector(struct views *v, struct child *c);

/* A worker holds this generation no more, or (it died) none at all. */
void views_release(struct views *v, size_t worker, uint32_t number);
void views_release_all(struct views *v, size_t worker);

/*
 * Take out one old generation that no worker holds: its number, which the
 * collectors are to be told; 0 when there is none.
 */
uint32_t views_take_unused(struct views *v);

/* Send one of VIEW's kin without a view: DROP_VIEW. */
void views_tell_dropped(struct child *c, uint32_t number);

#endif
