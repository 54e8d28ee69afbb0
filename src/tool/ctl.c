/*
 * dalpurictl: asks a running gateway over its control socket, and shows the
 * answer as a table, or as it came.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "conf/conf_disk.h"

#define STANDARD_CONF SYSCONFDIR "/dalpuri/dalpuri.conf"
/* Longer than anything that the gateway waits for. */
#define PATIENCE_S 90
#define READ_BYTES (64 * 1024)
#define COLUMNS_MAX 32
#define CELL_MAX 256

struct ctl {
	const char *socket_path, *conf_path;
	bool json;
	char request[512];
};

static int
usage(FILE *to, int status)
{
	fputs("usage: dalpurictl [-c file | -s socket] [--json] command\n"
	    "commands: status, workers, collectors, sessions, queue, reload, "
	    "drain, upgrade,\n"
	    "          kill session\n"
	    "See dalpurictl(8).\n", to);
	return status;
}

/* ---- the gateway --------------------------------------------------------- */

/* The control path of a conf, whatever else is wrong with it. */
static char *
conf_socket(const char *path)
{
	struct conf_faults faults = { .count = 0 };
	struct conf c;
	char *folder, *found = NULL;

	if (conf_init(&c) != 0)
		return NULL;
	(void)!conf_read(&c, path, &faults);
	folder = conf_disk_folder(path);
	if (folder != NULL && c.control != NULL)
		found = conf_disk_join(folder, c.control);
	free(folder);
	conf_faults_fini(&faults);
	conf_fini(&c);
	return found;
}

static int
connect_to(const char *path)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "dalpurictl: %s: the path is too long\n",
		    path);
	} else if (fd != -1) {
		strcpy(address.sun_path, path);
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		    sizeof(patience));
		if (connect(fd, (const struct sockaddr *)(const void *)
		    &address, sizeof(address)) == 0)
			return fd;
		fprintf(stderr, "dalpurictl: %s: %s%s\n", path,
		    strerror(errno), errno == ENOENT ||
		    errno == ECONNREFUSED ? ": no gateway listens there" : "");
	}
	if (fd != -1)
		close(fd);
	return -1;
}

static int
exchange(int fd, const char *request, struct buf *answer)
{
	ssize_t n;

	if (send(fd, request, strlen(request), MSG_NOSIGNAL) == -1)
		return -1;
	for (;;) {
		char *room = buf_room(answer, READ_BYTES);

		if (room == NULL)
			return -1;
		n = recv(fd, room, READ_BYTES, 0);
		if (n == 0)
			return answer->len > 0 ? 0 : -1;
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			buf_added(answer, (size_t)n);
	}
}

static int
ask(const char *path, const char *request, struct buf *answer)
{
	int fd = connect_to(path), r;

	if (fd == -1)
		return -1;
	r = exchange(fd, request, answer);
	close(fd);
	if (r == -1)
		fprintf(stderr, "dalpurictl: %s: no answer\n", path);
	return r;
}

/* ---- tables -------------------------------------------------------------- */

/* A value as a cell: lists with commas, nothing for null. */
static void
put_cell(char out[CELL_MAX], json_object *value)
{
	size_t len = 0;

	out[0] = '\0';
	if (!json_object_is_type(value, json_type_array)) {
		(void)snprintf(out, CELL_MAX, "%s", value == NULL ? "-" :
		    json_object_get_string(value));
		return;
	}
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		int n = snprintf(out + len, CELL_MAX - len, "%s%s",
		    i > 0 ? "," : "", json_object_get_string(
		    json_object_array_get_idx(value, i)));

		if (n < 0 || (size_t)n >= CELL_MAX - len)
			return;
		len += (size_t)n;
	}
}

/* What a terminal might take for an order is shown as "?". */
static void
print_cell(const char *cell, size_t width)
{
	size_t len = strlen(cell);

	for (const char *p = cell; *p != '\0'; p++)
		putchar((unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
	for (; len < width; len++)
		putchar(' ');
}

struct columns {
	size_t n;
	const char *names[COLUMNS_MAX];
	size_t widths[COLUMNS_MAX];
};

static size_t *
column_width(struct columns *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->names[i], name) == 0)
			return &c->widths[i];
	if (c->n == COLUMNS_MAX)
		return NULL;
	c->names[c->n] = name;
	c->widths[c->n] = strlen(name);
	return &c->widths[c->n++];
}

static void
measure(struct columns *c, json_object *list)
{
	char cell[CELL_MAX];

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *row = json_object_array_get_idx(list, i);

		json_object_object_foreach(row, name, value) {
			size_t *width = column_width(c, name);

			put_cell(cell, value);
			if (width != NULL && strlen(cell) > *width)
				*width = strlen(cell);
		}
	}
}

