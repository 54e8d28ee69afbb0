/*
 * One supervised process: started, watched, started again.
 *
 *	          ┌───────────────── THROTTLED ◄────────────┐
 *	          ▼                                         │
 *	NONE ► STARTING ─ READY came ─► READY ─ told ─► STOPPING
 *	          │                       │                │
 *	          └── deadline, killed ───┴── gone ──► DYING ── reaped ─► NONE
 *
 * A child that dies before it has proved itself is started again after a pause
 * that doubles; one that has, at once.  One that is leaving is not: see
 * slots_fit.c.
 */
#ifndef MASTER_CHILD_H
#define MASTER_CHILD_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/err.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"

struct channel;
struct child;
struct master;

enum child_state {
	CHILD_NONE,		/* not running, and not to be */
	CHILD_STARTING,		/* READY has not come */
	CHILD_READY,
	CHILD_STOPPING,		/* STOP was sent: exit 0 is right */
	CHILD_DYING,		/* killed, or closed its channel */
	CHILD_THROTTLED,	/* not running, started again by the timer */
	CHILD_STATES
};

/* What a child of this kind may say; a NULL handler = may not. */
struct child_message {
	/* 0, or -1: malformed.  A descriptor that is kept is set to -1. */
	int (*handle)(struct child *c, const void *data, size_t len, int *fds);
	size_t nfds;		/* exactly */
	/* Instead, where their number is in the message. */
	int (*handle_any)(struct child *c, const void *data, size_t len,
	    int *fds, size_t nfds);
};

/* What workers and collectors do differently. */
struct child_kind {
	enum spawn_role role;
	const struct child_message *messages;	/* [MSG_TYPES] */
	/* Descriptors behind the channel; borrowed.  Their number or -1. */
	int (*descriptors)(struct child *c, int *fds, struct err *err);
	void (*started)(struct child *c);	/* send it its views */
	void (*ready)(struct child *c);
	void (*down)(struct child *c);		/* its channel is at its end */
	bool (*proved)(const struct child *c);	/* asked when it is reaped */
	void (*reaped)(struct child *c);
};

struct child {
	TAILQ_ENTRY(child) entry;	/* of a worker, in slots */
	struct master *m;
	const struct child_kind *kind;
	unsigned int worker, index;	/* numbers in its title */
	char name[32];			/* "collector 1.2" */
	enum child_state state;
	pid_t pid;			/* -1 = not running */
	struct channel *ch;		/* NULL = none, or at its end */
	struct event timer;	/* STARTING: deadline; THROTTLED: start */
	int64_t pause_ms;		/* before the last start */
	bool was_ready;
	bool unsound;		/* killed for what it said */
	int wait_status;		/* how it has ended */
	bool leaving;		/* it ends, and is not started again */
	bool inherited;		/* of the binary before: see upgrade.h */
	/* of a worker */
	size_t place;		/* its number in tables; no other has it */
	uint64_t move_ms;	/* when MOVE was sent; 0 = not yet */
};

/* Fill all fields; starts nothing. */
void child_init(struct child *c, struct master *m,
    const struct child_kind *kind, unsigned int worker, unsigned int index);
/* Forget it: close its channel without a word. */
void child_fini(struct child *c);

/* Start it; when that fails, try again as after an early death. */
void child_start(struct child *c);

/*
 * It runs already, as pid, at the other end of the channel fd (the callee's),
 * and is leaving.  0, or -1: no child of ours, or no memory; it has no channel
 * then, and so will end.
 */
int child_inherit(struct child *c, pid_t pid, int fd) MUST_CHECK;

/* Ask it to finish and exit; one that is not running stays so. */
void child_stop(struct child *c);

/* SIGKILL.  why is logged as a warning. */
void child_kill(struct child *c, const char *why);

/* waitpid() has told how it ended. */
void child_reaped(struct child *c, int status);

/* Send a message; one that cannot be sent costs the child its life. */
void child_send(struct child *c, const struct buf *msg, const int *fds,
    size_t nfds);

/* "ready" and so on. */
const char *child_state_name(enum child_state state);

bool child_runs(const struct child *c);

#endif
