/*
 * A client's socket in the event loop: one event for reading, writing and
 * deadlines.  An idle connection holds no buffer.
 */
#include "worker/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/msg.h"
#include "worker/adopt.h"
#include "worker/generation.h"

/* What is read at once, unless the kind knows that it needs more. */
#define READ_BYTES (16 * 1024)
/* How long the peer may take to see our end and say its own. */
#define LINGER_MS 5000

static void
conn_free(struct conn *c)
{
	LIST_REMOVE(c, link);
	buf_fini(&c->in);
	if (c->out != NULL)
		evbuffer_free(c->out);
	free(c->address);
	free(c);
}

static void
drop_output(struct conn *c)
{
	evbuffer_free(c->out);
	c->out = NULL;
	c->stall_ms = 0;
}

/* Write what waits; all of it gone = no buffer. */
static void
flush(struct conn *c)
{
	const struct conf *conf = &c->worker->current->conf;
	int n;

	if (c->out == NULL)
		return;
	while (evbuffer_get_length(c->out) > 0) {
		n = evbuffer_write(c->out, c->fd);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			c->broken = errno != EAGAIN && errno != EWOULDBLOCK;
			break;
		}
		c->stall_ms = clock_ms() +
		    (uint64_t)conf->limits.stall_timeout_ms;
	}
	if (evbuffer_get_length(c->out) == 0 || c->broken)
		drop_output(c);
}

/*
 * Connections lend each other the one buffer in which most of what is read is
 * used at once.
 */
static void
borrow_buffer(struct conn *c)
{
	if (c->in.data == NULL) {
		c->in = c->worker->spare;
		buf_init(&c->worker->spare, 0);
	}
}

static void
return_buffer(struct conn *c)
{
	if (c->worker->spare.data == NULL && c->in.size == READ_BYTES) {
		c->worker->spare = c->in;
		buf_init(&c->in, 0);
	} else {
		buf_fini(&c->in);
	}
}

static void
fill(struct conn *c)
{
	size_t want = c->in_need > READ_BYTES ? c->in_need : READ_BYTES;
	char *room;
	ssize_t n;

	borrow_buffer(c);
	room = buf_room(&c->in, want);
	if (room == NULL) {
		log_warn("%s: closed: out of memory", c->address);
		c->eof = c->broken = true;
		return;
	}
	n = recv(c->fd, room, want, 0);
	if (n > 0)
		buf_added(&c->in, (size_t)n);
	else if (n == 0)
		c->eof = true;
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		c->eof = c->broken = true;
}

static uint64_t
next_deadline(const struct conn *c)
{
	if (c->stall_ms == 0 || c->deadline_ms == 0)
		return c->stall_ms + c->deadline_ms;
	return c->stall_ms < c->deadline_ms ? c->stall_ms : c->deadline_ms;
}

static void conn_event(evutil_socket_t fd, short what, void *arg);

/* Wait for what is wanted now, at most until the next deadline. */
static void
watch(struct conn *c)
{
	short wanted = EV_PERSIST;
	uint64_t due = next_deadline(c), now = due != 0 ? clock_ms() : 0;
	uint64_t wait = due > now ? due - now : 0;
	struct timeval tv = {
		.tv_sec = (time_t)(wait / 1000),
		.tv_usec = (suseconds_t)(wait % 1000 * 1000)
	};

	if (!c->blocked && !c->eof)
		wanted |= EV_READ;
	/* Kicked, it writes in any case: most often that is all of it. */
	if (c->out != NULL && !c->kicked)
		wanted |= EV_WRITE;
	if (wanted != c->watched) {
		event_del(&c->event);
		event_assign(&c->event, c->worker->base, c->fd, wanted,
		    conn_event, c);
	} else if (due == 0) {
		event_remove_timer(&c->event);
	}
	if ((due != 0 || wanted != c->watched) &&
	    event_add(&c->event, due != 0 ? &tv : NULL) != 0) {
		log_warn("%s: closed: out of memory", c->address);
		conn_close(c);
		return;
	}
	c->watched = wanted;
	/* In its own turn, or taken off the event by event_del() above. */
	if (c->kicked)
		event_active(&c->event, EV_WRITE, 0);
}

static bool
has_passed(uint64_t deadline_ms)
{
	return deadline_ms != 0 && clock_ms() >= deadline_ms;
}

/* One turn of a connection that is alive. */
static void
turn(struct conn *c, short what)
{
	if ((what & EV_WRITE) != 0)
		flush(c);
	if ((what & EV_READ) != 0 && !c->blocked)
		fill(c);
	if (has_passed(c->stall_ms)) {
		log_info("%s: closed: it left its output unread",
		    c->address);
		c->eof = c->broken = true;
		drop_output(c);
	}
	c->kind->work(c);
	if (!c->dead && has_passed(c->deadline_ms))
		c->kind->late(c);
}

