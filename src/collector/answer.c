/*
 * Messages out of the text buffer: a head is written over the eight bytes in
 * front of its text, which have been sent already, so that no text is moved.
 */
#include "collector/answer.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
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
start_buffer(struct answer *a)
{
	buf_clear(&a->out);
	if (a->out.size > KEEP_BYTES)
		buf_fini(&a->out);
	a->border = 0;
	if (buf_room(&a->out, REPLY_BYTES_MAX) == NULL)
		return -1;
	buf_added(&a->out, REPLY_HEAD);
	return 0;
}

int
answer_init(struct answer *a, const struct answer_params *p, struct err *err)
{
	memset(a, 0, sizeof(*a));
	a->p = *p;
	buf_init(&a->out, 0);
	return start_buffer(a) == 0 ? 0 : no_memory(err);
}

void
answer_fini(struct answer *a)
{
	buf_fini(&a->out);
}

/* The time that a slow reader takes is not the query's. */
static void
put_off_deadline(struct answer *a, uint64_t ms)
{
	uint64_t deadline = atomic_load(&a->p.guard->deadline_ms);

	if (deadline == 0)
		return;
	atomic_store(&a->p.guard->deadline_ms, deadline + ms);
	if (a->p.status != NULL)
		atomic_store(&a->p.status->deadline_ms, deadline + ms);
}

static int
wait_for_room(struct answer *a, struct err *err)
{
	struct pollfd p = { .fd = a->p.fd, .events = POLLOUT };
	uint64_t before = clock_ms();

	if (atomic_load(&a->p.guard->cancelled))
		return gone(err);
	poll(&p, 1, WAIT_MS);
	put_off_deadline(a, clock_ms() - before);
	return (p.revents & (POLLHUP | POLLERR)) != 0 ? gone(err) : 0;
}

static int
send_message(struct answer *a, const char *data, size_t len, struct err *err)
{
	for (;;) {
		switch (fdpass_send(a->p.fd, data, len, NULL, 0)) {
		case FDPASS_OK:
			return 0;
		case FDPASS_AGAIN:
			if (wait_for_room(a, err) != 0)
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

/* Send the text of out up to end, in as many messages as it takes. */
static int
send_text(struct answer *a, size_t end, bool border, struct err *err)
{
	const size_t most = REPLY_BYTES_MAX - REPLY_HEAD;

	for (size_t at = REPLY_HEAD, n; at < end; at += n) {
		char *message = a->out.data + at - REPLY_HEAD;

		n = end - at < most ? end - at : most;
		reply_head(message, REPLY_ROWS, border && at + n == end);
		if (send_message(a, message, REPLY_HEAD + n, err) != 0)
			return -1;
		a->bytes += n;
	}
	return 0;
}

int
answer_begin(struct answer *a, bool held, struct err *err)
{
	char message[REPLY_HEAD + ERR_TEXT_MAX];
	const struct reply r = { .type = REPLY_BEGUN, .id = a->p.id,
	    .held = held };

	a->held = held;
	if (send_message(a, message, reply_put(message, &r), err) != 0)
		return -1;
	a->begun = true;
	return 0;
}

static int
too_large(uint64_t max, const char *setting, struct err *err)
{
	return err_set(err, ERR_LIMIT, "the answer is larger than %llu bytes "
	    "(%s): select fewer fields or relations",
	    (unsigned long long)max, setting);
}

static int
check_bytes(const struct answer *a, struct err *err)
{
	uint64_t bytes = a->bytes + a->out.len - REPLY_HEAD;

	if (a->held && a->p.max_binary_bytes > 0 &&
	    bytes > a->p.max_binary_bytes)
		return too_large(a->p.max_binary_bytes, "max_binary_answer",
		    err);
	if (a->p.max_bytes > 0 && bytes > a->p.max_bytes)
		return too_large(a->p.max_bytes, "max_result_bytes", err);
	return 0;
}

static int
flush(struct answer *a, bool border, struct err *err)
{
	if (send_text(a, a->out.len, border, err) != 0)
		return -1;
	return start_buffer(a) == 0 ? 0 : no_memory(err);
}

int
answer_part(struct answer *a, struct err *err)
{
	if (a->out.len < SEND_AT)
		return 0;
	return check_bytes(a, err) != 0 ? -1 : flush(a, false, err);
}

int
answer_row(struct answer *a, struct err *err)
{
	if (a->p.max_rows > 0 && a->rows >= a->p.max_rows)
		return err_set(err, ERR_LIMIT, "the answer has more than %llu "
		    "rows, which the administrator has set as its limit "
		    "(max_rows)", (unsigned long long)a->p.max_rows);
	if (check_bytes(a, err) != 0)
		return -1;
	a->rows++;
	a->border = a->out.len;
	return a->out.len < SEND_AT ? 0 : flush(a, true, err);
}

int
answer_too_many(const struct schema_field *f, struct err *err)
{
	return err_set(err, ERR_LIMIT, "more than %d values of Bytes in an "
	    "answer, the last of them in the field \"%s\": set bytes = base64 "
	    "in the collector's file to get text, or ask for less with select "
	    "or take", ANSWER_ATTACHMENTS_MAX, f->name);
}

int
answer_attach(struct answer *a, const struct schema_field *f,
    const char *data, size_t len, struct err *err)
{
	char message[REPLY_BYTES_MAX];
	const size_t most = sizeof(message) - REPLY_HEAD;
	size_t n;

	if (a->nattachments == ANSWER_ATTACHMENTS_MAX)
		return answer_too_many(f, err);
	a->nattachments++;
	do {
		n = len < most ? len : most;
		reply_head(message, REPLY_ATTACHMENT, n == len);
		memcpy(message + REPLY_HEAD, data, n);
		if (send_message(a, message, REPLY_HEAD + n, err) != 0)
			return -1;
		a->bytes += n;
		data += n;
		len -= n;
	} while (len > 0);
	return check_bytes(a, err);
}

int
answer_end(struct answer *a, const struct err *failure)
{
	char message[REPLY_HEAD + ERR_TEXT_MAX];
	struct reply r = { .type = REPLY_END };

	if (!a->begun && answer_begin(a, false, NULL) != 0)
		return -1;
	/* A row that is not whole stays behind, unless a part is out. */
	if (send_text(a, a->border, true, NULL) != 0)
		return -1;
	if (failure != NULL) {
		struct reply f = { .type = REPLY_FAILURE,
		    .code = failure->code, .text = { failure->text,
		    strlen(failure->text) } };

		if (send_message(a, message, reply_put(message, &f), NULL) !=
		    0)
			return -1;
	}
	return send_message(a, message, reply_put(message, &r), NULL);
}
