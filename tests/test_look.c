/*
 * What the master sees of a session that is being opened: a CONNECT that it
 * may answer itself, and a client that leaves behind one.
 */
#include <string.h>

#include "conf/conf.h"
#include "master/key.h"
#include "master/look.h"
#include "unit.h"

/* Frames of a client, whose mask is four zeros. */
#define FRAME(opcode, len, payload) opcode len "\0\0\0\0" payload
#define TEXT(len, payload) FRAME("\x81", len, payload)
#define CLOSE FRAME("\x88", "\x82", "\x03\xe8")
#define CLOSE_EMPTY FRAME("\x88", "\x80", "")
#define BYTES(...) { __VA_ARGS__, sizeof(__VA_ARGS__) - 1 }

#define CONNECT TEXT("\x82", "40")
#define LEAVE TEXT("\x82", "41")

struct bytes {
	const char *data;
	size_t len;
};

static struct keyring *keys;
static struct look look;
static struct msg_session session;
static struct buf in;

static void
start(void)
{
	const struct conf conf = { 0 };

	keys = keyring_new(&conf);
	ck_assert_ptr_nonnull(keys);
	look_init(&look);
	memset(&session, 0, sizeof(session));
	buf_init(&in, 0);
}

static void
stop(void)
{
	buf_fini(&in);
	look_fini(&look);
	keyring_free(&keys);
}

static enum parse
first(const struct bytes *b)
{
	const struct look_judge judge = { .keys = keys, .bytes_max = 4096 };

	ck_assert_int_eq(buf_put(&in, b->data, b->len), 0);
	return look_websocket(&look, &in, &judge, &session);
}

static const struct {
	struct bytes in;
	enum parse want;
	bool connect, plain;
} firsts[] = {
	{ BYTES(CONNECT), PARSE_DONE, true, true },
	{ BYTES(TEXT("\x84", "40{}")), PARSE_DONE, true, true },
	{ BYTES(TEXT("\x87", "40/two,")), PARSE_DONE, true, false },
	{ BYTES(TEXT("\x87", "40/?a=,")), PARSE_DONE, true, false },
	{ BYTES(CONNECT LEAVE), PARSE_DONE, true, false },
	{ BYTES(CONNECT "\x81"), PARSE_DONE, true, false },
	{ BYTES(LEAVE), PARSE_DONE, false, false },
	{ BYTES(TEXT("\x81", "2")), PARSE_DONE, false, false },
	{ BYTES(CLOSE), PARSE_DONE, false, false },
	{ BYTES("\x81\x82\0\0\0\0" "4"), PARSE_MORE, false, false },
	{ BYTES("\x81\x02" "40"), PARSE_BAD, false, false }
};

START_TEST(test_first)
{
	ck_assert_int_eq(first(&firsts[_i].in), firsts[_i].want);
	ck_assert_int_eq(session.connect_seen, firsts[_i].connect);
	ck_assert_uint_eq(look.plain, firsts[_i].plain ? firsts[_i].in.len : 0);
}
END_TEST

/* What is long may be too long for a plugin, which only a worker knows. */
START_TEST(test_long)
{
	char text[1200] = "\x81\xfe\x04\xa8\0\0\0\0" "40{\"a\":\"";
	struct bytes b = { text, sizeof(text) };

	memset(text + 16, 'x', sizeof(text) - 18);
	memcpy(text + sizeof(text) - 2, "\"}", 2);
	ck_assert_int_eq(first(&b), PARSE_DONE);
	ck_assert(session.connect_seen);
	ck_assert_uint_eq(look.plain, 0);
}
END_TEST

static const struct {
	struct bytes in;	/* behind the CONNECT */
	enum parse want;
	struct bytes echo;
} leaves[] = {
	{ BYTES(CLOSE), PARSE_DONE, BYTES("\x88\x02\x03\xe8") },
	{ BYTES(CLOSE_EMPTY), PARSE_DONE, BYTES("\x88\x00") },
	{ BYTES(LEAVE CLOSE), PARSE_DONE, BYTES("\x88\x02\x03\xe8") },
	{ BYTES(CLOSE LEAVE), PARSE_DONE, BYTES("\x88\x02\x03\xe8") },
	{ BYTES(""), PARSE_MORE, BYTES("") },
	{ BYTES(LEAVE), PARSE_MORE, BYTES("") },
	{ BYTES("\x88\x82"), PARSE_MORE, BYTES("") },
	{ BYTES(LEAVE LEAVE), PARSE_BAD, BYTES("") },
	{ BYTES(TEXT("\x86", "41/two")), PARSE_BAD, BYTES("") },
	{ BYTES(TEXT("\x86", "42[\"a\"]")), PARSE_BAD, BYTES("") },
	{ BYTES(FRAME("\x89", "\x80", "")), PARSE_BAD, BYTES("") },
	{ BYTES(FRAME("\x88", "\x81", "x")), PARSE_BAD, BYTES("") },
	/* A frame that does not end within two. */
	{ BYTES("\x81\xfe\x7f\xff\0\0\0\0"), PARSE_BAD, BYTES("") }
};

START_TEST(test_leave)
{
	const struct bytes connect = BYTES(CONNECT), *want = &leaves[_i].echo;
	struct buf echo;

	ck_assert_int_eq(first(&connect), PARSE_DONE);
	ck_assert_int_eq(buf_put(&in, leaves[_i].in.data, leaves[_i].in.len),
	    0);
	buf_init(&echo, 0);
	ck_assert_int_eq(look_leave(&look, &in, &echo), leaves[_i].want);
	ck_assert_uint_eq(echo.len, want->len);
	if (want->len > 0)
		ck_assert_mem_eq(echo.data, want->data, want->len);
	buf_fini(&echo);
}
END_TEST

/* No more is looked at than a client needs in order to leave. */
START_TEST(test_much)
{
	const struct bytes connect = BYTES(CONNECT);
	char much[300] = { 0 };
	struct buf echo;

	ck_assert_int_eq(first(&connect), PARSE_DONE);
	ck_assert_int_eq(buf_put(&in, much, sizeof(much)), 0);
	buf_init(&echo, 0);
	ck_assert_int_eq(look_leave(&look, &in, &echo), PARSE_BAD);
	buf_fini(&echo);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("look");

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_loop_test(t, test_first, 0, COUNT(firsts));
	tcase_add_test(t, test_long);
	tcase_add_loop_test(t, test_leave, 0, COUNT(leaves));
	tcase_add_test(t, test_much);
	return unit_run("look", t);
}
