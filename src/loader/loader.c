/*
 * Reads everything, judges everything, keeps nothing.  What is in the files
 * is judged by the rooms that use them: conf, model and db.
 */
#include "loader/loader.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/conf_table.h"
#include "db/db.h"
#include "ipc/confine.h"
#include "ipc/fdpass.h"
#include "ipc/handover.h"
#include "ipc/msg.h"
#include "ipc/view.h"
#include "model/collector_source.h"
#include "model/plugin_file.h"
#include "model/schema.h"

/* What ipc/view.h is willing to map. */
#define VIEW_BYTES_MAX (64 * 1024 * 1024)

/* The views in the order of LOADED's descriptors. */
static const enum conf_role view_roles[] = {
	CONF_MASTER, CONF_WORKER, CONF_COLLECTOR
};
#define VIEWS (sizeof(view_roles) / sizeof(view_roles[0]))

struct load {
	struct conf conf;
	struct conf_faults faults;
	struct conf old;		/* the collectors' view in force, or
					 * nothing */
	const struct dialect *dialect;	/* NULL = not known */
	/* The LOAD message, in memory of its own. */
	char *path, *database_url, *psk, *port;
};

/* The rooms that read files tell whole lines. */
static void
take_fault(void *ctx, const char *line)
{
	struct load *load = ctx;

	conf_fault(&load->faults, NULL, 0, "%s", line);
}

static void
take_refusal(void *ctx, const char *line)
{
	struct load *load = ctx;

	conf_refuse(&load->faults, "%s", line);
}

