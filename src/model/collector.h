/*
 * A .collector file: the model that an event name serves, and what is
 * special about it.  The grammar is in dalpuri-collector(5).
 */
#ifndef MODEL_COLLECTOR_H
#define MODEL_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/arena.h"
#include "model/filter.h"
#include "model/schema.h"

/*
 * An old name that clients may still use; it is answered with the hint, the
 * end of a sentence without its dot: "is now listPrice".
 */
struct collector_alias {
	const char *name, *hint;
};

/*
 * What clients can neither see past nor take away.  Inside of one, no filter
 * binds the rows of relations: it means what is written.
 */
struct collector_filter {
	const struct schema_model *model;
	const struct filter *where;
};

/* Nesting of the JSON in a file. */
#define COLLECTOR_JSON_DEPTH 64

struct plugin_file;
struct sql_file;

struct collector {
	const char *name;		/* the event, = file name */
	/*
	 * A query of its own (sql_file.h), or code (plugin_file.h); both NULL:
	 * then there is a model.
	 */
	const struct sql_file *sql;
	const struct plugin_file *plugin;
	const struct schema_model *model;
	size_t nhidden;
	const struct schema_field **hidden;	/* as if not there */
	size_t naliases;
	struct collector_alias *aliases;
	const char *defaults;		/* JSON object: options; NULL = none */
	int64_t max_rows;		/* cap of its own; 0 = none */
	int64_t max_running;		/* requests at once; 0 = any */
	bool depth_limited;		/* max_depth counts */
	size_t max_depth;		/* of relations in relations */
	bool bytes_base64;		/* Bytes as text, not as attachments */
	bool snapshot;			/* all of an answer from one state */
	bool coalesce;			/* requests may share an answer */
	size_t nfilters;
	struct collector_filter *filters;	/* one for a model at most */
	struct arena arena;		/* of all the above */
};

/*
 * Read the text of a file; name is the event, path is for messages.  NULL
 * with each fault told as "PATH:LINE: what".  The schema must outlive it.
 */
struct collector *collector_read(const struct schema *s, const char *name,
    const char *path, const char *text,
    void (*fault)(void *ctx, const char *line), void *ctx);
void collector_free(struct collector **c);

/* Is this field withheld from its clients? */
bool collector_hides(const struct collector *c, const struct schema_field *f);

/* What every row of the model must satisfy, or NULL. */
const struct filter *collector_filter(const struct collector *c,
    const struct schema_model *m);

/* The hint for an old name, or NULL. */
const char *collector_hint(const struct collector *c, const char *name,
    size_t len);

#endif
