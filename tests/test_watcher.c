/* The watcher's thread: one caller's end cancels one request. */
#include "collector/watcher.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc/fdpass.h"

static struct db_guard guard;
static struct err err;

static bool
cancelled_within(int ms)
{
	for (; ms > 0 && !atomic_load(&guard.cancelled); ms--)
		usleep(1000);
	return atomic_load(&guard.cancelled);
}

START_TEST(end_cancels)
{
	int ends[2];

	ck_assert_int_eq(watcher_start(&guard, &err), 0);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(fdpass_pair(ends, &err), 0);
		ck_assert_int_eq(watcher_watch(ends[0], &err), 0);
		ck_assert(!cancelled_within(1));
		close(ends[1]);
		ck_assert(cancelled_within(1000));
		watcher_unwatch();
		ck_assert(!atomic_load(&guard.cancelled));
		close(ends[0]);
	}
}
END_TEST

START_TEST(end_before_watch_cancels)
{
	int ends[2];

	ck_assert_int_eq(watcher_start(&guard, &err), 0);
	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	close(ends[1]);
	ck_assert_int_eq(watcher_watch(ends[0], &err), 0);
	ck_assert(cancelled_within(1000));
	watcher_unwatch();
	close(ends[0]);
}
END_TEST

/* Ends at the very moment that a request ends never hit the next one. */
START_TEST(late_end_hits_nobody)
{
	int old[2], next[2];

	ck_assert_int_eq(watcher_start(&guard, &err), 0);
	ck_assert_int_eq(fdpass_pair(next, &err), 0);
	for (int i = 0; i < 20000; i++) {
		ck_assert_int_eq(fdpass_pair(old, &err), 0);
		ck_assert_int_eq(watcher_watch(old[0], &err), 0);
		close(old[1]);
		watcher_unwatch();
		close(old[0]);
		ck_assert_int_eq(watcher_watch(next[0], &err), 0);
		ck_assert(!atomic_load(&guard.cancelled));
		watcher_unwatch();
	}
	close(next[0]);
	close(next[1]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("watcher");
	TCase *tc = tcase_create("watcher");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, end_cancels);
	tcase_add_test(tc, end_before_watch_cancels);
	tcase_add_test(tc, late_end_hits_nobody);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
