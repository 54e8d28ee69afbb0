/* Socket.IO packets: PROTOCOL S1 to S20 and A1, A2; each cut short too. */
#include "proto/sio.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define DEPTH 8

static char *
copy(const char *text, size_t len)
{
	char *p = malloc(len > 0 ? len : 1);

	ck_assert_ptr_nonnull(p);
	memcpy(p, text, len);
	return p;
}

/* "type attachments nsp id json", or NULL when the session must be closed. */
static const char *const packets[][2] = {
	/* S1, S3, S5. */
	{ "0", "connect 0 / - " },
	{ "0{}", "connect 0 / - {}" },
	{ "0{\"psk\":\"a\"}", "connect 0 / - {\"psk\":\"a\"}" },
	{ "0/", "connect 0 / - " },
	{ "0/,", "connect 0 / - " },
	{ "0/,{}", "connect 0 / - {}" },
	{ "0/ns", "connect 0 /ns - " },
	{ "0/ns,", "connect 0 /ns - " },
	{ "0/ns?a=b,{}", "connect 0 /ns?a=b - {}" },
	{ "0/\xc3\xa9,{}", "connect 0 /\xc3\xa9 - {}" },
	{ "01{}", "connect 0 / 1 {}" },
	{ "0 {} ", "connect 0 / -  {} " },
	/* S4. */
	{ "0[]", NULL },
	{ "0\"x\"", NULL },
	{ "0null", NULL },
	{ "0-1", NULL },
	{ "0{", NULL },
	{ "0{\"a\":1}x", NULL },
	{ "0{}{}", NULL },
	{ "0{}\1", NULL },
	{ "0/\xff,{}", NULL },
	{ "0 ", NULL },

	/* S10, S15. */
	{ "1", "disconnect 0 / - " },
	{ "1/ns", "disconnect 0 /ns - " },
	{ "1/ns,", "disconnect 0 /ns - " },
	{ "1{}", NULL },
	{ "1[]", NULL },

	/* S11 to S16, S20. */
	{ "2[\"a\"]", "event 0 / - [\"a\"]" },
	{ "20[\"a\"]", "event 0 / 0 [\"a\"]" },
	{ "2007[\"a\",null]", "event 0 / 7 [\"a\",null]" },
	{ "29007199254740991[\"a\"]", "event 0 / 9007199254740991 [\"a\"]" },
	{ "2/ns,12[\"a\",{}]", "event 0 /ns 12 [\"a\",{}]" },
	{ "2[[[[[[[[]]]]]]]]", "event 0 / - [[[[[[[[]]]]]]]]" },
	{ "2", "event 0 / - " },
	{ "212", "event 0 / 12 " },
	{ "2/ns", "event 0 /ns - " },
	{ "29007199254740992[\"a\"]", NULL },
	{ "299999999999999999999999[\"a\"]", NULL },
	{ "2[[[[[[[[[]]]]]]]]]", NULL },
	{ "2{}", NULL },
	{ "2\"a\"", NULL },
	{ "2[\"a\"", NULL },
	{ "2[\"a\"]x", NULL },
	{ "2[\"a\",]", NULL },
	{ "2a[\"a\"]", NULL },
	{ "2-1[\"a\"]", NULL },
	{ "21.5[\"a\"]", NULL },
	{ "2ns,[\"a\"]", NULL },

	{ "312[]", "ack 0 / 12 []" },
	{ "3[]", "ack 0 / - []" },
	{ "3", "ack 0 / - " },
	{ "3{}", NULL },

	/* S8, S17. */
	{ "4", NULL },
	{ "4{}", NULL },
	{ "", NULL },
	{ "7[]", NULL },
	{ "x", NULL },
	{ "/ns", NULL },

	/* S18. */
	{ "51-[\"a\",{\"_placeholder\":true,\"num\":0}]",
	    "binary event 1 / - [\"a\",{\"_placeholder\":true,\"num\":0}]" },
	{ "510-/ns,3[\"a\"]", "binary event 10 /ns 3 [\"a\"]" },
	{ "501-", "binary event 1 / - " },
	{ "62-7[{\"num\":1,\"x\":[],\"_placeholder\":true}]",
	    "binary ack 2 / 7 [{\"num\":1,\"x\":[],\"_placeholder\":true}]" },
	{ "51-[\"a\",{\"_placeholder\":false,\"num\":9}]",
	    "binary event 1 / - [\"a\",{\"_placeholder\":false,\"num\":9}]" },
	{ "51-[\"a\",{\"_placeholder\":1,\"num\":9}, {\"num\":\"x\"} ]",
	    "binary event 1 / - [\"a\",{\"_placeholder\":1,\"num\":9}, "
	    "{\"num\":\"x\"} ]" },
	{ "51- [\"_placeholder\",true,\"num\",7]",
	    "binary event 1 / -  [\"_placeholder\",true,\"num\",7]" },
	/* S19. */
	{ "5[\"a\"]", NULL },
	{ "5-[\"a\"]", NULL },
	{ "50-[\"a\"]", NULL },
	{ "511-[\"a\"]", NULL },
	{ "51.0-[\"a\"]", NULL },
	{ "51[\"a\"]", NULL },
	{ "51", NULL },
	{ "5-1-[\"a\"]", NULL },
	{ "51-[\"a\",{\"_placeholder\":true,\"num\":1}]", NULL },
	{ "51-[\"a\",{\"_placeholder\":true,\"num\":-1}]", NULL },
	{ "51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]", NULL },
	{ "51-[\"a\",{\"_placeholder\":true}]", NULL },
	{ "51-[\"a\",{\"b\":[1,{\"_placeholder\" : true , \"num\" : 5}]}]",
	    NULL },
	{ "51-[\"a\",{\"_placeholder\":true,\"num\":1e999}]", NULL }
};

