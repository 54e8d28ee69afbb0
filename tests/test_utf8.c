/* UTF-8: what is valid, at every border of the standard and of the words. */
#include <string.h>

#include "base/utf8.h"
#include "unit.h"

static const struct {
	const char *text;
	size_t step;		/* 0 = not valid */
} rows[] = {
	{ "a", 1 },
	{ "\x7f", 1 },
	{ "\xc2\x80", 2 },
	{ "\xdf\xbf", 2 },
	{ "\xe0\xa0\x80", 3 },
	{ "\xed\x9f\xbf", 3 },
	{ "\xee\x80\x80", 3 },
	{ "\xef\xbf\xbf", 3 },
	{ "\xf0\x90\x80\x80", 4 },
	{ "\xf4\x8f\xbf\xbf", 4 },
	{ "\x80", 0 },			/* no first byte */
	{ "\xbf", 0 },
	{ "\xc0\x80", 0 },		/* overlong */
	{ "\xc1\xbf", 0 },
	{ "\xe0\x9f\xbf", 0 },
	{ "\xf0\x8f\xbf\xbf", 0 },
	{ "\xed\xa0\x80", 0 },		/* surrogates */
	{ "\xed\xbf\xbf", 0 },
	{ "\xf4\x90\x80\x80", 0 },	/* above U+10FFFF */
	{ "\xf5\x80\x80\x80", 0 },
	{ "\xff", 0 },
	{ "\xc2", 0 },			/* cut off */
	{ "\xe2\x82", 0 },
	{ "\xf0\x9f\x98", 0 },
	{ "\xc2" "a", 0 },		/* not continued */
	{ "\xe2\x82" "a", 0 },
	{ "\xf0\x9f\x98" "a", 0 },
};

START_TEST(test_step)
{
	const char *text = rows[_i].text;

	ck_assert_uint_eq(utf8_step(text, strlen(text)), rows[_i].step);
	ck_assert_uint_eq(utf8_step(text, 0), 0);
}
END_TEST

/* Each row at each place of a text that is passed by words. */
START_TEST(test_prefix)
{
	char text[32];
	size_t len = strlen(rows[_i].text), want;

	for (size_t at = 0; at + len <= sizeof(text); at++) {
		memset(text, 'x', sizeof(text));
		memcpy(text + at, rows[_i].text, len);
		want = rows[_i].step > 0 ? sizeof(text) : at;
		ck_assert_uint_eq(utf8_prefix(text, sizeof(text)), want);
		ck_assert(utf8_valid(text, sizeof(text)) ==
		    (rows[_i].step > 0));
		ck_assert(utf8_valid(text, at));
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("utf8");

	tcase_add_loop_test(tc, test_step, 0, COUNT(rows));
	tcase_add_loop_test(tc, test_prefix, 0, COUNT(rows));
	return unit_run("utf8", tc);
}