static void
conn_event(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	c->kicked = false;
	if (c->dead) {
		conn_free(c);
		return;
	}
	c->busy = true;
	turn(c, what);
	/* What the kind has put leaves at once. */
	if (c->kicked && !c->dead) {
		c->kicked = false;
		turn(c, EV_WRITE);
	}
	c->busy = false;
	/* Closed in this turn: conn_close() has asked for another. */
	if (c->dead)
		return;
	if (c->in.len == 0)
		return_buffer(c);
	watch(c);
}

struct conn *
conn_new(struct worker *w, int fd, const char *address,
    const struct msg_bytes *bytes)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		goto close;
	buf_init(&c->in, 0);
	c->address = strdup(address);
	if (c->address == NULL ||
	    buf_put(&c->in, bytes->data, bytes->len) != 0)
		goto free;
	c->worker = w;
	c->fd = fd;
	event_assign(&c->event, w->base, fd, EV_PERSIST, conn_event, c);
	c->watched = EV_PERSIST;
	c->kind = &http_kind;
	http_init(&c->u.http);
	LIST_INSERT_HEAD(&w->conns, c, link);
	conn_kick(c);
	return c;
free:
	buf_fini(&c->in);
	free(c->address);
	free(c);
close:
	close(fd);
	return NULL;
}

void
conn_kick(struct conn *c)
{
	if (c->kicked)
		return;
	c->kicked = true;
	if (!c->busy)
		event_active(&c->event, EV_WRITE, 0);
}

void
conn_become(struct conn *c, const struct conn_kind *kind)
{
	if (c->kind->fini != NULL)
		c->kind->fini(c);
	memset(&c->u, 0, sizeof(c->u));
	c->kind = kind;
	c->deadline_ms = 0;
	c->blocked = false;
	c->in_need = 0;
	conn_kick(c);
}

/* The output buffer, made when there is none; NULL = broken. */
static struct evbuffer *
out_of(struct conn *c)
{
	if (c->broken || c->dead)
		return NULL;
	if (c->out == NULL) {
		c->out = evbuffer_new();
		c->stall_ms = clock_ms() + (uint64_t)
		    c->worker->current->conf.limits.stall_timeout_ms;
	}
	c->broken = c->out == NULL;
	conn_kick(c);
	return c->out;
}

void
conn_put(struct conn *c, const void *data, size_t len)
{
	conn_put_both(c, data, len, "", 0);
}

void
conn_put_both(struct conn *c, const void *head, size_t head_len,
    const void *data, size_t len)
{
	struct evbuffer *out = out_of(c);

	/* At once, so that both get into one piece of memory. */
	if (out != NULL && (evbuffer_expand(out, head_len + len) != 0 ||
	    evbuffer_add(out, head, head_len) != 0 ||
	    evbuffer_add(out, data, len) != 0))
		c->broken = true;
}

void
conn_move(struct conn *c, struct evbuffer *data)
{
	struct evbuffer *out = out_of(c);

	if (out != NULL && evbuffer_add_buffer(out, data) != 0)
		c->broken = true;
	/* Also when nobody will read it: who pumps must see it leave. */
	evbuffer_drain(data, evbuffer_get_length(data));
}

size_t
conn_pending(const struct conn *c)
{
	return c->out == NULL ? 0 : evbuffer_get_length(c->out);
}

static void
linger_work(struct conn *c)
{
	buf_clear(&c->in);
	if (c->broken || (c->eof && c->out == NULL)) {
		conn_close(c);
		return;
	}
	if (c->out != NULL || c->deadline_ms != 0)
		return;
	if (shutdown(c->fd, SHUT_WR) != 0) {
		conn_close(c);
		return;
	}
	c->deadline_ms = clock_ms() + LINGER_MS;
}

static const struct conn_kind linger_kind = {
	.name = "closing", .work = linger_work, .late = conn_close
};

void
conn_finish(struct conn *c)
{
	if (!c->dead)
		conn_become(c, &linger_kind);
}

int
conn_release(struct conn *c)
{
	int fd = c->fd;

	/* A copy of it elsewhere would go on waking a forgotten event. */
	event_del(&c->event);
	c->fd = -1;
	c->kicked = false;
	conn_close(c);
	return fd;
}

void
conn_close(struct conn *c)
{
	if (c->dead)
		return;
	c->dead = true;
	event_del(&c->event);
	if (c->fd >= 0) {
		close(c->fd);
		adopt_gone(c->worker, c->address);
	}
	c->fd = -1;
	if (c->kind->fini != NULL)
		c->kind->fini(c);
	/*
	 * Maybe we are in its event now: the next call frees it.  A persistent
	 * event with a time would be added again before that call.
	 */
	event_assign(&c->event, c->worker->base, -1, 0, conn_event, c);
	event_active(&c->event, EV_TIMEOUT, 0);
}

void
conn_free_all(struct worker *w)
{
	struct conn *c;

	while ((c = LIST_FIRST(&w->conns)) != NULL) {
		if (!c->dead) {
			flush(c);
			shutdown(c->fd, SHUT_WR);
			conn_close(c);
		}
		event_del(&c->event);
		conn_free(c);
	}
	buf_fini(&w->spare);
	buf_fini(&w->text);
	if (w->incoming != NULL)
		evbuffer_free(w->incoming);
	w->incoming = NULL;
}
