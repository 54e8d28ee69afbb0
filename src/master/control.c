/* The socket, its callers, and those of them that wait for somebody else. */
#include "master/control.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "ipc/handover.h"
#include "ipc/msg.h"
#include "master/control_caller.h"
#include "master/slots.h"
#include "master/state.h"

#define LINE_MAX 1024
#define CALLERS_MAX 32
/* For one line to come, and for slow readers of the answer. */
#define PATIENCE_S 10
/* A worker that has not answered by then is left out. */
#define WORKERS_MS 2000
/* A reload has start_timeout; this is for the case that nobody says so. */
#define RELOAD_MS 60000

struct control {
	struct master *m;
	int fd;
	struct event event;
	struct sockaddr_un address;
	LIST_HEAD(, caller) callers;
	size_t ncallers;
	uint32_t last_serial;
};

static void
caller_free(struct caller *c)
{
	LIST_REMOVE(c, link);
	c->control->ncallers--;
	event_del(&c->timer);
	bufferevent_free(c->io);
	buf_fini(&c->items);
	buf_fini(&c->faults);
	free(c);
}

/* ---- answers ------------------------------------------------------------- */

static void
on_written(struct bufferevent *io, void *arg)
{
	(void)io;
	caller_free(arg);
}

static void
on_end(struct bufferevent *io, short what, void *arg)
{
	(void)io;
	(void)what;
	caller_free(arg);
}

/* The last that is said to this caller. */
static void
send_last(struct caller *c, const struct buf *text)
{
	c->reload = 0;
	c->upgrade = false;
	c->serial = 0;
	event_del(&c->timer);
	bufferevent_setcb(c->io, NULL, on_written, on_end, c);
	if (bufferevent_write(c->io, text->data, text->len) != 0)
		caller_free(c);
}

void
control_answer(struct caller *c, const struct buf *members)
{
	struct buf b;

	buf_init(&b, 0);
	if (buf_printf(&b, "{\"ok\":true%s", members->len > 0 ? "," : "") ||
	    buf_put(&b, members->data, members->len) != 0 ||
	    buf_puts(&b, "}\n") != 0)
		caller_free(c);
	else
		send_last(c, &b);
	buf_fini(&b);
}

void
control_refuse(struct caller *c, const char *fmt, ...)
{
	char text[512];
	struct buf b;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_init(&b, 0);
	if (buf_puts(&b, "{\"ok\":false,\"error\":") != 0 ||
	    json_quote_text(&b, text) != 0 ||
	    (c->faults.len > 0 && (buf_puts(&b, ",\"faults\":[") != 0 ||
	    buf_put(&b, c->faults.data, c->faults.len) != 0 ||
	    buf_putc(&b, ']') != 0)) || buf_puts(&b, "}\n") != 0)
		caller_free(c);
	else
		send_last(c, &b);
	buf_fini(&b);
}

/* ---- waiting for workers ------------------------------------------------- */

static void
answer_items(struct caller *c)
{
	struct buf b;

	buf_init(&b, 0);
	if (buf_printf(&b, "\"%s\":[", c->list) != 0 ||
	    buf_put(&b, c->items.data, c->items.len) != 0 ||
	    buf_putc(&b, ']') != 0)
		control_refuse(c, "out of memory");
	else
		control_answer(c, &b);
	buf_fini(&b);
}

static void
wait_for(struct caller *c, long ms)
{
	const struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (event_add(&c->timer, &tv) != 0)
		control_refuse(c, "out of memory");
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct caller *c = arg;

	(void)fd;
	(void)what;
	if (c->serial != 0)
		answer_items(c);
	else if (c->reload != 0)
		control_refuse(c, "the reload has not ended yet");
	else if (c->upgrade)
		control_refuse(c, "the upgrade has not ended yet");
	else
		caller_free(c);
}

void
control_ask(struct master *m, struct caller *c, unsigned int what,
    const char *list)
{
	if (++c->control->last_serial == 0)
		++c->control->last_serial;
	c->serial = c->control->last_serial;
	c->list = list;
	c->nworkers = slots_ask(m->slots, what, c->serial, c->workers);
	if (c->nworkers == 0)
		answer_items(c);
	else
		wait_for(c, WORKERS_MS);
}

static void
worker_done(struct caller *c, size_t worker)
{
	c->workers[worker] = false;
	if (--c->nworkers == 0)
		answer_items(c);
}

