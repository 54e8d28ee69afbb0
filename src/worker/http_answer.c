/*
 * Answers on an HTTP connection.  A poll that waits is answered when there is
 * something to say; answers to requests behind it are kept until then.
 */
#include "worker/http_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "base/log.h"
#include "proto/deflate.h"
#include "proto/eio3.h"
#include "worker/compress.h"
#include "worker/conn.h"
#include "worker/generation.h"
#include "worker/session.h"

static const struct conf *
conf_of(const struct conn *c)
{
	return &c->worker->current->conf;
}

static void
facts_fini(struct http_facts *f)
{
	free(f->origin);
	*f = (struct http_facts){ 0 };
}

void
http_facts_none(struct conn *c)
{
	facts_fini(&c->u.http.now);
	c->u.http.answered = false;
}

void
http_facts_read(struct conn *c, const struct http_head *head)
{
	const struct conf *conf = conf_of(c);
	struct http *h = &c->u.http;
	struct http_cors cors;

	http_facts_none(c);
	http_cors_judge(&cors, head, conf->socketio.cors_origins.v,
	    conf->socketio.cors_origins.n);
	h->now.minor = head->minor;
	h->now.keep_alive = head->keep_alive;
	h->now.no_body = head->method == HTTP_HEAD;
	h->now.xss_off = http_wants_xss_off(head);
	if (head->method == HTTP_GET && conf->compression.http != 0)
		h->now.coding = http_coding_choose(head);
	h->now.cors_off = cors.off;
	h->now.cors_any = cors.any;
	if (!cors.any && cors.trusted)
		h->now.origin = strndup(cors.origin.p, cors.origin.len);
	h->last = !head->keep_alive;
}

static struct http_cors
cors_of(const struct http_facts *f)
{
	struct http_cors cors = {
		.off = f->cors_off,
		.any = f->cors_any,
		.trusted = f->origin != NULL,
		.origin = { "", 0 }
	};

	if (f->origin != NULL)
		cors.origin = (struct slice){ f->origin, strlen(f->origin) };
	return cors;
}

/* What is the same in every answer. */
static struct http_reply
reply_to(const struct conn *c, const struct http_facts *f,
    const struct http_cors *cors)
{
	return (struct http_reply){
		.status = 200,
		.keep_alive = f->keep_alive,
		.keep_alive_s =
		    (int)(conf_of(c)->limits.idle_timeout_ms / 1000),
		.xss_off = f->xss_off,
		.cors = cors
	};
}

/* To the client, or behind the answer to the poll that waits. */
static void
put_in_order(struct conn *c, const struct buf *b)
{
	struct http *h = &c->u.http;

	if (h->poll == NULL) {
		conn_put(c, b->data, b->len);
		return;
	}
	if (h->behind == NULL)
		h->behind = evbuffer_new();
	if (h->behind == NULL ||
	    evbuffer_add(h->behind, b->data, b->len) != 0)
		c->broken = true;
}

/* result: of what was written into b, which is freed. */
static void
send_answer(struct conn *c, struct buf *b, int result)
{
	struct http *h = &c->u.http;

	if (result == 0)
		put_in_order(c, b);
	else
		c->broken = true;
	buf_fini(b);
	h->answered = true;
	if (!h->now.keep_alive)
		h->last = true;
	facts_fini(&h->now);
	conn_kick(c);
}

void
http_answer(struct conn *c, int status, const char *type, const char *body)
{
	struct http_facts *f = &c->u.http.now;
	struct http_cors cors = cors_of(f);
	struct http_reply r = reply_to(c, f, &cors);
	struct buf b;
	int result;

	r.status = status;
	r.content_type = type;
	r.no_store = status == 200;
	r.length = strlen(body);
	buf_init(&b, 0);
	result = http_reply_put(&b, &r);
	if (result == 0 && !f->no_body)
		result = buf_puts(&b, body);
	send_answer(c, &b, result);
}

void
http_answer_preflight(struct conn *c, const struct http_head *head)
{
	struct http_facts *f = &c->u.http.now;
	struct http_cors cors = cors_of(f);
	struct http_reply r = reply_to(c, f, &cors);
	struct buf b;

	buf_init(&b, 0);
	send_answer(c, &b, http_preflight_put(&b, &r,
	    http_header(head, "Access-Control-Request-Headers")));
}

void
http_answer_refusal(struct conn *c, enum eio_verdict v)
{
	char body[128];

	log_debug("%s: request refused: %s", c->address, eio_refusal_text(v));
	snprintf(body, sizeof(body), "{\"code\":%d,\"message\":\"%s\"}",
	    eio_refusal_code(v), eio_refusal_text(v));
	http_answer(c, 400, HTTP_JSON, body);
}

