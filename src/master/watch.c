/*
 * Changes come in bursts: an editor renames, writes and removes, a copy
 * brings many files.  A load begins when it has been quiet for a moment, or
 * when that has lasted too long.  Names that are no collector's are of no
 * interest: editors write what they please beside the files.
 *
 * The folder above is watched, too, for the folder itself may be replaced.
 */
#include "master/watch.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "master/reload.h"
#include "master/state.h"

#define QUIET_MS 50
#define MOST_MS 200
/* Of events, in one read. */
#define EVENTS_BYTES 16384

#define FOLDER_EVENTS (IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO |	\
    IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |		\
    IN_MOVE_SELF | IN_ONLYDIR)
#define ABOVE_EVENTS (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |	\
    IN_DELETE | IN_ONLYDIR)

struct watch {
	struct master *m;
	int fd;
	struct event event;
	struct event timer;	/* the quiet moment */
	uint64_t since_ms;	/* of the first change; 0 = none is pending */
	char *path;		/* of the folder; NULL = none */
	char *above;		/* of the folder that it is in */
	const char *name;	/* its name there, inside path */
	int folder, above_wd;	/* -1 = not watched */
};

static void
on_quiet(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)fd;
	(void)what;
	w->since_ms = 0;
	reload_start(w->m);
}

/* Wait for quiet, but not for ever. */
static void
changed(struct watch *w, const char *what)
{
	uint64_t now = clock_ms(), ms = QUIET_MS;
	struct timeval tv;

	if (w->since_ms == 0) {
		log_debug("watch: %s", what);
		w->since_ms = now;
	}
	reload_expected(w->m);
	if (now + ms > w->since_ms + MOST_MS)
		ms = now < w->since_ms + MOST_MS ?
		    w->since_ms + MOST_MS - now : 0;
	tv = (struct timeval){ .tv_usec = (suseconds_t)ms * 1000 };
	event_add(&w->timer, &tv);
}

/* ---- what is watched ----------------------------------------------------- */

/* The kernel's number of a watch; -1: the log says why, and all goes on. */
static int
add(struct watch *w, const char *path, uint32_t events)
{
	int wd = inotify_add_watch(w->fd, path, events);

	if (wd < 0 && errno == ENOSPC)
		log_warn("watch: %s: not watched: the limit of "
		    "fs.inotify.max_user_watches is reached", path);
	else if (wd < 0)
		log_warn("watch: %s: not watched: %s", path, strerror(errno));
	return wd;
}

/* Whatever is at our path now; the old one may live on elsewhere. */
static void
watch_again(struct watch *w)
{
	int old = w->folder;

	w->folder = add(w, w->path, FOLDER_EVENTS);
	if (old >= 0 && old != w->folder)
		(void)inotify_rm_watch(w->fd, old);
}

static void
forget(struct watch *w)
{
	if (w->folder >= 0)
		(void)inotify_rm_watch(w->fd, w->folder);
	if (w->above_wd >= 0)
		(void)inotify_rm_watch(w->fd, w->above_wd);
	w->folder = w->above_wd = -1;
	free(w->path);
	free(w->above);
	w->path = w->above = NULL;
}

/* "/a/b" is "b" in "/a"; the root has no name. */
static int
set_path(struct watch *w, const char *path)
{
	size_t len = strlen(path);
	char *slash;

	while (len > 1 && path[len - 1] == '/')
		len--;
	w->path = strndup(path, len);
	slash = w->path == NULL ? NULL : strrchr(w->path, '/');
	if (slash == NULL)
		return -1;
	w->name = slash + 1;
	w->above = slash == w->path ? strdup("/") :
	    strndup(w->path, (size_t)(slash - w->path));
	return w->above == NULL ? -1 : 0;
}

/* Between the loader's look and ours? */
static bool
changed_since(const char *path, const struct timespec *then)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mtim.tv_sec > then->tv_sec ||
	    (st.st_mtim.tv_sec == then->tv_sec &&
	    st.st_mtim.tv_nsec >= then->tv_nsec));
}

void
watch_folder(struct watch *w, const char *path)
{
	if (w == NULL || path == NULL ||
	    (w->path != NULL && w->folder >= 0 && strcmp(w->path, path) == 0))
		return;
	forget(w);
	if (set_path(w, path) != 0) {
		log_warn("watch: %s: not watched: out of memory", path);
		forget(w);
		return;
	}
	watch_again(w);
	w->above_wd = add(w, w->above, ABOVE_EVENTS);
	if (changed_since(w->path, &w->m->load_began))
		changed(w, "it has changed while it was read");
}

/* ---- events -------------------------------------------------------------- */

static bool
is_link(const struct watch *w, const char *name, bool hard)
{
	char path[PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof(path), "%s/%s", w->path, name) <
	    (int)sizeof(path) && lstat(path, &st) == 0 &&
	    (S_ISLNK(st.st_mode) || (hard && st.st_nlink > 1));
}

/*
 * A file that was created is of interest once it is closed; a link is whole
 * at once, and one that comes by renaming may lead to all the others.
 */
static bool
matters(const struct watch *w, const struct inotify_event *e)
{
	if ((e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0)
		return true;
	if (e->len == 0 || (e->mask & IN_ISDIR) != 0)
		return false;
	if ((e->mask & IN_MOVED_TO) != 0 && is_link(w, e->name, false))
		return true;
	if (!conf_is_collector(e->name))
		return false;
	return (e->mask & IN_CREATE) == 0 || is_link(w, e->name, true);
}

static void
take(struct watch *w, const struct inotify_event *e)
{
	if ((e->mask & IN_Q_OVERFLOW) != 0) {
		changed(w, "events were lost");
	} else if (e->wd == w->above_wd && e->len > 0 &&
	    strcmp(e->name, w->name) == 0) {
		watch_again(w);
		changed(w, "the folder is another one");
	} else if (e->wd == w->folder && (e->mask & IN_IGNORED) != 0) {
		w->folder = -1;
	} else if (e->wd == w->folder && matters(w, e)) {
		changed(w, e->len > 0 ? e->name : "the folder is gone");
	}
}

static void
on_events(evutil_socket_t fd, short what, void *arg)
{
	_Alignas(struct inotify_event) char data[EVENTS_BYTES];
	const struct inotify_event *e;
	ssize_t n = read(fd, data, sizeof(data));

	(void)what;
	for (ssize_t at = 0; at < n;
	    at += (ssize_t)(sizeof(*e) + e->len)) {
		e = (const void *)(data + at);
		take(arg, e);
	}
}

/* ---- all ----------------------------------------------------------------- */

struct watch *
watch_new(struct master *m)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL || (w->fd = inotify_init1(IN_NONBLOCK |
	    IN_CLOEXEC)) < 0) {
		log_warn("watch: the folder of the collectors is not "
		    "watched: %s", strerror(errno));
		free(w);
		return NULL;
	}
	w->m = m;
	w->folder = w->above_wd = -1;
	event_assign(&w->event, m->base, w->fd, EV_READ | EV_PERSIST,
	    on_events, w);
	event_assign(&w->timer, m->base, -1, 0, on_quiet, w);
	event_add(&w->event, NULL);
	return w;
}

void
watch_free(struct watch **wp)
{
	struct watch *w = *wp;

	if (w == NULL)
		return;
	event_del(&w->event);
	event_del(&w->timer);
	free(w->path);
	free(w->above);
	close(w->fd);
	free(w);
	*wp = NULL;
}

bool
watch_is_pending(const struct watch *w)
{
	return w != NULL && w->since_ms != 0;
}
