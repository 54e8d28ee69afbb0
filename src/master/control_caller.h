/* What the control socket and its commands share. */
#ifndef MASTER_CONTROL_CALLER_H
#define MASTER_CONTROL_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event_struct.h>

#include "base/buf.h"
#include "master/slots.h"

struct bufferevent;
struct control;
struct master;

/* Somebody who has asked, until the answer is out. */
struct caller {
	LIST_ENTRY(caller) link;
	struct control *control;
	struct bufferevent *io;
	struct event timer;	/* the end of waiting */
	uint64_t reload;	/* waits for the end of this load; 0 = none */
	bool upgrade;		/* waits for the end of an upgrade */
	uint32_t serial;	/* of what workers were asked; 0 = nothing */
	size_t nworkers;	/* that have not answered */
	bool workers[SLOTS_PLACES + 1];	/* the same, by place */
	const char *list;	/* what their items are called */
	struct buf items;	/* ... with commas between */
	struct buf faults;	/* of the reload, as strings with commas */
};

/*
 * Run the command in line (NUL-terminated; it is changed).  The answer is
 * given at once, or the caller waits (reload, serial).
 */
void control_command(struct master *m, struct caller *c, char *line);

/* Answer with an object; members: what stands behind "ok":true, or "". */
void control_answer(struct caller *c, const struct buf *members);
/* Answer with a sentence. */
void control_refuse(struct caller *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Let it wait for the end of the next reload. */
void control_wait_reload(struct caller *c);

/* Let it wait for the end of the upgrade. */
void control_wait_upgrade(struct caller *c);

/* Ask all workers for items of a list; `what` is of enum msg_ask. */
void control_ask(struct master *m, struct caller *c, unsigned int what,
    const char *list);

#endif
