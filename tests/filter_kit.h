/* What the tests of conditions share: a schema, and a filter as text. */
#ifndef TESTS_FILTER_KIT_H
#define TESTS_FILTER_KIT_H

#include <stddef.h>

#include "base/buf.h"
#include "model/filter_read.h"

/* Made for each test; the collector is of Item, and hides its secret. */
extern struct collector kit_collector;

void kit_setup(void);
void kit_teardown(void);

typedef struct filter *kit_reader(struct filter_scope *scope,
    const struct schema_model *m, struct json_object *json);

/* Read JSON for a model: the filter as text, or "CODE: sentence". */
void kit_read(kit_reader *read, const char *model, const char *json,
    struct buf *out);
void kit_check(kit_reader *read, const char *model, const char *json,
    const char *want);

struct json_object *kit_parse(const char *text);
void kit_put(struct buf *out, const char *text);
/* n times what, with commas, between two texts; the caller frees it. */
char *kit_repeated(const char *before, size_t n, const char *what,
    const char *behind);

#endif
