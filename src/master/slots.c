/*
 * All children together.  What a worker and a collector are is said in
 * slot_worker.c and slot_collector.c, how a child lives in child.c.
 */
#include "master/slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/queue.h"
#include "ipc/status.h"
#include "master/pass.h"
#include "master/slot_kinds.h"
#include "master/state.h"
#include "master/views.h"

/* Generations that no worker holds any more are of no use to collectors. */
void
slots_drop_unused(struct slots *s)
{
	uint32_t number;
	size_t i;

	while ((number = views_take_unused(s->views)) != 0) {
		log_info("generation %u: dropped: no session uses it",
		    (unsigned int)number);
		for (i = 0; i < s->ncollectors; i++)
			views_tell_dropped(&s->collectors[i].child, number);
	}
}

static void
init_children(struct slots *s)
{
	size_t i, per_slot = s->ncollectors / s->nworkers;

	for (i = 0; i < s->nworkers; i++)
		child_init(&s->workers[i], s->m, &worker_kind,
		    (unsigned int)i + 1, 0);
	for (i = 0; i < s->ncollectors; i++) {
		s->collectors[i].status_fd = -1;
		child_init(&s->collectors[i].child, s->m, &collector_kind,
		    (unsigned int)(i / per_slot) + 1,
		    (unsigned int)(i % per_slot) + 1);
	}
}

static size_t
count_workers(const struct conf *c)
{
	long cores;

	if (c->workers > 0)
		return (size_t)c->workers;
	cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores > 0 ? (size_t)cores : 1;
}

static void
free_all(struct slots *s)
{
	views_free(&s->views);
	free(s->collectors);
	free(s->workers);
	free(s);
}

struct slots *
slots_new(struct master *m, int worker_fd, int collector_fd, struct err *err)
{
	struct slots *s = calloc(1, sizeof(*s));

	err_set(err, ERR_INTERNAL, "out of memory");
	if (s == NULL)
		goto no_slots;
	s->m = m;
	s->nworkers = count_workers(&m->conf);
	s->ncollectors = s->nworkers * (size_t)m->conf.database.connections;
	s->views = views_new(s->nworkers);
	s->workers = calloc(s->nworkers, sizeof(s->workers[0]));
	s->collectors = calloc(s->ncollectors, sizeof(s->collectors[0]));
	if (s->views == NULL || s->workers == NULL || s->collectors == NULL)
		goto no_parts;
	if (queue_pair(&s->queue_write, &s->queue_read, err) != 0)
		goto no_parts;
	init_children(s);
	if (views_add(s->views, m->generation, worker_fd, collector_fd) == 0)
		return s;
	slots_free(&s);
	return NULL;

no_parts:
	free_all(s);
no_slots:
	close(worker_fd);
	close(collector_fd);
	return NULL;
}

void
slots_free(struct slots **sp)
{
	struct slots *s = *sp;
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->ncollectors; i++) {
		child_fini(&s->collectors[i].child);
		collector_forget_page(&s->collectors[i]);
	}
	for (i = 0; i < s->nworkers; i++)
		child_fini(&s->workers[i]);
	close(s->queue_write);
	close(s->queue_read);
	free_all(s);
	*sp = NULL;
}

void
slots_start(struct slots *s)
{
	size_t i;

	for (i = 0; i < s->nworkers; i++)
		child_start(&s->workers[i]);
	for (i = 0; i < s->ncollectors; i++)
		child_start(&s->collectors[i].child);
}

int
slots_view(const struct slots *s)
{
	return views_collector_fd(s->views);
}

int
slots_reload(struct slots *s, int worker_fd, int collector_fd)
{
	size_t i;

	if (views_add(s->views, s->m->generation, worker_fd,
	    collector_fd) != 0)
		return -1;
	/* Collectors first: a request names what a worker has been told. */
	for (i = 0; i < s->ncollectors; i++)
		if (child_runs(&s->collectors[i].child))
			views_tell_collector(s->views,
			    &s->collectors[i].child);
	for (i = 0; i < s->nworkers; i++)
		if (child_runs(&s->workers[i]))
			views_tell_worker(s->views, &s->workers[i]);
	slots_drop_unused(s);
	return 0;
}

