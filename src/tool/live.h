/* The database of the configuration, for the commands that look into it. */
#ifndef TOOL_LIVE_H
#define TOOL_LIVE_H

#include "base/err.h"
#include "conf/conf.h"
#include "db/catalog.h"

/*
 * Connect as a collector does, read the catalogue, and when privileges is
 * not NULL tell it each right of the login to write.  0, or -1; c is for
 * catalog_fini() either way.  No message shows a password.
 */
int live_read(struct catalog *c, const char *url, const char *folder,
    void (*privilege)(void *ctx, const struct catalog_privilege *p),
    struct err *err) MUST_CHECK;

/*
 * dalpuri check --live: compare the schema of a view with its database, a
 * line on standard output for each difference.  0 = there is none, 1 = there
 * is, EX_UNAVAILABLE = the database could not be asked.
 */
int live_check(const struct conf *collector);

#endif
