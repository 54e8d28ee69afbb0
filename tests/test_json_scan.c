/* JSON: what is accepted, where it ends, its parts and its strings. */
#include "proto/json_scan.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define DEPTH 3
#define BAD SIZE_MAX

static char *
copy(const char *text, size_t len)
{
	char *p = malloc(len > 0 ? len : 1);

	ck_assert_ptr_nonnull(p);
	memcpy(p, text, len);
	return p;
}

static const struct {
	const char *text;
	size_t used;	/* BAD = refused */
	enum json_kind kind;
} rows[] = {
	{ "null", 4, JSON_NULL },
	{ "true", 4, JSON_BOOL },
	{ "falsey", 5, JSON_BOOL },
	{ " \t\r\n1 ", 5, JSON_NUMBER },
	{ "0", 1, JSON_NUMBER },
	{ "-0", 2, JSON_NUMBER },
	{ "01", 1, JSON_NUMBER },
	{ "10.50e+07x", 9, JSON_NUMBER },
	{ "1E5", 3, JSON_NUMBER },
	{ "0.0", 3, JSON_NUMBER },
	{ "\"\"", 2, JSON_STRING },
	{ "\"a\\\"b\"c", 6, JSON_STRING },
	{ "\"\\\\\\/\\b\\f\\n\\r\\t\\u00aF\"", 22, JSON_STRING },
	{ "\"\\ud800\"", 8, JSON_STRING },
	{ "\"\xc3\xa9\x7f\"", 5, JSON_STRING },
	{ "[]", 2, JSON_ARRAY },
	{ "[ ]", 3, JSON_ARRAY },
	{ "[1,\"]\",{}]]", 10, JSON_ARRAY },
	{ "{}", 2, JSON_OBJECT },
	{ "{ \"a\" : 1 , \"a\" : [ ] }", 23, JSON_OBJECT },
	{ "[[[1]]]", 7, JSON_ARRAY },
	{ "[[[]],{\"a\":[]}]", 15, JSON_ARRAY },

	{ "", BAD, 0 },
	{ " ", BAD, 0 },
	{ "nul", BAD, 0 },
	{ "True", BAD, 0 },
	{ "undefined", BAD, 0 },
	{ "NaN", BAD, 0 },
	{ "-", BAD, 0 },
	{ "+1", BAD, 0 },
	{ ".5", BAD, 0 },
	{ "1.", BAD, 0 },
	{ "1.e5", BAD, 0 },
	{ "1e", BAD, 0 },
	{ "1e+", BAD, 0 },
	{ "-a", BAD, 0 },
	{ "\"", BAD, 0 },
	{ "\"a", BAD, 0 },
	{ "\"\\\"", BAD, 0 },
	{ "\"\\", BAD, 0 },
	{ "\"\\x\"", BAD, 0 },
	{ "\"\\u12g4\"", BAD, 0 },
	{ "\"\\u12\"", BAD, 0 },
	{ "\"\\u12", BAD, 0 },
	{ "\"\n\"", BAD, 0 },
	{ "\"\x1f\"", BAD, 0 },
	{ "\"\xff\"", BAD, 0 },
	{ "\"\xc3\"", BAD, 0 },
	{ "'a'", BAD, 0 },
	{ "[", BAD, 0 },
	{ "[1", BAD, 0 },
	{ "[1,", BAD, 0 },
	{ "[1,]", BAD, 0 },
	{ "[,1]", BAD, 0 },
	{ "[1 2]", BAD, 0 },
	{ "[1}", BAD, 0 },
	{ "]", BAD, 0 },
	{ "{", BAD, 0 },
	{ "{\"a\"}", BAD, 0 },
	{ "{\"a\":}", BAD, 0 },
	{ "{\"a\":1,}", BAD, 0 },
	{ "{a:1}", BAD, 0 },
	{ "{1:1}", BAD, 0 },
	{ "{\"a\":1]", BAD, 0 },
	{ "{\"a\" 1}", BAD, 0 },
	{ "[[[[]]]]", BAD, 0 },
	{ "[[[{}]]]", BAD, 0 },
	{ "[[[]],{\"a\":[[]]}]", BAD, 0 }
};

START_TEST(scan)
{
	size_t len = strlen(rows[_i].text), used = BAD;
	char *text = copy(rows[_i].text, len);
	enum json_kind kind;

	if (rows[_i].used == BAD) {
		ck_assert_int_eq(json_scan(text, len, DEPTH, &kind, &used),
		    -1);
	} else {
		ck_assert_int_eq(json_scan(text, len, DEPTH, &kind, &used),
		    0);
		ck_assert_uint_eq(used, rows[_i].used);
		ck_assert_int_eq(kind, rows[_i].kind);
	}
	free(text);
}
END_TEST

