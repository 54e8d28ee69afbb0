/* Moments by the calendar, and by both ways of reading them. */
#include "model/json_time.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

/*
 * What is copied and what is taken apart is the same: a blank in front of the
 * zone makes the difference.  Each byte at every place but the last.
 */
START_TEST(moments_by_two_ways)
{
	static const char moment[] = "2024-02-18 03:04:05.678";
	char text[32], plain[JSON_TIME_LEN], taken[JSON_TIME_LEN];

	for (size_t at = 0; at < sizeof(moment) - 2; at++)
		for (int byte = 0; byte < 256; byte++) {
			size_t len = sizeof(moment) - 1;

			memcpy(text, moment, len);
			memcpy(text + len, " Z", 2);
			text[at] = (char)byte;
			ck_assert_uint_eq(json_time_text(plain, text, len),
			    json_time_text(taken, text, len + 2));
			if (json_time_text(plain, text, len) > 0)
				ck_assert_mem_eq(plain, taken, JSON_TIME_LEN);
		}
}
END_TEST

/* No day: the one behind the last of a month. */
static void
check_no_day(int year, int month, int day)
{
	char text[40], out[JSON_TIME_LEN];

	snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
	ck_assert_uint_eq(json_time_text(out, text, 10), 0);
}

/* Each day of 800 years through the calendar and back; the last as text. */
START_TEST(calendar)
{
	static const char days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	int64_t ms = -11676096000000;
	char want[80], out[JSON_TIME_LEN];

	for (int year = 1600; year < 2400; year++)
		for (int month = 1; month <= 12; month++) {
			bool leap = year % 4 == 0 &&
			    (year % 100 != 0 || year % 400 == 0);
			int n = days[month - 1] + (month == 2 && leap);

			for (int day = 1; day <= n; day++) {
				snprintf(want, sizeof(want),
				    "%04d-%02d-%02dT00:00:00.000Z", year,
				    month, day);
				ck_assert_uint_eq(json_time_ms(out, ms),
				    JSON_TIME_LEN);
				ck_assert_mem_eq(out, want, JSON_TIME_LEN);
				ms += 86400000;
			}
			/* The month's last day, whose text is still there. */
			ck_assert_uint_eq(json_time_text(out, want, 10),
			    JSON_TIME_LEN);
			ck_assert_mem_eq(out, want, JSON_TIME_LEN);
			check_no_day(year, month, n + 1);
		}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json_time");

	tcase_add_test(tc, moments_by_two_ways);
	tcase_add_test(tc, calendar);
	return unit_run("json_time", tc);
}
