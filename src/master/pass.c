/*
 * Owners and transfers.  A session has an owner from the moment that it is
 * given; a transfer is one SESSION or ROUTE message that nobody has adopted.
 * While no worker is up, "limbo" is the taker of everything.
 */
#include "master/pass_inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/table.h"
#include "ipc/channel.h"
#include "ipc/fdpass.h"
#include "ipc/handover.h"

struct owner *
pass_owner(const struct pass *p, const char *sid)
{
	struct table_node *node = table_find(&p->sids, sid, strlen(sid));

	return node == NULL ? NULL : TABLE_ENTRY(node, struct owner, node);
}

void
pass_own(struct owner *o, struct taker *t)
{
	if (o->taker != NULL) {
		TAILQ_REMOVE(&o->taker->owners, o, entry);
		o->taker->nowners--;
	}
	o->taker = t;
	TAILQ_INSERT_TAIL(&t->owners, o, entry);
	t->nowners++;
}

void
pass_forget(struct pass *p, struct owner *o)
{
	TAILQ_REMOVE(&o->taker->owners, o, entry);
	o->taker->nowners--;
	table_remove(&p->sids, &o->node);
	p->njoined -= o->joined;
	free(o);
}

static void
close_fds(const int *fds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		close(fds[i]);
}

void
pass_drop(struct transfer *t)
{
	close_fds(t->fds, t->nfds);
	buf_fini(&t->msg);
	free(t);
}

/* The giver, if there is one, need not remember t any more, which is freed. */
void
pass_settle(struct pass *p, struct transfer *t)
{
	if (t->giver != 0)
		p->handlers->confirmed(p->ctx, t->giver, t->giver_tag);
	pass_drop(t);
}

/*
 * Without descriptors, for which it has room: they move in once nothing can
 * fail any more.
 */
static struct transfer *
transfer_new(struct pass *p, const char *sid, const char *address,
    size_t nfds)
{
	struct transfer *t = calloc(1, sizeof(*t) + nfds * sizeof(t->fds[0]));

	if (t == NULL)
		return NULL;
	t->tag = ++p->next_tag;
	buf_init(&t->msg, FDPASS_BYTES_MAX);
	memcpy(t->sid, sid, sizeof(t->sid));
	strcpy(t->address, address);
	return t;
}

bool
pass_is_session(const struct transfer *t)
{
	return msg_type(t->msg.data, t->msg.len) == MSG_SESSION;
}

struct taker *
pass_choose(struct pass *p)
{
	struct taker *t, *best = NULL;

	TAILQ_FOREACH(t, &p->up, entry)
		if (!t->leaves && (best == NULL || t->nowners < best->nowners))
			best = t;
	if (best == NULL)
		return &p->takers[0];
	TAILQ_REMOVE(&p->up, best, entry);
	TAILQ_INSERT_TAIL(&p->up, best, entry);
	return best;
}

/* Write t's message anew as revise() leaves it.  0 or -1. */
static int
rewrite(struct transfer *t, msg_revise *revise, void *ctx)
{
	struct msg_session m;
	struct buf fresh;

	if (msg_get_session(t->msg.data, t->msg.len, &m) != 0)
		return -1;
	if (!revise(ctx, &m))
		return 0;
	buf_init(&fresh, FDPASS_BYTES_MAX);
	if (msg_put_session(&fresh, &m) != 0) {
		buf_fini(&fresh);
		return -1;
	}
	buf_fini(&t->msg);
	t->msg = fresh;
	t->generation = m.generation;
	return 0;
}

struct stamp {
	struct pass *pass;
	size_t worker;
};

/*
 * A session that lives keeps its generation, of which its taker is told; one
 * that is new, or whose generation is no more, belongs to the current one.
 */
static bool
stamp(void *ctx, struct msg_session *m)
{
	const struct stamp *to = ctx;
	struct pass *p = to->pass;

	if (m->generation == p->generation || (m->live &&
	    p->handlers->generation(p->ctx, to->worker, m->generation)))
		return false;
	m->generation = p->generation;
	return true;
}

/* What a taker must be told of the generation of t; 0 or -1. */
static int
settle_generation(struct pass *p, size_t worker, struct transfer *t)
{
	struct stamp to = { p, worker };

	if (!pass_is_session(t) || t->generation == p->generation)
		return 0;
	return rewrite(t, stamp, &to);
}

/* Send t, or let it wait; in limbo it always waits.  -1: t is freed. */
int
pass_give(struct pass *p, struct taker *taker, struct transfer *t)
{
	size_t worker = (size_t)(taker - p->takers);

	t->since_ms = clock_ms();
	TAILQ_INSERT_TAIL(&taker->transfers, t, entry);
	if (taker->ch == NULL)
		return 0;
	t->given++;
	if (settle_generation(p, worker, t) == 0 &&
	    channel_send(taker->ch, &t->msg, t->fds, t->nfds) == 0) {
		if (pass_is_session(t) && t->generation != p->generation)
			p->handlers->given(p->ctx, worker, t->generation);
		return 0;
	}
	TAILQ_REMOVE(&taker->transfers, t, entry);
	pass_settle(p, t);
	return -1;
}

