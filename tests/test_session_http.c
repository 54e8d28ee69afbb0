/*
 * Polling: the order of answers on a connection, whose request it is, what
 * ends a session, and the upgrade.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session_kit.h"
#include "worker/session.h"
#include "worker/socketio.h"
#include "unit.h"

#define CONF "key \"k\" { psk = \"x\" }"
#define HOST "Host: x\r\n"
#define UPGRADE HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n"	\
	"Sec-WebSocket-Version: 13\r\n"					\
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static struct msg_session m;

/* A request for the session. */
static const char *
request(const char *method, const char *headers, const char *body)
{
	static char text[8][2048];
	static unsigned int i;
	char *out = text[i++ % 8];

	snprintf(out, sizeof(text[0]), "%s /socket.io/?EIO=4&transport=%s"
	    "&sid=%s HTTP/1.1\r\n%sContent-Length: %zu\r\n\r\n%s", method,
	    strstr(headers, "Upgrade") != NULL ? "websocket" : "polling",
	    m.sid, headers, strlen(body), body);
	return out;
}

static const char *
get(void)
{
	return request("GET", HOST, "");
}

static const char *
post(const char *body)
{
	return request("POST", HOST, body);
}

static void
write_to(int client, const char *text)
{
	ck_assert_int_eq(write(client, text, strlen(text)),
	    (ssize_t)strlen(text));
	kit_turn();
}

/* Bodies of the answers that came, each as "STATUS BODY\n". */
static const char *
answers(int client)
{
	static char out[65536];
	const char *p = kit_bytes(client), *length, *body;
	size_t n;

	out[0] = '\0';
	while (strncmp(p, "HTTP/1.1 ", 9) == 0) {
		body = strstr(p, "\r\n\r\n") + 4;
		length = strstr(p, "Content-Length: ");
		n = length != NULL && length < body ?
		    strtoul(length + 16, NULL, 10) : 0;
		snprintf(out + strlen(out), sizeof(out) - strlen(out),
		    "%.3s %.*s\n", p + 9, (int)n, body);
		p = body + n;
	}
	ck_assert_str_eq(p, "");
	return out;
}

/* The answer to one request on a connection of its own. */
static const char *
ask(const char *text)
{
	int client = kit_route(text);
	const char *out = answers(client);

	close(client);
	kit_turn();
	return out;
}

/* A session of which nothing is unread, and its first connection. */
static int
joined(void)
{
	int client;

	m = (struct msg_session){ .transport = MSG_POLLING,
	    .origin = MSG_GRANT_YES, .origin_key = "k" };
	client = kit_session(&m, "");
	write_to(client, post("40"));
	ck_assert_str_eq(answers(client), "200 ok\n");
	write_to(client, get());
	ck_assert_int_eq(strncmp(answers(client), "200 40{\"sid\":", 12), 0);
	return client;
}

static void
start(void)
{
	kit_start(CONF);
}

START_TEST(test_adopted_first)
{
	struct msg_adopted a;
	const void *data;
	size_t len;
	int client = joined();

	len = kit_told(MSG_ADOPTED, &data);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(msg_get_adopted(data, len, &a), 0);
	ck_assert_uint_eq(a.tag, m.tag);
	close(client);
}
END_TEST

START_TEST(test_pipelined)
{
	int client = joined();
	struct queue_request req;
	int fd;

	write_to(client, get());
	write_to(client, post("427[\"one\"]"));
	/* It is done at once, but its answer waits for the poll's. */
	ck_assert_str_eq(answers(client), "");
	fd = kit_take(&req);
	ck_assert_int_ge(fd, 0);
	kit_begun(fd, &req, false);
	kit_end(fd);
	ck_assert_str_eq(answers(client),
	    "200 437[{\"success\":true,\"data\":[]}]\n200 ok\n");
	close(client);
}
END_TEST

START_TEST(test_byte_by_byte)
{
	int client = joined();
	const char *text = post("3");

	for (; *text != '\0'; text++) {
		ck_assert_str_eq(answers(client), "");
		ck_assert_int_eq(write(client, text, 1), 1);
		kit_turn();
	}
	ck_assert_str_eq(answers(client), "200 ok\n");
	close(client);
}
END_TEST

