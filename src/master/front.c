/*
 * Connections: reading, writing, and the states between.  Whose request it is
 * is judge.c's, what an answer looks like answer.c's, how a session begins
 * open.c's.
 */
#include "master/front.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/handover.h"
#include "master/address.h"
#include "master/answer.h"
#include "master/bundle.h"
#include "master/judge.h"
#include "master/limit.h"
#include "master/open.h"
#include "master/state.h"

/* One read: a head or two, never more than a turn of the loop can bear. */
#define READ_BYTES (16 * 1024)

/* What a state waits for, and how long: in conf, or always the same. */
static const struct state {
	const char *name;
	short events;
	size_t timeout;		/* offset of milliseconds in struct conf */
	int64_t timeout_ms;	/* when there is no such offset; 0 = none */
	const char *late;	/* logged when the time is over; or NULL */
} states[FRONT_STATES] = {
	[FRONT_HEAD] = { "head", EV_READ,
	    offsetof(struct conf, limits.head_timeout_ms), 0,
	    "no head came within head_timeout" },
	[FRONT_IDLE] = { "idle", EV_READ,
	    offsetof(struct conf, limits.idle_timeout_ms), 0, NULL },
	[FRONT_SKIP] = { "skip", EV_READ,
	    offsetof(struct conf, limits.body_timeout_ms), 0,
	    "no body came within body_timeout" },
	[FRONT_WRITE] = { "write", EV_WRITE,
	    offsetof(struct conf, limits.stall_timeout_ms), 0,
	    "it did not read its answer within stall_timeout" },
	[FRONT_HELD] = { "held", EV_READ, 0, 0, NULL },
	/* Long enough for the answer's way and the client's last bytes. */
	[FRONT_LINGER] = { "linger", EV_READ, 0, 2000, NULL },
	[FRONT_SILENT] = { "silent", 0, 0, 1000, NULL },
	[FRONT_GONE] = { "gone", 0, 0, 0, NULL }
};

static void on_io(evutil_socket_t fd, short what, void *arg);

static int64_t
timeout_ms(const struct front *f)
{
	const struct state *s = &states[f->state];
	const char *conf = (const char *)&f->m->conf;

	if (s->timeout == 0)
		return s->timeout_ms;
	return *(const int64_t *)(const void *)(conf + s->timeout);
}

/* Most states wait for the same: each change is a call of the system. */
static void
watch(struct front *f, short events)
{
	if (events == states[f->state].events)
		return;
	event_del(&f->io);
	event_assign(&f->io, f->m->base, f->fd, (short)(events | EV_PERSIST),
	    on_io, f);
	if (events != 0)
		event_add(&f->io, NULL);
}

/* The only place where f->state changes. */
static void
set_state(struct front *f, enum front_state state)
{
	int64_t ms;
	struct timeval tv;

	log_debug("client %s: %s -> %s", f->address, states[f->state].name,
	    states[state].name);
	watch(f, states[state].events);
	f->state = state;
	event_del(&f->timer);
	if ((ms = timeout_ms(f)) > 0) {
		tv = (struct timeval){ ms / 1000, ms % 1000 * 1000 };
		event_add(&f->timer, &tv);
	}
}

static void
destroy(struct front *f)
{
	buf_fini(&f->in);
	buf_fini(&f->out);
	bundle_free(&f->bundle);
	free(f);
}

static void
count(struct front *f)
{
	addresses_hold(f->m->addresses, f->address, 0, clock_ms());
	f->counted = true;
}

static void
discount(struct front *f)
{
	if (f->counted)
		addresses_let(f->m->addresses, f->address, 0, clock_ms());
	f->counted = false;
}

void
front_rename(struct front *f, const char *address)
{
	discount(f);
	snprintf(f->address, sizeof(f->address), "%s", address);
	count(f);
}

int
front_release(struct front *f)
{
	int fd = f->fd;

	/* Ends its events: a copy of fd elsewhere would keep them firing. */
	set_state(f, FRONT_GONE);
	discount(f);
	TAILQ_REMOVE(&f->m->fronts, f, entry);
	f->m->nfronts--;
	f->fd = -1;
	if (!f->busy)
		destroy(f);
	return fd;
}

void
front_free(struct front *f)
{
	close(front_release(f));
}

/* Everything is written: on with the state that was to follow. */
static void
written(struct front *f)
{
	buf_fini(&f->out);
	bundle_free(&f->bundle);
	if (f->m->phase == MASTER_STOPPING)
		f->after = FRONT_LINGER;
	if (f->after == FRONT_LINGER) {
		buf_fini(&f->in);
		shutdown(f->fd, SHUT_WR);
	}
	set_state(f, f->after);
}

