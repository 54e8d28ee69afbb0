/*
 * A role finds its title, its descriptors and nothing else.  This program is
 * its own child: executed again with a title it tells what it found, in lines
 * of one message on its channel.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "ipc/fdpass.h"
#include "ipc/spawn.h"
#include "unit.h"

static int main_argc;
static char **main_argv;

/* ---- the child ---- */

static unsigned long
inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (unsigned long)st.st_ino : 0;
}

/* All of a file of /proc/self, zeros shown as '|'; for the child's report. */
static const char *
slurp(const char *path)
{
	static char text[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = '|';
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
report_fds(struct buf *b, int *result)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd;

	while ((entry = readdir(dir)) != NULL) {
		fd = atoi(entry->d_name);
		if (entry->d_name[0] == '.' || fd == dirfd(dir))
			continue;
		*result |= buf_printf(b, "fd %d %lu %d\n", fd, inode(fd),
		    fcntl(fd, F_GETFD) & FD_CLOEXEC);
	}
	closedir(dir);
}

static void
report_signals(struct buf *b, int *result)
{
	struct sigaction sa;
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int i = 1; i < SIGRTMIN; i++) {
		if (sigaction(i, NULL, &sa) < 0)
			continue;
		if (sa.sa_handler == SIG_IGN)
			*result |= buf_printf(b, "ignored %d\n", i);
		if (sigismember(&blocked, i))
			*result |= buf_printf(b, "blocked %d\n", i);
	}
}

static int
child(int argc, char **argv)
{
	struct spawn_params p;
	struct rlimit core;
	struct err err;
	struct buf b;
	int result = 0;

	if (spawn_enter(argc, argv, &p, &err) < 0)
		return 1;
	buf_init(&b, FDPASS_BYTES_MAX);
	getrlimit(RLIMIT_CORE, &core);
	result |= buf_printf(&b, "role %s %u %u\n", spawn_role_name(p.role),
	    p.worker, p.index);
	result |= buf_printf(&b, "level %s\n", log_level_name(p.log_level));
	result |= buf_printf(&b, "nfds %zu\n", p.nfds);
	result |= buf_printf(&b, "dumpable %d core %d\n",
	    prctl(PR_GET_DUMPABLE), (int)core.rlim_max);
	result |= buf_printf(&b, "title %s\n", slurp("/proc/self/cmdline"));
	result |= buf_printf(&b, "comm %s", slurp("/proc/self/comm"));
	result |= buf_printf(&b, "environ %s\n", slurp("/proc/self/environ"));
	for (char **e = environ; *e != NULL; e++)
		result |= buf_printf(&b, "env %s\n", *e);
	report_fds(&b, &result);
	report_signals(&b, &result);
	if (result < 0 || fdpass_send(SPAWN_FD_CHANNEL, b.data, b.len, NULL,
	    0) != FDPASS_OK)
		return 1;
	/* Stay until the parent closes its end: then the message is read. */
	poll(&(struct pollfd){ .fd = SPAWN_FD_CHANNEL }, 1, 10000);
	return 0;
}

/* ---- the parent ---- */

static struct err err;
static char report[FDPASS_BYTES_MAX + 1];

