/*
 * One run of the loader: it reads the configuration and answers with a sealed
 * view per role, or with all faults, which are logged here.
 */
#ifndef MASTER_LOAD_H
#define MASTER_LOAD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct load;
struct master;

/* The views, in the order of the message LOADED. */
enum load_view {
	LOAD_MASTER, LOAD_WORKER, LOAD_COLLECTOR, LOAD_VIEWS
};

enum load_outcome {
	LOAD_DONE,	/* views are there */
	LOAD_FAULTY,	/* the configuration has faults */
	LOAD_FAILED	/* the loader did not answer as it should */
};

/*
 * Called once, from the loop.  With LOAD_DONE the descriptors in views are the
 * callee's, else they are -1.
 */
typedef void load_done(struct master *m, enum load_outcome outcome,
    const int views[LOAD_VIEWS]);

/* Start it.  NULL: nothing runs, and done will not be called. */
struct load *load_start(struct master *m, load_done *done, struct err *err);

/* Another binary, which is to prove that it could take over. */
struct load_binary {
	int fd;
	int state_fd;	/* of this master: see ipc/handover.h */
};

/* Let that one read the configuration, and the state. */
struct load *load_try(struct master *m, const struct load_binary *binary,
    load_done *done, struct err *err);

/* End it without a word. */
void load_free(struct load **l);

/*
 * Was it the loader that ended?  An end without an answer calls done.
 */
bool load_reaped(struct load *l, pid_t pid, int status);

#endif
