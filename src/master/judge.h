/* Stop 3 of a request's life begins: a head is there. */
#ifndef MASTER_JUDGE_H
#define MASTER_JUDGE_H

#include <stddef.h>

struct front;
struct http_head;

/*
 * Answer the request that stands at the beginning of f->in, or give it to its
 * session.  Called from f's callback; f may be gone afterwards.
 */
void judge(struct front *f, const struct http_head *head, size_t head_len);

#endif
