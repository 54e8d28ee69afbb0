/* WebSocket connections: frames in and out, and the closing handshake. */
#include "worker/websocket.h"

#include <string.h>

#include <event2/buffer.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/deflate.h"
#include "worker/conn.h"
#include "worker/engine.h"
#include "worker/session.h"

/* How long the peer may take to answer our close frame (W27). */
#define CLOSE_MS 30000
/* Packets that wait for the client: above it, nothing more is read. */
#define WAITING_MAX 1024

/* The session loses this connection, without or with a reason to end. */
static void
part(struct conn *c, enum close_reason reason)
{
	struct session *s = c->u.ws.session;

	c->u.ws.session = NULL;
	if (s == NULL)
		return;
	if (s->probe == c) {
		engine_probe_lost(s);
		return;
	}
	s->ws = NULL;
	session_close(s, reason);
}

void
websocket_start(struct conn *c, struct session *s, int deflate_bits)
{
	size_t max = s == NULL ? 1 :
	    (size_t)session_conf(s)->socketio.max_payload_bytes;

	conn_become(c, &websocket_kind);
	ws_reader_init(&c->u.ws.reader, max, deflate_bits != 0);
	c->u.ws.session = s;
	c->u.ws.deflate_bits = deflate_bits;
	if (s == NULL)
		websocket_close(c, WS_CLOSE_EMPTY);
}

void
websocket_close(struct conn *c, enum ws_close code)
{
	char frame[WS_HEAD_MAX + 2];

	c->u.ws.session = NULL;
	conn_put(c, frame, ws_close_frame(frame, code));
	c->deadline_ms = clock_ms() + CLOSE_MS;
}

void
websocket_frame(struct conn *c, enum ws_opcode opcode, bool fin,
    struct evbuffer *data)
{
	char head[WS_HEAD_MAX];

	conn_put(c, head, ws_frame_head(head, opcode, fin,
	    evbuffer_get_length(data)));
	conn_move(c, data);
}

void
websocket_piece(struct conn *c, enum ws_opcode opcode, bool last,
    const struct buf *piece)
{
	/* Its tail is put back by who reads the message. */
	size_t len = piece->len - (last ? DEFLATE_TAIL_LEN : 0), n;
	char head[WS_HEAD_MAX];

	n = ws_frame_head(head, opcode, last, len);
	if (opcode != WS_CONTINUATION)
		head[0] = (char)(head[0] | WS_COMPRESSED);
	conn_put_both(c, head, n, piece->data, len);
}

static void
put_frame(struct conn *c, enum ws_opcode opcode, const char *data, size_t len)
{
	char head[WS_HEAD_MAX];

	conn_put_both(c, head, ws_frame_head(head, opcode, true, len), data,
	    len);
}

void
websocket_text(struct conn *c, const char *text, size_t len)
{
	put_frame(c, WS_TEXT, text, len);
}

/* ---- frames in ----------------------------------------------------------- */

static void
on_text(struct conn *c, struct ws_message *m)
{
	if (c->u.ws.session != NULL)
		engine_text(c->u.ws.session, c, m->data, m->len);
}

static void
on_binary(struct conn *c, struct ws_message *m)
{
	if (c->u.ws.session != NULL)
		engine_binary(c->u.ws.session, c, m->data, m->len);
}

static void
on_ping(struct conn *c, struct ws_message *m)
{
	if (c->u.ws.session != NULL)
		put_frame(c, WS_PONG, m->data, m->len);
}

static void
on_pong(struct conn *c, struct ws_message *m)
{
	(void)c;
	(void)m;
}

static void
on_close(struct conn *c, struct ws_message *m)
{
	char head[WS_HEAD_MAX];

	if (c->u.ws.session != NULL) {
		conn_put(c, head, ws_frame_head(head, WS_CLOSE, true, m->len));
		conn_put(c, m->data, m->len);
	}
	part(c, CLOSE_CLIENT);
	conn_finish(c);
}

static void (*const handlers[])(struct conn *c, struct ws_message *m) = {
	[WS_EVENT_TEXT] = on_text,
	[WS_EVENT_BINARY] = on_binary,
	[WS_EVENT_PING] = on_ping,
	[WS_EVENT_PONG] = on_pong,
	[WS_EVENT_CLOSE] = on_close
};

static void
on_bad(struct conn *c, enum ws_close code)
{
	bool closing = c->u.ws.session == NULL;

	log_debug("%s: websocket closed: %d", c->address, (int)code);
	part(c, CLOSE_FRAME);
	if (!closing)
		websocket_close(c, code);
	conn_finish(c);
}

/* Must frames wait, for a verdict or until the client has read? */
static bool
must_wait(const struct conn *c)
{
	const struct session *s = c->u.ws.session;

	/* A probe brings no requests, and may be what lets the output go. */
	return s != NULL && (engine_is_waiting(s) || (s->ws == c &&
	    (s->output.npackets > WAITING_MAX ||
	    conn_pending(c) > 2 * CONN_OUT_HIGH)));
}

/* Take whole frames; c->in keeps the beginning of the next. */
static void
take_frames(struct conn *c)
{
	struct ws_message m;
	size_t pos = 0;

	c->in_need = 0;
	while (c->kind == &websocket_kind && !c->dead && pos < c->in.len &&
	    !must_wait(c)) {
		switch (ws_read(&c->u.ws.reader, c->in.data + pos,
		    c->in.len - pos, &m)) {
		case PARSE_DONE:
			pos += m.used;
			if (m.event == WS_EVENT_NONE)
				continue;
			if (c->u.ws.session != NULL &&
			    !c->u.ws.reader.in_message)
				c->deadline_ms = 0;
			handlers[m.event](c, &m);
			continue;
		case PARSE_MORE:
			c->in_need = m.need;
			break;
		case PARSE_BAD:
			on_bad(c, m.code);
			break;
		}
		break;
	}
	buf_eat(&c->in, pos);
}

/*
 * A message has the time of a body, however its frames and bytes are spread:
 * control frames between them keep a connection alive, not a message.
 */
static void
set_deadline(struct conn *c)
{
	const struct session *s = c->u.ws.session;

	if (s == NULL)
		return;
	if (c->blocked || (c->in.len == 0 && !c->u.ws.reader.in_message))
		c->deadline_ms = 0;
	else if (c->deadline_ms == 0)
		c->deadline_ms = clock_ms() +
		    (uint64_t)session_conf(s)->limits.body_timeout_ms;
}

static void
websocket_late(struct conn *c)
{
	if (c->u.ws.session == NULL) {
		conn_close(c);
		return;
	}
	part(c, CLOSE_SLOW);
	websocket_close(c, WS_CLOSE_POLICY);
	conn_finish(c);
}

static void
websocket_work(struct conn *c)
{
	take_frames(c);
	if (c->kind != &websocket_kind || c->dead)
		return;
	c->blocked = must_wait(c);
	set_deadline(c);
	if (c->eof || c->broken) {
		part(c, CLOSE_LOST);
		conn_finish(c);
		return;
	}
	if (c->u.ws.session != NULL && c->u.ws.session->ws == c)
		output_pump(c->u.ws.session);
}

static void
websocket_fini(struct conn *c)
{
	part(c, CLOSE_LOST);
	ws_reader_fini(&c->u.ws.reader);
}

const struct conn_kind websocket_kind = {
	.name = "websocket", .work = websocket_work, .late = websocket_late,
	.fini = websocket_fini
};
