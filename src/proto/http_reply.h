/* Heads of HTTP replies: one table of them, written in one way. */
#ifndef PROTO_HTTP_REPLY_H
#define PROTO_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "proto/http_head.h"

/* Length of a body that is sent in chunks. */
#define HTTP_REPLY_CHUNKED ((size_t)-1)
/* Length of a body that ends with the connection: HTTP/1.0 has no chunks. */
#define HTTP_REPLY_TO_END ((size_t)-2)

/* What a client that sent Expect: 100-continue waits for. */
#define HTTP_CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

/* What CORS adds to every reply below the path. */
struct http_cors {
	bool off;		/* cors_origins is empty: no CORS (C4) */
	bool any;		/* cors_origins = "*" */
	bool trusted;		/* the request's Origin is in the list */
	struct slice origin;	/* the request's Origin; empty = none */
};

struct http_reply {
	int status;			/* 200 ... */
	const char *content_type;	/* NULL = none */
	const char *coding;		/* of the body; NULL = none */
	size_t length;			/* of the body */
	bool no_store;			/* cache-control: no-store */
	const char *etag;		/* may be cached, if asked for each
					 * time; with quotes; NULL = none */
	bool keep_alive;
	int keep_alive_s;		/* Keep-Alive: timeout= */
	bool xss_off;			/* X-XSS-Protection: 0 (H27) */
	const struct http_cors *cors;	/* NULL: outside of the path */
};

/*
 * Append status line and headers with the empty line.  The version is always
 * HTTP/1.1; a body to the end of the connection says Connection: close.  After
 * a failure out may hold a part, so the connection must be given up.
 */
int http_reply_put(struct buf *out, const struct http_reply *r) MUST_CHECK;

/* Is it OPTIONS, and CORS on?  Without origins it is a request (C4). */
bool http_is_preflight(const struct http_head *h,
    const struct http_cors *cors);

/* Answer to OPTIONS (204); requested: Access-Control-Request-Headers. */
int http_preflight_put(struct buf *out, const struct http_reply *r,
    const struct slice *requested) MUST_CHECK;

/* Append the headers that CORS adds; NULL = none. */
int http_cors_put(struct buf *out, const struct http_cors *cors) MUST_CHECK;

/* Is it an Internet Explorer, which wants xss_off on polling answers? */
bool http_wants_xss_off(const struct http_head *h);

/* "Not Found" and so on. */
const char *http_status_text(int status);

/* Origin of the request judged by the list of the conf. */
void http_cors_judge(struct http_cors *out, const struct http_head *h,
    char *const *origins, size_t norigins);

#endif
