/* Memory that runs out when told to. */
#include "oom_kit.h"

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* More requests than any work here makes. */
#define REQUESTS_MAX 100000

static struct {
	bool armed;		/* requests are counted */
	bool spared;		/* but none fails now */
	long turn;		/* of the request that fails; 0 = none */
	bool for_good;		/* and all behind it */
	long requests, failed;
	long live;		/* pieces that were not given back */
} oom;

static bool
fails(void)
{
	if (!oom.armed || oom.spared)
		return false;
	oom.requests++;
	if (oom.requests != oom.turn &&
	    (!oom.for_good || oom.turn == 0 || oom.requests < oom.turn))
		return false;
	oom.failed++;
	return true;
}

bool
oom_spare(bool spare)
{
	bool was = oom.spared;

	oom.spared = spare;
	return was;
}

#define WRAP(type, name, params, args, failure)				\
	type OOM_REAL(name) params;					\
	type OOM_WRAP(name) params;					\
	type								\
	OOM_WRAP(name) params						\
	{								\
		return fails() ? (failure) : OOM_REAL(name) args;		\
	}

WRAP(void *, arena_get, (struct arena *a, size_t n, size_t size),
    (a, n, size), NULL)
WRAP(char *, arena_text, (struct arena *a, const char *text, size_t len),
    (a, text, len), NULL)
WRAP(char *, buf_grow, (struct buf *b, size_t n), (b, n), NULL)
WRAP(int, buf_puts, (struct buf *b, const char *text), (b, text), -1)

/* A sanitizer has its own malloc(), and finds what leaks. */
#if !SANITIZED

/* glibc's own, for those who put themselves before it. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static void *
counted(void *p)
{
	oom.live += oom.armed && p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : counted(__libc_malloc(n));
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t size)
{
	void *q;

	if (fails())
		return NULL;
	q = __libc_realloc(p, size);
	return p == NULL ? counted(q) : q;
}

void
free(void *p)
{
	oom.live -= oom.armed && p != NULL;
	__libc_free(p);
}

#endif

int
oom_only(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "out of memory");
}

void
oom_fault(void *ctx, const char *line)
{
	struct err *err = ctx;

	if (err->code == ERR_NONE)
		(void)err_set(err, ERR_INTERNAL, "%s", line);
}

static int
attempt(const struct oom_work *work, struct err *err)
{
	int result;

	*err = (struct err){ 0 };
	oom.requests = oom.failed = oom.live = 0;
	oom.armed = true;
	result = work->run(err);
	oom.armed = false;
	return result;
}

/* false: there is no request of that number. */
static bool
try_turn(const struct oom_work *work, long turn, bool for_good)
{
	struct err err;
	int result;

	oom.turn = turn;
	oom.for_good = for_good;
	result = attempt(work, &err);
	ck_assert_msg(oom.live == 0, "%s: without request %ld%s: %ld pieces "
	    "leak", work->name, turn, for_good ? " and later ones" : "",
	    oom.live);
	if (oom.failed == 0)
		return false;
	ck_assert_msg(result == 0 || (err.code == ERR_INTERNAL &&
	    strstr(err.text, "memory") != NULL),
	    "%s: without request %ld%s: %s: \"%s\"", work->name, turn,
	    for_good ? " and later ones" : "", err_code_name(err.code),
	    err.text);
	return true;
}

void
oom_try(const struct oom_work *work)
{
	struct err err;
	long turn;

	/* What the C library makes once is not ours. */
	oom.turn = 0;
	ck_assert_msg(attempt(work, &err) == 0, "%s: %s", work->name,
	    err.text);
	for (turn = 1; try_turn(work, turn, false); turn++)
		ck_assert_int_lt(turn, REQUESTS_MAX);
	ck_assert_msg(turn > 1 || SANITIZED, "%s takes no memory", work->name);
	for (turn = 1; try_turn(work, turn, true); turn++)
		ck_assert_int_lt(turn, REQUESTS_MAX);
}
