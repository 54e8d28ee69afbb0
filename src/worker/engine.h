/*
 * Stop 6 of a request's life: the one Engine.IO machine of the house.  What a
 * packet means depends on its type and on what it came by.
 *
 *	polling session:	POLLING, while it upgrades also PROBE
 *	websocket session:	WEBSOCKET
 */
#ifndef WORKER_ENGINE_H
#define WORKER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/eio_revision.h"

struct conn;
struct session;

/* Heartbeat and connect timeout begin. */
void engine_start(struct session *s);

/* What is due at now_ms is done; the session's timer is set again. */
void engine_tick(struct session *s, uint64_t now_ms);

/* When engine_tick() must be called next. */
uint64_t engine_due(const struct session *s);

/* A whole message of the session's websocket, or of its probe. */
void engine_text(struct session *s, struct conn *c, char *text, size_t len);
void engine_binary(struct session *s, struct conn *c, const char *data,
    size_t len);

/*
 * Packets of a POST's body from *pos on.  false when the session must wait
 * for a verdict first: call again with the same arguments.
 */
bool engine_payload(struct session *s, enum eio_form form, char *payload,
    size_t len, size_t *pos);

/* Must input wait? */
bool engine_is_waiting(const struct session *s);

/* A websocket wants to take over, by whose wish bytes go as base64 in
 * revision 3; the 101 is out. */
void engine_probe(struct session *s, struct conn *c, bool base64);
/* It is gone again. */
void engine_probe_lost(struct session *s);

/* The client has been silent for too long, and the session is closed. */
bool engine_silent(struct session *s);

/* Put a ping in front of the output and wait for its pong; in revision 3 a
 * pong, which resets the client's timer in the same way. */
void engine_ping(struct session *s);

/* A message that was half way out is out. */
void engine_stream_ended(struct session *s);

/* A namespace was joined: the connect timeout is off for good. */
void engine_connected(struct session *s);

#endif
