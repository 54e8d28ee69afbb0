/*
 * DEFLATE (RFC 1951) without anything around it, by zlib: what a WebSocket
 * message (RFC 7692) and an HTTP body are compressed with.
 *
 * A message is compressed in pieces, each of which refers to nothing before
 * it and ends with an empty block at the border of a byte.  So pieces in a row
 * are one stream, no state lives between them, and one deflater serves all
 * the messages of a process, however slowly they leave.
 */
#ifndef PROTO_DEFLATE_H
#define PROTO_DEFLATE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* What ends each piece; the last one of a WebSocket message is sent without. */
#define DEFLATE_TAIL_LEN 4

/* Bits of the window: how far behind a reference may point. */
#define DEFLATE_BITS_MIN 8
#define DEFLATE_BITS_MAX 15

struct deflater;

/* How much work it does, 1 (least) to 9, and for which window. */
struct deflate_how {
	int level;
	int bits;
};

/* It holds 260 KiB.  NULL when out of memory. */
struct deflater *deflater_new(void);
void deflater_free(struct deflater *d);

/* Append a piece, of which len bytes (below 2^32) are made: 0, or no memory. */
int deflater_put(struct deflater *d, struct deflate_how how,
    const void *data, size_t len, struct buf *out) MUST_CHECK;

enum inflated {
	INFLATED,
	INFLATE_BAD,		/* no DEFLATE, or cut off */
	INFLATE_TOO_BIG,	/* more than the bound of the buffer */
	INFLATE_NO_MEMORY
};

/*
 * Append the content of a whole WebSocket message, which came without its
 * tail.  out has a bound, and never takes more memory than it; 48 KiB more are
 * held while this runs.
 */
enum inflated inflate_message(const char *data, size_t len, struct buf *out)
    MUST_CHECK;

#endif
