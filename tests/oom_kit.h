/*
 * What the tests of memory that runs out share: every request for memory of a
 * piece of work fails once, at its turn, and then each one from there on.  It
 * must end with an answer that says so, or do without, and leak nothing.
 *
 * Requests are those to arenas and buffers, which seldom fail by themselves:
 * the linker puts us before them (oom_wraps in Makefile.am).  Without a
 * sanitizer they are those to malloc() and its like, too, also of the
 * C library; what is not given back is counted then.
 */
#ifndef OOM_KIT_H
#define OOM_KIT_H

#include <stdbool.h>

#include "base/err.h"

/* The names that the linker gives to a function and to who stands before it. */
#define OOM_REAL(name) __real_##name
#define OOM_WRAP(name) __wrap_##name

struct oom_work {
	const char *name;
	/*
	 * 0, or -1 with the reason in err.  It frees all that it takes, and
	 * asserts nothing.
	 */
	int (*run)(struct err *err);
};

/* The work succeeds with memory, and does as said above without. */
void oom_try(const struct oom_work *work);

/* The reason of a function whose only one is memory: -1. */
int oom_only(struct err *err);

/* For functions that tell faults: ctx is a struct err, which gets the first. */
void oom_fault(void *ctx, const char *line);

/*
 * For libraries that cannot do without: nothing fails from now on, or again.
 * How it was.
 */
bool oom_spare(bool spare);

#endif
