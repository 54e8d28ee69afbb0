/*
 * Numbers as text and back.
 *
 * A double that has a text of at most 15 digits is found by arithmetic alone:
 * m / 10^k with m < 10^15 and k <= 22 has exact operands, so the quotient is
 * the double that the text "m e-k" stands for; if it is v, the text is right,
 * and no other text of 15 digits can be.  Reading goes the same way.  The rest
 * goes through printf and strtod.
 */
#include "base/num.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Powers of ten that a double holds exactly. */
static const double powers[] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
	1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

/* Integers up to here are exact in a double. */
#define EXACT_MAX 9007199254740992.0

/* The highest power of whole_powers. */
#define DECIMALS_MAX 19
/* So many digits are never more than 64 bits. */
#define DIGITS_SAFE 19
/* Any number of so many digits is exact in a double. */
#define DIGITS_EXACT 15

/* Digits that can decide how a number rounds; the 768th and later cannot. */
#define DIGITS_MAX 800

/* The same as integers; none for 0 is below all numbers. */
static const uint64_t whole_powers[] = {
	0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000,
	10000000000000, 100000000000000, 1000000000000000,
	10000000000000000, 100000000000000000, 1000000000000000000,
	UINT64_C(10000000000000000000)
};

/* 1233 / 4096 is the logarithm of 2, so this is right or one too small. */
static size_t
count_digits(uint64_t v)
{
	size_t n = (size_t)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;

	return n + (v >= whole_powers[n]);
}

size_t
num_put_u64(char *out, uint64_t v)
{
	static const char pairs[] =
	    "00010203040506070809101112131415161718192021222324"
	    "25262728293031323334353637383940414243444546474849"
	    "50515253545556575859606162636465666768697071727374"
	    "75767778798081828384858687888990919293949596979899";
	size_t len = count_digits(v);
	char *p = out + len;

	*p = '\0';
	for (; v >= 10; v /= 100)
		memcpy(p -= 2, &pairs[v % 100 * 2], 2);
	if (p > out)
		*out = (char)('0' + v);
	return len;
}

size_t
num_put_i64(char *out, int64_t v)
{
	if (v >= 0)
		return num_put_u64(out, (uint64_t)v);
	out[0] = '-';
	return 1 + num_put_u64(out + 1, 0 - (uint64_t)v);
}

/*
 * Write digits[0..n), the first of which stands at 10^exp, in JavaScript's
 * notation.  Returns the length.
 */
static size_t
put_notation(char *out, const char *digits, size_t n, int exp)
{
	size_t whole = exp < 0 ? 0 : (size_t)exp + 1;
	char *p = out;

	if (exp >= 21 || exp < -6) {
		*p++ = digits[0];
		if (n > 1) {
			*p++ = '.';
			memcpy(p, digits + 1, n - 1);
			p += n - 1;
		}
		*p++ = 'e';
		*p++ = exp < 0 ? '-' : '+';
		p += num_put_u64(p, (uint64_t)abs(exp));
		return (size_t)(p - out);
	}
	if (whole == 0) {
		*p++ = '0';
		*p++ = '.';
		for (int i = -1; i > exp; i--)
			*p++ = '0';
	}
	for (size_t i = 0; i < n || i < whole; i++) {
		if (i == whole && whole > 0)
			*p++ = '.';
		*p++ = i < n ? digits[i] : '0';
	}
	*p = '\0';
	return (size_t)(p - out);
}

/* Write m * 10^exp, m > 0, without the zeros at its end. */
static size_t
put_decimal(char *out, uint64_t m, int exp)
{
	char digits[NUM_TEXT_MAX];
	size_t n;

	while (m % 10 == 0) {
		m /= 10;
		exp++;
	}
	n = num_put_u64(digits, m);
	return put_notation(out, digits, n, exp + (int)n - 1);
}

/* Write m, which has 15 digits at most, with k of them behind the point. */
static size_t
put_point(char *out, uint64_t m, size_t k)
{
	char digits[NUM_TEXT_MAX];
	bool below_one = m < whole_powers[k];
	/* With a one in front no zero is lost. */
	size_t len = num_put_u64(digits, below_one ? m + whole_powers[k] : m);
	size_t whole = len - k;

	if (below_one)
		digits[0] = '0';
	memcpy(out, digits, DIGITS_EXACT);
	out[whole] = '.';
	memcpy(out + whole + 1, digits + whole, k + 1);
	return len + 1;
}

/*
 * v > 0 with at most 15 digits, 0 when it is not of that kind.  The fewest
 * digits behind the point are tried first: what is found has no zeros there.
 */
