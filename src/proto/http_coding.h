/*
 * Compressed bodies of HTTP answers (RFC 9110 section 8.4.1): which coding the
 * client takes, and what stands around the pieces of proto/deflate.h.
 */
#ifndef PROTO_HTTP_CODING_H
#define PROTO_HTTP_CODING_H

#include <stddef.h>
#include <stdint.h>

#include "proto/http_head.h"

enum http_coding {
	HTTP_CODING_NONE,
	HTTP_CODING_GZIP,
	HTTP_CODING_DEFLATE,
	HTTP_CODINGS
};

/* As headers name it; NULL = no coding. */
const char *http_coding_name(enum http_coding c);

/* The best for this request's Accept-Encoding; NONE without that header. */
enum http_coding http_coding_choose(const struct http_head *h);

/* What a body ends with is a sum of all of it; lives inside the answer. */
struct http_coded {
	enum http_coding coding;
	uint32_t sum;
	uint32_t len;
};

#define HTTP_CODED_MAX 10	/* bytes of a head or an end */

/* A body begins, and its first bytes; their number is returned. */
size_t http_coded_begin(struct http_coded *h, enum http_coding c, char *out);

/* Content that is about to be compressed. */
void http_coded_add(struct http_coded *h, const void *data, size_t len);

/* Its last bytes. */
size_t http_coded_end(const struct http_coded *h, char *out);

#endif
