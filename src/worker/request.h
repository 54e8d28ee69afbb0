/*
 * Stop 7 of a request's life: a call of a collector, from the event to its
 * answer.
 *
 *	WAITING -> ASKED -> BEGUN -> (STREAMED ->) gone
 *	   ^         |
 *	   +---------+  once, when its collector died before it began
 */
#ifndef WORKER_REQUEST_H
#define WORKER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/err.h"
#include "proto/sio.h"
#include "worker/turns.h"

struct conf_file;
struct evbuffer;
struct joined;
struct packet;
struct reply_pair;
struct session;

enum request_state {
	REQUEST_WAITING,	/* here, for its turn */
	REQUEST_ASKED,		/* in the work queue */
	REQUEST_BEGUN,		/* a collector runs it; the answer is held */
	REQUEST_STREAMED,	/* the answer is on its way to the client */
	REQUEST_STATES
};

/*
 * What has come of the answer.  Only whole rows are passed on to a packet, so
 * that the array can be ended at any time; but a single row that is larger
 * than memory allows is passed on in parts.
 */
struct answer {
	struct evbuffer *rows;	/* text inside of the array; NULL at first */
	size_t whole;		/* bytes of it that end between two rows */
	struct packet *packet;	/* STREAMED: where rows go */
	bool cut;		/* what went there ends inside of a row */
	bool held;		/* may have attachments: never streamed */
	bool paused;		/* the client must read first: see pinned.h */
	size_t nattachments;
	struct evbuffer *attachments[SIO_ATTACHMENTS_MAX];
	size_t attached_bytes;
	struct err failure;	/* code is ERR_NONE while all is well */
};

struct request {
	LIST_ENTRY(request) of_session;
	TAILQ_ENTRY(request) of_lane;	/* WAITING, or following */
	TAILQ_ENTRY(request) unbegun;	/* WAITING or ASKED */
	TAILQ_ENTRY(request) of_slot;	/* in_shares: see share.c */
	TAILQ_ENTRY(request) of_pinned;	/* answer.paused */
	uint64_t pinned_ms;		/* since when */
	struct session *session;
	struct key_queue *key;
	struct lane *lane;		/* of key; where it waits */
	struct cap_place of_key_cap, of_collector_cap;	/* ASKED and later */
	uint64_t begun_us;
	const char *nsp, *collector;	/* of the session's generation */
	uint64_t ack_id;
	uint64_t id;			/* for collectors and logs */
	uint64_t expires_ms;		/* when it must have begun */
	enum request_state state;
	bool again;			/* has been queued a second time */
	bool parked;			/* WAITING until its client reads */
	bool coalesce;			/* it may share an answer */
	bool in_shares;
	uint64_t what;			/* a hash of what it asks */
	struct request *leader;		/* WAITING for this one's answer */
	struct requests followers;	/* which do so */
	bool plugin;			/* options are a call (ipc/call.h) */
	bool silent;			/* nobody waits for its answer, */
	bool acked;			/* or it is out before the end */
	struct buf options;
	size_t bytes;		/* of them, in request_bytes of session */
	struct reply_pair *reply;	/* NULL = not asked */
	struct answer answer;
};

/*
 * An event of a client: ask, or answer why not.  Without a callback only
 * collectors in C are asked.
 */
void request_event(struct session *s, const struct joined *j,
    const struct sio_packet *p, const struct sio_event *e);

/* Does it name a collector in C, who wants to see its attachments? */
bool request_keeps_bytes(const struct session *s, const struct sio_event *e);

/* The same of a collector in C, which is told that j was joined. */
void request_connect(struct session *s, const struct joined *j,
    const struct conf_file *collector);

/* Answer with a failure, unless nobody waits for it, then free it. */
void request_fail(struct request *r, const struct err *err);

/* Free it, whatever its state; a running one is cancelled. */
void request_free(struct request *r);

/*
 * Free all of a session, or (nsp != NULL) those of a namespace whose answer
 * is not half way out.
 */
void request_cancel_all(struct session *s, const char *nsp);

void request_set_state(struct request *r, enum request_state state);

#endif
