/*
 * The scheduler.  It runs from its own timer only, after whatever poked it is
 * done, so that requests which came together are seen together.
 */
#include "worker/schedule.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "ipc/queue.h"
#include "worker/answer.h"
#include "worker/generation.h"
#include "worker/poison.h"
#include "worker/request.h"
#include "worker/session.h"
#include "worker/share.h"
#include "worker/turns.h"

/* Others fill the work queue, and nobody tells when it has room again. */
#define RETRY_MS CAP_RETRY_MS
/* Unread requests in the work queue above which none is added. */
#define UNREAD_MAX 2
/* Requests out beyond the number of collectors, so that none must wait. */
#define AHEAD 2

/* When a request expires that has been taken, or none. */
#define NEVER UINT64_MAX

/* The shortest pause that we advise. */
#define HINT_MIN_MS 100

TAILQ_HEAD(unbegun, request);

struct schedule {
	struct worker *worker;
	int queue_fd;
	struct turns turns;		/* of the waiting ones */
	struct event timer;
	struct unbegun waiting;		/* as they expire */
	struct unbegun asked;		/* as they were asked */
	size_t out;
	uint64_t ended_us;		/* the last answer; 0 = nobody waited */
	uint64_t pace_us;		/* between two answers, on average */
	uint64_t first_id, last_id;
};

static void schedule_run(evutil_socket_t fd, short what, void *arg);

struct schedule *
schedule_new(struct worker *w, int queue_fd)
{
	struct schedule *sc = calloc(1, sizeof(*sc));

	if (sc == NULL)
		return NULL;
	sc->worker = w;
	sc->queue_fd = queue_fd;
	if (turns_init(&sc->turns, queue_fd) != 0) {
		free(sc);
		return NULL;
	}
	TAILQ_INIT(&sc->waiting);
	TAILQ_INIT(&sc->asked);
	/*
	 * An earlier process of this slot must not have used the same ids:
	 * it would have needed 4096 requests in each millisecond.
	 */
	sc->last_id = (uint64_t)w->number << 48 |
	    (clock_ms() << 12 & UINT64_C(0xffffffffffff));
	sc->first_id = sc->last_id;
	event_assign(&sc->timer, w->base, -1, 0, schedule_run, sc);
	return sc;
}

void
schedule_free(struct schedule **sc)
{
	if (*sc == NULL)
		return;
	event_del(&(*sc)->timer);
	closing_run(&(*sc)->worker->replies);
	turns_fini(&(*sc)->turns);
	free(*sc);
	*sc = NULL;
}

/* Something has changed: start what may start, soon. */
static void
poke(struct schedule *sc)
{
	event_active(&sc->timer, EV_TIMEOUT, 0);
}

static void
count_out(struct schedule *sc, struct request *r)
{
	r->key->out++;
	sc->out++;
}

/* Measure the pace at which requests end while others wait for them. */
static void
count_pace(struct schedule *sc, uint64_t now_us)
{
	if (sc->ended_us != 0)
		sc->pace_us = (sc->pace_us * 7 + now_us - sc->ended_us) / 8;
	sc->ended_us = sc->turns.nwaiting > 0 ? now_us : 0;
}

static void
count_in(struct schedule *sc, struct request *r)
{
	uint64_t now;

	cap_give(&r->of_key_cap);
	cap_give(&r->of_collector_cap);
	r->key->out--;
	sc->out--;
	if (r->state != REQUEST_ASKED) {
		now = clock_us();
		turns_used(r->key, now - r->begun_us);
		count_pace(sc, now);
	}
	poke(sc);
}

unsigned int
schedule_hint(const struct worker *w)
{
	const struct schedule *sc = w->schedule;
	uint64_t ms = (sc->turns.nwaiting + 1) * sc->pace_us / 1000;
	uint64_t most = (uint64_t)w->current->conf.limits.queue_timeout_ms;
	uint64_t chance;

	if (ms > most)
		ms = most;
	if (ms < HINT_MIN_MS)
		ms = HINT_MIN_MS;
	/* Who was refused together shall not come back together. */
	clock_random(&chance, sizeof(chance));
	return (unsigned int)(ms + chance % (ms / 2));
}

