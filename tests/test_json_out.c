/* Values of every kind as fields of every type. */
#include "model/json_out.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#define NUL { .kind = VALUE_NULL }
#define INT(n) { .kind = VALUE_INT, .u.i = (n) }
#define FLT(d) { .kind = VALUE_FLOAT, .u.f = (d) }
#define TXT(s) { .kind = VALUE_TEXT, .len = sizeof(s) - 1, .u.text = (s) }
#define BIN(s) { .kind = VALUE_BYTES, .len = sizeof(s) - 1, .u.text = (s) }

static const char *const colours[] = { "red", "darkBlue" };
static const char *const colour_columns[] = { "R", "dark blue" };

struct row {
	enum scalar_type type;
	struct value value;
	const char *want;	/* NULL = misfit */
};

static void
check_value(const struct schema_field *f, const struct value *v,
    const char *want)
{
	struct buf out;
	enum json_put put;

	buf_init(&out, 0);
	put = json_put_value(&out, f, v);
	if (want == NULL) {
		ck_assert_int_eq(put, JSON_PUT_MISFIT);
	} else {
		ck_assert_int_eq(put, JSON_PUT_DONE);
		ck_assert_int_eq(buf_putc(&out, '\0'), 0);
		ck_assert_str_eq(out.data, want);
	}
	buf_fini(&out);
}

