/*
 * A channel: what is there to read is delivered in one loop, what cannot be
 * sent at once waits in order, and notes leave together.  A handler may free
 * the channel under our feet; then the descriptor is closed at once and the
 * memory when the outermost delivery ends.
 */
#include "ipc/channel.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/fdpass.h"
#include "ipc/msg.h"
#include "ipc/wire.h"

/* Messages of one turn of the loop: the others get theirs too. */
#define TURN_MAX 32

/* Notes that leave together; one that is longer leaves alone. */
#define NOTES_MAX 4096

/* A message that could not be sent at once. */
struct waiting {
	struct waiting *next;
	size_t nfds, len;
	char *data;		/* behind fds, in the same memory */
	int fds[];		/* duplicates, ours */
};

struct channel {
	int fd;
	const struct channel_handlers *handlers;
	void *ctx;
	struct event in, out;
	struct event leave;	/* active when there are notes */
	struct buf notes;	/* SEVERAL, or empty */
	struct waiting *first, **last;
	size_t queued;
	bool delivering;	/* a handler may be running */
	bool over;		/* freed, or gone() was called */
	bool freed;		/* by a handler: memory is still in use */
	char data[FDPASS_BYTES_MAX];
};

static void
close_fds(int *fds, size_t nfds)
{
	for (size_t i = 0; i < nfds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void
drop_first(struct channel *ch)
{
	struct waiting *w = ch->first;

	ch->first = w->next;
	if (ch->first == NULL)
		ch->last = &ch->first;
	ch->queued--;
	close_fds(w->fds, w->nfds);
	free(w);
}

static void
drop_all(struct channel *ch)
{
	while (ch->first != NULL)
		drop_first(ch);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx);

/*
 * Come back when there is room.  When it was not room that lacked but the
 * kernel's bound on descriptors under way, the socket is writable all the
 * time, so ask again a little later instead.
 */
static void
wait_for_room(struct channel *ch, int why)
{
	static const struct timeval later = { .tv_usec = 10000 };
	struct event_base *base = event_get_base(&ch->out);

	event_del(&ch->out);
	if (why == EAGAIN) {
		event_assign(&ch->out, base, ch->fd, EV_WRITE, on_writable, ch);
		event_add(&ch->out, NULL);
	} else {
		event_assign(&ch->out, base, -1, 0, on_writable, ch);
		event_add(&ch->out, &later);
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct channel *ch = ctx;
	enum fdpass_result result;

	(void)fd;
	(void)what;
	while (ch->first != NULL) {
		struct waiting *w = ch->first;

		result = fdpass_send(ch->fd, w->data, w->len, w->fds, w->nfds);
		if (result == FDPASS_AGAIN) {
			wait_for_room(ch, errno);
			return;
		}
		if (result == FDPASS_GONE) {
			/* The reading side will tell, in its time. */
			drop_all(ch);
			return;
		}
		if (result == FDPASS_BAD)
			log_error("channel: message lost: %s",
			    strerror(errno));
		drop_first(ch);
	}
}

/* Put a message behind those that wait. */
static int
enqueue(struct channel *ch, const struct buf *msg, const int *fds, size_t nfds)
{
	struct waiting *w;

	w = malloc(sizeof(*w) + nfds * sizeof(w->fds[0]) + msg->len);
	if (w == NULL)
		return -1;
	w->next = NULL;
	w->len = msg->len;
	w->data = (char *)(w->fds + nfds);
	memcpy(w->data, msg->data, msg->len);
	for (w->nfds = 0; w->nfds < nfds; w->nfds++) {
		w->fds[w->nfds] = fcntl(fds[w->nfds], F_DUPFD_CLOEXEC, 0);
		if (w->fds[w->nfds] < 0) {
			close_fds(w->fds, w->nfds);
			free(w);
			return -1;
		}
	}
	*ch->last = w;
	ch->last = &w->next;
	ch->queued++;
	return 0;
}

static int
send_now(struct channel *ch, const struct buf *msg, const int *fds,
    size_t nfds)
{
	enum fdpass_result result = FDPASS_AGAIN;
	int why;

	if (msg->len == 0 || msg->len > FDPASS_BYTES_MAX ||
	    nfds > FDPASS_FDS_MAX)
		return -1;
	if (ch->first == NULL)
		result = fdpass_send(ch->fd, msg->data, msg->len, fds, nfds);
	if (result != FDPASS_AGAIN)
		return result == FDPASS_BAD ? -1 : 0;
	why = errno;
	if (enqueue(ch, msg, fds, nfds) < 0)
		return -1;
	if (ch->queued == 1)
		wait_for_room(ch, why);
	return 0;
}

/* They stay when there is no memory for them to wait in; then: later. */
static int
send_notes(struct channel *ch)
{
	static const struct timeval later = { .tv_usec = 10000 };

	if (ch->notes.len == 0)
		return 0;
	if (send_now(ch, &ch->notes, NULL, 0) != 0) {
		event_add(&ch->leave, &later);
		return -1;
	}
	buf_clear(&ch->notes);
	return 0;
}

static void
on_leave(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)!send_notes(ctx);
}

int
channel_send(struct channel *ch, const struct buf *msg, const int *fds,
    size_t nfds)
{
	return send_notes(ch) != 0 ? -1 : send_now(ch, msg, fds, nfds);
}

int
channel_note(struct channel *ch, const struct buf *msg)
{
	struct wire_writer w = { .buf = &ch->notes };

	if (ch->notes.len + msg->len > NOTES_MAX)
		return channel_send(ch, msg, NULL, 0);
	/* For all of it: no half is left behind. */
	if (buf_room(&ch->notes, 1 + sizeof(uint32_t) + msg->len) == NULL)
		return -1;
	if (ch->notes.len == 0)
		wire_put(&w, MSG_SEVERAL, 1);
	wire_put_bytes(&w, (struct msg_bytes){ msg->data, msg->len });
	if (!ch->delivering)
		event_active(&ch->leave, EV_TIMEOUT, 0);
	return wire_written(&w);
}

/*
 * One message, or all that came together.  What is none among them is given as
 * it is: nobody takes it for one.
 */
static void
hand_out(struct channel *ch, size_t len, int *fds, size_t nfds)
{
	struct wire_reader r = wire_reader(ch->data + 1, len - 1);
	struct msg_bytes one;

	if (nfds > 0 || msg_type(ch->data, len) != MSG_SEVERAL) {
		ch->handlers->message(ch->ctx, ch->data, len, fds, nfds);
		return;
	}
	while (r.at < r.end && !r.failed && !ch->over) {
		one = wire_get_bytes(&r);
		if (one.len == 0)
			one = (struct msg_bytes){ ch->data, 1 };
		ch->handlers->message(ch->ctx, one.data, one.len, NULL, 0);
	}
}

/* One message or the end of the peer; false when the loop is to end. */
static bool
deliver_one(struct channel *ch)
{
	int fds[FDPASS_FDS_MAX];
	size_t len, nfds;

	switch (fdpass_recv(ch->fd, ch->data, sizeof(ch->data), &len, fds,
	    &nfds)) {
	case FDPASS_OK:
		hand_out(ch, len, fds, nfds);
		close_fds(fds, nfds);
		return !ch->over;
	case FDPASS_AGAIN:
		return false;
	case FDPASS_BAD:
		log_error("channel: message lost: too long, or no descriptor "
		    "is free");
		return true;
	case FDPASS_GONE:
		break;
	}
	ch->over = true;
	event_del(&ch->in);
	ch->handlers->gone(ch->ctx);
	return false;
}

/* Deliver at most count messages. */
static void
deliver(struct channel *ch, size_t count)
{
	/* From inside a handler: the outer loop goes on reading anyway. */
	if (ch->delivering || ch->over)
		return;
	ch->delivering = true;
	while (count > 0 && deliver_one(ch))
		count--;
	ch->delivering = false;
	if (ch->freed)
		free(ch);
	else
		(void)!send_notes(ch);
}

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	deliver(ctx, TURN_MAX);
}

void
channel_drain(struct channel *ch)
{
	deliver(ch, SIZE_MAX);
}

struct channel *
channel_new(struct event_base *base, int fd,
    const struct channel_handlers *handlers, void *ctx)
{
	struct channel *ch;

	ch = malloc(sizeof(*ch));
	if (ch == NULL)
		goto close_fd;
	ch->fd = fd;
	ch->handlers = handlers;
	ch->ctx = ctx;
	ch->first = NULL;
	ch->last = &ch->first;
	ch->queued = 0;
	ch->delivering = false;
	ch->over = false;
	ch->freed = false;
	buf_init(&ch->notes, 0);
	event_assign(&ch->leave, base, -1, 0, on_leave, ch);
	event_assign(&ch->out, base, fd, EV_WRITE, on_writable, ch);
	event_assign(&ch->in, base, fd, EV_READ | EV_PERSIST, on_readable, ch);
	if (event_add(&ch->in, NULL) < 0)
		goto free_channel;
	return ch;

free_channel:
	free(ch);
close_fd:
	close(fd);
	return NULL;
}

void
channel_free(struct channel **chp)
{
	struct channel *ch = *chp;

	if (ch == NULL)
		return;
	*chp = NULL;
	(void)!send_notes(ch);
	event_del(&ch->in);
	event_del(&ch->out);
	event_del(&ch->leave);
	buf_fini(&ch->notes);
	drop_all(ch);
	close(ch->fd);
	ch->over = true;
	if (ch->delivering)
		ch->freed = true;
	else
		free(ch);
}

size_t
channel_queued(const struct channel *ch)
{
	return ch->queued;
}

int
channel_fd(const struct channel *ch)
{
	return ch->fd;
}
