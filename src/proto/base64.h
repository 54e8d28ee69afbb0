/* Strict base64 (RFC 4648 section 4), which libcrypto's decoder is not. */
#ifndef PROTO_BASE64_H
#define PROTO_BASE64_H

#include <stddef.h>

#include "base/err.h"

/*
 * Decode in place: whole groups of four digits, padding only at the end.  0
 * with the number of bytes, or -1 (text may then be changed).
 */
int base64_decode(char *text, size_t len, size_t *len_out) MUST_CHECK;

#endif
