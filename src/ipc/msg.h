/*
 * THE message catalogue: everything that two processes of the house say to
 * each other on a channel.  One enum, one name and one put/get pair each.
 * A message is its type (1 byte) and its fields, integers little-endian,
 * strings and byte runs behind a 32-bit length.  A get function checks every
 * length and refuses bytes that are left over: input from a child is checked
 * like input from a stranger.
 *
 *  master -> worker     VIEW OLD_VIEW SESSION ROUTE VERDICT ADOPTED MOVE
 *                       DROP_VIEW STOP COUNTERS ASK CLOSED REVOKED LOG
 *                       POISON
 *  worker -> master     READY ADOPTED BACK SESSION AUTH CLOSED FREED_VIEW GONE
 *                       JOINED TOLD MOVE MOVED UNSOUND SHARED
 *  master -> collector  VIEW DROP_VIEW STOP LOG
 *  collector -> master  READY DATABASE RECYCLE
 *  both of these        SEVERAL
 *  master -> loader     LOAD
 *  loader -> master     FAULT LOADED (with one sealed view per role)
 */
#ifndef IPC_MSG_H
#define IPC_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum msg_type {
	MSG_VIEW = 1,	/* fd: a sealed view; from now on new sessions use it */
	MSG_DROP_VIEW,	/* nobody uses this generation any more */
	MSG_FREED_VIEW,	/* the last session of an old generation is gone */
	MSG_STOP,	/* finish what is running and exit 0 */
	MSG_READY,	/* started, and serving the generation named */
	MSG_SESSION,	/* fds: a session changes its owner */
	MSG_ROUTE,	/* fd: a connection with a request for a session */
	MSG_BACK,	/* fd: a connection with a request for somebody else */
	MSG_ADOPTED,	/* what came under this tag is mine: forget it */
	MSG_AUTH,	/* may this key material join this namespace? */
	MSG_VERDICT,	/* the answer to AUTH */
	MSG_CLOSED,	/* this session is no more; to a worker: shall be */
	MSG_DATABASE,	/* a collector's connection came up or went down */
	MSG_LOAD,	/* read the configuration; fd: the collectors' view
			 * in force, if there is one */
	MSG_FAULT,	/* one line of what is wrong with it */
	MSG_LOADED,	/* fds: the views, or none when there were faults */
	MSG_GONE,	/* a connection that was adopted is closed */
	MSG_JOINED,	/* this session has joined a namespace */
	MSG_COUNTERS,	/* log what you have counted */
	MSG_ASK,	/* tell an admin about this, as items of JSON */
	MSG_TOLD,	/* some of them */
	MSG_REVOKED,	/* a key is no more: end what it let in */
	MSG_LOG,	/* fd: from now on log lines go there */
	MSG_OLD_VIEW,	/* fd: the view of sessions which follow */
	MSG_MOVE,	/* give all that you hold away; to the master: I shall
			 * end, let me */
	MSG_MOVED,	/* all of it is given, and adopted */
	MSG_POISON,	/* refuse this request for a while: it kills */
	MSG_UNSOUND,	/* what the collector of this request says is none */
	MSG_RECYCLE,	/* I have served long enough: start another */
	MSG_SEVERAL,	/* messages behind their lengths: see channel_note() */
	MSG_SHARED,	/* so many requests got the answer of another one */
	MSG_TYPES
};

/* Length of a session id, without a terminator (PROTOCOL: 20 characters). */
#define MSG_SID_LEN 20
/* Key name, namespace, collector name, peer address: with the terminator. */
#define MSG_NAME_MAX 128
/* Connections that one SESSION message can carry. */
#define MSG_CONNS_MAX 4
/* Reply sockets beside them: together with the state they fit fdpass.h. */
#define MSG_REPLIES_MAX 120
/* More bytes of state travel in a sealed view of their own. */
#define MSG_STATE_MAX (64 * 1024)
/*
 * Of SESSION, which a new binary gets from its predecessor: the newest that we
 * read, and the one that we write.  1 is the first.
 */
#define MSG_SESSION_VERSION 3

/* Windows of DEFLATE. */
#define MSG_DEFLATE_BITS_MIN 8
#define MSG_DEFLATE_BITS_MAX 15

/* Bytes that belong to somebody else: valid as long as the message is. */
struct msg_bytes {
	const char *data;
	size_t len;
};

struct msg_view {	/* VIEW, OLD_VIEW, DROP_VIEW, FREED_VIEW, READY */
	uint32_t generation;
};

enum msg_transport { MSG_POLLING, MSG_WEBSOCKET };

/* Of Engine.IO. */
enum msg_revision { MSG_EIO4, MSG_EIO3 };

