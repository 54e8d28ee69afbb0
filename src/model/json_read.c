/* JSON in: json-c reads it, and what json-c lets pass is refused here. */
#include "model/json_read.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"

/* Beyond it, a double is not the number that was written. */
#define EXACT_MAX 0x1p53

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

/* The length of a string with its quotes, as far as it goes. */
static size_t
string_len(const char *text)
{
	const char *p = text + 1;

	for (; *p != '"' && *p != '\0'; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	return (size_t)(p - text) + (*p == '"');
}

/*
 * json-c bends an integer beyond 64 bits to the nearest one that it has.  As
 * a fraction it keeps its text.
 */
static int
put_number(struct buf *out, const char *text, size_t len)
{
	size_t sign = *text == '-';
	int64_t n;

	if (buf_put(out, text, len) != 0)
		return -1;
	if (text[sign] < '1' || text[sign] > '9' ||
	    sign + strspn(text + sign, "0123456789") < len ||
	    num_read_i64(text, len, &n) == 0)
		return 0;
	return buf_puts(out, ".0");
}

/* Copy what json-c reads as it is meant; NaN and Infinity become wrong. */
static int
put_text(struct buf *out, const char *text)
{
	for (size_t n; *text != '\0'; text += n) {
		int rc;

		n = strspn(text, "+-.eE0123456789");
		if (n > 0 && *text != 'e') {
			rc = put_number(out, text, n);
		} else if (*text == 'N' || *text == 'I') {
			n = 1;
			rc = buf_putc(out, '?');
		} else {
			n = *text == '"' ? string_len(text) : 1;
			rc = buf_put(out, text, n);
		}
		if (rc != 0)
			return -1;
	}
	return buf_putc(out, '\0');
}

int
json_read(const char *text, size_t len, size_t depth, json_object **out,
    struct err *err)
{
	char *copy;
	struct buf exact;
	int rc;

	*out = NULL;
	if (memchr(text, '\0', len) != NULL)
		return fail(err, json_tokener_error_parse_unexpected, depth);
	copy = strndup(text, len);
	buf_init(&exact, 0);
	if (copy == NULL || put_text(&exact, copy) != 0)
		rc = no_memory(err);
	else
		rc = parse(exact.data, depth, out, err);
	buf_fini(&exact);
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
		/* Of 64 bits without a sign it gives the largest with one. */
		return *out == INT64_MAX && json_object_get_uint64(value) >
		    INT64_MAX ? -1 : 0;
	}
	if (!json_object_is_type(value, json_type_double))
		return -1;
	d = json_object_get_double(value);
	if (!(d >= -EXACT_MAX && d <= EXACT_MAX))
		return -1;
	*out = (int64_t)d;
	return d > (double)*out || d < (double)*out ? -1 : 0;
}
