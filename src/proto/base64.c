/* Base64 of strangers: nothing is skipped, nothing is missing. */
#include "proto/base64.h"

#include <stdint.h>

#define NOT_BASE64 0xff

/* The value of a digit, or NOT_BASE64. */
static unsigned int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned int)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0') + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : NOT_BASE64;
}

int
base64_decode(char *text, size_t len, size_t *len_out)
{
	size_t i, n = 0, padding = 0;
	unsigned int digit;
	uint32_t bits = 0;

	if (len % 4 != 0)
		return -1;
	while (padding < 2 && len > 0 && text[len - 1] == '=') {
		padding++;
		len--;
	}
	for (i = 0; i < len; i++) {
		digit = digit_value(text[i]);
		if (digit == NOT_BASE64)
			return -1;
		bits = bits << 6 | digit;
		if (i % 4 != 0)	/* the digits so far fill one more byte */
			text[n++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	*len_out = n;
	return 0;
}