/* OVERLOADED; why ends without the advice. */
static __attribute__((format(printf, 3, 4))) int
overloaded(const struct schedule *sc, struct err *err, const char *why, ...)
{
	unsigned int ms = schedule_hint(sc->worker);
	char text[ERR_TEXT_MAX / 2];
	va_list ap;

	va_start(ap, why);
	(void)vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	err_set(err, ERR_OVERLOADED, "%s; try again in %u ms", text, ms);
	err->retry_ms = ms;
	return -1;
}

/*
 * The queue is full: a request of the key that has the most in it gives way,
 * be it this one.
 */
static int
make_room(struct schedule *sc, const struct request *r, const char *key,
    struct err *err)
{
	struct request *other = turns_surplus(&sc->turns, key);
	bool ours = other == NULL || other->session == r->session;
	struct err why;

	overloaded(sc, ours ? err : &why, "%zu requests are waiting already "
	    "(queue_length)", turns_length(&sc->turns));
	if (ours)
		return -1;
	request_fail(other, &why);
	return 0;
}

/* Before it has begun a request that follows none is in one of two lists. */
static void
enlist(struct schedule *sc, struct request *r)
{
	struct request *other;

	/* One that was asked before it moved here is older than all others. */
	if (r->state == REQUEST_ASKED) {
		TAILQ_INSERT_HEAD(&sc->asked, r, unbegun);
		return;
	}
	TAILQ_FOREACH_REVERSE(other, &sc->waiting, unbegun, unbegun)
		if (other->expires_ms <= r->expires_ms)
			break;
	if (other != NULL)
		TAILQ_INSERT_AFTER(&sc->waiting, other, r, unbegun);
	else
		TAILQ_INSERT_HEAD(&sc->waiting, r, unbegun);
}

static void
delist(struct schedule *sc, struct request *r)
{
	if (r->state == REQUEST_ASKED)
		TAILQ_REMOVE(&sc->asked, r, unbegun);
	else if (r->state == REQUEST_WAITING && r->leader == NULL)
		TAILQ_REMOVE(&sc->waiting, r, unbegun);
}

int
schedule_add(struct request *r, const char *key, struct err *err)
{
	struct schedule *sc = r->session->worker->schedule;
	int64_t length = session_conf(r->session)->limits.queue_length;

	if (r->session->worker->refusing)
		return err_set(err, ERR_CANCELLED, "the gateway is ending");
	if (turns_length(&sc->turns) >= (size_t)length &&
	    make_room(sc, r, key, err) != 0)
		return -1;
	if (turns_enter(&sc->turns, r, key) != 0)
		return err_set(err, ERR_INTERNAL, "out of memory");
	r->id = ++sc->last_id;
	enlist(sc, r);
	turns_wait(&sc->turns, r, false);
	poke(sc);
	return 0;
}

int
schedule_take(struct request *r, const char *key)
{
	struct schedule *sc = r->session->worker->schedule;

	if (turns_enter(&sc->turns, r, key) != 0)
		return -1;
	if (r->state <= REQUEST_ASKED)
		enlist(sc, r);
	/* The newest comes first, and all have waited for long. */
	if (r->state == REQUEST_WAITING) {
		turns_wait(&sc->turns, r, true);
		poke(sc);
		return 0;
	}
	count_out(sc, r);
	r->begun_us = clock_us();
	/* It runs, and does so without a place when others were faster. */
	(void)turns_take_places(r);
	return 0;
}

const char *
schedule_key(const struct request *r)
{
	return r->key->name;
}

void
schedule_again(struct request *r)
{
	struct schedule *sc = r->session->worker->schedule;

	count_in(sc, r);
	delist(sc, r);
	schedule_part(r, false);
	request_set_state(r, REQUEST_WAITING);
	/* It seemed to run. */
	if (r->expires_ms == NEVER)
		r->expires_ms = 0;
	enlist(sc, r);
	turns_wait(&sc->turns, r, true);
}

