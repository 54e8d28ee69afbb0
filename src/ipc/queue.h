/*
 * The work queue: one SEQPACKET pair per database.  Every session process
 * writes to one end, every collector reads from the other; the kernel gives
 * each message to exactly one reader, first in first out.
 *
 * A request is a head of fixed size with one end of a pair that no other uses
 * at that time (the reply socket).  Its body lies in that pair already; or,
 * above QUEUE_BODY_INLINE, in a sealed memfd that travels as the second
 * descriptor, and one byte lies in the pair in its place.  So a large request
 * takes no more room in the queue than a small one, and the kernel knows of
 * each whether a collector has taken it: see ipc/reply.h.
 */
#ifndef IPC_QUEUE_H
#define IPC_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ipc/fdpass.h"
#include "ipc/msg.h"

/* Bytes of body that fit into the reply socket's own buffer. */
#define QUEUE_BODY_INLINE (128 * 1024)
/* Bytes of a body at all; the worker refuses options long before it. */
#define QUEUE_BODY_MAX (64 * 1024 * 1024)
/* Requests of a worker that are out, at most, beyond one for each collector. */
#define QUEUE_AHEAD_MAX 8

struct queue_request {
	uint64_t id;		/* unique in the life of the master */
	uint64_t deadline_ms;	/* clock_ms() until which it may wait */
	uint32_t worker;	/* slot of the session process, from 1 */
	uint32_t generation;	/* view that the session was opened with */
	char collector[MSG_NAME_MAX];	/* event name */
	char key[MSG_NAME_MAX];		/* key name, never the key */
	char nsp[MSG_NAME_MAX];		/* namespace, "/" or "/name" */
	struct msg_bytes options;	/* JSON text of opts; empty = none */
};

/*
 * The two ends of a new queue: write_out for the session processes, read_out
 * for the collectors; close-on-exec, never written to or read from the wrong
 * side.  No option of either may be changed afterwards.  0 or -1.
 */
int queue_pair(int *write_out, int *read_out, struct err *err) MUST_CHECK;

/* Messages in the queue that no collector has taken yet; -1 on error. */
int queue_unread(int write_fd);

/*
 * Put a request into the queue.  FDPASS_OK: *reply_out is the caller's end of
 * its reply socket, non-blocking.  FDPASS_AGAIN: the queue is full, nothing
 * happened.  FDPASS_BAD: no descriptors or no memory, nothing happened.
 */
enum fdpass_result queue_put(int write_fd, const struct queue_request *req,
    int *reply_out);

/*
 * The same with a pair of fdpass_pair(), in which nothing is left to read.
 * Both ends stay the caller's; as long as theirs is open here, the end of the
 * collector is not seen.  Unless it is OK, the pair is not fit for another.
 */
enum fdpass_result queue_put_over(int write_fd,
    const struct queue_request *req, int ours, int theirs);

/*
 * Has a collector taken the body of the request whose reply socket this is?
 * 1 or 0; -1 on error.  1 too when one died before it did: what the socket
 * says then is the truth.
 */
int queue_taken(int reply);

/* A message that only makes readers look: see DESIGN, lost wake-ups. */
void queue_kick(int write_fd);

/*
 * Take one request without waiting.  FDPASS_OK: req is filled, its options
 * point into body (cleared first), *reply_out is the caller's.  A kick, or a
 * request that its asker has given up, reads as FDPASS_AGAIN.  FDPASS_BAD: it
 * was no request, or the memory or the descriptors ran out; it is dropped, and
 * its asker sees the end of its reply.
 */
enum fdpass_result queue_take(int read_fd, struct queue_request *req,
    struct buf *body, int *reply_out);

#endif
