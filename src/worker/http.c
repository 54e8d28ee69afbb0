/*
 * Taking HTTP requests off a connection.  What is answered, and in which
 * order, is http_answer.c's.
 */
#include "worker/http.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/adopt.h"
#include "worker/conn.h"
#include "worker/engine.h"
#include "worker/generation.h"
#include "worker/http_answer.h"
#include "worker/session.h"

/* Answers behind a poll, and output: no more requests are taken above it. */
#define BEHIND_MAX (64 * 1024)

static const struct conf *
conf_of(const struct conn *c)
{
	return &c->worker->current->conf;
}

void
http_init(struct http *h)
{
	memset(h, 0, sizeof(*h));
}

void
http_route(struct conn *c)
{
	c->u.http.routed = c->worker->nmoved + 1;
}

/* Each phase has its time; a head that has not begun only when all is said. */
static void
set_phase(struct conn *c, enum http_phase phase)
{
	const struct conf *conf = conf_of(c);
	const int64_t limits[HTTP_PHASES] = {
		[HTTP_AT_HEAD] = conf->limits.idle_timeout_ms,
		[HTTP_IN_HEAD] = conf->limits.head_timeout_ms,
		[HTTP_IN_BODY] = conf->limits.body_timeout_ms
	};

	c->u.http.phase = phase;
	c->deadline_ms = limits[phase] == 0 ? 0 :
	    clock_ms() + (uint64_t)limits[phase];
}

/* The POST's session is not to get anything more from it. */
static void
forget_post(struct conn *c)
{
	struct http *h = &c->u.http;

	if (h->post != NULL)
		h->post->post = NULL;
	h->post = NULL;
}

/* The request cannot be read: say so, as far as it can be said, and end. */
static void
give_up(struct conn *c, int status)
{
	struct http *h = &c->u.http;

	log_debug("%s: request refused: %d", c->address, status);
	h->now.keep_alive = false;
	http_answer(c, status, NULL, "");
	set_phase(c, HTTP_AT_HEAD);
}

/* ---- heads --------------------------------------------------------------- */

/*
 * A poll waits on this connection and the next request is a poll, or is for
 * somebody else: the one that waits must end first.  true when it has.
 */
static bool
end_poll(struct conn *c)
{
	if (c->u.http.poll == NULL)
		return true;
	if (c->u.http.streaming)
		return false;
	http_poll_answer_text(c, "6");
	return true;
}

/* Two polls of one session on one connection are two polls (P8). */
static bool
must_end_poll(const struct conn *c, const struct session *s,
    const struct http_head *head)
{
	const struct http *h = &c->u.http;

	return h->streaming || h->poll != s || head->upgrade_websocket;
}

static void
take_poll(struct conn *c, struct session *s)
{
	struct http *h = &c->u.http;

	if (s->state == SESSION_CLOSING) {
		http_answer(c, 200, HTTP_PACKETS, s->revision->ended);
		session_end(s);
	} else if (s->poll != NULL) {
		log_debug("session %.6s: a second poll came", s->sid);
		session_close(s, CLOSE_TWO_POLLS);
		http_answer(c, 400, NULL, "");
	} else {
		s->poll = c;
		h->poll = s;
		h->poll_facts = h->now;
		h->now = (struct http_facts){ 0 };
		h->answered = true;
		output_pump(s);
	}
}

static void
take_post(struct conn *c, struct session *s, const struct http_head *head)
{
	const struct slice *type = http_header(head, "Content-Type");
	bool octets = type != NULL && slice_is_nocase(type, HTTP_OCTETS);
	struct http *h = &c->u.http;
	struct conn *first = s->post;

	if (s->state == SESSION_CLOSING) {
		/* Only a poll can tell the client (P16). */
		http_answer(c, 200, HTTP_OK, "ok");
	} else if (first != NULL) {
		session_close(s, CLOSE_TWO_POSTS);
		conn_close(first);
		http_answer(c, 400, NULL, "");
	} else if (octets && !s->revision->has_octets) {
		log_debug("session %.6s: a POST is binary", s->sid);
		session_close(s, CLOSE_PACKET);
		http_answer(c, 400, NULL, "");
	} else {
		s->post = c;
		h->post = s;
		h->form = octets ? EIO_OCTETS : s->revision->form;
		if (head->expect_continue && h->poll == NULL)
			conn_put(c, HTTP_CONTINUE, strlen(HTTP_CONTINUE));
	}
}

