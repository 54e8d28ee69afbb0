/*
 * Decimals never pass through a double: the digits of the source are found
 * and copied, only the notation around them changes.
 */
#include "model/json_decimal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"

/* decimal.js: an exponent is written at and beyond these. */
enum { EXPONENT_LOW = -7, EXPONENT_HIGH = 21 };
/* No number of a database comes near; keeps the sums from overflowing. */
enum { EXPONENT_MAX = 1000000000 };

struct decimal {
	bool negative;
	const char *first, *last;	/* non-zero digits; NULL = zero */
	int64_t exponent;		/* of the first digit */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "E+12" up to the end of the text. */
static bool
read_exponent(const char *s, const char *end, int64_t *out)
{
	bool negative = false;

	*out = 0;
	if (s == end)
		return true;
	if (*s != 'e' && *s != 'E')
		return false;
	if (++s < end && (*s == '+' || *s == '-'))
		negative = *s++ == '-';
	if (s == end)
		return false;
	for (; s < end; s++) {
		if (!is_digit(*s))
			return false;
		if (*out < EXPONENT_MAX)
			*out = *out * 10 + (*s - '0');
	}
	if (negative)
		*out = -*out;
	return true;
}

static bool
read_decimal(const char *s, const char *end, struct decimal *d)
{
	const char *point = NULL;
	size_t ndigits = 0;

	*d = (struct decimal){ 0 };
	if (s < end && (*s == '-' || *s == '+'))
		d->negative = *s++ == '-';
	for (; s < end && (is_digit(*s) || (*s == '.' && point == NULL)); s++) {
		if (*s == '.') {
			point = s;
			continue;
		}
		ndigits++;
		if (*s == '0')
			continue;
		if (d->first == NULL)
			d->first = s;
		d->last = s;
	}
	if (ndigits == 0 || !read_exponent(s, end, &d->exponent))
		return false;
	if (point == NULL)
		point = s;
	if (d->first != NULL)
		d->exponent += point - d->first - (point > d->first);
	return true;
}

/* The digits from s to last, with a point before number `before`. */
static char *
put_digits(char *p, const struct decimal *d, int64_t before)
{
	int64_t n = 0;

	for (const char *s = d->first; s <= d->last; s++) {
		if (*s == '.')
			continue;
		if (n++ == before)
			*p++ = '.';
		*p++ = *s;
	}
	for (; n < before; n++)
		*p++ = '0';
	return p;
}

static char *
put_decimal(char *p, const struct decimal *d)
{
	if (d->first == NULL) {
		*p++ = '0';
		return p;
	}
	if (d->negative)
		*p++ = '-';
	if (d->exponent <= EXPONENT_LOW || d->exponent >= EXPONENT_HIGH) {
		char text[NUM_TEXT_MAX];
		size_t n = num_put_i64(text, d->exponent);

		p = put_digits(p, d, 1);
		*p++ = 'e';
		if (d->exponent > 0)
			*p++ = '+';
		memcpy(p, text, n);
		return p + n;
	}
	if (d->exponent >= 0)
		return put_digits(p, d, d->exponent + 1);
	*p++ = '0';
	*p++ = '.';
	for (int64_t i = -1; i > d->exponent; i--)
		*p++ = '0';
	return put_digits(p, d, -1);
}

/* NaN and the infinities, in the spellings of PostgreSQL and of C. */
static size_t
put_special(char *out, const char *text, size_t len)
{
	static const struct {
		const char *spelling, *canonical;
	} specials[] = {
		{ "nan", "NaN" },
		{ "infinity", "Infinity" },
		{ "-infinity", "-Infinity" },
		{ "inf", "Infinity" },
		{ "-inf", "-Infinity" },
	};

	for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++) {
		const char *s = specials[i].spelling;
		size_t n = strlen(specials[i].canonical);

		if (len != strlen(s) || strncasecmp(text, s, len) != 0)
			continue;
		memcpy(out, specials[i].canonical, n);
		return n;
	}
	return 0;
}

size_t
json_decimal_plain(char *out, const char *text, size_t len)
{
	size_t minus = len > 0 && text[0] == '-', point = 0, i;

	if (minus == len || text[minus] < '1')
		return 0;
	out[0] = '-';
	for (i = minus; i < len; i++) {
		out[i] = text[i];
		if (is_digit(text[i]))
			continue;
		if (text[i] != '.' || point > 0)
			return 0;
		point = i;
	}
	if ((point > 0 ? point : len) - minus > EXPONENT_HIGH)
		return 0;
	if (point > 0) {
		while (out[i - 1] == '0')
			i--;
		i -= out[i - 1] == '.';
	}
	return i;
}

size_t
json_decimal(char *out, const char *text, size_t len)
{
	struct decimal d;
	size_t plain = json_decimal_plain(out, text, len);

	if (plain > 0)
		return plain;
	if (!read_decimal(text, text + len, &d))
		return put_special(out, text, len);
	return (size_t)(put_decimal(out, &d) - out);
}
