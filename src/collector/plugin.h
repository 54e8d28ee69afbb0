/*
 * A request whose collector is a plugin: decoded, handed to its callback, and
 * answered whatever that does, as long as it comes back.
 */
#ifndef COLLECTOR_PLUGIN_H
#define COLLECTOR_PLUGIN_H

#include "base/err.h"
#include "collector/link.h"
#include "collector/plugin_image.h"
#include "collector/writer.h"
#include "conf/conf.h"
#include "ipc/queue.h"

struct plugin_run {
	const struct queue_request *request;
	const struct conf *conf;
	struct plugin_image *image;
	struct link *link;
	struct writer *writer;
	unsigned int lifted;	/* of this process: see ipc/confine.h */
};

/*
 * Run it: 0, or -1 with why it failed, which is for the caller to tell by
 * writer_end().  *exhausted_out: this process has run out of memory.
 */
int plugin_run(const struct plugin_run *p, bool *exhausted_out,
    struct err *err) MUST_CHECK;

/* What the conf lifts for any plugin, or (name) for one. */
unsigned int plugin_lifted(const struct conf *c, const char *name);

#endif
