/*
 * Collectors in C, seen from a session: what they are told, the packets that
 * they send, and what a session does with nonsense.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/call.h"
#include "session_kit.h"
#include "unit.h"

#define CONF "socketio { namespaces = { \"/\", \"/plug\" } }"		\
	" limits { waiting_bytes = 64K } database { max_binary_answer = 4K }"	\
	" key \"k\" { psk = \"x\" }"

static struct queue_request req;
static struct call call;
static int client;

static int
taken(void)
{
	int fd = kit_take(&req);

	ck_assert_int_ge(fd, 0);
	ck_assert_str_eq(req.collector, "plug");
	ck_assert_str_eq(req.nsp, "/plug");
	ck_assert_int_eq(call_get(req.options.data, req.options.len, &call),
	    0);
	return fd;
}

/* Joined, and its connect call answered with nothing. */
static void
start(void)
{
	int fd;

	kit_start(CONF);
	client = kit_joined();
	/* The key of the session's origin lets it in. */
	kit_say(client, "40/plug,{\"psk\":\"\",\"who\":[1]}");
	fd = taken();
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "40/plug,{\"sid\":"));
	ck_assert(call.connects && !call.wants_ack);
	ck_assert_uint_eq(call.event.len, 0);
	kit_begun(fd, &req, false);
	kit_end(fd);
	ck_assert_str_eq(kit_heard(client), "");
}

static void
stop(void)
{
	close(client);
	kit_stop();
}

static bool
is(const struct msg_bytes *bytes, const char *text)
{
	return bytes->len == strlen(text) &&
	    memcmp(bytes->data, text, bytes->len) == 0;
}

/* A frame of bytes from a client: no mask is a mask of zeros. */
static void
say_bytes(const char *bytes, size_t len)
{
	char frame[64] = { (char)0x82, (char)(0x80 | len) };

	memcpy(frame + 6, bytes, len);
	ck_assert_int_eq(send(client, frame, 6 + len, 0), 6 + (int)len);
	kit_turn();
}

static void
piece(int fd, enum reply_type type, const char *text, bool last)
{
	char message[REPLY_HEAD + 4096];
	const struct reply r = { .type = type, .last = last };
	size_t len = strlen(text);

	reply_head(message, &r);
	memcpy(message + REPLY_HEAD, text, len);
	ck_assert_int_eq(send(fd, message, REPLY_HEAD + len, 0),
	    REPLY_HEAD + (int)len);
	kit_turn();
}

static int
called(const char *text)
{
	int fd;

	kit_say(client, text);
	fd = taken();
	kit_begun(fd, &req, false);
	return fd;
}

START_TEST(test_told)
{
	int fd = called("42/plug,7[\"plug\",1,{\"a\":\"b\"}]");

	ck_assert(!call.connects && call.wants_ack);
	ck_assert(is(&call.event, "[\"plug\",1,{\"a\":\"b\"}]"));
	ck_assert(is(&call.auth, "{\"who\":[1]}"));
	ck_assert_uint_eq(call.nattachments, 0);
	piece(fd, REPLY_EMIT, "[\"e\",", false);
	ck_assert_str_eq(kit_heard(client), "");
	piece(fd, REPLY_EMIT, "1]", true);
	ck_assert_str_eq(kit_heard(client), "42/plug,[\"e\",1]\n");
	piece(fd, REPLY_ACK, "[2,3]", true);
	ck_assert_str_eq(kit_heard(client), "43/plug,7[2,3]\n");
	kit_end(fd);
	ck_assert_str_eq(kit_heard(client), "");
}
END_TEST

