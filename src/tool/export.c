/*
 * The request is put into a queue of our own and run by a collector of our
 * own, the very process that a gateway starts: so the rows are the same.
 */
#include "tool/export.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/nearest.h"
#include "ipc/fdpass.h"
#include "ipc/msg.h"
#include "ipc/queue.h"
#include "ipc/reply.h"
#include "ipc/spawn.h"
#include "ipc/status.h"
#include "ipc/view.h"
#include "tool/command.h"
#include "tool/load.h"
#include "tool/options.h"
#include "tool/progress.h"

#define NAME "dalpuri export"

/* Of the only view and the only request that the collector ever sees. */
#define GENERATION 1
#define REQUEST_ID 1
/* Between two looks at the bar while nothing comes. */
#define TICK_MS 200

struct export {
	const char *conf_path, *collector;
	struct options options;
	struct load load;
	pid_t pid;		/* of the collector; -1 = none */
	int channel, queue, reply;
	bool begun;		/* something is written */
	struct status *status;
	struct progress progress;
	struct err err;
};

/*
 * What protects clients and gateway from an answer that is too large or too
 * slow does not bind a file; the caps of the collector's file do.
 */
static int
seal_view(struct export *e)
{
	struct conf *c = &e->load.views[LOAD_COLLECTOR];
	struct buf b;
	int fd = -1;

	c->database.max_result_bytes = 0;
	c->database.query_timeout_ms = 0;
	c->log_level = LOG_LEVEL_ERROR;
	buf_init(&b, 0);
	if (conf_view_put(c, CONF_COLLECTOR, &b) == 0)
		fd = view_seal("dalpuri view", b.data, b.len, &e->err);
	else
		err_set(&e->err, ERR_INTERNAL, "out of memory");
	buf_wipe(&b);
	return fd;
}

static int
send_view(struct export *e)
{
	const struct msg_view m = { .generation = GENERATION };
	struct buf b;
	int fd = seal_view(e), result = -1;

	if (fd == -1)
		return -1;
	buf_init(&b, FDPASS_BYTES_MAX);
	if (msg_put_view(&b, MSG_VIEW, &m) == 0 && fdpass_send(e->channel,
	    b.data, b.len, &fd, 1) == FDPASS_OK)
		result = 0;
	else
		err_set(&e->err, ERR_INTERNAL, "the collector does not listen");
	buf_fini(&b);
	close(fd);
	return result;
}

static int
start_collector(struct export *e)
{
	struct spawn_params p = { .role = SPAWN_COLLECTOR, .worker = 1,
	    .index = 1, .log_level = LOG_LEVEL_ERROR, .nfds = 3 };
	int ends[2], read_end, page = status_create(&e->err);

	if (page == -1)
		return -1;
	e->status = status_map(page);
	if (e->status == NULL || fdpass_pair(ends, &e->err) == -1) {
		close(page);
		return -1;
	}
	e->channel = ends[0];
	if (queue_pair(&e->queue, &read_end, &e->err) == 0) {
		p.fds[0] = ends[1];
		p.fds[1] = read_end;
		p.fds[2] = page;
		e->pid = spawn_role(&p, &e->err);
		close(read_end);
	}
	close(ends[1]);
	close(page);
	return e->pid == -1 ? -1 : send_view(e);
}

static int
ask(struct export *e)
{
	const char *options = options_text(&e->options);
	struct queue_request q = { .id = REQUEST_ID, .worker = 1,
	    .generation = GENERATION, .nsp = "/",
	    .options = { options, strlen(options) } };

	(void)snprintf(q.collector, sizeof(q.collector), "%s", e->collector);
	(void)snprintf(q.key, sizeof(q.key), "%s", "export");
	if (queue_put(e->queue, &q, &e->reply) != FDPASS_OK)
		return err_set(&e->err, ERR_INTERNAL,
		    "the request cannot be asked");
	return 0;
}

static int
write_all(struct export *e, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, data, len);

		if (n == -1 && errno != EINTR)
			return err_set_errno(&e->err, ERR_INTERNAL,
			    "standard output");
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* A request that is refused leaves nothing in the file. */
static int
begin(struct export *e)
{
	if (e->begun)
		return 0;
	e->begun = true;
	return write_all(e, "[", 1);
}

static int
finish(struct export *e)
{
	return begin(e) != 0 ? -1 : write_all(e, "]\n",
	    isatty(STDOUT_FILENO) == 1 ? 2 : 1);
}

