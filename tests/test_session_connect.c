/*
 * Who gets in (CONTRACT: auth.psk, then the header, then the query; the first
 * that is not empty decides), and what waits while the master judges.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session_kit.h"
#include "worker/revoke.h"
#include "worker/socketio.h"
#include "unit.h"

#define CONF								\
	"socketio { namespaces = { \"/\", \"/two\" } } "		\
	"key \"k\" { psk = \"x\" } "					\
	"key \"l\" { psk = \"y\" allow = { \"other\" } }"

#define YES MSG_GRANT_YES
#define NO MSG_GRANT_NO
#define NONE MSG_GRANT_NONE

enum outcome { IN, OUT, ASKED, INVALID, CLOSED };

static const struct {
	const char *packet;
	enum msg_grant origin;
	bool seen;
	enum msg_grant connect;
	enum outcome want;
} rows[] = {
	/* judged by the master before the session was passed */
	{ "40{\"psk\":\"a\"}", NONE, true, YES, IN },
	{ "40{\"psk\":\"a\"}", NONE, true, NO, OUT },
	{ "40{\"psk\":\"a\"}", YES, true, NO, OUT },
	{ "40{\"psk\":\"a\"}", NO, true, YES, IN },
	{ "40", YES, true, NONE, IN },
	{ "40", NO, true, NONE, OUT },
	{ "40", NONE, true, NONE, OUT },
	/* not judged: what can be told without a key is */
	{ "40", YES, false, NONE, IN },
	{ "40{}", NO, false, NONE, OUT },
	{ "40{\"psk\":\"\"}", YES, false, NONE, IN },
	{ "40{\"psk\":null}", YES, false, NONE, IN },
	{ "40{\"psk\":5}", YES, false, NONE, OUT },
	{ "40{\"psk\":{}}", YES, false, NONE, OUT },
	{ "40{\"psk\":\"a\"}", YES, false, NONE, ASKED },
	{ "40/two,{\"psk\":\"a\"}", NONE, false, NONE, ASKED },
	/* no question of keys */
	{ "40/nope,{\"psk\":\"a\"}", YES, false, NONE, INVALID },
	{ "40[]", YES, false, NONE, CLOSED },
	{ "42[\"one\"]", YES, false, NONE, CLOSED },
	{ "41", YES, false, NONE, CLOSED }
};

static const char *const wants[] = {
	[IN] = "40{\"sid\":\"",
	[OUT] = "44{\"message\":\"Unauthorized\"}\n",
	[ASKED] = "",
	[INVALID] = "44/nope,{\"message\":\"Invalid namespace\"}\n",
	[CLOSED] = "close 0\n"
};

static void
start(void)
{
	kit_start(CONF);
}

static int
session(enum msg_grant origin, bool seen, enum msg_grant connect)
{
	struct msg_session m = { .transport = MSG_WEBSOCKET,
	    .origin = origin, .connect_seen = seen, .connect = connect };

	if (origin == YES)
		strcpy(m.origin_key, "k");
	if (connect == YES)
		strcpy(m.connect_key, "l");
	return kit_session(&m, "");
}

/* The AUTH that the worker has sent; false = it has sent none. */
static bool
asked(struct msg_auth *m)
{
	const void *data;
	size_t len = kit_told(MSG_AUTH, &data);

	if (len == 0)
		return false;
	ck_assert_int_eq(msg_get_auth(data, len, m), 0);
	return true;
}

START_TEST(test_rows)
{
	int client = session(rows[_i].origin, rows[_i].seen, rows[_i].connect);
	const char *heard, *want = wants[rows[_i].want];
	struct msg_auth m;

	kit_say(client, rows[_i].packet);
	heard = kit_heard(client);
	ck_assert_msg(strncmp(heard, want, strlen(want)) == 0 &&
	    (want[0] != '\0' || heard[0] == '\0'), "%s: %s",
	    rows[_i].packet, heard);
	ck_assert_int_eq(asked(&m), rows[_i].want == ASKED);
	close(client);
}
END_TEST

