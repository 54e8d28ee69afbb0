/* The session process: start, channel to the master, end. */
#include "worker/worker.h"

#include <signal.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/confine.h"
#include "ipc/cpus.h"
#include "ipc/msg.h"
#include "worker/adopt.h"
#include "worker/compress.h"
#include "worker/conn.h"
#include "worker/drain.h"
#include "worker/generation.h"
#include "worker/move.h"
#include "worker/pinned.h"
#include "worker/poison.h"
#include "worker/revoke.h"
#include "worker/schedule.h"
#include "worker/session.h"
#include "worker/socketio.h"
#include "worker/tell.h"

/* ---- messages of the master ---------------------------------------------- */

typedef void handler(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds);

static void
ready(struct worker *w, const struct msg_view *m)
{
	struct buf b;

	buf_init(&b, 0);
	if (msg_put_view(&b, MSG_READY, m) != 0 ||
	    channel_send(w->master, &b, NULL, 0) != 0)
		log_error("the master was not told that we are ready: "
		    "out of memory");
	buf_fini(&b);
}

static void
on_view(struct worker *w, const void *data, size_t len, int *fds, size_t nfds)
{
	struct msg_view m;
	struct err err;

	if (msg_get_view(data, len, &m) != 0 || nfds != 1) {
		log_error("VIEW of the master ignored: it is not sound");
		return;
	}
	if (generation_add(w, m.generation, fds[0], &err) != 0) {
		log_error("generation %u: not taken: %s",
		    (unsigned int)m.generation, err.text);
		return;
	}
	log_set_level((enum log_level)w->current->conf.log_level);
	cpus_keep(w->number, w->current->conf.share_cpus != 0 ?
	    w->current->conf.workers : 1);
	log_debug("generation %u: serving", (unsigned int)m.generation);
	ready(w, &m);
}

static void
on_old_view(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	struct msg_view m;
	struct err err;

	if (msg_get_view(data, len, &m) != 0 || nfds != 1)
		log_error("OLD_VIEW of the master ignored: it is not sound");
	else if (generation_add_old(w, m.generation, fds[0], &err) != 0)
		log_error("generation %u: not taken: %s",
		    (unsigned int)m.generation, err.text);
}

static void
on_drop_view(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	struct msg_view m;

	(void)fds;
	(void)nfds;
	if (msg_get_view(data, len, &m) != 0)
		log_error("DROP_VIEW of the master ignored: it is not sound");
	else
		generation_drop(w, m.generation);
}

static void
on_adopted(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	(void)fds;
	(void)nfds;
	adopt_confirmed(w, data, len);
}

static void
on_verdict(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	struct msg_verdict m;

	(void)fds;
	(void)nfds;
	if (msg_get_verdict(data, len, &m) != 0)
		log_error("VERDICT of the master ignored: it is not sound");
	else
		socketio_verdict(w, &m);
}

static void
on_stop(struct worker *w, const void *data, size_t len, int *fds, size_t nfds)
{
	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	drain_begin(w);
}

static void
on_counters(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	session_log_counters(w);
}

static void
on_ask(struct worker *w, const void *data, size_t len, int *fds, size_t nfds)
{
	(void)fds;
	(void)nfds;
	tell_master(w, data, len);
}

static void
on_closed(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	(void)fds;
	(void)nfds;
	tell_kill(w, data, len);
}

static void
on_revoked(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	(void)fds;
	(void)nfds;
	revoke_key(w, data, len);
}

static void
on_move(struct worker *w, const void *data, size_t len, int *fds, size_t nfds)
{
	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	move_start(w);
}

static void
on_log(struct worker *w, const void *data, size_t len, int *fds, size_t nfds)
{
	(void)w;
	(void)data;
	(void)len;
	if (nfds == 1)
		log_move(fds[0]);
}

static void
on_poison(struct worker *w, const void *data, size_t len, int *fds,
    size_t nfds)
{
	(void)fds;
	(void)nfds;
	poison_learn(w, data, len);
}

