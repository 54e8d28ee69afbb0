/*
 * Accepts, and pauses when descriptors run out: a connection that cannot be
 * accepted waits in the kernel, where it costs nothing.
 */
#include "master/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/log.h"
#include "base/num.h"
#include "conf/conf.h"
#include "ipc/handover.h"
#include "ipc/msg.h"
#include "master/front.h"
#include "master/state.h"

/* The kernel cuts it down to net.core.somaxconn. */
#define BACKLOG 4096
/* Between two tries when descriptors have run out. */
#define PAUSE_MS 100
/* How long the kernel keeps those that say nothing. */
#define SILENT_S 1

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct listener {
	struct listeners *all;
	struct conf_address where;
	int fd;
	bool borrowed;		/* not ours to close */
	struct event event;
};

struct listeners {
	struct master *m;
	struct event resume;
	bool paused;
	bool patient;		/* nobody asks how many are connected */
	size_t n;
	struct listener list[];
};

/* "192.0.2.1:4711" or "[2001:db8::1]:4711", mapped addresses as IPv4. */
static void
put_address(const union address *a, char out[MSG_NAME_MAX])
{
	struct ip ip = { .bytes = { [10] = 0xff, [11] = 0xff } };
	uint16_t port;

	if (a->any.sa_family == AF_INET) {
		memcpy(ip.bytes + 12, &a->v4.sin_addr, 4);
		port = ntohs(a->v4.sin_port);
	} else {
		memcpy(ip.bytes, &a->v6.sin6_addr, sizeof(ip.bytes));
		port = ntohs(a->v6.sin6_port);
	}
	ip_put(&ip, out);
	out += strlen(out);
	*out++ = ':';
	num_put_u64(out, port);
}

static void
pause_all(struct listeners *l, int why)
{
	static const struct timeval pause = { 0, PAUSE_MS * 1000 };
	size_t i;

	if (!l->paused)
		log_error("accepting is paused: %s", strerror(why));
	l->m->counters.pauses += !l->paused;
	l->paused = true;
	for (i = 0; i < l->n; i++)
		event_del(&l->list[i].event);
	event_add(&l->resume, &pause);
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	listeners_start(arg);
}

/* Take in at most n of those that wait; false = there are no more. */
static bool
accept_some(struct listener *one, int n)
{
	struct listeners *l = one->all;
	union address a;
	char text[MSG_NAME_MAX];
	socklen_t len;
	int client;

	for (; n > 0; n--) {
		len = sizeof(a);
		client = accept4(one->fd, &a.any, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client < 0)
			return false;
		if (l->paused)
			log_warn("accepting goes on");
		l->paused = false;
		put_address(&a, text);
		front_accept(l->m, client, text);
	}
	return true;
}

/* A connection that was reset while it waited is no fault of ours. */
static bool
ran_out(int why)
{
	return why == EMFILE || why == ENFILE || why == ENOBUFS ||
	    why == ENOMEM;
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct listener *one = arg;

	(void)fd;
	(void)what;
	/*
	 * One: those that we have want their turns, and to be told that there
	 * is no other costs as much as half a connection.
	 */
	if (!accept_some(one, 1) && ran_out(errno))
		pause_all(one->all, errno);
}

/*
 * Connections are born with the options of their listener: what they say is
 * acknowledged by our answer, small answers leave at once, and what is not
 * sent is in our hands (worker/output.c).
 */
static void
set_options(int fd)
{
	static const struct {
		int name, value;
	} options[] = {
		{ TCP_QUICKACK, 0 },
		{ TCP_NODELAY, 1 },
		{ TCP_NOTSENT_LOWAT, 128 * 1024 }
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, IPPROTO_TCP, options[i].name,
		    &options[i].value, sizeof(options[i].value));
}

