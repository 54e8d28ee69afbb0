/* Stop 1 of a request's life: sockets that strangers connect to. */
#ifndef MASTER_LISTENER_H
#define MASTER_LISTENER_H

#include "base/err.h"

struct listeners;
struct master;

/* Bind all addresses of m->conf.  NULL: one of them cannot be had. */
struct listeners *listeners_new(struct master *m, struct err *err);

/* Begin to accept. */
void listeners_start(struct listeners *l);

/* Close them. */
void listeners_free(struct listeners **l);

#endif
