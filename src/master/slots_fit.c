/*
 * How many processes there are.  Each slot has one worker that stays and
 * `connections` collectors; others are leaving.  A worker that leaves serves
 * on until another one can take its sessions; then it is told MOVE, says MOVED
 * when it holds nothing any more, and is stopped.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "master/pass.h"
#include "master/slot_kinds.h"
#include "master/slots.h"
#include "master/state.h"

static size_t
count_slots(const struct conf *c)
{
	long cores;

	if (c->workers > 0)
		return (size_t)c->workers;
	cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores > 0 ? (size_t)cores : 1;
}

/* ---- workers ------------------------------------------------------------- */

void
slots_forget_worker(struct slots *s, struct child *c)
{
	TAILQ_REMOVE(&s->workers, c, entry);
	child_fini(c);
	free(c);
}

/* The one of this slot that stays; NULL = none. */
static struct child *
find_worker(const struct slots *s, unsigned int number)
{
	struct child *c;

	TAILQ_FOREACH(c, &s->workers, entry)
		if (c->worker == number && !c->leaving)
			return c;
	return NULL;
}

/* Behind those of its number, so that lists are in order. */
static void
insert_worker(struct slots *s, struct child *c)
{
	struct child *next;

	TAILQ_FOREACH(next, &s->workers, entry)
		if (next->worker > c->worker)
			break;
	if (next != NULL)
		TAILQ_INSERT_BEFORE(next, c, entry);
	else
		TAILQ_INSERT_TAIL(&s->workers, c, entry);
}

static size_t
free_place(const struct slots *s)
{
	size_t place;

	for (place = 1; place <= SLOTS_PLACES; place++)
		if (slots_worker(s, place) == NULL)
			return place;
	return 0;
}

struct child *
slots_add_worker(struct slots *s, unsigned int number)
{
	size_t place = free_place(s);
	struct child *c = place == 0 ? NULL : calloc(1, sizeof(*c));

	if (c == NULL) {
		log_error("worker %u: not started yet: %s", number,
		    place == 0 ? "too many are leaving" : "out of memory");
		return NULL;
	}
	child_init(c, s->m, &worker_kind, number, 0);
	c->place = place;
	insert_worker(s, c);
	return c;
}

static void
add_worker(struct slots *s, unsigned int number)
{
	struct child *c = slots_add_worker(s, number);

	if (c == NULL)
		s->fit_again = true;
	else
		child_start(c);
}

/* One without sessions ends at once; c may be gone afterwards. */
static void
leave(struct slots *s, struct child *c)
{
	c->leaving = true;
	if (!child_runs(c)) {
		slots_forget_worker(s, c);
		return;
	}
	log_info("%s: pid %d will be emptied, and end", c->name, (int)c->pid);
	if (c->state != CHILD_READY)
		child_stop(c);
}

void
slots_empty_worker(struct child *c)
{
	struct slots *s = c->m->slots;

	if (c->leaving)
		return;
	leave(s, c);
	slots_fit(s);
}

static void
tell_move(struct child *c, uint64_t now_ms)
{
	struct buf b;

	pass_worker_leaves(c->m->pass, c->place);
	c->move_ms = now_ms;
	buf_init(&b, 0);
	if (msg_put_move(&b, MSG_MOVE) != 0)
		child_kill(c, "out of memory");
	else
		child_send(c, &b, NULL, 0);
	buf_fini(&b);
}

void
slots_worker_moved(struct child *c)
{
	if (c->state == CHILD_READY)
		child_stop(c);
}

void
slots_fit_watch(struct slots *s, uint64_t now_ms)
{
	const struct conf *conf = &s->m->conf;
	uint64_t patience_ms = (uint64_t)(conf->limits.move_timeout_ms +
	    conf->limits.drain_timeout_ms + conf->limits.start_timeout_ms);
	struct child *c;

	if (s->m->phase != MASTER_RUNNING)
		return;
	TAILQ_FOREACH(c, &s->workers, entry) {
		if (!c->leaving || c->state == CHILD_DYING)
			continue;
		if (c->state == CHILD_READY && c->move_ms == 0 &&
		    pass_can_leave(s->m->pass, c->place))
			tell_move(c, now_ms);
		else if (c->move_ms != 0 && now_ms > c->move_ms + patience_ms)
			child_kill(c, "it did not come to its end");
	}
	if (s->fit_again)
		slots_fit(s);
}

