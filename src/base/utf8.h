/*
 * UTF-8 as the standards have it: no surrogates, no overlong forms, nothing
 * above U+10FFFF.  ASCII is passed over eight bytes at a time.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Length (1..4) of the valid sequence at p, of which len bytes are there;
 * 0 when there is none, or when it is cut off. */
size_t utf8_step(const char *p, size_t len);

/* Length of the longest beginning of p[0..len) that is valid. */
size_t utf8_prefix(const char *p, size_t len);

/* Is all of p[0..len) valid? */
bool utf8_valid(const char *p, size_t len);

#endif
