/* Codings of HTTP: which is chosen (PROTOCOL P17), and what stands around. */
#include "proto/http_coding.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "proto/deflate.h"
#include "unit.h"

static const struct {
	const char *accept[2];
	enum http_coding chosen;
} rows[] = {
	{ { NULL }, HTTP_CODING_NONE },
	{ { "" }, HTTP_CODING_NONE },
	{ { "gzip, deflate, br, zstd" }, HTTP_CODING_GZIP },
	{ { "GZip" }, HTTP_CODING_GZIP },
	{ { "deflate" }, HTTP_CODING_DEFLATE },
	{ { "br" }, HTTP_CODING_NONE },
	{ { "identity" }, HTTP_CODING_NONE },
	{ { "x-gzip, gzipx" }, HTTP_CODING_NONE },
	{ { "br", "deflate" }, HTTP_CODING_DEFLATE },
	{ { "*" }, HTTP_CODING_GZIP },
	{ { "*;q=0" }, HTTP_CODING_NONE },
	{ { "gzip;q=0" }, HTTP_CODING_NONE },
	{ { "gzip;q=0, deflate" }, HTTP_CODING_DEFLATE },
	{ { "gzip;q=0, *" }, HTTP_CODING_DEFLATE },
	{ { "*, gzip;q=0" }, HTTP_CODING_DEFLATE },
	{ { "gzip;q=0.5, deflate;q=0.8" }, HTTP_CODING_DEFLATE },
	{ { "deflate;q=0.499, gzip ; q=0.5" }, HTTP_CODING_GZIP },
	{ { "gzip;a=b;q=0.001" }, HTTP_CODING_GZIP },
	{ { "gzip;q=0.000" }, HTTP_CODING_NONE },
	{ { "gzip;q=1.000, deflate;Q=1" }, HTTP_CODING_GZIP },
	/* Weights that are none. */
	{ { "gzip;q=" }, HTTP_CODING_NONE },
	{ { "gzip;q=2" }, HTTP_CODING_NONE },
	{ { "gzip;q=1.001" }, HTTP_CODING_NONE },
	{ { "gzip;q=0.1x" }, HTTP_CODING_NONE },
	{ { "gzip;q=-1" }, HTTP_CODING_NONE },
	{ { ",;,gzip;,;q=1" }, HTTP_CODING_GZIP }
};

START_TEST(choice)
{
	struct http_head h = { .nheaders = 0 };

	for (size_t i = 0; i < 2 && rows[_i].accept[i] != NULL; i++)
		h.headers[h.nheaders++] = (struct http_header){
			{ "accept-encoding", 15 },
			{ rows[_i].accept[i], strlen(rows[_i].accept[i]) }
		};
	ck_assert_int_eq(http_coding_choose(&h), rows[_i].chosen);
}
END_TEST

/* Two pieces and nothing, read by zlib, which checks the sums. */
START_TEST(envelope)
{
	static const char text[] = "rows, rows, rows and rows of rows";
	const struct deflate_how how = { .level = 6, .bits = 15 };
	enum http_coding c = (enum http_coding)_i;
	struct deflater *d = deflater_new();
	struct http_coded coded;
	char edge[HTTP_CODED_MAX], out[100];
	struct buf body;
	z_stream z = { .next_out = (Bytef *)out, .avail_out = sizeof(out) };

	buf_init(&body, 0);
	ck_assert_int_eq(buf_put(&body, edge,
	    http_coded_begin(&coded, c, edge)), 0);
	for (int i = 0; i < 2; i++) {
		http_coded_add(&coded, text, strlen(text));
		http_coded_add(&coded, NULL, 0);
		ck_assert_int_eq(deflater_put(d, how, text, strlen(text),
		    &body), 0);
	}
	ck_assert_int_eq(buf_put(&body, edge, http_coded_end(&coded, edge)),
	    0);
	z.next_in = (const Bytef *)body.data;
	z.avail_in = (uInt)body.len;
	ck_assert_int_eq(inflateInit2(&z, c == HTTP_CODING_GZIP ? 16 + 15 :
	    15), Z_OK);
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(z.avail_in, 0);
	ck_assert_uint_eq(z.total_out, 2 * strlen(text));
	ck_assert(memcmp(out, text, strlen(text)) == 0);
	ck_assert(memcmp(out + strlen(text), text, strlen(text)) == 0);
	inflateEnd(&z);
	buf_fini(&body);
	deflater_free(d);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("http_coding");

	tcase_add_loop_test(t, choice, 0, COUNT(rows));
	tcase_add_loop_test(t, envelope, HTTP_CODING_GZIP, HTTP_CODINGS);
	return unit_run("http_coding", t);
}
