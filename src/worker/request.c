/*
 * Requests: may this key call this name, and is there a place for it?  What
 * is refused here is answered at once.
 */
#include "worker/request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/nearest.h"
#include "ipc/queue.h"
#include "proto/json_scan.h"
#include "worker/answer.h"
#include "worker/answer_put.h"
#include "worker/generation.h"
#include "worker/plugin.h"
#include "worker/replies.h"
#include "worker/schedule.h"
#include "worker/session.h"

/* In front of and behind the options in the body of a request. */
#define BODY_ROOM 1024

static const char *const state_names[] = {
	[REQUEST_WAITING] = "waiting", [REQUEST_ASKED] = "asked",
	[REQUEST_BEGUN] = "begun", [REQUEST_STREAMED] = "streamed"
};
_Static_assert(sizeof(state_names) / sizeof(state_names[0]) ==
    REQUEST_STATES, "each state has a name");

void
request_set_state(struct request *r, enum request_state state)
{
	log_debug("request %016" PRIx64 ": %s -> %s", r->id,
	    state_names[r->state], state_names[state]);
	r->state = state;
}

/*
 * May its key call it?  What a key may do is no matter of generations: the
 * newest says it.
 */
static bool
is_allowed(const struct session *s, const struct joined *j,
    const char *collector)
{
	const struct generation *now = s->worker->current;
	const struct conf_key *key = j->key;

	if (key == NULL)
		return true;
	if (s->generation != now)
		key = conf_key_by_name(&now->conf, key->name);
	return key != NULL && conf_list_has(&key->allow, collector);
}

/* The collector of that name as the session's generation spells it. */
static const struct conf_file *
find_collector(const struct conf *conf, const struct sio_event *e)
{
	size_t i;

	if (e->numeric || e->name_too_long)
		return NULL;
	for (i = 0; i < conf->ncollectors; i++)
		if (strcmp(conf->collectors[i].name, e->name) == 0)
			return &conf->collectors[i];
	return NULL;
}

/* Name it, and the nearest of those that this key may call. */
static int
refuse_unknown(const struct session *s, const struct joined *j,
    const struct sio_event *e, struct err *err)
{
	const struct conf *conf = session_conf(s);
	struct nearest n;
	size_t i;

	if (e->numeric || e->name_too_long)
		return err_set(err, ERR_UNKNOWN_COLLECTOR,
		    "there is no collector whose name is %s",
		    e->numeric ? "a number" : "so long or has a NUL in it");
	nearest_start(&n, e->name, strlen(e->name));
	for (i = 0; i < conf->ncollectors; i++)
		if (is_allowed(s, j, conf->collectors[i].name))
			nearest_try(&n, conf->collectors[i].name);
	return err_set(err, ERR_UNKNOWN_COLLECTOR,
	    "there is no collector \"%s\"%s%s%s", e->name,
	    n.best != NULL ? "; did you mean \"" : "",
	    n.best != NULL ? n.best : "", n.best != NULL ? "\"?" : "");
}

/* May it be called?  len: of what its collector is told. */
static int
judge(const struct session *s, const struct joined *j,
    const struct conf_file *collector, size_t len, struct err *err)
{
	const struct conf *conf = session_conf(s);

	if (!is_allowed(s, j, collector->name))
		return err_set(err, ERR_FORBIDDEN,
		    "the key \"%s\" may not call \"%s\"", j->key->name,
		    collector->name);
	if (collector->refused)
		return err_set(err, ERR_UNKNOWN_COLLECTOR, "the collector "
		    "\"%s\" is out of service: its file is refused, and the "
		    "log of the gateway says why", collector->name);
	if (len > QUEUE_BODY_MAX - BODY_ROOM)
		return err_set(err, ERR_LIMIT, "the options are longer than "
		    "%d bytes", QUEUE_BODY_MAX - BODY_ROOM);
	if (s->nrequests >= (size_t)conf->limits.requests)
		return err_set(err, ERR_LIMIT, "%zu requests of this "
		    "connection are running or waiting, which is the limit; "
		    "wait for an answer first", s->nrequests);
	if (s->nrequests > 0 && s->request_bytes + len >
	    (size_t)conf->limits.waiting_bytes)
		return err_set(err, ERR_LIMIT, "the options of this "
		    "connection's requests are longer than "
		    "limits.waiting_bytes; wait for an answer first");
	return 0;
}

/* Bytes instead of options are no object, which means everything. */
static bool
is_placeholder(const struct slice *options)
{
	struct json_iter it;
	struct slice name;
	enum json_kind kind;

	if (options->len == 0 || options->p[0] != '{')
		return false;
	json_iter_init(&it, options);
	while (json_iter_next(&it, &name, &kind)) {
		if (slice_is(&name, "\"_placeholder\""))
			return true;
		if (!json_iter_next(&it, &name, &kind))
			break;
	}
	return false;
}

