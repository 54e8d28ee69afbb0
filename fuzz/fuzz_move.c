/*
 * Fuzz target: the state of a session that has moved.  The first byte says how
 * it is connected and how many reply sockets it has; the others are the state.
 * What is taken is written again, and what was written is taken again.
 */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "target.h"

#include "base/clock.h"
#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/fdpass.h"
#include "ipc/queue.h"
#include "ipc/view.h"
#include "worker/conn.h"
#include "worker/generation.h"
#include "worker/move.h"
#include "worker/pinned.h"
#include "worker/schedule.h"
#include "worker/session.h"

#define REPLIES_MAX 7
#define TURNS 5

static struct worker worker;
static int queue[2], master[2];
static struct buf views;

static void
no_message(void *ctx, const void *data, size_t len, int *fds, size_t nfds)
{
	(void)ctx;
	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
}

static void
no_end(void *ctx)
{
	(void)ctx;
}

static const struct channel_handlers handlers = {
	.message = no_message, .gone = no_end
};

static void
add_generation(void)
{
	static const char text[] = "key \"k\" { psk = \"x\" }"
	    " socketio { namespaces = { \"/\", \"/a\" } }";
	struct conf_faults faults = { 0 };
	struct conf c;
	struct err err;
	int fd;

	require(conf_init(&c) == 0 && conf_read_text(&c, "x.conf", text,
	    strlen(text), &faults) == 0);
	c.collectors = calloc(1, sizeof(*c.collectors));
	require(c.collectors != NULL);
	c.ncollectors = 1;
	c.collectors[0].name = strdup("one");
	require(conf_view_put(&c, CONF_WORKER, &views) == 0);
	fd = view_seal("fuzz", views.data, views.len, &err);
	require(fd >= 0 && generation_add(&worker, 1, fd, &err) == 0);
	close(fd);
	conf_fini(&c);
	conf_faults_fini(&faults);
}

static void
start(void)
{
	static const uint64_t seed[2] = { 1, 2 };
	struct err err;

	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_ERROR);
	worker.number = 1;
	worker.base = event_base_new();
	TAILQ_INIT(&worker.given);
	table_init(&worker.sessions, seed);
	require(queue_pair(&queue[0], &queue[1], &err) == 0 &&
	    fdpass_pair(master, &err) == 0);
	worker.schedule = schedule_new(&worker, queue[0]);
	worker.pinned = pinned_new(&worker, queue[0]);
	worker.master = channel_new(worker.base, master[0], &handlers,
	    &worker);
	require(worker.schedule != NULL && worker.pinned != NULL &&
	    worker.master != NULL);
	add_generation();
}

static void
turn(void)
{
	static char message[FDPASS_BYTES_MAX];
	int fds[FDPASS_FDS_MAX], reply, i;
	struct queue_request req;
	struct buf body;
	size_t len, nfds;

	for (i = 0; i < TURNS; i++)
		event_base_loop(worker.base, EVLOOP_NONBLOCK);
	buf_init(&body, 0);
	while (queue_take(queue[1], &req, &body, &reply) == FDPASS_OK)
		close(reply);
	buf_fini(&body);
	while (fdpass_recv(master[1], message, sizeof(message), &len, fds,
	    &nfds) == FDPASS_OK)
		while (nfds > 0)
			close(fds[--nfds]);
}

static struct session *
new_session(bool websocket)
{
	struct msg_session m = {
		.sid = "aBcDeFgHiJkLmNoPqRsT",
		.transport = websocket ? MSG_WEBSOCKET : MSG_POLLING,
		.opened_ms = clock_ms(), .generation = 1, .address = "::1",
		.live = true
	};
	const struct msg_bytes nothing = { "", 0 };
	struct session *s = session_new(&worker, &m);
	struct conn *c;
	int ends[2];

	require(s != NULL);
	if (!websocket)
		return s;
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, ends) == 0);
	close(ends[1]);
	c = conn_new(&worker, ends[0], "::1", &nothing);
	require(c != NULL);
	websocket_start(c, s, 15);
	s->ws = c;
	return s;
}

/* Take a state: written again when it is sound; -1 when it is not. */
static int
take(bool websocket, size_t nreplies, const char *data, size_t len,
    struct buf *again)
{
	const struct msg_bytes state = { data, len };
	struct session *s = new_session(websocket);
	int replies[REPLIES_MAX], others[REPLIES_MAX], ends[2], result;
	struct err err;
	size_t i;

	for (i = 0; i < nreplies; i++) {
		require(fdpass_pair(ends, &err) == 0);
		replies[i] = ends[0];
		others[i] = ends[1];
	}
	result = move_get(s, s->ws, &state, replies, nreplies, &err);
	if (result != 0)
		session_close(s, CLOSE_MOVE);
	else if (s->state == SESSION_OPEN)
		require(move_put(s, again) == 0);
	turn();
	for (i = 0; i < nreplies; i++) {
		close(others[i]);
		if (replies[i] >= 0)
			close(replies[i]);
	}
	turn();
	session_free_all(&worker);
	turn();
	conn_free_all(&worker);
	turn();
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once, twice;
	bool websocket;
	size_t nreplies;
	char *state;

	if (worker.base == NULL)
		start();
	if (size == 0)
		return 0;
	websocket = (data[0] & 1) != 0;
	nreplies = data[0] >> 1 & REPLIES_MAX;
	state = copy((const char *)data + 1, size - 1);
	buf_init(&once, 0);
	buf_init(&twice, 0);
	if (take(websocket, nreplies, state, size - 1, &once) == 0 &&
	    once.len > 0) {
		require(take(websocket, nreplies, once.data, once.len,
		    &twice) == 0);
		require(once.len == twice.len &&
		    memcmp(once.data, twice.data, once.len) == 0);
	}
	buf_fini(&once);
	buf_fini(&twice);
	free(state);
	return 0;
}
