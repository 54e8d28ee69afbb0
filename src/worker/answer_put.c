/* Answers as packets: whole, shared, or begun before their end is known. */
#include "worker/answer_put.h"

#include <inttypes.h>
#include <string.h>

#include <event2/buffer.h>

#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/msg.h"
#include "worker/envelope.h"
#include "worker/request.h"
#include "worker/schedule.h"
#include "worker/session.h"

/* Text of one row that is held until it is whole. */
#define ROW_BYTES (1024 * 1024)

/* Around the rows of an answer in one piece. */
#define WHOLE_HEAD "{\"success\":true,\"data\":["
#define WHOLE_END "]}]"

/* 43<id>[ or, with attachments, 46<n>-<id>[ */
static int
put_head(struct buf *b, const char *nsp, uint64_t ack_id, size_t nattachments)
{
	if (sio_head_put(b, nattachments > 0 ? SIO_BINARY_ACK : SIO_ACK, nsp,
	    (int64_t)ack_id, (unsigned int)nattachments) != 0)
		return -1;
	return buf_putc(b, '[');
}

void
answer_failure(struct session *s, const char *nsp, uint64_t ack_id,
    const struct err *err)
{
	struct buf b;

	buf_init(&b, 0);
	if (put_head(&b, nsp, ack_id, 0) != 0 || buf_putc(&b, '{') != 0 ||
	    envelope_failure(&b, err) != 0 || buf_puts(&b, "}]") != 0)
		session_close(s, CLOSE_MEMORY);
	else
		output_text(s, &b);
	buf_fini(&b);
}

/* The head of an answer with what follows it, at the end of data. */
static int
begin(const struct request *r, struct evbuffer *data, const char *text)
{
	struct buf b;
	int result = -1;

	buf_init(&b, 0);
	if (put_head(&b, r->nsp, r->ack_id, r->answer.nattachments) == 0 &&
	    buf_puts(&b, text) == 0)
		result = evbuffer_add(data, b.data, b.len);
	buf_fini(&b);
	return result;
}

/* The whole answer in one packet, its attachments behind it. */
static void
send_whole(struct request *r)
{
	struct session *s = r->session;
	struct answer *a = &r->answer;
	struct evbuffer *data = evbuffer_new();
	size_t i;

	if (data == NULL || begin(r, data, WHOLE_HEAD) != 0 ||
	    (a->rows != NULL && evbuffer_add_buffer(data, a->rows) != 0) ||
	    evbuffer_add(data, WHOLE_END, strlen(WHOLE_END)) != 0) {
		if (data != NULL)
			evbuffer_free(data);
		session_close(s, CLOSE_MEMORY);
		return;
	}
	output_data(s, data, false);
	evbuffer_free(data);
	for (i = 0; i < SIO_ATTACHMENTS_MAX && s->state == SESSION_OPEN &&
	    a->attachments[i] != NULL; i++)
		output_data(s, a->attachments[i], true);
}

/* For admins: so many answers cost nothing. */
static void
tell_shared(struct worker *w, uint32_t n)
{
	const struct msg_shared m = { .n = n };
	struct buf b;

	buf_init(&b, 0);
	if (msg_put_shared(&b, &m) != 0 || channel_note(w->master, &b) != 0)
		log_warn("the master was not told: out of memory");
	buf_fini(&b);
}

/* The rows, in one piece, as the answer of r, and free it. */
static void
send_rows(struct request *r, const struct msg_bytes *rows)
{
	struct session *s = r->session;
	struct buf *b = &s->worker->text;

	buf_clear(b);
	log_debug("request %016" PRIx64 ": answered", r->id);
	if (put_head(b, r->nsp, r->ack_id, 0) != 0 ||
	    buf_puts(b, WHOLE_HEAD) != 0 ||
	    buf_put(b, rows->data, rows->len) != 0 ||
	    buf_puts(b, WHOLE_END) != 0)
		session_close(s, CLOSE_MEMORY);
	else
		output_answer(s, b);
	if (s->state == SESSION_OPEN)
		request_free(r);
}

