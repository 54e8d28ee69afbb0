/*
 * Most columns hold UTC, so their fields are copied as they are; the calendar
 * is only asked for offsets and for milliseconds since 1970.
 */
#include "model/json_time.h"

#include <string.h>

#include "base/num.h"

#define EACH(byte) (UINT64_MAX / 255 * (byte))

#define DAY_MS INT64_C(86400000)
/* 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z */
#define FIRST_MS INT64_C(-62135596800000)
#define LAST_MS INT64_C(253402300799999)

struct moment {
	int year, month, day, hour, minute, second, us;
	int offset_s;		/* east of Greenwich */
};

/* What is left to read. */
struct text {
	const char *s, *end;
};

static bool
take(struct text *t, char c)
{
	if (t->s == t->end || *t->s != c)
		return false;
	t->s++;
	return true;
}

/* Exactly n digits. */
static bool
take_digits(struct text *t, int n, int *out)
{
	int v = 0;

	if (t->end - t->s < n)
		return false;
	for (int i = 0; i < n; i++) {
		char c = t->s[i];

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	t->s += n;
	*out = v;
	return true;
}

static int
days_of_month(int year, int month)
{
	static const char days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(struct text *t, struct moment *m)
{
	return take_digits(t, 4, &m->year) && take(t, '-') &&
	    take_digits(t, 2, &m->month) && take(t, '-') &&
	    take_digits(t, 2, &m->day) &&
	    m->year >= 1 && m->month >= 1 && m->month <= 12 &&
	    m->day >= 1 && m->day <= days_of_month(m->year, m->month);
}

/* Digits behind the point: the first six count. */
static bool
take_fraction(struct text *t, int *us_out)
{
	int n = 0, digit;

	for (; take_digits(t, 1, &digit); n++)
		if (n < 6)
			*us_out = *us_out * 10 + digit;
	for (int i = n; i < 6; i++)
		*us_out *= 10;
	return n > 0;
}

static bool
take_time(struct text *t, struct moment *m)
{
	if (!take_digits(t, 2, &m->hour) || !take(t, ':') ||
	    !take_digits(t, 2, &m->minute) || m->hour > 23 || m->minute > 59)
		return false;
	if (!take(t, ':'))
		return true;
	if (!take_digits(t, 2, &m->second) || m->second > 59)
		return false;
	return !take(t, '.') || take_fraction(t, &m->us);
}

/* Z, +01, +0130, +01:30, +01:30:15, or nothing. */
static bool
take_offset(struct text *t, struct moment *m)
{
	int hours, minutes = 0, seconds = 0;
	bool west;

	take(t, ' ');
	if (t->s == t->end || take(t, 'Z') || take(t, 'z'))
		return true;
	west = take(t, '-');
	if ((!west && !take(t, '+')) || !take_digits(t, 2, &hours))
		return false;
	take(t, ':');
	if (take_digits(t, 2, &minutes) && take(t, ':') &&
	    !take_digits(t, 2, &seconds))
		return false;
	m->offset_s = (hours * 60 + minutes) * 60 + seconds;
	if (west)
		m->offset_s = -m->offset_s;
	return true;
}

static bool
read_moment(const char *s, size_t len, struct moment *m)
{
	struct text t = { s, s + len };

	*m = (struct moment){ .year = 1970, .month = 1, .day = 1 };
	if (len > 2 && s[2] == ':')
		return take_time(&t, m) && take_offset(&t, m) &&
		    t.s == t.end;
	if (!take_date(&t, m))
		return false;
	if (take(&t, ' ') || take(&t, 'T') || take(&t, 't'))
		if (!take_time(&t, m))
			return false;
	return take_offset(&t, m) && t.s == t.end;
}

/*
 * Days since 1970-01-01 and back, in years that begin in March, so that the
 * leap day is the last of its year; 146,097 days are 400 years.
 */
static int64_t
days_from_date(int year, int month, int day)
{
	int y = year - (month <= 2), era = y / 400, of_era = y % 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

	return (int64_t)era * 146097 + days - 719468;
}

static void
date_from_days(int64_t days, struct moment *m)
{
	int64_t z = days + 719468, era = z / 146097;
	int of_era = (int)(z % 146097);
	int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
	    365;
	int of_year = of_era - (365 * y + y / 4 - y / 100);
	int month = (5 * of_year + 2) / 153;	/* 0 = March */

	m->day = of_year - (153 * month + 2) / 5 + 1;
	m->month = month + (month < 10 ? 3 : -9);
	m->year = (int)(era * 400) + y + (m->month <= 2);
}

/* Two digits and what stands behind them. */
static char *
put2(char *p, int v, char behind)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
	p[2] = behind;
	return p + 3;
}

static size_t
put_moment(char out[JSON_TIME_LEN], const struct moment *m)
{
	char *p = out;

	*p++ = (char)('0' + m->year / 1000);
	*p++ = (char)('0' + m->year / 100 % 10);
	p = put2(p, m->year % 100, '-');
	p = put2(p, m->month, '-');
	p = put2(p, m->day, 'T');
	p = put2(p, m->hour, ':');
	p = put2(p, m->minute, ':');
	p = put2(p, m->second, '.');
	*p++ = (char)('0' + m->us / 100000);
	p = put2(p, m->us / 1000 % 100, 'Z');
	return (size_t)(p - out);
}

size_t
json_time_ms(char out[JSON_TIME_LEN], int64_t ms)
{
	struct moment m = { 0 };
	int64_t days;
	int rest;

	if (ms < FIRST_MS || ms > LAST_MS)
		return 0;
	days = ms / DAY_MS - (ms % DAY_MS < 0);
	rest = (int)(ms - days * DAY_MS);
	date_from_days(days, &m);
	m.us = rest % 1000 * 1000;
	m.second = rest / 1000 % 60;
	m.minute = rest / 60000 % 60;
	m.hour = rest / 3600000;
	return put_moment(out, &m);
}

static int64_t
moment_ms(const struct moment *m)
{
	int64_t s = (m->hour * 60 + m->minute) * 60 + m->second - m->offset_s;

	return days_from_date(m->year, m->month, m->day) * DAY_MS +
	    s * 1000 + m->us / 1000;
}

/* Eight characters of a moment; the zeros stand for any digits. */
struct form {
	char text[8];
	char above[8];	/* to each byte: beyond 9, or beyond 0, it is 0x80 */
};

static const struct form date_form = {
	"0000-00-", "\x76\x76\x76\x76\x7f\x76\x76\x7f"
};
static const struct form time_form = {
	"00:00:00", "\x76\x76\x7f\x76\x76\x7f\x76\x76"
};

/* All eight at once; out: the digits' values, in their places. */
static bool
has_form(const char *s, const struct form *form, unsigned char out[8])
{
	uint64_t word, zeros, above;

	memcpy(&word, s, sizeof(word));
	memcpy(&zeros, form->text, sizeof(zeros));
	memcpy(&above, form->above, sizeof(above));
	word ^= zeros;
	memcpy(out, &word, sizeof(word));
	return ((((word & EACH(0x7f)) + above) | word) & EACH(0x80)) == 0;
}

/* "2024-01-02"; the leap day is left to the calendar. */
static bool
is_date(const char *s)
{
	static const char days[20] = {
		0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	int day = (s[8] - '0') * 10 + s[9] - '0';
	unsigned char d[8];

	return has_form(s, &date_form, d) && d[5] <= 1 &&
	    s[8] >= '0' && s[9] >= '0' && s[9] <= '9' &&
	    day > 0 && day <= days[d[5] * 10 + d[6]] &&
	    (d[0] | d[1] | d[2] | d[3]) != 0;
}

/* "03:04:05" */
static bool
is_time(const char *s)
{
	unsigned char d[8];

	return has_form(s, &time_form, d) && d[0] * 10 + d[1] <= 23 &&
	    d[3] <= 5 && d[6] <= 5;
}

static bool
is_utc(const char *s, size_t len)
{
	switch (len) {
	case 0:
		return true;
	case 1:
		return *s == 'Z';
	case 3:
		return memcmp(s, "+00", 3) == 0;
	case 6:
		return memcmp(s, "+00:00", 6) == 0;
	default:
		return false;
	}
}

bool
json_time_utc(char out[JSON_TIME_LEN], const char *s, size_t len)
{
	enum { TIME = 11, POINT = 19, END = 23 };
	size_t at = POINT;

	if (len < TIME - 1 || !is_date(s))
		return false;
	memcpy(out, "0000-00-00T00:00:00.000Z", JSON_TIME_LEN);
	memcpy(out, s, TIME - 1);
	if (len == TIME - 1)
		return true;
	if (len < POINT || (s[TIME - 1] != ' ' && s[TIME - 1] != 'T') ||
	    !is_time(s + TIME))
		return false;
	memcpy(out + TIME, s + TIME, POINT - TIME);
	if (len > POINT && s[POINT] == '.') {
		while (++at < len && s[at] >= '0' && s[at] <= '9')
			if (at < END)
				out[at] = s[at];
		if (at == POINT + 1)
			return false;
	}
	return is_utc(s + at, len - at);
}

size_t
json_time_text(char out[JSON_TIME_LEN], const char *text, size_t len)
{
	struct moment m;
	int64_t ms;

	if (json_time_utc(out, text, len))
		return JSON_TIME_LEN;
	if (read_moment(text, len, &m))
		return m.offset_s == 0 ? put_moment(out, &m) :
		    json_time_ms(out, moment_ms(&m));
	if (num_read_i64(text, len, &ms) == 0)
		return json_time_ms(out, ms);
	return 0;
}

/* What the lenient reader lets pass and RFC 3339 does not. */
static bool
is_rfc3339(const char *s, size_t len)
{
	if (len < sizeof("2000-01-01T00:00:00Z") - 1 || s[4] != '-' ||
	    s[16] != ':')
		return false;
	if (s[len - 1] == 'Z' || s[len - 1] == 'z')
		return s[len - 2] != ' ';
	return (s[len - 6] == '+' || s[len - 6] == '-') && s[len - 3] == ':' &&
	    s[len - 7] != ' ' && s[len - 2] <= '5';
}

int
json_time_read(const char *text, size_t len, int64_t *us_out)
{
	struct moment m;
	int64_t ms;

	if (!is_rfc3339(text, len) || !read_moment(text, len, &m) ||
	    m.offset_s >= 86400 || m.offset_s <= -86400)
		return -1;
	ms = moment_ms(&m);
	if (ms < FIRST_MS || ms > LAST_MS)
		return -1;
	*us_out = ms * 1000 + m.us % 1000;
	return 0;
}
