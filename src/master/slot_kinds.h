/*
 * The slots from inside: what slots.c shares with the two kinds of children.
 */
#ifndef MASTER_SLOT_KINDS_H
#define MASTER_SLOT_KINDS_H

#include <stddef.h>

#include "master/child.h"

struct status;
struct views;

struct collector {
	struct child child;
	int status_fd;		/* of its page; -1 = none */
	struct status *status;	/* the same, mapped; NULL = none */
};

struct slots {
	struct master *m;
	struct views *views;
	int queue_write, queue_read;	/* both kept: requests outlive the
					 * death of the last collector */
	size_t nworkers, ncollectors;
	struct child *workers;		/* [nworkers] */
	struct collector *collectors;	/* [ncollectors], by slot */
};

/* Both are tables of functions: see child.h. */
extern const struct child_kind worker_kind;
extern const struct child_kind collector_kind;

/* Tell collectors of generations that no worker holds any more. */
void slots_drop_unused(struct slots *s);

/* Close a collector's status page. */
void collector_forget_page(struct collector *k);

#endif
