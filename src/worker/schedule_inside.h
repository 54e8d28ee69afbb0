/* The schedule from inside: what schedule.c shares with schedule_ask.c. */
#ifndef WORKER_SCHEDULE_INSIDE_H
#define WORKER_SCHEDULE_INSIDE_H

#include <event2/event_struct.h>

#include "worker/schedule.h"
#include "worker/turns.h"

/* When a request expires that has been taken, or none. */
#define SCHEDULE_NEVER UINT64_MAX

TAILQ_HEAD(unbegun, request);

struct schedule {
	struct worker *worker;
	int queue_fd;
	struct turns turns;		/* of the waiting ones */
	struct event timer;		/* of schedule_run() */
	struct unbegun waiting;		/* as they expire */
	struct unbegun asked;		/* as they were asked */
	size_t out;
	uint64_t ended_us;		/* the last answer; 0 = nobody waited */
	uint64_t pace_us;		/* between two answers, on average */
	uint64_t service_us;		/* from begun to ended, on average */
	uint64_t first_id, last_id;
};

/* Start what may start, and end what has waited too long. */
void schedule_run(evutil_socket_t fd, short what, void *arg);

/* Before it has begun a request that follows none is in one of two lists. */
void schedule_enlist(struct schedule *sc, struct request *r);
void schedule_delist(struct schedule *sc, struct request *r);

/* It is in the work queue, or runs. */
void schedule_count_out(struct schedule *sc, struct request *r);

/* OVERLOADED; why ends without the advice.  -1. */
int schedule_overloaded(const struct schedule *sc, struct err *err,
    const char *why, ...) __attribute__((format(printf, 3, 4)));

#endif
