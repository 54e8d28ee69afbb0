/*
 * Packets that wait to leave.  Which leave when, and in which form, is
 * output_pump.c's.
 */
#include "worker/output_inside.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "base/clock.h"
#include "worker/conn.h"
#include "worker/engine.h"
#include "worker/session.h"

/* Whole packets that may wait for a client which does not read. */
#define PACKETS_MAX 4096
/* What is held of an answer while an upgrade is tried: see output_pump.c. */
#define PROBE_BYTES (1024 * 1024)

void
output_init(struct output *o)
{
	TAILQ_INIT(&o->packets);
}

void
output_drop(struct output *o, struct packet *p)
{
	TAILQ_REMOVE(&o->packets, p, link);
	o->npackets--;
	o->text_bytes -= p->text_bytes;
	if (p->open)
		o->nopen--;
	else
		o->bytes -= evbuffer_get_length(p->data);
	evbuffer_free(p->data);
	free(p);
}

void
output_fini(struct output *o)
{
	struct packet *p;

	while ((p = TAILQ_FIRST(&o->packets)) != NULL)
		output_drop(o, p);
}

struct packet *
output_packet(struct session *s)
{
	struct packet *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->data = evbuffer_new();
	if (p == NULL || p->data == NULL) {
		free(p);
		session_close(s, CLOSE_MEMORY);
		return NULL;
	}
	return p;
}

void
output_enqueue(struct session *s, struct packet *p, bool first)
{
	struct output *o = &s->output;

	if (first)
		TAILQ_INSERT_HEAD(&o->packets, p, link);
	else
		TAILQ_INSERT_TAIL(&o->packets, p, link);
	o->npackets++;
	if (p->open)
		o->nopen++;
	else
		o->bytes += evbuffer_get_length(p->data);
}

static void
put(struct session *s, struct packet *p)
{
	output_enqueue(s, p, false);
	if (s->output.npackets > PACKETS_MAX)
		session_close(s, CLOSE_UNREAD);
	else
		output_pump(s);
}

bool
output_is_packed(const struct session *s, size_t len)
{
	return s->ws->u.ws.deflate_bits != 0 &&
	    len >= (size_t)session_conf(s)->compression.threshold_bytes;
}

/* Put text behind all others; text_bytes: what counts of it. */
static void
put_text(struct session *s, const struct buf *text, size_t text_bytes)
{
	struct packet *p;

	/* Most often nothing is in front of it: then it needs no place. */
	if (s->ws != NULL && TAILQ_EMPTY(&s->output.packets) &&
	    conn_pending(s->ws) < CONN_OUT_HIGH &&
	    !output_is_packed(s, text->len)) {
		s->output.moved_ms = clock_ms();
		websocket_text(s->ws, text->data, text->len);
		return;
	}
	if ((p = output_packet(s)) == NULL)
		return;
	if (evbuffer_add(p->data, text->data, text->len) != 0) {
		evbuffer_free(p->data);
		free(p);
		session_close(s, CLOSE_MEMORY);
		return;
	}
	p->text_bytes = text_bytes;
	s->output.text_bytes += text_bytes;
	put(s, p);
}

void
output_text(struct session *s, const struct buf *text)
{
	size_t most = (size_t)session_conf(s)->limits.waiting_bytes;

	if (s->state != SESSION_OPEN)
		return;
	if (s->output.text_bytes > 0 &&
	    s->output.text_bytes + text->len > most)
		session_close(s, CLOSE_UNREAD);
	else
		put_text(s, text, text->len);
}

void
output_answer(struct session *s, const struct buf *text)
{
	if (s->state == SESSION_OPEN)
		put_text(s, text, 0);
}

void
output_data(struct session *s, struct evbuffer *data, bool binary)
{
	struct packet *p;

	if (s->state != SESSION_OPEN || (p = output_packet(s)) == NULL)
		return;
	p->binary = binary;
	/* Moving between two unfrozen buffers cannot fail. */
	evbuffer_add_buffer(p->data, data);
	put(s, p);
}

void
output_bytes(struct session *s, struct evbuffer *data)
{
	size_t len = evbuffer_get_length(data);
	size_t most = (size_t)session_conf(s)->limits.waiting_bytes;
	struct packet *p;

	if (s->output.text_bytes > 0 && s->output.text_bytes + len > most) {
		session_close(s, CLOSE_UNREAD);
		return;
	}
	if ((p = output_packet(s)) == NULL)
		return;
	p->binary = true;
	p->text_bytes = len;
	s->output.text_bytes += len;
	evbuffer_add_buffer(p->data, data);
	put(s, p);
}

struct packet *
output_open(struct session *s, struct request *source)
{
	struct packet *p = output_packet(s);

	if (p == NULL)
		return NULL;
	p->open = true;
	p->source = source;
	output_enqueue(s, p, false);
	return p;
}

void
output_end(struct session *s, struct packet *p)
{
	p->open = false;
	p->source = NULL;
	s->output.nopen--;
	s->output.bytes += evbuffer_get_length(p->data);
	output_pump(s);
}

struct packet *
output_restore(struct session *s, const struct packet *like, const char *data,
    size_t len)
{
	struct packet *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	*p = *like;
	p->source = NULL;
	p->data = evbuffer_new();
	if (p->data == NULL || evbuffer_add(p->data, data, len) != 0) {
		if (p->data != NULL)
			evbuffer_free(p->data);
		free(p);
		return NULL;
	}
	s->output.text_bytes += p->text_bytes;
	output_enqueue(s, p, false);
	return p;
}

void
output_ping(struct session *s)
{
	struct packet *p = output_packet(s);

	if (p == NULL)
		return;
	evbuffer_add(p->data, s->revision->beat, 1);
	output_enqueue(s, p, true);
}

bool
output_streaming(const struct session *s)
{
	const struct packet *p = TAILQ_FIRST(&s->output.packets);

	return p != NULL && p->begun;
}

bool
output_wants(const struct session *s, const struct packet *p)
{
	return evbuffer_get_length(p->data) <
	    (s->probe != NULL ? PROBE_BYTES : CONN_OUT_HIGH);
}

bool
output_is_stalled(const struct session *s)
{
	return s->output.nopen > 0 || s->output.bytes > CONN_OUT_HIGH ||
	    (s->ws != NULL && conn_pending(s->ws) >= CONN_OUT_HIGH);
}

bool
output_needs_length(const struct session *s)
{
	return s->ws == NULL && s->revision->form != EIO_SEPARATED;
}

