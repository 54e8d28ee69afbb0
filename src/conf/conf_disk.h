/* Files that the loader reads whole. */
#ifndef CONF_CONF_DISK_H
#define CONF_CONF_DISK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "conf/conf.h"

struct conf_content {
	char *text;	/* NUL-terminated, the caller's to free */
	size_t len;
	bool for_all;	/* every user of the machine may read the file */
};

/*
 * Read a regular file of at most max bytes.  0, or -1 with the reason, which
 * does not name the path.
 */
int conf_disk_read(const char *path, size_t max, struct conf_content *out,
    struct err *err) MUST_CHECK;

/* folder/name in fresh memory, or just name when it is absolute. */
char *conf_disk_join(const char *folder, const char *name);

/*
 * The absolute folder that a file is in, links resolved; NULL when there is
 * none.
 */
char *conf_disk_folder(const char *path);

/*
 * Where schema and collectors are when no conf says it, in fresh memory:
 * conf/ of the source tree that this program stands in, else what
 * `make install` has put into SYSCONFDIR.
 */
char *conf_disk_standard_folder(void);

/*
 * Read all regular files *.collector, *.so and *.sql of a folder, sorted by
 * name, into c; what cannot be read, and two for one event, is refused in
 * faults.  0, or -1 with the reason why the folder cannot be read.
 */
int conf_disk_collectors(struct conf *c, const char *folder,
    struct conf_faults *faults, struct err *err) MUST_CHECK;

/*
 * Read what a folder has of the official client's files for browsers
 * (socket.io.js and its kind), each of at most 4 MiB, into c.  The same
 * results; none at all is a failure.
 */
int conf_disk_bundle(struct conf *c, const char *folder, struct err *err)
    MUST_CHECK;

/* Read a collector, or the schema, under a name.  The same results. */
int conf_disk_file(struct conf_file *out, const char *name,
    const char *path, struct err *err) MUST_CHECK;

#endif
