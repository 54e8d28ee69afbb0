/*
 * One client: connect, upgrade to a websocket, Engine.IO open, Socket.IO
 * CONNECT with the key, then events.  Pings of both layers are answered.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

/* Around an event's name and options: frame head, packet type, id, commas. */
#define AROUND_EVENT 64
#define HANDSHAKE_MAX 1024
/* Ports run out after some 28,000 closed connections between two addresses:
 * each of so many connections comes from another one of 127.0.0.0/8. */
#define PER_ADDRESS 10000

/* The example of RFC 6455, so that the answer is known without SHA-1. */
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char accepted[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

int
conn_init(struct conn *conn, const struct options *options)
{
	memset(conn, 0, sizeof(*conn));
	conn->fd = -1;
	conn->out_max = HANDSHAKE_MAX + strlen(options->psk) +
	    options->depth * (AROUND_EVENT + strlen(options->event) +
	    strlen(options->body));
	conn->out = malloc(conn->out_max);
	conn->asked_us = calloc(options->depth, sizeof(*conn->asked_us));
	return conn->out == NULL || conn->asked_us == NULL ? -1 : 0;
}

void
conn_fini(struct conn *conn)
{
	if (conn->fd >= 0)
		close(conn->fd);
	free(conn->out);
	free(conn->asked_us);
}

void
conn_close(struct load *load, struct conn *conn)
{
	if (conn->fd < 0)
		return;
	if (conn->state == CONN_READY)
		load->ready--;
	close(conn->fd);
	conn->fd = -1;
	conn->state = CONN_CLOSED;
}

static void
fail(struct load *load, struct conn *conn, const char *why)
{
	conn_close(load, conn);
	load->mode->lost(load, conn, why);
}

static int
bind_source(int fd)
{
	static unsigned long opened;
	struct sockaddr_in from = { .sin_family = AF_INET };
	int on = 1;

	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK +
	    (uint32_t)(opened++ / PER_ADDRESS));
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	return bind(fd, (struct sockaddr *)&from, sizeof(from));
}

int
conn_open(struct load *load, struct conn *conn)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = conn };
	int on = 1;

	memset(&conn->reader, 0, sizeof(conn->reader));
	memset(conn->asked_us, 0,
	    load->options.depth * sizeof(*conn->asked_us));
	conn->out_bytes = conn->out_sent = 0;
	conn->http_bytes = conn->attachments = 0;
	conn->out_waits = true;
	conn->begun_us = load->now_us;
	conn->opened++;
	to.sin_port = htons((uint16_t)load->options.port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (conn->fd < 0 || bind_source(conn->fd) != 0)
		goto wrong;
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(conn->fd, (struct sockaddr *)&to, sizeof(to)) != 0 &&
	    errno != EINPROGRESS)
		goto wrong;
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, conn->fd, &event) != 0)
		goto wrong;
	conn->state = CONN_CONNECTING;
	return 0;
wrong:
	load_why(load, strerror(errno));
	conn_close(load, conn);
	return -1;
}

/* ---- out ----------------------------------------------------------------- */

static void
wait_for(struct load *load, struct conn *conn, bool out)
{
	struct epoll_event event = { .data.ptr = conn };

	if (conn->out_waits == out)
		return;
	conn->out_waits = out;
	event.events = out ? EPOLLIN | EPOLLOUT : EPOLLIN;
	epoll_ctl(load->epoll, EPOLL_CTL_MOD, conn->fd, &event);
}

void
conn_flush(struct load *load, struct conn *conn)
{
	ssize_t n;

	while (conn->fd >= 0 && conn->out_sent < conn->out_bytes) {
		n = send(conn->fd, conn->out + conn->out_sent,
		    conn->out_bytes - conn->out_sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			wait_for(load, conn, true);
			return;
		}
		if (n < 0) {
			fail(load, conn, strerror(errno));
			return;
		}
		conn->out_sent += (size_t)n;
	}
	conn->out_bytes = conn->out_sent = 0;
	if (conn->fd >= 0)
		wait_for(load, conn, false);
}

/* A masked frame with head and text one after the other. */
static void
put_frame(struct conn *conn, enum frame_op op, const char *head,
    const char *text, size_t text_bytes)
{
	size_t i, n = strlen(head), bytes = n + text_bytes;
	uint8_t *at = (uint8_t *)conn->out + conn->out_bytes;

	if (conn->out_max - conn->out_bytes < bytes + FRAME_HEAD_MAX + 4)
		return;	/* a server that pings and does not read */
	*at++ = (uint8_t)(0x80 | op);
	if (bytes < 126) {
		*at++ = (uint8_t)(0x80 | bytes);
	} else {
		*at++ = 0x80 | 126;
		*at++ = (uint8_t)(bytes >> 8);
		*at++ = (uint8_t)bytes;
	}
	memcpy(at, mask, sizeof(mask));
	at += sizeof(mask);
	for (i = 0; i < bytes; i++)
		at[i] = (uint8_t)((uint8_t)(i < n ? head[i] : text[i - n]) ^
		    mask[i % 4]);
	conn->out_bytes = (size_t)((char *)at + bytes - conn->out);
}

void
conn_ask(struct load *load, struct conn *conn, unsigned long id)
{
	char head[32];

	snprintf(head, sizeof(head), "42%lu", id);
	put_frame(conn, FRAME_TEXT, head, load->options.body,
	    strlen(load->options.body));
	conn->asked_us[id] = load->now_us;
	load->asked++;
}

