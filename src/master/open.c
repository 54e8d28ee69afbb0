/*
 * Stop 3 of a request's life: the Engine.IO handshake; open_answer.c is about
 * the CONNECT behind it.  Connections of a session that is being opened are
 * held (front.h); bytes are bounded by handshake_bytes for a session and
 * handshake_total_bytes for all.
 */
#include "master/open_inside.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/answer.h"
#include "master/front.h"
#include "master/limit.h"
#include "master/pass.h"
#include "master/state.h"
#include "proto/eio3.h"
#include "proto/eio_revision.h"
#include "proto/ws.h"

void
open_destroy(struct open *o)
{
	o->m->nanswered -= open_is_answered(o);
	event_del(&o->due);
	look_fini(&o->look);
	TAILQ_REMOVE(&o->m->opens, o, entry);
	table_remove(&o->m->open_sids, &o->node);
	free(o);
}

static void
close_all(struct open *o)
{
	struct front *f;
	size_t i;

	for (i = 0; i < o->nconns; i++) {
		f = o->conns[i];
		o->m->open_bytes -= f->in.len;
		f->open = NULL;
		front_free(f);
	}
	open_destroy(o);
}

void
open_lost(struct open *o)
{
	if (open_is_answered(o)) {
		open_left(o, "its connection was lost");
	} else {
		o->m->counters.lost++;
		log_info("session %s: closed: its client %s left before the "
		    "handshake was over", o->session.sid, o->session.address);
	}
	close_all(o);
}

enum msg_grant
open_grant(const struct master *m, const struct msg_session *s)
{
	if (m->conf.socketio.auth == CONF_AUTH_NONE)
		return MSG_GRANT_YES;
	return s->connect_seen && s->connect != MSG_GRANT_NONE ? s->connect :
	    s->origin;
}

static void
judge_key(struct master *m, const struct msg_session *s)
{
	enum msg_grant grant = open_grant(m, s);

	if (s->connect_seen && grant == MSG_GRANT_YES)
		pass_joined(m->pass, 0, s->sid);
	else if (grant == MSG_GRANT_NO || (s->connect_seen &&
	    grant == MSG_GRANT_NONE))
		limit_failed(m, s->address);
}

void
open_pass(struct open *o, const char *why)
{
	struct msg_session *s = &o->session;
	struct master *m = o->m;
	struct front *f;
	int fds[MSG_CONNS_MAX];
	size_t i;

	/* The 101, or more, is not out: its client does not read at all. */
	if (o->nconns > 0 && o->conns[0]->out.len > 0) {
		open_lost(o);
		return;
	}
	log_debug("session %s: passed: %s", s->sid, why);
	s->nconns = o->nconns;
	for (i = 0; i < o->nconns; i++) {
		f = o->conns[i];
		s->conns[i] = (struct msg_bytes){ f->in.data, f->in.len };
		fds[i] = f->fd;
	}
	m->counters.passed++;
	if (pass_session(m->pass, s, fds) != 0)
		log_error("session %s: closed: it cannot be passed on",
		    s->sid);
	judge_key(m, s);
	for (i = 0; i < o->nconns; i++) {
		f = o->conns[i];
		m->open_bytes -= f->in.len;
		f->open = NULL;
		(void)front_release(f);
	}
	open_destroy(o);
}

void
opens_revise(struct master *m, msg_revise *revise, void *ctx)
{
	struct open *o;

	TAILQ_FOREACH(o, &m->opens, entry)
		(void)revise(ctx, &o->session);
}

void
opens_pass(struct master *m)
{
	struct open *o;

	while ((o = TAILQ_FIRST(&m->opens)) != NULL)
		open_pass(o, "the master is about to be another binary");
}

size_t
opens_unjoined(const struct master *m)
{
	return m->open_sids.count - m->nanswered + pass_unjoined(m->pass);
}

void
opens_free(struct master *m)
{
	struct open *o;

	while ((o = TAILQ_FIRST(&m->opens)) != NULL)
		close_all(o);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	const struct open *o = arg;

	(void)fd;
	(void)what;
	open_pass(arg, open_is_answered(o) ? "it is idle" :
	    "no message came in time");
}

/* Header and query of the request that opens the session; header first. */
static void
judge_origin(struct master *m, const struct http_head *head,
    struct msg_session *s)
{
	const struct slice *header = http_header(head, "x-psk");
	struct buf value;
	char *place;
	size_t len;

