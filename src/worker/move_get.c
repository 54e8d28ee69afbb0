/*
 * A session out of what move_put.c wrote.  It is built while it is read: what
 * is wrong further on closes a session that is whole so far.
 */
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/wire.h"
#include "worker/answer.h"
#include "worker/conn.h"
#include "worker/engine.h"
#include "worker/move.h"
#include "worker/replies.h"
#include "worker/request.h"
#include "worker/schedule.h"
#include "worker/session.h"
#include "worker/socketio.h"

/* What is being read, into which session. */
struct input {
	struct wire_reader r;
	bool plugins;			/* who wrote it knew of them */
	struct session *s;
	struct request **requests;	/* the newest first */
	size_t nrequests;
	int *replies;
	size_t nreplies, taken;
	struct err *err;
};

static int
unsound(struct input *in)
{
	return err_set(in->err, ERR_INTERNAL, "its state is not sound");
}

static int
no_memory(struct input *in)
{
	return err_set(in->err, ERR_INTERNAL, "out of memory");
}

/* A number of things, each of which takes a byte at least. */
static int
get_count(struct input *in, size_t *n_out)
{
	*n_out = (size_t)wire_get(&in->r, 4, UINT32_MAX);
	if (in->r.failed || *n_out > (size_t)(in->r.end - in->r.at))
		return unsound(in);
	return 0;
}

static bool
get_flag(struct input *in)
{
	return wire_get(&in->r, 1, 1) != 0;
}

/* A message half way in or out: 0 = none, or compressed? */
#define BEGUN_PACKED 2

static uint64_t
get_begun(struct input *in)
{
	uint64_t begun = wire_get(&in->r, 1, BEGUN_PACKED);

	/* What was not agreed cannot have begun. */
	if (begun == BEGUN_PACKED && (in->s->ws == NULL ||
	    in->s->ws->u.ws.deflate_bits == 0))
		in->r.failed = true;
	return begun;
}

static int
get_buf(struct input *in, struct buf *out)
{
	struct msg_bytes bytes = wire_get_bytes(&in->r);

	if (in->r.failed)
		return unsound(in);
	return buf_put(out, bytes.data, bytes.len) != 0 ? no_memory(in) : 0;
}

/* Nothing stays NULL. */
static int
get_data(struct input *in, struct evbuffer **out)
{
	struct msg_bytes bytes = wire_get_bytes(&in->r);

	if (in->r.failed)
		return unsound(in);
	if (bytes.len == 0)
		return 0;
	if (*out == NULL)
		*out = evbuffer_new();
	if (*out == NULL || evbuffer_add(*out, bytes.data, bytes.len) != 0)
		return no_memory(in);
	return 0;
}

/* ---- names --------------------------------------------------------------- */

/* A key of the session's generation; -1 when that does not have it. */
static int
get_key(struct input *in, const struct conf_key **out)
{
	bool any = get_flag(in);
	char name[MSG_NAME_MAX];

	wire_get_text(&in->r, name, sizeof(name));
	*out = NULL;
	if (in->r.failed)
		return unsound(in);
	if (!any)
		return 0;
	*out = conf_key_by_name(session_conf(in->s), name);
	return *out != NULL ? 0 : err_set(in->err, ERR_INTERNAL,
	    "its key \"%s\" is no more", name);
}

static int
get_nsp(struct input *in, const char **out)
{
	const struct conf_list *list =
	    &session_conf(in->s)->socketio.namespaces;
	char name[MSG_NAME_MAX];
	size_t i;

	wire_get_text(&in->r, name, sizeof(name));
	if (in->r.failed)
		return unsound(in);
	for (i = 0; i < list->n; i++)
		if (strcmp(list->v[i], name) == 0) {
			*out = list->v[i];
			return 0;
		}
	return err_set(in->err, ERR_INTERNAL, "its namespace %s is no more",
	    name);
}

