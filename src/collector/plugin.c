/*
 * One call.  A process whose list of refused system calls lacks more than this
 * plugin may do runs it in a thread of its own, under the whole list; nothing
 * else runs meanwhile.
 */
#include "collector/plugin.h"

#include <pthread.h>

#include "collector/plugin_request.h"
#include "ipc/confine.h"
#include "proto/json_scan.h"
#include "proto/sio_value.h"

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
	r->auth = auth.data;
	r->values = arena_get(&r->arena, count_arguments(&event) + 1,
	    sizeof(*r->values));
	if (r->values == NULL)
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

	plugin_running(r->run->request->collector);
	if (plugin_image_open(image, &plugin_host, &r->err) == 0) {
		callback = r->call.connects ?
		    plugin_image_collector(image)->connect :
		    plugin_image_collector(image)->call;
		if (callback == NULL) {
			err_set(&r->err, ERR_UNKNOWN_COLLECTOR,
			    "\"%s\" is no event that can be called",
			    r->run->request->collector);
		} else {
			t->result = callback(&plugin_host, r,
			    plugin_image_state(image));
			t->called = true;
		}
	}
	plugin_close(r->cursor);
	plugin_running(NULL);
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
	if (t->called && t->result == DALPURI_OK)
		return err_set(err, ERR_INTERNAL,
		    "the collector \"%s\" has given no answer", name);
	return err_set(err, ERR_INTERNAL,
	    "the collector \"%s\" has failed: it returned %d", name,
	    t->result);
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
