/*
 * The message catalogue: each message survives its round trip, and no piece
 * of one, nor one with something behind it, is taken for a message.
 */
#include <stdlib.h>
#include <string.h>

#include "ipc/fdpass.h"
#include "ipc/msg.h"
#include "unit.h"

#define BYTES(text) { text, sizeof(text) - 1 }

static const struct msg_view view = { .generation = 0xfedcba98 };
static const struct msg_session session = {
	.tag = 0x1122334455667788, .sid = "aBcDeFgHiJkLmNoPqRsT",
	.transport = MSG_WEBSOCKET, .revision = MSG_EIO3, .base64 = true,
	.deflate_bits = 9,
	.opened_ms = 1234567890123, .generation = 3, .address = "127.0.0.1:4711",
	.origin = MSG_GRANT_YES, .origin_key = "demo", .connect_seen = true,
	.connect = MSG_GRANT_NO, .connect_key = "",
	.answered = "0123456789ABCDEFGHIJ", .nconns = 3,
	.conns = { BYTES("GET / HTTP/1.1\r\n\r\n"), BYTES(""), BYTES("\0\1") },
	.live = true, .apart = true, .nreplies = MSG_REPLIES_MAX,
	.state = BYTES("what \0 was"),
};
static const struct msg_session empty_session = { .nconns = 0 };
static const struct msg_route route = { .tag = 9, .sid = "", .address = "::1",
	.bytes = BYTES("GET /") };
static const struct msg_adopted adopted = { .tag = UINT64_MAX };
static const struct msg_auth auth = { .sid = "x", .serial = 7,
	.address = "127.0.0.1:4711", .psk = BYTES("secret") };
static const struct msg_verdict verdict = { .sid = "x", .serial = 7,
	.granted = true, .key = "demo" };
static const struct msg_closed closed = { .sid = "aBcDeFgHiJkLmNoPqRsT" };
static const struct msg_gone gone = { .address = "127.0.0.1:4711" };
static const struct msg_poison poison = { .fingerprint = UINT64_MAX,
    .time_ms = 60000 };
static const struct msg_unsound unsound = { .id = UINT64_MAX };
static const struct msg_shared shared = { .n = UINT32_MAX };
static const struct msg_joined joined = { .sid = "aBcDeFgHiJkLmNoPqRsT" };
static const struct msg_revoked revoked = { .generation = 7,
	.key = "demo" };
static const struct msg_database database = { .up = false,
	.text = BYTES("no such file") };
static const struct msg_load load = { .path = BYTES("x.conf"),
	.database_url = BYTES("sqlite:x"), .psk = BYTES("p"),
	.port = BYTES("3000") };
static const struct msg_fault fault = { .text = BYTES("x.conf:1: what") };
static const struct msg_loaded loaded = { .faults = 2,
	.refused = 3 };

/* Write a row's message; read one and write it again. */
#define PAIR(what)							\
	static int							\
	put_##what(struct buf *b, enum msg_type type, const void *m)	\
	{								\
		(void)type;						\
		return msg_put_##what(b, m);				\
	}								\
									\
	static int							\
	get_##what(const void *data, size_t len, struct buf *again)	\
	{								\
		struct msg_##what m;					\
									\
		if (msg_get_##what(data, len, &m) < 0)			\
			return -1;					\
		return msg_put_##what(again, &m);			\
	}

#define PAIR_TYPE(what)							\
	static int							\
	put_##what(struct buf *b, enum msg_type type, const void *m)	\
	{								\
		return msg_put_##what(b, type, m);			\
	}								\
									\
	static int							\
	get_##what(const void *data, size_t len, struct buf *again)	\
	{								\
		struct msg_##what m;					\
									\
		if (msg_get_##what(data, len, &m) < 0)			\
			return -1;					\
		return msg_put_##what(again,				\
		    (enum msg_type)msg_type(data, len), &m);		\
	}

PAIR_TYPE(view)
PAIR_TYPE(route)
PAIR(session)
PAIR(adopted)
PAIR(auth)
PAIR(verdict)
PAIR(closed)
PAIR(gone)
PAIR(joined)
PAIR(revoked)
PAIR(poison)
PAIR(unsound)
PAIR(shared)
PAIR(database)
PAIR(load)
PAIR(fault)
PAIR(loaded)

static const struct {
	enum msg_type type;
	int (*put)(struct buf *b, enum msg_type type, const void *m);
	int (*get)(const void *data, size_t len, struct buf *again);
	const void *m;
} rows[] = {
	{ MSG_VIEW, put_view, get_view, &view },
	{ MSG_OLD_VIEW, put_view, get_view, &view },
	{ MSG_DROP_VIEW, put_view, get_view, &view },
	{ MSG_FREED_VIEW, put_view, get_view, &view },
	{ MSG_READY, put_view, get_view, &view },
	{ MSG_SESSION, put_session, get_session, &session },
	{ MSG_SESSION, put_session, get_session, &empty_session },
	{ MSG_ROUTE, put_route, get_route, &route },
	{ MSG_BACK, put_route, get_route, &route },
	{ MSG_ADOPTED, put_adopted, get_adopted, &adopted },
	{ MSG_AUTH, put_auth, get_auth, &auth },
	{ MSG_VERDICT, put_verdict, get_verdict, &verdict },
	{ MSG_CLOSED, put_closed, get_closed, &closed },
	{ MSG_GONE, put_gone, get_gone, &gone },
	{ MSG_JOINED, put_joined, get_joined, &joined },
	{ MSG_REVOKED, put_revoked, get_revoked, &revoked },
	{ MSG_POISON, put_poison, get_poison, &poison },
	{ MSG_UNSOUND, put_unsound, get_unsound, &unsound },
	{ MSG_SHARED, put_shared, get_shared, &shared },
	{ MSG_DATABASE, put_database, get_database, &database },
	{ MSG_LOAD, put_load, get_load, &load },
	{ MSG_FAULT, put_fault, get_fault, &fault },
	{ MSG_LOADED, put_loaded, get_loaded, &loaded },
};

static struct buf msg, again;

static void
start(void)
{
	buf_init(&msg, 0);
	buf_init(&again, 0);
}

static void
stop(void)
{
	buf_fini(&msg);
	buf_fini(&again);
}

/* A copy of exactly its size: the sanitizer sees who reads beyond it. */
static int
get_exactly(int row, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);
	int result;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, msg.data, len);
	buf_clear(&again);
	result = rows[row].get(copy, len, &again);
	free(copy);
	return result;
}

