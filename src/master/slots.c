/*
 * All children together.  What a worker and a collector are is said in
 * slot_worker.c and slot_collector.c, how a child lives in child.c, how many
 * there are in slots_fit.c.
 */
#include "master/slots.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/queue.h"
#include "ipc/status.h"
#include "master/pass.h"
#include "master/slot_kinds.h"
#include "master/state.h"
#include "master/views.h"

/* A turn of the watchdog that comes so late was kept from it. */
#define WATCH_LATE_MS 500

/* Generations that no worker holds any more are of no use to collectors. */
void
slots_drop_unused(struct slots *s)
{
	struct collector *k;
	uint32_t number;

	while ((number = views_take_unused(s->views)) != 0) {
		log_info("generation %u: dropped: no session uses it",
		    (unsigned int)number);
		TAILQ_FOREACH(k, &s->collectors, entry)
			views_tell_dropped(&k->child, number);
	}
}

struct slots *
slots_new(struct master *m, int worker_fd, int collector_fd, struct err *err)
{
	struct slots *s = calloc(1, sizeof(*s));

	err_set(err, ERR_INTERNAL, "out of memory");
	if (s == NULL)
		goto no_slots;
	s->m = m;
	TAILQ_INIT(&s->workers);
	TAILQ_INIT(&s->collectors);
	s->old_write = s->old_read = -1;
	s->views = views_new(SLOTS_PLACES);
	if (s->views == NULL)
		goto no_views;
	if (queue_pair(&s->queue_write, &s->queue_read, err) != 0)
		goto no_queue;
	if (views_add(s->views, m->generation, worker_fd, collector_fd) == 0)
		return s;
	slots_free(&s);
	return NULL;

no_queue:
	views_free(&s->views);
no_views:
	free(s);
no_slots:
	close(worker_fd);
	close(collector_fd);
	return NULL;
}

void
slots_free(struct slots **sp)
{
	struct slots *s = *sp;

	if (s == NULL)
		return;
	while (!TAILQ_EMPTY(&s->collectors))
		slots_forget_collector(s, TAILQ_FIRST(&s->collectors));
	while (!TAILQ_EMPTY(&s->workers))
		slots_forget_worker(s, TAILQ_FIRST(&s->workers));
	close(s->queue_write);
	close(s->queue_read);
	slots_forget_old_queue(s);
	views_free(&s->views);
	free(s);
	*sp = NULL;
}

int
slots_view(const struct slots *s)
{
	return views_collector_fd(s->views);
}

int
slots_reload(struct slots *s, int worker_fd, int collector_fd)
{
	struct collector *k;
	struct child *c;

	if (views_add(s->views, s->m->generation, worker_fd,
	    collector_fd) != 0)
		return -1;
	/* Collectors first: a request names what a worker has been told. */
	TAILQ_FOREACH(k, &s->collectors, entry)
		if (child_runs(&k->child) && !k->child.inherited)
			views_tell_collector(s->views, &k->child);
	TAILQ_FOREACH(c, &s->workers, entry)
		if (child_runs(c) && !c->inherited)
			views_tell_worker(s->views, c);
	slots_drop_unused(s);
	return 0;
}

bool
slots_tell_old_view(struct slots *s, struct child *c, uint32_t number)
{
	return views_tell_worker_old(s->views, c, number);
}

bool
slots_reaped(struct slots *s, pid_t pid, int status)
{
	struct collector *k;
	struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		if (c->pid == pid) {
			child_reaped(c, status);
			if (c->leaving)
				slots_forget_worker(s, c);
			return true;
		}
	TAILQ_FOREACH(k, &s->collectors, entry)
		if (k->child.pid == pid) {
			child_reaped(&k->child, status);
			if (k->child.leaving)
				slots_forget_collector(s, k);
			return true;
		}
	return false;
}

/* A worker that stands still shows in what it does not adopt. */
static void
watch_worker(struct child *c, uint64_t now_ms)
{
	uint64_t since_ms = pass_unadopted_since(c->m->pass, c->place);

	if (since_ms < now_ms && now_ms - since_ms >
	    (uint64_t)c->m->conf.limits.start_timeout_ms &&
	    c->state == CHILD_READY)
		child_kill(c, "it does not adopt what it is given");
}

void
slots_watch(struct slots *s, uint64_t now_ms)
{
	struct collector *k;
	struct child *c;

	/* Where we stood still ourselves, all others may have. */
	if (now_ms - s->watched_ms > WATCH_LATE_MS)
		s->awake_ms = now_ms;
	s->watched_ms = now_ms;
	TAILQ_FOREACH(k, &s->collectors, entry)
		collector_watch(k, now_ms, s->awake_ms);
	TAILQ_FOREACH(c, &s->workers, entry)
		watch_worker(c, now_ms);
	slots_fit_watch(s, now_ms);
	slots_old_watch(s, now_ms);
}

void
slots_tell_workers(struct slots *s, const struct buf *msg)
{
	struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		if (child_runs(c))
			child_send(c, msg, NULL, 0);
}

void
slots_tell_all(struct slots *s, const struct buf *msg, int fd)
{
	struct collector *k;
	struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		if (child_runs(c))
			child_send(c, msg, &fd, 1);
	TAILQ_FOREACH(k, &s->collectors, entry)
		if (child_runs(&k->child))
			child_send(&k->child, msg, &fd, 1);
}

void
slots_tell_counters(struct slots *s)
{
	struct child *c;
	struct buf b;

	buf_init(&b, 0);
	if (msg_put_counters(&b) == 0)
		TAILQ_FOREACH(c, &s->workers, entry)
			if (c->state == CHILD_READY)
				child_send(c, &b, NULL, 0);
	buf_fini(&b);
}

size_t
slots_ask(struct slots *s, unsigned int what, uint32_t serial,
    bool asked_out[SLOTS_PLACES + 1])
{
	const struct msg_ask m = { .what = (enum msg_ask_what)what,
	    .serial = serial };
	struct child *c;
	struct buf b;
	size_t n = 0;

	memset(asked_out, 0, (SLOTS_PLACES + 1) * sizeof(asked_out[0]));
	buf_init(&b, 0);
	if (msg_put_ask(&b, &m) == 0)
		TAILQ_FOREACH(c, &s->workers, entry)
			if (c->state == CHILD_READY) {
				asked_out[c->place] = true;
				n++;
				child_send(c, &b, NULL, 0);
			}
	buf_fini(&b);
	return n;
}

void
slots_stop_workers(struct slots *s)
{
	struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		child_stop(c);
}

void
slots_stop_collectors(struct slots *s)
{
	struct collector *k;

	TAILQ_FOREACH(k, &s->collectors, entry)
		child_stop(&k->child);
}

void
slots_kill(struct slots *s)
{
	struct collector *k;
	struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		child_kill(c, "it did not stop in time");
	TAILQ_FOREACH(k, &s->collectors, entry)
		child_kill(&k->child, "it did not stop in time");
}

bool
slots_workers_run(const struct slots *s)
{
	const struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		if (child_runs(c))
			return true;
	return false;
}

bool
slots_run(const struct slots *s)
{
	const struct collector *k;

	TAILQ_FOREACH(k, &s->collectors, entry)
		if (child_runs(&k->child))
			return true;
	return slots_workers_run(s);
}

struct child *
slots_worker(const struct slots *s, size_t place)
{
	struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		if (c->place == place)
			break;
	return c;
}
