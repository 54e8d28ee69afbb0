/*
 * What a worker is to the master, and what it may say.  Everything is checked
 * like input from a stranger: -1 costs the worker its life.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/address.h"
#include "master/control.h"
#include "master/front.h"
#include "master/limit.h"
#include "master/look.h"
#include "master/pass.h"
#include "master/suspect.h"
#include "master/slot_kinds.h"
#include "master/slots.h"
#include "master/state.h"
#include "master/views.h"

static int
worker_adopted(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_adopted m;

	(void)fds;
	if (msg_get_adopted(data, len, &m) != 0)
		return -1;
	pass_adopted(c->m->pass, c->place, m.tag);
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
	addresses_let(c->m->addresses, m.address, c->place, clock_ms());
	front_take(c->m, fds[0], m.address, &m.bytes);
	fds[0] = -1;
	return 0;
}

/*
 * A session that goes on in another worker.  ADOPTED is said when that one has
 * it: so a worker gives no more than the others take.
 */
static int
worker_session(struct child *c, const void *data, size_t len, int *fds,
    size_t nfds)
{
	struct msg_session m;
	size_t i;

	if (msg_get_session(data, len, &m) != 0 || !m.live ||
	    msg_session_fds(&m) != nfds ||
	    !pass_owns(c->m->pass, c->place, m.sid))
		return -1;
	for (i = 0; i < m.nconns; i++)
		addresses_let(c->m->addresses, m.address, c->place,
		    clock_ms());
	pass_move(c->m->pass, c->place, &m, fds);
	for (i = 0; i < nfds; i++)
		fds[i] = -1;
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
	verdict.granted = !limit_is_failing(c->m, m.address) &&
	    look_key(c->m->keys, m.psk.data, m.psk.len,
	    verdict.key) == MSG_GRANT_YES;
	if (verdict.granted)
		pass_joined(c->m->pass, c->place, m.sid);
	else
		limit_failed(c->m, m.address);
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
	pass_closed(c->m->pass, c->place, m.sid);
	return 0;
}

static int
worker_gone(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_gone m;

	(void)fds;
	if (msg_get_gone(data, len, &m) != 0)
		return -1;
	addresses_let(c->m->addresses, m.address, c->place, clock_ms());
	return 0;
}

static int
worker_joined(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_joined m;

	(void)fds;
	if (msg_get_joined(data, len, &m) != 0)
		return -1;
	pass_joined(c->m->pass, c->place, m.sid);
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
	/* It did not know yet what is on its way to it. */
	if (pass_gives(c->m->pass, c->place, m.generation))
		return 0;
	views_release(c->m->slots->views, c->place, m.generation);
	views_tell_dropped(c, m.generation);
	slots_drop_unused(c->m->slots);
	return 0;
}

static int
worker_told(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_told m;

	(void)fds;
	if (msg_get_told(data, len, &m) != 0)
		return -1;
	control_told(c->m->control, c->place, data, len);
	return 0;
}

/* It shall end: somebody told it so, or it has served for long enough. */
static int
worker_move(struct child *c, const void *data, size_t len, int *fds)
{
	(void)data;
	(void)fds;
	if (len != 1)
		return -1;
	if (c->m->phase == MASTER_RUNNING)
		slots_empty_worker(c);
	return 0;
}

static int
worker_moved(struct child *c, const void *data, size_t len, int *fds)
{
	(void)data;
	(void)fds;
	if (len != 1 || c->move_ms == 0)
		return -1;
	slots_worker_moved(c);
	return 0;
}

static int
worker_unsound(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_unsound m;

	(void)fds;
	if (msg_get_unsound(data, len, &m) != 0)
		return -1;
	slots_unsound(c->m->slots, m.id);
	return 0;
}

static int
worker_shared(struct child *c, const void *data, size_t len, int *fds)
{
	struct msg_shared m;

	(void)fds;
	if (msg_get_shared(data, len, &m) != 0)
		return -1;
	c->m->counters.shared += m.n;
	return 0;
}

static const struct child_message worker_messages[MSG_TYPES] = {
	[MSG_ADOPTED] = { .handle = worker_adopted },
	[MSG_BACK] = { .handle = worker_back, .nfds = 1 },
	[MSG_AUTH] = { .handle = worker_auth },
	[MSG_CLOSED] = { .handle = worker_closed },
	[MSG_FREED_VIEW] = { .handle = worker_freed_view },
	[MSG_GONE] = { .handle = worker_gone },
	[MSG_JOINED] = { .handle = worker_joined },
	[MSG_TOLD] = { .handle = worker_told },
	[MSG_UNSOUND] = { .handle = worker_unsound },
	[MSG_SHARED] = { .handle = worker_shared },
	[MSG_SESSION] = { .handle_any = worker_session },
	[MSG_MOVE] = { .handle = worker_move },
	[MSG_MOVED] = { .handle = worker_moved }
};

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
	suspects_tell(c);
}

static void
worker_ready(struct child *c)
{
	pass_worker_up(c->m->pass, c->place, c->ch);
}

static void
worker_down(struct child *c)
{
	size_t lost = pass_worker_down(c->m->pass, c->place);

	if (lost > 0)
		log_warn("%s: %zu sessions died with it", c->name, lost);
	control_worker_down(c->m->control, c->place);
	addresses_let_all(c->m->addresses, c->place, clock_ms());
	views_release_all(c->m->slots->views, c->place);
	slots_drop_unused(c->m->slots);
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

const struct child_kind worker_kind = {
	.role = SPAWN_WORKER,
	.messages = worker_messages,
	.descriptors = worker_descriptors,
	.started = worker_started,
	.ready = worker_ready,
	.down = worker_down,
	.proved = worker_proved,
	.reaped = worker_reaped
};
