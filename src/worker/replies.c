/* Reply sockets: a list of those that wait, one of those in use. */
#include "worker/replies.h"

#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/fdpass.h"
#include "worker/answer.h"
#include "worker/request.h"
#include "worker/session.h"

/* So long a pair waits for a request. */
#define KEEP_MS 1000

/* The list that a pair is in which has both ends here. */
static struct reply_pairs *
list_of(struct reply_pair *p)
{
	struct replies *all = &p->worker->replies;

	return p->request != NULL ? &all->used : &all->waiting;
}

static void
close_theirs(struct reply_pair *p)
{
	if (p->theirs < 0)
		return;
	TAILQ_REMOVE(list_of(p), p, link);
	close(p->theirs);
	p->theirs = -1;
}

static void
reply_readable(evutil_socket_t fd, short what, void *arg)
{
	struct reply_pair *p = arg;

	(void)fd;
	(void)what;
	/* Nobody has been asked anything. */
	if (p->request == NULL)
		replies_drop(&p);
	else
		answer_read(p->request);
}

static void
watch(struct worker *w)
{
	const struct timeval tv = { .tv_usec = REPLIES_LOOK_MS * 1000 };

	if (event_add(&w->replies.timer, &tv) != 0)
		log_error("no timer for replies: out of memory");
}

/* Who has not answered yet may have died; and not all are needed for ever. */
static void
look(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct reply_pairs *used = &w->replies.used;
	struct reply_pairs *waiting = &w->replies.waiting;
	uint64_t now = clock_ms();
	struct reply_pair *p;

	(void)fd;
	(void)what;
	while ((p = TAILQ_FIRST(used)) != NULL &&
	    p->since_ms + REPLIES_LOOK_MS <= now)
		close_theirs(p);
	while ((p = TAILQ_LAST(waiting, reply_pairs)) != NULL &&
	    p->since_ms + KEEP_MS <= now)
		replies_drop(&p);
	if (!TAILQ_EMPTY(used) || !TAILQ_EMPTY(waiting))
		watch(w);
}

void
replies_init(struct worker *w)
{
	TAILQ_INIT(&w->replies.waiting);
	TAILQ_INIT(&w->replies.used);
	event_assign(&w->replies.timer, w->base, -1, 0, look, w);
}

void
replies_fini(struct worker *w)
{
	struct reply_pair *p;

	event_del(&w->replies.timer);
	while ((p = TAILQ_FIRST(&w->replies.waiting)) != NULL)
		replies_drop(&p);
}

/* fds: ours and theirs. */
static struct reply_pair *
pair_new(struct worker *w, const int fds[2])
{
	struct reply_pair *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->worker = w;
	p->ours = fds[0];
	p->theirs = fds[1];
	event_assign(&p->event, w->base, p->ours, EV_READ | EV_PERSIST,
	    reply_readable, p);
	if (event_add(&p->event, NULL) == 0)
		return p;
	free(p);
	return NULL;
}

struct reply_pair *
replies_get(struct worker *w)
{
	struct reply_pair *p = TAILQ_FIRST(&w->replies.waiting);
	int fds[2];

	if (p != NULL || fdpass_pair(fds, NULL) != 0)
		return p;
	p = pair_new(w, fds);
	if (p == NULL) {
		close(fds[0]);
		close(fds[1]);
		return NULL;
	}
	TAILQ_INSERT_HEAD(&w->replies.waiting, p, link);
	return p;
}

int
replies_adopt(struct request *r, int fd)
{
	const int fds[2] = { fd, -1 };

	r->reply = pair_new(r->session->worker, fds);
	if (r->reply == NULL)
		return -1;
	r->reply->request = r;
	return 0;
}

void
replies_lend(struct reply_pair *p, struct request *r)
{
	struct replies *all = &p->worker->replies;

	TAILQ_REMOVE(&all->waiting, p, link);
	TAILQ_INSERT_TAIL(&all->used, p, link);
	p->request = r;
	p->since_ms = clock_ms();
	if (!event_pending(&all->timer, EV_TIMEOUT, NULL))
		watch(p->worker);
}

void
replies_return(struct reply_pair **pp)
{
	struct reply_pair *p = *pp;
	struct replies *all = &p->worker->replies;

	if (p->theirs < 0) {
		replies_drop(pp);
		return;
	}
	TAILQ_REMOVE(&all->used, p, link);
	/* In front: what was used last is warm. */
	TAILQ_INSERT_HEAD(&all->waiting, p, link);
	p->request = NULL;
	*pp = NULL;
}

void
replies_drop(struct reply_pair **pp)
{
	int ours = (*pp)->ours;

	replies_forget(pp);
	close(ours);
}

void
replies_forget(struct reply_pair **pp)
{
	struct reply_pair *p = *pp;

	event_del(&p->event);
	close_theirs(p);
	free(p);
	*pp = NULL;
}

void
replies_stop(struct reply_pair *p)
{
	event_del(&p->event);
}

int
replies_go_on(struct reply_pair *p)
{
	return event_add(&p->event, NULL);
}
