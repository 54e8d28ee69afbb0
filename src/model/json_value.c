/*
 * What each type of the schema makes of what a driver delivered and is not of
 * the usual kind (json_usual.c).  Drivers
 * describe columns loosely (a decimal as a double, a boolean as text), so
 * every type takes every kind of value that can mean it; what cannot is a
 * misfit, told to the caller, never a guess.
 */
#include "model/json_out.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "model/json_decimal.h"
#include "model/json_list.h"
#include "model/json_text.h"
#include "model/json_time.h"
#include "model/json_usual.h"

/* 2^63: doubles below are whole numbers of int64. */
#define INT64_LIMIT 9223372036854775808.0
/* Longer texts are no numbers that a Float or an Int can be. */
#define NUMBER_LEN_MAX 512

typedef enum json_put put_fn(struct buf *out, const struct schema_field *f,
    const struct value *v);

static enum json_put
done_or_full(int rc)
{
	return rc == 0 ? JSON_PUT_DONE : JSON_PUT_FULL;
}

static enum json_put
put_raw(struct buf *out, const char *text, size_t len)
{
	return done_or_full(buf_put(out, text, len));
}

static enum json_put
put_null(struct buf *out)
{
	return put_raw(out, "null", 4);
}

static enum json_put
put_i64(struct buf *out, int64_t i)
{
	char *p = buf_room(out, NUM_TEXT_MAX);

	if (p == NULL)
		return JSON_PUT_FULL;
	buf_added(out, num_put_i64(p, i));
	return JSON_PUT_DONE;
}

/* Plain ASCII without anything to escape. */
static enum json_put
put_quoted(struct buf *out, const char *text, size_t len)
{
	char *p = buf_room(out, len + 2);

	if (p == NULL)
		return JSON_PUT_FULL;
	p[0] = '"';
	memcpy(p + 1, text, len);
	p[len + 1] = '"';
	buf_added(out, len + 2);
	return JSON_PUT_DONE;
}

static enum json_put
put_quoted_i64(struct buf *out, int64_t i)
{
	char text[NUM_TEXT_MAX];

	return put_quoted(out, text, num_put_i64(text, i));
}

/* The value as a double, also NaN or infinite; false: it is no number. */
static bool
as_double(const struct value *v, double *out)
{
	char text[NUMBER_LEN_MAX + JSON_DECIMAL_EXTRA];
	size_t len;

	switch (v->kind) {
	case VALUE_INT:
		*out = (double)v->u.i;
		return true;
	case VALUE_FLOAT:
		*out = v->u.f;
		return true;
	case VALUE_TEXT:
		if (v->len > NUMBER_LEN_MAX)
			return false;
		len = json_decimal(text, v->u.text, v->len);
		if (len > 0 && num_read_double(text, len, out) != 0)
			*out = NAN;	/* or beyond the range: null too */
		return len > 0;
	case VALUE_NULL:
	case VALUE_BYTES:
		break;
	}
	return false;
}

/* The value as an integer, a fraction cut off. */
static bool
as_i64(const struct value *v, int64_t *out)
{
	double d;

	if (v->kind == VALUE_INT) {
		*out = v->u.i;
		return true;
	}
	if (v->kind == VALUE_TEXT &&
	    num_read_i64(v->u.text, v->len, out) == 0)
		return true;
	if (!as_double(v, &d) || !(d > -INT64_LIMIT && d < INT64_LIMIT))
		return false;
	*out = (int64_t)d;
	return true;
}

static enum json_put
put_int(struct buf *out, const struct schema_field *f, const struct value *v)
{
	int64_t i;

	(void)f;
	if (!as_i64(v, &i) || i > JSON_SAFE_MAX || i < -JSON_SAFE_MAX)
		return JSON_PUT_MISFIT;
	return put_i64(out, i);
}

/* Unsigned 64-bit columns arrive as text: more than int64 is kept exactly. */
static enum json_put
put_bigint(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	char text[NUMBER_LEN_MAX + JSON_DECIMAL_EXTRA];
	int64_t i;
	size_t len;

	(void)f;
	if (as_i64(v, &i))
		return put_quoted_i64(out, i);
	if (v->kind != VALUE_TEXT || v->len > NUMBER_LEN_MAX)
		return JSON_PUT_MISFIT;
	len = json_decimal(text, v->u.text, v->len);
	if (len == 0 || strspn(text, "-0123456789") < len)
		return JSON_PUT_MISFIT;
	return put_quoted(out, text, len);
}

