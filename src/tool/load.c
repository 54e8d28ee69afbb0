/* A loader is started, asked, listened to, and ended. */
#include "tool/load.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "ipc/fdpass.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "ipc/view.h"

/* Files on a network disk may take their time; a person does not wait more. */
#define LOADER_MS 30000

struct asked {
	pid_t loader;
	int fd;				/* our end of its channel */
	uint64_t deadline_ms;		/* of its answer */
	struct load *load;		/* filled when there are no faults */
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
start_loader(struct asked *asked, const char *path, struct err *err)
{
	struct spawn_params p = { .role = SPAWN_LOADER,
	    .log_level = LOG_LEVEL_WARN, .nfds = 1 };
	int ends[2];

	if (spawn_init(err) == -1 || fdpass_pair(ends, err) == -1)
		return -1;
	p.fds[0] = ends[1];
	asked->fd = ends[0];
	asked->loader = spawn_role(&p, err);
	close(ends[1]);
	return asked->loader == -1 ? -1 : send_load(asked->fd, path, err);
}

/* Wait for the loader until the deadline; -1: it has passed. */
static int
wait_readable(const struct asked *asked, struct err *err)
{
	struct pollfd p = { .fd = asked->fd, .events = POLLIN };
	uint64_t now = clock_ms();

	if (now >= asked->deadline_ms)
		return err_set(err, ERR_TIMEOUT,
		    "the loader has not answered within %d s",
		    LOADER_MS / 1000);
	poll(&p, 1, (int)(asked->deadline_ms - now));
	return 0;
}

/* The next message of the loader; -1: there will be none. */
static int
receive(const struct asked *asked, struct message *m, struct err *err)
{
	enum fdpass_result got;
	size_t len;
	char *room;

	buf_clear(&m->bytes);
	room = buf_room(&m->bytes, FDPASS_BYTES_MAX);
	if (room == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	while ((got = fdpass_recv(asked->fd, room, FDPASS_BYTES_MAX, &len,
	    m->fds, &m->nfds)) == FDPASS_AGAIN)
		if (wait_readable(asked, err) == -1)
			return -1;
	if (got != FDPASS_OK)
		return err_set(err, ERR_INTERNAL,
		    "the loader ended without an answer");
	buf_added(&m->bytes, len);
	return 0;
}

static int
take_view(struct load *load, size_t i, int fd, struct err *err)
{
	const char *data;
	size_t len;
	int result;

	if (view_map(fd, &data, &len, err) == -1)
		return -1;
	result = conf_view_get(&load->views[i], data, len, err);
	view_unmap(data, len);
	load->fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (load->fds[i] == -1 && result == 0)
		result = err_set_errno(err, ERR_INTERNAL, "a view");
	return result;
}

static int
take_views(struct asked *asked, const int *fds, size_t nfds, struct err *err)
{
	if (nfds != LOAD_VIEWS)
		return err_set(err, ERR_INTERNAL, "the loader sent no views");
	for (size_t i = 0; i < nfds; i++)
		if (take_view(asked->load, i, fds[i], err) == -1)
			return -1;
	return 0;
}

/* One message: 1 = go on, 0 = no faults, -1 = faults, or err is filled. */
static int
take_message(struct asked *asked, const struct message *m, struct err *err)
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
	asked->load->refused = loaded.refused;
	return take_views(asked, m->fds, m->nfds, err);
}

/* Everything that the loader says, with the last result of take_message(). */
static int
listen_to_loader(struct asked *asked, struct err *err)
{
	struct message m = { .nfds = 0 };
	int result = 1;

	buf_init(&m.bytes, FDPASS_BYTES_MAX);
	while (result == 1 && (result = receive(asked, &m, err)) == 0) {
		result = take_message(asked, &m, err);
		while (m.nfds > 0)
			close(m.fds[--m.nfds]);
	}
	buf_fini(&m.bytes);
	return result;
}

/* It has answered, or never will: it has nothing more to do. */
static void
end_loader(const struct asked *asked)
{
	if (asked->fd != -1)
		close(asked->fd);
	if (asked->loader == -1)
		return;
	kill(asked->loader, SIGKILL);
	waitpid(asked->loader, NULL, 0);
}

int
load_run(struct load *load, const char *path, const char *name)
{
	struct asked asked = { .loader = -1, .fd = -1, .load = load };
	struct err err = { .code = ERR_NONE };
	int status = EX_OSERR;

	memset(load, 0, sizeof(*load));
	for (size_t i = 0; i < LOAD_VIEWS; i++)
		load->fds[i] = -1;
	asked.deadline_ms = clock_ms() + LOADER_MS;
	if (start_loader(&asked, path, &err) == 0 &&
	    listen_to_loader(&asked, &err) == 0)
		status = EX_OK;
	else if (err.code == ERR_NONE)
		status = EX_CONFIG;
	else
		fprintf(stderr, "%s: %s\n", name, err.text);
	end_loader(&asked);
	return status;
}

void
load_fini(struct load *load)
{
	for (size_t i = 0; i < LOAD_VIEWS; i++) {
		conf_fini(&load->views[i]);
		if (load->fds[i] != -1)
			close(load->fds[i]);
	}
}
