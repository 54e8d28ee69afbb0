/*
 * The faults of a schema file, collected while it is read so that an admin
 * sees them all at once, in file order.
 */
#ifndef MODEL_SCHEMA_FAULT_H
#define MODEL_SCHEMA_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/nearest.h"
#include "model/arena.h"

/* Enough to work on; a file with more is not a schema. */
#define SCHEMA_FAULTS_MAX 100

/* Both from 1; a column is one character, not one byte. */
struct schema_place {
	unsigned int line, column;
};

struct schema_fault {
	struct schema_place at;
	const char *text;
};

struct schema_faults {
	struct arena *arena;		/* of the texts; outlives this */
	bool no_memory;			/* nothing read can be trusted */
	size_t n;
	struct schema_fault list[SCHEMA_FAULTS_MAX];
};

void schema_faults_init(struct schema_faults *f, struct arena *arena);

/* "what, and what was expected"; the 101st and further are dropped. */
void schema_fault(struct schema_faults *f, struct schema_place at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * The same for a word that names nothing: what it should name ("type"), the
 * word and its nearest spelling, and what was expected.
 */
void schema_fault_unknown(struct schema_faults *f, struct schema_place at,
    const char *what, const struct nearest *word, const char *expected);

/* NULL passes through; it is noted that memory ran out. */
void *schema_fault_memory(struct schema_faults *f, void *got);

/* Did anything go wrong? */
bool schema_faults_any(const struct schema_faults *f);

/* Tell each as "NAME:LINE:COLUMN: text". */
void schema_faults_tell(const struct schema_faults *f, const char *name,
    void (*tell)(void *ctx, const char *line), void *ctx);

#endif
