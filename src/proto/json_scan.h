/*
 * Is it JSON, and where do its parts end?  Without building objects: the
 * session process only needs to know that what it passes on is well formed.
 */
#ifndef PROTO_JSON_SCAN_H
#define PROTO_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "proto/parse.h"

/* Each level is a frame on the stack: nobody can ask for more. */
#define JSON_DEPTH_MAX 1000

enum json_kind {
	JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
};

/*
 * One value (RFC 8259) at the beginning of text, behind blanks; nested at
 * most depth deep; strings valid UTF-8.  Its length with leading blanks is
 * stored.  0 or -1.
 */
int json_scan(const char *text, size_t len, size_t depth,
    enum json_kind *kind_out, size_t *used_out) MUST_CHECK;

/*
 * Walk over an array that json_scan() has accepted, or over an object: its
 * names and values come in turn.
 */
struct json_iter {
	const char *p, *end;
};
void json_iter_init(struct json_iter *it, const struct slice *container);
/* false at the end. */
bool json_iter_next(struct json_iter *it, struct slice *element_out,
    enum json_kind *kind_out);

/*
 * Decode a string (with its quotes, accepted by json_scan) as UTF-8; a lone
 * surrogate becomes U+FFFD.  0, or -1 when out has no room.
 */
int json_string_decode(const struct slice *string, struct buf *out)
    MUST_CHECK;

/*
 * Does a string with its quotes spell text?  false, too, when the memory ran
 * out.
 */
bool json_string_is(const struct slice *string, const char *text);

#endif
