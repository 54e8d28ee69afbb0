/*
 * The worker slots: a session process each, with its collectors, the work
 * queue between them, and what they say to the master.
 */
#ifndef MASTER_SLOTS_H
#define MASTER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

struct child;
struct handover_item;
struct master;
struct slots;

/*
 * Workers that may run at a time: one for each slot, and as many that are
 * being emptied.  Each has a place of its own, from 1.
 */
#define SLOTS_PLACES 128

/*
 * Slots for m->conf, whose generation's views are worker_fd and collector_fd
 * (the callee's, also on failure); starts nothing.  NULL on failure.
 */
struct slots *slots_new(struct master *m, int worker_fd, int collector_fd,
    struct err *err);
void slots_free(struct slots **s);

/*
 * Let there be as many processes as m->conf says: who lacks is started, who is
 * too many is emptied and ends.
 */
void slots_fit(struct slots *s);

/*
 * Empty a worker: another process of its slot is started, the sessions move
 * to that and to the others, and then it ends.  It serves on until another
 * worker can take them.
 */
void slots_empty_worker(struct child *c);

/* The worker of that place; NULL = none. */
struct child *slots_worker(const struct slots *s, size_t place);

/* m->generation is a new one: tell everybody.  fds as in slots_new(). */
int slots_reload(struct slots *s, int worker_fd, int collector_fd)
    MUST_CHECK;

/*
 * See that a worker knows an older generation, for a session that moves to it.
 * false: nobody does any more.
 */
bool slots_tell_old_view(struct slots *s, struct child *c, uint32_t number);

/* The collectors' view of the current generation; it stays ours. */
int slots_view(const struct slots *s);

/*
 * Put all that run, with their sessions, into the state that this master
 * leaves.  slots_can_hand_over(): no message waits to be sent to one.
 */
int slots_hand_over(const struct slots *s, struct buf *state) MUST_CHECK;
bool slots_can_hand_over(const struct slots *s);

/*
 * Take one item of such a state (QUEUE, WORKER, COLLECTOR or SESSION); its
 * descriptors are the callee's.  What is not sound is logged and left out.
 */
void slots_inherit(struct slots *s, const struct handover_item *item);

/* Are there still some of them? */
bool slots_have_old(const struct slots *s);

/* Was it one of ours that ended? */
bool slots_reaped(struct slots *s, pid_t pid, int status);

/* The watchdog's turn: kill who is beyond a deadline. */
void slots_watch(struct slots *s, uint64_t now_ms);

/* Send a message to every worker that runs. */
void slots_tell_workers(struct slots *s, const struct buf *msg);
/* The same to the collectors, too, with a descriptor. */
void slots_tell_all(struct slots *s, const struct buf *msg, int fd);

/* Let the workers log their counters. */
void slots_tell_counters(struct slots *s);

/* ASK every worker that is ready: how many those are, and which places. */
size_t slots_ask(struct slots *s, unsigned int what, uint32_t serial,
    bool asked_out[SLOTS_PLACES + 1]);

/* The way to the end: ask, kill, and see who is left. */
void slots_stop_workers(struct slots *s);
void slots_stop_collectors(struct slots *s);
void slots_kill(struct slots *s);
bool slots_workers_run(const struct slots *s);
bool slots_run(const struct slots *s);

#endif
