/* The JSON around the rows of an answer. */
#ifndef WORKER_ENVELOPE_H
#define WORKER_ENVELOPE_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Append "success":false,"error":...,"code":... without braces, and where
 * there is a time to ask again ,"retryAfter":MS.  The reason gets a capital
 * letter; it ends without a full stop, as it does in the log.
 */
int envelope_failure(struct buf *out, const struct err *err) MUST_CHECK;

#endif
