/*
 * Beginning and end of the master, in mirror order, and what comes from
 * outside of any connection: signals and the clock.
 */
#include "master/master.h"

#include <event2/event.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/spawn.h"
#include "master/address.h"
#include "master/bundle.h"
#include "master/child.h"
#include "master/control.h"
#include "master/front.h"
#include "master/identity.h"
#include "master/key.h"
#include "master/listener.h"
#include "master/open.h"
#include "master/pass.h"
#include "master/suspect.h"
#include "master/reload.h"
#include "master/revoke.h"
#include "master/slots.h"
#include "master/state.h"
#include "master/stop.h"
#include "master/takeover.h"
#include "master/upgrade.h"
#include "master/watch.h"

/* How late the watchdog may be. */
#define TICK_MS 100
/* Connections at once that are worth giving their memory back. */
#define TRIM_FRONTS 1024

static int detached_from = -1;	/* see identity_started() */

/* ---- events ------------------------------------------------------------- */

static void
on_stop(evutil_socket_t sig, short what, void *arg)
{
	(void)what;
	log_info("signal %d", (int)sig);
	stop_begin(arg);
}

static void
on_hangup(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	reload_ask(arg);
}

static void
on_usr1(evutil_socket_t sig, short what, void *arg)
{
	struct master *m = arg;

	(void)sig;
	(void)what;
	if (m->phase != MASTER_STARTING)
		counters_log(m);
}

static void
on_usr2(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	upgrade_start(arg);
}

static void
on_child(evutil_socket_t sig, short what, void *arg)
{
	struct master *m = arg;
	pid_t pid;
	int status;

	(void)sig;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (load_reaped(m->load, pid, status))
			load_free(&m->load);
		else if (!upgrade_reaped(m, pid, status) &&
		    m->slots != NULL)
			(void)slots_reaped(m->slots, pid, status);
	}
	if (m->load == NULL && m->load_again)
		reload_start(m);
	if (m->phase == MASTER_STOPPING && m->slots != NULL)
		stop_step(m);
}

/* After an avalanche: what stays of it is small and lies between the holes. */
static void
trim(struct master *m)
{
	if (m->nfronts_most < TRIM_FRONTS || m->nfronts > m->nfronts_most / 8)
		return;
	m->nfronts_most = m->nfronts;
	malloc_trim(0);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct master *m = arg;
	uint64_t now = clock_ms();

	(void)fd;
	(void)what;
	if (m->slots == NULL)
		return;
	slots_watch(m->slots, now);
	upgrade_tick(m);
	trim(m);
	pass_expire(m->pass, now -
	    (uint64_t)m->conf.socketio.connect_timeout_ms);
}

static const struct {
	int sig;		/* -1 = the clock */
	event_callback_fn handle;
} sources[] = {
	{ SIGTERM, on_stop },
	{ SIGINT, on_stop },
	{ SIGHUP, on_hangup },
	{ SIGUSR1, on_usr1 },
	{ SIGUSR2, on_usr2 },
	{ SIGCHLD, on_child },
	{ -1, on_tick }
};

#define SOURCES (sizeof(sources) / sizeof(sources[0]))

static int
add_sources(struct master *m, struct event *events[SOURCES])
{
	static const struct timeval tick = { 0, TICK_MS * 1000 };
	short kind;
	size_t i;

	for (i = 0; i < SOURCES; i++) {
		kind = sources[i].sig < 0 ? 0 : EV_SIGNAL;
		events[i] = event_new(m->base, sources[i].sig,
		    (short)(kind | EV_PERSIST), sources[i].handle, m);
		if (events[i] == NULL ||
		    event_add(events[i], kind == 0 ? &tick : NULL) != 0)
			return -1;
	}
	return 0;
}

static void
free_sources(struct event *events[SOURCES])
{
	size_t i;

	for (i = 0; i < SOURCES; i++)
		if (events[i] != NULL)
			event_free(events[i]);
}

/* ---- start -------------------------------------------------------------- */

static void
on_orphan(void *ctx, int fd, const char *address,
    const struct msg_bytes *bytes)
{
	front_take(ctx, fd, address, bytes);
}

