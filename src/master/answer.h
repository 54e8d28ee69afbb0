/* What the master itself says to a client over HTTP; all else is a worker's. */
#ifndef MASTER_ANSWER_H
#define MASTER_ANSWER_H

#include <stdbool.h>

#include "base/buf.h"
#include "proto/eio.h"

struct bundle_file;
struct exchange;
struct front;
struct limit;

/* Each answers the exchange; its front may be gone afterwards. */

/* 400 with Engine.IO's code and text, in the form that the transport wants. */
void answer_refusal(const struct exchange *ex, enum eio_verdict verdict);

/* A handshake whose WebSocket headers are wrong. */
void answer_bad_upgrade(const struct exchange *ex, const char *why,
    bool bad_version);

/* OPTIONS. */
void answer_preflight(const struct exchange *ex);

/* 200 with the packet that opens a polling session. */
void answer_opened(const struct exchange *ex, const struct buf *packet);

/* A file of the bundle, or 304 when the client has it. */
void answer_file(const struct exchange *ex, const struct bundle_file *file);

/* 404: not below our path. */
void answer_not_found(const struct exchange *ex);

/* There is no head that could be judged: status and close. */
void answer_malformed(struct front *f, int status);

/* Beyond a limit: its answer, and close.  The second has read no head. */
void answer_limit(const struct exchange *ex, const struct limit *limit);
void answer_over(struct front *f, const struct limit *limit);

/* The log line and the counter of a refusal that is no answer. */
void answer_log_refused(const struct exchange *ex, const char *why);

/* Out of memory while answering: close. */
void answer_impossible(struct front *f);

#endif
