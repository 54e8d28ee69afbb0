/*
 * What becomes of transfers whose taker has died, and of those that wait in
 * limbo for one.
 */
#include "master/pass_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "ipc/channel.h"

/* t, a ROUTE which is in no list, goes back to where it came from. */
static void
orphan(struct pass *p, struct transfer *t)
{
	struct msg_route m;

	if (msg_get_route(t->msg.data, t->msg.len, &m) == 0) {
		p->handlers->orphan(p->ctx, t->fds[0], m.address, &m.bytes);
		t->nfds = 0;
	}
	pass_drop(t);
}

static void
give_session_again(struct pass *p, struct transfer *t)
{
	struct owner *o = pass_owner(p, t->sid);

	if (t->given >= GIVEN_MAX) {
		log_warn("session %s: given up: given to %u workers", t->sid,
		    t->given);
		pass_settle(p, t);
		pass_forget(p, o);
		return;
	}
	pass_own(o, pass_choose(p));
	if (pass_give(p, o->taker, t) != 0)
		pass_forget(p, o);
}

/* Find a new taker for all that stands in a list, in its order. */
static void
give_again(struct pass *p, struct transfers *list)
{
	struct transfer *t;
	struct owner *o;

	while ((t = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, t, entry);
		o = pass_owner(p, t->sid);
		if (pass_is_session(t) && o != NULL)
			give_session_again(p, t);
		else if (pass_is_session(t))
			pass_settle(p, t);
		else if (o == NULL)
			orphan(p, t);
		else
			(void)!pass_give(p, o->taker, t);
	}
}

static void
empty(struct taker *taker, struct transfers *list)
{
	TAILQ_INIT(list);
	TAILQ_CONCAT(list, &taker->transfers, entry);
}

void
pass_worker_up(struct pass *p, size_t worker, struct channel *ch)
{
	struct taker *taker = &p->takers[worker];

	taker->ch = ch;
	taker->leaves = false;
	TAILQ_INSERT_TAIL(&p->up, taker, entry);
	if (p->held_until_ms == 0)
		pass_release(p);
}

void
pass_worker_leaves(struct pass *p, size_t worker)
{
	p->takers[worker].leaves = true;
}

bool
pass_can_leave(const struct pass *p, size_t worker)
{
	const struct taker *taker;

	TAILQ_FOREACH(taker, &p->up, entry)
		if (taker != &p->takers[worker] && !taker->leaves)
			return true;
	return false;
}

/* Nobody is to be told any more what became of the sessions it gave. */
static void
forget_giver(struct pass *p, size_t worker)
{
	struct transfer *t;
	size_t i;

	for (i = 0; i <= p->nworkers; i++)
		TAILQ_FOREACH(t, &p->takers[i].transfers, entry)
			if (t->giver == worker)
				t->giver = 0;
}

size_t
pass_worker_down(struct pass *p, size_t worker)
{
	struct taker *taker = &p->takers[worker];
	struct transfers list;
	struct owner *o, *next;
	size_t lost = 0;

	if (taker->ch != NULL)
		TAILQ_REMOVE(&p->up, taker, entry);
	taker->ch = NULL;
	forget_giver(p, worker);
	for (o = TAILQ_FIRST(&taker->owners); o != NULL; o = next) {
		next = TAILQ_NEXT(o, entry);
		if (!o->adopted)
			continue;
		pass_forget(p, o);
		lost++;
	}
	empty(taker, &list);
	give_again(p, &list);
	return lost;
}

void
pass_hold(struct pass *p, int64_t ms)
{
	if (p->held_until_ms == 0)
		p->held_until_ms = clock_ms() + (uint64_t)ms;
}

void
pass_release(struct pass *p)
{
	struct transfers list;

	p->held_until_ms = 0;
	empty(&p->takers[0], &list);
	give_again(p, &list);
}

void
pass_expire(struct pass *p, uint64_t then_ms)
{
	struct taker *limbo = &p->takers[0];
	struct transfer *t;
	struct owner *o;

	if (p->held_until_ms != 0 && clock_ms() >= p->held_until_ms)
		pass_release(p);
	while ((t = TAILQ_FIRST(&limbo->transfers)) != NULL &&
	    t->since_ms < then_ms) {
		TAILQ_REMOVE(&limbo->transfers, t, entry);
		if (!pass_is_session(t)) {
			orphan(p, t);
			continue;
		}
		log_warn("session %s: given up: no worker is up", t->sid);
		if ((o = pass_owner(p, t->sid)) != NULL)
			pass_forget(p, o);
		pass_settle(p, t);
	}
}
