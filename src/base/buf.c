/* A growable run of bytes: doubles its memory, never passes its bound. */
#include "base/buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Smaller allocations than this are not worth growing from. */
#define SIZE_MIN_ALLOC 256

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_fini(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

char *
buf_grow(struct buf *b, size_t n)
{
	size_t need, size;
	char *data;

	if (n > SIZE_MAX / 2 - b->len)
		return NULL;
	need = b->len + n;
	if (b->max != 0 && need > b->max)
		return NULL;
	size = b->size * 2;
	if (size < SIZE_MIN_ALLOC)
		size = SIZE_MIN_ALLOC;
	if (size < need)
		size = need;
	if (b->max != 0 && size > b->max)
		size = b->max;
	/* A bound of 1 and no byte asked: still a pointer. */
	data = realloc(b->data, size);
	if (data == NULL)
		return NULL;
	b->data = data;
	b->size = size;
	return b->data + b->len;
}

int
buf_puts(struct buf *b, const char *text)
{
	return buf_put(b, text, strlen(text));
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	char small[256];
	char *to;
	int n, result = -1;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n < 0)
		goto out;
	if ((size_t)n < sizeof(small)) {
		result = buf_put(b, small, (size_t)n);
		goto out;
	}
	/* vsnprintf writes a terminator that is no part of the content. */
	to = malloc((size_t)n + 1);
	if (to == NULL)
		goto out;
	vsnprintf(to, (size_t)n + 1, fmt, again);
	result = buf_put(b, to, (size_t)n);
	free(to);
out:
	va_end(again);
	va_end(ap);
	return result;
}

void
buf_eat(struct buf *b, size_t n)
{
	assert(n <= b->len);
	b->len -= n;
	if (n > 0 && b->len > 0)
		memmove(b->data, b->data + n, b->len);
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
}

void
buf_wipe(struct buf *b)
{
	/* All that was allocated: content may have been dropped before. */
	if (b->data != NULL)
		explicit_bzero(b->data, b->size);
	buf_fini(b);
}
