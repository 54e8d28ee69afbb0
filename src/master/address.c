/*
 * A table of addresses, and a list of those without a connection in the order
 * of their last use: each call that may add one looks at the oldest two.
 *
 * A rate is a bucket that leaks: what is in it, in thousandths of an event,
 * runs out at per_second, and one more event must fit into per_second.
 */
#include "master/address.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/table.h"

/* A full bucket is empty after one second. */
#define FORGET_MS 2000
/* Looked at a call: two, so that the list shrinks while addresses come. */
#define FORGET_TURN 2
#define EVENT 1000

struct bucket {
	uint64_t filled;	/* thousandths of an event, at at_ms */
	uint64_t at_ms;
};

struct address {
	struct table_node node;
	TAILQ_ENTRY(address) entry;	/* in idle; held is 0 */
	struct ip ip;			/* the key; IPv6: of its /64 */
	uint64_t used_ms;
	struct bucket buckets[ADDRESS_EVENTS];
	size_t held;			/* by all */
	size_t nby;
	uint32_t *by;			/* holder, up to the highest so far */
};

struct addresses {
	struct table table;
	TAILQ_HEAD(, address) idle;
	size_t held;
};

struct addresses *
addresses_new(void)
{
	struct addresses *a = calloc(1, sizeof(*a));
	uint64_t seed[2];

	if (a == NULL)
		return NULL;
	TAILQ_INIT(&a->idle);
	clock_random(seed, sizeof(seed));
	table_init(&a->table, seed);
	return a;
}

static void
forget(struct addresses *a, struct address *one)
{
	if (one->held == 0)
		TAILQ_REMOVE(&a->idle, one, entry);
	table_remove(&a->table, &one->node);
	free(one->by);
	free(one);
}

void
addresses_free(struct addresses **ap)
{
	struct table_node *node, *next;
	struct addresses *a = *ap;

	if (a == NULL)
		return;
	for (node = table_first(&a->table); node != NULL; node = next) {
		next = table_next(&a->table, node);
		forget(a, TABLE_ENTRY(node, struct address, node));
	}
	table_fini(&a->table);
	free(a);
	*ap = NULL;
}

static int
read_key(const char *text, struct ip *out)
{
	if (ip_read(text, strlen(text), out) != 0)
		return -1;
	if (!ip_is_v4(out))
		memset(out->bytes + 8, 0, 8);
	return 0;
}

static struct address *
find(const struct addresses *a, const struct ip *ip)
{
	struct table_node *node = table_find(&a->table,
	    (const char *)ip->bytes, sizeof(ip->bytes));

	return node == NULL ? NULL : TABLE_ENTRY(node, struct address, node);
}

static void
forget_old(struct addresses *a, uint64_t now_ms)
{
	struct address *one;
	size_t i;

	for (i = 0; i < FORGET_TURN; i++) {
		one = TAILQ_FIRST(&a->idle);
		if (one == NULL || one->used_ms + FORGET_MS > now_ms)
			return;
		forget(a, one);
	}
}

/* It is used now: the last to be forgotten. */
static void
touch(struct addresses *a, struct address *one, uint64_t now_ms)
{
	one->used_ms = now_ms;
	if (one->held > 0)
		return;
	TAILQ_REMOVE(&a->idle, one, entry);
	TAILQ_INSERT_TAIL(&a->idle, one, entry);
}

/* The address, made when it is not there; NULL: no address, or no memory. */
static struct address *
take(struct addresses *a, const char *text, uint64_t now_ms)
{
	struct address *one;
	struct ip ip;

	forget_old(a, now_ms);
	if (read_key(text, &ip) != 0)
		return NULL;
	if ((one = find(a, &ip)) != NULL) {
		touch(a, one, now_ms);
		return one;
	}
	one = calloc(1, sizeof(*one));
	if (one == NULL)
		return NULL;
	one->ip = ip;
	one->used_ms = now_ms;
	if (table_insert(&a->table, &one->node, (char *)one->ip.bytes,
	    sizeof(one->ip.bytes)) != 0) {
		free(one);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&a->idle, one, entry);
	return one;
}

