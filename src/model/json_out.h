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

/* What became of a value.  Unless it is DONE, a part may be in out. */
enum json_put {
	JSON_PUT_DONE = 0,
	JSON_PUT_FULL = -1,	/* out's bound or the memory forbids it */
	JSON_PUT_MISFIT = -2	/* no such value in the field's type */
};

/* A JSON string with quotes; bytes that are not UTF-8 become U+FFFD. */
int json_put_string(struct buf *out, const char *text, size_t len) MUST_CHECK;

/*
 * One value as the field's type.  Bytes are written as base64 text here;
 * attachments are the caller's matter.
 */
enum json_put json_put_value(struct buf *out, const struct schema_field *f,
    const struct value *v) MUST_CHECK;
/* ... for one that json_put_usual() does not know. */
enum json_put json_put_unusual(struct buf *out, const struct schema_field *f,
    const struct value *v) MUST_CHECK;

/*
 * The scalars of one row: "a":1,"b":null ... without braces, the first
 * node->nshown of row.  nattachments NULL: Bytes are written as base64 text.
 * Else each non-null Bytes value is written as placeholder number
 * *nattachments, which is counted up.  DONE; FULL, with err untouched; or
 * MISFIT, with a DATABASE that names field and value in err.
 */
enum json_put json_put_scalars(struct buf *out, const struct plan_node *node,
    const struct value *row, size_t *nattachments, struct err *err)
    MUST_CHECK;

#endif
