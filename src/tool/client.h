/*
 * The other end of a gateway's websocket: connects, and takes whole messages.
 * It blocks, with one deadline for everything.
 */
#ifndef TOOL_CLIENT_H
#define TOOL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct client {
	int fd;
	uint64_t deadline_ms;	/* clock_ms() */
	struct buf in;		/* read and not used */
	struct buf message;	/* the last one, whole */
	bool binary;		/* it is bytes */
};

/*
 * Connect to "http://host[:port][/path/]" (path: of the Socket.IO endpoint)
 * and change to a websocket.  0, or -1 with a sentence; client_close() either
 * way.
 */
int client_open(struct client *c, const char *url, uint64_t deadline_ms,
    struct err *err) MUST_CHECK;
void client_close(struct client *c);

/* Send one message of text. */
int client_send(struct client *c, const char *text, size_t len,
    struct err *err) MUST_CHECK;

/* The next message of text or bytes into c->message; pings are answered. */
int client_receive(struct client *c, struct err *err) MUST_CHECK;

#endif
