/*
 * A client's connection after the upgrade: frames in, each whole message to
 * the session; the closing handshake.
 */
#ifndef WORKER_WEBSOCKET_H
#define WORKER_WEBSOCKET_H

#include <stdbool.h>

#include "proto/ws.h"

struct conn;
struct conn_kind;
struct evbuffer;
struct session;

extern const struct conn_kind websocket_kind;

struct websocket {
	struct ws_reader reader;
	struct session *session;	/* NULL = we have said close */
	int deflate_bits;		/* see struct ws_deflate */
};

/* Make c the websocket, or the probe, of s; NULL = close it at once. */
void websocket_start(struct conn *c, struct session *s, int deflate_bits);

/* Say close and wait for the peer's; its session forgets it. */
void websocket_close(struct conn *c, enum ws_close code);

/* Send one frame; data is moved. */
void websocket_frame(struct conn *c, enum ws_opcode opcode, bool fin,
    struct evbuffer *data);
/* Send a whole text message; it is copied. */

/* Send a compressed piece of a message as a frame. */
void websocket_piece(struct conn *c, enum ws_opcode opcode, bool last,
    const struct buf *piece);

void websocket_text(struct conn *c, const char *text, size_t len);

#endif
