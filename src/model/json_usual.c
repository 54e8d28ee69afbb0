/*
 * One small function for each type.  Whatever one of them does not know goes
 * the slower way of json_value.c, which knows all kinds of values.
 */
#include "model/json_usual.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "model/json_decimal.h"
#include "model/json_text.h"
#include "model/json_time.h"

#define EACH(byte) (UINT64_MAX / 255 * (byte))

/* Capitals have a bit that figures have not, and lack one of small letters. */
static bool
has_capital(const char text[JSON_UUID_LEN])
{
	uint64_t found = 0, word;

	for (size_t i = 0; i < JSON_UUID_LEN; i += sizeof(word)) {
		size_t last = JSON_UUID_LEN - sizeof(word);

		memcpy(&word, text + (i < last ? i : last), sizeof(word));
		found |= word & ~(word << 1);
	}
	return (found & EACH(0x40)) != 0;
}

static char *
put_string(char *p, const struct value *v)
{
	size_t len = v->len;

	if (v->kind != VALUE_TEXT ||
	    (len == JSON_UUID_LEN && has_capital(v->u.text)))
		return NULL;
	p[0] = '"';
	if (json_copy_plain(p + 1, v->u.text, len) < len)
		return NULL;
	p[len + 1] = '"';
	return p + len + 2;
}

/* Another integer than 1 is false, as in the original service. */
static char *
put_bool(char *p, const struct value *v)
{
	bool no = v->u.i != 1;

	if (v->kind != VALUE_INT)
		return NULL;
	memcpy(p, no ? "false" : "true\0", 5);
	return p + 4 + no;
}

static char *
put_int(char *p, const struct value *v)
{
	if (v->kind != VALUE_INT || v->u.i > JSON_SAFE_MAX ||
	    v->u.i < -JSON_SAFE_MAX)
		return NULL;
	return p + num_put_i64(p, v->u.i);
}

static char *
put_bigint(char *p, const struct value *v)
{
	size_t len;

	if (v->kind != VALUE_INT)
		return NULL;
	len = num_put_i64(p + 1, v->u.i);
	p[0] = p[len + 1] = '"';
	return p + len + 2;
}

static char *
put_float(char *p, const struct value *v)
{
	return v->kind == VALUE_FLOAT && isfinite(v->u.f) ?
	    p + num_put_double(p, v->u.f) : NULL;
}

/* Num's notation of a double is decimal.js's, too. */
static char *
put_decimal(char *p, const struct value *v)
{
	size_t len = 0;

	if (v->kind == VALUE_TEXT)
		len = json_decimal_plain(p + 1, v->u.text, v->len);
	else if (v->kind == VALUE_FLOAT && isfinite(v->u.f))
		len = num_put_double(p + 1, v->u.f);
	else if (v->kind == VALUE_INT)
		len = num_put_i64(p + 1, v->u.i);
	if (len == 0)
		return NULL;
	p[0] = p[len + 1] = '"';
	return p + len + 2;
}

static char *
put_datetime(char *p, const struct value *v)
{
	if (v->kind != VALUE_TEXT ||
	    !json_time_utc(p + 1, v->u.text, v->len))
		return NULL;
	p[0] = p[JSON_TIME_LEN + 1] = '"';
	return p + JSON_TIME_LEN + 2;
}

static char *
put_other(char *p, const struct value *v)
{
	(void)p;
	(void)v;
	return NULL;
}

json_usual_fn *const json_usual[] = {
	[SCALAR_STRING] = put_string,
	[SCALAR_BOOLEAN] = put_bool,
	[SCALAR_INT] = put_int,
	[SCALAR_BIGINT] = put_bigint,
	[SCALAR_FLOAT] = put_float,
	[SCALAR_DECIMAL] = put_decimal,
	[SCALAR_DATETIME] = put_datetime,
	[SCALAR_JSON] = put_other,
	[SCALAR_BYTES] = put_other,
	[SCALAR_ENUM] = put_other,
	[SCALAR_UNSUPPORTED] = put_other,
};

static_assert(sizeof(json_usual) / sizeof(*json_usual) == SCALAR_TYPES,
    "a row for each type");
