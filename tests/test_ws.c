/* WebSocket: PROTOCOL W1 to W9 and W17 to W28; streams whole and by bytes. */
#include "proto/ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define MAX_PAYLOAD 300
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

/* ---- the handshake ---- */

static const struct {
	const char *key, *version, *protocols;	/* NULL = no such header */
	const char *why;			/* NULL = accepted */
	const char *chosen;
} handshakes[] = {
	{ KEY, "13", NULL, NULL, NULL },
	{ KEY, "8", NULL, NULL, NULL },
	{ KEY, "13", "a", NULL, "a" },
	{ KEY, "13", "b , a", NULL, "b" },
	{ NULL, "13", NULL, "Missing or invalid Sec-WebSocket-Key header",
	    NULL },
	{ "", "13", NULL, "Missing or invalid Sec-WebSocket-Key header", NULL },
	{ "dGhlIHNhbXBsZSBub25jZQ=", "13", NULL,
	    "Missing or invalid Sec-WebSocket-Key header", NULL },
	{ "dGhlIHNhbXBsZSBub25jZXo=", "13", NULL,
	    "Missing or invalid Sec-WebSocket-Key header", NULL },
	{ "dGhlIHNhbXBsZSBub25jZQ==A", "13", NULL,
	    "Missing or invalid Sec-WebSocket-Key header", NULL },
	{ "dGhlIHNhbXBsZSBub25j!Q==", "13", NULL,
	    "Missing or invalid Sec-WebSocket-Key header", NULL },
	{ KEY, NULL, NULL, "Missing or invalid Sec-WebSocket-Version header",
	    NULL },
	{ KEY, "12", NULL, "Missing or invalid Sec-WebSocket-Version header",
	    NULL },
	{ KEY, "13, 8", NULL,
	    "Missing or invalid Sec-WebSocket-Version header", NULL },
	{ KEY, "13", "", "Invalid Sec-WebSocket-Protocol header", NULL },
	{ KEY, "13", "a,", "Invalid Sec-WebSocket-Protocol header", NULL },
	{ KEY, "13", "a,,b", "Invalid Sec-WebSocket-Protocol header", NULL },
	{ KEY, "13", "a b", "Invalid Sec-WebSocket-Protocol header", NULL },
	{ KEY, "13", "a,b,a", "Invalid Sec-WebSocket-Protocol header", NULL },
	{ KEY, "13", "0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,"
	    "r,s,t,u,v,w", "Invalid Sec-WebSocket-Protocol header", NULL }
};

static void
add_header(struct http_head *h, const char *name, const char *value)
{
	if (value == NULL)
		return;
	h->headers[h->nheaders++] = (struct http_header){
		{ name, strlen(name) }, { value, strlen(value) }
	};
}

START_TEST(handshake)
{
	static const struct http_cors cors = { .any = true };
	struct http_head h = { .nheaders = 0 };
	struct ws_deflate deflate;
	bool bad_version, ok = handshakes[_i].why == NULL;
	const char *why = NULL, *chosen = handshakes[_i].chosen;
	char wanted[512] = "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
	struct buf out;

	add_header(&h, "sec-websocket-key", handshakes[_i].key);
	add_header(&h, "Sec-WebSocket-Version", handshakes[_i].version);
	add_header(&h, "Sec-WebSocket-Protocol", handshakes[_i].protocols);
	/* Not allowed, an offer is ignored; see test_ws_extension.c. */
	add_header(&h, "Sec-WebSocket-Extensions", "permessage-deflate; =");
	ck_assert_int_eq(ws_handshake_check(&h, false, &deflate, &why,
	    &bad_version), ok ? 0 : -1);
	if (!ok) {
		ck_assert_str_eq(why, handshakes[_i].why);
		ck_assert_int_eq(bad_version, strstr(why, "-Version") != NULL);
		return;
	}
	if (chosen != NULL) {
		strcat(wanted, "Sec-WebSocket-Protocol: ");
		strcat(wanted, chosen);
		strcat(wanted, "\r\n");
	}
	strcat(wanted, "Access-Control-Allow-Origin: *\r\n\r\n");
	buf_init(&out, 0);
	ck_assert_int_eq(ws_handshake_put(&out, &h, &cors, &deflate), 0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, wanted);
	buf_fini(&out);
}
END_TEST

START_TEST(refusal)
{
	struct buf out;

	buf_init(&out, 0);
	ck_assert_int_eq(ws_refusal_put(&out, 400, "Bad request", true, NULL),
	    0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, "HTTP/1.1 400 Bad Request\r\n"
	    "Connection: close\r\nContent-type: text/html\r\n"
	    "Content-Length: 11\r\nSec-WebSocket-Version: 13, 8\r\n\r\n"
	    "Bad request");
	buf_fini(&out);
}
END_TEST