/* The connection becomes a websocket; c->in begins behind the head. */
static void
take_upgrade(struct conn *c, struct session *s, const struct http_head *head,
    const struct eio_request *req)
{
	struct ws_deflate deflate;
	const char *why;
	bool bad_version;

	if (ws_handshake_check(head, conf_of(c)->compression.websocket != 0,
	    &deflate, &why, &bad_version) != 0) {
		http_refuse_upgrade(c, why, bad_version);
		return;
	}
	if (http_accept_upgrade(c, head, &deflate) != 0) {
		c->broken = true;
		return;
	}
	if (s->transport == EIO_WEBSOCKET || s->probe != NULL ||
	    s->state != SESSION_OPEN) {
		log_debug("session %.6s: another websocket refused", s->sid);
		s = NULL;
	}
	websocket_start(c, s, deflate.bits);
	if (s != NULL)
		engine_probe(s, c, req->base64);
}

/* What the request is worth once it is known whose it is. */
static enum eio_verdict
judge(const struct eio_request *req, enum eio_verdict v,
    const struct session *s)
{
	if (v != EIO_EXISTING && v != EIO_NEW)
		return v;
	/* One that is closing has a last word for a poll (P16). */
	if (s == NULL || (s->state != SESSION_OPEN &&
	    req->transport != EIO_POLLING))
		return EIO_SID_UNKNOWN;
	/* U7; another websocket is answered by take_upgrade(). */
	if (req->mismatch || eio_revision(req->version) != s->revision ||
	    (s->transport == EIO_WEBSOCKET &&
	    req->transport == EIO_POLLING))
		return EIO_BAD_REQUEST;
	return EIO_EXISTING;
}

/* A request that is ours, its head still in front of c->in. */
static void
dispatch(struct conn *c, const struct http_head *head, enum eio_verdict v,
    struct session *s)
{
	struct http *h = &c->u.http;

	if (v == EIO_PREFLIGHT)
		http_answer_preflight(c, head);
	else if (v != EIO_EXISTING && head->upgrade_websocket)
		http_refuse_upgrade(c, eio_refusal_text(v), false);
	else if (v != EIO_EXISTING)
		http_answer_refusal(c, v);
	else if (head->method == HTTP_GET)
		take_poll(c, s);
	else if (head->method == HTTP_POST)
		take_post(c, s, head);
	else
		http_answer(c, 500, NULL, "");
	/* A client that was not told to go on sends no body. */
	if (head->expect_continue && h->post == NULL)
		h->last = true;
}

/* What is not below our path is the master's, as a new session is. */
static enum eio_verdict
judge_head(const struct conn *c, const struct http_head *head,
    struct eio_request *req)
{
	const struct conf *conf = conf_of(c);
	const char *path = conf->socketio.path;
	struct http_cors cors;

	if (head->target.len < strlen(path) ||
	    memcmp(head->target.p, path, strlen(path)) != 0)
		return EIO_NEW;
	http_cors_judge(&cors, head, conf->socketio.cors_origins.v,
	    conf->socketio.cors_origins.n);
	return http_is_preflight(head, &cors) ? EIO_PREFLIGHT :
	    eio_judge(head, conf->socketio.allow_eio3 != 0, req);
}

/*
 * A whole head: ours, somebody else's, or not to be taken before a poll's
 * answer that is half way out.  false: it takes no more requests.
 */