START_TEST(packet)
{
	size_t len = strlen(packets[_i][0]);
	char *text = copy(packets[_i][0], len), told[128], id[32] = "-";
	struct sio_packet p;
	int result = sio_packet_read(text, len, DEPTH, &p);

	if (packets[_i][1] == NULL) {
		ck_assert_int_eq(result, -1);
	} else {
		ck_assert_int_eq(result, 0);
		if (p.has_id)
			snprintf(id, sizeof(id), "%" PRIu64, p.id);
		snprintf(told, sizeof(told), "%s %u %.*s %s %.*s",
		    sio_type_name(p.type), p.attachments, (int)p.nsp.len,
		    p.nsp.p, id, (int)p.json.len, p.json.p);
		ck_assert_str_eq(told, packets[_i][1]);
	}
	free(text);
}
END_TEST

/* A packet that was cut off is read to its end and not further. */
START_TEST(cut)
{
	size_t len = strlen(packets[_i][0]), n;
	struct sio_packet p;
	char *text;

	for (n = 0; n < len; n++) {
		text = copy(packets[_i][0], n);
		if (sio_packet_read(text, n, DEPTH, &p) == 0)
			ck_assert_ptr_eq(p.json.p + p.json.len, text + n);
		free(text);
	}
}
END_TEST

static const struct {
	const char *json;
	const char *name;	/* NULL = the session is closed */
	const char *options;
	bool numeric, too_long;
} events[] = {
	{ "[\"a\"]", "a", "", false, false },
	{ "[\"fetchCompanies\",null]", "fetchCompanies", "null", false,
	    false },
	{ " [ \"a\" , {\"b\":[1]} , 5 ] ", "a", "{\"b\":[1]}", false, false },
	{ "[\"\"]", "", "", false, false },
	{ "[\"\\u0061\\u00e9\"]", "a\xc3\xa9", "", false, false },
	{ "[\"error\"]", "error", "", false, false },
	{ "[\"message\"]", "message", "", false, false },
	{ "[\"connecT\"]", "connecT", "", false, false },
	{ "[5,1]", "", "1", true, false },
	{ "[-1.5e3]", "", "", true, false },
	{ "[\"a\\u0000\"]", "", "", false, true },
	{ "[\"connect\\u0000\"]", "", "", false, true },
	{ "[\"0123456789012345678901234567890123456789012345678901234567890123"
	    "012345678901234567890123456789012345678901234567890123456789012"
	    "\"]", "0123456789012345678901234567890123456789012345678901234567"
	    "890123012345678901234567890123456789012345678901234567890123456"
	    "789012", "", false, false },
	{ "[\"0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "\",7]", "", "7", false, true },
	{ "[]", NULL, NULL, false, false },
	{ "[null]", NULL, NULL, false, false },
	{ "[true]", NULL, NULL, false, false },
	{ "[[\"a\"]]", NULL, NULL, false, false },
	{ "[{\"_placeholder\":true,\"num\":0}]", NULL, NULL, false, false },
	{ "[\"connect\"]", NULL, NULL, false, false },
	{ "[\"connect_error\"]", NULL, NULL, false, false },
	{ "[\"disconnect\",1]", NULL, NULL, false, false },
	{ "[\"disconnecting\"]", NULL, NULL, false, false },
	{ "[\"newListener\"]", NULL, NULL, false, false },
	{ "[\"removeListener\"]", NULL, NULL, false, false },
	{ "[\"\\u0063onnect\"]", NULL, NULL, false, false }
};

START_TEST(event)
{
	size_t len = strlen(events[_i].json);
	char *text = copy(events[_i].json, len);
	struct slice json = { text, len };
	struct sio_event e;
	int result = sio_event_read(&json, &e);

	if (events[_i].name == NULL) {
		ck_assert_int_eq(result, -1);
	} else {
		ck_assert_int_eq(result, 0);
		ck_assert_str_eq(e.name, events[_i].name);
		ck_assert_int_eq(e.numeric, events[_i].numeric);
		ck_assert_int_eq(e.name_too_long, events[_i].too_long);
		ck_assert_uint_eq(e.options.len, strlen(events[_i].options));
		if (e.options.len > 0)
			ck_assert(slice_is(&e.options, events[_i].options));
	}
	free(text);
}
END_TEST

