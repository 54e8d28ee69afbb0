/*
 * Requests that share an answer: one execution for all who waited for the
 * same, and nothing else in common.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session_kit.h"
#include "worker/generation.h"
#include "worker/schedule.h"
#include "unit.h"

/* One collector: three requests are out, all others wait. */
#define CONF								\
	"workers = 1 database { connections = 1 } "			\
	"socketio { namespaces = { \"/\", \"/two\" } } "		\
	"limits { stream_bytes = 4K queue_length = 70 requests = 100 "	\
	"queue_timeout = 5s } "						\
	"key \"k\" { psk = \"x\" } key \"l\" { psk = \"y\" }"
#define OUT 3

static struct queue_request req;
static int blocks[OUT], blocker, client, friend;

static int
client_in(const char *key, uint32_t generation)
{
	struct msg_session m = { .transport = MSG_WEBSOCKET,
	    .origin = MSG_GRANT_YES, .generation = generation };
	int fd;

	snprintf(m.origin_key, sizeof(m.origin_key), "%s", key);
	fd = kit_session(&m, "");
	kit_say(fd, "40");
	kit_heard(fd);
	return fd;
}

static int
client_of(const char *key)
{
	return client_in(key, 1);
}

/* Three requests run, and collectors can take no more. */
static void
start(void)
{
	int i;

	kit_start(CONF);
	kit.current->conf.collectors[0].coalesce = true;
	blocker = client_of("k");
	client = client_of("k");
	friend = client_of("k");
	for (i = 0; i < OUT; i++) {
		kit_say(blocker, "427[\"other\"]");
		blocks[i] = kit_take(&req);
		ck_assert_int_ge(blocks[i], 0);
		kit_begun(blocks[i], &req, false);
	}
}

static void
stop(void)
{
	close(blocker);
	close(client);
	close(friend);
	kit_stop();
}

static void
unblock(int i)
{
	kit_end(blocks[i]);
}

static void
call(int fd, int id)
{
	char text[64];

	snprintf(text, sizeof(text), "42%d[\"one\",{\"a\":1}]", id);
	kit_say(fd, text);
}

/* The collector takes one, and one only. */
static int
take_one(void)
{
	struct queue_request more;
	int fd = kit_take(&req);

	kit_turn();
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(kit_take(&more), -1);
	return fd;
}

static void
answer(int fd, const char *rows)
{
	char out[REPLY_HEAD + 64];

	reply_head(out, &(struct reply){ .type = REPLY_ANSWER,
	    .id = req.id });
	memcpy(out + REPLY_HEAD, rows, strlen(rows));
	ck_assert_int_eq(fdpass_send(fd, out, REPLY_HEAD + strlen(rows), NULL,
	    0), FDPASS_OK);
	close(fd);
	kit_turn();
}

/* Was this heard, as the answer to that id? */
static void
check_heard(int fd, int id, const char *rows)
{
	char all[128];

	snprintf(all, sizeof(all),
	    "43%d[{\"success\":true,\"data\":[%s]}]\n", id, rows);
	ck_assert_str_eq(kit_heard(fd), all);
}

static size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}

START_TEST(test_fifty)
{
	const void *data;
	struct msg_shared told;
	size_t len;
	int i;

	for (i = 0; i < 50; i++)
		call(i % 2 == 0 ? client : friend, i);
	unblock(0);
	answer(take_one(), "1,2");
	ck_assert_uint_eq(count(kit_heard(client), "[{\"success\":true,"
	    "\"data\":[1,2]}]"), 25);
	ck_assert_uint_eq(count(kit_heard(friend), "\"data\":[1,2]"), 25);
	ck_assert_int_eq(kit_take(&req), -1);
	len = kit_told(MSG_SHARED, &data);
	ck_assert_int_eq(msg_get_shared(data, len, &told), 0);
	ck_assert_uint_eq(told.n, 49);
	ck_assert_uint_eq(schedule_running(&kit), 2);
}
END_TEST

