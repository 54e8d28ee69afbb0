/*
 * The work queue.  Heads are all of one size, so that the kernel's count of
 * bytes tells the number of messages.
 */
#include "ipc/queue.h"

#include <linux/sockios.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/view.h"
#include "ipc/wire.h"

/* kind 4, worker 4, id 8, deadline 8, generation 4, bytes of body 4 */
#define HEAD_BYTES 32

enum kind {
	KIND_KICK,		/* nothing to do */
	KIND_INLINE,		/* the body waits in the reply socket */
	KIND_MEMFD,		/* the body is the second descriptor */
	KINDS
};

int
queue_pair(int *write_out, int *read_out, struct err *err)
{
	int ends[2];

	if (fdpass_pair(ends, err) < 0)
		return -1;
	/* Nothing ever flows back. */
	if (shutdown(ends[1], SHUT_WR) < 0) {
		err_set_errno(err, ERR_INTERNAL, "shutdown");
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	*write_out = ends[0];
	*read_out = ends[1];
	return 0;
}

/* What the kernel counts for all messages of a socket; -1 on error. */
static int
unread_bytes(int write_fd)
{
	int bytes;

	return ioctl(write_fd, SIOCOUTQ, &bytes) == 0 ? bytes : -1;
}

/*
 * What the kernel counts for one message: the memory that it occupies, which
 * differs between kernels, so it is measured, once.
 */
static int
message_cost(void)
{
	static int cost;
	int ends[2];

	if (cost > 0)
		return cost;
	if (fdpass_pair(ends, NULL) < 0)
		return -1;
	queue_kick(ends[0]);
	cost = unread_bytes(ends[0]);
	close(ends[0]);
	close(ends[1]);
	return cost;
}

int
queue_unread(int write_fd)
{
	int cost = message_cost(), bytes = unread_bytes(write_fd);

	if (cost <= 0 || bytes < 0)
		return -1;
	return (bytes + cost - 1) / cost;
}

int
queue_taken(int reply)
{
	int bytes = unread_bytes(reply);

	return bytes < 0 ? -1 : bytes == 0;
}

static int
put_head(struct buf *head, enum kind kind, const struct queue_request *req,
    size_t body_bytes)
{
	struct wire_writer w = { .buf = head };

	wire_put(&w, kind, 4);
	wire_put(&w, req->worker, 4);
	wire_put(&w, req->id, 8);
	wire_put(&w, req->deadline_ms, 8);
	wire_put(&w, req->generation, 4);
	wire_put(&w, body_bytes, 4);
	return wire_written(&w);
}

static int
put_body(struct buf *body, const struct queue_request *req)
{
	struct wire_writer w = { .buf = body };

	wire_put_text(&w, req->collector);
	wire_put_text(&w, req->key);
	wire_put_text(&w, req->nsp);
	wire_put_bytes(&w, req->options);
	return wire_written(&w);
}

/* Write the body where it belongs, and the head with the collector's end. */
static enum fdpass_result
put_with(int write_fd, const struct queue_request *req, const struct buf *body,
    const int ends[2])
{
	bool large = body->len > QUEUE_BODY_INLINE;
	int fds[2] = { ends[1], -1 };
	enum fdpass_result result = FDPASS_BAD;
	struct buf head;

	buf_init(&head, HEAD_BYTES);
	if (put_head(&head, large ? KIND_MEMFD : KIND_INLINE, req,
	    body->len) < 0)
		goto free_head;
	if (large) {
		fds[1] = view_seal("dalpuri-request", body->data, body->len,
		    NULL);
		if (fds[1] < 0)
			goto free_head;
	}
	if (fdpass_send(ends[0], body->data, large ? 1 : body->len, NULL,
	    0) == FDPASS_OK)
		result = fdpass_send(write_fd, head.data, head.len, fds,
		    large ? 2 : 1);
	if (large)
		close(fds[1]);
free_head:
	buf_fini(&head);
	return result;
}

enum fdpass_result
queue_put_over(int write_fd, const struct queue_request *req, int ours,
    int theirs)
{
	const int ends[2] = { ours, theirs };
	enum fdpass_result result = FDPASS_BAD;
	struct buf body;

	buf_init(&body, QUEUE_BODY_MAX);
	if (put_body(&body, req) == 0)
		result = put_with(write_fd, req, &body, ends);
	buf_fini(&body);
	return result;
}

enum fdpass_result
queue_put(int write_fd, const struct queue_request *req, int *reply_out)
{
	enum fdpass_result result;
	int ends[2];

	if (fdpass_pair(ends, NULL) < 0)
		return FDPASS_BAD;
	result = queue_put_over(write_fd, req, ends[0], ends[1]);
	close(ends[1]);
	if (result == FDPASS_OK)
		*reply_out = ends[0];
	else
		close(ends[0]);
	return result;
}

void
queue_kick(int write_fd)
{
	static const char kick[HEAD_BYTES];

	/* A full queue wakes its readers by itself. */
	(void)fdpass_send(write_fd, kick, sizeof(kick), NULL, 0);
}

/* Read a head; its kind, or -1 when it is not well formed. */
static int
get_head(const void *data, size_t len, struct queue_request *req,
    size_t *body_bytes_out)
{
	struct wire_reader r = wire_reader(data, len);
	int kind = (int)wire_get(&r, 4, KINDS - 1);

	req->worker = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	req->id = wire_get(&r, 8, UINT64_MAX);
	req->deadline_ms = wire_get(&r, 8, UINT64_MAX);
	req->generation = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	*body_bytes_out = wire_get(&r, 4, QUEUE_BODY_MAX);
	return wire_read(&r) == 0 ? kind : -1;
}

static int
get_body(const struct buf *body, struct queue_request *req)
{
	struct wire_reader r = wire_reader(body->data, body->len);

	wire_get_text(&r, req->collector, sizeof(req->collector));
	wire_get_text(&r, req->key, sizeof(req->key));
	wire_get_text(&r, req->nsp, sizeof(req->nsp));
	req->options = wire_get_bytes(&r);
	return wire_read(&r);
}

/*
 * Take the one message of exactly len bytes out of the reply socket.  In the
 * same call the end behind it, if it is there: AGAIN, the asker has given up.
 */
static enum fdpass_result
take(int reply, char *out, size_t len)
{
	char byte;
	struct iovec body = { .iov_base = out, .iov_len = len };
	struct iovec end = { .iov_base = &byte, .iov_len = 1 };
	struct mmsghdr m[2] = {
		{ .msg_hdr = { .msg_iov = &body, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &end, .msg_iovlen = 1 } }
	};
	int n = recvmmsg(reply, m, 2, MSG_DONTWAIT | MSG_TRUNC, NULL);

	if (n < 1 || m[0].msg_len != len)
		return FDPASS_BAD;
	if (n == 1)
		return FDPASS_OK;
	return m[1].msg_len == 0 ? FDPASS_AGAIN : FDPASS_BAD;
}

static enum fdpass_result
fetch_inline(int reply, struct buf *body, size_t len)
{
	char *room = len <= QUEUE_BODY_INLINE ? buf_room(body, len) : NULL;
	enum fdpass_result result = FDPASS_BAD;

	if (room != NULL)
		result = take(reply, room, len);
	if (result == FDPASS_OK)
		buf_added(body, len);
	return result;
}

/* Fetch a body of exactly len bytes out of a sealed memfd; then take it. */
static enum fdpass_result
fetch_memfd(const int fds[2], struct buf *body, size_t len)
{
	const char *data;
	char mark;
	size_t n;
	int result = -1;

	if (view_map(fds[1], &data, &n, NULL) < 0)
		return FDPASS_BAD;
	if (n == len)
		result = buf_put(body, data, n);
	view_unmap(data, n);
	return result == 0 ? take(fds[0], &mark, 1) : FDPASS_BAD;
}

/* Judge a head with its descriptors: is this a request that can run? */
static enum fdpass_result
accept_request(int kind, const int *fds, size_t nfds, struct buf *body,
    size_t len)
{
	if (nfds != (kind == KIND_MEMFD ? 2 : 1))
		return FDPASS_BAD;
	return kind == KIND_MEMFD ? fetch_memfd(fds, body, len) :
	    fetch_inline(fds[0], body, len);
}

enum fdpass_result
queue_take(int read_fd, struct queue_request *req, struct buf *body,
    int *reply_out)
{
	char head[HEAD_BYTES];
	int fds[FDPASS_FDS_MAX], kind;
	size_t len, nfds;
	enum fdpass_result result;

	buf_clear(body);
	memset(req, 0, sizeof(*req));
	result = fdpass_recv(read_fd, head, sizeof(head), &len, fds, &nfds);
	if (result != FDPASS_OK)
		return result;
	kind = get_head(head, len, req, &len);
	if (kind == KIND_KICK)
		result = FDPASS_AGAIN;
	else if (kind < 0)
		result = FDPASS_BAD;
	else
		result = accept_request(kind, fds, nfds, body, len);
	if (result == FDPASS_OK && get_body(body, req) < 0)
		result = FDPASS_BAD;
	/* The reply socket is the first descriptor; nothing else stays. */
	for (size_t i = result == FDPASS_OK ? 1 : 0; i < nfds; i++)
		close(fds[i]);
	if (result == FDPASS_OK)
		*reply_out = fds[0];
	return result;
}