static bool
take_request(struct conn *c, const struct http_head *head, size_t used)
{
	struct http *h = &c->u.http;
	struct eio_request req = { 0 };
	enum eio_verdict v = judge_head(c, head, &req);
	struct session *s = NULL;

	if (req.has_sid)
		s = session_find(c->worker, req.sid);
	/* Its timer may be late; a POST may bring the pong. */
	if (s != NULL && head->method == HTTP_GET && engine_silent(s))
		s = NULL;
	/* Without a transport it may be for a file, which the master has. */
	if (h->routed != c->worker->nmoved + 1 && (v == EIO_NEW ||
	    v == EIO_TRANSPORT_UNKNOWN || (v == EIO_EXISTING && s == NULL))) {
		h->give_back = end_poll(c);
		c->deadline_ms = 0;
		return false;
	}
	v = judge(&req, v, s);
	if (v == EIO_EXISTING && head->method == HTTP_GET &&
	    must_end_poll(c, s, head) && !end_poll(c)) {
		c->deadline_ms = 0;
		return false;
	}
	h->routed = 0;
	http_facts_read(c, head);
	if (v == EIO_EXISTING && req.transport == EIO_WEBSOCKET) {
		h->last = true;
		take_upgrade(c, s, head, &req);
		buf_eat(&c->in, used);
		return false;
	}
	http_body_init(&h->body, head);
	buf_init(&h->content,
	    (size_t)conf_of(c)->socketio.max_payload_bytes);
	dispatch(c, head, v, s);
	if (c->dead)
		return false;
	buf_eat(&c->in, used);
	h->taken = 0;
	set_phase(c, HTTP_IN_BODY);
	return true;
}

static bool
step_head(struct conn *c)
{
	size_t bound = (size_t)conf_of(c)->limits.head_bytes, used;
	struct http *h = &c->u.http;
	struct http_head head;
	int status = 431;

	if (c->in.len == 0)
		return false;
	if (h->phase == HTTP_AT_HEAD)
		set_phase(c, HTTP_IN_HEAD);
	switch (http_head_parse(c->in.data, c->in.len, h->scanned, &head,
	    &used, &status)) {
	case PARSE_DONE:
		h->scanned = 0;
		if (used <= bound)
			return take_request(c, &head, used);
		status = 431;
		break;
	case PARSE_MORE:
		h->scanned = c->in.len;
		if (c->in.len < bound)
			return false;
		status = 431;
		break;
	case PARSE_BAD:
		break;
	}
	http_facts_none(c);
	give_up(c, status);
	return false;
}

/* ---- bodies -------------------------------------------------------------- */

static bool
step_body(struct conn *c)
{
	struct http *h = &c->u.http;
	size_t used = 0;
	int status = 400;
	enum parse r;

	r = http_body_take(&h->body, c->in.len > 0 ? c->in.data : "",
	    c->in.len, &h->content, &used, &status);
	buf_eat(&c->in, used);
	if (h->post == NULL)
		buf_clear(&h->content);
	if (r == PARSE_MORE)
		return false;
	if (r == PARSE_DONE) {
		set_phase(c, HTTP_AT_PACKETS);
		return true;
	}
	/* Too long is this request's fault alone (P7); else a body is lost. */
	if (h->post != NULL && status != 413)
		session_close(h->post, CLOSE_LOST);
	forget_post(c);
	if (!h->answered)
		give_up(c, status);
	h->last = true;
	return false;
}

/* An empty one has no memory: to C not even its end is anywhere. */
static char *
body_of(const struct http *h)
{
	static char nothing[1];

	return h->content.len > 0 ? h->content.data : nothing;
}

/* Each costs some work, however short it is. */
static bool
has_too_many_packets(const struct conn *c)
{
	size_t most = (size_t)conf_of(c)->limits.payload_packets;
	const struct http *h = &c->u.http;
	size_t pos = 0, n = 0;
	struct slice record;
	bool binary;

	while (n <= most && eio_record_next(h->form, body_of(h),
	    h->content.len, &pos, &record, &binary))
		n++;
	return n > most;
}

static bool
step_packets(struct conn *c)
{
	struct http *h = &c->u.http;
	bool ours = h->post != NULL;

	if (ours && h->taken == 0 && has_too_many_packets(c)) {
		session_close(h->post, CLOSE_PAYLOAD);
		if (!h->answered)
			http_answer(c, 413, "text/plain",
			    "Too many packets (limits.payload_packets)\n");
		ours = false;
	}
	if (ours && !engine_payload(h->post, h->form, body_of(h),
	    h->content.len, &h->taken))
		return false;
	forget_post(c);
	buf_fini(&h->content);
	/* Also when a packet has just ended the session (P11, P12). */
	if (!h->answered && ours)
		http_answer(c, 200, HTTP_OK, "ok");
	else if (!h->answered)
		http_answer_refusal(c, EIO_SID_UNKNOWN);
	set_phase(c, HTTP_AT_HEAD);
	return true;
}