START_TEST(test_round_trip)
{
	ck_assert_int_eq(rows[_i].put(&msg, rows[_i].type, rows[_i].m), 0);
	ck_assert_uint_eq(msg_type(msg.data, msg.len), rows[_i].type);
	ck_assert_int_eq(get_exactly(_i, msg.len), 0);
	ck_assert_uint_eq(again.len, msg.len);
	ck_assert_mem_eq(again.data, msg.data, msg.len);
}
END_TEST

START_TEST(test_pieces)
{
	ck_assert_int_eq(rows[_i].put(&msg, rows[_i].type, rows[_i].m), 0);
	for (size_t len = 0; len < msg.len; len++)
		ck_assert_int_eq(get_exactly(_i, len), -1);
	ck_assert_int_eq(buf_putc(&msg, '\0'), 0);
	ck_assert_int_eq(get_exactly(_i, msg.len), -1);
}
END_TEST

/* No message is taken for one of another kind. */
START_TEST(test_types)
{
	ck_assert_int_eq(rows[_i].put(&msg, rows[_i].type, rows[_i].m), 0);
	for (int i = 0; i < COUNT(rows); i++)
		ck_assert_int_eq(get_exactly(i, msg.len),
		    rows[i].get == rows[_i].get ? 0 : -1);
}
END_TEST

/* A buffer with a bound refuses, whichever field does not fit. */
START_TEST(test_bound)
{
	size_t len;

	ck_assert_int_eq(rows[_i].put(&msg, rows[_i].type, rows[_i].m), 0);
	len = msg.len;
	for (size_t max = 1; max < len; max++) {
		buf_fini(&msg);
		buf_init(&msg, max);
		ck_assert_int_eq(rows[_i].put(&msg, rows[_i].type, rows[_i].m),
		    -1);
	}
}
END_TEST

START_TEST(test_fields)
{
	struct msg_session got;

	ck_assert_int_eq(msg_put_session(&msg, &session), 0);
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), 0);
	ck_assert(got.tag == session.tag);
	ck_assert_str_eq(got.sid, session.sid);
	ck_assert_int_eq(got.transport, MSG_WEBSOCKET);
	ck_assert_int_eq(got.revision, MSG_EIO3);
	ck_assert(got.base64);
	ck_assert_int_eq(got.deflate_bits, 9);
	ck_assert_str_eq(got.answered, session.answered);
	ck_assert(got.opened_ms == session.opened_ms);
	ck_assert_uint_eq(got.generation, 3);
	ck_assert_str_eq(got.address, session.address);
	ck_assert_int_eq(got.origin, MSG_GRANT_YES);
	ck_assert_str_eq(got.origin_key, "demo");
	ck_assert(got.connect_seen);
	ck_assert_int_eq(got.connect, MSG_GRANT_NO);
	ck_assert_uint_eq(got.nconns, 3);
	ck_assert_uint_eq(got.conns[0].len, 18);
	ck_assert_uint_eq(got.conns[1].len, 0);
	ck_assert_mem_eq(got.conns[2].data, "\0\1", 2);
	ck_assert(got.live && got.apart);
	ck_assert_uint_eq(got.nreplies, MSG_REPLIES_MAX);
	ck_assert_uint_eq(got.state.len, session.state.len);
	ck_assert_uint_eq(msg_session_fds(&got), 3 + MSG_REPLIES_MAX + 1);
	ck_assert_uint_le(MSG_CONNS_MAX + MSG_REPLIES_MAX + 1, FDPASS_FDS_MAX);
}
END_TEST

