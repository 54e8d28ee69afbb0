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

#include "base/err.h"

struct master;
struct slots;

/*
 * Slots for m->conf, whose generation's views are worker_fd and collector_fd
 * (the callee's, also on failure); starts nothing.  NULL on failure.
 */
struct slots *slots_new(struct master *m, int worker_fd, int collector_fd,
    struct err *err);
void slots_free(struct slots **s);

/* Start every process. */
void slots_start(struct slots *s);

/* m->generation is a new one: tell everybody.  fds as in slots_new(). */
int slots_reload(struct slots *s, int worker_fd, int collector_fd)
    MUST_CHECK;

/* The collectors' view of the current generation; it stays ours. */
int slots_view(const struct slots *s);

/* Was it one of ours that ended? */
bool slots_reaped(struct slots *s, pid_t pid, int status);

/* The watchdog's turn: kill who is beyond a deadline. */
void slots_watch(struct slots *s, uint64_t now_ms);

/* Let the workers log their counters. */
void slots_tell_counters(struct slots *s);

/* ASK every worker that is ready; a bit for each, from worker 1 on. */
uint64_t slots_ask(struct slots *s, unsigned int what, uint32_t serial);

/* The way to the end: ask, kill, and see who is left. */
void slots_stop_workers(struct slots *s);
void slots_stop_collectors(struct slots *s);
void slots_kill(struct slots *s);
bool slots_workers_run(const struct slots *s);
bool slots_run(const struct slots *s);

/* Session processes. */
size_t slots_count(const struct slots *s);

#endif
