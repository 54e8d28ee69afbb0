/* Requests that may share an answer, found by a hash of what they ask. */
#include "worker/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/table.h"
#include "worker/request.h"
#include "worker/session.h"

/* As many may wait for long before a slot has many. */
#define SLOTS 1024

struct shares {
	uint64_t seed[2];
	struct requests slots[SLOTS];	/* the oldest first */
};

struct shares *
shares_new(void)
{
	struct shares *sh = calloc(1, sizeof(*sh));

	if (sh == NULL)
		return NULL;
	clock_random(sh->seed, sizeof(sh->seed));
	for (size_t i = 0; i < SLOTS; i++)
		TAILQ_INIT(&sh->slots[i]);
	return sh;
}

void
shares_free(struct shares **sh)
{
	free(*sh);
	*sh = NULL;
}

void
share_wait(struct shares *sh, struct request *r)
{
	if (!r->coalesce)
		return;
	r->what = table_hash(sh->seed, r->options.data, r->options.len);
	r->in_shares = true;
	TAILQ_INSERT_TAIL(&sh->slots[r->what % SLOTS], r, of_slot);
}

void
share_wait_no_more(struct shares *sh, struct request *r)
{
	if (r->in_shares)
		TAILQ_REMOVE(&sh->slots[r->what % SLOTS], r, of_slot);
	r->in_shares = false;
}

static bool
asks_the_same(const struct request *a, const struct request *b)
{
	return a->what == b->what && a->key == b->key && a->nsp == b->nsp &&
	    a->collector == b->collector &&
	    a->session->generation == b->session->generation &&
	    a->options.len == b->options.len && (a->options.len == 0 ||
	    memcmp(a->options.data, b->options.data, a->options.len) == 0);
}

struct request *
share_twin(const struct shares *sh, const struct request *r)
{
	struct request *other;

	if (!r->coalesce)
		return NULL;
	/* Who shares with r has the time that r has, at least. */
	TAILQ_FOREACH(other, &sh->slots[r->what % SLOTS], of_slot)
		if (asks_the_same(other, r) &&
		    other->expires_ms >= r->expires_ms &&
		    !output_is_stalled(other->session))
			return other;
	return NULL;
}