/* ---- frames in ---- */

/* A frame as the row says it; the mask is put in when it is fed. */
struct piece {
	unsigned char first;	/* FIN, RSV, opcode */
	const char *payload;
	size_t len;
};
#define P(first, text) { first, text, sizeof(text) - 1 }
#define ZEROS(first, len) { first, zeros, len }
static const char zeros[MAX_PAYLOAD + 1];

/*
 * What comes of a stream: 't'ext, 'b'inary, 'p'ing, p'o'ng, 'c'lose, each with
 * its length, and at the end the code of a refusal.
 */
static const struct {
	struct piece pieces[4];
	const char *events;
	enum ws_close refused;	/* 0 = not at all */
	enum ws_close echoed;	/* of a 'c' */
} streams[] = {
	{ { P(0x81, "40{}") }, "t4", 0, 0 },
	{ { P(0x82, "\xff\0") }, "b2", 0, 0 },
	{ { P(0x81, "") }, "t0", 0, 0 },
	{ { P(0x81, "1234567890123456789") }, "t19", 0, 0 },
	{ { P(0x81, "a"), P(0x82, "b"), P(0x81, "c") }, "t1b1t1", 0, 0 },
	{ { ZEROS(0x82, 125), ZEROS(0x82, 126), ZEROS(0x82, 300) },
	    "b125b126b300", 0, 0 },

	/* W17: fragments, also empty ones, with control frames in between. */
	{ { P(0x01, "ab"), P(0x00, "c"), P(0x80, "d"), P(0x81, "e") },
	    "t4t1", 0, 0 },
	{ { P(0x02, ""), P(0x00, ""), P(0x80, "") }, "b0", 0, 0 },
	{ { P(0x01, ""), P(0x80, "a") }, "t1", 0, 0 },
	{ { P(0x01, "ab"), P(0x89, "ping"), P(0x80, "c") }, "p4t3", 0, 0 },
	{ { P(0x01, "ab"), P(0x8a, ""), P(0x88, "") }, "o0c0", 0,
	    WS_CLOSE_EMPTY },
	{ { P(0x89, "") }, "p0", 0, 0 },
	{ { ZEROS(0x89, 125) }, "p125", 0, 0 },

	/* W18. */
	{ { P(0xc1, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0xa1, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x91, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x83, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x87, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x8b, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x8f, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x80, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x00, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x81, "a"), P(0x80, "b") }, "t1", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x01, "a"), P(0x81, "b") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x01, "a"), P(0x02, "b") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { ZEROS(0x89, 126) }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x09, "a") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x08, "") }, "", WS_CLOSE_PROTOCOL, 0 },

	/* W19: each message as a whole. */
	{ { P(0x81, "\xff") }, "", WS_CLOSE_NOT_UTF8, 0 },
	{ { P(0x81, "\xed\xa0\x80") }, "", WS_CLOSE_NOT_UTF8, 0 },
	{ { P(0x81, "\xc3") }, "", WS_CLOSE_NOT_UTF8, 0 },
	{ { P(0x01, "\xc3"), P(0x80, "\xa9") }, "t2", 0, 0 },
	{ { P(0x01, "\xc3"), P(0x80, "x") }, "", WS_CLOSE_NOT_UTF8, 0 },
	{ { P(0x02, "\xc3"), P(0x80, "x") }, "b2", 0, 0 },

	/* W20, W21. */
	{ { ZEROS(0x82, 301) }, "", WS_CLOSE_TOO_BIG, 0 },
	{ { ZEROS(0x02, 300), ZEROS(0x80, 0) }, "b300", 0, 0 },
	{ { ZEROS(0x02, 200), ZEROS(0x80, 101) }, "", WS_CLOSE_TOO_BIG, 0 },
	{ { ZEROS(0x02, 300), ZEROS(0x89, 9), ZEROS(0x80, 1) }, "p9",
	    WS_CLOSE_TOO_BIG, 0 },

	/* W22, W23. */
	{ { P(0x88, "") }, "c0", 0, WS_CLOSE_EMPTY },
	{ { P(0x88, "\x03\xe8") }, "c2", 0, WS_CLOSE_NORMAL },
	{ { P(0x88, "\x03\xe9" "bye") }, "c5", 0, WS_CLOSE_GOING_AWAY },
	{ { P(0x88, "\x0f\xa0") }, "c2", 0, 4000 },
	{ { P(0x88, "\x13\x87") }, "c2", 0, 4999 },
	{ { P(0x88, "\x0b\xb8") }, "c2", 0, 3000 },
	{ { P(0x88, "\x03\xf6") }, "c2", 0, 1014 },
	{ { P(0x88, "\x03") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x88, "\x03\xe7") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x88, "\x03\xec") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x88, "\x03\xed") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x88, "\x03\xee") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x88, "\x03\xf7") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x88, "\x0b\xb7") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x88, "\x13\x88") }, "", WS_CLOSE_PROTOCOL, 0 },
	{ { P(0x88, "\x03\xe8\xff") }, "", WS_CLOSE_NOT_UTF8, 0 }
};
#define NSTREAMS ((int)(sizeof(streams) / sizeof(streams[0])))

