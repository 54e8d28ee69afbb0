/* What the files that read a .collector file share. */
#ifndef MODEL_COLLECTOR_BUILD_H
#define MODEL_COLLECTOR_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "model/collector.h"
#include "model/collector_file.h"

struct nearest;

struct collector_work {
	struct collector *c;		/* its model is NULL when unknown */
	const struct schema *schema;
	struct collector_faults *faults;
};

size_t collector_count(const struct collector_entry *list);

/* Memory of the collector; NULL has been told. */
void *collector_get(struct collector_work *w, size_t n, size_t size);

/* Tell that a name is none, and which one is near. */
void collector_unknown(struct collector_work *w,
    const struct collector_entry *e, const char *what,
    const struct nearest *near);

/* The model of that name; NULL has been told. */
const struct schema_model *collector_model(struct collector_work *w,
    const struct collector_entry *e, const char *name, size_t len);

/* Feed the fields that clients could name, and maybe the relations. */
void collector_try_members(struct nearest *near,
    const struct schema_model *m, bool relations);

/* collector_names.c: the sections of old names. */
void collector_read_alias(struct collector_work *w,
    const struct collector_entry *e);
void collector_read_hint(struct collector_work *w,
    const struct collector_entry *e);

/* collector_bounds.c: what clients can neither see nor take away. */
void collector_read_hide(struct collector_work *w,
    const struct collector_entry *e);
void collector_read_where(struct collector_work *w,
    const struct collector_entry *e);

#endif
