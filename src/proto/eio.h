/*
 * Engine.IO: packets and polling payloads of revision 4, and who may open or
 * use a session.  What revision 3 does otherwise is in eio_revision.h.
 */
#ifndef PROTO_EIO_H
#define PROTO_EIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/http_head.h"

#define EIO_SID_LEN 20
#define EIO_SEPARATOR '\x1e'	/* between the packets of a polling payload */

enum eio_type {
	EIO_OPEN, EIO_CLOSE, EIO_PING, EIO_PONG, EIO_MESSAGE, EIO_UPGRADE,
	EIO_NOOP, EIO_TYPES
};

enum eio_transport { EIO_POLLING, EIO_WEBSOCKET };

enum eio_version { EIO_V4, EIO_V3, EIO_VERSIONS };

/* "open" and so on, for logs. */
const char *eio_type_name(enum eio_type type);

struct eio_packet {
	enum eio_type type;
	bool binary;		/* a message of bytes */
	struct slice data;	/* behind the type digit; base64 is decoded */
};

/* The text of one packet (also "b..." base64: decoded in place). 0 or -1. */
int eio_packet_read(char *text, size_t len, struct eio_packet *out)
    MUST_CHECK;

/* A packet of bytes is a message.  0. */
int eio_bytes_read(const char *bytes, size_t len, struct eio_packet *out)
    MUST_CHECK;

/*
 * The next packet of a polling payload, from *pos (0 at first) on.  Returns
 * false at the end; an empty record is a packet that eio_packet_read()
 * refuses.
 */
bool eio_payload_next(char *payload, size_t len, size_t *pos,
    struct slice *record_out);

/* 20 characters [A-Za-z0-9_-] out of 15 bytes; NUL-terminated. */
void eio_sid(const unsigned char bytes[15], char out[EIO_SID_LEN + 1]);

struct eio_open {
	const char *sid;
	bool can_upgrade;	/* upgrades: ["websocket"] */
	int64_t ping_interval_ms, ping_timeout_ms, max_payload_bytes;
};

/* Append the open packet: 0{"sid":...}. */
int eio_open_put(struct buf *out, const struct eio_open *o) MUST_CHECK;

/* What a request below the path wants of Engine.IO (PROTOCOL H5 to H11). */
enum eio_verdict {
	EIO_NEW,		/* open a session */
	EIO_EXISTING,		/* for the session sid */
	EIO_PREFLIGHT,		/* http_is_preflight(); its caller's */
	EIO_TRANSPORT_UNKNOWN,	/* 400, code 0 */
	EIO_SID_UNKNOWN,	/* 400, code 1 */
	EIO_BAD_METHOD,		/* 400, code 2 */
	EIO_BAD_REQUEST,	/* 400, code 3 */
	EIO_BAD_VERSION,	/* 400, code 5 */
	EIO_VERDICTS
};

struct eio_request {
	enum eio_transport transport;
	enum eio_version version;	/* all but EIO=4 is 3, as for others */
	bool base64;			/* b64: bytes must go as text */
	bool has_sid;
	char sid[EIO_SID_LEN + 1];
	/*
	 * With EIO_EXISTING: no session can take this request (websocket
	 * without upgrade, polling with it).  Its owner says EIO_SID_UNKNOWN
	 * when there is no such session, which goes first, else
	 * EIO_BAD_REQUEST, also when the session has another version.
	 */
	bool mismatch;
};

/*
 * Judge everything that can be judged without knowing the sessions; what is
 * left to the owner of the sid is whether it exists and has this transport
 * and version.  A sid that cannot be one of ours is EIO_SID_UNKNOWN.  Without
 * allow_v3, a new session of version 3 is EIO_BAD_VERSION.
 */
enum eio_verdict eio_judge(const struct http_head *h, bool allow_v3,
    struct eio_request *out);

/* Code and text of a refusal: {"code":0,"message":"Transport unknown"}. */
int eio_refusal_code(enum eio_verdict v);
const char *eio_refusal_text(enum eio_verdict v);

#endif
