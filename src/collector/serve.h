/*
 * The collector role: one persistent ODBC connection, one request at a time,
 * no client socket.
 */
#ifndef COLLECTOR_SERVE_H
#define COLLECTOR_SERVE_H

#include "ipc/spawn.h"

/*
 * Serve the queue until the channel says stop or ends.  Called once, after
 * spawn_enter().  Returns an exit status when it cannot even start; else it
 * ends the process itself, without waiting for its driver.
 */
int collector_run(const struct spawn_params *p);

#endif
