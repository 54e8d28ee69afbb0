/*
 * Sessions: birth, the table by sid, the timer, and the end for any of the
 * reasons in one table.
 */
#include "worker/session.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "worker/compress.h"
#include "worker/conn.h"
#include "worker/engine.h"
#include "worker/generation.h"
#include "worker/request.h"
#include "worker/socketio.h"

/* How long a polling session that has ended waits for a poll to tell it. */
#define CLOSING_MS 30000

static const struct {
	const char *name;
	const char *farewell;	/* to the poll that waits */
	bool tell;		/* when none waits, the next one */
	enum ws_close code;
} reasons[] = {
	[CLOSE_CLIENT] = { "the client closed it", "6", false,
	    WS_CLOSE_EMPTY },
	[CLOSE_LOST] = { "its connection was lost", "1", false,
	    WS_CLOSE_EMPTY },
	[CLOSE_PACKET] = { "a packet is not Engine.IO", "1", false,
	    WS_CLOSE_EMPTY },
	[CLOSE_FRAME] = { "a frame is not WebSocket", "1", false,
	    WS_CLOSE_EMPTY },
	[CLOSE_MEANING] = { "a packet is against Socket.IO", "1", true,
	    WS_CLOSE_EMPTY },
	[CLOSE_TWO_POLLS] = { "a second poll came", "1", false,
	    WS_CLOSE_EMPTY },
	[CLOSE_TWO_POSTS] = { "a second POST came", "1", false,
	    WS_CLOSE_EMPTY },
	[CLOSE_PONG] = { "no pong came", "1", false, WS_CLOSE_EMPTY },
	[CLOSE_PING] = { "no ping came", "1", false, WS_CLOSE_EMPTY },
	[CLOSE_NO_NAMESPACE] = { "no namespace was joined in time", "1",
	    true, WS_CLOSE_EMPTY },
	[CLOSE_UNREAD] = { "more than limits.waiting_bytes waits for it",
	    "1", true, WS_CLOSE_POLICY },
	[CLOSE_PAYLOAD] = { "a body had more than limits.payload_packets",
	    "1", false, WS_CLOSE_EMPTY },
	[CLOSE_SLOW] = { "a message took longer than limits.body_timeout",
	    "1", false, WS_CLOSE_POLICY },
	[CLOSE_CUT] = { "an answer broke off", "1", true, WS_CLOSE_EMPTY },
	[CLOSE_MEMORY] = { "out of memory", "1", true, WS_CLOSE_EMPTY },
	[CLOSE_KEY] = { "its key is no longer valid", "1", true,
	    WS_CLOSE_POLICY },
	[CLOSE_MOVE] = { "it could not move to another worker", "1", true,
	    WS_CLOSE_GOING_AWAY },
	[CLOSE_ADMIN] = { "an admin ended it", "1", true, WS_CLOSE_POLICY },
	[CLOSE_STOP] = { "the gateway ends", "1", false,
	    WS_CLOSE_GOING_AWAY }
};
_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == CLOSE_REASONS,
    "each reason has a row");
_Static_assert(CLOSE_REASONS <= WORKER_REASONS_MAX,
    "each reason has a counter");

static const char *
transport_name(const struct session *s)
{
	return s->transport == EIO_WEBSOCKET ? "websocket" : "polling";
}

static void
session_free(struct session *s)
{
	struct joined *j;

	LIST_REMOVE(s, ended);
	event_del(&s->timer);
	while ((j = SLIST_FIRST(&s->joined)) != NULL) {
		SLIST_REMOVE_HEAD(&s->joined, link);
		free(j->auth);
		free(j);
	}
	socketio_fini(s);
	output_fini(&s->output);
	generation_release(s->generation);
	free(s->address);
	free(s);
}

static void
session_timer(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;

	(void)fd;
	(void)what;
	s->timer_ms = 0;
	if (s->state == SESSION_CLOSED)
		session_free(s);
	else if (s->state == SESSION_CLOSING)
		session_end(s);
	else
		engine_tick(s, clock_ms());
}

