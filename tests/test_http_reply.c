/* Replies byte for byte: PROTOCOL H13 to H19, H27, C1 to C5, P1, P5. */
#include "proto/http_reply.h"

#include <string.h>

#include "unit.h"

#define SLICE(s) { s, sizeof(s) - 1 }
#define TEXT "text/plain; charset=UTF-8"

static const struct http_cors off = { .off = true };
static const struct http_cors any = { .any = true };
static const struct http_cors trusted = {
	.trusted = true, .origin = SLICE("http://a")
};
static const struct http_cors untrusted = { .origin = SLICE("http://b") };

static const struct {
	struct http_reply reply;
	const char *bytes;
} rows[] = {
	{ { .status = 200, .content_type = TEXT, .length = 118,
	    .no_store = true, .keep_alive = true, .keep_alive_s = 5,
	    .cors = &any },
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Length: 118\r\n"
	    "cache-control: no-store\r\n"
	    "Access-Control-Allow-Origin: *\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=5\r\n\r\n" },
	{ { .status = 200, .content_type = "text/html", .length = 2,
	    .no_store = true, .xss_off = true, .cors = &trusted },
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/html\r\n"
	    "Content-Length: 2\r\n"
	    "cache-control: no-store\r\n"
	    "X-XSS-Protection: 0\r\n"
	    "Access-Control-Allow-Origin: http://a\r\n"
	    "Vary: Origin\r\n"
	    "Connection: close\r\n\r\n" },
	{ { .status = 400, .content_type = "application/json", .length = 40,
	    .keep_alive = true, .keep_alive_s = 7, .cors = &untrusted },
	    "HTTP/1.1 400 Bad Request\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Length: 40\r\n"
	    "Vary: Origin\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=7\r\n\r\n" },
	{ { .status = 400, .content_type = "application/json", .length = 40,
	    .cors = &off },
	    "HTTP/1.1 400 Bad Request\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Length: 40\r\n"
	    "Connection: close\r\n\r\n" },
	{ { .status = 404, .keep_alive = true, .keep_alive_s = 5 },
	    "HTTP/1.1 404 Not Found\r\n"
	    "Content-Length: 0\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=5\r\n\r\n" },
	{ { .status = 200, .coding = "gzip", .length = HTTP_REPLY_TO_END },
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Encoding: gzip\r\n"
	    "Connection: close\r\n\r\n" },
	{ { .status = 200, .length = HTTP_REPLY_CHUNKED, .keep_alive = true,
	    .keep_alive_s = 5 },
	    "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=5\r\n\r\n" },
	{ { .status = 200, .length = HTTP_REPLY_TO_END, .keep_alive = true },
	    "HTTP/1.1 200 OK\r\n"
	    "Connection: close\r\n\r\n" },
	{ { .status = 200, .content_type = "application/json; charset=utf-8",
	    .length = 7, .etag = "\"4.8.0\"", .keep_alive = true,
	    .keep_alive_s = 5, .cors = &any },
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Type: application/json; charset=utf-8\r\n"
	    "Content-Length: 7\r\n"
	    "Cache-Control: public, max-age=0\r\n"
	    "ETag: \"4.8.0\"\r\n"
	    "Access-Control-Allow-Origin: *\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=5\r\n\r\n" },
	{ { .status = 304, .etag = "\"4.8.0\"", .keep_alive = true,
	    .keep_alive_s = 5 },
	    "HTTP/1.1 304 Not Modified\r\n"
	    "Cache-Control: public, max-age=0\r\n"
	    "ETag: \"4.8.0\"\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=5\r\n\r\n" },
	{ { .status = 431 },
	    "HTTP/1.1 431 Request Header Fields Too Large\r\n"
	    "Content-Length: 0\r\n"
	    "Connection: close\r\n\r\n" }
};

START_TEST(reply)
{
	struct buf out;

	buf_init(&out, 0);
	ck_assert_int_eq(http_reply_put(&out, &rows[_i].reply), 0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, rows[_i].bytes);
	buf_fini(&out);
}
END_TEST

/* Whatever the bound: all of it or a failure, and never beyond. */
START_TEST(no_room)
{
	size_t len = strlen(rows[0].bytes), max;
	struct buf out;

	for (max = 1; max <= len; max++) {
		buf_init(&out, max);
		ck_assert_int_eq(http_reply_put(&out, &rows[0].reply),
		    max < len ? -1 : 0);
		buf_fini(&out);
	}
}
END_TEST