static enum json_put
put_float(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	double d;
	char *p;

	(void)f;
	if (!as_double(v, &d))
		return JSON_PUT_MISFIT;
	if (!isfinite(d))
		return put_null(out);
	p = buf_room(out, NUM_TEXT_MAX);
	if (p == NULL)
		return JSON_PUT_FULL;
	buf_added(out, num_put_double(p, d));
	return JSON_PUT_DONE;
}

/* Num's notation of a double is decimal.js's, too. */
static enum json_put
put_quoted_double(struct buf *out, double d)
{
	char text[NUM_TEXT_MAX];

	if (isnan(d))
		return put_quoted(out, "NaN", 3);
	if (!isfinite(d))
		return d > 0 ? put_quoted(out, "Infinity", 8) :
		    put_quoted(out, "-Infinity", 9);
	return put_quoted(out, text, num_put_double(text, d));
}

static enum json_put
put_decimal(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	size_t len;
	char *p;

	(void)f;
	if (v->kind == VALUE_FLOAT)
		return put_quoted_double(out, v->u.f);
	if (v->kind != VALUE_TEXT)
		return JSON_PUT_MISFIT;
	p = buf_room(out, v->len + JSON_DECIMAL_EXTRA + 2);
	if (p == NULL)
		return JSON_PUT_FULL;
	len = json_decimal(p + 1, v->u.text, v->len);
	if (len == 0)
		return JSON_PUT_MISFIT;
	p[0] = p[len + 1] = '"';
	buf_added(out, len + 2);
	return JSON_PUT_DONE;
}

static enum json_put
put_truth(struct buf *out, bool b)
{
	char *p = buf_room(out, 5);

	if (p == NULL)
		return JSON_PUT_FULL;
	memcpy(p, b ? "true" : "false", 5);
	buf_added(out, b ? 4 : 5);
	return JSON_PUT_DONE;
}

static enum json_put
put_bool(struct buf *out, const struct schema_field *f, const struct value *v)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {
		{ "true", true }, { "t", true },
		{ "false", false }, { "f", false },
	};
	int64_t i;

	(void)f;
	if (as_i64(v, &i))
		return put_truth(out, i == 1);
	if (v->kind == VALUE_BYTES && v->len == 1)	/* MariaDB's BIT(1) */
		return put_truth(out, v->u.text[0] == 1);
	for (size_t k = 0; v->kind == VALUE_TEXT &&
	    k < sizeof(words) / sizeof(*words); k++)
		if (v->len == strlen(words[k].text) &&
		    strncasecmp(v->u.text, words[k].text, v->len) == 0)
			return put_truth(out, words[k].value);
	return JSON_PUT_MISFIT;
}

static enum json_put
put_datetime(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	char text[JSON_TIME_LEN];
	size_t len;
	int64_t ms;

	(void)f;
	if (v->kind == VALUE_TEXT)
		len = json_time_text(text, v->u.text, v->len);
	else if (as_i64(v, &ms))
		len = json_time_ms(text, ms);
	else
		return JSON_PUT_MISFIT;
	if (len == 0)
		return put_null(out);	/* infinity, 0000-00-00, nonsense */
	return put_quoted(out, text, len);
}

/* Databases with a uuid type disagree on the case of its text. */
static bool
is_uuid(const struct schema_field *f)
{
	return f->native != NULL && (strcmp(f->native, "Uuid") == 0 ||
	    strcmp(f->native, "UniqueIdentifier") == 0);
}

static enum json_put
put_uuid(struct buf *out, const char *given)
{
	char text[JSON_UUID_LEN];

	for (size_t i = 0; i < sizeof(text); i++) {
		char c = given[i];

		text[i] = c >= 'A' && c <= 'F' ? (char)(c | 0x20) : c;
	}
	return done_or_full(json_put_string(out, text, sizeof(text)));
}

