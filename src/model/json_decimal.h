/* Decimal numbers as text, in one canonical notation. */
#ifndef MODEL_JSON_DECIMAL_H
#define MODEL_JSON_DECIMAL_H

#include <stddef.h>

/* What the canonical text may need above the length of its source. */
#define JSON_DECIMAL_EXTRA 32

/*
 * Rewrite a number in any spelling that databases give ("+012.50", ".5",
 * "1.0E3") as decimal.js writes it: no zero that says nothing, an exponent
 * from 1e+21 up and from 1e-7 down, "0" for every zero.  NaN and the
 * infinities are "NaN", "Infinity" and "-Infinity".  All digits are kept.
 * out has room for len + JSON_DECIMAL_EXTRA bytes; returns the length, 0 when
 * text is no number.
 */
size_t json_decimal(char *out, const char *text, size_t len);

/*
 * The same for what nearly all are: digits and maybe a point between them,
 * without zeros in front, and not so many that there is an exponent.  0: it
 * is another.  out has room for len bytes.
 */
size_t json_decimal_plain(char *out, const char *text, size_t len);

#endif
