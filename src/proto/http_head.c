/*
 * Bytes to the head of a request.  Strict wherever leniency would let two
 * parties on the way see two different requests (RFC 9112 section 11.2): lines
 * end with CRLF, nothing is folded, and one length is told once.
 *
 * What path and query mean is decided in eio.c; the body is read in
 * http_body.c.
 */
#include "proto/http_head.h"

#include <string.h>

/* Empty lines that are skipped in front of the request line. */
#define EMPTY_LINES_MAX 16

#define VERSION_LEN (sizeof("HTTP/1.1") - 1)

static const char *const method_names[] = {
	[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS", [HTTP_TRACE] = "TRACE",
	[HTTP_CONNECT] = "CONNECT"
};
_Static_assert(sizeof(method_names) / sizeof(method_names[0]) == HTTP_METHODS,
    "each method has a name");

/* tchar of RFC 9110 section 5.6.2. */
static const bool token_chars[256] = {
	['!'] = true, ['#' ... '\''] = true, ['*' ... '+'] = true,
	['-' ... '.'] = true, ['0' ... '9'] = true, ['A' ... 'Z'] = true,
	['^' ... 'z'] = true, ['|'] = true, ['~'] = true
};

/* What the headers said, before it is judged as a whole. */
struct notes {
	unsigned int hosts, lengths, codings;
	bool close, keep_alive, upgrade, websocket;
};

static bool
is_token(char c)
{
	return token_chars[(unsigned char)c];
}

static bool
is_value(char c)
{
	return ((unsigned char)c >= ' ' && c != 0x7f) || c == '\t';
}

static bool
is_target(char c)
{
	return c > ' ' && c < 0x7f;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
trimmed(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	while (end > p && is_blank(end[-1]))
		end--;
	return (struct slice){ p, (size_t)(end - p) };
}

/* The method with the blank behind it; garbage is known by its first bytes. */
static enum parse
read_method(const char *p, size_t len, struct http_head *h)
{
	enum parse result = PARSE_BAD;
	size_t i, n;

	for (i = 0; i < HTTP_METHODS; i++) {
		n = strlen(method_names[i]);
		if (len <= n && memcmp(p, method_names[i], len) == 0)
			result = PARSE_MORE;
		if (len > n && memcmp(p, method_names[i], n) == 0 &&
		    p[n] == ' ') {
			h->method = (enum http_method)i;
			return PARSE_DONE;
		}
	}
	return result;
}

/* The end of the empty line; only line feeds behind from are looked at. */
static enum parse
find_end(const char *data, size_t len, size_t from, size_t *end_out)
{
	const char *p = data + from, *lf;

	while ((lf = memchr(p, '\n', (size_t)(data + len - p))) != NULL) {
		if (lf == data || lf[-1] != '\r')
			return PARSE_BAD;
		p = lf + 1;
		if (lf - data >= 2 && lf[-2] == '\n') {
			*end_out = (size_t)(p - data);
			return PARSE_DONE;
		}
	}
	return PARSE_MORE;
}

/* A path, "*", or an absolute URL, whose path is no path of ours (H1). */
static bool
is_target_form(const struct slice *target)
{
	static const char mark[] = "://";

	if (target->len == 0)
		return false;
	return target->p[0] == '/' || slice_is(target, "*") ||
	    memmem(target->p, target->len, mark, strlen(mark)) != NULL;
}

/* Into path and query; what stands behind '#' is the client's own. */
static void
split_target(struct http_head *h)
{
	const char *p = h->target.p, *end = p + h->target.len, *mark;

	mark = memchr(p, '#', h->target.len);
	if (mark != NULL)
		end = mark;
	mark = memchr(p, '?', (size_t)(end - p));
	if (mark == NULL)
		mark = end;
	h->path = (struct slice){ p, (size_t)(mark - p) };
	if (mark < end)
		mark++;
	h->query = (struct slice){ mark, (size_t)(end - mark) };
}

/* From behind the method to end, where the CRLF is; 0 or the status. */
static int
read_request_line(struct http_head *h, const char *p, const char *end)
{
	const char *target = p;

	while (p < end && is_target(*p))
		p++;
	h->target = (struct slice){ target, (size_t)(p - target) };
	if (!is_target_form(&h->target) ||
	    (size_t)(end - p) != 1 + VERSION_LEN ||
	    memcmp(p, " HTTP/", 6) != 0 || p[7] != '.' ||
	    p[6] < '0' || p[6] > '9' || p[8] < '0' || p[8] > '9')
		return 400;
	if (p[6] != '1' || p[8] > '1')
		return 505;
	h->minor = p[8] - '0';
	split_target(h);
	return 0;
}

static int
note_connection(struct http_head *h, struct notes *n, const struct slice *v)
{
	(void)h;
	n->close |= http_has_token(v, "close");
	n->keep_alive |= http_has_token(v, "keep-alive");
	n->upgrade |= http_has_token(v, "upgrade");
	return 0;
}

static int
note_length(struct http_head *h, struct notes *n, const struct slice *v)
{
	uint64_t digit, length = 0;
	size_t i;

	n->lengths++;
	for (i = 0; i < v->len; i++) {
		if (v->p[i] < '0' || v->p[i] > '9')
			return 400;
		digit = (uint64_t)(v->p[i] - '0');
		if (length > (UINT64_MAX - digit) / 10)
			return 400;
		length = 10 * length + digit;
	}
	h->content_length = length;
	h->body = length > 0 ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
	return v->len > 0 ? 0 : 400;
}

static int
note_coding(struct http_head *h, struct notes *n, const struct slice *v)
{
	n->codings++;
	h->body = HTTP_BODY_CHUNKED;
	return slice_is_nocase(v, "chunked") ? 0 : 501;
}

static int
note_expect(struct http_head *h, struct notes *n, const struct slice *v)
{
	(void)n;
	h->expect_continue = h->minor > 0 && slice_is_nocase(v, "100-continue");
	return 0;
}

static int
note_host(struct http_head *h, struct notes *n, const struct slice *v)
{
	(void)h;
	(void)v;
	n->hosts++;
	return 0;
}

static int
note_upgrade(struct http_head *h, struct notes *n, const struct slice *v)
{
	(void)h;
	n->websocket |= http_has_token(v, "websocket");
	return 0;
}

/* The headers that have a meaning for the connection itself. */
static const struct {
	const char *name;
	int (*note)(struct http_head *, struct notes *, const struct slice *);
} meanings[] = {
	{ "Connection", note_connection },
	{ "Content-Length", note_length },
	{ "Expect", note_expect },
	{ "Host", note_host },
	{ "Transfer-Encoding", note_coding },
	{ "Upgrade", note_upgrade }
};

/* One header line up to end, where the CRLF is; 0 or the status. */
static int
read_header(struct http_head *h, struct notes *n, const char *p,
    const char *end)
{
	struct http_header *header;
	const char *name = p;
	size_t i;

	if (h->nheaders == HTTP_HEADERS_MAX)
		return 431;
	header = &h->headers[h->nheaders++];
	while (p < end && is_token(*p))
		p++;
	if (p == name || p == end || *p != ':')
		return 400;
	header->name = (struct slice){ name, (size_t)(p - name) };
	header->value = trimmed(p + 1, end);
	while (++p < end)
		if (!is_value(*p))
			return 400;
	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (slice_is_nocase(&header->name, meanings[i].name))
			return meanings[i].note(h, n, &header->value);
	return 0;
}

/* What the notes mean together; 0 or the status. */
static int
judge(struct http_head *h, const struct notes *n)
{
	if (n->hosts > 1 || (n->hosts == 0 && h->minor > 0))
		return 400;
	if (n->lengths + n->codings > 1)
		return 400;
	if (n->codings > 0 && h->minor == 0)
		return 400;
	h->keep_alive = !n->close && (h->minor > 0 || n->keep_alive);
	/* Bytes behind an upgrade are frames, so it cannot have a body. */
	h->upgrade_websocket = n->upgrade && n->websocket && h->minor > 0 &&
	    h->method == HTTP_GET && h->body == HTTP_BODY_NONE;
	return 0;
}

/* All lines of a whole head, from behind the method; 0 or the status. */
static int
read_lines(struct http_head *h, const char *p, const char *end)
{
	struct notes notes = { 0 };
	const char *line;
	int status;

	line = p;
	p = memchr(line, '\n', (size_t)(end - line));
	status = read_request_line(h, line, p - 1);
	while (status == 0 && (line = p + 1) < end - 2) {
		p = memchr(line, '\n', (size_t)(end - line));
		status = read_header(h, &notes, line, p - 1);
	}
	return status != 0 ? status : judge(h, &notes);
}

enum parse
http_head_parse(const char *data, size_t len, size_t scanned,
    struct http_head *out, size_t *used_out, int *status_out)
{
	enum parse result;
	size_t start = 0, end = 0;

	*status_out = 400;
	while (len - start >= 2 && memcmp(data + start, "\r\n", 2) == 0 &&
	    start < 2 * EMPTY_LINES_MAX)
		start += 2;
	if (len == start || (len == start + 1 && data[start] == '\r'))
		return PARSE_MORE;
	/* nheaders says how many of the headers are valid. */
	memset(out, 0, offsetof(struct http_head, headers));
	result = read_method(data + start, len - start, out);
	if (result != PARSE_DONE)
		return result;
	result = find_end(data, len, scanned > start ? scanned : start, &end);
	if (result != PARSE_DONE)
		return result;
	*used_out = end;
	start += strlen(method_names[out->method]) + 1;
	*status_out = read_lines(out, data + start, data + end);
	return *status_out == 0 ? PARSE_DONE : PARSE_BAD;
}

const struct slice *
http_header(const struct http_head *h, const char *name)
{
	size_t i;

	for (i = 0; i < h->nheaders; i++)
		if (slice_is_nocase(&h->headers[i].name, name))
			return &h->headers[i].value;
	return NULL;
}

bool
http_list_next(const struct slice *value, size_t *pos, struct slice *item_out)
{
	const char *item = value->p + *pos, *end = value->p + value->len;
	const char *comma;

	/* One beyond the end: the last item, which may be empty, was given. */
	if (*pos > value->len)
		return false;
	comma = memchr(item, ',', (size_t)(end - item));
	if (comma == NULL)
		comma = end;
	*pos += (size_t)(comma - item) + 1;
	*item_out = trimmed(item, comma);
	return true;
}

bool
http_is_token(const struct slice *s)
{
	size_t i;

	for (i = 0; i < s->len; i++)
		if (!is_token(s->p[i]))
			return false;
	return s->len > 0;
}

bool
http_has_token(const struct slice *value, const char *token)
{
	struct slice item;
	size_t pos = 0;

	while (http_list_next(value, &pos, &item))
		if (slice_is_nocase(&item, token))
			return true;
	return false;
}
