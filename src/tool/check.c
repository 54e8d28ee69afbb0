/*
 * Asks the very loader that a start would ask, so that what is good here is
 * good there.
 */
#include "tool/check.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "db/db.h"
#include "ipc/fdpass.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "ipc/view.h"
#include "model/schema.h"

/* Files on a network disk may take their time; a person does not wait more. */
#define LOADER_MS 30000
/* The places of LOADED's descriptors that are used here. */
enum { VIEW_MASTER, VIEW_WORKER, VIEW_COLLECTOR, VIEWS };

struct check {
	pid_t loader;
	int fd;				/* our end of its channel */
	uint64_t deadline_ms;		/* of its answer */
	struct conf views[VIEWS];	/* filled when there are no faults */
};

/* What it said last; the descriptors are ours to close. */
struct message {
	struct buf bytes;
	int fds[FDPASS_FDS_MAX];
	size_t nfds;
};

static struct msg_bytes
bytes_of(const char *text)
{
	return (struct msg_bytes){ text, text == NULL ? 0 : strlen(text) };
}

static int
send_load(int fd, const char *path, struct err *err)
{
	const struct msg_load m = {
		.path = bytes_of(path),
		.database_url = bytes_of(getenv("DATABASE_URL")),
		.psk = bytes_of(getenv("PSK")),
		.port = bytes_of(getenv("PORT")),
	};
	struct buf b;
	int result = -1;

	buf_init(&b, FDPASS_BYTES_MAX);
	if (msg_put_load(&b, &m) == 0 &&
	    fdpass_send(fd, b.data, b.len, NULL, 0) == FDPASS_OK)
		result = 0;
	else
		err_set(err, ERR_INTERNAL, "the loader does not listen");
	buf_wipe(&b);
	return result;
}

static int
start_loader(struct check *check, const char *path, struct err *err)
{
	struct spawn_params p = { .role = SPAWN_LOADER,
	    .log_level = LOG_LEVEL_WARN, .nfds = 1 };
	int ends[2];

	if (spawn_init(err) == -1 || fdpass_pair(ends, err) == -1)
		return -1;
	p.fds[0] = ends[1];
	check->fd = ends[0];
	check->loader = spawn_role(&p, err);
	close(ends[1]);
	return check->loader == -1 ? -1 : send_load(check->fd, path, err);
}

/* Wait for the loader until the deadline; -1: it has passed. */
static int
wait_readable(const struct check *check, struct err *err)
{
	struct pollfd p = { .fd = check->fd, .events = POLLIN };
	uint64_t now = clock_ms();

	if (now >= check->deadline_ms)
		return err_set(err, ERR_TIMEOUT,
		    "the loader has not answered within %d s",
		    LOADER_MS / 1000);
	poll(&p, 1, (int)(check->deadline_ms - now));
	return 0;
}

