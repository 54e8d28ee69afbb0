/* Engine.IO: PROTOCOL H4 to H12, W4, W11 to W13, P1, P2, P6, P11. */
#include "proto/eio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define SID "AAAAAAAAAAAAAAAAAA-_"
#define GET "GET", ""
#define UPGRADE "GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define POLLING "EIO=4&transport=polling"
#define WEBSOCKET "EIO=4&transport=websocket"

static const struct {
	const char *method, *headers, *query;
	enum eio_verdict verdict;
	bool mismatch;
} requests[] = {
	{ GET, POLLING, EIO_NEW, false },
	{ GET, "transport=polling&EIO=4&t=abc&b64=1&sid=", EIO_NEW, false },
	{ GET, "EIO=%34&transport=poll%69ng", EIO_NEW, false },
	{ GET, "EIO=3&transport=x&EIO=4&transport=polling", EIO_NEW, false },
	{ UPGRADE, WEBSOCKET, EIO_NEW, false },

	/* H6, before everything else. */
	{ GET, "", EIO_TRANSPORT_UNKNOWN, false },
	{ GET, "EIO=4", EIO_TRANSPORT_UNKNOWN, false },
	{ GET, "EIO=4&transport=", EIO_TRANSPORT_UNKNOWN, false },
	{ GET, "EIO=4&transport=Polling", EIO_TRANSPORT_UNKNOWN, false },
	{ GET, "EIO=4&transport=webtransport", EIO_TRANSPORT_UNKNOWN, false },
	{ GET, "EIO=4&transport=__proto__", EIO_TRANSPORT_UNKNOWN, false },
	{ GET, "EIO=4&transport=polling%00", EIO_TRANSPORT_UNKNOWN, false },
	{ GET, POLLING "&transport=x", EIO_TRANSPORT_UNKNOWN, false },
	{ "POST", "", "EIO=3&transport=x&sid=y", EIO_TRANSPORT_UNKNOWN, false },

	/* H7. */
	{ GET, POLLING "&sid=x", EIO_SID_UNKNOWN, false },
	{ "POST", "", POLLING "&sid=x", EIO_SID_UNKNOWN, false },
	{ GET, POLLING "&sid=" SID "A", EIO_SID_UNKNOWN, false },
	{ GET, POLLING "&sid=AAAAAAAAAAAAAAAAAAA%00", EIO_SID_UNKNOWN, false },
	{ GET, POLLING "&sid=AAAAAAAAAAAAAAAAAAA!", EIO_SID_UNKNOWN, false },
	{ GET, "EIO=3&transport=polling&sid=x", EIO_SID_UNKNOWN, false },

	/* A session: what is left to its owner. */
	{ GET, POLLING "&sid=" SID, EIO_EXISTING, false },
	{ "POST", "", POLLING "&sid=" SID, EIO_EXISTING, false },
	{ "PUT", "", POLLING "&sid=" SID, EIO_EXISTING, false },
	{ UPGRADE, WEBSOCKET "&sid=" SID, EIO_EXISTING, false },
	{ GET, WEBSOCKET "&sid=" SID, EIO_EXISTING, true },
	{ UPGRADE, POLLING "&sid=" SID, EIO_EXISTING, true },
	{ GET, "EIO=3&transport=polling&sid=" SID, EIO_EXISTING, false },
	{ GET, "transport=polling&sid=" SID, EIO_EXISTING, false },

	/* H8, then H9, then H11. */
	{ "POST", "", POLLING, EIO_BAD_METHOD, false },
	{ "HEAD", "", POLLING, EIO_BAD_METHOD, false },
	{ "TRACE", "", "EIO=3&transport=websocket", EIO_BAD_METHOD, false },
	{ GET, WEBSOCKET, EIO_BAD_REQUEST, false },
	{ GET, "EIO=3&transport=websocket", EIO_BAD_REQUEST, false },
	{ UPGRADE, POLLING, EIO_BAD_REQUEST, false },
	{ GET, "transport=polling", EIO_BAD_VERSION, false },
	{ GET, "EIO=3&transport=polling", EIO_BAD_VERSION, false },
	{ GET, "EIO=04&transport=polling", EIO_BAD_VERSION, false },
	{ GET, "EIO=44444444444444444&transport=polling", EIO_BAD_VERSION,
	    false },
	{ UPGRADE, "EIO=5&transport=websocket", EIO_BAD_VERSION, false },

	/* C4: without CORS it is a request. */
	{ "OPTIONS", "", "", EIO_TRANSPORT_UNKNOWN, false },
	{ "OPTIONS", "", POLLING, EIO_BAD_METHOD, false }
};

