/* Keys that a reload takes away, and all that they have let in. */
#ifndef MASTER_REVOKE_H
#define MASTER_REVOKE_H

#include <stdint.h>

struct child;
struct conf;
struct master;

/*
 * Tell the workers, behind the view of `is`, which keys of `was` are not in it
 * any more, or in name only; sessions in our own hands lose the verdicts that
 * name them.
 */
void revoke_keys(struct master *m, const struct conf *was,
    const struct conf *is);

/*
 * A session of an older generation was sent to a worker: tell it of all keys
 * that are gone since then.
 */
void revoke_again(struct master *m, struct child *c, uint32_t generation);

void revoke_free(struct master *m);

#endif