/* Append the frame, masked; returns the end. */
static unsigned char *
put_frame(unsigned char *p, const struct piece *piece)
{
	static const unsigned char mask[4] = { 0x12, 0x00, 0xff, 0x80 };
	size_t i;

	*p++ = piece->first;
	if (piece->len < 126) {
		*p++ = (unsigned char)(0x80 | piece->len);
	} else {
		*p++ = 0x80 | 126;
		*p++ = (unsigned char)(piece->len >> 8);
		*p++ = (unsigned char)piece->len;
	}
	memcpy(p, mask, 4);
	p += 4;
	for (i = 0; i < piece->len; i++)
		*p++ = (unsigned char)piece->payload[i] ^ mask[i % 4];
	return p;
}

struct story {
	char events[64];
	enum ws_close refused, echoed;
};

/* The letter and the length of an event, and its content. */
static void
tell(struct story *story, const struct ws_message *m)
{
	char word[16];

	snprintf(word, sizeof(word), "%c%zu", "tbpoc"[m->event], m->len);
	strcat(story->events, word);
	if (m->event == WS_EVENT_CLOSE)
		story->echoed = m->len == 0 ? WS_CLOSE_EMPTY :
		    (enum ws_close)((unsigned char)m->data[0] << 8 |
		    (unsigned char)m->data[1]);
	if (m->len == 4 && m->event == WS_EVENT_PING)
		ck_assert_mem_eq(m->data, "ping", 4);
	if (m->len == 19)
		ck_assert_mem_eq(m->data, "1234567890123456789", 19);
	if (m->len == 4 && m->event == WS_EVENT_TEXT && m->data[0] == 'a')
		ck_assert_mem_eq(m->data, "abcd", 4);
}

/*
 * Feed a stream.  When greedy, all of it lies there from the beginning; else
 * as many bytes as were asked for, in memory that ends there, or only one.
 */
static void
feed(const unsigned char *stream, size_t len, size_t step,
    struct story *story)
{
	size_t pos = 0, have = step < len ? step : len;
	enum parse result = PARSE_DONE;
	struct ws_reader reader;
	struct ws_message message;
	char *exact;

	memset(story, 0, sizeof(*story));
	ws_reader_init(&reader, MAX_PAYLOAD, false);
	while (result != PARSE_BAD && pos < len) {
		exact = malloc(have > 0 ? have : 1);
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, stream + pos, have);
		result = ws_read(&reader, exact, have, &message);
		if (result == PARSE_DONE && message.event != WS_EVENT_NONE)
			tell(story, &message);
		free(exact);
		if (result == PARSE_MORE) {
			ck_assert_uint_ge(message.need, 1);
			ck_assert_uint_eq(message.used, 0);
			if (pos + have == len)
				break;
			have += step < len - pos - have ?
			    step : len - pos - have;
		}
		if (result == PARSE_DONE) {
			ck_assert_uint_ge(message.used, 6);
			pos += message.used;
			have = step < len - pos ? step : len - pos;
		}
	}
	if (result == PARSE_BAD)
		story->refused = message.code;
	ws_reader_fini(&reader);
}

START_TEST(stream)
{
	static const size_t steps[] = { SIZE_MAX, 1, 2, 7 };
	unsigned char bytes[2048], *end = bytes;
	struct story story;
	size_t i;

	for (i = 0; i < 4; i++)
		if (streams[_i].pieces[i].payload != NULL)
			end = put_frame(end, &streams[_i].pieces[i]);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		feed(bytes, (size_t)(end - bytes), steps[i], &story);
		ck_assert_str_eq(story.events, streams[_i].events);
		ck_assert_int_eq(story.refused, streams[_i].refused);
		ck_assert_int_eq(story.echoed, streams[_i].echoed);
	}
}
END_TEST