/* 1: more to come, 0: all is there, -1: the reason is in e->err. */
static int
take_reply(struct export *e, const char *data, size_t len)
{
	struct reply r;

	if (reply_get(data, len, &r) != 0)
		return err_set(&e->err, ERR_INTERNAL,
		    "the collector talks nonsense");
	switch (r.type) {
	case REPLY_ROWS:
	case REPLY_ANSWER:
		e->progress.bytes += r.text.len;
		if (begin(e) != 0 || write_all(e, r.text.data, r.text.len) != 0)
			return -1;
		return r.type == REPLY_ANSWER ? finish(e) : 1;
	case REPLY_ATTACHMENT:
		return err_set(&e->err, ERR_BAD_OPTIONS, "the rows have Bytes, "
		    "which are no JSON: set bytes = base64 in the collector's "
		    "file, or leave them out with select or omit");
	case REPLY_FAILURE:
	case REPLY_REFUSAL:
		return err_set(&e->err, r.code, "%.*s", (int)r.text.len,
		    r.text.data);
	case REPLY_END:
		return finish(e);
	case REPLY_BEGUN:
	case REPLY_BINARY:	/* plugins are not exported */
	case REPLY_EMIT:
	case REPLY_ACK:
	case REPLY_TYPES:
		break;
	}
	return 1;
}

/* All messages of the reply, in their order. */
static int
copy_reply(struct export *e)
{
	static char message[REPLY_BYTES_MAX];
	struct pollfd p = { .fd = e->reply, .events = POLLIN };
	int fds[FDPASS_FDS_MAX], result = 1;
	size_t len, nfds;

	while (result == 1) {
		enum fdpass_result got = fdpass_recv(e->reply, message,
		    sizeof(message), &len, fds, &nfds);

		while (got == FDPASS_OK && nfds > 0)
			close(fds[--nfds]);
		if (got == FDPASS_AGAIN)
			poll(&p, 1, TICK_MS);
		else if (got != FDPASS_OK)
			return err_set(&e->err, ERR_WORKER_LOST,
			    "the process that ran the request died");
		else
			result = take_reply(e, message, len);
		progress_show(&e->progress,
		    atomic_load(&e->status->rows_so_far));
	}
	return result;
}

/* Before a process is started: is there such a collector? */
static int
find_collector(struct export *e)
{
	const struct conf *c = &e->load.views[LOAD_WORKER];
	struct nearest n;

	nearest_start(&n, e->collector, strlen(e->collector));
	for (size_t i = 0; i < c->ncollectors; i++) {
		if (strcmp(c->collectors[i].name, e->collector) == 0)
			return !c->collectors[i].plugin ? 0 :
			    err_set(&e->err, ERR_BAD_OPTIONS, "\"%s\" is a "
			    "collector in C, which answers clients only: use "
			    "dalpuri call", e->collector);
		nearest_try(&n, c->collectors[i].name);
	}
	return err_set(&e->err, ERR_UNKNOWN_COLLECTOR,
	    "there is no collector \"%s\"%s%s%s", e->collector,
	    n.best != NULL ? "; did you mean \"" : "",
	    n.best != NULL ? n.best : "", n.best != NULL ? "\"?" : "");
}

/* Our closing of the reply ends a request that is still running. */
static void
end_collector(struct export *e)
{
	const int fds[] = { e->reply, e->queue, e->channel };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] != -1)
			close(fds[i]);
	if (e->pid != -1) {
		kill(e->pid, SIGKILL);
		waitpid(e->pid, NULL, 0);
	}
	if (e->status != NULL)
		status_unmap(e->status);
}

static int
run(struct export *e)
{
	int status = load_run(&e->load, e->conf_path, NAME);

	if (status != EX_OK)
		return status;
	progress_start(&e->progress);
	if (find_collector(e) == 0 && start_collector(e) == 0 && ask(e) == 0 &&
	    copy_reply(e) == 0) {
		progress_end(&e->progress,
		    atomic_load(&e->status->rows_so_far));
		return EX_OK;
	}
	progress_clear(&e->progress);
	fprintf(stderr, NAME ": %s: %s\n", err_code_name(e->err.code),
	    e->err.text);
	return e->err.code == ERR_INTERNAL ? EX_OSERR : EXIT_FAILURE;
}

/* EX_OK, or what the command ends with. */
static int
read_words(struct export *e, int argc, char **argv)
{
	static const struct option words[] = {
		{ "help", no_argument, NULL, 'h' },
		OPTIONS_WORDS,
		{ NULL, 0, NULL, 0 }
	};
	int flag, word;

	while ((flag = getopt_long(argc, argv, "c:h", words, &word)) != -1) {
		if (flag == 'c' && *optarg != '\0')
			e->conf_path = optarg;
		else if (flag != OPTIONS_FLAG)
			return flag == 'h' ? COMMAND_HELP : EX_USAGE;
		else if (options_add(&e->options, words[word].name, optarg,
		    &e->err) != 0) {
			fprintf(stderr, NAME ": %s\n", e->err.text);
			return EX_USAGE;
		}
	}
	if (optind != argc - 1)
		return EX_USAGE;
	e->collector = argv[optind];
	return EX_OK;
}

int
export_command(int argc, char **argv)
{
	struct export e = { .pid = -1, .channel = -1, .queue = -1,
	    .reply = -1 };
	int status = read_words(&e, argc, argv);

	if (status == EX_OK) {
		log_open(STDERR_FILENO, "export", LOG_LEVEL_WARN);
		status = run(&e);
		end_collector(&e);
		load_fini(&e.load);
	}
	options_fini(&e.options);
	return status;
}
