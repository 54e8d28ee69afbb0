/* Numbers as text and back: tables of what JavaScript and the conf say. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "unit.h"

static const struct {
	double v;
	const char *text;
} doubles[] = {
	{ 0, "0" },
	{ -0.0, "0" },
	{ 1, "1" },
	{ -1, "-1" },
	{ 0.1, "0.1" },
	{ -0.1, "-0.1" },
	{ 0.1 + 0.2, "0.30000000000000004" },
	{ 1.0 / 3, "0.3333333333333333" },
	{ 2.0 / 3, "0.6666666666666666" },
	{ 1234.56, "1234.56" },
	{ 99.99, "99.99" },
	{ 1e15, "1000000000000000" },
	{ 123456789012345.6, "123456789012345.6" },
	{ 1e20, "100000000000000000000" },
	{ 123456789012345680000.0, "123456789012345680000" },
	{ 1e21, "1e+21" },
	{ 1.5e21, "1.5e+21" },
	{ 1e-6, "0.000001" },
	{ 1.5e-6, "0.0000015" },
	{ 1e-7, "1e-7" },
	{ 1.25e-7, "1.25e-7" },
	{ 5e-324, "5e-324" },
	{ -5e-324, "-5e-324" },
	{ DBL_MIN, "2.2250738585072014e-308" },
	{ 2.225073858507201e-308, "2.225073858507201e-308" },
	{ DBL_MAX, "1.7976931348623157e+308" },
	{ 9007199254740991.0, "9007199254740991" },
	{ 9007199254740992.0, "9007199254740992" },
	{ 9007199254740994.0, "9007199254740994" },
	{ 18446744073709552000.0, "18446744073709552000" },
	{ 4.35, "4.35" },
	{ 0.000001234567890123, "0.000001234567890123" },
	{ 5.684341886080802e-14, "5.684341886080802e-14" }, /* 2^-44 */
	{ 9.5367431640625e-7, "9.5367431640625e-7" },
};

START_TEST(test_put_double)
{
	char out[NUM_TEXT_MAX];

	ck_assert_uint_eq(num_put_double(out, doubles[_i].v),
	    strlen(doubles[_i].text));
	ck_assert_str_eq(out, doubles[_i].text);
}
END_TEST

/* Every text reads back as the number it was written from. */
START_TEST(test_round_trip)
{
	char out[NUM_TEXT_MAX];
	uint64_t x = 88172645463325252u;
	double v, again;
	size_t len;

	for (int i = 0; i < 100000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&v, &x, sizeof(v));
		if (i % 2 == 0)
			v = (double)(x % 100000000) / 100;
		if (!isfinite(v))
			continue;
		len = num_put_double(out, v);
		ck_assert_uint_lt(len, NUM_TEXT_MAX);
		ck_assert_int_eq(num_read_double(out, len, &again), 0);
		ck_assert_mem_eq(&v, &again, sizeof(v));
	}
}
END_TEST

static const struct {
	const char *text;
	bool ok;
	double v;
} read_doubles[] = {
	{ "0", true, 0 },
	{ "-0", true, 0 },
	{ "1.50", true, 1.5 },
	{ "-2e3", true, -2000 },
	{ "2E+3", true, 2000 },
	{ "2e-3", true, 0.002 },
	{ "0.001", true, 0.001 },
	{ "0e5", true, 0 },
	{ "100000000000000000000", true, 1e20 },
	{ "123456789012345678901234567890", true, 1.2345678901234568e29 },
	{ "1e-400", true, 0 },
	{ "0.1e-99999999999999999999", true, 0 },
	{ "9007199254740993", true, 9007199254740992 },
	{ "1e400", false, 0 },
	{ "1e99999999999999999999", false, 0 },
	{ "", false, 0 },
	{ "-", false, 0 },
	{ "+1", false, 0 },
	{ "01", false, 0 },
	{ "-01", false, 0 },
	{ ".5", false, 0 },
	{ "5.", false, 0 },
	{ "1.e5", false, 0 },
	{ "1e", false, 0 },
	{ "1e+", false, 0 },
	{ "1e+x", false, 0 },
	{ "1x", false, 0 },
	{ " 1", false, 0 },
	{ "1 ", false, 0 },
	{ "0x10", false, 0 },
	{ "inf", false, 0 },
	{ "NaN", false, 0 },
};

