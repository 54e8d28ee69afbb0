/*
 * A look at the first message of a session, without taking it: is it a
 * CONNECT, and which key does it bring?  All bytes stay where they are for the
 * worker, whose Engine.IO machine is the only one.
 */
#ifndef MASTER_LOOK_H
#define MASTER_LOOK_H

#include <stddef.h>

#include "base/buf.h"
#include "ipc/msg.h"
#include "proto/http_body.h"

struct keyring;

/* What has been seen so far; lives inside the session being opened. */
struct look {
	size_t need;		/* websocket: bytes without which it is vain */
	size_t plain;		/* websocket: all that came is a CONNECT to
				 * "/" with little beside the key, and takes
				 * so many bytes; 0 = it is not */
	struct http_body body;	/* POST */
	struct buf content;	/* POST: of the body; holds secrets */
	size_t seen;		/* POST: bytes of the connection looked at */
};

struct look_judge {
	const struct keyring *keys;
	size_t bytes_max;	/* of a message */
};

void look_init(struct look *l);
void look_fini(struct look *l);

/* A POST begins, whose head is head_len bytes long. */
void look_post_begin(struct look *l, const struct http_head *head,
    size_t head_len, size_t bytes_max);

/*
 * Look at all the bytes of a connection.  PARSE_DONE: the first message was
 * seen; when it is a CONNECT, connect_seen, connect and connect_key of m are
 * set.  PARSE_MORE: not whole yet.  PARSE_BAD: nothing to be seen here.
 */
enum parse look_websocket(struct look *l, const struct buf *in,
    const struct look_judge *judge, struct msg_session *m);
enum parse look_post(struct look *l, const struct buf *in,
    const struct look_judge *judge, struct msg_session *m);

/*
 * Look at what follows a plain CONNECT.  PARSE_DONE: the client closes the
 * websocket, and echo has the frame that answers it; a DISCONNECT may come
 * before.  PARSE_MORE: it has not said what it wants.  PARSE_BAD: it wants
 * something else.
 */
enum parse look_leave(const struct look *l, const struct buf *in,
    struct buf *echo);

/* What some key material is worth; name_out as in struct msg_session. */
enum msg_grant look_key(const struct keyring *keys, const void *psk,
    size_t len, char name_out[MSG_NAME_MAX]);

#endif
