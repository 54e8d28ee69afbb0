/*
 * Socket.IO packets of a session: namespaces are joined and left, and an
 * event becomes a request.
 */
#ifndef WORKER_SOCKETIO_H
#define WORKER_SOCKETIO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "proto/sio.h"

struct joined;
struct msg_verdict;
struct session;
struct worker;

/*
 * A binary event that waits for its attachments, whose bytes only collectors
 * in C read.
 */
struct gather {
	unsigned int left;
	bool kept;		/* they are */
	unsigned int nbytes;
	size_t total;		/* of all of them */
	struct buf text;	/* of the packet */
	struct buf bytes[SIO_ATTACHMENTS_MAX];
};

/* A session begins: revision 3 joins "/" without being asked. */
void socketio_start(struct session *s);

/* One Engine.IO message. */
void socketio_text(struct session *s, const char *text, size_t len);
void socketio_binary(struct session *s, const char *data, size_t len);

/* The master's answer to AUTH. */
void socketio_verdict(struct worker *w, const struct msg_verdict *m);

/* Leave a namespace, which is freed, and tell the client. */
void socketio_leave(struct session *s, struct joined *j);

/* Free what waits for attachments, or for a verdict. */
void socketio_fini(struct session *s);

#endif
