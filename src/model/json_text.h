/* Text into JSON: strings, and JSON that a column already holds. */
#ifndef MODEL_JSON_TEXT_H
#define MODEL_JSON_TEXT_H

#include <stddef.h>

#include "base/buf.h"

/*
 * The JSON text of a column, without the blanks between its tokens.  Text
 * that is no JSON value (RFC 8259), or is nested more than
 * JSON_TEXT_DEPTH_MAX deep, is written as a string instead, so that an
 * answer is valid whatever a column holds.  0, or -1: out of room.
 */
#define JSON_TEXT_DEPTH_MAX 256
int json_text_put(struct buf *out, const char *text, size_t len) MUST_CHECK;

/*
 * Copy text up to the first byte that a string cannot hold as it is, or that
 * is not ASCII; how many bytes that were.  to has room for JSON_COPY_SPARE
 * more than len.
 */
#define JSON_COPY_SPARE 8
size_t json_copy_plain(char *to, const char *text, size_t len);

#endif
