/*
 * A session that moves: whatever its client and its collectors do, with a move
 * between any two steps, the client hears the same.  And what is no sound
 * state of a session ends that session, and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/deflate.h"
#include "proto/ws.h"
#include "session_kit.h"
#include "worker/move.h"
#include "worker/session.h"
#include "unit.h"

#define CONF "workers = 1 database { connections = 1 }"			\
	" compression { threshold = 0 }"				\
	" limits { stream_bytes = 4K } key \"k\" { psk = \"x\" }"
#define CALL "421[\"one\",{\"a\":1}]"
static int client;

static void
start(void)
{
	kit_start(CONF);
	client = kit_joined();
}

static void
stop(void)
{
	close(client);
	kit_stop();
}

/* ---- the same with a move between any two steps -------------------------- */

static int steps, move_at;

/* Each script calls it between its steps. */
static void
step(void)
{
	if (steps++ == move_at)
		ck_assert_int_eq(kit_move(), 1);
}

static int
take(struct queue_request *req)
{
	int fd = kit_take(req);

	ck_assert_int_ge(fd, 0);
	step();
	return fd;
}

static void
call_whole(void)
{
	struct queue_request req;
	int fd;

	step();
	kit_say(client, CALL);
	step();
	fd = take(&req);
	ck_assert_uint_eq(req.options.len, 7);
	kit_begun(fd, &req, false);
	step();
	kit_rows(fd, "{\"i\":1},{\"i", false);
	step();
	kit_rows(fd, "\":2}", true);
	step();
	kit_end(fd);
	step();
}

static void
fail_half_way(void)
{
	const struct reply failure = { .type = REPLY_FAILURE,
	    .code = ERR_DATABASE, .text = { "no", 2 } };
	struct queue_request req;
	int fd;

	kit_say(client, CALL);
	fd = take(&req);
	kit_begun(fd, &req, false);
	kit_rows(fd, "{\"i\":1}", true);
	step();
	kit_reply(fd, &failure);
	step();
	kit_end(fd);
}

static void
put_attachment(int fd, const char *text, bool last)
{
	char out[REPLY_HEAD + 64];

	reply_head(out, &(struct reply){ .type = REPLY_ATTACHMENT,
	    .last = last });
	memcpy(out + REPLY_HEAD, text, strlen(text));
	ck_assert_int_eq(fdpass_send(fd, out, REPLY_HEAD + strlen(text), NULL,
	    0), FDPASS_OK);
	kit_turn();
	step();
}

static void
call_with_attachments(void)
{
	struct queue_request req;
	int fd;

	kit_say(client, CALL);
	fd = take(&req);
	kit_begun(fd, &req, true);
	kit_rows(fd, "{\"b\":{\"_placeholder\":true,\"num\":0}}", true);
	step();
	put_attachment(fd, "ab", false);
	put_attachment(fd, "c", true);
	put_attachment(fd, "", true);
	kit_end(fd);
}

/* A row of 1000 bytes; the first of an answer has no comma before it. */
static void
put_row(int fd, bool first)
{
	char row[1001];

	memset(row, 'x', sizeof(row) - 1);
	memcpy(row, first ? "{\"a\":\"" : ",{\"a\":\"", first ? 6 : 7);
	memcpy(row + sizeof(row) - 3, "\"}", 3);
	kit_rows(fd, row, true);
}

/* Above stream_bytes, and in pieces of 64 KiB. */
static void
stream(void)
{
	struct queue_request req;
	int fd, i;

	kit_say(client, CALL);
	fd = take(&req);
	kit_begun(fd, &req, false);
	for (i = 0; i < 200; i++) {
		put_row(fd, i == 0);
		if (i % 40 == 0)
			step();
	}
	kit_end(fd);
	step();
}

