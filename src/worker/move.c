/* Emptying a worker: who moves when, and when it is time to ask for it. */
#include "worker/move.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/msg.h"
#include "ipc/view.h"
#include "worker/adopt.h"
#include "worker/conn.h"
#include "worker/generation.h"
#include "worker/request.h"
#include "worker/replies.h"
#include "worker/schedule.h"
#include "worker/session.h"

/* How often we look who has come to rest. */
#define STEP_MS 20
/* Sessions on their way at a time: as many as channels like to hold. */
#define GIVEN_MAX 64
/* How often we look whether we are to be replaced. */
#define LOOK_MS 1000

struct move {
	struct worker *worker;
	struct event timer;
	uint64_t started_ms;	/* the process */
	uint32_t random;	/* see age_of() */
	bool asked;		/* the master, to be emptied */
	uint64_t deadline_ms;	/* of those who do not rest; 0 = not begun */
	bool told;		/* MOVED */
};

static void
tell(struct worker *w, enum msg_type type)
{
	struct buf b;

	buf_init(&b, 0);
	if (msg_put_move(&b, type) != 0 ||
	    channel_send(w->master, &b, NULL, 0) != 0)
		log_error("the master was not told %s: out of memory",
		    msg_name(type));
	buf_fini(&b);
}

/* ---- one session --------------------------------------------------------- */

static bool
is_at_rest(const struct session *s)
{
	if (s->state != SESSION_OPEN || s->auth_serial != 0 ||
	    s->probe != NULL || s->switching || s->post != NULL ||
	    move_replies(s, NULL, 0) > MSG_REPLIES_MAX)
		return false;
	if (s->ws != NULL)
		return !s->ws->dead && !s->ws->eof && !s->ws->broken;
	return s->transport == EIO_POLLING &&
	    (s->poll == NULL || !s->poll->u.http.streaming);
}

static void
put_grant(const struct grant *g, enum msg_grant *grant, char *key)
{
	*grant = g->verdict;
	if (g->key != NULL)
		strncpy(key, g->key->name, MSG_NAME_MAX - 1);
}

/* What SESSION says of it beside the state. */
static void
describe(const struct session *s, struct msg_session *m)
{
	*m = (struct msg_session){
		.tag = ++s->worker->last_tag,
		.transport = s->ws != NULL ? MSG_WEBSOCKET : MSG_POLLING,
		.revision = s->revision == eio_revision(EIO_V3) ?
		    MSG_EIO3 : MSG_EIO4,
		.base64 = s->base64,
		.deflate_bits = s->ws != NULL ? s->ws->u.ws.deflate_bits : 0,
		.opened_ms = s->opened_ms,
		.generation = s->generation->number,
		.connect_seen = s->connect_seen,
		.nconns = s->ws != NULL,
		.live = true
	};
	memcpy(m->sid, s->sid, sizeof(m->sid));
	memcpy(m->answered, s->answered, sizeof(m->answered));
	/* For the count of connections: the session's own is in its state. */
	strncpy(m->address, s->ws != NULL ? s->ws->address : s->address,
	    sizeof(m->address) - 1);
	put_grant(&s->origin, &m->origin, m->origin_key);
	put_grant(&s->connect, &m->connect, m->connect_key);
}

/* A large state goes into memory of its own; fds has room for it. */
static int
put_state(struct msg_session *m, const struct buf *state, int *fds)
{
	struct err err;

	m->state = (struct msg_bytes){ state->data, state->len };
	if (state->len <= MSG_STATE_MAX)
		return 0;
	fds[0] = view_seal("session", state->data, state->len, &err);
	m->apart = fds[0] >= 0;
	m->state.len = 0;
	return m->apart ? 0 : -1;
}

/* The copies of the descriptors are kept in adopt.c. */
static void
forget(struct session *s)
{
	struct request *r;
	struct conn *c = s->ws;

	while ((r = LIST_FIRST(&s->requests)) != NULL) {
		if (r->reply != NULL)
			replies_forget(&r->reply);
		request_free(r);
	}
	if (c != NULL) {
		c->u.ws.session = NULL;
		s->ws = NULL;
		conn_release(c);
	}
	session_leave(s);
}

/* 0, or -1: out of memory, and it is still ours. */
static int
give(struct session *s)
{
	int fds[MSG_CONNS_MAX + MSG_REPLIES_MAX + 1], result = -1;
	struct msg_session m;
	struct buf state, b;

	if (s->poll != NULL)
		http_poll_answer_text(s->poll, "6");
	describe(s, &m);
	if (s->ws != NULL)
		fds[0] = s->ws->fd;
	m.nreplies = move_replies(s, fds + m.nconns, MSG_REPLIES_MAX);
	buf_init(&state, 0);
	buf_init(&b, 0);
	if (move_put(s, &state) == 0 &&
	    put_state(&m, &state, fds + m.nconns + m.nreplies) == 0) {
		if (msg_put_session(&b, &m) == 0)
			result = adopt_give(s->worker, &b, m.tag, s->sid, fds,
			    msg_session_fds(&m));
		if (result != 0 && m.apart)
			close(fds[m.nconns + m.nreplies]);
	}
	buf_fini(&b);
	buf_fini(&state);
	if (result == 0)
		forget(s);
	return result;
}

