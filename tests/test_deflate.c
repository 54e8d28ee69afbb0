/*
 * Compressed messages: the examples of RFC 7692 by value, pieces for every
 * level and window, what is cut off or not DEFLATE, bombs at their bound, and
 * the frames around them.
 */
#include "proto/deflate.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "proto/ws.h"
#include "unit.h"

#define BOUND 1000000
#define BITS(s) s, sizeof(s) - 1

/* ---- whole messages ---- */

static const struct {
	const char *data;
	size_t len;
	enum inflated result;
	const char *content;
} messages[] = {
	/* RFC 7692, 7.2.3.1: one block */
	{ BITS("\xf2\x48\xcd\xc9\xc9\x07\x00"), INFLATED, "Hello" },
	/* 7.2.3.2: it refers to a message before it */
	{ BITS("\xf2\x00\x11\x00\x00"), INFLATE_BAD, "" },
	/* 7.2.3.3: a block that is not compressed */
	{ BITS("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), INFLATED,
	    "Hello" },
	/* 7.2.3.4: a block that says that it is the last */
	{ BITS("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), INFLATED, "Hello" },
	/* 7.2.3.5: two blocks */
	{ BITS("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
	    INFLATED, "Hello" },
	/* 7.2.3.6: nothing */
	{ BITS("\x00"), INFLATED, "" },
	/* A stream that ends, with and without what should follow it. */
	{ BITS("\xf3\x48\xcd\xc9\xc9\x07\x00"), INFLATED, "Hello" },
	{ BITS("\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00"),
	    INFLATED, "HelloHello" },
	/* No message at all, cut off, a block of no kind, wrong lengths. */
	{ BITS(""), INFLATE_BAD, "" },
	{ BITS("\xf2\x48\xcd\xc9"), INFLATE_BAD, "Hel" },
	{ BITS("\xf2\x48\xcd\xc9\xc9\x07"), INFLATE_BAD, "Hello" },
	{ BITS("\x06"), INFLATE_BAD, "" },
	{ BITS("\x00\x05\x00\xfb\xff\x48\x65\x6c\x6c\x6f\x00"), INFLATE_BAD,
	    "" }
};

START_TEST(whole)
{
	const char *content = messages[_i].content;
	struct buf out;

	buf_init(&out, BOUND);
	ck_assert_int_eq(inflate_message(messages[_i].data, messages[_i].len,
	    &out), messages[_i].result);
	if (messages[_i].result == INFLATED) {
		ck_assert_uint_eq(out.len, strlen(content));
		ck_assert(out.len == 0 ||
		    memcmp(out.data, content, out.len) == 0);
	}
	buf_fini(&out);
}
END_TEST

/* ---- pieces ---- */

/* Text like rows, with some chance in it. */
static void
fill(struct buf *b, size_t len)
{
	unsigned int seed = 1;

	while (b->len < len) {
		seed = seed * 1103515245 + 12345;
		ck_assert_int_eq(buf_printf(b, "{\"id\":%u,\"name\":\"n%u\"},",
		    seed >> 16, seed >> 28), 0);
	}
}

/* The piece without its tail, as a message ends. */
static void
check_message(const struct buf *packed, const struct buf *content)
{
	struct buf out;

	buf_init(&out, content->len > 0 ? content->len : 1);
	ck_assert(memcmp(packed->data + packed->len - DEFLATE_TAIL_LEN,
	    "\0\0\xff\xff", DEFLATE_TAIL_LEN) == 0);
	ck_assert_int_eq(inflate_message(packed->data,
	    packed->len - DEFLATE_TAIL_LEN, &out), INFLATED);
	ck_assert_uint_eq(out.len, content->len);
	ck_assert(out.len == 0 ||
	    memcmp(out.data, content->data, out.len) == 0);
	/* One byte less is too little. */
	if (content->len > 1) {
		buf_fini(&out);
		buf_init(&out, content->len - 1);
		ck_assert_int_eq(inflate_message(packed->data,
		    packed->len - DEFLATE_TAIL_LEN, &out), INFLATE_TOO_BIG);
		ck_assert_uint_le(out.size, content->len - 1);
	}
	buf_fini(&out);
}

/* Is it read with a window of so many bits? */
static void
check_window(const struct buf *packed, const struct buf *content, int bits)
{
	char *out = malloc(content->len + 1);
	z_stream z = { .next_in = (const Bytef *)packed->data,
	    .avail_in = (uInt)packed->len, .next_out = (Bytef *)out,
	    .avail_out = (uInt)content->len + 1 };
	size_t step;

	ck_assert_int_eq(inflateInit2(&z, -bits), Z_OK);
	/* In small steps, or zlib would find all of it in the output. */
	z.avail_out = 0;
	while (z.total_out < content->len) {
		step = content->len - z.total_out;
		z.avail_out = (uInt)(step < 100 ? step : 100);
		ck_assert_int_eq(inflate(&z, Z_SYNC_FLUSH), Z_OK);
	}
	ck_assert(memcmp(out, content->data, content->len) == 0);
	inflateEnd(&z);
	free(out);
}

START_TEST(hello)
{
	const struct deflate_how how = { .level = 6, .bits = 15 };
	struct deflater *d = deflater_new();
	struct buf out;

	buf_init(&out, 0);
	ck_assert_int_eq(deflater_put(d, how, "Hello", 5, &out), 0);
	ck_assert_int_eq(deflater_put(d, how, "", 0, &out), 0);
	ck_assert_uint_eq(out.len, 16);
	ck_assert(memcmp(out.data, "\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff"
	    "\xff\x00\x00\x00\xff\xff", 16) == 0);
	buf_fini(&out);
	deflater_free(d);
	deflater_free(NULL);
}
END_TEST

START_TEST(levels_and_windows)
{
	struct deflater *d = deflater_new();
	struct deflate_how how;
	struct buf content, out;

	buf_init(&content, 0);
	fill(&content, 70000);
	buf_init(&out, 0);
	/* Back and forth, so that it is made anew and used again. */
	for (int i = 0; i < 9 * 8 * 2; i++) {
		how.level = 1 + i / 2 % 9;
		how.bits = 8 + i / 18;
		buf_clear(&out);
		ck_assert_int_eq(deflater_put(d, how, content.data,
		    content.len, &out), 0);
		ck_assert_uint_lt(out.len, content.len / 2);
		check_message(&out, &content);
		check_window(&out, &content, how.bits);
	}
	buf_fini(&content);
	buf_fini(&out);
	deflater_free(d);
}
END_TEST

/* Pieces of all lengths, also of what cannot be compressed, are one message. */
START_TEST(pieces)
{
	static const size_t lens[] = { 1, 0, 65536, 3, 65535, 100000, 2, 0 };
	const struct deflate_how how = { .level = 4, .bits = 15 };
	struct deflater *d = deflater_new();
	struct buf content, out;
	unsigned int seed = 1;
	size_t at = 0;

	buf_init(&content, 0);
	fill(&content, 150000);
	while (content.len < 231077) {
		seed = seed * 1103515245 + 12345;
		ck_assert_int_eq(buf_putc(&content, (char)(seed >> 16)), 0);
	}
	buf_init(&out, 0);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		ck_assert_int_eq(deflater_put(d, how, content.data + at,
		    lens[i], &out), 0);
		at += lens[i];
	}
	ck_assert_uint_eq(at, content.len);
	check_message(&out, &content);
	buf_fini(&content);
	buf_fini(&out);
	deflater_free(d);
}
END_TEST

START_TEST(cut_off)
{
	const struct deflate_how how = { .level = 4, .bits = 15 };
	struct deflater *d = deflater_new();
	struct buf content, packed, out;

	buf_init(&content, 0);
	fill(&content, 3000);
	buf_init(&packed, 0);
	buf_init(&out, BOUND);
	ck_assert_int_eq(deflater_put(d, how, content.data, content.len,
	    &packed), 0);
	for (size_t n = 0; n < packed.len - DEFLATE_TAIL_LEN; n++) {
		buf_clear(&out);
		ck_assert_int_eq(inflate_message(packed.data, n, &out),
		    INFLATE_BAD);
	}
	buf_fini(&content);
	buf_fini(&packed);
	buf_fini(&out);
	deflater_free(d);
}
END_TEST

/* 100 MB of zeros are 100 KB. */
START_TEST(bomb)
{
	static const char zeros[1000000];
	const struct deflate_how how = { .level = 9, .bits = 15 };
	struct deflater *d = deflater_new();
	struct buf packed, out;

	buf_init(&packed, 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(deflater_put(d, how, zeros, sizeof(zeros),
		    &packed), 0);
	ck_assert_uint_lt(packed.len, 110000);
	buf_init(&out, BOUND);
	ck_assert_int_eq(inflate_message(packed.data, packed.len, &out),
	    INFLATE_TOO_BIG);
	ck_assert_uint_le(out.size, BOUND);
	buf_fini(&out);
	/* Streams without content are bounded, too. */
	buf_clear(&packed);
	for (int i = 0; i < 1025; i++)
		ck_assert_int_eq(buf_put(&packed, "\x03\x00", 2), 0);
	ck_assert_int_eq(inflate_message(packed.data, packed.len, &out),
	    INFLATED);
	ck_assert_int_eq(buf_put(&packed, "\x03\x00", 2), 0);
	ck_assert_int_eq(inflate_message(packed.data, packed.len, &out),
	    INFLATE_BAD);
	buf_fini(&out);
	buf_fini(&packed);
	deflater_free(d);
}
END_TEST

/* ---- frames ---- */

struct piece {
	unsigned char first;	/* FIN, RSV, opcode */
	const char *data;
	size_t len;
};

/* The events of a stream as letters with lengths, then the refusal. */
static const struct {
	struct piece pieces[4];
	const char *events;
	enum ws_close refused;
	bool off;		/* not agreed */
} streams[] = {
	{ { { 0xc1, BITS("\xf2\x48\xcd\xc9\xc9\x07\x00") } }, "t5", 0, false },
	{ { { 0xc2, BITS("\xf2\x48\xcd\xc9\xc9\x07\x00") } }, "b5", 0, false },
	/* 7.2.3.1: two fragments; a ping between them */
	{ { { 0x41, BITS("\xf2\x48\xcd") }, { 0x89, BITS("x") },
	    { 0x80, BITS("\xc9\xc9\x07\x00") } }, "p1t5", 0, false },
	/* A byte, nothing, the rest; a plain message behind it */
	{ { { 0x41, BITS("\xf2") }, { 0x00, BITS("") },
	    { 0x80, BITS("\x48\xcd\xc9\xc9\x07\x00") },
	    { 0x81, BITS("plain!") } }, "t5t6", 0, false },
	{ { { 0x81, BITS("a") }, { 0xc1, BITS("\x00") },
	    { 0x81, BITS("b") } }, "t1t0t1", 0, false },
	/* Fragments are not marked but the first; control frames never are */
	{ { { 0x41, BITS("\xf2\x48\xcd") },
	    { 0xc0, BITS("\xc9\xc9\x07\x00") } }, "", 1002, false },
	{ { { 0x01, BITS("a") }, { 0xc0, BITS("\x00") } }, "", 1002, false },
	{ { { 0xc9, BITS("x") } }, "", 1002, false },
	{ { { 0xc8, BITS("") } }, "", 1002, false },
	/* Other bits, and the same one when it was not agreed */
	{ { { 0xe1, BITS("\x00") } }, "", 1002, false },
	{ { { 0xa1, BITS("a") } }, "", 1002, false },
	{ { { 0x91, BITS("a") } }, "", 1002, false },
	{ { { 0xc1, BITS("\x00") } }, "", 1002, true },
	/* No DEFLATE; then no UTF-8: ff */
	{ { { 0xc1, BITS("\x06") } }, "", 1007, false },
	{ { { 0xc1, BITS("") } }, "", 1007, false },
	{ { { 0xc1, BITS("\x00\x01\x00\xfe\xff\xff\x00") } }, "", 1007,
	    false },
	{ { { 0xc2, BITS("\x00\x01\x00\xfe\xff\xff\x00") } }, "b1", 0,
	    false },
	/* 11 bytes, and the bound is 10 */
	{ { { 0xc1, BITS("\x4b\x84\x03\x00") } }, "t10", 0, false },
	{ { { 0xc1, BITS("\x4b\x84\x81\x01\x00") } }, "", 1009, false },
	{ { { 0xc1, BITS("01234567890") } }, "", 1009, false }
};

static void
put_frame(struct buf *b, const struct piece *p)
{
	ck_assert_int_eq(buf_putc(b, (char)p->first), 0);
	ck_assert_int_eq(buf_putc(b, (char)(0x80 | p->len)), 0);
	ck_assert_int_eq(buf_put(b, "\0\0\0\0", 4), 0);
	ck_assert_int_eq(buf_put(b, p->data, p->len), 0);
}

START_TEST(frames)
{
	static const char letters[] = "tbpoc";
	struct ws_reader reader;
	struct ws_message m;
	enum parse result = PARSE_DONE;
	size_t pos = 0;
	struct buf in, events;

	buf_init(&in, 0);
	buf_init(&events, 0);
	for (size_t i = 0; i < 4 && streams[_i].pieces[i].data != NULL; i++)
		put_frame(&in, &streams[_i].pieces[i]);
	ws_reader_init(&reader, 10, !streams[_i].off);
	while (pos < in.len && result == PARSE_DONE) {
		result = ws_read(&reader, in.data + pos, in.len - pos, &m);
		pos += m.used;
		if (result == PARSE_DONE && m.event != WS_EVENT_NONE)
			ck_assert_int_eq(buf_printf(&events, "%c%zu",
			    letters[m.event], m.len), 0);
	}
	ck_assert_int_eq(buf_putc(&events, '\0'), 0);
	ck_assert_str_eq(events.data, streams[_i].events);
	ck_assert_int_eq(result == PARSE_BAD ? (int)m.code : 0,
	    (int)streams[_i].refused);
	ws_reader_fini(&reader);
	buf_fini(&in);
	buf_fini(&events);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("deflate");

	tcase_add_loop_test(t, whole, 0, COUNT(messages));
	tcase_add_test(t, hello);
	tcase_add_test(t, levels_and_windows);
	tcase_add_test(t, pieces);
	tcase_add_test(t, cut_off);
	tcase_add_test(t, bomb);
	tcase_add_loop_test(t, frames, 0, COUNT(streams));
	tcase_set_timeout(t, 60);
	return unit_run("deflate", t);
}
