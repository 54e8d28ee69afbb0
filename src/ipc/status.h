/*
 * The status page of one collector: memory shared by that collector and the
 * master alone.  The master believes nothing in it without a check.  Its
 * state word is what makes the watchdog's kill exact: the master condemns the
 * request it saw, and the collector cannot go on to an innocent one.
 */
#ifndef IPC_STATUS_H
#define IPC_STATUS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* More than can be run before a worker has read the reply to the first. */
#define STATUS_IDS 256

struct status {
	_Atomic uint64_t state;		/* see status_* below */
	/* clock_ms() until which the running request may; 0 = no bound */
	_Atomic uint64_t deadline_ms;
	_Atomic uint64_t served;	/* requests answered, failures too */
	_Atomic uint64_t failed;
	_Atomic uint64_t rows;
	_Atomic uint64_t rows_so_far;	/* of the running or last request */
	_Atomic uint64_t bytes;
	_Atomic uint32_t database_up;	/* 0 or 1 */
	_Atomic uint32_t all_up;	/* by the master: collectors that are */
	_Atomic uint64_t seen_ms;	/* see status_seen() */
	_Atomic uint64_t fingerprint;	/* of the running or last request */
	_Atomic uint64_t ids[STATUS_IDS];	/* of the latest, in turn */
};

/* A zeroed page as a memfd, close-on-exec; the fd, or -1. */
int status_create(struct err *err) MUST_CHECK;

/* Map it shared; NULL on failure.  The fd may be closed afterwards. */
struct status *status_map(int fd);
void status_unmap(struct status *s);

/* Collector: IDLE -> RUNNING(id).  false: we are condemned, exit now. */
bool status_begin(struct status *s, uint64_t id, uint64_t deadline_ms);
/* Collector: RUNNING(id) -> IDLE.  false: we are condemned, exit now. */
bool status_end(struct status *s, uint64_t id);

/*
 * Collector, while it is idle: it is alive at clock_ms(), and, when that is in
 * the future, silent until then.
 */
void status_seen(struct status *s, uint64_t ms);

/*
 * Master: is it idle and has not been seen since before_ms?  Then it is
 * condemned by this call and to be killed.
 */
bool status_condemn_silent(struct status *s, uint64_t before_ms);

/* Master: is this request running?  Then it is condemned. */
bool status_condemn_id(struct status *s, uint64_t id);

/* Master: is this request among the latest? */
bool status_ran(const struct status *s, uint64_t id);

/*
 * Master: the id that runs beyond deadline + grace_ms at now_ms, condemned by
 * this call and to be killed; 0 when there is none.
 */
uint64_t status_condemn(struct status *s, uint64_t now_ms,
    uint64_t grace_ms);

/* The id that is running; 0 = idle. */
uint64_t status_running(const struct status *s);

#endif