void
http_refuse_upgrade(struct conn *c, const char *why, bool bad_version)
{
	struct http_facts *f = &c->u.http.now;
	struct http_cors cors = cors_of(f);
	struct buf b;

	log_debug("%s: websocket refused: %s", c->address, why);
	f->keep_alive = false;
	buf_init(&b, 0);
	send_answer(c, &b, ws_refusal_put(&b, 400, why, bad_version, &cors));
}

int
http_accept_upgrade(struct conn *c, const struct http_head *head,
    const struct ws_deflate *deflate)
{
	struct http_cors cors = cors_of(&c->u.http.now);
	struct buf b;
	int result;

	buf_init(&b, 0);
	result = ws_handshake_put(&b, head, &cors, deflate);
	if (result == 0)
		conn_put(c, b.data, b.len);
	buf_fini(&b);
	return result;
}

/* ---- polls --------------------------------------------------------------- */

/* The head of the poll's answer. */
static void
begin(struct conn *c, const char *type, size_t length)
{
	struct http_facts *f = &c->u.http.poll_facts;
	struct http_cors cors = cors_of(f);
	struct http_reply r = reply_to(c, f, &cors);
	struct buf b;

	r.content_type = type;
	r.no_store = true;
	r.length = length;
	if (c->u.http.streaming)
		r.coding = http_coding_name(f->coding);
	if (length == HTTP_REPLY_TO_END)
		f->keep_alive = false;
	buf_init(&b, 0);
	if (http_reply_put(&b, &r) == 0)
		conn_put(c, b.data, b.len);
	else
		c->broken = true;
	buf_fini(&b);
}

/* The poll is answered: what waited behind it may follow. */
static void
end(struct conn *c)
{
	struct http *h = &c->u.http;

	h->poll->poll = NULL;
	h->poll = NULL;
	h->streaming = false;
	if (!h->poll_facts.keep_alive)
		h->last = true;
	facts_fini(&h->poll_facts);
	if (h->behind != NULL) {
		conn_move(c, h->behind);
		evbuffer_free(h->behind);
		h->behind = NULL;
	}
	conn_kick(c);
}

void
http_poll_answer(struct conn *c, enum eio_form form,
    struct evbuffer *payload)
{
	begin(c, form == EIO_OCTETS ? HTTP_OCTETS : HTTP_PACKETS,
	    evbuffer_get_length(payload));
	conn_move(c, payload);
	end(c);
}

void
http_poll_answer_text(struct conn *c, const char *packet)
{
	size_t len = strlen(packet), n = 0;
	char head[EIO3_HEAD_MAX];

	if (c->u.http.poll->revision->form == EIO_COUNTED)
		n = eio3_text_head(head, len);
	begin(c, HTTP_PACKETS, n + len);
	conn_put(c, head, n);
	conn_put(c, packet, len);
	end(c);
}

bool
http_stream_is_coded(const struct conn *c)
{
	return c->u.http.poll_facts.coding != HTTP_CODING_NONE;
}

/* Around each chunk; nothing for HTTP/1.0. */
static void
put_chunk_head(struct conn *c, size_t len)
{
	char size[24];

	if (c->u.http.poll_facts.minor > 0)
		conn_put(c, size, (size_t)snprintf(size, sizeof(size),
		    "%zx\r\n", len));
}

static void
put_chunk_end(struct conn *c)
{
	if (c->u.http.poll_facts.minor > 0)
		conn_put(c, "\r\n", 2);
}

static void
put_chunk(struct conn *c, const char *data, size_t len)
{
	put_chunk_head(c, len);
	conn_put(c, data, len);
	put_chunk_end(c);
}

void
http_stream_begin(struct conn *c, const char *type)
{
	struct http *h = &c->u.http;
	char head[HTTP_CODED_MAX];

	h->streaming = true;
	begin(c, type, h->poll_facts.minor > 0 ?
	    HTTP_REPLY_CHUNKED : HTTP_REPLY_TO_END);
	if (http_stream_is_coded(c))
		put_chunk(c, head, http_coded_begin(&h->coded,
		    h->poll_facts.coding, head));
}

int
http_stream_put(struct conn *c, struct evbuffer *data)
{
	struct http *h = &c->u.http;
	const struct buf *piece;

	if (http_stream_is_coded(c)) {
		piece = compress_piece(h->poll, data, DEFLATE_BITS_MAX,
		    &h->coded);
		if (piece == NULL)
			return -1;
		put_chunk(c, piece->data, piece->len);
		return 0;
	}
	put_chunk_head(c, evbuffer_get_length(data));
	conn_move(c, data);
	put_chunk_end(c);
	return 0;
}

void
http_stream_end(struct conn *c)
{
	char last[HTTP_CODED_MAX];

	if (http_stream_is_coded(c))
		put_chunk(c, last, http_coded_end(&c->u.http.coded, last));
	if (c->u.http.poll_facts.minor > 0)
		conn_put(c, "0\r\n\r\n", 5);
	end(c);
}