static handler *const handlers[MSG_TYPES] = {
	[MSG_VIEW] = on_view,
	[MSG_OLD_VIEW] = on_old_view,
	[MSG_MOVE] = on_move,
	[MSG_DROP_VIEW] = on_drop_view,
	[MSG_STOP] = on_stop,
	[MSG_SESSION] = adopt_session,
	[MSG_ROUTE] = adopt_route,
	[MSG_ADOPTED] = on_adopted,
	[MSG_VERDICT] = on_verdict,
	[MSG_COUNTERS] = on_counters,
	[MSG_ASK] = on_ask,
	[MSG_CLOSED] = on_closed,
	[MSG_REVOKED] = on_revoked,
	[MSG_LOG] = on_log,
	[MSG_POISON] = on_poison
};

static void
master_message(void *ctx, const void *data, size_t len, int *fds, size_t nfds)
{
	unsigned int type = msg_type(data, len);

	log_debug("master: %s", msg_name(type));
	if (handlers[type] == NULL)
		log_error("%s of the master ignored: it is not for us",
		    msg_name(type));
	else
		handlers[type](ctx, data, len, fds, nfds);
}

/* Nobody would find our sessions any more. */
static void
master_gone(void *ctx)
{
	struct worker *w = ctx;

	log_error("ending: the master is gone");
	w->exit_status = EXIT_FAILURE;
	event_base_loopbreak(w->base);
}

static const struct channel_handlers master_handlers = {
	.message = master_message, .gone = master_gone
};

/* ---- the process --------------------------------------------------------- */

/* An admin wants this process to end; the master alone can see to it. */
static void
on_term(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	log_info("signal SIGTERM: we ask to be replaced");
	move_ask(arg);
}

static int
start(struct worker *w, const struct spawn_params *p)
{
	uint64_t seed[2];

	w->number = p->worker;
	TAILQ_INIT(&w->given);
	w->base = event_base_new();
	if (w->base == NULL)
		return -1;
	clock_random(seed, sizeof(seed));
	table_init(&w->sessions, seed);
	w->schedule = schedule_new(w, SPAWN_FD_QUEUE);
	w->pinned = pinned_new(w, SPAWN_FD_QUEUE);
	w->poison = poison_new();
	w->asks = asks_new(w);
	w->master = channel_new(w->base, SPAWN_FD_CHANNEL, &master_handlers,
	    w);
	w->term = evsignal_new(w->base, SIGTERM, on_term, w);
	if (w->schedule == NULL || w->pinned == NULL || w->poison == NULL ||
	    w->asks == NULL || w->master == NULL || w->term == NULL ||
	    event_add(w->term, NULL) != 0)
		return -1;
	return move_watch(w);
}

/* In the reverse order; everything that clients should hear is sent. */
static void
end(struct worker *w)
{
	if (w->base == NULL)
		return;
	session_free_all(w);
	conn_free_all(w);
	move_free(w);
	adopt_free_all(w);
	generation_free_all(w);
	if (w->stop_timer != NULL)
		event_free(w->stop_timer);
	if (w->term != NULL)
		event_free(w->term);
	channel_free(&w->master);
	compress_free(w);
	asks_free(&w->asks);
	free(w->poison);
	pinned_free(&w->pinned);
	schedule_free(&w->schedule);
	table_fini(&w->sessions);
	event_base_free(w->base);
}

int
worker_run(const struct spawn_params *p)
{
	struct worker w = { .exit_status = EXIT_SUCCESS };
	struct err err;

	if (confine(SPAWN_WORKER, &err) != 0)
		log_warn("not confined: %s", err.text);
	signal(SIGPIPE, SIG_IGN);
	if (start(&w, p) != 0 || event_base_dispatch(w.base) < 0) {
		log_error("ending: out of memory");
		w.exit_status = EXIT_FAILURE;
	}
	end(&w);
	return w.exit_status;
}
