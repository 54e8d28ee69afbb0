/*
 * WebSocket (RFC 6455), server side: handshake, frames in, messages whole,
 * frames out.
 */
#ifndef PROTO_WS_H
#define PROTO_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/http_head.h"
#include "proto/http_reply.h"
#include "proto/ws_extension.h"

/* Largest head of a frame that we send: no mask. */
#define WS_HEAD_MAX 10
/* Bit of a head's first byte: the message that begins here is compressed. */
#define WS_COMPRESSED 0x40
/* Frames in one message; more are refused with 1008. */
#define WS_FRAGMENTS_MAX 16384

enum ws_opcode {
	WS_CONTINUATION = 0, WS_TEXT = 1, WS_BINARY = 2,
	WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10
};

/* Close codes that we say (RFC 6455 section 7.4.1). */
enum ws_close {
	WS_CLOSE_EMPTY = 0,		/* no status in the close frame */
	WS_CLOSE_NORMAL = 1000,
	WS_CLOSE_GOING_AWAY = 1001,
	WS_CLOSE_PROTOCOL = 1002,
	WS_CLOSE_NOT_UTF8 = 1007,
	WS_CLOSE_POLICY = 1008,
	WS_CLOSE_TOO_BIG = 1009
};

/*
 * Check the handshake's own headers (version, key, subprotocols, extensions).
 * 0, or -1 with the text of the 400 in *why_out (static) and the version header
 * to be added when *bad_version_out.  deflate: may messages be compressed?
 * Unless *deflate_out gets an agreement, they may not.
 */
int ws_handshake_check(const struct http_head *h, bool deflate,
    struct ws_deflate *deflate_out, const char **why_out,
    bool *bad_version_out) MUST_CHECK;

/* Append the whole 101 reply for a head that has passed the check. */
int ws_handshake_put(struct buf *out, const struct http_head *h,
    const struct http_cors *cors, const struct ws_deflate *deflate)
    MUST_CHECK;

/* Append a refusal in HTTP: status, body text, Connection: close. */
int ws_refusal_put(struct buf *out, int status, const char *text,
    bool bad_version, const struct http_cors *cors) MUST_CHECK;

enum ws_event {
	WS_EVENT_TEXT,		/* a whole message, UTF-8 checked */
	WS_EVENT_BINARY,
	WS_EVENT_PING,		/* answer with a pong of the same payload */
	WS_EVENT_PONG,
	WS_EVENT_CLOSE,		/* echo its payload, then close */
	WS_EVENT_NONE		/* a fragment was stored: read on */
};

/* Resumable reader; lives inside the session. */
struct ws_reader {
	struct buf message;	/* fragments of the message so far */
	enum ws_opcode opcode;	/* of the message in progress */
	bool in_message;
	bool deflate;		/* messages may be compressed; see below */
	bool compressed;	/* the one in progress is */
	unsigned int fragments;
};

/* What ws_read() found. */
struct ws_message {
	enum ws_event event;
	char *data;	/* unmasked; may be changed; until the next call */
	size_t len;
	size_t used;		/* bytes that are done with */
	size_t need;		/* PARSE_MORE: so many more at least */
	enum ws_close code;	/* PARSE_BAD: close with it */
};

/* max_payload also bounds what comes of a compressed message (not 0 then). */
void ws_reader_init(struct ws_reader *r, size_t max_payload, bool deflate);
void ws_reader_fini(struct ws_reader *r);

/*
 * Read the next frame from data[0..len), unmasking it in place.  A frame is
 * only taken whole; one that is longer than max_payload is refused on its
 * head.  All of *out but used and what the result names is only valid with
 * PARSE_DONE.
 */
enum parse ws_read(struct ws_reader *r, char *data, size_t len,
    struct ws_message *out);

/* Write a frame head into out (WS_HEAD_MAX bytes); returns its length. */
size_t ws_frame_head(char *out, enum ws_opcode opcode, bool fin,
    uint64_t len);

/* A whole close frame into out (WS_HEAD_MAX + 2 bytes); its length. */
size_t ws_close_frame(char *out, enum ws_close code);

#endif
