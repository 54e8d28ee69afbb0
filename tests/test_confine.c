/* Each role keeps what it needs and loses the rest, in a process of its own. */
#include "ipc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#if defined(__SANITIZE_ADDRESS__)
#define CONFINED false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONFINED false
#endif
#endif
#ifndef CONFINED
#define CONFINED true
#endif

static int
try_open(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int
try_pair(void)
{
	int ends[2];

	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
}

static int
try_memfd(void)
{
	return memfd_create("test", MFD_CLOEXEC);
}

static int
try_kill(void)
{
	return kill(getpid(), 0);
}

static int
try_exec(void)
{
	char *const argv[] = { NULL };

	/* Without the filter the name is not found: ENOENT. */
	return execv("/nonexistent/program", argv) == -1 && errno == ENOENT ?
	    0 : -1;
}

static int
try_rename(void)
{
	return rename("/nonexistent/a", "/nonexistent/b") == -1 &&
	    errno == ENOENT ? 0 : -1;
}

static int
try_listen(void)
{
	return listen(-1, 1) == -1 && errno == EBADF ? 0 : -1;
}

static const struct {
	const char *what;
	int (*attempt)(void);
	bool allowed[SPAWN_ROLES];	/* worker, collector, loader */
} rows[] = {
	{ "open", try_open, { false, true, true } },
	{ "socket", try_socket, { false, true, false } },
	{ "socketpair", try_pair, { true, true, true } },
	{ "memfd", try_memfd, { true, true, true } },
	{ "kill", try_kill, { false, false, false } },
	{ "exec", try_exec, { false, false, false } }
};

START_TEST(role_keeps_what_it_needs)
{
	enum spawn_role role = (enum spawn_role)_i;
	struct err err = { 0 };

	ck_assert_msg(confine(role, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool worked = rows[i].attempt() >= 0;

		ck_assert_msg(worked == (rows[i].allowed[role] || !CONFINED),
		    "%s: %s", rows[i].what, worked ? "worked" : "refused");
		if (!worked)
			ck_assert_int_eq(errno, EPERM);
	}
}
END_TEST

static const struct {
	const char *what;
	int (*attempt)(void);
	unsigned int lift;
} lifts[] = {
	{ "kill", try_kill, CONFINE_PROGRAMS },
	{ "exec", try_exec, CONFINE_PROGRAMS },
	{ "rename", try_rename, CONFINE_FILES },
	{ "listen", try_listen, CONFINE_LISTEN },
};

static void
check_lifted(unsigned int lifted)
{
	for (size_t i = 0; i < sizeof(lifts) / sizeof(lifts[0]); i++)
		ck_assert_msg((lifts[i].attempt() >= 0) ==
		    ((lifts[i].lift & lifted) != 0 || !CONFINED), "%s with %u",
		    lifts[i].what, lifted);
}

static void *
confine_more(void *lifted)
{
	const unsigned int *l = lifted;

	ck_assert_int_eq(confine_but(SPAWN_COLLECTOR, *l, NULL), 0);
	check_lifted(*l);
	return NULL;
}

/* Loop index: what is lifted; a thread of it may do less, and it alone. */
START_TEST(lifted_for_some)
{
	unsigned int lifted = (unsigned int)_i;
	pthread_t thread;

	ck_assert_int_eq(confine_but(SPAWN_COLLECTOR, lifted, NULL), 0);
	check_lifted(lifted);
	for (unsigned int less = 0; less <= lifted; less++) {
		if ((less & ~lifted) != 0)
			continue;
		ck_assert_int_eq(pthread_create(&thread, NULL, confine_more,
		    &less), 0);
		ck_assert_int_eq(pthread_join(thread, NULL), 0);
	}
	check_lifted(lifted);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("roles");

	/* A trial is a loader, and confines itself as one. */
	tcase_add_loop_test(tcase, role_keeps_what_it_needs, 0, SPAWN_TRIAL);
	tcase_add_loop_test(tcase, lifted_for_some, 0, 8);
	/* A filter is for ever: never without a process for each. */
	setenv("CK_FORK", "yes", 1);
	return unit_run("confine", tcase);
}
