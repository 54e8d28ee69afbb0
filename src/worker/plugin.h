/*
 * What collectors in C are told of a session, and what they send to it.
 */
#ifndef WORKER_PLUGIN_H
#define WORKER_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "conf/conf.h"
#include "ipc/reply.h"
#include "proto/sio.h"

struct joined;
struct request;
struct session;

/* The longest payload of a CONNECT that is kept for them. */
#define PLUGIN_AUTH_MAX (64 * 1024)

/* Is it a collector in C that serves this namespace? */
bool plugin_serves(const struct conf_file *collector, const char *nsp);

/*
 * Keep the payload of a CONNECT to nsp in s->auth, without its key, when a
 * collector may ask for it.  false: it is too long to be kept.  Out of memory
 * closes the session.
 */
bool plugin_keep_auth(struct session *s, const char *nsp,
    const struct slice *json);

/* j was joined, and the client knows: tell those who want to hear of it. */
void plugin_joined(struct session *s, const struct joined *j);

/*
 * Write the call of an event into r->options.  p NULL: j was joined.  0, or
 * -1: out of memory.
 */
int plugin_put(struct request *r, const struct joined *j,
    const struct sio_packet *p) MUST_CHECK;

/* How long that is going to be. */
size_t plugin_length(const struct joined *j, const struct sio_packet *p);

/*
 * The next piece of what it sends: BINARY, EMIT or ACK; a packet leaves with
 * its last one.  NULL, or why that is not sound.  The session may be closed
 * then, for want of memory or because its client does not read.
 */
const char *plugin_take(struct request *r, const struct reply *m);

#endif
