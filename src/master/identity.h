/*
 * Who the process is to the system: its log, its user, its pid file, and
 * whether a terminal waits for it.
 */
#ifndef MASTER_IDENTITY_H
#define MASTER_IDENTITY_H

#include <stdbool.h>

#include "base/err.h"

struct conf;

/*
 * Go to the background.  In the child *parent_out is the descriptor for
 * identity_started(), and the result is 0.  In the parent the result is 1
 * once the child has started, and *status_out is what to exit with.  -1: no
 * child.
 */
int identity_detach(int *parent_out, int *status_out, struct err *err)
    MUST_CHECK;

/* Tell the waiting parent how the start went; *parent becomes -1. */
void identity_started(int *parent, int status);

/*
 * From now on 2 is log_file, or syslog in the background, or what it was;
 * children inherit it.
 */
int identity_log(const struct conf *c, bool background, struct err *err)
    MUST_CHECK;

int identity_pid_file(const struct conf *c, struct err *err) MUST_CHECK;

/* Become conf's user, if we are root; warn when we stay root. */
int identity_drop(const struct conf *c, struct err *err) MUST_CHECK;

/* No core dumps, and no reading of our memory by others: it holds keys. */
void identity_protect(void);

/*
 * The absolute path of the program that was called so; a file that is put
 * there later counts, and so do symbolic links.  NULL: no memory.
 */
char *identity_program(const char *called);

/* A copy of a variable, which is wiped from the environment; or NULL. */
char *identity_take_env(const char *name);

#endif
