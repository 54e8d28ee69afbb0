/* The JSON around the rows of an answer. */
#ifndef WORKER_ENVELOPE_H
#define WORKER_ENVELOPE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Append a JSON string with its quotes.  What is not UTF-8 becomes U+FFFD: a
 * driver's message may be anything, a client's parser takes text only.
 */
int envelope_string(struct buf *out, const char *text, size_t len) MUST_CHECK;

/*
 * Append "success":false,"error":...,"code":... without braces.  The reason
 * gets a capital letter; it ends without a full stop, as it does in the log.
 */
int envelope_failure(struct buf *out, const struct err *err) MUST_CHECK;

#endif
