/* What is read from and written to the wire, and views, without memory. */
#include <confuse.h>
#include <openssl/err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/conf_table.h"
#include "oom_kit.h"
#include "proto/eio.h"
#include "proto/http_body.h"
#include "proto/http_head.h"
#include "proto/http_reply.h"
#include "proto/json_scan.h"
#include "proto/sio.h"
#include "proto/ws.h"
#include "unit.h"

/*
 * libconfuse frees what it never had; it runs in the loader alone, whose death
 * is an answer.  What it calls of ours is tried.
 */
cfg_t *OOM_REAL(cfg_init)(cfg_opt_t *opts, cfg_flag_t flags);
cfg_t *OOM_WRAP(cfg_init)(cfg_opt_t *opts, cfg_flag_t flags);
cfg_t *
OOM_WRAP(cfg_init)(cfg_opt_t *opts, cfg_flag_t flags)
{
	bool was = oom_spare(true);
	cfg_t *cfg = OOM_REAL(cfg_init)(opts, flags);

	(void)oom_spare(was);
	return cfg;
}

int OOM_REAL(cfg_parse_fp)(cfg_t *cfg, FILE *fp);
int OOM_WRAP(cfg_parse_fp)(cfg_t *cfg, FILE *fp);
int
OOM_WRAP(cfg_parse_fp)(cfg_t *cfg, FILE *fp)
{
	bool was = oom_spare(true);
	int result = OOM_REAL(cfg_parse_fp)(cfg, fp);

	(void)oom_spare(was);
	return result;
}

int OOM_REAL(conf_row_set)(const struct conf_row *row, void *base,
    const char *text, struct err *err);
int OOM_WRAP(conf_row_set)(const struct conf_row *row, void *base,
    const char *text, struct err *err);
int
OOM_WRAP(conf_row_set)(const struct conf_row *row, void *base,
    const char *text, struct err *err)
{
	bool was = oom_spare(false);
	int result = OOM_REAL(conf_row_set)(row, base, text, err);

	(void)oom_spare(was);
	return result;
}

static const char conf_text[] =
    "listen = { \"127.0.0.1:3000\", \"[::1]:3001\" }\n"
    "workers = 3\n"
    "socketio {\n\tnamespaces = { \"/\", \"/two\" }\n\tping_interval = 5s\n}\n"
    "database {\n\turl = \"file:demo.db\"\n}\n"
    "limits {\n\tjson_depth = 12\n}\n"
    "key \"one\" {\n\tpsk = 'a-long-secret-1'\n\tallow = { \"x\", \"y\" }\n}\n"
    "key \"two\" {\n\tpsk = 'a-long-secret-2'\n}\n";

static const char head_text[] =
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
    "Host: x\r\nOrigin: http://here\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/* The first fault, or that there was no memory for it. */
static int
first_fault(const struct conf_faults *f, struct err *err)
{
	return f->lines.n == 0 ? oom_only(err) :
	    err_set(err, ERR_INTERNAL, "%s", f->lines.v[0]);
}

static int
run_conf(struct err *err)
{
	struct conf_faults faults = { .count = 0 };
	struct conf c;
	int result;

	if (conf_init(&c) != 0)
		return oom_only(err);
	result = conf_read_text(&c, "t.conf", conf_text, strlen(conf_text),
	    &faults);
	if (result != 0)
		(void)first_fault(&faults, err);
	conf_faults_fini(&faults);
	conf_fini(&c);
	return result;
}

static struct conf conf;

static int
run_view(struct err *err)
{
	static const enum conf_role roles[] = { CONF_MASTER, CONF_WORKER,
	    CONF_COLLECTOR };
	struct conf again;
	struct buf view;
	int result = 0;

	buf_init(&view, 0);
	for (int i = 0; result == 0 && i < COUNT(roles); i++) {
		buf_clear(&view);
		memset(&again, 0, sizeof(again));
		if (conf_view_put(&conf, roles[i], &view) != 0)
			result = oom_only(err);
		else
			result = conf_view_get(&again, view.data, view.len,
			    err);
		conf_fini(&again);
	}
	buf_fini(&view);
	return result;
}

static struct http_head head;

static void
setup(void)
{
	struct conf_faults faults = { .count = 0 };
	size_t used;
	int status;

	/* Made once, when first something fails there. */
	ERR_clear_error();
	ck_assert_int_eq(conf_init(&conf), 0);
	ck_assert_int_eq(conf_read_text(&conf, "t.conf", conf_text,
	    strlen(conf_text), &faults), 0);
	ck_assert_int_eq(http_head_parse(head_text, strlen(head_text), 0,
	    &head, &used, &status), PARSE_DONE);
}

