/*
 * The scheduler.  It runs from its own timer only, after whatever poked it is
 * done, so that requests which came together are seen together.
 */
#include "worker/schedule.h"

#include <inttypes.h>
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
#include "worker/request.h"
#include "worker/session.h"

/* Others fill the work queue, and nobody tells when it has room again. */
#define RETRY_MS 5
/* Unread requests in the work queue above which none is added. */
#define UNREAD_MAX 2
/* Requests out beyond the number of collectors, so that none must wait. */
#define AHEAD 2

/* Requests of one key; gone when it has none. */
struct key_queue {
	TAILQ_ENTRY(key_queue) link;
	TAILQ_HEAD(requests, request) waiting;
	size_t out;		/* asked and not answered */
	size_t nwaiting;
	size_t nparked;
	char name[];
};

struct schedule {
	struct worker *worker;
	int queue_fd;
	struct event timer;
	TAILQ_HEAD(key_queues, key_queue) keys;	/* the next one first */
	TAILQ_HEAD(, request) unbegun;	/* the oldest first */
	size_t nwaiting;
	size_t nparked;
	size_t out;
	uint64_t last_id;
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
	TAILQ_INIT(&sc->keys);
	TAILQ_INIT(&sc->unbegun);
	/*
	 * An earlier process of this slot must not have used the same ids:
	 * it would have needed 4096 requests in each millisecond.
	 */
	sc->last_id = (uint64_t)w->number << 48 |
	    (clock_ms() << 12 & UINT64_C(0xffffffffffff));
	event_assign(&sc->timer, w->base, -1, 0, schedule_run, sc);
	return sc;
}

static void
key_free_unused(struct schedule *sc, struct key_queue *k)
{
	if (k->out > 0 || k->nwaiting > 0 || k->nparked > 0)
		return;
	TAILQ_REMOVE(&sc->keys, k, link);
	free(k);
}

void
schedule_free(struct schedule **sc)
{
	if (*sc == NULL)
		return;
	event_del(&(*sc)->timer);
	free(*sc);
	*sc = NULL;
}

static struct key_queue *
key_get(struct schedule *sc, const char *name)
{
	struct key_queue *k;

	TAILQ_FOREACH(k, &sc->keys, link)
		if (strcmp(k->name, name) == 0)
			return k;
	k = calloc(1, sizeof(*k) + strlen(name) + 1);
	if (k == NULL)
		return NULL;
	memcpy(k->name, name, strlen(name));
	TAILQ_INIT(&k->waiting);
	TAILQ_INSERT_TAIL(&sc->keys, k, link);
	return k;
}

static void
wait_in(struct schedule *sc, struct request *r, bool first)
{
	if (first)
		TAILQ_INSERT_HEAD(&r->key->waiting, r, of_key);
	else
		TAILQ_INSERT_TAIL(&r->key->waiting, r, of_key);
	r->key->nwaiting++;
	sc->nwaiting++;
	schedule_poke(sc->worker);
}

static void
wait_no_more(struct schedule *sc, struct request *r)
{
	TAILQ_REMOVE(&r->key->waiting, r, of_key);
	r->key->nwaiting--;
	sc->nwaiting--;
}

/*
 * Aside, as long as its client does not read: so that nobody has to look past
 * it again and again.
 */
static void
park(struct schedule *sc, struct request *r)
{
	wait_no_more(sc, r);
	r->parked = true;
	r->session->nparked++;
	r->key->nparked++;
	sc->nparked++;
}

static void
park_no_more(struct schedule *sc, struct request *r)
{
	r->parked = false;
	r->session->nparked--;
	r->key->nparked--;
	sc->nparked--;
}

static void
count_out(struct schedule *sc, struct request *r, bool out)
{
	if (out) {
		r->key->out++;
		sc->out++;
	} else {
		r->key->out--;
		sc->out--;
		schedule_poke(sc->worker);
	}
}

int
schedule_add(struct request *r, const char *key, struct err *err)
{
	struct schedule *sc = r->session->worker->schedule;
	int64_t length = session_conf(r->session)->limits.queue_length;

	if (r->session->worker->refusing)
		return err_set(err, ERR_CANCELLED, "the gateway is ending");
	if (sc->nwaiting + sc->nparked >= (size_t)length)
		return err_set(err, ERR_OVERLOADED, "%zu requests are waiting "
		    "already; try again later", sc->nwaiting + sc->nparked);
	r->key = key_get(sc, key);
	if (r->key == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	r->id = ++sc->last_id;
	TAILQ_INSERT_TAIL(&sc->unbegun, r, unbegun);
	wait_in(sc, r, false);
	return 0;
}

void
schedule_again(struct request *r)
{
	struct schedule *sc = r->session->worker->schedule;

	count_out(sc, r, false);
	request_set_state(r, REQUEST_WAITING);
	wait_in(sc, r, true);
}

void
schedule_begun(struct request *r)
{
	struct schedule *sc = r->session->worker->schedule;

	TAILQ_REMOVE(&sc->unbegun, r, unbegun);
	request_set_state(r, REQUEST_BEGUN);
}

void
schedule_remove(struct request *r)
{
	struct schedule *sc = r->session->worker->schedule;

	if (r->key == NULL)
		return;
	if (r->parked)
		park_no_more(sc, r);
	else if (r->state == REQUEST_WAITING)
		wait_no_more(sc, r);
	else
		count_out(sc, r, false);
	if (r->state <= REQUEST_ASKED)
		TAILQ_REMOVE(&sc->unbegun, r, unbegun);
	key_free_unused(sc, r->key);
	r->key = NULL;
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
		if (!r->parked)
			continue;
		park_no_more(sc, r);
		wait_in(sc, r, true);
	}
	schedule_poke(s->worker);
}

