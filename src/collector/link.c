/*
 * Reconnecting with a pause that doubles and is spread by chance, so that the
 * collectors of a house do not come back to their database all at once.
 */
#include "collector/link.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/watcher.h"

#define PAUSE_MIN_MS 250
#define PAUSE_MAX_MS 10000

void
link_init(struct link *l, const struct db_guard *guard,
    void (*changed)(void *ctx, const char *why), void *ctx)
{
	memset(l, 0, sizeof(*l));
	l->guard = guard;
	l->changed = changed;
	l->ctx = ctx;
	l->pause_ms = PAUSE_MIN_MS;
}

static void
tell(struct link *l, bool up, const char *why)
{
	if (l->told && l->up == up)
		return;
	l->told = true;
	l->up = up;
	l->changed(l->ctx, up ? NULL : why);
}

/* Between half and all of the pause. */
static void
plan_retry(struct link *l)
{
	uint64_t chance;

	clock_random(&chance, sizeof(chance));
	l->retry_at = clock_ms() + l->pause_ms / 2 +
	    chance % (l->pause_ms / 2 + 1);
	if (l->pause_ms < PAUSE_MAX_MS)
		l->pause_ms *= 2;
}

/* What the configuration says about an open connection. */
static int
set_up(struct link *l, struct err *err)
{
	db_set_statements_max(l->db, l->statements);
	return db_set_query_timeout(l->db, l->query_timeout_ms, err);
}

/* Close it; what its server may still be doing is ended by the next one. */
static void
drop(struct link *l, bool cut)
{
	(void)watcher_socket(-1);
	if (cut)
		l->left = db_number_of(l->db);
	db_close(&l->db);
}

/* A new connection: the watcher may know it, and its predecessor must end. */
static void
begin(struct link *l)
{
	struct err err;

	(void)watcher_socket(db_socket(l->db));
	if (db_end_other(l->db, l->left, &err) != 0)
		log_info("database: session %lld is not ended: %s",
		    (long long)l->left, err.text);
	l->left = 0;
}

struct db *
link_get(struct link *l, struct err *err)
{
	if (l->db != NULL)
		return l->db;
	l->db = db_open(&l->target, l->guard, l->connect_timeout_ms, err);
	if (l->db == NULL || set_up(l, err) != 0) {
		db_close(&l->db);
		plan_retry(l);
		tell(l, false, err->text);
		return NULL;
	}
	begin(l);
	l->pause_ms = PAUSE_MIN_MS;
	tell(l, true, NULL);
	return l->db;
}

int
link_use(struct link *l, const struct conf *c, struct err *err)
{
	struct db_target target;

	if (db_target_read(&target, c->database.url, c->database.folder,
	    err) != 0)
		return -1;
	l->connect_timeout_ms = c->database.connect_timeout_ms;
	l->query_timeout_ms = c->database.query_timeout_ms;
	l->statements = (size_t)c->limits.statements;
	if (l->target.connection != NULL &&
	    strcmp(l->target.connection, target.connection) == 0) {
		db_target_fini(&target);
		/* One that is lost is opened again, with these. */
		if (l->db != NULL && set_up(l, err) != 0)
			drop(l, false);
		return 0;
	}
	drop(l, false);
	l->left = 0;
	db_target_fini(&l->target);
	l->target = target;
	l->retry_at = 0;
	return 0;
}

void
link_check(struct link *l, const char *why)
{
	bool cut;

	if (l->db == NULL)
		return;
	cut = watcher_socket(db_socket(l->db));
	if (cut) {
		drop(l, true);
	} else if (db_is_dead(l->db)) {
		drop(l, false);
		tell(l, false, why);
		plan_retry(l);
	}
}

void
link_cut(struct link *l)
{
	if (l->db != NULL)
		drop(l, true);
}

void
link_idle(struct link *l)
{
	struct err err;

	if (l->db == NULL && l->target.connection != NULL &&
	    clock_ms() >= l->retry_at)
		(void)link_get(l, &err);
}
