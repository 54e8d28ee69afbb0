/*
 * One message with descriptors, sent or received.  Errors of the socket are
 * told apart here, once, for everybody above.
 */
#include "ipc/fdpass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ancillary data for the most descriptors, aligned as the kernel wants. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FDPASS_FDS_MAX * sizeof(int))];
};

int
fdpass_pair(int ends_out[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, ends_out) < 0)
		return err_set_errno(err, ERR_INTERNAL, "socketpair");
	return 0;
}

static enum fdpass_result
send_result(void)
{
	switch (errno) {
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
	case ETOOMANYREFS:	/* all roles of this user share one bound */
		return FDPASS_AGAIN;
	case EPIPE:
	case ECONNRESET:
	case ENOTCONN:
		return FDPASS_GONE;
	default:
		return FDPASS_BAD;
	}
}

enum fdpass_result
fdpass_send(int fd, const void *data, size_t len, const int *fds, size_t nfds)
{
	union control control;
	struct iovec iov = { .iov_len = len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (len == 0 || len > FDPASS_BYTES_MAX || nfds > FDPASS_FDS_MAX)
		return FDPASS_BAD;
	/* sendmsg() does not write there; iovec serves both directions. */
	memcpy(&iov.iov_base, &data, sizeof(data));
	if (nfds > 0) {
		struct cmsghdr *c = &control.align;

		memset(&control, 0, sizeof(control));
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	do {
		n = sendmsg(fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? send_result() : FDPASS_OK;
}

/* Take the descriptors out of what was received. */
static size_t
take_fds(struct msghdr *mh, int *fds)
{
	size_t total = 0, n;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	    c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds + total, CMSG_DATA(c), n * sizeof(int));
		total += n;
	}
	return total;
}

enum fdpass_result
fdpass_recv(int fd, void *data, size_t size, size_t *len_out, int *fds,
    size_t *nfds_out)
{
	union control control;
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr mh;
	size_t nfds;
	ssize_t n;

	/*
	 * ECONNRESET is told once, before what the peer had sent is read: it
	 * left something unread itself, which is no news to us.
	 */
	do {
		mh = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1,
		    .msg_control = &control,
		    .msg_controllen = sizeof(control) };
		n = recvmsg(fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return errno == EAGAIN ? FDPASS_AGAIN :
		    errno == ENOTCONN ? FDPASS_GONE : FDPASS_BAD;
	nfds = take_fds(&mh, fds);
	if (n > 0 && (mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) {
		*len_out = (size_t)n;
		*nfds_out = nfds;
		return FDPASS_OK;
	}
	while (nfds > 0)
		close(fds[--nfds]);
	return n == 0 ? FDPASS_GONE : FDPASS_BAD;
}
