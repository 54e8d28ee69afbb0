/*
 * What the loader reads from disk: whole regular files of bounded size, and
 * the folders that they are in.
 */
#include "conf/conf_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger than any that a person writes; all travel in one view of 64 MiB. */
#define FILE_BYTES_MAX (8 * 1024 * 1024)
/* Ten times the largest one; all eight fit into the view. */
#define BUNDLE_BYTES_MAX (4 * 1024 * 1024)

/* The kinds of files in the folder of the collectors. */
static const char *const suffixes[] = { ".collector", ".so", ".sql" };
#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

/* The names in socket.io-client/dist that the official server serves. */
static const char *const bundle_names[] = {
	"socket.io.js", "socket.io.js.map",
	"socket.io.min.js", "socket.io.min.js.map",
	"socket.io.esm.min.js", "socket.io.esm.min.js.map",
	"socket.io.msgpack.min.js", "socket.io.msgpack.min.js.map"
};
#define BUNDLE_NAMES (sizeof(bundle_names) / sizeof(bundle_names[0]))

/* Read until the end of the file or of the room; -1 with errno. */
static ssize_t
read_whole(int fd, char *to, size_t room)
{
	size_t got = 0;
	ssize_t n;

	while (got < room) {
		n = read(fd, to + got, room - got);
		if (n == 0)
			break;
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			got += (size_t)n;
	}
	return (ssize_t)got;
}

static int
read_regular(int fd, size_t max, struct conf_content *out, struct err *err)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return err_set(err, ERR_INTERNAL, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INTERNAL, "not a file");
	if ((size_t)st.st_size > max)
		return err_set(err, ERR_LIMIT, "larger than %zu bytes", max);
	out->text = malloc((size_t)st.st_size + 1);
	if (out->text == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	n = read_whole(fd, out->text, (size_t)st.st_size);
	if (n == -1) {
		err_set(err, ERR_INTERNAL, "%s", strerror(errno));
		free(out->text);
		out->text = NULL;
		return -1;
	}
	out->len = (size_t)n;
	out->text[n] = '\0';
	out->for_all = (st.st_mode & S_IROTH) != 0;
	return 0;
}

int
conf_disk_read(const char *path, size_t max, struct conf_content *out,
    struct err *err)
{
	/* Non-blocking: a FIFO is refused instead of waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result;

	memset(out, 0, sizeof(*out));
	if (fd == -1)
		return err_set(err, ERR_INTERNAL, "%s", strerror(errno));
	result = read_regular(fd, max, out, err);
	close(fd);
	return result;
}

char *
conf_disk_join(const char *folder, const char *name)
{
	char *path;

	if (*name == '/')
		return strdup(name);
	return asprintf(&path, "%s/%s", folder, name) == -1 ? NULL : path;
}

char *
conf_disk_folder(const char *path)
{
	char *copy = strdup(path), *folder;

	if (copy == NULL)
		return NULL;
	folder = realpath(dirname(copy), NULL);
	free(copy);
	return folder;
}

/* "/somewhere" when this program is /somewhere/src/dalpuri. */
static bool
source_tree(char out[PATH_MAX])
{
	static const char place[] = "/src/dalpuri";
	const size_t place_len = sizeof(place) - 1;
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);

	if (n < (ssize_t)place_len)
		return false;
	out[n] = '\0';
	n -= (ssize_t)place_len;
	if (strcmp(out + n, place) != 0)
		return false;
	out[n] = '\0';
	return true;
}

char *
conf_disk_standard_folder(void)
{
	char tree[PATH_MAX];

	return source_tree(tree) ? conf_disk_join(tree, "conf") :
	    strdup(SYSCONFDIR "/dalpuri");
}

