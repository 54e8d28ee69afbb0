/*
 * Packets leave.  This file decides which leave now and in which form; the
 * connection below decides when bytes go.
 */
#include "worker/output_inside.h"

#include <event2/buffer.h>

#include "base/clock.h"
#include "worker/answer.h"
#include "worker/compress.h"
#include "worker/conn.h"
#include "worker/engine.h"
#include "worker/http_answer.h"
#include "worker/payload.h"
#include "worker/schedule.h"
#include "worker/session.h"

/* Pieces of a message are no smaller: clients count them (W25). */
#define PIECE_BYTES (64 * 1024)

/*
 * May the first packet, which is open, begin on c?  A long message lets no
 * ping through, so one goes in front of it, at a moment when nothing else
 * waits and it leaves at once.  It does not begin on a poll while the client
 * tries to upgrade: Node's polling takes seconds for what takes a websocket
 * none; so what ends within PROBE_BYTES goes as a whole, more waits.
 */
static bool
may_stream(struct session *s, struct packet *p, const struct conn *c)
{
	if (s->probe != NULL) {
		p->pinged = false;
		return false;
	}
	if (p->pinged)
		return true;
	if (conn_pending(c) > 0)
		return false;
	p->pinged = true;
	engine_ping(s);
	return false;
}

/* Its last piece, or its only one, is out. */
static void
sent(struct session *s, struct packet *p)
{
	bool was_streamed = p->begun;

	output_drop(&s->output, p);
	if (was_streamed)
		engine_stream_ended(s);
}

/* The next piece of p; false when it must wait for more. */
static bool
has_piece(const struct packet *p)
{
	return !p->open || evbuffer_get_length(p->data) >= PIECE_BYTES;
}

/* A frame of p, of all that is there or of a compressed piece: 0 or -1. */
static int
put_frame(struct session *s, struct packet *p)
{
	enum ws_opcode opcode = p->begun ? WS_CONTINUATION : WS_TEXT;
	const struct buf *piece;
	struct conn *c = s->ws;

	if (!p->begun && payload_message(s, p->data, &p->binary) != 0)
		return -1;
	if (!p->begun && p->binary)
		opcode = WS_BINARY;
	if (!p->packed) {
		websocket_frame(c, opcode, !p->open, p->data);
		return 0;
	}
	piece = compress_piece(s, p->data, c->u.ws.deflate_bits, NULL);
	if (piece == NULL)
		return -1;
	websocket_piece(c, opcode, !p->open &&
	    evbuffer_get_length(p->data) == 0, piece);
	return 0;
}

/* Send what can be sent of p; false when it must wait, or s is closed. */
static bool
send_frame(struct session *s, struct packet *p)
{
	size_t len = evbuffer_get_length(p->data);

	if (!p->begun)
		p->packed = output_is_packed(s, p->open ? SIZE_MAX : len);
	if (p->packed && !compress_may(s))
		return false;
	if (put_frame(s, p) != 0) {
		session_close(s, CLOSE_MEMORY);
		return false;
	}
	s->output.moved_ms = clock_ms();
	if (!p->open)
		s->output.bytes -= len - evbuffer_get_length(p->data);
	if (!p->open && evbuffer_get_length(p->data) == 0) {
		sent(s, p);
		return true;
	}
	p->begun = true;
	if (p->open)
		answer_resume(p->source);
	return true;
}

static void
pump_websocket(struct session *s)
{
	struct conn *c = s->ws;
	struct packet *p;

	while (s->state == SESSION_OPEN && conn_pending(c) < CONN_OUT_HIGH &&
	    (p = TAILQ_FIRST(&s->output.packets)) != NULL) {
		if (p->open && !p->begun && !may_stream(s, p, c)) {
			/* A ping may have been put in front of it. */
			if (TAILQ_FIRST(&s->output.packets) == p)
				return;
			continue;
		}
		if (!has_piece(p) || !send_frame(s, p))
			return;
	}
}

