/*
 * Asking: which requests go into the work queue now, and which have waited
 * too long?  This runs from its own timer only, after whatever poked it is
 * done, so that requests which came together are seen together.
 */
#include "worker/schedule_inside.h"

#include <inttypes.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/queue.h"
#include "worker/generation.h"
#include "worker/poison.h"
#include "worker/replies.h"
#include "worker/request.h"
#include "worker/session.h"
#include "worker/share.h"

/* Others fill the work queue, and nobody tells when it has room again. */
#define RETRY_MS CAP_RETRY_MS
/*
 * Unread requests in the work queue above which none is added: two of all
 * workers, or as many of one's own as are answered in so short a time.  A
 * collector that finds the next one there need not sleep, and nor need we look
 * so often.
 */
#define AHEAD_MIN 2
#define AHEAD_US 1000

/* Those who wait for the same answer need not be asked. */
static void
gather(struct schedule *sc, struct request *r)
{
	struct request *f;

	while ((f = share_twin(sc->turns.shares, r)) != NULL) {
		log_debug("request %016" PRIx64 ": shares the answer of %016"
		    PRIx64, f->id, r->id);
		schedule_delist(sc, f);
		turns_follow(&sc->turns, f, r);
	}
}

static void
asked(struct schedule *sc, struct request *r, struct reply_pair *p)
{
	r->reply = p;
	replies_lend(p, r);
	turns_had(&sc->turns, r);
	schedule_count_out(sc, r);
	schedule_delist(sc, r);
	request_set_state(r, REQUEST_ASKED);
	TAILQ_INSERT_TAIL(&sc->asked, r, unbegun);
	gather(sc, r);
}

/* Put r into the work queue; OK, AGAIN, or BAD (r is then gone). */
static enum fdpass_result
ask(struct schedule *sc, struct request *r)
{
	struct queue_request q = {
		.id = r->id,
		.deadline_ms = r->expires_ms,
		.worker = sc->worker->number,
		.generation = r->session->generation->number,
		.options = { r->options.data, r->options.len }
	};
	struct reply_pair *p;
	struct err err;

	if (poison_refuses(sc->worker, r->collector, r->options.data,
	    r->options.len, &err)) {
		log_info("request %016" PRIx64 ": refused: %s", r->id,
		    err.text);
		request_fail(r, &err);
		return FDPASS_BAD;
	}
	strncpy(q.collector, r->collector, sizeof(q.collector) - 1);
	strncpy(q.key, r->key->name, sizeof(q.key) - 1);
	strncpy(q.nsp, r->nsp, sizeof(q.nsp) - 1);
	p = replies_get(sc->worker);
	switch (p == NULL ? FDPASS_BAD : queue_put_over(sc->queue_fd, &q,
	    p->ours, p->theirs)) {
	case FDPASS_OK:
		asked(sc, r, p);
		return FDPASS_OK;
	case FDPASS_AGAIN:
		replies_drop(&p);
		cap_give(&r->of_key_cap);
		cap_give(&r->of_collector_cap);
		return FDPASS_AGAIN;
	default:
		break;
	}
	if (p != NULL)
		replies_drop(&p);
	log_warn("request %016" PRIx64 ": cannot be queued: descriptors or "
	    "memory ran out", r->id);
	schedule_overloaded(sc, &err,
	    "the gateway has no room for this request");
	request_fail(r, &err);
	return FDPASS_BAD;
}

/*
 * How many of ours may lie in the queue?  It goes by what a request takes, not
 * by how many of ours were answered: who had more would get more.
 */
static size_t
ahead(const struct schedule *sc, size_t collectors)
{
	uint64_t n = AHEAD_US * collectors / (sc->service_us + 1);

	if (n < AHEAD_MIN)
		return AHEAD_MIN;
	return n < QUEUE_AHEAD_MAX ? n : QUEUE_AHEAD_MAX;
}

