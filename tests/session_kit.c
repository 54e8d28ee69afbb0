/* See session_kit.h. */
#include "session_kit.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "conf/conf_table.h"
#include "ipc/channel.h"
#include "ipc/view.h"
#include "ipc/wire.h"
#include "proto/deflate.h"
#include "proto/ws.h"
#include "worker/adopt.h"
#include "worker/compress.h"
#include "worker/conn.h"
#include "worker/generation.h"
#include "worker/move.h"
#include "worker/pinned.h"
#include "worker/replies.h"
#include "worker/schedule.h"
#include "worker/session.h"

#define HEARD_MAX (4 * 1024 * 1024)
#define TURNS 50

struct worker kit;

static int master, queue_write, queue_read;
static struct buf body;
static unsigned int nsessions;

static void
no_message(void *ctx, const void *data, size_t len, int *fds, size_t nfds)
{
	(void)ctx;
	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
}

static void
no_end(void *ctx)
{
	(void)ctx;
}

static const struct channel_handlers handlers = {
	.message = no_message, .gone = no_end
};

static void
add_collectors(struct conf *c)
{
	struct conf_file *plug;

	c->collectors = calloc(3, sizeof(*c->collectors));
	ck_assert_ptr_nonnull(c->collectors);
	c->ncollectors = 3;
	c->collectors[0].name = strdup("one");
	c->collectors[1].name = strdup("other");
	plug = &c->collectors[2];
	plug->name = strdup("plug");
	plug->plugin = plug->connects = true;
	ck_assert_int_eq(conf_list_add(&plug->namespaces, "/plug"), 0);
}

void
kit_generation(uint32_t number, const char *settings)
{
	struct conf_faults faults = { 0 };
	struct conf c;
	struct buf b;
	struct err err;
	int fd;

	buf_init(&b, 0);
	ck_assert_int_eq(conf_init(&c), 0);
	ck_assert_int_eq(conf_read_text(&c, "test.conf", settings,
	    strlen(settings), &faults), 0);
	add_collectors(&c);
	ck_assert_int_eq(conf_view_put(&c, CONF_WORKER, &b), 0);
	fd = view_seal("test", b.data, b.len, &err);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(generation_add(&kit, number, fd, &err), 0);
	close(fd);
	buf_fini(&b);
	conf_fini(&c);
	conf_faults_fini(&faults);
}

void
kit_start(const char *settings)
{
	const uint64_t seed[2] = { 1, 2 };
	struct err err;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	memset(&kit, 0, sizeof(kit));
	kit.number = 1;
	kit.base = event_base_new();
	TAILQ_INIT(&kit.given);
	ck_assert_ptr_nonnull(kit.base);
	table_init(&kit.sessions, seed);
	ck_assert_int_eq(queue_pair(&queue_write, &queue_read, &err), 0);
	kit.schedule = schedule_new(&kit, queue_write);
	kit.pinned = pinned_new(&kit, queue_write);
	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	master = ends[1];
	kit.master = channel_new(kit.base, ends[0], &handlers, &kit);
	buf_init(&body, 0);
	kit_generation(1, settings);
}

void
kit_stop(void)
{
	session_free_all(&kit);
	kit_turn();
	conn_free_all(&kit);
	adopt_free_all(&kit);
	generation_free_all(&kit);
	channel_free(&kit.master);
	compress_free(&kit);
	pinned_free(&kit.pinned);
	schedule_free(&kit.schedule);
	table_fini(&kit.sessions);
	event_base_free(kit.base);
	buf_fini(&body);
	close(master);
	close(queue_write);
	close(queue_read);
}

void
kit_turn(void)
{
	int i;

	for (i = 0; i < TURNS; i++)
		event_base_loop(kit.base, EVLOOP_NONBLOCK);
}

/* A client's socket: ours, and the one that the worker gets. */
static void
client_pair(int *client_out, int *server_out)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	*client_out = ends[0];
	*server_out = ends[1];
}

int
kit_session(struct msg_session *m, const char *bytes)
{
	struct buf b;
	int client, server;

	client_pair(&client, &server);
	snprintf(m->sid, sizeof(m->sid), "session-%012u", ++nsessions);
	m->opened_ms = clock_ms();
	if (m->generation == 0)
		m->generation = 1;
	snprintf(m->address, sizeof(m->address), "test:%u", nsessions);
	m->nconns = 1;
	m->conns[0] = (struct msg_bytes){ bytes, strlen(bytes) };
	buf_init(&b, 0);
	ck_assert_int_eq(msg_put_session(&b, m), 0);
	adopt_session(&kit, b.data, b.len, &server, 1);
	ck_assert_int_eq(server, -1);
	buf_fini(&b);
	kit_turn();
	return client;
}

