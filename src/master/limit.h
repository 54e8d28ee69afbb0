/*
 * Bounds on what clients may take from the master: connections, handshakes,
 * wrong keys.  Each is a setting of the section limits and named by the answer
 * and in the log; 0 turns it off.  Addresses in trusted_proxies have no limits
 * of their own: they stand for many clients.
 */
#ifndef MASTER_LIMIT_H
#define MASTER_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

struct front;
struct http_head;
struct master;

struct limit {
	const char *name;	/* "limits.connections" */
	int status;		/* of the answer */
	const char *text;	/* the answer, which names it */
	size_t counter;		/* offset of its uint64_t in the counters */
};

/* Each: NULL, or the limit that one more of it would be beyond. */
const struct limit *limit_connection(const struct master *m,
    const char *address);
const struct limit *limit_handshake(const struct master *m,
    const char *address);

/* A handshake begins; one has shown no right key. */
void limit_handshaken(struct master *m, const char *address);
void limit_failed(struct master *m, const char *address);

/* Has the address failed so often lately that its keys are not looked at? */
bool limit_is_failing(const struct master *m, const char *address);

/* The log line and the counter of a limit that was met. */
void limit_log(struct master *m, const struct limit *limit,
    const char *address);

/* Is the peer of f's socket in trusted_proxies? */
bool limit_is_proxy(const struct master *m, int fd);

/*
 * f belongs to a proxy, whose head says for whom the request is: from now on
 * that is f's address.
 */
const struct limit *limit_forward(struct front *f,
    const struct http_head *head);

#endif