START_TEST(test_bytes)
{
	int fd;

	kit_say(client, "452-/plug,7[\"plug\",{\"_placeholder\":true,"
	    "\"num\":1},{\"_placeholder\":true,\"num\":0}]");
	say_bytes("ab", 2);
	ck_assert_int_eq(kit_take(&req), -1);
	say_bytes("", 0);
	fd = taken();
	ck_assert_uint_eq(call.nattachments, 2);
	ck_assert(is(&call.attachments[0], "ab"));
	ck_assert(is(&call.attachments[1], ""));
	kit_begun(fd, &req, false);
	piece(fd, REPLY_BINARY, "x", false);
	piece(fd, REPLY_BINARY, "y", true);
	piece(fd, REPLY_ACK, "[{\"_placeholder\":true,\"num\":0}]", true);
	kit_end(fd);
	ck_assert_str_eq(kit_heard(client), "461-/plug,7[{\"_placeholder\":"
	    "true,\"num\":0}]\nxy\n");
}
END_TEST

/* Nobody waits: it runs, and nothing of it but events reaches the client. */
START_TEST(test_silent)
{
	const struct reply failure = { .type = REPLY_REFUSAL,
	    .code = ERR_INTERNAL, .text = { "no", 2 } };
	struct reply r = failure;
	int fd = called("42/plug,[\"plug\"]");

	ck_assert(!call.wants_ack);
	piece(fd, REPLY_EMIT, "[\"e\"]", true);
	kit_end(fd);
	ck_assert_str_eq(kit_heard(client), "42/plug,[\"e\"]\n");
	kit_say(client, "42/plug,[\"plug\"]");
	fd = taken();
	r.id = req.id;
	kit_reply(fd, &r);
	ck_assert_str_eq(kit_heard(client), "");
	/* Others are not asked without a callback. */
	kit_say(client, "42[\"one\"]");
	ck_assert_int_eq(kit_take(&req), -1);
}
END_TEST

/* It is at home in its own namespace; others are everywhere. */
START_TEST(test_home)
{
	kit_say(client, "421[\"plug\"]");
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "UNKNOWN_COLLECTOR"));
	kit_say(client, "42/plug,1[\"one\"]");
	ck_assert_int_ge(kit_take(&req), 0);
	ck_assert_str_eq(req.collector, "one");
	ck_assert_uint_eq(req.options.len, 0);
}
END_TEST

/* A collector that dies: one answer, or none where it is out already. */
START_TEST(test_lost)
{
	int fd = called("42/plug,7[\"plug\"]");

	kit_die(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "WORKER_LOST"));
	fd = called("42/plug,7[\"plug\"]");
	piece(fd, REPLY_ACK, "[]", true);
	close(fd);
	ck_assert_str_eq(kit_heard(client), "43/plug,7[]\n");
	ck_assert_str_eq(kit_heard(client), "");
}
END_TEST

/* Half a call and its session, in another worker. */
START_TEST(test_move)
{
	int fd = called("42/plug,7[\"plug\"]");

	kit_say(client, "451-/plug,8[\"plug\",{\"_placeholder\":true,"
	    "\"num\":0}]");
	piece(fd, REPLY_BINARY, "x", true);
	piece(fd, REPLY_EMIT, "[\"e\",", false);
	ck_assert_int_eq(kit_move(), 1);
	piece(fd, REPLY_EMIT, "{\"_placeholder\":true,\"num\":0}]", true);
	piece(fd, REPLY_ACK, "[]", true);
	ck_assert_int_eq(kit_move(), 1);
	kit_end(fd);
	ck_assert_str_eq(kit_heard(client), "451-/plug,[\"e\","
	    "{\"_placeholder\":true,\"num\":0}]\nx\n43/plug,7[]\n");
	say_bytes("z", 1);
	fd = taken();
	ck_assert(is(&call.attachments[0], "z"));
	ck_assert(is(&call.auth, "{\"who\":[1]}"));
	close(fd);
}
END_TEST

/* Attachments that are too many bytes are told with the event. */
START_TEST(test_too_many_bytes)
{
	static const char zeros[4096];

	kit_say(client, "452-/plug,7[\"plug\",{\"_placeholder\":true,"
	    "\"num\":1},{\"_placeholder\":true,\"num\":0}]");
	for (int i = 0; i < 2; i++) {
		char head[14] = { (char)0x82, (char)0xff, 0, 0, 0, 0, 0, 1 };

		ck_assert_int_eq(send(client, head, sizeof(head), 0), 14);
		for (size_t n = 65536; n > 0; n -= 4096) {
			ck_assert_int_eq(send(client, zeros, 4096, 0), 4096);
			kit_turn();
		}
	}
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "limits.waiting"));
	ck_assert_int_eq(kit_take(&req), -1);
}
END_TEST