/* Heads that put_frame() does not write. */
static const struct {
	const char *bytes;
	size_t len;
	const char *events;
	enum ws_close refused;
} raw[] = {
#define RAW(bytes, events, refused) \
	{ bytes, sizeof(bytes) - 1, events, refused }
	RAW("\x81\x01" "a", "", WS_CLOSE_PROTOCOL),		/* no mask */
	RAW("\x81\x00", "", WS_CLOSE_PROTOCOL),
	RAW("\x81\xfe\x00\x01\0\0\0\0a", "t1", 0),		/* W24 */
	RAW("\x81\xff\0\0\0\0\0\0\0\x01\0\0\0\0a", "t1", 0),
	RAW("\x81\xff\0\0\0\0\0\0\0\x00\0\0\0\0", "t0", 0),
	RAW("\x81\xfe\x01\x2d", "", WS_CLOSE_TOO_BIG),		/* 301 */
	RAW("\x81\xff\0\0\0\0\0\x0f\x42\x41", "", WS_CLOSE_TOO_BIG),
	RAW("\x81\xff\x80\0\0\0\0\0\0\0", "", WS_CLOSE_TOO_BIG),
	RAW("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff", "", WS_CLOSE_TOO_BIG),
	RAW("\x89\xfe\x00\x01\0\0\0\0a", "", WS_CLOSE_PROTOCOL),
	RAW("\x81", "", 0),
	RAW("\x81\x81\0\0\0\0", "", 0)
};

START_TEST(raw_stream)
{
	struct story story;
	size_t step;

	for (step = 1; step <= 16; step++) {
		feed((const unsigned char *)raw[_i].bytes, raw[_i].len, step,
		    &story);
		ck_assert_str_eq(story.events, raw[_i].events);
		ck_assert_int_eq(story.refused, raw[_i].refused);
	}
}
END_TEST

/* W25, and a message in one frame is not copied. */
START_TEST(fragments)
{
	char first[] = "\x01\x80\0\0\0", empty[] = "\x00\x80\0\0\0";
	char whole[] = "\x81\x81\0\0\0\0a";
	struct ws_reader reader;
	struct ws_message message;

	ws_reader_init(&reader, MAX_PAYLOAD, false);
	ck_assert_int_eq(ws_read(&reader, whole, 7, &message), PARSE_DONE);
	ck_assert_int_eq(message.event, WS_EVENT_TEXT);
	ck_assert_ptr_eq(message.data, whole + 6);
	ck_assert_uint_eq(reader.message.size, 0);

	ck_assert_int_eq(ws_read(&reader, first, 6, &message), PARSE_DONE);
	for (size_t i = 1; i < WS_FRAGMENTS_MAX; i++)
		ck_assert_int_eq(ws_read(&reader, empty, 6, &message),
		    PARSE_DONE);
	ck_assert_int_eq(message.event, WS_EVENT_NONE);
	ck_assert_int_eq(ws_read(&reader, empty, 6, &message), PARSE_BAD);
	ck_assert_int_eq(message.code, WS_CLOSE_POLICY);
	ws_reader_fini(&reader);
}
END_TEST

/* ---- frames out ---- */

START_TEST(frame_heads)
{
	static const struct {
		uint64_t len;
		const char *head;
		size_t head_len;
	} heads[] = {
		{ 0, "\x81\x00", 2 },
		{ 125, "\x81\x7d", 2 },
		{ 126, "\x81\x7e\x00\x7e", 4 },
		{ 65535, "\x81\x7e\xff\xff", 4 },
		{ 65536, "\x81\x7f\0\0\0\0\0\x01\0\0", 10 },
		{ UINT64_C(0x0102030405060708),
		    "\x81\x7f\x01\x02\x03\x04\x05\x06\x07\x08", 10 }
	};
	char out[WS_HEAD_MAX + 2];
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		ck_assert_uint_eq(ws_frame_head(out, WS_TEXT, true,
		    heads[i].len), heads[i].head_len);
		ck_assert_mem_eq(out, heads[i].head, heads[i].head_len);
	}
	ck_assert_uint_eq(ws_frame_head(out, WS_BINARY, false, 1), 2);
	ck_assert_mem_eq(out, "\x02\x01", 2);
	ck_assert_uint_eq(ws_frame_head(out, WS_CONTINUATION, true, 1), 2);
	ck_assert_mem_eq(out, "\x80\x01", 2);
	ck_assert_uint_eq(ws_close_frame(out, WS_CLOSE_EMPTY), 2);
	ck_assert_mem_eq(out, "\x88\x00", 2);
	ck_assert_uint_eq(ws_close_frame(out, WS_CLOSE_TOO_BIG), 4);
	ck_assert_mem_eq(out, "\x88\x02\x03\xf1", 4);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, handshake, 0, COUNT(handshakes));
	tcase_add_test(tcase, refusal);
	tcase_add_loop_test(tcase, stream, 0, NSTREAMS);
	tcase_add_loop_test(tcase, raw_stream, 0, COUNT(raw));
	tcase_add_test(tcase, fragments);
	tcase_add_test(tcase, frame_heads);
	return unit_run("ws", tcase);
}
