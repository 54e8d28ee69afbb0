/* A session in writing: move_get.c reads the same fields in the same order. */
#include <event2/buffer.h>
#include <string.h>

#include "ipc/wire.h"
#include "worker/conn.h"
#include "worker/move.h"
#include "worker/request.h"
#include "worker/replies.h"
#include "worker/schedule.h"
#include "worker/session.h"
#include "worker/socketio.h"

static void
put_buf(struct wire_writer *w, const struct buf *b)
{
	wire_put_bytes(w, (struct msg_bytes){ b->data, b->len });
}

/* NULL is written as nothing in it. */
static void
put_data(struct wire_writer *w, struct evbuffer *data)
{
	size_t len = data == NULL ? 0 : evbuffer_get_length(data);
	char *room;

	if (len > UINT32_MAX)
		w->failed = true;
	wire_put(w, len, 4);
	if (w->failed || len == 0)
		return;
	room = buf_room(w->buf, len);
	if (room == NULL || evbuffer_copyout(data, room, len) < 0)
		w->failed = true;
	else
		buf_added(w->buf, len);
}

static void
put_key(struct wire_writer *w, const struct conf_key *key)
{
	wire_put(w, key != NULL, 1);
	wire_put_text(w, key == NULL ? "" : key->name);
}

static void
put_joined(struct wire_writer *w, const struct session *s)
{
	const struct joined *j;
	size_t n = 0;

	SLIST_FOREACH(j, &s->joined, link)
		n++;
	wire_put(w, n, 4);
	SLIST_FOREACH(j, &s->joined, link) {
		wire_put_text(w, j->nsp);
		put_key(w, j->key);
		wire_put(w, j->since, 4);
		wire_put_text(w, j->sid);
		wire_put_text(w, j->auth == NULL ? "" : j->auth);
	}
}

static void
put_gather(struct wire_writer *w, const struct gather *g)
{
	wire_put(w, g == NULL ? 0 : g->left, 4);
	if (g == NULL)
		return;
	put_buf(w, &g->text);
	wire_put(w, g->kept, 1);
	wire_put(w, g->nbytes, 1);
	for (unsigned int i = 0; i < g->nbytes; i++)
		put_buf(w, &g->bytes[i]);
}

static void
put_answer(struct wire_writer *w, const struct answer *a)
{
	size_t i, n = 0;

	put_data(w, a->rows);
	wire_put(w, a->whole, 8);
	wire_put(w, a->cut, 1);
	wire_put(w, a->held, 1);
	while (n < SIO_ATTACHMENTS_MAX && a->attachments[n] != NULL)
		n++;
	wire_put(w, a->nattachments, 1);
	wire_put(w, n, 1);
	for (i = 0; i < n; i++)
		put_data(w, a->attachments[i]);
	wire_put(w, a->failure.code, 1);
	wire_put_text(w, a->failure.code == ERR_NONE ? "" : a->failure.text);
}

/* The newest first, as they stand in the list. */
static void
put_requests(struct wire_writer *w, const struct session *s)
{
	const struct request *r;

	wire_put(w, s->nrequests, 4);
	LIST_FOREACH(r, &s->requests, of_session) {
		wire_put(w, r->state, 1);
		wire_put(w, r->id, 8);
		wire_put(w, r->ack_id, 8);
		wire_put_text(w, r->nsp);
		wire_put_text(w, r->collector);
		wire_put_text(w, schedule_key(r));
		wire_put(w, r->expires_ms, 8);
		wire_put(w, r->again, 1);
		put_buf(w, &r->options);
		wire_put(w, r->bytes, 8);
		put_answer(w, &r->answer);
		wire_put(w, r->plugin, 1);
		wire_put(w, r->silent, 1);
		wire_put(w, r->acked, 1);
	}
}

/* The place of an open packet's source in the list. */
static size_t
place_of(const struct session *s, const struct request *source)
{
	const struct request *r;
	size_t place = 0;

	LIST_FOREACH(r, &s->requests, of_session) {
		if (r == source)
			break;
		place++;
	}
	return place;
}

static void
put_packets(struct wire_writer *w, const struct session *s)
{
	const struct packet *p;

	wire_put(w, s->output.npackets, 4);
	TAILQ_FOREACH(p, &s->output.packets, link) {
		wire_put(w, p->binary, 1);
		wire_put(w, p->open, 1);
		wire_put(w, p->pinged, 1);
		wire_put(w, p->begun ? 1 + p->packed : 0, 1);
		wire_put(w, p->open ? place_of(s, p->source) : 0, 4);
		wire_put(w, p->text_bytes, 8);
		put_data(w, p->data);
	}
}

/* A websocket, in the middle of whatever it reads and writes. */
static void
put_websocket(struct wire_writer *w, const struct conn *c)
{
	const struct ws_reader *r = &c->u.ws.reader;

	put_buf(w, &c->in);
	put_data(w, c->out);
	wire_put(w, c->stall_ms, 8);
	wire_put(w, c->deadline_ms, 8);
	wire_put(w, r->in_message ? 1 + r->compressed : 0, 1);
	wire_put(w, r->opcode, 1);
	wire_put(w, r->fragments, 4);
	put_buf(w, &r->message);
}

int
move_put(const struct session *s, struct buf *out)
{
	struct wire_writer w = { .buf = out };

	wire_put(&w, MOVE_VERSION, 1);
	wire_put_text(&w, s->address);
	wire_put(&w, s->pinged_ms, 8);
	wire_put(&w, s->beat_ms, 8);
	wire_put(&w, s->beat_due, 1);
	wire_put(&w, s->extended, 1);
	wire_put(&w, s->end_ms, 8);
	wire_put(&w, s->end_reason == CLOSE_KEY, 1);
	wire_put(&w, s->output.moved_ms, 8);
	put_key(&w, s->key);
	put_joined(&w, s);
	put_gather(&w, s->gather);
	put_requests(&w, s);
	put_packets(&w, s);
	if (s->ws != NULL)
		put_websocket(&w, s->ws);
	return wire_written(&w);
}

size_t
move_replies(const struct session *s, int *fds, size_t size)
{
	const struct request *r;
	size_t n = 0;

	LIST_FOREACH(r, &s->requests, of_session) {
		if (r->reply == NULL)
			continue;
		if (n < size)
			fds[n] = r->reply->ours;
		n++;
	}
	return n;
}