static const struct {
	enum reply_type type;
	const char *text;
	bool last;
} unsound[] = {
	{ REPLY_EMIT, "[\"e\"", true },
	{ REPLY_EMIT, "[]", true },
	{ REPLY_EMIT, "", true },
	{ REPLY_EMIT, "[\"disconnect\"]", true },
	{ REPLY_EMIT, "{}", true },
	{ REPLY_EMIT, "[\"e\"],[1]", true },
	{ REPLY_ACK, "1", true },
	{ REPLY_ACK, "[1", true },
	{ REPLY_ACK, "[1]\n", false },
	{ REPLY_ATTACHMENT, "x", true },
	{ REPLY_EMIT, "1[\"e\"]", true },
	{ REPLY_ACK, "1[]", true },
};

START_TEST(test_unsound)
{
	int fd = called("42/plug,7[\"plug\"]");

	piece(fd, unsound[_i].type, unsound[_i].text, unsound[_i].last);
	if (!unsound[_i].last)
		kit_end(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "INTERNAL"));
	kit_say(client, "42/plug,8[\"plug\"]");
	close(taken());
}
END_TEST

/* What is not due: rows behind an acknowledgement, packets of others. */
START_TEST(test_not_due)
{
	int fd = called("42/plug,7[\"plug\"]");

	piece(fd, REPLY_ACK, "[]", true);
	kit_rows(fd, "{}", true);
	ck_assert_str_eq(kit_heard(client), "43/plug,7[]\n");
	ck_assert_uint_gt(kit_told(MSG_UNSOUND, &(const void *){ NULL }), 0);
	fd = called("42/plug,[\"plug\"]");
	piece(fd, REPLY_ACK, "[]", true);
	ck_assert_uint_gt(kit_told(MSG_UNSOUND, &(const void *){ NULL }), 0);
	kit_say(client, "421[\"one\"]");
	fd = kit_take(&req);
	kit_begun(fd, &req, false);
	piece(fd, REPLY_EMIT, "[\"e\"]", true);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "INTERNAL"));
	for (int i = 0; i < 3; i++) {
		char bytes[4000];

		memset(bytes, 'x', sizeof(bytes) - 1);
		bytes[sizeof(bytes) - 1] = '\0';
		if (i == 0)
			fd = called("42/plug,9[\"plug\"]");
		piece(fd, REPLY_BINARY, bytes, false);
	}
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "INTERNAL"));
}
END_TEST

/* Whoever does not read what is emitted is left at last. */
START_TEST(test_unread)
{
	char text[4000];
	int fd = called("42/plug,7[\"plug\"]");

	memset(text, 'x', sizeof(text));
	memcpy(text, "[\"e\",\"", 6);
	memcpy(text + sizeof(text) - 3, "\"]", 3);
	for (int i = 0; i < 400; i++) {
		char message[REPLY_HEAD + sizeof(text)];
		const struct reply r = { .type = REPLY_EMIT, .last = true };

		reply_head(message, &r);
		memcpy(message + REPLY_HEAD, text, sizeof(text) - 1);
		if (send(fd, message, REPLY_HEAD + sizeof(text) - 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		kit_turn();
	}
	ck_assert_uint_gt(kit_told(MSG_CLOSED, &(const void *){ NULL }), 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, test_told);
	tcase_add_test(t, test_bytes);
	tcase_add_test(t, test_silent);
	tcase_add_test(t, test_home);
	tcase_add_test(t, test_lost);
	tcase_add_test(t, test_move);
	tcase_add_test(t, test_too_many_bytes);
	tcase_add_loop_test(t, test_unsound, 0, COUNT(unsound));
	tcase_add_test(t, test_not_due);
	tcase_add_test(t, test_unread);
	return unit_run("session_plugin", t);
}
