/*
 * Messages out of the text buffer: a head is written over the bytes in front
 * of its text, which have been sent already, so that no text is moved.
 */
#include "collector/writer.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "collector/watcher.h"
#include "ipc/fdpass.h"
#include "ipc/reply.h"

/* A message is sent when the next row may not fit into it any more. */
#define SEND_AT (REPLY_BYTES_MAX - 4096)
/* Memory that a huge row has left behind is given back above this. */
#define KEEP_BYTES (4 * REPLY_BYTES_MAX)
/* Between two looks at the guard while the worker is slow. */
#define WAIT_MS 100

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "out of memory");
}

static int
gone(struct err *err)
{
	return err_set(err, ERR_CANCELLED, "the caller is gone");
}

/* An empty buffer with room for the first message and its head. */
static int
start_buffer(struct writer *w)
{
	buf_clear(&w->out);
	if (w->out.size > KEEP_BYTES)
		buf_fini(&w->out);
	w->border = 0;
	if (buf_room(&w->out, REPLY_BYTES_MAX) == NULL)
		return -1;
	buf_added(&w->out, REPLY_HEAD);
	return 0;
}

int
writer_init(struct writer *w, const struct writer_params *p, struct err *err)
{
	*w = (struct writer){ .p = *p, .since_us = clock_us(),
	    .out = w->out };
	return start_buffer(w) == 0 ? 0 : no_memory(err);
}

void
writer_fini(struct writer *w)
{
	buf_fini(&w->out);
}

/* The time that a slow reader takes is not the query's. */
static void
put_off_deadline(struct writer *w, uint64_t ms)
{
	uint64_t deadline = atomic_load(&w->p.guard->deadline_ms);

	if (deadline == 0)
		return;
	atomic_store(&w->p.guard->deadline_ms, deadline + ms);
	if (w->p.status != NULL)
		atomic_store(&w->p.status->deadline_ms, deadline + ms);
}

static int
wait_for_room(struct writer *w, struct err *err)
{
	struct pollfd p = { .fd = w->p.fd, .events = POLLOUT };
	uint64_t before = clock_ms();

	if (atomic_load(&w->p.guard->cancelled))
		return gone(err);
	poll(&p, 1, WAIT_MS);
	put_off_deadline(w, clock_ms() - before);
	return (p.revents & (POLLHUP | POLLERR)) != 0 ? gone(err) : 0;
}

static int
send_message(struct writer *w, const char *data, size_t len, struct err *err)
{
	for (;;) {
		switch (fdpass_send(w->p.fd, data, len, NULL, 0)) {
		case FDPASS_OK:
			return 0;
		case FDPASS_AGAIN:
			if (wait_for_room(w, err) != 0)
				return -1;
			break;
		case FDPASS_GONE:
			return gone(err);
		case FDPASS_BAD:
			return err_set(err, ERR_INTERNAL,
			    "the reply cannot be sent");
		}
	}
}

