/*
 * What a role can never ask of the kernel once it has started: its share of
 * one table of system calls.  It stops nothing that the program does; it is
 * for a process that somebody else has taken over.
 */
#ifndef IPC_CONFINE_H
#define IPC_CONFINE_H

#include "base/err.h"
#include "ipc/spawn.h"

/*
 * From now on the calls that role does not need fail with EPERM, in all
 * threads to come, for ever.  To be called when all that must be opened is
 * open, before the first byte of a stranger is read.  0, or -1 when the
 * kernel has no such filter; nothing is confined then.
 *
 * Builds with AddressSanitizer are not confined: its leak check needs ptrace.
 */
int confine(enum spawn_role role, struct err *err) MUST_CHECK;

/* What may be lifted of it, a bit each: see dalpuri.conf(5), "plugins". */
enum confine_lift {
	CONFINE_PROGRAMS = 1,
	CONFINE_FILES = 2,
	CONFINE_LISTEN = 4
};

/*
 * The same without the calls that are lifted.  It confines the calling thread
 * and those that it starts from then on, each time by more only: what one call
 * refuses no other gives back.
 */
int confine_but(enum spawn_role role, unsigned int lifted, struct err *err)
    MUST_CHECK;

#endif
