/* Socket.IO 5 packets: what stands behind an Engine.IO message's type. */
#ifndef PROTO_SIO_H
#define PROTO_SIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/parse.h"

#define SIO_ATTACHMENTS_MAX 10

enum sio_type {
	SIO_CONNECT, SIO_DISCONNECT, SIO_EVENT, SIO_ACK, SIO_CONNECT_ERROR,
	SIO_BINARY_EVENT, SIO_BINARY_ACK, SIO_TYPES
};

const char *sio_type_name(enum sio_type type);

struct sio_packet {
	enum sio_type type;
	unsigned int attachments;	/* 1..10 for the binary types */
	struct slice nsp;		/* "/" or "/name?query" as sent */
	bool has_id;
	uint64_t id;			/* up to 2^53 - 1 */
	struct slice json;		/* behind the id; may be empty */
	/* Its attachments, when whoever gathers them has kept them, or NULL. */
	const struct buf *bytes;
};

/*
 * Read a packet from the text of a message.  0; -1 when the official server
 * would close the session for it (PROTOCOL S4, S8, S14, S15, S17, S19).  The
 * JSON has been checked to be well formed, nested at most depth deep, with
 * nothing behind it, and of the kind that the type asks for.
 */
int sio_packet_read(const char *text, size_t len, size_t depth,
    struct sio_packet *out) MUST_CHECK;

struct sio_event {
	bool numeric;		/* the name was a number: nobody listens */
	char name[128];		/* decoded; NUL-terminated, no NUL inside */
	bool name_too_long;	/* or with a NUL: no collector has it */
	struct slice options;	/* JSON text of the first argument, or empty */
};

/*
 * The array of an EVENT.  0; -1 when the session must be closed (name of
 * another type, reserved name, empty array).
 */
int sio_event_read(const struct slice *json, struct sio_event *out)
    MUST_CHECK;

enum sio_psk { SIO_PSK_NONE, SIO_PSK_TEXT, SIO_PSK_OTHER };

/*
 * auth.psk of a CONNECT payload (an object, or empty).  NONE: not there, or
 * empty as JavaScript sees it ("" null false 0).  TEXT: decoded into out,
 * which the caller wipes.  OTHER: something that can be no key.
 */
enum sio_psk sio_connect_psk(const struct slice *json, struct buf *out);

/*
 * Append the beginning of a packet: "40", "43/ns,12", "51-..." without the
 * JSON.  nsp "/" is left out; id -1: none; attachments 0: none.  The Engine.IO
 * type digit 4 stands in front.
 */
int sio_head_put(struct buf *out, enum sio_type type, const char *nsp,
    int64_t id, unsigned int attachments) MUST_CHECK;

#endif
