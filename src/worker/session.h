/*
 * Stop 5 of a request's life: a client's session, whatever it is connected
 * by at the moment.
 *
 *	OPEN -> (CLOSING ->) CLOSED
 *
 * CLOSING is a polling session that has ended while no poll was there: the
 * next one hears of it.  A closed session is freed by its own timer, so that
 * a pointer to it stays good until the loop's next turn.
 *
 * Logs show six characters of a sid: enough to tell sessions apart, too few
 * to use one.
 */
#ifndef WORKER_SESSION_H
#define WORKER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event_struct.h>

#include "conf/conf.h"
#include "ipc/msg.h"
#include "proto/eio_revision.h"
#include "worker/output.h"
#include "worker/state.h"

struct conn;
struct gather;
struct generation;
struct request;

enum session_state {
	SESSION_OPEN,
	SESSION_CLOSING,
	SESSION_CLOSED,
	SESSION_STATES
};

enum close_reason {
	CLOSE_CLIENT,		/* the client said so */
	CLOSE_LOST,		/* its connection ended */
	CLOSE_PACKET,		/* no Engine.IO packet, or none for us */
	CLOSE_FRAME,		/* a websocket's frames were wrong */
	CLOSE_MEANING,		/* against the rules of Socket.IO */
	CLOSE_TWO_POLLS,
	CLOSE_TWO_POSTS,
	CLOSE_PONG,		/* no answer to a ping */
	CLOSE_PING,		/* revision 3: no ping */
	CLOSE_NO_NAMESPACE,	/* none was joined in time */
	CLOSE_UNREAD,		/* too many packets wait for it */
	CLOSE_PAYLOAD,		/* too many packets in one body */
	CLOSE_SLOW,		/* a message did not come to its end */
	CLOSE_CUT,		/* an answer broke off in the middle */
	CLOSE_MEMORY,
	CLOSE_KEY,		/* a reload took its key away */
	CLOSE_MOVE,		/* it could not move with its worker */
	CLOSE_ADMIN,		/* dalpurictl kill */
	CLOSE_STOP,		/* the gateway ends */
	CLOSE_REASONS
};

/* A namespace that the client has joined. */
struct joined {
	SLIST_ENTRY(joined) link;
	const char *nsp;		/* of the generation's list */
	const struct conf_key *key;	/* NULL = auth is none */
	uint32_t since;			/* generation of the verdict */
	char sid[EIO_SID_LEN + 1];	/* its Socket.IO id */
	char *auth;			/* JSON for plugins; NULL = none */
};

/* Key material, judged by the master. */
struct grant {
	enum msg_grant verdict;
	const struct conf_key *key;	/* of the session's generation */
	uint32_t since;			/* the generation of the verdict */
};

struct session {
	struct table_node node;		/* in worker.sessions */
	LIST_ENTRY(session) ended;	/* CLOSED: in worker.ended */
	struct worker *worker;
	struct generation *generation;
	struct event timer;
	uint64_t timer_ms;		/* when it is due; 0 = not set */
	enum session_state state;
	enum eio_transport transport;
	const struct eio_revision *revision;
	bool base64;			/* revision 3: bytes go as text */
	char sid[MSG_SID_LEN + 1];
	char *address;
	uint64_t opened_ms;

	/* connections; each may be NULL */
	struct conn *poll;		/* where packets may go */
	struct conn *post;		/* where a body comes from */
	struct conn *ws;		/* EIO_WEBSOCKET */
	struct conn *probe;		/* a websocket that wants to be ws */
	bool probe_base64;		/* then this will be base64 */
	bool probed;			/* it has said 2probe */
	bool switching;			/* it said 5, a poll is unfinished */
	uint64_t upgrade_ms;		/* when the probe must be done */

	/* heartbeat: the next ping, or the end of waiting for the client's
	 * pong; in revision 3 its ping is due at all times */
	uint64_t beat_ms;
	bool beat_due, extended;
	uint64_t pinged_ms;		/* when a ping last left */
	uint64_t end_ms;		/* without namespace, or CLOSING */
	enum close_reason end_reason;	/* then, when it is OPEN */

	/* Socket.IO */
	SLIST_HEAD(, joined) joined;
	const struct conf_key *key;	/* that last let it in, for logs */
	struct grant origin;		/* of the opening request */
	struct grant connect;		/* of the first CONNECT */
	bool connect_seen;		/* connect holds, once */
	char answered[MSG_SID_LEN + 1];	/* the same CONNECT, by the master */
	bool behind;			/* behind_link is in a list */
	uint32_t auth_serial;		/* a verdict is awaited; 0 = none */
	const char *auth_nsp;		/* for this namespace */
	char *auth;			/* of a CONNECT until it is judged;
					 * NULL = not kept */
	struct gather *gather;		/* attachments are awaited */

	LIST_HEAD(, request) requests;
	size_t nrequests;
	size_t nparked;			/* of them: see schedule.c */
	size_t request_bytes;		/* of their options */
	struct output output;
	TAILQ_ENTRY(session) behind_link;	/* see compress_may() */
};

/*
 * A session as the master's message tells it, without connections.  NULL
 * when its generation is unknown or memory is short (logged).
 */
struct session *session_new(struct worker *w, const struct msg_session *m);

struct session *session_find(struct worker *w, const char *sid);

/*
 * End it: running requests are cancelled, its connections told, the master
 * too.  Does nothing when it is ending already.
 */
void session_close(struct session *s, enum close_reason reason);

/* A CLOSING session's last word is out, or will not be heard. */
void session_end(struct session *s);

/* It goes on in another worker: forget it, and tell nobody. */
void session_leave(struct session *s);

/* Wake up no later than due_ms; for engine.c. */
void session_wake(struct session *s, uint64_t due_ms);

/* Take in again what was held back while the session waited. */
void session_resume(struct session *s);

/* A verdict of the master, with the key that it names in s's generation. */
struct grant session_grant(const struct session *s, enum msg_grant verdict,
    const char *key);

/* The namespace joined, or NULL. */
struct joined *session_joined(struct session *s, const char *nsp);

/* Log how many there are, and why the others have ended. */
void session_log_counters(const struct worker *w);

/* Free all at the end of the process. */
void session_free_all(struct worker *w);

/* Its configuration. */
const struct conf *session_conf(const struct session *s);

#endif