/* From now on it is the worker's, also for the limits. */
static void
on_adopted(void *ctx, size_t worker, const char *address, size_t n)
{
	struct master *m = ctx;

	for (; n > 0; n--)
		addresses_hold(m->addresses, address, worker, clock_ms());
}

/* A worker that gave a session away may forget it. */
static void
on_confirmed(void *ctx, size_t worker, uint64_t tag)
{
	const struct msg_adopted adopted = { .tag = tag };
	struct master *m = ctx;
	struct child *c = slots_worker(m->slots, worker);
	struct buf b;

	buf_init(&b, 0);
	if (c != NULL && msg_put_adopted(&b, &adopted) == 0)
		child_send(c, &b, NULL, 0);
	buf_fini(&b);
}

static bool
on_generation(void *ctx, size_t worker, uint32_t generation)
{
	struct master *m = ctx;
	struct child *c = slots_worker(m->slots, worker);

	return c != NULL && slots_tell_old_view(m->slots, c, generation);
}

static void
on_given(void *ctx, size_t worker, uint32_t generation)
{
	struct master *m = ctx;
	struct child *c = slots_worker(m->slots, worker);

	if (c != NULL)
		revoke_again(m, c, generation);
}

static const struct pass_handlers pass_handlers = {
	.orphan = on_orphan, .adopted = on_adopted,
	.confirmed = on_confirmed, .generation = on_generation,
	.given = on_given
};

/* The configuration is there: find our place in the system, in order. */
static int
settle(struct master *m, int view, struct err *err)
{
	struct conf conf;

	if (reload_read(view, &conf, &m->keys, &m->bundle, err) != 0)
		return -1;
	conf_fini(&m->conf);
	m->conf = conf;
	if (m->takeover != NULL) {
		m->generation = takeover_generation(m->takeover) + 1;
		log_set_level((enum log_level)m->conf.log_level);
		return identity_drop(&m->conf, err);
	}
	m->generation = 1;
	if (identity_log(&m->conf, m->params->background, err) != 0)
		return -1;
	m->listeners = listeners_new(m, &m->conf, err);
	if (m->listeners == NULL || identity_pid_file(&m->conf, err) != 0)
		return -1;
	m->pid_file_is_ours = true;
	if (identity_drop(&m->conf, err) != 0)
		return -1;
	identity_protect();
	/* Without it everything works but dalpurictl. */
	if (control_start(m, err) != 0)
		log_error("control: %s: no control socket", err->text);
	return 0;
}

