/* JSON in: json-c reads it, and what json-c lets pass is refused here. */
#include "model/json_read.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "out of memory");
}

static int
fail(struct err *err, enum json_tokener_error error, size_t depth)
{
	if (error == json_tokener_error_depth)
		return err_set(err, ERR_LIMIT, "options are nested deeper "
		    "than json_depth, which is %zu", depth);
	return err_set(err, ERR_BAD_OPTIONS, "options are not JSON: %s",
	    json_tokener_error_desc(error));
}

/*
 * json-c ends a key at a NUL, so that "a\u0000b" would be taken for "a".  The
 * text is known to be JSON: each backslash begins an escape.
 */
static bool
has_nul(const char *text)
{
	for (; (text = strchr(text, '\\')) != NULL; text += 2)
		if (strncmp(text, "\\u0000", 6) == 0)
			return true;
	return false;
}

/* text is terminated, and has no NUL as it is. */
static int
parse(const char *text, size_t depth, json_object **out, struct err *err)
{
	/* json-c counts the value at the bottom as a level, too. */
	json_tokener *tokener = json_tokener_new_ex((int)depth + 1);
	enum json_tokener_error error;

	if (tokener == NULL)
		return no_memory(err);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	*out = json_tokener_parse_ex(tokener, text, -1);
	error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	if (error != json_tokener_success)
		return fail(err, error, depth);
	if (!has_nul(text))
		return 0;
	json_object_put(*out);
	*out = NULL;
	return err_set(err, ERR_BAD_OPTIONS, "options hold a NUL character");
}

int
json_read(const char *text, size_t len, size_t depth, json_object **out,
    struct err *err)
{
	char *copy;
	int rc;

	*out = NULL;
	if (memchr(text, '\0', len) != NULL)
		return fail(err, json_tokener_error_parse_unexpected, depth);
	copy = strndup(text, len);
	if (copy == NULL)
		return no_memory(err);
	rc = parse(copy, depth, out, err);
	free(copy);
	return rc;
}

const char *
json_kind(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return "null";
	case json_type_boolean:
		return "a boolean";
	case json_type_double:
	case json_type_int:
		return "a number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	case json_type_string:
		return "a string";
	}
	return "something";
}

int
json_integer(json_object *value, int64_t *out)
{
	double d;

	if (json_object_is_type(value, json_type_int)) {
		*out = json_object_get_int64(value);
		/* Above the 63 bits json-c gives the largest one instead. */
		return *out == INT64_MAX && json_object_get_uint64(value) >
		    INT64_MAX ? -1 : 0;
	}
	if (!json_object_is_type(value, json_type_double))
		return -1;
	d = json_object_get_double(value);
	/* Both bounds are doubles; 2^63 itself is none of the numbers. */
	if (!(d >= -0x1p63 && d < 0x1p63))
		return -1;
	*out = (int64_t)d;
	return d > (double)*out || d < (double)*out ? -1 : 0;
}