	if (header != NULL && header->len > 0) {
		s->origin = look_key(m->keys, header->p, header->len,
		    s->origin_key);
		return;
	}
	/* Decoded, it is never longer than the query itself. */
	buf_init(&value, 0);
	s->origin = MSG_GRANT_NO;
	place = buf_room(&value, head->query.len + 1);
	if (place != NULL) {
		if (!http_query(&head->query, "psk", place,
		    head->query.len + 1, &len))
			len = 0;
		buf_added(&value, len);
		s->origin = look_key(m->keys, value.data, value.len,
		    s->origin_key);
	}
	buf_wipe(&value);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct open *
create(const struct exchange *ex, const struct eio_request *req)
{
	struct master *m = ex->f->m;
	struct open *o = calloc(1, sizeof(*o));
	unsigned char random[15];
	struct msg_session *s;

	if (o == NULL)
		return NULL;
	o->m = m;
	s = &o->session;
	clock_random(random, sizeof(random));
	eio_sid(random, s->sid);
	if (table_insert(&m->open_sids, &o->node, s->sid,
	    strlen(s->sid)) != 0) {
		free(o);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&m->opens, o, entry);
	look_init(&o->look);
	evtimer_assign(&o->due, m->base, on_due, o);
	s->transport = req->transport == EIO_WEBSOCKET ? MSG_WEBSOCKET :
	    MSG_POLLING;
	s->revision = req->version == EIO_V3 ? MSG_EIO3 : MSG_EIO4;
	s->base64 = req->base64;
	s->opened_ms = clock_ms();
	memcpy(s->address, ex->f->address, sizeof(s->address));
	judge_origin(m, ex->head, s);
	m->counters.opened++;
	limit_handshaken(m, s->address);
	log_debug("session %s: opened for client %s", s->sid, s->address);
	return o;
}

/*
 * From the open packet on, its client counts on pings.  One of revision 3
 * waits to be let in by what has opened it: there is nothing to look at.
 */
static void
start_clock(struct open *o)
{
	const struct conf *c = &o->m->conf;
	int64_t ms = o->session.revision == MSG_EIO3 ? 0 :
	    least(c->socketio.ping_interval_ms,
	    c->socketio.connect_timeout_ms);
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_add(&o->due, &tv);
}

static void
hold(struct open *o, struct front *f)
{
	o->conns[o->nconns++] = f;
	o->m->open_bytes += f->in.len;
	f->open = o;
}

/* 101, the open packet as a frame, and the connection is the session's. */
static int
upgrade(struct open *o, const struct exchange *ex, const struct buf *packet,
    const struct ws_deflate *deflate)
{
	struct front *f = ex->f;
	char frame[WS_HEAD_MAX];
	size_t n = ws_frame_head(frame, WS_TEXT, true, packet->len);

	o->session.deflate_bits = deflate->bits;
	if (ws_handshake_put(&f->out, ex->head, &ex->cors, deflate) != 0 ||
	    buf_put(&f->out, frame, n) != 0 ||
	    buf_put(&f->out, packet->data, packet->len) != 0)
		return -1;
	buf_eat(&f->in, ex->head_len);
	hold(o, f);
	front_write(f, FRONT_HELD);
	return 0;
}

/* The open packet as a payload. */
static int
frame(struct buf *text, enum eio_version version)
{
	char head[EIO3_HEAD_MAX];
	struct buf payload;
	int result;

	if (eio_revision(version)->form != EIO_COUNTED)
		return 0;
	buf_init(&payload, 0);
	result = buf_put(&payload, head, eio3_text_head(head, text->len));
	if (result == 0)
		result = buf_put(&payload, text->data, text->len);
	buf_fini(text);
	*text = payload;
	return result;
}

void
open_new(const struct exchange *ex, const struct eio_request *req)
{
	const struct conf *c = &ex->f->m->conf;
	bool websocket = req->transport == EIO_WEBSOCKET, bad_version;
	struct eio_open packet = {
		.can_upgrade = !websocket,
		.ping_interval_ms = c->socketio.ping_interval_ms,
		.ping_timeout_ms = c->socketio.ping_timeout_ms,
		.max_payload_bytes = c->socketio.max_payload_bytes
	};
	struct open *o;
	const struct limit *limit = limit_handshake(ex->f->m, ex->f->address);
	struct ws_deflate deflate;
	struct buf text;
	const char *why;

	if (limit != NULL) {
		answer_limit(ex, limit);
		return;
	}
	if (websocket && ws_handshake_check(ex->head,
	    c->compression.websocket != 0, &deflate, &why,
	    &bad_version) != 0) {
		answer_bad_upgrade(ex, why, bad_version);
		return;
	}
	if ((o = create(ex, req)) == NULL) {
		answer_impossible(ex->f);
		return;
	}
	packet.sid = o->session.sid;
	buf_init(&text, 0);
	start_clock(o);
	if (eio_open_put(&text, &packet) != 0 ||
	    (!websocket && frame(&text, req->version) != 0) ||
	    (websocket && upgrade(o, ex, &text, &deflate) != 0)) {
		open_destroy(o);
		answer_impossible(ex->f);
	} else if (!websocket) {
		answer_opened(ex, &text);
	}
	buf_fini(&text);
}

struct open *
open_find(struct master *m, const char *sid)
{
	struct table_node *node = table_find(&m->open_sids, sid, strlen(sid));

	return node == NULL ? NULL : TABLE_ENTRY(node, struct open, node);
}

/* All bytes of the session lie in the buffers of its connections. */
static size_t
bytes(const struct open *o)
{
	size_t i, n = 0;

	for (i = 0; i < o->nconns; i++)
		n += o->conns[i]->in.len;
	return n;
}

size_t
open_room(const struct open *o)
{
	size_t max = (size_t)o->m->conf.limits.handshake_bytes;
	size_t n = bytes(o);

	return n >= max ? 0 : max - n;
}

bool
open_request(struct open *o, const struct exchange *ex,
    const struct eio_request *req)
{
	const struct http_head *head = ex->head;
	struct front *f = ex->f;

	if (o->session.transport == MSG_WEBSOCKET ||
	    o->nconns == MSG_CONNS_MAX || f->in.len > open_room(o)) {
		open_pass(o, "a request cannot be held with it");
		return false;
	}
	hold(o, f);
	front_hold(f);
	if (req->mismatch || (req->version == EIO_V3) !=
	    (o->session.revision == MSG_EIO3) ||
	    req->transport != EIO_POLLING) {
		open_pass(o, "a request of another transport came");
	} else if (head->method == HTTP_GET && o->poll == NULL &&
	    f->in.len == ex->head_len) {
		o->poll = f;
		o->poll_len = ex->head_len;
	} else if (head->method == HTTP_POST && o->post == NULL &&
	    !head->expect_continue) {
		o->post = f;
		look_post_begin(&o->look, head, ex->head_len,
		    (size_t)o->m->conf.limits.handshake_bytes);
	} else {
		open_pass(o, "another request came");
	}
	return true;
}

static enum parse
look(struct open *o, struct front *f)
{
	const struct conf *c = &o->m->conf;
	struct look_judge judge = {
		.keys = o->m->keys,
		.bytes_max = (size_t)least(c->limits.handshake_bytes,
		    c->socketio.max_payload_bytes)
	};

	if (o->session.transport == MSG_WEBSOCKET)
		return look_websocket(&o->look, &f->in, &judge, &o->session);
	if (f == o->post)
		return look_post(&o->look, &f->in, &judge, &o->session);
	/* A parked poll: pipelined input is bytes that we do not want. */
	return f->in.len > o->poll_len ? PARSE_BAD : PARSE_MORE;
}

bool
opens_are_full(const struct master *m)
{
	return m->open_bytes >= (size_t)m->conf.limits.handshake_total_bytes;
}

void
open_input(struct open *o, struct front *f)
{
	if (open_is_answered(o)) {
		open_go_on(o, f);
		return;
	}
	switch (look(o, f)) {
	case PARSE_DONE:
		if (open_may_answer(o))
			open_answer(o, f);
		else
			open_pass(o, "its first message is there");
		return;
	case PARSE_BAD:
		open_pass(o, "something else came first");
		return;
	case PARSE_MORE:
		break;
	}
	if (open_room(o) == 0)
		open_pass(o, "handshake_bytes is reached");
	else if (opens_are_full(o->m))
		open_pass(o, "handshake_total_bytes is reached");
}