START_TEST(test_somebody_elses)
{
	static const char *const foreign[] = {
		"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n"
		HOST "\r\n",
		"GET /socket.io/?EIO=4&transport=polling"
		"&sid=aaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\n" HOST "\r\n",
		"GET /elsewhere HTTP/1.1\r\n" HOST "\r\n"
	};
	int client = joined();
	struct msg_route back;
	const void *data;
	size_t len;

	write_to(client, get());
	write_to(client, foreign[_i]);
	ck_assert_str_eq(answers(client), "200 6\n");
	len = kit_told(MSG_BACK, &data);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(msg_get_route(data, len, &back), 0);
	ck_assert_uint_eq(back.bytes.len, strlen(foreign[_i]));
	ck_assert_mem_eq(back.bytes.data, foreign[_i], back.bytes.len);
	close(client);
}
END_TEST

START_TEST(test_routed_is_answered)
{
	strcpy(m.sid, "aaaaaaaaaaaaaaaaaaaa");
	ck_assert_str_eq(ask(get()),
	    "400 {\"code\":1,\"message\":\"Session ID unknown\"}\n");
}
END_TEST

/* What a POST does: to itself, to the poll, and to the next poll. */
static const struct {
	const char *method, *headers, *body, *answer, *poll, *next;
} rows[] = {
	{ "POST", HOST, "3", "200 ok\n", "", NULL },
	{ "POST", HOST, "0", "200 ok\n", "", NULL },
	{ "POST", HOST, "6", "200 ok\n", "", NULL },
	{ "PUT", HOST, "", "500 \n", "", NULL },
	{ "DELETE", HOST, "", "500 \n", "", NULL },
	{ "POST", HOST, "1", "200 ok\n", "200 6\n", "400 {\"code\":1" },
	{ "POST", HOST, "2", "200 ok\n", "200 1\n", "400 {\"code\":1" },
	{ "POST", HOST, "", "200 ok\n", "200 1\n", "400 {\"code\":1" },
	{ "POST", HOST, "x", "200 ok\n", "200 1\n", "400 {\"code\":1" },
	{ "POST", HOST, "3\x1e", "200 ok\n", "200 1\n", "400 {\"code\":1" },
	{ "POST", HOST, "bAAAA", "200 ok\n", "200 1\n", "400 {\"code\":1" },
	{ "POST", HOST, "42[\"disconnect\"]", "200 ok\n", "200 1\n",
	  "400 {\"code\":1" },
	{ "POST", HOST "Content-Type: application/octet-stream\r\n", "3",
	  "400 \n", "200 1\n", "400 {\"code\":1" },
	{ "GET", HOST, "", "400 \n", "200 1\n", "400 {\"code\":1" },
	{ "GET", HOST "Connection: close\r\n", "", "400 \n", "200 1\n",
	  "400 {\"code\":1" }
};

START_TEST(test_rows)
{
	int client = joined();

	write_to(client, get());
	ck_assert_str_eq(ask(request(rows[_i].method, rows[_i].headers,
	    rows[_i].body)), rows[_i].answer);
	ck_assert_str_eq(answers(client), rows[_i].poll);
	if (rows[_i].next != NULL)
		ck_assert_int_eq(strncmp(ask(get()), rows[_i].next,
		    strlen(rows[_i].next)), 0);
	close(client);
}
END_TEST

START_TEST(test_next_poll_hears)
{
	int client = joined();

	ck_assert_str_eq(ask(post("44{}")), "200 ok\n");
	ck_assert_str_eq(ask(get()), "200 6\x1e" "1\n");
	ck_assert_int_eq(strncmp(ask(get()), "400 {\"code\":1", 13), 0);
	close(client);
}
END_TEST

START_TEST(test_lost_poll)
{
	int client = joined(), poll = kit_route(get());

	ck_assert_ptr_nonnull(session_find(&kit, m.sid));
	close(poll);
	kit_turn();
	ck_assert_ptr_null(session_find(&kit, m.sid));
	close(client);
}
END_TEST