START_TEST(test_read_double)
{
	const char *text = read_doubles[_i].text;
	double v;

	ck_assert_int_eq(num_read_double(text, strlen(text), &v),
	    read_doubles[_i].ok ? 0 : -1);
	if (read_doubles[_i].ok)
		ck_assert(v == read_doubles[_i].v);
}
END_TEST

/* A digit far behind the others still decides between two neighbours. */
START_TEST(test_read_long_double)
{
	/* Half way between 1 and the next: rounds to even, which is 1. */
	static const char half[] =
	    "1.00000000000000011102230246251565404236316680908203125";
	char text[5000];
	double v;

	memset(text, '0', sizeof(text));
	memcpy(text, half, strlen(half));
	ck_assert_int_eq(num_read_double(text, sizeof(text), &v), 0);
	ck_assert(v == 1);
	text[sizeof(text) - 1] = '1';
	ck_assert_int_eq(num_read_double(text, sizeof(text), &v), 0);
	ck_assert(v == nextafter(1, 2));
	memset(text, '9', sizeof(text));
	ck_assert_int_eq(num_read_double(text, sizeof(text), &v), -1);
	ck_assert_int_eq(num_read_double(text, 300, &v), 0);
	ck_assert(v == 1e300);
}
END_TEST

static const struct {
	const char *text;
	bool ok;
	int64_t v;
} integers[] = {
	{ "0", true, 0 },
	{ "-0", true, 0 },
	{ "7", true, 7 },
	{ "-7", true, -7 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "9223372036854775808", false, 0 },
	{ "-9223372036854775809", false, 0 },
	{ "18446744073709551616", false, 0 },
	{ "99999999999999999999", false, 0 },
	{ "", false, 0 },
	{ "-", false, 0 },
	{ "--1", false, 0 },
	{ "+1", false, 0 },
	{ "007", false, 0 },
	{ "1.0", false, 0 },
	{ "1 ", false, 0 },
};

START_TEST(test_integers)
{
	const char *text = integers[_i].text;
	char out[NUM_TEXT_MAX];
	int64_t v;

	ck_assert_int_eq(num_read_i64(text, strlen(text), &v),
	    integers[_i].ok ? 0 : -1);
	if (!integers[_i].ok)
		return;
	ck_assert_int_eq(v, integers[_i].v);
	num_put_i64(out, v);
	if (v != 0)
		ck_assert_str_eq(out, text);
}
END_TEST

START_TEST(test_u64)
{
	char out[NUM_TEXT_MAX];
	uint64_t v;

	ck_assert_uint_eq(num_put_u64(out, UINT64_MAX), 20);
	ck_assert_str_eq(out, "18446744073709551615");
	ck_assert_int_eq(num_read_u64(out, 20, &v), 0);
	ck_assert(v == UINT64_MAX);
	ck_assert_int_eq(num_read_u64("-1", 2, &v), -1);
	/* Where the number of digits changes. */
	for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10)
		for (uint64_t n = power * 10 - 1; n <= power * 10 + 1; n++) {
			char want[NUM_TEXT_MAX];

			snprintf(want, sizeof(want), "%" PRIu64, n);
			ck_assert_uint_eq(num_put_u64(out, n), strlen(want));
			ck_assert_str_eq(out, want);
			ck_assert_int_eq(num_read_u64(out, strlen(out), &v),
			    0);
			ck_assert(v == n);
		}
}
END_TEST

