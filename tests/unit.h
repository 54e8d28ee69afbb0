/*
 * What every unit test has: check, the length of its tables, and the way in
 * which it ends.
 */
#ifndef DALPURI_UNIT_H
#define DALPURI_UNIT_H

#include <check.h>
#include <stdlib.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Runs those cases under that name; what main() returns. */
#define unit_run(name, ...) \
	unit_run_cases(name, (TCase *const[]){ __VA_ARGS__, NULL })

static inline int
unit_run_cases(const char *name, TCase *const *cases)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	for (; *cases != NULL; cases++)
		suite_add_tcase(suite, *cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
