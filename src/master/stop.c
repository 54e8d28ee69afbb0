/*
 * Workers first: they need collectors for the requests that they still run.
 * When the last worker is gone nobody asks any more, and collectors may go.
 */
#include "master/stop.h"

#include <event2/event.h>

#include "base/log.h"
#include "master/front.h"
#include "master/listener.h"
#include "master/load.h"
#include "master/open.h"
#include "master/slots.h"
#include "master/state.h"

void
stop_step(struct master *m)
{
	if (!m->collectors_told && !slots_workers_run(m->slots)) {
		m->collectors_told = true;
		slots_stop_collectors(m->slots);
	}
	if (!slots_run(m->slots))
		event_base_loopbreak(m->base);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct master *m = arg;

	(void)fd;
	(void)what;
	slots_kill(m->slots);
}

/* No timer, no patience. */
static void
start_timer(struct master *m)
{
	int64_t ms = m->conf.limits.drain_time_ms +
	    m->conf.limits.drain_timeout_ms;
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	m->stop_timer = evtimer_new(m->base, on_timer, m);
	if (m->stop_timer == NULL || event_add(m->stop_timer, &tv) != 0)
		slots_kill(m->slots);
}

void
stop_begin(struct master *m)
{
	enum master_phase was = m->phase;

	m->phase = MASTER_STOPPING;
	switch (was) {
	case MASTER_STARTING:
		event_base_loopbreak(m->base);
		break;
	case MASTER_RUNNING:
		log_info("stopping: clients go within %lld ms, running "
		    "requests have %lld ms more",
		    (long long)m->conf.limits.drain_time_ms,
		    (long long)m->conf.limits.drain_timeout_ms);
		load_free(&m->load);
		listeners_free(&m->listeners);
		opens_settle(m);
		opens_free(m);
		fronts_stop(m);
		slots_stop_workers(m->slots);
		start_timer(m);
		stop_step(m);
		break;
	case MASTER_STOPPING:
		log_info("stopping: at once");
		if (m->slots != NULL)
			slots_kill(m->slots);
		break;
	}
}