/* Is a payload of that length compressed for the poll of s? */
static bool
is_coded(const struct session *s, size_t len)
{
	return http_stream_is_coded(s->poll) &&
	    len >= (size_t)session_conf(s)->compression.threshold_bytes;
}

/* A chunk of p's data; false when no other may follow now. */
static bool
send_chunk(struct session *s, struct conn *c, struct packet *p)
{
	size_t len = evbuffer_get_length(p->data);

	if (http_stream_is_coded(c) && !compress_may(s))
		return false;
	if (http_stream_put(c, p->data) != 0) {
		session_close(s, CLOSE_MEMORY);
		return false;
	}
	s->output.moved_ms = clock_ms();
	if (p->open) {
		answer_resume(p->source);
		return true;
	}
	s->output.bytes -= len - evbuffer_get_length(p->data);
	if (evbuffer_get_length(p->data) > 0)
		return true;
	http_stream_end(c);
	sent(s, p);
	return false;
}

static void
pump_stream(struct session *s, struct conn *c, struct packet *p)
{
	while (s->state == SESSION_OPEN && conn_pending(c) < CONN_OUT_HIGH &&
	    has_piece(p)) {
		if (!p->begun)
			http_stream_begin(c, HTTP_PACKETS);
		p->begun = true;
		if (!send_chunk(s, c, p))
			break;
	}
}

/* A payload that is compressed may take several turns: it is a packet then. */
static void
stream_payload(struct session *s, struct conn *c, enum eio_form form,
    struct evbuffer *payload)
{
	struct packet *p = output_packet(s);

	if (p == NULL)
		return;
	evbuffer_add_buffer(p->data, payload);
	p->begun = true;
	output_enqueue(s, p, true);
	http_stream_begin(c, form == EIO_OCTETS ? HTTP_OCTETS : HTTP_PACKETS);
	pump_stream(s, c, p);
}

/* The form of a payload with all whole packets up to the first open one. */
static enum eio_form
choose_form(const struct session *s)
{
	const struct packet *p;

	if (s->revision->has_octets && !s->base64)
		TAILQ_FOREACH(p, &s->output.packets, link)
			if (p->binary)
				return EIO_OCTETS;
	return s->revision->form;
}

/* All whole packets up to the first open one, in one answer. */
static void
pump_payload(struct session *s, struct conn *c)
{
	enum eio_form form = choose_form(s);
	struct evbuffer *payload = evbuffer_new();
	struct packet *p;
	int result = payload == NULL ? -1 : 0;

	while (result == 0 && (p = TAILQ_FIRST(&s->output.packets)) != NULL &&
	    !p->open) {
		s->output.bytes -= evbuffer_get_length(p->data);
		result = payload_add(payload, s, form, p->data, p->binary);
		evbuffer_drain(p->data, evbuffer_get_length(p->data));
		output_drop(&s->output, p);
	}
	if (result != 0)
		session_close(s, CLOSE_MEMORY);
	else if (is_coded(s, evbuffer_get_length(payload)))
		stream_payload(s, c, form, payload);
	else
		http_poll_answer(c, form, payload);
	if (payload != NULL)
		evbuffer_free(payload);
}

static void
pump_polling(struct session *s)
{
	struct conn *c = s->poll;
	struct packet *p = TAILQ_FIRST(&s->output.packets);

	if (c == NULL || p == NULL)
		return;
	if (p->begun || (p->open && may_stream(s, p, c)))
		pump_stream(s, c, p);
	else if (!TAILQ_FIRST(&s->output.packets)->open)
		pump_payload(s, c);
}

void
output_pump(struct session *s)
{
	if (s->state != SESSION_OPEN)
		return;
	if (s->ws != NULL)
		pump_websocket(s);
	else
		pump_polling(s);
	if (s->nparked > 0 && !output_is_stalled(s))
		schedule_session(s);
}
