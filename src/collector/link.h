/*
 * The link to the database: connected at start, and again in the background
 * after a loss.  A request that needs it then makes the first attempt at once;
 * between later ones it is told why there is none.
 */
#ifndef COLLECTOR_LINK_H
#define COLLECTOR_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "conf/conf.h"
#include "db/db.h"

struct link_file {
	dev_t device;
	ino_t inode;
};

struct link {
	const struct db_guard *guard;
	/*
	 * Called when the database came up or went down, or is down for
	 * another reason; why: NULL = up.
	 */
	void (*changed)(void *ctx, const char *why);
	void *ctx;

	struct db_target target;	/* connection NULL = none yet */
	struct db *db;			/* NULL = down */
	int64_t connect_timeout_ms;
	int64_t query_timeout_ms;
	size_t statements;
	bool told;			/* changed() has been called, */
	bool up;			/* with this */
	uint64_t retry_at;		/* clock_ms() */
	int64_t left;			/* a session that the server may still
					 * serve; 0 = none */
	uint64_t pause_ms;		/* doubles with each failure */
	uint64_t pause_min_ms, pause_max_ms;
	bool untried;			/* since it was lost */
	bool rested;			/* idle since the last request */
	char why[ERR_TEXT_MAX];		/* it is down */
	struct link_file file;		/* SQLite: what is open */
};

/* Nothing is connected yet. */
void link_init(struct link *l, const struct db_guard *guard,
    void (*changed)(void *ctx, const char *why), void *ctx);

/* From now on this configuration's database; the old link is closed when it
 * is another one.  0, or -1: the url is refused. */
int link_use(struct link *l, const struct conf *c, struct err *err)
    MUST_CHECK;

/*
 * The connection; NULL: DATABASE.  One that has ended while it was idle is
 * replaced, so that no request meets it.
 */
struct db *link_get(struct link *l, struct err *err);

/* The watcher has shut the connection down: open another, soon. */
void link_cut(struct link *l);

/* After an error: close a connection that is lost. */
void link_check(struct link *l, const char *why);

/*
 * There is no request, or has been none for a while: see whether the
 * connection is still there, and try again when it is time.
 */
void link_idle(struct link *l);

#endif
