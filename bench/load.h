/*
 * The load generator: what its files share.  It uses nothing of the gateway,
 * so that a fault of ours cannot hide itself.
 *
 * load.c reads the arguments and prints the figures, load_mode.c decides what
 * is asked and when it is over, load_conn.c is one client from connect() to its
 * last answer, load_frame.c cuts the stream into frames, load_answer.c judges
 * answers, histogram.c counts times.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

/* Frames of an answer of any length: only its beginning is kept. */
#define ANSWER_HEAD 64
/* A successful answer begins and ends with these: one that is sent while it is
 * made can say only at its end how it went. */
#define ANSWER_WHOLE_HEAD "[{\"success\":true,\"data\":["
#define ANSWER_WHOLE_TAIL "]}]"
#define ANSWER_STREAM_HEAD "[{\"data\":["
#define ANSWER_STREAM_TAIL "],\"success\":true}]"
#define ANSWER_TAIL_BYTES (sizeof(ANSWER_STREAM_TAIL) - 1)

#define IN_MAX ((size_t)256 * 1024)

/* Frames from the server, which masks nothing. */
enum frame_op {
	FRAME_CONTINUED = 0,
	FRAME_TEXT = 1,
	FRAME_BINARY = 2,
	FRAME_CLOSE = 8,
	FRAME_PING = 9,
	FRAME_PONG = 10,
};

#define FRAME_HEAD_MAX 10
#define FRAME_CONTROL_MAX 125

struct frame_reader {
	uint8_t head[FRAME_HEAD_MAX];
	size_t head_bytes;	/* of the frame's head that are there */
	uint64_t left;		/* bytes of its payload still to come */
	bool inside;		/* the head is whole */
};

/* The next piece of the stream: payload of one frame, or the rest of its
 * head. */
struct frame_piece {
	enum frame_op op;
	bool begins, ends;	/* first or last piece of its frame */
	bool final;		/* the frame is the last of its message */
	const uint8_t *data;
	size_t bytes;
};

/* Take what belongs together from data: how many bytes of it were used;
 * *piece_out is complete when ->data is set.  0: a frame that no server may
 * send. */
size_t frame_next(struct frame_reader *reader, const uint8_t *data,
    size_t bytes, struct frame_piece *piece_out);

/* One message while it arrives. */
struct answer {
	uint64_t bytes;
	char head[ANSWER_HEAD];
	size_t head_bytes;
	char tail[ANSWER_TAIL_BYTES];
	bool binary;
	bool scan;		/* count rows */
	bool in_string, escaped;
	unsigned depth;
	uint64_t rows;
};

/* What the messages of a server are. */
enum answer_kind {
	ANSWER_OTHER,		/* nothing that needs an act */
	ANSWER_OPEN,		/* Engine.IO is open */
	ANSWER_PING,
	ANSWER_JOINED,
	ANSWER_REFUSED,		/* 44, 41, or the end of the session */
	ANSWER_ACK,
};

void answer_begin(struct answer *answer, bool scan);
void answer_add(struct answer *answer, const uint8_t *data, size_t bytes);

/* What the whole message is; of an ack also its number, how many bytes follow
 * the number, and how many attachments are still to come. */
struct answer_sense {
	enum answer_kind kind;
	unsigned long id;
	uint64_t body_bytes;
	unsigned attachments;
	bool success;
};

void answer_judge(const struct answer *answer, struct answer_sense *sense_out);

struct options {
	int port;
	const char *psk, *event, *body;
	unsigned long connections, depth, requests, idle;
	double seconds, warm_up, patience;
	bool connect_rate, json;
	bool rows_known;
	uint64_t rows;
};

/* Handshakes at once when sessions are opened to stay. */
#define IDLE_AT_ONCE 64

enum conn_state {
	CONN_CLOSED,
	CONN_CONNECTING,
	CONN_UPGRADING,
	CONN_OPENING,
	CONN_JOINING,
	CONN_READY,
};

struct conn {
	int fd;			/* -1: closed */
	unsigned opened;	/* times */
	enum conn_state state;
	struct frame_reader reader;
	struct answer answer;
	char http[512];		/* the answer to the upgrade */
	size_t http_bytes;
	char *out;		/* what is to be sent */
	size_t out_bytes, out_sent, out_max;
	bool out_waits;		/* epoll tells when there is room */
	uint8_t control[FRAME_CONTROL_MAX];
	size_t control_bytes;
	unsigned attachments;	/* binary messages that end the ack */
	struct answer_sense ack;
	uint64_t begun_us;	/* connect() */
	uint64_t *asked_us;	/* by number of the ack; 0: not asked */
};

/* What a mode does when something happens to a client. */
struct mode;
struct load {
	struct options options;
	const struct mode *mode;
	struct conn *conns;
	unsigned long conn_count;
	int epoll;
	uint64_t now_us;
	uint8_t *in;		/* IN_MAX bytes for all that is read */

	/* figures */
	struct histogram times;
	uint64_t answered, failed, lost, bytes;
	uint64_t asked;		/* in all, warm-up included */
	unsigned long ready;	/* joined at this moment */
	uint64_t first_us;	/* the first answer that counts may come */
	uint64_t last_us;	/* no answer counts any more */
	uint64_t end_us;	/* the last one that counted came */
	uint64_t body_bytes;	/* of each answer; 0: not yet known */
	char why[160];		/* of the first failure */
	bool over;
};

struct mode {
	/* The client has joined, answered what it was asked, or is gone. */
	void (*joined)(struct load *load, struct conn *conn);
	void (*answered)(struct load *load, struct conn *conn,
	    const struct answer_sense *sense, uint64_t rows);
	void (*lost)(struct load *load, struct conn *conn, const char *why);
};

extern const struct mode mode_requests, mode_connect, mode_idle;

uint64_t now_us(void);

/* 0, or -1: out of memory. */
int conn_init(struct conn *conn, const struct options *options);
void conn_fini(struct conn *conn);
/* 0, or -1: the system refuses another connection (->why says it). */
int conn_open(struct load *load, struct conn *conn);
void conn_close(struct load *load, struct conn *conn);
/* epoll has told something about it. */
void conn_event(struct load *load, struct conn *conn, uint32_t events);
/* Ask the event with that number; conn_flush() sends what was asked. */
void conn_ask(struct load *load, struct conn *conn, unsigned long id);
void conn_flush(struct load *load, struct conn *conn);
/* The first reason stays; it is printed. */
void load_why(struct load *load, const char *why);

#endif