/* More than may be out at once: the others wait, and keep their order. */
static void
call_many(void)
{
	struct queue_request req;
	char text[64];
	int fd, i;

	for (i = 1; i <= 6; i++) {
		snprintf(text, sizeof(text), "42%d[\"one\",%d]", i, i);
		kit_say(client, text);
	}
	step();
	for (i = 1; i <= 6; i++) {
		fd = take(&req);
		kit_begun(fd, &req, false);
		kit_end(fd);
	}
	step();
}

/* Asked twice: its first collector died before it began. */
static void
ask_again(void)
{
	kit_say(client, CALL);
	step();
	kit_drop();
	step();
	kit_drop();
}

static void
send_bytes(const char *bytes, size_t len)
{
	ck_assert_int_eq(write(client, bytes, len), (ssize_t)len);
	kit_turn();
	step();
}

/* A frame with a mask of zeros, cut in two. */
static void
send_frame(unsigned char first, const char *data, size_t len, size_t cut)
{
	char frame[100] = { (char)first, (char)(0x80 | len) };

	memcpy(frame + 6, data, len);
	send_bytes(frame, cut);
	send_bytes(frame + cut, 6 + len - cut);
}

/* Frames cut in their heads and bodies. */
static void
fragments(void)
{
	static const char text[] = "421[\"one\"]";
	const struct deflate_how how = { 4, DEFLATE_BITS_MAX };
	struct deflater *d = deflater_new();
	struct queue_request req;
	unsigned char first = 0x01;
	struct buf message;
	int fd;

	buf_init(&message, 0);
	if (kit_deflate_bits == 0) {
		ck_assert_int_eq(buf_puts(&message, text), 0);
	} else {
		first |= WS_COMPRESSED;
		ck_assert_int_eq(deflater_put(d, how, text, strlen(text),
		    &message), 0);
		message.len -= DEFLATE_TAIL_LEN;
	}
	send_frame(first, message.data, 3, 1);
	send_frame(0x89, "hi", 2, 4);
	send_frame(0x80, message.data + 3, message.len - 3, 7);
	fd = take(&req);
	kit_begun(fd, &req, false);
	kit_end(fd);
	buf_fini(&message);
	deflater_free(d);
}

/* An event with attachments, which are awaited before it is run. */
static void
gather(void)
{
	static const char binary[] = "\x82\x81\0\0\0\0" "b";
	struct queue_request req;
	int fd;

	kit_say(client, "452-1[\"one\",{\"_placeholder\":true,\"num\":0},"
	    "{\"_placeholder\":true,\"num\":1}]");
	step();
	send_bytes(binary, sizeof(binary) - 1);
	send_bytes(binary, sizeof(binary) - 1);
	fd = take(&req);
	kit_begun(fd, &req, false);
	kit_end(fd);
}

static void
leave(void)
{
	step();
	kit_say(client, "41");
	step();
	/* Of nobody any more. */
	kit_say(client, CALL);
}

static void (*const scripts[])(void) = {
	call_whole, fail_half_way, call_with_attachments, stream, call_many,
	ask_again, fragments, gather, leave
};

/* What the client hears of a script with one move; -1 = none. */
static char *
heard_with(void (*script)(void), int at, int deflate_bits)
{
	char *heard;

	kit_deflate_bits = deflate_bits;
	start();
	steps = 0;
	move_at = at;
	script();
	heard = strdup(kit_heard(client));
	ck_assert_ptr_nonnull(heard);
	stop();
	return heard;
}

START_TEST(test_script)
{
	/* Compressed or not, it hears the same. */
	int bits = _i < COUNT(scripts) ? 0 : DEFLATE_BITS_MAX;
	void (*script)(void) = scripts[_i % COUNT(scripts)];
	char *plain = heard_with(script, -1, 0), *heard;
	int i, n = steps;

	ck_assert_int_gt(n, 1);
	ck_assert_uint_gt(strlen(plain), 0);
	for (i = -1; i < n; i++) {
		heard = heard_with(script, i, bits);
		ck_assert_str_eq(heard, plain);
		free(heard);
	}
	free(plain);
}
END_TEST

