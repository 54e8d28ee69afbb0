/* What a key has let in ends with it. */
#ifndef WORKER_REVOKE_H
#define WORKER_REVOKE_H

#include <stddef.h>

struct worker;

/* REVOKED: end what this key let in, in all sessions. */
void revoke_key(struct worker *w, const void *data, size_t len);

#endif