int
pass_session(struct pass *p, struct msg_session *m, const int *fds)
{
	struct owner *o = calloc(1, sizeof(*o));
	struct transfer *t = transfer_new(p, m->sid, m->address, m->nconns);

	if (o == NULL || t == NULL)
		goto no_memory;
	m->tag = t->tag;
	m->generation = t->generation = p->generation;
	memcpy(o->sid, m->sid, sizeof(o->sid));
	if (msg_put_session(&t->msg, m) != 0 ||
	    table_insert(&p->sids, &o->node, o->sid, strlen(o->sid)) != 0)
		goto no_memory;
	memcpy(t->fds, fds, m->nconns * sizeof(fds[0]));
	t->nfds = t->nconns = m->nconns;
	pass_own(o, p->held_until_ms != 0 ? &p->takers[0] : pass_choose(p));
	if (pass_give(p, o->taker, t) != 0) {
		pass_forget(p, o);
		return -1;
	}
	return 0;

no_memory:
	close_fds(fds, m->nconns);
	if (t != NULL)
		pass_drop(t);
	free(o);
	return -1;
}

bool
pass_owns(const struct pass *p, size_t worker, const char *sid)
{
	const struct owner *o = pass_owner(p, sid);

	return o != NULL && o->taker == &p->takers[worker];
}

void
pass_move(struct pass *p, size_t worker, struct msg_session *m,
    const int *fds)
{
	size_t nfds = msg_session_fds(m);
	struct owner *o = pass_owner(p, m->sid);
	struct transfer *t = transfer_new(p, m->sid, m->address, nfds);
	uint64_t tag = m->tag;

	if (t != NULL) {
		m->tag = t->tag;
		t->generation = m->generation;
	}
	if (t == NULL || msg_put_session(&t->msg, m) != 0) {
		log_error("session %.6s: lost on its way: out of memory",
		    m->sid);
		close_fds(fds, nfds);
		if (t != NULL)
			pass_drop(t);
		pass_forget(p, o);
		p->handlers->confirmed(p->ctx, worker, tag);
		return;
	}
	memcpy(t->fds, fds, nfds * sizeof(fds[0]));
	t->nfds = nfds;
	t->nconns = m->nconns;
	t->giver = worker;
	t->giver_tag = tag;
	o->adopted = false;
	pass_own(o, pass_choose(p));
	if (pass_give(p, o->taker, t) != 0)
		pass_forget(p, o);
}

bool
pass_gives(const struct pass *p, size_t worker, uint32_t generation)
{
	const struct transfer *t;

	TAILQ_FOREACH(t, &p->takers[worker].transfers, entry)
		if (pass_is_session(t) && t->generation == generation)
			return true;
	return false;
}

int
pass_route(struct pass *p, struct msg_route *m, int fd)
{
	struct owner *o = pass_owner(p, m->sid);
	struct transfer *t = transfer_new(p, m->sid, m->address, 1);

	if (o == NULL || t == NULL)
		goto refused;
	m->tag = t->tag;
	if (msg_put_route(&t->msg, MSG_ROUTE, m) != 0)
		goto refused;
	t->fds[0] = fd;
	t->nfds = t->nconns = 1;
	return pass_give(p, o->taker, t);

refused:
	close(fd);
	if (t != NULL)
		pass_drop(t);
	return -1;
}

bool
pass_knows(const struct pass *p, const char *sid)
{
	return pass_owner(p, sid) != NULL;
}

int
pass_find(const struct pass *p, const char *beginning, char *sid_out,
    unsigned int *worker_out)
{
	size_t len = strlen(beginning);
	struct table_node *node;
	int n = 0;

	for (node = table_first(&p->sids); node != NULL && n < 2;
	    node = table_next(&p->sids, node)) {
		const struct owner *o = TABLE_ENTRY(node, struct owner, node);

		if (strncmp(o->sid, beginning, len) != 0)
			continue;
		n++;
		memcpy(sid_out, o->sid, sizeof(o->sid));
		*worker_out = (unsigned int)(o->taker - p->takers);
	}
	return n;
}

size_t
pass_count(const struct pass *p)
{
	return p->sids.count;
}

