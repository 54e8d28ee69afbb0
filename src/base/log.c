/*
 * Lines of log, each in one write().  What is worth writing, and where, is
 * decided once at start.
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
	char tag[48];		/* "worker 1[4711]: " */
	time_t second;		/* that stamp tells; at first none */
	char stamp[32];
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
	snprintf(state.tag, sizeof(state.tag), "%s[%d]: ", state.who,
	    (int)getpid());
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

static size_t
append(char *line, size_t at, const char *text)
{
	size_t len = strlen(text);

	memcpy(line + at, text, len);
	return at + len;
}

/* Local time and English months, as RFC 3164 has them. */
static size_t
put_syslog_head(char *line, size_t size, enum log_level level)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];
	int n;

	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%e %H:%M:%S", &tm);
	n = snprintf(line, size, "<%d>%.3s %s dalpuri[%d]: %s: ",
	    FACILITY | levels[level].severity, months + 3 * tm.tm_mon, stamp,
	    (int)getpid(), state.who);
	return n > 0 ? (size_t)n : 0;
}

/* The beginning of a line, up to the text; returns its length. */
static size_t
put_head(char *line, enum log_level level)
{
	struct timeval tv;
	struct tm tm;
	unsigned int ms;
	size_t at;

	gettimeofday(&tv, NULL);
	if (tv.tv_sec != state.second) {
		state.second = tv.tv_sec;
		gmtime_r(&tv.tv_sec, &tm);
		strftime(state.stamp, sizeof(state.stamp),
		    "%Y-%m-%dT%H:%M:%S.", &tm);
	}
	ms = (unsigned int)(tv.tv_usec / 1000);
	at = append(line, 0, state.stamp);
	line[at++] = (char)('0' + ms / 100);
	line[at++] = (char)('0' + ms / 10 % 10);
	line[at++] = (char)('0' + ms % 10);
	at = append(line, at, "Z ");
	at = append(line, at, levels[level].name);
	line[at++] = ' ';
	return append(line, at, state.tag);
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

	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		return;
	len = state.syslog ? put_syslog_head(line, sizeof(line), level) :
	    put_head(line, level);
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

#define LOG_FUNCTION(name, its_level)					\
	void								\
	name(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		if (its_level > state.level)				\
			return;						\
		va_start(ap, fmt);					\
		write_line(its_level, fmt, ap);				\
		va_end(ap);						\
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