/* What the key material of one source was worth. */
enum msg_grant {
	MSG_GRANT_NONE,		/* no key material was given there */
	MSG_GRANT_YES,		/* it is the key named */
	MSG_GRANT_NO		/* it is no key of ours */
};

struct msg_session {
	uint64_t tag;			/* ADOPTED repeats it */
	char sid[MSG_SID_LEN + 1];
	enum msg_transport transport;
	enum msg_revision revision;
	bool base64;			/* its bytes go as text */
	int deflate_bits;		/* WEBSOCKET: the window of messages
					 * that are compressed; 0 = none may
					 * be.  Since version 2 */
	uint64_t opened_ms;		/* clock_ms() of the open packet */
	uint32_t generation;
	char address[MSG_NAME_MAX];	/* of the client, for logs */
	/* Header x-psk or query psk of the request that opened the session. */
	enum msg_grant origin;
	char origin_key[MSG_NAME_MAX];
	/*
	 * Verdict on auth.psk of the first CONNECT in the bytes below, formed
	 * by looking at them without taking them; NONE = not looked at, or
	 * no auth.psk in it.
	 */
	bool connect_seen;
	enum msg_grant connect;
	char connect_key[MSG_NAME_MAX];
	/*
	 * The master has answered that CONNECT, which is in the bytes below
	 * nevertheless, with this Socket.IO id; "" = it has not.  Since
	 * version 3.
	 */
	char answered[MSG_SID_LEN + 1];
	/*
	 * The connections, in the order of the message's descriptors, each
	 * with the bytes read from it and not yet used.  WEBSOCKET: one, the
	 * 101 and the open packet are out.  POLLING: any number from 0, each
	 * begins with a request head.
	 */
	size_t nconns;
	struct msg_bytes conns[MSG_CONNS_MAX];
	/*
	 * A session that has lived in another worker: what that worker knew of
	 * it (worker/move.h), the bytes of its connections among it.  Behind
	 * the connections' descriptors are those of nreplies reply sockets
	 * and, when it is apart, of the view with the state.
	 */
	bool live;
	bool apart;
	size_t nreplies;
	struct msg_bytes state;
};

/* Descriptors that belong to a SESSION. */
size_t msg_session_fds(const struct msg_session *m);

/* Changes a session that is to be given; did it? */
typedef bool msg_revise(void *ctx, struct msg_session *m);

struct msg_route {		/* ROUTE and BACK */
	uint64_t tag;
	char sid[MSG_SID_LEN + 1];	/* ROUTE: the session it asks for */
	char address[MSG_NAME_MAX];
	struct msg_bytes bytes;	/* read and not used: begins with a head */
};

struct msg_adopted {
	uint64_t tag;
};

struct msg_auth {
	char sid[MSG_SID_LEN + 1];
	uint32_t serial;		/* VERDICT repeats it */
	char address[MSG_NAME_MAX];	/* of the client */
	struct msg_bytes psk;		/* auth.psk, a string, not empty */
};

struct msg_verdict {
	char sid[MSG_SID_LEN + 1];
	uint32_t serial;
	bool granted;
	char key[MSG_NAME_MAX];		/* name of the key when granted */
};

struct msg_closed {
	char sid[MSG_SID_LEN + 1];
};

struct msg_gone {
	/* As SESSION or ROUTE told it with the connection. */
	char address[MSG_NAME_MAX];
};

struct msg_joined {
	char sid[MSG_SID_LEN + 1];
};

enum msg_ask_what { MSG_ASK_SESSIONS, MSG_ASK_QUEUE };

struct msg_ask {
	uint32_t serial;		/* TOLD repeats it */
	enum msg_ask_what what;
};

struct msg_told {
	uint32_t serial;
	bool last;
	struct msg_bytes text;		/* {...},{...} or nothing */
};

struct msg_revoked {
	uint32_t generation;	/* the first without it */
	char key[MSG_NAME_MAX];	/* "": who came in without one */
};

struct msg_poison {
	uint64_t fingerprint;		/* see ipc/fingerprint.h */
	uint32_t time_ms;
};

struct msg_unsound {
	uint64_t id;			/* of the request */
};

struct msg_shared {
	uint32_t n;
};

struct msg_database {
	bool up;
	struct msg_bytes text;		/* why it is down, without secrets */
};

struct msg_load {
	struct msg_bytes path;		/* of the conf; empty = environment */
	struct msg_bytes database_url;	/* DATABASE_URL or empty */
	struct msg_bytes psk;		/* PSK or empty */
	struct msg_bytes port;		/* PORT or empty */
};

struct msg_fault {
	struct msg_bytes text;		/* "FILE:LINE: what" */
};

struct msg_loaded {
	uint32_t faults;		/* 0 = the views are attached */
	uint32_t refused;		/* lines about files left out */
};

