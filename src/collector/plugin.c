/*
 * The table that plugins get, and the call itself.  A process whose list of
 * refused system calls lacks more than this plugin may do runs it in a thread
 * of its own, under the whole list; nothing else runs meanwhile.
 */
#include "collector/plugin.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/plugin_request.h"
#include "ipc/confine.h"
#include "proto/json_scan.h"
#include "proto/sio_value.h"

/* A line of a plugin in the log. */
#define LINE_MAX 1024

/* Whose code runs: log() is called without a request, too. */
static const char *running;

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

static const struct dalpuri_host host = {
	.abi = DALPURI_ABI,
	.size = sizeof(host),
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

/* ---- arguments ----------------------------------------------------------- */

/* A copy with a NUL behind it; -1: out of memory. */
static int
take_bytes(struct dalpuri_request *r, const char *data, size_t len,
    struct dalpuri_value *out)
{
	out->len = len;
	out->data = arena_text(&r->arena, len > 0 ? data : "", len);
	return out->data != NULL ? 0 : -1;
}

static size_t
count_arguments(const struct slice *event)
{
	struct slice element;
	enum json_kind kind;
	struct json_iter it;
	size_t n = 0;

	json_iter_init(&it, event);
	while (json_iter_next(&it, &element, &kind))
		n++;
	return n > 0 ? n - 1 : 0;
}

static int
take_argument(struct dalpuri_request *r, const struct slice *json)
{
	struct dalpuri_value *v = &r->values[r->nvalues++];
	int number = sio_placeholder(json,
	    (unsigned int)r->call.nattachments);

	if (number >= 0) {
		*v = r->attachments[number];
		return 0;
	}
	v->kind = DALPURI_JSON;
	return take_bytes(r, json->p, json->len, v);
}

static int
take_arguments(struct dalpuri_request *r)
{
	const struct slice event = { r->call.event.data, r->call.event.len };
	struct slice element;
	enum json_kind kind;
	struct json_iter it;
	struct dalpuri_value auth;

	for (uint32_t i = 0; i < r->call.nattachments; i++) {
		r->attachments[i].kind = DALPURI_BINARY;
		r->attachments[i].number = i;
		if (take_bytes(r, r->call.attachments[i].data,
		    r->call.attachments[i].len, &r->attachments[i]) != 0)
			return -1;
	}
	if (take_bytes(r, r->call.auth.data, r->call.auth.len, &auth) != 0)
		return -1;
	r->auth = arena_text(&r->arena, auth.data, auth.len);
	r->values = arena_get(&r->arena, count_arguments(&event) + 1,
	    sizeof(*r->values));
	if (r->auth == NULL || r->values == NULL)
		return -1;
	json_iter_init(&it, &event);
	(void)json_iter_next(&it, &element, &kind);	/* the name */
	while (json_iter_next(&it, &element, &kind))
		if (take_argument(r, &element) != 0)
			return -1;
	return 0;
}

/* ---- the call ------------------------------------------------------------ */

struct turn {
	struct dalpuri_request *r;
	int result;			/* of the callback, */
	bool called;			/* when it came to that */
	unsigned int lifted;
};

static void
call(struct turn *t)
{
	struct dalpuri_request *r = t->r;
	struct plugin_image *image = r->run->image;
	int (*callback)(const struct dalpuri_host *h,
	    struct dalpuri_request *request, void *state);

	running = r->run->request->collector;
	if (plugin_image_open(image, &host, &r->err) == 0) {
		callback = r->call.connects ?
		    plugin_image_collector(image)->connect :
		    plugin_image_collector(image)->call;
		if (callback == NULL) {
			err_set(&r->err, ERR_UNKNOWN_COLLECTOR,
			    "\"%s\" is no event that can be called",
			    r->run->request->collector);
		} else {
			t->result = callback(&host, r,
			    plugin_image_state(image));
			t->called = true;
		}
	}
	plugin_close(r->cursor);
	running = NULL;
}

static void *
call_confined(void *arg)
{
	struct turn *t = arg;

	if (confine_but(SPAWN_COLLECTOR, t->lifted, &t->r->err) == 0)
		call(t);
	return NULL;
}

static void
take_turn(struct turn *t)
{
	const struct plugin_run *p = t->r->run;
	pthread_t thread;

	t->lifted = plugin_lifted(p->conf, p->request->collector) & p->lifted;
	if (t->lifted == p->lifted) {
		call(t);
		return;
	}
	if (pthread_create(&thread, NULL, call_confined, t) != 0)
		err_set(&t->r->err, ERR_INTERNAL, "no thread for it");
	else
		(void)pthread_join(thread, NULL);
}

/* What has become of it, for the client and the log. */
static int
settle(const struct turn *t, struct err *err)
{
	const struct dalpuri_request *r = t->r;
	const char *name = r->run->request->collector;

	switch (r->answer) {
	case PLUGIN_ANSWERED:
		return 0;
	case PLUGIN_FAILED:
		*err = r->failed;
		return -1;
	case PLUGIN_ROWS:
	case PLUGIN_OPEN:
		break;
	}
	if (t->called && t->result == DALPURI_OK && r->answer == PLUGIN_OPEN &&
	    !r->call.wants_ack)
		return 0;
	/* A function of ours failed, and it gave up for that. */
	if (r->err.code != ERR_NONE && (!t->called || t->result < 0)) {
		*err = r->err;
		return -1;
	}
	return err_set(err, ERR_INTERNAL, "the collector \"%s\" %s (%d)",
	    name, t->called && t->result == DALPURI_OK ?
	    "has given no answer" : "has failed", t->result);
}

int
plugin_run(const struct plugin_run *p, bool *exhausted_out, struct err *err)
{
	const struct msg_bytes body = p->request->options;
	struct dalpuri_request r = { .run = p };
	struct turn turn = { .r = &r };
	int result;

	arena_init(&r.arena);
	buf_init(&r.text, 0);
	if (call_get(body.data, body.len, &r.call) != 0) {
		result = err_set(err, ERR_INTERNAL, "no call of a plugin");
	} else if (take_arguments(&r) != 0) {
		r.exhausted = true;
		result = err_set(err, ERR_INTERNAL, "out of memory");
	} else {
		take_turn(&turn);
		result = settle(&turn, err);
	}
	*exhausted_out = r.exhausted;
	buf_fini(&r.text);
	arena_fini(&r.arena);
	return result;
}

unsigned int
plugin_lifted(const struct conf *c, const char *name)
{
	const struct {
		const struct conf_list *names;
		unsigned int lift;
	} rows[] = {
		{ &c->plugins.programs, CONFINE_PROGRAMS },
		{ &c->plugins.files, CONFINE_FILES },
		{ &c->plugins.listen, CONFINE_LISTEN },
	};
	unsigned int lifted = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (name == NULL ? rows[i].names->n > 0 :
		    conf_list_has(rows[i].names, name))
			lifted |= rows[i].lift;
	return lifted;
}
