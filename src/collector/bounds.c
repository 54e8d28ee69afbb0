/* Limits of the process, and looks at what it holds. */
#include "collector/bounds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* A connection takes a few; a SQLite database with others attached, more. */
#define DESCRIPTORS_MAX 256
/* With so many left no driver has come into need yet. */
#define DESCRIPTORS_LEFT 64
/* Between two looks at the memory; one costs 19 us. */
#define MEASURE_MS 100

struct memory {			/* bytes */
	uint64_t own;		/* resident, without what is shared */
	uint64_t data;		/* what RLIMIT_DATA counts */
};

void
bounds_start(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur <= DESCRIPTORS_MAX)
		return;
	limit.rlim_cur = DESCRIPTORS_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool
measure(struct memory *out)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	unsigned long resident, shared, data;
	FILE *f = fopen("/proc/self/statm", "re");
	int n;

	if (f == NULL)
		return false;
	n = fscanf(f, "%*u %lu %lu %*u %*u %lu", &resident, &shared, &data);
	fclose(f);
	if (n != 3 || resident < shared)
		return false;
	out->own = (resident - shared) * page;
	out->data = data * page;
	return true;
}

/*
 * Of data, not of addresses: libraries and what they reserve cost nothing.
 * Only the soft limit is set, so that a reload can raise it.  Sanitizers have
 * mapped far more than any limit: they are left alone.
 */
static void
limit_memory(uint64_t bytes)
{
	struct rlimit limit;
	struct memory m;

	if (getrlimit(RLIMIT_DATA, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (bytes > 0 && bytes < limit.rlim_max)
		limit.rlim_cur = bytes;
	if (bytes > 0 && measure(&m) && m.data >= bytes)
		log_warn("collector_memory is not in force: %llu bytes are "
		    "taken already", (unsigned long long)m.data);
	else if (setrlimit(RLIMIT_DATA, &limit) != 0)
		log_warn("collector_memory is not in force: it is refused");
}

/* Up to a quarter less, so that not all of them go at once. */
static uint64_t
spread(int64_t n)
{
	uint64_t chance, most = (uint64_t)n;

	clock_random(&chance, sizeof(chance));
	return most - chance % (most / 4 + 1);
}

void
bounds_use(struct bounds *b, const struct conf *c)
{
	b->requests = spread(c->limits.collector_requests);
	b->bytes = spread(c->limits.collector_recycle_bytes);
	limit_memory((uint64_t)c->limits.collector_memory_bytes);
}

bool
bounds_reached(struct bounds *b, uint64_t served)
{
	uint64_t now = clock_ms();
	struct memory m;

	if (b->requests > 0 && served >= b->requests) {
		log_info("recycling: %llu requests were served",
		    (unsigned long long)served);
		return true;
	}
	if (b->bytes == 0 || served == 0 || now - b->measured_ms < MEASURE_MS)
		return false;
	b->measured_ms = now;
	if (!measure(&m) || m.own < b->bytes)
		return false;
	log_info("recycling: %llu bytes are held behind a request",
	    (unsigned long long)m.own);
	return true;
}

/* Numbers are given from below: one high up is free unless most are taken. */
bool
bounds_out_of_descriptors(void)
{
	const int high = DESCRIPTORS_MAX - DESCRIPTORS_LEFT;
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, high);

	if (fd >= 0)
		close(fd);
	/* EINVAL: there are fewer, by somebody else's will. */
	return fd < 0 ? errno != EINVAL : fd != high;
}
