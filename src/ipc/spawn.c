/*
 * Starting a role, and arriving in it.  All that a child may inherit is named
 * here: its title, its environment, its descriptors.
 */
#include "ipc/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Every title begins so. */
#define PREFIX "dalpuri: "
/* The prefix, the longest role name and two numbers. */
#define TITLE_MAX 64
/* Tells a child the log level until it has a view. */
#define LEVEL_NAME "DALPURI_LOG_LEVEL"
#define FD_FIRST SPAWN_FD_CHANNEL

static const struct {
	const char *name;
	size_t nfds;		/* of its contract */
} roles[] = {
	[SPAWN_WORKER] = { "worker", 2 },
	[SPAWN_COLLECTOR] = { "collector", 3 },
	[SPAWN_LOADER] = { "loader", 1 },
	[SPAWN_TRIAL] = { "trial", 2 },
};

_Static_assert(sizeof(roles) / sizeof(roles[0]) == SPAWN_ROLES,
    "every role has a name and a contract");

/* What drivers may know of the environment: beginnings of NAME=VALUE. */
static const char *const driver_env[] = {
	"ODBC", "FREETDSCONF=", "KRB5", "TZ=", "LANG=", "LC_"
};

/*
 * For collectors: drivers take a piece of memory for each value, and free them
 * all behind a page of rows.  The C library keeps seven of a size at hand; with
 * more of them PostgreSQL's driver needs fewer instructions.  They are not too
 * many, as what is kept of one size never serves another: pieces that grow
 * before they are freed would be added for ever.
 */
static char driver_memory[] = "GLIBC_TUNABLES=glibc.malloc.tcache_count=64";

/* Our own binary, whatever a package upgrade does to its file. */
static int self_fd = -1;

int
spawn_init(struct err *err)
{
	self_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (self_fd < 0)
		return err_set_errno(err, ERR_INTERNAL, "/proc/self/exe");
	return 0;
}

const char *
spawn_role_name(enum spawn_role role)
{
	return roles[role].name;
}

static void
put_title(char title[TITLE_MAX], const struct spawn_params *p)
{
	const char *name = spawn_role_name(p->role);

	if (p->index > 0)
		snprintf(title, TITLE_MAX, PREFIX "%s %u.%u", name, p->worker,
		    p->index);
	else if (p->worker > 0)
		snprintf(title, TITLE_MAX, PREFIX "%s %u", name, p->worker);
	else
		snprintf(title, TITLE_MAX, PREFIX "%s", name);
}

/* Role and numbers out of a title that put_title() has written. */
static int
get_title(const char *title, struct spawn_params *p)
{
	char again[TITLE_MAX];
	size_t len;

	if (strncmp(title, PREFIX, strlen(PREFIX)) != 0)
		return -1;
	title += strlen(PREFIX);
	for (int i = 0; i < SPAWN_ROLES; i++) {
		len = strlen(roles[i].name);
		if (strncmp(title, roles[i].name, len) != 0)
			continue;
		memset(p, 0, sizeof(*p));
		p->role = (enum spawn_role)i;
		sscanf(title + len, " %u.%u", &p->worker, &p->index);
		/* The same title must come out: no other spelling is ours. */
		put_title(again, p);
		return strcmp(again + strlen(PREFIX), title) == 0 ? 0 : -1;
	}
	return -1;
}

static bool
driver_may_know(const char *entry)
{
	for (size_t i = 0; i < sizeof(driver_env) / sizeof(driver_env[0]); i++)
		if (strncmp(entry, driver_env[i], strlen(driver_env[i])) == 0)
			return true;
	return false;
}

/*
 * The child's environment: level, and for a collector what drivers may know.
 * The array is the caller's, the strings are borrowed; NULL without memory.
 */
static char **
make_environment(enum spawn_role role, char *level)
{
	size_t n = 0;
	char **envp;

	for (char **e = environ; e != NULL && *e != NULL; e++)
		n++;
	envp = calloc(n + 3, sizeof(envp[0]));
	if (envp == NULL)
		return NULL;
	envp[0] = level;
	n = 1;
	if (role == SPAWN_COLLECTOR)
		envp[n++] = driver_memory;
	for (char **e = environ; e != NULL && *e != NULL; e++)
		if (role == SPAWN_COLLECTOR && driver_may_know(*e))
			envp[n++] = *e;
	return envp;
}

