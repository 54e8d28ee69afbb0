/*
 * Stop 11: typed values to JSON bytes, straight into the reply.  The rules
 * are those of dalpuri-protocol(7), "VALUES".
 */
#ifndef MODEL_JSON_OUT_H
#define MODEL_JSON_OUT_H

#include <stddef.h>

#include "base/buf.h"
#include "model/plan.h"
#include "model/value.h"

/* A JSON string with quotes; bytes that are not UTF-8 become U+FFFD. */
int json_put_string(struct buf *out, const char *text, size_t len) MUST_CHECK;

/*
 * One value as the field's type.  Bytes are written as base64 text here;
 * attachments are the caller's matter.  0, or -1: out of room.
 */
int json_put_value(struct buf *out, const struct schema_field *f,
    const struct value *v) MUST_CHECK;

/*
 * The scalars of one row: "a":1,"b":null ... without braces, the first
 * node->nshown of row.  For a non-null Bytes value and attachments = true,
 * placeholder number *nattachments is written and counted up.
 * 0, or -1: out of room.
 */
int json_put_scalars(struct buf *out, const struct plan_node *node,
    const struct value *row, bool attachments, size_t *nattachments)
    MUST_CHECK;

#endif
