/* Sentences that are too long end at a character border. */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "unit.h"

START_TEST(test_every_code_has_a_name)
{
	for (int i = 0; i < ERR_CODES; i++) {
		ck_assert_ptr_nonnull(err_code_name((enum err_code)i));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(err_code_name((enum err_code)i),
			    err_code_name((enum err_code)j));
	}
}
END_TEST

START_TEST(test_unknown_code)
{
	ck_assert_str_eq(err_code_name((enum err_code)200), "INTERNAL");
}
END_TEST

START_TEST(test_set)
{
	struct err err;

	ck_assert_int_eq(err_set(&err, ERR_LIMIT, "%d rows", 7), -1);
	ck_assert_int_eq(err.code, ERR_LIMIT);
	ck_assert_str_eq(err.text, "7 rows");
	ck_assert_int_eq(err_set(NULL, ERR_LIMIT, "nobody listens"), -1);
}
END_TEST

START_TEST(test_errno)
{
	struct err err;

	errno = ENOENT;
	ck_assert_int_eq(err_set_errno(&err, ERR_DATABASE, "%s", "x"), -1);
	ck_assert_str_eq(err.text, "x: No such file or directory");
}
END_TEST

/* Loop index: bytes of ASCII in front of two-, three-, four-byte letters. */
START_TEST(test_cut)
{
	static const char *const letters[] = { "\303\251", "\342\202\254",
		"\360\237\230\200" };
	char text[2 * ERR_TEXT_MAX];
	struct err err;
	size_t len;

	for (size_t k = 0; k < 3; k++) {
		memset(text, 'x', sizeof(text));
		text[_i] = '\0';
		while (strlen(text) < ERR_TEXT_MAX)
			strcat(text, letters[k]);
		err_set(&err, ERR_INTERNAL, "%s", text);
		len = strlen(err.text);
		ck_assert(utf8_valid(err.text, len));
		ck_assert_uint_gt(len, ERR_TEXT_MAX - 1 - 4);
		errno = ENOENT;
		err_set_errno(&err, ERR_INTERNAL, "%s", text);
		ck_assert(utf8_valid(err.text, strlen(err.text)));
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("err");

	tcase_add_test(tc, test_every_code_has_a_name);
	tcase_add_test(tc, test_unknown_code);
	tcase_add_test(tc, test_set);
	tcase_add_test(tc, test_errno);
	tcase_add_loop_test(tc, test_cut, 0, 8);
	return unit_run("err", tc);
}
