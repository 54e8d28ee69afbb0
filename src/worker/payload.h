/* How packets are written for the transport and revision of a session. */
#ifndef WORKER_PAYLOAD_H
#define WORKER_PAYLOAD_H

#include <stdbool.h>

#include "base/err.h"
#include "proto/eio_revision.h"

struct evbuffer;
struct session;

/*
 * Make a message of bytes what a websocket carries; *binary is cleared when
 * it has become text.  0, or -1 when out of memory.
 */
int payload_message(const struct session *s, struct evbuffer *data,
    bool *binary) MUST_CHECK;

/*
 * Append a packet to a payload in that form; its data is moved.  0, or -1
 * when out of memory.
 */
int payload_add(struct evbuffer *payload, const struct session *s,
    enum eio_form form, struct evbuffer *data, bool binary) MUST_CHECK;

#endif