START_TEST(test_ids)
{
	call(client, 5);
	call(friend, 6);
	unblock(0);
	answer(take_one(), "1");
	check_heard(client, 5, "1");
	check_heard(friend, 6, "1");
}
END_TEST

/* What has been asked already is nobody else's. */
START_TEST(test_too_late)
{
	int first, second;

	call(client, 1);
	unblock(0);
	first = take_one();
	call(friend, 2);
	unblock(1);
	answer(first, "1");
	check_heard(client, 1, "1");
	ck_assert_str_eq(kit_heard(friend), "");
	second = take_one();
	answer(second, "2");
	check_heard(friend, 2, "2");
}
END_TEST

static const struct {
	const char *who, *says;
} strangers[] = {
	{ "k", "421[\"one\",{\"a\":2}]" },	/* other options */
	{ "k", "421[\"one\",{\"a\": 1}]" },	/* and other bytes */
	{ "k", "421[\"one\"]" },
	{ "k", "421[\"other\",{\"a\":1}]" },
	{ "k", "42/two,1[\"one\",{\"a\":1}]" },
	{ "l", "421[\"one\",{\"a\":1}]" },
};

START_TEST(test_strangers)
{
	int other = client_of(strangers[_i].who), i;

	kit_say(other, "40/two,");
	kit_heard(other);
	call(client, 1);
	kit_say(other, strangers[_i].says);
	for (i = 0; i < 2; i++) {
		unblock(i);
		answer(take_one(), i == 0 ? "1" : "2");
	}
	ck_assert_uint_eq(count(kit_heard(client), "data"), 1);
	ck_assert_uint_eq(count(kit_heard(other), "data"), 1);
	close(other);
}
END_TEST

START_TEST(test_other_generation)
{
	int other;

	kit_generation(2, CONF);
	kit.current->conf.collectors[0].coalesce = true;
	other = client_in("k", 2);
	call(client, 1);
	call(other, 2);
	unblock(0);
	answer(take_one(), "1");
	check_heard(client, 1, "1");
	ck_assert_str_eq(kit_heard(other), "");
	answer(take_one(), "2");
	check_heard(other, 2, "2");
	close(other);
}
END_TEST

/* Not in the file: each is run. */
START_TEST(test_off)
{
	kit.current->conf.collectors[0].coalesce = false;
	call(client, 1);
	call(friend, 2);
	unblock(0);
	answer(take_one(), "1");
	check_heard(client, 1, "1");
	ck_assert_str_eq(kit_heard(friend), "");
	answer(take_one(), "2");
	check_heard(friend, 2, "2");
}
END_TEST

/* Whose client leaves costs the others nothing. */
START_TEST(test_first_leaves)
{
	int fd, other = client_of("k");

	call(client, 1);
	call(friend, 2);
	call(other, 3);
	unblock(0);
	fd = take_one();
	if (_i == 1)
		kit_begun(fd, &req, false);
	close(client);
	kit_turn();
	if (_i == 2) {
		close(friend);
		kit_turn();
	}
	if (_i == 1) {
		kit_rows(fd, "1", true);
		kit_end(fd);
	} else {
		answer(fd, "1");
	}
	if (_i != 2)
		check_heard(friend, 2, "1");
	check_heard(other, 3, "1");
	ck_assert_int_eq(kit_take(&req), -1);
	ck_assert_uint_eq(schedule_running(&kit), 2);
	client = client_of("k");
	if (_i == 2)
		friend = client_of("k");
	close(other);
}
END_TEST

START_TEST(test_last_leaves)
{
	char byte;
	int fd;

	call(client, 1);
	call(friend, 2);
	unblock(0);
	fd = take_one();
	close(friend);
	kit_turn();
	close(client);
	kit_turn();
	/* Nobody is left: that is a cancel. */
	ck_assert_int_eq((int)recv(fd, &byte, 1, MSG_DONTWAIT), 0);
	close(fd);
	client = client_of("k");
	friend = client_of("k");
}
END_TEST