bool
slots_reaped(struct slots *s, pid_t pid, int status)
{
	size_t i;

	for (i = 0; i < s->nworkers; i++)
		if (s->workers[i].pid == pid) {
			child_reaped(&s->workers[i], status);
			return true;
		}
	for (i = 0; i < s->ncollectors; i++)
		if (s->collectors[i].child.pid == pid) {
			child_reaped(&s->collectors[i].child, status);
			return true;
		}
	return false;
}

/*
 * The collector's word is turned to CONDEMNED before it is killed, so that it
 * cannot go on to an innocent request meanwhile.
 */
static void
watch_collector(struct collector *k, uint64_t now_ms)
{
	struct master *m = k->child.m;
	char why[80];
	uint64_t id;

	if (k->status == NULL)
		return;
	id = status_condemn(k->status, now_ms,
	    (uint64_t)m->conf.limits.cancel_grace_ms);
	if (id == 0)
		return;
	m->counters.condemned++;
	snprintf(why, sizeof(why), "request %llu runs beyond its deadline "
	    "and cancel_grace", (unsigned long long)id);
	child_kill(&k->child, why);
}

/* A worker that stands still shows in what it does not adopt. */
static void
watch_worker(struct child *c, uint64_t now_ms)
{
	uint64_t since_ms = pass_unadopted_since(c->m->pass, c->worker);

	if (since_ms < now_ms && now_ms - since_ms >
	    (uint64_t)c->m->conf.limits.start_timeout_ms &&
	    c->state == CHILD_READY)
		child_kill(c, "it does not adopt what it is given");
}

void
slots_watch(struct slots *s, uint64_t now_ms)
{
	size_t i;

	for (i = 0; i < s->ncollectors; i++)
		watch_collector(&s->collectors[i], now_ms);
	for (i = 0; i < s->nworkers; i++)
		watch_worker(&s->workers[i], now_ms);
}

void
slots_tell_counters(struct slots *s)
{
	struct buf b;
	size_t i;

	buf_init(&b, 0);
	for (i = 0; i < s->nworkers && msg_put_counters(&b) == 0; i++) {
		if (s->workers[i].state == CHILD_READY)
			child_send(&s->workers[i], &b, NULL, 0);
		buf_clear(&b);
	}
	buf_fini(&b);
}

uint64_t
slots_ask(struct slots *s, unsigned int what, uint32_t serial)
{
	const struct msg_ask m = { .what = (enum msg_ask_what)what,
	    .serial = serial };
	uint64_t asked = 0;
	struct buf b;
	size_t i;

	buf_init(&b, 0);
	if (msg_put_ask(&b, &m) == 0)
		for (i = 0; i < s->nworkers; i++)
			if (s->workers[i].state == CHILD_READY) {
				asked |= UINT64_C(1) << i;
				child_send(&s->workers[i], &b, NULL, 0);
			}
	buf_fini(&b);
	return asked;
}

void
slots_stop_workers(struct slots *s)
{
	size_t i;

	for (i = 0; i < s->nworkers; i++)
		child_stop(&s->workers[i]);
}

void
slots_stop_collectors(struct slots *s)
{
	size_t i;

	for (i = 0; i < s->ncollectors; i++)
		child_stop(&s->collectors[i].child);
}

void
slots_kill(struct slots *s)
{
	size_t i;

	for (i = 0; i < s->nworkers; i++)
		child_kill(&s->workers[i], "it did not stop in time");
	for (i = 0; i < s->ncollectors; i++)
		child_kill(&s->collectors[i].child,
		    "it did not stop in time");
}

bool
slots_workers_run(const struct slots *s)
{
	size_t i;

	for (i = 0; i < s->nworkers; i++)
		if (child_runs(&s->workers[i]))
			return true;
	return false;
}

bool
slots_run(const struct slots *s)
{
	size_t i;

	for (i = 0; i < s->ncollectors; i++)
		if (child_runs(&s->collectors[i].child))
			return true;
	return slots_workers_run(s);
}

size_t
slots_count(const struct slots *s)
{
	return s->nworkers;
}