void
control_told(struct control *control, size_t worker, const void *data,
    size_t len)
{
	struct msg_told m;
	struct caller *c;

	if (control == NULL || msg_get_told(data, len, &m) != 0)
		return;
	LIST_FOREACH(c, &control->callers, link)
		if (c->serial == m.serial && m.serial != 0)
			break;
	if (c == NULL || !c->workers[worker])
		return;
	if (m.text.len > 0 && ((c->items.len > 0 &&
	    buf_putc(&c->items, ',') != 0) ||
	    buf_put(&c->items, m.text.data, m.text.len) != 0))
		control_refuse(c, "out of memory");
	else if (m.last)
		worker_done(c, worker);
}

void
control_worker_down(struct control *control, size_t worker)
{
	struct caller *c, *next;

	for (c = control == NULL ? NULL : LIST_FIRST(&control->callers);
	    c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		if (c->serial != 0 && c->workers[worker])
			worker_done(c, worker);
	}
}

/* ---- waiting for a reload ------------------------------------------------ */

/* Who asks while a load runs waits for the one behind it. */
static bool
is_awaited(const struct caller *c)
{
	return c->reload != 0 && c->reload <= c->control->m->loads;
}

void
control_fault(struct control *control, const char *line, size_t len)
{
	struct caller *c;

	if (control == NULL)
		return;
	LIST_FOREACH(c, &control->callers, link)
		if ((is_awaited(c) || c->upgrade) && ((c->faults.len > 0 &&
		    buf_putc(&c->faults, ',') != 0) ||
		    json_quote(&c->faults, line, len) != 0))
			log_warn("control: a fault is not told: out of memory");
}

void
control_wait_reload(struct caller *c)
{
	c->reload = c->control->m->loads + 1;
	wait_for(c, RELOAD_MS);
}

static void
answer_reload(struct caller *c, const char *why)
{
	struct buf b;

	if (why != NULL) {
		control_refuse(c, "nothing has changed: %s", why);
		return;
	}
	buf_init(&b, 0);
	if (buf_printf(&b, "\"generation\":%u,\"faults\":[",
	    (unsigned int)c->control->m->generation) != 0 ||
	    buf_put(&b, c->faults.data, c->faults.len) != 0 ||
	    buf_putc(&b, ']') != 0)
		control_refuse(c, "out of memory");
	else
		control_answer(c, &b);
	buf_fini(&b);
}

void
control_reloaded(struct control *control, const char *why)
{
	struct caller *c, *next;

	for (c = control == NULL ? NULL : LIST_FIRST(&control->callers);
	    c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		if (is_awaited(c))
			answer_reload(c, why);
	}
}

/* ---- waiting for an upgrade ---------------------------------------------- */

void
control_wait_upgrade(struct caller *c)
{
	c->upgrade = true;
	wait_for(c, RELOAD_MS);
}

void
control_not_upgraded(struct control *control, const char *why)
{
	struct caller *c, *next;

	for (c = control == NULL ? NULL : LIST_FIRST(&control->callers);
	    c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		if (c->upgrade)
			control_refuse(c, "dalpuri %s goes on: %s",
			    PACKAGE_VERSION, why);
	}
}

int
control_hand_over(const struct control *control, struct buf *state)
{
	struct handover_item item = { .kind = HANDOVER_CONTROL,
	    .fds = { -1, -1 } };
	const struct caller *c;

	if (control == NULL)
		return 0;
	item.fds[0] = control->fd;
	item.text.data = control->address.sun_path;
	item.text.len = strlen(item.text.data);
	if (handover_put(state, &item) != 0)
		return -1;
	item = (struct handover_item){ .kind = HANDOVER_CALLER };
	LIST_FOREACH(c, &control->callers, link) {
		item.fds[0] = bufferevent_getfd(c->io);
		if (c->upgrade && handover_put(state, &item) != 0)
			return -1;
	}
	return 0;
}

/* ---- callers ------------------------------------------------------------- */

static void
on_line(struct bufferevent *io, void *arg)
{
	struct caller *c = arg;
	struct evbuffer *in = bufferevent_get_input(io);
	char *line = evbuffer_readln(in, NULL, EVBUFFER_EOL_LF);

	if (line == NULL) {
		if (evbuffer_get_length(in) > LINE_MAX)
			control_refuse(c, "the line is too long");
		return;
	}
	bufferevent_setcb(io, NULL, NULL, on_end, c);
	log_info("control: %s", line);
	control_command(c->control->m, c, line);
	free(line);
}

/* Only its owner and root, whatever the mode of the file. */
static bool
may_ask(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	    (who.uid == 0 || who.uid == geteuid());
}

