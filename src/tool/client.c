/* RFC 6455 as a client: masked frames out, frames of a server in. */
#include "tool/client.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "proto/ws.h"

#define HEAD_MAX (16 * 1024)
#define READ_BYTES (64 * 1024)
/* What we are willing to hold of one answer. */
#define MESSAGE_MAX (1024UL * 1024 * 1024)
/* Longest frame head: 2 bytes, a length of 8, a mask of 4. */
#define FRAME_HEAD_MAX 14
#define MASK_BYTES 4

/* An url in parts; NUL-terminated. */
struct place {
	char host[256], port[8], path[256];
};

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "out of memory");
}

static int
read_url(struct place *p, const char *url, struct err *err)
{
	const char *host = url + strlen("http://"), *end, *port, *path;

	if (strncmp(url, "http://", strlen("http://")) != 0)
		return err_set(err, ERR_BAD_OPTIONS, "the url \"%s\" does not "
		    "begin with http:// (TLS is the proxy's: call the gateway "
		    "behind it)", url);
	path = host + strcspn(host, "/");
	end = *host == '[' ? strchr(host, ']') : NULL;
	port = end != NULL ? end + 1 : host + strcspn(host, ":/");
	if (end != NULL)
		host++;
	else
		end = port;
	if (end == host || end > path || (port < path && *port != ':') ||
	    snprintf(p->host, sizeof(p->host), "%.*s", (int)(end - host),
	    host) >= (int)sizeof(p->host) ||
	    snprintf(p->port, sizeof(p->port), "%.*s", port < path ?
	    (int)(path - port - 1) : 2, port < path ? port + 1 : "80") >=
	    (int)sizeof(p->port) ||
	    snprintf(p->path, sizeof(p->path), "%s", *path == '\0' ||
	    strcmp(path, "/") == 0 ? "/socket.io/" : path) >=
	    (int)sizeof(p->path))
		return err_set(err, ERR_BAD_OPTIONS,
		    "the url \"%s\" has no host that can be read", url);
	return 0;
}

/* Until the socket is ready, or the deadline has passed. */
static int
wait_for(const struct client *c, short events, struct err *err)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	uint64_t now = clock_ms();

	if (now >= c->deadline_ms)
		return err_set(err, ERR_TIMEOUT, "no answer in time");
	(void)poll(&p, 1, (int)(c->deadline_ms - now));
	return 0;
}

/* connect() waits as long as a send may. */
static void
limit_connect(const struct client *c)
{
	uint64_t now = clock_ms();
	uint64_t ms = now < c->deadline_ms ? c->deadline_ms - now : 1;
	const struct timeval limit = { .tv_sec = (time_t)(ms / 1000),
	    .tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	(void)setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
	    sizeof(limit));
}

static int
connect_to(struct client *c, const struct place *p, struct err *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *a;
	int r = getaddrinfo(p->host, p->port, &hints, &list);

	if (r != 0)
		return err_set(err, ERR_INTERNAL, "%s port %s: %s", p->host,
		    p->port, gai_strerror(r));
	for (a = list; a != NULL; a = a->ai_next) {
		c->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC,
		    a->ai_protocol);
		limit_connect(c);
		if (c->fd != -1 && connect(c->fd, a->ai_addr,
		    a->ai_addrlen) == 0)
			break;
		err_set_errno(err, ERR_INTERNAL, "%s port %s", p->host,
		    p->port);
		if (c->fd != -1)
			close(c->fd);
		c->fd = -1;
	}
	freeaddrinfo(list);
	return c->fd == -1 ? -1 : 0;
}

static int
send_all(struct client *c, const char *data, size_t len, struct err *err)
{
	while (len > 0) {
		ssize_t n;

		if (wait_for(c, POLLOUT, err) != 0)
			return -1;
		n = send(c->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		} else if (n == -1 && errno != EAGAIN && errno != EINTR) {
			return err_set_errno(err, ERR_INTERNAL, "send");
		}
	}
	return 0;
}

/* At least one more byte into c->in. */
static int
receive_more(struct client *c, struct err *err)
{
	for (;;) {
		char *room = buf_room(&c->in, READ_BYTES);
		ssize_t n;

		if (room == NULL)
			return no_memory(err);
		if (wait_for(c, POLLIN, err) != 0)
			return -1;
		n = recv(c->fd, room, READ_BYTES, MSG_DONTWAIT);
		if (n > 0) {
			buf_added(&c->in, (size_t)n);
			return 0;
		}
		if (n == 0)
			return err_set(err, ERR_INTERNAL,
			    "the gateway closed the connection");
		if (errno != EAGAIN && errno != EINTR)
			return err_set_errno(err, ERR_INTERNAL, "receive");
	}
}

/* The status line of a refusal, or what else came instead of a 101. */
static int
check_reply(struct client *c, const char *end, struct err *err)
{
	size_t len = strcspn(c->in.data, "\r\n");

	if (strncmp(c->in.data, "HTTP/1.1 101 ", 13) != 0)
		return err_set(err, ERR_INTERNAL, "no websocket there, but "
		    "\"%.*s\"", (int)(len < 100 ? len : 100), c->in.data);
	buf_eat(&c->in, (size_t)(end - c->in.data) + 4);
	return 0;
}