static void
check_rows(const struct row *rows, size_t n)
{
	struct schema_enum e = { .name = "Colour", .nvalues = 2 };
	struct schema_field f = { .name = "x", .enumeration = &e };
	const char *values[2], *columns[2];

	memcpy(values, colours, sizeof(values));
	memcpy(columns, colour_columns, sizeof(columns));
	e.values = values;
	e.columns = columns;
	for (size_t i = 0; i < n; i++) {
		f.type = rows[i].type;
		check_value(&f, &rows[i].value, rows[i].want);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(*(rows)))

START_TEST(null_is_null)
{
	struct schema_field f = { .name = "x" };
	const struct value v = NUL;

	for (int t = 0; t < SCALAR_UNSUPPORTED; t++) {
		f.type = (enum scalar_type)t;
		check_value(&f, &v, "null");
	}
}
END_TEST

START_TEST(integers)
{
	static const struct row rows[] = {
		{ SCALAR_INT, INT(0), "0" },
		{ SCALAR_INT, INT(-2147483648), "-2147483648" },
		{ SCALAR_INT, INT(9007199254740991), "9007199254740991" },
		{ SCALAR_INT, INT(-9007199254740991), "-9007199254740991" },
		{ SCALAR_INT, INT(9007199254740992), NULL },
		{ SCALAR_INT, INT(INT64_MIN), NULL },
		{ SCALAR_INT, TXT("42"), "42" },
		{ SCALAR_INT, TXT("-7"), "-7" },
		{ SCALAR_INT, TXT("007"), "7" },
		{ SCALAR_INT, TXT("+7"), "7" },
		{ SCALAR_INT, TXT("12.9"), "12" },
		{ SCALAR_INT, TXT("-12.9"), "-12" },
		{ SCALAR_INT, FLT(12.9), "12" },
		{ SCALAR_INT, FLT(-0.5), "0" },
		{ SCALAR_INT, FLT(1e300), NULL },
		{ SCALAR_INT, FLT(NAN), NULL },
		{ SCALAR_INT, TXT(""), NULL },
		{ SCALAR_INT, TXT("abc"), NULL },
		{ SCALAR_INT, TXT("1x"), NULL },
		{ SCALAR_INT, BIN("1"), NULL },
		{ SCALAR_BIGINT, INT(0), "\"0\"" },
		{ SCALAR_BIGINT, INT(9007199254740993),
		    "\"9007199254740993\"" },
		{ SCALAR_BIGINT, INT(INT64_MIN), "\"-9223372036854775808\"" },
		{ SCALAR_BIGINT, TXT("18446744073709551615"),
		    "\"18446744073709551615\"" },
		{ SCALAR_BIGINT, TXT("9223372036854775807"),
		    "\"9223372036854775807\"" },
		{ SCALAR_BIGINT, FLT(1e18), "\"1000000000000000000\"" },
		{ SCALAR_BIGINT, TXT("nope"), NULL },
		{ SCALAR_BIGINT, TXT("1e400"), NULL },
		{ SCALAR_BIGINT, TXT("NaN"), NULL },
		{ SCALAR_BIGINT, BIN("1"), NULL },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(floats)
{
	static const struct row rows[] = {
		{ SCALAR_FLOAT, FLT(0.1), "0.1" },
		{ SCALAR_FLOAT, FLT(-0.0), "0" },
		{ SCALAR_FLOAT, FLT(0.1 + 0.2), "0.30000000000000004" },
		{ SCALAR_FLOAT, FLT(1e21), "1e+21" },
		{ SCALAR_FLOAT, FLT(1e20), "100000000000000000000" },
		{ SCALAR_FLOAT, FLT(1e-7), "1e-7" },
		{ SCALAR_FLOAT, FLT(1e-6), "0.000001" },
		{ SCALAR_FLOAT, FLT(5e-324), "5e-324" },
		{ SCALAR_FLOAT, FLT(1.7976931348623157e308),
		    "1.7976931348623157e+308" },
		{ SCALAR_FLOAT, FLT(NAN), "null" },
		{ SCALAR_FLOAT, FLT(INFINITY), "null" },
		{ SCALAR_FLOAT, FLT(-INFINITY), "null" },
		{ SCALAR_FLOAT, INT(5), "5" },
		{ SCALAR_FLOAT, INT(INT64_MAX), "9223372036854776000" },
		{ SCALAR_FLOAT, TXT("395.140625"), "395.140625" },
		{ SCALAR_FLOAT, TXT(".5"), "0.5" },
		{ SCALAR_FLOAT, TXT("1.10"), "1.1" },
		{ SCALAR_FLOAT, TXT("NaN"), "null" },
		{ SCALAR_FLOAT, TXT("-Infinity"), "null" },
		{ SCALAR_FLOAT, TXT("1e999"), "null" },
		{ SCALAR_FLOAT, TXT("abc"), NULL },
		{ SCALAR_FLOAT, TXT(""), NULL },
		{ SCALAR_FLOAT, BIN("1"), NULL },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(decimals)
{
	static const struct row rows[] = {
		{ SCALAR_DECIMAL, TXT("0"), "\"0\"" },
		{ SCALAR_DECIMAL, TXT("0.000"), "\"0\"" },
		{ SCALAR_DECIMAL, TXT("-0.00"), "\"0\"" },
		{ SCALAR_DECIMAL, TXT("000"), "\"0\"" },
		{ SCALAR_DECIMAL, TXT("12.50"), "\"12.5\"" },
		{ SCALAR_DECIMAL, TXT("100"), "\"100\"" },
		{ SCALAR_DECIMAL, TXT("100.00"), "\"100\"" },
		{ SCALAR_DECIMAL, TXT("+012.50"), "\"12.5\"" },
		{ SCALAR_DECIMAL, TXT("-0.5000"), "\"-0.5\"" },
		{ SCALAR_DECIMAL, TXT(".5"), "\"0.5\"" },
		{ SCALAR_DECIMAL, TXT("5."), "\"5\"" },
		{ SCALAR_DECIMAL, TXT("10.01"), "\"10.01\"" },
		{ SCALAR_DECIMAL, TXT("0.000001"), "\"0.000001\"" },
		{ SCALAR_DECIMAL, TXT("0.0000001"), "\"1e-7\"" },
		{ SCALAR_DECIMAL, TXT("-0.0000000001"), "\"-1e-10\"" },
		{ SCALAR_DECIMAL, TXT("0.00000012340"), "\"1.234e-7\"" },
		{ SCALAR_DECIMAL, TXT("100000000000000000000"),
		    "\"100000000000000000000\"" },
		{ SCALAR_DECIMAL, TXT("1000000000000000000000"), "\"1e+21\"" },
		{ SCALAR_DECIMAL,
		    TXT("9999999999999999999999999999.9999999999"),
		    "\"9.9999999999999999999999999999999999999e+27\"" },
		{ SCALAR_DECIMAL, TXT("1.0e+28"), "\"1e+28\"" },
		{ SCALAR_DECIMAL, TXT("1.5E3"), "\"1500\"" },
		{ SCALAR_DECIMAL, TXT("1.5E-3"), "\"0.0015\"" },
		{ SCALAR_DECIMAL, TXT("123456e-3"), "\"123.456\"" },
		{ SCALAR_DECIMAL, TXT("0e5"), "\"0\"" },
		{ SCALAR_DECIMAL, TXT("NaN"), "\"NaN\"" },
		{ SCALAR_DECIMAL, TXT("-Infinity"), "\"-Infinity\"" },
		{ SCALAR_DECIMAL, INT(-5), "\"-5\"" },
		{ SCALAR_DECIMAL, INT(INT64_MAX), "\"9223372036854775807\"" },
		{ SCALAR_DECIMAL, FLT(888888888888888.99),
		    "\"888888888888889\"" },
		{ SCALAR_DECIMAL, FLT(1e28), "\"1e+28\"" },
		{ SCALAR_DECIMAL, FLT(-0.0), "\"0\"" },
		{ SCALAR_DECIMAL, FLT(NAN), "\"NaN\"" },
		{ SCALAR_DECIMAL, FLT(-INFINITY), "\"-Infinity\"" },
		{ SCALAR_DECIMAL, FLT(INFINITY), "\"Infinity\"" },
		{ SCALAR_DECIMAL, TXT(""), NULL },
		{ SCALAR_DECIMAL, TXT("."), NULL },
		{ SCALAR_DECIMAL, TXT("-"), NULL },
		{ SCALAR_DECIMAL, TXT("1e"), NULL },
		{ SCALAR_DECIMAL, TXT("1e+"), NULL },
		{ SCALAR_DECIMAL, TXT("1.2.3"), NULL },
		{ SCALAR_DECIMAL, TXT("$5"), NULL },
		{ SCALAR_DECIMAL, TXT("5 "), NULL },
		{ SCALAR_DECIMAL, BIN("5"), NULL },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(booleans)
{
	static const struct row rows[] = {
		{ SCALAR_BOOLEAN, INT(1), "true" },
		{ SCALAR_BOOLEAN, INT(0), "false" },
		{ SCALAR_BOOLEAN, INT(-1), "false" },
		{ SCALAR_BOOLEAN, INT(2), "false" },
		{ SCALAR_BOOLEAN, FLT(1.0), "true" },
		{ SCALAR_BOOLEAN, TXT("1"), "true" },
		{ SCALAR_BOOLEAN, TXT("0"), "false" },
		{ SCALAR_BOOLEAN, TXT("t"), "true" },
		{ SCALAR_BOOLEAN, TXT("TRUE"), "true" },
		{ SCALAR_BOOLEAN, TXT("f"), "false" },
		{ SCALAR_BOOLEAN, TXT("False"), "false" },
		{ SCALAR_BOOLEAN, BIN("\1"), "true" },
		{ SCALAR_BOOLEAN, BIN("\0"), "false" },
		{ SCALAR_BOOLEAN, BIN("\1\1"), NULL },
		{ SCALAR_BOOLEAN, TXT(""), NULL },
		{ SCALAR_BOOLEAN, TXT("maybe"), NULL },
	};

	CHECK_ROWS(rows);
}
END_TEST

#define D(text, want) { SCALAR_DATETIME, TXT(text), "\"" want "\"" }
#define D_NULL(text) { SCALAR_DATETIME, TXT(text), "null" }
#define D_MS(ms, want) { SCALAR_DATETIME, INT(ms), "\"" want "\"" }

START_TEST(moments_in_text)
{
	static const struct row rows[] = {
		D("2024-01-02 03:04:05.678", "2024-01-02T03:04:05.678Z"),
		D("2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678Z"),
		D("2024-01-02T03:04:05.678+00:00",
		    "2024-01-02T03:04:05.678Z"),
		D("2024-01-02 03:04:05.678+00", "2024-01-02T03:04:05.678Z"),
		D("2024-01-02", "2024-01-02T00:00:00.000Z"),
		D("2024-01-02 03:04", "2024-01-02T03:04:00.000Z"),
		D("2024-01-02 03:04:05", "2024-01-02T03:04:05.000Z"),
		D("2024-01-02 03:04:05.6", "2024-01-02T03:04:05.600Z"),
		D("2024-01-02 03:04:05.67", "2024-01-02T03:04:05.670Z"),
		D("2024-01-02 03:04:05.6789", "2024-01-02T03:04:05.678Z"),
		D("2024-01-02 03:04:05.999999999",
		    "2024-01-02T03:04:05.999Z"),
		D("2024-01-02 03:04:05.1234567 +02:00",
		    "2024-01-02T01:04:05.123Z"),
		D("2024-01-02T03:04:05+05:30", "2024-01-01T21:34:05.000Z"),
		D("2024-12-31T23:00:00-0130", "2025-01-01T00:30:00.000Z"),
		D("1850-01-01 00:00:00+00:19:32",
		    "1849-12-31T23:40:28.000Z"),
		D("0001-01-01 00:00:00", "0001-01-01T00:00:00.000Z"),
		D("9999-12-31 23:59:59.997", "9999-12-31T23:59:59.997Z"),
		D("1899-12-30 00:00:00", "1899-12-30T00:00:00.000Z"),
		D("1969-12-31T23:59:59.999+00:00",
		    "1969-12-31T23:59:59.999Z"),
		D("1600-02-29", "1600-02-29T00:00:00.000Z"),
		D("03:04:05", "1970-01-01T03:04:05.000Z"),
		D("1704164645678", "2024-01-02T03:04:05.678Z"),
		D("-1", "1969-12-31T23:59:59.999Z"),
		D("0", "1970-01-01T00:00:00.000Z"),
		D_NULL("infinity"),
		D_NULL("-infinity"),
		D_NULL(""),
		D_NULL("yesterday"),
		D_NULL("0000-00-00 00:00:00"),
		D_NULL("0000-12-31"),
		D_NULL("2024-02-30"),
		D_NULL("1900-02-29"),
		D_NULL("2024-13-01"),
		D_NULL("2024-01-02 24:00:00"),
		D_NULL("2024-01-02 03:60:00"),
		D_NULL("2024-01-02 03:04:60"),
		D_NULL("2024-01-02 03:04:05."),
		D_NULL("2024-01-02 03:04:05.6x"),
		D_NULL("2024-01-02T"),
		D_NULL("2024-01-02 03:04:05+"),
		D_NULL("2024-01-02 03:04:05+1"),
		D_NULL("2024-01-02 03:04:05 BC"),
		D_NULL("24-01-02"),
		D_NULL("0001-01-01 00:00:00+01"),
		D_NULL("9999-12-31 23:30:00-01"),
		D_NULL("99999-12-31"),
		D("2024-02-29", "2024-02-29T00:00:00.000Z"),
		D("2024-01-31 23:59:59.1+00", "2024-01-31T23:59:59.100Z"),
		D("2024-01-28 23:59:59.12+00:00", "2024-01-28T23:59:59.120Z"),
		D("2024-01-28 03:04:05Z", "2024-01-28T03:04:05.000Z"),
		D("2024-01-28 03:04:05+01", "2024-01-28T02:04:05.000Z"),
		D_NULL("2024-01-00"),
		D_NULL("2024-00-28"),
		D_NULL("2024-1a-28"),
		D_NULL("2024-01-2"),
		D_NULL("2024-01-28 03:04:0"),
		D_NULL("2024-01-28 03:04:05.6Y"),
		D_NULL("2024-01-28 03:04:05+00:0"),
		D_NULL("99999999999999999999999"),
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(moments_in_milliseconds)
{
	static const struct row rows[] = {
		D_MS(0, "1970-01-01T00:00:00.000Z"),
		D_MS(1704164645678, "2024-01-02T03:04:05.678Z"),
		D_MS(-1, "1969-12-31T23:59:59.999Z"),
		D_MS(-62135596800000, "0001-01-01T00:00:00.000Z"),
		D_MS(253402300799999, "9999-12-31T23:59:59.999Z"),
		D_MS(951782400000, "2000-02-29T00:00:00.000Z"),
		D_MS(-2203977600000, "1900-02-28T00:00:00.000Z"),
		{ SCALAR_DATETIME, INT(-62135596800001), "null" },
		{ SCALAR_DATETIME, INT(253402300800000), "null" },
		{ SCALAR_DATETIME, INT(INT64_MIN), "null" },
		{ SCALAR_DATETIME, FLT(1704164645678.9),
		    "\"2024-01-02T03:04:05.678Z\"" },
		{ SCALAR_DATETIME, FLT(NAN), NULL },
		{ SCALAR_DATETIME, BIN("2024"), NULL },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(texts)
{
	static const struct row rows[] = {
		{ SCALAR_STRING, TXT(""), "\"\"" },
		{ SCALAR_STRING, TXT("a"), "\"a\"" },
		{ SCALAR_STRING, INT(-12), "\"-12\"" },
		{ SCALAR_STRING, FLT(1.5), "\"1.5\"" },
		{ SCALAR_STRING, BIN("x"), NULL },
		{ SCALAR_ENUM, TXT("R"), "\"red\"" },
		{ SCALAR_ENUM, TXT("dark blue"), "\"darkBlue\"" },
		{ SCALAR_ENUM, TXT("red"), NULL },
		{ SCALAR_ENUM, INT(1), NULL },
		{ SCALAR_BYTES, BIN(""), "\"\"" },
		{ SCALAR_BYTES, BIN("f"), "\"Zg==\"" },
		{ SCALAR_BYTES, BIN("fo"), "\"Zm8=\"" },
		{ SCALAR_BYTES, BIN("foo"), "\"Zm9v\"" },
		{ SCALAR_BYTES, BIN("\xff\x00\xfe\x3e"), "\"/wD+Pg==\"" },
		{ SCALAR_BYTES, TXT("foob"), "\"Zm9vYg==\"" },
		{ SCALAR_BYTES, INT(1), NULL },
		{ SCALAR_UNSUPPORTED, TXT("x"), NULL },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(json_columns)
{
	static const struct row rows[] = {
		{ SCALAR_JSON, TXT("null"), "null" },
		{ SCALAR_JSON, TXT(" { \"a\" : [ 1 , -2.5e+3 , true ] } "),
		    "{\"a\":[1,-2.5e+3,true]}" },
		{ SCALAR_JSON, TXT("[]"), "[]" },
		{ SCALAR_JSON, TXT("{ }"), "{}" },
		{ SCALAR_JSON, TXT("\"a \\\" \\u00e9 \xc3\xa9\""),
		    "\"a \\\" \\u00e9 \xc3\xa9\"" },
		{ SCALAR_JSON, TXT("0.10"), "0.10" },
		{ SCALAR_JSON, INT(5), "5" },
		{ SCALAR_JSON, FLT(0.5), "0.5" },
		/* No JSON: a string, so that the answer stays valid. */
		{ SCALAR_JSON, TXT(""), "\"\"" },
		{ SCALAR_JSON, TXT("nul"), "\"nul\"" },
		{ SCALAR_JSON, TXT("01"), "\"01\"" },
		{ SCALAR_JSON, TXT("1."), "\"1.\"" },
		{ SCALAR_JSON, TXT("-"), "\"-\"" },
		{ SCALAR_JSON, TXT("1e"), "\"1e\"" },
		{ SCALAR_JSON, TXT("[1,]"), "\"[1,]\"" },
		{ SCALAR_JSON, TXT("[1 2]"), "\"[1 2]\"" },
		{ SCALAR_JSON, TXT("{a:1}"), "\"{a:1}\"" },
		{ SCALAR_JSON, TXT("{\"a\"}"), "\"{\\\"a\\\"}\"" },
		{ SCALAR_JSON, TXT("[] x"), "\"[] x\"" },
		{ SCALAR_JSON, TXT("[]\0"), "\"[]\\u0000\"" },
		{ SCALAR_JSON, TXT("\"\\x\""), "\"\\\"\\\\x\\\"\"" },
		{ SCALAR_JSON, TXT("\"\\u12g4\""), "\"\\\"\\\\u12g4\\\"\"" },
		{ SCALAR_JSON, TXT("\"\\u12"), "\"\\\"\\\\u12\"" },
		{ SCALAR_JSON, TXT("\"\n\""), "\"\\\"\\n\\\"\"" },
		{ SCALAR_JSON, TXT("\"\xff\""), "\"\\\"\xef\xbf\xbd\\\"\"" },
	};
	const struct schema_field f = { .type = SCALAR_JSON };
	char deep[1001];
	struct value v = { .kind = VALUE_TEXT, .len = 1000, .u.text = deep };

	CHECK_ROWS(rows);
	memset(deep, '[', 500);
	memset(deep + 500, ']', 500);
	deep[1000] = '\0';
	char want[1003];
	snprintf(want, sizeof(want), "\"%s\"", deep);
	check_value(&f, &v, want);
}
END_TEST

START_TEST(uuids)
{
	static const struct value v =
	    TXT("A63FC671-01F2-478B-AD53-D5C66E46708B");
	static const struct value odd = TXT("NOT A UUID");
	struct schema_field f = { .type = SCALAR_STRING };

	check_value(&f, &v, "\"A63FC671-01F2-478B-AD53-D5C66E46708B\"");
	f.native = "VarChar";
	check_value(&f, &v, "\"A63FC671-01F2-478B-AD53-D5C66E46708B\"");
	f.native = "Uuid";
	check_value(&f, &v, "\"a63fc671-01f2-478b-ad53-d5c66e46708b\"");
	f.native = "UniqueIdentifier";
	check_value(&f, &v, "\"a63fc671-01f2-478b-ad53-d5c66e46708b\"");
	check_value(&f, &odd, "\"NOT A UUID\"");
}
END_TEST

START_TEST(lists)
{
	static const struct row rows[] = {
		{ SCALAR_STRING, NUL, "[]" },
		{ SCALAR_STRING, TXT("{}"), "[]" },
		{ SCALAR_STRING, TXT("{a,NULL,\"NULL\",\"\"}"),
		    "[\"a\",null,\"NULL\",\"\"]" },
		{ SCALAR_STRING, TXT("{\"a,}\",\"\\\"b\\\\\"}"),
		    "[\"a,}\",\"\\\"b\\\\\"]" },
		{ SCALAR_INT, TXT("{1,-2}"), "[1,-2]" },
		{ SCALAR_DECIMAL, TXT("{1.50}"), "[\"1.5\"]" },
		{ SCALAR_BOOLEAN, TXT("{t,f}"), "[true,false]" },
		{ SCALAR_DATETIME, TXT("{\"2024-01-02 03:04:05\"}"),
		    "[\"2024-01-02T03:04:05.000Z\"]" },
		{ SCALAR_INT, TXT("{x}"), NULL },
		{ SCALAR_INT, TXT("{1,}"), NULL },
		{ SCALAR_INT, TXT("{,1}"), NULL },
		{ SCALAR_INT, TXT("{{1}}"), NULL },
		{ SCALAR_INT, TXT("{1"), NULL },
		{ SCALAR_INT, TXT("{1}2"), NULL },
		{ SCALAR_INT, TXT("1"), NULL },
		{ SCALAR_INT, TXT(""), NULL },
		{ SCALAR_STRING, TXT("{\"a}"), NULL },
		{ SCALAR_STRING, TXT("{a\\"), NULL },
		{ SCALAR_INT, INT(1), NULL },
		{ SCALAR_BYTES, TXT("{a}"), NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct schema_field f = { .type = rows[i].type,
		    .list = true };

		check_value(&f, &rows[i].value, rows[i].want);
	}
}
END_TEST

START_TEST(full)
{
	const struct schema_field f = { .type = SCALAR_STRING };
	const struct value v = TXT("0123456789");
	struct buf out;

	buf_init(&out, 8);
	ck_assert_int_eq(json_put_value(&out, &f, &v), JSON_PUT_FULL);
	buf_fini(&out);
}
END_TEST

static const struct schema_field members[] = {
	{ .name = "a", .type = SCALAR_INT },
	{ .name = "logo", .type = SCALAR_BYTES },
	{ .name = "b", .type = SCALAR_STRING },
	{ .name = "photo", .type = SCALAR_BYTES },
};

static void
check_scalars(const struct value *row, size_t *nattachments,
    enum json_put want_put, const char *want)
{
	const struct schema_model model = { .name = "Thing" };
	const struct schema_field *columns[4];
	static const char label_texts[4][16 + PLAN_LABEL_SPARE] = {
		",\"a\":", ",\"logo\":", ",\"b\":", ",\"photo\":",
	};
	struct plan_label labels[4];
	const struct plan_node node = { .model = &model, .ncolumns = 4,
	    .nshown = 4, .columns = columns, .labels = labels };
	struct err err = { 0 };
	struct buf out;

	for (size_t i = 0; i < 4; i++) {
		columns[i] = &members[i];
		labels[i].text = label_texts[i];
		labels[i].len = strlen(label_texts[i]);
	}
	buf_init(&out, 0);
	ck_assert_int_eq(json_put_scalars(&out, &node, row, nattachments,
	    &err), want_put);
	if (want_put == JSON_PUT_DONE) {
		ck_assert_int_eq(buf_putc(&out, '\0'), 0);
		ck_assert_str_eq(out.data, want);
	} else {
		ck_assert_int_eq(err.code, ERR_DATABASE);
		ck_assert_str_eq(err.text, want);
	}
	buf_fini(&out);
}

START_TEST(scalars)
{
	const struct value row[4] = { INT(1), BIN("foo"), NUL, BIN("") };
	const struct value bad[4] = { TXT("many"), NUL, NUL, NUL };
	const struct value blob[4] = { INT(1), NUL, BIN("xy"), NUL };
	const struct value long_text[4] = { TXT("0123456789012345678901234567"
	    "89012345678\xc3\xa9 and more"), NUL, NUL, NUL };
	size_t n = 3;

	check_scalars(row, NULL, JSON_PUT_DONE,
	    "\"a\":1,\"logo\":\"Zm9v\",\"b\":null,\"photo\":\"\"");
	check_scalars(row, &n, JSON_PUT_DONE,
	    "\"a\":1,\"logo\":{\"_placeholder\":true,\"num\":3},\"b\":null,"
	    "\"photo\":{\"_placeholder\":true,\"num\":4}");
	ck_assert_uint_eq(n, 5);
	check_scalars(bad, NULL, JSON_PUT_MISFIT,
	    "field \"a\" of Thing holds \"many\", which is no Int");
	check_scalars(long_text, NULL, JSON_PUT_MISFIT, "field \"a\" of Thing "
	    "holds \"012345678901234567890123456789012345678...\", which is "
	    "no Int");
	check_scalars(blob, NULL, JSON_PUT_MISFIT,
	    "field \"b\" of Thing holds 2 bytes, which are no String");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json_out");

	tcase_add_test(tc, null_is_null);
	tcase_add_test(tc, integers);
	tcase_add_test(tc, floats);
	tcase_add_test(tc, decimals);
	tcase_add_test(tc, booleans);
	tcase_add_test(tc, moments_in_text);
	tcase_add_test(tc, moments_in_milliseconds);
	tcase_add_test(tc, texts);
	tcase_add_test(tc, json_columns);
	tcase_add_test(tc, uuids);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, full);
	tcase_add_test(tc, scalars);
	return unit_run("json_out", tc);
}
