/*
 * Replies that wait for their clients to read, each with a collector that
 * can do nothing else.  When they hold half of the collectors while other
 * requests wait, the one is ended whose client has read nothing for longest.
 */
#ifndef WORKER_PINNED_H
#define WORKER_PINNED_H

struct pinned;
struct request;
struct worker;

/* queue_fd: the write end of the work queue, borrowed.  NULL: no memory. */
struct pinned *pinned_new(struct worker *w, int queue_fd);
void pinned_free(struct pinned **pins);

/* The reply of r is not read any more; or it is again, or r is freed. */
void pinned_add(struct request *r);
void pinned_remove(struct request *r);

#endif
