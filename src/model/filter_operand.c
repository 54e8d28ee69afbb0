/*
 * A client's value as its field's type has it.  Nothing is rounded or clamped
 * on the way: a value that the type does not have is refused.
 */
#include <assert.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/num.h"
#include "base/utf8.h"
#include "model/filter_build.h"
#include "model/json_decimal.h"
#include "model/json_read.h"
#include "model/json_time.h"

/* Of a value in an error's sentence. */
#define SHOWN_MAX 64
/* Longer numbers are no decimals of any database. */
#define DECIMAL_MAX 1000

/* What became of a value. */
enum outcome { FITS, MISFIT, NO_MEMORY };

typedef enum outcome read_fn(struct arena *arena,
    const struct schema_field *f, json_object *json, struct value *out);

bool
filter_is_uuid(const struct schema_field *f)
{
	return f->type == SCALAR_STRING && f->native != NULL &&
	    (strcmp(f->native, "Uuid") == 0 ||
	    strcmp(f->native, "UniqueIdentifier") == 0);
}

static enum outcome
keep_text(struct arena *arena, const char *text, size_t len,
    struct value *out)
{
	out->kind = VALUE_TEXT;
	out->len = len;
	out->u.text = arena_text(arena, text, len);
	return out->u.text == NULL ? NO_MEMORY : FITS;
}

static enum outcome
read_uuid(struct arena *arena, json_object *json, struct value *out)
{
	const char *s = json_object_get_string(json);
	char text[36];

	if (json_object_get_string_len(json) != sizeof(text))
		return MISFIT;
	for (size_t i = 0; i < sizeof(text); i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (!(hyphen ? s[i] == '-' : strchr("0123456789abcdefABCDEF",
		    s[i]) != NULL))
			return MISFIT;
		text[i] = s[i] >= 'A' && s[i] <= 'F' ? (char)(s[i] | 0x20) :
		    s[i];
	}
	return keep_text(arena, text, sizeof(text), out);
}

static enum outcome
read_string(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	if (!json_object_is_type(json, json_type_string))
		return MISFIT;
	if (filter_is_uuid(f))
		return read_uuid(arena, json, out);
	return keep_text(arena, json_object_get_string(json),
	    (size_t)json_object_get_string_len(json), out);
}

static enum outcome
read_boolean(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	(void)arena;
	(void)f;
	if (!json_object_is_type(json, json_type_boolean))
		return MISFIT;
	out->kind = VALUE_INT;
	out->u.i = json_object_get_boolean(json);
	return FITS;
}

static enum outcome
read_bigint(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	int rc;

	(void)arena;
	(void)f;
	out->kind = VALUE_INT;
	if (json_object_is_type(json, json_type_string))
		rc = num_read_i64(json_object_get_string(json),
		    (size_t)json_object_get_string_len(json), &out->u.i);
	else
		rc = json_integer(json, &out->u.i);
	return rc == 0 ? FITS : MISFIT;
}

static enum outcome
read_int(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	(void)arena;
	(void)f;
	out->kind = VALUE_INT;
	if (json_integer(json, &out->u.i) != 0 || out->u.i < INT32_MIN ||
	    out->u.i > INT32_MAX)
		return MISFIT;
	return FITS;
}

static bool
is_number(json_object *json)
{
	return json_object_is_type(json, json_type_int) ||
	    json_object_is_type(json, json_type_double);
}

static enum outcome
read_float(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	(void)arena;
	(void)f;
	if (!is_number(json))
		return MISFIT;
	out->kind = VALUE_FLOAT;
	out->u.f = json_object_get_double(json);
	return isfinite(out->u.f) ? FITS : MISFIT;
}

/*
 * The canonical notation of json_decimal() without its exponent, which has
 * one digit in front of the point: "-1.25e+22".
 */
static enum outcome
spell_out(char *out, const char *text, size_t len, size_t *len_out)
{
	const char *e = memchr(text, 'e', len);
	int64_t exponent;
	char *p = out;

	if (e == NULL) {
		memcpy(out, text, len);
		*len_out = len;
		return FITS;
	}
	if (num_read_i64(e + 1 + (e[1] == '+'),
	    len - (size_t)(e + 1 + (e[1] == '+') - text), &exponent) != 0 ||
	    exponent > DECIMAL_MAX || exponent < -DECIMAL_MAX)
		return MISFIT;
	if (*text == '-')
		*p++ = *text++;
	for (int64_t i = exponent; i < 0; i++) {
		*p++ = '0';
		if (i == exponent)
			*p++ = '.';
	}
	for (; text < e; text++) {
		if (*text == '.')
			continue;
		*p++ = *text;
		if (exponent-- == 0 && text + 1 < e)
			*p++ = '.';
	}
	for (; exponent >= 0; exponent--)
		*p++ = '0';
	*len_out = (size_t)(p - out);
	return FITS;
}

/* Numbers are read from their own text: no double stands between. */
static enum outcome
read_decimal(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	char canonical[DECIMAL_MAX + JSON_DECIMAL_EXTRA];
	char digits[2 * DECIMAL_MAX + JSON_DECIMAL_EXTRA];
	const char *text;
	size_t len;

	(void)f;
	if (!is_number(json) && !json_object_is_type(json, json_type_string))
		return MISFIT;
	text = json_object_get_string(json);
	len = strlen(text);
	if (len > DECIMAL_MAX || strspn(text, "+-.eE0123456789") < len)
		return MISFIT;
	len = json_decimal(canonical, text, len);
	if (len == 0 || spell_out(digits, canonical, len, &len) != FITS)
		return MISFIT;
	return keep_text(arena, digits, len, out);
}

