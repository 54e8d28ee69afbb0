/*
 * What SQL Server means by its types, taught to SQLite: conversions,
 * comparisons and functions that a translated statement calls by name.
 */
#ifndef TESTS_TDS_TSQL_H
#define TESTS_TDS_TSQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

/*
 * A moment: 100 ns since the year 1 in UTC.  A time without a date is one of
 * the first day.
 */
struct tsql_time {
	int64_t ticks;
	int offset_min;		/* the zone it was written in */
};

/* "2024-01-02 03:04:05.1234567 +02:00", and parts of it; 0 or -1. */
int tsql_time_read(const char *s, size_t len, struct tsql_time *out);

/* As a value of the type with so many digits of a second; 0 or -1. */
int tsql_time_write(const struct tsql_time *t, const char *type, int scale,
    char out[40]);

/* Digits of a number and more; longer ones are an overflow. */
#define TSQL_DIGITS_MAX 400

struct tsql_decimal {
	bool negative;
	char digits[TSQL_DIGITS_MAX];	/* without leading zeros */
	int len, scale;
};

/* "-12.50", also with an exponent; 0 or -1. */
int tsql_decimal_read(const char *s, size_t len, struct tsql_decimal *out);
/* Round away from zero at the half, or pad; 0, or -1: too long. */
int tsql_decimal_rescale(struct tsql_decimal *d, int scale);
void tsql_decimal_write(const struct tsql_decimal *d,
    char out[TSQL_DIGITS_MAX * 2]);
/* Below, equal, above: -1, 0, 1.  Both may be padded. */
int tsql_decimal_compare(struct tsql_decimal *a, struct tsql_decimal *b);

/* A value as text, never NULL. */
const char *tsql_text(sqlite3_value *v, size_t *len_out);
/* The length without blanks at the end, which do not count in SQL Server. */
int tsql_trimmed(const char *s, int n);
/* The next code point, which *s moves behind; a wrong byte is itself. */
wint_t tsql_next(const unsigned char **s, const unsigned char *end);
/* Where n UTF-16 units of a text end, -1 = all; units_out: how many. */
size_t tsql_units(const char *s, size_t len, int n, int *units_out);

/* Functions of SQLite: tsql_cast(value, 'decimal(38,10)') ... */
void tsql_cast(sqlite3_context *c, int n, sqlite3_value **v);
/* like(pattern, text[, escape]) is what SQLite calls for LIKE. */
void tsql_like(sqlite3_context *c, int n, sqlite3_value **v);
/* CHARINDEX(part, text), in code points. */
void tsql_charindex(sqlite3_context *c, int n, sqlite3_value **v);

/*
 * Give a connection the functions and collations; exact: letters' case counts
 * for LIKE and CHARINDEX.  SQLITE_OK or not.
 */
int tsql_register(sqlite3 *db, bool exact);

#endif
