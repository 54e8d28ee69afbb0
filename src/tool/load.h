/*
 * What is configured, as the commands see it: the very loader of a start is
 * asked, so that what is good here is good there.
 */
#ifndef TOOL_LOAD_H
#define TOOL_LOAD_H

#include "base/err.h"
#include "conf/conf.h"

/* The views, in the order in which the loader sends them. */
enum load_view { LOAD_MASTER, LOAD_WORKER, LOAD_COLLECTOR, LOAD_VIEWS };

struct load {
	struct conf views[LOAD_VIEWS];
	int fds[LOAD_VIEWS];	/* the same, sealed: for spawned roles */
	size_t refused;		/* lines about collectors left out */
};

/*
 * Load the conf file (NULL: the environment alone) and all that it names.
 * EX_OK, maybe with faulty collectors left out, which have been told; else
 * what is wrong is on standard error, each line with its place: EX_CONFIG for
 * faults, EX_OSERR when the loader failed, as "NAME: why".
 * load_fini() either way.
 */
int load_run(struct load *load, const char *path, const char *name)
    MUST_CHECK;
void load_fini(struct load *load);

#endif
