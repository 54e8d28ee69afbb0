/*
 * The master: accepts strangers, reads their HTTP heads, judges keys, passes
 * sessions to workers, and keeps every other process of the house running.
 */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <stdbool.h>

/* What main() found out; the strings outlive the master. */
struct master_params {
	char *conf_path;	/* NULL = the environment alone */
	const char *program;	/* as it was called */
	bool background;	/* detach once the start has succeeded */
};

/*
 * Run until SIGTERM or SIGINT.  The exit status: 0 ended tidily, 78 (EX_CONFIG)
 * the configuration is faulty, 71 (EX_OSERR) the system refused something.
 */
int master_run(const struct master_params *p);

#endif
