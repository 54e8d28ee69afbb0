/*
 * Whose turn is it?  Requests wait here, a queue per key, keys in turn, so
 * that a key with a thousand requests costs the others one place.  Only as
 * many are in the work queue as collectors are about to take.
 */
#ifndef WORKER_SCHEDULE_H
#define WORKER_SCHEDULE_H

#include <stddef.h>

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

/* An ASKED request whose collector died waits again, before all others. */
void schedule_again(struct request *r);

/* It has begun: no timeout of ours any more. */
void schedule_begun(struct request *r);

/* It is about to be freed. */
void schedule_remove(struct request *r);

/* s can take answers (again): those of its requests count that were aside. */
void schedule_session(struct session *s);

/* Something has changed: start what may start, soon. */
void schedule_poke(struct worker *w);

/* The gateway ends: what waits is answered CANCELLED. */
void schedule_stop(struct worker *w);

/* For admins: a JSON object for each key that has any. */
int schedule_tell(const struct worker *w, struct buf *out) MUST_CHECK;

/* Requests that are not answered yet. */
size_t schedule_running(const struct worker *w);

#endif
