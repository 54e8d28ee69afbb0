/*
 * Keys, and within each the lanes of those collectors that have a cap: what
 * is full is passed by the others.  A key without requests is forgotten.
 */
#include "worker/turns.h"

#include <stdlib.h>
#include <string.h>

#include "worker/generation.h"
#include "worker/request.h"
#include "worker/session.h"
#include "worker/share.h"

/* What a request takes, until it is known for its key. */
#define MEAN_US 1000

int
turns_init(struct turns *t, int queue_fd)
{
	memset(t, 0, sizeof(*t));
	TAILQ_INIT(&t->keys);
	t->caps = caps_new(queue_fd);
	t->shares = shares_new();
	if (t->caps != NULL && t->shares != NULL)
		return 0;
	turns_fini(t);
	return -1;
}

void
turns_fini(struct turns *t)
{
	caps_free(&t->caps);
	shares_free(&t->shares);
}

/* ---- keys and lanes ----------------------------------------------------- */

static void
key_free_unused(struct turns *t, struct key_queue *k)
{
	if (k->out > 0 || k->nwaiting > 0 || k->nparked > 0 ||
	    k->nfollowing > 0)
		return;
	TAILQ_REMOVE(&t->keys, k, link);
	cap_leave(k->cap);
	free(k);
}

static struct key_queue *
key_get(struct turns *t, const char *name)
{
	struct key_queue *k;

	TAILQ_FOREACH(k, &t->keys, link)
		if (strcmp(k->name, name) == 0)
			return k;
	k = calloc(1, sizeof(*k) + strlen(name) + 1);
	if (k == NULL)
		return NULL;
	memcpy(k->name, name, strlen(name));
	TAILQ_INIT(&k->lanes);
	k->used_us = t->used_us;
	k->mean_us = MEAN_US;
	TAILQ_INSERT_TAIL(&t->keys, k, link);
	return k;
}

/* What the newest configuration says, in force from the next request on. */
static int
set_key_cap(struct turns *t, const struct conf *conf, struct key_queue *k)
{
	const struct conf_key *key = conf_key_by_name(conf, k->name);

	k->max = key == NULL ? 0 : key->max_running;
	if (k->max == 0 || k->cap != NULL)
		return 0;
	k->cap = caps_get(t->caps, "key", k->name);
	return k->cap == NULL ? -1 : 0;
}

static int64_t
collector_max(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->ncollectors; i++)
		if (strcmp(conf->collectors[i].name, name) == 0)
			return conf->collectors[i].max_running;
	return 0;
}

static struct lane *
lane_get(struct turns *t, const struct conf *conf, struct key_queue *k,
    const char *collector)
{
	int64_t max = collector_max(conf, collector);
	struct cap *cap = NULL;
	struct lane *lane;

	if (max > 0 && (cap = caps_get(t->caps, "collector", collector)) ==
	    NULL)
		return NULL;
	TAILQ_FOREACH(lane, &k->lanes, link)
		if (lane->cap == cap)
			break;
	if (lane == NULL) {
		lane = calloc(1, sizeof(*lane));
		if (lane == NULL)
			return NULL;
		lane->cap = cap;
		TAILQ_INIT(&lane->waiting);
		TAILQ_INSERT_TAIL(&k->lanes, lane, link);
	}
	lane->max = max;
	return lane;
}

static void
lane_free_unused(struct key_queue *k, struct lane *lane)
{
	if (lane->nrequests > 0)
		return;
	TAILQ_REMOVE(&k->lanes, lane, link);
	cap_leave(lane->cap);
	free(lane);
}

int
turns_enter(struct turns *t, struct request *r, const char *key)
{
	const struct conf *conf = &r->session->worker->current->conf;
	struct key_queue *k = key_get(t, key);
	struct lane *lane = NULL;

	if (k == NULL)
		return -1;
	if (set_key_cap(t, conf, k) == 0)
		lane = lane_get(t, conf, k, r->collector);
	if (lane == NULL) {
		key_free_unused(t, k);
		return -1;
	}
	lane->nrequests++;
	r->key = k;
	r->lane = lane;
	return 0;
}

/* ---- waiting ------------------------------------------------------------ */

static void
wait_no_more(struct turns *t, struct request *r)
{
	TAILQ_REMOVE(&r->lane->waiting, r, of_lane);
	share_wait_no_more(t->shares, r);
	r->key->nwaiting--;
	t->nwaiting--;
}

/*
 * Aside, as long as its client does not read: so that nobody has to look past
 * it again and again.
 */
static void
park(struct turns *t, struct request *r)
{
	wait_no_more(t, r);
	r->parked = true;
	r->session->nparked++;
	r->key->nparked++;
	t->nparked++;
}

static void
park_no_more(struct turns *t, struct request *r)
{
	r->parked = false;
	r->session->nparked--;
	r->key->nparked--;
	t->nparked--;
}

void
turns_follow(struct turns *t, struct request *r, struct request *leader)
{
	wait_no_more(t, r);
	TAILQ_INSERT_TAIL(&leader->followers, r, of_lane);
	r->leader = leader;
	r->key->nfollowing++;
	t->nfollowing++;
}

static void
follow_no_more(struct turns *t, struct request *r)
{
	TAILQ_REMOVE(&r->leader->followers, r, of_lane);
	r->leader = NULL;
	r->key->nfollowing--;
	t->nfollowing--;
}

