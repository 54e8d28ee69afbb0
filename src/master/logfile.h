/* The log file while the gateway runs: moved, or opened again. */
#ifndef MASTER_LOGFILE_H
#define MASTER_LOGFILE_H

#include "base/err.h"

struct master;

/* A descriptor to append to the file; -1 with the reason. */
int logfile_open(const char *path, struct err *err) MUST_CHECK;

/* From now on we and all children write there; fd is the callee's. */
void logfile_move(struct master *m, int fd);

/*
 * Open log_file anew, if there is one, for whoever has renamed it; on failure
 * the old one is written on.
 */
void logfile_reopen(struct master *m);

#endif
