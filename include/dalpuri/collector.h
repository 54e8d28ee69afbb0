/*
 * A collector in C: a shared object NAME.so in the folder of the collectors,
 * which answers the event NAME.  dalpuri-plugin(3) says it at length.
 *
 * The gateway reads what the object declares without running any of its code,
 * opens it in its collector processes, and calls it there, one request at a
 * time.  The object links to nothing of the gateway: whatever it may ask for
 * is in the table that each callback gets.
 *
 * Rules for everything below:
 *  - Texts that go in are UTF-8 with a length, no NUL is needed behind them.
 *    Texts that come out have a NUL behind them, which len does not count.
 *  - What the gateway hands out lives until the callback returns, unless it is
 *    said otherwise, and is not to be freed or written to.  What the plugin
 *    hands in stays the plugin's, and is copied before the function returns.
 *  - The functions may be called from within a callback only, by the thread
 *    that it was called in.
 *  - The ABI number changes when something that is here changes.  What is new
 *    stands at the end of a struct, whose size says whether it is there.
 */
#ifndef DALPURI_COLLECTOR_H
#define DALPURI_COLLECTOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DALPURI_ABI 1

/* Room for texts in the declaration, with the NUL behind them. */
#define DALPURI_DESCRIPTION_MAX 256
#define DALPURI_NAMESPACE_MAX 64
#define DALPURI_NAMESPACES_MAX 8

/* Binary values of one event or acknowledgement: clients take no more. */
#define DALPURI_ATTACHMENTS_MAX 10

struct dalpuri_request;		/* what a callback is called for */
struct dalpuri_cursor;		/* rows of the database */

/*
 * What functions return that can fail.  A callback that returns one of these
 * without having answered lets the client be told why, with the sentence that
 * belongs to the last failure.
 */
enum dalpuri_result {
	DALPURI_OK = 0,
	DALPURI_EINVAL = -1,	/* no JSON, no UTF-8, no such number ... */
	DALPURI_EORDER = -2,	/* not now: it is answered already ... */
	DALPURI_ELIMIT = -3,	/* more than the configuration allows */
	DALPURI_EGONE = -4,	/* the client is gone: return */
	DALPURI_ETIME = -5,	/* the time is over: return */
	DALPURI_EDATABASE = -6,	/* the database said no, or is not there */
	DALPURI_EMEMORY = -7	/* out of memory */
};

/* ---- values of events ---------------------------------------------------- */

enum dalpuri_kind {
	DALPURI_JSON = 1,	/* data is the text of one JSON value */
	DALPURI_BINARY = 2,	/* an argument of bytes */
	/*
	 * Only what goes out: bytes that are no argument themselves, but stand
	 * inside of one that is JSON, as {"_placeholder":true,"num":N}.  N
	 * counts the values of this kind, from 0, in the order of the list.
	 */
	DALPURI_ATTACHMENT = 3
};

struct dalpuri_value {
	uint32_t kind;		/* enum dalpuri_kind */
	uint32_t number;	/* in, BINARY: of the attachment; out: unused */
	const char *data;
	size_t len;
};

/* ---- values of the database ---------------------------------------------- */

enum dalpuri_cell_kind {
	DALPURI_NULL = 0,
	DALPURI_INT = 1,	/* also Boolean, as 0 and 1 */
	DALPURI_DOUBLE = 2,
	DALPURI_TEXT = 3,	/* also Decimal, and DateTime as in JSON */
	DALPURI_BYTES = 4,
	DALPURI_LIST = 5	/* parameters only: the text of a JSON array */
};

struct dalpuri_cell {
	uint32_t kind;		/* enum dalpuri_cell_kind */
	uint32_t reserved;	/* 0 */
	int64_t i;		/* INT */
	double f;		/* DOUBLE */
	const char *data;	/* TEXT, BYTES, LIST */
	size_t len;
};

enum dalpuri_level {
	DALPURI_ERROR = 0,	/* an admin must act */
	DALPURI_WARN = 1,
	DALPURI_INFO = 2,
	DALPURI_DEBUG = 3
};

/* ---- what the gateway does for a plugin ---------------------------------- */

struct dalpuri_host {
	uint32_t abi;		/* DALPURI_ABI of the gateway */
	uint32_t size;		/* of this struct, as the gateway has it */

	/*
	 * The request: the event's name, the namespace ("/" or "/name"), the
	 * name of the client's key ("" where none is asked for).
	 */
	const char *(*event)(struct dalpuri_request *r);
	const char *(*nsp)(struct dalpuri_request *r);
	const char *(*key)(struct dalpuri_request *r);

	/*
	 * The payload with which the client connected to the namespace, a JSON
	 * object without its member "psk"; "{}" when there was none.
	 */
	const char *(*auth)(struct dalpuri_request *r, size_t *len_out);

	/*
	 * The arguments behind the event's name, without the function that
	 * wants an answer.  An argument that is JSON may have bytes inside:
	 * {"_placeholder":true,"num":N} stands for attachment N.  argument()
	 * and attachment() return OK, or EINVAL when there is no such number.
	 */
	size_t (*arguments)(struct dalpuri_request *r);
	int (*argument)(struct dalpuri_request *r, size_t i,
	    struct dalpuri_value *out);
	size_t (*attachments)(struct dalpuri_request *r);
	int (*attachment)(struct dalpuri_request *r, size_t n,
	    struct dalpuri_value *out);

	/* 1 when the client waits for an acknowledgement; 0: none is sent. */
	int (*wants_ack)(struct dalpuri_request *r);

