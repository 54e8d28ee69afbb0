/*
 * Rows that come as one value each, or all as one: what drivers do with each
 * value of a row, most of the work of fetching it, is then done once.  How
 * they are packed is what the database can do with little of its own:
 *
 *	PostgreSQL	writes a row as the text of a record: (1,"a ""b""",)
 *			(its manual, 8.16.6).
 *	SQLite	calls a function of ours, which knows what each value is.
 */
#ifndef DB_PACK_H
#define DB_PACK_H

#include <stddef.h>

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
pack_take_fn pack_take_record, pack_take_text;

/*
 * SQLite's: pieces without a NUL, which its driver would take for the end,
 * and that it may write in UTF-16 meanwhile.  A letter tells what follows: n
 * nothing (NULL), i and f a number, t a number and so many bytes of text.
 * Numbers have six bits in a byte, the lowest first.
 *
 * 0 or -1: out of memory.
 */
int pack_put_null(struct buf *out) MUST_CHECK;
int pack_put_int(struct buf *out, int64_t i) MUST_CHECK;
int pack_put_float(struct buf *out, double d) MUST_CHECK;
int pack_put_text(struct buf *out, const char *text, size_t len) MUST_CHECK;

#endif
