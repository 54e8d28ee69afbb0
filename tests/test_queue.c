/*
 * The work queue: no request is lost or doubled, however many read it, and
 * nothing that is no request gets through.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/queue.h"
#include "unit.h"

#define READERS 4
#define REQUESTS 2000

static int write_fd, read_fd;
static struct queue_request req, got;
static struct buf body;

static void
start(void)
{
	struct err err;

	ck_assert_int_eq(queue_pair(&write_fd, &read_fd, &err), 0);
	req = (struct queue_request){ .id = 0x1122334455667788,
		.deadline_ms = 1234567890123, .worker = 2, .generation = 3,
		.collector = "GetCompanies", .key = "demo", .nsp = "/",
		.options = { "{\"select\":[]}", 13 } };
	buf_init(&body, 0);
}

static void
stop(void)
{
	close(write_fd);
	close(read_fd);
	buf_fini(&body);
}

/* Put the request; returns the caller's reply socket. */
static int
put(void)
{
	int reply;

	ck_assert_int_eq(queue_put(write_fd, &req, &reply), FDPASS_OK);
	return reply;
}

static enum fdpass_result
take(int *reply_out)
{
	return queue_take(read_fd, &got, &body, reply_out);
}

START_TEST(test_fields)
{
	int mine = put(), theirs;
	char text[8];

	ck_assert_int_eq(take(&theirs), FDPASS_OK);
	ck_assert(got.id == req.id);
	ck_assert(got.deadline_ms == req.deadline_ms);
	ck_assert_uint_eq(got.worker, 2);
	ck_assert_uint_eq(got.generation, 3);
	ck_assert_str_eq(got.collector, "GetCompanies");
	ck_assert_str_eq(got.key, "demo");
	ck_assert_str_eq(got.nsp, "/");
	ck_assert_uint_eq(got.options.len, 13);
	ck_assert_mem_eq(got.options.data, "{\"select\":[]}", 13);
	/* The reply goes back, and its end tells both sides. */
	ck_assert_int_eq(write(theirs, "answer", 6), 6);
	ck_assert_int_eq(read(mine, text, sizeof(text)), 6);
	close(theirs);
	ck_assert_int_eq(read(mine, text, sizeof(text)), 0);
	close(mine);
	ck_assert_int_eq(take(&theirs), FDPASS_AGAIN);
}
END_TEST

/* On both sides of the border between socket and memfd. */
static const size_t sizes[] = { 0, 1, 1000, QUEUE_BODY_INLINE - 100,
	QUEUE_BODY_INLINE, QUEUE_BODY_INLINE + 1, 3 * 1024 * 1024 };

START_TEST(test_sizes)
{
	char *text = malloc(sizes[_i] + 1);
	int mine, theirs;

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < sizes[_i]; i++)
		text[i] = (char)('a' + i % 23);
	req.options = (struct msg_bytes){ text, sizes[_i] };
	mine = put();
	ck_assert_int_eq(queue_unread(write_fd), 1);
	ck_assert_int_eq(queue_taken(mine), 0);
	ck_assert_int_eq(take(&theirs), FDPASS_OK);
	ck_assert_int_eq(queue_taken(mine), 1);
	ck_assert_uint_eq(got.options.len, sizes[_i]);
	if (sizes[_i] > 0)
		ck_assert_mem_eq(got.options.data, text, sizes[_i]);
	close(mine);
	close(theirs);
	free(text);
}
END_TEST

/*
 * The end of a reply before its body was read, and after: on both sides of the
 * border between socket and memfd.  The odd ones are read.
 */
START_TEST(test_ends)
{
	static char text[QUEUE_BODY_INLINE];
	char head[64], byte;
	int fds[FDPASS_FDS_MAX], mine, theirs;
	size_t len, nfds;

	req.options = (struct msg_bytes){ text, _i < 2 ? 10 : sizeof(text) };
	mine = put();
	if (_i % 2 == 1) {
		ck_assert_int_eq(take(&theirs), FDPASS_OK);
		close(theirs);
	} else {
		ck_assert_int_eq(fdpass_recv(read_fd, head, sizeof(head), &len,
		    fds, &nfds), FDPASS_OK);
		ck_assert_uint_eq(nfds, _i < 2 ? 1 : 2);
		while (nfds > 0)
			close(fds[--nfds]);
		ck_assert_int_eq(read(mine, &byte, 1), -1);
		ck_assert_int_eq(errno, ECONNRESET);
	}
	ck_assert_int_eq(read(mine, &byte, 1), 0);
	ck_assert_int_eq(queue_taken(mine), 1);
	close(mine);
	ck_assert_int_eq(queue_taken(-1), -1);
}
END_TEST

