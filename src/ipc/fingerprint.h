/*
 * What makes two requests the same: the collector's name and the options,
 * byte by byte.  It is no secret and proves nothing, but nobody can make a
 * request that has the fingerprint of somebody else's.
 */
#ifndef IPC_FINGERPRINT_H
#define IPC_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

/* Never 0; 0 only when OpenSSL fails, and then it is nobody's. */
uint64_t fingerprint(const char *collector, const char *options, size_t len);

#endif
