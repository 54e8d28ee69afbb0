/*
 * A .so file of the collectors folder: what it declares, read out of its
 * bytes.  None of its code is run.  What it means is in dalpuri-plugin(3).
 */
#ifndef MODEL_PLUGIN_FILE_H
#define MODEL_PLUGIN_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <dalpuri/collector.h>

#include "model/collector_file.h"

struct plugin_file {
	/* The declaration; nothing behind the namespaces is from the file. */
	struct dalpuri_collector declared;
	bool connects;
	size_t nnamespaces;		/* those that are not empty, in front */
};

/*
 * Read the declaration of a shared object for this machine.  0, or -1 with
 * the fault told as "PATH:1: what, expected what".
 */
int plugin_file_read(struct plugin_file *out, const char *data, size_t len,
    struct collector_faults *faults) MUST_CHECK;

#endif
