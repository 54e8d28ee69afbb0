/* Which socket has a driver opened? */
#ifndef DB_SOCKET_H
#define DB_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

/* Descriptors that are looked at: a collector has a dozen. */
#define SOCKET_FDS_MAX 256

struct sockets {
	bool open[SOCKET_FDS_MAX];
};

/* Note the sockets that this process has. */
void sockets_note(struct sockets *s);

/* The first one that has come since; -1 = none. */
int sockets_new(const struct sockets *before);

#endif
