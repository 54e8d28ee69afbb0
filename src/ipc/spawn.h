/*
 * Roles: how a process of the house is started, and what it finds.
 *
 * The first program opens its own binary once; every role is that descriptor
 * executed again, so that a package upgrade never mixes versions.  The trial
 * alone is another binary, which says whether it could take over.  A child
 * finds one argument, its title ("dalpuri: collector 1.2"), which is also
 * how it knows its role and numbers; an environment that is empty
 * (collectors: an allow-list) but for the log level, which spawn_enter() wipes
 * out; /dev/null as 0 and 1, the log as 2; and from 3 on exactly the
 * descriptors of its contract:
 *
 *	role		3		4		5
 *	worker		channel		queue, write
 *	collector	channel		queue, read	status page
 *	loader		channel
 *	trial		channel		state
 */
#ifndef IPC_SPAWN_H
#define IPC_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"

#define SPAWN_FD_CHANNEL 3
#define SPAWN_FD_QUEUE 4
#define SPAWN_FD_STATUS 5
#define SPAWN_FD_STATE 4
#define SPAWN_FDS_MAX 4

enum spawn_role {
	SPAWN_WORKER,
	SPAWN_COLLECTOR,
	SPAWN_LOADER,
	SPAWN_TRIAL,	/* a loader of the binary that is to follow */
	SPAWN_ROLES
};

struct spawn_params {
	enum spawn_role role;
	unsigned int worker;	/* first number in the title; 0 = none */
	unsigned int index;	/* second number, from 1; 0 = none */
	enum log_level log_level;
	int binary;		/* a descriptor of it; 0 = our own */
	size_t nfds;
	/* As many as the contract says; become 3, 4 ...; stay the caller's. */
	int fds[SPAWN_FDS_MAX];
};

/* Open our own binary, once, before anything else.  0 or -1. */
int spawn_init(struct err *err) MUST_CHECK;

/* "worker", "collector", "loader", "trial". */
const char *spawn_role_name(enum spawn_role role);

/*
 * Start a role; its pid, or -1.  It is killed when the calling thread dies.
 * A child that could not be executed exits with 127.
 */
pid_t spawn_role(const struct spawn_params *p, struct err *err) MUST_CHECK;

/*
 * First thing in a child: not dumpable, no core, descriptors close-on-exec
 * again, log opened under the child's title.  Signals are as a new process has
 * them, but for three that are ignored: SIGPIPE, and SIGINT and SIGHUP, which
 * a terminal sends to everybody while only the master is meant.  argc and argv
 * as main got them.  Fills p.  0, or -1 when it was not started by
 * spawn_role().
 */
int spawn_enter(int argc, char **argv, struct spawn_params *p,
    struct err *err) MUST_CHECK;

/*
 * Raise the limit on descriptors to the hard one, for us and our children:
 * descriptors under way are counted against their sender's limit.  The limit
 * that holds from now on.
 */
size_t spawn_raise_fd_limit(void);

/*
 * For the master: take over the memory of argv and environ for the title.
 * Both point to copies afterwards, and /proc/PID/environ shows only zeros.
 * Without memory for the copies nothing happens, and no title will be shown.
 */
void spawn_title_init(int argc, char **argv);

/*
 * Set the title, all of /proc/PID/cmdline, to "dalpuri: " and the text; one
 * too long for the memory is cut.  `ps -o comm` shows "dalpuri".
 */
void spawn_title(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
