/*
 * A table of the latest deaths.  It is bounded: whoever sends ever new
 * requests that kill pushes out those that died once, never one that is
 * refused, unless all are.
 */
#include "master/suspect.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/child.h"
#include "master/slots.h"
#include "master/state.h"

#define SUSPECTS_MAX 64

struct suspect {
	uint64_t fingerprint;
	int64_t deaths;
	uint64_t first_ms;	/* of these deaths */
	uint64_t until_ms;	/* refused until then; 0 = not yet */
};

struct suspects {
	struct suspect of[SUSPECTS_MAX];
};

struct suspects *
suspects_new(void)
{
	return calloc(1, sizeof(struct suspects));
}

void
suspects_free(struct suspects **p)
{
	free(*p);
	*p = NULL;
}

/* Its place, or the one that is missed least: the oldest not refused. */
static struct suspect *
find(struct suspects *p, uint64_t fingerprint, uint64_t now_ms)
{
	struct suspect *least = p->of;

	for (struct suspect *s = p->of;
	    s < p->of + SUSPECTS_MAX; s++) {
		if (s->fingerprint == fingerprint)
			return s;
		if (s->until_ms <= now_ms)
			s->until_ms = 0;
		if (s->until_ms < least->until_ms ||
		    (s->until_ms == least->until_ms &&
		    s->first_ms < least->first_ms))
			least = s;
	}
	*least = (struct suspect){ .fingerprint = fingerprint };
	return least;
}

static void
put(struct buf *b, const struct suspect *s, uint64_t now_ms)
{
	const struct msg_poison m = { .fingerprint = s->fingerprint,
	    .time_ms = (uint32_t)(s->until_ms - now_ms) };

	buf_clear(b);
	if (msg_put_poison(b, &m) != 0)
		buf_clear(b);
}

static void
refuse(struct master *m, struct suspect *s, uint64_t id, uint64_t now_ms)
{
	int64_t time_ms = m->conf.limits.poison_time_ms;
	struct buf b;

	m->counters.poisoned++;
	log_warn("request %016" PRIx64 ": poison: the same has killed %" PRId64
	    " collectors: refused for %" PRId64 " ms", id, s->deaths,
	    time_ms);
	s->until_ms = now_ms + (uint64_t)time_ms;
	s->deaths = 0;
	buf_init(&b, 0);
	put(&b, s, now_ms);
	if (b.len > 0)
		slots_tell_workers(m->slots, &b);
	buf_fini(&b);
}

void
suspects_death(struct child *c, uint64_t id, uint64_t fingerprint)
{
	const struct conf *conf = &c->m->conf;
	uint64_t now = clock_ms();
	struct suspect *s;

	c->m->counters.killers++;
	log_warn("%s: request %016" PRIx64 " has killed it", c->name, id);
	if (fingerprint == 0 || conf->limits.poison_deaths == 0)
		return;
	s = find(c->m->suspects, fingerprint, now);
	if (s->deaths == 0 || now - s->first_ms >
	    (uint64_t)conf->limits.poison_time_ms) {
		s->deaths = 0;
		s->first_ms = now;
	}
	if (++s->deaths >= conf->limits.poison_deaths)
		refuse(c->m, s, id, now);
}

void
suspects_tell(struct child *worker)
{
	const struct suspects *p = worker->m->suspects;
	uint64_t now = clock_ms();
	struct buf b;

	buf_init(&b, 0);
	for (size_t i = 0; i < SUSPECTS_MAX; i++) {
		if (p->of[i].until_ms <= now)
			continue;
		put(&b, &p->of[i], now);
		if (b.len > 0)
			child_send(worker, &b, NULL, 0);
	}
	buf_fini(&b);
}
