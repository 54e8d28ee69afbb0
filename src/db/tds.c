/* UTF-16 is little-endian, as the machine is that unixODBC was built for. */
#include "db/tds.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define REPLACEMENT 0xfffdU

static uint32_t
unit(const char *p)
{
	uint16_t u;

	memcpy(&u, p, sizeof(u));
	return u;
}

static bool
is_high(uint32_t u)
{
	return u >= 0xd800 && u < 0xdc00;
}

static bool
is_low(uint32_t u)
{
	return u >= 0xdc00 && u < 0xe000;
}

static char *
put_utf8(char *p, uint32_t c)
{
	if (c < 0x80) {
		*p++ = (char)c;
		return p;
	}
	if (c < 0x800) {
		*p++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*p++ = (char)(0xe0 | c >> 12);
		} else {
			*p++ = (char)(0xf0 | c >> 18);
			*p++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*p++ = (char)(0x80 | (c & 0x3f));
	return p;
}

size_t
tds_to_utf8(char *out, const char *utf16, size_t bytes)
{
	const char *end = utf16 + bytes / 2 * 2;
	char *p = out;

	for (const char *s = utf16; s < end; s += 2) {
		uint32_t c = unit(s);

		if (is_high(c) && s + 2 < end && is_low(unit(s + 2))) {
			s += 2;
			c = 0x10000 + ((c - 0xd800) << 10) +
			    (unit(s) - 0xdc00);
		} else if (is_high(c) || is_low(c)) {
			c = REPLACEMENT;
		}
		p = put_utf8(p, c);
	}
	return (size_t)(p - out);
}

/* The code point of a valid sequence of n bytes. */
static uint32_t
code_point(const char *s, size_t n)
{
	uint32_t c = (unsigned char)*s;

	if (n > 1)
		c &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3fU);
	return c;
}

size_t
tds_to_utf16(SQLWCHAR *out, const char *utf8, size_t len)
{
	SQLWCHAR *p = out;

	for (size_t i = 0; i < len;) {
		size_t n = utf8_step(utf8 + i, len - i);
		uint32_t c = n == 0 ? REPLACEMENT : code_point(utf8 + i, n);

		if (c >= 0x10000) {
			c -= 0x10000;
			*p++ = (SQLWCHAR)(0xd800 + (c >> 10));
			c = 0xdc00 + (c & 0x3ff);
		}
		*p++ = (SQLWCHAR)c;
		i += n == 0 ? 1 : n;
	}
	return (size_t)(p - out);
}

/* ".123" to ".1233333": milliseconds end with 0, 3 or 7 for a third each. */
static size_t
write_ticks(char *text, size_t len, size_t size)
{
	static const char *const thirds[] = {
		['0'] = "00000", ['3'] = "33333", ['7'] = "66667"
	};
	unsigned char last;

	if (len < 4 || len + 4 > size || text[len - 4] != '.')
		return len;
	last = (unsigned char)text[len - 1];
	if (last >= sizeof(thirds) / sizeof(*thirds) || thirds[last] == NULL)
		return len;
	memcpy(text + len - 1, thirds[last], 5);
	return len + 4;
}

size_t
tds_moment(char *text, size_t len, size_t size, bool ticks)
{
	const char *dash = memchr(text, '-', len < 4 ? len : 4);
	size_t missing = dash == NULL ? 0 : 4 - (size_t)(dash - text);

	if (missing > 0 && len + missing <= size) {
		memmove(text + missing, text, len);
		memset(text, '0', missing);
		len += missing;
	}
	return ticks ? write_ticks(text, len, size) : len;
}

double
tds_real(float f)
{
	char text[32];

	/* Nine digits tell every float from its neighbours. */
	for (int digits = 6; digits < 9; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, (double)f);
		if (memcmp(&(float){ strtof(text, NULL) }, &f, sizeof(f)) == 0)
			return strtod(text, NULL);
	}
	snprintf(text, sizeof(text), "%.9g", (double)f);
	return strtod(text, NULL);
}
