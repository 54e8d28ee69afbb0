/*
 * A session process without a process: the test is its master, its clients
 * and its collectors, all at the other ends of socket pairs.
 */
#ifndef TESTS_SESSION_KIT_H
#define TESTS_SESSION_KIT_H

#include <stddef.h>
#include <stdint.h>

#include "ipc/msg.h"
#include "ipc/queue.h"
#include "ipc/reply.h"
#include "worker/state.h"

extern struct worker kit;

/*
 * settings: text of a conf file; its keys need no psk.  Collectors: "one",
 * "other", and "plug", which is in C and at home in "/plug".
 */
void kit_start(const char *settings);
void kit_stop(void);
/* One more generation, which is then the current one; kit_start() makes 1. */
void kit_generation(uint32_t number, const char *settings);

/* Let everything happen that can happen now. */
void kit_turn(void);

/*
 * Give the worker a session with one connection (bytes may be "") as m says
 * beyond its connections; sid is filled in, and generation when it is 0.  The
 * client's end.
 */
int kit_session(struct msg_session *m, const char *bytes);
/*
 * A websocket session of key "k" that has joined "/", and nothing unread.
 * Messages may be compressed for a window of kit_deflate_bits; 0 = never.
 */
extern int kit_deflate_bits;
int kit_joined(void);
/* A connection for any session, as a ROUTE.  The client's end. */
int kit_route(const char *bytes);

/*
 * Let all sessions leave the worker, and come back as to another one: how many
 * there were.
 */
int kit_move(void);
/* The same, with a function that may change what was written of each. */
int kit_move_changed(void (*change)(struct msg_session *m));

/* A text frame from a client. */
void kit_say(int client, const char *text);

/*
 * What came to a client, as a string of at most 4 MiB - 1; the kit's until
 * the next call.  kit_heard: payloads of frames, one per line, pieces of a
 * message joined and inflated, a close frame as "close CODE".
 */
const char *kit_bytes(int client);
const char *kit_heard(int client);

/* The next message to the master of that type, others are skipped; 0 = none.
 * Descriptors are closed. */
size_t kit_told(enum msg_type type, const void **data_out);

/* A collector takes the next request: its reply socket; -1 = none waits. */
int kit_take(struct queue_request *req_out);
/* Another worker asks n times; nobody listens to the replies. */
void kit_others(int n);
/* It dies; we return when the worker has seen that. */
void kit_die(int fd);
/* One dies in between: the request is out of the queue, its body unread. */
void kit_drop(void);
/* It says one message of a reply. */
void kit_reply(int fd, const struct reply *r);
void kit_begun(int fd, const struct queue_request *req, bool held);
void kit_rows(int fd, const char *text, bool border);
void kit_end(int fd);

#endif