/* One socket for both families, where the machine has them. */
static int
bind_any(uint16_t port, int shared)
{
	union address a = { .v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port)
	} };
	int fd, on = 1, off = 0;

	fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof(shared));
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
	    sizeof(off)) == 0 &&
	    bind(fd, &a.any, sizeof(a.v6)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
bind_one(const struct conf_address *where, int shared)
{
	union address a = { .v4 = {
		.sin_family = AF_INET, .sin_port = htons(where->port)
	} };
	socklen_t len = sizeof(a.v4);
	int fd, on = 1;

	if (where->ipv6) {
		a = (union address){ .v6 = {
			.sin6_family = AF_INET6,
			.sin6_port = htons(where->port)
		} };
		len = sizeof(a.v6);
		inet_pton(AF_INET6, where->host, &a.v6.sin6_addr);
	} else if (!where->any) {
		inet_pton(AF_INET, where->host, &a.v4.sin_addr);
	}
	fd = socket(a.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof(shared));
	if (where->ipv6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &a.any, len) == 0)
		return fd;
	close(fd);
	return -1;
}

/*
 * While the old ones still listen, may others of ours have their ports?  From
 * "*:80" to "127.0.0.1:80" there would be no other way but a gap.
 */
static void
share_ports(const struct listeners *old, int on)
{
	size_t i;

	for (i = 0; old != NULL && i < old->n; i++)
		setsockopt(old->list[i].fd, SOL_SOCKET, SO_REUSEPORT, &on,
		    sizeof(on));
}

static bool
is_same(const struct conf_address *a, const struct conf_address *b)
{
	return a->any == b->any && a->ipv6 == b->ipv6 &&
	    a->port == b->port && strcmp(a->host, b->host) == 0;
}

static bool
is_borrowed(const struct listeners *l, int fd)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->list[i].fd == fd)
			return true;
	return false;
}

/* The socket of an address that does not change; -1 = none. */
static int
borrow(const struct listener *one, const struct listeners *old)
{
	const struct listener *o;
	size_t i;

	for (i = 0; old != NULL && i < old->n; i++) {
		o = &old->list[i];
		if (is_same(&o->where, &one->where) &&
		    !is_borrowed(one->all, o->fd))
			return o->fd;
	}
	return -1;
}

static int
bind_where(const struct conf_address *where, int shared)
{
	int fd = where->any ? bind_any(where->port, shared) : -1;

	/* A port that is taken is taken in both families. */
	if (fd < 0 && !(where->any && errno == EADDRINUSE))
		fd = bind_one(where, shared);
	return fd;
}

static void
log_bound(const struct listener *one, const char *what)
{
	union address a;
	socklen_t len = sizeof(a);
	char bound[MSG_NAME_MAX];

	if (getsockname(one->fd, &a.any, &len) != 0)
		return;
	put_address(&a, bound);
	log_info("%s %s", what, bound);
}

static int
open_one(struct listener *one, const char *text, const struct listeners *old,
    struct err *err)
{
	int off = 0;

	one->fd = -1;
	if (conf_address_read(text, &one->where) != 0)
		return err_set(err, ERR_INTERNAL, "listen: no address: %s",
		    text);
	one->fd = borrow(one, old);
	one->borrowed = one->fd >= 0;
	if (!one->borrowed) {
		one->fd = bind_where(&one->where, old == NULL ? 0 : 1);
		if (one->fd < 0 || listen(one->fd, BACKLOG) != 0)
			return err_set_errno(err, ERR_INTERNAL,
			    "listen on %s", text);
		setsockopt(one->fd, SOL_SOCKET, SO_REUSEPORT, &off,
		    sizeof(off));
		log_bound(one, "listening on");
	}
	set_options(one->fd);
	event_assign(&one->event, one->all->m->base, one->fd,
	    EV_READ | EV_PERSIST, on_accept, one);
	return 0;
}

static int
open_all(struct listeners *l, const struct conf_list *list,
    const struct listeners *old, struct err *err)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		l->list[i].all = l;
		if (open_one(&l->list[i], list->v[i], old, err) != 0) {
			if (l->list[i].fd >= 0)
				close(l->list[i].fd);
			return -1;
		}
		l->n++;
	}
	return 0;
}

