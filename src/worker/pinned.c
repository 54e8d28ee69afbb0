/* Replies that pin a collector, the oldest first. */
#include "worker/pinned.h"

#include <inttypes.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/queue.h"
#include "worker/answer.h"
#include "worker/generation.h"
#include "worker/request.h"
#include "worker/session.h"

#define LOOK_MS 250

struct pinned {
	struct worker *worker;
	int queue_fd;
	struct event timer;
	TAILQ_HEAD(, request) requests;
	size_t n;
};

/* Do we hold half of what is our part of all collectors? */
static bool
is_too_much(const struct pinned *pins)
{
	const struct generation *g = pins->worker->current;

	return g != NULL &&
	    2 * pins->n >= (size_t)g->conf.database.connections;
}

/* Since when?  A reply behind another of its client waits with that one. */
static uint64_t
stalled_since(const struct request *r)
{
	uint64_t moved_ms = r->session->output.moved_ms;

	return r->pinned_ms > moved_ms ? r->pinned_ms : moved_ms;
}

static struct request *
most_stalled(const struct pinned *pins)
{
	struct request *r, *most = NULL;

	TAILQ_FOREACH(r, &pins->requests, of_pinned)
		if (most == NULL || stalled_since(r) < stalled_since(most))
			most = r;
	return most;
}

static void
watch(struct pinned *pins)
{
	const struct timeval tv = { .tv_usec = LOOK_MS * 1000 };

	if (pins->n > 0 && event_add(&pins->timer, &tv) != 0)
		log_error("no timer for unread replies: out of memory");
}

static void
look(evutil_socket_t fd, short what, void *arg)
{
	struct pinned *pins = arg;
	struct request *r = most_stalled(pins);

	(void)fd;
	(void)what;
	/* Requests of all workers are in the queue, not ours alone. */
	if (r != NULL && is_too_much(pins) && clock_ms() >= stalled_since(r) +
	    (uint64_t)session_conf(r->session)->limits.unread_timeout_ms &&
	    queue_unread(pins->queue_fd) > 0) {
		log_warn("request %016" PRIx64 ": ended: its client does not "
		    "read while others wait", r->id);
		answer_give_up(r);
	}
	watch(pins);
}

struct pinned *
pinned_new(struct worker *w, int queue_fd)
{
	struct pinned *pins = calloc(1, sizeof(*pins));

	if (pins == NULL)
		return NULL;
	pins->worker = w;
	pins->queue_fd = queue_fd;
	TAILQ_INIT(&pins->requests);
	event_assign(&pins->timer, w->base, -1, 0, look, pins);
	return pins;
}

void
pinned_free(struct pinned **pins)
{
	if (*pins == NULL)
		return;
	event_del(&(*pins)->timer);
	free(*pins);
	*pins = NULL;
}

void
pinned_add(struct request *r)
{
	struct pinned *pins = r->session->worker->pinned;

	r->pinned_ms = clock_ms();
	TAILQ_INSERT_TAIL(&pins->requests, r, of_pinned);
	if (pins->n++ == 0)
		watch(pins);
}

void
pinned_remove(struct request *r)
{
	struct pinned *pins = r->session->worker->pinned;

	TAILQ_REMOVE(&pins->requests, r, of_pinned);
	if (--pins->n == 0)
		event_del(&pins->timer);
}
