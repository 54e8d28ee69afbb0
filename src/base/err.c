/* Why something failed: the codes' names, and sentences that always fit. */
#include "base/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const char *const code_names[] = {
	[ERR_NONE] = "NONE",
	[ERR_BAD_OPTIONS] = "BAD_OPTIONS",
	[ERR_UNKNOWN_COLLECTOR] = "UNKNOWN_COLLECTOR",
	[ERR_UNKNOWN_FIELD] = "UNKNOWN_FIELD",
	[ERR_FORBIDDEN] = "FORBIDDEN",
	[ERR_TIMEOUT] = "TIMEOUT",
	[ERR_CANCELLED] = "CANCELLED",
	[ERR_DATABASE] = "DATABASE",
	[ERR_WORKER_LOST] = "WORKER_LOST",
	[ERR_OVERLOADED] = "OVERLOADED",
	[ERR_LIMIT] = "LIMIT",
	[ERR_INTERNAL] = "INTERNAL",
	[ERR_POISONED] = "POISONED",
};

_Static_assert(sizeof(code_names) / sizeof(code_names[0]) == ERR_CODES,
    "every code has a name");

const char *
err_code_name(enum err_code code)
{
	/* Compared as unsigned: a code may come from another process. */
	if ((unsigned int)code >= ERR_CODES)
		return code_names[ERR_INTERNAL];
	return code_names[code];
}

/* Sets code and text; returns whether the text had to be cut. */
static __attribute__((format(printf, 3, 0))) bool
set(struct err *err, enum err_code code, const char *fmt, va_list ap)
{
	int n;

	err->code = code;
	err->retry_ms = 0;
	n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	return n >= (int)sizeof(err->text);
}

/* A text that was cut anywhere ends at a character border. */
static void
trim(struct err *err)
{
	size_t len = strlen(err->text), i = len;

	while (i > 0 && len - i < 4 && ((unsigned char)err->text[i - 1] & 0xc0)
	    == 0x80)
		i--;
	if (i > 0 && utf8_step(err->text + i - 1, len - i + 1) != len - i + 1)
		err->text[i - 1] = '\0';
}

int
err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	if (set(err, code, fmt, ap))
		trim(err);
	va_end(ap);
	return -1;
}

int
err_set_errno(struct err *err, enum err_code code, const char *fmt, ...)
{
	int saved = errno;
	bool cut;
	size_t len;
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	cut = set(err, code, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	if (!cut)
		cut = snprintf(err->text + len, sizeof(err->text) - len,
		    ": %s", strerror(saved)) >= (int)(sizeof(err->text) - len);
	if (cut)
		trim(err);
	errno = saved;
	return -1;
}