/* One piece of what is to be written, as send() tells it. */
static ssize_t
send_some(struct front *f)
{
	ssize_t n;

	if (f->out.len > 0) {
		n = send(f->fd, f->out.data, f->out.len, MSG_NOSIGNAL |
		    (f->rest.len > 0 ? MSG_MORE : 0));
		if (n > 0)
			buf_eat(&f->out, (size_t)n);
		return n;
	}
	n = send(f->fd, f->rest.p, f->rest.len, MSG_NOSIGNAL);
	if (n > 0) {
		f->rest.p += n;
		f->rest.len -= (size_t)n;
	}
	return n;
}

static void
flush(struct front *f)
{
	ssize_t n = send_some(f);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		if (f->open != NULL)
			open_lost(f->open);
		else
			front_free(f);
		return;
	}
	if (f->out.len == 0 && f->rest.len == 0)
		written(f);
	else if (f->state != FRONT_WRITE)
		set_state(f, FRONT_WRITE);
}

void
front_write(struct front *f, enum front_state after)
{
	f->after = after;
	flush(f);
}

void
front_farewell(struct front *f)
{
	char byte;

	if (recv(f->fd, &byte, 1, MSG_PEEK) == 0)
		front_free(f);
	else
		front_write(f, FRONT_LINGER);
}

void
front_answer(const struct exchange *ex, bool close_after)
{
	struct front *f = ex->f;
	enum front_state after = FRONT_IDLE;

	if (close_after || !ex->head->keep_alive) {
		after = FRONT_LINGER;
	} else if (ex->head->body != HTTP_BODY_NONE) {
		after = FRONT_SKIP;
		http_body_init(&f->body, ex->head);
	}
	buf_eat(&f->in, ex->head_len);
	front_write(f, after);
}

void
front_hold(struct front *f)
{
	set_state(f, FRONT_HELD);
}

void
front_ignore(struct front *f)
{
	set_state(f, FRONT_SILENT);
}

/*
 * What a state does with the bytes that are there; true: look again, the
 * state may have changed.
 */
static bool
step_head(struct front *f)
{
	size_t max = (size_t)f->m->conf.limits.head_bytes, used;
	struct http_head head;
	int status;

	switch (http_head_parse(f->in.data, f->in.len, f->scanned, &head,
	    &used, &status)) {
	case PARSE_DONE:
		if (used > max)
			break;
		f->scanned = 0;
		judge(f, &head, used);
		return true;
	case PARSE_MORE:
		f->scanned = f->in.len;
		if (f->in.len >= max)
			break;
		return false;
	case PARSE_BAD:
		answer_malformed(f, status);
		return true;
	}
	answer_malformed(f, 431);
	return true;
}

static bool
step_idle(struct front *f)
{
	if (f->in.len == 0)
		return false;
	set_state(f, FRONT_HEAD);
	return true;
}

static bool
step_skip(struct front *f)
{
	struct buf dropped;
	size_t used;
	enum parse outcome;
	int status;

	buf_init(&dropped, 0);
	outcome = http_body_take(&f->body, f->in.data, f->in.len, &dropped,
	    &used, &status);
	buf_fini(&dropped);
	if (outcome == PARSE_BAD) {
		front_free(f);
		return true;
	}
	buf_eat(&f->in, used);
	if (outcome == PARSE_MORE)
		return false;
	set_state(f, FRONT_IDLE);
	return true;
}

static bool
step_held(struct front *f)
{
	open_input(f->open, f);
	return false;
}

static void
run(struct front *f)
{
	static bool (*const steps[FRONT_STATES])(struct front *) = {
		[FRONT_HEAD] = step_head, [FRONT_IDLE] = step_idle,
		[FRONT_SKIP] = step_skip, [FRONT_HELD] = step_held
	};

	while (steps[f->state] != NULL && steps[f->state](f))
		;
}

/* How many bytes f may hold in its state. */
static size_t
room(const struct front *f)
{
	if (f->state == FRONT_HELD)
		return open_room(f->open);
	if (f->in.len >= (size_t)f->m->conf.limits.head_bytes)
		return 0;
	return (size_t)f->m->conf.limits.head_bytes - f->in.len;
}

static void
closed_by_peer(struct front *f)
{
	if (f->open != NULL)
		open_lost(f->open);
	else
		front_free(f);
}

/*
 * Read once; false: nothing came that anybody could use.  By way of the stack:
 * thousands that wait for their first message hold what they sent, not what
 * they might send.
 */
static bool
fill(struct front *f)
{
	size_t want = room(f);
	char chunk[READ_BYTES];
	ssize_t n;

	if (want > READ_BYTES || f->state == FRONT_LINGER)
		want = READ_BYTES;
	n = want == 0 ? 0 : recv(f->fd, chunk, want, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0 && f->state == FRONT_LINGER)
		return false;
	if (n <= 0 || buf_put(&f->in, chunk, (size_t)n) != 0) {
		closed_by_peer(f);
		return false;
	}
	if (f->open != NULL)
		f->m->open_bytes += (size_t)n;
	return true;
}