static enum json_put
put_string(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	switch (v->kind) {
	case VALUE_TEXT:
		if (v->len == JSON_UUID_LEN && is_uuid(f))
			return put_uuid(out, v->u.text);
		return done_or_full(json_put_string(out, v->u.text, v->len));
	case VALUE_INT:
		return put_quoted_i64(out, v->u.i);
	case VALUE_FLOAT:
		return put_quoted_double(out, v->u.f);
	case VALUE_NULL:
	case VALUE_BYTES:
		break;
	}
	return JSON_PUT_MISFIT;
}

static enum json_put
put_json(struct buf *out, const struct schema_field *f, const struct value *v)
{
	if (v->kind != VALUE_TEXT)
		return put_float(out, f, v);
	return done_or_full(json_text_put(out, v->u.text, v->len));
}

static enum json_put
put_enum(struct buf *out, const struct schema_field *f, const struct value *v)
{
	const struct schema_enum *e = f->enumeration;

	if (v->kind != VALUE_TEXT)
		return JSON_PUT_MISFIT;
	for (size_t i = 0; i < e->nvalues; i++)
		if (strlen(e->columns[i]) == v->len &&
		    memcmp(e->columns[i], v->u.text, v->len) == 0)
			return put_quoted(out, e->values[i],
			    strlen(e->values[i]));
	return JSON_PUT_MISFIT;
}

/* Three bytes to four letters. */
static char *
put_base64(char *p, const unsigned char *s, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; len > 0; s += 3, p += 4) {
		unsigned int w = (unsigned int)s[0] << 16;
		size_t n = len < 3 ? len : 3;

		if (n > 1)
			w |= (unsigned int)s[1] << 8;
		if (n > 2)
			w |= s[2];
		p[0] = letters[w >> 18];
		p[1] = letters[w >> 12 & 63];
		p[2] = n > 1 ? letters[w >> 6 & 63] : '=';
		p[3] = n > 2 ? letters[w & 63] : '=';
		len -= n;
	}
	return p;
}

static enum json_put
put_bytes(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	char *p, *end;

	(void)f;
	if (v->kind != VALUE_BYTES && v->kind != VALUE_TEXT)
		return JSON_PUT_MISFIT;
	p = buf_room(out, v->len / 3 * 4 + 6);
	if (p == NULL)
		return JSON_PUT_FULL;
	p[0] = '"';
	end = put_base64(p + 1, (const unsigned char *)v->u.text, v->len);
	*end++ = '"';
	buf_added(out, (size_t)(end - p));
	return JSON_PUT_DONE;
}

/* Unsupported("...") fields are in no plan. */
static enum json_put
put_nothing(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	(void)out;
	(void)f;
	(void)v;
	return JSON_PUT_MISFIT;
}

static put_fn *const put_by_type[] = {
	[SCALAR_STRING] = put_string,
	[SCALAR_BOOLEAN] = put_bool,
	[SCALAR_INT] = put_int,
	[SCALAR_BIGINT] = put_bigint,
	[SCALAR_FLOAT] = put_float,
	[SCALAR_DECIMAL] = put_decimal,
	[SCALAR_DATETIME] = put_datetime,
	[SCALAR_JSON] = put_json,
	[SCALAR_BYTES] = put_bytes,
	[SCALAR_ENUM] = put_enum,
	[SCALAR_UNSUPPORTED] = put_nothing,
};

static_assert(sizeof(put_by_type) / sizeof(*put_by_type) == SCALAR_TYPES,
    "a row for each type");

enum json_put
json_put_value(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	char *p = buf_room(out, JSON_USUAL_ROOM +
	    (v->kind == VALUE_TEXT ? v->len : 0)), *end;

	if (p == NULL)
		return JSON_PUT_FULL;
	end = json_put_usual(p, f, v);
	if (end == NULL)
		return json_put_unusual(out, f, v);
	buf_added(out, (size_t)(end - p));
	return JSON_PUT_DONE;
}

enum json_put
json_put_unusual(struct buf *out, const struct schema_field *f,
    const struct value *v)
{
	if (f->list && v->kind == VALUE_NULL)
		return put_raw(out, "[]", 2);	/* as Prisma has it */
	if (f->list)
		return v->kind != VALUE_TEXT ? JSON_PUT_MISFIT :
		    json_list_put(out, f, v->u.text, v->len);
	return put_by_type[f->type](out, f, v);
}