/* ---- what a move is ------------------------------------------------------ */

/* The master counts its connections, and forgets no session. */
START_TEST(test_told)
{
	const void *data;

	ck_assert_int_eq(kit_move(), 1);
	ck_assert_uint_eq(kit.sessions.count, 1);
	ck_assert_uint_eq(kit.ngiven, 0);
	ck_assert_uint_eq(kit_told(MSG_CLOSED, &data), 0);
}
END_TEST

static struct msg_session moved;

static void
remember(struct msg_session *m)
{
	moved = *m;
}

/* Sixty bytes or a megabyte: the latter has memory of its own. */
START_TEST(test_large)
{
	struct queue_request req;
	int fd, i;

	kit_say(client, CALL);
	fd = kit_take(&req);
	kit_begun(fd, &req, true);
	for (i = 0; i < 100; i++)
		put_row(fd, i == 0);
	ck_assert_int_eq(kit_move_changed(remember), 1);
	ck_assert(moved.apart);
	ck_assert_uint_eq(moved.nreplies, 1);
	ck_assert_uint_eq(moved.state.len, 0);
	kit_end(fd);
	ck_assert_uint_gt(strlen(kit_heard(client)), 100 * 1000);
}
END_TEST

/* A poll that waits ends with 6; the connection asks for the same session
 * again, and is to be sent on by the master. */
START_TEST(test_poll)
{
	struct msg_session m = { .transport = MSG_POLLING,
	    .origin = MSG_GRANT_YES, .origin_key = "k" };
	const void *data;
	char get[256];
	int poll;

	close(kit_session(&m, ""));
	snprintf(get, sizeof(get), "GET /socket.io/?EIO=4&transport=polling"
	    "&sid=%s HTTP/1.1\r\nHost: x\r\n\r\n", m.sid);
	poll = kit_route(get);
	ck_assert_str_eq(kit_bytes(poll), "");
	ck_assert_int_eq(kit_move_changed(remember), 2);
	ck_assert_ptr_nonnull(strstr(kit_bytes(poll), "\r\n\r\n6"));
	ck_assert_uint_eq(kit.sessions.count, 2);
	ck_assert_uint_eq(kit_told(MSG_CLOSED, &data), 0);
	close(poll);
}
END_TEST