START_TEST(test_follower_leaves)
{
	int fd;

	call(client, 1);
	call(friend, 2);
	unblock(0);
	fd = take_one();
	close(friend);
	kit_turn();
	answer(fd, "1");
	check_heard(client, 1, "1");
	ck_assert_int_eq(kit_take(&req), -1);
	friend = client_of("k");
}
END_TEST

/* A crash costs one request; the others are then run one by one. */
START_TEST(test_crash)
{
	int other = client_of("k");

	call(client, 1);
	call(friend, 2);
	call(other, 3);
	unblock(0);
	kit_die(take_one());
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "WORKER_LOST"));
	answer(take_one(), "2");
	check_heard(friend, 2, "2");
	ck_assert_str_eq(kit_heard(other), "");
	answer(take_one(), "3");
	check_heard(other, 3, "3");
	close(other);
}
END_TEST

/* Before it was taken, it was not run: all is asked again, together. */
START_TEST(test_not_taken)
{
	call(client, 1);
	call(friend, 2);
	unblock(0);
	kit_drop();
	answer(take_one(), "1");
	check_heard(client, 1, "1");
	check_heard(friend, 2, "1");
}
END_TEST

/* Whoever waited for a large answer gets one of its own. */
START_TEST(test_large)
{
	static char rows[8192];
	int fd;

	memset(rows, '1', sizeof(rows) - 1);
	call(client, 1);
	call(friend, 2);
	unblock(0);
	fd = take_one();
	kit_begun(fd, &req, false);
	kit_rows(fd, rows, true);
	kit_end(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "431[{\"data\":[11"));
	ck_assert_str_eq(kit_heard(friend), "");
	answer(take_one(), "2");
	check_heard(friend, 2, "2");
}
END_TEST

/* An heir who polls as clients of Socket.IO 2 do gets it in one piece. */
START_TEST(test_heir_polls)
{
	static const char packet[] = "18:422[\"one\",{\"a\":1}]";
	struct msg_session m = { .transport = MSG_POLLING,
	    .revision = MSG_EIO3, .origin = MSG_GRANT_YES, .origin_key = "k" };
	static char rows[8192];
	char text[512];
	int fd, poll, post;

	poll = kit_session(&m, "");
	call(client, 1);
	snprintf(text, sizeof(text), "POST /socket.io/?EIO=3&transport=polling"
	    "&sid=%s HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
	    "Content-Length: %zu\r\n\r\n%s", m.sid, strlen(packet), packet);
	post = kit_route(text);
	kit_turn();
	ck_assert_ptr_nonnull(strstr(kit_bytes(post), "200 OK"));
	unblock(0);
	fd = take_one();
	kit_begun(fd, &req, false);
	close(client);
	kit_turn();
	memset(rows, '1', sizeof(rows) - 1);
	kit_rows(fd, rows, true);
	kit_end(fd);
	snprintf(text, sizeof(text), "GET /socket.io/?EIO=3&transport=polling"
	    "&sid=%s HTTP/1.1\r\nHost: x\r\n\r\n", m.sid);
	close(poll);
	poll = kit_route(text);
	kit_turn();
	ck_assert_ptr_nonnull(strstr(kit_bytes(poll), ":432[{\"success\":"
	    "true,\"data\":[11"));
	close(poll);
	close(post);
	client = client_of("k");
}
END_TEST

START_TEST(test_attachments)
{
	int fd;

	call(client, 1);
	call(friend, 2);
	unblock(0);
	fd = take_one();
	kit_begun(fd, &req, true);
	kit_rows(fd, "1", true);
	kit_end(fd);
	check_heard(client, 1, "1");
	ck_assert_str_eq(kit_heard(friend), "");
	answer(take_one(), "2");
	check_heard(friend, 2, "2");
}
END_TEST

