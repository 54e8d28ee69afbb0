/*
 * Owners and transfers from inside: what pass.c shares with pass_again.c.
 */
#ifndef MASTER_PASS_INSIDE_H
#define MASTER_PASS_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/table.h"
#include "master/pass.h"

/* A session that outlived so many workers has probably killed them. */
#define GIVEN_MAX 3

struct taker;

struct owner {			/* of a session */
	struct table_node node;
	TAILQ_ENTRY(owner) entry;
	struct taker *taker;
	bool adopted;
	bool joined;		/* a namespace */
	char sid[MSG_SID_LEN + 1];
};

struct transfer {
	TAILQ_ENTRY(transfer) entry;
	uint64_t tag;
	uint64_t since_ms;	/* in its taker's list */
	unsigned int given;	/* to so many workers */
	struct buf msg;		/* encoded: SESSION or ROUTE */
	uint32_t generation;	/* SESSION */
	size_t giver;		/* the worker that it was; 0 = none, or dead */
	uint64_t giver_tag;
	char sid[MSG_SID_LEN + 1];
	char address[MSG_NAME_MAX];	/* of the client */
	size_t nconns;			/* of it, the first of fds */
	size_t nfds;
	int fds[];
};

TAILQ_HEAD(transfers, transfer);
TAILQ_HEAD(owners, owner);

struct taker {
	TAILQ_ENTRY(taker) entry;	/* in up */
	struct channel *ch;	/* NULL = down; borrowed */
	bool leaves;		/* see pass_worker_leaves() */
	struct owners owners;
	struct transfers transfers;
	size_t nowners;
};

struct pass {
	const struct pass_handlers *handlers;
	void *ctx;
	struct table sids;	/* of owners */
	size_t njoined;		/* of them */
	uint64_t next_tag;
	uint32_t generation;
	uint64_t held_until_ms;	/* new sessions wait; 0 = they do not */
	TAILQ_HEAD(, taker) up;	/* who was chosen long ago first */
	size_t nworkers;
	struct taker takers[];	/* 0 is limbo */
};

/* The owner of a session; NULL = nobody knows it. */
struct owner *pass_owner(const struct pass *p, const char *sid);

/* It belongs to another taker; or to nobody any more, and o is freed. */
void pass_own(struct owner *o, struct taker *t);
void pass_forget(struct pass *p, struct owner *o);

/*
 * The worker that is up and has the fewest sessions, of equals the one whose
 * turn was longest ago; limbo when none is up.
 */
struct taker *pass_choose(struct pass *p);

/* Send t, or let it wait; in limbo it always waits.  -1: t is freed. */
int pass_give(struct pass *p, struct taker *taker, struct transfer *t)
    MUST_CHECK;

bool pass_is_session(const struct transfer *t);

/* Free t with its descriptors; settle: and tell its giver, if it has one. */
void pass_drop(struct transfer *t);
void pass_settle(struct pass *p, struct transfer *t);

#endif