/* ---- collectors ---------------------------------------------------------- */

void
slots_forget_collector(struct slots *s, struct collector *k)
{
	TAILQ_REMOVE(&s->collectors, k, entry);
	child_fini(&k->child);
	collector_forget_page(k);
	free(k);
}

static bool
is_before(const struct child *a, const struct child *b)
{
	return a->worker < b->worker ||
	    (a->worker == b->worker && a->index < b->index);
}

struct collector *
slots_add_collector(struct slots *s, unsigned int number, unsigned int index)
{
	struct collector *k = calloc(1, sizeof(*k)), *next;

	if (k == NULL) {
		log_error("collector %u.%u: not started yet: out of memory",
		    number, index);
		return NULL;
	}
	k->status_fd = -1;
	child_init(&k->child, s->m, &collector_kind, number, index);
	TAILQ_FOREACH(next, &s->collectors, entry)
		if (is_before(&k->child, &next->child))
			break;
	if (next != NULL)
		TAILQ_INSERT_BEFORE(next, k, entry);
	else
		TAILQ_INSERT_TAIL(&s->collectors, k, entry);
	return k;
}

static void
add_collector(struct slots *s, unsigned int number, unsigned int index)
{
	struct collector *k = slots_add_collector(s, number, index);

	if (k == NULL)
		s->fit_again = true;
	else
		child_start(&k->child);
}

static bool
has_collector(const struct slots *s, unsigned int number, unsigned int index)
{
	const struct collector *k;

	TAILQ_FOREACH(k, &s->collectors, entry)
		if (k->child.worker == number && k->child.index == index &&
		    !k->child.leaving)
			return true;
	return false;
}

/* It finishes what it runs, and takes nothing more. */
static void
end_collector(struct slots *s, struct collector *k)
{
	k->child.leaving = true;
	child_stop(&k->child);
	if (!child_runs(&k->child))
		slots_forget_collector(s, k);
}

void
slots_replace_collector(struct slots *s, struct collector *k)
{
	if (k->child.leaving || s->m->phase != MASTER_RUNNING)
		return;
	s->m->counters.recycled++;
	k->child.leaving = true;
	slots_fit(s);
}

void
slots_collector_follows(struct slots *s, const struct collector *k)
{
	struct collector *old;

	if (k->child.leaving)
		return;
	/* One of the binary before reads another queue: see slots_old.c. */
	TAILQ_FOREACH(old, &s->collectors, entry)
		if (old->child.leaving && !old->child.inherited &&
		    old->child.state == CHILD_READY &&
		    old->child.worker == k->child.worker &&
		    old->child.index == k->child.index)
			child_stop(&old->child);
}

/* ---- both ---------------------------------------------------------------- */

static void
end_too_many(struct slots *s, size_t per_slot)
{
	struct collector *k, *next_k;
	struct child *c, *next_c;

	for (c = TAILQ_FIRST(&s->workers); c != NULL; c = next_c) {
		next_c = TAILQ_NEXT(c, entry);
		if (c->worker > s->nworkers && !c->leaving)
			leave(s, c);
	}
	for (k = TAILQ_FIRST(&s->collectors); k != NULL; k = next_k) {
		next_k = TAILQ_NEXT(k, entry);
		if ((k->child.worker > s->nworkers ||
		    k->child.index > per_slot) && !k->child.leaving)
			end_collector(s, k);
	}
}

void
slots_fit(struct slots *s)
{
	size_t per_slot = (size_t)s->m->conf.database.connections;
	unsigned int number, index;

	s->fit_again = false;
	s->nworkers = count_slots(&s->m->conf);
	s->ncollectors = s->nworkers * per_slot;
	end_too_many(s, per_slot);
	for (number = 1; number <= s->nworkers; number++) {
		if (find_worker(s, number) == NULL)
			add_worker(s, number);
		for (index = 1; index <= per_slot; index++)
			if (!has_collector(s, number, index))
				add_collector(s, number, index);
	}
}
