/*
 * Socket.IO packets by type.  A CONNECT whose key the master must judge stops
 * the session's input until the verdict is there (engine_is_waiting()), so
 * that packets behind it keep their order without being stored twice.
 */
#include "worker/socketio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "proto/json_scan.h"
#include "proto/sio.h"
#include "worker/engine.h"
#include "worker/generation.h"
#include "worker/plugin.h"
#include "worker/request.h"
#include "worker/session.h"

/* ---- namespaces ---------------------------------------------------------- */

/* Send one packet: head, then text; b is freed. */
static void
send_packet(struct session *s, enum sio_type type, const char *nsp,
    const char *text)
{
	struct buf b;

	buf_init(&b, 0);
	if (sio_head_put(&b, type, nsp, -1, 0) != 0 || buf_puts(&b, text) != 0)
		session_close(s, CLOSE_MEMORY);
	else
		output_text(s, &b);
	buf_fini(&b);
}

/*
 * The answer to a CONNECT that fails.  A client that the master has let in is
 * put out.
 */
static void
deny(struct session *s, const char *nsp, const char *text)
{
	bool in = s->answered[0] != '\0';

	s->answered[0] = '\0';
	send_packet(s, in ? SIO_DISCONNECT : SIO_CONNECT_ERROR, nsp,
	    in ? "" : text);
}

/* To one that succeeds; the master may have given it, with the id. */
static void
admit(struct session *s, struct joined *j)
{
	char text[16 + EIO_SID_LEN] = "";
	unsigned char random[15];

	if (s->answered[0] != '\0') {
		memcpy(j->sid, s->answered, sizeof(j->sid));
		s->answered[0] = '\0';
		return;
	}
	clock_random(random, sizeof(random));
	eio_sid(random, j->sid);
	if (s->revision->tells_sid)
		snprintf(text, sizeof(text), "{\"sid\":\"%s\"}", j->sid);
	send_packet(s, SIO_CONNECT, j->nsp, text);
}

static void
join(struct session *s, const char *nsp, const struct conf_key *key,
    uint32_t since)
{
	struct joined *j = calloc(1, sizeof(*j));

	if (j == NULL) {
		session_close(s, CLOSE_MEMORY);
		return;
	}
	j->nsp = nsp;
	j->key = s->key = key;
	j->since = since;
	j->auth = s->auth;
	s->auth = NULL;
	SLIST_INSERT_HEAD(&s->joined, j, link);
	engine_connected(s);
	log_debug("session %.6s: joined %s, key %s", s->sid, nsp,
	    key == NULL ? "none" : key->name);
	admit(s, j);
	if (s->state == SESSION_OPEN)
		plugin_joined(s, j);
}

static void
refuse(struct session *s, const char *nsp)
{
	log_warn("session %.6s: %s: Unauthorized: %s", s->sid, s->address,
	    nsp);
	deny(s, nsp, s->revision->refused);
}

static void
settle(struct session *s, const char *nsp, struct grant grant)
{
	if (grant.verdict == MSG_GRANT_YES)
		join(s, nsp, grant.key, grant.since);
	else
		refuse(s, nsp);
}

/* Ask the master; input waits until socketio_verdict(). */
static void
ask_master(struct session *s, const char *nsp, const struct buf *psk)
{
	struct worker *w = s->worker;
	struct msg_auth m = { .psk = { psk->data, psk->len } };
	struct buf b;

	memcpy(m.sid, s->sid, sizeof(m.sid));
	/* 0 says that nothing is awaited. */
	if (++w->last_auth == 0)
		++w->last_auth;
	m.serial = w->last_auth;
	strncpy(m.address, s->address, sizeof(m.address) - 1);
	buf_init(&b, 0);
	if (msg_put_auth(&b, &m) != 0 ||
	    channel_send(w->master, &b, NULL, 0) != 0) {
		/* Too long for a message is too long for a key, too. */
		refuse(s, nsp);
	} else {
		s->auth_serial = m.serial;
		s->auth_nsp = nsp;
	}
	buf_wipe(&b);
}

void
socketio_verdict(struct worker *w, const struct msg_verdict *m)
{
	struct session *s = session_find(w, m->sid);
	struct grant grant = { .verdict = MSG_GRANT_NO };

	if (s == NULL || s->state != SESSION_OPEN || s->auth_serial == 0 ||
	    s->auth_serial != m->serial)
		return;		/* the session has ended meanwhile */
	if (m->granted)
		grant = session_grant(s, MSG_GRANT_YES, m->key);
	/* What the master says now is said by what it has told us last. */
	grant.since = w->current->number;
	s->auth_serial = 0;
	settle(s, s->auth_nsp, grant);
	session_resume(s);
}

