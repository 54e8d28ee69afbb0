/* Which spelling was meant. */
#include <string.h>

#include "base/nearest.h"
#include "unit.h"

static const char *const names[] = {
	"company", "companyName", "companyNames", "contact", "contactName",
	"id", "select", "include", "queryTimeout",
};

static const struct {
	const char *word;
	const char *best;
} rows[] = {
	{ "companyNmae", "companyName" },	/* swapped */
	{ "companyNam", "companyName" },	/* left out */
	{ "companyNamme", "companyName" },	/* inserted */
	{ "companyNaxe", "companyName" },	/* changed */
	{ "COMPANYNAME", "companyName" },	/* only the case */
	{ "companyname", "companyName" },
	{ "conpany", "company" },
	{ "querytimeuot", "queryTimeout" },
	{ "slect", "select" },
	{ "includes", "include" },
	{ "di", "id" },
	{ "ID", "id" },
	{ "x", NULL },
	{ "xy", NULL },
	{ "", NULL },
	{ "somethingElse", NULL },
};

static const char *
best_of(const char *word)
{
	struct nearest n;

	nearest_start(&n, word, strlen(word));
	for (int i = 0; i < COUNT(names); i++)
		nearest_try(&n, names[i]);
	return n.best;
}

START_TEST(test_rows)
{
	const char *best = best_of(rows[_i].word);

	if (rows[_i].best == NULL)
		ck_assert_ptr_null(best);
	else
		ck_assert_pstr_eq(best, rows[_i].best);
}
END_TEST

/* Too long to be a slip of the finger, and no byte is read beyond len. */
START_TEST(test_lengths)
{
	char word[10 * NEAREST_LEN_MAX];
	struct nearest n;

	memset(word, 'a', sizeof(word));
	nearest_start(&n, word, sizeof(word));
	nearest_try(&n, "aaaa");
	ck_assert_ptr_null(n.best);
	nearest_start(&n, "idxxxx", 2);
	nearest_try(&n, "id");
	ck_assert_pstr_eq(n.best, "id");
	word[sizeof(word) - 1] = '\0';
	nearest_try(&n, word);
	ck_assert_pstr_eq(n.best, "id");
}
END_TEST

START_TEST(test_first_of_equals)
{
	struct nearest n;

	nearest_start(&n, "cat", 3);
	nearest_try(&n, "car");
	nearest_try(&n, "cab");
	ck_assert_pstr_eq(n.best, "car");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nearest");

	tcase_add_loop_test(tc, test_rows, 0, COUNT(rows));
	tcase_add_test(tc, test_lengths);
	tcase_add_test(tc, test_first_of_equals);
	return unit_run("nearest", tc);
}
