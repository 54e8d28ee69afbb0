/* The tidy end. */
#ifndef MASTER_STOP_H
#define MASTER_STOP_H

struct master;

/*
 * SIGTERM or SIGINT: no new clients, those that are there go within
 * drain_time, running requests end within drain_timeout behind it, then the
 * loop.  A second call ends at once.
 */
void stop_begin(struct master *m);

/* A child is gone while we are stopping: what comes next? */
void stop_step(struct master *m);

#endif