void
schedule_begun(struct request *r, uint32_t us)
{
	struct schedule *sc = r->session->worker->schedule;

	delist(sc, r);
	r->begun_us = clock_us() - us;
	request_set_state(r, REQUEST_BEGUN);
	poke(r->session->worker->schedule);
}

void
schedule_back(struct request *r, bool alone)
{
	struct schedule *sc = r->session->worker->schedule;

	r->coalesce = r->coalesce && !alone;
	turns_wait(&sc->turns, r, true);
	enlist(sc, r);
	poke(sc);
}

void
schedule_part(struct request *r, bool alone)
{
	struct request *f;

	while ((f = TAILQ_LAST(&r->followers, requests)) != NULL)
		schedule_back(f, alone);
}

/* r goes while it is run: f, its first follower, is what it was. */
static void
hand_over(struct schedule *sc, struct request *r, struct request *f)
{
	const uint64_t id = f->id;

	log_debug("request %016" PRIx64 ": goes on for %016" PRIx64, r->id,
	    id);
	event_del(&r->reply_event);
	turns_succeed(r, f);
	if (r->state == REQUEST_ASKED) {
		TAILQ_INSERT_BEFORE(r, f, unbegun);
		TAILQ_REMOVE(&sc->asked, r, unbegun);
	}
	f->state = r->state;
	f->id = r->id;
	f->expires_ms = r->expires_ms;
	f->begun_us = r->begun_us;
	f->again = r->again;
	f->reply_fd = r->reply_fd;
	f->answer = r->answer;
	f->answer.held = f->answer.held || (f->state == REQUEST_BEGUN &&
	    output_needs_length(f->session));
	r->state = REQUEST_WAITING;
	r->id = id;
	r->reply_fd = -1;
	memset(&r->answer, 0, sizeof(r->answer));
}

void
schedule_remove(struct request *r)
{
	struct schedule *sc = r->session->worker->schedule;
	struct request *heir = NULL;

	if (r->key == NULL)
		return;
	if (r->reply_fd < 0)
		schedule_part(r, false);
	else if ((heir = TAILQ_FIRST(&r->followers)) != NULL)
		hand_over(sc, r, heir);
	if (r->state > REQUEST_WAITING)
		count_in(sc, r);
	delist(sc, r);
	turns_leave(&sc->turns, r);
	if (heir == NULL || answer_start(heir) == 0)
		return;
	/* Not now: its session may be at work. */
	heir->session->end_ms = 1;
	heir->session->end_reason = CLOSE_MEMORY;
	session_wake(heir->session, 1);
}

void
schedule_session(struct session *s)
{
	struct schedule *sc = s->worker->schedule;
	struct request *r;

	/* The newest is the first of the list, and so the oldest here. */
	LIST_FOREACH(r, &s->requests, of_session) {
		if (s->nparked == 0)
			break;
		if (r->parked)
			turns_wait(&sc->turns, r, true);
	}
	poke(s->worker->schedule);
}

uint64_t
schedule_total(const struct worker *w)
{
	return w->schedule->last_id - w->schedule->first_id;
}

size_t
schedule_running(const struct worker *w)
{
	return w->schedule->out;
}

size_t
schedule_waiting(const struct worker *w)
{
	return turns_length(&w->schedule->turns);
}

/* ---- asking ------------------------------------------------------------- */

