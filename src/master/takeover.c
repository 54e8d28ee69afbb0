/* From the state of a predecessor to a master that runs. */
#include "master/takeover.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "ipc/handover.h"
#include "ipc/view.h"
#include "master/control.h"
#include "master/front.h"
#include "master/identity.h"
#include "master/listener.h"
#include "master/load.h"
#include "master/reload.h"
#include "master/slots.h"
#include "master/state.h"
#include "master/upgrade.h"

struct takeover {
	const char *data;		/* the state, mapped */
	size_t len;
	struct handover_item *items;	/* point into it */
	size_t n;
	char version[HANDOVER_VERSION_MAX];
	uint32_t generation;
	bool again;			/* once more, as soon as we are done */
	struct msg_bytes pid_file;	/* in the state */
	int views[LOAD_VIEWS];
};

bool
takeover_is_due(void)
{
	return getenv(UPGRADE_VARIABLE) != NULL;
}

void
takeover_free(struct takeover **tp)
{
	struct takeover *t = *tp;

	if (t == NULL)
		return;
	if (t->data != NULL)
		view_unmap(t->data, t->len);
	free(t->items);
	free(t);
	*tp = NULL;
}

/* ---- reading ------------------------------------------------------------- */

/* Its descriptors must be there, and go to no child. */
static int
check_descriptors(const struct handover_item *item, struct err *err)
{
	for (size_t i = 0; i < handover_fds(item->kind); i++)
		if (item->fds[i] <= STDERR_FILENO ||
		    fcntl(item->fds[i], F_SETFD, FD_CLOEXEC) != 0)
			return err_set(err, ERR_INTERNAL, "a %s in the state "
			    "has no descriptor",
			    handover_name(item->kind));
	return 0;
}

static int
add(struct takeover *t, const struct handover_item *item)
{
	struct handover_item *more;

	/* Twice as many whenever their number is a power of two. */
	if ((t->n & (t->n - 1)) == 0) {
		more = reallocarray(t->items, t->n == 0 ? 1 : 2 * t->n,
		    sizeof(*more));
		if (more == NULL)
			return -1;
		t->items = more;
	}
	t->items[t->n++] = *item;
	return 0;
}

static int
take_items(struct takeover *t, struct err *err)
{
	struct wire_reader r = wire_reader(t->data, t->len);
	struct handover_item item;
	size_t nviews = 0;

	if (handover_check(t->data, t->len, err) != 0 ||
	    handover_get_head(&r, t->version, err) != 0)
		return -1;
	while (handover_get(&r, &item) == 1) {
		if (check_descriptors(&item, err) != 0)
			return -1;
		if (item.kind == HANDOVER_MASTER) {
			t->generation = item.numbers[0];
			t->again = item.flag;
			t->pid_file = item.text;
		} else if (item.kind == HANDOVER_VIEW &&
		    nviews < LOAD_VIEWS) {
			t->views[nviews++] = item.fds[0];
		} else if (add(t, &item) != 0) {
			return err_set(err, ERR_INTERNAL, "out of memory");
		}
	}
	if (nviews != LOAD_VIEWS)
		return err_set(err, ERR_INTERNAL, "the state has no views");
	return 0;
}

int
takeover_read(struct master *m, struct err *err)
{
	char *text = identity_take_env(UPGRADE_VARIABLE);
	int fd = text == NULL ? -1 : atoi(text), result;

	if (text == NULL)
		return 0;
	free(text);
	m->takeover = calloc(1, sizeof(*m->takeover));
	if (m->takeover == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	result = view_map(fd, &m->takeover->data, &m->takeover->len, err);
	if (fd > STDERR_FILENO)
		close(fd);
	return result != 0 ? -1 : take_items(m->takeover, err);
}

const int *
takeover_views(const struct takeover *t)
{
	return t->views;
}

uint32_t
takeover_generation(const struct takeover *t)
{
	return t->generation;
}

/* ---- taking -------------------------------------------------------------- */

/* An address that cannot be had does not cost the others. */
static void
take_listeners(struct master *m)
{
	struct takeover *t = m->takeover;
	struct listeners *next;
	size_t first = 0, n = 0;
	struct err err;

	while (first < t->n && t->items[first].kind != HANDOVER_LISTENER)
		first++;
	while (first + n < t->n &&
	    t->items[first + n].kind == HANDOVER_LISTENER)
		n++;
	m->listeners = listeners_inherit(m, &t->items[first], n);
	next = listeners_new(m, &m->conf, &err);
	if (next == NULL)
		log_error("upgrade: %s", err.text);
	if (next != NULL && m->listeners != NULL)
		listeners_replace(&m->listeners, next);
	else if (next != NULL)
		m->listeners = next;
	if (m->listeners != NULL)
		listeners_start(m->listeners);
}

/* It names the same process as before; only its path may be another one. */
static void
take_pid_file(struct master *m)
{
	struct msg_bytes old = m->takeover->pid_file;
	const char *path = m->conf.pid_file;
	char *old_path = strndup(old.len == 0 ? "" : old.data, old.len);
	struct err err;

	m->pid_file_is_ours = path != NULL;
	if (old_path != NULL && *old_path != '\0' &&
	    (path == NULL || strcmp(path, old_path) != 0))
		(void)unlink(old_path);
	if (path != NULL && (old_path == NULL ||
	    strcmp(path, old_path) != 0) &&
	    identity_pid_file(&m->conf, &err) != 0) {
		m->pid_file_is_ours = false;
		log_error("upgrade: %s", err.text);
	}
	free(old_path);
}

static void
each(struct master *m, unsigned int kinds,
    void (*take)(struct master *m, const struct handover_item *item))
{
	const struct takeover *t = m->takeover;

	for (size_t i = 0; i < t->n; i++)
		if (kinds & 1U << t->items[i].kind)
			take(m, &t->items[i]);
}

static void
take_child(struct master *m, const struct handover_item *item)
{
	slots_inherit(m->slots, item);
}

void
takeover_finish(struct master *m)
{
	sigset_t none;
	struct err err;

	take_pid_file(m);
	each(m, 1U << HANDOVER_QUEUE | 1U << HANDOVER_WORKER |
	    1U << HANDOVER_COLLECTOR | 1U << HANDOVER_SESSION, take_child);
	take_listeners(m);
	each(m, 1U << HANDOVER_CONTROL, control_inherit);
	if (control_start(m, &err) != 0)
		log_error("control: %s: no control socket", err.text);
	each(m, 1U << HANDOVER_FRONT, front_inherit);
	each(m, 1U << HANDOVER_CALLER, control_inherit);
	log_info("upgraded from %s to %s: pid %d", m->takeover->version,
	    PACKAGE_VERSION, (int)getpid());
	m->upgrade_again = m->takeover->again;
	takeover_free(&m->takeover);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* What has changed since the trial was told to nobody. */
	reload_start(m);
}
