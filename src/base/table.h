/*
 * An intrusive hash table keyed by byte strings: the node lives inside the
 * object, the key too, the table allocates only its slots.  The hash is keyed
 * (SipHash), so that nobody outside can choose names that collide.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Lives inside the object; the fields belong to table.c. */
struct table_node {
	struct table_node *next;
	uint64_t hash;
	const char *key;
	size_t key_len;
};

struct table {
	struct table_node **slots;
	size_t nslots;		/* 0 or a power of two */
	size_t count;		/* nodes in the table: read-only to others */
	uint64_t seed[2];
};

/* The object of this type whose member is node; node must not be NULL. */
#define TABLE_ENTRY(node, type, member)					\
	((type *)(void *)((char *)(node) - offsetof(type, member)))

/* Bytes to a number that nobody can foresee who does not know the seed. */
uint64_t table_hash(const uint64_t seed[2], const char *key, size_t len);

/* An empty table; the seed comes from clock_random().  Cannot fail. */
void table_init(struct table *t, const uint64_t seed[2]);

/* Forget all nodes (the objects stay the caller's) and free the slots. */
void table_fini(struct table *t);

/*
 * Add a node under a key, which stays the caller's, must live and keep its
 * bytes as long as the node is in the table, and must not be in it already.
 * 0, or -1 when out of memory.
 */
int table_insert(struct table *t, struct table_node *node, const char *key,
    size_t len) MUST_CHECK;

/* The node under this key, or NULL. */
struct table_node *table_find(const struct table *t, const char *key,
    size_t len);

/* Take out a node that is in the table. */
void table_remove(struct table *t, struct table_node *node);

/*
 * All nodes in no order, NULL at the end.  To remove nodes on the way, ask
 * for the next one before the current one is removed; nothing else may be
 * removed and nothing inserted meanwhile.
 *
 *	for (node = table_first(&t); node != NULL; node = next) {
 *		next = table_next(&t, node);
 *		...
 */
struct table_node *table_first(const struct table *t);
struct table_node *table_next(const struct table *t,
    const struct table_node *node);

#endif