/* The master has answered: nothing is said, or the client is put out. */
START_TEST(test_answered)
{
	static const struct {
		const char *packet;
		enum msg_grant connect;
		const char *want;
	} of[] = {
		{ "40{\"psk\":\"a\"}", YES, "" },
		{ "40{\"psk\":\"a\"}", NO, "41\n" },
		{ "40/nope,{\"psk\":\"a\"}", YES, "41/nope,\n" }
	};
	struct msg_session m = { .transport = MSG_WEBSOCKET,
	    .connect_seen = true, .connect = of[_i].connect,
	    .connect_key = "l", .answered = "0123456789ABCDEFGHIJ" };
	int client = kit_session(&m, "");

	kit_say(client, of[_i].packet);
	ck_assert_str_eq(kit_heard(client), of[_i].want);
	/* It holds for the first CONNECT only. */
	kit_say(client, _i == 0 ? "40/two," : "40");
	ck_assert_str_eq(kit_heard(client), _i == 0 ?
	    "44/two,{\"message\":\"Unauthorized\"}\n" : wants[OUT]);
	kit_say(client, "421[\"other\"]");
	if (_i == 0)
		ck_assert_str_eq(kit_heard(client), "");
	else
		ck_assert_str_eq(kit_heard(client), wants[CLOSED]);
	close(client);
}
END_TEST

/* It moves before it has read the CONNECT that was answered. */
START_TEST(test_answered_moves)
{
	struct msg_session m = { .transport = MSG_WEBSOCKET,
	    .connect_seen = true, .connect = YES, .connect_key = "l",
	    .answered = "0123456789ABCDEFGHIJ" };
	int client = kit_session(&m, "");

	ck_assert_int_eq(kit_move(), 1);
	kit_say(client, "40{\"psk\":\"a\"}");
	ck_assert_str_eq(kit_heard(client), "");
	kit_say(client, "40");
	ck_assert_str_eq(kit_heard(client), wants[CLOSED]);
	close(client);
}
END_TEST

/* What the master has read belongs to the first CONNECT, wherever it goes. */
START_TEST(test_first_only)
{
	int client = session(NONE, true, _i == 0 ? NONE : YES);
	struct msg_auth m;

	kit_say(client, "40/nope,");
	ck_assert_str_eq(kit_heard(client), wants[INVALID]);
	kit_say(client, _i == 0 ? "40{\"psk\":\"a\"}" : "40");
	ck_assert_str_eq(kit_heard(client), _i == 0 ? "" : wants[OUT]);
	ck_assert_int_eq(asked(&m), _i == 0);
	close(client);
}
END_TEST

static void
verdict(const struct msg_auth *m, const char *key)
{
	struct msg_verdict v = { .serial = m->serial, .granted = key != NULL };

	memcpy(v.sid, m->sid, sizeof(v.sid));
	if (key != NULL)
		strcpy(v.key, key);
	socketio_verdict(&kit, &v);
	kit_turn();
}

START_TEST(test_packets_wait)
{
	int client = session(NONE, false, NONE);
	struct msg_auth m;
	const char *heard;

	kit_say(client, "40{\"psk\":\"secret\"}");
	kit_say(client, "421[\"other\"]");
	kit_say(client, "422[\"one\"]");
	ck_assert_str_eq(kit_heard(client), "");
	ck_assert(asked(&m));
	ck_assert_uint_eq(m.psk.len, 6);
	ck_assert_mem_eq(m.psk.data, "secret", 6);
	m.serial++;
	verdict(&m, "l");
	ck_assert_str_eq(kit_heard(client), "");
	m.serial--;
	verdict(&m, "l");
	heard = kit_heard(client);
	ck_assert_int_eq(strncmp(heard, "40{\"sid\":\"", 10), 0);
	/* This key may call "other" only. */
	ck_assert_ptr_null(strstr(heard, "431["));
	ck_assert_ptr_nonnull(strstr(heard, "432[{\"success\":false"));
	ck_assert_ptr_nonnull(strstr(heard, "FORBIDDEN"));
	close(client);
}
END_TEST

START_TEST(test_refused_by_master)
{
	int client = session(YES, false, NONE);
	struct msg_auth m;

	kit_say(client, "40{\"psk\":\"wrong\"}");
	ck_assert(asked(&m));
	verdict(&m, NULL);
	ck_assert_str_eq(kit_heard(client), wants[OUT]);
	/* A key that this session's generation does not have. */
	kit_say(client, "40{\"psk\":\"new\"}");
	ck_assert(asked(&m));
	verdict(&m, "unknown");
	ck_assert_str_eq(kit_heard(client), wants[OUT]);
	kit_say(client, "40");
	ck_assert_ptr_nonnull(strstr(kit_heard(client), wants[IN]));
	close(client);
}
END_TEST

