/*
 * What a plugin sends: events, the acknowledgement, rows.  A packet is put
 * together and judged as a client would judge it before a byte of it leaves.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "collector/plugin_request.h"
#include "proto/json_scan.h"
#include "proto/sio.h"

/* Digits, dash and so on in front of the array, for the judge. */
#define PREFIX_MAX 16

static int
no_memory(struct dalpuri_request *r)
{
	return plugin_failed(r, DALPURI_EMEMORY, ERR_INTERNAL,
	    "out of memory");
}

/* ---- one value ----------------------------------------------------------- */

static bool
is_json(const char *text, size_t len)
{
	enum json_kind kind;
	size_t used;

	if (text == NULL || json_scan(text, len, JSON_DEPTH_MAX, &kind,
	    &used) != 0)
		return false;
	while (used < len && strchr(" \t\r\n", text[used]) != NULL &&
	    text[used] != '\0')
		used++;
	return used == len;
}

/* number: of the next BINARY. */
static int
put_value(struct dalpuri_request *r, const struct dalpuri_value *v,
    unsigned int *number)
{
	if (v->kind == DALPURI_JSON)
		return buf_put(&r->text, v->data, v->len);
	return buf_printf(&r->text, "{\"_placeholder\":true,\"num\":%u}",
	    (*number)++);
}

/* How many of a kind; -1 when a value is none. */
static int
check_values(struct dalpuri_request *r, const struct dalpuri_value *values,
    size_t n, unsigned int count[DALPURI_ATTACHMENT + 1])
{
	if (n > 0 && values == NULL)
		return plugin_failed(r, DALPURI_EINVAL, ERR_INTERNAL,
		    "it sends values that are not there");
	for (size_t i = 0; i < n; i++) {
		const struct dalpuri_value *v = &values[i];

		if (v->kind < DALPURI_JSON || v->kind > DALPURI_ATTACHMENT ||
		    (v->data == NULL && v->len > 0))
			return plugin_failed(r, DALPURI_EINVAL, ERR_INTERNAL,
			    "value %zu of what it sends is of no kind", i + 1);
		if (v->kind == DALPURI_JSON && !is_json(v->data, v->len))
			return plugin_failed(r, DALPURI_EINVAL, ERR_INTERNAL,
			    "value %zu of what it sends is no JSON", i + 1);
		count[v->kind]++;
		r->bytes += v->len;
	}
	if (count[DALPURI_BINARY] + count[DALPURI_ATTACHMENT] >
	    DALPURI_ATTACHMENTS_MAX)
		return plugin_failed(r, DALPURI_ELIMIT, ERR_LIMIT, "it sends "
		    "more than %d binary values in one packet",
		    DALPURI_ATTACHMENTS_MAX);
	if (r->bytes > (uint64_t)
	    r->run->conf->database.max_binary_answer_bytes)
		return plugin_failed(r, DALPURI_ELIMIT, ERR_LIMIT, "it sends "
		    "more than %" PRId64 " bytes (max_binary_answer)",
		    r->run->conf->database.max_binary_answer_bytes);
	return 0;
}

/* ---- a packet ------------------------------------------------------------ */

/* event: NULL for an acknowledgement. */
static int
put_array(struct dalpuri_request *r, const char *event,
    const struct dalpuri_value *values, size_t n, unsigned int number)
{
	bool first = event == NULL;

	if (buf_putc(&r->text, '[') != 0 ||
	    (event != NULL && json_quote_text(&r->text, event) != 0))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (values[i].kind == DALPURI_ATTACHMENT)
			continue;
		if ((!first && buf_putc(&r->text, ',') != 0) ||
		    put_value(r, &values[i], &number) != 0)
			return -1;
		first = false;
	}
	return buf_putc(&r->text, ']');
}

/* Would a client take it?  r->text is the packet. */
static int
judge(struct dalpuri_request *r, const char *event)
{
	struct sio_packet packet;
	struct sio_event e;

	if (sio_packet_read(r->text.data, r->text.len, JSON_DEPTH_MAX,
	    &packet) != 0)
		return plugin_failed(r, DALPURI_EINVAL, ERR_INTERNAL,
		    "a placeholder in what it sends has no attachment");
	if (event != NULL && (sio_event_read(&packet.json, &e) != 0 ||
	    *event == '\0'))
		return plugin_failed(r, DALPURI_EINVAL, ERR_INTERNAL,
		    "\"%s\" is no event that can be emitted", event);
	return 0;
}

/* Attachments of one kind, in their order. */
static int
send_binary(struct dalpuri_request *r, const struct dalpuri_value *values,
    size_t n, enum dalpuri_kind kind)
{
	for (size_t i = 0; i < n; i++)
		if (values[i].kind == kind &&
		    writer_pieces(r->run->writer, REPLY_BINARY,
		    values[i].len > 0 ? values[i].data : "", values[i].len,
		    &r->err) != 0)
			return plugin_result(r);
	return 0;
}

