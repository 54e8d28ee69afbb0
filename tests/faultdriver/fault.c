/* The table of what can go wrong, and how it is done. */
#include "fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sockets are looked for below this number. */
#define SOCKETS_MAX 64
/* Memory is taken in pieces of this size. */
#define PIECE_BYTES (1024 * 1024)

static void
act_segv(size_t n)
{
	volatile int *nowhere = NULL;

	(void)n;
	*nowhere = 1;
}

static void
act_abort(size_t n)
{
	(void)n;
	abort();
}

static void
act_exit(size_t n)
{
	_exit((int)n);
}

static void
act_stop(size_t n)
{
	(void)n;
	raise(SIGSTOP);
}

static void
act_spin(size_t n)
{
	for (volatile size_t i = n;; i++)
		;
}

static void
act_sleep(size_t n)
{
	(void)n;
	for (;;)
		pause();
}

/* All that there is, at most n MiB, and given back afterwards. */
static void
act_memory(size_t n)
{
	char **last = NULL, **piece;

	while (n-- > 0 && (piece = malloc(PIECE_BYTES)) != NULL) {
		memset(piece, 1, PIECE_BYTES);
		*piece = (char *)last;
		last = piece;
	}
	while ((piece = last) != NULL) {
		last = (char **)(void *)*piece;
		free(piece);
	}
}

/* n MiB that nobody will ever give back. */
static void
act_leak(size_t n)
{
	static char *volatile lost;

	while (n-- > 0 && (lost = malloc(PIECE_BYTES)) != NULL)
		memset(lost, 1, PIECE_BYTES);
}

/* n descriptors that nobody will ever close; 0 = all. */
static void
act_descriptors(size_t n)
{
	size_t i = 0;

	while (dup(STDERR_FILENO) != -1)
		if (++i == n)
			break;
}

/* Write behind the end of a piece of memory, and let that be noticed. */
static void
act_heap(size_t n)
{
	volatile size_t size = PIECE_BYTES / 8;	/* compilers see too much */
	char *piece = malloc(size);

	(void)n;
	for (size_t i = size; piece != NULL && i < size + 64; i++)
		*(volatile char *)(piece + i) = 0x41;
	free(piece);
}

static bool
is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* To every socket from n on: 3 is the channel, the reply comes last. */
static void
act_garbage(size_t n)
{
	static const char garbage[] = "\377\376garbage of a driver";

	for (int fd = (int)n; fd < SOCKETS_MAX; fd++)
		if (is_socket(fd))
			(void)send(fd, garbage, sizeof(garbage),
			    MSG_DONTWAIT | MSG_NOSIGNAL);
}

static const struct {
	const char *name;
	enum fault_lie lie;
	void (*act)(size_t n);
} whats[] = {
	{ "rows", LIE_NONE, NULL },
	{ "error", LIE_ERROR, NULL },
	{ "lost", LIE_LOST, NULL },
	{ "drip", LIE_DRIP, NULL },
	{ "utf8", LIE_UTF8, NULL },
	{ "long", LIE_LONG, NULL },
	{ "negative", LIE_NEGATIVE, NULL },
	{ "segv", LIE_NONE, act_segv },
	{ "abort", LIE_NONE, act_abort },
	{ "exit", LIE_NONE, act_exit },
	{ "stop", LIE_NONE, act_stop },
	{ "spin", LIE_NONE, act_spin },
	{ "sleep", LIE_NONE, act_sleep },
	{ "memory", LIE_MEMORY, act_memory },
	{ "leak", LIE_NONE, act_leak },
	{ "descriptors", LIE_NONE, act_descriptors },
	{ "heap", LIE_NONE, act_heap },
	{ "garbage", LIE_NONE, act_garbage },
};

static const char *const whens[FAULT_WHENS] = {
	[FAULT_EXECUTE] = "execute", [FAULT_FETCH] = "fetch",
	[FAULT_DISCONNECT] = "disconnect"
};

bool
fault_read(const char *text, size_t len, struct fault *out)
{
	char command[128], when[16], what[16];
	unsigned long n = 0;

	if (len >= sizeof(command))
		return false;
	memcpy(command, text, len);
	command[len] = '\0';
	if (sscanf(command, "fault:%15[a-z]:%15[a-z0-9]:%lu", when, what,
	    &n) < 2)
		return false;
	for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
		if (strcmp(what, whats[i].name) != 0)
			continue;
		*out = (struct fault){ .lie = whats[i].lie,
		    .act = whats[i].act, .n = n };
		for (out->when = 0; out->when < FAULT_WHENS; out->when++)
			if (strcmp(when, whens[out->when]) == 0)
				return true;
	}
	return false;
}
