/* Generations of the configuration, counted by the sessions that hold them. */
#include "worker/generation.h"

#include <stdlib.h>
#include <unistd.h>

#include "ipc/channel.h"
#include "ipc/msg.h"
#include "ipc/view.h"

static void
generation_free(struct generation *g)
{
	log_debug("generation %u: freed", (unsigned int)g->number);
	LIST_REMOVE(g, link);
	if (g->worker->current == g)
		g->worker->current = NULL;
	conf_fini(&g->conf);
	free(g);
}

/* The master asks nobody for an old view twice: it counts these. */
static void
tell_freed(struct generation *g)
{
	struct msg_view m = { .generation = g->number };
	struct buf b;

	buf_init(&b, 0);
	if (msg_put_view(&b, MSG_FREED_VIEW, &m) != 0 ||
	    channel_send(g->worker->master, &b, NULL, 0) != 0)
		log_warn("generation %u: the master was not told that it "
		    "is free: out of memory", (unsigned int)g->number);
	buf_fini(&b);
}

/* Nobody here holds g: what follows from that? */
static void
unused(struct generation *g)
{
	if (g == g->worker->current)
		return;
	if (g->dropped)
		generation_free(g);
	else
		tell_freed(g);
}

static int
decode(struct generation *g, int fd, struct err *err)
{
	const char *data;
	size_t len;
	int result;

	if (view_map(fd, &data, &len, err) != 0)
		return -1;
	result = conf_view_get(&g->conf, data, len, err);
	view_unmap(data, len);
	return result;
}

static struct generation *
generation_new(struct worker *w, uint32_t number, int fd, struct err *err)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		err_set(err, ERR_INTERNAL, "out of memory");
		return NULL;
	}
	g->worker = w;
	g->number = number;
	if (decode(g, fd, err) != 0) {
		free(g);
		return NULL;
	}
	LIST_INSERT_HEAD(&w->generations, g, link);
	return g;
}

int
generation_add(struct worker *w, uint32_t number, int fd, struct err *err)
{
	struct generation *old = w->current;
	struct generation *g;

	if (generation_find(w, number) != NULL)
		return err_set(err, ERR_INTERNAL,
		    "generation %u came twice", (unsigned int)number);
	g = generation_new(w, number, fd, err);
	if (g == NULL)
		return -1;
	w->current = g;
	if (old != NULL && old->sessions == 0)
		unused(old);
	return 0;
}

int
generation_add_old(struct worker *w, uint32_t number, int fd, struct err *err)
{
	if (generation_find(w, number) != NULL)
		return 0;
	return generation_new(w, number, fd, err) == NULL ? -1 : 0;
}

struct generation *
generation_find(struct worker *w, uint32_t number)
{
	struct generation *g;

	LIST_FOREACH(g, &w->generations, link)
		if (g->number == number)
			return g;
	return NULL;
}

void
generation_hold(struct generation *g)
{
	g->sessions++;
}

void
generation_release(struct generation *g)
{
	if (--g->sessions == 0)
		unused(g);
}

void
generation_drop(struct worker *w, uint32_t number)
{
	struct generation *g = generation_find(w, number);

	if (g == NULL || g == w->current) {
		log_warn("generation %u: cannot be dropped: it is %s",
		    (unsigned int)number,
		    g == NULL ? "unknown" : "the current one");
		return;
	}
	g->dropped = true;
	if (g->sessions == 0)
		generation_free(g);
}

static size_t
workers(const struct generation *g)
{
	long cores;

	if (g->conf.workers > 0)
		return (size_t)g->conf.workers;
	cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores > 0 ? (size_t)cores : 1;
}

size_t
generation_collectors(const struct generation *g)
{
	return workers(g) * (size_t)g->conf.database.connections;
}

void
generation_free_all(struct worker *w)
{
	struct generation *g;

	while ((g = LIST_FIRST(&w->generations)) != NULL)
		generation_free(g);
}
