/*
 * The state word of a collector's status page:
 *
 *	IDLE (0)  -- status_begin -->  RUNNING (the id)  -- status_end -->  IDLE
 *	  |				 |
 *	  +-- status_condemn_silent --+	 +-- status_condemn[_id] --+
 *				      +------------>  CONDEMNED  <-+
 *
 * CONDEMNED is for ever: each step is a compare-and-swap from the state that
 * its caller saw, so master and collector cannot both win.
 */
#include "ipc/status.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/* No request has this id: ids count from 1. */
#define CONDEMNED UINT64_MAX

int
status_create(struct err *err)
{
	int fd;

	fd = memfd_create("dalpuri-status", MFD_CLOEXEC);
	if (fd < 0)
		return err_set_errno(err, ERR_INTERNAL, "memfd_create");
	if (ftruncate(fd, sizeof(struct status)) < 0) {
		err_set_errno(err, ERR_INTERNAL, "status page");
		close(fd);
		return -1;
	}
	return fd;
}

struct status *
status_map(int fd)
{
	void *p = mmap(NULL, sizeof(struct status), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	return p != MAP_FAILED ? p : NULL;
}

void
status_unmap(struct status *s)
{
	munmap(s, sizeof(*s));
}

static bool
swap(struct status *s, uint64_t from, uint64_t to)
{
	return atomic_compare_exchange_strong(&s->state, &from, to);
}

bool
status_begin(struct status *s, uint64_t id, uint64_t deadline_ms)
{
	/* First the deadline: it must not be the last request's. */
	atomic_store(&s->deadline_ms, deadline_ms);
	return swap(s, 0, id);
}

bool
status_end(struct status *s, uint64_t id)
{
	return swap(s, id, 0);
}

uint64_t
status_condemn(struct status *s, uint64_t now_ms, uint64_t grace_ms)
{
	uint64_t id = status_running(s);
	uint64_t deadline_ms = atomic_load(&s->deadline_ms);

	/*
	 * Should the collector go on to another request between the two
	 * loads, the state is no longer id and the swap fails.
	 */
	if (id == 0 || deadline_ms == 0 || now_ms < deadline_ms ||
	    now_ms - deadline_ms <= grace_ms || !swap(s, id, CONDEMNED))
		return 0;
	return id;
}

void
status_seen(struct status *s, uint64_t ms)
{
	atomic_store(&s->seen_ms, ms);
}

bool
status_condemn_silent(struct status *s, uint64_t before_ms)
{
	uint64_t seen_ms = atomic_load(&s->seen_ms);

	/* 0: it has not got as far as that. */
	return seen_ms != 0 && seen_ms < before_ms && swap(s, 0, CONDEMNED);
}

bool
status_condemn_id(struct status *s, uint64_t id)
{
	return id != 0 && id != CONDEMNED && swap(s, id, CONDEMNED);
}

bool
status_ran(const struct status *s, uint64_t id)
{
	for (size_t i = 0; i < STATUS_IDS; i++)
		if (id != 0 && atomic_load(&s->ids[i]) == id)
			return true;
	return false;
}

uint64_t
status_running(const struct status *s)
{
	uint64_t id = atomic_load(&s->state);

	return id != CONDEMNED ? id : 0;
}
