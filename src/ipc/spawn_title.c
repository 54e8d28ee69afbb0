/*
 * The title of a process that was not started with one.  The kernel shows the
 * memory in which it once put argv; environ lies right behind it.  When the
 * last byte of argv's memory is not zero, the kernel takes all for one string
 * and shows it up to its first zero, be it shorter or longer than argv was.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ipc/spawn.h"

static struct {
	char *start;
	size_t args;		/* bytes of argv */
	size_t size;		/* and of environ behind it */
	char **args_copy;	/* what argv and environ point to instead */
	char **env_copy;
} memory;

/*
 * Copies of n strings behind a NULL-terminated array of them, in one piece
 * that lives as long as the process; NULL without memory.
 */
static char **
copy_strings(char **strings, size_t n)
{
	size_t bytes = (n + 1) * sizeof(char *);
	char **copy, *text;

	for (size_t i = 0; i < n; i++)
		bytes += strlen(strings[i]) + 1;
	if ((copy = malloc(bytes)) == NULL)
		return NULL;
	text = (char *)&copy[n + 1];
	for (size_t i = 0; i < n; i++) {
		copy[i] = text;
		text = stpcpy(text, strings[i]) + 1;
	}
	copy[n] = NULL;
	return copy;
}

/* The end of the strings that follow each other without a gap from end on. */
static char *
follow(char *end, char **strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strings[i] == end)
			end += strlen(end) + 1;
	return end;
}

void
spawn_title_init(int argc, char **argv)
{
	size_t nargs = (size_t)argc, nenv = 0;
	char **args, **env, *end;

	if (argc == 0)
		return;
	while (environ[nenv] != NULL)
		nenv++;
	args = copy_strings(argv, nargs);
	env = copy_strings(environ, nenv);
	if (args == NULL || env == NULL) {
		free(args);
		free(env);
		return;
	}
	memory.start = argv[0];
	end = follow(argv[0], argv, nargs);
	memory.args = (size_t)(end - memory.start);
	end = follow(end, environ, nenv);
	memory.size = (size_t)(end - memory.start);
	memcpy(argv, args, nargs * sizeof(args[0]));
	memory.args_copy = args;
	memory.env_copy = environ = env;
	/* argv until there is a title; the secrets of environ at once. */
	explicit_bzero(memory.start + memory.args, memory.size - memory.args);
}

void
spawn_title(const char *fmt, ...)
{
	char title[1024] = "dalpuri: ";
	size_t len = strlen(title);
	va_list ap;

	prctl(PR_SET_NAME, "dalpuri");
	if (memory.size == 0)
		return;
	va_start(ap, fmt);
	vsnprintf(title + len, sizeof(title) - len, fmt, ap);
	va_end(ap);
	memset(memory.start, 0, memory.size);
	len = strnlen(title, memory.size - 1);
	memcpy(memory.start, title, len);
	if (len + 1 < memory.args)
		memory.start[memory.args - 1] = '.';
}
