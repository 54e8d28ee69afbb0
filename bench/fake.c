/*
 * fake: a Socket.IO server that knows one answer and has it ready, to find out
 * how much the load generator can take.
 *
 *	fake -p PORT [-r ROWS] [-b BYTES] [-f BYTES]
 *
 * Every event is acknowledged with ROWS rows of BYTES bytes, in websocket
 * frames of at most -f bytes (0: whole messages), each connection's in the
 * order of its requests.  It believes its client to be the load generator.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define EVENTS_MAX 256
#define IN_MAX 65536
#define ASKED_MAX 4096
#define FRAME_HEAD_MAX 10

static const char upgraded[] = "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char opened[] = "0{\"sid\":\"fake\",\"upgrades\":[],"
    "\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";

struct client {
	int fd;
	char in[IN_MAX];
	size_t in_bytes;
	int upgraded;
	unsigned long asked[ASKED_MAX];	/* ring of ids to be answered */
	unsigned first, last;
	size_t sent;			/* of the first answer's body */
	char head[64];			/* of the frame that is being sent */
	size_t head_bytes, head_sent, frame_left;
	int begun;
};

static char *body;
static size_t body_bytes, fragment;
static int epoll;

/* ---- out ----------------------------------------------------------------- */

static size_t
put_head(char *at, unsigned op, int final, size_t bytes)
{
	size_t i, n = 0, size = bytes < 126 ? 0 : bytes < 65536 ? 2 : 8;

	at[n++] = (char)(op | (final ? 0x80u : 0));
	at[n++] = (char)(size == 0 ? bytes : size == 2 ? 126 : 127);
	for (i = size; i > 0; i--)
		at[n++] = (char)(bytes >> (8 * (i - 1)));
	return n;
}

/* The head of the next frame of the first answer, its id in the first. */
static void
next_frame(struct client *c)
{
	char id[32] = "";
	size_t n = 0, left = body_bytes - c->sent;

	if (!c->begun)
		n = (size_t)snprintf(id, sizeof(id), "43%lu",
		    c->asked[c->first % ASKED_MAX]);
	c->frame_left = fragment == 0 || left < fragment ? left : fragment;
	c->head_bytes = put_head(c->head, c->begun ? 0 : 1,
	    c->frame_left == left, n + c->frame_left);
	memcpy(c->head + c->head_bytes, id, n);
	c->head_bytes += n;
	c->head_sent = 0;
	c->begun = 1;
}

static void
account(struct client *c, size_t n)
{
	size_t head = c->head_bytes - c->head_sent;

	head = n < head ? n : head;
	c->head_sent += head;
	c->sent += n - head;
	c->frame_left -= n - head;
	if (c->head_sent < c->head_bytes || c->frame_left > 0)
		return;
	c->head_bytes = c->head_sent = 0;
	if (c->sent == body_bytes) {
		c->sent = 0;
		c->begun = 0;
		c->first++;
	}
}

static int
answer(struct client *c)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	struct iovec out[2];
	ssize_t n;

	while (c->first != c->last) {
		if (c->head_bytes == 0)
			next_frame(c);
		out[0].iov_base = c->head + c->head_sent;
		out[0].iov_len = c->head_bytes - c->head_sent;
		out[1].iov_base = body + c->sent;
		out[1].iov_len = c->frame_left;
		n = writev(c->fd, out, 2);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n < 0) {
			event.events |= EPOLLOUT;
			break;
		}
		account(c, (size_t)n);
	}
	return epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static int
say(struct client *c, const char *text)
{
	char out[256];
	size_t n = put_head(out, 1, 1, strlen(text));

	memcpy(out + n, text, strlen(text));
	n += strlen(text);
	return send(c->fd, out, n, MSG_NOSIGNAL) == (ssize_t)n ? 0 : -1;
}

/* ---- in ------------------------------------------------------------------ */

static int
take_message(struct client *c, char *text)
{
	if (strncmp(text, "40", 2) == 0)
		return say(c, "40{\"sid\":\"fake\"}");
	if (strncmp(text, "42", 2) == 0 && c->last - c->first < ASKED_MAX)
		c->asked[c->last++ % ASKED_MAX] = strtoul(text + 2, NULL, 10);
	return 0;
}

