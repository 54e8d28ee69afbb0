/*
 * The slots from inside: what slots.c shares with the two kinds of children.
 */
#ifndef MASTER_SLOT_KINDS_H
#define MASTER_SLOT_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "master/child.h"

struct status;
struct views;

struct collector {
	struct child child;	/* the first member: see collector_of() */
	TAILQ_ENTRY(collector) entry;
	int status_fd;		/* of its page; -1 = none */
	struct status *status;	/* the same, mapped; NULL = none */
	char why[256];		/* its database is down; "" = not told so */
	bool condemned;		/* by its page, before it was killed */
	uint64_t blamed;	/* the request that is to blame; 0 = none */
};

struct slots {
	struct master *m;
	struct views *views;
	int queue_write, queue_read;	/* both kept: requests outlive the
					 * death of the last collector */
	/* of the binary before; -1 = none, or nobody reads it any more */
	int old_write, old_read;
	uint64_t inherited_ms;		/* when those came; see slots_old.c */
	/* how many there shall be: slots, and collectors in all of them */
	size_t nworkers, ncollectors;
	uint64_t watched_ms, awake_ms;	/* see slots_watch() */
	bool fit_again;		/* who lacks could not be started */
	/* those that there are, in the order of their numbers */
	TAILQ_HEAD(, child) workers;
	TAILQ_HEAD(, collector) collectors;
};

/* Both are tables of functions: see child.h. */
extern const struct child_kind worker_kind;
extern const struct child_kind collector_kind;

/* Tell collectors of generations that no worker holds any more. */
void slots_drop_unused(struct slots *s);

/* Close a collector's status page. */
void collector_forget_page(struct collector *k);

/* The watchdog's look at one; nobody was looked at before awake_ms. */
void collector_watch(struct collector *k, uint64_t now_ms, uint64_t awake_ms);

/* What is said in the reply to this request is none: its collector goes. */
void slots_unsound(struct slots *s, uint64_t id);

/* It has served long enough: start another, then let it go. */
void slots_replace_collector(struct slots *s, struct collector *k);
/* This one has tried its database: those that it replaces may go. */
void slots_collector_follows(struct slots *s, const struct collector *k);

/* Those who are leaving: let them begin, and see that they come to an end. */
void slots_fit_watch(struct slots *s, uint64_t now_ms);

/* A worker holds nothing any more. */
void slots_worker_moved(struct child *c);

/* Those of the binary before: do they come to an end? */
void slots_old_watch(struct slots *s, uint64_t now_ms);
void slots_forget_old_queue(struct slots *s);

/* A place in the lists and tables for a worker or a collector. */
struct child *slots_add_worker(struct slots *s, unsigned int number);
struct collector *slots_add_collector(struct slots *s, unsigned int number,
    unsigned int index);

/* Free one, as dead as it may be. */
void slots_forget_worker(struct slots *s, struct child *c);
void slots_forget_collector(struct slots *s, struct collector *k);

#endif
