/* Same requests have the same fingerprint, others have not. */
#include <string.h>

#include "ipc/fingerprint.h"
#include "unit.h"

static const struct {
	const char *collector, *options;
} rows[] = {
	{ "fetchMembers", "" },
	{ "fetchMembers", "{}" },
	{ "fetchMembers", "{ }" },
	{ "fetchMember", "s{}" },
	{ "", "fetchMembers{}" },
	{ "fetchMembers{}", "" },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static uint64_t
print(size_t i)
{
	return fingerprint(rows[i].collector, rows[i].options,
	    strlen(rows[i].options));
}

START_TEST(test_rows)
{
	for (size_t i = 0; i < ROWS; i++) {
		ck_assert_uint_ne(print(i), 0);
		for (size_t j = 0; j < ROWS; j++)
			ck_assert_int_eq(print(i) == print(j), i == j);
	}
}
END_TEST

START_TEST(test_bytes)
{
	ck_assert_uint_eq(fingerprint("a", NULL, 0), fingerprint("a", "", 0));
	ck_assert_uint_ne(fingerprint("a", "b\0c", 3),
	    fingerprint("a", "b\0d", 3));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fingerprint");

	tcase_add_test(tc, test_rows);
	tcase_add_test(tc, test_bytes);
	return unit_run("fingerprint", tc);
}
