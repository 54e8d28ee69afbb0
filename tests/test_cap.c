/* Caps over several processes, which are children here. */
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/queue.h"
#include "worker/cap.h"
#include "unit.h"

static int queue_write, queue_read;
static struct caps *caps;

static void
start(void)
{
	ck_assert_int_eq(queue_pair(&queue_write, &queue_read, NULL), 0);
	caps = caps_new(queue_write);
	ck_assert_ptr_nonnull(caps);
}

static void
stop(void)
{
	caps_free(&caps);
	close(queue_write);
	close(queue_read);
}

/* How many of so many places another process gets, before it dies. */
static int
another_takes(const char *of, const char *name, int64_t max)
{
	pid_t pid = fork();
	int n = 0, status;

	if (pid == 0) {
		struct caps *own = caps_new(queue_write);
		struct cap_place place;

		while (cap_take(caps_get(own, of, name), max, &place) == 0)
			n++;
		_exit(n);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(test_own)
{
	struct cap *cap = caps_get(caps, "key", "k");
	struct cap_place places[3];

	ck_assert_ptr_eq(caps_get(caps, "key", "k"), cap);
	ck_assert_ptr_ne(caps_get(caps, "collector", "k"), cap);
	ck_assert_int_eq(cap_take(cap, 2, &places[0]), 0);
	ck_assert_int_eq(cap_take(cap, 2, &places[1]), 0);
	ck_assert_int_eq(cap_take(cap, 2, &places[2]), -1);
	cap_give(&places[0]);
	ck_assert_int_eq(cap_take(cap, 2, &places[2]), 0);
	/* Raised by a reload, then lowered. */
	ck_assert_int_eq(cap_take(cap, 3, &places[0]), 0);
	cap_give(&places[2]);
	ck_assert_int_eq(cap_take(cap, 0, &places[2]), -1);
}
END_TEST

START_TEST(test_others)
{
	struct cap *cap = caps_get(caps, "key", "k");
	struct cap_place place;

	ck_assert_int_eq(cap_take(cap, 3, &place), 0);
	ck_assert_int_eq(another_takes("key", "k", 3), 2);
	/* What it held has gone with it. */
	ck_assert_int_eq(another_takes("key", "k", 3), 2);
	ck_assert_int_eq(another_takes("key", "another", 3), 3);
	ck_assert_int_eq(another_takes("collector", "k", 3), 3);
	cap_give(&place);
	ck_assert_int_eq(another_takes("key", "k", 3), 3);
}
END_TEST

/* Who gives a place back that another one wishes does not take it at once. */
START_TEST(test_wishes)
{
	struct cap *cap = caps_get(caps, "key", "k");
	struct cap_place place, again;
	int go[2], said[2];
	pid_t pid;
	char c;

	ck_assert_int_eq(cap_take(cap, 1, &place), 0);
	ck_assert_int_eq(pipe(go), 0);
	ck_assert_int_eq(pipe(said), 0);
	pid = fork();
	if (pid == 0) {
		struct cap *own = caps_get(caps_new(queue_write), "key", "k");
		int no = cap_take(own, 1, &again);

		if (no == -1 && write(said[1], "w", 1) == 1 &&
		    read(go[0], &c, 1) == 1)
			_exit(cap_take(own, 1, &again) == 0 ? 0 : 1);
		_exit(2);
	}
	ck_assert_int_eq((int)read(said[0], &c, 1), 1);
	cap_give(&place);
	ck_assert_int_eq(cap_take(cap, 1, &again), -1);
	ck_assert_int_eq((int)write(go[1], "g", 1), 1);
	ck_assert_int_eq(waitpid(pid, &(int){ 0 }, 0), pid);
	/* Nobody wishes any more, and the time for that is over. */
	usleep(4 * CAP_RETRY_MS * 1000);
	ck_assert_int_eq(cap_take(cap, 1, &again), 0);
	close(go[0]);
	close(go[1]);
	close(said[0]);
	close(said[1]);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("cap");

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, test_own);
	tcase_add_test(t, test_others);
	tcase_add_test(t, test_wishes);
	return unit_run("cap", t);
}
