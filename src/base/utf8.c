/* UTF-8, checked sequence by sequence; ASCII eight bytes at a time. */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS 0x8080808080808080u

/*
 * What may follow each kind of first byte (Unicode, table 3-7): the second
 * byte's range forbids overlong forms, surrogates and values that are too
 * large; all later bytes are 80..bf.
 */
static const struct {
	unsigned char first, last;	/* range of the first byte */
	unsigned char low, high;	/* range of the second byte */
	unsigned char len;
} kinds[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t
utf8_step(const char *p, size_t len)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t k, i;

	if (len == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (s[0] >= kinds[k].first && s[0] <= kinds[k].last)
			break;
	if (k == sizeof(kinds) / sizeof(kinds[0]) || len < kinds[k].len ||
	    s[1] < kinds[k].low || s[1] > kinds[k].high)
		return 0;
	for (i = 2; i < kinds[k].len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return kinds[k].len;
}

size_t
utf8_prefix(const char *p, size_t len)
{
	size_t at = 0, step;
	uint64_t eight;

	while (at < len) {
		if (len - at >= sizeof(eight)) {
			memcpy(&eight, p + at, sizeof(eight));
			if ((eight & HIGH_BITS) == 0) {
				at += sizeof(eight);
				continue;
			}
		}
		step = utf8_step(p + at, len - at);
		if (step == 0)
			break;
		at += step;
	}
	return at;
}

bool
utf8_valid(const char *p, size_t len)
{
	return utf8_prefix(p, len) == len;
}
