/*
 * Turns: whose request is the next one?  That of the key which has used the
 * collectors for the shortest time, where what is out counts as what its
 * requests take on average; of those that are equal, of the one whose turn was
 * longest ago.  A key that comes (back) begins with what the others have.
 */
#ifndef WORKER_TURNS_H
#define WORKER_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "worker/cap.h"

struct request;
struct shares;

TAILQ_HEAD(requests, request);

/*
 * Requests of one key for one collector that has a cap, or for all that have
 * none.
 */
struct lane {
	TAILQ_ENTRY(lane) link;
	struct requests waiting;
	size_t nrequests;	/* that name it, wherever they are */
	struct cap *cap;	/* NULL = the lane of all others */
	int64_t max;
	bool full;		/* for this run of the scheduler */
};

/* Requests of one key; gone when it has none. */
struct key_queue {
	TAILQ_ENTRY(key_queue) link;
	TAILQ_HEAD(, lane) lanes;
	struct cap *cap;	/* NULL = none */
	int64_t max;
	bool full;		/* for this run of the scheduler */
	size_t out;		/* asked and not answered */
	uint64_t used_us;	/* of collectors, by what has ended */
	uint64_t mean_us;	/* of one request */
	size_t nwaiting;
	size_t nparked;
	size_t nfollowing;
	char name[];
};

struct turns {
	struct caps *caps;
	TAILQ_HEAD(, key_queue) keys;	/* whose turn was long ago first */
	uint64_t used_us;	/* of the key that was served last */
	size_t nwaiting;
	size_t nparked;
	size_t nfollowing;
	struct shares *shares;		/* those of them that may */
};

/* queue_fd: see caps_new().  0, or -1: no memory. */
int turns_init(struct turns *t, int queue_fd);
void turns_fini(struct turns *t);

/*
 * r is one of its key's and its collector's from now on, with the caps of the
 * newest configuration.  0, or -1: no memory.
 */
int turns_enter(struct turns *t, struct request *r, const char *key);
/* It is none any more, whether it waits or not. */
void turns_leave(struct turns *t, struct request *r);

/*
 * The newest of the key that has the most waiting, which gives way to one more
 * of this key; NULL = this key would have as many itself.
 */
struct request *turns_surplus(const struct turns *t, const char *key);

/* It waits (again), behind all others of its key or in front of them. */
void turns_wait(struct turns *t, struct request *r, bool first);

/* Look from the start: what was full may have places again. */
void turns_begin(struct turns *t);

/* The next request, whose session can take an answer; NULL = none may run. */
struct request *turns_next(struct turns *t);

/* The places that r needs, both or none.  0, or -1: turns_next() leaves out
 * what is full until turns_begin(). */
int turns_take_places(struct request *r);

/*
 * It does not wait any more: it has been asked.  Or, waiting, it follows one
 * that has: its answer is the other's, until turns_wait().
 */
void turns_had(struct turns *t, struct request *r);
void turns_follow(struct turns *t, struct request *r, struct request *leader);

/* heir, which follows r, takes the place of r, which follows it then. */
void turns_succeed(struct request *r, struct request *heir);

/* All waiting ones, whatever they wait for. */
size_t turns_length(const struct turns *t);

/* A request of the key has held a collector for so long. */
void turns_used(struct key_queue *k, uint64_t us);

#endif
