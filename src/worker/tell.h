/* What an admin wants to know of a worker: answers to ASK. */
#ifndef WORKER_TELL_H
#define WORKER_TELL_H

#include <stddef.h>

struct asks;
struct worker;

/* Questions that are not answered yet.  NULL = out of memory. */
struct asks *asks_new(struct worker *w);
void asks_free(struct asks **a);

/*
 * ASK of the master: TOLD, in as many messages as it takes, when those have
 * had their turn that came before it.
 */
void tell_master(struct worker *w, const void *data, size_t len);

/* CLOSED of the master: an admin wants a session to end. */
void tell_kill(struct worker *w, const void *data, size_t len);

#endif
