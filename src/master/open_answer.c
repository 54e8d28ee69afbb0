/*
 * The usual CONNECT is answered where the verdict on it was formed, and the
 * session passed with its client's next word, or after a moment.  Many leave
 * before they ask for anything: these cost no worker a thing.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/front.h"
#include "master/open_inside.h"
#include "master/pass.h"
#include "master/state.h"
#include "proto/eio.h"
#include "proto/ws.h"

/* So long it waits for its client's word. */
#define SETTLE_MS 20

/* The one line of a session that no worker has known, as a worker writes it. */
void
open_left(struct open *o, const char *why)
{
	const struct msg_session *s = &o->session;
	const char *key =
	    o->m->conf.socketio.auth == CONF_AUTH_NONE ? "none" :
	    s->connect == MSG_GRANT_YES ? s->connect_key : s->origin_key;
	uint64_t lasted_ms = clock_ms() - s->opened_ms;

	o->m->counters.left++;
	log_info("session %.6s: closed: %s: %s, websocket, EIO 4, key %s, "
	    "%llu.%03llu s", s->sid, why, s->address, key,
	    (unsigned long long)(lasted_ms / 1000),
	    (unsigned long long)(lasted_ms % 1000));
}

/*
 * Would a worker say the same, and could the session follow it at once?  A
 * plugin that hears of who connects is to hear of all, and soon.
 */
bool
open_may_answer(const struct open *o)
{
	const struct master *m = o->m;

	return o->look.plain > 0 && o->session.revision == MSG_EIO4 &&
	    open_grant(m, &o->session) == MSG_GRANT_YES && m->load == NULL &&
	    pass_is_open(m->pass) && !opens_are_full(m) && !m->conf.greets &&
	    conf_list_has(&m->conf.socketio.namespaces, "/");
}

/* Its bytes stay where they are: the worker takes the CONNECT, too. */
void
open_answer(struct open *o, struct front *f)
{
	static const struct timeval settle = { 0, SETTLE_MS * 1000 };
	char frame[WS_HEAD_MAX], packet[32 + EIO_SID_LEN];
	unsigned char random[15];
	size_t n, len;

	clock_random(random, sizeof(random));
	eio_sid(random, o->session.answered);
	o->m->nanswered++;
	len = (size_t)snprintf(packet, sizeof(packet), "40{\"sid\":\"%s\"}",
	    o->session.answered);
	n = ws_frame_head(frame, WS_TEXT, true, len);
	event_add(&o->due, &settle);
	if (buf_put(&f->out, frame, n) != 0 ||
	    buf_put(&f->out, packet, len) != 0)
		open_lost(o);
	else
		front_write(f, FRONT_HELD);
}

/* Its client closes the websocket, and f->out has the answer to that. */
static void
leave(struct open *o, struct front *f)
{
	open_left(o, "the client closed it");
	o->m->open_bytes -= f->in.len;
	f->open = NULL;
	open_destroy(o);
	front_farewell(f);
}

void
open_go_on(struct open *o, struct front *f)
{
	switch (look_leave(&o->look, &f->in, &f->out)) {
	case PARSE_DONE:
		leave(o, f);
		break;
	case PARSE_BAD:
		open_pass(o, "it goes on");
		break;
	case PARSE_MORE:
		break;
	}
}

void
opens_settle(struct master *m)
{
	struct open *o, *next;

	for (o = TAILQ_FIRST(&m->opens); o != NULL; o = next) {
		next = TAILQ_NEXT(o, entry);
		if (open_is_answered(o))
			open_pass(o, "something else is about to change");
	}
}