/* A duplicate above all numbers of the contract; the child ends without. */
static int
lift(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST + SPAWN_FDS_MAX);

	if (high < 0)
		_exit(127);
	return high;
}

/*
 * In the child: put the descriptors in their places and become the role.
 * They are lifted out of the way first, because any may have the number that
 * another is to get.
 */
static _Noreturn void
become(const struct spawn_params *p, char *title, char **envp)
{
	char *argv[] = { title, NULL };
	int null = lift(open("/dev/null", O_RDWR | O_CLOEXEC));
	int self = lift(p->binary > 0 ? p->binary : self_fd);
	int fds[SPAWN_FDS_MAX];
	unsigned int end = FD_FIRST + (unsigned int)p->nfds;

	for (size_t i = 0; i < p->nfds; i++)
		fds[i] = lift(p->fds[i]);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	for (size_t i = 0; i < p->nfds; i++)
		dup2(fds[i], FD_FIRST + (int)i);
	/* self closes itself: it is close-on-exec. */
	if (close_range(end, (unsigned int)self - 1, 0) == 0 &&
	    close_range((unsigned int)self + 1, ~0U, 0) == 0)
		execveat(self, "", argv, envp, AT_EMPTY_PATH);
	_exit(127);
}

pid_t
spawn_role(const struct spawn_params *p, struct err *err)
{
	char title[TITLE_MAX], level[TITLE_MAX];
	pid_t parent = getpid(), pid;
	sigset_t all, before;
	char **envp;

	if (p->nfds != roles[p->role].nfds)
		return err_set(err, ERR_INTERNAL, "%s: not its descriptors",
		    spawn_role_name(p->role));
	put_title(title, p);
	snprintf(level, sizeof(level), LEVEL_NAME "=%s",
	    log_level_name(p->log_level));
	envp = make_environment(p->role, level);
	if (envp == NULL)
		return err_set(err, ERR_INTERNAL, "%s: no memory", title);
	/*
	 * Until it is executed the child has our signal handlers, which write
	 * into our pipes: no signal may reach it before spawn_enter().
	 */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)	/* it was faster than us */
			_exit(127);
		become(p, title, envp);
	}
	if (pid < 0)
		err_set_errno(err, ERR_INTERNAL, "%s: fork", title);
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(envp);
	return pid;
}

/* The log level out of the environment, where no trace of it stays. */
static int
take_level(void)
{
	char *text = getenv(LEVEL_NAME);
	int level = text != NULL ? log_level_by_name(text) : -1;

	if (text != NULL) {
		text -= strlen(LEVEL_NAME "=");
		memset(text, 0, strlen(text));
		environ++;	/* it is always the first */
	}
	return level;
}

/* Signals as a new process has them, whatever our parent did to them. */
static void
reset_signals(void)
{
	static const int ignored[] = { SIGPIPE, SIGINT, SIGHUP };
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int
spawn_enter(int argc, char **argv, struct spawn_params *p, struct err *err)
{
	static const struct rlimit no_core;
	int level;

	if (argc != 1 || get_title(argv[0], p) < 0 ||
	    environ[0] == NULL || strncmp(environ[0], LEVEL_NAME "=",
	    strlen(LEVEL_NAME "=")) != 0)
		return err_set(err, ERR_INTERNAL, "not started by a master");
	level = take_level();
	p->log_level = level < 0 ? LOG_LEVEL_INFO : (enum log_level)level;
	p->nfds = roles[p->role].nfds;
	for (size_t i = 0; i < p->nfds; i++) {
		p->fds[i] = FD_FIRST + (int)i;
		if (fcntl(p->fds[i], F_SETFD, FD_CLOEXEC) < 0)
			return err_set_errno(err, ERR_INTERNAL,
			    "descriptor %d", p->fds[i]);
	}
	prctl(PR_SET_NAME, "dalpuri");
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	reset_signals();
	log_open(STDERR_FILENO, argv[0] + strlen(PREFIX), p->log_level);
	return 0;
}

size_t
spawn_raise_fd_limit(void)
{
	struct rlimit limit, most;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return SIZE_MAX;
	most = (struct rlimit){ limit.rlim_max, limit.rlim_max };
	if (setrlimit(RLIMIT_NOFILE, &most) == 0)
		return (size_t)most.rlim_cur;
	log_warn("limit on descriptors: cannot be raised");
	return (size_t)limit.rlim_cur;
}
