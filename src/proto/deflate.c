/*
 * The only file that knows zlib's streams.  Inflating is done message by
 * message, so that nothing of a client is kept between two of them.
 */
#include "proto/deflate.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

/* zlib's own default, of which the size of a deflater follows. */
#define MEM_LEVEL 8

/* Of an empty block's end and the marker behind it. */
#define FLUSH_BYTES 16

/*
 * A message may end its stream and begin another.  Each costs more than the
 * two bytes that it takes, and no sender needs many.
 */
#define STREAMS_MAX 1024

/* A compressed row is about a fifth of itself: one allocation will do. */
#define USUAL_RATIO 6

struct deflater {
	z_stream z;
	struct deflate_how how;	/* z is made for it */
};

/* Make z for that level and window; 0, or -1 when out of memory. */
static int
prepare(struct deflater *d, struct deflate_how how)
{
	/*
	 * zlib writes no stream for 8 bits, but for 9 it never refers
	 * further back than 250 bytes, which is as good.
	 */
	if (how.bits == DEFLATE_BITS_MIN)
		how.bits++;
	if (how.level == d->how.level && how.bits == d->how.bits)
		return deflateReset(&d->z) == Z_OK ? 0 : -1;
	deflateEnd(&d->z);
	memset(d, 0, sizeof(*d));
	if (deflateInit2(&d->z, how.level, Z_DEFLATED, -how.bits, MEM_LEVEL,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	d->how = how;
	return 0;
}

struct deflater *
deflater_new(void)
{
	return calloc(1, sizeof(struct deflater));
}

void
deflater_free(struct deflater *d)
{
	if (d != NULL)
		deflateEnd(&d->z);
	free(d);
}

int
deflater_put(struct deflater *d, struct deflate_how how, const void *data,
    size_t len, struct buf *out)
{
	size_t n;
	char *room;

	if (prepare(d, how) != 0)
		return -1;
	d->z.next_in = data;
	d->z.avail_in = (uInt)len;
	do {
		n = deflateBound(&d->z, d->z.avail_in) + FLUSH_BYTES;
		room = buf_room(out, n);
		if (room == NULL)
			return -1;
		d->z.next_out = (Bytef *)room;
		d->z.avail_out = (uInt)n;
		if (deflate(&d->z, Z_SYNC_FLUSH) == Z_STREAM_ERROR)
			return -1;
		buf_added(out, n - d->z.avail_out);
	} while (d->z.avail_out == 0);
	return 0;
}

/* ---- inflating ----------------------------------------------------------- */

struct inflation {
	z_stream z;
	struct buf *out;
	unsigned int streams;
	bool ended;		/* a stream has, and no other has begun */
	char beyond;		/* the bound: it must stay unused */
};

/* Where the next *n_out bytes may go; NULL without memory. */
static char *
next_room(struct inflation *i, size_t guess, size_t *n_out)
{
	struct buf *out = i->out;
	size_t left = out->max - out->len, n = out->size - out->len;

	if (left == 0) {
		*n_out = 1;
		return &i->beyond;
	}
	if (n == 0)
		n = out->len > guess ? out->len : guess;
	*n_out = n < left ? n : left;
	return buf_room(out, *n_out);
}

/* One turn of inflate(); INFLATED when it has not failed. */
static enum inflated
step(struct inflation *i, size_t guess)
{
	bool full = i->out->len == i->out->max;
	size_t n;
	char *room = next_room(i, guess, &n);
	int result;

	if (room == NULL)
		return INFLATE_NO_MEMORY;
	i->z.next_out = (Bytef *)room;
	i->z.avail_out = (uInt)n;
	result = inflate(&i->z, Z_SYNC_FLUSH);
	n -= i->z.avail_out;
	if (full && n > 0)
		return INFLATE_TOO_BIG;
	buf_added(i->out, n);
	if (result == Z_MEM_ERROR)
		return INFLATE_NO_MEMORY;
	if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)
		return INFLATE_BAD;
	i->ended = result == Z_STREAM_END;
	return INFLATED;
}

static enum inflated
take(struct inflation *i, const void *data, size_t len)
{
	enum inflated result;

	i->z.next_in = data;
	i->z.avail_in = (uInt)len;
	do {
		if (i->ended && (++i->streams > STREAMS_MAX ||
		    inflateReset(&i->z) != Z_OK))
			return INFLATE_BAD;
		result = step(i, len * USUAL_RATIO);
	} while (result == INFLATED && (i->z.avail_in > 0 ||
	    (i->z.avail_out == 0 && !i->ended)));
	return result;
}

enum inflated
inflate_message(const char *data, size_t len, struct buf *out)
{
	static const unsigned char tail[DEFLATE_TAIL_LEN] = {
		0x00, 0x00, 0xff, 0xff
	};
	struct inflation i = { .out = out };
	enum inflated result;

	if (len > UINT_MAX / USUAL_RATIO || out->max > UINT_MAX)
		return INFLATE_TOO_BIG;
	if (inflateInit2(&i.z, -DEFLATE_BITS_MAX) != Z_OK)
		return INFLATE_NO_MEMORY;
	result = len == 0 ? INFLATE_BAD : take(&i, data, len);
	if (result == INFLATED && !i.ended) {
		result = take(&i, tail, sizeof(tail));
		/* 128: it stands between two blocks. */
		if (result == INFLATED && (i.z.data_type & 128) == 0)
			result = INFLATE_BAD;
	}
	inflateEnd(&i.z);
	return result;
}
