/*
 * A look every few milliseconds closes as many sessions as are due; one that
 * waits for an answer goes when that is out, and others before it.
 */
#include "worker/drain.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/compress.h"
#include "worker/conn.h"
#include "worker/generation.h"
#include "worker/schedule.h"
#include "worker/session.h"

#define LOOK_MS 20
/*
 * A polling client that needs a new connection finds the port closed, and so
 * will not come for its answers; one that has a connection comes by then.
 */
#define AWAY_MS 2000

/* How many sessions may still be there: fewer and fewer. */
static size_t
allowance(const struct worker *w, uint64_t now_ms)
{
	uint64_t all_ms = (uint64_t)w->current->conf.limits.drain_time_ms;

	if (now_ms >= w->drained_ms)
		return 0;
	return (size_t)(w->drain_sessions * (w->drained_ms - now_ms) /
	    all_ms);
}

static bool
waits_for_answer(const struct session *s)
{
	return s->nrequests > 0 || s->output.npackets > 0 ||
	    (s->ws != NULL && conn_pending(s->ws) > 0) ||
	    (s->poll != NULL && conn_pending(s->poll) > 0);
}

static bool
is_away(const struct session *s, uint64_t now_ms)
{
	return s->ws == NULL && s->poll == NULL &&
	    now_ms > s->worker->stopped_ms + AWAY_MS &&
	    now_ms > s->output.moved_ms + AWAY_MS;
}

static void
close_some(struct worker *w, size_t allowed, uint64_t now_ms)
{
	struct table_node *node, *next;
	struct session *s;

	for (node = table_first(&w->sessions); node != NULL &&
	    w->sessions.count > allowed; node = next) {
		next = table_next(&w->sessions, node);
		s = TABLE_ENTRY(node, struct session, node);
		if (!waits_for_answer(s) || is_away(s, now_ms))
			session_close(s, CLOSE_STOP);
	}
}

/* Is the last answer out? */
static bool
is_done(const struct worker *w)
{
	const struct conn *c;

	/* Who had waited for the answer of another one may wait again. */
	if (!w->refusing || schedule_running(w) > 0 ||
	    schedule_waiting(w) > 0 || compress_is_behind(w))
		return false;
	LIST_FOREACH(c, &w->conns, link)
		if (conn_pending(c) > 0)
			return false;
	return true;
}

static void
look(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	uint64_t now = clock_ms();

	(void)fd;
	(void)what;
	if (!w->refusing && now >= w->drained_ms) {
		w->refusing = true;
		schedule_stop(w);
	}
	close_some(w, allowance(w, now), now);
	if (now >= w->stop_ms || is_done(w))
		event_base_loopbreak(w->base);
}

void
drain_begin(struct worker *w)
{
	const struct timeval tv = { .tv_usec = LOOK_MS * 1000 };

	if (w->stop_timer != NULL)
		return;
	log_info("ending: %zu sessions, %zu requests running",
	    w->sessions.count, schedule_running(w));
	if (w->current == NULL || (w->stop_timer = event_new(w->base, -1,
	    EV_PERSIST, look, w)) == NULL ||
	    event_add(w->stop_timer, &tv) != 0) {
		event_base_loopbreak(w->base);
		return;
	}
	w->drain_sessions = w->sessions.count;
	w->stopped_ms = clock_ms();
	w->drained_ms = w->stopped_ms +
	    (uint64_t)w->current->conf.limits.drain_time_ms;
	w->stop_ms = w->drained_ms +
	    (uint64_t)w->current->conf.limits.drain_timeout_ms;
	look(-1, 0, w);
}
