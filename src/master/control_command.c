/* The commands of the control socket, a row each. */
#include "master/control_caller.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "ipc/msg.h"
#include "ipc/queue.h"
#include "ipc/status.h"
#include "master/address.h"
#include "master/control.h"
#include "master/open.h"
#include "master/pass.h"
#include "master/reload.h"
#include "master/slot_kinds.h"
#include "master/slots.h"
#include "master/state.h"
#include "master/stop.h"
#include "master/upgrade.h"

/* Of a sid: enough to tell sessions apart, too few to use one. */
#define SID_SHOWN 6

static void
answer(struct caller *c, struct buf *b, int result)
{
	if (result == 0)
		control_answer(c, b);
	else
		control_refuse(c, "out of memory");
	buf_fini(b);
}

/* ---- what there is ------------------------------------------------------- */

static size_t
count_ready(const struct slots *s, bool collectors)
{
	const struct collector *k;
	const struct child *w;
	size_t n = 0;

	if (collectors)
		TAILQ_FOREACH(k, &s->collectors, entry)
			n += k->child.state == CHILD_READY;
	else
		TAILQ_FOREACH(w, &s->workers, entry)
			n += w->state == CHILD_READY;
	return n;
}

static size_t
count_connected(const struct slots *s)
{
	const struct collector *k;
	size_t n = 0;

	TAILQ_FOREACH(k, &s->collectors, entry)
		n += k->status != NULL &&
		    atomic_load(&k->status->database_up) != 0;
	return n;
}

static int
put_listen(struct buf *b, const struct conf *conf)
{
	for (size_t i = 0; i < conf->listen.n; i++)
		if ((i > 0 && buf_putc(b, ',') != 0) ||
		    json_quote_text(b, conf->listen.v[i]) != 0)
			return -1;
	return 0;
}

static void
on_status(struct master *m, struct caller *c, char *word)
{
	static const char *const phases[] = {
		[MASTER_STARTING] = "starting", [MASTER_RUNNING] = "running",
		[MASTER_STOPPING] = "stopping"
	};
	const struct slots *s = m->slots;
	struct buf b;

	(void)word;
	buf_init(&b, 0);
	answer(c, &b, buf_printf(&b, "\"version\":\"%s\",\"pid\":%d,"
	    "\"phase\":\"%s\",\"uptime_s\":%" PRIu64 ",\"generation\":%u,"
	    "\"listen\":[", PACKAGE_VERSION, (int)getpid(), phases[m->phase],
	    (clock_ms() - m->started_ms) / 1000,
	    (unsigned int)m->generation) != 0 ||
	    put_listen(&b, &m->conf) != 0 ||
	    buf_printf(&b, "],\"workers\":%zu,\"workers_ready\":%zu,"
	    "\"collectors\":%zu,\"collectors_ready\":%zu,"
	    "\"databases_up\":%zu,\"sessions\":%zu,\"handshakes\":%zu,"
	    "\"connections\":%zu,\"queued\":%d,\"counters\":{",
	    s->nworkers, count_ready(s, false), s->ncollectors,
	    count_ready(s, true), count_connected(s),
	    pass_count(m->pass), opens_unjoined(m),
	    addresses_held_in_all(m->addresses),
	    queue_unread(s->queue_write)) != 0 ||
	    counters_put(m, &b) != 0 || buf_putc(&b, '}') != 0 ? -1 : 0);
}

static void
on_workers(struct master *m, struct caller *c, char *word)
{
	const struct slots *s = m->slots;
	const struct child *w;
	struct buf b;
	int r;

	(void)word;
	buf_init(&b, 0);
	r = buf_puts(&b, "\"workers\":[");
	TAILQ_FOREACH(w, &s->workers, entry) {
		r = buf_printf(&b, "%s{\"worker\":%u,\"pid\":%d,"
		    "\"state\":\"%s\",\"sessions\":%zu}",
		    w != TAILQ_FIRST(&s->workers) ? "," : "", w->worker,
		    (int)w->pid, w->leaving ? "leaving" :
		    child_state_name(w->state),
		    pass_sessions(m->pass, w->place));
		if (r != 0)
			break;
	}
	if (r == 0)
		r = buf_putc(&b, ']');
	answer(c, &b, r);
}

