/*
 * Heads of HTTP replies.  Who asks decides what is said; this file knows how
 * it is spelled.
 */
#include "proto/http_reply.h"

#include <string.h>

static const struct {
	int status;
	const char *text;
} statuses[] = {
	{ 200, "OK" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 413, "Payload Too Large" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" }
};

const char *
http_status_text(int status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "Unknown";
}

static int
put_header(struct buf *out, const char *name, const struct slice *value)
{
	if (buf_puts(out, name) != 0 || buf_puts(out, ": ") != 0 ||
	    buf_put(out, value->p, value->len) != 0)
		return -1;
	return buf_puts(out, "\r\n");
}

int
http_cors_put(struct buf *out, const struct http_cors *cors)
{
	if (cors == NULL || cors->off)
		return 0;
	if (cors->any)
		return buf_puts(out, "Access-Control-Allow-Origin: *\r\n");
	if (cors->trusted && put_header(out, "Access-Control-Allow-Origin",
	    &cors->origin) != 0)
		return -1;
	/* Also without the header: a cache must not serve it to a friend. */
	return buf_puts(out, "Vary: Origin\r\n");
}

static int
put_length(struct buf *out, size_t length)
{
	if (length == HTTP_REPLY_CHUNKED)
		return buf_puts(out, "Transfer-Encoding: chunked\r\n");
	if (length == HTTP_REPLY_TO_END)
		return 0;
	return buf_printf(out, "Content-Length: %zu\r\n", length);
}

static int
put_connection(struct buf *out, const struct http_reply *r)
{
	if (!r->keep_alive || r->length == HTTP_REPLY_TO_END)
		return buf_puts(out, "Connection: close\r\n");
	return buf_printf(out, "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=%d\r\n", r->keep_alive_s);
}

static int
put_status(struct buf *out, int status)
{
	return buf_printf(out, "HTTP/1.1 %d %s\r\n", status,
	    http_status_text(status));
}

static int
put_content(struct buf *out, const struct http_reply *r)
{
	if (r->content_type != NULL &&
	    buf_printf(out, "Content-Type: %s\r\n", r->content_type) != 0)
		return -1;
	if (r->coding != NULL &&
	    buf_printf(out, "Content-Encoding: %s\r\n", r->coding) != 0)
		return -1;
	/* A 304 would tell the length of what it does not repeat. */
	if (r->status != 304 && put_length(out, r->length) != 0)
		return -1;
	if (r->etag != NULL && buf_printf(out, "Cache-Control: public, "
	    "max-age=0\r\nETag: %s\r\n", r->etag) != 0)
		return -1;
	if (r->no_store && buf_puts(out, "cache-control: no-store\r\n") != 0)
		return -1;
	if (r->xss_off && buf_puts(out, "X-XSS-Protection: 0\r\n") != 0)
		return -1;
	return 0;
}

int
http_reply_put(struct buf *out, const struct http_reply *r)
{
	if (put_status(out, r->status) != 0 || put_content(out, r) != 0 ||
	    http_cors_put(out, r->cors) != 0 || put_connection(out, r) != 0 ||
	    buf_puts(out, "\r\n") != 0)
		return -1;
	return 0;
}

bool
http_is_preflight(const struct http_head *h, const struct http_cors *cors)
{
	return h->method == HTTP_OPTIONS && !cors->off;
}

int
http_preflight_put(struct buf *out, const struct http_reply *r,
    const struct slice *requested)
{
	if (put_status(out, 204) != 0 || http_cors_put(out, r->cors) != 0 ||
	    buf_puts(out, "Access-Control-Allow-Methods: "
	    "GET,HEAD,PUT,PATCH,POST,DELETE\r\n"
	    "Vary: Access-Control-Request-Headers\r\n") != 0)
		return -1;
	if (requested != NULL && requested->len > 0 &&
	    put_header(out, "Access-Control-Allow-Headers", requested) != 0)
		return -1;
	if (put_length(out, 0) != 0 || put_connection(out, r) != 0 ||
	    buf_puts(out, "\r\n") != 0)
		return -1;
	return 0;
}

void
http_cors_judge(struct http_cors *out, const struct http_head *h,
    char *const *origins, size_t norigins)
{
	const struct slice *origin = http_header(h, "Origin");
	size_t i;

	*out = (struct http_cors){ .off = norigins == 0, .origin = { "", 0 } };
	if (origin != NULL)
		out->origin = *origin;
	for (i = 0; i < norigins; i++) {
		if (strcmp(origins[i], "*") == 0)
			out->any = true;
		else if (out->origin.len > 0 &&
		    slice_is(&out->origin, origins[i]))
			out->trusted = true;
	}
}

bool
http_wants_xss_off(const struct http_head *h)
{
	const struct slice *agent = http_header(h, "User-Agent");

	return agent != NULL &&
	    (memmem(agent->p, agent->len, ";MSIE", 5) != NULL ||
	    memmem(agent->p, agent->len, "Trident/", 8) != NULL);
}
