/*
 * The messages of a reply.  They are read into memory that becomes a part of
 * what goes to the client: much text is not copied.
 */
#include "worker/answer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/msg.h"
#include "ipc/reply.h"
#include "worker/answer_put.h"
#include "worker/pinned.h"
#include "worker/plugin.h"
#include "worker/replies.h"
#include "worker/request.h"
#include "worker/schedule.h"
#include "worker/session.h"

/* Less than this is copied, so that its memory can be used again. */
#define MOVED_BYTES (REPLY_BYTES_MAX / 4)

/* Messages of one reply that are taken before others have their turn. */
#define TURN_MESSAGES 8

#define LOST "the process that ran this request died; it may be asked again"

static void
finish_failed(struct request *r, enum err_code code, const char *text)
{
	if (r->answer.failure.code == ERR_NONE)
		err_set(&r->answer.failure, code, "%s", text);
	answer_finish(r);
}

/* What a handler says: go on reading, or r is gone. */
enum step { GO_ON, GONE };

/* Whoever sends such things is not fit for another request. */
static void
tell_unsound(const struct request *r)
{
	const struct msg_unsound m = { .id = r->id };
	struct buf b;

	buf_init(&b, 0);
	if (msg_put_unsound(&b, &m) != 0 ||
	    channel_send(r->session->worker->master, &b, NULL, 0) != 0)
		log_warn("the master was not told: out of memory");
	buf_fini(&b);
}

static enum step
wrong(struct request *r, const char *why)
{
	log_error("request %016" PRIx64 ": %s: its reply is not sound: %s",
	    r->id, r->collector, why);
	tell_unsound(r);
	finish_failed(r, ERR_INTERNAL,
	    "the reply of the collector was not sound");
	return GONE;
}

static enum step
on_begun(struct request *r, const struct reply *m)
{
	if (r->state != REQUEST_ASKED || m->id != r->id)
		return wrong(r, "BEGUN is not due");
	r->answer.held = m->held || output_needs_length(r->session);
	if (m->held)
		schedule_part(r, true);
	schedule_begun(r, m->us);
	/* It will not be asked again. */
	buf_fini(&r->options);
	return GO_ON;
}

/* Is this held answer larger than the conf allows? */
static bool
is_too_large(const struct request *r)
{
	const struct conf *conf = session_conf(r->session);
	const struct answer *a = &r->answer;
	size_t rows = a->rows == NULL ? 0 : evbuffer_get_length(a->rows);

	return a->held && rows + a->attached_bytes >
	    (size_t)conf->database.max_binary_answer_bytes;
}

static enum step
refuse_large(struct request *r)
{
	schedule_part(r, true);
	finish_failed(r, ERR_LIMIT, output_needs_length(r->session) ?
	    "the answer is larger than max_binary_answer, and polling of "
	    "Engine.IO 3 needs it as a whole; use select, take or a websocket" :
	    "the answer has binary values and is larger than "
	    "max_binary_answer; use select or take");
	return GONE;
}

/*
 * Only a ping resets the client's own timer, and none can pass a message
 * that is half way out.  Is most of that time used up?
 */
static bool
is_out_of_time(const struct request *r)
{
	const struct session *s = r->session;
	const struct conf *conf = session_conf(s);
	int64_t patience_ms = conf->socketio.ping_interval_ms +
	    conf->socketio.ping_timeout_ms;

	return r->state == REQUEST_STREAMED && r->answer.packet->begun &&
	    clock_ms() >= s->pinged_ms + (uint64_t)(patience_ms / 10 * 8);
}

/* A part of the reply is lost: nobody can take over the rest. */
static enum step
no_memory(struct request *r)
{
	schedule_part(r, true);
	session_close(r->session, CLOSE_MEMORY);
	return GONE;
}

