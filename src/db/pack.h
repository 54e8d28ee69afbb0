/*
 * Rows that come as one value each, or all as one: what drivers do with each
 * value of a row, most of the work of fetching it, is then done once.  How
 * they are packed is what the database can do with little of its own:
 *
 *	PostgreSQL	writes a row as the text of a record: (1,"a ""b""",)
 *			(its manual, 8.16.6); or only joins the fields of a page
 *			with separators, which is cheaper, and right unless a
 *			field is NULL or has a separator of its own.
 *	SQLite	calls a function of ours, which knows what each value is.
 */
#ifndef DB_PACK_H
#define DB_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "model/dialect.h"
#include "model/schema.h"
#include "model/value.h"

/* What has not been taken yet of a value that has rows. */
struct pack {
	char *at;	/* somebody else's, who lets us write into it */
	char *end;
};

/*
 * Take the next row, of n columns of these types.  0, or -1: this is no such
 * row.  Texts in it are parts of p's, and last as long.
 */
typedef int pack_take_fn(struct pack *p, const enum scalar_type *types,
    size_t n, struct value *row);
pack_take_fn pack_take_record, pack_take_fields, pack_take_text;

/*
 * Is this a page of so many rows of n fields, each of which has its end, and
 * no separator in it?  The database leaves out rows with a NULL, and a text can
 * only bring more separators: so it is if, and only if, there are as many of
 * both kinds as that takes.
 */
bool pack_adds_up(const struct pack *p, size_t n, uint64_t rows);

/*
 * SQLite's: pieces without a NUL, which its driver would take for the end,
 * and that it may write in UTF-16 meanwhile.  A letter tells what follows: n
 * nothing (NULL), i and f a number, t a number and so many bytes of text.
 * Numbers have six bits in a byte, the lowest first.
 */
enum {
	PACK_MORE = 0x40,	/* a byte of a number: others follow ... */
	PACK_LAST = 0x20,	/* ... or not, and it has five bits */
	PACK_BITS = 6,
	PACK_PIECE_MAX = 12,	/* bytes of a letter and a number */
};

/*
 * Append a piece.  0 or -1: out of memory.  Here because each value of each
 * row is one.
 */
static inline int MUST_CHECK
pack_put_piece(struct buf *out, char letter, uint64_t n)
{
	char *from = buf_room(out, PACK_PIECE_MAX), *to = from;

	if (from == NULL)
		return -1;
	*to++ = letter;
	for (; n >= PACK_LAST; n >>= PACK_BITS)
		*to++ = (char)(PACK_MORE | (n & (PACK_MORE - 1)));
	*to++ = (char)(PACK_LAST | n);
	buf_added(out, (size_t)(to - from));
	return 0;
}

static inline int MUST_CHECK
pack_put_null(struct buf *out)
{
	return buf_put(out, "n", 1);
}

/* The sign in the lowest bit, so that small ones are short. */
static inline int MUST_CHECK
pack_put_int(struct buf *out, int64_t i)
{
	uint64_t n = (uint64_t)i;

	return pack_put_piece(out, 'i', i < 0 ? ~n << 1 | 1 : n << 1);
}

static inline int MUST_CHECK
pack_put_float(struct buf *out, double d)
{
	uint64_t n;

	memcpy(&n, &d, sizeof(n));
	return pack_put_piece(out, 'f', n);
}

static inline int MUST_CHECK
pack_put_text(struct buf *out, const char *text, size_t len)
{
	if (pack_put_piece(out, 't', len) != 0)
		return -1;
	return buf_put(out, text, len);
}

#endif
