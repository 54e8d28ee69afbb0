/*
 * The collector's loop: views and orders from the master, requests from the
 * queue.  There is no event library here: while a request runs nothing else
 * is looked at, and between two there is nothing but two descriptors.  While
 * there are requests they are taken without asking whether there are any, and
 * all else is looked at every LOOK_MS: so late is the master's word at most.
 */
#include "collector/serve.h"

#include <malloc.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/bounds.h"
#include "collector/link.h"
#include "collector/plans.h"
#include "collector/plugin.h"
#include "collector/run.h"
#include "collector/view.h"
#include "collector/watcher.h"
#include "ipc/confine.h"
#include "ipc/cpus.h"
#include "ipc/fdpass.h"
#include "ipc/msg.h"
#include "ipc/queue.h"
#include "ipc/status.h"

/* The master's messages to a collector are a few bytes. */
#define MESSAGE_MAX 256
/* Between two looks at anything but the queue while requests come. */
#define LOOK_MS 10
/* A wake-up that was given to a dying collector is lost: look anyway. */
#define IDLE_MS 250
/* Without a connection: has anybody got one? */
#define DOWN_MS 50
/* For the view of a request, which may be on its way behind it. */
#define VIEW_WAIT_MS 1000

/* Larger buffers are given back to the kernel at once, not kept for more ... */
#define GIVE_BACK_BYTES (256 * 1024)
/* ... while the heap that each request uses is kept between requests. */
#define KEEP_BYTES (1024 * 1024)

/* The queues that are read: one database, one queue. */
static const int queues[] = { SPAWN_FD_QUEUE };
#define QUEUES (sizeof(queues) / sizeof(queues[0]))

struct serve {
	unsigned int slot;
	int channel;
	int epoll;
	struct status *status;
	struct view *views;		/* the newest first */
	struct db_guard guard;
	struct link link;
	struct plans plans;
	struct bounds bounds;
	bool replaced;			/* the master was asked for it */
	bool listening;			/* to the queues */
	uint32_t confined_by;		/* generation; 0 = not confined yet */
	unsigned int lifted;		/* of what is refused */
	uint64_t look_ms;		/* clock_ms() of the next look */
	struct buf body;		/* of the running request */
	struct writer writer;		/* of its reply */
};

/* A message to the master, who reads always: a full channel is no state. */
static void
tell(struct serve *s, const struct buf *message)
{
	if (fdpass_send(s->channel, message->data, message->len, NULL, 0) !=
	    FDPASS_OK)
		log_warn("channel: %s was not sent",
		    msg_name(msg_type(message->data, message->len)));
}

/* The master writes it into the log. */
static void
database_changed(void *ctx, const char *why)
{
	struct serve *s = ctx;
	struct msg_database m = { .up = why == NULL };
	struct buf b;

	if (why != NULL)
		m.text = (struct msg_bytes){ why, strlen(why) };
	atomic_store(&s->status->database_up, why == NULL);
	buf_init(&b, 0);
	if (msg_put_database(&b, &m) == 0)
		tell(s, &b);
	buf_fini(&b);
}

/*
 * It goes on until the master, who starts another first, says STOP: between
 * the two nobody waits longer than before.
 */
static void
ask_for_another(struct serve *s)
{
	struct buf b;

	s->replaced = true;
	buf_init(&b, 0);
	if (msg_put_recycle(&b) == 0)
		tell(s, &b);
	buf_fini(&b);
}

/*
 * The newest configuration at the start says what is refused to this process,
 * before it connects to anything; another one needs another process.
 */
static void
confine_by(struct serve *s, const struct view *v)
{
	bool first = s->confined_by == 0;
	unsigned int lifted;
	struct err err;

	if (v == NULL || v->generation == s->confined_by)
		return;
	s->confined_by = v->generation;
	lifted = plugin_lifted(&v->conf, NULL);
	if (first) {
		s->lifted = lifted;
		if (confine_but(SPAWN_COLLECTOR, lifted, &err) != 0)
			log_warn("not confined: %s", err.text);
	} else if (lifted != s->lifted && !s->replaced) {
		log_info("recycling: other system calls are refused now");
		ask_for_another(s);
	}
}

/* VIEW: from now on the newest; READY tells the master. */
static void
take_view(struct serve *s, const struct msg_view *m, int fd)
{
	struct err err;
	struct view *v = view_read(fd, m->generation, &err);
	struct buf b;

	if (v == NULL || link_use(&s->link, &v->conf, &err) != 0) {
		log_error("view: generation %u: %s", m->generation, err.text);
		view_free(&v);
		return;
	}
	plans_use(&s->plans, &v->conf);
	view_drop(&s->views, m->generation);
	bounds_use(&s->bounds, &v->conf);
	v->next = s->views;
	s->views = v;
	log_set_level((enum log_level)v->conf.log_level);
	cpus_keep(s->slot, v->conf.share_cpus != 0 ? v->conf.workers : 1);
	buf_init(&b, 0);
	if (msg_put_view(&b, MSG_READY, m) == 0)
		tell(s, &b);
	buf_fini(&b);
}

static void
drop_view(struct serve *s, uint32_t generation)
{
	plans_forget(&s->plans);
	view_drop(&s->views, generation);
}

static void
take_message(struct serve *s, const char *data, size_t len, int fd)
{
	struct msg_view m;
	unsigned int type = msg_type(data, len);

	log_debug("channel: %s", msg_name(type));
	if (type == MSG_STOP)
		_exit(EXIT_SUCCESS);
	if (type == MSG_VIEW && fd != -1 && msg_get_view(data, len, &m) == 0)
		take_view(s, &m, fd);
	else if (type == MSG_DROP_VIEW && msg_get_view(data, len, &m) == 0)
		drop_view(s, m.generation);
	else
		log_error("channel: %s is not well formed", msg_name(type));
}

