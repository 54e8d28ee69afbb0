/* Offers of extensions: RFC 7692 section 7.1, PROTOCOL W10. */
#include "proto/ws_extension.h"

#include <string.h>

#include "unit.h"

#define MINE "permessage-deflate; server_no_context_takeover; " \
	"client_no_context_takeover"
#define D "permessage-deflate"

static const struct {
	const char *offers[2];
	const char *answer;	/* NULL: refused; "": no agreement */
} rows[] = {
	{ { NULL }, "" },
	{ { D }, MINE },
	{ { D "; client_max_window_bits" }, MINE },
	{ { D "; client_max_window_bits=15" },
	    MINE "; client_max_window_bits=15" },
	{ { D "; client_max_window_bits=\"8\"" },
	    MINE "; client_max_window_bits=8" },
	{ { D ";server_max_window_bits=8" }, MINE
	    "; server_max_window_bits=8" },
	{ { D "\t;\tserver_max_window_bits=1\\0 " }, NULL },
	{ { D "\t;\tserver_max_window_bits=\"1\\0\" " },
	    MINE "; server_max_window_bits=10" },
	{ { D "; server_no_context_takeover; client_no_context_takeover; "
	    "server_max_window_bits=12; client_max_window_bits=9" },
	    MINE "; server_max_window_bits=12; client_max_window_bits=9" },
	/* The first counts; all must be right. */
	{ { D "; server_max_window_bits=10, " D },
	    MINE "; server_max_window_bits=10" },
	{ { D ", " D "; server_max_window_bits=10" }, MINE },
	{ { D, D "; server_max_window_bits=10" }, MINE },
	{ { D ", " D "; nobody" }, NULL },
	{ { D, D "; server_max_window_bits=7" }, NULL },
	/* Others are not ours; their form must be right. */
	{ { "x-webkit-deflate-frame" }, "" },
	{ { "bbf-usp-protocol; eid=\"proto\", mux; a; b=c; a" }, "" },
	{ { "x; a=b," D }, MINE },
	{ { "Permessage-Deflate" }, "" },
	{ { "x; a=\"b" }, NULL },
	{ { "x; a=\"b c\"" }, NULL },
	{ { "x; a=\"b\"c" }, NULL },
	{ { "x; a=\"\"" }, NULL },
	{ { "x; a=\"b\\\"" }, NULL },
	{ { "x; =b" }, NULL },
	{ { "x; a b" }, NULL },
	{ { "x y" }, NULL },
	/* Nothing where something must be. */
	{ { "" }, NULL },
	{ { D "," }, NULL },
	{ { "," D }, NULL },
	{ { D ";" }, NULL },
	{ { D ";;server_no_context_takeover" }, NULL },
	{ { ";" D }, NULL },
	/* Parameters that are not ours, twice, with or without values. */
	{ { D "; server_no_context_takeove" }, NULL },
	{ { D "; server_no_context_takeover; server_no_context_takeover" },
	    NULL },
	{ { D "; server_no_context_takeover=1" }, NULL },
	{ { D "; client_no_context_takeover=true" }, NULL },
	{ { D "; server_max_window_bits" }, NULL },
	{ { D "; server_max_window_bits=" }, NULL },
	{ { D "; server_max_window_bits =10" }, NULL },
	{ { D "; server_max_window_bits= 10" }, NULL },
	{ { D "; server_max_window_bits=7" }, NULL },
	{ { D "; server_max_window_bits=16" }, NULL },
	{ { D "; server_max_window_bits=010" }, NULL },
	{ { D "; server_max_window_bits=-8" }, NULL },
	{ { D "; client_max_window_bits=8.0" }, NULL },
	{ { D "; client_max_window_bits=4294967304" }, NULL },
	/* More than anybody needs. */
	{ { "x;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a" }, "" },
	{ { "x;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a" }, NULL }
};

START_TEST(offers)
{
	const char *answer = rows[_i].answer;
	struct http_head h = { .nheaders = 0 };
	struct ws_deflate d;
	struct buf out, wanted;

	for (size_t i = 0; i < 2 && rows[_i].offers[i] != NULL; i++)
		h.headers[h.nheaders++] = (struct http_header){
			{ "sec-websocket-extensions", 24 },
			{ rows[_i].offers[i], strlen(rows[_i].offers[i]) }
		};
	ck_assert_int_eq(ws_extension_read(&h, &d), answer == NULL ? -1 : 0);
	if (answer == NULL)
		return;
	buf_init(&out, 0);
	buf_init(&wanted, 0);
	ck_assert_int_eq(ws_extension_put(&out, &d), 0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	if (*answer != '\0')
		ck_assert_int_eq(buf_printf(&wanted,
		    "Sec-WebSocket-Extensions: %s\r\n", answer), 0);
	ck_assert_int_eq(buf_putc(&wanted, '\0'), 0);
	ck_assert_str_eq(out.data, wanted.data);
	ck_assert_int_eq(d.bits != 0, *answer != '\0');
	buf_fini(&out);
	buf_fini(&wanted);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("ws_extension");

	tcase_add_loop_test(t, offers, 0, COUNT(rows));
	return unit_run("ws_extension", t);
}