/* ---- the connection ------------------------------------------------------ */

static bool (*const steps[])(struct conn *c) = {
	[HTTP_AT_HEAD] = step_head,
	[HTTP_IN_HEAD] = step_head,
	[HTTP_IN_BODY] = step_body,
	[HTTP_AT_PACKETS] = step_packets
};
_Static_assert(sizeof(steps) / sizeof(steps[0]) == HTTP_PHASES,
    "each phase has a step");

/* May the next step be taken? */
static bool
may_step(const struct conn *c)
{
	const struct http *h = &c->u.http;

	if (c->dead || c->kind != &http_kind || h->give_back)
		return false;
	if (h->last && h->phase < HTTP_IN_BODY)
		return false;
	return conn_pending(c) <= CONN_OUT_HIGH && (h->behind == NULL ||
	    evbuffer_get_length(h->behind) <= BEHIND_MAX);
}

/* The client is gone, or will say nothing more. */
static void
end_of_input(struct conn *c)
{
	struct http *h = &c->u.http;
	struct session *poll = h->poll;

	if (poll != NULL) {
		poll->poll = NULL;
		h->poll = NULL;
		session_close(poll, CLOSE_LOST);
	}
	if (h->post != NULL && h->phase == HTTP_IN_BODY)
		session_close(h->post, CLOSE_LOST);
	if (c->broken || (conn_pending(c) == 0 && h->phase != HTTP_AT_PACKETS))
		conn_close(c);
	else
		h->last = true;
}

/* All is said: what becomes of the connection? */
static void
settle(struct conn *c)
{
	struct http *h = &c->u.http;

	if (h->last && h->answered) {
		buf_clear(&c->in);
		c->blocked = false;
	} else {
		/* More than a head that was not taken: it must wait. */
		c->blocked = !may_step(c) || h->phase == HTTP_AT_PACKETS ||
		    c->in.len > (size_t)conf_of(c)->limits.head_bytes;
	}
	if (h->poll != NULL || conn_pending(c) > 0) {
		if (h->phase == HTTP_AT_HEAD)
			c->deadline_ms = 0;
	} else if (h->last && (h->answered || h->phase < HTTP_IN_BODY)) {
		conn_finish(c);
	} else if (h->give_back) {
		adopt_give_back(c);
	} else if (h->phase == HTTP_AT_HEAD && c->deadline_ms == 0) {
		set_phase(c, HTTP_AT_HEAD);
	}
}

static void
http_work(struct conn *c)
{
	struct http *h = &c->u.http;

	while (may_step(c) && steps[h->phase](c))
		;
	if (c->dead || c->kind != &http_kind)
		return;
	if (h->streaming)
		output_pump(h->poll);
	if (!c->dead && (c->eof || c->broken))
		end_of_input(c);
	if (!c->dead)
		settle(c);
}

static void
http_late(struct conn *c)
{
	struct http *h = &c->u.http;

	if (h->phase == HTTP_AT_HEAD) {
		conn_finish(c);
		return;
	}
	if (h->post != NULL)
		session_close(h->post, CLOSE_LOST);
	if (!h->answered || h->phase == HTTP_IN_HEAD) {
		http_facts_none(c);
		give_up(c, 408);
	}
	h->last = true;
	set_phase(c, HTTP_AT_HEAD);
}

static void
http_fini(struct conn *c)
{
	struct http *h = &c->u.http;
	struct session *s = h->poll;

	if (s != NULL) {
		s->poll = NULL;
		h->poll = NULL;
		session_close(s, CLOSE_LOST);
	}
	s = h->post;
	forget_post(c);
	if (s != NULL)
		session_close(s, CLOSE_LOST);
	buf_fini(&h->content);
	free(h->now.origin);
	free(h->poll_facts.origin);
	if (h->behind != NULL)
		evbuffer_free(h->behind);
}

const struct conn_kind http_kind = {
	.name = "http", .work = http_work, .late = http_late,
	.fini = http_fini
};