static struct caller *
caller_new(struct control *control, int fd)
{
	static const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct caller *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->io = bufferevent_socket_new(control->m->base, fd,
	    BEV_OPT_CLOSE_ON_FREE);
	if (c->io == NULL) {
		free(c);
		return NULL;
	}
	c->control = control;
	buf_init(&c->items, 0);
	buf_init(&c->faults, 0);
	event_assign(&c->timer, control->m->base, -1, 0, on_timer, c);
	bufferevent_setcb(c->io, on_line, NULL, on_end, c);
	bufferevent_set_timeouts(c->io, NULL, &patience);
	LIST_INSERT_HEAD(&control->callers, c, link);
	control->ncallers++;
	if (event_add(&c->timer, &patience) != 0 ||
	    bufferevent_enable(c->io, EV_READ | EV_WRITE) != 0) {
		caller_free(c);
		return NULL;
	}
	return c;
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;
	int caller = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (caller == -1)
		return;
	if (!may_ask(caller) || control->ncallers == CALLERS_MAX) {
		log_warn("control: a caller was refused");
		close(caller);
	} else if (caller_new(control, caller) == NULL) {
		log_warn("control: a caller was refused: out of memory");
		close(caller);
	}
}

/* ---- the socket ---------------------------------------------------------- */

/* What a dead master has left; a living one is not disturbed. */
static int
clear_path(const struct sockaddr_un *address, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;
	int r;

	if (fd == -1)
		return err_set_errno(err, ERR_INTERNAL, "control socket");
	r = connect(fd, (const struct sockaddr *)(const void *)address,
	    sizeof(*address));
	close(fd);
	if (r == 0)
		return err_set(err, ERR_INTERNAL, "%s: another dalpuri "
		    "listens there", address->sun_path);
	if (lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(address->sun_path);
	return 0;
}

static int
listen_at(struct control *control, const char *path, struct err *err)
{
	mode_t mask;
	int r;

	control->address.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(control->address.sun_path))
		return err_set(err, ERR_INTERNAL, "control: the path is longer "
		    "than %zu bytes", sizeof(control->address.sun_path) - 1);
	strcpy(control->address.sun_path, path);
	if (clear_path(&control->address, err) != 0)
		return -1;
	control->fd = socket(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	r = control->fd == -1 ? -1 : bind(control->fd, (struct sockaddr *)
	    &control->address, sizeof(control->address));
	umask(mask);
	if (r == -1 || listen(control->fd, CALLERS_MAX) == -1)
		return err_set_errno(err, ERR_INTERNAL, "%s", path);
	return 0;
}

/* Its descriptor listens. */
static void
watch(struct master *m, struct control *control)
{
	control->m = m;
	LIST_INIT(&control->callers);
	event_assign(&control->event, m->base, control->fd,
	    EV_READ | EV_PERSIST, on_accept, control);
	event_add(&control->event, NULL);
	m->control = control;
}

/* The file, and who waited for us to be there. */
void
control_inherit(struct master *m, const struct handover_item *item)
{
	static const char answer[] = "{\"ok\":true,\"version\":\""
	    PACKAGE_VERSION "\"}\n";
	struct control *control;

	if (item->kind == HANDOVER_CALLER) {
		(void)send(item->fds[0], answer, sizeof(answer) - 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		close(item->fds[0]);
		return;
	}
	control = m->control != NULL || item->text.len >=
	    sizeof(control->address.sun_path) ? NULL :
	    calloc(1, sizeof(*control));
	if (control == NULL) {
		close(item->fds[0]);
		return;
	}
	control->address.sun_family = AF_UNIX;
	memcpy(control->address.sun_path, item->text.data, item->text.len);
	control->fd = item->fds[0];
	watch(m, control);
}

int
control_start(struct master *m, struct err *err)
{
	struct control *control;

	if (m->control != NULL && m->conf.control != NULL &&
	    strcmp(m->control->address.sun_path, m->conf.control) == 0)
		return 0;
	control_free(&m->control);
	if (m->conf.control == NULL)
		return 0;
	control = calloc(1, sizeof(*control));
	if (control == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	control->fd = -1;
	if (listen_at(control, m->conf.control, err) != 0) {
		if (control->fd != -1)
			close(control->fd);
		free(control);
		return -1;
	}
	watch(m, control);
	return 0;
}

void
control_free(struct control **cp)
{
	struct control *control = *cp;
	struct caller *c;

	if (control == NULL)
		return;
	while ((c = LIST_FIRST(&control->callers)) != NULL)
		caller_free(c);
	event_del(&control->event);
	close(control->fd);
	(void)unlink(control->address.sun_path);
	free(control);
	*cp = NULL;
}
