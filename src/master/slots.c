/*
 * What a worker and a collector are to the master.  Their lives are child.c's,
 * sessions on their way pass.c's.  Everything that they say is checked like
 * input from a stranger: -1 costs the child its life.
 */
#include "master/slots.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/queue.h"
#include "ipc/status.h"
#include "master/child.h"
#include "master/front.h"
#include "master/look.h"
#include "master/pass.h"
#include "master/state.h"
#include "master/views.h"

struct collector {
	struct child child;
	int status_fd;		/* of the page; -1 = none */
	struct status *status;	/* the same, mapped; NULL = none */
};

struct slots {
	struct master *m;
	struct views *views;
	int queue_write, queue_read;	/* both kept: requests outlive the
					 * death of the last collector */
	size_t nworkers, ncollectors;
	struct child *workers;		/* [nworkers] */
	struct collector *collectors;	/* [ncollectors], by slot */
};

static struct collector *
collector_of(const struct child *c)
{
	struct slots *s = c->m->slots;
	size_t per_slot = s->ncollectors / s->nworkers;

	return &s->collectors[(c->worker - 1) * per_slot + c->index - 1];
}

/* Generations that no worker holds any more are of no use to collectors. */
static void
drop_unused(struct slots *s)
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

/* ---- what a worker says ------------------------------------------------- */

static int
worker_adopted(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_adopted m;

	(void)fds;
	if (msg_get_adopted(data, len, &m) != 0)
		return -1;
	pass_adopted(c->m->pass, c->worker, m.tag);
	return 0;
}

/* Confirmed before anything is read: until then it is the worker's. */
static int
worker_back(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_route m;
	struct msg_adopted adopted;
	struct buf b;

	if (msg_get_route(data, len, &m) != 0)
		return -1;
	adopted.tag = m.tag;
	buf_init(&b, 0);
	if (msg_put_adopted(&b, &adopted) == 0)
		child_send(c, &b, NULL, 0);
	buf_fini(&b);
	front_take(c->m, fds[0], m.address, &m.bytes);
	fds[0] = -1;
	return 0;
}

static int
worker_auth(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_verdict verdict = { 0 };
	struct msg_auth m;
	struct buf b;

	(void)fds;
	if (msg_get_auth(data, len, &m) != 0)
		return -1;
	memcpy(verdict.sid, m.sid, sizeof(verdict.sid));
	verdict.serial = m.serial;
	verdict.granted = look_key(c->m->keys, m.psk.data, m.psk.len,
	    verdict.key) == MSG_GRANT_YES;
	buf_init(&b, 0);
	if (msg_put_verdict(&b, &verdict) == 0)
		child_send(c, &b, NULL, 0);
	buf_fini(&b);
	return 0;
}

static int
worker_closed(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_closed m;

	(void)fds;
	if (msg_get_closed(data, len, &m) != 0)
		return -1;
	pass_closed(c->m->pass, c->worker, m.sid);
	return 0;
}

static int
worker_freed_view(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_view m;

	(void)fds;
	if (msg_get_view(data, len, &m) != 0 ||
	    m.generation == c->m->generation)
		return -1;
	views_release(c->m->slots->views, c->worker, m.generation);
	views_tell_dropped(c, m.generation);
	drop_unused(c->m->slots);
	return 0;
}

static const struct child_message worker_messages[MSG_TYPES] = {
	[MSG_ADOPTED] = { worker_adopted, 0 },
	[MSG_BACK] = { worker_back, 1 },
	[MSG_AUTH] = { worker_auth, 0 },
	[MSG_CLOSED] = { worker_closed, 0 },
	[MSG_FREED_VIEW] = { worker_freed_view, 0 }
};

/* ---- what a worker is --------------------------------------------------- */

static int
worker_descriptors(struct child *c, int *fds, struct err *err)
{
	(void)err;
	fds[0] = c->m->slots->queue_write;
	return 1;
}

