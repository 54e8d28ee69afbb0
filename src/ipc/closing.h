/*
 * Sockets that are done with, closed together.  While descriptors are under
 * way in messages, each end of a Unix socket wakes a thread of the kernel that
 * looks for lost ones; sixteen at once wake it once.
 */
#ifndef IPC_CLOSING_H
#define IPC_CLOSING_H

#include <stddef.h>

#define CLOSING_MAX 16

struct closing {
	size_t n;
	int fds[CLOSING_MAX];
};

/*
 * Close fd, which is ours no more, now or with others: nobody may be waiting
 * for its end.
 */
void closing_add(struct closing *c, int fd);

/* Now. */
void closing_run(struct closing *c);

#endif
