/*
 * The values of the demo database.  Each is a function of model, field and
 * row alone: nothing is stored, every run gives the same, and a foreign key
 * is found by asking for the referenced value of the row it points at.
 */
#ifndef TOOL_DEMODB_VALUE_H
#define TOOL_DEMODB_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/schema.h"
#include "model/value.h"

struct demodb_dice {
	uint64_t state;
};

/* A number below n > 0. */
uint64_t demodb_roll(struct demodb_dice *d, uint64_t n);

/* How many rows a table has, when the largest ones have about scale. */
size_t demodb_rows(const struct schema_model *m, size_t scale);

/*
 * The value of a field in a row; its text is put into scratch, whose old
 * content is dropped.  0, or -1 out of memory.
 */
int demodb_value(const struct schema_model *m, const struct schema_field *f,
    size_t row, size_t scale, struct buf *scratch, struct value *out)
    MUST_CHECK;

/*
 * demodb_text.c: append text for a field, told by its name; the caller cuts
 * it to max characters (0 = no limit).  serial > 0: it differs from row to
 * row.  0, or -1 out of memory.
 */
int demodb_text(struct buf *out, const struct schema_field *f, size_t max,
    size_t serial, struct demodb_dice *d) MUST_CHECK;

#endif
