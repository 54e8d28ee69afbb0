/*
 * A Prisma schema that is being written: what a catalogue has and the file,
 * if there is one, has not.  A first run is a run over an empty file.
 *
 * sketch.c matches tables with models and columns with fields, by what @@map
 * and @map say; sketch_name.c finds names, sketch_field.c writes fields and
 * keys, sketch_default.c defaults, sketch_relation.c relations;
 * sketch_write.c puts the lines where they belong.  Nothing that the file has
 * is ever changed.
 */
#ifndef TOOL_SKETCH_H
#define TOOL_SKETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "db/catalog.h"
#include "model/arena.h"
#include "model/schema.h"

/* A line of a block: name, type and attributes; "" = none. */
struct sketch_line {
	const char *name, *type, *attrs;
};

struct sketch_lines {
	size_t n;
	struct sketch_line *v;
};

struct sketch_enum {
	const struct catalog_enum *source;
	const struct schema_enum *old;	/* in the file; NULL = new */
	const char *name;
	struct sketch_lines lines;	/* values that the file has not */
};

struct sketch_model {
	const struct catalog_table *table;
	const struct schema_model *old;	/* in the file; NULL = new */
	const char *name;
	bool view;			/* a view, or rows without a key */
	const char **fields;		/* names, in the order of columns */
	struct sketch_lines lines;	/* members that the file has not */
	struct sketch_lines tail;	/* the same of "@@" */
};

struct sketch {
	const struct catalog *catalog;
	const struct schema *old;	/* NULL = there is no file yet */
	const char *source;		/* the datasource, in "@db.VarChar" */
	/* What the admin should know; a line without its end. */
	void (*note)(void *ctx, const char *line);
	void *ctx;
	size_t nmodels;			/* one for each table */
	struct sketch_model *models;
	size_t nenums;
	struct sketch_enum *enums;
	bool schemas;			/* some table is not in the usual one */
	bool no_memory;			/* then nothing in it can be trusted */
	struct arena arena;
};

/* What a column is in the file, or will be. */
struct sketch_type {
	enum scalar_type type;
	const char *enumeration;	/* its name; NULL = none */
	bool list, optional;
};

/* Match, name and write all that is missing.  0, or -1: out of memory. */
int sketch_make(struct sketch *s) MUST_CHECK;
void sketch_fini(struct sketch *s);

/*
 * The text of the file with all that was missing.  0, or -1: out of memory.
 */
int sketch_write(struct sketch *s, const char *old, size_t len,
    struct buf *out) MUST_CHECK;

/*
 * For the files of the sketch
 */

/* Formatted text that lives as long as the sketch; "" without memory. */
const char *sketch_text(struct sketch *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sketch_note(struct sketch *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* NULL passes through; it is noted that memory ran out. */
void *sketch_memory(struct sketch *s, void *got);
void sketch_add(struct sketch *s, struct sketch_lines *lines,
    const char *name, const char *type, const char *attrs);

/* The column's field in the file, or NULL. */
const struct schema_field *sketch_old_field(const struct sketch *s,
    const struct sketch_model *m, const struct catalog_column *column);
struct sketch_type sketch_type_of(const struct sketch *s,
    const struct sketch_model *m, const struct catalog_column *column);
struct sketch_model *sketch_model_of(const struct sketch *s,
    const struct catalog_table *table);
/* NULL when source is. */
const struct sketch_enum *sketch_enum_of(const struct sketch *s,
    const struct catalog_enum *source);
const char *sketch_field_name(const struct sketch_model *m,
    const struct catalog_column *column);

/* A Prisma string, in quotes. */
const char *sketch_quoted(struct sketch *s, const char *text);
/* The nearest identifier to a name of the database. */
const char *sketch_identifier(struct sketch *s, const char *name);
/*
 * Names that nobody has yet: the first, the second (may be NULL), or numbered.
 * own is what the database calls it; others' names there are not taken.
 */
const char *sketch_type_name(struct sketch *s, const char *first,
    const char *own);
const char *sketch_member_name(struct sketch *s, const struct sketch_model *m,
    const char *first, const char *second, const char *own);
/* "author" of "author_id", "authorId" or "AuthorID"; NULL of "author". */
const char *sketch_without_id(struct sketch *s, const char *column);

/* "@default(...)" of a column; "" when none can be told in Prisma's words. */
const char *sketch_default(struct sketch *s,
    const struct catalog_column *column);

void sketch_fields(struct sketch *s, struct sketch_model *m);
void sketch_keys(struct sketch *s, struct sketch_model *m);
void sketch_relations(struct sketch *s, struct sketch_model *m);

#endif