/* What is wrong with it is so for all; what is wrong elsewhere is not. */
START_TEST(test_refusal)
{
	const struct reply r = { .type = REPLY_REFUSAL, .code = _i == 0 ?
	    ERR_BAD_OPTIONS : ERR_INTERNAL, .text = { "no", 2 } };
	struct reply sent = r;
	int fd;

	call(client, 1);
	call(friend, 2);
	unblock(0);
	fd = take_one();
	sent.id = req.id;
	kit_reply(fd, &sent);
	close(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "\"error\":\"No\""));
	if (_i == 0) {
		ck_assert_ptr_nonnull(strstr(kit_heard(friend),
		    "432[{\"success\":false,\"error\":\"No\""));
		ck_assert_int_eq(kit_take(&req), -1);
		return;
	}
	answer(take_one(), "2");
	check_heard(friend, 2, "2");
}
END_TEST

/* Whose client does not read what it has shares nothing more. */
START_TEST(test_unread)
{
	static char row[REPLY_BYTES_MAX];
	int fd;

	reply_head(row, &(struct reply){ .type = REPLY_ROWS,
	    .border = true });
	memset(row + REPLY_HEAD, '1', sizeof(row) - REPLY_HEAD);
	kit_say(friend, "428[\"other\"]");
	unblock(0);
	fd = take_one();
	kit_begun(fd, &req, false);
	while (fdpass_send(fd, row, sizeof(row), NULL, 0) == FDPASS_OK)
		kit_turn();
	call(client, 1);
	call(friend, 2);
	unblock(1);
	answer(take_one(), "1");
	check_heard(client, 1, "1");
	ck_assert_int_eq(kit_take(&req), -1);
	kit_heard(friend);
	kit_end(fd);
	kit_heard(friend);
	answer(take_one(), "2");
	check_heard(friend, 2, "2");
}
END_TEST

/* The one that runs moves with its session, the others stay or move, too. */
START_TEST(test_move)
{
	int fd;

	call(client, 1);
	call(friend, 2);
	unblock(0);
	fd = take_one();
	ck_assert_int_eq(kit_move(), 3);
	answer(fd, "1");
	check_heard(client, 1, "1");
	answer(take_one(), "2");
	check_heard(friend, 2, "2");
}
END_TEST

/* They are in the queue, as if they were not asked together. */
START_TEST(test_length)
{
	const char *heard;
	int fd, i;

	for (i = 0; i < 70; i++)
		call(client, i);
	unblock(0);
	fd = take_one();
	call(friend, 1);
	call(friend, 2);
	heard = kit_heard(friend);
	ck_assert_ptr_null(strstr(heard, "431["));
	ck_assert_ptr_nonnull(strstr(heard, "432[{\"success\":false"));
	ck_assert_ptr_nonnull(strstr(heard, "(queue_length)"));
	answer(fd, "1");
	ck_assert_uint_eq(count(kit_heard(client), "\"data\":[1]"), 70);
	answer(take_one(), "2");
	check_heard(friend, 1, "2");
}
END_TEST

/* It runs: nobody who waits for it is told that nothing was free. */
START_TEST(test_timeout)
{
	int fd;

	call(client, 1);
	call(friend, 2);
	unblock(0);
	fd = take_one();
	usleep(5300 * 1000);
	kit_turn();
	ck_assert_str_eq(kit_heard(client), "");
	answer(fd, "1");
	check_heard(client, 1, "1");
	check_heard(friend, 2, "1");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("share");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_fifty);
	tcase_add_test(tc, test_ids);
	tcase_add_test(tc, test_too_late);
	tcase_add_loop_test(tc, test_strangers, 0, COUNT(strangers));
	tcase_add_test(tc, test_other_generation);
	tcase_add_test(tc, test_off);
	tcase_add_loop_test(tc, test_first_leaves, 0, 3);
	tcase_add_test(tc, test_last_leaves);
	tcase_add_test(tc, test_follower_leaves);
	tcase_add_test(tc, test_crash);
	tcase_add_test(tc, test_not_taken);
	tcase_add_test(tc, test_large);
	tcase_add_test(tc, test_heir_polls);
	tcase_add_test(tc, test_attachments);
	tcase_add_loop_test(tc, test_refusal, 0, 2);
	tcase_add_test(tc, test_unread);
	tcase_add_test(tc, test_move);
	tcase_add_test(tc, test_length);
	tcase_add_test(tc, test_timeout);
	return unit_run("session_share", tc);
}