START_TEST(judge)
{
	struct eio_request request;
	struct http_head head;
	char text[512];
	size_t used;
	int status;

	snprintf(text, sizeof(text), "%s /socket.io/?%s HTTP/1.1\r\n"
	    "Host: a\r\n%s\r\n", requests[_i].method, requests[_i].query,
	    requests[_i].headers);
	ck_assert_int_eq(http_head_parse(text, strlen(text), 0, &head, &used,
	    &status), PARSE_DONE);
	ck_assert_int_eq(eio_judge(&head, false, &request),
	    requests[_i].verdict);
	ck_assert_int_eq(request.mismatch, requests[_i].mismatch);
	if (requests[_i].verdict == EIO_EXISTING)
		ck_assert_str_eq(request.sid, SID);
	if (requests[_i].verdict == EIO_NEW) {
		ck_assert(!request.has_sid);
		ck_assert_int_eq(request.transport,
		    head.upgrade_websocket ? EIO_WEBSOCKET : EIO_POLLING);
	}
}
END_TEST

/* H11 with allow_eio3: whatever is not 4 is 3. */
static const struct {
	const char *query;
	enum eio_version version;
	bool base64;
} versions[] = {
	{ POLLING, EIO_V4, false },
	{ POLLING "&b64=1", EIO_V4, true },
	{ "transport=polling", EIO_V3, false },
	{ "EIO=3&transport=polling", EIO_V3, false },
	{ "EIO=5&transport=polling&b64=", EIO_V3, false },
	{ "EIO=3&transport=polling&b64=1", EIO_V3, true },
	{ "EIO=3&transport=polling&b64=true", EIO_V3, true }
};

START_TEST(version)
{
	const char *query = versions[_i].query;
	struct http_head head = { .query = { query, strlen(query) } };
	struct eio_request request;

	head.method = HTTP_GET;
	ck_assert_int_eq(eio_judge(&head, true, &request), EIO_NEW);
	ck_assert_int_eq(request.version, versions[_i].version);
	ck_assert_int_eq(request.base64, versions[_i].base64);
}
END_TEST

START_TEST(refusals)
{
	static const struct {
		enum eio_verdict verdict;
		int code;
		const char *text;
	} rows[] = {
		{ EIO_TRANSPORT_UNKNOWN, 0, "Transport unknown" },
		{ EIO_SID_UNKNOWN, 1, "Session ID unknown" },
		{ EIO_BAD_METHOD, 2, "Bad handshake method" },
		{ EIO_BAD_REQUEST, 3, "Bad request" },
		{ EIO_BAD_VERSION, 5, "Unsupported protocol version" }
	};
	int i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(eio_refusal_code(rows[i].verdict),
		    rows[i].code);
		ck_assert_str_eq(eio_refusal_text(rows[i].verdict),
		    rows[i].text);
	}
}
END_TEST

