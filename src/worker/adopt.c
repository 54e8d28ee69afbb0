/* Taking sessions and connections from the master, and giving some back. */
#include "worker/adopt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/msg.h"
#include "worker/conn.h"
#include "worker/engine.h"
#include "worker/session.h"
#include "worker/socketio.h"

/* A connection given to the master that has not said ADOPTED yet. */
struct given {
	TAILQ_ENTRY(given) link;
	uint64_t tag;
	int fd;
};

/*
 * Must go out before anything is read from the sockets or written to them.
 * false: out of memory, and the giver must remain the owner.
 */
static bool
say_adopted(struct worker *w, uint64_t tag)
{
	struct msg_adopted m = { .tag = tag };
	struct buf b;
	int result;

	buf_init(&b, 0);
	result = msg_put_adopted(&b, &m);
	if (result == 0)
		result = channel_send(w->master, &b, NULL, 0);
	buf_fini(&b);
	if (result != 0)
		log_error("a connection was not adopted: out of memory");
	return result == 0;
}

static void
tell_closed(struct worker *w, const char *sid)
{
	struct msg_closed m;
	struct buf b;

	memcpy(m.sid, sid, sizeof(m.sid));
	buf_init(&b, 0);
	if (msg_put_closed(&b, &m) != 0 ||
	    channel_send(w->master, &b, NULL, 0) != 0)
		log_error("a session was lost: out of memory");
	buf_fini(&b);
}

void
adopt_gone(struct worker *w, const char *address)
{
	struct msg_gone m = { 0 };
	struct buf b;

	/* At the end all are, and the master knows it. */
	if (w->stop_timer != NULL)
		return;
	strncpy(m.address, address, sizeof(m.address) - 1);
	buf_init(&b, 0);
	if (msg_put_gone(&b, &m) != 0 ||
	    channel_send(w->master, &b, NULL, 0) != 0)
		log_error("%s: its end is not counted: out of memory",
		    address);
	buf_fini(&b);
}

/* A connection of fds[i], which is then ours in any case. */
static struct conn *
take(struct worker *w, int *fd, const char *address,
    const struct msg_bytes *bytes)
{
	struct conn *c = conn_new(w, *fd, address, bytes);

	*fd = -1;
	if (c == NULL) {
		log_error("%s: closed: out of memory", address);
		adopt_gone(w, address);
	}
	return c;
}

void
adopt_session(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	struct msg_session m;
	struct session *s;
	struct conn *c;
	size_t i;

	if (msg_get_session(data, len, &m) != 0 || m.nconns != nfds ||
	    (m.transport == MSG_WEBSOCKET && nfds != 1) ||
	    session_find(w, m.sid) != NULL) {
		log_error("SESSION of the master ignored: it is not sound");
		return;
	}
	if (!say_adopted(w, m.tag))
		return;
	s = session_new(w, &m);
	if (s == NULL) {
		tell_closed(w, m.sid);
		return;
	}
	for (i = 0; i < nfds; i++) {
		c = take(w, &fds[i], m.address, &m.conns[i]);
		if (c != NULL && m.transport == MSG_WEBSOCKET) {
			websocket_start(c, s);
			s->ws = c;
		} else if (c != NULL) {
			c->u.http.routed = true;
		}
	}
	if (m.transport == MSG_WEBSOCKET && s->ws == NULL)
		session_close(s, CLOSE_MEMORY);
	else if (w->stop_timer != NULL)
		session_close(s, CLOSE_STOP);
	else
		socketio_start(s);
}

void
adopt_route(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	struct msg_route m;
	struct conn *c;

	if (msg_get_route(data, len, &m) != 0 || nfds != 1 ||
	    w->current == NULL) {
		log_error("ROUTE of the master ignored: it is not sound");
		return;
	}
	if (!say_adopted(w, m.tag))
		return;
	c = take(w, &fds[0], m.address, &m.bytes);
	if (c != NULL)
		c->u.http.routed = true;
}

void
adopt_give_back(struct conn *c)
{
	struct worker *w = c->worker;
	struct given *g = calloc(1, sizeof(*g));
	struct msg_route m = {
		.tag = ++w->last_tag,
		.bytes = { c->in.data, c->in.len }
	};
	struct buf b;

	buf_init(&b, 0);
	strncpy(m.address, c->address, sizeof(m.address) - 1);
	if (g == NULL || msg_put_route(&b, MSG_BACK, &m) != 0 ||
	    channel_send(w->master, &b, &c->fd, 1) != 0) {
		log_error("%s: closed: cannot go back to the master: "
		    "out of memory", c->address);
		free(g);
		conn_finish(c);
	} else {
		log_debug("%s: back to the master", c->address);
		g->tag = m.tag;
		g->fd = conn_release(c);
		TAILQ_INSERT_TAIL(&w->given, g, link);
	}
	buf_fini(&b);
}

static void
forget(struct worker *w, struct given *g)
{
	TAILQ_REMOVE(&w->given, g, link);
	close(g->fd);
	free(g);
}

void
adopt_confirmed(struct worker *w, const void *data, size_t len)
{
	struct msg_adopted m;
	struct given *g;

	if (msg_get_adopted(data, len, &m) != 0) {
		log_error("ADOPTED of the master ignored: it is not sound");
		return;
	}
	/* They are confirmed in order: it is the first. */
	TAILQ_FOREACH(g, &w->given, link) {
		if (g->tag == m.tag) {
			forget(w, g);
			return;
		}
	}
	log_warn("ADOPTED of the master ignored: the tag is unknown");
}

void
adopt_free_all(struct worker *w)
{
	struct given *g;

	while ((g = TAILQ_FIRST(&w->given)) != NULL)
		forget(w, g);
}