void
answer_finish_rows(struct request *r, const struct msg_bytes *rows)
{
	struct session *s = r->session;
	struct worker *w = s->worker;
	struct request *f;
	uint32_t n = 0;

	while (s->state == SESSION_OPEN &&
	    (f = TAILQ_FIRST(&r->followers)) != NULL) {
		if (output_is_stalled(f->session)) {
			schedule_back(f, false);
			continue;
		}
		send_rows(f, rows);
		n++;
	}
	if (n > 0)
		tell_shared(w, n);
	if (s->state == SESSION_OPEN)
		send_rows(r, rows);
}

/* The same of rows in several pieces. */
static void
send_shared(struct request *r)
{
	struct evbuffer *rows = r->answer.rows;
	struct msg_bytes text = { "", 0 };

	if (rows != NULL && evbuffer_get_length(rows) > 0) {
		text.len = evbuffer_get_length(rows);
		text.data = (char *)evbuffer_pullup(rows, -1);
	}
	if (text.data != NULL)
		answer_finish_rows(r, &text);
	else
		session_close(r->session, CLOSE_MEMORY);
}

/*
 * A failure, to all who asked for it, r last; but what failed for reasons of
 * the process that ran it may go well for others.
 */
static void
send_failure(struct request *r)
{
	const struct err why = r->answer.failure;
	struct session *s = r->session;
	struct request *f;

	if (why.code == ERR_WORKER_LOST || why.code == ERR_INTERNAL ||
	    why.code == ERR_OVERLOADED)
		schedule_part(r, true);
	while (s->state == SESSION_OPEN &&
	    (f = TAILQ_FIRST(&r->followers)) != NULL)
		request_fail(f, &why);
	if (s->state == SESSION_OPEN)
		request_fail(r, &why);
}

/* The end of a streamed answer. */
static void
send_end(struct request *r)
{
	struct answer *a = &r->answer;
	struct buf b;
	int result;

	buf_init(&b, 0);
	if (a->failure.code == ERR_NONE) {
		result = buf_puts(&b, "],\"success\":true}]");
	} else {
		result = buf_puts(&b, "],");
		if (result == 0)
			result = envelope_failure(&b, &a->failure);
		if (result == 0)
			result = buf_puts(&b, "}]");
	}
	if (result == 0)
		result = evbuffer_add(a->packet->data, b.data, b.len);
	buf_fini(&b);
	if (result == 0)
		output_end(r->session, a->packet);
	else
		session_close(r->session, CLOSE_MEMORY);
}

void
answer_finish(struct request *r)
{
	struct session *s = r->session;
	struct answer *a = &r->answer;

	if (a->failure.code != ERR_NONE && r->state != REQUEST_STREAMED) {
		send_failure(r);
		return;
	}
	if (!TAILQ_EMPTY(&r->followers)) {
		send_shared(r);
		return;
	}
	log_debug("request %016" PRIx64 ": answered", r->id);
	if (r->silent || r->acked) {
		request_free(r);
		return;
	}
	/* Nothing valid can be written in the middle of a row. */
	if (a->cut)
		session_close(s, CLOSE_CUT);
	else if (r->state == REQUEST_STREAMED)
		send_end(r);
	else
		send_whole(r);
	if (s->state == SESSION_OPEN)
		request_free(r);
}

int
answer_pass_on(struct request *r)
{
	struct answer *a = &r->answer;
	size_t all = evbuffer_get_length(a->rows);
	size_t n = all - a->whole > ROW_BYTES ? all : a->whole;

	if (n == 0)
		return 0;
	a->cut = n > a->whole;
	a->whole = 0;
	return evbuffer_remove_buffer(a->rows, a->packet->data, n) < 0 ?
	    -1 : 0;
}

int
answer_stream(struct request *r)
{
	struct answer *a = &r->answer;

	a->packet = output_open(r->session, r);
	if (a->packet == NULL ||
	    begin(r, a->packet->data, "{\"data\":[") != 0)
		return -1;
	request_set_state(r, REQUEST_STREAMED);
	return 0;
}
