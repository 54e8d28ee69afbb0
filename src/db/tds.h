/*
 * Values as FreeTDS gives and takes them: text in UTF-16, of which columns of
 * SQL Server may hold halves of pairs; dates without leading zeros; real as
 * the float that it is.
 */
#ifndef DB_TDS_H
#define DB_TDS_H

#include <stdbool.h>
#include <stddef.h>

#include <sql.h>
#include <sqlext.h>

/* UTF-8 of this many bytes of UTF-16 has at most so many bytes. */
#define TDS_UTF8_MAX(bytes) ((bytes) / 2 * 3)
/* Half of a pair becomes U+FFFD.  The length of out. */
size_t tds_to_utf8(char *out, const char *utf16, size_t bytes);

/* out has room for len units; what is not valid becomes U+FFFD.  Units. */
size_t tds_to_utf16(SQLWCHAR *out, const char *utf8, size_t len);

/* The longest moment, as the driver or tds_moment() writes it. */
#define TDS_MOMENT_MAX 40

/*
 * Give a moment's year its four digits, in place, in a buffer of size; where
 * that is too small nothing is done.  ticks: it is a datetime, whose fraction
 * is one of 300ths of a second that the driver has rounded to milliseconds,
 * and becomes the one that the database compares with.  The new length.
 */
size_t tds_moment(char *text, size_t len, size_t size, bool ticks);

/* The double that is written with the fewest digits that make this float. */
double tds_real(float f);

#endif
