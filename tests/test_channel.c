/*
 * A channel delivers everything in order, also what did not fit at once and
 * what a dead peer had sent, and bears being freed by its own handlers.
 */
#include <event2/event.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/channel.h"
#include "ipc/fdpass.h"
#include "ipc/msg.h"
#include "unit.h"

/* In front of a message's number: no type of the catalogue. */
#define MARK 0xff

/* What a handler saw, and what it is to do. */
struct side {
	struct channel *ch;
	unsigned int messages, gones, wrong;
	size_t nfds;
	int kept;		/* the last message's first descriptor */
	bool keep;		/* the descriptors */
	bool free_on_message, free_on_gone, drain_on_message;
	bool disorder;
};

static struct event_base *base;
static struct side left, right;
static struct buf msg;

static void
on_message(void *ctx, const void *data, size_t len, int *fds, size_t nfds)
{
	struct side *side = ctx;
	unsigned int number;

	if (len == 1) {
		side->wrong++;
		return;
	}
	ck_assert_uint_ge(len, 1 + sizeof(number));
	memcpy(&number, (const char *)data + 1, sizeof(number));
	if (number != side->messages)
		side->disorder = true;
	side->messages++;
	side->nfds += nfds;
	if (side->keep && nfds > 0) {
		side->kept = fds[0];
		fds[0] = -1;
	}
	if (side->drain_on_message)
		channel_drain(side->ch);
	if (side->free_on_message)
		channel_free(&side->ch);
}

static void
on_gone(void *ctx)
{
	struct side *side = ctx;

	side->gones++;
	if (side->free_on_gone)
		channel_free(&side->ch);
}

static const struct channel_handlers handlers = { on_message, on_gone };

static void
start(void)
{
	struct err err;
	int ends[2];

	log_set_level(LOG_LEVEL_ERROR);
	base = event_base_new();
	ck_assert_int_eq(fdpass_pair(ends, &err), 0);
	memset(&left, 0, sizeof(left));
	memset(&right, 0, sizeof(right));
	left.kept = right.kept = -1;
	left.ch = channel_new(base, ends[0], &handlers, &left);
	right.ch = channel_new(base, ends[1], &handlers, &right);
	ck_assert_ptr_nonnull(left.ch);
	ck_assert_ptr_nonnull(right.ch);
	buf_init(&msg, 0);
}

static void
stop(void)
{
	channel_free(&left.ch);
	channel_free(&right.ch);
	event_base_free(base);
	buf_fini(&msg);
}

/* Message number n of len bytes; send_number(): with a descriptor or none. */
static void
write_number(unsigned int n, size_t len)
{
	char *room;

	buf_clear(&msg);
	room = buf_room(&msg, len);
	ck_assert_ptr_nonnull(room);
	memset(room, MARK, len);
	memcpy(room + 1, &n, sizeof(n));
	buf_added(&msg, len);
}

static void
send_number(unsigned int n, size_t len, int fd)
{
	write_number(n, len);
	ck_assert_int_eq(channel_send(left.ch, &msg, &fd, fd >= 0 ? 1 : 0),
	    0);
}

static void
note_number(unsigned int n, size_t len)
{
	write_number(n, len);
	ck_assert_int_eq(channel_note(left.ch, &msg), 0);
}

static void
turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

START_TEST(test_one)
{
	send_number(0, 100, -1);
	ck_assert_uint_eq(right.messages, 0);
	turn();
	ck_assert_uint_eq(right.messages, 1);
	ck_assert_uint_eq(left.messages, 0);
	ck_assert_uint_eq(channel_queued(left.ch), 0);
}
END_TEST

/* Far more than the kernel holds, with a descriptor in every tenth. */
START_TEST(test_backlog)
{
	int pipes[2];
	char byte;

	ck_assert_int_eq(pipe(pipes), 0);
	for (unsigned int i = 0; i < 1000; i++)
		send_number(i, 2 + i % 7 * 5000 + sizeof(i),
		    i % 10 == 0 ? pipes[1] : -1);
	ck_assert_uint_gt(channel_queued(left.ch), 0);
	/* A queued message holds its own: ours may go. */
	close(pipes[1]);
	for (int i = 0; i < 10000 && right.messages < 1000; i++)
		turn();
	ck_assert_uint_eq(right.messages, 1000);
	ck_assert(!right.disorder);
	ck_assert_uint_eq(right.nfds, 100);
	ck_assert_uint_eq(channel_queued(left.ch), 0);
	/* All copies are closed: the pipe has no writer any more. */
	ck_assert_int_eq(read(pipes[0], &byte, 1), 0);
	close(pipes[0]);
}
END_TEST

START_TEST(test_keep_descriptor)
{
	int pipes[2];
	char byte;

	right.keep = true;
	ck_assert_int_eq(pipe(pipes), 0);
	send_number(0, 8, pipes[1]);
	close(pipes[1]);
	turn();
	ck_assert_int_ge(right.kept, 0);
	ck_assert_int_eq(write(right.kept, "x", 1), 1);
	close(right.kept);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	close(pipes[0]);
}
END_TEST

/* First everything that it sent, then the end, then nothing. */
START_TEST(test_gone)
{
	for (unsigned int i = 0; i < 100; i++)
		send_number(i, 8, -1);
	channel_free(&left.ch);
	for (int i = 0; i < 100; i++)
		turn();
	ck_assert_uint_eq(right.messages, 100);
	ck_assert_uint_eq(right.gones, 1);
	/* To send to a dead peer is no error: gone() has been told. */
	ck_assert_int_eq(channel_send(right.ch, &msg, NULL, 0), 0);
	turn();
	ck_assert_uint_eq(right.gones, 1);
}
END_TEST

