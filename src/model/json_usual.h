/*
 * The usual kind of value of each type, nearly all that a row consists of,
 * written without asking for room and without a look at what else there is.
 */
#ifndef MODEL_JSON_USUAL_H
#define MODEL_JSON_USUAL_H

#include <stdint.h>
#include <string.h>

#include "model/schema.h"
#include "model/value.h"

/* Room that json_put_usual() wants, besides as much as a text is long. */
#define JSON_USUAL_ROOM 48
/* What a JSON number can hold exactly: 2^53 - 1. */
#define JSON_SAFE_MAX INT64_C(9007199254740991)
/* A text of this length may be a uuid, whose capitals become small. */
#define JSON_UUID_LEN 36

/*
 * By type; p has room.  Returns the end of what was written, or NULL: the
 * value is not of the usual kind, what is at p means nothing.
 */
typedef char *json_usual_fn(char *p, const struct value *v);
extern json_usual_fn *const json_usual[SCALAR_TYPES];

static inline char *
json_put_usual(char *p, const struct schema_field *f, const struct value *v)
{
	if (f->list)
		return NULL;
	if (v->kind != VALUE_NULL)
		return json_usual[f->type](p, v);
	memcpy(p, "null", 4);
	return p + 4;
}

#endif
