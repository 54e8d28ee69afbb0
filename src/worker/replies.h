/*
 * Reply sockets.  To make a pair and to end it costs more than all that is
 * said over it, so a pair whose reply came to its end serves the next request.
 *
 * For that both ends are kept here, and only a copy travels.  But whoever
 * keeps an end does not see that its other holder has died.  So the
 * collector's end of a request that is not answered within REPLIES_LOOK_MS is
 * closed here after all: from then on the kernel tells, and such a pair serves
 * nobody else.
 */
#ifndef WORKER_REPLIES_H
#define WORKER_REPLIES_H

#include <stdint.h>
#include <sys/queue.h>

#include <event2/event_struct.h>

#include "base/err.h"

#define REPLIES_LOOK_MS 20

struct request;
struct worker;

struct reply_pair {
	TAILQ_ENTRY(reply_pair) link;	/* while the collector's end is here */
	struct worker *worker;
	struct request *request;	/* whose reply it is; NULL = it waits */
	int ours, theirs;		/* theirs: -1 = closed */
	uint64_t since_ms;		/* when it got its request */
	struct event event;		/* of ours, pending unless stopped */
};

TAILQ_HEAD(reply_pairs, reply_pair);

struct replies {
	struct reply_pairs waiting, used;
	struct event timer;
};

void replies_init(struct worker *w);
void replies_fini(struct worker *w);

/* One that waits, or a new one; NULL: descriptors or memory ran out. */
struct reply_pair *replies_get(struct worker *w);

/* The one that came with r, which has moved here; fd is taken over on 0. */
int replies_adopt(struct request *r, int fd) MUST_CHECK;

/* Its request is in the queue: what comes is r's. */
void replies_lend(struct reply_pair *p, struct request *r);

/* Its reply has come to its end, orderly. */
void replies_return(struct reply_pair **p);

/* What is said over it is of no use to anybody any more. */
void replies_drop(struct reply_pair **p);

/* It goes on elsewhere: forget it; our end stays open. */
void replies_forget(struct reply_pair **p);

/* Look at it no more; again (0, or -1: no memory). */
void replies_stop(struct reply_pair *p);
int replies_go_on(struct reply_pair *p) MUST_CHECK;

#endif
