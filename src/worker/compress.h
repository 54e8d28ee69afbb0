/*
 * The compressor of a worker.  There is one, which all sessions use in turns:
 * it remembers nothing from one piece to the next (proto/deflate.h), so that
 * a session has no memory of its own for it, and may rest or move half way
 * through a message.
 *
 * A turn of the loop compresses a bounded number of bytes; who comes when they
 * are used up has its output pumped in one of the next turns, first come first
 * served.  So a large answer holds nobody up.
 */
#ifndef WORKER_COMPRESS_H
#define WORKER_COMPRESS_H

#include <stdbool.h>

#include "base/buf.h"

struct evbuffer;
struct http_coded;
struct session;
struct worker;

/* May s compress a piece now?  If not, its output will be pumped. */
bool compress_may(struct session *s);

/*
 * Take a piece from the front of data and compress it for a window of so many
 * bits.  sum, which may be NULL, is told what it was.  What is returned is good
 * until the next call; NULL: out of memory.
 */
const struct buf *compress_piece(struct session *s, struct evbuffer *data,
    int bits, struct http_coded *sum);

/* s wants no turn any more. */
void compress_forget(struct session *s);

/* Does anybody wait for a turn? */
bool compress_is_behind(const struct worker *w);

/* Log what it was good for; nothing when it was never used. */
void compress_log_counters(const struct worker *w);

void compress_free(struct worker *w);

#endif
