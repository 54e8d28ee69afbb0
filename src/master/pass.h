/*
 * Stop 4 of a request's life: which worker owns which session, and what is on
 * the way to one.  Everything given keeps its bytes and descriptors here until
 * the taker says ADOPTED, so that the death of a worker loses only what it
 * had taken.
 */
#ifndef MASTER_PASS_H
#define MASTER_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "ipc/msg.h"

struct channel;
struct pass;

struct pass_handlers {
	/*
	 * A routed connection whose session has died before it could be
	 * adopted: to be judged anew.  fd is the callee's.
	 */
	void (*orphan)(void *ctx, int fd, const char *address,
	    const struct msg_bytes *bytes);
	/* n connections of that address are a worker's now. */
	void (*adopted)(void *ctx, size_t worker, const char *address,
	    size_t n);
	/* What a worker gave away under this tag is no matter of its own. */
	void (*confirmed)(void *ctx, size_t worker, uint64_t tag);
	/*
	 * A session of that generation, which is not the current one, is about
	 * to go to a worker: see that it knows it.  false: nobody does.
	 */
	bool (*generation)(void *ctx, size_t worker, uint32_t generation);
	/* It has gone there. */
	void (*given)(void *ctx, size_t worker, uint32_t generation);
};

/* For workers 1 to nworkers, all down.  NULL: out of memory. */
struct pass *pass_new(size_t nworkers, const struct pass_handlers *handlers,
    void *ctx);
/* Close whatever is still on the way.  Calls no handler. */
void pass_free(struct pass **p);

/* Sessions given from now on belong to this generation. */
void pass_generation(struct pass *p, uint32_t generation);

/*
 * Let a function change the sessions that nobody has adopted, for those who
 * will be given them; what a worker was sent stays as it is.
 */
void pass_revise(struct pass *p, msg_revise *revise, void *ctx);

/*
 * A worker can take sessions through ch, which stays the caller's and must
 * live until pass_worker_down(); what waited for any worker goes to it.
 */
void pass_worker_up(struct pass *p, size_t worker, struct channel *ch);

/*
 * A worker is dead, and its channel was read to the end: its sessions are
 * forgotten, what it had not adopted goes to another, in order.  Calls
 * orphan.  Harmless when the worker is down already.  Returns how many
 * sessions died with it.
 */
size_t pass_worker_down(struct pass *p, size_t worker);

/*
 * A worker gives its sessions away: it is given none any more, unless there is
 * no other.  pass_can_leave(): there is another.
 */
void pass_worker_leaves(struct pass *p, size_t worker);
bool pass_can_leave(const struct pass *p, size_t worker);

/* Does this worker own the session? */
bool pass_owns(const struct pass *p, size_t worker, const char *sid);

/*
 * A worker gives a session that it owns to another one; m->tag is the giver's,
 * and confirmed() repeats it when the session is adopted or lost.  Its
 * generation stays as long as there is one.  The descriptors are the callee's.
 */
void pass_move(struct pass *p, size_t worker, struct msg_session *m,
    const int *fds);

/* Is a session of that generation on its way to a worker? */
bool pass_gives(const struct pass *p, size_t worker, uint32_t generation);

/*
 * Give a session to the worker with the fewest; tag and generation are filled
 * in here.  The descriptors (m->nconns) are the callee's, also on failure.
 * 0, or -1: out of memory, or more than a message holds; the session is dead.
 */
int pass_session(struct pass *p, struct msg_session *m, const int *fds)
    MUST_CHECK;

/*
 * Find a session by the beginning of its sid.  How many there are, where 2
 * means several; sid_out (MSG_SID_LEN + 1 bytes) and the worker, 0 = none
 * yet, are those of one.
 */
int pass_find(const struct pass *p, const char *beginning, char *sid_out,
    unsigned int *worker_out);

/* All sessions. */
size_t pass_count(const struct pass *p);

/* Does a worker own this session, or will one? */
bool pass_knows(const struct pass *p, const char *sid);

/*
 * Give a connection to the owner of m->sid, which must be known; the tag is
 * filled in here.  fd is the callee's, also on failure.  0 or -1.
 */
int pass_route(struct pass *p, struct msg_route *m, int fd) MUST_CHECK;

/* What a worker said; a tag or sid that is not its own is ignored. */
void pass_adopted(struct pass *p, size_t worker, uint64_t tag);
void pass_closed(struct pass *p, size_t worker, const char *sid);

/*
 * The session has joined a namespace, or will: its key is right.  worker is
 * who says so; 0 = ourselves.
 */
void pass_joined(struct pass *p, size_t worker, const char *sid);

/* Sessions that have joined none. */
size_t pass_unjoined(const struct pass *p);

/*
 * New sessions wait, for at most ms from the first call on; they belong to the
 * generation in which they are released.
 */
void pass_hold(struct pass *p, int64_t ms);
void pass_release(struct pass *p);

/* Give up what waits for a worker since before then_ms.  Calls orphan. */
void pass_expire(struct pass *p, uint64_t then_ms);

/* Would a session that is given now go to a worker at once? */
bool pass_is_open(const struct pass *p);

/* Is nothing on its way? */
bool pass_is_idle(const struct pass *p);

/*
 * Put the sessions of a worker into the state that a master leaves; the other
 * way: a worker, which is up, has that session.  0, or -1: no memory.
 */
int pass_hand_over(const struct pass *p, size_t worker, pid_t pid,
    struct buf *state) MUST_CHECK;
int pass_inherit(struct pass *p, size_t worker, const char *sid, bool joined)
    MUST_CHECK;

/* Sessions that a worker owns. */
size_t pass_sessions(const struct pass *p, size_t worker);

/*
 * Since when (clock_ms()) a worker has left something unadopted; UINT64_MAX =
 * it has adopted everything.
 */
uint64_t pass_unadopted_since(const struct pass *p, size_t worker);

#endif