static void
teardown(void)
{
	conf_fini(&conf);
}

static int
run_replies(struct err *err)
{
	const struct http_cors cors = { .trusted = true,
	    .origin = { "http://here", 11 } };
	const struct http_reply r = { .status = 200, .length = 5,
	    .content_type = "text/plain", .no_store = true,
	    .keep_alive = true, .keep_alive_s = 5, .cors = &cors };
	const struct slice requested = { "x-psk", 5 };
	const struct ws_deflate deflate = { .bits = 15 };
	const struct eio_open open = { .sid = "abcdefghijklmnopqrst",
	    .can_upgrade = true, .ping_interval_ms = 1,
	    .ping_timeout_ms = 1, .max_payload_bytes = 1 };
	struct buf out;
	int result;

	buf_init(&out, 0);
	result = http_reply_put(&out, &r) != 0 ||
	    http_preflight_put(&out, &r, &requested) != 0 ||
	    ws_handshake_put(&out, &head, &cors, &deflate) != 0 ||
	    ws_refusal_put(&out, 400, "no", true, &cors) != 0 ||
	    eio_open_put(&out, &open) != 0 ||
	    sio_head_put(&out, SIO_BINARY_ACK, "/two", 12, 1) != 0 ?
	    oom_only(err) : 0;
	ERR_clear_error();	/* what libcrypto says of it is kept there */
	buf_fini(&out);
	return result;
}

static int
run_body(struct err *err)
{
	static const char chunks[] = "5\r\nhello\r\n6;x\r\n world\r\n0\r\n\r\n";
	const struct http_head chunked = { .body = HTTP_BODY_CHUNKED };
	struct http_body b;
	struct buf out;
	size_t used;
	int status = 0;
	enum parse p;

	buf_init(&out, 100);
	http_body_init(&b, &chunked);
	p = http_body_take(&b, chunks, strlen(chunks), &out, &used, &status);
	if (p == PARSE_BAD && status == 500)
		(void)oom_only(err);
	buf_fini(&out);
	return p == PARSE_DONE ? 0 : -1;
}

/* A message in three frames, masked with zeros. */
static int
run_frames(struct err *err)
{
	static const char frames[] =
	    "\x01\x82\0\0\0\0he" "\x00\x81\0\0\0\0l" "\x80\x82\0\0\0\0lo";
	char data[sizeof(frames) - 1];
	enum parse p = PARSE_MORE;
	struct ws_message message = { .event = WS_EVENT_NONE };
	struct ws_reader r;

	memcpy(data, frames, sizeof(data));
	ws_reader_init(&r, 100, false);
	for (size_t at = 0; at < sizeof(data) && message.event ==
	    WS_EVENT_NONE; at += message.used) {
		p = ws_read(&r, data + at, sizeof(data) - at, &message);
		if (p != PARSE_DONE)
			break;
	}
	if (p == PARSE_BAD && message.code != WS_CLOSE_PROTOCOL)
		(void)oom_only(err);
	ws_reader_fini(&r);
	return message.event == WS_EVENT_TEXT ? 0 : -1;
}

/* A key that cannot be read is none. */
static int
run_psk(struct err *err)
{
	static const char json[] = "{\"a\":[1],\"psk\":\"\\u00e4 key\"}";
	const struct slice s = { json, sizeof(json) - 1 };
	struct buf out;
	enum sio_psk got;

	buf_init(&out, 0);
	got = sio_connect_psk(&s, &out);
	buf_wipe(&out);
	return got == SIO_PSK_TEXT ? 0 : oom_only(err);
}

static int
run_string(struct err *err)
{
	static const char json[] = "\"plain \\n\\u20ac\\ud83d\\ude00\"";
	const struct slice s = { json, sizeof(json) - 1 };
	struct buf out;
	int result;

	buf_init(&out, 0);
	result = json_string_decode(&s, &out) == 0 ? 0 : oom_only(err);
	buf_fini(&out);
	return result;
}

static const struct oom_work works[] = {
	{ "a configuration", run_conf },
	{ "views", run_view },
	{ "replies", run_replies },
	{ "a body in chunks", run_body },
	{ "a message in frames", run_frames },
	{ "a key of a CONNECT", run_psk },
	{ "a string", run_string },
};

START_TEST(test_works)
{
	oom_try(&works[_i]);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("oom_wire");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_works, 0, COUNT(works));
	return unit_run("oom_wire", tc);
}
