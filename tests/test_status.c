/* The watchdog's kill hits the request that it saw, or nobody. */
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/status.h"
#include "unit.h"

static struct status *s;

static void
start(void)
{
	struct err err;
	int fd = status_create(&err);

	ck_assert_int_ge(fd, 0);
	s = status_map(fd);
	ck_assert_ptr_nonnull(s);
	close(fd);
}

static void
stop(void)
{
	status_unmap(s);
}

START_TEST(test_healthy)
{
	ck_assert_uint_eq(status_running(s), 0);
	ck_assert(status_begin(s, 7, 1000));
	ck_assert_uint_eq(status_running(s), 7);
	ck_assert_uint_eq(status_condemn(s, 1000, 100), 0);
	ck_assert_uint_eq(status_condemn(s, 1100, 100), 0);
	ck_assert(status_end(s, 7));
	ck_assert_uint_eq(status_running(s), 0);
	ck_assert_uint_eq(status_condemn(s, 9999, 100), 0);
	ck_assert(status_begin(s, 8, 2000));
}
END_TEST

START_TEST(test_condemned)
{
	ck_assert(status_begin(s, 7, 1000));
	ck_assert_uint_eq(status_condemn(s, 1101, 100), 7);
	ck_assert_uint_eq(status_condemn(s, 1101, 100), 0);
	ck_assert_uint_eq(status_running(s), 0);
	ck_assert(!status_end(s, 7));
	ck_assert(!status_begin(s, 8, 2000));
}
END_TEST

START_TEST(test_wrong_steps)
{
	ck_assert(!status_end(s, 7));
	ck_assert(status_begin(s, 7, 1000));
	ck_assert(!status_begin(s, 8, 1000));
	ck_assert(!status_end(s, 8));
	ck_assert(status_end(s, 7));
}
END_TEST

/* A request without a deadline runs as long as it likes; a wild one too. */
START_TEST(test_deadlines)
{
	ck_assert(status_begin(s, 7, 0));
	ck_assert_uint_eq(status_condemn(s, UINT64_MAX, 0), 0);
	ck_assert(status_end(s, 7));
	ck_assert(status_begin(s, 8, UINT64_MAX));
	ck_assert_uint_eq(status_condemn(s, 1000, 100), 0);
}
END_TEST

/* One that is idle and not seen is condemned, one that runs is not. */
START_TEST(test_silent)
{
	ck_assert(!status_condemn_silent(s, 5000));
	status_seen(s, 1000);
	ck_assert(!status_condemn_silent(s, 1000));
	ck_assert(status_begin(s, 7, 9000));
	ck_assert(!status_condemn_silent(s, 5000));
	ck_assert(status_end(s, 7));
	ck_assert(status_condemn_silent(s, 1001));
	ck_assert(!status_begin(s, 8, 9000));
}
END_TEST

START_TEST(test_condemned_by_id)
{
	ck_assert(!status_condemn_id(s, 0));
	ck_assert(!status_condemn_id(s, 7));
	ck_assert(status_begin(s, 7, 0));
	ck_assert(!status_condemn_id(s, 8));
	ck_assert(status_condemn_id(s, 7));
	ck_assert(!status_condemn_id(s, UINT64_MAX));
	ck_assert(!status_end(s, 7));
}
END_TEST

/* The latest requests are known for a while. */
START_TEST(test_ran)
{
	ck_assert(!status_ran(s, 0));
	for (uint64_t id = 1; id <= STATUS_IDS + 1; id++)
		atomic_store(&s->ids[(id - 1) % STATUS_IDS], id);
	ck_assert(!status_ran(s, 0));
	ck_assert(!status_ran(s, 1));
	ck_assert(status_ran(s, 2));
	ck_assert(status_ran(s, STATUS_IDS + 1));
}
END_TEST

/*
 * A collector in its own process runs one request after the other until it is
 * condemned; the one that was condemned is the one that it was running.
 */
START_TEST(test_race)
{
	uint64_t id = 0, grace = 50;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		for (uint64_t i = 1;; i++) {
			atomic_store(&s->served, i);
			if (!status_begin(s, i, 1) || !status_end(s, i))
				_exit(0);
		}
	}
	ck_assert_int_gt(pid, 0);
	while (id == 0)
		id = status_condemn(s, 1000, grace);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(id, atomic_load(&s->served));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("status");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_healthy);
	tcase_add_test(tc, test_condemned);
	tcase_add_test(tc, test_wrong_steps);
	tcase_add_test(tc, test_deadlines);
	tcase_add_test(tc, test_silent);
	tcase_add_test(tc, test_condemned_by_id);
	tcase_add_test(tc, test_ran);
	tcase_add_loop_test(tc, test_race, 0, 20);
	return unit_run("status", tc);
}
