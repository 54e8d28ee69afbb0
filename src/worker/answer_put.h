/*
 * What clients get of an answer: packets, in front of the output.  For
 * answer.c, which knows what has come of it.
 */
#ifndef WORKER_ANSWER_PUT_H
#define WORKER_ANSWER_PUT_H

#include <stdint.h>

#include "base/err.h"

struct msg_bytes;
struct request;
struct session;

/* Send {"success":false,...} as the answer to ack_id. */
void answer_failure(struct session *s, const char *nsp, uint64_t ack_id,
    const struct err *err);

/*
 * The reply is over, one way or the other: answer, and free r.  All who share
 * it are answered first, but those who do not read what they have wait for
 * one of their own.
 */
void answer_finish(struct request *r);
/* The same of a whole answer, whose rows are here. */
void answer_finish_rows(struct request *r, const struct msg_bytes *rows);

/* Too much is held: go over to streaming.  0, or no memory. */
int answer_stream(struct request *r) MUST_CHECK;

/* Pass on what can be passed on of a streamed answer.  0, or no memory. */
int answer_pass_on(struct request *r) MUST_CHECK;

#endif
