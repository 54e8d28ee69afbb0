/* Done once, at start, in the order that master.c says. */
#include "master/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "master/logfile.h"

int
identity_detach(int *parent_out, int *status_out, struct err *err)
{
	unsigned char status = EX_OSERR;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set_errno(err, ERR_INTERNAL, "pipe");
	if ((pid = fork()) < 0)
		return err_set_errno(err, ERR_INTERNAL, "fork");
	if (pid == 0) {
		setsid();
		close(ends[0]);
		*parent_out = ends[1];
		return 0;
	}
	close(ends[1]);
	/* Its death reads as the end of the pipe. */
	while (read(ends[0], &status, 1) < 0 && errno == EINTR)
		;
	close(ends[0]);
	*status_out = status;
	return 1;
}

void
identity_started(int *parent, int status)
{
	unsigned char byte = (unsigned char)status;
	int null;

	if (*parent < 0)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		close(null);
	}
	(void)!write(*parent, &byte, 1);
	close(*parent);
	*parent = -1;
}

static int
open_syslog(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(a.sun_path, "/dev/log");
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&a,
	    sizeof(a)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int
identity_log(const struct conf *c, bool background, struct err *err)
{
	int fd = -1;

	if (c->log_file != NULL) {
		if ((fd = logfile_open(c->log_file, err)) < 0)
			return -1;
	} else if (background && (fd = open_syslog()) < 0) {
		log_warn("no log_file and no syslog: logging to standard "
		    "error");
	}
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	log_open(STDERR_FILENO, "master", (enum log_level)c->log_level);
	return 0;
}

int
identity_pid_file(const struct conf *c, struct err *err)
{
	FILE *f;

	if (c->pid_file == NULL)
		return 0;
	f = fopen(c->pid_file, "we");
	if (f == NULL || fprintf(f, "%d\n", (int)getpid()) < 0 ||
	    fflush(f) != 0) {
		err_set_errno(err, ERR_INTERNAL, "pid_file %s", c->pid_file);
		if (f != NULL)
			fclose(f);
		return -1;
	}
	fclose(f);
	return 0;
}

int
identity_drop(const struct conf *c, struct err *err)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return 0;
	if (c->user == NULL) {
		log_warn("running as root: set \"user\" in the configuration");
		return 0;
	}
	errno = 0;
	if ((pw = getpwnam(c->user)) == NULL)
		return err_set(err, ERR_INTERNAL, "user %s: %s", c->user,
		    errno != 0 ? strerror(errno) : "there is no such user");
	/* We shall open it again as that user. */
	if (c->log_file != NULL &&
	    fchown(STDERR_FILENO, pw->pw_uid, pw->pw_gid) != 0)
		log_warn("log_file: it stays root's: %s", strerror(errno));
	if (initgroups(c->user, pw->pw_gid) != 0 ||
	    setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0)
		return err_set_errno(err, ERR_INTERNAL, "user %s", c->user);
	return 0;
}

void
identity_protect(void)
{
	static const struct rlimit no_core;

	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0);
}

/* What the kernel says of us; found by PATH, the name says nothing. */
static char *
find_self(void)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len < 0)
		return NULL;
	path[len] = '\0';
	return strdup(path);
}

char *
identity_program(const char *called)
{
	char *folder, *path = NULL;

	if (strchr(called, '/') == NULL)
		return find_self();
	if (*called == '/')
		return strdup(called);
	if ((folder = getcwd(NULL, 0)) == NULL)
		return NULL;
	if (asprintf(&path, "%s/%s", folder, called) < 0)
		path = NULL;
	free(folder);
	return path;
}

char *
identity_take_env(const char *name)
{
	char *value = getenv(name), *copy;

	if (value == NULL)
		return NULL;
	copy = strdup(value);
	explicit_bzero(value, strlen(value));
	unsetenv(name);
	return copy;
}