static size_t
put_short(char *out, double v)
{
	if (v < 1e-6)
		return 0;
	for (size_t k = 1; k <= DECIMALS_MAX && v * powers[k] < 1e15; k++) {
		int64_t m = (int64_t)(v * powers[k] + 0.5);

		if ((double)m / powers[k] == v)
			return put_point(out, (uint64_t)m, k);
	}
	return 0;
}

/* Is m * 10^exp the text of v?  Without a point: no locale matters. */
static bool
reads_as(uint64_t m, int exp, double v)
{
	char text[2 * NUM_TEXT_MAX];
	size_t len = num_put_u64(text, m);

	text[len++] = 'e';
	num_put_i64(text + len, exp);
	return strtod(text, NULL) == v;
}

/* The n digits nearest to v as an integer times 10^*exp_out. */
static uint64_t
round_to(double v, int n, int *exp_out)
{
	char text[2 * NUM_TEXT_MAX];
	uint64_t m = 0;
	char *p;

	/* Only digits are taken: the point differs between locales. */
	snprintf(text, sizeof(text), "%.*e", n - 1, v);
	for (p = text; *p != 'e'; p++)
		if (isdigit((unsigned char)*p))
			m = m * 10 + (uint64_t)(*p - '0');
	*exp_out = atoi(p + 1) - (n - 1);
	return m;
}

static __attribute__((noinline)) size_t
put_long(char *out, double v)
{
	uint64_t m;
	/* Subnormal numbers may have fewer digits than 15. */
	int exp, n = v < DBL_MIN ? 1 : 15;
	/*
	 * At a power of two the gap below is half of that above: the farther
	 * neighbour may read as v where the nearer does not.
	 */
	bool lopsided = frexp(v, &exp) == 0.5;

	for (; n < 17; n++) {
		m = round_to(v, n, &exp);
		if (reads_as(m, exp, v))
			return put_decimal(out, m, exp);
		if (lopsided && reads_as(m + 1, exp, v))
			return put_decimal(out, m + 1, exp);
	}
	m = round_to(v, 17, &exp);
	return put_decimal(out, m, exp);
}

size_t
num_put_double(char *out, double v)
{
	size_t len, sign = 0;

	if (v < 0) {
		out[0] = '-';
		sign = 1;
		v = -v;
	}
	if (v < EXACT_MAX && v == (double)(int64_t)v)
		return sign + num_put_u64(out + sign, (uint64_t)v);
	len = put_short(out + sign, v);
	if (len == 0)
		len = put_long(out + sign, v);
	return sign + len;
}

static inline int
read_u64(const char *text, size_t len, uint64_t *out)
{
	size_t safe = len < DIGITS_SAFE ? len : DIGITS_SAFE, i;
	uint64_t v = 0, digit;

	if (len == 0 || (len > 1 && text[0] == '0'))
		return -1;
	for (i = 0; i < safe; i++, v = v * 10 + digit) {
		digit = (uint64_t)(unsigned char)text[i] - '0';
		if (digit > 9)
			return -1;
	}
	for (; i < len; i++, v = v * 10 + digit) {
		digit = (uint64_t)(unsigned char)text[i] - '0';
		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return -1;
	}
	*out = v;
	return 0;
}

int
num_read_u64(const char *text, size_t len, uint64_t *out)
{
	return read_u64(text, len, out);
}

