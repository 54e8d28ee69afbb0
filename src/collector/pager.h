/*
 * Where the rows of a node come from: one statement where the driver streams
 * and others may run meanwhile; else pages, each a statement of its own that
 * begins behind the last row of the one before.
 */
#ifndef COLLECTOR_PAGER_H
#define COLLECTOR_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/fetch.h"
#include "model/sql.h"

/* A batch, and a page, leave most of batch_bytes to what is below them. */
#define PAGER_SHARE_OF_BATCH 4

/* What is learned about a node while one request runs. */
struct source {
	const struct plan_node *node;	/* NULL: this place is free */
	size_t page;			/* rows that its next page may have */
	enum dialect_pack pack;		/* as which its pages may come */
	/* Order values of its cursor's row. */
	bool looked, found;
	const struct schema_field **fields;
	struct value *from;
	struct buf texts;
};

/* What all parts of one fetch share. */
struct fetch {
	const struct fetch_params *p;
	struct value *row;		/* as wide as the widest statement */
	size_t nsources;		/* one for each node */
	struct source *sources;
	struct err *err;
};

/* A row's order values; the texts are copies. */
struct boundary {
	struct value *values;
	struct buf texts;
};

struct pager {
	struct fetch *f;
	struct source *source;
	struct sql_rows ask;
	struct sql sql;
	struct db_stmt *st;		/* NULL: nothing is open */
	uint64_t most;			/* rows wanted in all */
	size_t batch;			/* rows that are read before others are
					 * asked for; the owner may set it */
	bool goes_on;			/* another statement can go on */
	bool paged;
	bool lonely;			/* nothing else may be open beside it */
	bool ended;
	uint64_t rows;			/* of the statement, so far */
	size_t bytes;			/* of these */
	/* The last row of this page and of the page before, in turn. */
	struct boundary bounds[2];
	size_t turn;
};

struct pager_params {
	struct fetch *f;
	const struct plan_node *node;
	const struct value *keys;	/* as in sql_rows; until the close */
	size_t nkeys;
	uint64_t most;			/* PLAN_ALL = no limit */
	bool nested;	/* others are asked for before its rows have ended */
};

/* Nothing is asked before the first read.  0 or -1; pager_close() always. */
int pager_open(struct pager *p, const struct pager_params *params)
    MUST_CHECK;
void pager_close(struct pager *p);

/* The next row, in f->row until the next call: 1; 0: no more; -1. */
int pager_read(struct pager *p) MUST_CHECK;

/*
 * Others are going to be asked for: what may not stay open beside them ends.
 * 0 or -1.  When pager_can_pause() says no, the rows must be read to their
 * end first.
 */
int pager_pause(struct pager *p) MUST_CHECK;
bool pager_can_pause(const struct pager *p);

/* Does the driver hold whole results of statements with keys? */
bool pager_is_held(const struct fetch *f);

/* What is known about a node. */
struct source *pager_source(struct fetch *f, const struct plan_node *node);

/* Look for the row that the node's cursor means, once.  1, 0: none, -1. */
int pager_cursor(struct fetch *f, struct source *s) MUST_CHECK;

/* Always -1, with INTERNAL in f->err. */
int pager_no_memory(struct fetch *f);

#endif
