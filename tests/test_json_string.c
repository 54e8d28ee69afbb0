/* Every character that needs care, at every place, in every length. */
#include "model/json_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void
check_string(const char *text, size_t len, const char *want)
{
	struct buf out;
	char *exact = malloc(len + 1);	/* so that a byte too far is seen */

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, text, len);
	buf_init(&out, 0);
	ck_assert_int_eq(json_put_string(&out, exact, len), 0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, want);
	buf_fini(&out);
	free(exact);
}

START_TEST(strings)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} rows[] = {
#define S(text, want) { text, sizeof(text) - 1, "\"" want "\"" }
		S("\b\t\n\f\r", "\\b\\t\\n\\f\\r"),
		S("\0\x01\x0b\x1b\x1f", "\\u0000\\u0001\\u000b\\u001b\\u001f"),
		S("\"\\/", "\\\"\\\\/"),
		S("\x7f", "\x7f"),
		S("\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa8\xe2\x80\xa9"),
		S("\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf"),
		S("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
		    "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"),
		S("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
		    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
#define R "\xef\xbf\xbd"
		S("\x80", R),
		S("\xc0\xaf", R R),
		S("\xc1", R),
		S("\xc3", R),
		S("\xc3""a", R "a"),
		S("\xe0\x80\x80", R R R),
		S("\xed\xa0\x80", R R R),
		S("\xe4\xb8", R),
		S("\xe4\xb8z", R "z"),
		S("\xf0\x9f\x98", R),
		S("\xf0\x9f\x98\xf0\x9f\x98\x80", R "\xf0\x9f\x98\x80"),
		S("\xf0\x8f\x80\x80", R R R R),
		S("\xf4\x90\x80\x80", R R R R),
		S("\xf5\xff", R R),
#undef R
#undef S
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_string(rows[i].text, rows[i].len, rows[i].want);
}
END_TEST

/* What a byte is alone: not ASCII, it is no character. */
static void
put_byte(char out[8], int byte)
{
	const char *at = strchr("\"\\\bb\tt\nn\ff\rr", byte);

	if (byte >= 0x80)
		strcpy(out, "\xef\xbf\xbd");
	else if (byte == '"' || byte == '\\')
		sprintf(out, "\\%c", byte);
	else if (byte >= 0x20)
		sprintf(out, "%c", byte);
	else if (byte > 0 && at != NULL)
		sprintf(out, "\\%c", at[1]);
	else
		sprintf(out, "\\u%04x", (unsigned int)byte);
}

/*
 * Each byte at every place of texts of every length that words, a vector, and
 * what is left behind two of them make a difference to; one in longer texts.
 */
START_TEST(strings_at_every_border)
{
	char text[88], want[96], alone[8];

	for (int byte = 0; byte < 256; byte++)
		for (size_t len = 1; len <=
		    (byte == '\n' ? 87 : 40); len++)
			for (size_t at = 0; at < len; at++) {
				memset(text, 'x', len);
				text[len] = '\0';
				put_byte(alone, byte);
				snprintf(want, sizeof(want), "\"%.*s%s%s\"",
				    (int)at, text, alone, text + at + 1);
				text[at] = (char)byte;
				check_string(text, len, want);
			}
}
END_TEST

/* Two of them: the second one is found behind the first. */
START_TEST(strings_with_two)
{
	char text[51], want[64];

	for (size_t first = 0; first < 49; first++)
		for (size_t second = first + 1; second < 50; second++) {
			memset(text, 'x', 50);
			text[50] = '\0';
			snprintf(want, sizeof(want), "\"%.*s\\n%.*s\\n%s\"",
			    (int)first, text, (int)(second - first - 1), text,
			    text + second + 1);
			text[first] = text[second] = '\n';
			check_string(text, 50, want);
		}
}
END_TEST

/* Much longer than the room that is reserved at first. */
START_TEST(strings_that_grow)
{
	enum { N = 5000 };
	char *text = malloc(N), *want = malloc(6 * N + 3), *p = want;

	ck_assert(text != NULL && want != NULL);
	memset(text, 1, N);
	*p++ = '"';
	for (int i = 0; i < N; i++, p += 6)
		memcpy(p, "\\u0001", 6);
	memcpy(p, "\"", 2);
	check_string(text, N, want);
	memset(text, 0xff, N);
	p = want + 1;
	for (int i = 0; i < N; i++, p += 3)
		memcpy(p, "\xef\xbf\xbd", 3);
	memcpy(p, "\"", 2);
	check_string(text, N, want);
	free(text);
	free(want);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json_string");

	tcase_add_test(tc, strings);
	tcase_add_test(tc, strings_at_every_border);
	tcase_add_test(tc, strings_with_two);
	tcase_add_test(tc, strings_that_grow);
	return unit_run("json_string", tc);
}
