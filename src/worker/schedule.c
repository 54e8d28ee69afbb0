/* Where requests are in their lives; schedule_ask.c decides who is next. */
#include "worker/schedule_inside.h"

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
#include "worker/generation.h"
#include "worker/replies.h"
#include "worker/request.h"
#include "worker/session.h"

/* The shortest pause that we advise. */
#define HINT_MIN_MS 100
/* What a request takes, until some have told. */
#define SERVICE_FIRST_US 100000

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
	/* None is known to be fast. */
	sc->service_us = SERVICE_FIRST_US;
	event_assign(&sc->timer, w->base, -1, 0, schedule_run, sc);
	replies_init(w);
	return sc;
}

void
schedule_free(struct schedule **sc)
{
	if (*sc == NULL)
		return;
	event_del(&(*sc)->timer);
	replies_fini((*sc)->worker);
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

void
schedule_count_out(struct schedule *sc, struct request *r)
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
	uint64_t now, service;

	cap_give(&r->of_key_cap);
	cap_give(&r->of_collector_cap);
	r->key->out--;
	sc->out--;
	if (r->state != REQUEST_ASKED) {
		now = clock_us();
		service = now - r->begun_us;
		turns_used(r->key, service);
		sc->service_us = (sc->service_us * 7 + service) / 8;
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

int
schedule_overloaded(const struct schedule *sc, struct err *err,
    const char *why, ...)
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

	schedule_overloaded(sc, ours ? err : &why, "%zu requests are waiting "
	    "already (queue_length)", turns_length(&sc->turns));
	if (ours)
		return -1;
	request_fail(other, &why);
	return 0;
}

void
schedule_enlist(struct schedule *sc, struct request *r)
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

void
schedule_delist(struct schedule *sc, struct request *r)
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
	schedule_enlist(sc, r);
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
		schedule_enlist(sc, r);
	/* The newest comes first, and all have waited for long. */
	if (r->state == REQUEST_WAITING) {
		turns_wait(&sc->turns, r, true);
		poke(sc);
		return 0;
	}
	schedule_count_out(sc, r);
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
	schedule_delist(sc, r);
	schedule_part(r, false);
	request_set_state(r, REQUEST_WAITING);
	/* It seemed to run. */
	if (r->expires_ms == SCHEDULE_NEVER)
		r->expires_ms = 0;
	schedule_enlist(sc, r);
	turns_wait(&sc->turns, r, true);
}

void
schedule_begun(struct request *r, uint32_t us)
{
	struct schedule *sc = r->session->worker->schedule;

	schedule_delist(sc, r);
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
	schedule_enlist(sc, r);
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
	f->reply = r->reply;
	f->reply->request = f;
	f->answer = r->answer;
	f->answer.held = f->answer.held || (f->state == REQUEST_BEGUN &&
	    output_needs_length(f->session));
	r->state = REQUEST_WAITING;
	r->id = id;
	r->reply = NULL;
	memset(&r->answer, 0, sizeof(r->answer));
}

void
schedule_remove(struct request *r)
{
	struct schedule *sc = r->session->worker->schedule;
	struct request *heir;

	if (r->key == NULL)
		return;
	if (r->reply == NULL)
		schedule_part(r, false);
	else if ((heir = TAILQ_FIRST(&r->followers)) != NULL)
		hand_over(sc, r, heir);
	if (r->state > REQUEST_WAITING)
		count_in(sc, r);
	schedule_delist(sc, r);
	turns_leave(&sc->turns, r);
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