struct listeners *
listeners_new(struct master *m, const struct conf *c, struct err *err)
{
	const struct conf_list *list = &c->listen;
	struct listeners *l;
	int result;

	l = calloc(1, sizeof(*l) + list->n * sizeof(l->list[0]));
	if (l == NULL) {
		err_set(err, ERR_INTERNAL, "out of memory");
		return NULL;
	}
	l->m = m;
	l->patient = c->limits.connections == 0 &&
	    c->limits.connections_per_address == 0;
	evtimer_assign(&l->resume, m->base, on_resume, l);
	share_ports(m->listeners, 1);
	result = open_all(l, list, m->listeners, err);
	share_ports(m->listeners, 0);
	if (result != 0)
		listeners_free(&l);
	return l;
}

/* What `to` has borrowed becomes its own. */
static void
hand_over(struct listeners *from, struct listeners *to)
{
	size_t i, k;

	for (i = 0; i < from->n; i++) {
		event_del(&from->list[i].event);
		for (k = 0; k < to->n; k++)
			if (to->list[k].fd == from->list[i].fd) {
				to->list[k].borrowed = false;
				from->list[i].borrowed = true;
			}
	}
}

void
listeners_replace(struct listeners **now, struct listeners *next)
{
	struct listener *one;

	hand_over(*now, next);
	/* Who waits in the kernel has been promised a connection. */
	for (one = (*now)->list; one < (*now)->list + (*now)->n; one++) {
		if (one->borrowed)
			continue;
		(void)accept_some(one, BACKLOG);
		log_bound(one, "no longer listening on");
	}
	listeners_free(now);
	*now = next;
	listeners_start(next);
}

/*
 * Connections come with their first bytes, which are read at once; one without
 * a word comes SILENT_S later, unless it counts before it speaks.
 */
void
listeners_start(struct listeners *l)
{
	int seconds = l->patient ? SILENT_S : 0;
	size_t i;

	for (i = 0; i < l->n; i++) {
		setsockopt(l->list[i].fd, IPPROTO_TCP, TCP_DEFER_ACCEPT,
		    &seconds, sizeof(seconds));
		event_add(&l->list[i].event, NULL);
	}
}

void
listeners_pause(struct listeners *l)
{
	size_t i;

	event_del(&l->resume);
	for (i = 0; i < l->n; i++)
		event_del(&l->list[i].event);
}

int
listeners_hand_over(const struct listeners *l, struct buf *state)
{
	struct handover_item item = { .kind = HANDOVER_LISTENER,
	    .fds = { -1, -1 } };
	const char *text;
	size_t i;

	/* Each has the place of its address in the conf. */
	for (i = 0; i < l->n; i++) {
		text = l->m->conf.listen.v[i];
		item.fds[0] = l->list[i].fd;
		item.text = (struct msg_bytes){ text, strlen(text) };
		if (handover_put(state, &item) != 0)
			return -1;
	}
	return 0;
}

static void
inherit_one(struct listeners *l, const struct handover_item *item)
{
	struct listener *one = &l->list[l->n];
	char text[MSG_NAME_MAX];

	snprintf(text, sizeof(text), "%.*s", (int)item->text.len,
	    item->text.data);
	*one = (struct listener){ .all = l, .fd = item->fds[0] };
	if (conf_address_read(text, &one->where) != 0) {
		log_warn("listen: %s: it was not taken over", text);
		close(one->fd);
		return;
	}
	set_options(one->fd);
	event_assign(&one->event, l->m->base, one->fd, EV_READ | EV_PERSIST,
	    on_accept, one);
	l->n++;
}

struct listeners *
listeners_inherit(struct master *m, const struct handover_item *items,
    size_t n)
{
	struct listeners *l = calloc(1, sizeof(*l) + n * sizeof(l->list[0]));
	size_t i;

	if (l == NULL)
		return NULL;
	l->m = m;
	evtimer_assign(&l->resume, m->base, on_resume, l);
	for (i = 0; i < n; i++)
		inherit_one(l, &items[i]);
	return l;
}

void
listeners_free(struct listeners **lp)
{
	struct listeners *l = *lp;
	size_t i;

	if (l == NULL)
		return;
	event_del(&l->resume);
	for (i = 0; i < l->n; i++) {
		event_del(&l->list[i].event);
		if (!l->list[i].borrowed)
			close(l->list[i].fd);
	}
	free(l);
	*lp = NULL;
}
