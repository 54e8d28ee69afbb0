/* A short list in ascending order, its last element the current one. */
#include "master/views.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#include "master/child.h"

struct generation {
	TAILQ_ENTRY(generation) entry;
	uint32_t number;
	int worker_fd, collector_fd;
	size_t nholders;
	bool holds[];		/* by worker */
};

struct views {
	size_t nworkers;
	TAILQ_HEAD(generations, generation) list;
};

static void
take_out(struct views *v, struct generation *g)
{
	TAILQ_REMOVE(&v->list, g, entry);
	close(g->worker_fd);
	close(g->collector_fd);
	free(g);
}

struct views *
views_new(size_t nworkers)
{
	struct views *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->nworkers = nworkers;
	TAILQ_INIT(&v->list);
	return v;
}

void
views_free(struct views **v)
{
	struct generation *g;

	if (*v == NULL)
		return;
	while ((g = TAILQ_FIRST(&(*v)->list)) != NULL)
		take_out(*v, g);
	free(*v);
	*v = NULL;
}

int
views_add(struct views *v, uint32_t number, int worker_fd, int collector_fd)
{
	struct generation *g;

	g = calloc(1, sizeof(*g) + (v->nworkers + 1) * sizeof(g->holds[0]));
	if (g == NULL) {
		close(worker_fd);
		close(collector_fd);
		return -1;
	}
	g->number = number;
	g->worker_fd = worker_fd;
	g->collector_fd = collector_fd;
	TAILQ_INSERT_TAIL(&v->list, g, entry);
	return 0;
}

int
views_collector_fd(const struct views *v)
{
	return TAILQ_LAST(&v->list, generations)->collector_fd;
}

static void
tell(struct child *c, enum msg_type type, uint32_t number, int fd)
{
	struct msg_view m = { .generation = number };
	struct buf b;

	buf_init(&b, 0);
	if (msg_put_view(&b, type, &m) != 0)
		child_kill(c, "out of memory for its view");
	else
		child_send(c, &b, &fd, fd >= 0 ? 1 : 0);
	buf_fini(&b);
}

static void
hold(struct generation *g, const struct child *c)
{
	if (!g->holds[c->place])
		g->nholders++;
	g->holds[c->place] = true;
}

void
views_tell_worker(struct views *v, struct child *c)
{
	struct generation *g = TAILQ_LAST(&v->list, generations);

	hold(g, c);
	tell(c, MSG_VIEW, g->number, g->worker_fd);
}

bool
views_tell_worker_old(struct views *v, struct child *c, uint32_t number)
{
	struct generation *g;

	TAILQ_FOREACH(g, &v->list, entry)
		if (g->number == number)
			break;
	if (g != NULL && !g->holds[c->place]) {
		hold(g, c);
		tell(c, MSG_OLD_VIEW, number, g->worker_fd);
	}
	return g != NULL;
}

void
views_tell_collector_all(struct views *v, struct child *c)
{
	struct generation *g;

	TAILQ_FOREACH(g, &v->list, entry)
		tell(c, MSG_VIEW, g->number, g->collector_fd);
}

void
views_tell_collector(struct views *v, struct child *c)
{
	struct generation *g = TAILQ_LAST(&v->list, generations);

	tell(c, MSG_VIEW, g->number, g->collector_fd);
}

void
views_tell_dropped(struct child *c, uint32_t number)
{
	tell(c, MSG_DROP_VIEW, number, -1);
}

static void
release(struct generation *g, size_t worker)
{
	if (g->holds[worker])
		g->nholders--;
	g->holds[worker] = false;
}

void
views_release(struct views *v, size_t worker, uint32_t number)
{
	struct generation *g;

	TAILQ_FOREACH(g, &v->list, entry)
		if (g->number == number)
			release(g, worker);
}

void
views_release_all(struct views *v, size_t worker)
{
	struct generation *g;

	TAILQ_FOREACH(g, &v->list, entry)
		release(g, worker);
}

uint32_t
views_take_unused(struct views *v)
{
	struct generation *g;
	uint32_t number;

	TAILQ_FOREACH(g, &v->list, entry) {
		if (g->nholders > 0 || TAILQ_NEXT(g, entry) == NULL)
			continue;
		number = g->number;
		take_out(v, g);
		return number;
	}
	return 0;
}
