/*
 * Parts of Socket.IO packets that only collectors in C are told of: what a
 * client brings along when it connects, and arguments that are bytes.
 */
#ifndef PROTO_SIO_VALUE_H
#define PROTO_SIO_VALUE_H

#include "base/buf.h"
#include "proto/parse.h"

/*
 * Append the payload of a CONNECT (an object, or empty) without its members
 * "psk", in whatever spelling; empty is {}.  0, or -1: out has no room.
 */
int sio_auth_put(struct buf *out, const struct slice *json) MUST_CHECK;

/*
 * Is this argument, which sio_packet_read() has accepted, all bytes?  The
 * number of its attachment, else -1.
 */
int sio_placeholder(const struct slice *json, unsigned int attachments);

#endif
