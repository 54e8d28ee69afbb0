/*
 * Numbers as text and back, the same in every locale.  Writing is on the hot
 * path of every answer: no allocation, and printf only for the rare double
 * whose shortest text has more than 15 digits.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Room for what any num_put function writes into its out, with terminator. */
#define NUM_TEXT_MAX 32

/*
 * The shortest text that reads back as the same double, in JavaScript's
 * notation (Number.toString): 0.1, 1e+21, 1e-7, 5e-324; -0 is "0".  v must be
 * finite.  NUL-terminated; returns the length.
 */
size_t num_put_double(char *out, double v);

/* Decimal text, NUL-terminated; returns the length. */
size_t num_put_u64(char *out, uint64_t v);
size_t num_put_i64(char *out, int64_t v);

/*
 * Read an integer that is the whole of text[0..len): digits without leading
 * zeros, for i64 after at most one '-'.  0, or -1 when it is anything else
 * or out of range.
 */
int num_read_u64(const char *text, size_t len, uint64_t *out) MUST_CHECK;
int num_read_i64(const char *text, size_t len, int64_t *out) MUST_CHECK;

/*
 * Read a number of JSON's grammar that is the whole of text[0..len).  0, or
 * -1 when it is anything else or beyond the range of double (too small reads
 * as 0).
 */
int num_read_double(const char *text, size_t len, double *out) MUST_CHECK;

/*
 * Read a duration with its unit: "300ms", "25s", "2min", "1h".  A number
 * without a unit is refused, 0 too: the reader of a conf must not have to
 * guess.  0, or -1 when it is anything else or beyond INT64_MAX ms.
 */
int num_read_duration(const char *text, int64_t *ms_out) MUST_CHECK;

/*
 * Read a size in bytes: "1000000", "64K", "64M", "2G" (powers of 1024).  0,
 * or -1 when it is anything else or beyond INT64_MAX.
 */
int num_read_size(const char *text, int64_t *bytes_out) MUST_CHECK;

/*
 * The shortest spelling of a duration or a size that reads back the same:
 * 120000 is "2min", 65536 is "64K".  v >= 0.  Returns the length.
 */
size_t num_put_duration(char *out, int64_t ms);
size_t num_put_size(char *out, int64_t bytes);

#endif
