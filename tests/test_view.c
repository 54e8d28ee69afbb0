/* A view is what was sealed, and nothing else can be mapped as one. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ipc/view.h"
#include "unit.h"

static struct err err;

START_TEST(test_round_trip)
{
	const char *data;
	size_t len;
	int fd = view_seal("test", "hello\0you", 9, &err);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(view_map(fd, &data, &len, &err), 0);
	/* The descriptor is not needed any more. */
	close(fd);
	ck_assert_uint_eq(len, 9);
	ck_assert_mem_eq(data, "hello\0you", 9);
	view_unmap(data, len);
}
END_TEST

START_TEST(test_nobody_can_change_it)
{
	int fd = view_seal("test", "hello", 5, &err);

	ck_assert_int_eq(pwrite(fd, "x", 1, 0), -1);
	ck_assert_int_eq(ftruncate(fd, 1), -1);
	ck_assert_int_eq(ftruncate(fd, 10), -1);
	ck_assert_ptr_eq(mmap(NULL, 5, PROT_WRITE, MAP_SHARED, fd, 0),
	    MAP_FAILED);
	close(fd);
}
END_TEST

/* Each single seal that lacks is one too few. */
START_TEST(test_seals)
{
	static const int seals[] = { F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW,
		F_SEAL_WRITE };
	const char *data;
	size_t len;

	for (size_t missing = 0; missing < 4; missing++) {
		int fd = memfd_create("test", MFD_ALLOW_SEALING);

		ck_assert_int_eq(write(fd, "hello", 5), 5);
		for (size_t i = 4; i-- > 0;)
			if (i != missing)
				ck_assert_int_eq(fcntl(fd, F_ADD_SEALS,
				    seals[i]), 0);
		ck_assert_int_eq(view_map(fd, &data, &len, &err), -1);
		close(fd);
	}
}
END_TEST

START_TEST(test_not_a_view)
{
	const char *data;
	size_t len;
	int fd = open("/dev/zero", O_RDONLY), pipes[2];

	ck_assert_int_eq(view_map(fd, &data, &len, &err), -1);
	close(fd);
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(view_map(pipes[0], &data, &len, &err), -1);
	close(pipes[0]);
	close(pipes[1]);
	ck_assert_int_eq(view_map(-1, &data, &len, &err), -1);
	/* Sealed, but empty. */
	fd = view_seal("test", "", 0, &err);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(view_map(fd, &data, &len, &err), -1);
	close(fd);
}
END_TEST

START_TEST(test_too_large)
{
	const char *data;
	size_t len;
	int fd = memfd_create("test", MFD_ALLOW_SEALING);

	ck_assert_int_eq(ftruncate(fd, 64 * 1024 * 1024 + 1), 0);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK |
	    F_SEAL_GROW | F_SEAL_WRITE), 0);
	ck_assert_int_eq(view_map(fd, &data, &len, &err), -1);
	close(fd);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("view");

	tcase_add_test(tc, test_round_trip);
	tcase_add_test(tc, test_nobody_can_change_it);
	tcase_add_test(tc, test_seals);
	tcase_add_test(tc, test_not_a_view);
	tcase_add_test(tc, test_too_large);
	return unit_run("view", tc);
}
