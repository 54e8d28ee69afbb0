/*
 * A list of what is refused, not of what is allowed: drivers and the C library
 * are free to change their ways, and the doors that matter have names.
 */
#include "ipc/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

enum {
	WORKER = 1 << SPAWN_WORKER,
	COLLECTOR = 1 << SPAWN_COLLECTOR,
	LOADER = 1 << SPAWN_LOADER,
	ALL = WORKER | COLLECTOR | LOADER
};

/* To whom each call is refused; lifted: not to who may do such things. */
static const struct {
	int call;
	unsigned int roles;
	unsigned int lifted;	/* enum confine_lift */
} refused[] = {
	/* other programs, other processes */
	{ SCMP_SYS(execve), ALL, CONFINE_PROGRAMS },
	{ SCMP_SYS(execveat), ALL, CONFINE_PROGRAMS },
	{ SCMP_SYS(kill), ALL, CONFINE_PROGRAMS },
	{ SCMP_SYS(pidfd_getfd), ALL, 0 },
	{ SCMP_SYS(pidfd_open), ALL, CONFINE_PROGRAMS },
	{ SCMP_SYS(pidfd_send_signal), ALL, CONFINE_PROGRAMS },
	{ SCMP_SYS(process_vm_readv), ALL, 0 },
	{ SCMP_SYS(process_vm_writev), ALL, 0 },
	{ SCMP_SYS(ptrace), ALL, 0 },
	/* the system */
	{ SCMP_SYS(bpf), ALL, 0 },
	{ SCMP_SYS(chroot), ALL, 0 },
	{ SCMP_SYS(init_module), ALL, 0 },
	{ SCMP_SYS(finit_module), ALL, 0 },
	{ SCMP_SYS(io_uring_setup), ALL, 0 },
	{ SCMP_SYS(keyctl), ALL, 0 },
	{ SCMP_SYS(mount), ALL, 0 },
	{ SCMP_SYS(perf_event_open), ALL, 0 },
	{ SCMP_SYS(pivot_root), ALL, 0 },
	{ SCMP_SYS(setns), ALL, 0 },
	{ SCMP_SYS(umount2), ALL, 0 },
	{ SCMP_SYS(unshare), ALL, 0 },
	{ SCMP_SYS(userfaultfd), ALL, 0 },
	/* what is not ours to change */
	{ SCMP_SYS(chmod), ALL, CONFINE_FILES },
	{ SCMP_SYS(chown), ALL, CONFINE_FILES },
	{ SCMP_SYS(fchmodat), ALL, CONFINE_FILES },
	{ SCMP_SYS(fchownat), ALL, CONFINE_FILES },
	{ SCMP_SYS(link), ALL, CONFINE_FILES },
	{ SCMP_SYS(linkat), ALL, CONFINE_FILES },
	{ SCMP_SYS(mknod), ALL, CONFINE_FILES },
	{ SCMP_SYS(mknodat), ALL, CONFINE_FILES },
	{ SCMP_SYS(rename), ALL, CONFINE_FILES },
	{ SCMP_SYS(renameat), ALL, CONFINE_FILES },
	{ SCMP_SYS(renameat2), ALL, CONFINE_FILES },
	{ SCMP_SYS(symlink), ALL, CONFINE_FILES },
	{ SCMP_SYS(symlinkat), ALL, CONFINE_FILES },
	{ SCMP_SYS(truncate), ALL, CONFINE_FILES },
	/* who listens: the master alone */
	{ SCMP_SYS(accept), ALL, CONFINE_LISTEN },
	{ SCMP_SYS(accept4), ALL, CONFINE_LISTEN },
	{ SCMP_SYS(listen), ALL, CONFINE_LISTEN },
	/* a driver must connect; nobody else */
	{ SCMP_SYS(bind), WORKER | LOADER, 0 },
	{ SCMP_SYS(connect), WORKER | LOADER, 0 },
	{ SCMP_SYS(socket), WORKER | LOADER, 0 },
	/* the loader reads files, drivers too; a session process nothing */
	{ SCMP_SYS(creat), WORKER, 0 },
	{ SCMP_SYS(open), WORKER, 0 },
	{ SCMP_SYS(openat), WORKER, 0 },
	{ SCMP_SYS(openat2), WORKER, 0 },
	{ SCMP_SYS(unlink), WORKER | LOADER, 0 },
	{ SCMP_SYS(unlinkat), WORKER | LOADER, 0 },
	{ SCMP_SYS(fork), WORKER, 0 },
	{ SCMP_SYS(vfork), WORKER, 0 }
};

int
confine(enum spawn_role role, struct err *err)
{
	return confine_but(role, 0, err);
}

int
confine_but(enum spawn_role role, unsigned int lifted, struct err *err)
{
	scmp_filter_ctx filter;
	int result = 0;

	if (SANITIZED)
		return 0;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (filter == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if ((refused[i].roles & 1U << role) == 0 ||
		    (refused[i].lifted & lifted) != 0)
			continue;
		result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
		    refused[i].call, 0);
		/* A call that this machine does not have needs no rule. */
		if (result != 0 && result != -EDOM)
			break;
		result = 0;
	}
	if (result == 0)
		result = seccomp_load(filter);
	seccomp_release(filter);
	if (result != 0)
		return err_set(err, ERR_INTERNAL, "no system call filter: %s",
		    strerror(-result));
	return 0;
}
