/*
 * The session process of a worker: owns sessions and client sockets, turns
 * calls into requests and replies into answers.  It parses what strangers
 * send and therefore knows no secret.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "ipc/spawn.h"

/* Serve until the master says STOP or is gone; the process's exit status. */
int worker_run(const struct spawn_params *p);

#endif