static const struct {
	const char *json;
	enum sio_psk result;
	const char *psk;
	size_t len;
} keys[] = {
	{ "", SIO_PSK_NONE, "", 0 },
	{ "{}", SIO_PSK_NONE, "", 0 },
	{ "{\"PSK\":\"a\",\"psk2\":\"b\",\"ps\":\"c\"}", SIO_PSK_NONE, "", 0 },
	{ "{\"a\":{\"psk\":\"b\"}}", SIO_PSK_NONE, "", 0 },
	{ "{\"psk\":\"\"}", SIO_PSK_NONE, "", 0 },
	{ "{\"psk\":null}", SIO_PSK_NONE, "", 0 },
	{ "{\"psk\":false}", SIO_PSK_NONE, "", 0 },
	{ "{\"psk\":0}", SIO_PSK_NONE, "", 0 },
	{ "{\"psk\":-0.0e5}", SIO_PSK_NONE, "", 0 },
	{ "{\"psk\":1e-999}", SIO_PSK_NONE, "", 0 },
	{ "{\"psk\":\"s3cret\"}", SIO_PSK_TEXT, "s3cret", 6 },
	{ " { \"a\" : 1 , \"psk\" : \"b\" } ", SIO_PSK_TEXT, "b", 1 },
	{ "{\"\\u0070sk\":\"\\u0061\"}", SIO_PSK_TEXT, "a", 1 },
	{ "{\"psk\":\"a\\u0000b\"}", SIO_PSK_TEXT, "a\0b", 3 },
	{ "{\"psk\":\"\\u0000\"}", SIO_PSK_TEXT, "\0", 1 },
	{ "{\"psk\":\"a\",\"psk\":\"b\"}", SIO_PSK_TEXT, "b", 1 },
	{ "{\"psk\":\"a\",\"psk\":null}", SIO_PSK_NONE, "", 0 },
	{ "{\"psk\":1,\"psk\":\"b\"}", SIO_PSK_TEXT, "b", 1 },
	{ "{\"psk\":true}", SIO_PSK_OTHER, "", 0 },
	{ "{\"psk\":1}", SIO_PSK_OTHER, "", 0 },
	{ "{\"psk\":1e999}", SIO_PSK_OTHER, "", 0 },
	{ "{\"psk\":[]}", SIO_PSK_OTHER, "", 0 },
	{ "{\"psk\":[\"s3cret\"]}", SIO_PSK_OTHER, "", 0 },
	{ "{\"psk\":{}}", SIO_PSK_OTHER, "", 0 },
	{ "{\"psk\":\"longer than the bound of it\"}", SIO_PSK_OTHER, "", 0 }
};

START_TEST(psk)
{
	size_t len = strlen(keys[_i].json);
	char *text = copy(keys[_i].json, len);
	struct slice json = { text, len };
	struct buf out;

	buf_init(&out, 16);
	ck_assert_int_eq(sio_connect_psk(&json, &out), keys[_i].result);
	if (keys[_i].result == SIO_PSK_TEXT) {
		ck_assert_uint_eq(out.len, keys[_i].len);
		ck_assert_mem_eq(out.data, keys[_i].psk, keys[_i].len);
	}
	buf_wipe(&out);
	free(text);
}
END_TEST

static const struct {
	enum sio_type type;
	const char *nsp;
	int64_t id;
	unsigned int attachments;
	const char *text;
} heads[] = {
	{ SIO_CONNECT, "/", -1, 0, "40" },
	{ SIO_CONNECT, NULL, -1, 0, "40" },
	{ SIO_CONNECT_ERROR, "/nope?a=b", -1, 0, "44/nope?a=b," },
	{ SIO_ACK, "/", 0, 0, "430" },
	{ SIO_ACK, "/ns", 9007199254740991, 0, "43/ns,9007199254740991" },
	{ SIO_BINARY_ACK, "/", 12, 10, "4610-12" },
	{ SIO_BINARY_EVENT, "/ns", -1, 1, "451-/ns," }
};

START_TEST(head)
{
	struct buf out;

	buf_init(&out, 0);
	ck_assert_int_eq(sio_head_put(&out, heads[_i].type, heads[_i].nsp,
	    heads[_i].id, heads[_i].attachments), 0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, heads[_i].text);
	buf_fini(&out);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, packet, 0, COUNT(packets));
	tcase_add_loop_test(tcase, cut, 0, COUNT(packets));
	tcase_add_loop_test(tcase, event, 0, COUNT(events));
	tcase_add_loop_test(tcase, psk, 0, COUNT(keys));
	tcase_add_loop_test(tcase, head, 0, COUNT(heads));
	return unit_run("sio", tcase);
}
