/*
 * Whose turn it is: keys in turn, no more out than collectors can take, and
 * nobody waits for ever.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "session_kit.h"
#include "worker/generation.h"
#include "worker/schedule.h"
#include "unit.h"

/* One worker with four collectors: a key may have three while others wait. */
#define CONF(limits)							\
	CONF_OF("4", limits)
#define CONF_OF(connections, limits)					\
	"workers = 1 database { connections = " connections " } "	\
	"limits { " limits " } "					\
	"key \"k\" { psk = \"x\" } key \"l\" { psk = \"y\" }"

static struct queue_request req;
static int replies[64];
static size_t nreplies;

static int
client_of(const char *key)
{
	struct msg_session m = { .transport = MSG_WEBSOCKET,
	    .origin = MSG_GRANT_YES };
	int client;

	snprintf(m.origin_key, sizeof(m.origin_key), "%s", key);
	client = kit_session(&m, "");
	kit_say(client, "40");
	kit_heard(client);
	return client;
}

static void
call(int client, int n)
{
	char text[64];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "42%d[\"one\"]", i);
		kit_say(client, text);
	}
}

/* Take the next request; the name of its key, "" = there is none. */
static const char *
taken(void)
{
	int fd = kit_take(&req);

	if (fd < 0)
		return "";
	replies[nreplies++] = fd;
	kit_begun(fd, &req, false);
	return req.key;
}

static void
start(void)
{
	nreplies = 0;
	kit_start(CONF("queue_length = 10 requests = 8 "
	    "queue_timeout = 5s"));
}

static void
stop(void)
{
	while (nreplies > 0)
		close(replies[--nreplies]);
	kit_stop();
}

/* Let time pass. */
static void
wait_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
	kit_turn();
}

START_TEST(test_ahead)
{
	int client = client_of("k"), n = 0;

	call(client, 8);
	while (taken()[0] != '\0') {
		n++;
		wait_ms(10);
	}
	/* As many as there are collectors, and two. */
	ck_assert_int_eq(n, 6);
	kit_end(replies[--nreplies]);
	ck_assert_str_eq(taken(), "k");
	close(client);
}
END_TEST

START_TEST(test_unread)
{
	int client = client_of("k");

	call(client, 8);
	/* Two wait for a collector, so no third is added. */
	ck_assert_uint_eq(schedule_running(&kit), 2);
	ck_assert_uint_eq(schedule_waiting(&kit), 6);
	close(client);
}
END_TEST

/* Of fast ones more are added, however many another worker has there. */
START_TEST(test_fast)
{
	int client = client_of("k"), i;

	for (i = 0; i < 100; i++) {
		call(client, 1);
		ck_assert_str_eq(taken(), "k");
		kit_end(replies[--nreplies]);
		kit_turn();
	}
	kit_others(2 * QUEUE_AHEAD_MAX);
	call(client, QUEUE_AHEAD_MAX);
	ck_assert_uint_eq(schedule_running(&kit), QUEUE_AHEAD_MAX);
	close(client);
}
END_TEST

START_TEST(test_turns)
{
	int loud = client_of("k"), quiet = client_of("l"), i;

	call(loud, 8);
	call(quiet, 1);
	/* Of the loud key three at most are out while the other one waits. */
	for (i = 0; i < 4; i++) {
		if (strcmp(taken(), "l") == 0)
			break;
		wait_ms(10);
	}
	ck_assert_int_lt(i, 4);
	close(loud);
	close(quiet);
}
END_TEST

/* How many of the next n are of that key; ended: each is answered at once. */
static int
count_taken(const char *key, int n, bool ended)
{
	int of_key = 0;

	while (n-- > 0) {
		of_key += strcmp(taken(), key) == 0;
		if (ended)
			kit_end(replies[--nreplies]);
		kit_turn();
	}
	return of_key;
}

/* Who holds two collectors waits until the other one has two, too. */
START_TEST(test_fewest_held)
{
	int loud = client_of("k"), quiet = client_of("l");

	call(loud, 2);
	ck_assert_int_eq(count_taken("k", 2, false), 2);
	call(loud, 6);
	call(quiet, 2);
	/* One more of the loud key was asked before the quiet one spoke. */
	ck_assert_int_ge(count_taken("l", 3, false), 1);
	ck_assert_int_eq(count_taken("l", 1, false), 1);
	close(loud);
	close(quiet);
}
END_TEST

