/*
 * One line per fact: "subject: what happened: why".  Every process writes to
 * the descriptor that it was started with (standard error, a log file, or a
 * connected syslog socket), each line in one write so that lines of several
 * processes never mix.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR,	/* an admin must act */
	LOG_LEVEL_WARN,		/* something was refused or retried */
	LOG_LEVEL_INFO,		/* life-cycle */
	LOG_LEVEL_DEBUG,	/* each message and state by name */
	LOG_LEVELS
};

/*
 * Say who writes ("master", "worker 1") and what is worth writing.  fd is
 * borrowed, not owned.  When fd is a datagram socket, lines are written in
 * syslog's form (RFC 3164 priority, no newline), else with a time stamp (UTC,
 * milliseconds) and a newline.  To be said again by a process that has forked.
 */
void log_open(int fd, const char *who, enum log_level level);
/* Go on writing to what fd is, which stays the caller's. */
void log_move(int fd);

void log_set_level(enum log_level level);

/* "error", "warn", "info", "debug"; -1 when name is none of them. */
int log_level_by_name(const char *name);
const char *log_level_name(enum log_level level);

/*
 * Write one line.  Control characters in the text are shown as \xNN, so that
 * nothing that a stranger sent can start a line of its own.  Never fails.
 */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
