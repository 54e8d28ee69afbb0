/*
 * Stop 2 of a request's life: a connection in the master's hands.
 *
 *	            ┌────────────────── IDLE ◄─────────┐
 *	            ▼                                  │
 *	accept ► HEAD ── answered ─► WRITE ─► SKIP ────┤ (rest of the body)
 *	            │                  │               │
 *	            │                  └► LINGER ► GONE (last answer is out)
 *	            ├─ request of a session being opened ► HELD ► passed
 *	            ├─ request of a worker's session ► passed
 *	            └─ upgrade outside of our path ► SILENT ► GONE
 *
 * One request at a time, in order: what stands behind it waits in the buffer.
 */
#ifndef MASTER_FRONT_H
#define MASTER_FRONT_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "ipc/msg.h"
#include "proto/http_body.h"
#include "proto/http_head.h"
#include "proto/http_reply.h"

struct bundle;
struct handover_item;
struct master;
struct open;

enum front_state {
	FRONT_HEAD,	/* reads a head */
	FRONT_IDLE,	/* between two requests */
	FRONT_SKIP,	/* reads and drops the body of an answered request */
	FRONT_WRITE,	/* an answer is not out yet */
	FRONT_HELD,	/* its session is being opened: see open.h */
	FRONT_LINGER,	/* our side is shut; drops input, or a reset would
			 * take the answer from the client */
	FRONT_SILENT,	/* never answered */
	FRONT_GONE,	/* closed or passed; freed when its callback ends */
	FRONT_STATES
};

struct front {
	TAILQ_ENTRY(front) entry;
	struct master *m;
	int fd;
	enum front_state state;
	enum front_state after;	/* WRITE: the state that follows */
	bool busy;		/* its callback runs: freed at its end */
	struct event io;
	struct event timer;	/* of the state */
	struct buf in;		/* read and not used: begins with a head */
	struct buf out;
	struct slice rest;	/* WRITE: what follows out, in the bundle */
	struct bundle *bundle;	/* held while there is a rest; else NULL */
	size_t scanned;		/* HEAD: bytes of in that are no whole head */
	struct http_body body;	/* SKIP */
	struct open *open;	/* HELD: the session; else NULL */
	bool counted;		/* as a connection of address */
	bool proxy;		/* its peer is one of trusted_proxies */
	char address[MSG_NAME_MAX];
};

/* A request that is being judged: lives on the stack. */
struct exchange {
	struct front *f;
	const struct http_head *head;
	size_t head_len;
	struct http_cors cors;
	bool below;		/* our path, where CORS holds */
};

/*
 * A new connection; fd is the front's, also on failure (then it is closed).
 */
void front_accept(struct master *m, int fd, const char *address);

/* A connection from a worker, with what it has read and not used. */
void front_take(struct master *m, int fd, const char *address,
    const struct msg_bytes *bytes);

/*
 * Answer an exchange with what stands in f->out: the head is dropped from the
 * input, the body too, or the connection ends when the client or close_after
 * says so.  The front may be gone afterwards.
 */
void front_answer(const struct exchange *ex, bool close_after);

/* Write what stands in f->out, then change to after. */
void front_write(struct front *f, enum front_state after);

/* The same as the last word, unless its client has hung up already. */
void front_farewell(struct front *f);

/* Hold it for the session f->open. */
void front_hold(struct front *f);

/* Never answer, and close it a second later. */
void front_ignore(struct front *f);

/* It is a connection of another address. */
void front_rename(struct front *f, const char *address);

/* Close it.  front_release() gives the descriptor away instead. */
void front_free(struct front *f);
int front_release(struct front *f);

/*
 * Put all connections into the state that this master leaves, but those that
 * nobody will answer; the other way.  fronts_can_hand_over(): none is in the
 * middle of a body, which only this binary can read to its end.
 */
bool fronts_can_hand_over(const struct master *m);
int fronts_hand_over(const struct master *m, struct buf *state) MUST_CHECK;
void front_inherit(struct master *m, const struct handover_item *item);

/* MASTER_STOPPING: close all that are not in the middle of an answer. */
void fronts_stop(struct master *m);
/* Close all. */
void fronts_free(struct master *m);

#endif
