/*
 * What a collector says on a request's reply socket:
 *
 *	ANSWER				a small one, in one message
 *	REFUSAL				a failure, before anything was said
 *	BEGUN  ( ROWS | ATTACHMENT )*  [ FAILURE ]  END
 *	BEGUN  ( BINARY* EMIT+ )*  ( BINARY* ACK+ | ROWS* [ FAILURE ] )  END
 *
 * each one SEQPACKET message of at most REPLY_BYTES_MAX.  Only ANSWER, REFUSAL
 * and END end a reply; an end of the socket before them means that the
 * collector is gone.  What is to be done then the kernel tells, because a
 * request's body lies in the reply socket until a collector takes it:
 *
 *	ECONNRESET, then 0	the body was not read: it never ran
 *	0			it was: it may have run, and must not again
 *
 * On the collector's side EPIPE and ECONNRESET both mean that the caller has
 * given up.
 */
#ifndef IPC_REPLY_H
#define IPC_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ipc/msg.h"

/* One message with its header; larger socket buffers measured slower. */
#define REPLY_BYTES_MAX (64 * 1024)
/* Bytes of the head of each message, in front of its text. */
#define REPLY_HEAD 16

enum reply_type {
	REPLY_BEGUN = 1,	/* rows follow, in several messages */
	/* Behind the four of the first version: see reply_get(). */
	REPLY_ROWS = 6,		/* text of the top-level array's inside */
	REPLY_ATTACHMENT,	/* a piece of a binary value */
	REPLY_FAILURE,		/* code and sentence */
	REPLY_END,
	REPLY_ANSWER,		/* all rows, no attachments */
	REPLY_REFUSAL,		/* code and sentence, and no rows */
	/* Of a collector in C.  The last piece of EMIT or ACK ends a packet. */
	REPLY_BINARY,		/* a piece of an attachment of the packet */
	REPLY_EMIT,		/* a piece of an event's array */
	REPLY_ACK,		/* a piece of the acknowledgement's array */
	REPLY_TYPES
};

struct reply {
	enum reply_type type;
	uint64_t id;		/* BEGUN, ANSWER, REFUSAL: of the request */
	uint32_t us;		/* the same: microseconds since it was taken */
	bool held;		/* BEGUN: attachments may come: keep it whole */
	bool border;		/* ROWS: ends between two rows of the array */
	bool last;		/* ATTACHMENT, BINARY, EMIT, ACK: last piece */
	enum err_code code;	/* FAILURE, REFUSAL */
	/* All but BEGUN and END; a sentence: FAILURE, REFUSAL */
	struct msg_bytes text;
};

/*
 * Write the head of a message (REPLY_HEAD bytes), whose text the caller has
 * behind it in the same memory: rows are sent from where they are encoded.
 */
void reply_head(char *head, const struct reply *r);

/*
 * Encode a message with its text, which is cut after ERR_TEXT_MAX bytes; out
 * has room for REPLY_HEAD more.  Returns its length.
 */
size_t reply_put(char *out, const struct reply *r);

/*
 * Decode; 0, or -1 when it is not well formed.  text points into data.  The
 * first version is understood, too: a request that moves here from an older
 * binary is still run by that one's collector.
 */
int reply_get(const void *data, size_t len, struct reply *out) MUST_CHECK;

#endif
