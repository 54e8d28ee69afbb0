/*
 * A growable run of bytes with an upper bound, the only byte container of the
 * pure rooms.  Every function that may grow it can fail; it then leaves the
 * content as it was.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"

/* data[0..len) is the content; all fields are read-only to others. */
struct buf {
	char *data;
	size_t len;
	size_t size;	/* allocated bytes */
	size_t max;	/* bound on len; 0 = no bound but memory */
};

/* An empty buffer which owns nothing yet.  Cannot fail. */
void buf_init(struct buf *b, size_t max);

/* Free the content; b is as after buf_init with the same bound. */
void buf_fini(struct buf *b);

/* buf_room() where the memory at hand is not enough. */
char *buf_grow(struct buf *b, size_t n) MUST_CHECK;

/*
 * Room for n more bytes behind the content, which the caller fills and then
 * adds with buf_added().  NULL when the bound or the memory forbids it.  The
 * pointer is valid until the next call on b.  Here, as buf_put(), because
 * each value of each row asks.
 */
static inline char * MUST_CHECK
buf_room(struct buf *b, size_t n)
{
	return b->data != NULL && n <= b->size - b->len ? b->data + b->len :
	    buf_grow(b, n);
}

static inline void
buf_added(struct buf *b, size_t n)
{
	assert(n <= b->size - b->len);
	b->len += n;
}

/* Append; 0, or -1 when the bound or the memory forbids it. */
static inline int MUST_CHECK
buf_put(struct buf *b, const void *data, size_t n)
{
	char *to;

	if (n == 0)
		return 0;
	to = buf_room(b, n);
	if (to == NULL)
		return -1;
	memcpy(to, data, n);
	b->len += n;
	return 0;
}

static inline int MUST_CHECK
buf_putc(struct buf *b, char c)
{
	return buf_put(b, &c, 1);
}

int buf_puts(struct buf *b, const char *text) MUST_CHECK;
int buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))) MUST_CHECK;

/* Drop n bytes (n <= len) from the front. */
void buf_eat(struct buf *b, size_t n);

/* Drop all content, keep the memory. */
void buf_clear(struct buf *b);

/* Overwrite the content with zeros, then free it: for secrets. */
void buf_wipe(struct buf *b);

#endif
