/* Keys that a reload takes away, and all that they have let in. */
#ifndef MASTER_REVOKE_H
#define MASTER_REVOKE_H

struct conf;
struct master;

/*
 * Tell the workers, behind the view of `is`, which keys of `was` are not in it
 * any more, or in name only; sessions in our own hands lose the verdicts that
 * name them.
 */
void revoke_keys(struct master *m, const struct conf *was,
    const struct conf *is);

#endif
