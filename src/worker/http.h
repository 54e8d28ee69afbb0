/*
 * HTTP requests on a client's connection: polls, POSTs, and the request that
 * turns it into a WebSocket.  No state of a session is bound to a connection:
 * each request names its session, and one for a session that does not live
 * here goes back to the master with its connection.
 *
 *	HEAD -> BODY -> PACKETS -> HEAD ...
 *
 * Requests are answered in their order.  A poll waits for packets; requests
 * behind it are done at once and only their answers wait.
 */
#ifndef WORKER_HTTP_H
#define WORKER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/eio_revision.h"
#include "proto/http_body.h"
#include "proto/http_coding.h"

struct conn;
struct conn_kind;
struct evbuffer;
struct session;

extern const struct conn_kind http_kind;

enum http_phase {
	HTTP_AT_HEAD,		/* nothing of the next request is here */
	HTTP_IN_HEAD,
	HTTP_IN_BODY,
	HTTP_AT_PACKETS,	/* the body is whole, its packets are taken */
	HTTP_PHASES
};

/* What the answer needs to know of its request. */
struct http_facts {
	int minor;
	bool keep_alive;
	bool no_body;		/* it was HEAD */
	bool xss_off;
	enum http_coding coding;	/* that the answer to a poll may have */
	bool cors_off, cors_any;
	char *origin;		/* NULL unless it must be repeated */
};

struct http {
	enum http_phase phase;
	bool answered;		/* the request being taken */
	bool last;		/* none is taken after this one */
	uint64_t routed;	/* see http_route() */
	bool give_back;		/* the next request is somebody else's */
	size_t scanned;		/* bytes of an unfinished head looked at */
	struct http_facts now;	/* of the request being taken */
	struct http_body body;
	enum eio_form form;	/* of a POST's body */
	struct buf content;	/* of the body */
	size_t taken;		/* of it by the session */
	struct session *post;	/* who takes it; NULL = it is thrown away */
	struct session *poll;	/* whose poll waits here; NULL = none */
	bool streaming;		/* the poll's answer has begun */
	struct http_coded coded;	/* it, in the coding of poll_facts */
	struct http_facts poll_facts;
	struct evbuffer *behind;	/* answers that wait behind the poll */
};

void http_init(struct http *h);

/*
 * The first request of c must be answered here, whatever it is: it was routed
 * to one of our sessions.  Unless one moves away before it is read.
 */
void http_route(struct conn *c);

/* Answer the poll that waits on c with a payload, whose data is moved. */
void http_poll_answer(struct conn *c, enum eio_form form,
    struct evbuffer *payload);
/* Or with one packet. */
void http_poll_answer_text(struct conn *c, const char *packet);

/*
 * Answer it piece by piece.  Data is moved; when it is compressed on the way,
 * what one turn may do of it.  0, or -1 when out of memory.
 */
void http_stream_begin(struct conn *c, const char *type);
int http_stream_put(struct conn *c, struct evbuffer *data) MUST_CHECK;
void http_stream_end(struct conn *c);

/* Is the poll of c answered with a compressed body, if piece by piece? */
bool http_stream_is_coded(const struct conn *c);

#endif