/* BEGUN, ANSWER, REFUSAL: since when? */
static uint32_t
took_us(const struct writer *w)
{
	uint64_t us = clock_us() - w->since_us;

	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

/* A message without rows. */
static int
say(struct writer *w, struct reply *r, struct err *err)
{
	char message[REPLY_HEAD + ERR_TEXT_MAX];

	r->id = w->p.id;
	r->us = took_us(w);
	return send_message(w, message, reply_put(message, r), err);
}

/* In front of the first of several messages. */
static int
say_begun(struct writer *w, struct err *err)
{
	struct reply r = { .type = REPLY_BEGUN, .held = w->held };

	if (w->begun)
		return 0;
	w->begun = true;
	watcher_large();
	return say(w, &r, err);
}

/* Send the text of out up to end, in as many messages as it takes. */
static int
send_text(struct writer *w, size_t end, bool border, struct err *err)
{
	const size_t most = REPLY_BYTES_MAX - REPLY_HEAD;
	struct reply r = { .type = REPLY_ROWS };

	if (say_begun(w, err) != 0)
		return -1;
	for (size_t at = REPLY_HEAD, n; at < end; at += n) {
		char *message = w->out.data + at - REPLY_HEAD;

		n = end - at < most ? end - at : most;
		r.border = border && at + n == end;
		reply_head(message, &r);
		if (send_message(w, message, REPLY_HEAD + n, err) != 0)
			return -1;
		w->bytes += n;
	}
	return 0;
}

void
writer_begin(struct writer *w, bool held)
{
	w->held = held;
}

static int
too_large(uint64_t max, const char *setting, struct err *err)
{
	return err_set(err, ERR_LIMIT, "the answer is larger than %llu bytes "
	    "(%s): select fewer fields or relations",
	    (unsigned long long)max, setting);
}

static int
check_bytes(const struct writer *w, struct err *err)
{
	uint64_t bytes = w->bytes + w->out.len - REPLY_HEAD;

	if (w->held && w->p.max_binary_bytes > 0 &&
	    bytes > w->p.max_binary_bytes)
		return too_large(w->p.max_binary_bytes, "max_binary_answer",
		    err);
	if (w->p.max_bytes > 0 && bytes > w->p.max_bytes)
		return too_large(w->p.max_bytes, "max_result_bytes", err);
	return 0;
}

static void
tell_rows(const struct writer *w)
{
	if (w->p.status != NULL)
		atomic_store(&w->p.status->rows_so_far, w->rows);
}

static int
flush(struct writer *w, bool border, struct err *err)
{
	tell_rows(w);
	if (send_text(w, w->out.len, border, err) != 0)
		return -1;
	return start_buffer(w) == 0 ? 0 : no_memory(err);
}

int
writer_part(struct writer *w, struct err *err)
{
	if (w->out.len < SEND_AT)
		return 0;
	if (check_bytes(w, err) != 0)
		return -1;
	if (w->border == 0)
		return flush(w, false, err);
	/* Whole rows go first: the answer can be ended only behind them. */
	if (send_text(w, w->border, true, err) != 0)
		return -1;
	buf_eat(&w->out, w->border - REPLY_HEAD);
	w->border = 0;
	return 0;
}

int
writer_row(struct writer *w, struct err *err)
{
	if (w->p.max_rows > 0 && w->rows >= w->p.max_rows)
		return err_set(err, ERR_LIMIT, "the answer has more than %llu "
		    "rows, which the administrator has set as its limit "
		    "(max_rows)", (unsigned long long)w->p.max_rows);
	if (check_bytes(w, err) != 0)
		return -1;
	w->rows++;
	w->border = w->out.len;
	return w->out.len < SEND_AT ? 0 : flush(w, true, err);
}

int
writer_too_many(const struct schema_field *f, struct err *err)
{
	return err_set(err, ERR_LIMIT, "more than %d values of Bytes in an "
	    "answer, the last of them in the field \"%s\": set bytes = base64 "
	    "in the collector's file to get text, or ask for less with select "
	    "or take", WRITER_ATTACHMENTS_MAX, f->name);
}

int
writer_pieces(struct writer *w, enum reply_type type, const char *data,
    size_t len, struct err *err)
{
	char message[REPLY_BYTES_MAX];
	const size_t most = sizeof(message) - REPLY_HEAD;
	struct reply r = { .type = type };
	size_t n;

	if (say_begun(w, err) != 0)
		return -1;
	do {
		n = len < most ? len : most;
		r.last = n == len;
		reply_head(message, &r);
		if (n > 0)
			memcpy(message + REPLY_HEAD, data, n);
		if (send_message(w, message, REPLY_HEAD + n, err) != 0)
			return -1;
		w->bytes += n;
		data += n;
		len -= n;
	} while (len > 0);
	return 0;
}

int
writer_attach(struct writer *w, const struct schema_field *f,
    const char *data, size_t len, struct err *err)
{
	if (w->nattachments == WRITER_ATTACHMENTS_MAX)
		return writer_too_many(f, err);
	w->nattachments++;
	if (writer_pieces(w, REPLY_ATTACHMENT, data, len, err) != 0)
		return -1;
	return check_bytes(w, err);
}

static int
send_answer(struct writer *w)
{
	const struct reply r = { .type = REPLY_ANSWER, .id = w->p.id,
	    .us = took_us(w) };

	reply_head(w->out.data, &r);
	w->bytes = w->out.len - REPLY_HEAD;
	return send_message(w, w->out.data, w->out.len, NULL);
}

static int
send_failure(struct writer *w, enum reply_type type, const struct err *e)
{
	struct reply r = { .type = type, .code = e->code,
	    .text = { e->text, strlen(e->text) } };

	return say(w, &r, NULL);
}

int
writer_end(struct writer *w, const struct err *failure)
{
	struct reply end = { .type = REPLY_END };

	tell_rows(w);
	if (!w->begun && failure != NULL)
		return send_failure(w, REPLY_REFUSAL, failure);
	if (!w->begun && w->out.len <= REPLY_BYTES_MAX)
		return send_answer(w);
	/* A row that is not whole stays behind, unless a part is out. */
	if (send_text(w, w->border, true, NULL) != 0 || (failure != NULL &&
	    send_failure(w, REPLY_FAILURE, failure) != 0))
		return -1;
	return say(w, &end, NULL);
}
