/* The life of one process; whether the house is stopping is stop.c's. */
#include "master/child.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/fdpass.h"
#include "master/state.h"

static const char *const state_names[CHILD_STATES] = {
	[CHILD_NONE] = "none", [CHILD_STARTING] = "starting",
	[CHILD_READY] = "ready", [CHILD_STOPPING] = "stopping",
	[CHILD_DYING] = "dying", [CHILD_THROTTLED] = "throttled"
};

/* The only place where c->state changes; the timer belongs to the state. */
static void
set_state(struct child *c, enum child_state state, int64_t timer_ms)
{
	struct timeval tv = { timer_ms / 1000, timer_ms % 1000 * 1000 };

	log_debug("%s: %s -> %s", c->name, state_names[c->state],
	    state_names[state]);
	c->state = state;
	event_del(&c->timer);
	if (timer_ms > 0)
		event_add(&c->timer, &tv);
}

const char *
child_state_name(enum child_state state)
{
	return state_names[state];
}

bool
child_runs(const struct child *c)
{
	return c->pid > 0;
}

void
child_kill(struct child *c, const char *why)
{
	if (!child_runs(c))
		return;
	log_warn("%s: killed: %s", c->name, why);
	kill(c->pid, SIGKILL);
	set_state(c, CHILD_DYING, 0);
}

void
child_send(struct child *c, const struct buf *msg, const int *fds,
    size_t nfds)
{
	if (c->ch != NULL && channel_send(c->ch, msg, fds, nfds) != 0)
		child_kill(c, "a message for it cannot be sent");
}

static int
handle_ready(struct child *c, const void *data, size_t len)
{
	struct msg_view m;

	if (msg_get_view(data, len, &m) != 0)
		return -1;
	if (c->state != CHILD_STARTING)
		return 0;
	log_info("%s: ready: pid %d, generation %u", c->name, (int)c->pid,
	    (unsigned int)m.generation);
	c->was_ready = true;
	set_state(c, CHILD_READY, 0);
	c->kind->ready(c);
	return 0;
}

static void
on_message(void *ctx, const void *data, size_t len, int *fds, size_t nfds)
{
	struct child *c = ctx;
	unsigned int type = msg_type(data, len);
	const struct child_message *m = &c->kind->messages[type];
	char why[64];
	int result = -1;

	log_debug("%s: says %s", c->name, msg_name(type));
	if (type == MSG_READY && nfds == 0)
		result = handle_ready(c, data, len);
	else if (m->handle != NULL && nfds == m->nfds)
		result = m->handle(c, data, len, fds);
	else if (m->handle_any != NULL)
		result = m->handle_any(c, data, len, fds, nfds);
	if (result == 0)
		return;
	snprintf(why, sizeof(why), "it sent a wrong message: %s",
	    msg_name(type));
	c->unsound = true;
	child_kill(c, why);
}

/* Everything that it said has been heard. */
static void
on_gone(void *ctx)
{
	struct child *c = ctx;

	c->kind->down(c);
	channel_free(&c->ch);
	if (c->state == CHILD_STARTING || c->state == CHILD_READY) {
		/* Dead already, or of no use: without a channel it must die. */
		kill(c->pid, SIGKILL);
		set_state(c, CHILD_DYING, 0);
	}
}

static const struct channel_handlers handlers = { on_message, on_gone };

/* Start again after a pause which doubles as long as nothing gets better. */
static void
throttle(struct child *c)
{
	const struct conf *conf = &c->m->conf;

	c->pause_ms = c->pause_ms == 0 ? conf->limits.respawn_min_ms :
	    c->pause_ms * 2;
	if (c->pause_ms > conf->limits.respawn_max_ms)
		c->pause_ms = conf->limits.respawn_max_ms;
	log_warn("%s: will be started again in %lld ms", c->name,
	    (long long)c->pause_ms);
	set_state(c, CHILD_THROTTLED, c->pause_ms);
}