static const struct {
	const char *text;
	const char *name;	/* NULL = refused */
	const char *data;
	size_t len;
	bool binary;
} packets[] = {
	{ "0", "open", "", 0, false },
	{ "1", "close", "", 0, false },
	{ "2probe", "ping", "probe", 5, false },
	{ "3", "pong", "", 0, false },
	{ "42[\"a\"]", "message", "2[\"a\"]", 6, false },
	{ "4b", "message", "b", 1, false },
	{ "5", "upgrade", "", 0, false },
	{ "6", "noop", "", 0, false },
	{ "b", "message", "", 0, true },
	{ "bAAEC", "message", "\0\1\2", 3, true },
	{ "b//79", "message", "\xff\xfe\xfd", 3, true },
	{ "b++++", "message", "\xfb\xef\xbe", 3, true },
	{ "bAAE=", "message", "\0\1", 2, true },
	{ "bAA==", "message", "\0", 1, true },
	{ "bAAECAwQ=", "message", "\0\1\2\3\4", 5, true },
	{ "", NULL, NULL, 0, false },
	{ "7", NULL, NULL, 0, false },
	{ "/", NULL, NULL, 0, false },
	{ ":", NULL, NULL, 0, false },
	{ "x", NULL, NULL, 0, false },
	{ "B", NULL, NULL, 0, false },
	{ "\xff", NULL, NULL, 0, false },
	{ "bA", NULL, NULL, 0, false },
	{ "bAAE", NULL, NULL, 0, false },
	{ "bA===", NULL, NULL, 0, false },
	{ "b====", NULL, NULL, 0, false },
	{ "bAA=A", NULL, NULL, 0, false },
	{ "bAA==AAAA", NULL, NULL, 0, false },
	{ "bAA_-", NULL, NULL, 0, false },
	{ "bAA \n", NULL, NULL, 0, false },
	{ "bAA\xc3\xa9", NULL, NULL, 0, false }
};

START_TEST(packet)
{
	size_t len = strlen(packets[_i].text);
	char *text = malloc(len > 0 ? len : 1);
	struct eio_packet p;
	int result;

	ck_assert_ptr_nonnull(text);
	memcpy(text, packets[_i].text, len);
	result = eio_packet_read(text, len, &p);
	if (packets[_i].name == NULL) {
		ck_assert_int_eq(result, -1);
	} else {
		ck_assert_int_eq(result, 0);
		ck_assert_str_eq(eio_type_name(p.type), packets[_i].name);
		ck_assert_int_eq(p.binary, packets[_i].binary);
		ck_assert_uint_eq(p.data.len, packets[_i].len);
		if (p.data.len > 0)
			ck_assert_mem_eq(p.data.p, packets[_i].data,
			    p.data.len);
	}
	free(text);
}
END_TEST

START_TEST(sid)
{
	static const struct {
		unsigned char bytes[15];
		const char *sid;
	} rows[] = {
		{ { 0 }, "AAAAAAAAAAAAAAAAAAAA" },
		{ { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		    255, 255, 255 }, "____________________" },
		{ { 0xfb, 0xef, 0xbe, 'a', 'b', 'c', 0, 1, 2, 3, 4, 5, 6, 7,
		    8 }, "----YWJjAAECAwQFBgcI" }
	};
	char out[EIO_SID_LEN + 1];
	int i;

	for (i = 0; i < COUNT(rows); i++) {
		eio_sid(rows[i].bytes, out);
		ck_assert_str_eq(out, rows[i].sid);
	}
}
END_TEST

START_TEST(open_packet)
{
	struct eio_open o = {
		.sid = SID, .can_upgrade = true, .ping_interval_ms = 25000,
		.ping_timeout_ms = 20000, .max_payload_bytes = 1000000
	};
	struct buf out;

	buf_init(&out, 0);
	ck_assert_int_eq(eio_open_put(&out, &o), 0);
	o.can_upgrade = false;
	ck_assert_int_eq(eio_open_put(&out, &o), 0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data,
	    "0{\"sid\":\"" SID "\",\"upgrades\":[\"websocket\"],"
	    "\"pingInterval\":25000,\"pingTimeout\":20000,"
	    "\"maxPayload\":1000000}"
	    "0{\"sid\":\"" SID "\",\"upgrades\":[],"
	    "\"pingInterval\":25000,\"pingTimeout\":20000,"
	    "\"maxPayload\":1000000}");
	buf_fini(&out);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, judge, 0, COUNT(requests));
	tcase_add_loop_test(tcase, version, 0, COUNT(versions));
	tcase_add_test(tcase, refusals);
	tcase_add_loop_test(tcase, packet, 0, COUNT(packets));
	tcase_add_test(tcase, sid);
	tcase_add_test(tcase, open_packet);
	return unit_run("eio", tcase);
}