static int
change_protocol(struct client *c, const struct place *p, struct err *err)
{
	unsigned char key[16], text[25];
	char request[1024];
	const char *end;
	int len;

	clock_random(key, sizeof(key));
	(void)EVP_EncodeBlock(text, key, sizeof(key));
	len = snprintf(request, sizeof(request),
	    "GET %s?EIO=4&transport=websocket HTTP/1.1\r\n"
	    "Host: %s:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
	    p->path, p->host, p->port, (const char *)text);
	if (send_all(c, request, (size_t)len, err) != 0)
		return -1;
	do {
		if (c->in.len > HEAD_MAX)
			return err_set(err, ERR_INTERNAL,
			    "no websocket there, but a long text");
		if (receive_more(c, err) != 0)
			return -1;
		end = memmem(c->in.data, c->in.len, "\r\n\r\n", 4);
	} while (end == NULL);
	return check_reply(c, end, err);
}

int
client_open(struct client *c, const char *url, uint64_t deadline_ms,
    struct err *err)
{
	struct place place;

	memset(c, 0, sizeof(*c));
	c->fd = -1;
	c->deadline_ms = deadline_ms;
	buf_init(&c->in, 0);
	buf_init(&c->message, MESSAGE_MAX);
	if (read_url(&place, url, err) != 0 ||
	    connect_to(c, &place, err) != 0)
		return -1;
	return change_protocol(c, &place, err);
}

void
client_close(struct client *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
	buf_wipe(&c->in);
	buf_fini(&c->message);
}

static int
send_frame(struct client *c, enum ws_opcode opcode, const char *data,
    size_t len, struct err *err)
{
	struct buf frame;
	char head[FRAME_HEAD_MAX];
	size_t n = ws_frame_head(head, opcode, true, len);
	int result = -1;
	char *body;

	head[1] = (char)(head[1] | 0x80);
	clock_random(head + n, MASK_BYTES);
	buf_init(&frame, 0);
	if (buf_put(&frame, head, n + MASK_BYTES) != 0 ||
	    (body = buf_room(&frame, len)) == NULL) {
		no_memory(err);
	} else {
		for (size_t i = 0; i < len; i++)
			body[i] = (char)(data[i] ^ head[n + i % MASK_BYTES]);
		buf_added(&frame, len);
		result = send_all(c, frame.data, frame.len, err);
	}
	buf_wipe(&frame);
	return result;
}

int
client_send(struct client *c, const char *text, size_t len, struct err *err)
{
	return send_frame(c, WS_TEXT, text, len, err);
}

/* A frame at the beginning of c->in, of which all is there. */
struct frame {
	enum ws_opcode opcode;
	bool fin;
	size_t head;
	uint64_t len;
};

/* 0: more bytes are needed; 1; or -1. */
static int
read_frame(const struct client *c, struct frame *f, struct err *err)
{
	const unsigned char *p = (const unsigned char *)c->in.data;
	size_t extra;

	if (c->in.len < 2)
		return 0;
	f->opcode = (enum ws_opcode)(p[0] & 0x0f);
	f->fin = (p[0] & 0x80) != 0;
	f->len = p[1] & 0x7f;
	extra = f->len == 127 ? 8 : f->len == 126 ? 2 : 0;
	f->head = 2 + extra;
	if ((p[0] & 0x70) != 0 || (p[1] & 0x80) != 0)
		return err_set(err, ERR_INTERNAL,
		    "the gateway sent a frame that is none of a server's");
	if (c->in.len < f->head)
		return 0;
	for (size_t i = 0; i < extra; i++)
		f->len = (i == 0 ? 0 : f->len << 8) | p[2 + i];
	if (f->len > MESSAGE_MAX)
		return err_set(err, ERR_LIMIT, "the answer is too large");
	return c->in.len - f->head >= f->len ? 1 : 0;
}

static int
next_frame(struct client *c, struct frame *f, struct err *err)
{
	int r;

	while ((r = read_frame(c, f, err)) == 0)
		if (receive_more(c, err) != 0)
			return -1;
	return r < 0 ? -1 : 0;
}

/* 1: the message goes on, 0: it is whole, -1. */
static int
take_frame(struct client *c, const struct frame *f, struct err *err)
{
	const char *data = c->in.data + f->head;

	switch (f->opcode) {
	case WS_TEXT:
	case WS_BINARY:
		c->binary = f->opcode == WS_BINARY;
		break;
	case WS_CONTINUATION:
		break;
	case WS_PING:
		return send_frame(c, WS_PONG, data, (size_t)f->len, err) == 0 ?
		    1 : -1;
	case WS_PONG:
		return 1;
	case WS_CLOSE:
	default:
		return err_set(err, ERR_INTERNAL,
		    "the gateway closed the connection");
	}
	if (buf_put(&c->message, data, (size_t)f->len) != 0)
		return no_memory(err);
	return f->fin ? 0 : 1;
}

int
client_receive(struct client *c, struct err *err)
{
	struct frame f;
	int r;

	buf_clear(&c->message);
	do {
		if (next_frame(c, &f, err) != 0)
			return -1;
		r = take_frame(c, &f, err);
		buf_eat(&c->in, f.head + (size_t)f.len);
	} while (r == 1);
	return r;
}
