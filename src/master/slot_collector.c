/*
 * What a collector is to the master: a queue to read from, a status page, and
 * news of its database.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/queue.h"
#include "ipc/status.h"
#include "master/suspect.h"
#include "master/slot_kinds.h"
#include "master/slots.h"
#include "master/state.h"
#include "master/views.h"

/* No shorter silence means anything: a loaded machine runs others first. */
#define SILENCE_MS 1000

static struct collector *
collector_of(struct child *c)
{
	return (struct collector *)(void *)c;
}

/*
 * Who has no connection leaves requests to those that have one: each knows
 * whether there are any.
 */
static void
tell_up(struct slots *s)
{
	struct collector *k;
	uint32_t up = 0;

	TAILQ_FOREACH(k, &s->collectors, entry)
		if (k->status != NULL &&
		    atomic_load(&k->status->database_up) != 0)
			up++;
	TAILQ_FOREACH(k, &s->collectors, entry)
		if (k->status != NULL)
			atomic_store(&k->status->all_up, up);
}

static int
collector_database(struct child *c, const void *data, size_t len, int *fds)
{
	struct collector *k = collector_of(c);
	struct msg_database m;

	(void)fds;
	if (msg_get_database(data, len, &m) != 0)
		return -1;
	if (m.up)
		log_info("%s: connected to the database", c->name);
	else if (k->why[0] == '\0')
		log_warn("%s: the database is down: %.*s", c->name,
		    (int)m.text.len, m.text.data);
	(void)snprintf(k->why, sizeof(k->why), "%.*s",
	    m.up ? 0 : (int)m.text.len, m.text.data);
	tell_up(c->m->slots);
	slots_collector_follows(c->m->slots, collector_of(c));
	return 0;
}

static int
collector_recycle(struct child *c, const void *data, size_t len, int *fds)
{
	(void)data;
	(void)fds;
	if (len != 1)
		return -1;
	slots_replace_collector(c->m->slots, collector_of(c));
	return 0;
}

/* ---- the watchdog -------------------------------------------------------- */

/* Does it compute?  It may also wait for its database, or be stopped. */
static bool
computes(pid_t pid)
{
	char path[32], state = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(f);
	return state == 'R';
}

/*
 * Its word is turned to CONDEMNED before it is killed, so that it cannot go on
 * to an innocent request meanwhile.  A request that only waited is not to
 * blame: so do all while a database is gone.
 */
static void
watch_request(struct collector *k, uint64_t now_ms)
{
	struct master *m = k->child.m;
	char why[80];
	uint64_t id;

	id = status_condemn(k->status, now_ms,
	    (uint64_t)m->conf.limits.cancel_grace_ms);
	if (id == 0)
		return;
	m->counters.condemned++;
	k->condemned = true;
	k->blamed = computes(k->child.pid) ? id : 0;
	(void)snprintf(why, sizeof(why), "request %016" PRIx64 " runs beyond "
	    "its deadline and cancel_grace", id);
	child_kill(&k->child, why);
}

/* One that waits for requests looks around all the time. */
static void
watch_idle(struct collector *k, uint64_t now_ms, uint64_t awake_ms)
{
	struct master *m = k->child.m;
	uint64_t patience_ms = (uint64_t)(m->conf.database.query_timeout_ms +
	    m->conf.limits.cancel_grace_ms);

	if (patience_ms < SILENCE_MS)
		patience_ms = SILENCE_MS;
	if (now_ms - awake_ms <= patience_ms ||
	    !status_condemn_silent(k->status, now_ms - patience_ms))
		return;
	m->counters.silent++;
	k->condemned = true;
	child_kill(&k->child, "it stands still");
}

void
collector_watch(struct collector *k, uint64_t now_ms, uint64_t awake_ms)
{
	if (k->status == NULL || !child_runs(&k->child))
		return;
	if (status_running(k->status) != 0)
		watch_request(k, now_ms);
	else
		watch_idle(k, now_ms, awake_ms);
}

/* While it is at it, it dies; later on it finishes what others asked for. */
void
slots_unsound(struct slots *s, uint64_t id)
{
	struct collector *k;
	char why[80];

	TAILQ_FOREACH(k, &s->collectors, entry)
		if (k->status != NULL && status_ran(k->status, id))
			break;
	if (k == NULL)
		return;
	(void)snprintf(why, sizeof(why), "its reply to request %016" PRIx64
	    " was not sound", id);
	if (status_condemn_id(k->status, id)) {
		k->condemned = true;
		k->blamed = id;
		child_kill(&k->child, why);
	} else {
		log_warn("%s: will be replaced: %s", k->child.name, why);
		slots_replace_collector(s, k);
	}
}

/* ---- its life ------------------------------------------------------------ */

static const struct child_message collector_messages[MSG_TYPES] = {
	[MSG_DATABASE] = { .handle = collector_database },
	[MSG_RECYCLE] = { .handle = collector_recycle }
};

void
collector_forget_page(struct collector *k)
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

	collector_forget_page(k);
	k->condemned = false;
	k->blamed = 0;
	if ((k->status_fd = status_create(err)) < 0)
		return -1;
	if ((k->status = status_map(k->status_fd)) == NULL)
		return err_set_errno(err, ERR_INTERNAL, "status page");
	k->why[0] = '\0';
	tell_up(c->m->slots);
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

/* Somebody has ended it: that says nothing about it. */
static bool
is_from_outside(const struct child *c)
{
	int sig = WIFSIGNALED(c->wait_status) ? WTERMSIG(c->wait_status) : 0;

	return (sig == SIGKILL || sig == SIGTERM) && !c->unsound;
}

/*
 * It has got as far as a request, or was ready and ended by somebody: what one
 * request, or a signal, does must not make others wait.
 */
static bool
collector_proved(const struct child *c)
{
	const struct collector *k = (const void *)c;

	return c->was_ready && k->status != NULL &&
	    (atomic_load(&k->status->served) > 0 || k->condemned ||
	    status_running(k->status) != 0 || is_from_outside(c));
}

/* What a process does to itself. */
static bool
is_fault(int sig)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL,
	    SIGFPE, SIGSYS, SIGTRAP };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i] == sig)
			return true;
	return false;
}

/* The request that it died of; 0 = none, or of something from outside. */
static uint64_t
killer(const struct collector *k)
{
	int status = k->child.wait_status;

	if (k->status == NULL || k->condemned)
		return k->blamed;
	if (WIFSIGNALED(status) && !k->child.unsound &&
	    !is_fault(WTERMSIG(status)))
		return 0;
	return status_running(k->status);
}

/* Its last wake-up may have died with it: somebody else must look. */
static void
collector_reaped(struct child *c)
{
	struct collector *k = collector_of(c);
	uint64_t id = killer(k);

	if (id != 0)
		suspects_death(c, id, atomic_load(&k->status->fingerprint));
	collector_forget_page(k);
	tell_up(c->m->slots);
	queue_kick(c->m->slots->queue_write);
}

const struct child_kind collector_kind = {
	.role = SPAWN_COLLECTOR,
	.messages = collector_messages,
	.descriptors = collector_descriptors,
	.started = collector_started,
	.ready = collector_ready,
	.down = collector_down,
	.proved = collector_proved,
	.reaped = collector_reaped
};
