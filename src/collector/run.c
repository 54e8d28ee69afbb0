/*
 * One request: which collector, what plan, then the fetch; each refusal is an
 * answer with a code and a sentence.
 */
#include "collector/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/fetch.h"
#include "collector/plugin.h"
#include "collector/sql_run.h"
#include "collector/watcher.h"
#include "model/plan.h"

static int
find_collector(const struct run *r, const struct collector **out,
    struct err *err)
{
	const struct queue_request *q = r->request;

	if (r->view == NULL)
		return err_set(err, ERR_INTERNAL, "generation %u of the "
		    "configuration is not known here", q->generation);
	if (q->deadline_ms != 0 && clock_ms() >= q->deadline_ms)
		return err_set(err, ERR_OVERLOADED,
		    "the request waited longer than queue_timeout");
	*out = view_collector(r->view, q->collector);
	if (*out == NULL)
		return err_set(err, ERR_UNKNOWN_COLLECTOR,
		    "there is no collector \"%s\"", q->collector);
	return 0;
}

/* The smaller of two bounds, of which 0 is none. */
static uint64_t
bound(int64_t a, int64_t b)
{
	if (a == 0 || (b != 0 && b < a))
		return (uint64_t)b;
	return (uint64_t)a;
}

/* All parts of an answer from one state of the database, if so asked. */
static int
run_fetch(const struct fetch_params *p, bool snapshot, struct err *err)
{
	struct fetch_params whole = *p;
	struct dialect d;
	int result;

	if (!snapshot)
		return fetch_run(p, err);
	if (db_snapshot_begin(p->db, err) != 0)
		return -1;
	/* Within a transaction no statement is bare. */
	d = *p->dialect;
	d.streams = d.streams && !d.streams_bare;
	whole.dialect = &d;
	result = fetch_run(&whole, err);
	db_snapshot_end(p->db);
	return result;
}

static int
run_plan(const struct run *r, const struct plan *plan, struct writer *w,
    struct err *err)
{
	const struct conf *c = &r->view->conf;
	struct fetch_params p = {
		.plan = plan,
		.writer = w,
		.batch_rows = (size_t)c->limits.batch_rows,
		.batch_bytes = (size_t)c->limits.batch_bytes,
	};

	writer_begin(w, plan->attachments);
	p.db = link_get(r->link, err);
	if (p.db == NULL)
		return -1;
	p.dialect = db_dialect(p.db);
	if (run_fetch(&p, plan->root->collector->snapshot, err) == 0)
		return 0;
	link_check(r->link, err->text);
	return -1;
}

static int
run_sql(const struct run *r, const struct collector *c, struct writer *w,
    struct err *err)
{
	const struct sql_run s = { .file = c->sql,
	    .options = r->request->options.data,
	    .len = r->request->options.len,
	    .json_depth = (size_t)r->view->conf.limits.json_depth,
	    .link = r->link, .writer = w };

	return sql_run(&s, err);
}

/* What is INTERNAL to a plugin is no fault of this process. */
static int
run_plugin(const struct run *r, const struct collector *c, struct writer *w,
    bool *sound, struct err *err)
{
	const struct plugin_run p = { .request = r->request,
	    .conf = &r->view->conf, .image = view_image(r->view, c),
	    .link = r->link, .writer = w, .lifted = r->lifted };
	bool exhausted;
	int result = plugin_run(&p, &exhausted, err);

	*sound = !exhausted;
	*r->look = true;
	return result;
}

/* sound: set when a failure leaves the process as it was, whatever its code. */
static int
run(const struct run *r, struct writer *w, bool *sound, struct err *err)
{
	const struct queue_request *q = r->request;
	const struct collector *c;
	struct plan_limits limits;
	const struct plan *plan;

	if (find_collector(r, &c, err) != 0)
		return -1;
	limits.json_depth = (size_t)r->view->conf.limits.json_depth;
	limits.include_depth = (size_t)r->view->conf.limits.include_depth;
	w->p.max_rows = bound(c->max_rows, r->view->conf.database.max_rows);
	if (c->sql != NULL)
		return run_sql(r, c, w, err);
	if (c->plugin != NULL)
		return run_plugin(r, c, w, sound, err);
	plan = plans_get(r->plans, c, &q->options, &limits, err);
	return plan != NULL ? run_plan(r, plan, w, err) : -1;
}

/* An outage is told once, by the link; its requests would fill the log. */
static void
log_failure(const struct run *r, const struct err *err)
{
	void (*log)(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2))) = log_info;

	if (err->code == ERR_INTERNAL || err->code == ERR_DATABASE)
		log = log_warn;
	if (err->code == ERR_DATABASE && r->link->db == NULL)
		log = log_debug;
	log("request %016" PRIx64 ": %s: %s: %s", r->request->id,
	    r->request->collector, err_code_name(err->code), err->text);
}

/* false: it has run out of something, and is not worth another request. */
static bool
answer(const struct run *r, struct writer *w)
{
	struct err err = { 0 };
	int result = watcher_watch(r->reply, &err);
	bool sound = r->view == NULL;

	if (result == 0)
		result = run(r, w, &sound, &err);
	/* Before END, after which the caller's end is no news. */
	if (watcher_unwatch())
		link_cut(r->link);
	/* Nobody is there to be told why. */
	if (err.code != ERR_CANCELLED)
		(void)writer_end(w, result == 0 ? NULL : &err);
	if (result == 0)
		return true;
	atomic_fetch_add(&r->status->failed, 1);
	log_failure(r, &err);
	return err.code != ERR_INTERNAL || sound;
}

/* Whom the master is to blame if we die of this. */
static void
tell_fingerprint(const struct run *r)
{
	const struct collector *c = r->view == NULL ? NULL :
	    view_collector(r->view, r->request->collector);

	atomic_store(&r->status->fingerprint,
	    plans_fingerprint(r->plans, c, r->request));
}

void
run_request(const struct run *r)
{
	struct writer_params p = { .fd = r->reply, .id = r->request->id,
	    .guard = r->guard, .status = r->status };
	uint64_t deadline = 0;
	bool sound = false;
	struct writer *w = r->writer;
	struct err err;

	if (r->view != NULL) {
		const struct conf *c = &r->view->conf;

		p.max_bytes = (uint64_t)c->database.max_result_bytes;
		p.max_binary_bytes =
		    (uint64_t)c->database.max_binary_answer_bytes;
		if (c->database.query_timeout_ms > 0)
			deadline = clock_ms() +
			    (uint64_t)c->database.query_timeout_ms;
	}
	atomic_store(&r->guard->deadline_ms, deadline);
	atomic_store(&r->status->ids[atomic_load(&r->status->served) %
	    STATUS_IDS], p.id);
	tell_fingerprint(r);
	if (!status_begin(r->status, p.id, deadline))
		_exit(EXIT_FAILURE);
	log_debug("request %016" PRIx64 ": taken", p.id);
	if (writer_init(w, &p, &err) == 0)
		sound = answer(r, w);
	else	/* its caller sees the end of the reply */
		log_warn("request: %s", err.text);
	atomic_fetch_add(&r->status->served, 1);
	atomic_fetch_add(&r->status->rows, w->rows);
	atomic_fetch_add(&r->status->bytes, w->bytes);
	atomic_store(&r->guard->deadline_ms, 0);
	status_seen(r->status, clock_ms());
	/* One that ends while its request runs blames that for it. */
	if (!sound || !status_end(r->status, p.id))
		_exit(EXIT_FAILURE);
}
