/* Strings of JSON to UTF-8. */
#include "proto/json_scan.h"

#include <stdint.h>
#include <string.h>

#define ESCAPE_U_LEN 6		/* \uXXXX */

/* The character that each escape but \u stands for. */
static const char meanings[256] = {
	['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f',
	['n'] = '\n', ['r'] = '\r', ['t'] = '\t'
};

/* The number in \uXXXX. */
static uint32_t
hex4(const char *escape)
{
	uint32_t v = 0;
	int i;

	for (i = 2; i < ESCAPE_U_LEN; i++)
		v = v << 4 | (uint32_t)hex_digit(escape[i]);
	return v;
}

/* The character of \uXXXX or of a pair of them at p, which is moved on. */
static uint32_t
read_escape_u(const char **p, const char *end)
{
	uint32_t high = hex4(*p), low;

	*p += ESCAPE_U_LEN;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || end - *p < ESCAPE_U_LEN || (*p)[0] != '\\' ||
	    (*p)[1] != 'u')
		return 0xfffd;
	low = hex4(*p);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*p += ESCAPE_U_LEN;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static size_t
put_utf8(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

int
json_string_decode(const struct slice *string, struct buf *out)
{
	const char *p = string->p + 1, *end = string->p + string->len - 1;
	const char *plain;
	char c[4];
	size_t n;

	while (p < end) {
		plain = p;
		p = memchr(p, '\\', (size_t)(end - p));
		if (p == NULL)
			p = end;
		if (buf_put(out, plain, (size_t)(p - plain)) != 0)
			return -1;
		if (p == end)
			break;
		if (p[1] == 'u') {
			n = put_utf8(c, read_escape_u(&p, end));
		} else {
			c[0] = meanings[(unsigned char)p[1]];
			n = 1;
			p += 2;
		}
		if (buf_put(out, c, n) != 0)
			return -1;
	}
	return 0;
}
