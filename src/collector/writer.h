/*
 * The writer of one reply.  Text is put into answer.out and leaves it in
 * messages, from the memory in which it was written; a worker that reads
 * slowly makes the writer wait, and so the fetch behind it.
 */
#ifndef COLLECTOR_WRITER_H
#define COLLECTOR_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "ipc/reply.h"
#include "ipc/status.h"

/* What real clients accept in one message. */
#define WRITER_ATTACHMENTS_MAX 10

struct writer_params {
	int fd;				/* reply socket; stays the caller's */
	uint64_t id;
	struct db_guard *guard;
	struct status *status;		/* NULL: nobody watches */
	uint64_t max_rows;		/* 0 = no bound */
	uint64_t max_bytes;		/* of text; 0 = no bound */
	uint64_t max_binary_bytes;	/* of an answer with attachments */
};

struct writer {
	struct writer_params p;
	bool begun;			/* the worker has heard of it */
	bool held;			/* it may have attachments */
	uint64_t since_us;		/* clock_us() at writer_init() */
	struct buf out;			/* a message's head, then text */
	size_t border;			/* in out: end of the last whole row */
	uint64_t rows, bytes;		/* bytes: sent */
	size_t nattachments;
};

/*
 * Begin a reply; w is zeroed, or has served another, whose memory it keeps.
 * 0, or -1: out of memory.
 */
int writer_init(struct writer *w, const struct writer_params *p,
    struct err *err) MUST_CHECK;
void writer_fini(struct writer *w);

/* Before anything is put into out: may the answer have attachments? */
void writer_begin(struct writer *w, bool held);

/*
 * A row of the top-level array has been put into out, with the comma in front
 * of it, or a part of one that may go.  Sends what is worth a message.  0, or
 * -1: LIMIT, CANCELLED.
 */
int writer_row(struct writer *w, struct err *err) MUST_CHECK;
int writer_part(struct writer *w, struct err *err) MUST_CHECK;

/*
 * The next attachment, whose number is w->nattachments before the call.  f is
 * named when there is one too many.  0, or -1: LIMIT, CANCELLED.
 */
int writer_attach(struct writer *w, const struct schema_field *f,
    const char *data, size_t len, struct err *err) MUST_CHECK;

/*
 * Send bytes as messages of a type that comes in pieces, behind BEGUN.  0, or
 * -1: CANCELLED.
 */
int writer_pieces(struct writer *w, enum reply_type type, const char *data,
    size_t len, struct err *err) MUST_CHECK;

/* LIMIT: a value of f is one attachment too many.  Always -1. */
int writer_too_many(const struct schema_field *f, struct err *err);

/*
 * The end, with a failure if there is one (failure may be NULL).  When nothing
 * was sent yet it is one message, ANSWER or REFUSAL; a failure leaves rows
 * behind it then, since nobody has seen any.  0, or -1 when the caller is gone.
 */
int writer_end(struct writer *w, const struct err *failure);

#endif
