/* Scalar lists, which PostgreSQL alone has: String[], Int[] and so on. */
#ifndef MODEL_JSON_LIST_H
#define MODEL_JSON_LIST_H

#include "model/json_out.h"

/*
 * The text of an array, {1,NULL,"two \"2\""}, as a JSON array whose elements
 * are written as the field's type.  Arrays of arrays and lists of Bytes are
 * misfits: Prisma has no field for the former, and nobody the latter.
 */
enum json_put json_list_put(struct buf *out, const struct schema_field *f,
    const char *text, size_t len) MUST_CHECK;

#endif