/* While an upgrade is tried the session stays; when it is done, it goes. */
START_TEST(test_not_at_rest)
{
	struct msg_session m = { .transport = MSG_POLLING,
	    .origin = MSG_GRANT_YES, .origin_key = "k" };
	const void *data;
	char get[512];
	int probe;

	kit_say(client, "1");
	close(kit_session(&m, ""));
	snprintf(get, sizeof(get), "GET /socket.io/?EIO=4&transport=websocket"
	    "&sid=%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
	    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", m.sid);
	probe = kit_route(get);
	ck_assert_int_eq(move_watch(&kit), 0);
	move_start(&kit);
	ck_assert_uint_eq(kit_told(MSG_SESSION, &data), 0);
	kit_say(probe, "2probe");
	kit_say(probe, "5");
	move_step(&kit);
	ck_assert_uint_gt(kit_told(MSG_SESSION, &data), 0);
	ck_assert_uint_eq(kit.sessions.count, 0);
	move_free(&kit);
	close(probe);
}
END_TEST

/* The master did not know yet that the session has gone. */
START_TEST(test_route_behind)
{
	struct msg_session m = { .transport = MSG_POLLING,
	    .origin = MSG_GRANT_YES, .origin_key = "k" };
	const void *data;
	char get[256];
	int poll;

	close(kit_session(&m, ""));
	ck_assert_int_eq(kit_move(), 2);
	snprintf(get, sizeof(get), "GET /socket.io/?EIO=4&transport=polling"
	    "&sid=%s HTTP/1.1\r\nHost: x\r\n\r\n", m.sid);
	ck_assert_int_eq(move_watch(&kit), 0);
	move_start(&kit);
	poll = kit_route(get);
	ck_assert_str_eq(kit_bytes(poll), "");
	ck_assert_uint_gt(kit_told(MSG_BACK, &data), 0);
	move_free(&kit);
	close(poll);
}
END_TEST

/* ---- another generation -------------------------------------------------- */

static void
renew(struct msg_session *m)
{
	m->generation = 2;
}

static const struct {
	const char *settings;
	bool lives;
} generations[] = {
	{ CONF, true },
	{ "key \"k\" { psk = \"y\" } socketio { namespaces = { \"/a\","
	  " \"/\" } }", true },
	{ "key \"other\" { psk = \"x\" }", false },
	{ "key \"k\" { psk = \"x\" } socketio { namespaces = { \"/a\" } }",
	  false }
};

/* The old one is no more: names are looked up in the new one. */
START_TEST(test_generation)
{
	struct queue_request req;
	const void *data;
	int fd;

	kit_generation(2, generations[_i].settings);
	ck_assert_int_eq(kit_move_changed(renew), 1);
	if (!generations[_i].lives) {
		ck_assert_uint_gt(kit_told(MSG_CLOSED, &data), 0);
		ck_assert_str_eq(kit_heard(client), "close 1001\n");
		return;
	}
	kit_say(client, CALL);
	fd = kit_take(&req);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(req.generation, 2);
	close(fd);
}
END_TEST

/* ---- what is not sound --------------------------------------------------- */

static size_t cut_at, full;

static void
cut(struct msg_session *m)
{
	full = m->state.len;
	m->state.len = cut_at;
}

/* A piece of a state ends the session, wherever it was cut. */
START_TEST(test_pieces)
{
	struct queue_request req;
	int other;

	for (cut_at = 0, full = 1; cut_at < full; cut_at++) {
		other = kit_joined();
		kit_say(other, "451-1[\"one\",{\"_placeholder\":true}]");
		kit_say(client, CALL);
		close(kit_take(&req));
		ck_assert_int_ge(kit_move_changed(cut), 1);
		kit_turn();
		ck_assert_uint_eq(kit.sessions.count, 0);
		close(other);
		close(client);
		client = kit_joined();
	}
}
END_TEST

static void
one_more(struct msg_session *m)
{
	m->nreplies++;
}

static void
no_version(struct msg_session *m)
{
	static char state[256];

	memcpy(state, m->state.data, sizeof(state) < m->state.len ?
	    sizeof(state) : m->state.len);
	state[0] = MOVE_VERSION + 1;
	m->state.data = state;
}

START_TEST(test_later_version)
{
	ck_assert_int_eq(kit_move_changed(no_version), 1);
	ck_assert_uint_eq(kit.sessions.count, 0);
	ck_assert_str_eq(kit_heard(client), "close 1001\n");
}
END_TEST

/* Descriptors that are not what the message says: it is not taken. */
START_TEST(test_descriptors)
{
	const void *data;

	ck_assert_int_eq(kit_move_changed(one_more), 1);
	ck_assert_uint_eq(kit.sessions.count, 0);
	ck_assert_uint_eq(kit_told(MSG_ADOPTED, &data), 0);
}
END_TEST

int
main(void)
{
	TCase *plain = tcase_create("scripts"), *tc = tcase_create("moves");

	tcase_set_timeout(plain, 60);
	tcase_add_loop_test(plain, test_script, 0, 2 * COUNT(scripts));
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_told);
	tcase_add_test(tc, test_large);
	tcase_add_test(tc, test_poll);
	tcase_add_test(tc, test_not_at_rest);
	tcase_add_test(tc, test_route_behind);
	tcase_add_loop_test(tc, test_generation, 0, COUNT(generations));
	tcase_add_test(tc, test_pieces);
	tcase_add_test(tc, test_later_version);
	tcase_add_test(tc, test_descriptors);
	return unit_run("move", plain, tc);
}
