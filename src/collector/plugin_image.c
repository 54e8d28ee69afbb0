/*
 * Opening by the name of a descriptor: the dynamic loader knows objects by
 * their names, so a descriptor is closed only when its object is gone.
 */
#include "collector/plugin_image.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/confine.h"
#include "ipc/view.h"

#define PATH_ROOM 32

struct plugin_image {
	struct plugin_image *next;
	size_t users;			/* generations */
	char *name;
	int fd;				/* the bytes, sealed */
	struct plugin_file file;
	void *handle;			/* NULL = not open */
	const struct dalpuri_collector *collector;
	void *state;
	bool started;
};

/* Of this process; there is one thread that gets and puts. */
static struct plugin_image *images;

static bool
has_bytes(const struct plugin_image *image, const char *data, size_t len)
{
	const char *mine;
	size_t mine_len;
	bool same;

	if (view_map(image->fd, &mine, &mine_len, NULL) != 0)
		return false;
	same = mine_len == len && memcmp(mine, data, len) == 0;
	view_unmap(mine, mine_len);
	return same;
}

struct plugin_image *
plugin_image_get(const char *name, const char *data, size_t len,
    const struct plugin_file *file, struct err *err)
{
	struct plugin_image *image = images;

	while (image != NULL && (strcmp(image->name, name) != 0 ||
	    !has_bytes(image, data, len)))
		image = image->next;
	if (image != NULL) {
		image->users++;
		return image;
	}
	image = calloc(1, sizeof(*image));
	if (image == NULL || (image->name = strdup(name)) == NULL) {
		free(image);
		err_set(err, ERR_INTERNAL, "out of memory");
		return NULL;
	}
	image->fd = view_seal("dalpuri plugin", data, len, err);
	if (image->fd < 0) {
		free(image->name);
		free(image);
		return NULL;
	}
	image->users = 1;
	image->file = *file;
	image->next = images;
	images = image;
	return image;
}

static void
path_of(const struct plugin_image *image, char path[PATH_ROOM])
{
	snprintf(path, PATH_ROOM, "/proc/self/fd/%d", image->fd);
}

/* Close the object; false: it stays all the same, and so must its name. */
static bool
close_object(struct plugin_image *image)
{
	char path[PATH_ROOM];
	void *left;

	if (image->handle == NULL)
		return true;
	if (image->started && image->collector->stop != NULL)
		image->collector->stop(image->state);
	image->started = false;
	dlclose(image->handle);
	image->handle = NULL;
	image->collector = NULL;
	path_of(image, path);
	left = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
	if (left == NULL)
		return true;
	dlclose(left);
	return false;
}

/* Its code runs once more, under the whole list of what is refused. */
static void *
end_image(void *arg)
{
	struct plugin_image *image = arg;

	if (image->handle == NULL ||
	    (confine(SPAWN_COLLECTOR, NULL) == 0 && close_object(image)))
		close(image->fd);
	return NULL;
}

void
plugin_image_put(struct plugin_image **image)
{
	struct plugin_image *old = *image, **at = &images;
	pthread_t thread;

	*image = NULL;
	if (old == NULL || --old->users > 0)
		return;
	while (*at != old)
		at = &(*at)->next;
	*at = old->next;
	/* Without a thread it stays open: nothing of it will be called. */
	if (pthread_create(&thread, NULL, end_image, old) == 0)
		(void)pthread_join(thread, NULL);
	free(old->name);
	free(old);
}

/* Is it what the loader has read? */
static int
check(const struct plugin_image *image, struct err *err)
{
	const struct dalpuri_collector *c = image->collector;

	if (c == NULL || memcmp(c, &image->file.declared,
	    offsetof(struct dalpuri_collector, call)) != 0)
		return err_set(err, ERR_INTERNAL, "it exports something else "
		    "than its file declares");
	if ((c->connect != NULL) != image->file.connects)
		return err_set(err, ERR_INTERNAL, "connect and "
		    "DALPURI_CONNECTS do not go together");
	return 0;
}

/* The loader's sentence begins with the path, which says nothing to anyone. */
static int
cannot_open(const char *path, struct err *err)
{
	const char *why = dlerror();

	if (why == NULL)
		why = "no reason is known";
	if (strncmp(why, path, strlen(path)) == 0)
		why += strlen(path) + strspn(why + strlen(path), ": ");
	return err_set(err, ERR_INTERNAL, "%s", why);
}

static int
open_object(struct plugin_image *image, const struct dalpuri_host *host,
    struct err *err)
{
	char path[PATH_ROOM];
	int result;

	path_of(image, path);
	image->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (image->handle == NULL)
		return cannot_open(path, err);
	image->collector = dlsym(image->handle, "dalpuri_collector");
	if (check(image, err) != 0)
		return -1;
	image->state = NULL;
	if (image->collector->start != NULL) {
		result = image->collector->start(host, &image->state);
		if (result != DALPURI_OK)
			return err_set(err, ERR_INTERNAL,
			    "its start() returned %d", result);
	}
	image->started = true;
	log_info("plugin %s: opened", image->name);
	return 0;
}

int
plugin_image_open(struct plugin_image *image,
    const struct dalpuri_host *host, struct err *err)
{
	struct err why;

	if (image->started)
		return 0;
	if (open_object(image, host, &why) == 0)
		return 0;
	(void)close_object(image);
	return err_set(err, ERR_INTERNAL, "the collector \"%s\" cannot be "
	    "used: %s", image->name, why.text);
}

const struct dalpuri_collector *
plugin_image_collector(const struct plugin_image *image)
{
	return image->collector;
}

void *
plugin_image_state(const struct plugin_image *image)
{
	return image->state;
}