/* One masked frame with a length of at most 16 bits: bytes used, 0: more are
 * needed. */
static size_t
take_frame(struct client *c, size_t from, int *failed)
{
	unsigned char *at = (unsigned char *)c->in + from, *payload;
	size_t i, have = c->in_bytes - from, head = 6, bytes;
	char text[256];

	if (have < 4)
		return 0;
	bytes = at[1] & 127u;
	if (bytes == 126) {
		bytes = (size_t)at[2] << 8 | at[3];
		head = 8;
	}
	if (have < head + bytes)
		return 0;
	payload = at + head;
	for (i = 0; i < bytes && i < sizeof(text) - 1; i++)
		text[i] = (char)(payload[i] ^ payload[(int)(i % 4) - 4]);
	text[i] = '\0';
	if ((at[0] & 15) == 8 || take_message(c, text) != 0)
		*failed = 1;
	return head + bytes;
}

static int
take(struct client *c)
{
	size_t used = 0, n;
	int failed = 0;
	char *end;

	if (!c->upgraded) {
		end = memmem(c->in, c->in_bytes, "\r\n\r\n", 4);
		if (end == NULL)
			return 0;
		c->upgraded = 1;
		c->in_bytes = 0;
		return write(c->fd, upgraded, strlen(upgraded)) < 0 ? -1 :
		    say(c, opened);
	}
	while (!failed && (n = take_frame(c, used, &failed)) > 0)
		used += n;
	c->in_bytes -= used;
	memmove(c->in, c->in + used, c->in_bytes);
	return failed ? -1 : answer(c);
}

static int
on_event(struct client *c, unsigned events)
{
	ssize_t n;

	if ((events & EPOLLIN) != 0) {
		n = read(c->fd, c->in + c->in_bytes, IN_MAX - c->in_bytes);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return -1;
		c->in_bytes += n > 0 ? (size_t)n : 0;
		if (take(c) != 0)
			return -1;
	}
	if ((events & EPOLLOUT) != 0 && answer(c) != 0)
		return -1;
	return (events & (EPOLLHUP | EPOLLERR)) != 0 ? -1 : 0;
}

/* ---- begin --------------------------------------------------------------- */

static void
take_client(int listener)
{
	struct epoll_event event = { .events = EPOLLIN };
	int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	struct client *c;

	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->fd = fd;
	event.data.ptr = c;
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int
listen_on(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_port = htons((unsigned short)port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 1024) != 0)
		return -1;
	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? fd : -1;
}

static int
make_body(size_t rows, size_t row_bytes)
{
	size_t i, max = 64 + rows * (row_bytes + 16);
	char *at;

	body = malloc(max);
	if (body == NULL)
		return -1;
	at = body + sprintf(body, "[{\"success\":true,\"data\":[");
	for (i = 0; i < rows; i++) {
		at += sprintf(at, "%s{\"text\":\"", i == 0 ? "" : ",");
		memset(at, 'x', row_bytes);
		at += row_bytes;
		at += sprintf(at, "\"}");
	}
	at += sprintf(at, "]}]");
	body_bytes = (size_t)(at - body);
	return 0;
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS_MAX];
	size_t rows = 20, row_bytes = 60;
	int c, i, n, port = 0, listener;
	struct client *client;

	while ((c = getopt(argc, argv, "p:r:b:f:")) != -1)
		switch (c) {
		case 'p': port = atoi(optarg); break;
		case 'r': rows = strtoul(optarg, NULL, 10); break;
		case 'b': row_bytes = strtoul(optarg, NULL, 10); break;
		case 'f': fragment = strtoul(optarg, NULL, 10); break;
		default: return 2;
		}
	signal(SIGPIPE, SIG_IGN);
	epoll = epoll_create1(0);
	listener = listen_on(port);
	if (listener < 0 || make_body(rows, row_bytes) != 0) {
		perror("fake");
		return 1;
	}
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS_MAX, -1);
		for (i = 0; i < n; i++) {
			client = events[i].data.ptr;
			if (client == NULL) {
				take_client(listener);
			} else if (on_event(client, events[i].events) != 0) {
				close(client->fd);
				free(client);
			}
		}
	}
}