	/*
	 * Send an event to the client, before its acknowledgement and in the
	 * order of the calls.  OK; EINVAL (a value is not what its kind says,
	 * a placeholder without attachment, a name that is Socket.IO's own);
	 * EORDER (behind ack(), fail() or rows_begin()); ELIMIT (more than
	 * max_emits of the conf, more bytes than max_binary_answer, more than
	 * DALPURI_ATTACHMENTS_MAX binary values); EGONE; EMEMORY.
	 */
	int (*emit)(struct dalpuri_request *r, const char *event,
	    const struct dalpuri_value *values, size_t n);

	/*
	 * Acknowledge with n arguments, once.  When the client wants none, it
	 * is checked but not sent.  As emit(); EORDER when it is answered, or
	 * in connect().
	 */
	int (*ack)(struct dalpuri_request *r,
	    const struct dalpuri_value *values, size_t n);

	/*
	 * Acknowledge with {"success":false,"error":sentence,"code":code}, once;
	 * behind rows_begin(), end the rows with that.  code is one of
	 * dalpuri-protocol(7), else INTERNAL is sent.  OK or EORDER.
	 */
	int (*fail)(struct dalpuri_request *r, const char *code,
	    const char *sentence);

	/*
	 * Acknowledge with {"success":true,"data":[...]}, rows being sent while
	 * they come: begin, any number of rows, end.  A row is JSON.  max_rows
	 * and max_result_bytes are kept (ELIMIT).  row_of() puts the row that
	 * next() has given, as an object with a member for each column, as a
	 * .sql file would give it; its Bytes are base64.  Others as emit().
	 */
	int (*rows_begin)(struct dalpuri_request *r);
	int (*row)(struct dalpuri_request *r, const char *json, size_t len);
	int (*row_of)(struct dalpuri_request *r, struct dalpuri_cursor *c);
	int (*rows_end)(struct dalpuri_request *r);

	/*
	 * Ask the database, read-only.  sql is what a .sql file would hold,
	 * judged by the same rules: one SELECT, in front of it a line
	 * "-- param NAME TYPE" for each parameter, :NAME where its value is
	 * meant; the values come in the order of those lines, and never become
	 * part of the text.  OK, and *out is open until close() or the end of
	 * the callback; EINVAL (the text is refused, a value does not fit);
	 * EORDER (another cursor is open); EDATABASE; ETIME; EGONE; EMEMORY.
	 */
	int (*query)(struct dalpuri_request *r, const char *sql, size_t len,
	    const struct dalpuri_cell *params, size_t n,
	    struct dalpuri_cursor **out);
	size_t (*columns)(struct dalpuri_cursor *c);
	/* The name of a column, NULL when there is none of that number. */
	const char *(*column)(struct dalpuri_cursor *c, size_t i);
	/* 1: there is a row; 0: that was the last; or as query(). */
	int (*next)(struct dalpuri_cursor *c);
	/* A value of the row, valid until next() or close().  OK or EINVAL. */
	int (*cell)(struct dalpuri_cursor *c, size_t i,
	    struct dalpuri_cell *out);
	void (*close)(struct dalpuri_cursor *c);

	/*
	 * OK: go on; EGONE: nobody waits any more; ETIME: query_timeout is
	 * over.  Who works for long asks now and then, and returns what it was
	 * told: a process that does not stop is killed.
	 */
	int (*stopped)(struct dalpuri_request *r);
	/* Milliseconds until ETIME, 0 when it is there; -1 = no bound. */
	int64_t (*time_left_ms)(struct dalpuri_request *r);

	/* The sentence of the last failure of a function; "" = none. */
	const char *(*reason)(struct dalpuri_request *r);

	/*
	 * A line in the log of the gateway, with the plugin's name in front.
	 * level: enum dalpuri_level.
	 */
	void (*log)(const struct dalpuri_host *h, int level, const char *text);
};

/* ---- what a plugin is ---------------------------------------------------- */

/* enum dalpuri_collector.flags, bits */
#define DALPURI_CONNECTS 1u	/* connect is there */

/*
 * The one symbol that a plugin exports, dalpuri_collector, is one of these.
 * All up to the functions is read from the file before it is ever run, which
 * is why the texts stand in the struct itself.
 */
struct dalpuri_collector {
	uint32_t abi;		/* DALPURI_ABI */
	uint32_t size;		/* sizeof(struct dalpuri_collector) */
	uint32_t flags;		/* DALPURI_CONNECTS or 0 */
	uint32_t max_running;	/* calls at once, in all processes; 0 = any */
	char description[DALPURI_DESCRIPTION_MAX];	/* for people */
	/*
	 * Where it is at home: its event can be called, and connect() is
	 * called, in these namespaces only, which clients may join whether the
	 * conf lists them or not.  None: wherever the conf says.
	 */
	char namespaces[DALPURI_NAMESPACES_MAX][DALPURI_NAMESPACE_MAX];

	/*
	 * The event.  DALPURI_OK, or anything else for a failure; what is not
	 * answered then is answered by the gateway with INTERNAL, or with the
	 * last failure of a function.  NULL: nobody calls it, it is there for
	 * connect() alone.
	 */
	int (*call)(const struct dalpuri_host *h, struct dalpuri_request *r,
	    void *state);
	/* A client has joined a namespace: emit() to it, if you like. */
	int (*connect)(const struct dalpuri_host *h,
	    struct dalpuri_request *r, void *state);
	/*
	 * Each may be NULL.  start: in each collector process, before the first
	 * call; *state, NULL before, is passed to all others.  Anything but OK:
	 * it cannot be used, and is tried again with the next request.  stop:
	 * no call follows; it may do no more than a plugin that the conf does
	 * not name, and is not called when a process is killed.
	 */
	int (*start)(const struct dalpuri_host *h, void **state);
	void (*stop)(void *state);
};

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const struct dalpuri_collector dalpuri_collector;

#ifdef __cplusplus
}
#endif

#endif
