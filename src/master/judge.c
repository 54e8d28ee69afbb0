/*
 * Whose is a request: nobody's, a new session's, one that is being opened
 * here, or a worker's?
 */
#include "master/judge.h"

#include <string.h>

#include "base/log.h"
#include "master/answer.h"
#include "master/bundle.h"
#include "master/front.h"
#include "master/limit.h"
#include "master/open.h"
#include "master/pass.h"
#include "master/state.h"
#include "proto/eio.h"

/* A request for a session that exists, here or in a worker. */
static void
give_to_owner(const struct exchange *ex, const struct eio_request *req)
{
	struct front *f = ex->f;
	struct master *m = f->m;
	struct msg_route route = { .bytes = { f->in.data, f->in.len } };
	struct open *o = open_find(m, req->sid);

	if (o != NULL && open_request(o, ex, req))
		return;
	if (!pass_knows(m->pass, req->sid)) {
		answer_refusal(ex, EIO_SID_UNKNOWN);
		return;
	}
	memcpy(route.sid, req->sid, sizeof(route.sid));
	memcpy(route.address, f->address, sizeof(route.address));
	/* The bytes live until the front's callback ends. */
	if (pass_route(m->pass, &route, front_release(f)) != 0)
		log_warn("client %s: closed: its request cannot be passed on",
		    route.address);
}

/*
 * A file of the bundle, whatever method and query say; preflights and upgrades
 * are Engine.IO's here too.
 */
static const struct bundle_file *
find_file(const struct exchange *ex)
{
	const struct master *m = ex->f->m;
	size_t skip = strlen(m->conf.socketio.path);
	const struct slice *path = &ex->head->path;
	struct slice name;

	if (path->len < skip || ex->head->upgrade_websocket ||
	    ex->head->method == HTTP_OPTIONS)
		return NULL;
	name = (struct slice){ path->p + skip, path->len - skip };
	return bundle_find(m->bundle, &name);
}

static void
judge_engine(const struct exchange *ex)
{
	struct eio_request req;
	enum eio_verdict verdict = eio_judge(ex->head,
	    ex->f->m->conf.socketio.allow_eio3 != 0, &req);
	const struct bundle_file *file = find_file(ex);

	if (http_is_preflight(ex->head, &ex->cors))
		verdict = EIO_PREFLIGHT;
	if (file != NULL) {
		answer_file(ex, file);
		return;
	}
	switch (verdict) {
	case EIO_NEW:
		open_new(ex, &req);
		break;
	case EIO_EXISTING:
		give_to_owner(ex, &req);
		break;
	case EIO_PREFLIGHT:
		answer_preflight(ex);
		break;
	case EIO_TRANSPORT_UNKNOWN:
	case EIO_SID_UNKNOWN:
	case EIO_BAD_METHOD:
	case EIO_BAD_REQUEST:
	case EIO_BAD_VERSION:
	case EIO_VERDICTS:
		answer_refusal(ex, verdict);
		break;
	}
}

/* As the official server does it (PROTOCOL H3). */
static void
ignore(const struct exchange *ex)
{
	answer_log_refused(ex, "an upgrade that is not below our path");
	front_ignore(ex->f);
}

static bool
is_below(const struct slice *target, const char *path)
{
	size_t len = strlen(path);

	return target->len >= len && memcmp(target->p, path, len) == 0;
}

void
judge(struct front *f, const struct http_head *head, size_t head_len)
{
	const struct conf *c = &f->m->conf;
	struct exchange ex = { .f = f, .head = head, .head_len = head_len };
	const struct limit *limit;

	ex.below = is_below(&head->target, c->socketio.path);
	http_cors_judge(&ex.cors, head, c->socketio.cors_origins.v,
	    c->socketio.cors_origins.n);
	limit = f->proxy ? limit_forward(f, head) : NULL;
	if (limit != NULL)
		answer_limit(&ex, limit);
	else if (ex.below)
		judge_engine(&ex);
	else if (head->upgrade_websocket)
		ignore(&ex);
	else
		answer_not_found(&ex);
}
