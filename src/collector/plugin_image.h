/*
 * A shared object in this process: its bytes in a sealed memfd, opened when it
 * is called for the first time.  Generations whose bytes are the same have one
 * image, with one state.
 */
#ifndef COLLECTOR_PLUGIN_IMAGE_H
#define COLLECTOR_PLUGIN_IMAGE_H

#include <stddef.h>

#include <dalpuri/collector.h>

#include "base/err.h"
#include "model/plugin_file.h"

struct plugin_image;

/*
 * The image of these bytes under this event's name, not opened yet; file is
 * what they declare.  NULL with the reason.
 */
struct plugin_image *plugin_image_get(const char *name, const char *data,
    size_t len, const struct plugin_file *file, struct err *err);

/* Its generation is no more: with the last one it is stopped and closed. */
void plugin_image_put(struct plugin_image **image);

/*
 * Open and start it, unless it is.  This runs its code.  0, or -1 with
 * INTERNAL: it cannot be used, and is tried again the next time.
 */
int plugin_image_open(struct plugin_image *image,
    const struct dalpuri_host *host, struct err *err) MUST_CHECK;

/* When it is open: its callbacks, what start() has left. */
const struct dalpuri_collector *plugin_image_collector(
    const struct plugin_image *image);
void *plugin_image_state(const struct plugin_image *image);

#endif
