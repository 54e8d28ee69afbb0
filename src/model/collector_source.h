/* A file of the collectors folder, whatever its kind. */
#ifndef MODEL_COLLECTOR_SOURCE_H
#define MODEL_COLLECTOR_SOURCE_H

#include <stddef.h>

#include "model/collector.h"
#include "model/collector_file.h"
#include "model/dialect.h"

struct collector_source {
	const char *name;	/* the event */
	const char *path;	/* its end says which kind */
	const char *text;	/* NUL-terminated */
	size_t len;
};

/*
 * Read one.  d: of the database that a .sql file is for; NULL = not known
 * yet.  NULL with each fault told as "PATH:LINE: what, expected what".
 * Schema and source must outlive it, but for its text.
 */
struct collector *collector_source_read(const struct schema *s,
    const struct dialect *d, const struct collector_source *source,
    void (*fault)(void *ctx, const char *line), void *ctx);

/*
 * Is this a name that a client can emit and a program can write?  The names
 * that are refused mean something to every Socket.IO client.
 */
void collector_check_name(struct collector_faults *faults, const char *name);

#endif