/* It was told when that version came up. */
static void
ignore_refusal(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

/* ---- collectors ---------------------------------------------------------- */

_Static_assert(COLLECTOR_RUNNING_MAX == CONF_RUNNING_MAX, "one bound");

/* What a collector in C declares; false: out of memory. */
static bool
take_plugin(struct conf_file *f, const struct plugin_file *plugin)
{
	conf_list_fini(&f->namespaces);
	f->plugin = plugin != NULL;
	f->connects = f->plugin && plugin->connects;
	for (size_t i = 0; f->plugin && i < plugin->nnamespaces; i++)
		if (conf_list_add(&f->namespaces,
		    plugin->declared.namespaces[i]) != 0)
			return false;
	return true;
}

static bool
is_good(struct load *load, const struct schema *schema,
    struct conf_file *f, void (*fault)(void *ctx, const char *line))
{
	const struct collector_source source = { .name = f->name,
	    .path = f->path, .text = f->text, .len = f->len };
	struct collector *c;
	bool good;

	if (f->refused)
		return false;
	c = collector_source_read(schema, load->dialect, &source, fault,
	    load);
	good = c != NULL && take_plugin(f, c->plugin);
	if (good) {
		f->max_running = c->max_running;
		f->coalesce = c->coalesce;
	}
	collector_free(&c);
	return good;
}

/* The version of a collector that is in force; NULL = none. */
static struct conf_file *
find_old(struct load *load, const char *name)
{
	for (size_t i = 0; i < load->old.ncollectors; i++)
		if (strcmp(load->old.collectors[i].name, name) == 0)
			return &load->old.collectors[i];
	return NULL;
}

/* Faulty: the last good version stays, unless the schema forbids it. */
static void
replace(struct load *load, const struct schema *schema, struct conf_file *f)
{
	struct conf_file *old = find_old(load, f->name), swapped;

	if (old == NULL || !is_good(load, schema, old, ignore_refusal)) {
		free(f->text);
		f->text = NULL;
		f->len = 0;
		f->refused = true;
		conf_list_fini(&f->namespaces);
		return;
	}
	conf_refuse(&load->faults, "%s: its last good version stays in force",
	    f->path);
	swapped = *f;
	*f = *old;
	*old = swapped;
}

/* Clients may join what a collector in C declares. */
static void
add_namespaces(struct load *load, const struct conf_file *f)
{
	struct conf_list *all = &load->conf.socketio.namespaces;

	for (size_t i = 0; !f->refused && i < f->namespaces.n; i++)
		if (!conf_list_has(all, f->namespaces.v[i]) &&
		    conf_list_add(all, f->namespaces.v[i]) != 0)
			conf_fault(&load->faults, NULL, 0, "out of memory");
}

static void
judge_collectors(struct load *load, const struct schema *schema)
{
	for (size_t i = 0; i < load->conf.ncollectors; i++) {
		struct conf_file *f = &load->conf.collectors[i];

		if (!is_good(load, schema, f, take_refusal))
			replace(load, schema, f);
		add_namespaces(load, f);
		if (!f->refused && f->connects)
			load->conf.greets = true;
	}
}

/* Collectors are read only with a schema: each would repeat its faults. */
static void
judge_files(struct load *load)
{
	const struct conf_file *f = &load->conf.schema;
	struct schema *schema = schema_read(f->path, f->text, f->len,
	    take_fault, load);

	if (schema != NULL)
		judge_collectors(load, schema);
	schema_free(&schema);
}

static void
judge_url(struct load *load)
{
	const struct conf *c = &load->conf;
	struct err err;

	if (db_dialect_read(&load->dialect, c->database.url,
	    c->database.folder, &err) == 0)
		return;
	if (*load->database_url != '\0')
		conf_fault(&load->faults, NULL, 0, "DATABASE_URL: %s",
		    err.text);
	else
		conf_fault_at(&load->faults, c, &c->database.url,
		    "database.url: %s", err.text);
}

/* The state of the master that we are to follow: could we read it? */
static void
judge_state(struct load *load, int fd)
{
	const char *data;
	struct err err;
	size_t len;
	int result = view_map(fd, &data, &len, &err);

	if (result == 0) {
		result = handover_check(data, len, &err);
		view_unmap(data, len);
	}
	if (result != 0)
		conf_fault(&load->faults, NULL, 0, "dalpuri %s cannot take "
		    "over: %s", PACKAGE_VERSION, err.text);
}

/*
 * In steps, each on the ground of the one before: a fault of the conf makes
 * every later one a guess.
 */
static void
read_all(struct load *load)
{
	const struct conf_env env = { .database_url = load->database_url,
	    .psk = load->psk, .port = load->port };

	if (*load->path != '\0' &&
	    conf_read(&load->conf, load->path, &load->faults) == -1)
		return;
	if (conf_finish(&load->conf, &env, &load->faults) == -1)
		return;
	judge_url(load);
	judge_files(load);
}

/* Wait until the channel is ready for events; the peer's end counts too. */
static void
wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	while (poll(&p, 1, -1) == -1)
		continue;
}

static int
send_all(int fd, const struct buf *msg, const int *fds, size_t nfds)
{
	enum fdpass_result result;

	for (;;) {
		result = fdpass_send(fd, msg->data, msg->len, fds, nfds);
		if (result != FDPASS_AGAIN)
			return result == FDPASS_OK ? 0 : -1;
		wait_for(fd, POLLOUT);
	}
}

static int
send_fault(int fd, const char *line)
{
	struct msg_fault m = { .text = { line, strlen(line) } };
	struct buf b;
	int result = -1;

	buf_init(&b, FDPASS_BYTES_MAX);
	if (msg_put_fault(&b, &m) == 0)
		result = send_all(fd, &b, NULL, 0);
	buf_fini(&b);
	return result;
}

static int
send_loaded(int fd, const struct conf_faults *faults,
    const int *views)
{
	struct msg_loaded m = { .faults = (uint32_t)faults->count,
	    .refused = (uint32_t)faults->refused };
	struct buf b;
	int result = -1;

	buf_init(&b, FDPASS_BYTES_MAX);
	if (msg_put_loaded(&b, &m) == 0)
		result = send_all(fd, &b, views,
		    faults->count == 0 ? VIEWS : 0);
	buf_fini(&b);
	return result;
}

