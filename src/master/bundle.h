/*
 * The official client's files for browsers, read by the loader and served from
 * memory: no path of a client ever reaches the file system.  What is being
 * sent is held, so a reload does not disturb it, and nothing is copied: a
 * thousand slow readers share one bundle.
 */
#ifndef MASTER_BUNDLE_H
#define MASTER_BUNDLE_H

#include <stdbool.h>

#include "proto/parse.h"

struct bundle;
struct conf;

#define BUNDLE_ETAG_MAX 40

struct bundle_file {
	const char *name;		/* "socket.io.js" */
	const char *type;		/* Content-Type */
	struct slice text;
	char etag[BUNDLE_ETAG_MAX];	/* with its quotes */
};

/*
 * The bundle of a conf, maybe an empty one; the files are taken out of the
 * conf.  Held once.  NULL: out of memory; the conf is as before.
 */
struct bundle *bundle_new(struct conf *c);

/* Hold it once more; let go of it, which frees it at the last time. */
struct bundle *bundle_hold(struct bundle *b);
void bundle_free(struct bundle **b);

/* The file of that name, to the byte; NULL = none.  Lives as the bundle. */
const struct bundle_file *bundle_find(const struct bundle *b,
    const struct slice *name);

/* Does an If-None-Match name the file's ETag, weak or strong, or "*"? */
bool bundle_file_is(const struct bundle_file *f, const struct slice *match);

#endif