static void
ask_upgrade(struct load *load, struct conn *conn)
{
	conn->out_bytes = (size_t)snprintf(conn->out, conn->out_max,
	    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
	    "Host: 127.0.0.1:%d\r\nConnection: Upgrade\r\n"
	    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: %s\r\n\r\n", load->options.port, key);
	conn->state = CONN_UPGRADING;
	conn_flush(load, conn);
}

/* ---- in ------------------------------------------------------------------ */

static void
take_ack(struct load *load, struct conn *conn, const struct answer_sense *ack)
{
	if (conn->state != CONN_READY || ack->id >= load->options.depth ||
	    conn->asked_us[ack->id] == 0)
		fail(load, conn, "an answer to nothing");
	else
		load->mode->answered(load, conn, ack, conn->answer.rows);
}

static void
take_text(struct load *load, struct conn *conn)
{
	struct answer_sense sense;
	char auth[160];

	answer_judge(&conn->answer, &sense);
	switch (sense.kind) {
	case ANSWER_OPEN:
		conn->state = CONN_JOINING;
		snprintf(auth, sizeof(auth), "40{\"psk\":\"%s\"}",
		    load->options.psk);
		put_frame(conn, FRAME_TEXT, auth, "", 0);
		break;
	case ANSWER_PING:
		put_frame(conn, FRAME_TEXT, "3", "", 0);
		break;
	case ANSWER_JOINED:
		conn->state = CONN_READY;
		load->ready++;
		load->mode->joined(load, conn);
		break;
	case ANSWER_REFUSED:
		fail(load, conn, conn->answer.head);
		break;
	case ANSWER_ACK:
		conn->attachments = sense.attachments;
		conn->ack = sense;
		if (sense.attachments == 0)
			take_ack(load, conn, &conn->ack);
		break;
	case ANSWER_OTHER:
		break;
	}
}

/* An attachment: its bytes belong to the answer in front of it. */
static void
take_binary(struct load *load, struct conn *conn)
{
	if (conn->attachments == 0) {
		fail(load, conn, "a binary message that belongs to nothing");
		return;
	}
	conn->ack.body_bytes += conn->answer.bytes;
	if (--conn->attachments == 0)
		take_ack(load, conn, &conn->ack);
}

static void
take_control(struct load *load, struct conn *conn,
    const struct frame_piece *piece)
{
	if (piece->begins)
		conn->control_bytes = 0;
	memcpy(conn->control + conn->control_bytes, piece->data, piece->bytes);
	conn->control_bytes += piece->bytes;
	if (!piece->ends)
		return;
	if (piece->op == FRAME_CLOSE)
		fail(load, conn, "closed by the server");
	else if (piece->op == FRAME_PING)
		put_frame(conn, FRAME_PONG, "", (char *)conn->control,
		    conn->control_bytes);
}

static void
take_piece(struct load *load, struct conn *conn,
    const struct frame_piece *piece)
{
	if (piece->op >= FRAME_CLOSE) {
		take_control(load, conn, piece);
		return;
	}
	if (piece->begins && piece->op != FRAME_CONTINUED) {
		answer_begin(&conn->answer, load->options.rows_known &&
		    load->body_bytes == 0);
		conn->answer.binary = piece->op == FRAME_BINARY;
	}
	answer_add(&conn->answer, piece->data, piece->bytes);
	if (!piece->ends || !piece->final)
		return;
	if (conn->answer.binary)
		take_binary(load, conn);
	else
		take_text(load, conn);
}

/* The answer to the upgrade: how many of the bytes belong to it. */
static size_t
take_http(struct load *load, struct conn *conn, const uint8_t *data,
    size_t bytes)
{
	size_t i, n = 0;

	for (i = 0; i < bytes; i++) {
		n = conn->http_bytes;
		if (n == sizeof(conn->http) - 1)
			break;
		conn->http[n++] = (char)data[i];
		conn->http[n] = '\0';
		conn->http_bytes = n;
		if (n >= 4 && memcmp(conn->http + n - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	if (i == bytes)
		return bytes;
	conn->state = CONN_OPENING;
	if (strncmp(conn->http, "HTTP/1.1 101", 12) != 0 ||
	    strstr(conn->http, accepted) == NULL)
		fail(load, conn, conn->http);
	return i + 1;
}

static void
take(struct load *load, struct conn *conn, const uint8_t *data, size_t bytes)
{
	struct frame_piece piece;
	unsigned opened = conn->opened;
	size_t used;

	/* what the mode closed or opened again has nothing to read here */
	while (bytes > 0 && conn->fd >= 0 && conn->opened == opened) {
		if (conn->state == CONN_UPGRADING) {
			used = take_http(load, conn, data, bytes);
		} else {
			used = frame_next(&conn->reader, data, bytes, &piece);
			if (used == 0)
				fail(load, conn, "a frame that is none");
			else if (piece.data != NULL)
				take_piece(load, conn, &piece);
		}
		data += used;
		bytes -= used;
	}
}

static void
readable(struct load *load, struct conn *conn)
{
	ssize_t n = recv(conn->fd, load->in, IN_MAX, 0);

	if (n > 0)
		take(load, conn, load->in, (size_t)n);
	else if (n == 0)
		fail(load, conn, "closed by the server");
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		fail(load, conn, strerror(errno));
}

void
conn_event(struct load *load, struct conn *conn, uint32_t events)
{
	if (conn->fd >= 0 && conn->state == CONN_CONNECTING)
		ask_upgrade(load, conn);
	if (conn->fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		readable(load, conn);
	if (conn->fd >= 0 && conn->state != CONN_CONNECTING)
		conn_flush(load, conn);
}
