/*
 * The folder of the collectors is watched: what is dropped into it, changed or
 * taken out is in force without a signal.
 */
#ifndef MASTER_WATCH_H
#define MASTER_WATCH_H

#include <stdbool.h>

struct master;
struct watch;

/* Watch nothing yet.  NULL, told in the log: it cannot be had. */
struct watch *watch_new(struct master *m);
void watch_free(struct watch **w);

/*
 * Watch this folder from now on.  What has changed in it since the last load
 * began makes another one.  w may be NULL.
 */
void watch_folder(struct watch *w, const char *path);

/* Has something changed that no load has begun for? */
bool watch_is_pending(const struct watch *w);

#endif