void
pass_adopted(struct pass *p, size_t worker, uint64_t tag)
{
	struct taker *taker = &p->takers[worker];
	struct transfer *t;
	struct owner *o;

	TAILQ_FOREACH(t, &taker->transfers, entry)
		if (t->tag == tag)
			break;
	if (t == NULL)
		return;
	TAILQ_REMOVE(&taker->transfers, t, entry);
	p->handlers->adopted(p->ctx, worker, t->address, t->nconns);
	if (pass_is_session(t) && (o = pass_owner(p, t->sid)) != NULL)
		o->adopted = true;
	pass_settle(p, t);
}

void
pass_closed(struct pass *p, size_t worker, const char *sid)
{
	struct owner *o = pass_owner(p, sid);

	if (o != NULL && o->taker == &p->takers[worker])
		pass_forget(p, o);
}

void
pass_joined(struct pass *p, size_t worker, const char *sid)
{
	struct owner *o = pass_owner(p, sid);

	if (o == NULL || o->joined ||
	    (worker != 0 && o->taker != &p->takers[worker]))
		return;
	o->joined = true;
	p->njoined++;
}

size_t
pass_unjoined(const struct pass *p)
{
	return p->sids.count - p->njoined;
}

void
pass_revise(struct pass *p, msg_revise *revise, void *ctx)
{
	struct transfer *t;

	for (size_t i = 0; i <= p->nworkers; i++)
		TAILQ_FOREACH(t, &p->takers[i].transfers, entry)
			if (pass_is_session(t) && rewrite(t, revise, ctx) != 0)
				t->given = GIVEN_MAX;	/* never again */
}

void
pass_generation(struct pass *p, uint32_t generation)
{
	p->generation = generation;
}

size_t
pass_sessions(const struct pass *p, size_t worker)
{
	return p->takers[worker].nowners;
}

uint64_t
pass_unadopted_since(const struct pass *p, size_t worker)
{
	const struct transfer *t = TAILQ_FIRST(&p->takers[worker].transfers);

	return t == NULL ? UINT64_MAX : t->since_ms;
}

bool
pass_is_open(const struct pass *p)
{
	return p->held_until_ms == 0 && !TAILQ_EMPTY(&p->up);
}

bool
pass_is_idle(const struct pass *p)
{
	size_t i;

	for (i = 0; i <= p->nworkers; i++)
		if (!TAILQ_EMPTY(&p->takers[i].transfers))
			return false;
	return true;
}

int
pass_hand_over(const struct pass *p, size_t worker, pid_t pid,
    struct buf *state)
{
	struct handover_item item = { .kind = HANDOVER_SESSION,
	    .numbers = { (uint32_t)pid } };
	const struct owner *o;

	TAILQ_FOREACH(o, &p->takers[worker].owners, entry) {
		item.flag = o->joined;
		item.text = (struct msg_bytes){ o->sid, strlen(o->sid) };
		if (handover_put(state, &item) != 0)
			return -1;
	}
	return 0;
}

int
pass_inherit(struct pass *p, size_t worker, const char *sid, bool joined)
{
	struct owner *o = pass_owner(p, sid) != NULL ? NULL :
	    calloc(1, sizeof(*o));

	if (o == NULL)
		return -1;
	memcpy(o->sid, sid, sizeof(o->sid));
	if (table_insert(&p->sids, &o->node, o->sid, strlen(o->sid)) != 0) {
		free(o);
		return -1;
	}
	o->adopted = true;
	o->joined = joined;
	p->njoined += joined;
	pass_own(o, &p->takers[worker]);
	return 0;
}

struct pass *
pass_new(size_t nworkers, const struct pass_handlers *handlers, void *ctx)
{
	struct pass *p;
	uint64_t seed[2];
	size_t i;

	p = calloc(1, sizeof(*p) + (nworkers + 1) * sizeof(p->takers[0]));
	if (p == NULL)
		return NULL;
	p->handlers = handlers;
	p->ctx = ctx;
	p->nworkers = nworkers;
	TAILQ_INIT(&p->up);
	for (i = 0; i <= nworkers; i++) {
		TAILQ_INIT(&p->takers[i].owners);
		TAILQ_INIT(&p->takers[i].transfers);
	}
	clock_random(seed, sizeof(seed));
	table_init(&p->sids, seed);
	return p;
}

void
pass_free(struct pass **p)
{
	struct taker *taker;
	struct transfer *t;
	struct owner *o;
	size_t i;

	if (*p == NULL)
		return;
	for (i = 0; i <= (*p)->nworkers; i++) {
		taker = &(*p)->takers[i];
		while ((t = TAILQ_FIRST(&taker->transfers)) != NULL) {
			TAILQ_REMOVE(&taker->transfers, t, entry);
			pass_drop(t);
		}
		while ((o = TAILQ_FIRST(&taker->owners)) != NULL)
			pass_forget(*p, o);
	}
	table_fini(&(*p)->sids);
	free(*p);
	*p = NULL;
}