int
num_read_i64(const char *text, size_t len, int64_t *out)
{
	bool minus = len > 0 && text[0] == '-';
	uint64_t v = 0, max = (uint64_t)INT64_MAX + (minus ? 1 : 0);

	if (read_u64(text + minus, len - minus, &v) < 0 || v > max)
		return -1;
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

/* What a JSON number is made of, gathered while its grammar is checked. */
struct decimal {
	bool minus;
	int exp;			/* of the last digit */
	size_t n;
	char digits[DIGITS_MAX + NUM_TEXT_MAX];	/* without leading zeros */
};

/* Gather digits at p; fraction: 1 when they stand behind the point. */
static const char *
read_digits(struct decimal *d, const char *p, const char *end, int fraction)
{
	for (; p < end && isdigit((unsigned char)*p); p++) {
		if (d->n == 0 && *p == '0') {
			d->exp -= fraction;
		} else if (d->n < DIGITS_MAX) {
			d->digits[d->n++] = *p;
			d->exp -= fraction;
		} else {
			/* Too far behind to matter, but for being there. */
			if (*p != '0')
				d->digits[DIGITS_MAX - 1] = '1';
			d->exp += 1 - fraction;
		}
	}
	return p;
}

/* Add the exponent at p, behind its 'e', to d; NULL when there is none. */
static const char *
read_exponent(struct decimal *d, const char *p, const char *end)
{
	int exp = 0;
	bool minus = p < end && *p == '-';

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return NULL;
	for (; p < end && isdigit((unsigned char)*p); p++)
		if (exp < 1000000000 / 10)	/* beyond it, nothing changes */
			exp = exp * 10 + (*p - '0');
	d->exp += minus ? -exp : exp;
	return p;
}

/* Check the grammar of a JSON number and take it apart. */
static int
read_decimal(struct decimal *d, const char *p, const char *end)
{
	const char *start;

	d->minus = p < end && *p == '-';
	p += d->minus;
	start = p;
	p = read_digits(d, p, end, 0);
	if (p == start || (*start == '0' && p - start > 1))
		return -1;
	if (p < end && *p == '.') {
		start = ++p;
		p = read_digits(d, p, end, 1);
		if (p == start)
			return -1;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p = read_exponent(d, p + 1, end);
		if (p == NULL || !isdigit((unsigned char)p[-1]))
			return -1;
	}
	return p == end ? 0 : -1;
}

/*
 * Digits and at most one point between them, 15 in all, as most numbers have:
 * both operands of the division are exact, so its result is the nearest.
 */
static bool
read_short(const char *text, size_t len, double *out)
{
	size_t minus = len > 0 && text[0] == '-', i = minus, point = 0;
	uint64_t m = 0;
	double v;

	if (len - minus > DIGITS_EXACT + 1 || len == minus ||
	    (text[i] == '0' && len > i + 1 && text[i + 1] != '.'))
		return false;
	for (; i < len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)text[i] - '0';

		if (digit <= 9)
			m = m * 10 + digit;
		else if (text[i] == '.' && point == 0 && i > minus)
			point = i + 1;
		else
			return false;
	}
	if (point == len || (point == 0 && len - minus > DIGITS_EXACT))
		return false;
	v = (double)m / powers[point == 0 ? 0 : len - point];
	*out = minus ? -v : v;
	return true;
}

int
num_read_double(const char *text, size_t len, double *out)
{
	struct decimal d;
	double v;

	if (read_short(text, len, out))
		return 0;
	d.exp = 0;
	d.n = 0;
	/* Longer ones could overflow the exponent; nobody means them. */
	if (len > 1000000 || read_decimal(&d, text, text + len) < 0)
		return -1;
	if (d.n == 0) {
		v = 0;
	} else {
		d.digits[d.n] = 'e';
		num_put_i64(d.digits + d.n + 1, d.exp);
		v = strtod(d.digits, NULL);
		if (isinf(v))
			return -1;
	}
	*out = d.minus ? -v : v;
	return 0;
}

struct unit {
	const char *name;
	int64_t factor;
};

/* Largest first: writing takes the first that divides. */
static const struct unit durations[] = {
	{ "h", 3600000 }, { "min", 60000 }, { "s", 1000 }, { "ms", 1 }, { 0 }
};
static const struct unit sizes[] = {
	{ "G", 1 << 30 }, { "M", 1 << 20 }, { "K", 1 << 10 }, { "", 1 }, { 0 }
};

static int
read_unit(const struct unit *units, const char *text, int64_t *out)
{
	size_t n = strspn(text, "0123456789");
	int64_t v;

	if (num_read_i64(text, n, &v) < 0)
		return -1;
	for (; units->name != NULL; units++)
		if (strcmp(text + n, units->name) == 0)
			return __builtin_mul_overflow(v, units->factor, out) ?
			    -1 : 0;
	return -1;
}

static size_t
put_unit(const struct unit *units, char *out, int64_t v)
{
	size_t len;

	/* Nothing is 0 of the larger units: "0s" and "0" read best. */
	while (v % units->factor != 0 || (v == 0 && units->factor > 1000))
		units++;
	len = num_put_i64(out, v / units->factor);
	return len + (size_t)(stpcpy(out + len, units->name) - (out + len));
}

int
num_read_duration(const char *text, int64_t *ms_out)
{
	return read_unit(durations, text, ms_out);
}

int
num_read_size(const char *text, int64_t *bytes_out)
{
	return read_unit(sizes, text, bytes_out);
}

size_t
num_put_duration(char *out, int64_t ms)
{
	return put_unit(durations, out, ms);
}

size_t
num_put_size(char *out, int64_t bytes)
{
	return put_unit(sizes, out, bytes);
}
