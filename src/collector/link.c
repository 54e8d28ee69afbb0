/*
 * Reconnecting with a pause that doubles and is spread by chance, so that the
 * collectors of a house do not come back to their database all at once.
 */
#include "collector/link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/watcher.h"

/*
 * A server that is silent while we are idle is asked after IDLE_S, COUNT times
 * in INTERVAL_S: its host may be gone without a word.
 */
#define IDLE_S 20
#define INTERVAL_S 5
#define COUNT 4

void
link_init(struct link *l, const struct db_guard *guard,
    void (*changed)(void *ctx, const char *why), void *ctx)
{
	memset(l, 0, sizeof(*l));
	l->guard = guard;
	l->changed = changed;
	l->ctx = ctx;
}

/* When it goes up or down, or is down for another reason. */
static void
tell(struct link *l, bool up, const char *why)
{
	if (l->told && l->up == up && (up || strcmp(l->why, why) == 0))
		return;
	l->told = true;
	l->up = up;
	(void)snprintf(l->why, sizeof(l->why), "%s", up ? "" : why);
	l->changed(l->ctx, up ? NULL : l->why);
}

/*
 * Between half and all of the pause.  Who has waited long for nothing waits as
 * long again, so that somebody has always time to say so to callers.
 */
static void
plan_retry(struct link *l, uint64_t took_ms)
{
	uint64_t pause = l->pause_ms > took_ms ? l->pause_ms : took_ms;
	uint64_t chance;

	clock_random(&chance, sizeof(chance));
	l->retry_at = clock_ms() + pause / 2 + chance % (pause / 2 + 1);
	l->pause_ms *= 2;
	if (l->pause_ms > l->pause_max_ms)
		l->pause_ms = l->pause_max_ms;
}

/* What the configuration says about an open connection. */
static int
set_up(struct link *l, struct err *err)
{
	db_set_statements_max(l->db, l->statements);
	return db_set_query_timeout(l->db, l->query_timeout_ms, err);
}

/* Find out in time that the other host is gone. */
static void
keep_alive(int socket, int64_t timeout_ms)
{
	const struct {
		int level, name, value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, INTERVAL_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, COUNT },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, (int)timeout_ms },
	};

	/* A socket of another family takes none of them, and needs none. */
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		(void)setsockopt(socket, options[i].level, options[i].name,
		    &options[i].value, sizeof(options[i].value));
}

/* Which file is it?  One that was replaced has another number. */
static struct link_file
file_of(const struct link *l)
{
	struct stat st;

	if (l->target.file == NULL || stat(l->target.file, &st) != 0)
		return (struct link_file){ 0, 0 };
	return (struct link_file){ st.st_dev, st.st_ino };
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
	keep_alive(db_socket(l->db), l->query_timeout_ms);
	l->file = file_of(l);
	if (db_end_other(l->db, l->left, &err) != 0)
		log_info("database: session %lld is not ended: %s",
		    (long long)l->left, err.text);
	l->left = 0;
}

/* It is lost; the first attempt to get it back may be made at once. */
static void
lose(struct link *l, const char *why)
{
	drop(l, false);
	tell(l, false, why);
	l->untried = true;
	l->pause_ms = l->pause_min_ms;
	plan_retry(l, 0);
}

/* What can be seen of an idle connection without asking its server. */
static void
look(struct link *l)
{
	struct pollfd p = { .fd = -1, .events = POLLRDHUP };
	struct link_file file;

	if (l->db == NULL)
		return;
	p.fd = db_socket(l->db);
	file = file_of(l);
	if (poll(&p, 1, 0) > 0)
		lose(l, "the server has closed the connection");
	else if (file.device != l->file.device ||
	    file.inode != l->file.inode)
		lose(l, "the file of the database is another one, or none");
}

/* DATABASE: which one, and why.  Always NULL. */
static struct db *
refuse(const struct link *l, struct err *err)
{
	uint64_t now = clock_ms();

	err_set(err, ERR_DATABASE, "no connection to %s: %.300s; the next "
	    "attempt is in %llu ms", l->target.shown, l->why,
	    (unsigned long long)(l->retry_at > now ? l->retry_at - now : 0));
	return NULL;
}

static struct db *
connect_now(struct link *l, struct err *err)
{
	uint64_t before_ms = clock_ms();

	l->untried = false;
	l->db = db_open(&l->target, l->guard, l->connect_timeout_ms, err);
	if (l->db == NULL || set_up(l, err) != 0) {
		db_close(&l->db);
		plan_retry(l, clock_ms() - before_ms);
		tell(l, false, err->text);
		return refuse(l, err);
	}
	begin(l);
	l->pause_ms = l->pause_min_ms;
	tell(l, true, NULL);
	return l->db;
}

struct db *
link_get(struct link *l, struct err *err)
{
	if (l->rested)
		look(l);
	l->rested = false;
	if (l->db != NULL)
		return l->db;
	if (!l->untried && clock_ms() < l->retry_at)
		return refuse(l, err);
	return connect_now(l, err);
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
	l->pause_min_ms = (uint64_t)c->database.reconnect_min_ms;
	l->pause_max_ms = (uint64_t)c->database.reconnect_max_ms;
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
	l->untried = true;
	l->pause_ms = l->pause_min_ms;
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
		lose(l, why);
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

	if (l->rested)
		look(l);
	l->rested = true;
	if (l->db == NULL && l->target.connection != NULL &&
	    clock_ms() >= l->retry_at)
		(void)connect_now(l, &err);
}
