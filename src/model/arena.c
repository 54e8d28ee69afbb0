/* Memory that is given back as a whole: blocks in a list, cut in order. */
#include "model/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks double up to it; a schema of 40 models takes a handful of these. */
#define BLOCK_SIZE ((size_t)64 * 1024)
/* The first one: most plans fit into it. */
#define FIRST_SIZE ((size_t)4 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

void
arena_init(struct arena *a)
{
	a->blocks = NULL;
	a->used = 0;
}

static void
free_blocks(struct arena_block *block)
{
	struct arena_block *next;

	for (; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
}

void
arena_fini(struct arena *a)
{
	free_blocks(a->blocks);
	arena_init(a);
}

void
arena_clear(struct arena *a)
{
	struct arena_block *kept = a->blocks;

	if (kept == NULL || kept->size > BLOCK_SIZE) {
		arena_fini(a);
		return;
	}
	free_blocks(kept->next);
	kept->next = NULL;
	a->used = 0;
}

size_t
arena_bytes(const struct arena *a)
{
	size_t bytes = 0;

	for (const struct arena_block *b = a->blocks; b != NULL; b = b->next)
		bytes += sizeof(*b) + b->size;
	return bytes;
}

static int
add_block(struct arena *a, size_t need)
{
	struct arena_block *block;
	size_t size = a->blocks == NULL ? FIRST_SIZE : 2 * a->blocks->size;

	if (size > BLOCK_SIZE)
		size = BLOCK_SIZE;
	if (size < need)
		size = need;
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		return -1;
	block->size = size;
	block->next = a->blocks;
	a->blocks = block;
	a->used = 0;
	return 0;
}

static void *
take(struct arena *a, size_t bytes)
{
	const size_t align = alignof(max_align_t);
	size_t need = (bytes + align - 1) / align * align;
	void *piece;

	if (a->blocks == NULL || need > a->blocks->size - a->used)
		if (add_block(a, need) != 0)
			return NULL;
	piece = a->blocks->data + a->used;
	a->used += need;
	return piece;
}

void *
arena_get(struct arena *a, size_t n, size_t size)
{
	void *piece;

	if (size != 0 && n > SIZE_MAX / 2 / size)
		return NULL;
	piece = take(a, n * size);
	if (piece != NULL)
		memset(piece, 0, n * size);
	return piece;
}

char *
arena_text(struct arena *a, const char *text, size_t len)
{
	char *copy = take(a, len + 1);

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}