/* How many of ours has no collector taken yet?  The newest are taken last. */
static size_t
own_unread(const struct schedule *sc, size_t most)
{
	const struct request *r;
	size_t n = 0;

	TAILQ_FOREACH_REVERSE(r, &sc->asked, unbegun, unbegun) {
		if (n == most || queue_taken(r->reply->ours) != 0)
			break;
		n++;
	}
	return n;
}

/*
 * How many may be added to the work queue now?  Of fast ones, as many as are
 * missing; else one when none of ours is there, and two when nothing is.
 */
static size_t
queue_room(const struct schedule *sc, size_t most)
{
	size_t own = own_unread(sc, most);
	int unread;

	if (own == 0)
		return most > AHEAD_MIN ? most : 1;
	if (most > AHEAD_MIN)
		return most - own;
	unread = queue_unread(sc->queue_fd);
	return unread < AHEAD_MIN ? (size_t)(AHEAD_MIN - unread) : 0;
}

/*
 * Start what may start.  true: try again soon, the work queue or a cap is
 * full.  As each worker has one unread request in the queue whenever it has
 * any at all, and no more while there are enough, or as many as each other, all
 * have equal parts.
 */
static bool
start_requests(struct schedule *sc)
{
	const struct generation *g = sc->worker->current;
	bool full = false;
	size_t collectors = g != NULL ? generation_collectors(g) : 0;
	size_t most = ahead(sc, collectors), room = 0;
	struct request *r;

	turns_begin(&sc->turns);
	while (sc->turns.nwaiting > 0 && g != NULL &&
	    sc->out < collectors + most) {
		if (room == 0 && (room = queue_room(sc, most)) == 0)
			return true;
		r = turns_next(&sc->turns);
		if (r == NULL)
			return full;
		if (turns_take_places(r) != 0)
			full = true;
		else if (ask(sc, r) == FDPASS_AGAIN)
			return true;
		else
			room--;
	}
	return full;
}

static void
expire(struct schedule *sc, struct request *r)
{
	struct err err;

	schedule_part(r, false);
	schedule_overloaded(sc, &err, "no database connection was free for "
	    "%" PRId64 " ms (queue_timeout)",
	    session_conf(r->session)->limits.queue_timeout_ms);
	request_fail(r, &err);
}

/* Answer all that have waited too long; when will the next one have? */
static uint64_t
expire_requests(struct schedule *sc, uint64_t now_ms)
{
	struct request *r, *next;
	uint64_t due = SCHEDULE_NEVER;

	for (r = TAILQ_FIRST(&sc->asked); r != NULL; r = next) {
		next = TAILQ_NEXT(r, unbegun);
		/* It may be running, and have said nothing yet. */
		if (r->expires_ms <= now_ms && queue_taken(r->reply->ours) == 1)
			r->expires_ms = SCHEDULE_NEVER;
		if (r->expires_ms <= now_ms) {
			expire(sc, r);
			/* Its session may have gone, with others of it. */
			next = TAILQ_FIRST(&sc->asked);
		} else if (r->expires_ms < due) {
			due = r->expires_ms;
		}
	}
	while ((r = TAILQ_FIRST(&sc->waiting)) != NULL &&
	    r->expires_ms <= now_ms)
		expire(sc, r);
	return r != NULL && r->expires_ms < due ? r->expires_ms : due;
}

void
schedule_run(evutil_socket_t fd, short what, void *arg)
{
	struct schedule *sc = arg;
	uint64_t now = clock_ms(), due, wait;
	struct timeval tv;

	(void)fd;
	(void)what;
	due = expire_requests(sc, now);
	if (start_requests(sc))
		due = now + RETRY_MS;
	if (due == SCHEDULE_NEVER)
		return;
	wait = due > now ? due - now : 0;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000 * 1000);
	if (event_add(&sc->timer, &tv) != 0)
		log_error("no timer for waiting requests: out of memory");
}
