/*
 * Where connections come from and go back to.  Whoever gives a descriptor
 * away keeps a copy until the other has said ADOPTED: so a client survives
 * the death of either.
 */
#ifndef WORKER_ADOPT_H
#define WORKER_ADOPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct conn;
struct worker;

/* SESSION and ROUTE: len bytes of message; who is kept is set to -1. */
void adopt_session(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds);
void adopt_route(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds);

/* Send a connection whose next request is somebody else's to the master. */
void adopt_give_back(struct conn *c);

/*
 * Send a message (SESSION, BACK) whose descriptors are kept until ADOPTED
 * repeats its tag; sid: the session that moves, or "".  0, or -1: out of
 * memory, and they are still the caller's.
 */
int adopt_give(struct worker *w, const struct buf *msg, uint64_t tag,
    const char *sid, const int *fds, size_t nfds) MUST_CHECK;

/* ADOPTED: forget our copy. */
void adopt_confirmed(struct worker *w, const void *data, size_t len);

/* A connection that was adopted is closed, told with its address. */
void adopt_gone(struct worker *w, const char *address);

void adopt_free_all(struct worker *w);

#endif
