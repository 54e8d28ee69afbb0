/*
 * A message channel inside an event loop: one SEQPACKET end, with a queue of
 * what could not be sent at once.  Nobody who sends here ever blocks.
 * (The collectors, which have no event loop, use fdpass.h directly.)
 */
#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct channel;
struct event_base;

struct channel_handlers {
	/*
	 * One message.  The nfds descriptors in fds are owned by the channel
	 * and closed after the call; who keeps one sets its place to -1.
	 * May call channel_free().
	 */
	void (*message)(void *ctx, const void *data, size_t len, int *fds,
	    size_t nfds);
	/*
	 * The peer is gone: everything that it had sent has been delivered.
	 * Called once; nothing is called after it.  May channel_free().
	 */
	void (*gone)(void *ctx);
};

/*
 * Watch fd (owned from now on, also on failure).  handlers and ctx must
 * outlive the channel.  NULL when out of memory.
 */
struct channel *channel_new(struct event_base *base, int fd,
    const struct channel_handlers *handlers, void *ctx);

/* Close it; queued messages and their descriptors are dropped. */
void channel_free(struct channel **ch);

/*
 * Send a message, or queue it until the peer takes some.  The descriptors
 * stay the caller's: a queued message holds duplicates.  0, or -1 when the
 * memory or the descriptors ran out; never calls a handler.
 */
int channel_send(struct channel *ch, const struct buf *msg, const int *fds,
    size_t nfds) MUST_CHECK;

/*
 * Send a message without descriptors together with others: when the events of
 * this turn are done, in front of the next channel_send(), and not after the
 * delivery of messages during which it was noted.  The peer gets them one by
 * one.  0, or -1 when the memory ran out.
 */
int channel_note(struct channel *ch, const struct buf *msg) MUST_CHECK;

/* Messages waiting to be sent. */
size_t channel_queued(const struct channel *ch);

/* Descriptor, for the one who must read a dead peer's last words. */
int channel_fd(const struct channel *ch);

/*
 * Deliver everything that is there to read now, without waiting; calls
 * message, and gone at the end of the peer.
 */
void channel_drain(struct channel *ch);

#endif
