/*
 * Stop 13 of a request's life: packets on their way to the client, over
 * whatever transport the session has when they leave.
 *
 * Packets leave in the order in which they were put.  One whose end is not
 * known yet (open) is streamed once it is the first: as fragments of one
 * message, or as a chunked body.  A slow client pushes back: packets stay
 * here, requests of the session wait, an open packet stops its source.
 */
#ifndef WORKER_OUTPUT_H
#define WORKER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"

struct evbuffer;
struct request;
struct session;

struct packet {
	TAILQ_ENTRY(packet) link;
	struct evbuffer *data;	/* with the type digit, or binary */
	size_t text_bytes;	/* put by output_text(): its length */
	bool binary;
	bool open;		/* more is to come from source */
	bool pinged;		/* the ping in front of it is out */
	bool begun;		/* its beginning is out */
	bool packed;		/* on a websocket, and then compressed */
	struct request *source;	/* NULL unless open */
};

struct output {
	TAILQ_HEAD(packets, packet) packets;
	size_t npackets;
	size_t nopen;		/* of them open */
	size_t bytes;		/* in those that are not */
	size_t text_bytes;	/* in those that output_text() put */
	uint64_t moved_ms;	/* when something last left; 0 = never */
};

void output_init(struct output *o);
void output_fini(struct output *o);

/*
 * Put a whole packet; text is copied, a buffer's data is moved.  Out of memory
 * closes the session, and so do more bytes by output_text() than
 * waiting_bytes: they are refusals and the like, for which no request had to
 * wait.
 */
void output_text(struct session *s, const struct buf *text);
void output_answer(struct session *s, const struct buf *text);
void output_data(struct session *s, struct evbuffer *data, bool binary);

/* The same of bytes that count as output_text() does. */
void output_bytes(struct session *s, struct evbuffer *data);

/*
 * Begin a packet whose data comes later; the caller adds to its data and
 * calls output_pump(), and at last output_end().  NULL when out of memory
 * (the session is then closed).
 */
struct packet *output_open(struct session *s, struct request *source);
void output_end(struct session *s, struct packet *p);

/*
 * Put back what was in the output of a session before it moved, behind what is
 * there; like: all of it but data and source.  NULL: out of memory.
 */
struct packet *output_restore(struct session *s, const struct packet *like,
    const char *data, size_t len);

/*
 * Put a ping (revision 3: a pong, which is as good) in front of all packets;
 * not while one is half way out, and for the caller to pump.
 */
void output_ping(struct session *s);

/* Move on what can leave now.  Frees no session and no request. */
void output_pump(struct session *s);

/* Is a message half way out? */
bool output_streaming(const struct session *s);

/*
 * Must the length of an answer be known before its beginning leaves?  Then it
 * may not be put as an open packet.
 */
bool output_needs_length(const struct session *s);

/* Has this open packet room for more? */
bool output_wants(const struct session *s, const struct packet *p);

/* Does so much wait for the client that its requests must wait, too? */
bool output_is_stalled(const struct session *s);

#endif
