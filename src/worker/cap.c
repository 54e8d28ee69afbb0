/*
 * A place is a byte of the shared descriptor's file, of which there need not
 * be any, under a lock of POSIX: locks belong to processes and end with them.
 * Behind the places of a cap is the byte of its wishes: who found no place has
 * it locked for reading, and who gives one back then lets others try first, so
 * that a worker with many requests does not take its own places for ever.
 */
#include "worker/cap.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"

/* Bytes of the file for one cap: its places and its wishes. */
#define BYTES (CONF_RUNNING_MAX + 1)
/* First bytes of caps are this times a hash: two hardly ever meet. */
#define HASH_BITS 48

_Static_assert(INT64_MAX / BYTES >> HASH_BITS > 0, "offsets fit");

struct cap {
	LIST_ENTRY(cap) link;
	struct caps *all;
	off_t first;			/* its first byte */
	bool wishes;			/* we hold the byte of wishes */
	uint64_t yields_ms;		/* until then others try */
	bool held[CONF_RUNNING_MAX];	/* by us: no lock of our own hinders */
	char *of, *name;
};

struct caps {
	int fd;
	LIST_HEAD(, cap) list;
};

struct caps *
caps_new(int shared_fd)
{
	struct caps *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->fd = shared_fd;
	LIST_INIT(&c->list);
	return c;
}

static void
cap_free(struct cap *cap)
{
	free(cap->of);
	free(cap->name);
	free(cap);
}

void
caps_free(struct caps **c)
{
	struct cap *cap;

	if (*c == NULL)
		return;
	while ((cap = LIST_FIRST(&(*c)->list)) != NULL) {
		LIST_REMOVE(cap, link);
		cap_free(cap);
	}
	free(*c);
	*c = NULL;
}

/* FNV-1a, the terminator too. */
static uint64_t
hash(uint64_t h, const char *text)
{
	do
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	while (*text++ != '\0');
	return h;
}

struct cap *
caps_get(struct caps *c, const char *of, const char *name)
{
	uint64_t h = hash(hash(UINT64_C(0xcbf29ce484222325), of), name);
	struct cap *cap;

	LIST_FOREACH(cap, &c->list, link)
		if (strcmp(cap->of, of) == 0 && strcmp(cap->name, name) == 0)
			return cap;
	cap = calloc(1, sizeof(*cap));
	if (cap == NULL)
		return NULL;
	cap->all = c;
	cap->first = (off_t)(h >> (64 - HASH_BITS)) * BYTES;
	cap->of = strdup(of);
	cap->name = strdup(name);
	if (cap->of == NULL || cap->name == NULL) {
		cap_free(cap);
		return NULL;
	}
	LIST_INSERT_HEAD(&c->list, cap, link);
	return cap;
}

/* Lock or unlock one byte; 0, or -1 when another process has it. */
static int
set_lock(const struct cap *cap, int64_t byte, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET,
	    .l_start = cap->first + byte, .l_len = 1 };

	return fcntl(cap->all->fd, F_SETLK, &l);
}

static void
wish(struct cap *cap, bool on)
{
	if (cap->wishes == on)
		return;
	cap->wishes = on;
	(void)set_lock(cap, CONF_RUNNING_MAX, on ? F_RDLCK : F_UNLCK);
}

/* Does another worker wait for a place? */
static bool
others_wish(const struct cap *cap)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_start = cap->first + CONF_RUNNING_MAX, .l_len = 1 };

	return fcntl(cap->all->fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK;
}

int
cap_take(struct cap *cap, int64_t max, struct cap_place *out)
{
	int i;

	if (cap->yields_ms != 0 && clock_ms() >= cap->yields_ms)
		cap->yields_ms = 0;
	for (i = 0; cap->yields_ms == 0 && i < max && i < CONF_RUNNING_MAX;
	    i++) {
		if (cap->held[i] || set_lock(cap, i, F_WRLCK) != 0)
			continue;
		cap->held[i] = true;
		wish(cap, false);
		*out = (struct cap_place){ cap, i };
		return 0;
	}
	wish(cap, true);
	return -1;
}

void
cap_give(struct cap_place *place)
{
	struct cap *cap = place->cap;

	if (cap == NULL)
		return;
	place->cap = NULL;
	cap->held[place->number] = false;
	(void)set_lock(cap, place->number, F_UNLCK);
	/* They look every CAP_RETRY_MS. */
	if (others_wish(cap))
		cap->yields_ms = clock_ms() + 2 * CAP_RETRY_MS;
}

void
cap_leave(struct cap *cap)
{
	if (cap != NULL)
		wish(cap, false);
}
