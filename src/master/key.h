/*
 * The keys (PSKs) of one generation, and which of them some bytes are.  Keys
 * live in the master and nowhere else: what leaves this file is a name.
 */
#ifndef MASTER_KEY_H
#define MASTER_KEY_H

#include <stddef.h>

#include "base/err.h"
#include "conf/conf.h"

struct keyring;

/*
 * The keys of a conf, which may be forgotten afterwards.  NULL: out of memory
 * (or no randomness).
 */
struct keyring *keyring_new(const struct conf *c);
void keyring_free(struct keyring **k);

/*
 * The name of the key that these bytes are, whole and to the byte; NULL when
 * they are none.  Takes the same time whichever key it is or is not.  The name
 * lives as long as the keyring.
 */
const char *keyring_find(const struct keyring *k, const void *psk,
    size_t len);

#endif