/* Pages in memory, in KiB; 0 when it cannot be read. */
static long
resident_kb(pid_t pid)
{
	char path[32];
	long pages = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	f = pid > 0 ? fopen(path, "re") : NULL;
	if (f == NULL)
		return 0;
	if (fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* The id of a request as the log has it. */
static int
put_running(struct buf *b, uint64_t id)
{
	if (id == 0)
		return buf_puts(b, ",\"running\":null");
	return buf_printf(b, ",\"running\":\"%016" PRIx64 "\"", id);
}

static int
put_page(struct buf *b, const struct status *p)
{
	if (p == NULL)
		return 0;
	if (put_running(b, status_running(p)) != 0)
		return -1;
	return buf_printf(b, ",\"database\":\"%s\",\"served\":%" PRIu64
	    ",\"failed\":%" PRIu64 ",\"rows\":%" PRIu64 ",\"bytes\":%" PRIu64,
	    atomic_load(&p->database_up) != 0 ? "up" : "down",
	    atomic_load(&p->served), atomic_load(&p->failed),
	    atomic_load(&p->rows), atomic_load(&p->bytes));
}

static void
on_collectors(struct master *m, struct caller *c, char *word)
{
	const struct slots *s = m->slots;
	const struct collector *k;
	struct buf b;
	int r;

	(void)word;
	buf_init(&b, 0);
	r = buf_puts(&b, "\"collectors\":[");
	TAILQ_FOREACH(k, &s->collectors, entry) {
		if (r != 0)
			break;
		r = buf_printf(&b, "%s{\"collector\":\"%u.%u\",\"pid\":%d,"
		    "\"state\":\"%s\",\"memory_kb\":%ld",
		    k != TAILQ_FIRST(&s->collectors) ? "," : "",
		    k->child.worker, k->child.index, (int)k->child.pid,
		    child_state_name(k->child.state),
		    resident_kb(k->child.pid));
		if (r == 0)
			r = put_page(&b, k->status);
		if (r == 0 && k->why[0] != '\0' &&
		    (r = buf_puts(&b, ",\"why\":")) == 0)
			r = json_quote_text(&b, k->why);
		if (r == 0)
			r = buf_putc(&b, '}');
	}
	if (r == 0)
		r = buf_putc(&b, ']');
	answer(c, &b, r);
}

static void
on_sessions(struct master *m, struct caller *c, char *word)
{
	(void)word;
	control_ask(m, c, MSG_ASK_SESSIONS, "sessions");
}

static void
on_queue(struct master *m, struct caller *c, char *word)
{
	(void)word;
	control_ask(m, c, MSG_ASK_QUEUE, "queue");
}

/* ---- what there shall be ------------------------------------------------- */

static void
on_reload(struct master *m, struct caller *c, char *word)
{
	(void)word;
	control_wait_reload(c);
	reload_ask(m);
}

static void
on_upgrade(struct master *m, struct caller *c, char *word)
{
	(void)word;
	control_wait_upgrade(c);
	upgrade_start(m);
}

static void
on_drain(struct master *m, struct caller *c, char *word)
{
	const struct buf nothing = { .len = 0 };

	(void)word;
	control_answer(c, &nothing);
	stop_begin(m);
}

static void
on_kill(struct master *m, struct caller *c, char *word)
{
	struct msg_closed closed;
	unsigned int worker;
	struct buf b;

	if (strlen(word) < SID_SHOWN || strlen(word) > MSG_SID_LEN) {
		control_refuse(c, "a session is named by %d to %d characters "
		    "of its id", SID_SHOWN, MSG_SID_LEN);
		return;
	}
	switch (pass_find(m->pass, word, closed.sid, &worker)) {
	case 0:
		control_refuse(c, "there is no session %s", word);
		return;
	case 1:
		break;
	default:
		control_refuse(c, "several sessions begin with %s", word);
		return;
	}
	buf_init(&b, 0);
	if (worker == 0 || msg_put_closed(&b, &closed) != 0) {
		control_refuse(c, "the session has no worker yet");
	} else {
		child_send(slots_worker(m->slots, worker), &b, NULL, 0);
		buf_clear(&b);
		control_answer(c, &b);
	}
	buf_fini(&b);
}

/* ---- the table ----------------------------------------------------------- */

static const struct {
	const char *name;
	const char *argument;	/* what it is; NULL = takes none */
	void (*run)(struct master *m, struct caller *c, char *word);
} commands[] = {
	{ "status", NULL, on_status },
	{ "workers", NULL, on_workers },
	{ "collectors", NULL, on_collectors },
	{ "sessions", NULL, on_sessions },
	{ "queue", NULL, on_queue },
	{ "reload", NULL, on_reload },
	{ "upgrade", NULL, on_upgrade },
	{ "drain", NULL, on_drain },
	{ "kill", "a session", on_kill },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

void
control_command(struct master *m, struct caller *c, char *line)
{
	char *word = line + strcspn(line, " ");

	/* Who looks at sessions finds them in their workers. */
	opens_settle(m);
	if (*word != '\0')
		*word++ = '\0';
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, line) != 0)
			continue;
		if ((*word != '\0') != (commands[i].argument != NULL))
			control_refuse(c, "%s takes %s", line,
			    commands[i].argument == NULL ? "no argument" :
			    commands[i].argument);
		else if (m->phase != MASTER_RUNNING)
			control_refuse(c, "the gateway is %s", m->phase ==
			    MASTER_STARTING ? "starting" : "ending");
		else
			commands[i].run(m, c, word);
		return;
	}
	control_refuse(c, "there is no command %s", line);
}