/* No beginning of a container or a string is one itself. */
START_TEST(cut)
{
	static const char text[] = "[{\"a\\u00e9\":[1.5e1,true,null]},\"\xc3"
	    "\xa9\"]";
	enum json_kind kind;
	size_t n, used;
	char *p;

	for (n = 0; n < sizeof(text); n++) {
		p = copy(text, n);
		ck_assert_int_eq(json_scan(p, n, DEPTH, &kind, &used),
		    n == sizeof(text) - 1 ? 0 : -1);
		free(p);
	}
}
END_TEST

/* However deep the text and the caller's limit, the stack has an end. */
START_TEST(deep)
{
	size_t n = 1000000, used;
	char *text = malloc(n);
	enum json_kind kind;

	ck_assert_ptr_nonnull(text);
	memset(text, '[', n);
	ck_assert_int_eq(json_scan(text, n, SIZE_MAX, &kind, &used), -1);
	memset(text + 1000, ']', 1000);
	ck_assert_int_eq(json_scan(text, n, SIZE_MAX, &kind, &used), 0);
	ck_assert_uint_eq(used, 2000);
	free(text);
}
END_TEST

/* The parts of a container, joined by bars. */
static const char *const walks[][2] = {
	{ "[]", "" },
	{ " [ ] ", "" },
	{ "[1]", "1|" },
	{ " [ \"a,b\" , [1,2] ,{\"c\":3}, null ] ",
	    "\"a,b\"|[1,2]|{\"c\":3}|null|" },
	{ "{}", "" },
	{ "{\"a\":1, \"b:\" : [] }", "\"a\"|1|\"b:\"|[]|" }
};

START_TEST(walk)
{
	const char *text = walks[_i][0];
	struct slice whole = { text, strlen(text) }, part;
	struct json_iter it;
	enum json_kind kind;
	char told[128] = "";

	json_iter_init(&it, &whole);
	while (json_iter_next(&it, &part, &kind)) {
		strncat(told, part.p, part.len);
		strcat(told, "|");
	}
	ck_assert_str_eq(told, walks[_i][1]);
	ck_assert(!json_iter_next(&it, &part, &kind));
}
END_TEST

static const struct {
	const char *string, *text;
	size_t len;
} strings[] = {
	{ "\"\"", "", 0 },
	{ "\"abc\"", "abc", 3 },
	{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8 },
	{ "\"a\\u0000b\"", "a\0b", 3 },
	{ "\"\\u007f\\u0080\"", "\x7f\xc2\x80", 3 },
	{ "\"\\u07ff\\u0800\\uFFFF\"", "\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 8 },
	{ "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4 },
	{ "\"\\uD800\\uDC00\\udbff\\udfff\"",
	    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8 },
	{ "\"\xf0\x9f\x98\x80x\"", "\xf0\x9f\x98\x80x", 5 },
	{ "\"\\ud800\"", "\xef\xbf\xbd", 3 },
	{ "\"\\udc00a\"", "\xef\xbf\xbd" "a", 4 },
	{ "\"\\ud800\\ud800\\udc00\"", "\xef\xbf\xbd\xf0\x90\x80\x80", 7 },
	{ "\"\\ud800\\n\"", "\xef\xbf\xbd\n", 4 },
	{ "\"\\ud800uuuuu\"", "\xef\xbf\xbduuuuu", 8 },
	{ "\"\\ud800\\u0041\"", "\xef\xbf\xbd" "A", 4 }
};

START_TEST(decode)
{
	size_t len = strlen(strings[_i].string), want = strings[_i].len;
	char *text = copy(strings[_i].string, len);
	struct slice string = { text, len };
	struct buf out;

	/* A bound of 0 would be none. */
	if (want > 1) {
		buf_init(&out, want - 1);
		ck_assert_int_eq(json_string_decode(&string, &out), -1);
		buf_fini(&out);
	}
	buf_init(&out, want);
	ck_assert_int_eq(json_string_decode(&string, &out), 0);
	ck_assert_uint_eq(out.len, want);
	if (want > 0)
		ck_assert_mem_eq(out.data, strings[_i].text, want);
	buf_fini(&out);
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, scan, 0, COUNT(rows));
	tcase_add_test(tcase, cut);
	tcase_add_test(tcase, deep);
	tcase_add_loop_test(tcase, walk, 0, COUNT(walks));
	tcase_add_loop_test(tcase, decode, 0, COUNT(strings));
	return unit_run("json_scan", tcase);
}