/* Read the report that comes to end, and let process pid go. */
static void
read_report(int end, pid_t pid)
{
	struct pollfd pfd = { .fd = end, .events = POLLIN };
	int fds[FDPASS_FDS_MAX], status;
	size_t len = 0, nfds;

	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(poll(&pfd, 1, 10000), 1);
	ck_assert_int_eq(fdpass_recv(end, report, sizeof(report) - 1, &len,
	    fds, &nfds), FDPASS_OK);
	report[len] = '\0';
	close(end);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* Spawn a role whose channel's other end is end, and read its report. */
static void
spawn_and_read(const struct spawn_params *p, int end)
{
	pid_t pid = spawn_role(p, &err);

	close(p->fds[0]);
	read_report(end, pid);
}

static bool
says(const char *line)
{
	size_t len = strlen(line);

	for (const char *p = report; (p = strstr(p, line)) != NULL; p++)
		if ((p == report || p[-1] == '\n') && p[len] == '\n')
			return true;
	return false;
}

/* How many lines begin so? */
static int
count(const char *start)
{
	int n = 0;

	for (const char *p = report; (p = strstr(p, start)) != NULL; p++)
		if (p == report || p[-1] == '\n')
			n++;
	return n;
}

static void
start(void)
{
	ck_assert_int_eq(spawn_init(&err), 0);
	setenv("DALPURI_TEST_SECRET", "hush", 1);
	setenv("ODBCINI", "/x/odbc.ini", 1);
	setenv("GLIBC_TUNABLES", "not of the admin", 1);
	setenv("FREETDSCONF", "/x/freetds.conf", 1);
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC", 1);
	setenv("TZX", "not this one", 1);
}

START_TEST(test_worker)
{
	struct spawn_params p = { .role = SPAWN_WORKER, .worker = 12,
		.log_level = LOG_LEVEL_DEBUG, .nfds = 2 };
	int ends[2];
	char line[64];

	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	p.fds[0] = ends[1];
	p.fds[1] = open("/dev/zero", O_RDONLY);
	/* Handlers and masks of ours are none of the child's business. */
	signal(SIGUSR1, SIG_IGN);
	spawn_and_read(&p, ends[0]);
	ck_assert(says("role worker 12 0"));
	ck_assert(says("level debug"));
	ck_assert(says("nfds 2"));
	ck_assert(says("dumpable 0 core 0"));
	ck_assert(says("title dalpuri: worker 12|"));
	ck_assert(says("comm dalpuri"));
	ck_assert_int_eq(count("env "), 0);
	ck_assert_ptr_null(strstr(report, "LEVEL"));
	ck_assert_ptr_null(strstr(report, "hush"));
	/* 0 and 1 are /dev/null, 2 the log, 3 and 4 the contract. */
	ck_assert_int_eq(count("fd "), 5);
	for (int fd = 0; fd < 2; fd++) {
		int null = open("/dev/null", O_RDWR);

		snprintf(line, sizeof(line), "fd %d %lu 0", fd, inode(null));
		ck_assert(says(line));
		close(null);
	}
	snprintf(line, sizeof(line), "fd 2 %lu 0", inode(STDERR_FILENO));
	ck_assert(says(line));
	snprintf(line, sizeof(line), "fd 4 %lu 1", inode(p.fds[1]));
	ck_assert(says(line));
	ck_assert_int_eq(count("blocked "), 0);
	ck_assert_int_eq(count("ignored "), 3);
	snprintf(line, sizeof(line), "ignored %d", SIGPIPE);
	ck_assert(says(line));
}
END_TEST

START_TEST(test_collector)
{
	struct spawn_params p = { .role = SPAWN_COLLECTOR, .worker = 1,
		.index = 2, .log_level = LOG_LEVEL_ERROR, .nfds = 3 };
	int ends[2];

	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	p.fds[0] = ends[1];
	p.fds[1] = p.fds[2] = STDERR_FILENO;
	spawn_and_read(&p, ends[0]);
	ck_assert(says("role collector 1 2"));
	ck_assert(says("level error"));
	ck_assert(says("title dalpuri: collector 1.2|"));
	ck_assert(says("env ODBCINI=/x/odbc.ini"));
	ck_assert(says("env FREETDSCONF=/x/freetds.conf"));
	ck_assert(says("env TZ=UTC"));
	ck_assert(says("env LC_ALL=C"));
	ck_assert_ptr_nonnull(strstr(report, "env GLIBC_TUNABLES="));
	ck_assert_ptr_null(strstr(report, "not of the admin"));
	ck_assert_ptr_null(strstr(report, "hush"));
	ck_assert_ptr_null(strstr(report, "not this one"));
	ck_assert_ptr_null(strstr(report, "LEVEL"));
	ck_assert_int_eq(count("fd "), 6);
}
END_TEST

/* In a process of its own, for it takes the numbers of check's own files. */
static _Noreturn void
overlap(const int *order, int channel, int zero)
{
	struct spawn_params p = { .role = SPAWN_COLLECTOR, .worker = 1,
		.index = 1, .nfds = 3 };
	int status = 1;
	pid_t pid;

	channel = fcntl(channel, F_DUPFD, 50);
	zero = fcntl(zero, F_DUPFD, 50);
	dup2(channel, order[0]);
	dup2(STDERR_FILENO, order[1]);
	dup2(zero, order[2]);
	memcpy(p.fds, order, 3 * sizeof(order[0]));
	if (spawn_init(&err) == 0 && (pid = spawn_role(&p, &err)) > 0)
		waitpid(pid, &status, 0);
	_exit(status == 0 ? 0 : 1);
}

/* Any descriptor may have the number that another is to get. */
START_TEST(test_overlap)
{
	static const int orders[][3] = {
		{ 3, 4, 5 }, { 5, 4, 3 }, { 4, 5, 3 }, { 5, 3, 4 },
		{ 4, 3, 5 }, { 3, 5, 4 },
	};
	int ends[2], zero = open("/dev/zero", O_RDONLY);
	char line[64];
	pid_t pid;

	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		overlap(orders[_i], ends[1], zero);
	}
	close(ends[1]);
	read_report(ends[0], pid);
	ck_assert_int_eq(count("fd "), 6);
	snprintf(line, sizeof(line), "fd 4 %lu 1", inode(STDERR_FILENO));
	ck_assert(says(line));
	snprintf(line, sizeof(line), "fd 5 %lu 1", inode(zero));
	ck_assert(says(line));
}
END_TEST

