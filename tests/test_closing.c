/* What is closed together: all of it, and nothing else. */
#include "ipc/closing.h"

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "unit.h"

#define FDS 100

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* Loop index: every so many descriptors one is somebody else's; 0 = none. */
START_TEST(test_closed)
{
	struct closing c = { 0 };
	int fds[FDS], ours = 0;

	for (int i = 0; i < FDS; i++) {
		fds[i] = dup(STDERR_FILENO);
		ck_assert_int_ge(fds[i], 0);
	}
	/* Backwards, too: in no order that could be relied on. */
	for (int k = 0; k < FDS; k++) {
		int i = _i % 2 == 0 ? k : FDS - 1 - k;

		if (_i == 0 || i % _i != 0) {
			closing_add(&c, fds[i]);
			ours++;
		}
		ck_assert_uint_lt(c.n, CLOSING_MAX);
		ck_assert_uint_eq(c.n, (size_t)ours % CLOSING_MAX);
	}
	closing_run(&c);
	ck_assert_uint_eq(c.n, 0);
	for (int i = 0; i < FDS; i++) {
		ck_assert(is_open(fds[i]) == (_i != 0 && i % _i == 0));
		close(fds[i]);
	}
	ck_assert(is_open(STDERR_FILENO));
	closing_run(&c);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("closing");

	tcase_add_loop_test(tc, test_closed, 0, 5);
	return unit_run("closing", tc);
}
