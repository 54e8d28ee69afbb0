/*
 * Fuzz target: the head and the body of a request.  In pieces they must come
 * out as in one, and a head that is written again must be read the same.
 * The first byte is the length of the pieces.
 */
#include "target.h"

#include "proto/eio.h"
#include "proto/http_body.h"
#include "proto/http_coding.h"
#include "proto/http_head.h"
#include "proto/http_reply.h"
#include "proto/ws.h"

#define BODY_MAX 500

struct outcome {
	enum parse result;
	size_t used;
	int status;
	size_t content_len;
	char content[BODY_MAX];
};

static void
require_same(const struct outcome *a, const struct outcome *b)
{
	require(a->result == b->result && a->used == b->used &&
	    a->status == b->status && a->content_len == b->content_len);
	require(memcmp(a->content, b->content, a->content_len) == 0);
}

/* As it grows by step bytes at a time. */
static struct outcome
read_head(const char *data, size_t len, size_t step)
{
	struct outcome o = { .result = PARSE_MORE };
	size_t have = 0, scanned;
	struct http_head head;
	size_t used = 0;
	char *exact;
	int status;

	do {
		scanned = have;
		have += step < len - have ? step : len - have;
		exact = copy(data, have);
		o.result = http_head_parse(exact, have, scanned, &head, &used,
		    &status);
		free(exact);
	} while (o.result == PARSE_MORE && have < len);
	o.used = o.result == PARSE_DONE ? used : 0;
	o.status = o.result == PARSE_BAD ? status : 0;
	return o;
}

static struct outcome
read_body(const struct http_head *head, const char *data, size_t len,
    size_t step)
{
	struct outcome o = { .result = PARSE_MORE };
	struct http_body body;
	struct buf content;
	size_t n, used;
	char *exact;

	http_body_init(&body, head);
	buf_init(&content, BODY_MAX);
	do {
		n = step < len - o.used ? step : len - o.used;
		exact = copy(data + o.used, n);
		o.result = http_body_take(&body, exact, n, &content, &used,
		    &o.status);
		free(exact);
		require(used <= n);
		o.used += used;
	} while (o.result == PARSE_MORE && o.used < len);
	/* How far a refusal has come depends on the pieces. */
	if (o.result == PARSE_BAD)
		o.used = 0;
	else
		o.content_len = content.len;
	if (o.content_len > 0)
		memcpy(o.content, content.data, content.len);
	buf_fini(&content);
	return o;
}

static bool
same_slice(const struct slice *a, const struct slice *b)
{
	return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

static void
write_again(const struct http_head *h, const char *method)
{
	struct http_head again;
	struct buf text;
	size_t i, used;
	int status;

	buf_init(&text, 0);
	require(buf_puts(&text, method) == 0 && buf_putc(&text, ' ') == 0 &&
	    buf_put(&text, h->target.p, h->target.len) == 0 &&
	    buf_printf(&text, " HTTP/1.%d\r\n", h->minor) == 0);
	for (i = 0; i < h->nheaders; i++)
		require(buf_put(&text, h->headers[i].name.p,
		    h->headers[i].name.len) == 0 &&
		    buf_puts(&text, ": ") == 0 &&
		    buf_put(&text, h->headers[i].value.p,
		    h->headers[i].value.len) == 0 &&
		    buf_puts(&text, "\r\n") == 0);
	require(buf_puts(&text, "\r\n") == 0);
	require(http_head_parse(text.data, text.len, 0, &again, &used,
	    &status) == PARSE_DONE && used == text.len);
	require(h->method == again.method && h->minor == again.minor &&
	    h->keep_alive == again.keep_alive && h->body == again.body &&
	    h->upgrade_websocket == again.upgrade_websocket &&
	    h->expect_continue == again.expect_continue &&
	    h->content_length == again.content_length &&
	    h->nheaders == again.nheaders);
	require(same_slice(&h->path, &again.path) &&
	    same_slice(&h->query, &again.query));
	for (i = 0; i < h->nheaders; i++)
		require(same_slice(&h->headers[i].value,
		    &again.headers[i].value));
	buf_fini(&text);
}

/* No psk of the query may be in the log. */
static void
look_at_log(const struct http_head *h)
{
	char shown[1024], psk[1024];
	struct slice query;
	size_t len;

	http_target_for_log(&h->target, shown, sizeof(shown));
	query.p = strchr(shown, '?');
	if (query.p == NULL)
		return;
	query.p++;
	query.len = strlen(query.p);
	if (strlen(shown) < sizeof(shown) - 1 &&
	    http_query(&query, "psk", psk, sizeof(psk), &len))
		require(len == 0 || strncmp(psk, "***", 3) == 0);
}

/* Nothing that is answered may hold more than one head. */
static void
answer(const struct http_head *h)
{
	char origin[] = "http://a", *origins[] = { origin };
	struct http_reply reply = { .status = 200 };
	struct eio_request request;
	struct ws_deflate deflate;
	struct http_cors cors;
	bool bad_version;
	const char *why;
	struct buf out;

	buf_init(&out, 0);
	(void)eio_judge(h, true, &request);
	http_cors_judge(&cors, h, origins, 1);
	reply.cors = &cors;
	(void)http_coding_choose(h);
	if (ws_handshake_check(h, true, &deflate, &why, &bad_version) == 0)
		require(ws_handshake_put(&out, h, &cors, &deflate) == 0);
	else
		require(http_preflight_put(&out, &reply,
		    http_header(h, "Access-Control-Request-Headers")) == 0);
	require(memmem(out.data, out.len, "\r\n\r\n", 4) ==
	    out.data + out.len - 4);
	buf_fini(&out);
}

static void
look_at_head(const char *data, size_t used)
{
	static const char *const methods[HTTP_METHODS] = {
		"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
		"TRACE", "CONNECT"
	};
	char *exact = copy(data, used);
	struct http_head head;
	int status;

	require(http_head_parse(exact, used, 0, &head, &used, &status) ==
	    PARSE_DONE);
	write_again(&head, methods[head.method]);
	look_at_log(&head);
	answer(&head);
	free(exact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;
	struct http_head head;
	const char *text;
	size_t len, step, used;
	int status;

	if (size < 1)
		return 0;
	step = (size_t)data[0] + 1;
	text = (const char *)data + 1;
	len = size - 1;
	whole = read_head(text, len, SIZE_MAX);
	pieces = read_head(text, len, step);
	require_same(&whole, &pieces);
	if (whole.result != PARSE_DONE)
		return 0;
	look_at_head(text, whole.used);
	require(http_head_parse(text, len, 0, &head, &used, &status) ==
	    PARSE_DONE);
	whole = read_body(&head, text + used, len - used, SIZE_MAX);
	pieces = read_body(&head, text + used, len - used, step);
	require_same(&whole, &pieces);
	return 0;
}
