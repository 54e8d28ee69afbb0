/*
 * A session goes on in another worker without its client noticing.
 *
 * It moves at a moment of rest: no body is being read, no upgrade tried, no
 * verdict awaited, and no answer half way out on a poll.  A poll that waits is
 * ended with `6`; a websocket moves with its socket, in the middle of
 * whatever it reads or writes; HTTP connections without a request go back to
 * the master.  Requests move with their reply sockets, wherever they are.
 *
 * What a worker knows of a session is written by move_put.c and read by
 * move_get.c, all of it checked like a stranger's; names stand for what
 * belongs to a generation.
 */
#ifndef WORKER_MOVE_H
#define WORKER_MOVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct conn;
struct msg_bytes;
struct session;
struct worker;

/*
 * The first byte of what is written: the newest that we read, and the one that
 * we write.  1 is the first; since 2 messages can be compressed, and
 * collectors in C are known.
 */
#define MOVE_VERSION 2
#define MOVE_VERSION_PLUGINS 2

/* MOVE: give everything away, and say MOVED at the end. */
void move_start(struct worker *w);

/* The master has confirmed something: go on. */
void move_step(struct worker *w);

/* Ask the master to be emptied and replaced; once. */
void move_ask(struct worker *w);

/* Begin to look whether that is due: limits.worker_requests, worker_age. */
int move_watch(struct worker *w) MUST_CHECK;

void move_free(struct worker *w);

/* Append what must be known of s, its websocket among it.  0 or -1. */
int move_put(const struct session *s, struct buf *out) MUST_CHECK;

/*
 * Its reply sockets in the order in which move_get() wants them; how many, or
 * more than size when there is no room for all.
 */
size_t move_replies(const struct session *s, int *fds, size_t size);

/*
 * Make s, which is new, what state says, with its websocket c (NULL when
 * polling).  replies are n descriptors; those that are taken are set to -1.
 * 0, or -1 when the state is not sound, names what the session's generation
 * does not have, or memory is short: s is then to be closed.
 */
int move_get(struct session *s, struct conn *c, const struct msg_bytes *state,
    int *replies, size_t n, struct err *err) MUST_CHECK;

#endif