static struct request *
request_new(struct session *s, const struct joined *j,
    const struct conf_file *collector)
{
	struct request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->session = s;
	r->nsp = j->nsp;
	r->collector = collector->name;
	r->plugin = collector->plugin;
	r->coalesce = collector->coalesce;
	TAILQ_INIT(&r->followers);
	buf_init(&r->options, 0);
	LIST_INSERT_HEAD(&s->requests, r, of_session);
	s->nrequests++;
	return r;
}

/* Its options are there. */
static void
start(struct request *r, const struct joined *j)
{
	struct session *s = r->session;
	struct err err;

	r->bytes = r->options.len;
	s->request_bytes += r->bytes;
	r->expires_ms = clock_ms() +
	    (uint64_t)session_conf(s)->limits.queue_timeout_ms;
	if (schedule_add(r, j->key == NULL ? "" : j->key->name, &err) != 0)
		request_fail(r, &err);
}

static int
put_options(struct request *r, const struct joined *j,
    const struct sio_packet *p, const struct sio_event *e)
{
	if (r->plugin)
		return plugin_put(r, j, p);
	if (p->attachments > 0 && is_placeholder(&e->options))
		return 0;
	return buf_put(&r->options, e->options.p, e->options.len);
}

/* Is what a collector in C was sent all there? */
static int
check_bytes(const struct sio_packet *p, struct err *err)
{
	return p->attachments == 0 || p->bytes != NULL ? 0 :
	    err_set(err, ERR_LIMIT, "the bytes of this event are more than "
	    "limits.waiting_bytes");
}

/* Ask; -1 with the reason why it cannot be asked. */
static int
ask(struct session *s, const struct joined *j, const struct sio_packet *p,
    const struct sio_event *e, struct err *err)
{
	const struct conf_file *collector = find_collector(session_conf(s), e);
	struct request *r;

	if (collector == NULL || (collector->plugin && !collector->refused &&
	    !plugin_serves(collector, j->nsp)))
		return refuse_unknown(s, j, e, err);
	if (judge(s, j, collector, collector->plugin ? plugin_length(j, p) :
	    e->options.len, err) != 0 ||
	    (collector->plugin && check_bytes(p, err) != 0))
		return -1;
	r = request_new(s, j, collector);
	if (r == NULL || put_options(r, j, p, e) != 0) {
		session_close(s, CLOSE_MEMORY);
		return 0;
	}
	r->silent = !p->has_id;
	r->ack_id = p->id;
	start(r, j);
	return 0;
}

bool
request_keeps_bytes(const struct session *s, const struct sio_event *e)
{
	const struct conf_file *collector = find_collector(session_conf(s), e);

	return collector != NULL && collector->plugin;
}

void
request_event(struct session *s, const struct joined *j,
    const struct sio_packet *p, const struct sio_event *e)
{
	struct err err = { .code = ERR_NONE };

	if (!p->has_id && !request_keeps_bytes(s, e)) {
		/* Nobody would see the answer. */
		log_debug("session %.6s: event %s without a callback",
		    s->sid, e->name);
	} else if (ask(s, j, p, e, &err) != 0) {
		log_debug("session %.6s: refused: %s", s->sid, err.text);
		if (p->has_id)
			answer_failure(s, j->nsp, p->id, &err);
	}
}

void
request_connect(struct session *s, const struct joined *j,
    const struct conf_file *collector)
{
	struct request *r;
	struct err err;

	if (judge(s, j, collector, 0, &err) != 0) {
		log_debug("session %.6s: %s is not told of it: %s", s->sid,
		    collector->name, err.text);
		return;
	}
	r = request_new(s, j, collector);
	if (r == NULL || plugin_put(r, j, NULL) != 0) {
		session_close(s, CLOSE_MEMORY);
		return;
	}
	r->silent = true;
	start(r, j);
}

void
request_fail(struct request *r, const struct err *err)
{
	struct session *s = r->session;

	log_debug("request %016" PRIx64 ": failed: %s: %s", r->id,
	    err_code_name(err->code), err->text);
	if (!r->silent && !r->acked)
		answer_failure(s, r->nsp, r->ack_id, err);
	/* A session that could not take it has freed its requests. */
	if (s->state == SESSION_OPEN)
		request_free(r);
}

void
request_free(struct request *r)
{
	schedule_remove(r);
	LIST_REMOVE(r, of_session);
	r->session->nrequests--;
	r->session->request_bytes -= r->bytes;
	if (r->reply != NULL)
		replies_drop(&r->reply);
	answer_fini(r);
	buf_fini(&r->options);
	free(r);
}

void
request_cancel_all(struct session *s, const char *nsp)
{
	struct request *r, *next;

	for (r = LIST_FIRST(&s->requests); r != NULL; r = next) {
		next = LIST_NEXT(r, of_session);
		if (nsp == NULL || (r->nsp == nsp &&
		    r->state != REQUEST_STREAMED))
			request_free(r);
	}
}
