/* Lists for dalpurictl, item by item, in messages of moderate size. */
#include "worker/tell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/msg.h"
#include "worker/conn.h"
#include "worker/schedule.h"
#include "worker/session.h"

/* A message is sent when it has so much. */
#define SEND_AT (64 * 1024)
/* Of a sid: see session.h. */
#define SID_SHOWN 6

struct asks {
	struct worker *worker;
	struct event event;
	struct buf waiting;	/* struct msg_ask each */
};

struct telling {
	struct worker *worker;
	uint32_t serial;
	struct buf items;
};

static int
send_items(struct telling *t, bool last)
{
	const struct msg_told m = { .serial = t->serial, .last = last,
	    .text = { t->items.data, t->items.len } };
	struct buf b;
	int r = -1;

	buf_init(&b, 0);
	if (msg_put_told(&b, &m) == 0)
		r = channel_send(t->worker->master, &b, NULL, 0);
	buf_fini(&b);
	buf_clear(&t->items);
	return r;
}

static int
put_namespaces(struct buf *b, const struct session *s)
{
	const struct joined *j;
	bool any = false;

	SLIST_FOREACH(j, &s->joined, link) {
		if ((any && buf_putc(b, ',') != 0) ||
		    json_quote_text(b, j->nsp) != 0)
			return -1;
		any = true;
	}
	return 0;
}

static size_t
unread_bytes(const struct session *s)
{
	return s->output.bytes + (s->ws != NULL ? conn_pending(s->ws) : 0);
}

static int
put_session(struct buf *b, const struct session *s)
{
	if (buf_printf(b, "{\"session\":\"%.*s\",\"worker\":%u,"
	    "\"transport\":\"%s\",\"address\":", SID_SHOWN, s->sid,
	    s->worker->number, s->transport == EIO_WEBSOCKET ? "websocket" :
	    "polling") != 0 || json_quote_text(b, s->address) != 0 ||
	    buf_puts(b, ",\"key\":") != 0 ||
	    json_quote_text(b, s->key == NULL ? NULL : s->key->name) != 0 ||
	    buf_puts(b, ",\"namespaces\":[") != 0 ||
	    put_namespaces(b, s) != 0)
		return -1;
	return buf_printf(b, "],\"age_s\":%" PRIu64 ",\"requests\":%zu,"
	    "\"unread_bytes\":%zu}", (clock_ms() - s->opened_ms) / 1000,
	    s->nrequests, unread_bytes(s));
}

static int
tell_sessions(struct telling *t)
{
	struct table_node *node;

	for (node = table_first(&t->worker->sessions); node != NULL;
	    node = table_next(&t->worker->sessions, node)) {
		if ((t->items.len > 0 && buf_putc(&t->items, ',') != 0) ||
		    put_session(&t->items, TABLE_ENTRY(node, struct session,
		    node)) != 0)
			return -1;
		if (t->items.len >= SEND_AT && send_items(t, false) != 0)
			return -1;
	}
	return 0;
}

static int
tell_queue(struct telling *t)
{
	return schedule_tell(t->worker, &t->items);
}

static int (*const lists[])(struct telling *t) = {
	[MSG_ASK_SESSIONS] = tell_sessions,
	[MSG_ASK_QUEUE] = tell_queue
};

static void
tell(struct worker *w, const struct msg_ask *m)
{
	struct telling t = { .worker = w, .serial = m->serial };

	buf_init(&t.items, 0);
	if (lists[m->what](&t) != 0 || send_items(&t, true) != 0)
		log_warn("the master was not told: out of memory");
	buf_fini(&t.items);
}

static void
tell_all(evutil_socket_t fd, short what, void *arg)
{
	struct asks *a = arg;
	struct msg_ask m;

	(void)fd;
	(void)what;
	for (size_t at = 0; at < a->waiting.len; at += sizeof(m)) {
		memcpy(&m, a->waiting.data + at, sizeof(m));
		tell(a->worker, &m);
	}
	buf_clear(&a->waiting);
}

struct asks *
asks_new(struct worker *w)
{
	struct asks *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->worker = w;
	buf_init(&a->waiting, 0);
	event_assign(&a->event, w->base, -1, 0, tell_all, a);
	return a;
}

void
asks_free(struct asks **a)
{
	if (*a == NULL)
		return;
	event_del(&(*a)->event);
	buf_fini(&(*a)->waiting);
	free(*a);
	*a = NULL;
}

void
tell_master(struct worker *w, const void *data, size_t len)
{
	struct msg_ask m;

	if (msg_get_ask(data, len, &m) != 0)
		log_error("ASK of the master ignored: it is not sound");
	else if (buf_put(&w->asks->waiting, &m, sizeof(m)) != 0)
		log_warn("the master was not told: out of memory");
	else
		event_active(&w->asks->event, EV_TIMEOUT, 0);
}

void
tell_kill(struct worker *w, const void *data, size_t len)
{
	struct msg_closed m;
	struct session *s;

	if (msg_get_closed(data, len, &m) != 0) {
		log_error("CLOSED of the master ignored: it is not sound");
		return;
	}
	s = session_find(w, m.sid);
	if (s != NULL)
		session_close(s, CLOSE_ADMIN);
}
