/* Sealed views: read-only memory that is handed to another process. */
#ifndef IPC_VIEW_H
#define IPC_VIEW_H

#include <stddef.h>

#include "base/err.h"

/* Copy len bytes (1 or more) into a sealed memfd; the fd, or -1. */
int view_seal(const char *name, const void *data, size_t len,
    struct err *err) MUST_CHECK;

/*
 * Map a view read-only.  Refuses a descriptor that is not fully sealed, empty
 * or above 64 MiB.  0 or -1; view_unmap() when done; fd stays the caller's.
 */
int view_map(int fd, const char **data_out, size_t *len_out, struct err *err)
    MUST_CHECK;
void view_unmap(const char *data, size_t len);

#endif