/* "" when the generation does not have it. */
static const char *
get_collector(struct input *in)
{
	const struct conf *conf = session_conf(in->s);
	char name[MSG_NAME_MAX];
	size_t i;

	wire_get_text(&in->r, name, sizeof(name));
	for (i = 0; i < conf->ncollectors; i++)
		if (strcmp(conf->collectors[i].name, name) == 0)
			return conf->collectors[i].name;
	return "";
}

static bool
is_plugin(const struct input *in, const char *collector)
{
	const struct conf *conf = session_conf(in->s);

	for (size_t i = 0; i < conf->ncollectors; i++)
		if (conf->collectors[i].name == collector)
			return conf->collectors[i].plugin;
	return false;
}

/* ---- the session --------------------------------------------------------- */

static int
get_facts(struct input *in)
{
	struct session *s = in->s;
	char address[MSG_NAME_MAX], *copy;
	uint64_t version = wire_get(&in->r, 1, MOVE_VERSION);

	if (version == 0)
		return unsound(in);
	in->plugins = version >= MOVE_VERSION_PLUGINS;
	wire_get_text(&in->r, address, sizeof(address));
	s->pinged_ms = wire_get(&in->r, 8, UINT64_MAX);
	s->beat_ms = wire_get(&in->r, 8, UINT64_MAX);
	s->beat_due = get_flag(in);
	s->extended = get_flag(in);
	s->end_ms = wire_get(&in->r, 8, UINT64_MAX);
	s->end_reason = get_flag(in) ? CLOSE_KEY : CLOSE_NO_NAMESPACE;
	s->output.moved_ms = wire_get(&in->r, 8, UINT64_MAX);
	if (in->r.failed)
		return unsound(in);
	copy = strdup(address);
	if (copy == NULL)
		return no_memory(in);
	free(s->address);
	s->address = copy;
	return get_key(in, &s->key);
}

static int
get_auth(struct input *in, struct joined *j)
{
	struct msg_bytes auth = wire_get_bytes(&in->r);

	if (in->r.failed)
		return unsound(in);
	if (auth.len == 0)
		return 0;
	j->auth = strndup(auth.data, auth.len);
	return j->auth == NULL ? no_memory(in) : 0;
}

static int
get_joined(struct input *in)
{
	struct joined *j, *last = NULL;
	size_t n;

	if (get_count(in, &n) != 0)
		return -1;
	for (; n > 0; n--) {
		j = calloc(1, sizeof(*j));
		if (j == NULL)
			return no_memory(in);
		if (last == NULL)
			SLIST_INSERT_HEAD(&in->s->joined, j, link);
		else
			SLIST_INSERT_AFTER(last, j, link);
		last = j;
		j->nsp = "";
		if (get_nsp(in, &j->nsp) != 0 || get_key(in, &j->key) != 0)
			return -1;
		j->since = (uint32_t)wire_get(&in->r, 4, UINT32_MAX);
		wire_get_text(&in->r, j->sid, sizeof(j->sid));
		if (in->plugins && get_auth(in, j) != 0)
			return -1;
	}
	return in->r.failed ? unsound(in) : 0;
}

/* Those attachments that are there already. */
static int
get_bytes(struct input *in, struct gather *g)
{
	unsigned int n;

	g->kept = get_flag(in);
	n = (unsigned int)wire_get(&in->r, 1, SIO_ATTACHMENTS_MAX);
	/* Those that are to come find their place, too. */
	if (n + g->left > SIO_ATTACHMENTS_MAX)
		return unsound(in);
	for (; g->nbytes < n; g->total += g->bytes[g->nbytes++].len)
		if (get_buf(in, &g->bytes[g->nbytes]) != 0)
			return -1;
	return 0;
}

static int
get_gather(struct input *in)
{
	unsigned int left = (unsigned int)wire_get(&in->r, 4,
	    SIO_ATTACHMENTS_MAX);
	struct gather *g;

	if (left == 0)
		return in->r.failed ? unsound(in) : 0;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return no_memory(in);
	g->left = left;
	in->s->gather = g;
	if (get_buf(in, &g->text) != 0)
		return -1;
	return in->plugins ? get_bytes(in, g) : 0;
}

/* ---- requests ------------------------------------------------------------ */