#define METHODS "Access-Control-Allow-Methods: " \
	"GET,HEAD,PUT,PATCH,POST,DELETE\r\n"

static const struct {
	const struct http_cors *cors;
	const struct slice requested;
	const char *bytes;
} preflights[] = {
	{ &any, SLICE("x-psk,  X-Other"),
	    "HTTP/1.1 204 No Content\r\n"
	    "Access-Control-Allow-Origin: *\r\n" METHODS
	    "Vary: Access-Control-Request-Headers\r\n"
	    "Access-Control-Allow-Headers: x-psk,  X-Other\r\n"
	    "Content-Length: 0\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=5\r\n\r\n" },
	{ &trusted, SLICE(""),
	    "HTTP/1.1 204 No Content\r\n"
	    "Access-Control-Allow-Origin: http://a\r\n"
	    "Vary: Origin\r\n" METHODS
	    "Vary: Access-Control-Request-Headers\r\n"
	    "Content-Length: 0\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=5\r\n\r\n" }
};

START_TEST(preflight)
{
	struct http_reply r = {
		.keep_alive = true, .keep_alive_s = 5,
		.cors = preflights[_i].cors
	};
	struct buf out;

	buf_init(&out, 0);
	ck_assert_int_eq(http_preflight_put(&out, &r,
	    &preflights[_i].requested), 0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, preflights[_i].bytes);
	buf_fini(&out);
}
END_TEST

/* Origins of the conf and of the request. */
START_TEST(judge)
{
	char a[] = "http://a", b[] = "http://b", star[] = "*";
	char *list[] = { a, b }, *all[] = { a, star };
	struct http_head from_b = { .nheaders = 1, .headers = {
	    { SLICE("origin"), SLICE("http://b") } } };
	struct http_head from_c = { .nheaders = 1, .headers = {
	    { SLICE("Origin"), SLICE("http://b.c") } } };
	struct http_head plain = { .nheaders = 0 };
	struct http_head options = { .method = HTTP_OPTIONS };
	struct http_cors cors;

	http_cors_judge(&cors, &from_b, list, 2);
	ck_assert(!cors.any && cors.trusted);
	ck_assert(slice_is(&cors.origin, "http://b"));
	http_cors_judge(&cors, &from_c, list, 2);
	ck_assert(!cors.any && !cors.trusted);
	http_cors_judge(&cors, &from_c, all, 2);
	ck_assert(cors.any);
	http_cors_judge(&cors, &plain, list, 2);
	ck_assert(!cors.any && !cors.trusted && cors.origin.len == 0);
	ck_assert(!cors.off && http_is_preflight(&options, &cors));
	ck_assert(!http_is_preflight(&plain, &cors));
	http_cors_judge(&cors, &options, NULL, 0);
	ck_assert(cors.off && !cors.any && !cors.trusted);
	ck_assert(!http_is_preflight(&options, &cors));
}
END_TEST

START_TEST(xss)
{
	struct http_head h = { .nheaders = 1, .headers = {
	    { SLICE("User-Agent"), SLICE("Mozilla (compatible;MSIE 8)") } } };

	ck_assert(http_wants_xss_off(&h));
	h.headers[0].value = (struct slice)SLICE("x Trident/7.0");
	ck_assert(http_wants_xss_off(&h));
	h.headers[0].value = (struct slice)SLICE("Mozilla/5.0");
	ck_assert(!http_wants_xss_off(&h));
	h.nheaders = 0;
	ck_assert(!http_wants_xss_off(&h));
}
END_TEST

/* Each status that the room itself may ask for has a name. */
START_TEST(names)
{
	static const int asked[] = { 200, 204, 304, 400, 404, 413, 431, 500,
	    501, 505 };
	size_t i;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		ck_assert_str_ne(http_status_text(asked[i]), "Unknown");
	ck_assert_str_eq(http_status_text(299), "Unknown");
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, reply, 0, COUNT(rows));
	tcase_add_test(tcase, no_room);
	tcase_add_loop_test(tcase, preflight, 0, 2);
	tcase_add_test(tcase, judge);
	tcase_add_test(tcase, xss);
	tcase_add_test(tcase, names);
	return unit_run("http_reply", tcase);
}