void
turns_succeed(struct request *r, struct request *heir)
{
	struct request *f;

	TAILQ_REMOVE(&r->followers, heir, of_lane);
	TAILQ_CONCAT(&heir->followers, &r->followers, of_lane);
	TAILQ_INSERT_TAIL(&heir->followers, r, of_lane);
	TAILQ_FOREACH(f, &heir->followers, of_lane)
		f->leader = heir;
	heir->leader = NULL;
	heir->of_key_cap = r->of_key_cap;
	heir->of_collector_cap = r->of_collector_cap;
	r->of_key_cap.cap = r->of_collector_cap.cap = NULL;
}

size_t
turns_length(const struct turns *t)
{
	return t->nwaiting + t->nparked + t->nfollowing;
}

void
turns_wait(struct turns *t, struct request *r, bool first)
{
	struct key_queue *k = r->key;

	if (r->parked)
		park_no_more(t, r);
	else if (r->leader != NULL)
		follow_no_more(t, r);
	/* What it left unused while it had nothing to ask is gone. */
	if (k->nwaiting == 0 && k->used_us < t->used_us)
		k->used_us = t->used_us;
	if (first)
		TAILQ_INSERT_HEAD(&r->lane->waiting, r, of_lane);
	else
		TAILQ_INSERT_TAIL(&r->lane->waiting, r, of_lane);
	share_wait(t->shares, r);
	k->nwaiting++;
	t->nwaiting++;
}

struct request *
turns_surplus(const struct turns *t, const char *key)
{
	const struct key_queue *k, *longest = NULL;
	struct request *r, *newest = NULL;
	const struct lane *lane;
	size_t most = 1;

	TAILQ_FOREACH(k, &t->keys, link) {
		if (strcmp(k->name, key) == 0 && k->nwaiting + 1 >= most) {
			most = k->nwaiting + 1;
			longest = NULL;
		} else if (k->nwaiting > most) {
			most = k->nwaiting;
			longest = k;
		}
	}
	if (longest == NULL)
		return NULL;
	TAILQ_FOREACH(lane, &longest->lanes, link) {
		r = TAILQ_LAST(&lane->waiting, requests);
		if (r != NULL && (newest == NULL || r->id > newest->id))
			newest = r;
	}
	return newest;
}

void
turns_leave(struct turns *t, struct request *r)
{
	if (r->parked)
		park_no_more(t, r);
	else if (r->leader != NULL)
		follow_no_more(t, r);
	else if (r->state == REQUEST_WAITING)
		wait_no_more(t, r);
	cap_give(&r->of_key_cap);
	cap_give(&r->of_collector_cap);
	r->lane->nrequests--;
	lane_free_unused(r->key, r->lane);
	key_free_unused(t, r->key);
	r->key = NULL;
	r->lane = NULL;
}

/* ---- whose turn --------------------------------------------------------- */

/* The first request of a lane whose session can take an answer. */
static struct request *
first_ready(struct turns *t, struct lane *lane)
{
	struct request *r;

	while ((r = TAILQ_FIRST(&lane->waiting)) != NULL &&
	    output_is_stalled(r->session))
		park(t, r);
	return r;
}

/* The oldest of a key that may run; NULL = none. */
static struct request *
first_of_key(struct turns *t, struct key_queue *k)
{
	struct request *r, *first = NULL;
	struct lane *lane;

	if (k->nwaiting == 0 || k->full)
		return NULL;
	TAILQ_FOREACH(lane, &k->lanes, link) {
		r = lane->full ? NULL : first_ready(t, lane);
		if (r != NULL && (first == NULL || r->id < first->id))
			first = r;
	}
	return first;
}

/* What it will have used when all that is out has ended. */
static uint64_t
cost_us(const struct key_queue *k)
{
	return k->used_us + k->out * k->mean_us;
}

struct request *
turns_next(struct turns *t)
{
	struct request *r, *next = NULL;
	struct key_queue *k;

	TAILQ_FOREACH(k, &t->keys, link) {
		if (next != NULL && cost_us(k) >= cost_us(next->key))
			continue;
		r = first_of_key(t, k);
		if (r != NULL)
			next = r;
	}
	return next;
}

int
turns_take_places(struct request *r)
{
	struct key_queue *k = r->key;
	struct lane *lane = r->lane;

	if (k->max > 0 && cap_take(k->cap, k->max, &r->of_key_cap) != 0) {
		k->full = true;
		return -1;
	}
	if (lane->cap != NULL &&
	    cap_take(lane->cap, lane->max, &r->of_collector_cap) != 0) {
		cap_give(&r->of_key_cap);
		lane->full = true;
		return -1;
	}
	return 0;
}

void
turns_had(struct turns *t, struct request *r)
{
	struct key_queue *k = r->key;

	wait_no_more(t, r);
	if (k->used_us > t->used_us)
		t->used_us = k->used_us;
	TAILQ_REMOVE(&t->keys, k, link);
	TAILQ_INSERT_TAIL(&t->keys, k, link);
}

void
turns_used(struct key_queue *k, uint64_t us)
{
	k->used_us += us;
	k->mean_us = (k->mean_us * 3 + us) / 4;
}

void
turns_begin(struct turns *t)
{
	struct key_queue *k;
	struct lane *lane;

	TAILQ_FOREACH(k, &t->keys, link) {
		k->full = false;
		TAILQ_FOREACH(lane, &k->lanes, link)
			lane->full = false;
	}
}
