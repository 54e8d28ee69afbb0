/*
 * The loader: reads conf, keys, schema and collectors, and answers with one
 * sealed view per role, or with all faults.  It lives for one LOAD, and is
 * the only process that ever sees everything.
 */
#ifndef LOADER_LOADER_H
#define LOADER_LOADER_H

#include "ipc/spawn.h"

/*
 * Serve one LOAD on the channel: a FAULT for each fault, then LOADED with
 * their number, and without any with the views of the master, the workers
 * and the collectors, in this order.  A faulty file of the collectors is no
 * such fault: it is told in the same way, and its last good version serves,
 * or nothing.  The process's exit status: 0 when the
 * answer was given, whatever it was.  As the trial of a new binary it also
 * says whether that could read the state of the master that runs.
 */
int loader_run(const struct spawn_params *p);

#endif