/* ---- all of them --------------------------------------------------------- */

static void
move_sessions(struct worker *w, bool late)
{
	struct table_node *node, *next;
	struct session *s;

	for (node = table_first(&w->sessions); node != NULL &&
	    w->ngiven < GIVEN_MAX; node = next) {
		next = table_next(&w->sessions, node);
		s = TABLE_ENTRY(node, struct session, node);
		if (is_at_rest(s) && give(s) == 0)
			continue;
		if (!late)
			continue;
		session_close(s, CLOSE_MOVE);
		session_end(s);
	}
}

/* Nothing of a request is here, and nothing of an answer. */
static bool
is_idle(const struct conn *c)
{
	const struct http *h = &c->u.http;

	return !c->dead && c->kind == &http_kind && !c->eof && !c->broken &&
	    h->phase == HTTP_AT_HEAD && !h->last && !h->give_back &&
	    h->poll == NULL && h->post == NULL && c->in.len == 0 &&
	    conn_pending(c) == 0;
}

/* false: none is left whose client may have something to say. */
static bool
give_back_idle(struct worker *w)
{
	struct conn *c, *next;
	bool any = false;

	for (c = LIST_FIRST(&w->conns); c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		if (is_idle(c) && w->ngiven < GIVEN_MAX)
			adopt_give_back(c);
		else if (!c->dead && c->kind == &http_kind)
			any = true;
	}
	return any;
}

void
move_step(struct worker *w)
{
	const struct timeval tv = { .tv_usec = STEP_MS * 1000 };
	struct move *mv = w->move;
	bool late, any;

	if (mv == NULL || mv->deadline_ms == 0 || mv->told ||
	    w->stop_timer != NULL)
		return;
	late = clock_ms() >= mv->deadline_ms;
	move_sessions(w, late);
	any = give_back_idle(w);
	if (w->sessions.count == 0 && w->ngiven == 0 && (!any || late)) {
		mv->told = true;
		tell(w, MSG_MOVED);
	} else if (event_add(&mv->timer, &tv) != 0) {
		log_error("no timer for moving sessions: out of memory");
	}
}

void
move_start(struct worker *w)
{
	struct move *mv = w->move;
	int64_t ms = w->current == NULL ? 0 :
	    w->current->conf.limits.move_timeout_ms;

	if (mv->deadline_ms != 0)
		return;
	log_info("moving %zu sessions to other workers", w->sessions.count);
	mv->deadline_ms = clock_ms() + (uint64_t)ms;
	move_step(w);
}

/* ---- when ---------------------------------------------------------------- */

void
move_ask(struct worker *w)
{
	if (w->move->asked)
		return;
	w->move->asked = true;
	tell(w, MSG_MOVE);
}

/* A little more for each, so that not all of one start end at once. */
static uint64_t
age_of(const struct move *mv, const struct conf *conf)
{
	uint64_t age_ms = (uint64_t)conf->limits.worker_age_ms;

	return age_ms + age_ms / 10 * mv->random / UINT32_MAX;
}

static bool
is_due(const struct move *mv, const struct conf *conf)
{
	return (conf->limits.worker_requests > 0 &&
	    schedule_total(mv->worker) >=
	    (uint64_t)conf->limits.worker_requests) ||
	    (conf->limits.worker_age_ms > 0 &&
	    clock_ms() - mv->started_ms >= age_of(mv, conf));
}

static void
look(struct move *mv)
{
	static const struct timeval tv = { .tv_sec = LOOK_MS / 1000 };
	struct worker *w = mv->worker;

	if (w->current != NULL && is_due(mv, &w->current->conf))
		move_ask(w);
	if (!mv->asked && event_add(&mv->timer, &tv) != 0)
		log_error("no timer for our end: out of memory");
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct move *mv = arg;

	(void)fd;
	(void)what;
	if (mv->deadline_ms != 0)
		move_step(mv->worker);
	else
		look(mv);
}

int
move_watch(struct worker *w)
{
	w->move = calloc(1, sizeof(*w->move));
	if (w->move == NULL)
		return -1;
	w->move->worker = w;
	w->move->started_ms = clock_ms();
	clock_random(&w->move->random, sizeof(w->move->random));
	event_assign(&w->move->timer, w->base, -1, 0, on_timer, w->move);
	look(w->move);
	return 0;
}

void
move_free(struct worker *w)
{
	if (w->move == NULL)
		return;
	event_del(&w->move->timer);
	free(w->move);
	w->move = NULL;
}
