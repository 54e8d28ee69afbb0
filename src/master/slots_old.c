/*
 * Children that a master of another binary has left: they serve on until
 * their sessions have moved and their requests are answered.  Workers come to
 * an end like all that are leaving; collectors when no worker is left that
 * asks them and their own queue, which nobody else reads, is empty.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/handover.h"
#include "ipc/queue.h"
#include "master/pass.h"
#include "master/slot_kinds.h"
#include "master/slots.h"
#include "master/state.h"

/* Between being told to stop and being killed. */
#define LAST_MS 1500

/* ---- leaving them -------------------------------------------------------- */

static bool
can_be_left(const struct child *c)
{
	return child_runs(c) && c->ch != NULL && c->state != CHILD_DYING;
}

static int
put_child(const struct child *c, enum handover_kind kind, struct buf *state)
{
	const struct handover_item item = {
		.kind = kind,
		.fds = { channel_fd(c->ch), -1 },
		.numbers = { (uint32_t)c->pid, c->worker, c->index }
	};

	return handover_put(state, &item);
}

int
slots_hand_over(const struct slots *s, struct buf *state)
{
	const struct handover_item queue = {
		.kind = HANDOVER_QUEUE, .fds = { s->queue_write, s->queue_read }
	};
	const struct collector *k;
	const struct child *c;

	if (handover_put(state, &queue) != 0)
		return -1;
	TAILQ_FOREACH(c, &s->workers, entry)
		if (can_be_left(c) &&
		    (put_child(c, HANDOVER_WORKER, state) != 0 ||
		    pass_hand_over(s->m->pass, c->place, c->pid, state) != 0))
			return -1;
	TAILQ_FOREACH(k, &s->collectors, entry)
		if (can_be_left(&k->child) &&
		    put_child(&k->child, HANDOVER_COLLECTOR, state) != 0)
			return -1;
	return 0;
}

bool
slots_can_hand_over(const struct slots *s)
{
	const struct collector *k;
	const struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		if (c->ch != NULL && channel_queued(c->ch) > 0)
			return false;
	TAILQ_FOREACH(k, &s->collectors, entry)
		if (k->child.ch != NULL && channel_queued(k->child.ch) > 0)
			return false;
	return true;
}

/* ---- having them --------------------------------------------------------- */

static int
inherit_worker(struct slots *s, const struct handover_item *item)
{
	struct child *c = slots_add_worker(s, item->numbers[1]);

	if (c == NULL) {
		close(item->fds[0]);
		return -1;
	}
	if (child_inherit(c, (pid_t)item->numbers[0], item->fds[0]) != 0) {
		slots_forget_worker(s, c);
		return -1;
	}
	pass_worker_up(s->m->pass, c->place, c->ch);
	pass_worker_leaves(s->m->pass, c->place);
	return 0;
}

static int
inherit_collector(struct slots *s, const struct handover_item *item)
{
	struct collector *k = slots_add_collector(s, item->numbers[1],
	    item->numbers[2]);

	if (k == NULL) {
		close(item->fds[0]);
		return -1;
	}
	if (child_inherit(&k->child, (pid_t)item->numbers[0],
	    item->fds[0]) != 0) {
		slots_forget_collector(s, k);
		return -1;
	}
	return 0;
}

static int
inherit_queue(struct slots *s, const struct handover_item *item)
{
	if (s->old_write >= 0) {
		close(item->fds[0]);
		close(item->fds[1]);
		return -1;
	}
	s->old_write = item->fds[0];
	s->old_read = item->fds[1];
	return 0;
}

static int
inherit_session(struct slots *s, const struct handover_item *item)
{
	char sid[MSG_SID_LEN + 1] = "";
	const struct child *c;

	memcpy(sid, item->text.data, MSG_SID_LEN);
	TAILQ_FOREACH(c, &s->workers, entry)
		if (c->inherited && c->pid == (pid_t)item->numbers[0])
			return pass_inherit(s->m->pass, c->place, sid,
			    item->flag);
	return -1;
}

void
slots_inherit(struct slots *s, const struct handover_item *item)
{
	static int (*const inherit[HANDOVER_KINDS])(struct slots *,
	    const struct handover_item *) = {
		[HANDOVER_QUEUE] = inherit_queue,
		[HANDOVER_WORKER] = inherit_worker,
		[HANDOVER_COLLECTOR] = inherit_collector,
		[HANDOVER_SESSION] = inherit_session
	};

	s->inherited_ms = clock_ms();
	if (inherit[item->kind](s, item) != 0)
		log_warn("a %s of the binary before was not taken over",
		    handover_name(item->kind));
}

/* ---- until they are gone ------------------------------------------------- */

static bool
has_old_workers(const struct slots *s)
{
	const struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		if (c->inherited)
			return true;
	return false;
}

static bool
has_old_collectors(const struct slots *s)
{
	const struct collector *k;

	TAILQ_FOREACH(k, &s->collectors, entry)
		if (k->child.inherited)
			return true;
	return false;
}

bool
slots_have_old(const struct slots *s)
{
	return has_old_workers(s) || has_old_collectors(s);
}

void
slots_forget_old_queue(struct slots *s)
{
	if (s->old_write >= 0) {
		close(s->old_write);
		close(s->old_read);
	}
	s->old_write = s->old_read = -1;
}

/* STOP, then SIGKILL: a worker says 1001 to those that are left. */
static void
end(struct child *c, bool kill)
{
	if (!c->inherited || c->state == CHILD_DYING)
		return;
	if (kill)
		child_kill(c, "it did not end within takeover_timeout");
	else if (c->state == CHILD_READY)
		child_stop(c);
}

void
slots_old_watch(struct slots *s, uint64_t now_ms)
{
	uint64_t late_ms = s->inherited_ms +
	    (uint64_t)s->m->conf.limits.takeover_timeout_ms;
	struct collector *k;
	struct child *c;

	if (s->old_write < 0 || s->m->phase != MASTER_RUNNING)
		return;
	if (now_ms >= late_ms)
		TAILQ_FOREACH(c, &s->workers, entry)
			end(c, now_ms >= late_ms + LAST_MS);
	if (now_ms >= late_ms ||
	    (!has_old_workers(s) && queue_unread(s->old_write) <= 0))
		TAILQ_FOREACH(k, &s->collectors, entry)
			end(&k->child, now_ms >= late_ms + LAST_MS);
	if (slots_have_old(s))
		return;
	slots_forget_old_queue(s);
	log_info("upgrade: the last process of the binary before has ended");
}
