/*
 * Lines of log, each in one write().  What is worth writing, and where, is
 * decided once at start; this is the only state that the room base keeps.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* A pipe takes this much in one piece, and syslog daemons take no more. */
#define LINE_MAX_BYTES 4096
/* RFC 3164: facility "daemon". */
#define FACILITY (3 << 3)

static const struct {
	const char *name;
	int severity;		/* of syslog */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", 3 },
	[LOG_LEVEL_WARN] = { "warn", 4 },
	[LOG_LEVEL_INFO] = { "info", 6 },
	[LOG_LEVEL_DEBUG] = { "debug", 7 },
};

_Static_assert(sizeof(levels) / sizeof(levels[0]) == LOG_LEVELS,
    "every level has a name");

static struct {
	int fd;
	bool syslog;
	enum log_level level;
	char who[32];
} state = { .fd = STDERR_FILENO, .level = LOG_LEVEL_INFO };

static bool
is_syslog(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_DGRAM;
}

void
log_open(int fd, const char *who, enum log_level level)
{
	state.fd = fd;
	state.level = level;
	state.syslog = is_syslog(fd);
	snprintf(state.who, sizeof(state.who), "%s", who);
}

void
log_move(int fd)
{
	if (dup2(fd, state.fd) >= 0)
		state.syslog = is_syslog(state.fd);
}

void
log_set_level(enum log_level level)
{
	state.level = level;
}

int
log_level_by_name(const char *name)
{
	for (int i = 0; i < LOG_LEVELS; i++)
		if (strcmp(name, levels[i].name) == 0)
			return i;
	return -1;
}

const char *
log_level_name(enum log_level level)
{
	if ((unsigned int)level >= LOG_LEVELS)
		return "unknown";
	return levels[level].name;
}

/* The beginning of a line, up to the text; returns its length. */
static size_t
put_head(char *line, size_t size, enum log_level level)
{
	struct timeval tv;
	struct tm tm;
	char stamp[32];
	int n;

	gettimeofday(&tv, NULL);
	if (state.syslog) {
		/* Local time and English months, as RFC 3164 has it. */
		static const char months[] =
		    "JanFebMarAprMayJunJulAugSepOctNovDec";

		localtime_r(&tv.tv_sec, &tm);
		strftime(stamp, sizeof(stamp), "%e %H:%M:%S", &tm);
		n = snprintf(line, size, "<%d>%.3s %s dalpuri[%d]: %s: ",
		    FACILITY | levels[level].severity, months + 3 * tm.tm_mon,
		    stamp, (int)getpid(), state.who);
	} else {
		gmtime_r(&tv.tv_sec, &tm);
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
		n = snprintf(line, size, "%s.%03dZ %s %s[%d]: ", stamp,
		    (int)(tv.tv_usec / 1000), levels[level].name, state.who,
		    (int)getpid());
	}
	return n > 0 ? (size_t)n : 0;
}

/* Copy text with control characters made visible; returns the new length. */
static size_t
put_text(char *line, size_t at, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool control = c < 0x20 || c == 0x7f;

		if (at + (control ? 4 : 1) > size)
			break;
		if (!control) {
			line[at++] = *text;
			continue;
		}
		line[at++] = '\\';
		line[at++] = 'x';
		line[at++] = hex[c >> 4];
		line[at++] = hex[c & 15];
	}
	return at;
}

static __attribute__((format(printf, 2, 0))) void
write_line(enum log_level level, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];
	char line[LINE_MAX_BYTES];
	size_t len;

	if (level > state.level)
		return;
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		return;
	len = put_head(line, sizeof(line), level);
	len = put_text(line, len, sizeof(line) - 1, text);
	if (state.syslog) {
		/* A syslog daemon that is stuck or gone must not stop us. */
		(void)send(state.fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	}
	line[len++] = '\n';
	if (write(state.fd, line, len) < 0)
		return;		/* there is nobody left to tell */
}

#define LOG_FUNCTION(name, level)					\
	void								\
	name(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		va_start(ap, fmt);					\
		write_line(level, fmt, ap);				\
		va_end(ap);						\
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
