/*
 * Descriptors that came one after the other have numbers one after the other,
 * so they are kept in that order: neighbours are closed by one system call.
 */
#include "ipc/closing.h"

#include <unistd.h>

void
closing_run(struct closing *c)
{
	size_t from, n;

	for (from = 0; from < c->n; from += n) {
		unsigned int first = (unsigned int)c->fds[from];

		for (n = 1; from + n < c->n &&
		    c->fds[from + n] == c->fds[from] + (int)n; n++)
			continue;
		if (n == 1 || close_range(first, first + (unsigned int)n - 1,
		    0) != 0)
			for (size_t i = 0; i < n; i++)
				close(c->fds[from + i]);
	}
	c->n = 0;
}

void
closing_add(struct closing *c, int fd)
{
	size_t i = c->n++;

	for (; i > 0 && c->fds[i - 1] > fd; i--)
		c->fds[i] = c->fds[i - 1];
	c->fds[i] = fd;
	if (c->n == CLOSING_MAX)
		closing_run(c);
}
