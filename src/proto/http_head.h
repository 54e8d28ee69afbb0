/*
 * Stop 2 of a request's life: bytes to the head of an HTTP/1 request
 * (RFC 9112), as far as Engine.IO needs it.
 */
#ifndef PROTO_HTTP_HEAD_H
#define PROTO_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/parse.h"

#define HTTP_HEADERS_MAX 256

enum http_method {
	HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE,
	HTTP_OPTIONS, HTTP_TRACE, HTTP_CONNECT, HTTP_METHODS
};

/* How the body's length is told. */
enum http_body_kind { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

struct http_header {
	struct slice name;	/* as sent; compare without case */
	struct slice value;	/* without the blanks around it */
};

struct http_head {
	enum http_method method;
	struct slice target;	/* as sent: path and query */
	struct slice path;	/* target up to '?' */
	struct slice query;	/* behind '?' up to '#', maybe empty */
	int minor;		/* HTTP/1.minor: 0 or 1 */
	bool keep_alive;	/* the connection may stay open after it */
	bool upgrade_websocket;	/* a GET that asks for it, without a body */
	bool expect_continue;
	enum http_body_kind body;
	uint64_t content_length;	/* HTTP_BODY_LENGTH */
	size_t nheaders;
	struct http_header headers[HTTP_HEADERS_MAX];
};

/*
 * Parse a head out of data[0..len).  scanned: bytes of data that an earlier
 * call has seen already (0 at first, then the previous len), so that a slow
 * sender costs linear time.  PARSE_DONE: *used_out is the length of the head
 * with its empty line (and empty lines before it); slices point into data.
 * PARSE_BAD: answer *status_out (400, 431, 501 or 505) and close.  The caller
 * bounds len (431 when the bound is reached at PARSE_MORE).
 */
enum parse http_head_parse(const char *data, size_t len, size_t scanned,
    struct http_head *out, size_t *used_out, int *status_out);

/* The first header of that name, without case; NULL = not there. */
const struct slice *http_header(const struct http_head *h, const char *name);

/*
 * The next item of a comma-separated header value without the blanks around
 * it, from *pos (0 at first) on; it may be empty.  false at the end.
 */
bool http_list_next(const struct slice *value, size_t *pos,
    struct slice *item_out);

/* Is it a token: not empty, and of the characters of a header's name? */
bool http_is_token(const struct slice *s);

/* Is token in the comma-separated list of a header value, without case? */
bool http_has_token(const struct slice *value, const char *token);

/*
 * The last value of key in a query string, decoded as form data (%xx, + is
 * blank) into out (size bytes, NUL-terminated, may hold NULs inside; *len_out
 * says).  false: not there (*len_out is 0), or longer than size - 1 (*len_out
 * is its length).
 */
bool http_query(const struct slice *query, const char *key, char *out,
    size_t size, size_t *len_out);

/*
 * The target with the value of each psk parameter (also spelled with %xx)
 * replaced by stars, for logs; cut to size - 1, NUL-terminated.
 */
void http_target_for_log(const struct slice *target, char *out, size_t size);

#endif
