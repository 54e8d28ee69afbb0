/*
 * Answers: what a collector replies, or fails to reply, becomes exactly one
 * acknowledgement, or the end of the connection.
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session_kit.h"
#include "unit.h"

#define CONF "limits { stream_bytes = 4K } key \"k\" { psk = \"x\" }"
#define CALL "421[\"one\",{\"a\":1}]"

static struct queue_request req;
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

/* Call, and take the request as a collector. */
static int
asked(void)
{
	int fd;

	kit_say(client, CALL);
	fd = kit_take(&req);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static int
begun(void)
{
	int fd = asked();

	kit_begun(fd, &req, false);
	return fd;
}

START_TEST(test_request)
{
	int fd = asked();

	ck_assert_str_eq(req.collector, "one");
	ck_assert_str_eq(req.key, "k");
	ck_assert_str_eq(req.nsp, "/");
	ck_assert_uint_eq(req.worker, 1);
	ck_assert_uint_eq(req.generation, 1);
	ck_assert_uint_eq(req.options.len, 7);
	ck_assert_mem_eq(req.options.data, "{\"a\":1}", 7);
	close(fd);
}
END_TEST

START_TEST(test_whole)
{
	int fd = begun();

	kit_rows(fd, "{\"i\":1},{\"i", false);
	kit_rows(fd, "\":2}", true);
	ck_assert_str_eq(kit_heard(client), "");
	kit_end(fd);
	ck_assert_str_eq(kit_heard(client), "431[{\"success\":true,"
	    "\"data\":[{\"i\":1},{\"i\":2}]}]\n");
}
END_TEST

START_TEST(test_no_rows)
{
	kit_end(begun());
	ck_assert_str_eq(kit_heard(client),
	    "431[{\"success\":true,\"data\":[]}]\n");
}
END_TEST

static void
refuse(int fd, const char *text)
{
	const struct reply r = { .type = REPLY_FAILURE, .code = ERR_DATABASE,
	    .text = { text, strlen(text) } };

	kit_reply(fd, &r);
	kit_end(fd);
}

START_TEST(test_failure)
{
	int fd = begun();

	kit_rows(fd, "{\"i\":1}", true);
	refuse(fd, "no \"x\"\n\xff");
	ck_assert_str_eq(kit_heard(client), "431[{\"success\":false,"
	    "\"error\":\"No \\\"x\\\"\\n\xef\xbf\xbd\","
	    "\"code\":\"DATABASE\"}]\n");
}
END_TEST

/* Rows of more than stream_bytes: "{...}" first, ",{...}" behind it. */
static void
many_rows(int fd)
{
	char row[1000], *p = row;
	int i;

	for (i = 0; i < 5; i++) {
		memset(row, 'x', sizeof(row));
		p = row;
		*p++ = i == 0 ? ' ' : ',';
		*p = '"';
		row[998] = '"';
		row[999] = '\0';
		kit_rows(fd, row, true);
	}
}

/* A streamed answer: is it what begins and ends so, behind a ping? */
static void
check_streamed(const char *end)
{
	const char *heard = kit_heard(client);
	size_t len = strlen(heard);

	ck_assert_int_eq(strncmp(heard, "2\n431[{\"data\":[ \"xxx", 20), 0);
	ck_assert_uint_gt(len, 5000);
	ck_assert_str_eq(heard + len - strlen(end), end);
}

START_TEST(test_streamed)
{
	int fd = begun();

	many_rows(fd);
	kit_end(fd);
	check_streamed("xxx\"],\"success\":true}]\n");
}
END_TEST

START_TEST(test_streamed_failure)
{
	int fd = begun();

	many_rows(fd);
	kit_rows(fd, ",{\"not whole\":", false);
	refuse(fd, "no");
	check_streamed("xxx\"],\"success\":false,\"error\":\"No\","
	    "\"code\":\"DATABASE\"}]\n");
}
END_TEST

START_TEST(test_streamed_lost)
{
	int fd = begun();

	many_rows(fd);
	kit_rows(fd, ",{\"not whole\":", false);
	kit_die(fd);
	check_streamed("\"code\":\"WORKER_LOST\"}]\n");
}
END_TEST

START_TEST(test_huge_row_lost)
{
	static char part[60001];
	int fd = begun(), i;

	memset(part, 'x', sizeof(part) - 1);
	for (i = 0; i < 30; i++) {
		kit_rows(fd, part, false);
		kit_heard(client);
	}
	kit_die(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "close 0\n"));
}
END_TEST

START_TEST(test_asked_again)
{
	int fd;

	kit_say(client, CALL);
	kit_drop();
	ck_assert_str_eq(kit_heard(client), "");
	fd = kit_take(&req);
	ck_assert_int_ge(fd, 0);
	kit_begun(fd, &req, false);
	kit_end(fd);
	ck_assert_str_eq(kit_heard(client),
	    "431[{\"success\":true,\"data\":[]}]\n");
}
END_TEST

START_TEST(test_asked_again_only_once)
{
	kit_say(client, CALL);
	kit_drop();
	kit_drop();
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "WORKER_LOST"));
	ck_assert_int_eq(kit_take(&req), -1);
}
END_TEST

START_TEST(test_lost_after_begun)
{
	kit_die(begun());
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "WORKER_LOST"));
	ck_assert_int_eq(kit_take(&req), -1);
}
END_TEST

/* It has said nothing, but who has taken a request may have run it. */
START_TEST(test_lost_after_taken)
{
	kit_die(asked());
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "WORKER_LOST"));
	ck_assert_int_eq(kit_take(&req), -1);
}
END_TEST