START_TEST(test_too_large)
{
	int reply;
	char *text;

	req.options.len = QUEUE_BODY_MAX;
	text = calloc(1, req.options.len);
	ck_assert_ptr_nonnull(text);
	req.options.data = text;
	ck_assert_int_eq(queue_put(write_fd, &req, &reply), FDPASS_BAD);
	free(text);
	ck_assert_int_eq(queue_unread(write_fd), 0);
}
END_TEST

START_TEST(test_unread_and_full)
{
	enum fdpass_result result;
	int replies[1000], n = 0, reply;

	while ((result = queue_put(write_fd, &req, &replies[n])) == FDPASS_OK)
		ck_assert_int_eq(queue_unread(write_fd), ++n);
	ck_assert_int_eq(result, FDPASS_AGAIN);
	ck_assert_int_gt(n, 100);
	queue_kick(write_fd);
	for (int i = 0; i < n; i++) {
		ck_assert_int_eq(queue_unread(write_fd), n - i);
		ck_assert_int_eq(take(&reply), FDPASS_OK);
		close(reply);
		close(replies[i]);
	}
	ck_assert_int_eq(queue_unread(write_fd), 0);
}
END_TEST

/* On both sides of the border between socket and memfd. */
START_TEST(test_given_up)
{
	static char text[QUEUE_BODY_INLINE];
	int reply;

	req.options = (struct msg_bytes){ text, _i == 0 ? 10 : sizeof(text) };
	close(put());
	ck_assert_int_eq(take(&reply), FDPASS_AGAIN);
	ck_assert_int_eq(queue_unread(write_fd), 0);
}
END_TEST

START_TEST(test_kick)
{
	struct pollfd p = { .fd = read_fd, .events = POLLIN };
	int reply;

	queue_kick(write_fd);
	ck_assert_int_eq(poll(&p, 1, 0), 1);
	ck_assert_int_eq(queue_unread(write_fd), 1);
	ck_assert_int_eq(take(&reply), FDPASS_AGAIN);
	ck_assert_int_eq(poll(&p, 1, 0), 0);
}
END_TEST

START_TEST(test_gone)
{
	int reply;

	close(write_fd);
	write_fd = -1;
	ck_assert_int_eq(take(&reply), FDPASS_GONE);
	ck_assert_int_eq(queue_unread(-1), -1);
}
END_TEST

/* Nothing flows back: no reader can trouble the writers. */
START_TEST(test_backwards)
{
	ck_assert_int_eq(fdpass_send(read_fd, "x", 1, NULL, 0), FDPASS_GONE);
}
END_TEST

/* kind, worker, id, deadline, generation, bytes of body */
#define HEAD(kind, body)						\
	kind "\0\0\0" "\1\0\0\0" "\1\0\0\0\0\0\0\0" "\0\0\0\0\0\0\0\0"	\
	"\1\0\0\0" body

static const struct {
	const char *head;
	size_t len;
	size_t nfds;		/* descriptors with it: reply sockets all */
	const char *body;
	size_t body_len;
} wrong[] = {
#define ROW(head, nfds, body)						\
	{ head, sizeof(head) - 1, nfds, body, sizeof(body) - 1 }
#define FINE "\1\0\0\0a\1\0\0\0b\1\0\0\0/\0\0\0\0"
	ROW("x", 0, ""),
	ROW(HEAD("\1", "\23\0\0\0") "x", 1, FINE),	/* head too long */
	ROW(HEAD("\3", "\23\0\0\0"), 1, FINE),		/* no such kind */
	ROW(HEAD("\1", "\23\0\0\0"), 0, FINE),		/* no reply socket */
	ROW(HEAD("\1", "\23\0\0\0"), 2, FINE),		/* one too many */
	ROW(HEAD("\1", "\22\0\0\0"), 1, FINE),		/* not its length */
	ROW(HEAD("\1", "\24\0\0\0"), 1, FINE),
	ROW(HEAD("\1", "\377\377\377\377"), 1, FINE),
	ROW(HEAD("\1", "\0\0\0\0"), 1, FINE),
	ROW(HEAD("\2", "\23\0\0\0"), 1, FINE),		/* no memfd */
	ROW(HEAD("\2", "\23\0\0\0"), 2, FINE),		/* a socket instead */
	ROW(HEAD("\1", "\3\0\0\0"), 1, "abc"),		/* body not formed */
	ROW(HEAD("\1", "\24\0\0\0"), 1, FINE "x"),	/* left over */
};