START_TEST(test_loader)
{
	struct spawn_params p = { .role = SPAWN_LOADER, .nfds = 1 };
	int ends[2];

	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	p.fds[0] = ends[1];
	spawn_and_read(&p, ends[0]);
	ck_assert(says("role loader 0 0"));
	ck_assert(says("title dalpuri: loader|"));
	ck_assert_int_eq(count("fd "), 4);
}
END_TEST

START_TEST(test_wrong_contract)
{
	struct spawn_params p = { .role = SPAWN_LOADER, .nfds = 2 };

	ck_assert_int_eq(spawn_role(&p, &err), -1);
}
END_TEST

/* When the parent dies, however it does, nobody stays. */
START_TEST(test_parent_dies)
{
	struct spawn_params p = { .role = SPAWN_LOADER, .nfds = 1 };
	struct pollfd pfd = { .events = POLLIN };
	int ends[2], fds[FDPASS_FDS_MAX];
	size_t len, nfds;
	pid_t pid;

	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	p.fds[0] = ends[1];
	pfd.fd = ends[0];
	pid = fork();
	if (pid == 0) {
		if (spawn_role(&p, &err) > 0)
			pause();
		_exit(1);
	}
	close(ends[1]);
	ck_assert_int_eq(poll(&pfd, 1, 10000), 1);
	ck_assert_int_eq(fdpass_recv(ends[0], report, sizeof(report), &len,
	    fds, &nfds), FDPASS_OK);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(poll(&pfd, 1, 5000), 1);
	ck_assert_int_eq(fdpass_recv(ends[0], report, sizeof(report), &len,
	    fds, &nfds), FDPASS_GONE);
	close(ends[0]);
}
END_TEST

static const char *const wrong_titles[] = {
	"dalpuri", "dalpuri: master", "dalpuri: worker 1", "worker 1",
	"dalpuri: worker x", "dalpuri: collector 1.2.3", "dalpuri: workers",
	"dalpuri: worker  1", "dalpuri: worker 01", "",
};

/* Titles that are not ours, and one that is but came without its level. */
START_TEST(test_not_a_child)
{
	char title[64];
	char *argv[] = { title, NULL };
	struct spawn_params p;

	snprintf(title, sizeof(title), "%s", wrong_titles[_i]);
	ck_assert_int_eq(spawn_enter(1, argv, &p, &err), -1);
}
END_TEST

START_TEST(test_title)
{
	char longer[3000];
	const char *text;

	putenv(strdup("DALPURI_TEST_KEEP=kept"));
	spawn_title_init(main_argc, main_argv);
	ck_assert_ptr_null(strstr(slurp("/proc/self/environ"), "="));
	ck_assert_str_eq(getenv("DALPURI_TEST_KEEP"), "kept");
	ck_assert_ptr_nonnull(strstr(main_argv[0], "test_spawn"));
	spawn_title("master %s", "x.conf");
	ck_assert_str_eq(slurp("/proc/self/cmdline"),
	    "dalpuri: master x.conf|");
	ck_assert_str_eq(slurp("/proc/self/comm"), "dalpuri\n");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	spawn_title("%s", longer);
	text = slurp("/proc/self/cmdline");
	ck_assert_int_eq(strncmp(text, "dalpuri: xxx", 12), 0);
	spawn_title("a");
	ck_assert_str_eq(slurp("/proc/self/cmdline"), "dalpuri: a|");
	ck_assert_ptr_null(strstr(slurp("/proc/self/environ"), "x"));
}
END_TEST

START_TEST(test_fd_limit)
{
	struct rlimit limit;
	size_t now = spawn_raise_fd_limit();

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert(limit.rlim_cur == limit.rlim_max);
	ck_assert(limit.rlim_cur == now);
}
END_TEST

int
main(int argc, char **argv)
{
	TCase *tc;

	if (strncmp(argv[0], "dalpuri: ", 9) == 0)
		_exit(child(argc, argv));
	main_argc = argc;
	main_argv = argv;
	tc = tcase_create("spawn");
	tcase_add_checked_fixture(tc, start, NULL);
	tcase_add_test(tc, test_worker);
	tcase_add_test(tc, test_collector);
	tcase_add_loop_test(tc, test_overlap, 0, 6);
	tcase_add_test(tc, test_loader);
	tcase_add_test(tc, test_wrong_contract);
	tcase_add_test(tc, test_parent_dies);
	tcase_add_loop_test(tc, test_not_a_child, 0, COUNT(wrong_titles));
	tcase_add_test(tc, test_title);
	tcase_add_test(tc, test_fd_limit);
	return unit_run("spawn", tc);
}