START_TEST(test_gone_with_backlog)
{
	for (unsigned int i = 0; i < 1000; i++)
		send_number(i, 5000, -1);
	channel_free(&right.ch);
	for (int i = 0; i < 100; i++)
		turn();
	ck_assert_uint_eq(left.gones, 1);
	ck_assert_uint_eq(channel_queued(left.ch), 0);
}
END_TEST

START_TEST(test_drain)
{
	for (unsigned int i = 0; i < 100; i++)
		send_number(i, 8, -1);
	channel_drain(right.ch);
	ck_assert_uint_eq(right.messages, 100);
	ck_assert_uint_eq(right.gones, 0);
	channel_free(&left.ch);
	channel_drain(right.ch);
	channel_drain(right.ch);
	ck_assert_uint_eq(right.gones, 1);
}
END_TEST

START_TEST(test_drain_inside_message)
{
	right.drain_on_message = true;
	for (unsigned int i = 0; i < 10; i++)
		send_number(i, 8, -1);
	turn();
	ck_assert_uint_eq(right.messages, 10);
	ck_assert(!right.disorder);
}
END_TEST

START_TEST(test_free_inside_message)
{
	right.free_on_message = true;
	send_number(0, 8, 0);
	send_number(1, 8, 0);
	turn();
	turn();
	ck_assert_uint_eq(right.messages, 1);
	ck_assert_ptr_null(right.ch);
	ck_assert_uint_eq(left.gones, 1);
}
END_TEST

START_TEST(test_free_inside_gone)
{
	right.free_on_gone = true;
	channel_free(&left.ch);
	turn();
	ck_assert_uint_eq(right.gones, 1);
	ck_assert_ptr_null(right.ch);
}
END_TEST

/* Together, in their order, and nothing overtakes them. */
START_TEST(test_notes)
{
	for (unsigned int i = 0; i < 100; i++)
		note_number(i, 8 + i);
	send_number(100, 8, -1);
	note_number(101, 8);
	note_number(102, 10000);
	note_number(103, 8);
	for (int i = 0; i < 10; i++)
		turn();
	ck_assert_uint_eq(right.messages, 104);
	ck_assert(!right.disorder);
	ck_assert_uint_eq(right.wrong, 0);
}
END_TEST

/* What was noted before the end is told. */
START_TEST(test_notes_at_end)
{
	note_number(0, 8);
	channel_free(&left.ch);
	turn();
	turn();
	ck_assert_uint_eq(right.messages, 1);
	ck_assert_uint_eq(right.gones, 1);
}
END_TEST

START_TEST(test_free_inside_notes)
{
	right.free_on_message = true;
	note_number(0, 8);
	note_number(1, 8);
	turn();
	turn();
	ck_assert_uint_eq(right.messages, 1);
	ck_assert_ptr_null(right.ch);
}
END_TEST

/* Lengths that lie are given to those who refuse them. */
START_TEST(test_notes_unsound)
{
	static const char *const lies[] = {
		"?\0\0\0\0", "?\2\0\0\0x", "?\1\0\0"
	};
	static const size_t len[] = { 5, 6, 4 };

	for (size_t i = 0; i < 3; i++) {
		buf_clear(&msg);
		ck_assert_int_eq(buf_put(&msg, lies[i], len[i]), 0);
		msg.data[0] = MSG_SEVERAL;
		ck_assert_int_eq(channel_send(left.ch, &msg, NULL, 0), 0);
		turn();
		ck_assert_uint_eq(right.wrong, i + 1);
	}
	ck_assert_uint_eq(right.messages, 0);
}
END_TEST

START_TEST(test_refused)
{
	int fds[FDPASS_FDS_MAX + 1] = { 0 };

	ck_assert_int_eq(channel_send(left.ch, &msg, NULL, 0), -1);
	ck_assert_int_eq(buf_puts(&msg, "x"), 0);
	ck_assert_int_eq(channel_send(left.ch, &msg, fds, FDPASS_FDS_MAX + 1),
	    -1);
	ck_assert_ptr_nonnull(buf_room(&msg, FDPASS_BYTES_MAX));
	memset(msg.data + 1, 'x', FDPASS_BYTES_MAX);
	buf_added(&msg, FDPASS_BYTES_MAX);
	ck_assert_int_eq(channel_send(left.ch, &msg, NULL, 0), -1);
	turn();
	ck_assert_uint_eq(right.messages, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("channel");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_one);
	tcase_add_test(tc, test_backlog);
	tcase_add_test(tc, test_keep_descriptor);
	tcase_add_test(tc, test_gone);
	tcase_add_test(tc, test_gone_with_backlog);
	tcase_add_test(tc, test_drain);
	tcase_add_test(tc, test_drain_inside_message);
	tcase_add_test(tc, test_free_inside_message);
	tcase_add_test(tc, test_free_inside_gone);
	tcase_add_test(tc, test_notes);
	tcase_add_test(tc, test_notes_at_end);
	tcase_add_test(tc, test_free_inside_notes);
	tcase_add_test(tc, test_notes_unsound);
	tcase_add_test(tc, test_refused);
	return unit_run("channel", tc);
}
