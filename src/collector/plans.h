/*
 * The plans of late requests: who asks the same again, byte for byte, of the
 * same collector in the same generation, is not read and planned again.  What
 * was used longest ago goes first.
 */
#ifndef COLLECTOR_PLANS_H
#define COLLECTOR_PLANS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "conf/conf.h"
#include "ipc/msg.h"
#include "ipc/queue.h"
#include "model/plan.h"

/* Lists that a plan may be in; at the most plans they are 8 long. */
#define PLANS_LISTS 512

struct kept_plan;

struct plans {
	TAILQ_HEAD(plan_list, kept_plan) all;	/* the latest first */
	LIST_HEAD(, kept_plan) lists[PLANS_LISTS];	/* by their hash */
	size_t n, bytes;		/* of what is kept */
	size_t n_max, bytes_max;
	struct plan *other;		/* the last one, if it is not kept */
};

/* Nothing is kept before plans_use(). */
void plans_init(struct plans *p);

/* From now on by this configuration; all that was kept is forgotten. */
void plans_use(struct plans *p, const struct conf *c);

/* Forget all: to be called before a generation is freed. */
void plans_forget(struct plans *p);

/*
 * The request's fingerprint (ipc/fingerprint.h), which is kept with its plan.
 * c may be NULL: there is no such collector.
 */
uint64_t plans_fingerprint(const struct plans *p, const struct collector *c,
    const struct queue_request *q);

/*
 * What plan_read() would say; the plan is ours and there until the next call
 * of any function here.  A refusal is not kept.
 */
const struct plan *plans_get(struct plans *p, const struct collector *c,
    const struct msg_bytes *options, const struct plan_limits *limits,
    struct err *err);

#endif