/* The master could not see it coming: it counts who has shown no key. */
static void
tell_joined(struct session *s)
{
	struct msg_joined m;
	struct buf b;

	if (s->end_ms == 0)
		return;		/* it is not the first */
	memcpy(m.sid, s->sid, sizeof(m.sid));
	buf_init(&b, 0);
	if (msg_put_joined(&b, &m) != 0 ||
	    channel_note(s->worker->master, &b) != 0)
		log_error("session %.6s: not counted as joined: "
		    "out of memory", s->sid);
	buf_fini(&b);
}

/* The first source of a key that is not empty decides (A1). */
static void
authorize(struct session *s, const char *nsp, const struct slice *json)
{
	struct grant no = { .verdict = MSG_GRANT_NO };
	bool seen = s->connect_seen;
	struct buf psk;

	/* Whether a key is asked for is no matter of generations. */
	if (s->worker->current->conf.socketio.auth == CONF_AUTH_NONE) {
		if (!s->connect_seen)
			tell_joined(s);
		join(s, nsp, NULL, s->worker->current->number);
		return;
	}
	s->connect_seen = false;
	if (!s->revision->has_auth) {
		settle(s, nsp, s->origin);
		return;
	}
	if (seen && s->connect.verdict != MSG_GRANT_NONE) {
		settle(s, nsp, s->connect);
		return;
	}
	buf_init(&psk, 0);
	switch (seen ? SIO_PSK_NONE : sio_connect_psk(json, &psk)) {
	case SIO_PSK_NONE:
		if (!seen && s->origin.verdict == MSG_GRANT_YES)
			tell_joined(s);
		settle(s, nsp, s->origin);
		break;
	case SIO_PSK_TEXT:
		ask_master(s, nsp, &psk);
		break;
	case SIO_PSK_OTHER:
		settle(s, nsp, no);
		break;
	}
	buf_wipe(&psk);
}

/* Without the query. */
static size_t
name_len(const struct slice *nsp)
{
	const char *query = memchr(nsp->p, '?', nsp->len);

	return query == NULL ? nsp->len : (size_t)(query - nsp->p);
}

/* The namespace as the conf spells it, without the query; NULL = none. */
static const char *
find_namespace(const struct session *s, const struct slice *nsp)
{
	const struct conf_list *list = &session_conf(s)->socketio.namespaces;
	const struct slice name = { nsp->p, name_len(nsp) };
	size_t i;

	for (i = 0; i < list->n; i++)
		if (slice_is(&name, list->v[i]))
			return list->v[i];
	return NULL;
}

static struct joined *
find_joined(struct session *s, const struct sio_packet *p)
{
	const char *nsp = find_namespace(s, &p->nsp);

	return nsp == NULL ? NULL : session_joined(s, nsp);
}

/* ---- packets ------------------------------------------------------------- */

static void
against(struct session *s, const struct sio_packet *p)
{
	log_debug("session %.6s: %s is not due", s->sid,
	    sio_type_name(p->type));
	session_close(s, CLOSE_MEANING);
}

static void
on_connect(struct session *s, const struct sio_packet *p)
{
	const char *nsp = find_namespace(s, &p->nsp);
	char *name;

	if (nsp == NULL) {
		/* The master's verdict was for this one. */
		s->connect_seen = false;
		name = strndup(p->nsp.p, s->revision->has_query ?
		    p->nsp.len : name_len(&p->nsp));
		if (name == NULL) {
			session_close(s, CLOSE_MEMORY);
			return;
		}
		log_debug("session %.6s: no namespace %s", s->sid, name);
		deny(s, name, "{\"message\":\"Invalid namespace\"}");
		free(name);
	} else if (session_joined(s, nsp) != NULL) {
		against(s, p);
	} else if (!plugin_keep_auth(s, nsp, &p->json)) {
		deny(s, nsp, "{\"message\":\"Payload too long\"}");
	} else if (s->state == SESSION_OPEN) {
		authorize(s, nsp, &p->json);
	}
}

void
socketio_start(struct session *s)
{
	const struct sio_packet root = {
		.type = SIO_CONNECT, .nsp = { "/", 1 }
	};

	if (s->revision->joins_root)
		on_connect(s, &root);
}

static void
leave(struct session *s, struct joined *j)
{
	request_cancel_all(s, j->nsp);
	SLIST_REMOVE(&s->joined, j, joined, link);
	free(j->auth);
	free(j);
}