/* Texts of up to 15 digits are the shortest of what they read as. */
START_TEST(test_short_doubles)
{
	char text[2 * NUM_TEXT_MAX], out[NUM_TEXT_MAX];
	uint64_t x = 88172645463325252u;
	double v;

	for (int i = 0; i < 100000; i++) {
		int places = 1 + i % 14;
		uint64_t power = 1, whole, part;

		for (int k = 0; k < places; k++)
			power *= 10;
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		whole = x % (UINT64_C(1000000000000000) / power);
		part = x / 1000 % power / 10 * 10 + 1 + x % 9;
		snprintf(text, sizeof(text), "%" PRIu64 ".%0*" PRIu64, whole,
		    places, part);
		ck_assert_int_eq(num_read_double(text, strlen(text), &v), 0);
		ck_assert(v == strtod(text, NULL));
		if (v < 1e-6)
			continue;
		num_put_double(out, v);
		ck_assert_str_eq(out, text);
	}
}
END_TEST

/* again: how the value is written, NULL = refused. */
struct unit_row {
	const char *text;
	int64_t v;
	const char *again;
};

static const struct unit_row durations[] = {
	{ "300ms", 300, "300ms" },
	{ "25s", 25000, "25s" },
	{ "2min", 120000, "2min" },
	{ "1h", 3600000, "1h" },
	{ "1000ms", 1000, "1s" },
	{ "60s", 60000, "1min" },
	{ "90s", 90000, "90s" },
	{ "120min", 7200000, "2h" },
	{ "0s", 0, "0s" },
	{ "0", 0, NULL },
	{ "25", 0, NULL },
	{ "25 s", 0, NULL },
	{ "1.5s", 0, NULL },
	{ "-1s", 0, NULL },
	{ "s", 0, NULL },
	{ "", 0, NULL },
	{ "25S", 0, NULL },
	{ "1d", 0, NULL },
	{ "9223372036854775807h", 0, NULL },
};

START_TEST(test_durations)
{
	const struct unit_row *row = &durations[_i];
	char out[NUM_TEXT_MAX];
	int64_t v;

	ck_assert_int_eq(num_read_duration(row->text, &v),
	    row->again != NULL ? 0 : -1);
	if (row->again == NULL)
		return;
	ck_assert_int_eq(v, row->v);
	ck_assert_uint_eq(num_put_duration(out, v), strlen(row->again));
	ck_assert_str_eq(out, row->again);
}
END_TEST

static const struct unit_row sizes[] = {
	{ "1000000", 1000000, "1000000" },
	{ "64K", 65536, "64K" },
	{ "64M", 67108864, "64M" },
	{ "2G", 2147483648, "2G" },
	{ "1024", 1024, "1K" },
	{ "1024M", 1073741824, "1G" },
	{ "0", 0, "0" },
	{ "64k", 0, NULL },
	{ "64KB", 0, NULL },
	{ "1.5M", 0, NULL },
	{ "-1", 0, NULL },
	{ "M", 0, NULL },
	{ "9223372036854775807G", 0, NULL },
};

START_TEST(test_sizes)
{
	const struct unit_row *row = &sizes[_i];
	char out[NUM_TEXT_MAX];
	int64_t v;

	ck_assert_int_eq(num_read_size(row->text, &v),
	    row->again != NULL ? 0 : -1);
	if (row->again == NULL)
		return;
	ck_assert_int_eq(v, row->v);
	ck_assert_uint_eq(num_put_size(out, v), strlen(row->again));
	ck_assert_str_eq(out, row->again);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("num");

	tcase_add_loop_test(tc, test_put_double, 0, COUNT(doubles));
	tcase_add_test(tc, test_round_trip);
	tcase_add_loop_test(tc, test_read_double, 0, COUNT(read_doubles));
	tcase_add_test(tc, test_read_long_double);
	tcase_add_loop_test(tc, test_integers, 0, COUNT(integers));
	tcase_add_test(tc, test_u64);
	tcase_add_test(tc, test_short_doubles);
	tcase_add_loop_test(tc, test_durations, 0, COUNT(durations));
	tcase_add_loop_test(tc, test_sizes, 0, COUNT(sizes));
	return unit_run("num", tc);
}