static void
worker_started(struct child *c)
{
	views_tell_worker(c->m->slots->views, c);
}

static void
worker_ready(struct child *c)
{
	pass_worker_up(c->m->pass, c->worker, c->ch);
}

static void
worker_down(struct child *c)
{
	pass_worker_down(c->m->pass, c->worker);
	views_release_all(c->m->slots->views, c->worker);
	drop_unused(c->m->slots);
}

static bool
worker_proved(const struct child *c)
{
	return c->was_ready;
}

static void
worker_reaped(struct child *c)
{
	(void)c;
}

static const struct child_kind worker_kind = {
	.role = SPAWN_WORKER,
	.messages = worker_messages,
	.descriptors = worker_descriptors,
	.started = worker_started,
	.ready = worker_ready,
	.down = worker_down,
	.proved = worker_proved,
	.reaped = worker_reaped
};

/* ---- what a collector says and is --------------------------------------- */

static int
collector_database(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_database m;

	(void)fds;
	if (msg_get_database(data, len, &m) != 0)
		return -1;
	if (m.up)
		log_info("%s: connected to the database", c->name);
	else
		log_warn("%s: the database is down: %.*s", c->name,
		    (int)m.text.len, m.text.data);
	return 0;
}

static const struct child_message collector_messages[MSG_TYPES] = {
	[MSG_DATABASE] = { collector_database, 0 }
};

static void
forget_page(struct collector *k)
{
	if (k->status != NULL)
		status_unmap(k->status);
	k->status = NULL;
	if (k->status_fd >= 0)
		close(k->status_fd);
	k->status_fd = -1;
}

/* A fresh page for each life: the old one may say RUNNING for ever. */
static int
collector_descriptors(struct child *c, int *fds, struct err *err)
{
	struct collector *k = collector_of(c);

	forget_page(k);
	if ((k->status_fd = status_create(err)) < 0)
		return -1;
	if ((k->status = status_map(k->status_fd)) == NULL)
		return err_set_errno(err, ERR_INTERNAL, "status page");
	fds[0] = c->m->slots->queue_read;
	fds[1] = k->status_fd;
	return 2;
}

static void
collector_started(struct child *c)
{
	views_tell_collector_all(c->m->slots->views, c);
}

static void
collector_ready(struct child *c)
{
	(void)c;
}

static void
collector_down(struct child *c)
{
	(void)c;
}

static bool
collector_proved(const struct child *c)
{
	const struct collector *k = collector_of(c);

	return c->was_ready && k->status != NULL &&
	    atomic_load(&k->status->served) > 0;
}

/* Its last wake-up may have died with it: somebody else must look. */
static void
collector_reaped(struct child *c)
{
	forget_page(collector_of(c));
	queue_kick(c->m->slots->queue_write);
}

static const struct child_kind collector_kind = {
	.role = SPAWN_COLLECTOR,
	.messages = collector_messages,
	.descriptors = collector_descriptors,
	.started = collector_started,
	.ready = collector_ready,
	.down = collector_down,
	.proved = collector_proved,
	.reaped = collector_reaped
};

/* ---- all of them -------------------------------------------------------- */

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
		forget_page(&s->collectors[i]);
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
	drop_unused(s);
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
void
slots_watch(struct slots *s, uint64_t now_ms)
{
	uint64_t grace_ms = (uint64_t)s->m->conf.limits.cancel_grace_ms;
	struct collector *k;
	uint64_t id;
	char why[80];

	for (k = s->collectors; k < s->collectors + s->ncollectors; k++) {
		if (k->status == NULL)
			continue;
		id = status_condemn(k->status, now_ms, grace_ms);
		if (id == 0)
			continue;
		s->m->counters.condemned++;
		snprintf(why, sizeof(why), "request %llu runs beyond its "
		    "deadline and cancel_grace", (unsigned long long)id);
		child_kill(&k->child, why);
	}
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
