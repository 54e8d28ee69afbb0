/* Heads of HTTP replies: one table of them, written in one way. */
#ifndef PROTO_HTTP_REPLY_H
#define PROTO_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "proto/http_head.h"

/* Length of a body that is sent in chunks. */
#define HTTP_REPLY_CHUNKED ((size_t)-1)

/* What CORS adds to every reply below the path. */
struct http_cors {
	bool any;		/* cors_origins = "*" */
	bool trusted;		/* the request's Origin is in the list */
	struct slice origin;	/* the request's Origin; empty = none */
};

struct http_reply {
	int status;			/* 200 ... */
	const char *content_type;	/* NULL = none */
	size_t length;			/* of the body */
	bool no_store;			/* cache-control: no-store */
	bool keep_alive;
	int keep_alive_s;		/* Keep-Alive: timeout= */
	const struct http_cors *cors;	/* NULL: outside of the path */
};

/*
 * Append status line and headers with the empty line.  minor = 0 (HTTP/1.0)
 * is never sent chunks: the caller then closes at the end of the body.
 */
int http_reply_put(struct buf *out, const struct http_reply *r) MUST_CHECK;

/* Answer to OPTIONS (204); requested: Access-Control-Request-Headers. */
int http_preflight_put(struct buf *out, const struct http_reply *r,
    const struct slice *requested) MUST_CHECK;

/* "Not Found" and so on. */
const char *http_status_text(int status);

/* Origin of the request judged by the list of the conf. */
void http_cors_judge(struct http_cors *out, const struct http_head *h,
    char *const *origins, size_t norigins);

#endif
