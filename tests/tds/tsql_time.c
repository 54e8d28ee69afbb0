/* Dates and times of SQL Server: their spellings, their precision. */
#include "tsql.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(10000000)
#define MINUTE (60 * SECOND)
#define DAY (1440 * MINUTE)

/* A cursor over a text that is not terminated. */
struct reader {
	const char *s, *end;
};

static bool
skip(struct reader *r, char c)
{
	if (r->s == r->end || *r->s != c)
		return false;
	r->s++;
	return true;
}

/* So many digits at least and at most; -1 = they are not there. */
static int64_t
number(struct reader *r, int min, int max)
{
	int64_t n = 0;
	int digits = 0;

	while (r->s < r->end && isdigit((unsigned char)*r->s) && digits < max) {
		n = n * 10 + (*r->s++ - '0');
		digits++;
	}
	return digits < min ? -1 : n;
}

static bool
is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static const int month_starts[] = {
	0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365
};

static int
month_start(int64_t y, int64_t m)
{
	return month_starts[m] + (m > 1 && is_leap(y));
}

static int64_t
year_start(int64_t y)
{
	y--;
	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int
read_date(struct reader *r, int64_t *ticks)
{
	int64_t y = number(r, 4, 4), m, d;

	if (y < 1 || !skip(r, '-') || (m = number(r, 1, 2)) < 1 || m > 12 ||
	    !skip(r, '-') || (d = number(r, 1, 2)) < 1 ||
	    d > month_start(y, m) - month_start(y, m - 1))
		return -1;
	*ticks = (year_start(y) + month_start(y, m - 1) + d - 1) * DAY;
	return 0;
}

static int
read_clock(struct reader *r, int64_t *ticks)
{
	int64_t h = number(r, 1, 2), m, s = 0, unit = SECOND;

	if (h < 0 || h > 23 || !skip(r, ':') || (m = number(r, 2, 2)) < 0 ||
	    m > 59)
		return -1;
	if (skip(r, ':') && ((s = number(r, 2, 2)) < 0 || s > 59))
		return -1;
	*ticks += (h * 60 + m) * MINUTE + s * SECOND;
	if (skip(r, '.'))
		while (r->s < r->end && isdigit((unsigned char)*r->s)) {
			unit /= 10;
			*ticks += (*r->s++ - '0') * unit;
		}
	return 0;
}

static int
read_zone(struct reader *r, struct tsql_time *out)
{
	bool minus;
	int64_t h, m;

	while (skip(r, ' '))
		;
	if (r->s == r->end || skip(r, 'Z'))
		return 0;
	minus = skip(r, '-');
	if (!minus && !skip(r, '+'))
		return -1;
	h = number(r, 2, 2);
	if (h < 0 || h > 14 || !skip(r, ':') || (m = number(r, 2, 2)) < 0)
		return -1;
	out->offset_min = (int)(h * 60 + m) * (minus ? -1 : 1);
	out->ticks -= out->offset_min * MINUTE;
	return 0;
}

int
tsql_time_read(const char *s, size_t len, struct tsql_time *out)
{
	struct reader r = { s, s + len };
	bool dated = len > 4 && s[4] == '-';

	memset(out, 0, sizeof(*out));
	if (dated && read_date(&r, &out->ticks) != 0)
		return -1;
	if (dated && r.s == r.end)
		return 0;
	if (dated && !skip(&r, 'T') && !skip(&r, ' '))
		return -1;
	if (read_clock(&r, &out->ticks) != 0 || read_zone(&r, out) != 0)
		return -1;
	return r.s == r.end ? 0 : -1;
}

/* To whole units, half of one upwards. */
static int64_t
rounded(int64_t ticks, int64_t unit)
{
	return (ticks + unit / 2) / unit * unit;
}

/* A datetime counts in 300ths of a second. */
static int64_t
rounded_300(int64_t ticks)
{
	int64_t day = ticks / DAY * DAY;
	int64_t n = ((ticks - day) * 3 + 50000) / 100000;

	return day + (n * 100000 + 1) / 3;
}

static void
put_date(int64_t ticks, char out[40])
{
	int64_t days = ticks / DAY, y = days / 366 + 1, m = 1;

	while (year_start(y + 1) <= days)
		y++;
	days -= year_start(y);
	while (month_start(y, m) <= days)
		m++;
	snprintf(out, 40, "%04d-%02d-%02d", (int)y, (int)m,
	    (int)(days - month_start(y, m - 1)) + 1);
}

static void
put_clock(int64_t ticks, int scale, char out[40])
{
	int64_t t = ticks % DAY;
	char fraction[16];
	size_t len = strlen(out);

	snprintf(fraction, sizeof(fraction), ".%07d", (int)(t % SECOND));
	fraction[scale == 0 ? 0 : scale + 1] = '\0';
	snprintf(out + len, 40 - len, "%02d:%02d:%02d%s",
	    (int)(t / (60 * MINUTE)), (int)(t / MINUTE % 60),
	    (int)(t / SECOND % 60), fraction);
}

int
tsql_time_write(const struct tsql_time *t, const char *type, int scale,
    char out[40])
{
	static const int64_t units[] = {
		10000000, 1000000, 100000, 10000, 1000, 100, 10, 1
	};
	bool zoned = strcmp(type, "datetimeoffset") == 0;
	int64_t local = t->ticks + t->offset_min * MINUTE;

	if (scale < 0 || scale > 7)
		scale = 7;
	if (strcmp(type, "datetime") == 0)
		local = rounded_300(local);
	else if (strcmp(type, "smalldatetime") == 0)
		local = rounded(local, MINUTE);
	else
		local = rounded(local, units[scale]);
	*out = '\0';
	if (strcmp(type, "time") != 0)
		put_date(local, out);
	if (strcmp(type, "date") == 0)
		return 0;
	if (*out != '\0')
		strcat(out, " ");
	put_clock(local, scale, out);
	if (zoned)
		snprintf(out + strlen(out), 40 - strlen(out), " %c%02d:%02d",
		    t->offset_min < 0 ? '-' : '+',
		    (t->offset_min < 0 ? -t->offset_min : t->offset_min) / 60,
		    (t->offset_min < 0 ? -t->offset_min : t->offset_min) % 60);
	return 0;
}