START_TEST(test_wrong)
{
	int reply, ends[2], fds[2];
	char byte;

	ck_assert_int_eq(fdpass_pair(ends, NULL), 0);
	fds[0] = fds[1] = ends[1];
	if (wrong[_i].body_len > 0)
		ck_assert_int_gt(write(ends[0], wrong[_i].body,
		    wrong[_i].body_len), 0);
	ck_assert_int_eq(fdpass_send(write_fd, wrong[_i].head, wrong[_i].len,
	    fds, wrong[_i].nfds), FDPASS_OK);
	close(ends[1]);
	ck_assert_int_eq(take(&reply), FDPASS_BAD);
	/* Dropped: the asker sees the end of its reply. */
	if (wrong[_i].nfds > 0)
		ck_assert_int_le(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}
END_TEST

/* A reader in its own process: count each request it takes. */
static _Noreturn void
read_all(_Atomic unsigned int *taken)
{
	struct pollfd p = { .fd = read_fd, .events = POLLIN };
	int reply;

	close(write_fd);
	for (;;) {
		poll(&p, 1, 250);
		switch (take(&reply)) {
		case FDPASS_OK:
			taken[got.id]++;
			if (write(reply, &got.id, sizeof(got.id)) < 0)
				_exit(1);
			close(reply);
			break;
		case FDPASS_AGAIN:
			break;
		case FDPASS_GONE:
			_exit(0);
		case FDPASS_BAD:
			_exit(1);
		}
	}
}

/* Put all requests with a few out at a time, and check the answers. */
static void
ask_all(void)
{
	int replies[8];
	uint64_t id;

	for (unsigned int i = 0; i < REQUESTS; i += 8) {
		for (unsigned int k = 0; k < 8; k++) {
			req.id = i + k;
			replies[k] = put();
		}
		for (unsigned int k = 0; k < 8; k++) {
			struct pollfd p = { .fd = replies[k],
				.events = POLLIN };

			ck_assert_int_eq(poll(&p, 1, 10000), 1);
			ck_assert_int_eq(read(replies[k], &id, sizeof(id)),
			    sizeof(id));
			ck_assert_uint_eq(id, i + k);
			close(replies[k]);
		}
	}
}

START_TEST(test_many_readers)
{
	_Atomic unsigned int *taken;
	pid_t pids[READERS];
	int status;

	taken = mmap(NULL, REQUESTS * sizeof(taken[0]),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(taken, MAP_FAILED);
	for (int i = 0; i < READERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			read_all(taken);
		ck_assert_int_gt(pids[i], 0);
	}
	ask_all();
	close(write_fd);
	write_fd = -1;
	for (int i = 0; i < READERS; i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	for (int i = 0; i < REQUESTS; i++)
		ck_assert_uint_eq(taken[i], 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("queue");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_fields);
	tcase_add_loop_test(tc, test_sizes, 0, 7);
	tcase_add_loop_test(tc, test_ends, 0, 4);
	tcase_add_test(tc, test_too_large);
	tcase_add_test(tc, test_unread_and_full);
	tcase_add_loop_test(tc, test_given_up, 0, 2);
	tcase_add_test(tc, test_kick);
	tcase_add_test(tc, test_gone);
	tcase_add_test(tc, test_backwards);
	tcase_add_loop_test(tc, test_wrong, 0, COUNT(wrong));
	tcase_add_test(tc, test_many_readers);
	return unit_run("queue", tc);
}
