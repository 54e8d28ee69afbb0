/* Taking sessions and connections from the master, and giving some back. */
#include "worker/adopt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/msg.h"
#include "ipc/view.h"
#include "worker/conn.h"
#include "worker/engine.h"
#include "worker/generation.h"
#include "worker/http.h"
#include "worker/move.h"
#include "worker/session.h"
#include "worker/socketio.h"

/* Given to the master, which has not said ADOPTED yet. */
struct given {
	TAILQ_ENTRY(given) link;
	uint64_t tag;
	char sid[MSG_SID_LEN + 1];	/* a session; "" = a connection */
	size_t nfds;
	int fds[];
};

/*
 * Must go out before anything is read from the sockets or written to them: at
 * the end of this delivery, whose connections have their turns behind it, or
 * now, for a session whose requests run on at once.  false: out of memory, and
 * the giver must remain the owner.
 */
static bool
say_adopted(struct worker *w, uint64_t tag, bool now)
{
	struct msg_adopted m = { .tag = tag };
	struct buf b;
	int result;

	buf_init(&b, 0);
	result = msg_put_adopted(&b, &m);
	if (result == 0)
		result = now ? channel_send(w->master, &b, NULL, 0) :
		    channel_note(w->master, &b);
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
	if (msg_put_closed(&b, &m) != 0 || channel_note(w->master, &b) != 0)
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
	if (msg_put_gone(&b, &m) != 0 || channel_note(w->master, &b) != 0)
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

/* The connections that m tells of, whose descriptors begin fds. */
static void
take_conns(struct session *s, const struct msg_session *m, int *fds)
{
	struct conn *c;
	size_t i;

	for (i = 0; i < m->nconns; i++) {
		c = take(s->worker, &fds[i], m->address, &m->conns[i]);
		if (c != NULL && m->transport == MSG_WEBSOCKET) {
			websocket_start(c, s, m->deflate_bits);
			s->ws = c;
		} else if (c != NULL) {
			http_route(c);
		}
	}
}

/* What another worker knew of it; fds: of its replies and of the state. */
static int
take_state(struct session *s, const struct msg_session *m, int *fds,
    struct err *err)
{
	struct msg_bytes state = m->state;
	int result;

	if (m->apart && view_map(fds[m->nreplies], &state.data, &state.len,
	    err) != 0)
		return -1;
	result = move_get(s, s->ws, &state, fds, m->nreplies, err);
	if (m->apart)
		view_unmap(state.data, state.len);
	return result;
}

static void
begin(struct session *s, const struct msg_session *m, int *fds)
{
	struct err err;

	take_conns(s, m, fds);
	if (m->transport == MSG_WEBSOCKET && s->ws == NULL) {
		session_close(s, CLOSE_MEMORY);
	} else if (m->live && take_state(s, m, fds + m->nconns, &err) != 0) {
		log_warn("session %.6s: cannot go on here: %s", s->sid,
		    err.text);
		session_close(s, CLOSE_MOVE);
	} else if (s->worker->stop_timer != NULL) {
		session_close(s, CLOSE_STOP);
	} else if (!m->live) {
		socketio_start(s);
	}
}

static bool
is_sound(const struct msg_session *m, size_t nfds)
{
	return msg_session_fds(m) == nfds &&
	    (m->transport != MSG_WEBSOCKET || m->nconns == 1) &&
	    (m->live || (m->nreplies == 0 && !m->apart));
}

void
adopt_session(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	struct generation *g;
	struct msg_session m;
	struct session *s;

	if (msg_get_session(data, len, &m) != 0 || !is_sound(&m, nfds) ||
	    session_find(w, m.sid) != NULL) {
		log_error("SESSION of the master ignored: it is not sound");
		return;
	}
	if (!say_adopted(w, m.tag, m.live))
		return;
	/* An old generation that came for it alone must be let go again. */
	g = generation_find(w, m.generation);
	if (g != NULL)
		generation_hold(g);
	s = session_new(w, &m);
	if (s != NULL)
		begin(s, &m, fds);
	else
		tell_closed(w, m.sid);
	if (g != NULL)
		generation_release(g);
}

/* The master did not know yet, when it sent a request for this session. */
static bool
is_given(const struct worker *w, const char *sid)
{
	const struct given *g;

	TAILQ_FOREACH(g, &w->given, link)
		if (strcmp(g->sid, sid) == 0)
			return true;
	return false;
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
	if (!say_adopted(w, m.tag, false))
		return;
	c = take(w, &fds[0], m.address, &m.bytes);
	if (c != NULL && !is_given(w, m.sid))
		http_route(c);
}

int
adopt_give(struct worker *w, const struct buf *msg, uint64_t tag,
    const char *sid, const int *fds, size_t nfds)
{
	struct given *g = calloc(1, sizeof(*g) + nfds * sizeof(g->fds[0]));

	if (g == NULL || channel_send(w->master, msg, fds, nfds) != 0) {
		free(g);
		return -1;
	}
	g->tag = tag;
	strncpy(g->sid, sid, sizeof(g->sid) - 1);
	g->nfds = nfds;
	memcpy(g->fds, fds, nfds * sizeof(fds[0]));
	TAILQ_INSERT_TAIL(&w->given, g, link);
	w->ngiven++;
	return 0;
}

void
adopt_give_back(struct conn *c)
{
	struct worker *w = c->worker;
	struct msg_route m = {
		.tag = ++w->last_tag,
		.bytes = { c->in.data, c->in.len }
	};
	struct buf b;

	buf_init(&b, 0);
	strncpy(m.address, c->address, sizeof(m.address) - 1);
	if (msg_put_route(&b, MSG_BACK, &m) != 0 ||
	    adopt_give(w, &b, m.tag, "", &c->fd, 1) != 0) {
		log_error("%s: closed: cannot go back to the master: "
		    "out of memory", c->address);
		conn_finish(c);
	} else {
		log_debug("%s: back to the master", c->address);
		conn_release(c);
	}
	buf_fini(&b);
}

static void
forget(struct worker *w, struct given *g)
{
	TAILQ_REMOVE(&w->given, g, link);
	w->ngiven--;
	while (g->nfds > 0)
		close(g->fds[--g->nfds]);
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
	/* Most are confirmed in order: it is the first. */
	TAILQ_FOREACH(g, &w->given, link) {
		if (g->tag == m.tag) {
			forget(w, g);
			move_step(w);
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
