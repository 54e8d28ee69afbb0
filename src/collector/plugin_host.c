/*
 * The table that plugins get: what they may know of their request, and the
 * log.  What they send is in plugin_packet.c, what they ask in plugin_query.c.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/plugin_request.h"

/* A line of a plugin in the log. */
#define LINE_MAX 1024

/* Whose code runs: log() is called without a request, too. */
static const char *running;

void
plugin_running(const char *name)
{
	running = name;
}

/* ---- failures ------------------------------------------------------------ */

int
plugin_failed(struct dalpuri_request *r, enum dalpuri_result result,
    enum err_code code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&r->err, code, "%s", text);
	r->exhausted = r->exhausted || result == DALPURI_EMEMORY;
	return result;
}

int
plugin_result(const struct dalpuri_request *r)
{
	static const enum dalpuri_result results[ERR_CODES] = {
		[ERR_NONE] = DALPURI_OK,
		[ERR_BAD_OPTIONS] = DALPURI_EINVAL,
		[ERR_TIMEOUT] = DALPURI_ETIME,
		[ERR_CANCELLED] = DALPURI_EGONE,
		[ERR_DATABASE] = DALPURI_EDATABASE,
		[ERR_LIMIT] = DALPURI_ELIMIT,
		[ERR_INTERNAL] = DALPURI_EMEMORY,
	};

	return results[r->err.code] != DALPURI_OK ? results[r->err.code] :
	    DALPURI_EINVAL;
}

/* ---- the request --------------------------------------------------------- */

static const char *
host_event(struct dalpuri_request *r)
{
	return r->run->request->collector;
}

static const char *
host_nsp(struct dalpuri_request *r)
{
	return r->run->request->nsp;
}

static const char *
host_key(struct dalpuri_request *r)
{
	return r->run->request->key;
}

static const char *
host_auth(struct dalpuri_request *r, size_t *len_out)
{
	if (len_out != NULL)
		*len_out = r->call.auth.len;
	return r->auth;
}

static size_t
host_arguments(struct dalpuri_request *r)
{
	return r->nvalues;
}

static int
host_argument(struct dalpuri_request *r, size_t i, struct dalpuri_value *out)
{
	if (i >= r->nvalues)
		return plugin_failed(r, DALPURI_EINVAL, ERR_BAD_OPTIONS,
		    "argument %zu is missing", i + 1);
	*out = r->values[i];
	return 0;
}

static size_t
host_attachments(struct dalpuri_request *r)
{
	return r->call.nattachments;
}

static int
host_attachment(struct dalpuri_request *r, size_t n,
    struct dalpuri_value *out)
{
	if (n >= r->call.nattachments)
		return plugin_failed(r, DALPURI_EINVAL, ERR_BAD_OPTIONS,
		    "attachment %zu is missing", n + 1);
	*out = r->attachments[n];
	return 0;
}

static int
host_wants_ack(struct dalpuri_request *r)
{
	return r->call.wants_ack ? 1 : 0;
}

static int
host_stopped(struct dalpuri_request *r)
{
	switch (db_guard_check(r->run->link->guard)) {
	case ERR_NONE:
		return 0;
	case ERR_CANCELLED:
		return plugin_failed(r, DALPURI_EGONE, ERR_CANCELLED,
		    "the caller is gone");
	default:
		return plugin_failed(r, DALPURI_ETIME, ERR_TIMEOUT,
		    "it took longer than query_timeout");
	}
}

static int64_t
host_time_left_ms(struct dalpuri_request *r)
{
	uint64_t until = atomic_load(&r->run->link->guard->deadline_ms);
	uint64_t now = clock_ms();

	if (until == 0)
		return -1;
	return until > now ? (int64_t)(until - now) : 0;
}

static const char *
host_reason(struct dalpuri_request *r)
{
	return r->err.text;
}

static void
host_log(const struct dalpuri_host *h, int level, const char *text)
{
	void (*log)(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2))) = log_info;

	(void)h;
	if (level == DALPURI_ERROR)
		log = log_error;
	else if (level == DALPURI_WARN)
		log = log_warn;
	else if (level == DALPURI_DEBUG)
		log = log_debug;
	log("plugin %s: %.*s", running == NULL ? "" : running,
	    LINE_MAX, text == NULL ? "" : text);
}

const struct dalpuri_host plugin_host = {
	.abi = DALPURI_ABI,
	.size = sizeof(plugin_host),
	.event = host_event,
	.nsp = host_nsp,
	.key = host_key,
	.auth = host_auth,
	.arguments = host_arguments,
	.argument = host_argument,
	.attachments = host_attachments,
	.attachment = host_attachment,
	.wants_ack = host_wants_ack,
	.emit = plugin_emit,
	.ack = plugin_ack,
	.fail = plugin_fail,
	.rows_begin = plugin_rows_begin,
	.row = plugin_row,
	.row_of = plugin_row_of,
	.rows_end = plugin_rows_end,
	.query = plugin_query,
	.columns = plugin_columns,
	.column = plugin_column,
	.next = plugin_next,
	.cell = plugin_cell,
	.close = plugin_close,
	.stopped = host_stopped,
	.time_left_ms = host_time_left_ms,
	.reason = host_reason,
	.log = host_log,
};