/* "SESSION" and so on; "UNKNOWN" for anything that is no type. */
const char *msg_name(unsigned int type);

/*
 * Append one message to an empty buffer; 0, or -1 when the buffer's bound or
 * the memory forbids it.  Strings in char arrays are NUL-terminated.
 */
int msg_put_view(struct buf *b, enum msg_type type, const struct msg_view *m)
    MUST_CHECK;
int msg_put_stop(struct buf *b) MUST_CHECK;
int msg_put_counters(struct buf *b) MUST_CHECK;
int msg_put_move(struct buf *b, enum msg_type type) MUST_CHECK;
int msg_put_log(struct buf *b) MUST_CHECK;
int msg_put_session(struct buf *b, const struct msg_session *m) MUST_CHECK;
int msg_put_route(struct buf *b, enum msg_type type,
    const struct msg_route *m) MUST_CHECK;
int msg_put_adopted(struct buf *b, const struct msg_adopted *m) MUST_CHECK;
int msg_put_auth(struct buf *b, const struct msg_auth *m) MUST_CHECK;
int msg_put_verdict(struct buf *b, const struct msg_verdict *m) MUST_CHECK;
int msg_put_closed(struct buf *b, const struct msg_closed *m) MUST_CHECK;
int msg_put_gone(struct buf *b, const struct msg_gone *m) MUST_CHECK;
int msg_put_joined(struct buf *b, const struct msg_joined *m) MUST_CHECK;
int msg_put_ask(struct buf *b, const struct msg_ask *m) MUST_CHECK;
int msg_put_told(struct buf *b, const struct msg_told *m) MUST_CHECK;
int msg_put_revoked(struct buf *b, const struct msg_revoked *m) MUST_CHECK;
int msg_put_poison(struct buf *b, const struct msg_poison *m) MUST_CHECK;
int msg_put_unsound(struct buf *b, const struct msg_unsound *m) MUST_CHECK;
int msg_put_shared(struct buf *b, const struct msg_shared *m) MUST_CHECK;
int msg_put_recycle(struct buf *b) MUST_CHECK;
int msg_put_database(struct buf *b, const struct msg_database *m) MUST_CHECK;
int msg_put_load(struct buf *b, const struct msg_load *m) MUST_CHECK;
int msg_put_fault(struct buf *b, const struct msg_fault *m) MUST_CHECK;
int msg_put_loaded(struct buf *b, const struct msg_loaded *m) MUST_CHECK;

/* The type of a message of len >= 1 bytes; 0 when it is none of ours. */
unsigned int msg_type(const void *data, size_t len);

/*
 * Read one message of the type that the name says.  0, or -1 when it is not
 * well formed; the struct's byte runs point into data.
 */
int msg_get_view(const void *data, size_t len, struct msg_view *out)
    MUST_CHECK;
int msg_get_session(const void *data, size_t len, struct msg_session *out)
    MUST_CHECK;
int msg_get_route(const void *data, size_t len, struct msg_route *out)
    MUST_CHECK;
int msg_get_adopted(const void *data, size_t len, struct msg_adopted *out)
    MUST_CHECK;
int msg_get_auth(const void *data, size_t len, struct msg_auth *out)
    MUST_CHECK;
int msg_get_verdict(const void *data, size_t len, struct msg_verdict *out)
    MUST_CHECK;
int msg_get_closed(const void *data, size_t len, struct msg_closed *out)
    MUST_CHECK;
int msg_get_gone(const void *data, size_t len, struct msg_gone *out)
    MUST_CHECK;
int msg_get_joined(const void *data, size_t len, struct msg_joined *out)
    MUST_CHECK;
int msg_get_ask(const void *data, size_t len, struct msg_ask *out)
    MUST_CHECK;
int msg_get_told(const void *data, size_t len, struct msg_told *out)
    MUST_CHECK;
int msg_get_revoked(const void *data, size_t len, struct msg_revoked *out)
    MUST_CHECK;
int msg_get_poison(const void *data, size_t len, struct msg_poison *out)
    MUST_CHECK;
int msg_get_unsound(const void *data, size_t len, struct msg_unsound *out)
    MUST_CHECK;
int msg_get_shared(const void *data, size_t len, struct msg_shared *out)
    MUST_CHECK;
int msg_get_database(const void *data, size_t len, struct msg_database *out)
    MUST_CHECK;
int msg_get_load(const void *data, size_t len, struct msg_load *out)
    MUST_CHECK;
int msg_get_fault(const void *data, size_t len, struct msg_fault *out)
    MUST_CHECK;
int msg_get_loaded(const void *data, size_t len, struct msg_loaded *out)
    MUST_CHECK;

#endif