START_TEST(test_too_long)
{
	static char text[2048];
	int client = joined();

	snprintf(text, sizeof(text), "POST /socket.io/?EIO=4&transport=polling"
	    "&sid=%s HTTP/1.1\r\n" HOST "Content-Length: 1000001\r\n\r\n",
	    m.sid);
	ck_assert_str_eq(ask(text), "413 \n");
	ck_assert_str_eq(ask(post("3")), "200 ok\n");
	close(client);
}
END_TEST

/* A websocket for the session, its 101 read. */
static int
upgrading(void)
{
	int ws = kit_route(request("GET", UPGRADE, ""));

	ck_assert_int_eq(strncmp(kit_bytes(ws), "HTTP/1.1 101 ", 13), 0);
	return ws;
}

START_TEST(test_upgrade)
{
	int client = joined(), ws = upgrading(), another;

	kit_say(ws, "2probe");
	ck_assert_str_eq(kit_heard(ws), "3probe\n");
	write_to(client, get());
	usleep(150 * 1000);
	ck_assert_str_eq(answers(client), "200 6\n");
	write_to(client, post("421[\"nobody\"]"));
	ck_assert_str_eq(answers(client), "200 ok\n");
	kit_say(ws, "5");
	ck_assert_int_eq(strncmp(kit_heard(ws), "431[", 4), 0);
	ck_assert_int_eq(strncmp(ask(get()), "400 {\"code\":3", 13), 0);
	another = kit_route(request("GET", UPGRADE, ""));
	ck_assert_ptr_nonnull(strstr(kit_bytes(another), "\r\n\r\n\x88"));
	kit_say(ws, "422[\"nobody\"]");
	ck_assert_int_eq(strncmp(kit_heard(ws), "432[", 4), 0);
	close(another);
	close(ws);
	close(client);
}
END_TEST

/* A probe that comes while the master judges a key is answered after it. */
START_TEST(test_probe_waits)
{
	struct msg_verdict v = { .granted = true, .key = "k" };
	struct msg_auth a;
	const void *data;
	size_t len;
	int client, ws;

	m = (struct msg_session){ .transport = MSG_POLLING };
	client = kit_session(&m, "");
	ws = upgrading();
	write_to(client, post("40{\"psk\":\"x\"}"));
	kit_say(ws, "2probe");
	len = kit_told(MSG_AUTH, &data);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(msg_get_auth(data, len, &a), 0);
	v.serial = a.serial;
	memcpy(v.sid, a.sid, sizeof(v.sid));
	socketio_verdict(&kit, &v);
	kit_turn();
	ck_assert_str_eq(answers(client), "200 ok\n");
	ck_assert_str_eq(kit_heard(ws), "3probe\n");
	kit_say(ws, "5");
	ck_assert_int_eq(strncmp(kit_heard(ws), "40{\"sid\":", 9), 0);
	close(ws);
	close(client);
}
END_TEST

START_TEST(test_upgrade_fails)
{
	static const char *const wrong[] = { "x", "", "2", "2prob", "3", "40" };
	int client = joined(), ws = upgrading();

	kit_say(ws, wrong[_i]);
	ck_assert_str_eq(kit_heard(ws), "close 0\n");
	ck_assert_str_eq(ask(post("3")), "200 ok\n");
	close(ws);
	ws = upgrading();
	kit_say(ws, "5");
	kit_say(ws, "421[\"nobody\"]");
	ck_assert_int_eq(strncmp(kit_heard(ws), "431[", 4), 0);
	close(ws);
	close(client);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("http");

	tcase_add_checked_fixture(t, start, kit_stop);
	tcase_add_test(t, test_adopted_first);
	tcase_add_test(t, test_pipelined);
	tcase_add_test(t, test_byte_by_byte);
	tcase_add_loop_test(t, test_somebody_elses, 0, 3);
	tcase_add_test(t, test_routed_is_answered);
	tcase_add_loop_test(t, test_rows, 0, COUNT(rows));
	tcase_add_test(t, test_next_poll_hears);
	tcase_add_test(t, test_lost_poll);
	tcase_add_test(t, test_too_long);
	tcase_add_test(t, test_upgrade);
	tcase_add_test(t, test_probe_waits);
	tcase_add_loop_test(t, test_upgrade_fails, 0, 6);
	return unit_run("session_http", t);
}