void
socketio_leave(struct session *s, struct joined *j)
{
	const char *nsp = j->nsp;

	leave(s, j);
	send_packet(s, SIO_DISCONNECT, nsp, "");
}

static void
on_disconnect(struct session *s, const struct sio_packet *p)
{
	struct joined *j = find_joined(s, p);

	if (j == NULL)
		against(s, p);
	else
		leave(s, j);
}

static void
on_event(struct session *s, const struct sio_packet *p)
{
	const struct joined *j = find_joined(s, p);
	struct sio_event e;

	if (j == NULL) {
		against(s, p);
	} else if (p->json.len == 0) {
		log_debug("session %.6s: an event without a name", s->sid);
	} else if (sio_event_read(&p->json, &e) != 0) {
		against(s, p);
	} else {
		request_event(s, j, p, &e);
	}
}

static void
on_ack(struct session *s, const struct sio_packet *p)
{
	/* We have asked for none. */
	if (find_joined(s, p) == NULL)
		against(s, p);
}

/* Wait for the attachments; the text is looked at again behind them. */
static void
on_binary(struct session *s, const struct sio_packet *p, const char *text,
    size_t len)
{
	struct sio_event e = { .numeric = true };
	struct gather *g;

	if (find_joined(s, p) == NULL || (p->type == SIO_BINARY_EVENT &&
	    p->json.len > 0 && sio_event_read(&p->json, &e) != 0)) {
		against(s, p);
		return;
	}
	g = calloc(1, sizeof(*g));
	if (g == NULL || buf_put(&g->text, text, len) != 0) {
		free(g);
		session_close(s, CLOSE_MEMORY);
		return;
	}
	g->left = p->attachments;
	g->kept = request_keeps_bytes(s, &e);
	s->gather = g;
}

static void (*const handlers[SIO_TYPES])(struct session *s,
    const struct sio_packet *p) = {
	[SIO_CONNECT] = on_connect,
	[SIO_DISCONNECT] = on_disconnect,
	[SIO_EVENT] = on_event,
	[SIO_ACK] = on_ack,
	[SIO_CONNECT_ERROR] = against,
	[SIO_BINARY_EVENT] = on_event,
	[SIO_BINARY_ACK] = on_ack
};

static int
read_packet(struct session *s, const char *text, size_t len,
    struct sio_packet *p)
{
	/* json_depth is told by the collector, which can answer. */
	if (sio_packet_read(text, len, JSON_DEPTH_MAX, p) == 0)
		return 0;
	log_debug("session %.6s: a packet is not Socket.IO", s->sid);
	session_close(s, CLOSE_MEANING);
	return -1;
}

void
socketio_text(struct session *s, const char *text, size_t len)
{
	struct sio_packet p;

	if (read_packet(s, text, len, &p) != 0)
		return;
	if (s->gather != NULL)
		against(s, &p);
	else if (p.attachments > 0)
		on_binary(s, &p, text, len);
	else
		handlers[p.type](s, &p);
}

static void
gather_free(struct gather *g)
{
	for (size_t i = 0; i < SIO_ATTACHMENTS_MAX; i++)
		buf_fini(&g->bytes[i]);
	buf_fini(&g->text);
	free(g);
}

/* Those that are too many are not kept, which is told with the event. */
static void
keep_bytes(struct session *s, struct gather *g, const char *data, size_t len)
{
	g->total += len;
	if (g->total > (size_t)session_conf(s)->limits.waiting_bytes)
		g->kept = false;
	else if (buf_put(&g->bytes[g->nbytes++], data, len) != 0)
		session_close(s, CLOSE_MEMORY);
}

void
socketio_binary(struct session *s, const char *data, size_t len)
{
	struct gather *g = s->gather;
	struct sio_packet p;

	if (g == NULL) {
		log_debug("session %.6s: an attachment is not due", s->sid);
		session_close(s, CLOSE_MEANING);
		return;
	}
	if (g->kept)
		keep_bytes(s, g, data, len);
	/* Closed: it is freed with the session. */
	if (s->state != SESSION_OPEN || --g->left > 0)
		return;
	s->gather = NULL;
	if (read_packet(s, g->text.data, g->text.len, &p) == 0) {
		p.bytes = g->kept ? g->bytes : NULL;
		handlers[p.type](s, &p);
	}
	gather_free(g);
}

void
socketio_fini(struct session *s)
{
	free(s->auth);
	s->auth = NULL;
	if (s->gather != NULL)
		gather_free(s->gather);
	s->gather = NULL;
}
