/* A small table: it is empty all the time, but for bad days. */
#include "worker/poison.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/fingerprint.h"
#include "ipc/msg.h"
#include "worker/state.h"

struct poison *
poison_new(void)
{
	return calloc(POISON_MAX, sizeof(struct poison));
}

void
poison_learn(struct worker *w, const void *data, size_t len)
{
	struct poison *p = w->poison, *place = p;
	struct msg_poison m;

	if (msg_get_poison(data, len, &m) != 0) {
		log_error("POISON of the master ignored: it is not sound");
		return;
	}
	/* The same again, or the one that is over first. */
	for (; p < w->poison + POISON_MAX; p++) {
		if (p->fingerprint == m.fingerprint) {
			place = p;
			break;
		}
		if (p->until_ms < place->until_ms)
			place = p;
	}
	place->fingerprint = m.fingerprint;
	place->until_ms = clock_ms() + m.time_ms;
	if (place->until_ms > w->poison_ms)
		w->poison_ms = place->until_ms;
}

bool
poison_refuses(const struct worker *w, const char *collector,
    const char *options, size_t len, struct err *err)
{
	uint64_t now, print;

	if (w->poison_ms == 0 || (now = clock_ms()) >= w->poison_ms)
		return false;
	print = fingerprint(collector, options, len);
	for (size_t i = 0; i < POISON_MAX; i++) {
		const struct poison *p = &w->poison[i];

		if (print == 0 || p->fingerprint != print ||
		    p->until_ms <= now)
			continue;
		err_set(err, ERR_POISONED, "this request has killed the "
		    "processes that ran it; it is refused for %llu s, and "
		    "the log of the gateway says more",
		    (unsigned long long)((p->until_ms - now + 999) / 1000));
		return true;
	}
	return false;
}