/* views are ours, also when it fails. */
static int
start(struct master *m, const int views[LOAD_VIEWS], struct err *err)
{
	int settled = settle(m, views[LOAD_MASTER], err);

	close(views[LOAD_MASTER]);
	if (settled != 0) {
		close(views[LOAD_WORKER]);
		close(views[LOAD_COLLECTOR]);
		return -1;
	}
	m->slots = slots_new(m, views[LOAD_WORKER], views[LOAD_COLLECTOR],
	    err);
	if (m->slots == NULL)
		return -1;
	m->pass = pass_new(SLOTS_PLACES, &pass_handlers, m);
	m->addresses = addresses_new();
	m->suspects = suspects_new();
	if (m->pass == NULL || m->addresses == NULL || m->suspects == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	pass_generation(m->pass, m->generation);
	if ((m->watch = watch_new(m)) != NULL)
		watch_folder(m->watch, m->conf.database.collectors);
	slots_fit(m->slots);
	if (m->listeners != NULL)
		listeners_start(m->listeners);
	return 0;
}

static void
on_first_load(struct master *m, enum load_outcome outcome,
    const int views[LOAD_VIEWS])
{
	struct err err;

	if (outcome == LOAD_FAULTY) {
		log_error("not started: the configuration has faults");
		m->status = EX_CONFIG;
	} else if (outcome == LOAD_FAILED) {
		log_error("not started: the configuration could not be read");
		m->status = EX_OSERR;
	} else if (start(m, views, &err) != 0) {
		log_error("not started: %s", err.text);
		m->status = EX_OSERR;
	} else {
		m->phase = MASTER_RUNNING;
		if (m->takeover != NULL)
			takeover_finish(m);
		else
			log_info("started: pid %d", (int)getpid());
	}
	identity_started(&detached_from, m->status);
	if (m->phase != MASTER_RUNNING)
		event_base_loopbreak(m->base);
}

/* ---- all ---------------------------------------------------------------- */

static int
init(struct master *m, const struct master_params *p, struct err *err)
{
	uint64_t seed[2];

	*m = (struct master){ .params = p, .phase = MASTER_STARTING };
	m->started_ms = clock_ms();
	m->descriptors_max = spawn_raise_fd_limit();
	TAILQ_INIT(&m->fronts);
	TAILQ_INIT(&m->opens);
	clock_random(seed, sizeof(seed));
	table_init(&m->open_sids, seed);
	m->env.database_url = identity_take_env("DATABASE_URL");
	m->env.psk = identity_take_env("PSK");
	m->env.port = identity_take_env("PORT");
	m->program = identity_program(p->program);
	if (m->program == NULL || conf_init(&m->conf) != 0 ||
	    (m->base = event_base_new()) == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	return spawn_init(err) != 0 ? -1 : takeover_read(m, err);
}

static void
wipe(char **text)
{
	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

static void
fini(struct master *m)
{
	control_free(&m->control);
	watch_free(&m->watch);
	takeover_free(&m->takeover);
	upgrade_free(&m->upgrade);
	load_free(&m->load);
	opens_free(m);
	fronts_free(m);
	listeners_free(&m->listeners);
	slots_free(&m->slots);
	suspects_free(&m->suspects);
	pass_free(&m->pass);
	revoke_free(m);
	addresses_free(&m->addresses);
	keyring_free(&m->keys);
	bundle_free(&m->bundle);
	if (m->pid_file_is_ours && m->conf.pid_file != NULL)
		unlink(m->conf.pid_file);
	conf_fini(&m->conf);
	table_fini(&m->open_sids);
	if (m->stop_timer != NULL)
		event_free(m->stop_timer);
	if (m->base != NULL)
		event_base_free(m->base);
	wipe(&m->env.database_url);
	wipe(&m->env.psk);
	wipe(&m->env.port);
	free(m->program);
}

/* The configuration is there, or will be; false: it cannot be read. */
static bool
begin(struct master *m, struct err *err)
{
	if (m->takeover != NULL) {
		on_first_load(m, LOAD_DONE, takeover_views(m->takeover));
		return true;
	}
	m->load = load_start(m, on_first_load, err);
	return m->load != NULL;
}

static int
serve(struct master *m, struct err *err)
{
	struct event *events[SOURCES] = { NULL };
	int result = -1;

	if (add_sources(m, events) != 0) {
		err_set(err, ERR_INTERNAL, "out of memory");
	} else if (begin(m, err)) {
		/* Faults may have ended it before its beginning. */
		while (m->status == EX_OK) {
			event_base_dispatch(m->base);
			if (!upgrade_is_due(m) || !upgrade_run(m))
				break;
		}
		result = 0;
	}
	free_sources(events);
	return result;
}

int
master_run(const struct master_params *p)
{
	struct master m;
	struct err err;
	int status;

	log_open(STDERR_FILENO, "master", LOG_LEVEL_INFO);
	identity_protect();
	spawn_title("master %s", p->conf_path == NULL ? "(environment)" :
	    p->conf_path);
	signal(SIGPIPE, SIG_IGN);
	/* Until we listen to it; nothing has been read that could be old. */
	if (!takeover_is_due())
		signal(SIGHUP, SIG_IGN);
	if (p->background && !takeover_is_due()) {
		switch (identity_detach(&detached_from, &status, &err)) {
		case 0:
			log_open(STDERR_FILENO, "master", LOG_LEVEL_INFO);
			break;
		case 1:
			if (status != EX_OK)
				log_error("not started: the log says why");
			return status;
		default:
			log_error("not started: %s", err.text);
			return EX_OSERR;
		}
	}
	if (init(&m, p, &err) != 0 || serve(&m, &err) != 0) {
		log_error("not started: %s", err.text);
		m.status = EX_OSERR;
	}
	fini(&m);
	identity_started(&detached_from, m.status);
	return m.status;
}
