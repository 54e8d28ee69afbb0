/*
 * Requests wait here, and only as many are in the work queue as collectors
 * are about to take.  Whose turn it is, is said in turns.h.
 */
#ifndef WORKER_SCHEDULE_H
#define WORKER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct request;
struct schedule;
struct session;
struct worker;

/* queue_fd: the write end of the work queue, borrowed.  NULL: no memory. */
struct schedule *schedule_new(struct worker *w, int queue_fd);
void schedule_free(struct schedule **sc);

/*
 * A new request waits under the name of its key.  0, or -1 when it has no
 * place here (ERR_OVERLOADED) or there is no memory.
 */
int schedule_add(struct request *r, const char *key, struct err *err)
    MUST_CHECK;

/*
 * A request that has moved here, in the state that it has, under the name of
 * its key: nobody is refused.  0, or -1 when out of memory.
 */
int schedule_take(struct request *r, const char *key) MUST_CHECK;

/* The name of a request's key. */
const char *schedule_key(const struct request *r);

/* An ASKED request whose collector died waits again, before all others. */
void schedule_again(struct request *r);

/* It began us microseconds ago: no timeout of ours any more. */
void schedule_begun(struct request *r, uint32_t us);

/*
 * Requests wait for the answer of this one, which others have asked (share.h):
 * they wait for themselves again, before all others; alone: and share nothing
 * any more.  _back: one of them.
 */
void schedule_part(struct request *r, bool alone);
void schedule_back(struct request *r, bool alone);

/* It is about to be freed.  If others wait for its answer, one takes over. */
void schedule_remove(struct request *r);

/* s can take answers (again): those of its requests count that were aside. */
void schedule_session(struct session *s);

/* The gateway ends: what waits is answered CANCELLED. */
void schedule_stop(struct worker *w);

/* For admins: a JSON object for each key that has any. */
int schedule_tell(const struct worker *w, struct buf *out) MUST_CHECK;

/* Milliseconds after which who is refused now may find a place. */
unsigned int schedule_hint(const struct worker *w);

/* Requests that this process was asked for since its start. */
uint64_t schedule_total(const struct worker *w);

/* Requests that have been asked, and those that wait; none is answered. */
size_t schedule_running(const struct worker *w);
size_t schedule_waiting(const struct worker *w);

#endif
