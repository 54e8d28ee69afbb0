/* JSON text that somebody wrote, to a tree, and what to call its parts. */
#ifndef MODEL_JSON_READ_H
#define MODEL_JSON_READ_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct json_object;

/*
 * Exactly one value (RFC 8259), nested at most depth deep, without a NUL in
 * any string.  An integer beyond 64 bits is a double with its own text.  0,
 * and the caller owns *out, which is NULL for "null"; or -1 with BAD_OPTIONS,
 * LIMIT (too deep, which names json_depth) or INTERNAL.
 */
int json_read(const char *text, size_t len, size_t depth,
    struct json_object **out, struct err *err) MUST_CHECK;

/* "a string", "null" and so on, for sentences. */
const char *json_kind(struct json_object *value);

/* A number without a fraction within the 64 bits; else -1. */
int json_integer(struct json_object *value, int64_t *out) MUST_CHECK;

#endif