/* A key of slow queries does not get as many turns as one of fast ones. */
START_TEST(test_time_used)
{
	int slow, fast;

	kit_stop();
	kit_start(CONF_OF("1", ""));
	slow = client_of("k");
	fast = client_of("l");
	call(slow, 4);
	ck_assert_str_eq(taken(), "k");
	call(fast, 20);
	wait_ms(500);
	kit_end(replies[--nreplies]);
	kit_turn();
	/* What was in the work queue already runs, and then the fast ones. */
	ck_assert_int_ge(count_taken("l", 10, true), 8);
	close(slow);
	close(fast);
}
END_TEST

/* A thousand requests of one client are no more than one in another's way. */
START_TEST(test_thousand)
{
	int loud, quiet;

	kit_stop();
	kit_start(CONF("requests = 2000"));
	loud = client_of("k");
	quiet = client_of("l");
	call(loud, 1000);
	ck_assert_int_eq(count_taken("k", 20, true), 20);
	call(quiet, 1);
	/* Behind those that were in the work queue already. */
	ck_assert_int_eq(count_taken("l", 9, true), 1);
	close(loud);
	close(quiet);
}
END_TEST

START_TEST(test_key_cap)
{
	int capped, other;

	kit_stop();
	kit_start("workers = 1 database { connections = 4 } "
	    "key \"k\" { psk = \"x\" max_running = 2 } "
	    "key \"l\" { psk = \"y\" }");
	capped = client_of("k");
	other = client_of("l");
	call(capped, 5);
	ck_assert_int_eq(count_taken("k", 2, false), 2);
	wait_ms(20);
	ck_assert_str_eq(taken(), "");
	call(other, 1);
	ck_assert_str_eq(taken(), "l");
	ck_assert_str_eq(taken(), "");
	kit_end(replies[0]);
	ck_assert_str_eq(taken(), "k");
	ck_assert_str_eq(taken(), "");
	close(capped);
	close(other);
}
END_TEST

/* Requests behind one of a collector that is full pass it. */
START_TEST(test_collector_cap)
{
	int client, i;

	kit_stop();
	kit_start(CONF(""));
	kit.current->conf.collectors[0].max_running = 1;
	client = client_of("k");
	call(client, 3);
	kit_say(client, "427[\"other\"]");
	ck_assert_str_eq(taken(), "k");
	ck_assert_str_eq(req.collector, "one");
	ck_assert_str_eq(taken(), "k");
	ck_assert_str_eq(req.collector, "other");
	ck_assert_str_eq(taken(), "");
	for (i = 0; i < 2; i++) {
		kit_end(replies[i == 0 ? 0 : 2]);
		ck_assert_str_eq(taken(), "k");
		ck_assert_str_eq(req.collector, "one");
		wait_ms(20);
		ck_assert_str_eq(taken(), "");
	}
	close(client);
}
END_TEST

START_TEST(test_order)
{
	int client = client_of("k"), i;
	uint64_t last = 0;

	call(client, 6);
	for (i = 0; i < 6; i++) {
		ck_assert_str_eq(taken(), "k");
		ck_assert_uint_gt(req.id, last);
		last = req.id;
		wait_ms(10);
	}
	close(client);
}
END_TEST

START_TEST(test_timeout)
{
	int client = client_of("k"), fd;
	const char *heard;

	call(client, 3);
	fd = kit_take(&req);
	kit_begun(fd, &req, false);
	wait_ms(5300);
	heard = kit_heard(client);
	/* The one that has begun is not touched. */
	ck_assert_ptr_null(strstr(heard, "430["));
	ck_assert_ptr_nonnull(strstr(heard, "431[{\"success\":false"));
	ck_assert_ptr_nonnull(strstr(heard, "432[{\"success\":false"));
	ck_assert_ptr_nonnull(strstr(heard, "OVERLOADED"));
	/* The one that was queued reads as given up. */
	ck_assert_int_eq(kit_take(&req), -1);
	kit_end(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "430[{\"success\":t"));
	close(client);
}
END_TEST

/* One that was taken and says nothing runs as long as it likes. */
START_TEST(test_no_timeout_when_taken)
{
	int client = client_of("k"), fd;

	call(client, 2);
	fd = kit_take(&req);
	wait_ms(5300);
	call(client, 1);
	ck_assert_ptr_null(strstr(kit_heard(client), "430["));
	wait_ms(5300);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "OVERLOADED"));
	kit_begun(fd, &req, false);
	kit_end(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "430[{\"success\":t"));
	close(client);
}
END_TEST

