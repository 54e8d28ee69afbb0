/*
 * What a collector says on a request's reply socket, in this order:
 *
 *	BEGUN  ( ROWS | ATTACHMENT )*  [ FAILURE ]  END
 *
 * each one SEQPACKET message of at most REPLY_BYTES_MAX.  Only END ends a
 * reply: on the worker's side the end of the socket before END means that the
 * collector is gone; on the collector's side EPIPE and ECONNRESET both mean
 * that the caller has given up.
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
/* Bytes in front of the text of ROWS, ATTACHMENT and FAILURE. */
#define REPLY_HEAD 8

enum reply_type {
	REPLY_BEGUN = 1,	/* it runs from here on: never run it again */
	REPLY_ROWS,		/* text of the top-level array's inside */
	REPLY_ATTACHMENT,	/* a piece of a binary value */
	REPLY_FAILURE,		/* code and sentence */
	REPLY_END,
	REPLY_TYPES
};

struct reply {
	enum reply_type type;
	uint64_t id;		/* BEGUN: of the request */
	bool held;		/* BEGUN: attachments may come: keep it whole */
	bool border;		/* ROWS: ends between two rows of the array */
	bool last;		/* ATTACHMENT: last piece of its value */
	enum err_code code;	/* FAILURE */
	struct msg_bytes text;	/* ROWS, ATTACHMENT, FAILURE (a sentence) */
};

const char *reply_type_name(unsigned int type);

/*
 * Write the head of a ROWS or ATTACHMENT message into head (REPLY_HEAD
 * bytes); the text follows it in the same memory, so that rows are encoded
 * where they are sent from.
 */
void reply_head(char *head, enum reply_type type, bool flag);

/*
 * Encode any message but ROWS and ATTACHMENT into out (REPLY_HEAD +
 * ERR_TEXT_MAX bytes suffice); returns its length.
 */
size_t reply_put(char *out, const struct reply *r);

/* Decode; 0, or -1 when it is not well formed.  text points into data. */
int reply_get(const void *data, size_t len, struct reply *out) MUST_CHECK;

#endif