int kit_deflate_bits;

int
kit_joined(void)
{
	struct msg_session m = { .transport = MSG_WEBSOCKET,
	    .origin = MSG_GRANT_YES, .origin_key = "k",
	    .deflate_bits = kit_deflate_bits };
	int client = kit_session(&m, "");

	kit_say(client, "40");
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "40{\"sid\":"));
	return client;
}

int
kit_route(const char *bytes)
{
	struct msg_route m = { .tag = 7, .address = "test:0",
	    .bytes = { bytes, strlen(bytes) } };
	struct buf b;
	int client, server;

	client_pair(&client, &server);
	buf_init(&b, 0);
	ck_assert_int_eq(msg_put_route(&b, MSG_ROUTE, &m), 0);
	adopt_route(&kit, b.data, b.len, &server, 1);
	buf_fini(&b);
	kit_turn();
	return client;
}

/* A session between two workers. */
struct passing {
	size_t len, nfds;
	int fds[FDPASS_FDS_MAX];
	char data[FDPASS_BYTES_MAX];
};

static void
confirm(const struct passing *p)
{
	struct msg_adopted adopted;
	struct msg_session m;
	struct buf b;

	ck_assert_int_eq(msg_get_session(p->data, p->len, &m), 0);
	adopted.tag = m.tag;
	buf_init(&b, 0);
	ck_assert_int_eq(msg_put_adopted(&b, &adopted), 0);
	adopt_confirmed(&kit, b.data, b.len);
	buf_fini(&b);
}

static void
arrive(struct passing *p, void (*change)(struct msg_session *m))
{
	struct msg_session m;
	struct buf b;

	ck_assert_int_eq(msg_get_session(p->data, p->len, &m), 0);
	if (change != NULL)
		change(&m);
	buf_init(&b, 0);
	ck_assert_int_eq(msg_put_session(&b, &m), 0);
	adopt_session(&kit, b.data, b.len, p->fds, p->nfds);
	while (p->nfds > 0)
		if (p->fds[--p->nfds] >= 0)
			close(p->fds[p->nfds]);
	buf_fini(&b);
}

int
kit_move_changed(void (*change)(struct msg_session *m))
{
	static struct passing all[8];
	struct passing *p = all;
	int i, n = 0;

	ck_assert_int_eq(move_watch(&kit), 0);
	move_start(&kit);
	kit_turn();
	while (fdpass_recv(master, p->data, sizeof(p->data), &p->len, p->fds,
	    &p->nfds) == FDPASS_OK) {
		if (msg_type(p->data, p->len) != MSG_SESSION)
			continue;
		p++;
		n++;
	}
	for (i = 0; i < n; i++)
		confirm(&all[i]);
	kit_turn();
	move_free(&kit);
	for (i = 0; i < n; i++)
		arrive(&all[i], change);
	kit_turn();
	return n;
}

int
kit_move(void)
{
	return kit_move_changed(NULL);
}

void
kit_say(int client, const char *text)
{
	size_t len = strlen(text), head_len;
	char frame[4096];

	ck_assert_uint_lt(len, sizeof(frame) - 14);
	head_len = ws_frame_head(frame, WS_TEXT, true, len);
	frame[1] = (char)(frame[1] | 0x80);
	memset(frame + head_len, 0, 4);		/* a mask of no effect */
	memcpy(frame + head_len + 4, text, len);
	len += head_len + 4;
	ck_assert_int_eq(send(client, frame, len, MSG_NOSIGNAL), (ssize_t)len);
	kit_turn();
}

static size_t
read_all(int client, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		kit_turn();
		n = recv(client, out + len, size - len, MSG_DONTWAIT);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0);
	return len;
}

const char *
kit_bytes(int client)
{
	static char bytes[HEARD_MAX];

	bytes[read_all(client, bytes, sizeof(bytes) - 1)] = '\0';
	return bytes;
}

/* The length of a frame's payload, and of the head in front of it. */
static size_t
payload_len(const unsigned char *p, size_t *head_len_out)
{
	size_t len = p[1], n = len == 126 ? 2 : len == 127 ? 8 : 0, i;

	*head_len_out = 2 + n;
	if (n == 0)
		return len;
	for (len = 0, i = 0; i < n; i++)
		len = len << 8 | p[2 + i];
	return len;
}

/* Append what a whole message was. */
static char *
put_inflated(char *out, const char *data, size_t len)
{
	struct buf content;

	buf_init(&content, HEARD_MAX);
	ck_assert_int_eq(inflate_message(data, len, &content), INFLATED);
	memcpy(out, content.data, content.len);
	out += content.len;
	buf_fini(&content);
	return out;
}

