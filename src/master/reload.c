/*
 * Prepare (the loader, and decoding its views), then commit or roll back.
 * Sessions keep their generation; the master itself only knows the newest.
 */
#include "master/reload.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "ipc/view.h"
#include "master/bundle.h"
#include "master/control.h"
#include "master/key.h"
#include "master/listener.h"
#include "master/logfile.h"
#include "master/open.h"
#include "master/pass.h"
#include "master/revoke.h"
#include "master/slots.h"
#include "master/state.h"
#include "master/watch.h"

/* A new session waits no longer for a load. */
#define HOLD_MS 1000

int
reload_read(int fd, struct conf *conf, struct keyring **keys,
    struct bundle **bundle, struct err *err)
{
	const char *data;
	size_t len;
	int result;

	if (view_map(fd, &data, &len, err) != 0)
		return -1;
	result = conf_view_get(conf, data, len, err);
	view_unmap(data, len);
	if (result != 0)
		return -1;
	*keys = keyring_new(conf);
	*bundle = bundle_new(conf);
	if (*keys != NULL && *bundle != NULL)
		return 0;
	keyring_free(keys);
	bundle_free(bundle);
	conf_fini(conf);
	return err_set(err, ERR_INTERNAL, "out of memory");
}

/* ---- prepare ------------------------------------------------------------- */

/* What is ready beside what is in force. */
struct next {
	struct conf conf;
	struct keyring *keys;
	struct bundle *bundle;
	struct listeners *listeners;
	int log_fd;		/* -1 = the log stays where it is */
};

static void
discard(struct next *n)
{
	conf_fini(&n->conf);
	keyring_free(&n->keys);
	bundle_free(&n->bundle);
	listeners_free(&n->listeners);
	if (n->log_fd >= 0)
		close(n->log_fd);
}

/* Has the log moved?  That there is none any more takes a restart. */
static bool
is_moved(const char *was, const char *is)
{
	return is != NULL && (was == NULL || strcmp(was, is) != 0);
}

/* What the system must grant.  -1: told in faults. */
static int
prepare_system(struct master *m, struct next *n, struct conf_faults *faults)
{
	struct conf *conf = &n->conf;
	struct err err;

	n->listeners = listeners_new(m, conf, &err);
	if (n->listeners == NULL)
		conf_fault_at(faults, conf, &conf->listen, "%s", err.text);
	if (is_moved(m->conf.log_file, conf->log_file) &&
	    (n->log_fd = logfile_open(conf->log_file, &err)) < 0)
		conf_fault_at(faults, conf, &conf->log_file, "%s", err.text);
	return faults->count == 0 ? 0 : -1;
}

/* 0: n is complete.  -1: nothing to free, and it is told in faults. */
static int
prepare(struct master *m, int view, struct next *n,
    struct conf_faults *faults)
{
	struct err err;

	*n = (struct next){ .log_fd = -1 };
	if (reload_read(view, &n->conf, &n->keys, &n->bundle, &err) != 0) {
		conf_fault(faults, NULL, 0, "%s", err.text);
		return -1;
	}
	if (prepare_system(m, n, faults) == 0)
		return 0;
	discard(n);
	return -1;
}

/* ---- commit or roll back ------------------------------------------------- */

static void
tell_fixed(void *ctx, const char *name)
{
	(void)ctx;
	log_warn("reload: %s has changed: it takes a restart", name);
}

/* The file that we have written is the one to remove at the end. */
static void
keep_pid_file(struct conf *was, struct conf *is)
{
	char *path = is->pid_file;

	is->pid_file = was->pid_file;
	was->pid_file = path;
}

/* views are the callee's.  -1: out of memory, and n is the caller's still. */
static int
commit(struct master *m, struct next *n, const int views[LOAD_VIEWS])
{
	m->generation++;
	if (slots_reload(m->slots, views[LOAD_WORKER],
	    views[LOAD_COLLECTOR]) != 0) {
		m->generation--;
		return -1;
	}
	conf_tell_fixed(&m->conf, &n->conf, tell_fixed, NULL);
	keep_pid_file(&m->conf, &n->conf);
	revoke_keys(m, &m->conf, &n->conf);
	listeners_replace(&m->listeners, n->listeners);
	conf_fini(&m->conf);
	keyring_free(&m->keys);
	bundle_free(&m->bundle);
	m->conf = n->conf;
	m->keys = n->keys;
	m->bundle = n->bundle;
	pass_generation(m->pass, m->generation);
	log_set_level((enum log_level)m->conf.log_level);
	if (n->log_fd >= 0)
		logfile_move(m, n->log_fd);
	slots_fit(m->slots);
	watch_folder(m->watch, m->conf.database.collectors);
	return 0;
}

static void
roll_back(struct master *m, const char *why)
{
	log_error("reload: nothing has changed: %s", why);
	control_reloaded(m->control, why);
}

static void
tell_faults(struct master *m, const struct conf_faults *faults)
{
	const char *line;

	for (size_t i = 0; i < faults->lines.n; i++) {
		line = faults->lines.v[i];
		log_error("%s", line);
		control_fault(m->control, line, strlen(line));
	}
}

/* The loader has found no fault. */
static void
change(struct master *m, const int views[LOAD_VIEWS])
{
	struct conf_faults faults = { .count = 0 };
	struct next n;

	if (prepare(m, views[LOAD_MASTER], &n, &faults) != 0) {
		tell_faults(m, &faults);
		roll_back(m, "the configuration cannot be served");
		close(views[LOAD_WORKER]);
		close(views[LOAD_COLLECTOR]);
	} else if (commit(m, &n, views) != 0) {
		discard(&n);
		roll_back(m, "out of memory");
	} else {
		control_reloaded(m->control, NULL);
		log_info("reload: generation %u is in force",
		    (unsigned int)m->generation);
	}
	conf_faults_fini(&faults);
	close(views[LOAD_MASTER]);
}

static void
on_done(struct master *m, enum load_outcome outcome,
    const int views[LOAD_VIEWS])
{
	switch (outcome) {
	case LOAD_DONE:
		change(m, views);
		break;
	case LOAD_FAULTY:
		roll_back(m, "the configuration has faults");
		break;
	case LOAD_FAILED:
		roll_back(m, "the configuration could not be read");
		break;
	}
	if (!m->load_again && !watch_is_pending(m->watch))
		pass_release(m->pass);
}

void
reload_expected(struct master *m)
{
	int64_t ms = m->conf.socketio.connect_timeout_ms / 2;

	opens_settle(m);
	pass_hold(m->pass, ms < HOLD_MS ? ms : HOLD_MS);
}

void
reload_ask(struct master *m)
{
	if (m->phase == MASTER_RUNNING)
		logfile_reopen(m);
	reload_start(m);
}

void
reload_start(struct master *m)
{
	struct err err;

	/* The first one is running in a master that starts. */
	m->load_again = m->load != NULL && m->phase != MASTER_STOPPING;
	if (m->load != NULL || m->phase != MASTER_RUNNING)
		return;
	log_info("reload: reading the configuration");
	reload_expected(m);
	m->loads++;
	m->load = load_start(m, on_done, &err);
	if (m->load != NULL)
		return;
	roll_back(m, err.text);
	pass_release(m->pass);
}
