/*
 * What a session process holds.  There is one of it; everything in this room
 * gets to it by pointer, so that tests can have several.
 */
#ifndef WORKER_STATE_H
#define WORKER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/table.h"
#include "worker/replies.h"

struct channel;
struct compress;
struct conn;
struct event;
struct event_base;
struct evbuffer;
struct generation;
struct given;
struct move;
struct pinned;
struct poison;
struct schedule;
struct session;

/* Room for enum close_reason. */
#define WORKER_REASONS_MAX 32

struct worker {
	unsigned int number;		/* of the slot, from 1 */
	struct event_base *base;
	struct channel *master;
	LIST_HEAD(, generation) generations;
	struct generation *current;	/* of new sessions; NULL at first */
	struct table sessions;		/* by sid */
	LIST_HEAD(, session) ended;	/* to be freed in the next turn */
	LIST_HEAD(, conn) conns;
	struct buf spare;		/* see borrow_buffer() of conn.c */
	struct buf text;		/* of a packet, while it is put */
	struct replies replies;		/* their sockets */
	struct evbuffer *incoming;	/* empty: where a reply is read */
	struct compress *compress;	/* NULL = not used yet */
	struct schedule *schedule;
	struct pinned *pinned;
	struct poison *poison;		/* [POISON_MAX] */
	uint64_t poison_ms;		/* when the last is over; 0 = none */
	TAILQ_HEAD(, given) given;	/* passed on, not yet confirmed */
	size_t ngiven;
	uint64_t nmoved;		/* sessions that went to others */
	struct move *move;
	struct asks *asks;		/* of the master */
	struct event *term;		/* SIGTERM */
	uint64_t last_tag;
	uint32_t last_auth;		/* serial of the last AUTH */
	struct event *stop_timer;	/* NULL = we are not stopping */
	size_t drain_sessions;		/* when stopping began */
	uint64_t stopped_ms;		/* that was then */
	uint64_t drained_ms;		/* when the last is told to go */
	uint64_t stop_ms;		/* when waiting for answers ends */
	bool refusing;			/* no request is taken any more */
	int exit_status;
	uint64_t closed[WORKER_REASONS_MAX];	/* sessions, by reason */
};

#endif
