/*
 * What a master leaves to the binary that it becomes: a version, and items of
 * the kinds below, all of one form.  Descriptors are numbers in it, because
 * the process stays the same.  The state lies in a sealed view, and its reader
 * believes nothing in it without a check.
 */
#ifndef IPC_HANDOVER_H
#define IPC_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ipc/msg.h"
#include "ipc/wire.h"

/* The form of what follows; another one is refused. */
#define HANDOVER_FORM 1
#define HANDOVER_FDS 2
#define HANDOVER_NUMBERS 3
#define HANDOVER_VERSION_MAX 32

enum handover_kind {
	HANDOVER_MASTER = 1,	/* numbers: generation; text: pid file */
	HANDOVER_VIEW,		/* fd: of the new generation, in the order of
				 * LOADED */
	HANDOVER_LISTENER,	/* fd; text: its address as configured */
	HANDOVER_CONTROL,	/* fd; text: its path */
	HANDOVER_CALLER,	/* fd: who asked for this on that socket */
	HANDOVER_QUEUE,		/* fds: write end, read end */
	HANDOVER_WORKER,	/* fd: channel; numbers: pid, worker */
	HANDOVER_COLLECTOR,	/* fd: channel; numbers: pid, worker, index */
	HANDOVER_SESSION,	/* numbers: pid of its worker; flag: joined;
				 * text: sid */
	HANDOVER_FRONT,		/* fd; text: address; in, out: bytes read and
				 * not used, and not sent yet; flag: it ends
				 * behind those */
	HANDOVER_KINDS
};

struct handover_item {
	enum handover_kind kind;
	int fds[HANDOVER_FDS];		/* -1 = none */
	uint32_t numbers[HANDOVER_NUMBERS];
	bool flag;
	struct msg_bytes text, in, out;
};

/* "worker" and so on. */
const char *handover_name(enum handover_kind kind);

/* Descriptors that an item of this kind has. */
size_t handover_fds(enum handover_kind kind);

/* Append the head, then items; 0, or -1: no memory. */
int handover_put_head(struct buf *b, const char *version) MUST_CHECK;
int handover_put(struct buf *b, const struct handover_item *item) MUST_CHECK;

/*
 * Read the head, then items, which point into the state: 1, 0 at its end, or
 * -1 when it is not well formed.
 */
int handover_get_head(struct wire_reader *r,
    char version_out[HANDOVER_VERSION_MAX], struct err *err) MUST_CHECK;
int handover_get(struct wire_reader *r, struct handover_item *out) MUST_CHECK;

/* Is all of it well formed?  0, or -1 with the reason. */
int handover_check(const void *data, size_t len, struct err *err) MUST_CHECK;

#endif
