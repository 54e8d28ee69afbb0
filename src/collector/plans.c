/*
 * Plans by collector and options.  A collector is known by its address, which
 * no other one has before its generation is freed, and with it all limits that
 * a plan was read by.
 */
#include "collector/plans.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/fingerprint.h"

struct kept_plan {
	TAILQ_ENTRY(kept_plan) of_all;
	LIST_ENTRY(kept_plan) of_list;
	uint64_t hash;
	uint64_t fingerprint;
	const struct collector *collector;
	struct plan *plan;
	size_t bytes;			/* of all this */
	size_t len;
	char options[];
};

void
plans_init(struct plans *p)
{
	memset(p, 0, sizeof(*p));
	TAILQ_INIT(&p->all);
}

static void
forget(struct plans *p, struct kept_plan *k)
{
	TAILQ_REMOVE(&p->all, k, of_all);
	LIST_REMOVE(k, of_list);
	p->n--;
	p->bytes -= k->bytes;
	plan_free(&k->plan);
	free(k);
}

void
plans_forget(struct plans *p)
{
	while (!TAILQ_EMPTY(&p->all))
		forget(p, TAILQ_FIRST(&p->all));
	plan_free(&p->other);
}

void
plans_use(struct plans *p, const struct conf *c)
{
	plans_forget(p);
	p->n_max = (size_t)c->limits.plans;
	p->bytes_max = (size_t)c->limits.plan_bytes;
}

/* FNV-1a: options are short, and the lists are bounded whatever they say. */
static uint64_t
hash_of(const struct collector *c, const struct msg_bytes *options)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ (uintptr_t)c;

	for (size_t i = 0; i < options->len; i++)
		h = (h ^ (unsigned char)options->data[i]) *
		    UINT64_C(1099511628211);
	return h ^ h >> 32;
}

static struct kept_plan *
find(const struct plans *p, uint64_t hash, const struct collector *c,
    const struct msg_bytes *options)
{
	struct kept_plan *k;

	LIST_FOREACH(k, &p->lists[hash % PLANS_LISTS], of_list)
		if (k->hash == hash && k->collector == c &&
		    k->len == options->len && (k->len == 0 ||
		    memcmp(k->options, options->data, k->len) == 0))
			return k;
	return NULL;
}

uint64_t
plans_fingerprint(const struct plans *p, const struct collector *c,
    const struct queue_request *q)
{
	const struct kept_plan *k = c == NULL ? NULL :
	    find(p, hash_of(c, &q->options), c, &q->options);

	return k != NULL ? k->fingerprint : fingerprint(q->collector,
	    q->options.data, q->options.len);
}

/* Keep p->other, if it is worth it: one that is large would drive out all. */
static void
keep(struct plans *p, uint64_t hash, const struct collector *c,
    const struct msg_bytes *options)
{
	size_t bytes = sizeof(struct kept_plan) + options->len +
	    plan_bytes(p->other);
	struct kept_plan *k;

	if (p->n_max == 0 || bytes > p->bytes_max / 4)
		return;
	k = malloc(sizeof(*k) + options->len);
	if (k == NULL)
		return;
	*k = (struct kept_plan){ .hash = hash, .collector = c,
	    .plan = p->other, .bytes = bytes, .len = options->len };
	p->other = NULL;
	if (k->len > 0)
		memcpy(k->options, options->data, k->len);
	k->fingerprint = fingerprint(c->name, k->options, k->len);
	while (p->n == p->n_max || p->bytes + bytes > p->bytes_max)
		forget(p, TAILQ_LAST(&p->all, plan_list));
	TAILQ_INSERT_HEAD(&p->all, k, of_all);
	LIST_INSERT_HEAD(&p->lists[hash % PLANS_LISTS], k, of_list);
	p->n++;
	p->bytes += bytes;
}

const struct plan *
plans_get(struct plans *p, const struct collector *c,
    const struct msg_bytes *options, const struct plan_limits *limits,
    struct err *err)
{
	uint64_t hash = hash_of(c, options);
	struct kept_plan *k = find(p, hash, c, options);
	struct plan *plan;

	plan_free(&p->other);
	if (k != NULL) {
		TAILQ_REMOVE(&p->all, k, of_all);
		TAILQ_INSERT_HEAD(&p->all, k, of_all);
		return k->plan;
	}
	plan = plan_read(c, options->data, options->len, limits, err);
	if (plan == NULL)
		return NULL;
	p->other = plan;
	keep(p, hash, c, options);
	return plan;
}
