/*
 * A packet of a plugin is held until it is whole: its head says how many
 * attachments follow.  What a client leaves unread of them counts as texts
 * do: nothing makes a plugin wait, so its session is closed at last.
 */
#include "worker/plugin.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "ipc/call.h"
#include "proto/json_scan.h"
#include "proto/sio_value.h"
#include "worker/output.h"
#include "worker/request.h"
#include "worker/session.h"

_Static_assert(CALL_ATTACHMENTS_MAX == SIO_ATTACHMENTS_MAX, "one bound");

bool
plugin_serves(const struct conf_file *collector, const char *nsp)
{
	if (!collector->plugin || collector->refused)
		return false;
	return collector->namespaces.n == 0 ||
	    conf_list_has(&collector->namespaces, nsp);
}

/* ---- connecting ---------------------------------------------------------- */

static bool
is_served(const struct conf *conf, const char *nsp)
{
	for (size_t i = 0; i < conf->ncollectors; i++)
		if (plugin_serves(&conf->collectors[i], nsp))
			return true;
	return false;
}

bool
plugin_keep_auth(struct session *s, const char *nsp,
    const struct slice *json)
{
	struct buf b;

	free(s->auth);
	s->auth = NULL;
	if (!is_served(session_conf(s), nsp))
		return true;
	if (json->len > PLUGIN_AUTH_MAX)
		return false;
	buf_init(&b, 0);
	if (sio_auth_put(&b, json) == 0)
		s->auth = strndup(b.data, b.len);
	if (s->auth == NULL)
		session_close(s, CLOSE_MEMORY);
	buf_fini(&b);
	return true;
}

void
plugin_joined(struct session *s, const struct joined *j)
{
	const struct conf *conf = session_conf(s);
	const struct conf_file *c = conf->collectors;

	for (size_t n = conf->ncollectors; n > 0 &&
	    s->state == SESSION_OPEN; n--, c++)
		if (c->connects && plugin_serves(c, j->nsp))
			request_connect(s, j, c);
}

/* ---- calls --------------------------------------------------------------- */

static struct msg_bytes
auth_of(const struct joined *j)
{
	const char *auth = j->auth == NULL ? "{}" : j->auth;

	return (struct msg_bytes){ auth, strlen(auth) };
}

size_t
plugin_length(const struct joined *j, const struct sio_packet *p)
{
	size_t len = auth_of(j).len + p->json.len;

	for (unsigned int i = 0; p->bytes != NULL && i < p->attachments; i++)
		len += p->bytes[i].len;
	return len;
}

int
plugin_put(struct request *r, const struct joined *j,
    const struct sio_packet *p)
{
	struct call c = { .connects = p == NULL, .auth = auth_of(j) };

	if (p != NULL) {
		c.wants_ack = p->has_id;
		c.event = (struct msg_bytes){ p->json.p, p->json.len };
		c.nattachments = p->attachments;
	}
	for (size_t i = 0; i < c.nattachments; i++)
		c.attachments[i] = (struct msg_bytes){ p->bytes[i].data,
		    p->bytes[i].len };
	return call_put(&r->options, &c);
}

/* ---- packets ------------------------------------------------------------- */

/* 42["event",...], 461-/nsp,7[...]: the packet.  0, or -1: no memory. */
static int
put_packet(const struct request *r, bool emit, struct buf *out)
{
	const struct answer *a = &r->answer;
	enum sio_type plain = emit ? SIO_EVENT : SIO_ACK;
	enum sio_type binary = emit ? SIO_BINARY_EVENT : SIO_BINARY_ACK;
	size_t len = evbuffer_get_length(a->rows);
	char *room;

	if (sio_head_put(out, a->nattachments > 0 ? binary : plain, r->nsp,
	    emit ? -1 : (int64_t)r->ack_id,
	    (unsigned int)a->nattachments) != 0)
		return -1;
	room = buf_room(out, len);
	if (room == NULL || evbuffer_remove(a->rows, room, len) != (int)len)
		return -1;
	buf_added(out, len);
	return 0;
}

/*
 * Would our client's library take it, and for what we mean?  Behind the digit
 * of Engine.IO.
 */
static bool
is_sound(const struct request *r, const struct buf *packet, bool emit)
{
	struct sio_packet p;
	struct sio_event e;

	return sio_packet_read(packet->data + 1, packet->len - 1,
	    JSON_DEPTH_MAX, &p) == 0 && p.json.len > 0 && (emit ?
	    !p.has_id && sio_event_read(&p.json, &e) == 0 :
	    p.id == r->ack_id);
}

static void
send_packet(struct request *r, const struct buf *packet)
{
	struct session *s = r->session;
	struct answer *a = &r->answer;

	/* A session that is closed meanwhile has freed its requests. */
	output_text(s, packet);
	for (size_t i = 0; s->state == SESSION_OPEN &&
	    i < a->nattachments; i++)
		output_bytes(s, a->attachments[i]);
	if (s->state != SESSION_OPEN)
		return;
	for (size_t i = 0; i < a->nattachments; i++)
		evbuffer_drain(a->attachments[i],
		    evbuffer_get_length(a->attachments[i]));
	a->nattachments = 0;
	a->attached_bytes = 0;
}

static const char *
finish_packet(struct request *r, bool emit)
{
	const char *why = NULL;
	struct buf packet;

	buf_init(&packet, 0);
	if (put_packet(r, emit, &packet) != 0) {
		session_close(r->session, CLOSE_MEMORY);
	} else if (!is_sound(r, &packet, emit)) {
		why = "a packet of it is none";
	} else {
		r->acked = r->acked || !emit;
		send_packet(r, &packet);
	}
	buf_fini(&packet);
	return why;
}

static int
add(struct evbuffer **to, const struct msg_bytes *bytes)
{
	if (*to == NULL)
		*to = evbuffer_new();
	return *to == NULL ? -1 : evbuffer_add(*to, bytes->data, bytes->len);
}

const char *
plugin_take(struct request *r, const struct reply *m)
{
	const struct conf *conf = session_conf(r->session);
	struct answer *a = &r->answer;
	bool binary = m->type == REPLY_BINARY;

	if (!r->plugin || r->state != REQUEST_BEGUN || r->acked || a->whole > 0)
		return "a packet is not due";
	if (m->type == REPLY_ACK && r->silent)
		return "nobody waits for its acknowledgement";
	if (binary && a->nattachments == SIO_ATTACHMENTS_MAX)
		return "it has too many attachments";
	a->attached_bytes += m->text.len;
	if (a->attached_bytes >
	    (size_t)conf->database.max_binary_answer_bytes * 2)
		return "a packet of it is too large";
	if (add(binary ? &a->attachments[a->nattachments] : &a->rows,
	    &m->text) != 0) {
		session_close(r->session, CLOSE_MEMORY);
		return NULL;
	}
	if (!m->last)
		return NULL;
	if (!binary)
		return finish_packet(r, m->type == REPLY_EMIT);
	a->nattachments++;
	return NULL;
}
