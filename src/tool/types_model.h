/* The models of a .d.ts, as far as collectors reach them. */
#ifndef TOOL_TYPES_MODEL_H
#define TOOL_TYPES_MODEL_H

#include <stdbool.h>
#include <stdio.h>

#include "model/collector.h"

/*
 * What a collector withholds, or writes in another way, makes models of its
 * own: their names then have the collector's in front.
 */
bool types_own_models(const struct collector *c);

/* "Company" or "fetchCompanies.Company", with the quotes. */
void types_put_name(FILE *out, const struct collector *c,
    const struct schema_model *m);

/*
 * The members of interface Models that collector c needs; reached: one flag
 * for each model of the schema, of those that are written already.  0, or
 * -1 without memory.
 */
int types_put_models(FILE *out, const struct schema *s,
    const struct collector *c, bool *reached) MUST_CHECK;

/* The TypeScript of a field's value: "number | null". */
void types_put_value(FILE *out, const struct schema_field *f, bool base64);

/* What may be given for it: "string | number | null". */
void types_put_operand(FILE *out, const struct schema_field *f);

/* A comment in front of a member; doc may be NULL: nothing. */
void types_put_doc(FILE *out, const char *indent, const char *doc);

#endif