static int
send_packet(struct dalpuri_request *r, const char *event,
    const struct dalpuri_value *values, size_t n)
{
	unsigned int count[DALPURI_ATTACHMENT + 1] = { 0 }, binary;
	char prefix[PREFIX_MAX];
	int result = check_values(r, values, n, count);
	size_t head;

	if (result != 0)
		return result;
	binary = count[DALPURI_BINARY] + count[DALPURI_ATTACHMENT];
	snprintf(prefix, sizeof(prefix), "%d", event != NULL ? SIO_EVENT :
	    SIO_ACK);
	if (binary > 0)
		snprintf(prefix, sizeof(prefix), "%d%u-", event != NULL ?
		    SIO_BINARY_EVENT : SIO_BINARY_ACK, binary);
	head = strlen(prefix);
	buf_clear(&r->text);
	if (buf_puts(&r->text, prefix) != 0 || put_array(r, event, values, n,
	    count[DALPURI_ATTACHMENT]) != 0)
		return no_memory(r);
	result = judge(r, event);
	if (result != 0 || (event == NULL && !r->call.wants_ack))
		return result;
	result = send_binary(r, values, n, DALPURI_ATTACHMENT);
	if (result == 0)
		result = send_binary(r, values, n, DALPURI_BINARY);
	if (result == 0 && writer_pieces(r->run->writer, event != NULL ?
	    REPLY_EMIT : REPLY_ACK, r->text.data + head, r->text.len - head,
	    &r->err) != 0)
		result = plugin_result(r);
	return result;
}

static int
too_late(struct dalpuri_request *r, const char *what)
{
	return plugin_failed(r, DALPURI_EORDER, ERR_INTERNAL,
	    "it calls %s when it has answered already", what);
}

int
plugin_emit(struct dalpuri_request *r, const char *event,
    const struct dalpuri_value *values, size_t n)
{
	if (r->answer != PLUGIN_OPEN)
		return too_late(r, "emit()");
	if (event == NULL)
		return plugin_failed(r, DALPURI_EINVAL, ERR_INTERNAL,
		    "it emits an event without a name");
	if (r->emits >= (uint64_t)r->run->conf->plugins.max_emits)
		return plugin_failed(r, DALPURI_ELIMIT, ERR_LIMIT, "it emits "
		    "more than %" PRId64 " events (max_emits)",
		    r->run->conf->plugins.max_emits);
	r->emits++;
	return send_packet(r, event, values, n);
}

int
plugin_ack(struct dalpuri_request *r, const struct dalpuri_value *values,
    size_t n)
{
	int result;

	if (r->call.connects)
		return plugin_failed(r, DALPURI_EORDER, ERR_INTERNAL,
		    "it calls ack() in connect()");
	if (r->answer != PLUGIN_OPEN)
		return too_late(r, "ack()");
	result = send_packet(r, NULL, values, n);
	if (result == 0)
		r->answer = PLUGIN_ANSWERED;
	return result;
}

static enum err_code
find_code(const char *name)
{
	for (unsigned int i = ERR_NONE + 1; name != NULL && i < ERR_CODES;
	    i++)
		if (strcmp(err_code_name((enum err_code)i), name) == 0)
			return (enum err_code)i;
	return ERR_INTERNAL;
}

int
plugin_fail(struct dalpuri_request *r, const char *code,
    const char *sentence)
{
	if (r->answer != PLUGIN_OPEN && r->answer != PLUGIN_ROWS)
		return too_late(r, "fail()");
	r->answer = PLUGIN_FAILED;
	err_set(&r->failed, find_code(code), "%s",
	    sentence == NULL || *sentence == '\0' ? "no reason was given" :
	    sentence);
	return 0;
}

/* ---- rows ---------------------------------------------------------------- */

int
plugin_rows_begin(struct dalpuri_request *r)
{
	if (r->call.connects)
		return plugin_failed(r, DALPURI_EORDER, ERR_INTERNAL,
		    "it calls rows_begin() in connect()");
	if (r->answer != PLUGIN_OPEN)
		return too_late(r, "rows_begin()");
	r->answer = PLUGIN_ROWS;
	return 0;
}

/* An answer that lacks a row is none: nothing can follow it. */
static int
row_failed(struct dalpuri_request *r, int result)
{
	if (r->answer == PLUGIN_ROWS) {
		r->answer = PLUGIN_FAILED;
		r->failed = r->err;
	}
	return result;
}

int
plugin_row(struct dalpuri_request *r, const char *json, size_t len)
{
	struct writer *w = r->run->writer;

	if (r->answer != PLUGIN_ROWS)
		return plugin_failed(r, DALPURI_EORDER, ERR_INTERNAL,
		    "it calls row() without rows_begin()");
	if (!is_json(json, len))
		return row_failed(r, plugin_failed(r, DALPURI_EINVAL,
		    ERR_INTERNAL, "row %" PRIu64 " of its answer is no JSON",
		    w->rows + 1));
	if (!r->call.wants_ack)
		return 0;
	if ((w->rows > 0 && buf_putc(&w->out, ',') != 0) ||
	    buf_put(&w->out, json, len) != 0)
		return row_failed(r, no_memory(r));
	return writer_row(w, &r->err) == 0 ? 0 :
	    row_failed(r, plugin_result(r));
}

int
plugin_rows_end(struct dalpuri_request *r)
{
	if (r->answer != PLUGIN_ROWS)
		return plugin_failed(r, DALPURI_EORDER, ERR_INTERNAL,
		    "it calls rows_end() without rows_begin()");
	r->answer = PLUGIN_ANSWERED;
	return 0;
}