/* The next message of the loader; -1: there will be none. */
static int
receive(const struct check *check, struct message *m, struct err *err)
{
	enum fdpass_result got;
	size_t len;
	char *room;

	buf_clear(&m->bytes);
	room = buf_room(&m->bytes, FDPASS_BYTES_MAX);
	if (room == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	while ((got = fdpass_recv(check->fd, room, FDPASS_BYTES_MAX, &len,
	    m->fds, &m->nfds)) == FDPASS_AGAIN)
		if (wait_readable(check, err) == -1)
			return -1;
	if (got != FDPASS_OK)
		return err_set(err, ERR_INTERNAL,
		    "the loader ended without an answer");
	buf_added(&m->bytes, len);
	return 0;
}

static int
take_view(struct conf *c, int fd, struct err *err)
{
	const char *data;
	size_t len;
	int result;

	if (view_map(fd, &data, &len, err) == -1)
		return -1;
	result = conf_view_get(c, data, len, err);
	view_unmap(data, len);
	return result;
}

static int
take_views(struct check *check, const int *fds, size_t nfds, struct err *err)
{
	if (nfds != VIEWS)
		return err_set(err, ERR_INTERNAL, "the loader sent no views");
	for (size_t i = 0; i < nfds; i++)
		if (take_view(&check->views[i], fds[i], err) == -1)
			return -1;
	return 0;
}

/* One message: 1 = go on, 0 = no faults, -1 = faults, or err is filled. */
static int
take_message(struct check *check, const struct message *m, struct err *err)
{
	struct msg_fault fault;
	struct msg_loaded loaded;

	if (msg_get_fault(m->bytes.data, m->bytes.len, &fault) == 0) {
		fprintf(stderr, "%.*s\n", (int)fault.text.len,
		    fault.text.data);
		return 1;
	}
	if (msg_get_loaded(m->bytes.data, m->bytes.len, &loaded) == -1)
		return err_set(err, ERR_INTERNAL, "the loader talks nonsense");
	if (loaded.faults > 0)
		return -1;
	return take_views(check, m->fds, m->nfds, err);
}

/* Everything that the loader says, with the last result of take_message(). */
static int
listen_to_loader(struct check *check, struct err *err)
{
	struct message m = { .nfds = 0 };
	int result = 1;

	buf_init(&m.bytes, FDPASS_BYTES_MAX);
	while (result == 1 && (result = receive(check, &m, err)) == 0) {
		result = take_message(check, &m, err);
		while (m.nfds > 0)
			close(m.fds[--m.nfds]);
	}
	buf_fini(&m.bytes);
	return result;
}

static void
print_keys(const struct conf *c)
{
	if (c->socketio.auth == CONF_AUTH_NONE) {
		printf("keys        none asked for\n");
		return;
	}
	for (size_t i = 0; i < c->nkeys; i++)
		printf("%s%s", i == 0 ? "keys        " : ", ",
		    c->keys[i].name);
	putchar('\n');
}

/* The loader has read url and schema already: neither can be faulty here. */
static void
print_data(const struct conf *c)
{
	struct db_target target;
	struct schema *schema;

	if (db_target_read(&target, c->database.url, c->database.folder,
	    NULL) == 0) {
		printf("database    %s\n", target.shown);
		db_target_fini(&target);
	}
	schema = schema_read(c->schema.path, c->schema.text, c->schema.len,
	    NULL, NULL);
	if (schema != NULL)
		printf("schema      %s: %zu models\n", c->schema.path,
		    schema_nmodels(schema));
	schema_free(&schema);
}

static void
print_summary(const struct check *check)
{
	const struct conf *master = &check->views[VIEW_MASTER];
	const struct conf *worker = &check->views[VIEW_WORKER];

	for (size_t i = 0; i < master->listen.n; i++)
		printf("listen      %s\n", master->listen.v[i]);
	printf("workers     ");
	if (master->workers == 0)
		printf("one per core");
	else
		printf("%jd", (intmax_t)master->workers);
	printf(", each with %jd connections\n",
	    (intmax_t)master->database.connections);
	print_keys(worker);
	print_data(&check->views[VIEW_COLLECTOR]);
	printf("collectors ");
	for (size_t i = 0; i < worker->ncollectors; i++)
		printf("%s %s", i == 0 ? "" : ",",
		    worker->collectors[i].name);
	printf("%s\n", worker->ncollectors == 0 ? " none" : "");
}

/* The loader has answered, or never will: it has nothing more to do. */
static void
end_loader(const struct check *check)
{
	if (check->fd != -1)
		close(check->fd);
	if (check->loader == -1)
		return;
	kill(check->loader, SIGKILL);
	waitpid(check->loader, NULL, 0);
}

int
check_run(const char *path)
{
	struct check check = { .loader = -1, .fd = -1 };
	struct err err = { .code = ERR_NONE };
	int status = EX_OSERR;

	check.deadline_ms = clock_ms() + LOADER_MS;
	log_open(STDERR_FILENO, "check", LOG_LEVEL_WARN);
	if (start_loader(&check, path, &err) == 0 &&
	    listen_to_loader(&check, &err) == 0) {
		print_summary(&check);
		status = EX_OK;
	} else if (err.code == ERR_NONE) {
		status = EX_CONFIG;
	} else {
		fprintf(stderr, "dalpuri check: %s\n", err.text);
	}
	end_loader(&check);
	for (size_t i = 0; i < VIEWS; i++)
		conf_fini(&check.views[i]);
	return status;
}
