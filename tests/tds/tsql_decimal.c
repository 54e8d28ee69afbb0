/* Decimals of any length as digits: read, rounded, written, compared. */
#include "tsql.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int
tsql_decimal_read(const char *s, size_t len, struct tsql_decimal *out)
{
	const char *end = s + len;
	bool point = false;
	int seen = 0;

	memset(out, 0, sizeof(*out));
	while (s < end && *s == ' ')
		s++;
	while (end > s && end[-1] == ' ')
		end--;
	if (s < end && (*s == '-' || *s == '+'))
		out->negative = *s++ == '-';
	for (; s < end && (isdigit((unsigned char)*s) || *s == '.'); s++) {
		if (*s == '.') {
			if (point)
				return -1;
			point = true;
			continue;
		}
		seen++;
		out->scale += point;
		if (out->len + 40 > TSQL_DIGITS_MAX)
			return -1;
		if (out->len > 0 || *s != '0')
			out->digits[out->len++] = *s;
	}
	if (s < end && (*s | 0x20) == 'e') {
		out->scale -= atoi(s + 1);
		s = end;
	}
	return s == end && seen > 0 ? 0 : -1;
}

/* A zero behind; 0, or -1: too many. */
static int
decimal_pad(struct tsql_decimal *d)
{
	if (d->len + 2 > TSQL_DIGITS_MAX)
		return -1;
	if (d->len > 0)
		d->digits[d->len++] = '0';
	d->scale++;
	return 0;
}

static void
decimal_increment(struct tsql_decimal *d)
{
	int i = d->len;

	while (i > 0 && d->digits[i - 1] == '9')
		d->digits[--i] = '0';
	if (i > 0) {
		d->digits[i - 1]++;
		return;
	}
	memmove(d->digits + 1, d->digits, (size_t)d->len);
	d->digits[0] = '1';
	d->len++;
}

/* Round away from zero at the half, or pad. */
int
tsql_decimal_rescale(struct tsql_decimal *d, int scale)
{
	char last = '0';

	while (d->scale < scale)
		if (decimal_pad(d) != 0)
			return -1;
	while (d->scale > scale) {
		last = d->len > 0 ? d->digits[--d->len] : '0';
		d->scale--;
	}
	if (last >= '5')
		decimal_increment(d);
	return 0;
}

void
tsql_decimal_write(const struct tsql_decimal *d,
    char out[TSQL_DIGITS_MAX * 2])
{
	int whole = d->len - d->scale;

	if (d->negative && d->len > 0)
		*out++ = '-';
	if (whole <= 0)
		*out++ = '0';
	for (int i = 0; i < whole; i++)
		*out++ = d->digits[i];
	if (d->scale > 0)
		*out++ = '.';
	for (int i = whole; i < d->len; i++)
		*out++ = i < 0 ? '0' : d->digits[i];
	for (int i = d->len; d->len == 0 && i < d->scale; i++)
		*out++ = '0';
	*out = '\0';
}

int
tsql_decimal_compare(struct tsql_decimal *a, struct tsql_decimal *b)
{
	int sign, r;

	if (a->len == 0 || b->len == 0 || a->negative != b->negative) {
		int x = a->len == 0 ? 0 : a->negative ? -1 : 1;
		int y = b->len == 0 ? 0 : b->negative ? -1 : 1;

		return (x > y) - (x < y);
	}
	sign = a->negative ? -1 : 1;
	while (a->scale < b->scale && decimal_pad(a) == 0)
		;
	while (b->scale < a->scale && decimal_pad(b) == 0)
		;
	if (a->len != b->len)
		return a->len < b->len ? -sign : sign;
	r = memcmp(a->digits, b->digits, (size_t)a->len);
	return r < 0 ? -sign : r > 0 ? sign : 0;
}