/* One after the other they use the same pair; but not after a loss. */
START_TEST(test_same_pair)
{
	struct stat first, other;
	int fd = asked();

	ck_assert_int_eq(fstat(fd, &first), 0);
	kit_begun(fd, &req, false);
	kit_end(fd);
	fd = asked();
	ck_assert_int_eq(fstat(fd, &other), 0);
	ck_assert(first.st_ino == other.st_ino);
	kit_heard(client);
	kit_die(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "WORKER_LOST"));
	fd = asked();
	ck_assert_int_eq(fstat(fd, &other), 0);
	ck_assert(first.st_ino != other.st_ino);
	close(fd);
}
END_TEST

/* One message is the whole reply. */
START_TEST(test_answer)
{
	struct reply r = { .type = REPLY_ANSWER, .text = { "{\"i\":1}", 7 } };
	int fd = asked();

	r.id = req.id;
	kit_reply(fd, &r);
	ck_assert_str_eq(kit_heard(client),
	    "431[{\"success\":true,\"data\":[{\"i\":1}]}]\n");
	close(fd);
	fd = asked();
	r.id = req.id;
	r.text.len = 0;
	kit_reply(fd, &r);
	ck_assert_str_eq(kit_heard(client),
	    "431[{\"success\":true,\"data\":[]}]\n");
	close(fd);
}
END_TEST

START_TEST(test_refusal)
{
	struct reply r = { .type = REPLY_REFUSAL, .code = ERR_BAD_OPTIONS,
	    .text = { "no", 2 } };
	int fd = asked();

	r.id = req.id;
	kit_reply(fd, &r);
	ck_assert_str_eq(kit_heard(client), "431[{\"success\":false,"
	    "\"error\":\"No\",\"code\":\"BAD_OPTIONS\"}]\n");
	close(fd);
}
END_TEST

/*
 * Of a collector of an older binary, to which the request was put before it
 * moved here; rows that are copied, and rows that are not.  Loop index: which.
 */
START_TEST(test_first_version)
{
	static char rows[REPLY_BYTES_MAX] = "\2\1";
	char begun_as[16] = "\1";
	const size_t n = _i == 0 ? 10 : sizeof(rows) - 8;
	int fd = asked();

	for (size_t i = 0; i < sizeof(req.id); i++)
		begun_as[8 + i] = (char)(req.id >> 8 * i & 0xff);
	ck_assert_int_eq(send(fd, begun_as, sizeof(begun_as), 0),
	    sizeof(begun_as));
	memset(rows + 8, '1', n);
	ck_assert_int_eq(send(fd, rows, 8 + n, 0), (int)(8 + n));
	ck_assert_int_eq(send(fd, "\5\0\0\0\0\0\0\0", 8, 0), 8);
	kit_turn();
	ck_assert_uint_eq(strspn(strstr(kit_heard(client), "[1") + 1, "1"),
	    n);
	close(fd);
}
END_TEST

START_TEST(test_attachments)
{
	char message[REPLY_HEAD + 3];
	struct reply r = { .type = REPLY_ATTACHMENT };
	int fd = asked();

	kit_begun(fd, &req, true);
	kit_rows(fd, "{\"_placeholder\":true,\"num\":0}", true);
	reply_head(message, &r);
	memcpy(message + REPLY_HEAD, "abc", 3);
	ck_assert_int_eq(send(fd, message, sizeof(message), 0),
	    sizeof(message));
	r.last = true;
	reply_head(message, &r);
	ck_assert_int_eq(send(fd, message, sizeof(message), 0),
	    sizeof(message));
	kit_end(fd);
	ck_assert_str_eq(kit_heard(client), "461-1[{\"success\":true,\"data\":"
	    "[{\"_placeholder\":true,\"num\":0}]}]\nabcabc\n");
}
END_TEST

/* Replies that no collector of ours gives: the session lives on. */
static const struct reply unsound[] = {
	{ .type = REPLY_END },
	{ .type = REPLY_ROWS, .text = { "1", 1 } },
	{ .type = REPLY_BEGUN, .id = 1 },
	{ .type = REPLY_ANSWER, .id = 1 },
	{ .type = REPLY_REFUSAL, .id = 1, .code = ERR_DATABASE },
	{ .type = REPLY_FAILURE, .code = ERR_DATABASE, .text = { "x", 1 } },
	{ .type = REPLY_ATTACHMENT }
};

START_TEST(test_unsound)
{
	int fd = asked();

	kit_reply(fd, &unsound[_i]);
	kit_die(fd);
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "INTERNAL"));
	kit_end(begun());
	ck_assert_ptr_nonnull(strstr(kit_heard(client), "true"));
}
END_TEST

START_TEST(test_caller_gone)
{
	char byte;
	int fd = begun();

	close(client);
	client = -1;
	kit_turn();
	ck_assert_int_eq(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
	close(fd);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("answer");

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, test_request);
	tcase_add_test(t, test_whole);
	tcase_add_test(t, test_no_rows);
	tcase_add_test(t, test_failure);
	tcase_add_test(t, test_streamed);
	tcase_add_test(t, test_streamed_failure);
	tcase_add_test(t, test_streamed_lost);
	tcase_add_test(t, test_huge_row_lost);
	tcase_add_test(t, test_asked_again);
	tcase_add_test(t, test_asked_again_only_once);
	tcase_add_test(t, test_lost_after_begun);
	tcase_add_test(t, test_lost_after_taken);
	tcase_add_test(t, test_same_pair);
	tcase_add_test(t, test_answer);
	tcase_add_test(t, test_refusal);
	tcase_add_loop_test(t, test_first_version, 0, 2);
	tcase_add_test(t, test_attachments);
	tcase_add_loop_test(t, test_unsound, 0, COUNT(unsound));
	tcase_add_test(t, test_caller_gone);
	return unit_run("session_answer", t);
}