/* What is there to be written, or else read, and what follows from it. */
static void
turn(struct front *f, short what)
{
	f->busy = true;
	if (what & EV_WRITE) {
		flush(f);
		run(f);
	} else if (fill(f)) {
		run(f);
	}
	f->busy = false;
	if (f->state == FRONT_GONE)
		destroy(f);
	else if (f->in.len == 0)
		buf_fini(&f->in);
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	turn(arg, what);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct front *f = arg;

	(void)fd;
	(void)what;
	if (states[f->state].late != NULL) {
		f->m->counters.late++;
		log_info("client %s: closed: %s", f->address,
		    states[f->state].late);
	}
	closed_by_peer(f);
}

static struct front *
front_new(struct master *m, int fd, const char *address)
{
	struct front *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		close(fd);
		return NULL;
	}
	f->m = m;
	f->fd = fd;
	f->proxy = limit_is_proxy(m, fd);
	snprintf(f->address, sizeof(f->address), "%s", address);
	buf_init(&f->in, 0);
	buf_init(&f->out, 0);
	f->state = FRONT_GONE;
	event_assign(&f->io, m->base, fd, EV_PERSIST, on_io, f);
	evtimer_assign(&f->timer, m->base, on_timer, f);
	TAILQ_INSERT_TAIL(&m->fronts, f, entry);
	if (++m->nfronts > m->nfronts_most)
		m->nfronts_most = m->nfronts;
	set_state(f, FRONT_HEAD);
	return f;
}

void
front_accept(struct master *m, int fd, const char *address)
{
	const struct limit *limit = limit_connection(m, address);
	struct front *f;

	m->counters.accepted++;
	if ((f = front_new(m, fd, address)) == NULL)
		return;
	if (limit != NULL) {
		answer_over(f, limit);
		return;
	}
	count(f);
	/* Most come with their first request: see listeners_start(). */
	turn(f, EV_READ);
}

void
front_take(struct master *m, int fd, const char *address,
    const struct msg_bytes *bytes)
{
	struct front *f;

	if (m->phase == MASTER_STOPPING) {
		close(fd);
		return;
	}
	if ((f = front_new(m, fd, address)) == NULL)
		return;
	count(f);
	if (buf_put(&f->in, bytes->data, bytes->len) != 0) {
		front_free(f);
		return;
	}
	f->busy = true;
	if (bytes->len > 0)
		run(f);
	f->busy = false;
	if (f->state == FRONT_GONE)
		destroy(f);
}

bool
fronts_can_hand_over(const struct master *m)
{
	const struct front *f;

	TAILQ_FOREACH(f, &m->fronts, entry)
		if (f->state == FRONT_SKIP || f->state == FRONT_HELD ||
		    (f->state == FRONT_WRITE && f->after != FRONT_IDLE &&
		    f->after != FRONT_LINGER))
			return false;
	return true;
}

static int
hand_over(const struct front *f, struct buf *state)
{
	struct handover_item item = {
		.kind = HANDOVER_FRONT,
		.fds = { f->fd, -1 },
		.flag = f->state == FRONT_LINGER ||
		    (f->state == FRONT_WRITE && f->after == FRONT_LINGER),
		.text = { f->address, strlen(f->address) },
		.in = { f->in.data, f->in.len }
	};
	struct buf unsent;
	int result;

	buf_init(&unsent, 0);
	result = buf_put(&unsent, f->out.data, f->out.len);
	if (result == 0)
		result = buf_put(&unsent, f->rest.p, f->rest.len);
	item.out = (struct msg_bytes){ unsent.data, unsent.len };
	if (result == 0)
		result = handover_put(state, &item);
	buf_fini(&unsent);
	return result;
}

int
fronts_hand_over(const struct master *m, struct buf *state)
{
	const struct front *f;

	TAILQ_FOREACH(f, &m->fronts, entry)
		if (f->state != FRONT_SILENT && hand_over(f, state) != 0)
			return -1;
	return 0;
}

void
front_inherit(struct master *m, const struct handover_item *item)
{
	char address[MSG_NAME_MAX];
	struct front *f;

	snprintf(address, sizeof(address), "%.*s", (int)item->text.len,
	    item->text.data);
	if (item->out.len == 0 && !item->flag) {
		front_take(m, item->fds[0], address, &item->in);
		return;
	}
	if ((f = front_new(m, item->fds[0], address)) == NULL)
		return;
	count(f);
	if (buf_put(&f->in, item->in.data, item->in.len) != 0 ||
	    buf_put(&f->out, item->out.data, item->out.len) != 0)
		front_free(f);
	else
		front_write(f, item->flag ? FRONT_LINGER : FRONT_IDLE);
}

void
fronts_stop(struct master *m)
{
	struct front *f, *next;

	for (f = TAILQ_FIRST(&m->fronts); f != NULL; f = next) {
		next = TAILQ_NEXT(f, entry);
		if (f->state != FRONT_WRITE && f->state != FRONT_LINGER)
			front_free(f);
	}
}

void
fronts_free(struct master *m)
{
	struct front *f;

	while ((f = TAILQ_FIRST(&m->fronts)) != NULL)
		front_free(f);
}
