/*
 * A client's socket.  What its bytes mean is its kind's: HTTP requests
 * (http.c), WebSocket frames (websocket.c), or nothing any more while it is
 * closed in an orderly way.
 *
 * Everything is done from the event of the socket, one step after another:
 * write what waits, read what is there, let the kind work on it.  All other
 * code only leaves something in the connection and calls conn_kick().  So
 * nothing that a session calls can free a connection under its feet.
 */
#ifndef WORKER_CONN_H
#define WORKER_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event_struct.h>

#include "base/buf.h"
#include "worker/http.h"
#include "worker/state.h"
#include "worker/websocket.h"

/* Output above this waits with its owner: see output.c. */
#define CONN_OUT_HIGH (256 * 1024)

struct evbuffer;
struct msg_bytes;

struct conn_kind {
	const char *name;
	/*
	 * Use c->in, see what has left and c->eof, set c->blocked and
	 * c->deadline_ms.
	 */
	void (*work)(struct conn *c);
	/* c->deadline_ms has passed. */
	void (*late)(struct conn *c);
	/* Free what the kind holds and tell sessions; may be NULL. */
	void (*fini)(struct conn *c);
};

struct conn {
	LIST_ENTRY(conn) link;
	struct worker *worker;
	const struct conn_kind *kind;
	struct event event;
	int fd;			/* -1 = closed */
	short watched;		/* what event waits for */
	bool kicked;		/* event is active by our own hand */
	bool busy;		/* its turn: a kick is seen at its end */
	bool dead;		/* freed by the next call of its event */
	bool eof;		/* nothing more will be read */
	bool broken;		/* nothing more can be written */
	bool blocked;		/* the kind wants no more input now */
	char *address;		/* of the client */
	struct buf in;		/* read and not used */
	size_t in_need;		/* bytes that the kind waits for, if known */
	struct evbuffer *out;	/* NULL = nothing waits to be written */
	uint64_t stall_ms;	/* when unmoved output ends it; 0 = none */
	uint64_t deadline_ms;	/* of the kind; 0 = none */
	union {
		struct http http;
		struct websocket ws;
	} u;
};

/*
 * A connection of the socket fd (owned from now on, also on failure) with
 * bytes that were read from it already; its kind is HTTP until another is
 * set.  It is kicked.  NULL when out of memory.
 */
struct conn *conn_new(struct worker *w, int fd, const char *address,
    const struct msg_bytes *bytes);

/* Let the kind look at everything again, soon. */
void conn_kick(struct conn *c);

/* Become another kind; what the old one held is freed.  It is kicked. */
void conn_become(struct conn *c, const struct conn_kind *kind);

/*
 * Append output; a buffer is empty afterwards in any case.  Without memory
 * the connection is broken, which its kind sees as its end.
 */
void conn_put(struct conn *c, const void *data, size_t len);
void conn_put_both(struct conn *c, const void *head, size_t head_len,
    const void *data, size_t len);
void conn_move(struct conn *c, struct evbuffer *data);

/* Bytes of output that wait. */
size_t conn_pending(const struct conn *c);

/*
 * Write what waits, tell the peer that it is the end, and read until the
 * peer's: closing a socket with unread input destroys what is on its way.
 */
void conn_finish(struct conn *c);

/* Close it now.  It is freed later, so c stays good for the caller. */
void conn_close(struct conn *c);

/* Give the socket away: its descriptor is the caller's, c is closed. */
int conn_release(struct conn *c);

/* At the end of the process: write what can be written, and free all. */
void conn_free_all(struct worker *w);

#endif
