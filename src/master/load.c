/*
 * The loader's other side.  A run ends with LOADED, with its death, or with
 * start_timeout, whichever comes first.
 */
#include "master/load.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/fdpass.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "master/control.h"
#include "master/slots.h"
#include "master/state.h"

/* Before the first configuration is known. */
#define FIRST_TIMEOUT_MS 30000

struct load {
	struct master *m;
	load_done *done;	/* NULL = it was called */
	struct channel *ch;
	enum spawn_role role;	/* loader or trial */
	pid_t pid;		/* -1 = reaped */
	struct event timer;
};

/* The master's own is in m->load: it is freed when the process is reaped. */
static void
finish(struct load *l, enum load_outcome outcome, const int *views)
{
	static const int none[LOAD_VIEWS] = { -1, -1, -1 };
	load_done *done = l->done;

	event_del(&l->timer);
	channel_free(&l->ch);
	l->done = NULL;
	if (outcome == LOAD_FAILED && l->pid > 0)
		kill(l->pid, SIGKILL);
	if (done != NULL)
		done(l->m, outcome, views == NULL ? none : views);
}

static void
on_loaded(struct load *l, const void *data, size_t len, int *fds,
    size_t nfds)
{
	struct msg_loaded m;
	int views[LOAD_VIEWS];
	size_t i;

	if (msg_get_loaded(data, len, &m) != 0 ||
	    nfds != (m.faults == 0 ? LOAD_VIEWS : 0)) {
		log_error("%s: it sent a wrong message: LOADED",
		    spawn_role_name(l->role));
		finish(l, LOAD_FAILED, NULL);
	} else if (m.faults > 0) {
		finish(l, LOAD_FAULTY, NULL);
	} else {
		for (i = 0; i < LOAD_VIEWS; i++) {
			views[i] = fds[i];
			fds[i] = -1;
		}
		finish(l, LOAD_DONE, views);
	}
}

static void
on_message(void *ctx, const void *data, size_t len, int *fds, size_t nfds)
{
	struct load *l = ctx;
	struct msg_fault fault;
	unsigned int type = msg_type(data, len);

	if (type == MSG_FAULT && msg_get_fault(data, len, &fault) == 0) {
		log_error("%.*s", (int)fault.text.len, fault.text.data);
		control_fault(l->m->control, fault.text.data,
		    fault.text.len);
	} else if (type == MSG_LOADED) {
		on_loaded(l, data, len, fds, nfds);
	} else {
		log_error("%s: it sent a wrong message: %s",
		    spawn_role_name(l->role), msg_name(type));
		finish(l, LOAD_FAILED, NULL);
	}
}

static void
on_gone(void *ctx)
{
	struct load *l = ctx;

	log_error("%s: it died without an answer", spawn_role_name(l->role));
	finish(l, LOAD_FAILED, NULL);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct load *l = arg;

	(void)fd;
	(void)what;
	log_error("%s: it did not answer within start_timeout",
	    spawn_role_name(l->role));
	finish(l, LOAD_FAILED, NULL);
}

static struct msg_bytes
bytes(const char *text)
{
	if (text == NULL)
		return (struct msg_bytes){ "", 0 };
	return (struct msg_bytes){ text, strlen(text) };
}

static int
ask(struct load *l)
{
	const struct master *m = l->m;
	struct msg_load load = {
		.path = bytes(m->params->conf_path),
		.database_url = bytes(m->env.database_url),
		.psk = bytes(m->env.psk),
		.port = bytes(m->env.port)
	};
	int view = m->slots == NULL ? -1 : slots_view(m->slots);
	struct buf b;
	int result = -1;

	buf_init(&b, 0);
	if (msg_put_load(&b, &load) == 0)
		result = channel_send(l->ch, &b, &view, view == -1 ? 0 : 1);
	buf_wipe(&b);
	return result;
}

static int
spawn(struct load *l, const struct load_binary *binary, struct err *err)
{
	static const struct channel_handlers handlers = {
		on_message, on_gone
	};
	struct spawn_params p = {
		.role = l->role,
		.log_level = (enum log_level)l->m->conf.log_level,
		.nfds = 1
	};
	int ends[2];

	if (fdpass_pair(ends, err) != 0)
		return -1;
	p.fds[0] = ends[1];
	if (binary != NULL) {
		p.binary = binary->fd;
		p.fds[p.nfds++] = binary->state_fd;
	}
	l->pid = spawn_role(&p, err);
	close(ends[1]);
	if (l->pid < 0) {
		close(ends[0]);
		return -1;
	}
	l->ch = channel_new(l->m->base, ends[0], &handlers, l);
	if (l->ch == NULL || ask(l) != 0)
		return err_set(err, ERR_INTERNAL, "out of memory");
	return 0;
}

struct load *
load_try(struct master *m, const struct load_binary *binary, load_done *done,
    struct err *err)
{
	int64_t ms = m->phase == MASTER_STARTING ? FIRST_TIMEOUT_MS :
	    m->conf.limits.start_timeout_ms;
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };
	struct load *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		err_set(err, ERR_INTERNAL, "out of memory");
		return NULL;
	}
	l->m = m;
	l->done = done;
	l->role = binary == NULL ? SPAWN_LOADER : SPAWN_TRIAL;
	l->pid = -1;
	evtimer_assign(&l->timer, m->base, on_timer, l);
	clock_gettime(CLOCK_REALTIME_COARSE, &m->load_began);
	if (spawn(l, binary, err) != 0) {
		load_free(&l);
		return NULL;
	}
	event_add(&l->timer, &tv);
	return l;
}

struct load *
load_start(struct master *m, load_done *done, struct err *err)
{
	return load_try(m, NULL, done, err);
}

void
load_free(struct load **l)
{
	if (*l == NULL)
		return;
	(*l)->done = NULL;
	finish(*l, LOAD_FAILED, NULL);
	free(*l);
	*l = NULL;
}

bool
load_reaped(struct load *l, pid_t pid, int status)
{
	if (l == NULL || l->pid != pid)
		return false;
	log_debug("%s: pid %d has ended with %d", spawn_role_name(l->role),
	    (int)pid, status);
	l->pid = -1;
	if (l->ch != NULL)
		channel_drain(l->ch);
	if (l->done != NULL)
		finish(l, LOAD_FAILED, NULL);
	return true;
}
