/* The CPUs of a slot: a run of neighbours, or one, when slots are many. */
#include "ipc/cpus.h"

#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

static struct {
	cpu_set_t all, part;
	pid_t thread;		/* 0 = none is kept anywhere */
	bool roams;
} cpus;

/* Does the i-th of n CPUs belong to that slot (from 0)? */
static bool
is_part(unsigned int i, unsigned int n, unsigned int slot, unsigned int slots)
{
	if (slots >= n)
		return i == slot % n;
	return i * slots / n == slot % slots;
}

void
cpus_keep(unsigned int slot, int64_t slots)
{
	unsigned int n, of, i = 0;

	if (cpus.thread == 0 &&
	    sched_getaffinity(0, sizeof(cpus.all), &cpus.all) != 0)
		return;
	cpus.thread = gettid();
	n = (unsigned int)CPU_COUNT(&cpus.all);
	of = slots == 0 ? n : (unsigned int)slots;
	CPU_ZERO(&cpus.part);
	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus.all) && is_part(i++, n, slot - 1, of))
			CPU_SET(cpu, &cpus.part);
	/* Where that is refused all goes on as well, if not as fast. */
	(void)sched_setaffinity(0, sizeof(cpus.part), &cpus.part);
}

void
cpus_roam(void)
{
	if (cpus.thread == 0 || cpus.roams)
		return;
	cpus.roams = true;
	(void)sched_setaffinity(cpus.thread, sizeof(cpus.all), &cpus.all);
}

void
cpus_return(void)
{
	if (!cpus.roams)
		return;
	cpus.roams = false;
	(void)sched_setaffinity(cpus.thread, sizeof(cpus.part), &cpus.part);
}