static void
print_table(const char *name, json_object *list)
{
	struct columns c = { .n = 0 };
	char cell[CELL_MAX];

	if (json_object_array_length(list) == 0) {
		printf("no %s\n", name);
		return;
	}
	measure(&c, list);
	for (size_t i = 0; i < c.n; i++)
		print_cell(c.names[i], i + 1 < c.n ? c.widths[i] + 2 : 0);
	putchar('\n');
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *row = json_object_array_get_idx(list, i);

		for (size_t k = 0; k < c.n; k++) {
			put_cell(cell, json_object_object_get(row,
			    c.names[k]));
			print_cell(cell, k + 1 < c.n ? c.widths[k] + 2 : 0);
		}
		putchar('\n');
	}
}

static bool
is_table(json_object *value)
{
	return json_object_is_type(value, json_type_array) &&
	    (json_object_array_length(value) == 0 || json_object_is_type(
	    json_object_array_get_idx(value, 0), json_type_object));
}

/* Names and values; what is a list of objects is a table of its own. */
static void
print_members(json_object *object)
{
	char cell[CELL_MAX];

	json_object_object_foreach(object, name, value) {
		if (strcmp(name, "ok") == 0)
			continue;
		if (json_object_is_type(value, json_type_object)) {
			print_members(value);
		} else if (is_table(value) && strcmp(name, "faults") != 0) {
			print_table(name, value);
		} else {
			put_cell(cell, value);
			print_cell(name, 28);
			print_cell(cell, 0);
			putchar('\n');
		}
	}
}

static void
print_failure(json_object *answer)
{
	json_object *faults = json_object_object_get(answer, "faults");

	fprintf(stderr, "dalpurictl: %s\n", json_object_get_string(
	    json_object_object_get(answer, "error")));
	for (size_t i = 0; faults != NULL &&
	    i < json_object_array_length(faults); i++)
		fprintf(stderr, "%s\n", json_object_get_string(
		    json_object_array_get_idx(faults, i)));
}

static int
show(const struct ctl *ctl, struct buf *answer)
{
	json_object *json;
	bool ok;

	if (buf_putc(answer, '\0') != 0)
		return EX_OSERR;
	json = json_tokener_parse(answer->data);
	if (!json_object_is_type(json, json_type_object)) {
		fprintf(stderr, "dalpurictl: the answer cannot be read\n");
		json_object_put(json);
		return EX_PROTOCOL;
	}
	ok = json_object_get_boolean(json_object_object_get(json, "ok"));
	if (ctl->json)
		fputs(answer->data, stdout);
	else if (ok)
		print_members(json);
	else
		print_failure(json);
	json_object_put(json);
	return ok ? EX_OK : EXIT_FAILURE;
}

/* ---- the command line ---------------------------------------------------- */

/* The options in front of the next word. */
static int
read_options(struct ctl *ctl, int argc, char **argv)
{
	static const struct option words[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	int flag;

	while ((flag = getopt_long(argc, argv, "+c:hjs:v", words, NULL)) !=
	    -1) {
		if (flag == 'c')
			ctl->conf_path = optarg;
		else if (flag == 's')
			ctl->socket_path = optarg;
		else if (flag == 'j')
			ctl->json = true;
		else if (flag == 'h')
			exit(usage(stdout, EX_OK));
		else if (flag == 'v')
			exit(printf("dalpurictl %s\n", PACKAGE_VERSION) < 0);
		else
			return -1;
	}
	return 0;
}

/* A command and what it is about, which may begin with a dash: sessions do. */
static int
read_words(struct ctl *ctl, int argc, char **argv)
{
	const char *command, *about = "";

	if (read_options(ctl, argc, argv) != 0 || optind == argc)
		return -1;
	command = argv[optind++];
	if (strcmp(command, "kill") == 0 && optind < argc)
		about = argv[optind++];
	if (read_options(ctl, argc, argv) != 0)
		return -1;
	if (optind < argc && *about == '\0')
		about = argv[optind++];
	if (optind < argc || snprintf(ctl->request, sizeof(ctl->request),
	    "%s%s%s\n", command, *about != '\0' ? " " : "", about) >=
	    (int)sizeof(ctl->request) ||
	    strchr(ctl->request, '\n')[1] != '\0')
		return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { .conf_path = STANDARD_CONF };
	struct buf answer;
	char *found = NULL;
	int status = EX_UNAVAILABLE;

	if (read_words(&ctl, argc, argv) != 0)
		return usage(stderr, EX_USAGE);
	if (ctl.socket_path == NULL)
		ctl.socket_path = found = conf_socket(ctl.conf_path);
	buf_init(&answer, 0);
	if (ctl.socket_path == NULL)
		fprintf(stderr, "dalpurictl: %s names no control socket\n",
		    ctl.conf_path);
	else if (ask(ctl.socket_path, ctl.request, &answer) == 0)
		status = show(&ctl, &answer);
	buf_fini(&answer);
	free(found);
	return status;
}