static int
read_file(struct conf_file *out, const char *name, const char *path,
    size_t max, struct err *err)
{
	struct conf_content content;
	struct err why;

	out->name = strdup(name);
	out->path = strdup(path);
	if (out->name == NULL || out->path == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	if (conf_disk_read(path, max, &content, &why) == -1)
		return err_set(err, why.code, "%s: %s", path, why.text);
	out->text = content.text;
	out->len = content.len;
	return 0;
}

int
conf_disk_file(struct conf_file *out, const char *name, const char *path,
    struct err *err)
{
	return read_file(out, name, path, FILE_BYTES_MAX, err);
}

/* How much of a file's name is the event's; 0 = it is no collector. */
static size_t
event_length(const char *file)
{
	size_t len = strlen(file), suffix;

	for (size_t i = 0; file[0] != '.' && i < SUFFIXES; i++) {
		suffix = strlen(suffixes[i]);
		if (len > suffix &&
		    strcmp(file + len - suffix, suffixes[i]) == 0)
			return len - suffix;
	}
	return 0;
}

bool
conf_is_collector(const char *file)
{
	return event_length(file) > 0;
}

static int
is_collector(const struct dirent *entry)
{
	return conf_is_collector(entry->d_name);
}

/* A file that is refused keeps its event's name. */
static void
refuse(struct conf_file *f)
{
	free(f->text);
	f->text = NULL;
	f->len = 0;
	f->refused = true;
}

/* Is there an event of that name?  Then neither of the files is served. */
static bool
is_taken(struct conf *c, const char *name, const char *path,
    struct conf_faults *faults)
{
	for (size_t i = 0; i < c->ncollectors; i++) {
		struct conf_file *f = &c->collectors[i];

		if (strcmp(f->name, name) != 0)
			continue;
		conf_refuse(faults, "%s:1: the event \"%s\" is that of %s, "
		    "too, expected one file for it", path, name, f->path);
		conf_refuse(faults, "%s:1: the event \"%s\" is that of %s, "
		    "too, expected one file for it", f->path, name, path);
		refuse(f);
		return true;
	}
	return false;
}

/* 0, or -1 when out of memory. */
static int
add_collector(struct conf *c, const char *path, const char *name,
    struct conf_faults *faults)
{
	struct conf_file *all, *f;
	struct err err;

	if (is_taken(c, name, path, faults))
		return 0;
	all = realloc(c->collectors, (c->ncollectors + 1) * sizeof(*all));
	if (all == NULL)
		return -1;
	c->collectors = all;
	f = &all[c->ncollectors++];
	memset(f, 0, sizeof(*f));
	if (conf_disk_file(f, name, path, &err) == 0)
		return 0;
	if (f->name == NULL || f->path == NULL)
		return -1;
	conf_refuse(faults, "%s", err.text);
	refuse(f);
	return 0;
}

/* Take an entry of the folder when it is a regular file, or a link to one. */
static int
take_entry(struct conf *c, const char *folder, const char *file,
    struct conf_faults *faults)
{
	char *path = conf_disk_join(folder, file);
	char name[CONF_NAME_MAX] = "";
	size_t len = event_length(file);
	struct stat st;
	int result = 0;

	if (path == NULL)
		return -1;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		free(path);
		return 0;
	}
	if (len < sizeof(name)) {
		memcpy(name, file, len);
		result = add_collector(c, path, name, faults);
	} else {
		conf_refuse(faults, "%s: the event's name must have at most "
		    "%d bytes", path, CONF_NAME_MAX - 1);
	}
	free(path);
	return result;
}

int
conf_disk_collectors(struct conf *c, const char *folder,
    struct conf_faults *faults, struct err *err)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_collector, alphasort);
	int result = 0;

	if (n == -1)
		return err_set(err, ERR_INTERNAL, "%s: %s", folder,
		    strerror(errno));
	for (int i = 0; i < n; i++) {
		if (result == 0 && take_entry(c, folder, entries[i]->d_name,
		    faults) == -1)
			result = err_set(err, ERR_INTERNAL, "out of memory");
		free(entries[i]);
	}
	free(entries);
	return result;
}

/* What is not there is not served; anything else is a fault. */
static int
take_bundle_file(struct conf *c, const char *folder, const char *name,
    struct err *err)
{
	char *path = conf_disk_join(folder, name);
	int result = 0;

	if (path == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	if (access(path, F_OK) == 0 || errno != ENOENT)
		result = read_file(&c->bundle[c->nbundle++], name, path,
		    BUNDLE_BYTES_MAX, err);
	free(path);
	return result;
}

int
conf_disk_bundle(struct conf *c, const char *folder, struct err *err)
{
	c->bundle = calloc(BUNDLE_NAMES, sizeof(*c->bundle));
	if (c->bundle == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	for (size_t i = 0; i < BUNDLE_NAMES; i++)
		if (take_bundle_file(c, folder, bundle_names[i], err) == -1)
			return -1;
	if (c->nbundle == 0)
		return err_set(err, ERR_INTERNAL,
		    "%s: there is no socket.io.js or socket.io.min.js",
		    folder);
	return 0;
}
