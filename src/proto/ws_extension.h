/*
 * What client and server agree on besides the frames (RFC 6455 section 9):
 * permessage-deflate (RFC 7692) is the only extension that we know.
 *
 * Neither side ever refers to an earlier message, so a session keeps no
 * memory for it: we say so in each answer, whatever the offer says.
 */
#ifndef PROTO_WS_EXTENSION_H
#define PROTO_WS_EXTENSION_H

#include <stdbool.h>

#include "base/buf.h"
#include "proto/http_head.h"

struct ws_deflate {
	int bits;		/* window of what we send; 0 = not agreed */
	bool bits_asked;	/* then the answer repeats it */
	int client_bits;	/* window that the client asked for; 0 = none,
				 * and the answer repeats it */
};

/*
 * The first offer of permessage-deflate, all of which can be met; bits is 0
 * when there is none.  -1: an offer of whatever extension is malformed, or
 * one of this extension has a parameter that is not its own.
 */
int ws_extension_read(const struct http_head *h, struct ws_deflate *out)
    MUST_CHECK;

/* Append the header that answers it. */
int ws_extension_put(struct buf *out, const struct ws_deflate *d) MUST_CHECK;

#endif
