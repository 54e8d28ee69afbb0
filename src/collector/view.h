/*
 * A generation of the configuration, as a collector needs it: numbers, the
 * schema, and the collectors' files, all read and resolved.
 */
#ifndef COLLECTOR_VIEW_H
#define COLLECTOR_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/plugin_image.h"
#include "conf/conf.h"
#include "model/collector.h"
#include "model/schema.h"

struct view {
	struct view *next;		/* an older one */
	uint32_t generation;
	struct conf conf;		/* without the texts of files */
	struct schema *schema;
	size_t ncollectors;
	struct collector **collectors;
	struct plugin_image **images;	/* of those in C, else NULL */
};

/* Read a sealed view; fd stays the caller's.  NULL with the reason. */
struct view *view_read(int fd, uint32_t generation, struct err *err);
void view_free(struct view **v);

/* By the event's name; NULL = none. */
const struct collector *view_collector(const struct view *v,
    const char *name);

/* Of a collector in C that view_collector() has given. */
struct plugin_image *view_image(const struct view *v,
    const struct collector *c);

/* In a list of views; NULL = none. */
const struct view *view_find(const struct view *list, uint32_t generation);

/* Take one out of a list and free it; nothing happens when there is none. */
void view_drop(struct view **list, uint32_t generation);

#endif
