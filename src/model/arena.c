/* Memory that is given back as a whole: blocks in a list, cut in order. */
#include "model/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A schema of 40 models takes a handful of these. */
#define BLOCK_SIZE ((size_t)64 * 1024)

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

void
arena_fini(struct arena *a)
{
	struct arena_block *block, *next;

	for (block = a->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	arena_init(a);
}

void
arena_clear(struct arena *a)
{
	struct arena_block *kept = a->blocks;

	if (kept == NULL || kept->next != NULL || kept->size > BLOCK_SIZE) {
		arena_fini(a);
		return;
	}
	memset(kept->data, 0, a->used);
	a->used = 0;
}

static int
add_block(struct arena *a, size_t need)
{
	struct arena_block *block;
	size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;

	block = calloc(1, sizeof(*block) + size);
	if (block == NULL)
		return -1;
	block->size = size;
	block->next = a->blocks;
	a->blocks = block;
	a->used = 0;
	return 0;
}

void *
arena_get(struct arena *a, size_t n, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t need;
	void *piece;

	if (size != 0 && n > SIZE_MAX / 2 / size)
		return NULL;
	need = (n * size + align - 1) / align * align;
	if (a->blocks == NULL || need > a->blocks->size - a->used)
		if (add_block(a, need) != 0)
			return NULL;
	piece = a->blocks->data + a->used;
	a->used += need;
	return piece;
}

char *
arena_text(struct arena *a, const char *text, size_t len)
{
	char *copy = arena_get(a, len + 1, 1);

	if (copy != NULL && len > 0)
		memcpy(copy, text, len);
	return copy;
}
