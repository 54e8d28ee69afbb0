/*
 * The watcher: a thread which notices that the caller of the running request
 * has given up, or that its deadline has passed, while the collector sits in
 * its driver.  It sets a flag; when that does not help it shuts down the
 * driver's socket, which frees a stuck call.  It never calls the driver.
 */
#ifndef COLLECTOR_WATCHER_H
#define COLLECTOR_WATCHER_H

#include <stdbool.h>

#include "base/err.h"
#include "db/db.h"

/* Start it, once; guard must live as long as the process.  0 or -1. */
int watcher_start(struct db_guard *guard, struct err *err) MUST_CHECK;

/*
 * Watch a reply socket from now on; guard->cancelled is cleared, and set soon
 * after the other end is closed.  Only between the two is it ever set.
 */
int watcher_watch(int fd, struct err *err) MUST_CHECK;
/* True: the driver's socket was shut down. */
bool watcher_unwatch(void);

/*
 * The socket that may be shut down, -1 = none: to be told before it is closed.
 * Was the last one shut down?
 */
bool watcher_socket(int fd);

/* The request that runs is a large one: its process may use any CPU. */
void watcher_large(void);

#endif
