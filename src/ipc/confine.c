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

/* To whom each call is refused. */
static const struct {
	int call;
	unsigned int roles;
} refused[] = {
	/* other programs, other processes */
	{ SCMP_SYS(execve), ALL },
	{ SCMP_SYS(execveat), ALL },
	{ SCMP_SYS(kill), ALL },
	{ SCMP_SYS(pidfd_getfd), ALL },
	{ SCMP_SYS(pidfd_open), ALL },
	{ SCMP_SYS(pidfd_send_signal), ALL },
	{ SCMP_SYS(process_vm_readv), ALL },
	{ SCMP_SYS(process_vm_writev), ALL },
	{ SCMP_SYS(ptrace), ALL },
	/* the system */
	{ SCMP_SYS(bpf), ALL },
	{ SCMP_SYS(chroot), ALL },
	{ SCMP_SYS(init_module), ALL },
	{ SCMP_SYS(finit_module), ALL },
	{ SCMP_SYS(io_uring_setup), ALL },
	{ SCMP_SYS(keyctl), ALL },
	{ SCMP_SYS(mount), ALL },
	{ SCMP_SYS(perf_event_open), ALL },
	{ SCMP_SYS(pivot_root), ALL },
	{ SCMP_SYS(setns), ALL },
	{ SCMP_SYS(umount2), ALL },
	{ SCMP_SYS(unshare), ALL },
	{ SCMP_SYS(userfaultfd), ALL },
	/* what is not ours to change */
	{ SCMP_SYS(chmod), ALL },
	{ SCMP_SYS(chown), ALL },
	{ SCMP_SYS(fchmodat), ALL },
	{ SCMP_SYS(fchownat), ALL },
	{ SCMP_SYS(link), ALL },
	{ SCMP_SYS(linkat), ALL },
	{ SCMP_SYS(mknod), ALL },
	{ SCMP_SYS(mknodat), ALL },
	{ SCMP_SYS(rename), ALL },
	{ SCMP_SYS(renameat), ALL },
	{ SCMP_SYS(renameat2), ALL },
	{ SCMP_SYS(symlink), ALL },
	{ SCMP_SYS(symlinkat), ALL },
	{ SCMP_SYS(truncate), ALL },
	/* who listens: the master alone */
	{ SCMP_SYS(accept), ALL },
	{ SCMP_SYS(accept4), ALL },
	{ SCMP_SYS(listen), ALL },
	/* a driver must connect; nobody else */
	{ SCMP_SYS(bind), WORKER | LOADER },
	{ SCMP_SYS(connect), WORKER | LOADER },
	{ SCMP_SYS(socket), WORKER | LOADER },
	/* the loader reads files, drivers too; a session process nothing */
	{ SCMP_SYS(creat), WORKER },
	{ SCMP_SYS(open), WORKER },
	{ SCMP_SYS(openat), WORKER },
	{ SCMP_SYS(openat2), WORKER },
	{ SCMP_SYS(unlink), WORKER | LOADER },
	{ SCMP_SYS(unlinkat), WORKER | LOADER },
	{ SCMP_SYS(fork), WORKER },
	{ SCMP_SYS(vfork), WORKER }
};

int
confine(enum spawn_role role, struct err *err)
{
	scmp_filter_ctx filter;
	int result = 0;

	if (SANITIZED)
		return 0;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (filter == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if ((refused[i].roles & 1U << role) == 0)
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
