/* Engine.IO 3: PROTOCOL E2, E3, E5 and the table of the revisions. */
#include "proto/eio3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/eio_revision.h"
#include "unit.h"

/* A string with NULs inside. */
#define BYTES(s) (s), sizeof(s) - 1

static char *
copy(const char *data, size_t len)
{
	char *text = malloc(len > 0 ? len : 1);

	ck_assert_ptr_nonnull(text);
	if (len > 0)
		memcpy(text, data, len);
	return text;
}

static const struct {
	const char *text;
	const char *name;	/* NULL = refused */
	const char *data;
	size_t len;
	bool binary;
} texts[] = {
	{ "2probe", "ping", BYTES("probe"), false },
	{ "42[\"b\"]", "message", BYTES("2[\"b\"]"), false },
	{ "b4", "message", BYTES(""), true },
	{ "b4AQI=", "message", BYTES("\1\2"), true },
	{ "b2AAEC", "ping", BYTES("\0\1\2"), true },
	{ "", NULL, NULL, 0, false },
	{ "7", NULL, NULL, 0, false },
	{ "b", NULL, NULL, 0, false },
	{ "b7AQI=", NULL, NULL, 0, false },
	{ "bAQI=", NULL, NULL, 0, false },
	{ "b4AQI", NULL, NULL, 0, false }
};

START_TEST(text_packet)
{
	size_t len = strlen(texts[_i].text);
	char *text = copy(texts[_i].text, len);
	struct eio_packet p;
	int result = eio3_text_read(text, len, &p);

	if (texts[_i].name == NULL) {
		ck_assert_int_eq(result, -1);
	} else {
		ck_assert_int_eq(result, 0);
		ck_assert_str_eq(eio_type_name(p.type), texts[_i].name);
		ck_assert_int_eq(p.binary, texts[_i].binary);
		ck_assert_uint_eq(p.data.len, texts[_i].len);
		if (p.data.len > 0)
			ck_assert_mem_eq(p.data.p, texts[_i].data,
			    p.data.len);
	}
	free(text);
}
END_TEST

START_TEST(bytes_packet)
{
	struct eio_packet p;

	ck_assert_int_eq(eio3_bytes_read("\4\1\2", 3, &p), 0);
	ck_assert_int_eq(p.type, EIO_MESSAGE);
	ck_assert(p.binary);
	ck_assert_uint_eq(p.data.len, 2);
	ck_assert_mem_eq(p.data.p, "\1\2", 2);
	ck_assert_int_eq(eio3_bytes_read("\2", 1, &p), 0);
	ck_assert_int_eq(p.type, EIO_PING);
	ck_assert_int_eq(eio3_bytes_read("", 0, &p), -1);
	ck_assert_int_eq(eio3_bytes_read("\7", 1, &p), -1);
	ck_assert_int_eq(eio3_bytes_read("4", 1, &p), -1);
	ck_assert_int_eq(eio3_bytes_read("\xff", 1, &p), -1);
}
END_TEST

/* Records in brackets, those of bytes in braces; [] is a fault. */
static const struct {
	enum eio_form form;
	const char *payload;
	size_t len;
	const char *told;
} payloads[] = {
	{ EIO_SEPARATED, BYTES(""), "[]" },
	{ EIO_SEPARATED, BYTES("3"), "[3]" },
	{ EIO_SEPARATED, BYTES("3\x1e"), "[3][]" },
	{ EIO_SEPARATED, BYTES("\x1e"), "[][]" },
	{ EIO_SEPARATED, BYTES("40\x1e" "42[1]\x1e" "3"), "[40][42[1]][3]" },
	{ EIO_SEPARATED, BYTES("a\x1e\x1e" "b"), "[a][][b]" },
	{ EIO_COUNTED, BYTES(""), "[]" },
	{ EIO_COUNTED, BYTES("1:3"), "[3]" },
	{ EIO_COUNTED, BYTES("2:4021:42[\"hi\",123456789012]"),
	    "[40][42[\"hi\",123456789012]]" },
	{ EIO_COUNTED, BYTES("0:1:30:"), "[3]" },
	{ EIO_COUNTED, BYTES("01:3"), "[3]" },
	{ EIO_COUNTED, BYTES("6:b4AQI="), "[b4AQI=]" },
	{ EIO_COUNTED, BYTES("2:4\xc3\xa9" "1:3"), "[4\xc3\xa9][3]" },
	{ EIO_COUNTED, BYTES("2:4\xe2\x82\xac" "1:3"), "[4\xe2\x82\xac][3]" },
	{ EIO_COUNTED, BYTES("3:4\xf0\x9f\x98\x80" "1:3"),
	    "[4\xf0\x9f\x98\x80][3]" },
	/* In the middle of a pair of surrogates. */
	{ EIO_COUNTED, BYTES("2:4\xf0\x9f\x98\x80" "1:3"), "[]" },
	{ EIO_COUNTED, BYTES("1:32:4"), "[3][]" },
	{ EIO_COUNTED, BYTES("1:3x"), "[3][]" },
	{ EIO_COUNTED, BYTES("1:31"), "[3][]" },
	{ EIO_COUNTED, BYTES(":"), "[]" },
	{ EIO_COUNTED, BYTES("-1:3"), "[]" },
	{ EIO_COUNTED, BYTES(" 1:3"), "[]" },
	{ EIO_COUNTED, BYTES("99999999999:3"), "[]" },
	{ EIO_COUNTED, BYTES("18446744073709551617:3"), "[]" },
	{ EIO_COUNTED, BYTES("40\x1e" "3"), "[]" },
	{ EIO_OCTETS, BYTES(""), "" },
	{ EIO_OCTETS, BYTES("\0\1\xff" "3"), "[3]" },
	{ EIO_OCTETS, BYTES("\0\0\1\xff" "3"), "[3]" },
	{ EIO_OCTETS, BYTES("\0\3\xff" "4\xc3\xa9\1\3\xff\4ab"),
	    "[4\xc3\xa9]{\4ab}" },
	{ EIO_OCTETS, BYTES("\0\0\xff\0\1\xff" "3"), "[3]" },
	{ EIO_OCTETS, BYTES("\0\1\3\xff" "42[\"abcdefg\"]"),
	    "[42[\"abcdefg\"]]" },
	{ EIO_OCTETS, BYTES("\2\1\xff" "3"), "[]" },
	{ EIO_OCTETS, BYTES("\0\2\xff" "3"), "[]" },
	{ EIO_OCTETS, BYTES("\0\xff" "3"), "[]" },
	{ EIO_OCTETS, BYTES("\0\1"), "[]" },
	{ EIO_OCTETS, BYTES("\0"), "[]" },
	{ EIO_OCTETS, BYTES("\0\x0a\xff" "3"), "[]" },
	{ EIO_OCTETS, BYTES("\0\1\xff" "3x"), "[3][]" },
	{ EIO_OCTETS, BYTES("\0\1\1\1\1\1\1\1\1\1\1\1\xff" "3"), "[]" }
};