struct session *
session_new(struct worker *w, const struct msg_session *m)
{
	struct generation *g = generation_find(w, m->generation);
	struct session *s;

	if (g == NULL) {
		log_error("session %.6s: refused: generation %u is unknown",
		    m->sid, (unsigned int)m->generation);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		goto memory;
	memcpy(s->sid, m->sid, sizeof(s->sid));
	s->address = strdup(m->address);
	if (s->address == NULL || table_insert(&w->sessions, &s->node, s->sid,
	    MSG_SID_LEN) != 0)
		goto memory;
	s->worker = w;
	s->generation = g;
	generation_hold(g);
	s->transport = m->transport == MSG_WEBSOCKET ?
	    EIO_WEBSOCKET : EIO_POLLING;
	s->revision = eio_revision(m->revision == MSG_EIO3 ?
	    EIO_V3 : EIO_V4);
	s->base64 = m->base64;
	s->opened_ms = s->pinged_ms = m->opened_ms;
	s->origin = session_grant(s, m->origin, m->origin_key);
	s->connect_seen = m->connect_seen;
	s->connect = session_grant(s, m->connect, m->connect_key);
	memcpy(s->answered, m->answered, sizeof(s->answered));
	LIST_INIT(&s->requests);
	SLIST_INIT(&s->joined);
	output_init(&s->output);
	event_assign(&s->timer, w->base, -1, 0, session_timer, s);
	engine_start(s);
	if (m->live)
		log_info("session %.6s: has moved here", s->sid);
	else
		log_debug("session %.6s: opened: %s, %s, %s", s->sid,
		    s->address, transport_name(s), s->revision->name);
	return s;
memory:
	log_error("session %.6s: refused: out of memory", m->sid);
	if (s != NULL)
		free(s->address);
	free(s);
	return NULL;
}

struct session *
session_find(struct worker *w, const char *sid)
{
	struct table_node *node = table_find(&w->sessions, sid, strlen(sid));

	return node == NULL ? NULL : TABLE_ENTRY(node, struct session, node);
}

static void
tell_master(struct session *s)
{
	struct msg_closed m;
	struct buf b;

	memcpy(m.sid, s->sid, sizeof(m.sid));
	buf_init(&b, 0);
	if (msg_put_closed(&b, &m) != 0 ||
	    channel_note(s->worker->master, &b) != 0)
		log_warn("session %.6s: the master was not told of its end: "
		    "out of memory", s->sid);
	buf_fini(&b);
}

/* The timer frees it. */
static void
finish(struct session *s)
{
	s->state = SESSION_CLOSED;
	compress_forget(s);
	table_remove(&s->worker->sessions, &s->node);
	LIST_INSERT_HEAD(&s->worker->ended, s, ended);
	event_active(&s->timer, EV_TIMEOUT, 0);
}

void
session_end(struct session *s)
{
	if (s->state == SESSION_CLOSED)
		return;
	tell_master(s);
	finish(s);
}

void
session_leave(struct session *s)
{
	log_info("session %.6s: moves to another worker", s->sid);
	s->worker->nmoved++;
	finish(s);
}

/* Part from the connections; true when nobody was there to be told. */
static bool
part(struct session *s, enum close_reason reason)
{
	struct conn *poll = s->poll;

	if (s->probe != NULL) {
		websocket_close(s->probe, WS_CLOSE_EMPTY);
		s->probe = NULL;
	}
	if (s->post != NULL)
		s->post->u.http.post = NULL;
	s->post = NULL;
	if (s->ws != NULL) {
		websocket_close(s->ws, reasons[reason].code);
		s->ws = NULL;
		return false;
	}
	if (poll == NULL)
		return true;
	if (poll->u.http.streaming)
		conn_close(poll);
	else
		http_poll_answer_text(poll, reasons[reason].farewell);
	s->poll = NULL;
	return false;
}

void
session_close(struct session *s, enum close_reason reason)
{
	uint64_t lasted_ms = clock_ms() - s->opened_ms;

	if (s->state != SESSION_OPEN)
		return;
	s->state = SESSION_CLOSING;
	s->worker->closed[reason]++;
	/* Its one line: what it was, when nothing more will come of it. */
	log_info("session %.6s: closed: %s: %s, %s, %s, key %s, "
	    "%llu.%03llu s", s->sid, reasons[reason].name, s->address,
	    transport_name(s), s->revision->name,
	    s->key != NULL ? s->key->name : "none",
	    (unsigned long long)(lasted_ms / 1000),
	    (unsigned long long)(lasted_ms % 1000));
	request_cancel_all(s, NULL);
	if (part(s, reason) && reasons[reason].tell &&
	    s->transport == EIO_POLLING) {
		s->end_ms = clock_ms() + CLOSING_MS;
		session_wake(s, s->end_ms);
	} else {
		session_end(s);
	}
}

void
session_wake(struct session *s, uint64_t due_ms)
{
	uint64_t now = clock_ms(), wait = due_ms > now ? due_ms - now : 0;
	struct timeval tv = {
		.tv_sec = (time_t)(wait / 1000),
		.tv_usec = (suseconds_t)(wait % 1000 * 1000)
	};

	if (s->state == SESSION_CLOSED)
		return;
	/* A timer that comes too early sets itself again. */
	if (s->state == SESSION_OPEN && s->timer_ms != 0 &&
	    s->timer_ms <= due_ms)
		return;
	s->timer_ms = due_ms;
	if (event_add(&s->timer, &tv) != 0)
		log_error("session %.6s: no timer: out of memory",
		    s->sid);
}

void
session_resume(struct session *s)
{
	if (s->ws != NULL)
		conn_kick(s->ws);
	if (s->probe != NULL)
		conn_kick(s->probe);
	if (s->post != NULL)
		conn_kick(s->post);
}

struct grant
session_grant(const struct session *s, enum msg_grant verdict,
    const char *key)
{
	struct grant g = { .verdict = verdict,
	    .since = s->generation->number };

	if (verdict != MSG_GRANT_YES)
		return g;
	g.key = conf_key_by_name(session_conf(s), key);
	if (g.key == NULL) {
		log_warn("session %.6s: key \"%s\" is not in generation %u",
		    s->sid, key,
		    (unsigned int)s->generation->number);
		g.verdict = MSG_GRANT_NO;
	}
	return g;
}

struct joined *
session_joined(struct session *s, const char *nsp)
{
	struct joined *j;

	SLIST_FOREACH(j, &s->joined, link)
		if (strcmp(j->nsp, nsp) == 0)
			return j;
	return NULL;
}

void
session_log_counters(const struct worker *w)
{
	struct buf b;
	size_t i;
	int result;

	buf_init(&b, 0);
	result = buf_printf(&b, "sessions %zu", w->sessions.count);
	for (i = 0; i < CLOSE_REASONS && result == 0; i++)
		if (w->closed[i] > 0)
			result = buf_printf(&b, ", closed because %s %llu",
			    reasons[i].name,
			    (unsigned long long)w->closed[i]);
	if (result == 0)
		log_info("counters: %.*s", (int)b.len, b.data);
	buf_fini(&b);
	compress_log_counters(w);
}

void
session_free_all(struct worker *w)
{
	struct table_node *node, *next;
	struct session *s;

	for (node = table_first(&w->sessions); node != NULL; node = next) {
		next = table_next(&w->sessions, node);
		s = TABLE_ENTRY(node, struct session, node);
		session_close(s, CLOSE_STOP);
		session_end(s);
	}
	while ((s = LIST_FIRST(&w->ended)) != NULL)
		session_free(s);
}

const struct conf *
session_conf(const struct session *s)
{
	return &s->generation->conf;
}
