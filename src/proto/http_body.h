/* The body of a request, by length or chunked (RFC 9112 section 7.1). */
#ifndef PROTO_HTTP_BODY_H
#define PROTO_HTTP_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/http_head.h"

/* Resumable; lives inside the connection. */
struct http_body {
	enum http_body_kind kind;
	int state;
	uint64_t left;		/* bytes of the body or of this chunk */
	uint64_t line;		/* bytes of the current chunk line, trailers */
};

void http_body_init(struct http_body *b, const struct http_head *h);

/*
 * Take what belongs to the body from data[0..len) and append its content to
 * out.  *used_out bytes of data are done with.  PARSE_DONE: the body is
 * whole.  PARSE_BAD: answer *status_out: 400 broken chunks, 413 more content
 * than out's bound (also when the declared length is), 500 out of memory.
 */
enum parse http_body_take(struct http_body *b, const char *data, size_t len,
    struct buf *out, size_t *used_out, int *status_out);

#endif
