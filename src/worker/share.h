/*
 * Requests that wait for the same answer: who asks the same of the same
 * collector, in the same namespace and generation, by the same key.  When one
 * of them is asked, the others need not be: each was there before its
 * execution began, so none gets a state of the database that is older than
 * its question, and what a key may see is the same for all.
 */
#ifndef WORKER_SHARE_H
#define WORKER_SHARE_H

struct request;
struct shares;

/* NULL: no memory. */
struct shares *shares_new(void);
void shares_free(struct shares **sh);

/* It waits, and may share an answer; or it does not wait any more. */
void share_wait(struct shares *sh, struct request *r);
void share_wait_no_more(struct shares *sh, struct request *r);

/*
 * The first other one that waits for what r, which does not wait any more, has
 * been asked for, and has room for its answer; NULL = none.
 */
struct request *share_twin(const struct shares *sh, const struct request *r);

#endif
