/*
 * Requests: may this key call this name, and is there a place for it?  What
 * is refused here is answered at once.
 */
#include "worker/request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/nearest.h"
#include "ipc/queue.h"
#include "proto/json_scan.h"
#include "worker/answer.h"
#include "worker/generation.h"
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

/* The collector to be called, or NULL with the reason. */
static const char *
judge(const struct session *s, const struct joined *j,
    const struct sio_event *e, struct err *err)
{
	const struct conf *conf = session_conf(s);
	const struct conf_file *collector = find_collector(conf, e);

	if (collector == NULL) {
		refuse_unknown(s, j, e, err);
		return NULL;
	}
	if (!is_allowed(s, j, collector->name)) {
		err_set(err, ERR_FORBIDDEN,
		    "the key \"%s\" may not call \"%s\"", j->key->name,
		    collector->name);
		return NULL;
	}
	if (collector->refused) {
		err_set(err, ERR_UNKNOWN_COLLECTOR, "the collector \"%s\" "
		    "is out of service: its file is refused, and the log of "
		    "the gateway says why", collector->name);
		return NULL;
	}
	if (e->options.len > QUEUE_BODY_MAX - BODY_ROOM) {
		err_set(err, ERR_LIMIT, "the options are longer than %d "
		    "bytes", QUEUE_BODY_MAX - BODY_ROOM);
		return NULL;
	}
	if (s->nrequests >= (size_t)conf->limits.requests) {
		err_set(err, ERR_LIMIT, "%zu requests of this connection are "
		    "running or waiting, which is the limit; wait for an "
		    "answer first", s->nrequests);
		return NULL;
	}
	if (s->nrequests > 0 && s->request_bytes + e->options.len >
	    (size_t)conf->limits.waiting_bytes) {
		err_set(err, ERR_LIMIT, "the options of this connection's "
		    "requests are longer than limits.waiting_bytes; wait for "
		    "an answer first");
		return NULL;
	}
	return collector->name;
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
    const struct sio_packet *p, const struct sio_event *e)
{
	struct request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->session = s;
	r->nsp = j->nsp;
	r->ack_id = p->id;
	r->reply_fd = -1;
	buf_init(&r->options, 0);
	if ((p->attachments == 0 || !is_placeholder(&e->options)) &&
	    buf_put(&r->options, e->options.p, e->options.len) != 0) {
		free(r);
		return NULL;
	}
	LIST_INSERT_HEAD(&s->requests, r, of_session);
	s->nrequests++;
	r->bytes = r->options.len;
	s->request_bytes += r->bytes;
	return r;
}

void
request_event(struct session *s, const struct joined *j,
    const struct sio_packet *p, const struct sio_event *e)
{
	const char *collector;
	struct request *r;
	struct err err = { .code = ERR_NONE };

	collector = judge(s, j, e, &err);
	if (collector == NULL) {
		log_debug("session %.6s: refused: %s", s->sid, err.text);
		answer_failure(s, j->nsp, p->id, &err);
		return;
	}
	r = request_new(s, j, p, e);
	if (r == NULL) {
		session_close(s, CLOSE_MEMORY);
		return;
	}
	r->collector = collector;
	r->expires_ms = clock_ms() +
	    (uint64_t)session_conf(s)->limits.queue_timeout_ms;
	if (schedule_add(r, j->key == NULL ? "" : j->key->name, &err) != 0)
		request_fail(r, &err);
}

void
request_fail(struct request *r, const struct err *err)
{
	struct session *s = r->session;

	log_debug("request %016" PRIx64 ": failed: %s: %s", r->id,
	    err_code_name(err->code), err->text);
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
	if (r->reply_fd >= 0) {
		event_del(&r->reply_event);
		close(r->reply_fd);
	}
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
