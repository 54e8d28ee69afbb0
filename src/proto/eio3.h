/*
 * Engine.IO 3, where it differs from 4: packets with bytes carry their type,
 * and the records of a payload are counted instead of separated.
 *
 *	text	<length in UTF-16 units>:<packet> ...
 *	octets	<0 text, 1 bytes> <decimal digits, one a byte> 0xff <packet> ...
 */
#ifndef PROTO_EIO3_H
#define PROTO_EIO3_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/eio.h"

/* What stands in front of a record: 20 digits at most, and two signs. */
#define EIO3_HEAD_MAX 24

/* The text of one packet ("b4..." base64: decoded in place).  0 or -1. */
int eio3_text_read(char *text, size_t len, struct eio_packet *out) MUST_CHECK;

/* One packet of bytes, the first of which is its type.  0 or -1. */
int eio3_bytes_read(const char *bytes, size_t len, struct eio_packet *out)
    MUST_CHECK;

/*
 * The next packet of a payload of text or of octets, from *pos (0 at first)
 * on; binary_out: it is one for eio3_bytes_read().  Returns false at the end.
 * Where the payload is wrong stands an empty record, the last, which no
 * function reads as a packet.  Empty records of the client are skipped.
 */
bool eio3_text_next(char *payload, size_t len, size_t *pos,
    struct slice *record_out);
bool eio3_octets_next(char *payload, size_t len, size_t *pos,
    struct slice *record_out, bool *binary_out);

/* UTF-16 units of well-formed UTF-8; the parts of a text may be added up. */
size_t eio3_units(const char *text, size_t len);

/* Write the head of a record; its length. */
size_t eio3_text_head(char out[EIO3_HEAD_MAX], size_t units);
size_t eio3_octets_head(char out[EIO3_HEAD_MAX], bool binary, size_t bytes);

#endif
