/* From views to a generation that is in force: at start and at SIGHUP. */
#ifndef MASTER_RELOAD_H
#define MASTER_RELOAD_H

#include "base/err.h"
#include "master/load.h"

struct bundle;
struct conf;
struct keyring;
struct master;

/*
 * Decode the master's view (fd stays the caller's) and make its keys and its
 * bundle.  0: all are the caller's.  -1: nothing to free.
 */
int reload_read(int fd, struct conf *conf, struct keyring **keys,
    struct bundle **bundle, struct err *err) MUST_CHECK;

/*
 * A load is about to start, or runs: new sessions wait for it a little, so
 * that they find what was there before them.
 */
void reload_expected(struct master *m);

/*
 * Read the configuration again.  When that succeeds everything changes at
 * once, else nothing, and the log says why.  No client loses its connection.
 * Asked for while it is being done, it is done once more.
 */
void reload_start(struct master *m);

/* An admin asks for it, who may have renamed the log file, too. */
void reload_ask(struct master *m);

#endif