static int
spawn(struct child *c, int channel_end, struct err *err)
{
	struct spawn_params p = {
		.role = c->kind->role,
		.worker = c->worker,
		.index = c->index,
		.log_level = (enum log_level)c->m->conf.log_level,
		.fds = { channel_end }
	};
	int n = c->kind->descriptors(c, p.fds + 1, err);

	if (n < 0)
		return -1;
	p.nfds = 1 + (size_t)n;
	c->pid = spawn_role(&p, err);
	return c->pid > 0 ? 0 : -1;
}

void
child_start(struct child *c)
{
	struct err err;
	int ends[2];

	if (fdpass_pair(ends, &err) != 0) {
		log_error("%s: not started: %s", c->name, err.text);
		throttle(c);
		return;
	}
	c->was_ready = false;
	c->unsound = false;
	if (spawn(c, ends[1], &err) != 0) {
		log_error("%s: not started: %s", c->name, err.text);
		close(ends[0]);
		throttle(c);
	} else {
		set_state(c, CHILD_STARTING,
		    c->m->conf.limits.start_timeout_ms);
		c->ch = channel_new(c->m->base, ends[0], &handlers, c);
		if (c->ch == NULL)
			child_kill(c, "out of memory for its channel");
		else
			c->kind->started(c);
	}
	close(ends[1]);
}

int
child_inherit(struct child *c, pid_t pid, int fd)
{
	siginfo_t info;

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT)
	    != 0) {
		close(fd);
		return -1;
	}
	c->leaving = c->inherited = c->was_ready = true;
	c->ch = channel_new(c->m->base, fd, &handlers, c);
	if (c->ch == NULL)
		return -1;
	c->pid = pid;
	set_state(c, CHILD_READY, 0);
	return 0;
}

void
child_stop(struct child *c)
{
	struct buf b;

	if (!child_runs(c)) {
		set_state(c, CHILD_NONE, 0);
		return;
	}
	if (c->state == CHILD_DYING)
		return;
	set_state(c, CHILD_STOPPING, 0);
	buf_init(&b, 0);
	if (msg_put_stop(&b) != 0)
		child_kill(c, "out of memory");
	else
		child_send(c, &b, NULL, 0);
	buf_fini(&b);
}

static void
log_end(const struct child *c, int status)
{
	bool tidy = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (WIFSIGNALED(status))
		log_warn("%s: pid %d was ended by SIG%s", c->name,
		    (int)c->pid, sigabbrev_np(WTERMSIG(status)));
	else if (tidy && c->state == CHILD_STOPPING)
		log_debug("%s: pid %d has ended", c->name, (int)c->pid);
	else
		log_warn("%s: pid %d has ended with status %d", c->name,
		    (int)c->pid, WEXITSTATUS(status));
}

void
child_reaped(struct child *c, int status)
{
	bool proved;

	if (c->ch != NULL)
		channel_drain(c->ch);
	if (c->ch != NULL)
		on_gone(c);
	log_end(c, status);
	c->pid = -1;
	c->wait_status = status;
	proved = c->kind->proved(c);
	c->kind->reaped(c);
	if (c->m->phase == MASTER_STOPPING || c->leaving) {
		set_state(c, CHILD_NONE, 0);
		return;
	}
	c->m->counters.respawns++;
	if (!proved) {
		throttle(c);
		return;
	}
	c->pause_ms = 0;
	child_start(c);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;

	(void)fd;
	(void)what;
	if (c->state == CHILD_STARTING)
		child_kill(c, "it was not ready within start_timeout");
	else if (c->state == CHILD_THROTTLED)
		child_start(c);
}

void
child_init(struct child *c, struct master *m, const struct child_kind *kind,
    unsigned int worker, unsigned int index)
{
	*c = (struct child){
		.m = m, .kind = kind, .worker = worker, .index = index,
		.state = CHILD_NONE, .pid = -1
	};
	if (index == 0)
		snprintf(c->name, sizeof(c->name), "%s %u",
		    spawn_role_name(kind->role), worker);
	else
		snprintf(c->name, sizeof(c->name), "%s %u.%u",
		    spawn_role_name(kind->role), worker, index);
	evtimer_assign(&c->timer, m->base, on_timer, c);
}

void
child_fini(struct child *c)
{
	event_del(&c->timer);
	channel_free(&c->ch);
}
