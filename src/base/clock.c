/*
 * Time and randomness from the kernel.  Small pieces of randomness, which each
 * session needs, come out of a larger one, and what was given is wiped.
 */
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

uint64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* So much comes in one piece, also while signals come. */
#define POOL_BYTES 256

static struct {
	size_t left;
	unsigned char bytes[POOL_BYTES];
} pool;

static void
ask_kernel(void *out, size_t n)
{
	char *p = out;
	ssize_t got;

	while (n > 0) {
		got = getrandom(p, n, 0);
		if (got < 0) {
			/*
			 * Only a kernel without the call, or a filter that
			 * forbids it, brings us here: no session id and no
			 * hash would be safe any more.
			 */
			if (errno != EINTR)
				abort();
			continue;
		}
		p += got;
		n -= (size_t)got;
	}
}

void
clock_random(void *out, size_t n)
{
	if (n > POOL_BYTES) {
		ask_kernel(out, n);
		return;
	}
	if (n > pool.left) {
		ask_kernel(pool.bytes, POOL_BYTES);
		pool.left = POOL_BYTES;
	}
	pool.left -= n;
	memcpy(out, pool.bytes + pool.left, n);
	explicit_bzero(pool.bytes + pool.left, n);
}
