/*
 * JSON by hand, for the small texts around rows and for admins.  Rows have
 * their own, faster ways (model/json_out.h).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Append a JSON string with its quotes.  What is not UTF-8 becomes U+FFFD: a
 * driver's message may be anything, a client's parser takes text only.
 */
int json_quote(struct buf *out, const char *text, size_t len) MUST_CHECK;

/* The same for a C string; NULL is written as null. */
int json_quote_text(struct buf *out, const char *text) MUST_CHECK;

#endif
