/* Heads of requests: PROTOCOL H3, H4 and H15 to H26, whole and by bytes. */
#include "proto/http_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define HOST "Host: a\r\n"
#define MORE -1

/* A parser that reads beyond the end is caught by the sanitizer. */
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
	size_t len;
	int status;	/* 0 = a head; MORE; else the refusal */
} rows[] = {
#define ROW(text, status) { text, sizeof(text) - 1, status }
	ROW("GET / HTTP/1.1\r\n" HOST "\r\n", 0),
	ROW("GET / HTTP/1.0\r\n\r\n", 0),
	ROW("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0),
	ROW("POST /a?b HTTP/1.1\r\nhOST:\r\n\r\n", 0),
	ROW("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0),
	ROW("GET / HTTP/1.1\r\n" HOST "X: \t a\xc3\xa9\tb \t\r\n\r\n", 0),
	ROW("GET / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551615"
	    "\r\n\r\n", 0),
	ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n", 0),

	ROW("", MORE),
	ROW("\r", MORE),
	ROW("\r\n", MORE),
	ROW("GE", MORE),
	ROW("GET", MORE),
	ROW("GET / HTTP/1.1\r\n" HOST, MORE),
	ROW("GET / HTTP/1.1\r\n" HOST "\r", MORE),

	/* The method. */
	ROW("BREW / HTTP/1.1\r\n", 400),
	ROW("get / HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("G\0T / HTTP/1.1\r\n", 400),
	ROW("\x16\x03\x01\x02", 400),
	ROW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
	ROW(" GET / HTTP/1.1\r\n", 400),
	ROW("\nGET / HTTP/1.1\r\n", 400),
	ROW("\r\r", 400),
	ROW("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
	    "\r\nGET / HTTP/1.1\r\n", 400),

	/* The rest of the request line. */
	ROW("GET  / HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET /  HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET / HTTP/1.1 \r\n" HOST "\r\n", 400),
	ROW("GET /\r\n\r\n", 400),
	ROW("GET  HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET / http/1.1\r\n" HOST "\r\n", 400),
	ROW("GET / HTTP/1.x\r\n" HOST "\r\n", 400),
	ROW("GET / HTTP/11\r\n" HOST "\r\n", 400),
	ROW("GET /\x01 HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET /\x7f HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET /\xe9 HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET x HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("CONNECT h:80 HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET /\0 HTTP/1.1\r\n" HOST "\r\n", 400),
	ROW("GET / HTTP/2.0\r\n" HOST "\r\n", 505),
	ROW("GET / HTTP/1.2\r\n" HOST "\r\n", 505),
	ROW("GET / HTTP/0.9\r\n" HOST "\r\n", 505),

	/* Ends of lines. */
	ROW("GET / HTTP/1.1\n", 400),
	ROW("GET / HTTP/1.1\r\n" "Host: a\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A: b\rC: d\r\n\r\n", 400),

	/* Header lines. */
	ROW("GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A: b\r\n\tc\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST " A: b\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A\xc3\xa9: b\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A\0: b\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A: \x1f\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST "A: \x7f\r\n\r\n", 400),

	/* Host. */
	ROW("GET / HTTP/1.1\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\nHosts: a\r\n\r\n", 400),
	ROW("GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400),

	/* The length of the body. */
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1 1\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551616"
	    "\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
	    "Content-Length: 1\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
	    "content-length: 2\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
	    "Content-Length: 0\r\n\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 400),
	ROW("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n"
	    "\r\n", 400),
	ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n"
	    "\r\n", 501),
	ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n"
	    "\r\n", 501)
};
#define NROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static void
check_result(enum parse result, int status, int wanted)
{
	if (wanted == MORE) {
		ck_assert_int_eq(result, PARSE_MORE);
	} else if (wanted == 0) {
		ck_assert_int_eq(result, PARSE_DONE);
	} else {
		ck_assert_int_eq(result, PARSE_BAD);
		ck_assert_int_eq(status, wanted);
	}
}

START_TEST(whole)
{
	char *data = copy(rows[_i].text, rows[_i].len);
	struct http_head head;
	enum parse result;
	size_t used = 0;
	int status = 0;

	result = http_head_parse(data, rows[_i].len, 0, &head, &used,
	    &status);
	check_result(result, status, rows[_i].status);
	if (rows[_i].status == 0)
		ck_assert_uint_eq(used, rows[_i].len);
	free(data);
}
END_TEST

START_TEST(by_bytes)
{
	enum parse result = PARSE_MORE;
	struct http_head head;
	size_t used = 0, n;
	int status = 0;
	char *data;

	for (n = 0; n <= rows[_i].len && result == PARSE_MORE; n++) {
		data = copy(rows[_i].text, n);
		result = http_head_parse(data, n, n > 0 ? n - 1 : 0, &head,
		    &used, &status);
		if (result == PARSE_DONE)
			ck_assert_uint_eq(used, n);
		free(data);
	}
	check_result(result, status, rows[_i].status);
	if (rows[_i].status == 0)
		ck_assert_uint_eq(used, rows[_i].len);
}
END_TEST

/* What stands behind the head is left alone, also when it came with it. */
START_TEST(followed)
{
	const char *text = "GET / HTTP/1.1\r\n" HOST "\r\nrest\n";
	struct http_head head;
	size_t used;
	int status;

	ck_assert_int_eq(http_head_parse(text, strlen(text), 0, &head, &used,
	    &status), PARSE_DONE);
	ck_assert_str_eq(text + used, "rest\n");
}
END_TEST

static struct http_head
parse(const char *text)
{
	struct http_head head;
	size_t used;
	int status;

	ck_assert_int_eq(http_head_parse(text, strlen(text), 0, &head, &used,
	    &status), PARSE_DONE);
	return head;
}

START_TEST(parts)
{
	struct http_head h = parse("POST //a/../b?c=d?e HTTP/1.1\r\n"
	    "HOST: x:1\r\ncontent-LENGTH: 007\r\nX-Psk:\t a b \r\nx-psk: c\r\n"
	    "Expect: 100-Continue\r\n\r\n");

	ck_assert_int_eq(h.method, HTTP_POST);
	ck_assert(slice_is(&h.target, "//a/../b?c=d?e"));
	ck_assert(slice_is(&h.path, "//a/../b"));
	ck_assert(slice_is(&h.query, "c=d?e"));
	ck_assert_int_eq(h.minor, 1);
	ck_assert_int_eq(h.body, HTTP_BODY_LENGTH);
	ck_assert_uint_eq(h.content_length, 7);
	ck_assert(h.expect_continue);
	ck_assert_uint_eq(h.nheaders, 5);
	ck_assert(slice_is(http_header(&h, "x-PSK"), "a b"));
	ck_assert_ptr_null(http_header(&h, "x-ps"));

	h = parse("GET /x HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
	ck_assert(slice_is(&h.path, "/x"));
	ck_assert_uint_eq(h.query.len, 0);
	ck_assert(!h.expect_continue);
	h = parse("GET /x?a=b#c?d HTTP/1.0\r\n\r\n");
	ck_assert(slice_is(&h.query, "a=b"));
	h = parse("GET /x#c?d HTTP/1.0\r\n\r\n");
	ck_assert(slice_is(&h.path, "/x"));
	ck_assert_uint_eq(h.query.len, 0);
	ck_assert_int_eq(h.body, HTTP_BODY_NONE);
}
END_TEST

START_TEST(methods)
{
	static const char *const names[HTTP_METHODS] = {
		"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
		"TRACE", "CONNECT"
	};
	char text[64];

	snprintf(text, sizeof(text), "%s / HTTP/1.1\r\n" HOST "\r\n",
	    names[_i]);
	ck_assert_int_eq((int)parse(text).method, _i);
}
END_TEST

static const struct {
	const char *line, *headers;
	bool keep_alive, upgrade;
} connections[] = {
	{ "GET / HTTP/1.1\r\n" HOST, "", true, false },
	{ "GET / HTTP/1.1\r\n" HOST, "Connection: close\r\n", false, false },
	{ "GET / HTTP/1.1\r\n" HOST, "Connection: foo , CLOSE\r\n", false,
	    false },
	{ "GET / HTTP/1.1\r\n" HOST, "Connection: a\r\nConnection: close\r\n",
	    false, false },
	{ "GET / HTTP/1.1\r\n" HOST, "Connection: closed\r\n", true, false },
	{ "GET / HTTP/1.0\r\n", "", false, false },
	{ "GET / HTTP/1.0\r\n", "Connection: Keep-Alive\r\n", true, false },
	{ "GET / HTTP/1.0\r\n", "Connection: keep-alive, close\r\n", false,
	    false },
	{ "GET / HTTP/1.1\r\n" HOST,
	    "Connection: Upgrade\r\nUpgrade: websocket\r\n", true, true },
	{ "GET / HTTP/1.1\r\n" HOST,
	    "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n", true,
	    true },
	{ "GET / HTTP/1.1\r\n" HOST, "Upgrade: websocket\r\n", true, false },
	{ "GET / HTTP/1.1\r\n" HOST, "Connection: Upgrade\r\n", true, false },
	{ "GET / HTTP/1.1\r\n" HOST,
	    "Connection: upgrade\r\nUpgrade: h2c\r\n", true, false },
	{ "GET / HTTP/1.0\r\n",
	    "Connection: Upgrade\r\nUpgrade: websocket\r\n", false, false },
	{ "POST / HTTP/1.1\r\n" HOST,
	    "Connection: Upgrade\r\nUpgrade: websocket\r\n", true, false },
	{ "GET / HTTP/1.1\r\n" HOST, "Connection: upgrade\r\n"
	    "Upgrade: websocket\r\nContent-Length: 0\r\n", true, true },
	{ "GET / HTTP/1.1\r\n" HOST, "Connection: upgrade\r\n"
	    "Upgrade: websocket\r\nContent-Length: 1\r\n", true, false }
};

START_TEST(connection)
{
	struct http_head head;
	char text[256];

	snprintf(text, sizeof(text), "%s%s\r\n", connections[_i].line,
	    connections[_i].headers);
	head = parse(text);
	ck_assert_int_eq(head.keep_alive, connections[_i].keep_alive);
	ck_assert_int_eq(head.upgrade_websocket, connections[_i].upgrade);
}
END_TEST

START_TEST(many_headers)
{
	char text[8 * HTTP_HEADERS_MAX] = "GET / HTTP/1.1\r\n" HOST;
	struct http_head head;
	size_t used, i;
	int status;

	for (i = 1; i < HTTP_HEADERS_MAX; i++)
		strcat(text, "A: b\r\n");
	used = strlen(text);
	strcat(text, "\r\n");
	ck_assert_uint_eq(parse(text).nheaders, HTTP_HEADERS_MAX);
	strcpy(text + used, "A: b\r\n\r\n");
	ck_assert_int_eq(http_head_parse(text, strlen(text), 0, &head, &used,
	    &status), PARSE_BAD);
	ck_assert_int_eq(status, 431);
}
END_TEST

static const struct {
	const char *query, *key, *value;	/* value NULL: not there */
	size_t len;
} queries[] = {
	{ "", "a", NULL, 0 },
	{ "a=1", "a", "1", 1 },
	{ "a=1&a=2", "a", "2", 1 },
	{ "a=1&a", "a", "", 0 },
	{ "a=1&a=", "a", "", 0 },
	{ "a", "a", "", 0 },
	{ "&&a=1&", "a", "1", 1 },
	{ "ab=1&b=2", "a", NULL, 0 },
	{ "a=1&ab=2", "ab", "2", 1 },
	{ "%61=1", "a", "1", 1 },
	{ "a=b=c", "a", "b=c", 3 },
	{ "a=x+y%20z%2b", "a", "x y z+", 6 },
	{ "a=%C3%a9", "a", "\xc3\xa9", 2 },
	{ "a=%00b", "a", "\0b", 2 },
	{ "a=%", "a", "%", 1 },
	{ "a=%4", "a", "%4", 2 },
	{ "a=%4&b=1", "a", "%4", 2 },
	{ "a=%zz%41", "a", "%zzA", 4 },
	{ "a=123456789", "a", "123456789", 9 },
	{ "a=1234567890", "a", NULL, 10 },
	{ "a=1&a=1234567890", "a", NULL, 10 },
	{ "a=1234567890&a=1", "a", "1", 1 },
	{ "a=%31%32%33%34%35%36%37%38%39", "a", "123456789", 9 }
};

START_TEST(query)
{
	size_t n = strlen(queries[_i].query), len = 99;
	char *text = copy(queries[_i].query, n);
	struct slice slice = { text, n };
	bool found = queries[_i].value != NULL;
	char out[10];

	ck_assert_int_eq(http_query(&slice, queries[_i].key, out, sizeof(out),
	    &len), found);
	ck_assert_uint_eq(len, queries[_i].len);
	if (found) {
		ck_assert_mem_eq(out, queries[_i].value, len);
		ck_assert_int_eq(out[len], '\0');
	}
	free(text);
}
END_TEST

static const char *const targets[][2] = {
	{ "/socket.io/?EIO=4&psk=s3cret&t=1",
	    "/socket.io/?EIO=4&psk=***&t=1" },
	{ "/?psk=a&psk=b", "/?psk=***&psk=***" },
	{ "/?p%73k=a=b", "/?p%73k=***" },
	{ "/?psk=", "/?psk=***" },
	{ "/?psk&a", "/?psk&a" },
	{ "/?a?psk=x;psk=y", "/?a?psk=***;psk=***" },
	{ "/&psk=x", "/&psk=***" },
	{ "/?xpsk=a&pskx=b", "/?xpsk=a&pskx=b" },
	{ "", "" }
};

START_TEST(target_for_log)
{
	const char *text = targets[_i][0], *shown = targets[_i][1];
	char *exact = copy(text, strlen(text));
	struct slice target = { exact, strlen(text) };
	char out[64], cut[64];
	size_t size;

	http_target_for_log(&target, out, sizeof(out));
	ck_assert_str_eq(out, shown);
	for (size = 1; size <= strlen(shown); size++) {
		http_target_for_log(&target, cut, size);
		ck_assert_uint_eq(strlen(cut), size - 1);
		ck_assert_mem_eq(cut, shown, size - 1);
	}
	free(exact);
}
END_TEST

START_TEST(lists)
{
	struct slice list = { "a, ,b", 5 }, empty = { "", 0 }, item;
	size_t pos = 0;

	ck_assert(http_list_next(&list, &pos, &item) && slice_is(&item, "a"));
	ck_assert(http_list_next(&list, &pos, &item) && slice_is(&item, ""));
	ck_assert(http_list_next(&list, &pos, &item) && slice_is(&item, "b"));
	ck_assert(!http_list_next(&list, &pos, &item));
	ck_assert(http_has_token(&list, "B"));
	ck_assert(!http_has_token(&list, "ab"));
	pos = 0;
	ck_assert(http_list_next(&empty, &pos, &item));
	ck_assert(!http_is_token(&item));
	ck_assert(!http_list_next(&empty, &pos, &item));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, whole, 0, NROWS);
	tcase_add_loop_test(tcase, by_bytes, 0, NROWS);
	tcase_add_test(tcase, followed);
	tcase_add_test(tcase, parts);
	tcase_add_loop_test(tcase, methods, 0, HTTP_METHODS);
	tcase_add_loop_test(tcase, connection, 0, COUNT(connections));
	tcase_add_test(tcase, many_headers);
	tcase_add_loop_test(tcase, query, 0, COUNT(queries));
	tcase_add_loop_test(tcase, target_for_log, 0, COUNT(targets));
	tcase_add_test(tcase, lists);
	return unit_run("http_head", tcase);
}