/* One role's view as a sealed descriptor; -1: err is filled. */
static int
make_view(const struct conf *c, enum conf_role role, struct err *err)
{
	struct buf b;
	int fd = -1;

	buf_init(&b, VIEW_BYTES_MAX);
	if (conf_view_put(c, role, &b) == -1)
		err_set(err, ERR_LIMIT, "schema and collectors: too large");
	else
		fd = view_seal("dalpuri view", b.data, b.len, err);
	buf_wipe(&b);
	return fd;
}

static void
close_views(int views[VIEWS])
{
	for (size_t i = 0; i < VIEWS; i++)
		if (views[i] != -1)
			close(views[i]);
}

/* Make the views unless there are faults; what fails is a fault, too. */
static void
make_views(struct load *load, int views[VIEWS])
{
	struct err err;

	for (size_t i = 0; i < VIEWS; i++)
		views[i] = -1;
	for (size_t i = 0; i < VIEWS && load->faults.count == 0; i++) {
		views[i] = make_view(&load->conf, view_roles[i], &err);
		if (views[i] == -1)
			conf_fault(&load->faults, NULL, 0, "%s", err.text);
	}
}

static int
answer(int fd, struct load *load)
{
	int views[VIEWS];
	int result = 0;

	make_views(load, views);
	for (size_t i = 0; i < load->faults.lines.n && result == 0; i++)
		result = send_fault(fd, load->faults.lines.v[i]);
	if (result == 0)
		result = send_loaded(fd, &load->faults, views);
	close_views(views);
	return result;
}

static char *
text_of(struct msg_bytes bytes)
{
	return strndup(bytes.data == NULL ? "" : bytes.data, bytes.len);
}

/* What is no view was in force nowhere. */
static void
read_old(struct load *load, int fd)
{
	const char *data;
	struct err err;
	size_t len;

	if (view_map(fd, &data, &len, &err) == -1) {
		log_warn("the view in force: %s", err.text);
		return;
	}
	if (conf_view_get(&load->old, data, len, &err) == -1)
		log_warn("the view in force: %s", err.text);
	view_unmap(data, len);
}

/* Receive LOAD into load; -1 when anything else comes. */
static int
receive(int fd, struct load *load)
{
	char *data = malloc(FDPASS_BYTES_MAX);
	int fds[FDPASS_FDS_MAX], result = -1;
	enum fdpass_result got = FDPASS_GONE;
	struct msg_load m;
	size_t len, nfds = 0;

	while (data != NULL && (got = fdpass_recv(fd, data, FDPASS_BYTES_MAX,
	    &len, fds, &nfds)) == FDPASS_AGAIN)
		wait_for(fd, POLLIN);
	if (got == FDPASS_OK && nfds > 0)
		read_old(load, fds[0]);
	while (nfds > 0)
		close(fds[--nfds]);
	if (got == FDPASS_OK && msg_type(data, len) == MSG_LOAD &&
	    msg_get_load(data, len, &m) == 0) {
		load->path = text_of(m.path);
		load->database_url = text_of(m.database_url);
		load->psk = text_of(m.psk);
		load->port = text_of(m.port);
		if (load->path != NULL && load->database_url != NULL &&
		    load->psk != NULL && load->port != NULL)
			result = 0;
	}
	free(data);
	return result;
}

int
loader_run(const struct spawn_params *p)
{
	int fd = p->fds[0], result = -1;
	struct load load = { .path = NULL };
	struct err err;

	if (confine(SPAWN_LOADER, &err) != 0)
		log_warn("not confined: %s", err.text);
	if (conf_init(&load.conf) == 0 && receive(fd, &load) == 0) {
		if (p->role == SPAWN_TRIAL)
			judge_state(&load, p->fds[1]);
		read_all(&load);
		result = answer(fd, &load);
	}
	conf_fini(&load.conf);
	conf_fini(&load.old);
	conf_faults_fini(&load.faults);
	free(load.path);
	free(load.database_url);
	free(load.psk);
	free(load.port);
	return result == 0 ? EX_OK : EX_OSERR;
}
