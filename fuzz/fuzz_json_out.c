/*
 * Fuzz target: values from a database, as every type.  Whatever is written
 * must be JSON for another parser, and a string must come back as it was.
 */
#include "target.h"

#include <json-c/json.h>

#include "base/num.h"
#include "base/utf8.h"
#include "model/json_decimal.h"
#include "model/json_out.h"
#include "model/json_text.h"

static json_object *
parse(struct buf *out)
{
	json_tokener *tokener = json_tokener_new_ex(2 * JSON_TEXT_DEPTH_MAX);
	json_object *json;

	/* A number ends where something else begins. */
	require(tokener != NULL && buf_putc(out, '\0') == 0);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
	    JSON_TOKENER_VALIDATE_UTF8);
	json = json_tokener_parse_ex(tokener, out->data, (int)out->len);
	require(json_tokener_get_error(tokener) == json_tokener_success);
	json_tokener_free(tokener);
	return json;
}

/* Wherever it begins, a text is the same, and nothing beyond it is read. */
static void
check_places(const struct buf *want, const char *text, size_t len)
{
	for (size_t at = 0; at < 16; at += 5) {
		char *moved = malloc(len + at > 0 ? len + at : 1);
		struct buf out;

		require(moved != NULL);
		memcpy(moved + at, text, len);
		buf_init(&out, 0);
		require(json_put_string(&out, moved + at, len) == 0);
		require(out.len == want->len &&
		    memcmp(out.data, want->data, out.len) == 0);
		buf_fini(&out);
		free(moved);
	}
}

/* A number's text is read as it was, and a second time changes nothing. */
static void
check_number(const char *text, size_t len)
{
	char *once = malloc(len + JSON_DECIMAL_EXTRA);
	char *twice = malloc(len + 2 * JSON_DECIMAL_EXTRA);
	char put[NUM_TEXT_MAX];
	double d, again;
	size_t n;

	require(once != NULL && twice != NULL);
	n = json_decimal(once, text, len);
	require(n == 0 || (json_decimal(twice, once, n) == n &&
	    memcmp(once, twice, n) == 0));
	if (num_read_double(text, len, &d) == 0) {
		require(num_read_double(put, num_put_double(put, d),
		    &again) == 0);
		require(again == d);
	}
	free(once);
	free(twice);
}

static void
check_string(const char *text, size_t len)
{
	struct buf out;
	json_object *json;

	buf_init(&out, 0);
	require(json_put_string(&out, text, len) == 0);
	check_places(&out, text, len);
	json = parse(&out);
	if (utf8_valid(text, len))
		require((size_t)json_object_get_string_len(json) == len &&
		    memcmp(json_object_get_string(json), text, len) == 0);
	json_object_put(json);
	buf_fini(&out);
}

static void
check_value(enum scalar_type type, bool list, const struct value *v)
{
	static const char *columns[] = { "a", "b" };
	static const struct schema_enum e = { .name = "E", .nvalues = 2,
	    .values = columns, .columns = columns };
	const struct schema_field f = { .name = "x", .type = type,
	    .list = list, .enumeration = &e };
	struct buf out;

	buf_init(&out, 0);
	if (json_put_value(&out, &f, v) == JSON_PUT_DONE) {
		require(utf8_valid(out.data, out.len));
		json_object_put(parse(&out));
	}
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct value v;

	check_string(text, size);
	check_number(text, size);
	for (int t = 0; t < SCALAR_TYPES; t++) {
		enum scalar_type type = (enum scalar_type)t;

		v = (struct value){ .kind = VALUE_TEXT, .len = size,
		    .u.text = text };
		check_value(type, false, &v);
		check_value(type, true, &v);
		v.kind = VALUE_BYTES;
		check_value(type, false, &v);
		if (size < sizeof(v.u))
			continue;
		memcpy(&v.u, data, sizeof(v.u));
		v.kind = VALUE_INT;
		check_value(type, false, &v);
		v.kind = VALUE_FLOAT;
		check_value(type, false, &v);
	}
	return 0;
}
