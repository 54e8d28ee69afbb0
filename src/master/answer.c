/*
 * Every refusal speaks: an answer, a log line (the target without its psk) and
 * a counter.  CORS headers go with all that is below our path.
 */
#include "master/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "master/bundle.h"
#include "master/front.h"
#include "master/limit.h"
#include "master/state.h"
#include "proto/ws.h"

/* Of a target, in the log. */
#define TARGET_MAX 256

void
answer_log_refused(const struct exchange *ex, const char *why)
{
	char target[TARGET_MAX];

	ex->f->m->counters.refused++;
	http_target_for_log(&ex->head->target, target, sizeof(target));
	log_warn("client %s: refused %s: %s", ex->f->address, target, why);
}

void
answer_impossible(struct front *f)
{
	log_error("client %s: closed: out of memory", f->address);
	front_free(f);
}

/* Answer with a body (NULL: none here); HEAD gets its length only. */
static void
answer(const struct exchange *ex, struct http_reply *r, const char *body)
{
	struct front *f = ex->f;

	r->keep_alive = ex->head->keep_alive;
	r->keep_alive_s = (int)(f->m->conf.limits.idle_timeout_ms / 1000);
	r->cors = ex->below ? &ex->cors : NULL;
	/* Who waits for a go-ahead sends no body without it (PROTOCOL H24). */
	if ((ex->head->expect_continue &&
	    buf_puts(&f->out, HTTP_CONTINUE) != 0) ||
	    http_reply_put(&f->out, r) != 0 ||
	    (ex->head->method != HTTP_HEAD && body != NULL &&
	    buf_put(&f->out, body, r->length) != 0))
		answer_impossible(f);
	else
		front_answer(ex, false);
}

void
answer_refusal(const struct exchange *ex, enum eio_verdict verdict)
{
	const char *text = eio_refusal_text(verdict);
	struct http_reply r = {
		.status = 400, .content_type = "application/json"
	};
	char body[128];

	answer_log_refused(ex, text);
	if (ex->head->upgrade_websocket) {
		if (ws_refusal_put(&ex->f->out, r.status, text, false,
		    &ex->cors) != 0)
			answer_impossible(ex->f);
		else
			front_answer(ex, true);
		return;
	}
	snprintf(body, sizeof(body), "{\"code\":%d,\"message\":\"%s\"}",
	    eio_refusal_code(verdict), text);
	r.length = strlen(body);
	answer(ex, &r, body);
}

void
answer_bad_upgrade(const struct exchange *ex, const char *why,
    bool bad_version)
{
	answer_log_refused(ex, why);
	if (ws_refusal_put(&ex->f->out, 400, why, bad_version,
	    &ex->cors) != 0)
		answer_impossible(ex->f);
	else
		front_answer(ex, true);
}

void
answer_preflight(const struct exchange *ex)
{
	struct front *f = ex->f;
	struct http_reply r = {
		.status = 204,
		.cors = &ex->cors,
		.keep_alive = ex->head->keep_alive,
		.keep_alive_s =
		    (int)(f->m->conf.limits.idle_timeout_ms / 1000)
	};

	if (http_preflight_put(&f->out, &r, http_header(ex->head,
	    "Access-Control-Request-Headers")) != 0)
		answer_impossible(f);
	else
		front_answer(ex, false);
}

void
answer_opened(const struct exchange *ex, const struct buf *packet)
{
	struct http_reply r = {
		.status = 200,
		.content_type = "text/plain; charset=UTF-8",
		.length = packet->len,
		.no_store = true,
		.xss_off = http_wants_xss_off(ex->head)
	};

	answer(ex, &r, packet->data);
}

void
answer_file(const struct exchange *ex, const struct bundle_file *file)
{
	const struct slice *has = http_header(ex->head, "If-None-Match");
	bool same = has != NULL && bundle_file_is(file, has);
	struct http_reply r = {
		.status = same ? 304 : 200,
		.content_type = same ? NULL : file->type,
		.length = file->text.len,
		.etag = file->etag
	};

	if (!same && ex->head->method != HTTP_HEAD) {
		ex->f->rest = file->text;
		ex->f->bundle = bundle_hold(ex->f->m->bundle);
	}
	answer(ex, &r, NULL);
}

void
answer_not_found(const struct exchange *ex)
{
	struct http_reply r = { .status = 404 };

	answer_log_refused(ex, "404: not below our path");
	answer(ex, &r, "");
}

void
answer_malformed(struct front *f, int status)
{
	struct http_reply r = { .status = status };

	f->m->counters.refused++;
	log_warn("client %s: refused: %d %s", f->address, status,
	    http_status_text(status));
	if (http_reply_put(&f->out, &r) != 0)
		answer_impossible(f);
	else
		front_write(f, FRONT_LINGER);
}

/* Status, text and the end, whatever the connection was to become. */
static int
put_limit(struct buf *out, const struct limit *limit,
    const struct http_cors *cors)
{
	struct http_reply r = {
		.status = limit->status,
		.content_type = "text/plain",
		.length = strlen(limit->text),
		.cors = cors
	};

	if (http_reply_put(out, &r) != 0)
		return -1;
	return buf_puts(out, limit->text);
}

void
answer_limit(const struct exchange *ex, const struct limit *limit)
{
	struct front *f = ex->f;

	limit_log(f->m, limit, f->address);
	if (put_limit(&f->out, limit, ex->below ? &ex->cors : NULL) != 0)
		answer_impossible(f);
	else
		front_answer(ex, true);
}

void
answer_over(struct front *f, const struct limit *limit)
{
	limit_log(f->m, limit, f->address);
	if (put_limit(&f->out, limit, NULL) != 0)
		answer_impossible(f);
	else
		front_write(f, FRONT_LINGER);
}
