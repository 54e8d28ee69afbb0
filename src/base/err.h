/*
 * The reason why something failed, filled in once, where it is known, and
 * carried up to whoever decides what happens next.
 *
 * The codes are the stable names that clients see in "code" of a failure;
 * dalpuri-protocol(7) lists the same table and a test compares the two.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

/* Long enough for a field, a model, a suggestion and a path. */
#define ERR_TEXT_MAX 512

#define MUST_CHECK __attribute__((warn_unused_result))

enum err_code {
	ERR_NONE,
	ERR_BAD_OPTIONS,	/* the options are not of the grammar */
	ERR_UNKNOWN_COLLECTOR,	/* no such event name */
	ERR_UNKNOWN_FIELD,	/* no such field or relation */
	ERR_FORBIDDEN,		/* this key may not call this name */
	ERR_TIMEOUT,		/* a deadline passed */
	ERR_CANCELLED,		/* the caller is gone, or we are ending */
	ERR_DATABASE,		/* the database or its driver said no */
	ERR_WORKER_LOST,	/* the process that ran it died */
	ERR_OVERLOADED,		/* no place, or waited too long for one */
	ERR_LIMIT,		/* a configured limit was reached */
	ERR_INTERNAL,		/* out of memory, or a fault of ours */
	ERR_POISONED,		/* the same request has killed its processes */
	ERR_CODES
};

struct err {
	enum err_code code;
	unsigned int retry_ms;	/* a good time to ask again; 0 = none known */
	char text[ERR_TEXT_MAX];	/* one sentence, NUL-terminated */
};

/*
 * Store a code and a sentence, and no time; a longer sentence is cut at a
 * character border.  err may be NULL.  Always returns -1, so that a caller can
 * write "return err_set(...)".
 */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for errno: the sentence is followed by ": " and its text. */
int err_set_errno(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "BAD_OPTIONS" and so on; "NONE" for ERR_NONE, never NULL. */
const char *err_code_name(enum err_code code);

#endif
