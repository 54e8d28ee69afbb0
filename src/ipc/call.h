/*
 * What a session process tells a collector in C, in the place of the options
 * of a request (ipc/queue.h): an event with all its arguments, or that a
 * client has joined a namespace.
 */
#ifndef IPC_CALL_H
#define IPC_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "ipc/msg.h"

/* What clients accept, and are accepted with. */
#define CALL_ATTACHMENTS_MAX 10

struct call {
	bool connects;		/* no event: a client has joined */
	bool wants_ack;
	struct msg_bytes event;	/* JSON array with the name in front; empty
				 * when connects */
	struct msg_bytes auth;	/* JSON object, without a key */
	size_t nattachments;
	struct msg_bytes attachments[CALL_ATTACHMENTS_MAX];
};

/* Append it.  0, or -1: out of memory, or of the buffer's bound. */
int call_put(struct buf *out, const struct call *c) MUST_CHECK;

/* Decode; 0, or -1 when it is none.  All of it points into data. */
int call_get(const void *data, size_t len, struct call *out) MUST_CHECK;

#endif