START_TEST(test_leave_and_join)
{
	int client = kit_joined();

	kit_say(client, "421[\"one\"]");
	kit_say(client, "41");
	kit_say(client, "40");
	ck_assert_int_eq(strncmp(kit_heard(client), wants[IN], 10), 0);
	kit_say(client, "40");
	ck_assert_str_eq(kit_heard(client), wants[CLOSED]);
	close(client);
}
END_TEST

static void
take_away(const char *key, uint32_t generation)
{
	struct msg_revoked m = { .generation = generation };
	struct buf b;

	snprintf(m.key, sizeof(m.key), "%s", key);
	buf_init(&b, 0);
	ck_assert_int_eq(msg_put_revoked(&b, &m), 0);
	revoke_key(&kit, b.data, b.len);
	buf_fini(&b);
	kit_turn();
}

/* Of two namespaces one is left; without any the session ends. */
START_TEST(test_revoked)
{
	int client = session(YES, true, YES);
	struct msg_auth m;

	kit_say(client, "40{\"psk\":\"a\"}");
	kit_say(client, "40/two,");
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "40/two,{"));
	take_away("other", 99);
	ck_assert_str_eq(kit_heard(client), "");
	/* It was good later than that. */
	take_away("l", 1);
	ck_assert_str_eq(kit_heard(client), "");
	take_away("l", 99);
	ck_assert_str_eq(kit_heard(client), "41\n");
	kit_say(client, "40{\"psk\":\"b\"}");
	ck_assert(asked(&m));
	verdict(&m, "l");
	ck_assert_ptr_nonnull(strstr(kit_heard(client), wants[IN]));
	take_away("l", 99);
	ck_assert_str_eq(kit_heard(client), "41\n");
	take_away("k", 99);
	ck_assert_str_eq(kit_heard(client), "41/two,\nclose 1008\n");
	close(client);
}
END_TEST

/* Verdicts that were not used yet are worth nothing. */
START_TEST(test_revoked_before)
{
	int client = session(YES, true, _i == 0 ? NONE : YES);

	take_away(_i == 0 ? "k" : "l", 99);
	kit_say(client, "40");
	ck_assert_str_eq(kit_heard(client), wants[OUT]);
	close(client);
}
END_TEST

/* Names that no collector has, and what is said about them. */
static const struct {
	const char *packet, *want;
} unknown[] = {
	{ "421[\"on\"]", "did you mean \\\"one\\\"?" },
	{ "421[\"ONE\"]", "UNKNOWN_COLLECTOR" },
	{ "421[\"one\\u0000\"]", "UNKNOWN_COLLECTOR" },
	{ "421[5]", "UNKNOWN_COLLECTOR" },
	{ "42[\"on\"]", "" },
	{ "42", "" },
	{ "431[]", "" },
	{ "42[\"connect\"]", "close 0\n" },
	{ "42[]", "close 0\n" },
	{ "44{}", "close 0\n" }
};

START_TEST(test_unknown)
{
	int client = kit_joined();
	const char *heard;

	kit_say(client, unknown[_i].packet);
	heard = kit_heard(client);
	ck_assert_ptr_nonnull(strstr(heard, unknown[_i].want));
	ck_assert(unknown[_i].want[0] != '\0' || heard[0] == '\0');
	close(client);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("connect");

	tcase_add_checked_fixture(t, start, kit_stop);
	tcase_add_loop_test(t, test_rows, 0, COUNT(rows));
	tcase_add_loop_test(t, test_first_only, 0, 2);
	tcase_add_loop_test(t, test_answered, 0, 3);
	tcase_add_test(t, test_answered_moves);
	tcase_add_test(t, test_packets_wait);
	tcase_add_test(t, test_refused_by_master);
	tcase_add_test(t, test_leave_and_join);
	tcase_add_test(t, test_revoked);
	tcase_add_loop_test(t, test_revoked_before, 0, 2);
	tcase_add_loop_test(t, test_unknown, 0, COUNT(unknown));
	return unit_run("session_connect", t);
}
