/*
 * Sessions being opened from inside: what open.c shares with open_answer.c.
 */
#ifndef MASTER_OPEN_INSIDE_H
#define MASTER_OPEN_INSIDE_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/table.h"
#include "ipc/msg.h"
#include "master/look.h"
#include "master/open.h"

struct open {
	TAILQ_ENTRY(open) entry;
	struct table_node node;
	struct master *m;
	struct msg_session session;	/* what will be passed */
	struct event due;		/* the first ping, connect_timeout, or
					 * see open_answer() */
	struct look look;
	struct front *conns[MSG_CONNS_MAX];
	size_t nconns;
	struct front *poll;		/* one of conns: parked; or NULL */
	size_t poll_len;		/* bytes of the poll's head */
	struct front *post;		/* one of conns: looked at; or NULL */
};

/* Has its CONNECT been answered here? */
static inline bool
open_is_answered(const struct open *o)
{
	return o->session.answered[0] != '\0';
}

/* It is gone, its connections are not. */
void open_destroy(struct open *o);

/* It leaves our hands with everything that belongs to it. */
void open_pass(struct open *o, const char *why);

/* What is the key worth that the first message has shown? */
enum msg_grant open_grant(const struct master *m, const struct msg_session *s);

/* Is handshake_total_bytes reached? */
bool opens_are_full(const struct master *m);

/*
 * May its first message be answered here?  Then open_answer() does, after
 * which o may be gone, and open_go_on() sees what its client says next.
 */
bool open_may_answer(const struct open *o);
void open_answer(struct open *o, struct front *f);
void open_go_on(struct open *o, struct front *f);

/* Count and log one whose client has left behind its CONNECT. */
void open_left(struct open *o, const char *why);

#endif
