/* Descriptors arrive whole or not at all, and none is ever left open. */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/fdpass.h"
#include "unit.h"

static int ends[2], before;
static int fds[FDPASS_FDS_MAX];
static char data[FDPASS_BYTES_MAX];
static size_t len, nfds;

static int
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void
start(void)
{
	struct err err;

	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	before = open_fds();
}

static void
stop(void)
{
	close(ends[0]);
	close(ends[1]);
}

static enum fdpass_result
receive(void)
{
	return fdpass_recv(ends[1], data, sizeof(data), &len, fds, &nfds);
}

/* Same file behind two descriptors? */
static bool
same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

START_TEST(test_pair)
{
	for (int i = 0; i < 2; i++) {
		ck_assert_int_ne(fcntl(ends[i], F_GETFD) & FD_CLOEXEC, 0);
		ck_assert_int_ne(fcntl(ends[i], F_GETFL) & O_NONBLOCK, 0);
	}
}
END_TEST

START_TEST(test_data)
{
	ck_assert_int_eq(receive(), FDPASS_AGAIN);
	ck_assert_int_eq(fdpass_send(ends[0], "hello", 5, NULL, 0), FDPASS_OK);
	ck_assert_int_eq(fdpass_send(ends[0], "you", 3, NULL, 0), FDPASS_OK);
	ck_assert_int_eq(receive(), FDPASS_OK);
	ck_assert_uint_eq(len, 5);
	ck_assert_uint_eq(nfds, 0);
	ck_assert_mem_eq(data, "hello", 5);
	ck_assert_int_eq(receive(), FDPASS_OK);
	ck_assert_mem_eq(data, "you", 3);
	ck_assert_int_eq(receive(), FDPASS_AGAIN);
}
END_TEST

START_TEST(test_bounds)
{
	ck_assert_int_eq(fdpass_send(ends[0], "", 0, NULL, 0), FDPASS_BAD);
	ck_assert_int_eq(fdpass_send(ends[0], data, sizeof(data) + 1, NULL, 0),
	    FDPASS_BAD);
	ck_assert_int_eq(fdpass_send(ends[0], data, 1, fds,
	    FDPASS_FDS_MAX + 1), FDPASS_BAD);
	memset(data, 'x', sizeof(data));
	ck_assert_int_eq(fdpass_send(ends[0], data, sizeof(data), NULL, 0),
	    FDPASS_OK);
	ck_assert_int_eq(receive(), FDPASS_OK);
	ck_assert_uint_eq(len, sizeof(data));
}
END_TEST

/* Loop index: how many descriptors. */
START_TEST(test_descriptors)
{
	int sent[FDPASS_FDS_MAX];

	for (int i = 0; i < _i; i++) {
		sent[i] = open(i % 2 ? "/dev/null" : "/dev/zero", O_RDONLY);
		ck_assert_int_ge(sent[i], 0);
	}
	ck_assert_int_eq(fdpass_send(ends[0], "x", 1, sent, (size_t)_i),
	    FDPASS_OK);
	ck_assert_int_eq(receive(), FDPASS_OK);
	ck_assert_uint_eq(nfds, (size_t)_i);
	for (int i = 0; i < _i; i++) {
		ck_assert_int_ne(fds[i], sent[i]);
		ck_assert(same(fds[i], sent[i]));
		ck_assert_int_ne(fcntl(fds[i], F_GETFD) & FD_CLOEXEC, 0);
		close(fds[i]);
		close(sent[i]);
	}
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

/* A message too long for the receiver brings no descriptor. */
START_TEST(test_too_long)
{
	int fd = ends[0];

	ck_assert_int_eq(fdpass_send(ends[0], "12345", 5, &fd, 1), FDPASS_OK);
	ck_assert_int_eq(fdpass_send(ends[0], "1234", 4, NULL, 0), FDPASS_OK);
	ck_assert_int_eq(fdpass_recv(ends[1], data, 4, &len, fds, &nfds),
	    FDPASS_BAD);
	ck_assert_int_eq(open_fds(), before);
	ck_assert_int_eq(fdpass_recv(ends[1], data, 4, &len, fds, &nfds),
	    FDPASS_OK);
}
END_TEST

/* More descriptors than the receiver may open: none stays. */
START_TEST(test_no_descriptor_free)
{
	struct rlimit old, tight;
	int sent[3] = { ends[0], ends[0], ends[1] };

	ck_assert_int_eq(fdpass_send(ends[0], "x", 1, sent, 3), FDPASS_OK);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)dup(0) + 1;
	close((int)tight.rlim_cur - 1);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &tight), 0);
	ck_assert_int_eq(receive(), FDPASS_BAD);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	ck_assert_int_eq(open_fds(), before);
	ck_assert_int_eq(receive(), FDPASS_AGAIN);
}
END_TEST

/* What the peer had sent is read, whatever it left unread itself. */
START_TEST(test_gone)
{
	ck_assert_int_eq(fdpass_send(ends[1], "unread", 6, NULL, 0),
	    FDPASS_OK);
	ck_assert_int_eq(fdpass_send(ends[0], "last", 4, NULL, 0), FDPASS_OK);
	close(ends[0]);
	ends[0] = -1;
	ck_assert_int_eq(receive(), FDPASS_OK);
	ck_assert_mem_eq(data, "last", 4);
	ck_assert_int_eq(receive(), FDPASS_GONE);
	ck_assert_int_eq(fdpass_send(ends[1], "x", 1, NULL, 0), FDPASS_GONE);
}
END_TEST

/* An empty message reads as the end; its descriptors do not stay open. */
START_TEST(test_empty_message)
{
	ck_assert_int_eq(send(ends[0], "", 0, 0), 0);
	ck_assert_int_eq(receive(), FDPASS_GONE);
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(test_full)
{
	enum fdpass_result result;
	int n = 0;

	while ((result = fdpass_send(ends[0], data, 4096, NULL, 0)) ==
	    FDPASS_OK)
		n++;
	ck_assert_int_eq(result, FDPASS_AGAIN);
	ck_assert_int_gt(n, 10);
	while (receive() == FDPASS_OK)
		n--;
	ck_assert_int_eq(n, 0);
}
END_TEST

START_TEST(test_no_socket)
{
	int fd = open("/dev/null", O_RDWR);

	ck_assert_int_eq(fdpass_send(fd, "x", 1, NULL, 0), FDPASS_BAD);
	ck_assert_int_eq(fdpass_recv(fd, data, 1, &len, fds, &nfds),
	    FDPASS_BAD);
	close(fd);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fdpass");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_pair);
	tcase_add_test(tc, test_data);
	tcase_add_test(tc, test_bounds);
	tcase_add_loop_test(tc, test_descriptors, 0, FDPASS_FDS_MAX + 1);
	tcase_add_test(tc, test_too_long);
	tcase_add_test(tc, test_no_descriptor_free);
	tcase_add_test(tc, test_gone);
	tcase_add_test(tc, test_empty_message);
	tcase_add_test(tc, test_full);
	tcase_add_test(tc, test_no_socket);
	return unit_run("fdpass", tc);
}
