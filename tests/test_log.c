/* One line a fact, one write a line, nothing of a stranger starts a line. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "unit.h"

static int ends[2];
static char got[16384];

static void
start(void)
{
	/* SEQPACKET: each read shows one write. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    ends), 0);
	log_open(ends[0], "worker 1", LOG_LEVEL_INFO);
}

static void
stop(void)
{
	close(ends[0]);
	close(ends[1]);
}

/* What one write() brought, as a string; "" when there is none. */
static const char *
line(void)
{
	ssize_t n = read(ends[1], got, sizeof(got) - 1);

	got[n > 0 ? n : 0] = '\0';
	return got;
}

START_TEST(test_line)
{
	char who[64];

	log_warn("%s: %s", "subject", "what");
	line();
	snprintf(who, sizeof(who), "Z warn worker 1[%d]: subject: what\n",
	    (int)getpid());
	ck_assert_uint_gt(strlen(got), strlen(who));
	ck_assert_str_eq(got + strlen("2000-01-01T00:00:00.000"), who);
	ck_assert_str_eq(line(), "");
}
END_TEST

/* Under the same number, whatever it was opened for. */
START_TEST(test_move)
{
	int other[2];

	ck_assert_int_eq(pipe(other), 0);
	log_move(other[1]);
	close(other[1]);
	log_warn("moved");
	ck_assert_str_eq(line(), "");
	got[read(other[0], got, sizeof(got) - 1)] = '\0';
	ck_assert_ptr_nonnull(strstr(got, "moved\n"));
	close(other[0]);
}
END_TEST

START_TEST(test_levels)
{
	log_debug("not worth it");
	ck_assert_str_eq(line(), "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("worth it");
	ck_assert_ptr_nonnull(strstr(line(), " debug "));
	log_set_level(LOG_LEVEL_ERROR);
	log_warn("not worth it");
	log_info("not worth it");
	ck_assert_str_eq(line(), "");
	log_error("worth it");
	ck_assert_ptr_nonnull(strstr(line(), " error "));
}
END_TEST

START_TEST(test_control_characters)
{
	log_info("a\nb\r\t\033[1m\177\303\251");
	ck_assert_ptr_nonnull(strstr(line(),
	    ": a\\x0ab\\x0d\\x09\\x1b[1m\\x7f\303\251\n"));
}
END_TEST

/* Loop index: where a control character meets the end of the line. */
START_TEST(test_long_line)
{
	char text[8000];

	memset(text, _i % 2 ? '\1' : 'x', sizeof(text) - 1);
	memset(text, 'y', (size_t)_i);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	line();
	ck_assert_uint_gt(strlen(got), 4000);
	ck_assert_uint_le(strlen(got), 4096);
	ck_assert_int_eq(got[strlen(got) - 1], '\n');
	ck_assert_str_eq(line(), "");
}
END_TEST

START_TEST(test_syslog)
{
	int pair[2];
	char want[64];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
	    pair), 0);
	log_open(pair[0], "master", LOG_LEVEL_INFO);
	log_error("disk: full\n");
	memset(got, 0, sizeof(got));
	ck_assert_int_gt(read(pair[1], got, sizeof(got) - 1), 0);
	ck_assert_int_eq(strncmp(got, "<27>", 4), 0);
	snprintf(want, sizeof(want), " dalpuri[%d]: master: disk: full\\x0a",
	    (int)getpid());
	/* "<27>Jan  1 00:00:00" */
	ck_assert_str_eq(got + 19, want);
	/* A daemon that is gone or does not read holds nobody up. */
	for (int i = 0; i < 2000; i++)
		log_error("still here");
	close(pair[1]);
	log_error("still here");
	close(pair[0]);
	log_error("still here");
}
END_TEST

START_TEST(test_names)
{
	for (int i = 0; i < LOG_LEVELS; i++)
		ck_assert_int_eq(log_level_by_name(log_level_name(
		    (enum log_level)i)), i);
	ck_assert_int_eq(log_level_by_name("loud"), -1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("log");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_line);
	tcase_add_test(tc, test_move);
	tcase_add_test(tc, test_levels);
	tcase_add_test(tc, test_control_characters);
	tcase_add_loop_test(tc, test_long_line, 0, 8);
	tcase_add_test(tc, test_syslog);
	tcase_add_test(tc, test_names);
	return unit_run("log", tc);
}
