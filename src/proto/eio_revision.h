/*
 * THE table of what differs between the revisions of Engine.IO: 4, spoken by
 * Socket.IO clients 3.x and 4.x, and 3, spoken by 2.x.  All else is the same
 * for both.
 */
#ifndef PROTO_EIO_REVISION_H
#define PROTO_EIO_REVISION_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/eio.h"

/* How a payload of polling is written. */
enum eio_form {
	EIO_SEPARATED,		/* records with a separator between them */
	EIO_COUNTED,		/* each behind its length */
	EIO_OCTETS,		/* the same, and bytes are bytes */
	EIO_FORMS
};

struct eio_revision {
	const char *name;	/* for logs */

	/* packets */
	int (*text_read)(char *text, size_t len, struct eio_packet *out);
	int (*bytes_read)(const char *bytes, size_t len,
	    struct eio_packet *out);
	const char *bytes_head;	/* in front of a message of bytes */
	size_t bytes_head_len;
	const char *base64_head;	/* and in front of its base64 */

	/* payloads */
	enum eio_form form;	/* of text */
	bool has_octets;	/* they may be EIO_OCTETS instead */
	const char *ended;	/* noop and close, to a poll that comes late */

	/* heartbeat: who pings, and what we say to reset the other's timer */
	bool client_pings;
	const char *beat;

	/* Socket.IO */
	bool joins_root;	/* "/" is joined without a CONNECT */
	bool has_auth;		/* a CONNECT may carry a key */
	bool has_query;		/* a namespace is refused with its query */
	bool tells_sid;		/* in the answer to CONNECT */
	const char *refused;	/* payload of CONNECT_ERROR: no key */
};

const struct eio_revision *eio_revision(enum eio_version version);

/*
 * The next record of a payload in that form: see eio_payload_next(); the same
 * holds here.  binary_out: it is one for bytes_read().
 */
bool eio_record_next(enum eio_form form, char *payload, size_t len,
    size_t *pos, struct slice *record_out, bool *binary_out);

#endif
