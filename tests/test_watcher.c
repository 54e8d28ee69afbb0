/* The watcher: one caller's end cancels one request, stuck calls are freed. */
#include "collector/watcher.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "ipc/fdpass.h"
#include "unit.h"

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

/* Is the other end told that this one was shut down? */
static bool
shut_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* Who has not ended some time after the flag loses the driver's socket. */
START_TEST(stuck_call_loses_its_socket)
{
	int ends[2], driver[2];

	ck_assert_int_eq(watcher_start(&guard, &err), 0);
	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, driver), 0);
	ck_assert(!watcher_socket(driver[0]));
	ck_assert_int_eq(watcher_watch(ends[0], &err), 0);
	ck_assert(!shut_within(driver[1], 300));
	close(ends[1]);
	ck_assert(shut_within(driver[1], 5000));
	ck_assert(atomic_load(&guard.cancelled));
	ck_assert(watcher_unwatch());
	ck_assert(watcher_socket(-1));
	ck_assert(!watcher_socket(-1));
}
END_TEST

START_TEST(deadline_takes_the_socket)
{
	int ends[2], driver[2];

	ck_assert_int_eq(watcher_start(&guard, &err), 0);
	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, driver), 0);
	ck_assert(!watcher_socket(driver[0]));
	atomic_store(&guard.deadline_ms, clock_ms() + 200);
	ck_assert_int_eq(watcher_watch(ends[0], &err), 0);
	ck_assert(shut_within(driver[1], 5000));
	ck_assert(clock_ms() >= atomic_load(&guard.deadline_ms));
	ck_assert(!atomic_load(&guard.cancelled));
	ck_assert(watcher_unwatch());
	atomic_store(&guard.deadline_ms, 0);
}
END_TEST

/* A request that ends in time keeps its connection, and so does the next. */
START_TEST(ended_in_time_keeps_its_socket)
{
	int ends[2], driver[2];

	ck_assert_int_eq(watcher_start(&guard, &err), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, driver), 0);
	ck_assert(!watcher_socket(driver[0]));
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(fdpass_pair(ends, &err), 0);
		ck_assert_int_eq(watcher_watch(ends[0], &err), 0);
		close(ends[1]);
		ck_assert(cancelled_within(1000));
		ck_assert(!watcher_unwatch());
		close(ends[0]);
	}
	ck_assert(!shut_within(driver[1], 500));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("watcher");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, end_cancels);
	tcase_add_test(tc, end_before_watch_cancels);
	tcase_add_test(tc, late_end_hits_nobody);
	tcase_add_test(tc, stuck_call_loses_its_socket);
	tcase_add_test(tc, deadline_takes_the_socket);
	tcase_add_test(tc, ended_in_time_keeps_its_socket);
	return unit_run("watcher", tc);
}
