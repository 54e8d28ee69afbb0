/*
 * Drivers tell nobody their sockets.  What is a socket after connecting and
 * was none before is the driver's.
 */
#include "db/socket.h"

#include <sys/stat.h>

static bool
is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

void
sockets_note(struct sockets *s)
{
	for (int fd = 0; fd < SOCKET_FDS_MAX; fd++)
		s->open[fd] = is_socket(fd);
}

int
sockets_new(const struct sockets *before)
{
	for (int fd = 0; fd < SOCKET_FDS_MAX; fd++)
		if (!before->open[fd] && is_socket(fd))
			return fd;
	return -1;
}
