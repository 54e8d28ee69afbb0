/*
 * The program on a rough machine: linked into it, these take the place of the
 * C library's, for everybody in the process.  In the master and the workers
 * every call may be interrupted, find that there is nothing after all, or do
 * only a part of what it was asked for, as the kernel may at any time.
 * Messages stay whole.  Collectors are left alone: drivers are not ours.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Of so many calls one is interrupted, and one finds nothing. */
#define INTERRUPTED 5
#define NOTHING 7
/* Most parts are small, so that many borders are met. */
#define PART_MAX 700

static struct {
	bool on;
	uint64_t seed;
} rough;

/* The same in each run: the title is all that a child is told. */
static __attribute__((constructor)) void
begin(void)
{
	const char *title = program_invocation_name;

	rough.on = strstr(title, "collector") == NULL &&
	    strstr(title, "loader") == NULL;
	rough.seed = UINT64_C(88172645463325252);
	for (; *title != '\0'; title++)
		rough.seed += (unsigned char)*title *
		    UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t
dice(uint64_t sides)
{
	rough.seed ^= rough.seed << 13;
	rough.seed ^= rough.seed >> 7;
	rough.seed ^= rough.seed << 17;
	return rough.seed % sides;
}

static bool
interrupted(void)
{
	if (!rough.on || dice(INTERRUPTED) != 0)
		return false;
	errno = EINTR;
	return true;
}

static bool
fails(void)
{
	if (interrupted())
		return true;
	if (!rough.on || dice(NOTHING) != 0)
		return false;
	errno = EAGAIN;
	return true;
}

/* An empty socket has room. */
static bool
send_fails(int fd)
{
	int unread = 0;

	return interrupted() || (ioctl(fd, SIOCOUTQ, &unread) == 0 &&
	    unread > 0 && fails());
}

/* How much of n bytes goes through a socket now. */
static size_t
part(int fd, size_t n)
{
	int type = SOCK_SEQPACKET;
	socklen_t len = sizeof(type);
	size_t most = n < PART_MAX ? n : PART_MAX;

	(void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	if (!rough.on || type != SOCK_STREAM || n < 2 || dice(2) == 0)
		return n;
	return 1 + dice(most);
}

ssize_t
recv(int fd, void *data, size_t n, int flags)
{
	return fails() ? -1 : syscall(SYS_recvfrom, fd, data, part(fd, n),
	    flags, NULL, NULL);
}

/* What the C library's header makes of it when it knows the size. */
ssize_t __recv_chk(int fd, void *data, size_t n, size_t size, int flags);
ssize_t
__recv_chk(int fd, void *data, size_t n, size_t size, int flags)
{
	return recv(fd, data, n < size ? n : size, flags);
}

ssize_t
send(int fd, const void *data, size_t n, int flags)
{
	return send_fails(fd) ? -1 : syscall(SYS_sendto, fd, data, part(fd, n),
	    flags, NULL, 0);
}

ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
	return fails() ? -1 : syscall(SYS_recvmsg, fd, message, flags);
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	return send_fails(fd) ? -1 : syscall(SYS_sendmsg, fd, message, flags);
}

/* libevent's; only a part of the first piece. */
ssize_t
writev(int fd, const struct iovec *pieces, int n)
{
	size_t some = n > 0 ? part(fd, pieces[0].iov_len) : 0;

	if (send_fails(fd))
		return -1;
	if (n == 0 || some == pieces[0].iov_len)
		return syscall(SYS_writev, fd, pieces, n);
	return syscall(SYS_write, fd, pieces[0].iov_base, some);
}

int
accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_accept4, fd, address, len,
	    flags);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return interrupted() ? -1 : (int)syscall(SYS_poll, fds, n, timeout);
}

int
epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
	return interrupted() ? -1 : (int)syscall(SYS_epoll_wait, fd, events, n,
	    timeout);
}