static int
get_answer(struct input *in, struct answer *a)
{
	char text[ERR_TEXT_MAX];
	enum err_code code;
	size_t i, n;

	if (get_data(in, &a->rows) != 0)
		return -1;
	a->whole = (size_t)wire_get(&in->r, 8, a->rows == NULL ? 0 :
	    evbuffer_get_length(a->rows));
	a->cut = get_flag(in);
	a->held = get_flag(in);
	a->nattachments = (size_t)wire_get(&in->r, 1, SIO_ATTACHMENTS_MAX);
	n = (size_t)wire_get(&in->r, 1, SIO_ATTACHMENTS_MAX);
	if (n < a->nattachments)
		return unsound(in);
	for (i = 0; i < n; i++) {
		a->attachments[i] = evbuffer_new();
		if (a->attachments[i] == NULL)
			return no_memory(in);
		if (get_data(in, &a->attachments[i]) != 0)
			return -1;
		a->attached_bytes += evbuffer_get_length(a->attachments[i]);
	}
	code = (enum err_code)wire_get(&in->r, 1, ERR_CODES - 1);
	wire_get_text(&in->r, text, sizeof(text));
	if (in->r.failed)
		return unsound(in);
	if (code != ERR_NONE)
		err_set(&a->failure, code, "%s", text);
	return 0;
}

/* The reply socket of a request that was asked; its place in the schedule. */
static int
get_place(struct input *in, struct request *r, const char *key)
{
	if (schedule_take(r, key) != 0)
		return no_memory(in);
	if (r->state == REQUEST_WAITING)
		return 0;
	if (in->taken == in->nreplies)
		return unsound(in);
	if (replies_adopt(r, in->replies[in->taken]) != 0)
		return no_memory(in);
	in->replies[in->taken++] = -1;
	return 0;
}

static int
get_request(struct input *in, struct request *r)
{
	char key[MSG_NAME_MAX];

	r->state = (enum request_state)wire_get(&in->r, 1,
	    REQUEST_STATES - 1);
	r->id = wire_get(&in->r, 8, UINT64_MAX);
	r->ack_id = wire_get(&in->r, 8, UINT64_MAX);
	r->nsp = "";
	if (get_nsp(in, &r->nsp) != 0)
		return -1;
	r->collector = get_collector(in);
	wire_get_text(&in->r, key, sizeof(key));
	r->expires_ms = wire_get(&in->r, 8, UINT64_MAX);
	r->again = get_flag(in) || r->collector[0] == '\0';
	if (get_buf(in, &r->options) != 0)
		return -1;
	r->bytes = (size_t)wire_get(&in->r, 8, SIZE_MAX / 2);
	in->s->request_bytes += r->bytes;
	if (get_answer(in, &r->answer) != 0)
		return -1;
	if (in->plugins) {
		r->plugin = get_flag(in);
		r->silent = get_flag(in);
		r->acked = get_flag(in);
	}
	/* What one kind is told the other cannot read. */
	if (is_plugin(in, r->collector) != r->plugin) {
		r->collector = "";
		r->again = true;
	}
	return get_place(in, r, key);
}

static struct request *
add_request(struct session *s, struct request *behind)
{
	struct request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->session = s;
	TAILQ_INIT(&r->followers);
	buf_init(&r->options, 0);
	if (behind == NULL)
		LIST_INSERT_HEAD(&s->requests, r, of_session);
	else
		LIST_INSERT_AFTER(behind, r, of_session);
	s->nrequests++;
	return r;
}

static int
get_requests(struct input *in)
{
	struct request *last = NULL;
	size_t n;

	if (get_count(in, &n) != 0)
		return -1;
	in->requests = calloc(n + 1, sizeof(struct request *));
	if (in->requests == NULL)
		return no_memory(in);
	while (in->nrequests < n) {
		last = add_request(in->s, last);
		if (last == NULL)
			return no_memory(in);
		in->requests[in->nrequests++] = last;
		if (get_request(in, last) != 0)
			return -1;
	}
	return in->taken == in->nreplies ? 0 : unsound(in);
}