const char *
kit_heard(int client)
{
	static char bytes[HEARD_MAX], heard[HEARD_MAX], packed[HEARD_MAX];
	size_t len = read_all(client, bytes, sizeof(bytes)), at = 0, n, head;
	size_t npacked = 0;
	bool is_packed = false;
	char *out = heard;

	while (at + 2 <= len) {
		const unsigned char *p = (unsigned char *)bytes + at;
		bool is_control = (p[0] & 8) != 0;

		n = payload_len(p, &head);
		ck_assert_uint_le(n, len - at - head);
		if ((p[0] & 15) == WS_CLOSE) {
			out += sprintf(out, "close %d\n", n < 2 ? 0 :
			    p[head] << 8 | p[head + 1]);
			at += head + n;
			continue;
		}
		if (!is_control && (p[0] & 15) != WS_CONTINUATION) {
			is_packed = (p[0] & WS_COMPRESSED) != 0;
			npacked = 0;
		}
		if (is_packed && !is_control) {
			memcpy(packed + npacked, p + head, n);
			npacked += n;
			if ((p[0] & 0x80) != 0)
				out = put_inflated(out, packed, npacked);
		} else {
			memcpy(out, p + head, n);
			out += n;
		}
		if ((p[0] & 0x80) != 0)
			*out++ = '\n';
		at += head + n;
	}
	*out = '\0';
	return heard;
}

/* What the master gets next; no bytes = nothing. */
static struct msg_bytes
next_told(void)
{
	static char data[FDPASS_BYTES_MAX];
	static struct wire_reader several;
	int fds[FDPASS_FDS_MAX];
	size_t len, nfds;

	if (several.at < several.end)
		return wire_get_bytes(&several);
	if (fdpass_recv(master, data, sizeof(data), &len, fds, &nfds) !=
	    FDPASS_OK)
		return (struct msg_bytes){ NULL, 0 };
	while (nfds > 0)
		close(fds[--nfds]);
	if (msg_type(data, len) != MSG_SEVERAL)
		return (struct msg_bytes){ data, len };
	several = wire_reader(data + 1, len - 1);
	return wire_get_bytes(&several);
}

size_t
kit_told(enum msg_type type, const void **data_out)
{
	struct msg_bytes one;

	while ((one = next_told()).len > 0) {
		*data_out = one.data;
		if (msg_type(one.data, one.len) == type)
			return one.len;
	}
	return 0;
}

void
kit_others(int n)
{
	const struct queue_request theirs = { .worker = 2, .collector = "one",
	    .key = "k", .nsp = "/", .deadline_ms = UINT64_MAX };
	int reply;

	while (n-- > 0) {
		ck_assert_int_eq(queue_put(queue_write, &theirs, &reply),
		    FDPASS_OK);
		close(reply);
	}
}

int
kit_take(struct queue_request *req_out)
{
	int reply;

	if (queue_take(queue_read, req_out, &body, &reply) != FDPASS_OK)
		return -1;
	return reply;
}

void
kit_die(int fd)
{
	close(fd);
	usleep(2 * REPLIES_LOOK_MS * 1000);
	kit_turn();
}

void
kit_drop(void)
{
	char head[64];
	int fds[FDPASS_FDS_MAX];
	size_t len, nfds;

	ck_assert_int_eq(fdpass_recv(queue_read, head, sizeof(head), &len, fds,
	    &nfds), FDPASS_OK);
	while (nfds > 1)
		close(fds[--nfds]);
	kit_die(fds[0]);
}

void
kit_reply(int fd, const struct reply *r)
{
	char out[REPLY_HEAD + ERR_TEXT_MAX];

	ck_assert_int_eq(fdpass_send(fd, out, reply_put(out, r), NULL, 0),
	    FDPASS_OK);
	kit_turn();
}

void
kit_begun(int fd, const struct queue_request *req, bool held)
{
	const struct reply r = { .type = REPLY_BEGUN, .id = req->id,
	    .held = held };

	kit_reply(fd, &r);
}

void
kit_rows(int fd, const char *text, bool border)
{
	static char out[REPLY_BYTES_MAX];

	reply_head(out, &(struct reply){ .type = REPLY_ROWS,
	    .border = border });
	memcpy(out + REPLY_HEAD, text, strlen(text));
	ck_assert_int_eq(fdpass_send(fd, out, REPLY_HEAD + strlen(text), NULL,
	    0), FDPASS_OK);
	kit_turn();
}

void
kit_end(int fd)
{
	const struct reply r = { .type = REPLY_END };

	kit_reply(fd, &r);
	close(fd);
}