/* The text of m, the message in w->incoming, is the end of what is in to. */
static int
take_text(const struct request *r, const struct reply *m, struct evbuffer *to)
{
	struct evbuffer *in = r->session->worker->incoming;
	struct evbuffer_iovec room;
	size_t head;
	int result;

	if (m->text.len < MOVED_BYTES)
		return evbuffer_add(to, m->text.data, m->text.len);
	if (evbuffer_reserve_space(in, REPLY_BYTES_MAX, &room, 1) != 1)
		return -1;
	head = (size_t)(m->text.data - (const char *)room.iov_base);
	room.iov_len = head + m->text.len;
	if (evbuffer_commit_space(in, &room, 1) != 0)
		return -1;
	evbuffer_drain(in, head);
	result = evbuffer_add_buffer(to, in);
	evbuffer_drain(in, evbuffer_get_length(in));
	return result;
}

static enum step
on_rows(struct request *r, const struct reply *m)
{
	const struct conf *conf = session_conf(r->session);
	struct answer *a = &r->answer;

	if (r->state < REQUEST_BEGUN)
		return wrong(r, "ROWS before BEGUN");
	if (r->acked || (r->silent && m->text.len > 0))
		return wrong(r, "nobody waits for its ROWS");
	if (a->rows == NULL)
		a->rows = evbuffer_new();
	if (a->rows == NULL || take_text(r, m, a->rows) != 0)
		return no_memory(r);
	if (m->border)
		a->whole = evbuffer_get_length(a->rows);
	if (is_too_large(r))
		return refuse_large(r);
	if (a->packet == NULL && evbuffer_get_length(a->rows) >
	    (size_t)conf->limits.stream_bytes) {
		schedule_part(r, true);
		if (!a->held && answer_stream(r) != 0)
			return no_memory(r);
	}
	if (a->packet != NULL && answer_pass_on(r) != 0)
		return no_memory(r);
	if (!a->cut && is_out_of_time(r)) {
		finish_failed(r, ERR_TIMEOUT, "the connection is too slow for "
		    "an answer of this size; use select or take, or raise "
		    "ping_timeout");
		return GONE;
	}
	return GO_ON;
}

static enum step
on_attachment(struct request *r, const struct reply *m)
{
	struct answer *a = &r->answer;
	struct evbuffer **to;

	if (r->state != REQUEST_BEGUN || !a->held)
		return wrong(r, "ATTACHMENT is not due");
	if (a->nattachments == SIO_ATTACHMENTS_MAX)
		return wrong(r, "it has too many attachments");
	to = &a->attachments[a->nattachments];
	if (*to == NULL)
		*to = evbuffer_new();
	if (*to == NULL || take_text(r, m, *to) != 0)
		return no_memory(r);
	a->attached_bytes += m->text.len;
	if (m->last)
		a->nattachments++;
	return is_too_large(r) ? refuse_large(r) : GO_ON;
}

static enum step
on_failure(struct request *r, const struct reply *m)
{
	if (r->state < REQUEST_BEGUN || m->code == ERR_NONE)
		return wrong(r, "FAILURE is not due");
	err_set(&r->answer.failure, m->code, "%.*s", (int)m->text.len,
	    m->text.data);
	if (m->code == ERR_OVERLOADED)
		r->answer.failure.retry_ms =
		    schedule_hint(r->session->worker);
	return GO_ON;
}

static enum step
on_end(struct request *r, const struct reply *m)
{
	const struct answer *a = &r->answer;

	(void)m;
	if (r->state < REQUEST_BEGUN)
		return wrong(r, "END before BEGUN");
	if (a->failure.code == ERR_NONE && a->rows != NULL &&
	    evbuffer_get_length(a->rows) > a->whole)
		return wrong(r, "END inside of a row");
	replies_return(&r->reply);
	answer_finish(r);
	return GONE;
}

/* BEGUN, what is in it, and END; and most often small. */
static enum step
on_answer(struct request *r, const struct reply *m)
{
	const struct conf *conf = session_conf(r->session);
	struct reply rows = *m;

	if (on_begun(r, m) == GONE)
		return GONE;
	if (!r->answer.held && !r->silent &&
	    m->text.len <= (size_t)conf->limits.stream_bytes) {
		replies_return(&r->reply);
		answer_finish_rows(r, &m->text);
		return GONE;
	}
	rows.border = true;
	return on_rows(r, &rows) == GONE ? GONE : on_end(r, m);
}