/* A collector that is no more cannot be asked. */
static void
refuse_requests(struct input *in)
{
	struct request *r;
	struct err err;
	size_t i;

	err_set(&err, ERR_UNKNOWN_COLLECTOR,
	    "the collector is no more; it went with a reload");
	for (i = 0; i < in->nrequests; i++) {
		r = in->requests[i];
		if (r->collector[0] == '\0' && r->state == REQUEST_WAITING)
			request_fail(r, &err);
		if (in->s->state != SESSION_OPEN)
			return;
	}
}

/* ---- output -------------------------------------------------------------- */

/* An open packet is the one of a streamed answer. */
static int
join_source(struct input *in, struct packet *p, size_t place)
{
	struct request *r;

	if (place >= in->nrequests)
		return unsound(in);
	r = in->requests[place];
	if (r->state != REQUEST_STREAMED || r->answer.packet != NULL)
		return unsound(in);
	p->source = r;
	r->answer.packet = p;
	return 0;
}

static int
get_packet(struct input *in)
{
	struct packet like = { .binary = get_flag(in) }, *p;
	struct msg_bytes data;
	uint64_t begun;
	size_t place;

	like.open = get_flag(in);
	like.pinged = get_flag(in);
	begun = get_begun(in);
	like.begun = begun != 0;
	like.packed = begun == BEGUN_PACKED;
	place = (size_t)wire_get(&in->r, 4, UINT32_MAX);
	like.text_bytes = (size_t)wire_get(&in->r, 8, SIZE_MAX / 2);
	data = wire_get_bytes(&in->r);
	/* Only what is in front on a websocket can be half way out. */
	if (in->r.failed || (like.begun && (in->s->ws == NULL ||
	    in->s->output.npackets > 0)))
		return unsound(in);
	p = output_restore(in->s, &like, data.data, data.len);
	if (p == NULL)
		return no_memory(in);
	return p->open ? join_source(in, p, place) : 0;
}

static int
get_packets(struct input *in)
{
	size_t i, n;

	if (get_count(in, &n) != 0)
		return -1;
	for (; n > 0; n--)
		if (get_packet(in) != 0)
			return -1;
	for (i = 0; i < in->nrequests; i++)
		if (in->requests[i]->state == REQUEST_STREAMED &&
		    in->requests[i]->answer.packet == NULL)
			return unsound(in);
	return 0;
}

static int
get_websocket(struct input *in, struct conn *c)
{
	struct ws_reader *r = &c->u.ws.reader;
	uint64_t begun;

	if (get_buf(in, &c->in) != 0 || get_data(in, &c->out) != 0)
		return -1;
	c->stall_ms = wire_get(&in->r, 8, UINT64_MAX);
	if (c->out == NULL)
		c->stall_ms = 0;
	c->deadline_ms = wire_get(&in->r, 8, UINT64_MAX);
	begun = get_begun(in);
	r->in_message = begun != 0;
	r->compressed = begun == BEGUN_PACKED;
	r->opcode = (enum ws_opcode)wire_get(&in->r, 1, WS_BINARY);
	r->fragments = (unsigned int)wire_get(&in->r, 4, WS_FRAGMENTS_MAX);
	return get_buf(in, &r->message);
}

static int
get_all(struct input *in, struct conn *c)
{
	if (get_facts(in) != 0 || get_joined(in) != 0 || get_gather(in) != 0 ||
	    get_requests(in) != 0 || get_packets(in) != 0 ||
	    (c != NULL && get_websocket(in, c) != 0))
		return -1;
	return wire_read(&in->r) != 0 ? unsound(in) : 0;
}

int
move_get(struct session *s, struct conn *c, const struct msg_bytes *state,
    int *replies, size_t n, struct err *err)
{
	struct input in = {
		.r = wire_reader(state->data, state->len), .s = s,
		.replies = replies, .nreplies = n, .err = err
	};
	int result = get_all(&in, c);

	if (result == 0) {
		session_wake(s, engine_due(s));
		refuse_requests(&in);
	}
	free(in.requests);
	return result;
}