void
schedule_poke(struct worker *w)
{
	event_active(&w->schedule->timer, EV_TIMEOUT, 0);
}

size_t
schedule_running(const struct worker *w)
{
	return w->schedule->out;
}

/* ---- whose turn ---------------------------------------------------------- */

/* The first request of a key whose session can take an answer. */
static struct request *
first_ready(struct schedule *sc, struct key_queue *k)
{
	struct request *r;

	while ((r = TAILQ_FIRST(&k->waiting)) != NULL &&
	    output_is_stalled(r->session))
		park(sc, r);
	return r;
}

/* How many of one key may be out while other keys wait. */
static size_t
share(const struct generation *g)
{
	size_t n = (generation_collectors(g) - 1) / generation_workers(g);

	return n > 0 ? n : 1;
}

/* The next request in turn; its key goes to the end of the row. */
static struct request *
next_request(struct schedule *sc)
{
	size_t most = share(sc->worker->current);
	struct key_queue *k;
	struct request *r;

	TAILQ_FOREACH(k, &sc->keys, link) {
		if (k->nwaiting == 0 ||
		    (k->out >= most && sc->nwaiting > k->nwaiting))
			continue;
		r = first_ready(sc, k);
		if (r == NULL)
			continue;
		TAILQ_REMOVE(&sc->keys, k, link);
		TAILQ_INSERT_TAIL(&sc->keys, k, link);
		return r;
	}
	return NULL;
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

	strncpy(q.collector, r->collector, sizeof(q.collector) - 1);
	strncpy(q.key, r->key->name, sizeof(q.key) - 1);
	strncpy(q.nsp, r->nsp, sizeof(q.nsp) - 1);
	result = queue_put(sc->queue_fd, &q, &r->reply_fd);
	if (result == FDPASS_AGAIN)
		return result;
	if (result == FDPASS_OK) {
		wait_no_more(sc, r);
		count_out(sc, r, true);
		request_set_state(r, REQUEST_ASKED);
		if (answer_start(r) == 0)
			return FDPASS_OK;
	}
	log_warn("request %016" PRIx64 ": cannot be queued: descriptors or "
	    "memory ran out", r->id);
	err_set(&err, ERR_OVERLOADED,
	    "the gateway has no room for this request; try again later");
	request_fail(r, &err);
	return FDPASS_BAD;
}

/* Start what may start.  true: try again soon, the work queue is full. */
static bool
start_requests(struct schedule *sc)
{
	const struct generation *g = sc->worker->current;
	struct request *r;

	while (sc->nwaiting > 0 && g != NULL &&
	    sc->out < generation_collectors(g) + AHEAD) {
		if (sc->out > 0 && queue_unread(sc->queue_fd) >= UNREAD_MAX)
			return true;
		r = next_request(sc);
		if (r == NULL)
			return false;
		if (ask(sc, r) == FDPASS_AGAIN)
			return true;
	}
	return false;
}

/* Answer all that have waited too long; when will the next one have? */
static uint64_t
expire_requests(struct schedule *sc, uint64_t now_ms)
{
	struct request *r;
	struct err err;

	while ((r = TAILQ_FIRST(&sc->unbegun)) != NULL) {
		if (r->expires_ms > now_ms)
			return r->expires_ms;
		err_set(&err, ERR_OVERLOADED, "no database connection was "
		    "free for %" PRId64 " ms (queue_timeout); try again "
		    "later",
		    session_conf(r->session)->limits.queue_timeout_ms);
		request_fail(r, &err);
	}
	return 0;
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
	if (due == 0)
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

	TAILQ_FOREACH(k, &w->schedule->keys, link)
		if (buf_printf(out, "%s{\"worker\":%u,\"key\":",
		    out->len > 0 ? "," : "", w->number) != 0 ||
		    json_quote_text(out, k->name) != 0 ||
		    buf_printf(out, ",\"waiting\":%zu,\"parked\":%zu,"
		    "\"running\":%zu}", k->nwaiting, k->nparked, k->out) != 0)
			return -1;
	return 0;
}

void
schedule_stop(struct worker *w)
{
	struct schedule *sc = w->schedule;
	struct request *r = TAILQ_FIRST(&sc->unbegun);
	struct err err;

	err_set(&err, ERR_CANCELLED, "the gateway is ending");
	while (r != NULL) {
		if (r->state == REQUEST_WAITING) {
			request_fail(r, &err);
			r = TAILQ_FIRST(&sc->unbegun);
		} else {
			r = TAILQ_NEXT(r, unbegun);
		}
	}
}