static enum outcome
read_datetime(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	(void)arena;
	(void)f;
	if (!json_object_is_type(json, json_type_string))
		return MISFIT;
	out->kind = VALUE_INT;
	return json_time_read(json_object_get_string(json),
	    (size_t)json_object_get_string_len(json), &out->u.i) == 0 ?
	    FITS : MISFIT;
}

/* Only whether it is NULL can be asked: databases disagree on equality. */
static enum outcome
read_nothing(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	(void)arena;
	(void)f;
	(void)json;
	(void)out;
	return MISFIT;
}

/* Groups of four digits; "=" only at the end. */
static enum outcome
read_bytes(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *s, *digit;
	size_t len, n, got = 0;
	unsigned int bits = 0;
	char *bytes;

	(void)f;
	if (!json_object_is_type(json, json_type_string))
		return MISFIT;
	s = json_object_get_string(json);
	len = (size_t)json_object_get_string_len(json);
	n = len - (len > 0 && s[len - 1] == '=') -
	    (len > 1 && s[len - 2] == '=');
	bytes = arena_get(arena, len / 4 + 1, 3);
	if (bytes == NULL)
		return NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		digit = strchr(digits, s[i]);
		if (digit == NULL || len % 4 != 0)
			return MISFIT;
		bits = bits << 6 | (unsigned int)(digit - digits);
		if (i % 4 != 0)
			bytes[got++] = (char)(bits >> (6 - 2 * (i % 4)) & 255);
	}
	out->kind = VALUE_BYTES;
	out->len = got;
	out->u.text = bytes;
	return len % 4 == 0 ? FITS : MISFIT;
}

static enum outcome
read_enum(struct arena *arena, const struct schema_field *f,
    json_object *json, struct value *out)
{
	const struct schema_enum *e = f->enumeration;

	if (!json_object_is_type(json, json_type_string))
		return MISFIT;
	for (size_t i = 0; i < e->nvalues; i++)
		if (strcmp(e->values[i], json_object_get_string(json)) == 0)
			return keep_text(arena, e->columns[i],
			    strlen(e->columns[i]), out);
	return MISFIT;
}

static const struct type {
	read_fn *read;
	const char *expected;
} types[] = {
	[SCALAR_STRING] = { read_string, "a string" },
	[SCALAR_BOOLEAN] = { read_boolean, "true or false" },
	[SCALAR_INT] = { read_int, "an integer of 32 bits" },
	[SCALAR_BIGINT] = { read_bigint,
	    "an integer of 64 bits, as a number or a string," },
	[SCALAR_FLOAT] = { read_float, "a number" },
	[SCALAR_DECIMAL] = { read_decimal, "a number, or a string of one," },
	[SCALAR_DATETIME] = { read_datetime,
	    "a time with its zone, as \"2024-01-31T12:00:00Z\"," },
	[SCALAR_JSON] = { read_nothing,
	    "null (a Json field can be compared with nothing else)" },
	[SCALAR_BYTES] = { read_bytes, "base64 text" },
	[SCALAR_ENUM] = { read_enum, NULL },
	[SCALAR_UNSUPPORTED] = { read_nothing, "nothing" },
};
static_assert(sizeof(types) / sizeof(types[0]) == SCALAR_TYPES,
    "each type is read");

void
filter_misfit(struct filter_scope *scope, const struct filter_place *at,
    json_object *json, const char *expected)
{
	bool string = json_object_is_type(json, json_type_string);
	const char *quote = string ? "\"" : "", *op = at->operator;
	const char *text = string || is_number(json) ?
	    json_object_get_string(json) : json_kind(json);
	size_t len = strlen(text);

	err_set(scope->err, ERR_BAD_OPTIONS, "\"%s%s%s\" of %s is %s%.*s%s%s "
	    "where %s", at->field->name, op != NULL ? "." : "",
	    op != NULL ? op : "", at->model->name, quote,
	    (int)utf8_prefix(text, len < SHOWN_MAX ? len : SHOWN_MAX), text,
	    len > SHOWN_MAX ? "..." : "", quote, expected);
}

static void
expect_enum(const struct schema_enum *e, json_object *json, char *out,
    size_t size)
{
	const char *word = json_object_is_type(json, json_type_string) ?
	    json_object_get_string(json) : "";
	struct nearest near;

	nearest_start(&near, word, strlen(word));
	for (size_t i = 0; i < e->nvalues; i++)
		nearest_try(&near, e->values[i]);
	(void)snprintf(out, size, "a value of enum %s was expected%s%s%s",
	    e->name, near.best != NULL ? "; did you mean \"" : "",
	    near.best != NULL ? near.best : "",
	    near.best != NULL ? "\"?" : "");
}

static void
refuse(struct filter_scope *scope, const struct filter_place *at,
    json_object *json)
{
	const struct schema_field *f = at->field;
	char expected[256];

	if (f->type == SCALAR_ENUM)
		expect_enum(f->enumeration, json, expected, sizeof(expected));
	else
		(void)snprintf(expected, sizeof(expected), "%s was expected",
		    filter_is_uuid(f) ? "a uuid" : types[f->type].expected);
	filter_misfit(scope, at, json, expected);
}

int
filter_operand(struct filter_scope *scope, const struct filter_place *at,
    json_object *json, struct value *out)
{
	switch (types[at->field->type].read(scope->arena, at->field, json,
	    out)) {
	case FITS:
		return 0;
	case NO_MEMORY:
		filter_no_memory(scope);
		break;
	case MISFIT:
		refuse(scope, at, json);
		break;
	}
	return -1;
}
