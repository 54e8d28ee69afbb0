/* Turns at the compressor, and what it makes. */
#include "worker/compress.h"

#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/log.h"
#include "proto/deflate.h"
#include "proto/http_coding.h"
#include "worker/output.h"
#include "worker/session.h"

/*
 * The longest piece.  Each begins without a past, which makes pieces of rows
 * of this length a twelfth longer than one stream of all rows would be.
 */
#define PIECE_BYTES (64 * 1024)
/* In one turn of the loop: a millisecond or two. */
#define TURN_BYTES (128 * 1024)

struct compress {
	struct deflater *deflater;
	struct buf made;	/* the last piece */
	struct event turn;	/* the next one */
	bool used;		/* in this turn: the event is added */
	size_t left;		/* of TURN_BYTES */
	TAILQ_HEAD(, session) behind;
	uint64_t nbytes, nmade;
};

static void
next_turn(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now;
	struct compress *c = arg;
	struct session *s;

	(void)fd;
	(void)what;
	c->used = false;
	c->left = TURN_BYTES;
	while (c->left > 0 && (s = TAILQ_FIRST(&c->behind)) != NULL) {
		compress_forget(s);
		output_pump(s);
	}
	if (!c->used && !TAILQ_EMPTY(&c->behind))
		c->used = event_add(&c->turn, &now) == 0;
}

static struct compress *
compress_new(struct worker *w)
{
	struct compress *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->deflater = deflater_new()) == NULL) {
		free(c);
		return NULL;
	}
	buf_init(&c->made, 0);
	TAILQ_INIT(&c->behind);
	c->left = TURN_BYTES;
	evtimer_assign(&c->turn, w->base, next_turn, c);
	return c;
}

bool
compress_may(struct session *s)
{
	struct compress *c = s->worker->compress;

	if (c == NULL || c->left > 0)
		return true;
	if (!s->behind) {
		s->behind = true;
		TAILQ_INSERT_TAIL(&c->behind, s, behind_link);
	}
	return false;
}

/* n bytes of this turn are used. */
static void
use(struct compress *c, size_t n)
{
	static const struct timeval now;

	c->left -= n < c->left ? n : c->left;
	/* Without memory for it, turns have no end. */
	if (!c->used && event_add(&c->turn, &now) == 0)
		c->used = true;
	else if (!c->used)
		c->left = TURN_BYTES;
}

const struct buf *
compress_piece(struct session *s, struct evbuffer *data, int bits,
    struct http_coded *sum)
{
	struct worker *w = s->worker;
	struct deflate_how how = {
		.level = (int)session_conf(s)->compression.level, .bits = bits
	};
	size_t len = evbuffer_get_length(data);
	size_t n = len < PIECE_BYTES ? len : PIECE_BYTES;
	const unsigned char *piece = evbuffer_pullup(data, (ev_ssize_t)n);
	struct compress *c;

	if (w->compress == NULL)
		w->compress = compress_new(w);
	c = w->compress;
	if (c == NULL || (piece == NULL && n > 0))
		return NULL;
	buf_clear(&c->made);
	if (deflater_put(c->deflater, how, piece, n, &c->made) != 0)
		return NULL;
	if (sum != NULL)
		http_coded_add(sum, piece, n);
	evbuffer_drain(data, n);
	c->nbytes += n;
	c->nmade += c->made.len;
	use(c, n);
	return &c->made;
}

void
compress_forget(struct session *s)
{
	if (!s->behind)
		return;
	s->behind = false;
	TAILQ_REMOVE(&s->worker->compress->behind, s, behind_link);
}

bool
compress_is_behind(const struct worker *w)
{
	return w->compress != NULL && !TAILQ_EMPTY(&w->compress->behind);
}

void
compress_log_counters(const struct worker *w)
{
	if (w->compress != NULL)
		log_info("counters: compressed %llu bytes to %llu",
		    (unsigned long long)w->compress->nbytes,
		    (unsigned long long)w->compress->nmade);
}

void
compress_free(struct worker *w)
{
	struct compress *c = w->compress;

	w->compress = NULL;
	if (c == NULL)
		return;
	event_del(&c->turn);
	deflater_free(c->deflater);
	buf_fini(&c->made);
	free(c);
}
