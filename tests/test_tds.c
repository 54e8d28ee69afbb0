#include <float.h>
#include <string.h>

#include "db/tds.h"
#include "unit.h"

static const struct {
	const char *utf8, *utf16;
	size_t units;
	bool back;		/* and the same from UTF-16 */
} texts[] = {
	{ "", "", 0, true },
	{ "aZ~", "a\0Z\0~\0", 3, true },
	{ "\xc3\xa9\xdf\xbf", "\xe9\0\xff\x07", 2, true },
	{ "\xe0\xa0\x80\xef\xbf\xbf", "\0\x08\xff\xff", 2, true },
	{ "\xf0\x90\x80\x80", "\0\xd8\0\xdc", 2, true },
	{ "\xf4\x8f\xbf\xbf", "\xff\xdb\xff\xdf", 2, true },
	{ "a\xffz", "a\0\xfd\xffz\0", 3, false },
	{ "\xed\xa0\x80", "\xfd\xff\xfd\xff\xfd\xff", 3, false },
	{ "\xf0\x9f\x98", "\xfd\xff\xfd\xff\xfd\xff", 3, false },
};

START_TEST(text_both_ways)
{
	SQLWCHAR wide[16];
	char narrow[48];
	size_t n;

	n = tds_to_utf16(wide, texts[_i].utf8, strlen(texts[_i].utf8));
	ck_assert_uint_eq(n, texts[_i].units);
	ck_assert_mem_eq(wide, texts[_i].utf16, n * 2);
	if (!texts[_i].back)
		return;
	n = tds_to_utf8(narrow, texts[_i].utf16, texts[_i].units * 2);
	ck_assert_uint_eq(n, strlen(texts[_i].utf8));
	ck_assert_mem_eq(narrow, texts[_i].utf8, n);
}
END_TEST

static const struct {
	const char *utf16;
	size_t bytes;
	const char *utf8;
} halves[] = {
	{ "\0\xd8", 2, "\xef\xbf\xbd" },
	{ "\0\xdc", 2, "\xef\xbf\xbd" },
	{ "\0\xd8" "a\0", 4, "\xef\xbf\xbd" "a" },
	{ "\0\xdc\0\xd8", 4, "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\0\xd8\0\xd8\0\xdc", 6, "\xef\xbf\xbd\xf0\x90\x80\x80" },
	{ "a\0b", 3, "a" },	/* half a unit */
};

START_TEST(half_of_a_pair)
{
	char out[16];
	size_t n = tds_to_utf8(out, halves[_i].utf16, halves[_i].bytes);

	ck_assert_uint_le(n, TDS_UTF8_MAX(halves[_i].bytes));
	ck_assert_uint_eq(n, strlen(halves[_i].utf8));
	ck_assert_mem_eq(out, halves[_i].utf8, n);
}
END_TEST

static const struct {
	const char *given, *moment, *ticks;
} moments[] = {
	{ "2024-02-29 23:59:58.123", NULL, "2024-02-29 23:59:58.1233333" },
	{ "2024-02-29 23:59:58.120", NULL, "2024-02-29 23:59:58.1200000" },
	{ "2024-02-29 23:59:58.997", NULL, "2024-02-29 23:59:58.9966667" },
	/* no datetime has this, and it is left alone */
	{ "2024-02-29 23:59:58.124", NULL, "2024-02-29 23:59:58.124" },
	{ "2024-02-29 23:59:58", NULL, "2024-02-29 23:59:58" },
	{ "1-01-01 00:00:00.0000000", "0001-01-01 00:00:00.0000000",
	    "0001-01-01 00:00:00.0000000" },
	{ "999-12-31", "0999-12-31", "0999-12-31" },
	{ "12-1-1 +05:30", "0012-1-1 +05:30", "0012-1-1 +05:30" },
	{ "23:59:58.123", NULL, "23:59:58.1233333" },
	{ "", NULL, "" },
	{ "-", "0000-", "0000-" },
};

START_TEST(moment)
{
	char text[TDS_MOMENT_MAX];
	const char *given = moments[_i].given, *want = moments[_i].moment;
	size_t len = strlen(given);

	if (want == NULL)
		want = given;
	memcpy(text, given, len);
	ck_assert_uint_eq(tds_moment(text, len, sizeof(text),
	    false), strlen(want));
	ck_assert_mem_eq(text, want, strlen(want));
	memcpy(text, given, len);
	want = moments[_i].ticks;
	ck_assert_uint_eq(tds_moment(text, len, sizeof(text),
	    true), strlen(want));
	ck_assert_mem_eq(text, want, strlen(want));
}
END_TEST

START_TEST(moment_of_a_full_buffer)
{
	char text[TDS_MOMENT_MAX];

	memset(text, '1', sizeof(text));
	text[1] = '-';
	ck_assert_uint_eq(tds_moment(text, sizeof(text),
	    sizeof(text), true),
	    sizeof(text));
	text[sizeof(text) - 4] = '.';
	text[sizeof(text) - 1] = '3';
	ck_assert_uint_eq(tds_moment(text, sizeof(text),
	    sizeof(text), true),
	    sizeof(text));
}
END_TEST

START_TEST(real)
{
	ck_assert(tds_real(1.1f) == 1.1);
	ck_assert(tds_real(-0.1f) == -0.1);
	ck_assert(tds_real(16777216.0f) == 16777216.0);
	ck_assert(tds_real(0.0f) == 0.0);
	ck_assert(tds_real(FLT_MAX) == 3.4028235e38);
	ck_assert(tds_real(FLT_MIN) == 1.1754944e-38);
	ck_assert((float)tds_real(1.23456789f) == 1.23456789f);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("tds");

	tcase_add_loop_test(tc, text_both_ways, 0, COUNT(texts));
	tcase_add_loop_test(tc, half_of_a_pair, 0, COUNT(halves));
	tcase_add_loop_test(tc, moment, 0, COUNT(moments));
	tcase_add_test(tc, moment_of_a_full_buffer);
	tcase_add_test(tc, real);
	return unit_run("tds", tc);
}