/* Those who wait for the same answer need not be asked. */
static void
gather(struct schedule *sc, struct request *r)
{
	struct request *f;

	while ((f = share_twin(sc->turns.shares, r)) != NULL) {
		log_debug("request %016" PRIx64 ": shares the answer of %016"
		    PRIx64, f->id, r->id);
		delist(sc, f);
		turns_follow(&sc->turns, f, r);
	}
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
	enum fdpass_result result;
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
	result = queue_put(sc->queue_fd, &q, &r->reply_fd);
	if (result == FDPASS_AGAIN) {
		cap_give(&r->of_key_cap);
		cap_give(&r->of_collector_cap);
		return result;
	}
	if (result == FDPASS_OK) {
		turns_had(&sc->turns, r);
		count_out(sc, r);
		delist(sc, r);
		request_set_state(r, REQUEST_ASKED);
		TAILQ_INSERT_TAIL(&sc->asked, r, unbegun);
		gather(sc, r);
		if (answer_start(r) == 0)
			return FDPASS_OK;
	}
	log_warn("request %016" PRIx64 ": cannot be queued: descriptors or "
	    "memory ran out", r->id);
	overloaded(sc, &err, "the gateway has no room for this request");
	request_fail(r, &err);
	return FDPASS_BAD;
}

/*
 * How many may be added to the work queue now?  One when there is none of ours
 * that no collector has taken yet, and the newest is the last to be taken.
 */
static int
queue_room(const struct schedule *sc)
{
	const struct request *newest = TAILQ_LAST(&sc->asked, unbegun);
	int unread;

	if (newest == NULL)
		return 1;
	unread = queue_unread(sc->queue_fd);
	if (unread < UNREAD_MAX)
		return UNREAD_MAX - unread;
	return queue_taken(newest->reply_fd) == 0 ? 0 : 1;
}

/*
 * Start what may start.  true: try again soon, the work queue or a cap is
 * full.  As each worker has one unread request in the queue whenever it has
 * any at all, and no more while there are enough, all have equal parts.
 */
static bool
start_requests(struct schedule *sc)
{
	const struct generation *g = sc->worker->current;
	bool full = false;
	struct request *r;
	int room = 0;

	turns_begin(&sc->turns);
	while (sc->turns.nwaiting > 0 && g != NULL &&
	    sc->out < generation_collectors(g) + AHEAD) {
		if (room <= 0 && (room = queue_room(sc)) == 0)
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
	overloaded(sc, &err, "no database connection was free for %" PRId64
	    " ms (queue_timeout)",
	    session_conf(r->session)->limits.queue_timeout_ms);
	request_fail(r, &err);
}

/* Answer all that have waited too long; when will the next one have? */
static uint64_t
expire_requests(struct schedule *sc, uint64_t now_ms)
{
	struct request *r, *next;
	uint64_t due = NEVER;

	for (r = TAILQ_FIRST(&sc->asked); r != NULL; r = next) {
		next = TAILQ_NEXT(r, unbegun);
		/* It may be running, and have said nothing yet. */
		if (r->expires_ms <= now_ms && queue_taken(r->reply_fd) == 1)
			r->expires_ms = NEVER;
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

static void
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
	if (sc->out == 0)
		closing_run(&sc->worker->replies);
	if (due == NEVER)
		return;
	wait = due > now ? due - now : 0;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000 * 1000);
	if (event_add(&sc->timer, &tv) != 0)
		log_error("no timer for waiting requests: out of memory");
}

int
schedule_tell(const struct worker *w, struct buf *out)
{
	const struct key_queue *k;

	TAILQ_FOREACH(k, &w->schedule->turns.keys, link)
		if (buf_printf(out, "%s{\"worker\":%u,\"key\":",
		    out->len > 0 ? "," : "", w->number) != 0 ||
		    json_quote_text(out, k->name) != 0 ||
		    buf_printf(out, ",\"waiting\":%zu,\"parked\":%zu,"
		    "\"sharing\":%zu,\"running\":%zu}", k->nwaiting,
		    k->nparked, k->nfollowing, k->out) != 0)
			return -1;
	return 0;
}

void
schedule_stop(struct worker *w)
{
	struct schedule *sc = w->schedule;
	struct request *r;
	struct err err;

	err_set(&err, ERR_CANCELLED, "the gateway is ending");
	while ((r = TAILQ_FIRST(&sc->waiting)) != NULL)
		request_fail(r, &err);
}
