/* JSON that somebody wrote: numbers are what was written, or none. */
#include "model/json_read.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define DEPTH 4

/* Exactly as long as the text, so that no terminator is relied on. */
static int
read_text(const char *text, json_object **out, struct err *err)
{
	size_t len = strlen(text);
	char *exact = malloc(len > 0 ? len : 1);
	int rc;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, text, len);
	rc = json_read(exact, len, DEPTH, out, err);
	free(exact);
	return rc;
}

static const struct {
	const char *text, *want, *kind;
} read_rows[] = {
	{ "null", "null", "null" },
	{ " true ", "true", "a boolean" },
	{ "\"a\\u00e4\\\"N1\"", "\"a\xc3\xa4\\\"N1\"", "a string" },
	{ "[[[1]]]", "[[[1]]]", "an array" },
	{ "{\"N\":-0.0,\"I\":\"\\\\\"}", "{\"N\":-0.0,\"I\":\"\\\\\"}",
	    "an object" },
	{ "1.50", "1.50", "a number" },
	{ "-2E+3", "-2E+3", "a number" },
	{ "9223372036854775807", "9223372036854775807", "a number" },
	{ "-9223372036854775808", "-9223372036854775808", "a number" },
	{ "9223372036854775808", "9223372036854775808.0", "a number" },
	{ "-9223372036854775809", "-9223372036854775809.0", "a number" },
	{ "[100000000000000000000,1]", "[100000000000000000000.0,1]",
	    "an array" },
	{ "false", "false", "a boolean" },
};

START_TEST(reads)
{
	struct err err = { 0 };
	json_object *json;

	ck_assert_int_eq(read_text(read_rows[_i].text, &json, &err), 0);
	ck_assert_str_eq(json_object_to_json_string_ext(json,
	    JSON_C_TO_STRING_PLAIN), read_rows[_i].want);
	ck_assert_str_eq(json_kind(json), read_rows[_i].kind);
	json_object_put(json);
}
END_TEST

static const struct {
	const char *text;
	enum err_code code;
} refused[] = {
	{ "", ERR_BAD_OPTIONS }, { " ", ERR_BAD_OPTIONS },
	{ "{} x", ERR_BAD_OPTIONS }, { "[1,]", ERR_BAD_OPTIONS },
	{ "'a'", ERR_BAD_OPTIONS }, { "\"a", ERR_BAD_OPTIONS },
	{ "\"a\\", ERR_BAD_OPTIONS }, { "NaN", ERR_BAD_OPTIONS },
	{ "[Infinity]", ERR_BAD_OPTIONS }, { "-Infinity", ERR_BAD_OPTIONS },
	{ "nan", ERR_BAD_OPTIONS }, { "+1", ERR_BAD_OPTIONS },
	{ "-", ERR_BAD_OPTIONS }, { "012", ERR_BAD_OPTIONS },
	{ "0x10", ERR_BAD_OPTIONS }, { "1e", ERR_BAD_OPTIONS },
	{ "/**/1", ERR_BAD_OPTIONS }, { "\"\\u0000\"", ERR_BAD_OPTIONS },
	{ "{\"a\\u0000b\":1}", ERR_BAD_OPTIONS },
	{ "[[[[[1]]]]]", ERR_LIMIT },
};

START_TEST(refuses)
{
	struct err err = { 0 };
	json_object *json;

	ck_assert_msg(read_text(refused[_i].text, &json, &err) == -1, "%s",
	    refused[_i].text);
	ck_assert_int_eq(err.code, refused[_i].code);
	ck_assert_ptr_null(json);
}
END_TEST

static const struct {
	const char *text;
	bool whole;
	int64_t want;
} integers[] = {
	{ "0", true, 0 }, { "-5", true, -5 }, { "5.0", true, 5 },
	{ "1e3", true, 1000 }, { "-0.0", true, 0 },
	{ "9007199254740992.0", true, INT64_C(9007199254740992) },
	{ "9007199254740994.0", false, 0 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "9223372036854775808", false, 0 },
	{ "-9223372036854775809", false, 0 },
	{ "0.5", false, 0 }, { "-1e-300", false, 0 }, { "1e999", false, 0 },
	{ "\"5\"", false, 0 }, { "true", false, 0 }, { "null", false, 0 },
	{ "[5]", false, 0 },
};

START_TEST(whole_numbers)
{
	json_object *json;
	int64_t got = 0;

	ck_assert_int_eq(read_text(integers[_i].text, &json, NULL), 0);
	ck_assert_msg((json_integer(json, &got) == 0) == integers[_i].whole,
	    "%s", integers[_i].text);
	if (integers[_i].whole)
		ck_assert_int_eq(got, integers[_i].want);
	json_object_put(json);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json_read");

	tcase_add_loop_test(tc, reads, 0, COUNT(read_rows));
	tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
	tcase_add_loop_test(tc, whole_numbers, 0, COUNT(integers));
	return unit_run("json_read", tc);
}
