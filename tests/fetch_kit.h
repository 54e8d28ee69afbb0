/*
 * A database file and the engine on it: options are asked of a collector, and
 * the reply is read as a worker would read it.
 */
#ifndef TESTS_FETCH_KIT_H
#define TESTS_FETCH_KIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "collector/fetch.h"
#include "collector/writer.h"

/* How the engine is set up, which must make no difference. */
struct kit_way {
	size_t rows, bytes;		/* of a batch */
	bool streams, streams_bare;	/* of the dialect */
	size_t statements_open;
};

#define KIT_WAYS 17
extern const struct kit_way kit_ways[KIT_WAYS];

/* What is asked. */
struct kit_asked {
	const char *collector;	/* its file's text */
	const char *options;
	size_t way;
	uint64_t max_rows, max_bytes;
};

/* What the worker's side has read. */
struct kit_reply {
	int fd;
	struct buf text;
	struct buf attachments;		/* each ends in '|' */
	bool begun, ended, held, border;
	struct err failure;
	size_t messages;
	size_t cuts;			/* ended in the middle of a row */
};

extern struct db_guard kit_guard;
/* How many statements the last kit_ask() has run. */
extern size_t kit_statements;

void kit_start(void);
void kit_stop(void);

/* Statements that change the database; kit_crowd adds many rows of very
 * different sizes. */
void kit_run(const char *sql);
extern const char kit_crowd[];

/* Ask, and read the whole reply. */
void kit_ask(const struct kit_asked *q, struct kit_reply *r);
void kit_reply_fini(struct kit_reply *r);

/*
 * However it is fetched, the answer is the same, and longer than that.  Tells
 * how often a message ended in the middle of a row.
 */
size_t kit_agree(const struct kit_asked *asked, size_t len);

/* Only ask, into a writer of the caller's. */
int kit_fetch(const struct kit_asked *q, struct writer *w, struct err *e);

#define COMPANY "model = Company\n"
#define NOTE "model = Note\n"
#define MENTION "model = Mention\n"	/* a view without a key */
#define ORDER "model = Order\n"
#define LINE "model = Line\n"
#define FILE_ "model = File\n"
#define CITY "model = City\n"
#define COUNTRY "model = Country\n"

#endif