/* Few of all holders have a connection of it. */
static int
make_room(struct address *one, size_t holder)
{
	uint32_t *by;

	if (holder < one->nby)
		return 0;
	by = realloc(one->by, (holder + 1) * sizeof(by[0]));
	if (by == NULL)
		return -1;
	memset(by + one->nby, 0, (holder + 1 - one->nby) * sizeof(by[0]));
	one->by = by;
	one->nby = holder + 1;
	return 0;
}

void
addresses_hold(struct addresses *a, const char *text, size_t holder,
    uint64_t now_ms)
{
	struct address *one = take(a, text, now_ms);

	if (one == NULL || make_room(one, holder) != 0)
		return;
	if (one->held++ == 0)
		TAILQ_REMOVE(&a->idle, one, entry);
	one->by[holder]++;
	a->held++;
}

static void
let(struct addresses *a, struct address *one, size_t holder, uint32_t n,
    uint64_t now_ms)
{
	if (n == 0 || holder >= one->nby || one->by[holder] < n)
		return;
	one->by[holder] -= n;
	one->held -= n;
	a->held -= n;
	one->used_ms = now_ms;
	if (one->held == 0)
		TAILQ_INSERT_TAIL(&a->idle, one, entry);
}

void
addresses_let(struct addresses *a, const char *text, size_t holder,
    uint64_t now_ms)
{
	struct address *one;
	struct ip ip;

	if (read_key(text, &ip) == 0 && (one = find(a, &ip)) != NULL)
		let(a, one, holder, 1, now_ms);
	forget_old(a, now_ms);
}

void
addresses_let_all(struct addresses *a, size_t holder, uint64_t now_ms)
{
	struct table_node *node;
	struct address *one;

	for (node = table_first(&a->table); node != NULL;
	    node = table_next(&a->table, node)) {
		one = TABLE_ENTRY(node, struct address, node);
		if (holder < one->nby)
			let(a, one, holder, one->by[holder], now_ms);
	}
}

size_t
addresses_held(const struct addresses *a, const char *text)
{
	const struct address *one;
	struct ip ip;

	if (read_key(text, &ip) != 0 || (one = find(a, &ip)) == NULL)
		return 0;
	return one->held;
}

size_t
addresses_held_in_all(const struct addresses *a)
{
	return a->held;
}

/* What is left in it now. */
static uint64_t
level(const struct bucket *b, int64_t per_second, uint64_t now_ms)
{
	uint64_t gone_ms = now_ms - b->at_ms;

	/* More than a second empties any bucket, and must not overflow. */
	if (gone_ms > 1000 || gone_ms * (uint64_t)per_second >= b->filled)
		return 0;
	return b->filled - gone_ms * (uint64_t)per_second;
}

bool
addresses_may(struct addresses *a, const char *text,
    enum address_event event, int64_t per_second, uint64_t now_ms)
{
	const struct address *one;
	struct ip ip;

	if (read_key(text, &ip) != 0 || (one = find(a, &ip)) == NULL)
		return true;
	return level(&one->buckets[event], per_second, now_ms) + EVENT <=
	    (uint64_t)per_second * EVENT;
}

void
addresses_event(struct addresses *a, const char *text,
    enum address_event event, int64_t per_second, uint64_t now_ms)
{
	struct address *one = take(a, text, now_ms);
	uint64_t most = (uint64_t)per_second * EVENT, now;
	struct bucket *b;

	if (one == NULL)
		return;
	b = &one->buckets[event];
	now = level(b, per_second, now_ms) + EVENT;
	b->filled = now < most ? now : most;
	b->at_ms = now_ms;
}

size_t
addresses_count(const struct addresses *a)
{
	return a->table.count;
}
