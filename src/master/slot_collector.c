/*
 * What a collector is to the master: a queue to read from, a status page, and
 * news of its database.
 */
#include <stdatomic.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/queue.h"
#include "ipc/status.h"
#include "master/slot_kinds.h"
#include "master/slots.h"
#include "master/state.h"
#include "master/views.h"

static struct collector *
collector_of(struct child *c)
{
	return (struct collector *)(void *)c;
}

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
	const struct collector *k = (const void *)c;

	return c->was_ready && k->status != NULL &&
	    atomic_load(&k->status->served) > 0;
}

/* Its last wake-up may have died with it: somebody else must look. */
static void
collector_reaped(struct child *c)
{
	collector_forget_page(collector_of(c));
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