START_TEST(payload)
{
	size_t len = payloads[_i].len, pos = 0, n = 0;
	char *text = copy(payloads[_i].payload, len), told[64] = "";
	struct slice record;
	bool binary;

	while (eio_record_next(payloads[_i].form, text, len, &pos, &record,
	    &binary))
		n += (size_t)snprintf(told + n, sizeof(told) - n,
		    binary && record.len > 0 ? "{%.*s}" : "[%.*s]",
		    (int)record.len, record.p);
	ck_assert_str_eq(told, payloads[_i].told);
	ck_assert(!eio_record_next(payloads[_i].form, text, len, &pos,
	    &record, &binary));
	free(text);
}
END_TEST

/* A payload that is cut anywhere gives the same records and then a fault. */
START_TEST(payload_cut)
{
	static const char *const whole[] = {
		"2:407:42[\"a\"]3:4\xf0\x9f\x98\x80" "1:3"
	};
	size_t len = strlen(whole[0]), cut, pos, all, n;
	struct slice record;
	char *text;

	for (cut = 1; cut <= len; cut++) {
		text = copy(whole[0], cut);
		for (pos = all = n = 0; eio3_text_next(text, cut, &pos,
		    &record); n++) {
			all += record.len;
			ck_assert(record.len > 0 || pos > cut);
		}
		ck_assert_uint_le(all, cut);
		ck_assert_uint_le(n, 4);
		ck_assert(cut < len || (n == 4 && pos == len));
		free(text);
	}
}
END_TEST

START_TEST(units)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
	size_t split, len = strlen(text);

	for (split = 0; split <= len; split++)
		ck_assert_uint_eq(eio3_units(text, split) +
		    eio3_units(text + split, len - split), 6);
}
END_TEST

START_TEST(heads)
{
	char head[EIO3_HEAD_MAX];

	ck_assert_uint_eq(eio3_text_head(head, 118), 4);
	ck_assert_mem_eq(head, "118:", 4);
	ck_assert_uint_eq(eio3_text_head(head, SIZE_MAX), 21);
	ck_assert_uint_eq(eio3_octets_head(head, false, 2), 3);
	ck_assert_mem_eq(head, "\0\2\xff", 3);
	ck_assert_uint_eq(eio3_octets_head(head, true, 1090), 6);
	ck_assert_mem_eq(head, "\1\1\0\x09\0\xff", 6);
	ck_assert_uint_eq(eio3_octets_head(head, true, SIZE_MAX), 22);
}
END_TEST

/* Every member of a row that is called or printed is there. */
START_TEST(revisions)
{
	const struct eio_revision *r = eio_revision((enum eio_version)_i);

	ck_assert_ptr_nonnull(r->name);
	ck_assert(r->text_read != NULL && r->bytes_read != NULL);
	ck_assert_uint_eq(strlen(r->bytes_head), r->bytes_head_len);
	ck_assert_int_eq(r->base64_head[0], 'b');
	ck_assert_ptr_nonnull(r->ended);
	ck_assert_str_eq(r->beat, r->client_pings ? "3" : "2");
	ck_assert_ptr_nonnull(strstr(r->refused, "Unauthorized"));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, text_packet, 0, COUNT(texts));
	tcase_add_test(tcase, bytes_packet);
	tcase_add_loop_test(tcase, payload, 0, COUNT(payloads));
	tcase_add_test(tcase, payload_cut);
	tcase_add_test(tcase, units);
	tcase_add_test(tcase, heads);
	tcase_add_loop_test(tcase, revisions, 0, EIO_VERSIONS);
	return unit_run("eio3", tcase);
}