START_TEST(test_stop)
{
	ck_assert_int_eq(msg_put_stop(&msg), 0);
	ck_assert_uint_eq(msg.len, 1);
	ck_assert_uint_eq(msg_type(msg.data, msg.len), MSG_STOP);
	buf_clear(&msg);
	ck_assert_int_eq(msg_put_counters(&msg), 0);
	ck_assert_uint_eq(msg.len, 1);
	ck_assert_uint_eq(msg_type(msg.data, msg.len), MSG_COUNTERS);
	buf_clear(&msg);
	ck_assert_int_eq(msg_put_log(&msg), 0);
	ck_assert_uint_eq(msg.len, 1);
	ck_assert_uint_eq(msg_type(msg.data, msg.len), MSG_LOG);
	buf_clear(&msg);
	ck_assert_int_eq(msg_put_move(&msg, MSG_MOVED), 0);
	ck_assert_uint_eq(msg.len, 1);
	ck_assert_uint_eq(msg_type(msg.data, msg.len), MSG_MOVED);
}
END_TEST

/* Values that no field may have. */
START_TEST(test_wrong_values)
{
	struct msg_session s = session, got;
	struct msg_closed c;

	s.nconns = MSG_CONNS_MAX + 1;
	ck_assert_int_eq(msg_put_session(&msg, &s), -1);
	buf_clear(&msg);
	s = session;
	s.nreplies = MSG_REPLIES_MAX + 1;
	ck_assert_int_eq(msg_put_session(&msg, &s), -1);
	buf_clear(&msg);
	s = session;
	s.transport = (enum msg_transport)2;
	ck_assert_int_eq(msg_put_session(&msg, &s), 0);
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
	buf_clear(&msg);
	s = session;
	s.revision = (enum msg_revision)2;
	ck_assert_int_eq(msg_put_session(&msg, &s), 0);
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
	buf_clear(&msg);
	s = session;
	s.origin = (enum msg_grant)3;
	ck_assert_int_eq(msg_put_session(&msg, &s), 0);
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
	/* A sid with a zero in it, and one that is too long. */
	ck_assert_int_eq(msg_get_closed("\14\2\0\0\0a\0", 7, &c), -1);
	ck_assert_int_eq(msg_get_closed("\14\2\0\0\0ab", 7, &c), 0);
	ck_assert_int_eq(msg_get_closed("\14\25\0\0\0aBcDeFgHiJkLmNoPqRsTu",
	    26, &c), -1);
}
END_TEST

/* A SESSION that a later binary has written, and the one before. */
START_TEST(test_version)
{
	const size_t answered = 4 + strlen(session.answered);
	struct msg_session got;

	ck_assert_int_eq(msg_put_session(&msg, &session), 0);
	ck_assert_int_eq(msg.data[1], MSG_SESSION_VERSION);
	msg.data[1] = MSG_SESSION_VERSION + 1;
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
	msg.data[1] = 0;
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
	msg.data[1] = 2;
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
	msg.len -= answered;
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), 0);
	ck_assert_str_eq(got.answered, "");
	msg.data[1] = 1;
	ck_assert_int_eq(msg_get_session(msg.data, msg.len - 1, &got), 0);
	ck_assert_int_eq(got.deflate_bits, 0);
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
	/* No window that there is. */
	msg.data[1] = 2;
	msg.data[msg.len - 1] = 7;
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
	msg.data[msg.len - 1] = 16;
	ck_assert_int_eq(msg_get_session(msg.data, msg.len, &got), -1);
}
END_TEST

START_TEST(test_names)
{
	for (unsigned int i = 1; i < MSG_TYPES; i++) {
		ck_assert_str_ne(msg_name(i), "UNKNOWN");
		for (unsigned int j = 1; j < i; j++)
			ck_assert_str_ne(msg_name(i), msg_name(j));
	}
	ck_assert_str_eq(msg_name(0), "UNKNOWN");
	ck_assert_str_eq(msg_name(MSG_TYPES), "UNKNOWN");
	ck_assert_uint_eq(msg_type("\377", 1), 0);
	ck_assert_uint_eq(msg_type("", 0), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("msg");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_loop_test(tc, test_round_trip, 0, COUNT(rows));
	tcase_add_loop_test(tc, test_pieces, 0, COUNT(rows));
	tcase_add_loop_test(tc, test_types, 0, COUNT(rows));
	tcase_add_loop_test(tc, test_bound, 0, COUNT(rows));
	tcase_add_test(tc, test_fields);
	tcase_add_test(tc, test_stop);
	tcase_add_test(tc, test_wrong_values);
	tcase_add_test(tc, test_version);
	tcase_add_test(tc, test_names);
	return unit_run("msg", tc);
}
