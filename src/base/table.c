/*
 * Chains in slots, doubled when there are more nodes than slots.  The hash is
 * SipHash-1-3: two words of seed, one round a block, three at the end.
 */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 16

static uint64_t
rotate(uint64_t v, unsigned int bits)
{
	return v << bits | v >> (64 - bits);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void
sip_block(uint64_t v[4], uint64_t block)
{
	v[3] ^= block;
	sip_round(v);
	v[0] ^= block;
}

uint64_t
table_hash(const uint64_t seed[2], const char *key, size_t len)
{
	uint64_t v[4] = {
		seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
		seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u,
	};
	uint64_t block, last = (uint64_t)len << 56;
	size_t at;

	for (at = 0; len - at >= sizeof(block); at += sizeof(block)) {
		memcpy(&block, key + at, sizeof(block));
		sip_block(v, block);
	}
	for (unsigned int bits = 0; at < len; at++, bits += 8)
		last |= (uint64_t)(unsigned char)key[at] << bits;
	sip_block(v, last);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
table_init(struct table *t, const uint64_t seed[2])
{
	*t = (struct table){ .seed = { seed[0], seed[1] } };
}

void
table_fini(struct table *t)
{
	free(t->slots);
	t->slots = NULL;
	t->nslots = 0;
	t->count = 0;
}

static struct table_node **
slot_of(const struct table *t, uint64_t h)
{
	return &t->slots[h & (t->nslots - 1)];
}

static int
grow(struct table *t)
{
	struct table old = *t;
	struct table_node *node, *next, **slot;

	t->nslots = old.nslots > 0 ? old.nslots * 2 : SLOTS_MIN;
	t->slots = calloc(t->nslots, sizeof(t->slots[0]));
	if (t->slots == NULL) {
		*t = old;
		return -1;
	}
	for (size_t i = 0; i < old.nslots; i++) {
		for (node = old.slots[i]; node != NULL; node = next) {
			next = node->next;
			slot = slot_of(t, node->hash);
			node->next = *slot;
			*slot = node;
		}
	}
	free(old.slots);
	return 0;
}

int
table_insert(struct table *t, struct table_node *node, const char *key,
    size_t len)
{
	struct table_node **slot;

	/* A table that cannot grow gets slower; an empty one cannot work. */
	if (t->count >= t->nslots && grow(t) < 0 && t->nslots == 0)
		return -1;
	node->key = key;
	node->key_len = len;
	node->hash = table_hash(t->seed, key, len);
	slot = slot_of(t, node->hash);
	node->next = *slot;
	*slot = node;
	t->count++;
	return 0;
}

struct table_node *
table_find(const struct table *t, const char *key, size_t len)
{
	struct table_node *node;
	uint64_t h;

	if (t->count == 0)
		return NULL;
	h = table_hash(t->seed, key, len);
	for (node = *slot_of(t, h); node != NULL; node = node->next)
		if (node->hash == h && node->key_len == len &&
		    memcmp(node->key, key, len) == 0)
			break;
	return node;
}

void
table_remove(struct table *t, struct table_node *node)
{
	struct table_node **place = slot_of(t, node->hash);

	while (*place != node)
		place = &(*place)->next;
	*place = node->next;
	node->next = NULL;
	t->count--;
}

/* The first node in slot i or a later one. */
static struct table_node *
first_from(const struct table *t, size_t i)
{
	for (; i < t->nslots; i++)
		if (t->slots[i] != NULL)
			return t->slots[i];
	return NULL;
}

struct table_node *
table_first(const struct table *t)
{
	return first_from(t, 0);
}

struct table_node *
table_next(const struct table *t, const struct table_node *node)
{
	if (node->next != NULL)
		return node->next;
	return first_from(t, (node->hash & (t->nslots - 1)) + 1);
}