/* A client that reads nothing holds a collector while others wait. */
START_TEST(test_pinned)
{
	static char row[REPLY_BYTES_MAX];
	int client, another, fd, i;

	kit_stop();
	kit_start(CONF_OF("2", ""));
	client = client_of("k");
	another = client_of("l");
	call(client, 1);
	fd = kit_take(&req);
	kit_begun(fd, &req, false);
	reply_head(row, &(struct reply){ .type = REPLY_ROWS,
	    .border = true });
	memset(row + REPLY_HEAD, '1', sizeof(row) - REPLY_HEAD);
	for (i = 0; i < 100 && fdpass_send(fd, row, sizeof(row), NULL, 0) ==
	    FDPASS_OK; i++)
		kit_turn();
	ck_assert_int_lt(i, 100);
	call(client, 1);
	for (i = 0; i < 55; i++)
		wait_ms(100);
	/* Nobody waits: its second request is not even asked. */
	ck_assert_int_eq(fdpass_send(fd, row, sizeof(row), NULL, 0),
	    FDPASS_AGAIN);
	call(another, 1);
	for (i = 0; i < 5; i++)
		wait_ms(100);
	ck_assert_int_eq(fdpass_send(fd, row, sizeof(row), NULL, 0),
	    FDPASS_GONE);
	close(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client),
	    "],\"success\":false,"));
	close(client);
	close(another);
}
END_TEST

START_TEST(test_session_limit)
{
	int client = client_of("k");

	call(client, 9);
	ck_assert_ptr_nonnull(strstr(kit_heard(client),
	    "438[{\"success\":false"));
	close(client);
}
END_TEST

/* The queue holds ten, eight of them are of a session: see start(). */
START_TEST(test_queue_length)
{
	int clients[3] = { client_of("k"), client_of("k"), client_of("l") };
	const char *heard;

	call(clients[0], 8);
	call(clients[1], 8);
	heard = kit_heard(clients[1]);
	ck_assert_ptr_nonnull(strstr(heard, "437[{\"success\":false"));
	ck_assert_ptr_nonnull(strstr(heard,
	    "\"code\":\"OVERLOADED\",\"retryAfter\":"));
	ck_assert_ptr_null(strstr(heard, "430["));
	/* Another key has its part of a full queue, and no more. */
	call(clients[2], 8);
	ck_assert_ptr_nonnull(strstr(kit_heard(clients[1]),
	    "430[{\"success\":false"));
	heard = kit_heard(clients[2]);
	ck_assert_ptr_null(strstr(heard, "434["));
	ck_assert_ptr_nonnull(strstr(heard, "437[{\"success\":false"));
	close(clients[0]);
	close(clients[1]);
	close(clients[2]);
}
END_TEST

START_TEST(test_gone)
{
	int client = client_of("k");

	call(client, 8);
	close(client);
	kit_turn();
	ck_assert_uint_eq(schedule_running(&kit), 0);
	ck_assert_str_eq(taken(), "");
}
END_TEST

START_TEST(test_stop)
{
	int client = client_of("k");
	const char *heard;

	call(client, 8);
	ck_assert_str_eq(taken(), "k");
	schedule_stop(&kit);
	heard = kit_heard(client);
	ck_assert_ptr_null(strstr(heard, "430["));
	ck_assert_ptr_nonnull(strstr(heard, "437[{\"success\":false"));
	ck_assert_ptr_nonnull(strstr(heard, "CANCELLED"));
	close(client);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("schedule");

	tcase_add_checked_fixture(t, start, stop);
	tcase_set_timeout(t, 20);
	tcase_add_test(t, test_ahead);
	tcase_add_test(t, test_unread);
	tcase_add_test(t, test_fast);
	tcase_add_test(t, test_turns);
	tcase_add_test(t, test_fewest_held);
	tcase_add_test(t, test_time_used);
	tcase_add_test(t, test_thousand);
	tcase_add_test(t, test_key_cap);
	tcase_add_test(t, test_collector_cap);
	tcase_add_test(t, test_order);
	tcase_add_test(t, test_timeout);
	tcase_add_test(t, test_no_timeout_when_taken);
	tcase_add_test(t, test_pinned);
	tcase_add_test(t, test_session_limit);
	tcase_add_test(t, test_queue_length);
	tcase_add_test(t, test_gone);
	tcase_add_test(t, test_stop);
	return unit_run("session_schedule", t);
}