static enum step
on_packet(struct request *r, const struct reply *m)
{
	struct session *s = r->session;
	const char *why = plugin_take(r, m);

	if (why != NULL)
		return wrong(r, why);
	return s->state == SESSION_OPEN ? GO_ON : GONE;
}

static enum step
on_refusal(struct request *r, const struct reply *m)
{
	if (on_begun(r, m) == GONE || on_failure(r, m) == GONE)
		return GONE;
	return on_end(r, m);
}

static enum step (*const handlers[REPLY_TYPES])(struct request *r,
    const struct reply *m) = {
	[REPLY_BEGUN] = on_begun,
	[REPLY_ROWS] = on_rows,
	[REPLY_ATTACHMENT] = on_attachment,
	[REPLY_FAILURE] = on_failure,
	[REPLY_END] = on_end,
	[REPLY_ANSWER] = on_answer,
	[REPLY_REFUSAL] = on_refusal,
	[REPLY_BINARY] = on_packet,
	[REPLY_EMIT] = on_packet,
	[REPLY_ACK] = on_packet
};

/* The reply ended too soon: its collector died, before it took the request? */
static void
on_lost(struct request *r, bool taken)
{
	log_warn("request %016" PRIx64 ": %s: its collector died%s", r->id,
	    r->collector, taken ? "" : " before it began");
	replies_drop(&r->reply);
	if (r->state == REQUEST_ASKED && !taken && !r->again) {
		r->again = true;
		schedule_again(r);
	} else {
		finish_failed(r, ERR_WORKER_LOST, LOST);
	}
}

void
answer_give_up(struct request *r)
{
	finish_failed(r, ERR_TIMEOUT, "the answer was not read while others "
	    "waited for a database connection; use select or take");
}

static void
pause_reading(struct request *r)
{
	r->answer.paused = true;
	pinned_add(r);
	replies_stop(r->reply);
}

/* Read one message; its length, or -1, as recv(). */
static ssize_t
receive(struct worker *w, int fd, struct evbuffer_iovec *room)
{
	if (w->incoming == NULL)
		w->incoming = evbuffer_new();
	if (w->incoming == NULL || evbuffer_reserve_space(w->incoming,
	    REPLY_BYTES_MAX, room, 1) != 1) {
		errno = ENOMEM;
		return -1;
	}
	return recv(fd, room->iov_base, REPLY_BYTES_MAX, MSG_DONTWAIT);
}

void
answer_read(struct request *r)
{
	struct evbuffer_iovec room;
	struct session *s = r->session;
	bool taken = true;
	struct reply m;
	ssize_t n;
	int i;

	for (i = 0; i < TURN_MESSAGES; i++) {
		if (r->state == REQUEST_STREAMED &&
		    !output_wants(s, r->answer.packet)) {
			pause_reading(r);
			break;
		}
		n = receive(s->worker, r->reply->ours, &room);
		/* Told once: our body was not read.  The end follows. */
		if (n < 0 && errno == ECONNRESET) {
			taken = false;
			continue;
		}
		if (n < 0 && errno == ENOMEM) {
			no_memory(r);
			return;
		}
		if (n < 0)
			break;
		if (n == 0) {
			on_lost(r, taken);
			return;
		}
		if (reply_get(room.iov_base, (size_t)n, &m) != 0) {
			wrong(r, "a message cannot be read");
			return;
		}
		if (handlers[m.type](r, &m) == GONE)
			return;
	}
	if (r->state == REQUEST_STREAMED)
		output_pump(s);
}

void
answer_resume(struct request *r)
{
	if (!r->answer.paused)
		return;
	r->answer.paused = false;
	pinned_remove(r);
	if (replies_go_on(r->reply) != 0)
		session_close(r->session, CLOSE_MEMORY);
}

void
answer_fini(struct request *r)
{
	struct answer *a = &r->answer;
	size_t i;

	if (a->paused)
		pinned_remove(r);
	if (a->rows != NULL)
		evbuffer_free(a->rows);
	for (i = 0; i < SIO_ATTACHMENTS_MAX; i++)
		if (a->attachments[i] != NULL)
			evbuffer_free(a->attachments[i]);
}
