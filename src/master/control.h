/*
 * The control socket: a local stream socket, for its owner and root only.  A
 * caller sends one line, a command with its words, and gets one JSON object:
 *
 *	{"ok":true,...}		or	{"ok":false,"error":"..."}
 *
 * dalpurictl(8) lists the commands.
 */
#ifndef MASTER_CONTROL_H
#define MASTER_CONTROL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct control;
struct handover_item;
struct master;

/*
 * Listen at conf's control path; an old socket there that nobody listens on
 * is replaced.  0, also when none is configured, or -1.
 */
int control_start(struct master *m, struct err *err) MUST_CHECK;
void control_free(struct control **c);

/*
 * A reload has ended.  why: NULL = the new configuration is in force.  Lines
 * told by control_fault() since it began go with it.
 */
void control_reloaded(struct control *c, const char *why);
void control_fault(struct control *c, const char *line, size_t len);

/* The upgrade has failed. */
void control_not_upgraded(struct control *c, const char *why);

/*
 * Put the socket and who waits for the upgrade into the state that this
 * master leaves.  The other way: an item of those kinds, whose descriptor is
 * the callee's; control_start() comes afterwards.
 */
int control_hand_over(const struct control *c, struct buf *state) MUST_CHECK;
void control_inherit(struct master *m, const struct handover_item *item);

/* A worker's part of an answer; what was not asked for is ignored. */
void control_told(struct control *c, size_t worker, const void *data,
    size_t len);

/* Will not answer any more. */
void control_worker_down(struct control *c, size_t worker);

#endif