/* All that the master has said; without a master there is no collector. */
static void
read_channel(struct serve *s)
{
	char data[MESSAGE_MAX];
	int fds[FDPASS_FDS_MAX];
	size_t len, nfds;

	for (;;) {
		switch (fdpass_recv(s->channel, data, sizeof(data), &len, fds,
		    &nfds)) {
		case FDPASS_OK:
			take_message(s, data, len, nfds > 0 ? fds[0] : -1);
			while (nfds > 0)
				close(fds[--nfds]);
			break;
		case FDPASS_AGAIN:
			confine_by(s, s->views);
			return;
		case FDPASS_GONE:
			_exit(EXIT_SUCCESS);
		case FDPASS_BAD:
			log_error("channel: a message was lost");
			_exit(EXIT_FAILURE);
		}
	}
}

/* The view that a request names; it may still be in the channel. */
static const struct view *
view_of(struct serve *s, uint32_t generation)
{
	uint64_t until = clock_ms() + VIEW_WAIT_MS, now;
	const struct view *v;

	for (;;) {
		struct pollfd p = { .fd = s->channel, .events = POLLIN };

		v = view_find(s->views, generation);
		now = clock_ms();
		if (v != NULL || now >= until)
			return v;
		status_seen(s->status, until);
		poll(&p, 1, (int)(until - now));
		read_channel(s);
	}
}

/* Is it fit for another request? */
static void
look_at_oneself(struct serve *s)
{
	if (bounds_out_of_descriptors()) {
		log_warn("ending: a driver has used up the descriptors");
		_exit(EXIT_SUCCESS);
	}
	if (!s->replaced &&
	    bounds_reached(&s->bounds, atomic_load(&s->status->served)))
		ask_for_another(s);
}

/* Run one request; false: there is none. */
static bool
take_request(struct serve *s, int queue)
{
	struct queue_request q;
	bool look = false;
	struct run r = { .request = &q, .link = &s->link,
	    .plans = &s->plans, .guard = &s->guard, .status = s->status,
	    .writer = &s->writer, .lifted = s->lifted, .look = &look };

	if (queue_take(queue, &q, &s->body, &r.reply) != FDPASS_OK)
		return false;
	r.view = view_of(s, q.generation);
	run_request(&r);
	/* At once: it may be in use for another request already. */
	close(r.reply);
	if (look)
		look_at_oneself(s);
	return true;
}

static int
add(int epoll, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static int
start(struct serve *s, struct err *err)
{
	(void)mallopt(M_MMAP_THRESHOLD, GIVE_BACK_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	bounds_start();
	s->channel = SPAWN_FD_CHANNEL;
	s->status = status_map(SPAWN_FD_STATUS);
	if (s->status == NULL)
		return err_set_errno(err, ERR_INTERNAL, "status page");
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll == -1 || add(s->epoll, s->channel, EPOLLIN) == -1)
		return err_set_errno(err, ERR_INTERNAL, "epoll");
	if (db_init(err) != 0 || watcher_start(&s->guard, err) != 0)
		return -1;
	link_init(&s->link, &s->guard, database_changed, s);
	plans_init(&s->plans);
	buf_init(&s->body, 0);
	return 0;
}

/*
 * Without a connection requests are left to collectors that have one: who
 * fails is fast, and would get most of them.  When nobody has one, all fail.
 */
static void
listen_or_not(struct serve *s)
{
	bool listening = s->link.db != NULL ||
	    atomic_load(&s->status->all_up) == 0;

	if (listening == s->listening)
		return;
	s->listening = listening;
	for (size_t i = 0; i < QUEUES; i++)
		if (listening ? add(s->epoll, queues[i], EPOLLIN |
		    EPOLLEXCLUSIVE) == -1 : epoll_ctl(s->epoll, EPOLL_CTL_DEL,
		    queues[i], NULL) == -1) {
			log_error("epoll: a queue cannot be read");
			_exit(EXIT_FAILURE);
		}
}

/* A request of each queue, by one who may; false: there is none. */
static bool
take_requests(struct serve *s)
{
	bool any = false;

	listen_or_not(s);
	for (size_t i = 0; i < QUEUES && s->listening && s->views != NULL; i++)
		any |= take_request(s, queues[i]);
	return any;
}

/* All that is not the queue; wait for it, or for a request, if so asked. */
static void
look_around(struct serve *s, bool wait)
{
	struct epoll_event e;

	look_at_oneself(s);
	if (s->link.db == NULL)
		status_seen(s->status, clock_ms() +
		    (uint64_t)s->link.connect_timeout_ms);
	link_idle(&s->link);
	status_seen(s->status, clock_ms());
	if (wait)
		(void)epoll_wait(s->epoll, &e, 1,
		    s->link.db != NULL ? IDLE_MS : DOWN_MS);
	read_channel(s);
	s->look_ms = clock_ms() + LOOK_MS;
}

int
collector_run(const struct spawn_params *p)
{
	static struct serve s;
	struct err err;

	s.slot = p->worker;
	if (start(&s, &err) != 0) {
		log_error("start: %s", err.text);
		return EXIT_FAILURE;
	}
	for (;;) {
		bool busy = take_requests(&s);

		if (!busy || clock_ms() >= s.look_ms)
			look_around(&s, !busy);
	}
}
