/* Engine.IO 3: packets and payloads.  What they mean is the same as in 4. */
#include "proto/eio3.h"

#include <stdio.h>

#define OCTETS_TEXT 0
#define OCTETS_BYTES 1
#define OCTETS_END 0xff		/* of a length */

/* Digits of a length: no payload is longer, and no sum overflows. */
#define DIGITS_MAX 10

int
eio3_text_read(char *text, size_t len, struct eio_packet *out)
{
	enum eio_type type;

	if (len == 0 || *text != 'b')
		return eio_packet_read(text, len, out);
	if (len < 2 || text[1] < '0' || text[1] >= '0' + EIO_TYPES)
		return -1;
	type = (enum eio_type)(text[1] - '0');
	/* Behind the type it is as in 4. */
	text[1] = 'b';
	if (eio_packet_read(text + 1, len - 1, out) != 0)
		return -1;
	out->type = type;
	return 0;
}

int
eio3_bytes_read(const char *bytes, size_t len, struct eio_packet *out)
{
	if (len == 0 || (unsigned char)bytes[0] >= EIO_TYPES)
		return -1;
	*out = (struct eio_packet){
		.type = (enum eio_type)bytes[0], .binary = true,
		.data = { bytes + 1, len - 1 }
	};
	return 0;
}

/* The bytes that a character begins with tell its units; others have none. */
static size_t
units_of(char byte)
{
	unsigned char c = (unsigned char)byte;

	if ((c & 0xc0) == 0x80)
		return 0;
	return c < 0xf0 ? 1 : 2;
}

size_t
eio3_units(const char *text, size_t len)
{
	size_t i, units = 0;

	for (i = 0; i < len; i++)
		units += units_of(text[i]);
	return units;
}

/* Bytes of the text that has so many units; false when none has. */
static bool
find_units(const char *text, size_t len, size_t units, size_t *out)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		n += units_of(text[i]);
		if (n > units)
			break;
	}
	*out = i;
	/* Broken off in the middle of a character, or of the payload? */
	return i < len ? n == units + units_of(text[i]) : n == units;
}

/*
 * A length of digits from zero on, ended by end.  false when there is none or
 * it is out of bounds.
 */
static bool
read_length(const char *payload, size_t len, size_t *pos, char zero, char end,
    size_t *out)
{
	size_t start = *pos, n = 0;
	unsigned int digit;

	for (; *pos < len && payload[*pos] != end; ++*pos) {
		digit = (unsigned int)(payload[*pos] - zero);
		if (digit > 9 || *pos - start == DIGITS_MAX)
			return false;
		n = 10 * n + digit;
	}
	*out = n;
	return *pos > start && *pos < len;
}

/* The payload is wrong: a last record that is no packet. */
static bool
wrong(char *payload, size_t len, size_t *pos, struct slice *record_out)
{
	*pos = len + 1;
	*record_out = (struct slice){ payload, 0 };
	return true;
}

bool
eio3_text_next(char *payload, size_t len, size_t *pos,
    struct slice *record_out)
{
	size_t units, n;

	if (len == 0 && *pos == 0)
		return wrong(payload, len, pos, record_out);
	while (*pos < len) {
		if (!read_length(payload, len, pos, '0', ':', &units))
			return wrong(payload, len, pos, record_out);
		++*pos;
		if (units == 0)
			continue;
		if (!find_units(payload + *pos, len - *pos, units, &n))
			return wrong(payload, len, pos, record_out);
		*record_out = (struct slice){ payload + *pos, n };
		*pos += n;
		return true;
	}
	return false;
}

bool
eio3_octets_next(char *payload, size_t len, size_t *pos,
    struct slice *record_out, bool *binary_out)
{
	size_t n;

	*binary_out = false;
	while (*pos < len) {
		*binary_out = payload[*pos] == OCTETS_BYTES;
		if (!*binary_out && payload[*pos] != OCTETS_TEXT)
			return wrong(payload, len, pos, record_out);
		++*pos;
		if (!read_length(payload, len, pos, 0, (char)OCTETS_END, &n) ||
		    n > len - *pos - 1)
			return wrong(payload, len, pos, record_out);
		++*pos;
		if (n == 0)
			continue;
		*record_out = (struct slice){ payload + *pos, n };
		*pos += n;
		return true;
	}
	return false;
}

size_t
eio3_text_head(char out[EIO3_HEAD_MAX], size_t units)
{
	return (size_t)snprintf(out, EIO3_HEAD_MAX, "%zu:", units);
}

size_t
eio3_octets_head(char out[EIO3_HEAD_MAX], bool binary, size_t bytes)
{
	size_t n, i;

	n = 1 + (size_t)snprintf(out + 1, EIO3_HEAD_MAX - 1, "%zu", bytes);
	out[0] = binary ? OCTETS_BYTES : OCTETS_TEXT;
	for (i = 1; i < n; i++)
		out[i] = (char)(out[i] - '0');
	out[n] = (char)OCTETS_END;
	return n + 1;
}
