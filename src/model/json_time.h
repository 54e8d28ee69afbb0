/* Moments as JavaScript's toISOString() writes them. */
#ifndef MODEL_JSON_TIME_H
#define MODEL_JSON_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* YYYY-MM-DDTHH:MM:SS.sssZ */
#define JSON_TIME_LEN 24

/*
 * Write a moment into out, without a terminator.  Returns JSON_TIME_LEN, or
 * 0 when it is none, or not in the years 1 to 9999.
 *
 * The text may be a date, a date and a time (blank or T between), or a time
 * of 1970-01-01; a fraction is cut to milliseconds; an offset (Z, +01, -0330,
 * +05:30, +00:19:32) is taken off, and without one the time is UTC.  A text
 * of digits alone is milliseconds since 1970.
 */
size_t json_time_text(char out[JSON_TIME_LEN], const char *text, size_t len);
size_t json_time_ms(char out[JSON_TIME_LEN], int64_t ms);

/*
 * The same for what nearly all columns hold: a date, or date and time, maybe
 * with a zone that is none.  false: it is something else.
 */
bool json_time_utc(char out[JSON_TIME_LEN], const char *text, size_t len);

/*
 * Read a moment of RFC 3339, all of it: date, time with seconds, and zone.
 * Microseconds since 1970, digits behind them cut off.  0, or -1 when it is
 * none, or not in the years 1 to 9999.
 */
int json_time_read(const char *text, size_t len, int64_t *us_out) MUST_CHECK;

#endif
